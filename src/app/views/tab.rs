//! What the table of views asks of each: its jobs, and how it comes back.

use crate::job::{Cancelled, Progress};
use crate::model::PathId;

use crate::app::explore::Explore;
use crate::app::facts::Facts;
use crate::app::outcome::Outcome;
use crate::app::pane::Pane;
use crate::app::shared::Context;

/// A view, as the table sees it: its row, its jobs, and how it comes back.
pub trait Tab: Pane + Clone + Default {
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

    /// Takes notice that it is known now where paths come from: what tells it is found anew.
    fn learned(&mut self) {}

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
