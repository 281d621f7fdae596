//! Everything a person can ask of the explorer, in one table.
//!
//! Key lookup, footer hints, help, palette and the page of keys in the documentation are all derived from it.

use std::fmt::Write as _;

use super::gestures::GESTURES;
use super::keymap::Key;
use crate::app::view::{Rows, View};

/// Something a person can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    Enter,
    Back,
    Left,
    Right,
    NextPane,
    PreviousPane,
    Show(View),
    NearMisses,
    Duplicates,
    Accidents,
    Evidence,
    Details,
    FileTree,
    Compare,
    Try,
    AllOptions,
    Search,
    NextMatch,
    PreviousMatch,
    DropPart,
    Sort,
    SortReverse,
    Columns,
    ByOption,
    ByFile,
    TreeMode,
    Measure,
    ExpandAll,
    CollapseAll,
    Mark,
    MarkRoot,
    KeepTry,
    CopyCommands,
    AboutRoot,
    Cut,
    CutAll,
    Pin,
    MarkMatches,
    Replace,
    Undo,
    Redo,
    ClearMarks,
    ReplaceBy,
    SavePlan,
    LoadPlan,
    Export,
    CopyPath,
    CopyChain,
    CopyName,
    CopyHash,
    CopyLines,
    Shell,
    Pager,
    Editor,
    Reload,
    Escape,
    Help,
    Welcome,
    Palette,
    Warnings,
    Messages,
    Redraw,
    Suspend,
    QuitPrinting,
    Quit,
}

/// Where a command's keys are listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// In every view and every box.
    Everywhere,
    /// In every view.
    Views,
    /// In the views that have it among their own.
    Own,
    /// In every view that has no other command for its keys.
    Others,
    /// Where rows open and close.
    Opening,
    /// Where a row stands for a reference; in the details too.
    References,
    /// Where references to cut are listed.
    Cuts,
}

impl Spec {
    /// Whether its keys are listened to in a view.
    pub fn is_heard(&self, view: View) -> bool {
        let of_view = view.spec();
        match self.scope {
            Scope::Everywhere | Scope::Views => true,
            Scope::Own => of_view.own.contains(&self.command),
            Scope::Others => !of_view.own.iter().any(|own| own.spec().keys == self.keys),
            Scope::Opening => of_view.opens,
            Scope::References => of_view.stands_for >= Rows::References,
            Scope::Cuts => of_view.stands_for >= Rows::Cuts,
        }
    }

    /// Where its keys are listened to, in words.
    pub fn place(&self) -> String {
        let names = |heard: bool| {
            let views = View::ALL
                .iter()
                .filter(|&&view| self.is_heard(view) == heard);
            views
                .map(|view| view.title().to_lowercase())
                .collect::<Vec<_>>()
                .join(", ")
        };
        match self.scope {
            Scope::Everywhere => "all views and boxes".to_owned(),
            Scope::Views => "all views".to_owned(),
            Scope::Opening => "where rows open".to_owned(),
            Scope::Others => format!("not in {}", names(false)),
            Scope::References => format!("{}, details", names(true)),
            Scope::Own | Scope::Cuts => names(true),
        }
    }
}

/// The heading it stands under in the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CommandGroup {
    /// Moving about.
    Move,
    /// Looking at the same closure in another way.
    View,
    /// Finding and sorting.
    Find,
    /// Planning.
    Plan,
    /// Copying, saving and opening.
    Take,
    /// The program itself.
    Program,
}

impl CommandGroup {
    /// All groups, in the order of the help.
    pub const ALL: [Self; 6] = [
        Self::Move,
        Self::View,
        Self::Find,
        Self::Plan,
        Self::Take,
        Self::Program,
    ];

    /// The heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Move => "Move",
            Self::View => "Views",
            Self::Find => "Search and sort",
            Self::Plan => "Plan",
            Self::Take => "Copy, save, open",
            Self::Program => "Program",
        }
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// The command.
    pub command: Command,
    /// Its name in key files, kebab-case.
    pub id: &'static str,
    /// Its keys; the first one is shown.
    pub keys: &'static [&'static str],
    /// Where they are listened to.
    pub scope: Scope,
    /// Its heading in the help.
    pub group: CommandGroup,
    /// A few words, for footer and palette.
    pub title: &'static str,
    /// One sentence.
    pub help: &'static str,
    /// Other words that people use for it: they are not shown, but found.
    pub also: &'static [&'static str],
}

