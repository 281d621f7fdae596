//! Reads `Refs`, sorted by referrer.

use rusqlite::types::ValueRef;

use super::{Gathering, NOWHERE, STRIDE, integer};
use crate::source::SourceError;
use crate::source::db::ids::Ids;
use crate::source::db::pages::Stop;

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
        if let Some((pages, layout)) = self.pages {
            pages.each(layout.references, [0, 1], &mut |_, values| {
                self.take_reference(&mut row, values[0], values[1], ids)
            })?;
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
            let kind = "references of database rows that do not exist, left out";
            let number = referrer.map_or("?".to_owned(), |id| id.to_string());
            self.builder.warn(kind, number);
            return Ok(());
        }
        let to = integer(reference).and_then(|id| ids.slot(id));
        self.edges.push((row.from, to.unwrap_or(NOWHERE)));
        Ok(())
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
        let origin = || SourceError::TooLarge {
            origin: self.tables.file().display().to_string(),
        };
        starts[slot] = at.ok_or_else(origin)?;
        Ok(())
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
