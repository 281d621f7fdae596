//! What the table of views asks of each: its jobs, and how it comes back.

use crate::job::{Cancelled, Progress};
use crate::model::PathId;

use crate::app::explore::Explore;
use crate::app::facts::Facts;
use crate::app::outcome::Outcome;
use crate::app::pane::Pane;
use crate::app::shared::{Context, Shared};

/// What a view can ask when the store was read again: paths have other numbers then, and some may be gone.
pub struct Reloaded<'a> {
    /// What could be read before.
    pub former: Context<'a>,
    /// The selection, as it is numbered now.
    pub selected: Option<PathId>,
    /// How a path is numbered now; `None` if it is gone.
    pub renewed: &'a dyn Fn(PathId) -> Option<PathId>,
}

impl<'a> Reloaded<'a> {
    /// What can be asked of what was known and shared before, on as much room as lists have.
    pub(crate) fn of(
        (facts, shared, room): (&'a Facts, &'a Shared, (u16, u16)),
        renewed: &'a dyn Fn(PathId) -> Option<PathId>,
    ) -> Self {
        Self {
            former: Context {
                facts,
                shared,
                room,
                searching: false,
            },
            selected: shared.selected.and_then(renewed),
            renewed,
        }
    }
}

/// A view, as the table sees it: its row, its jobs, and how it comes back.
pub trait Tab: Pane + Clone + Default {
    /// What a job of it is asked.
    type Wanted;
    /// What a job of it answers.
    type Found;

    /// What it waits for; `None` if nothing is missing, or the user cancelled it.
    fn needs(&self, cx: Context<'_>) -> Option<Self::Wanted>;

    /// What it asks for in place of what its job looks for, at the front or not, because it wants something else now. Called
    /// after every event.
    fn asks_anew(&mut self, _cx: Context<'_>) -> Option<Self::Wanted> {
        None
    }

    /// Finds what is wanted: on a job's thread.
    fn find(
        wanted: Self::Wanted,
        facts: &Facts,
        explore: &Explore,
        progress: &Progress,
    ) -> Result<Self::Found, Cancelled>;

    /// Takes what was found.
    fn fill(&mut self, cx: Context<'_>, found: Self::Found) -> Outcome;

    /// Takes notice that it is known now where paths come from: what tells it is found anew.
    fn learned(&mut self) {}

    /// Takes notice that the user cancelled its job, or asks for it again.
    fn cancel(&mut self, _cancelled: bool) {}

    /// Becomes what it was when the place was remembered.
    fn restore(&mut self, _cx: Context<'_>, before: Self) -> Outcome {
        *self = before;
        Outcome::None
    }

    /// The store was read again: keeps what is open and where the cursor is, as far as it is still there.
    fn reload(&mut self, reloaded: &Reloaded<'_>);
}

/// What no job is ever asked, nor answers.
#[derive(Debug)]
pub enum Never {}
