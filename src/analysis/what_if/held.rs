//! What stays although all its marked referrers go, and one chain that still holds it.

use super::{Step, StillHeld};
use crate::analysis::rewired::Rewired;
use crate::model::{Closure, Column, PathId, PathSet, StoreGraph};

pub(super) fn still_held(
    graph: &StoreGraph,
    closure: &Closure,
    steps: &[Step],
    rewired: &Rewired,
    after: &PathSet,
) -> Vec<StillHeld> {
    let mut wanted = PathSet::empty(graph.len());
    for &step in steps {
        match step {
            Step::Remove(id) | Step::Replace { old: id, .. } if closure.contains(id) => {
                wanted.extend(graph.references(id).iter().copied());
            }
            Step::Cut { to, .. } => {
                wanted.insert(to);
            }
            Step::Remove(_) | Step::Replace { .. } => {}
        }
    }
    wanted.intersect_with(after);
    let mut search = Search::from(graph, rewired.roots());
    let mut held = Vec::new();
    let mut missing = wanted.len();
    while missing > 0
        && let Some(id) = search.next()
    {
        if wanted.contains(id) {
            missing -= 1;
            held.push(StillHeld {
                path: id,
                chain: search.chain(id),
                holders: rewired.holders(id, after),
            });
        }
        for to in rewired.references(id) {
            search.reach(id, to);
        }
    }
    held.sort_by_key(|held| {
        let size = graph.info(held.path).nar_size.known();
        (held.holders, std::cmp::Reverse(size), held.path)
    });
    held
}

/// A breadth-first search that remembers how it came to each path.
pub(super) struct Search {
    came_from: Column<Option<PathId>>,
    seen: PathSet,
    queue: Vec<PathId>,
    at: usize,
}

impl Search {
    pub(super) fn from(graph: &StoreGraph, starts: impl IntoIterator<Item = PathId>) -> Self {
        let mut search = Self {
            came_from: Column::filled(graph.len(), None),
            seen: PathSet::empty(graph.len()),
            queue: Vec::new(),
            at: 0,
        };
        for start in starts {
            if search.seen.insert(start) {
                search.queue.push(start);
            }
        }
        search
    }

    pub(super) fn next(&mut self) -> Option<PathId> {
        self.at += 1;
        self.queue.get(self.at - 1).copied()
    }

    pub(super) fn reach(&mut self, from: PathId, to: PathId) {
        if self.seen.insert(to) {
            self.came_from[to] = Some(from);
            self.queue.push(to);
        }
    }

    pub(super) fn chain(&self, id: PathId) -> Vec<PathId> {
        let mut chain: Vec<PathId> =
            std::iter::successors(Some(id), |&down| self.came_from[down]).collect();
        chain.reverse();
        chain
    }
}