macro_rules! commands {
    ($name:ident: $($command:ident $id:literal [$($key:literal)*] $scope:ident $group:ident $title:literal $help:literal $($also:literal)*)*) => {
        const $name: &[Spec] = &[$(Spec {
            command: Command::$command,
            id: $id,
            keys: &[$($key),*],
            scope: Scope::$scope,
            group: CommandGroup::$group,
            title: $title,
            help: $help,
            also: &[$($also),*],
        }),*];
    };
}

commands! {
    MOVES:
    Up "up" ["k" "up"] Views Move "up" "Go one row up."
    Down "down" ["j" "down"] Views Move "down" "Go one row down."
    PageUp "page-up" ["pgup" "ctrl-u" "ctrl-b"] Views Move "page up" "Go one screen up."
    PageDown "page-down" ["pgdn" "ctrl-d" "ctrl-f"] Views Move "page down" "Go one screen down."
    First "first" ["g" "home"] Views Move "first" "Go to the first row."
    Last "last" ["G" "end"] Views Move "last" "Go to the last row."
    Enter "enter" ["enter"] Views Move "go in" "Go into the selected row: show its tree, its chains or its group." "open" "into"
    Back "back" ["backspace"] Views Move "go back" "Go back to exactly where you were." "return" "previous"
    Right "right" ["l" "right"] Views Move "open" "Open the selected row and go into it."
    Left "left" ["h" "left"] Views Move "close" "Close the selected row, go to the row above it, or go back."
    NextPane "next-pane" ["tab"] Views Move "other pane" "Go to the next pane."
    PreviousPane "previous-pane" ["shift-tab"] Views Move "previous pane" "Go to the previous pane."
}

