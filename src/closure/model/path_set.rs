//! A set of paths as one bit each.

use fixedbitset::FixedBitSet;
use petgraph::visit::VisitMap;

use super::path_id::PathId;

/// A set of paths of one graph, one bit a path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PathSet {
    bits: FixedBitSet,
}

impl PathSet {
    /// The empty set over a graph of `paths` paths.
    pub fn empty(paths: usize) -> Self {
        Self {
            bits: FixedBitSet::with_capacity(paths),
        }
    }

    /// The set of the given paths.
    pub fn of(paths: usize, ids: impl IntoIterator<Item = PathId>) -> Self {
        let mut set = Self::empty(paths);
        set.extend(ids);
        set
    }

    /// Whether the path is in the set.
    #[inline]
    pub fn contains(&self, id: PathId) -> bool {
        self.bits.contains(id.index())
    }

    /// Puts a path in; `true` when it was not there.
    #[inline]
    pub fn insert(&mut self, id: PathId) -> bool {
        !self.bits.put(id.index())
    }

    /// Takes a path out; `true` when it was there.
    pub fn remove(&mut self, id: PathId) -> bool {
        let was = self.contains(id);
        self.bits.set(id.index(), false);
        was
    }

    /// How many paths are in the set (counts the bits).
    pub fn len(&self) -> usize {
        self.bits.count_ones(..)
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.bits.is_clear()
    }

    /// The members, ascending.
    pub fn iter(&self) -> impl Iterator<Item = PathId> + '_ {
        self.bits.ones().map(PathId::new)
    }

    /// Adds everything of `other`.
    pub fn union_with(&mut self, other: &Self) {
        self.bits.union_with(&other.bits);
    }

    /// Keeps only what is in `other` too.
    pub fn intersect_with(&mut self, other: &Self) {
        self.bits.intersect_with(&other.bits);
    }

    /// Takes out everything of `other`.
    pub fn subtract(&mut self, other: &Self) {
        self.bits.difference_with(&other.bits);
    }

    /// The members of `self` that `other` lacks.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let mut result = self.clone();
        result.subtract(other);
        result
    }
}

impl Extend<PathId> for PathSet {
    fn extend<I: IntoIterator<Item = PathId>>(&mut self, ids: I) {
        for id in ids {
            self.insert(id);
        }
    }
}

impl VisitMap<PathId> for PathSet {
    fn visit(&mut self, id: PathId) -> bool {
        self.insert(id)
    }
    fn is_visited(&self, id: &PathId) -> bool {
        self.contains(*id)
    }
    fn unvisit(&mut self, id: PathId) -> bool {
        self.remove(id)
    }
}
