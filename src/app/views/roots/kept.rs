//! What is kept of the roots of the store when that is read again: which are marked, and which generations are open.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::source::roots::store_roots::StoreRoots;

use super::Roots;

/// What is kept, by the first link of each row.
#[derive(Debug, Clone)]
pub(super) struct KeptRoots {
    marked: BTreeSet<PathBuf>,
    open: BTreeSet<PathBuf>,
}

/// The link by which a row is found again.
fn link(store: &StoreRoots, row: usize) -> Option<&Path> {
    let first = *store.rows.get(row)?.roots.first()?;
    Some(&store.listed.roots.get(first)?.link)
}

impl KeptRoots {
    /// Takes down the marked rows, and those that are open.
    pub(super) fn of(store: &StoreRoots, marked: &BTreeSet<usize>, found: &Roots) -> Self {
        let links = |rows: &mut dyn Iterator<Item = usize>| {
            let links = rows.filter_map(|row| link(store, row));
            links.map(Path::to_owned).collect()
        };
        Self {
            marked: links(&mut marked.iter().copied()),
            open: links(&mut found.open_rows()),
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

/// The rows of these links.
fn rows(store: &StoreRoots, links: &BTreeSet<PathBuf>) -> BTreeSet<usize> {
    let is_one = |&row: &usize| link(store, row).is_some_and(|link| links.contains(link));
    let rows = if links.is_empty() {
        0
    } else {
        store.rows.len()
    };
    (0..rows).filter(is_one).collect()
}
