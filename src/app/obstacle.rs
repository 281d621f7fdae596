//! Why a command cannot be given now. It becomes words where the keys are known, so that it names those that work.

use super::keys::command::Command;
use super::keys::table::KeyTable;

/// Why a command cannot be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// A fixed text that names no key.
    Says(&'static str),
    /// A text, a command whose key stands between its two parts, and the rest.
    Keyed(&'static str, Command, &'static str),
    /// It is a command of another view, which this command shows.
    OnlyIn(&'static str, Command),
}

impl Obstacle {
    /// Before the first store is loaded.
    pub const NOTHING_LOADED: Self = Self::Says("nothing is loaded yet");
    /// No path is selected.
    pub const NOTHING_SELECTED: Self = Self::Says("nothing is selected");
    /// The row is a heading or a sum.
    pub const NO_PATH: Self = Self::Says("there is no path in this row");
    /// The row stands for paths only.
    pub const NO_REFERENCE: Self = Self::Says("this row is not a reference");
    /// The row stands for several references, which are below it.
    pub const SEVERAL_REFERENCES: Self =
        Self::Says("this row stands for several references: open it");
    /// Several roots have the reference that the row stands for.
    pub const SEVERAL_ROOTS: Self =
        Self::Keyed("several roots refer to it: ", Command::WHY, " shows them");
    /// The row stands for many paths.
    pub const MANY_PATHS: Self = Self::Keyed(
        "this area stands for many paths: ",
        Command::Enter,
        " goes in",
    );
    /// A root is not replaced.
    pub const ROOT: Self = Self::Says("a root cannot be replaced: it is what you asked about");
    /// No row has anything below it.
    pub const NOTHING_OPENS: Self = Self::Says("nothing opens in this view");
    /// Nothing was searched for.
    pub const NO_SEARCH: Self = Self::Says("nothing was searched for");
    /// The path is only in the closure that this one is compared with.
    pub const GONE: Self = Self::Says("it is gone: only the closure before has it");
    /// The path is only in what a change of the configuration would give.
    pub const NOT_BUILT: Self = Self::Says("it is not built: only what was tried has it");
    /// No configuration is evaluated.
    pub const NO_CONFIGURATION: Self = Self::Says(
        "no configuration is known: name one with nix-heft --config FLAKE#HOST, or --config FILE",
    );
    /// There are no references to cut.
    pub const NO_CUT: Self = Self::Says("no references to cut here");

    /// It in words.
    pub fn say(self, keys: &KeyTable) -> String {
        match self {
            Self::Says(what) => what.to_owned(),
            Self::Keyed(before, command, after) => {
                format!("{before}{}{after}", keys.shown(command))
            }
            Self::OnlyIn(view, command) => format!("only in {view} ({})", keys.shown(command)),
        }
    }
}
