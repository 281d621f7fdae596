//! Details of paths while a graph is being put together: from the beginning in the form in which the graph keeps them, so
//! that a path costs no piece of memory of its own.

use crate::model::graph::{DETAIL_SEPARATOR, DetailColumns};
use crate::model::path_info::{Details, NarHash};

/// What is told of a path besides its NAR hash and its signatures. What is not known is empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct DetailFields<'a> {
    /// The deriver, as a full path.
    pub deriver: &'a str,
    /// The content address, as Nix writes it.
    pub content_address: &'a str,
    /// Whether it was built here.
    pub ultimate: bool,
}

/// The details told so far.
#[derive(Debug, Default)]
pub(super) struct DraftDetails {
    /// For each path the number of its row, counted from 1; 0 for one without.
    rows: Vec<u32>,
    columns: DetailColumns,
    text: String,
}

impl DraftDetails {
    /// Notes what is told of the path at a position; the last word counts.
    pub(super) fn record<'a>(
        &mut self,
        at: usize,
        nar_hash: Option<NarHash>,
        fields: DetailFields<'_>,
        signatures: impl Iterator<Item = &'a str>,
    ) {
        self.text.clear();
        self.add(fields.deriver);
        self.text.push(DETAIL_SEPARATOR);
        self.add(fields.content_address);
        self.text.push(DETAIL_SEPARATOR);
        self.add(if fields.ultimate { "u" } else { "" });
        for signature in signatures {
            self.text.push(DETAIL_SEPARATOR);
            self.add(signature);
        }
        self.columns.add(nar_hash, &self.text);
        if self.rows.len() <= at {
            self.rows.resize(at + 1, 0);
        }
        self.rows[at] = self.columns.nar_hashes.len() as u32;
    }

    /// Adds a field, in which the separator cannot occur.
    fn add(&mut self, field: &str) {
        if field.contains(DETAIL_SEPARATOR) {
            self.text += &field.replace(DETAIL_SEPARATOR, " ");
        } else {
            self.text += field;
        }
    }

    /// Takes over what is told of other paths, the first of which stands at a position. `None` when that is too much.
    pub(super) fn append(&mut self, first: usize, other: &Self) -> Option<()> {
        let before = self.columns.nar_hashes.len() as u32;
        if !self.columns.texts.append(&other.columns.texts) {
            return None;
        }
        let hashes = &other.columns.nar_hashes;
        self.columns.nar_hashes.extend_from_slice(hashes);
        self.rows.resize(first, 0);
        let moved = |&row: &u32| if row == 0 { 0 } else { row + before };
        self.rows.extend(other.rows.iter().map(moved));
        Some(())
    }

    /// The details of all paths in their final order.
    pub(super) fn permuted(&self, order: &[u32]) -> DetailColumns {
        let mut sorted = DetailColumns::with_capacity(order.len(), self.columns.texts.bytes());
        for &old in order {
            let row = self.rows.get(old as usize).copied().unwrap_or(0);
            match row.checked_sub(1) {
                Some(row) => {
                    let row = row as usize;
                    sorted.add(self.columns.nar_hashes[row], self.columns.texts.get(row));
                }
                None => sorted.add(None, ""),
            }
        }
        sorted.shrink();
        sorted
    }
}

impl Details {
    pub(super) fn fields(&self) -> DetailFields<'_> {
        DetailFields {
            deriver: self.deriver.as_deref().unwrap_or_default(),
            content_address: self.content_address.as_deref().unwrap_or_default(),
            ultimate: self.ultimate,
        }
    }
}
