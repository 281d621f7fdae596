//! The requisites of some roots.

use super::graph::{PathId, StoreGraph};
use super::path_set::PathSet;

/// Everything reachable from some roots, with its total. All analyses speak about one closure.
#[derive(Debug, Clone)]
pub struct Closure {
    roots: Vec<PathId>,
    members: PathSet,
    len: usize,
    known_nar_size: u64,
    unknown_sizes: usize,
}

impl Closure {
    /// Walks the references from the roots. Duplicate roots count once.
    pub fn of(graph: &StoreGraph, roots: &[PathId]) -> Self {
        let mut unique = Vec::with_capacity(roots.len());
        let mut members = PathSet::empty(graph.len());
        let mut stack = Vec::new();
        for &root in roots {
            if members.insert(root) {
                unique.push(root);
                stack.push(root);
            }
        }
        let (mut len, mut known_nar_size, mut unknown_sizes) = (0, 0, 0);
        while let Some(id) = stack.pop() {
            len += 1;
            match graph.nar_size(id) {
                Some(bytes) => known_nar_size += bytes,
                None => unknown_sizes += 1,
            }
            stack.extend(
                graph
                    .references(id)
                    .iter()
                    .copied()
                    .filter(|&next| members.insert(next)),
            );
        }
        Self {
            roots: unique,
            members,
            len,
            known_nar_size,
            unknown_sizes,
        }
    }

    /// What the user asked about, in the order given.
    pub fn roots(&self) -> &[PathId] {
        &self.roots
    }

    /// Everything reachable from the roots, the roots included.
    pub fn members(&self) -> &PathSet {
        &self.members
    }

    /// Is the path in the closure?
    #[inline]
    pub fn contains(&self, id: PathId) -> bool {
        self.members.contains(id)
    }

    /// How many paths are in the closure.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Is there no path at all (no roots)?
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Sum of the NAR sizes in bytes; `None` if one of them is unknown.
    pub fn nar_size(&self) -> Option<u64> {
        (self.unknown_sizes == 0).then_some(self.known_nar_size)
    }

    /// Sum of the NAR sizes that are known, in bytes.
    pub fn known_nar_size(&self) -> u64 {
        self.known_nar_size
    }

    /// How many paths have an unknown NAR size.
    pub fn unknown_sizes(&self) -> usize {
        self.unknown_sizes
    }

    /// The referrers of a path inside the closure, ascending.
    pub fn referrers<'a>(
        &'a self,
        graph: &'a StoreGraph,
        id: PathId,
    ) -> impl Iterator<Item = PathId> + 'a {
        graph
            .referrers(id)
            .iter()
            .copied()
            .filter(|&referrer| self.contains(referrer))
    }
}
