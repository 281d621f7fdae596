//! The table of views. Which there are, and what there is to know of each before it is shown, is read off its rows: tabs,
//! commands, keys, help, jobs.

use super::keys::command::Command;

/// What there is to know of a view before it is shown. Every question has to be answered.
#[derive(Debug, Clone, Copy)]
pub struct ViewSpec {
    /// The name of its command in key files, kebab-case.
    pub id: &'static str,
    /// Its name on the tab.
    pub title: &'static str,
    /// Where commands of it alone are given, after "only in".
    pub place: &'static str,
    /// What its command is called.
    pub command: &'static str,
    /// The keys of its command; the first one is shown.
    pub keys: &'static [&'static str],
    /// What its command does, in one sentence.
    pub help: &'static str,
    /// Other words that people use for it: they are not shown, but found.
    pub also: &'static [&'static str],
    /// Rows above its list.
    pub head: u16,
    /// Whether rows of it open and close.
    pub opens: bool,
    /// What its rows stand for, which decides which commands are listened to.
    pub stands_for: Rows,
    /// Commands that are given in it alone, or in few others.
    pub own: &'static [Command],
    /// The commands that matter most, for the last row.
    pub hints: &'static [Command],
}

/// What rows stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rows {
    /// Paths.
    Paths,
    /// References too, which can be cut and asked about.
    References,
    /// Sets of references too, which can be cut together.
    Cuts,
}

