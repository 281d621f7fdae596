//! Reads `Refs`, sorted by referrer.

use rusqlite::types::ValueRef;

use super::{Gathering, NOWHERE, STRIDE, integer};
use crate::source::SourceError;
use crate::source::db::ids::Ids;
use crate::source::db::pages::{Stop, Values};

impl Gathering<'_, '_> {
    /// Reads `Refs`, sorted by referrer. Gives the position of each slot's first reference.
    pub(super) fn scan_references(&mut self, ids: &mut Ids) -> Result<Vec<u32>, Stop<SourceError>> {
        let tables = self.tables;
        let total = tables.bound("SELECT max(rowid) FROM Refs");
        let total = total.and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
        self.progress.start("reading references", total);
        let mut row = ReferenceRows {
            starts: vec![NOWHERE; ids.len()],
            last: None,
            from: NOWHERE,
            read: 0,
        };
        if let (Some((pages, layout)), &Ids::Same { len }) = (self.pages, &*ids) {
            let slot = |value: ValueRef<'_>| Ids::same(integer(value)?, len);
            let read = |edges: &mut Edges, _: i64, values: &Values<'_, 2>| {
                edges.add(values[0], slot(values[0]), slot(values[1]));
            };
            let take = |edges| self.take_edges(&mut row, edges);
            pages.each(layout.references, [0, 1], Edges::default, read, take)?;
        } else {
            let query = "SELECT referrer, reference FROM Refs ORDER BY referrer, reference";
            let mut statement = tables.sql(tables.connection.prepare(query))?;
            let mut rows = tables.sql(statement.query([]))?;
            while let Some(found) = tables.sql(rows.next())? {
                let referrer = tables.sql(found.get_ref(0))?;
                let reference = tables.sql(found.get_ref(1))?;
                self.take_reference(&mut row, referrer, reference, ids)?;
            }
        }
        let mut starts = row.starts;
        starts.resize(ids.len(), NOWHERE);
        Ok(starts)
    }

    fn take_reference(
        &mut self,
        row: &mut ReferenceRows,
        referrer: ValueRef<'_>,
        reference: ValueRef<'_>,
        ids: &mut Ids,
    ) -> Result<(), SourceError> {
        row.read += 1;
        if row.read.is_multiple_of(STRIDE) {
            self.progress.advance(STRIDE)?;
        }
        let referrer = integer(referrer);
        if row.read == 1 || row.last != referrer {
            row.last = referrer;
            row.from = referrer.and_then(|id| ids.slot(id)).unwrap_or(NOWHERE);
            self.mark_start(&mut row.starts, row.from)?;
        }
        if row.from == NOWHERE {
            self.warn_of_stray(referrer);
            return Ok(());
        }
        let to = integer(reference).and_then(|id| ids.slot(id));
        self.edges.push((row.from, to.unwrap_or(NOWHERE)));
        Ok(())
    }

    /// Takes many references at once, of referrers that may have begun before.
    fn take_edges(&mut self, row: &mut ReferenceRows, edges: Edges) -> Result<(), SourceError> {
        self.progress
            .advance((edges.known.len() + edges.strays.len()) as u64)?;
        for &(from, to) in &edges.known {
            if from != row.from {
                row.from = from;
                self.mark_start(&mut row.starts, from)?;
            }
            self.edges.push((from, to));
        }
        for referrer in edges.strays {
            self.warn_of_stray(referrer);
        }
        Ok(())
    }

    fn warn_of_stray(&mut self, referrer: Option<i64>) {
        let kind = "references of database rows that do not exist, left out";
        let number = referrer.map_or("?".to_owned(), |id| id.to_string());
        self.builder.warn(kind, number);
    }

    fn mark_start(&self, starts: &mut Vec<u32>, from: u32) -> Result<(), SourceError> {
        if from == NOWHERE {
            return Ok(());
        }
        let slot = from as usize;
        if slot >= starts.len() {
            starts.resize(slot + 1, NOWHERE);
        }
        let at = u32::try_from(self.edges.len())
            .ok()
            .filter(|&at| at != NOWHERE);
        starts[slot] = at.ok_or_else(|| self.too_large())?;
        Ok(())
    }
}

/// Neighbouring references.
#[derive(Default)]
struct Edges {
    /// Between slots.
    known: Vec<(u32, u32)>,
    /// Referrers that are no rows, once for each of their references.
    strays: Vec<Option<i64>>,
}

impl Edges {
    fn add(&mut self, referrer: ValueRef<'_>, from: Option<u32>, to: Option<u32>) {
        match from {
            Some(from) => self.known.push((from, to.unwrap_or(NOWHERE))),
            None => self.strays.push(integer(referrer)),
        }
    }
}

/// How far the reading of references is.
struct ReferenceRows {
    starts: Vec<u32>,
    /// The referrer of the row before, and its slot.
    last: Option<i64>,
    from: u32,
    read: u64,
}
