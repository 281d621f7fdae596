//! The table of views. What there is to know of all of them is read off its rows: tabs, commands, keys, help, jobs.

pub(crate) mod advice;
pub(crate) mod diff;
pub(crate) mod files;
pub(crate) mod folds;
pub(crate) mod groups;
pub(crate) mod list;
pub(crate) mod map;
pub(crate) mod packages;
pub(crate) mod plan;
pub(crate) mod roots;
pub(crate) mod tree;
pub(crate) mod why;

use crate::job::{Cancelled, Progress};
use crate::model::PathId;

use super::explore::Explore;
use super::facts::Facts;
use super::keys::command::{Command, Group, Scope, Spec};
use super::outcome::Outcome;
use super::pane::Pane;
use super::shared::Context;
use groups::Groups;

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

/// A view, as the table sees it: its row, its jobs, and how it comes back.
pub trait Tab: Pane + Clone + Default {
    /// What there is to know of it.
    const SPEC: ViewSpec;
    /// What a job of it is asked.
    type Wanted;
    /// What a job of it answers.
    type Found;

    /// What it waits for; `None` if nothing is missing, or the user cancelled it.
    fn needs(&self, cx: Context<'_>) -> Option<Self::Wanted>;

    /// Finds what is wanted: on a job's thread.
    fn find(
        wanted: Self::Wanted,
        facts: &Facts,
        explore: &Explore,
        progress: &Progress,
    ) -> Result<Self::Found, Cancelled>;

    /// Takes what was found.
    fn fill(&mut self, cx: Context<'_>, found: Self::Found) -> Outcome;

    /// Takes notice that the user cancelled its job, or asks for it again.
    fn cancel(&mut self, _cancelled: bool) {}

    /// Becomes what it was when the place was remembered.
    fn restore(&mut self, _cx: Context<'_>, before: Self) -> Outcome {
        *self = before;
        Outcome::None
    }

    /// Another reading of the store is there: paths have other numbers, `renewed` tells which.
    fn reload(&mut self, facts: &Facts, renewed: &dyn Fn(PathId) -> Option<PathId>);
}

/// What no job is ever asked, nor answers.
#[derive(Debug)]
pub enum Never {}

/// What is found of the configuration.
impl Views {
    /// Where paths come from is known now: what tells it is found anew.
    pub(crate) fn learned(&mut self) {
        self.why.forget_chains();
        self.advice = Groups::default();
        self.packages.learned();
    }
}

/// The command of a view.
const fn show(view: View, spec: &ViewSpec) -> Spec {
    Spec {
        command: Command::Show(view),
        id: spec.id,
        keys: spec.keys,
        scope: Scope::Views,
        group: Group::View,
        title: spec.command,
        help: spec.help,
        also: &[],
    }
}

/// Makes everything that has a place for each view out of one row each: what it is, its name, its state.
macro_rules! views {
    ($($(#[$about:meta])* $view:ident $field:ident: $pane:ty;)*) => {
        /// A way to look at the closure.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum View { $($(#[$about])* $view),* }

        impl View {
            /// All views, in the order of their tabs.
            pub const ALL: &[Self] = &[$(Self::$view),*];

            /// What there is to know of it.
            pub fn spec(self) -> &'static ViewSpec {
                match self { $(Self::$view => &<$pane as Tab>::SPEC),* }
            }
        }

        /// The commands that show views.
        pub(crate) const SHOW: &[Spec] = &[$(show(View::$view, &<$pane as Tab>::SPEC)),*];

        /// What each view shows, and where its cursor is.
        #[derive(Debug, Clone, Default)]
        pub(crate) struct Views { $($(#[$about])* pub $field: $pane),* }

        /// What a job of a view is asked.
        #[derive(Debug)]
        pub enum Wanted { $($(#[$about])* $view(<$pane as Tab>::Wanted)),* }

        /// What a job of a view answers.
        #[derive(Debug)]
        pub enum Filled { $($(#[$about])* $view(<$pane as Tab>::Found)),* }

        impl Wanted {
            /// Whose it is.
            pub fn view(&self) -> View {
                match self { $(Self::$view(_) => View::$view),* }
            }

            /// Finds it.
            pub fn find(
                self, facts: &Facts, explore: &Explore, progress: &Progress,
            ) -> Result<Filled, Cancelled> {
                Ok(match self {
                    $(Self::$view(wanted) => {
                        Filled::$view(<$pane as Tab>::find(wanted, facts, explore, progress)?)
                    })*
                })
            }
        }

        impl Filled {
            /// Whose it is.
            pub fn view(&self) -> View {
                match self { $(Self::$view(_) => View::$view),* }
            }
        }

        impl Views {
            /// A view.
            pub(crate) fn pane(&self, view: View) -> &dyn Pane {
                match view { $(View::$view => &self.$field),* }
            }

            /// A view, to be changed.
            pub(crate) fn pane_mut(&mut self, view: View) -> &mut dyn Pane {
                match view { $(View::$view => &mut self.$field),* }
            }

            /// What a view waits for.
            pub(crate) fn needs(&self, view: View, cx: Context<'_>) -> Option<Wanted> {
                match view { $(View::$view => self.$field.needs(cx).map(Wanted::$view)),* }
            }

            /// Hands what was found to its view.
            pub(crate) fn fill(&mut self, cx: Context<'_>, filled: Filled) -> Outcome {
                match filled { $(Filled::$view(found) => self.$field.fill(cx, found)),* }
            }

            /// Notes that the job of a view was cancelled, or is asked for again.
            pub(crate) fn cancel(&mut self, view: View, cancelled: bool) {
                match view { $(View::$view => self.$field.cancel(cancelled)),* }
            }

            /// All views become what they were.
            pub(crate) fn restore(&mut self, cx: Context<'_>, before: Self) -> Outcome {
                Outcome::All(vec![$(self.$field.restore(cx, before.$field)),*])
            }

            /// Another reading of the store is there.
            pub(crate) fn reload(&mut self, facts: &Facts, renewed: &dyn Fn(PathId) -> Option<PathId>) {
                $(self.$field.reload(facts, renewed);)*
            }
        }
    };
}

views! {
    /// Every path in one table.
    Packages packages: packages::Packages;
    /// Who references whom.
    Tree tree: tree::Tree;
    /// Why a path is here.
    Why why: why::Why;
    /// What is planned.
    Plan plan: plan::PlanView;
    /// What could go, and how.
    Advice advice: groups::Groups<advice::Advice>;
    /// Everything as areas.
    Map map: map::MapView;
    /// What the bytes are.
    Files files: groups::Groups<files::FileGroups>;
    /// What each root holds.
    Roots roots: roots::pane::RootsView;
    /// What is different from another closure.
    Diff diff: groups::Groups<diff::DiffGroups>;
}

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

#[cfg(test)]
mod tests;