/// The rows: each variant of [`View`], the field of `Views` that has its state, the type of that, and its [`ViewSpec`]. They
/// are handed to a macro, so that what is made of the names alone knows none of the types.
macro_rules! views {
    ($make:ident) => {
        $make! {
            /// Every path in one table.
            Packages packages: packages::Packages {
                id: "packages",
                title: "Packages",
                place: "packages",
                command: "packages",
                keys: &["1"],
                help: "Show every path of the closure in one table.",
                also: &["list", "table", "paths"],
                head: 1,
                opens: false,
                stands_for: Rows::Paths,
                own: &[
                    Command::DropPart,
                    Command::Sort,
                    Command::SortReverse,
                    Command::Columns,
                    Command::MarkMatches,
                    Command::ByOption,
                    Command::ByFile,
                ],
                hints: &[
                    Command::Search,
                    Command::Enter,
                    Command::WHY,
                    Command::Mark,
                    Command::MarkMatches,
                    Command::Sort,
                    Command::Details,
                ],
            }
            /// Who references whom.
            Tree tree: tree::Tree {
                id: "tree",
                title: "Tree",
                place: "the tree",
                command: "tree",
                keys: &["t", "2"],
                help: "Show who references whom, from the roots down to the selected path.",
                also: &["dependencies", "references", "referrers", "requisites", "parents", "children"],
                head: 1,
                opens: true,
                stands_for: Rows::References,
                own: &[Command::TreeMode, Command::Sort, Command::SortReverse],
                hints: &[
                    Command::Right,
                    Command::TreeMode,
                    Command::WHY,
                    Command::Mark,
                    Command::Cut,
                    Command::Sort,
                    Command::ExpandAll,
                ],
            }
            /// Why a path is here.
            Why why: why::Why {
                id: "why",
                title: "Why",
                place: "why",
                command: "why is this here",
                keys: &["w", "3"],
                help: "Show how the roots reach the selected path, choke points first.",
                also: &["why-depends", "reason", "chains", "blame"],
                head: 3,
                opens: true,
                stands_for: Rows::Cuts,
                own: &[],
                hints: &[
                    Command::Right,
                    Command::CutAll,
                    Command::Cut,
                    Command::Pin,
                    Command::Evidence,
                    Command::Mark,
                    Command::CopyChain,
                    Command::Back,
                ],
            }
            /// What is planned.
            Plan plan: plan::PlanView {
                id: "plan",
                title: "Plan",
                place: "the plan",
                command: "plan",
                keys: &["m", "4"],
                help: "Show the plan: what is marked, what it frees, what stays and why.",
                also: &["marks", "what-if", "unmark"],
                head: 3,
                opens: false,
                stands_for: Rows::Paths,
                own: &[Command::CopyLines],
                hints: &[
                    Command::Mark,
                    Command::Undo,
                    Command::Enter,
                    Command::CopyLines,
                    Command::SavePlan,
                    Command::Export,
                ],
            }
            /// What could go, and how.
            Advice advice: groups::Groups<advice::AdviceGroups> {
                id: "advice",
                title: "Advice",
                place: "advice",
                command: "advice",
                keys: &["5", "V"],
                help: "Show what could go and how: options, duplicates, heavy paths behind few references.",
                also: &["first", "suggestions", "options", "hints"],
                head: 2,
                opens: true,
                stands_for: Rows::Cuts,
                own: &[Command::CopyLines, Command::Replace],
                hints: &[
                    Command::Right,
                    Command::Mark,
                    Command::WHY,
                    Command::CopyLines,
                    Command::Evidence,
                    Command::Replace,
                ],
            }
            /// Everything as areas.
            Map map: map::MapView {
                id: "map",
                title: "Map",
                place: "the map",
                command: "map",
                keys: &["6"],
                help: "Show a treemap: area is NAR size, nested by immediate dominator.",
                also: &["treemap", "chart"],
                head: 1,
                opens: false,
                stands_for: Rows::Paths,
                own: &[Command::Measure],
                hints: &[
                    Command::Enter,
                    Command::Back,
                    Command::Measure,
                    Command::Mark,
                    Command::WHY,
                    Command::TREE,
                    Command::Details,
                ],
            }
            /// What the bytes are.
            Files files: groups::Groups<files::FileGroups> {
                id: "files",
                title: "Files",
                place: "files",
                command: "files",
                keys: &["7"],
                help: "Show what the bytes are: programs, libraries, translations, manual pages and more.",
                also: &["categories", "identical files", "documentation"],
                head: 2,
                opens: true,
                stands_for: Rows::Paths,
                own: &[],
                hints: &[
                    Command::Right,
                    Command::FileTree,
                    Command::ExpandAll,
                    Command::WHY,
                    Command::Mark,
                    Command::Details,
                ],
            }
            /// What each root holds.
            Roots roots: roots::pane::RootsView {
                id: "roots",
                title: "Roots",
                place: "roots",
                command: "roots",
                keys: &["8"],
                help: "Show what keeps the paths of the store, and what dropping roots would free.",
                also: &["gc", "garbage", "generations", "profiles"],
                head: 2,
                opens: true,
                stands_for: Rows::References,
                own: &[
                    Command::MarkRoot,
                    Command::CopyCommands,
                    Command::AboutRoot,
                    Command::Sort,
                    Command::SortReverse,
                ],
                hints: &[
                    Command::Right,
                    Command::MarkRoot,
                    Command::AboutRoot,
                    Command::CopyCommands,
                    Command::ExpandAll,
                    Command::Evidence,
                    Command::WHY,
                    Command::Details,
                ],
            }
            /// What is different from another closure.
            Diff diff: groups::Groups<diff::DiffGroups> {
                id: "diff",
                title: "Diff",
                place: "the difference",
                command: "difference",
                keys: &["9"],
                help: "Show what came, left and changed compared with another closure, and why.",
                also: &["compare", "changes", "updates"],
                head: 2,
                opens: true,
                stands_for: Rows::References,
                own: &[],
                hints: &[
                    Command::Right,
                    Command::Compare,
                    Command::Evidence,
                    Command::WHY,
                    Command::Mark,
                    Command::Details,
                ],
            }
        }
    };
}
pub(crate) use views;

/// Makes the names and what there is to know of them.
macro_rules! names {
    ($($(#[$about:meta])* $view:ident $field:ident: $pane:ty { $($spec:tt)* })*) => {
        /// A way to look at the closure.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum View { $($(#[$about])* $view),* }

        impl View {
            /// All views, in the order of their tabs.
            pub const ALL: &[Self] = &[$(Self::$view),*];

            /// What there is to know of it.
            pub const fn spec(self) -> &'static ViewSpec {
                match self { $(Self::$view => const { &ViewSpec { $($spec)* } }),* }
            }
        }
    };
}

views!(names);

impl Default for View {
    /// The first one.
    fn default() -> Self {
        Self::ALL[0]
    }
}

impl View {
    /// The command that shows it.
    pub fn command(self) -> Command {
        Command::Show(self)
    }

    /// Its name on the tab.
    pub fn title(self) -> &'static str {
        self.spec().title
    }

    /// How many rows stand above its list.
    pub fn head(self) -> u16 {
        self.spec().head
    }
}
