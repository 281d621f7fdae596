//! Small numbers for the rows of a table whose own numbers can be anything.

use std::collections::HashMap;

use super::tables::Tables;

/// Numbering rows directly is worth this many numbers for each page of the database, gaps included.
const PER_PAGE: u64 = 128;
/// Tables of this many numbers are always small enough.
const ALWAYS: u64 = 1 << 20;

/// Gives every row id a slot: a small number, below [`Ids::len`].
pub(super) enum Ids {
    /// Slots are the ids. Every id above is that of no row.
    Same {
        /// One more than the greatest id.
        len: usize,
    },
    /// Slots are given out as ids occur: for ids that are negative or far beyond the size of the database.
    Mapped(HashMap<i64, u32>),
}

impl Ids {
    /// Decides by the greatest id and the size of the database.
    pub(super) fn of(tables: &Tables<'_>) -> Self {
        let least = tables.bound("SELECT min(id) FROM ValidPaths");
        let most = tables.bound("SELECT max(id) FROM ValidPaths");
        let pages = tables.bound("PRAGMA page_count").unwrap_or_default();
        let worth = pages.unsigned_abs().saturating_mul(PER_PAGE).max(ALWAYS);
        match (least, most) {
            (Some(0..), Some(most)) if most.unsigned_abs() < worth.min(u64::from(u32::MAX)) => {
                Self::Same {
                    len: most.unsigned_abs() as usize + 1,
                }
            }
            _ => Self::Mapped(HashMap::new()),
        }
    }

    /// The slot of an id; `None` where no row can have it.
    #[inline]
    pub(super) fn slot(&mut self, id: i64) -> Option<u32> {
        match self {
            Self::Same { len } => Self::same(id, *len),
            Self::Mapped(slots) => {
                let next = u32::try_from(slots.len()).ok()?;
                Some(*slots.entry(id).or_insert(next))
            }
        }
    }

    /// [`Ids::slot`] of [`Ids::Same`], for many threads.
    #[inline]
    pub(super) fn same(id: i64, len: usize) -> Option<u32> {
        let id = u32::try_from(id).ok()?;
        ((id as usize) < len).then_some(id)
    }

    /// How many slots there are by now.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Same { len } => *len,
            Self::Mapped(slots) => slots.len(),
        }
    }

    /// About how many paths there are.
    pub(super) fn expected_paths(&self) -> u64 {
        self.len() as u64
    }
}
