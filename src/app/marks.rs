//! The plan: what is marked, with undo and redo, and what it would give.

use std::mem;

use crate::analysis::what_if::{Outcome, Step};
use crate::model::PathId;

use super::list::Cursor;

/// Steps in order, and the plans before and after.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    steps: Vec<Step>,
    before: Vec<Vec<Step>>,
    after: Vec<Vec<Step>>,
}

impl Plan {
    /// The steps in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Adds a step, or takes it back if it is there.
    pub fn toggle(&mut self, step: Step) {
        let mut steps = self.steps.clone();
        match steps.iter().position(|other| *other == step) {
            Some(at) => {
                steps.remove(at);
            }
            None => steps.push(step),
        }
        self.change(steps);
    }

    /// Puts other steps in place of those there are; can be undone.
    pub fn change(&mut self, steps: Vec<Step>) {
        self.before.push(mem::replace(&mut self.steps, steps));
        self.after.clear();
    }

    /// Goes back to the plan before; `false` if there is none.
    pub fn undo(&mut self) -> bool {
        let Some(steps) = self.before.pop() else {
            return false;
        };
        self.after.push(mem::replace(&mut self.steps, steps));
        true
    }

    /// Takes back the last undo; `false` if there is none.
    pub fn redo(&mut self) -> bool {
        let Some(steps) = self.after.pop() else {
            return false;
        };
        self.before.push(mem::replace(&mut self.steps, steps));
        true
    }

    /// Is there a plan to go back to?
    pub fn can_undo(&self) -> bool {
        !self.before.is_empty()
    }

    /// Was something undone?
    pub fn can_redo(&self) -> bool {
        !self.after.is_empty()
    }

    /// Is the path marked for removal?
    pub fn removes(&self, id: PathId) -> bool {
        self.steps.contains(&Step::Remove(id))
    }

    /// Is the reference marked?
    pub fn cuts(&self, from: PathId, to: PathId) -> bool {
        self.steps.contains(&Step::Cut { from, to })
    }
}

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

/// The view of the plan.
#[derive(Debug, Default)]
pub struct Marks {
    /// Where the cursor is.
    pub cursor: Cursor,
}

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
    /// Paths that leave.
    pub leaves: usize,
}

/// How many rows, and which each is.
type Part = (usize, fn(usize) -> Row);

impl Rows {
    fn parts(self) -> [Part; 7] {
        let heading = |count: usize| usize::from(count > 0);
        [
            (self.steps, Row::Step),
            (heading(self.stays), |_| Row::Blank),
            (heading(self.stays), |_| Row::StaysHeading),
            (self.stays, Row::Stays),
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
    use crate::testing::{graph, id};

    #[test]
    fn undo_and_redo_are_each_others_inverse() {
        let (graph, _) = graph("app -> lib\nlib");
        let (app, lib) = (id(&graph, "app"), id(&graph, "lib"));
        let mut plan = Plan::default();
        plan.toggle(Step::Remove(lib));
        plan.toggle(Step::Cut { from: app, to: lib });
        plan.toggle(Step::Remove(lib));
        assert!(plan.cuts(app, lib) && !plan.removes(lib));
        assert!(plan.undo() && plan.removes(lib));
        assert!(plan.redo() && !plan.removes(lib) && !plan.can_redo());
        assert!(plan.undo() && plan.undo() && plan.undo() && !plan.undo());
        assert!(plan.steps().is_empty());
    }

    #[test]
    fn rows_are_counted_without_a_list() {
        let rows = Rows {
            steps: 2,
            stays: 0,
            leaves: 3,
        };
        let all: Vec<Row> = (0..rows.len()).filter_map(|at| rows.get(at)).collect();
        use Row::{Blank, Leaves, LeavesHeading, Step};
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
