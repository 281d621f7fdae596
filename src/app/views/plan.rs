//! What the plan gives, and the rows of its view.

use std::sync::Arc;

use crate::analysis::hints::Hints;
use crate::analysis::remedies::{Remedy, by_packages, remedies, together};
use crate::analysis::what_if::{Step, StillHeld};
use crate::job::{Cancelled, Progress};
use crate::model::PathId;

use super::tab::{Reloaded, Tab};
use crate::app::cursor::Cursor;
use crate::app::explore::Explore;
use crate::app::facts::Facts;
use crate::app::keys::command::Command;
use crate::app::obstacle::Obstacle;
use crate::app::outcome::Outcome;
use crate::app::pane::{self, Pane};
use crate::app::shared::{Context, Shared};
use crate::app::target::{Fold, Target};

/// The view of the plan.
#[derive(Debug, Clone, Default)]
pub struct PlanView {
    /// Where the cursor is.
    pub cursor: Cursor,
    /// Whether all paths that stay are listed.
    all_stays: bool,
    /// Lines of Nix, and for which steps they are.
    how: Arc<How>,
    /// Which of them are shown in full.
    open: Option<usize>,
    /// Whether the user cancelled the search for them.
    cancelled: bool,
    /// Where the cursor was before the store was read again, until that is there.
    kept: Option<Kept>,
}

/// The row of the cursor when the store was read again.
#[derive(Debug, Clone, Copy)]
struct Kept {
    row: PlanRow,
    /// Its path, as it is numbered now.
    path: Option<PathId>,
    /// Rows of the screen above it.
    above: usize,
    /// Which remedy is shown in full.
    open: Option<usize>,
}

/// Lines of Nix that do some steps and guard them.
#[derive(Debug, Default)]
pub struct How {
    steps: Vec<Step>,
    remedies: Vec<Remedy>,
}

impl How {
    fn of(facts: &Facts, steps: Vec<Step>, progress: &Progress) -> Result<Self, Cancelled> {
        let analysed = facts.analysed(progress);
        let seen = facts.told(&by_packages(&analysed, &steps));
        let remedies = remedies(&analysed, &Hints::built_in(), &steps, &seen)?;
        Ok(Self { steps, remedies })
    }
}

/// A row of what does the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HowRow<'a> {
    /// What it is, and whether its lines are shown.
    Title(&'a Remedy, bool),
    /// One of its lines.
    Line(&'a Remedy, &'a str),
}

impl PlanView {
    /// What does the plan as it is; nothing while that is looked for.
    fn remedies(&self, shared: &Shared) -> &[Remedy] {
        if self.how.steps == shared.plan.steps() {
            &self.how.remedies
        } else {
            &[]
        }
    }

    /// How many rows those that are open take beside their titles.
    fn lines_shown(&self, remedies: &[Remedy]) -> usize {
        let open = self.open.and_then(|at| remedies.get(at));
        open.map_or(0, |remedy| remedy.nix.lines().count())
    }

    /// A row of what does the plan, and the number of the remedy it is of.
    pub(crate) fn how(&self, shared: &Shared, at: usize) -> Option<(usize, HowRow<'_>)> {
        let remedies = self.remedies(shared);
        let lines = self.lines_shown(remedies);
        let number = match self.open {
            Some(open) if at > open && at <= open + lines => {
                let remedy = remedies.get(open)?;
                let line = remedy.nix.lines().nth(at - open - 1)?;
                return Some((open, HowRow::Line(remedy, line)));
            }
            Some(open) if at > open => at - lines,
            _ => at,
        };
        let is_open = self.open == Some(number);
        Some((number, HowRow::Title(remedies.get(number)?, is_open)))
    }

    /// How many rows there are, and which.
    pub fn rows(&self, shared: &Shared) -> PlanRows {
        let effect = shared.effect.as_ref();
        let remedies = self.remedies(shared);
        PlanRows {
            tries: shared.plan.tries().len(),
            steps: shared.plan.steps().len(),
            done: shared.done.len(),
            stays: held(shared).len(),
            all_stays: self.all_stays,
            how: remedies.len() + self.lines_shown(remedies),
            leaves: effect.map_or(0, |effect| effect.leaving.len()),
        }
    }

    /// The lines to take along from a row: those of its remedy, else those of all.
    fn lines(&self, shared: &Shared, row: Option<PlanRow>) -> Option<Arc<str>> {
        let remedies = self.remedies(shared);
        let own = match row {
            Some(PlanRow::How(at)) => self.how(shared, at),
            Some(PlanRow::Try(at)) => return Some(shared.plan.tries().get(at)?.change().into()),
            _ => None,
        };
        match own {
            Some((_, HowRow::Title(remedy, _) | HowRow::Line(remedy, _))) => {
                Some(remedy.nix.as_str().into())
            }
            None => (!remedies.is_empty()).then(|| together(remedies).into()),
        }
    }
}

