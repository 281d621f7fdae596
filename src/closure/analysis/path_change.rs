//! What a comparison of two closures says of single paths: what became of each, and the bytes.

use crate::model::{Column, PathId};

/// What a comparison says of one path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PathChange {
    /// It is only after.
    Came,
    /// It is only after, and came in no path's place.
    Arrived,
    /// It is only before.
    Left,
    /// It is only before, and what came in its place is counted with it.
    Replaced,
    /// It is on both sides.
    Stayed,
}

impl PathChange {
    /// Each with the word for it.
    pub const WORDS: [(&str, Self); 5] = [
        ("came", Self::Came),
        ("arrived", Self::Arrived),
        ("left", Self::Left),
        ("replaced", Self::Replaced),
        ("stayed", Self::Stayed),
    ];

    /// What a word stands for.
    pub fn named(word: &str) -> Option<Self> {
        let mut words = Self::WORDS.into_iter();
        let found = words.find(|(other, _)| word.eq_ignore_ascii_case(other));
        found.map(|(_, change)| change)
    }

    /// Whether another word is true of it as well: what arrived also came, and what was replaced also left.
    pub fn is(self, other: Self) -> bool {
        let wider = match self {
            Self::Arrived => Self::Came,
            Self::Replaced => Self::Left,
            own => own,
        };
        other == self || other == wider
    }
}

/// What a comparison says of every path.
#[derive(Debug, Clone)]
pub struct Deltas {
    bytes: Column<Option<i64>>,
    changes: Column<Option<PathChange>>,
}

impl Deltas {
    /// That nothing is in either of the closures, of a graph of `paths` paths.
    pub(super) fn none(paths: usize) -> Self {
        Self {
            bytes: Column::filled(paths, None),
            changes: Column::filled(paths, None),
        }
    }

    /// Says of a path what became of it, and by how many bytes more that makes the closure after.
    pub(super) fn set(&mut self, id: PathId, change: PathChange, bytes: Option<i64>) {
        self.changes[id] = Some(change);
        self.bytes[id] = bytes;
    }

    /// By how many bytes more a path makes the closure after; negative where it is less. `None` for a path that was
    /// replaced, where a size is unknown, and outside both closures.
    pub fn bytes(&self, id: PathId) -> Option<i64> {
        self.bytes[id]
    }

    /// What became of a path; `None` outside both closures.
    pub fn change(&self, id: PathId) -> Option<PathChange> {
        self.changes[id]
    }
}
