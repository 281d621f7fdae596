//! Where references lead after replacements: of most paths, where they led before.

use std::collections::HashMap;
use std::slice;

use crate::model::{PathId, PathSet};

/// Where references lead, by the path they lead to in the graph as it stands.
#[derive(Debug, Clone)]
pub(super) struct Leads {
    /// Paths of which references lead elsewhere, or did for a while.
    touched: PathSet,
    /// Where references to touched paths lead; nowhere where they ended.
    ends: HashMap<PathId, Option<PathId>>,
    /// The paths whose references lead to a path now, where that is not just the path itself.
    targets: HashMap<PathId, Vec<PathId>>,
}

impl Leads {
    /// As in the graph, which has this many paths.
    pub(super) fn of(paths: usize) -> Self {
        Self {
            touched: PathSet::empty(paths),
            ends: HashMap::new(),
            targets: HashMap::new(),
        }
    }

    /// Where references to a path lead.
    pub(super) fn end_of(&self, target: PathId) -> Option<PathId> {
        if self.touched.contains(target) {
            self.ends.get(&target).copied().flatten()
        } else {
            Some(target)
        }
    }

    /// The paths whose references lead to this one.
    pub(super) fn targets<'t>(&'t self, id: &'t PathId) -> &'t [PathId] {
        self.targets
            .get(id)
            .map_or(slice::from_ref(id), Vec::as_slice)
    }

    /// What leads to one path leads to another from now on.
    pub(super) fn redirect(&mut self, old: PathId, new: PathId) {
        let mut moved = self.taken_from(old, Some(new));
        let there = self.targets.entry(new).or_insert_with(|| vec![new]);
        there.append(&mut moved);
    }

    /// What leads to a path leads nowhere from now on.
    pub(super) fn end(&mut self, id: PathId) {
        self.taken_from(id, None);
    }

    fn taken_from(&mut self, id: PathId, end: Option<PathId>) -> Vec<PathId> {
        let moved = self.targets.insert(id, Vec::new());
        let moved = moved.unwrap_or_else(|| vec![id]);
        for &target in &moved {
            self.touched.insert(target);
            self.ends.insert(target, end);
        }
        moved
    }
}
