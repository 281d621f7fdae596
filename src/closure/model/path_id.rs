//! The id of a path within one graph.

/// A path of one graph. Ids come only from the graph, are dense, and ascend with the base names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathId(u32);

impl PathId {
    /// The id at a position; `index` must be below the graph's length.
    #[inline]
    pub fn new(index: usize) -> Self {
        debug_assert!(u32::try_from(index).is_ok());
        Self(index as u32)
    }

    /// The position in columns and rows.
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}