commands! {
    OTHERS:
    NearMisses "near-misses" ["B"] Views View "near misses" "Show advice, starting at heavy paths behind few references." "best cuts" "leverage"
    Duplicates "duplicates" ["="] Views View "duplicates" "Show advice, starting at duplicates." "dupes" "twins" "versions" "variants" "alternatives"
    Accidents "accidents" ["A"] Views View "accidents" "Read all files, and show advice, starting at likely accidents." "accidental references" "leaks" "remedies"
    Evidence "evidence" ["e"] References View "evidence" "Show which files contain the reference of this row, where, and what for." "proof" "grep" "where" "files"
    Details "details" ["i"] Views View "details" "Show or hide the details of the selected path." "info" "inspect" "sidebar"
    FileTree "file-tree" ["d"] Others View "its files" "Show the files of the selected path by size, and which of them are used." "du" "disk usage" "browse" "used files"
    Compare "compare" ["D"] Views View "compare" "Compare the closure with the previous generation, or with another closure." "diff" "generations"
    Try "try" ["ctrl-t"] Views View "try a change" "Try a change of the configuration: its effect is predicted, nothing is built." "what if" "option" "disable" "configuration" "predict" "switch off"
    AllOptions "all-options" ["ctrl-o"] Views View "ask all options" "Ask the configuration about all its options, not only the usual ones." "origins" "definitions" "who set it"
    AboutRoot "about-root" ["I"] Own View "about root" "In roots: show its links, what else keeps the same paths, and the commands to drop it." "links" "drop"

    Search "search" ["/"] Views Find "search" "Search by name, hash or query; up recalls earlier ones, tab completes." "filter" "find" "query" "grep"
    NextMatch "next-match" ["n"] Views Find "next match" "Go to the next match of the search." "find next"
    PreviousMatch "previous-match" ["N"] Views Find "previous match" "Go to the previous match."
    DropPart "drop-part" ["-"] Own Find "remove filter" "In packages: remove the last part of the search." "unfilter"
    Sort "sort" ["s"] Own Find "sort" "Sort by the next column." "order"
    SortReverse "sort-reverse" ["S"] Own Find "reverse sort" "Reverse the order."
    Columns "columns" ["c"] Own Find "columns" "Choose columns, learn what they mean, sort by one." "fields" "metrics"
    ByOption "by-option" ["b"] Own Find "by option" "In packages: group paths by the option of the configuration that brings them in." "group" "origins" "league" "who brings it"
    ByFile "by-file" ["f"] Own Find "by file" "In packages: group paths by the file of the configuration that brings them in." "group" "origins" "module" "league"
    TreeMode "tree-mode" ["v"] Own Find "direction" "In the tree: show references, referrers, what leaves with what, or three columns." "parents" "children" "reverse" "dominators" "miller"
    Measure "measure" ["v"] Own Find "measure" "In the map: nest each path in its immediate dominator, or show it by itself."
    ExpandAll "expand-all" ["+"] Opening Find "open all" "Open everything below the selected row; in groups, all of them." "unfold"
    CollapseAll "collapse-all" ["-"] Opening Find "close all" "In trees and groups: close everything below the selected row." "fold"

    Mark "mark" ["space"] Others Plan "mark" "Mark the selected path for removal, or unmark it." "unmark" "remove" "delete" "select" "toggle"
    MarkRoot "mark-root" ["space"] Own Plan "mark root" "In roots: mark roots, and see what dropping all of them would free."
    Cut "cut" ["x"] References Plan "cut reference" "Mark the reference of this row for cutting, or unmark it." "sever" "edge"
    CutAll "cut-all" ["a"] Cuts Plan "cut all" "Mark every reference that must be cut for the path to leave, or unmark them." "best cut" "minimum cut"
    Pin "pin" ["P"] Views Plan "pin" "Pin the reference of this row, or its path, so that it is never cut; or unpin it." "keep" "unpin"
    MarkMatches "mark-matches" ["a"] Own Plan "mark matches" "In packages: mark all matches of the search, or unmark them." "select all"
    Replace "replace" ["R"] Own Plan "replace" "In advice: replace duplicates by the one to keep." "deduplicate" "unify" "keep one"
    KeepTry "keep-try" ["K"] Views Plan "keep the try" "Put the change that was tried into the plan, or take it out." "plan" "what if" "option"
    Undo "undo" ["u"] Views Plan "undo" "Undo the last change of the plan." "revert"
    Redo "redo" ["U" "ctrl-r"] Views Plan "redo" "Redo what was undone."
    ClearMarks "clear-marks" ["X"] Views Plan "clear marks" "Remove all marks." "unmark all" "reset"
    ReplaceBy "replace-by" ["R"] Others Plan "replace by" "Choose what every reference to the selected path should lead to instead." "substitute" "swap"
    LoadPlan "load-plan" ["L"] Views Plan "load plan" "Add the steps of a saved plan." "open plan" "import"

    CopyPath "copy-path" ["y"] Views Take "copy path" "Copy the selected store path." "yank" "clipboard"
    CopyChain "copy-chain" ["Y"] Views Take "copy chain" "Copy the shortest chain from a root to the selected path." "yank chain"
    CopyName "copy-name" ["C"] Views Take "copy name" "Copy the name of the selected path." "yank name"
    CopyHash "copy-hash" ["H"] Views Take "copy hash" "Copy the hash part of the selected path." "yank hash"
    CopyLines "copy-lines" ["c"] Own Take "copy lines" "In plan and advice: copy the lines of Nix to paste."
    CopyCommands "copy-commands" ["d"] Own Take "copy commands" "In roots: copy the commands to drop the marked roots, or the root of this row."
    SavePlan "save-plan" ["W"] Views Take "save plan" "Save the plan to a file that also applies to the next build." "write"
    Export "export" ["E"] Views Take "export" "Export the plan as Markdown (.md), the closure as .csv or as a snapshot (.heft)." "report" "markdown" "csv" "snapshot"
    Shell "shell" ["o"] Views Take "open shell" "Open a shell in the selected path and come back when it ends." "terminal" "cd"
    Pager "pager" ["p"] Views Take "read files" "Read the path in $PAGER: a file, or the list of its files, largest first." "less" "view"
    Editor "editor" ["O"] Views Take "open in editor" "Open the selected path in $VISUAL or $EDITOR and come back when it ends." "vim" "edit"

    Reload "reload" ["r"] Views Program "reload" "Read the store again." "refresh" "update" "rescan"
    Escape "escape" ["esc"] Views Program "cancel" "Cancel the newest job, clear the search, or go back to the previous view." "abort" "stop"
    Help "help" ["?"] Views Program "help" "List every key." "keys" "shortcuts" "bindings"
    Welcome "welcome" ["T"] Views Program "welcome" "Show the first steps in eight lines." "tutorial" "first steps" "getting started"
    Palette "palette" [":"] Views Program "commands" "Search for a command by its name." "command line"
    Warnings "warnings" ["!"] Views Program "warnings" "List the warnings about the store, the plan and the configuration." "errors" "problems"
    Messages "messages" ["M"] Views Program "messages" "List the messages that the last row has shown, newest first." "log" "history"
    Redraw "redraw" ["ctrl-l"] Everywhere Program "redraw" "Redraw the screen."
    Suspend "suspend" ["ctrl-z"] Everywhere Program "suspend" "Suspend the program until the shell brings it back."
    QuitPrinting "quit-printing" ["Q"] Views Program "quit and print plan" "Quit, and print the plan once the screen is restored."
    Quit "quit" ["q" "ctrl-c"] Views Program "quit" "Quit." "exit" "close"
}

