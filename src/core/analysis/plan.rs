//! An ordered list of what-if steps with undo and redo, and a text form that survives a rebuild.

mod file;
mod found;
mod tries;

use std::collections::HashSet;
use std::sync::Arc;

use crate::model::PathId;

use super::what_if::Step;

pub use file::{Applied, DoneStep, Note, PlanError, PlanFile, Problem};
pub use tries::{PlannedTry, TryRecord};

/// What-if steps in the order they are carried out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    steps: Arc<[Step]>,
    /// Earlier and undone states, newest last. States are shared, so that a plan is cheap to copy.
    past: Vec<Arc<[Step]>>,
    future: Vec<Arc<[Step]>>,
}

impl Plan {
    /// A plan of some steps, with nothing to undo.
    pub fn of(steps: Vec<Step>) -> Self {
        Self {
            steps: steps.into(),
            ..Self::default()
        }
    }

    /// The steps.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether there is no step.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Appends several steps as one change: one undo takes all back. Those the plan has already are left out; `false` if it
    /// has them all.
    pub fn extend(&mut self, more: impl IntoIterator<Item = Step>) -> bool {
        self.change(|steps| {
            let mut known: HashSet<Step> = steps.iter().copied().collect();
            steps.extend(more.into_iter().filter(|&step| known.insert(step)));
        })
    }

    /// Takes steps out as one change if the plan has them all, else appends those it lacks; `false` if nothing changes.
    pub fn toggle(&mut self, steps: &[Step]) -> bool {
        let planned: HashSet<&Step> = self.steps.iter().collect();
        let has_all = !steps.is_empty() && steps.iter().all(|step| planned.contains(step));
        if has_all {
            self.take_out(steps)
        } else {
            self.extend(steps.iter().copied())
        }
    }

    /// Takes out several steps as one change; `false` if the plan has none of them.
    pub fn take_out(&mut self, out: &[Step]) -> bool {
        let out: HashSet<&Step> = out.iter().collect();
        self.change(|steps| steps.retain(|step| !out.contains(step)))
    }

    /// Takes out all steps; `false` if there was none.
    pub fn clear(&mut self) -> bool {
        self.change(Vec::clear)
    }

    /// Takes back the last change; `false` if there is none.
    pub fn undo(&mut self) -> bool {
        let Some(before) = self.past.pop() else {
            return false;
        };
        self.future.push(std::mem::replace(&mut self.steps, before));
        true
    }

    /// Brings back the last change that was undone; `false` if there is none.
    pub fn redo(&mut self) -> bool {
        let Some(after) = self.future.pop() else {
            return false;
        };
        self.past.push(std::mem::replace(&mut self.steps, after));
        true
    }

    /// Whether there is something to undo.
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// Whether there is something to redo.
    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// Whether the path is to be removed.
    pub fn removes(&self, id: PathId) -> bool {
        self.steps.contains(&Step::Remove(id))
    }

    fn change(&mut self, change: impl FnOnce(&mut Vec<Step>)) -> bool {
        let mut steps = self.steps.to_vec();
        change(&mut steps);
        let changed = *self.steps != *steps;
        if changed {
            self.past
                .push(std::mem::replace(&mut self.steps, steps.into()));
            self.future.clear();
        }
        changed
    }
}

#[cfg(test)]
mod tests;
