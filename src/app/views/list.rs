//! What the groups of a view are: what an engine of lists has to know of them.

use crate::job::{Cancelled, Progress};
use crate::model::{PathId, StoreGraph};

use super::folds::{Folds, GroupRow};
use crate::app::explore::Explore;
use crate::app::facts::Facts;
use crate::app::keys::command::Command;
use crate::app::obstacle::Obstacle;
use crate::app::outcome::Outcome;
use crate::app::planning::pins::Pins;
use crate::app::shared::Context;
use crate::app::target::Target;

/// What the groups of a view are.
pub trait List: Copy + Default + std::fmt::Debug + 'static {
    /// What was found: cheap to copy.
    type Found: Clone + std::fmt::Debug + Send + 'static;
    /// What is found after that, if something is: nothing that the view could not be shown without.
    type Later: Clone + std::fmt::Debug + Send + 'static;
    /// Whether what is found depends on what is pinned.
    const HEEDS_PINS: bool = false;
    /// Whether what is found depends on where paths come from.
    const HEEDS_ORIGINS: bool = false;
    /// Whether how many rows a group has depends on the columns of the screen.
    const WRAPS: bool = false;

    /// Finds the groups.
    fn find(
        facts: &Facts,
        explore: &Explore,
        asked: &Asked,
        progress: &Progress,
    ) -> Result<Self::Found, Cancelled>;

    /// The groups on a screen of this many columns, closed or open as they are first shown.
    fn folds(found: &Self::Found, columns: u16) -> Folds;

    /// What a row stands for.
    fn target(groups: Both<'_, Self>, cx: Context<'_>, row: GroupRow) -> Target;

    /// The row that stands for a path best.
    fn row_of(found: &Self::Found, id: PathId) -> Option<GroupRow>;

    /// What a group is called, by which it is found again when the store was read again.
    fn name(found: &Self::Found, graph: &StoreGraph, group: usize) -> String;

    /// What others learn from what was found.
    fn arrived(_cx: Context<'_>, _found: &Self::Found) -> Outcome {
        Outcome::None
    }

    /// The section whose first row a command of the view shows.
    fn section(_found: &Self::Found, _command: Command) -> Option<usize> {
        None
    }

    /// Whether what a command shows is found in files only: they are read once that is asked for.
    fn reads_files(_command: Command) -> bool {
        false
    }

    /// The row that a list begins on.
    fn first(_found: &Self::Found, _folds: &Folds) -> usize {
        0
    }

    /// Whether the list is rather begun at its top than scrolled to a row that stands at `place`.
    fn begins_at_top(row: GroupRow, place: ScrollPlace) -> bool;

    /// What going into a row does, if that is not to show the tree of its path.
    fn enter(_groups: Both<'_, Self>, _row: GroupRow) -> Option<Outcome> {
        None
    }

    /// Why a command of this view cannot be given, beside what its row says.
    fn obstacle(_command: Command, _here: &Target) -> Option<Obstacle> {
        None
    }

    /// Whether there is something to find later.
    fn has_later(_found: &Self::Found) -> bool {
        false
    }

    /// Finds it.
    fn find_later(
        _facts: &Facts,
        _explore: &Explore,
        _progress: &Progress,
    ) -> Result<Self::Later, Cancelled> {
        Err(Cancelled)
    }

    /// How many rows that gives the last group.
    fn later_rows(_later: &Self::Later) -> usize {
        0
    }
}

/// What was found, and what was found later.
#[derive(Debug)]
pub struct Both<'a, L: List> {
    /// What was found.
    pub found: &'a L::Found,
    /// What was found later, once it was.
    pub later: Option<&'a L::Later>,
}

/// Where a row that a list may be scrolled to stands.
#[derive(Debug, Clone, Copy)]
pub struct ScrollPlace {
    /// The place of its group, as groups are open now.
    pub group: usize,
    /// Rows of the list on screen.
    pub height: usize,
}

/// What the groups depend on, beside the closure.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// What is pinned, where that matters.
    pub pins: Pins,
    /// Whether files are read for it.
    pub files: bool,
}

/// Nothing is found later.
#[derive(Debug, Clone, Copy)]
pub enum Nothing {}
