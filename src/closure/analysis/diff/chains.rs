//! One shortest chain to each member of a closure.

use crate::model::{Closure, Column, PathId, PathSet, StoreGraph};

/// The first referrer on a shortest chain to each member.
#[derive(Debug)]
pub(super) struct Chains(Column<Option<PathId>>);

impl Chains {
    /// Searches a closure breadth first. References that lead out of it are passed over.
    pub(super) fn of(graph: &StoreGraph, closure: &Closure) -> Self {
        let mut up = Column::filled(graph.len(), None);
        let mut seen = PathSet::of(graph.len(), closure.roots().iter().copied());
        let mut queue: Vec<PathId> = closure.roots().to_vec();
        let mut next = 0;
        while let Some(&id) = queue.get(next) {
            next += 1;
            for &to in graph.references(id) {
                if closure.contains(to) && seen.insert(to) {
                    up[to] = Some(id);
                    queue.push(to);
                }
            }
        }
        Self(up)
    }

    /// A shortest chain, a root first and the path last; only the path where no chain is known.
    pub(super) fn to(&self, id: PathId) -> Vec<PathId> {
        let up = |&id: &PathId| self.0[id];
        let mut chain: Vec<PathId> = std::iter::successors(Some(id), up).collect();
        chain.reverse();
        chain
    }
}
