//! What a closure would be after some steps: exact, joint, predicted.
//!
//! After a step list, the closure is everything the roots still reach. Numbers are predictions: a rebuild may bring paths
//! of its own.

use crate::model::{Closure, PathId, PathSet, StoreGraph};

/// One thing to leave out or change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The path may not be entered.
    Remove(PathId),
}

/// A number of paths and their NAR size in bytes (unknown sizes counted as nothing).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Total {
    /// Paths.
    pub paths: usize,
    /// Bytes.
    pub nar_size: u64,
}

impl Total {
    /// The total of a set.
    pub fn of(graph: &StoreGraph, set: &PathSet) -> Self {
        set.iter().fold(Self::default(), |total, id| Self {
            paths: total.paths + 1,
            nar_size: total.nar_size + graph.info(id).nar_size.known(),
        })
    }
}

/// Everything the roots still reach after the steps.
pub fn after(graph: &StoreGraph, closure: &Closure, steps: &[Step]) -> PathSet {
    let mut removed = PathSet::empty(graph.len());
    for Step::Remove(id) in steps {
        removed.insert(*id);
    }
    let mut reached = PathSet::empty(graph.len());
    let mut stack: Vec<PathId> = closure
        .roots()
        .iter()
        .copied()
        .filter(|&root| !removed.contains(root))
        .collect();
    reached.extend(stack.iter().copied());
    while let Some(id) = stack.pop() {
        stack.extend(
            graph
                .references(id)
                .iter()
                .copied()
                .filter(|&to| !removed.contains(to) && reached.insert(to)),
        );
    }
    reached
}
