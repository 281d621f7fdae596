//! An ordered list of what-if steps, after changes of the configuration that are to be tried, with undo and redo, and a text
//! form that survives a rebuild.

mod file;
mod found;
mod tries;

use std::collections::HashSet;
use std::sync::Arc;

use crate::model::PathId;

use super::what_if::Step;

pub use file::{Applied, DoneStep, Note, PlanError, PlanFile, Problem};
pub use tries::{PlannedTry, TryKnown, TryRecord, TryStep, in_one_line};

/// What is in a plan: changes of the configuration, and after them what-if steps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marked {
    /// Changes of the configuration that are to be tried.
    pub tries: Vec<TryStep>,
    /// What-if steps.
    pub steps: Vec<Step>,
}

impl Marked {
    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.tries.len() + self.steps.len()
    }

    /// Whether there is no step.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Puts what is known of a change in place of what was known of it.
    fn learn(&mut self, found: &TryStep) {
        for one in &mut self.tries {
            if one == found {
                *one = found.clone();
            }
        }
    }
}

/// What-if steps in the order they are carried out, after changes of the configuration that are to be tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    now: Arc<Marked>,
    /// Earlier and undone states, newest last. States are shared, so that a plan is cheap to copy.
    past: Vec<Arc<Marked>>,
    future: Vec<Arc<Marked>>,
}

impl Plan {
    /// A plan of some steps, with nothing to undo.
    pub fn of(now: Marked) -> Self {
        Self {
            now: now.into(),
            ..Self::default()
        }
    }

    /// Everything in it.
    pub fn marked(&self) -> &Marked {
        &self.now
    }

    /// The what-if steps.
    pub fn steps(&self) -> &[Step] {
        &self.now.steps
    }

    /// The changes of the configuration that are to be tried.
    pub fn tries(&self) -> &[TryStep] {
        &self.now.tries
    }

    /// Whether there is no step.
    pub fn is_empty(&self) -> bool {
        self.now.is_empty()
    }

    /// Appends several steps as one change: one undo takes all back. Those the plan has already are left out; `false` if it
    /// has them all.
    pub fn extend(&mut self, more: impl Into<Marked>) -> bool {
        let more = more.into();
        self.change(|now| {
            let mut known: HashSet<Step> = now.steps.iter().copied().collect();
            let steps = more.steps.into_iter();
            now.steps.extend(steps.filter(|&step| known.insert(step)));
            for one in more.tries {
                if !now.tries.contains(&one) {
                    now.tries.push(one);
                }
            }
        })
    }

    /// Takes steps out as one change if the plan has them all, else appends those it lacks; `false` if nothing changes.
    pub fn toggle(&mut self, steps: &[Step]) -> bool {
        let planned: HashSet<&Step> = self.now.steps.iter().collect();
        let has_all = !steps.is_empty() && steps.iter().all(|step| planned.contains(step));
        if has_all {
            self.take_out(steps)
        } else {
            self.extend(steps.to_vec())
        }
    }

    /// Appends a change that is to be tried, or takes it out if the plan has it; `true` if it is in the plan now.
    pub fn toggle_try(&mut self, one: TryStep) -> bool {
        let is_new = !self.now.tries.contains(&one);
        self.change(|now| {
            if is_new {
                now.tries.push(one);
            } else {
                now.tries.retain(|other| *other != one);
            }
        });
        is_new
    }

    /// Takes what a change of the plan was found to give. That is no change of the plan: it holds in earlier and undone
    /// states, too.
    pub fn learn(&mut self, found: &TryStep) {
        let others = self.past.iter_mut().chain(&mut self.future);
        for state in others.chain([&mut self.now]) {
            Arc::make_mut(state).learn(found);
        }
    }

    /// Takes out several steps as one change; `false` if the plan has none of them.
    pub fn take_out(&mut self, out: &[Step]) -> bool {
        let out: HashSet<&Step> = out.iter().collect();
        self.change(|now| now.steps.retain(|step| !out.contains(step)))
    }

    /// Takes out all steps; `false` if there was none.
    pub fn clear(&mut self) -> bool {
        self.change(|now| *now = Marked::default())
    }

    /// Takes back the last change; `false` if there is none.
    pub fn undo(&mut self) -> bool {
        let Some(before) = self.past.pop() else {
            return false;
        };
        self.future.push(std::mem::replace(&mut self.now, before));
        true
    }

    /// Brings back the last change that was undone; `false` if there is none.
    pub fn redo(&mut self) -> bool {
        let Some(after) = self.future.pop() else {
            return false;
        };
        self.past.push(std::mem::replace(&mut self.now, after));
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
        self.now.steps.contains(&Step::Remove(id))
    }

    fn change(&mut self, change: impl FnOnce(&mut Marked)) -> bool {
        let mut after = Marked::clone(&self.now);
        change(&mut after);
        let changed = *self.now != after;
        if changed {
            self.past
                .push(std::mem::replace(&mut self.now, after.into()));
            self.future.clear();
        }
        changed
    }
}

impl From<Vec<Step>> for Marked {
    fn from(steps: Vec<Step>) -> Self {
        Self {
            steps,
            tries: Vec::new(),
        }
    }
}

impl<const N: usize> From<[Step; N]> for Marked {
    fn from(steps: [Step; N]) -> Self {
        steps.to_vec().into()
    }
}

#[cfg(test)]
mod tests;
