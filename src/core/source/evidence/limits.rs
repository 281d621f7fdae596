//! How many occurrences are kept.

/// How many occurrences are kept. Counts are always complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For each reference.
    pub per_reference: usize,
    /// For each class of a reference in one file.
    pub per_file: usize,
}

impl Limits {
    /// As many as are worth looking at when a person asks for a few references.
    pub const DETAILED: Self = Self {
        per_reference: 1000,
        per_file: 20,
    };

    /// As many as a program may want to read of that many references.
    pub fn for_programs(references: usize) -> Self {
        /// Occurrences written over all references; a few hundred bytes each.
        const IN_ALL: usize = 2_000_000;
        const OF_ONE: usize = 10_000;
        let per_reference = (IN_ALL / references.max(1)).clamp(20, OF_ONE);
        Self {
            per_reference,
            per_file: per_reference,
        }
    }

    /// As many as memory allows when this many references are looked at in one pass.
    pub fn for_references(count: usize) -> Self {
        /// Occurrences kept over all references; a few hundred bytes each.
        const IN_ALL: usize = 100_000;
        Self {
            per_reference: (IN_ALL / count.max(1)).clamp(2, Self::DETAILED.per_reference),
            per_file: 3,
        }
    }
}
