//! What is kept of the roots of the store when that is read again: which are marked, and which generations are open.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::source::roots::store_roots::StoreRoots;

use super::Roots;

/// A row, told by its first link and what it leads to: one that leads elsewhere now is another.
type RootKey = (PathBuf, Vec<String>);

/// What is kept.
#[derive(Debug, Clone)]
pub(super) struct KeptRoots {
    marked: BTreeSet<RootKey>,
    open: BTreeSet<RootKey>,
}

/// What tells a row.
fn key(store: &StoreRoots, row: usize) -> Option<RootKey> {
    let row = store.rows.get(row)?;
    let first = store.listed.roots.get(*row.roots.first()?)?;
    let targets = row.targets.iter();
    let targets = targets.map(|&id| store.graph.base_name(id).to_owned());
    Some((first.link.clone(), targets.collect()))
}

impl KeptRoots {
    /// Takes down the marked rows, and those that are open.
    pub(super) fn of(store: &StoreRoots, marked: &BTreeSet<usize>, found: &Roots) -> Self {
        let key = |row: usize| key(store, row);
        Self {
            marked: marked.iter().copied().filter_map(key).collect(),
            open: found.open_rows().filter_map(key).collect(),
        }
    }

    /// The rows of another reading that are to be marked.
    pub(super) fn marked(&self, store: &StoreRoots) -> BTreeSet<usize> {
        rows(store, &self.marked)
    }

    /// Those that are to be opened.
    pub(super) fn open(&self, store: &StoreRoots, found: &Roots) -> BTreeSet<usize> {
        let mut open = rows(store, &self.open);
        open.retain(|&row| found.is_open(row) == Some(false));
        open
    }
}

/// The rows of these keys.
fn rows(store: &StoreRoots, keys: &BTreeSet<RootKey>) -> BTreeSet<usize> {
    let rows = if keys.is_empty() { 0 } else { store.rows.len() };
    let is_one = |&row: &usize| key(store, row).is_some_and(|key| keys.contains(&key));
    (0..rows).filter(is_one).collect()
}