/// The paths that stay although a reference to them goes.
fn held(shared: &Shared) -> &[StillHeld] {
    let effect = shared.effect.as_ref();
    let outcome = effect.and_then(|effect| effect.outcome.as_ref().ok());
    outcome.map_or(&[], |outcome| &outcome.held)
}

impl Pane for PlanView {
    fn len(&self, cx: Context<'_>) -> usize {
        self.rows(cx.shared).len()
    }

    fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    fn cursor_mut(&mut self) -> &mut Cursor {
        &mut self.cursor
    }

    fn target(&self, cx: Context<'_>, at: usize) -> Option<Target> {
        let leaving = cx.shared.effect.as_ref().map(|effect| &effect.leaving);
        let row = self.rows(cx.shared).get(at)?;
        let target = match row {
            PlanRow::Try(number) => {
                let planned = cx.shared.plan.tries().get(number).cloned();
                Target {
                    change: planned.as_ref().map(|one| one.change().into()),
                    planned,
                    ..Target::default()
                }
            }
            PlanRow::Step(number) => {
                let step = cx.shared.plan.steps().get(number).copied();
                Target {
                    step,
                    ..Target::perhaps(step.map(|step| step.path()))
                }
            }
            PlanRow::Stays(number) => {
                let held = held(cx.shared).get(number);
                Target::perhaps(held.map(|held| held.path))
            }
            PlanRow::Leaves(number) => {
                let id = leaving.and_then(|leaving| leaving.get(number).copied());
                Target::perhaps(id)
            }
            PlanRow::Done(_) | PlanRow::How(_) => Target::default(),
            PlanRow::MoreStays => Target::default().with_fold(Fold::More),
            PlanRow::Blank
            | PlanRow::StaysHeading
            | PlanRow::LeavesHeading
            | PlanRow::HowHeading => return None,
        };
        Some(Target {
            lines: self.lines(cx.shared, Some(row)),
            ..target
        })
    }

    fn obstacle(&self, cx: Context<'_>, command: Command) -> Option<Obstacle> {
        let nothing = Obstacle::Says("nothing is marked");
        (command == Command::CopyLines && cx.shared.plan.is_empty()).then_some(nothing)
    }

    fn reveal(&mut self, cx: Context<'_>, id: PathId) -> bool {
        let mut steps = cx.shared.plan.steps().iter();
        let Some(at) = steps.position(|step| step.path() == id) else {
            return false;
        };
        let at = at + cx.shared.plan.tries().len();
        pane::stand_on(self, cx, at);
        true
    }

    fn enter(&mut self, cx: Context<'_>) -> Outcome {
        let row = self.rows(cx.shared).get(self.cursor.at);
        match row {
            Some(PlanRow::How(at)) => return self.toggle(cx, at),
            Some(PlanRow::Try(_)) => return Outcome::Give(Command::Try),
            _ => {}
        }
        let Some(target) = pane::here(self, cx) else {
            return Outcome::None;
        };
        if target.fold == Fold::More {
            self.all_stays = true;
            return Outcome::Select;
        }
        let reference = target.step.and_then(|step| step.reference());
        target
            .path
            .map_or(Outcome::None, |id| Outcome::Why(id, reference))
    }

    fn shown(&mut self, _cx: Context<'_>) -> Outcome {
        Outcome::Select
    }

    fn settle(&mut self, cx: Context<'_>) -> Outcome {
        let waits = self.waits_for_kept(cx);
        pane::settle(self, cx);
        if waits {
            return Outcome::None;
        }
        // Rows come and go below the cursor as the plan changes.
        Outcome::Select
    }
}

impl PlanView {
    /// Puts the cursor where it was before the store was read again; whether what was there is still being found.
    fn waits_for_kept(&mut self, cx: Context<'_>) -> bool {
        let Some(kept) = self.kept else { return false };
        let rows = self.rows(cx.shared);
        let at = (0..rows.len()).find(|&at| rows.get(at) == Some(kept.row));
        let target = at.and_then(|at| self.target(cx, at));
        let is_it = target.is_some_and(|target| target.path == kept.path);
        let is_known = cx.shared.plan.is_empty() || cx.shared.effect.is_some();
        if let Some(at) = at.filter(|_| is_it) {
            let top = at.saturating_sub(kept.above);
            self.cursor = Cursor { at, top };
        } else if !is_known || self.needs(cx).is_some() {
            return true;
        }
        self.kept = None;
        false
    }

    /// Shows the lines of the remedy of a row, or hides them; the cursor stays on what it is.
    fn toggle(&mut self, cx: Context<'_>, at: usize) -> Outcome {
        let Some((number, _)) = self.how(cx.shared, at) else {
            return Outcome::None;
        };
        let first = self.cursor.at - at;
        self.open = (self.open != Some(number)).then_some(number);
        pane::stand_on(self, cx, first + number);
        Outcome::Select
    }
}

