//! What the plan gives, and the rows of its view.

use crate::analysis::heaviest_first;
use crate::analysis::what_if::{Outcome, Step, WhatIfError, what_if};
use crate::job::{Cancelled, Progress};
use crate::model::PathId;
use crate::text::sanitise;

use super::list::Cursor;
use crate::app::facts::{Facts, Field};

/// The plan's effect, or why it has none, and for which steps that was computed.
#[derive(Debug)]
pub struct Effect {
    /// The steps.
    pub steps: Vec<Step>,
    /// What they do; the text says why they cannot be done.
    pub outcome: Result<Box<Outcome>, String>,
    /// What leaves, the largest first.
    pub leaving: Vec<PathId>,
}

impl Effect {
    /// What steps give.
    pub fn of(facts: &Facts, steps: Vec<Step>, progress: &Progress) -> Result<Self, Cancelled> {
        let outcome = match what_if(facts.graph(), facts.closure(), &steps, progress) {
            Ok(mut outcome) => {
                heaviest_first(&facts.analysed(progress), &mut outcome.held);
                outcome
            }
            Err(WhatIfError::Cancelled(cancelled)) => return Err(cancelled),
            Err(error) => {
                let outcome = Err(refusal(facts, &error));
                return Ok(Self {
                    steps,
                    outcome,
                    leaving: Vec::new(),
                });
            }
        };
        let mut leaving: Vec<PathId> = outcome.leaving.iter().collect();
        facts.largest_first(&mut leaving, Field::Nar);
        Ok(Self {
            steps,
            outcome: Ok(Box::new(outcome)),
            leaving,
        })
    }
}

/// Why a plan cannot be, in one line; hash parts would take most of it.
fn refusal(facts: &Facts, error: &WhatIfError) -> String {
    let WhatIfError::Cycle { cycle, .. } = error else {
        return error.to_string();
    };
    let around = cycle.iter().chain(cycle.first());
    let names: Vec<_> = around.map(|&id| sanitise(facts.graph().name(id))).collect();
    format!("a replacement closes a cycle: {}", names.join(" → "))
}

/// The view of the plan.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    /// Where the cursor is.
    pub cursor: Cursor,
    /// Are all paths that stay listed?
    pub all_stays: bool,
}

/// Paths that stay are told the largest first; further ones hold little.
pub const MOST_STAYS: usize = 8;

/// A row of the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// The step of this number.
    Step(usize),
    /// An empty row.
    Blank,
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
pub struct Rows {
    /// Steps.
    pub steps: usize,
    /// Paths that stay.
    pub stays: usize,
    /// Are all of those listed?
    pub all_stays: bool,
    /// Paths that leave.
    pub leaves: usize,
}

/// How many rows, and which each is.
type Part = (usize, fn(usize) -> Row);

impl Rows {
    fn parts(self) -> [Part; 8] {
        let heading = |count: usize| usize::from(count > 0);
        let shown = if self.all_stays {
            self.stays
        } else {
            self.stays.min(MOST_STAYS)
        };
        [
            (self.steps, Row::Step),
            (heading(self.stays), |_| Row::Blank),
            (heading(self.stays), |_| Row::StaysHeading),
            (shown, Row::Stays),
            (usize::from(self.stays > shown), |_| Row::MoreStays),
            (heading(self.leaves), |_| Row::Blank),
            (heading(self.leaves), |_| Row::LeavesHeading),
            (self.leaves, Row::Leaves),
        ]
    }

    /// How many rows there are.
    pub fn len(self) -> usize {
        self.parts().iter().map(|(count, _)| count).sum()
    }

    /// Is there no row?
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The row at a place. There may be a million, so no list of them is made.
    pub fn get(self, mut at: usize) -> Option<Row> {
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
        use Row::{Blank, Leaves, LeavesHeading, Step};
        let rows = Rows {
            steps: 2,
            stays: 0,
            all_stays: false,
            leaves: 3,
        };
        let all: Vec<Row> = (0..rows.len()).filter_map(|at| rows.get(at)).collect();
        assert_eq!(
            all,
            [
                Step(0),
                Step(1),
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