/// Ids that commands had before, which key files may still name.
const FORMER_IDS: &[(&str, &str)] = &[
    ("first-steps", "welcome"),
    ("keep-one", "replace"),
    ("marks", "plan"),
    ("twins", "duplicates"),
];

impl Command {
    /// The command of this id in a file of keys, or of an id that it had before.
    pub fn of_id(id: &str) -> Option<Self> {
        let now = FORMER_IDS.iter().find(|(former, _)| *former == id);
        let id = now.map_or(id, |&(_, now)| now);
        let spec = COMMANDS.iter().find(|spec| spec.id == id);
        spec.map(|spec| spec.command)
    }
}

/// The commands that show views.
const SHOW: &[Spec] = &{
    let mut all = [MOVES[0]; View::ALL.len()];
    let mut at = 0;
    while at < all.len() {
        all[at] = show(View::ALL[at]);
        at += 1;
    }
    all
};

/// The command of a view.
const fn show(view: View) -> Spec {
    let spec = view.spec();
    Spec {
        command: Command::Show(view),
        id: spec.id,
        keys: spec.keys,
        scope: Scope::Views,
        group: CommandGroup::View,
        title: spec.command,
        help: spec.help,
        also: spec.also,
    }
}

/// The table: what moves about, what shows views, and all others.
pub const COMMANDS: &[Spec] =
    &joined::<{ MOVES.len() + SHOW.len() + OTHERS.len() }>([MOVES, SHOW, OTHERS]);

const fn joined<const N: usize>(parts: [&[Spec]; 3]) -> [Spec; N] {
    let mut all = [MOVES[0]; N];
    let (mut part, mut at) = (0, 0);
    while part < parts.len() {
        let mut of_part = 0;
        while of_part < parts[part].len() {
            all[at] = parts[part][of_part];
            (of_part, at) = (of_part + 1, at + 1);
        }
        part += 1;
    }
    all
}

impl Command {
    /// Shows every path.
    pub const PACKAGES: Self = Self::Show(View::Packages);
    /// Shows who references whom.
    pub const TREE: Self = Self::Show(View::Tree);
    /// Shows why the selected path is here.
    pub const WHY: Self = Self::Show(View::Why);
    /// Shows the plan.
    pub const PLAN: Self = Self::Show(View::Plan);
    /// Shows what could go, and how.
    pub const ADVICE: Self = Self::Show(View::Advice);
    /// Shows what is different from another closure.
    pub const DIFF: Self = Self::Show(View::Diff);