impl Tab for PlanView {
    type Wanted = Vec<Step>;
    type Found = Arc<How>;

    fn needs(&self, cx: Context<'_>) -> Option<Vec<Step>> {
        let steps = cx.shared.plan.steps();
        (!self.cancelled && self.how.steps != steps).then(|| steps.to_vec())
    }

    fn find(
        wanted: Vec<Step>,
        facts: &Facts,
        _explore: &Explore,
        progress: &Progress,
    ) -> Result<Arc<How>, Cancelled> {
        Ok(Arc::new(How::of(facts, wanted, progress)?))
    }

    fn fill(&mut self, _cx: Context<'_>, found: Arc<How>) -> Outcome {
        self.how = found;
        self.open = self.kept.and_then(|kept| kept.open);
        Outcome::None
    }

    fn cancel(&mut self, cancelled: bool) {
        self.cancelled = cancelled;
    }

    fn restore(&mut self, _cx: Context<'_>, before: Self) -> Outcome {
        self.cursor = before.cursor;
        Outcome::None
    }

    fn reload(&mut self, reloaded: &Reloaded<'_>) {
        let row = self.rows(reloaded.former.shared).get(self.cursor.at);
        let path = reloaded.selected;
        self.kept = row.map(|row| Kept {
            row,
            path,
            above: self.cursor.at.saturating_sub(self.cursor.top),
            open: self.open,
        });
        self.how = Arc::default();
    }
}

/// Paths that stay are told the largest first; further ones hold little.
pub(crate) const MOST_STAYS: usize = 8;

/// A row of the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanRow {
    /// The change of the configuration of this number.
    Try(usize),
    /// The step of this number.
    Step(usize),
    /// The step of this number of those that were carried out before.
    Done(usize),
    /// An empty row.
    Blank,
    /// Above the lines that do the plan.
    HowHeading,
    /// The number of a row of these.
    How(usize),
    /// Above the paths that stay.
    StaysHeading,
    /// The number of a path that stays although a reference to it goes.
    Stays(usize),
    /// Stands for further paths that stay.
    MoreStays,
    /// Above the paths that leave.
    LeavesHeading,
    /// The number of a path that leaves.
    Leaves(usize),
}

/// How many rows each part of the view has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PlanRows {
    /// Changes of the configuration.
    pub tries: usize,
    /// Steps.
    pub steps: usize,
    /// Steps that were carried out before.
    pub done: usize,
    /// Paths that stay.
    pub stays: usize,
    /// Whether all of those are listed.
    pub all_stays: bool,
    /// Rows with what does the plan.
    pub how: usize,
    /// Paths that leave.
    pub leaves: usize,
}

/// How many rows, and which each is.
type Part = (usize, fn(usize) -> PlanRow);

impl PlanRows {
    fn parts(self) -> [Part; 13] {
        let heading = |count: usize| usize::from(count > 0);
        let shown = if self.all_stays {
            self.stays
        } else {
            self.stays.min(MOST_STAYS)
        };
        [
            (self.tries, PlanRow::Try),
            (self.steps, PlanRow::Step),
            (self.done, PlanRow::Done),
            (heading(self.stays), |_| PlanRow::Blank),
            (heading(self.stays), |_| PlanRow::StaysHeading),
            (shown, PlanRow::Stays),
            (usize::from(self.stays > shown), |_| PlanRow::MoreStays),
            (heading(self.how), |_| PlanRow::Blank),
            (heading(self.how), |_| PlanRow::HowHeading),
            (self.how, PlanRow::How),
            (heading(self.leaves), |_| PlanRow::Blank),
            (heading(self.leaves), |_| PlanRow::LeavesHeading),
            (self.leaves, PlanRow::Leaves),
        ]
    }

    /// How many rows there are.
    pub fn len(self) -> usize {
        self.parts().iter().map(|(count, _)| count).sum()
    }

    /// Whether there is no row.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The row at a place. There may be a million, so no list of them is made.
    pub fn get(self, mut at: usize) -> Option<PlanRow> {
        for (count, row) in self.parts() {
            if at < count {
                return Some(row(at));
            }
            at -= count;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_without_a_list() {
        use PlanRow::{Blank, Done, Leaves, LeavesHeading, Step, Try};
        let rows = PlanRows {
            tries: 1,
            steps: 2,
            done: 1,
            stays: 0,
            all_stays: false,
            how: 0,
            leaves: 3,
        };
        let all: Vec<PlanRow> = (0..rows.len()).filter_map(|at| rows.get(at)).collect();
        assert_eq!(
            all,
            [
                Try(0),
                Step(0),
                Step(1),
                Done(0),
                Blank,
                LeavesHeading,
                Leaves(0),
                Leaves(1),
                Leaves(2)
            ]
        );
        assert_eq!(rows.get(rows.len()), None);
    }
}
