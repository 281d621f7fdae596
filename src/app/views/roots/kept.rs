//! What is kept of the roots of the store when that is read again: which are marked, and which generations are open.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::source::roots::store_roots::StoreRoots;

use super::pane::RootsView;

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

impl RootsView {
    /// Takes down what is marked and open.
    pub(super) fn keep(&self) -> Option<KeptRoots> {
        let Some((store, found)) = self.store().zip(self.groups.found()) else {
            return self.kept.clone();
        };
        let links = |rows: &mut dyn Iterator<Item = usize>| {
            let links = rows.filter_map(|row| link(store, row));
            links.map(Path::to_owned).collect()
        };
        Some(KeptRoots {
            marked: links(&mut self.marked.iter().copied()),
            open: links(&mut found.open_rows()),
        })
    }

    /// Marks and opens the same rows again once the roots are there.
    pub(super) fn take_up_kept(&mut self) {
        let Some((store, found)) = self.store().zip(self.groups.found()) else {
            return;
        };
        let Some(kept) = &self.kept else { return };
        let rows = |links: &BTreeSet<PathBuf>| -> BTreeSet<usize> {
            let is_one = |&row: &usize| link(store, row).is_some_and(|link| links.contains(link));
            let rows = if links.is_empty() {
                0
            } else {
                store.rows.len()
            };
            (0..rows).filter(is_one).collect()
        };
        let mut open = rows(&kept.open);
        open.retain(|&row| found.is_open(row) == Some(false));
        (self.marked, self.opening) = (rows(&kept.marked), open);
        self.kept = None;
    }
}
