//! The ways to look at the closure: their names, commands and keys.

pub mod duplicates;
pub mod files;
pub mod folds;
pub mod groups;
pub mod leverage;
pub mod list;
pub mod map;
pub mod packages;
pub mod plan;
pub mod roots;
pub mod tree;
pub mod why;

use super::keys::command::{Command, Scope};

/// A way to look at the closure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum View {
    /// Every path in one table.
    #[default]
    Packages,
    /// Who references whom.
    Tree,
    /// Why a path is here.
    Why,
    /// What is planned.
    Marks,
    /// What is there more than once.
    Twins,
    /// What little holds much.
    Misses,
    /// Everything as areas.
    Map,
    /// What the bytes are.
    Files,
    /// What each root holds.
    Roots,
}

impl View {
    /// All views, in the order of their tabs.
    pub const ALL: [Self; 9] = [
        Self::Packages,
        Self::Tree,
        Self::Why,
        Self::Marks,
        Self::Twins,
        Self::Misses,
        Self::Map,
        Self::Files,
        Self::Roots,
    ];

    /// The command that shows it.
    pub fn command(self) -> Command {
        match self {
            Self::Packages => Command::Packages,
            Self::Tree => Command::Tree,
            Self::Why => Command::Why,
            Self::Marks => Command::Marks,
            Self::Twins => Command::Twins,
            Self::Misses => Command::Misses,
            Self::Map => Command::Map,
            Self::Files => Command::Files,
            Self::Roots => Command::Roots,
        }
    }

    /// Its name on the tab.
    pub fn title(self) -> &'static str {
        match self {
            Self::Packages => "Packages",
            Self::Tree => "Tree",
            Self::Why => "Why",
            Self::Marks => "Marks",
            Self::Twins => "Twins",
            Self::Misses => "Near misses",
            Self::Map => "Map",
            Self::Files => "Files",
            Self::Roots => "Roots",
        }
    }

    /// How many rows stand above its list.
    pub fn head(self) -> u16 {
        match self {
            Self::Packages | Self::Tree | Self::Map => 1,
            Self::Why | Self::Marks => 3,
            Self::Twins | Self::Misses | Self::Files | Self::Roots => 2,
        }
    }

    /// Where the keys of commands are listened to while it is shown.
    pub(crate) fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Packages => &[
                Scope::Everywhere,
                Scope::Views,
                Scope::Others,
                Scope::Packages,
            ],
            Self::Tree => &[
                Scope::Everywhere,
                Scope::Views,
                Scope::Others,
                Scope::Outlines,
                Scope::Tree,
                Scope::References,
            ],
            Self::Marks => &[Scope::Everywhere, Scope::Views, Scope::Others],
            Self::Map => &[Scope::Everywhere, Scope::Views, Scope::Others, Scope::Map],
            Self::Files => &[
                Scope::Everywhere,
                Scope::Views,
                Scope::Others,
                Scope::Outlines,
            ],
            Self::Roots => &[
                Scope::Everywhere,
                Scope::Views,
                Scope::Others,
                Scope::Outlines,
                Scope::References,
            ],
            Self::Twins => &[
                Scope::Everywhere,
                Scope::Views,
                Scope::Outlines,
                Scope::Twins,
            ],
            Self::Why | Self::Misses => &[
                Scope::Everywhere,
                Scope::Views,
                Scope::Others,
                Scope::Outlines,
                Scope::References,
                Scope::Cuts,
            ],
        }
    }
}