    /// Its row of the table.
    pub fn spec(self) -> &'static Spec {
        COMMANDS
            .iter()
            .find(|spec| spec.command == self)
            .unwrap_or(&COMMANDS[0])
    }

    /// Whether it does something with the selected path, and only with that.
    pub fn needs_path(self) -> bool {
        use Command as C;
        let copies = [C::CopyPath, C::CopyChain, C::CopyName, C::CopyHash];
        let opens = [C::Shell, C::Pager, C::Editor];
        let others = [C::WHY, C::Mark, C::ReplaceBy, C::FileTree];
        copies.contains(&self) || opens.contains(&self) || others.contains(&self)
    }

    /// The key that is shown for it; empty if it has none.
    pub fn key(self) -> &'static str {
        self.spec().keys.first().copied().unwrap_or_default()
    }
}

/// The command a key stands for, of those that are heard.
pub(crate) fn lookup(key: Key, heard: impl Fn(&Spec) -> bool) -> Option<Command> {
    let means = |text: &&str| Key::parse(text).is_ok_and(|parsed| parsed == key);
    let mut listening = COMMANDS.iter().filter(|spec| heard(spec));
    listening
        .find(|spec| spec.keys.iter().any(means))
        .map(|spec| spec.command)
}

/// The page of keys for the documentation, in Markdown.
pub fn markdown() -> String {
    let mut text = String::from(
        "# Keys of the explorer\n\nThe program generates this page from its table of commands.\n",
    );
    for group in CommandGroup::ALL {
        let head = "| key | command | where | what it does |\n|---|---|---|---|\n";
        let _ = write!(text, "\n## {}\n\n{head}", group.title());
        for spec in COMMANDS.iter().filter(|spec| spec.group == group) {
            let keys: Vec<String> = spec.keys.iter().map(|key| format!("`{key}`")).collect();
            let (keys, place) = (keys.join(" "), spec.place());
            let _ = writeln!(text, "| {keys} | {} | {place} | {} |", spec.id, spec.help);
        }
    }
    text.push_str(
        "\n## Former names\n\nKey files may still use these names.\n\n| was | is |\n|---|---|\n",
    );
    for (former, now) in FORMER_IDS {
        let _ = writeln!(text, "| {former} | {now} |");
    }
    text.push_str("| replace, in a file that has keep-one too | replace-by |\n");
    text.push_str("\n## Mouse\n\nUnless `--no-mouse` leaves the mouse to the terminal.\n\n");
    text.push_str("| gesture | what it does |\n|---|---|\n");
    for (gesture, what) in GESTURES {
        let _ = writeln!(text, "| {gesture} | {what} |");
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_row_is_well_formed() {
        let mut ids = HashSet::new();
        let mut commands = HashSet::new();
        for spec in COMMANDS {
            assert!(ids.insert(spec.id), "{} twice", spec.id);
            assert!(commands.insert(spec.command), "{} has two rows", spec.id);
            assert_eq!(spec.command.spec().id, spec.id);
            assert!(
                spec.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
                "{}",
                spec.id
            );
            assert!(spec.title.len() <= 24, "the title of {} is long", spec.id);
            assert!(
                spec.help.ends_with('.') && spec.help.len() <= 90,
                "the help of {}",
                spec.id
            );
        }
    }

    #[test]
    fn every_key_reads_back_and_means_one_thing_where_it_is_listened_to() {
        for spec in COMMANDS {
            for key in spec.keys {
                assert_eq!(Key::parse(key).expect("a key").to_string(), *key);
            }
        }
        let overlapping = |a: &Spec, b: &Spec| {
            let mut views = View::ALL.iter();
            views.any(|&view| a.is_heard(view) && b.is_heard(view))
        };
        for (at, spec) in COMMANDS.iter().enumerate() {
            for other in &COMMANDS[at + 1..] {
                let shared = spec.keys.iter().find(|key| other.keys.contains(key));
                assert!(
                    shared.is_none() || !overlapping(spec, other),
                    "{shared:?} means both {} and {}",
                    spec.id,
                    other.id
                );
            }
        }
    }

    #[test]
    fn a_key_finds_its_command_in_its_scope_only() {
        let cut = Key::parse("x").expect("a key");
        let in_view = |view| lookup(cut, |spec| spec.is_heard(view));
        assert_eq!(in_view(View::Tree), Some(Command::Cut));
        assert_eq!(in_view(View::Packages), None);
    }
}
