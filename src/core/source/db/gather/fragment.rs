//! Reads `ValidPaths` from the file's pages, many neighbouring rows at a time.

use super::{Draft, Gathering, GraphBuilder};
use crate::source::SourceError;
use crate::source::db::pages::{Pages, Stop, Values};
use crate::source::db::record::DbRecord;
use crate::source::db::tables::Layout;

/// The paths of neighbouring rows.
struct Fragment {
    builder: GraphBuilder,
    /// The slot of each path.
    slots: Vec<u32>,
    /// Whether no more paths fit.
    full: bool,
}

impl Gathering<'_, '_> {
    /// Adds the rows that `wanted` knows the slot of.
    pub(super) fn scan_pages(
        &mut self,
        pages: &Pages,
        layout: &Layout,
        wanted: &(dyn Fn(i64) -> Option<u32> + Sync),
    ) -> Result<(), Stop<SourceError>> {
        let all @ [path, registered, nar_size, ..] = layout.columns;
        if self.details {
            self.scan_columns(pages, layout.paths, all, wanted, |values, id, builder| {
                DbRecord::detailed(values, id, builder)
            })
        } else {
            let some = [path, registered, nar_size];
            self.scan_columns(pages, layout.paths, some, wanted, |values, id, builder| {
                DbRecord::of(values, id, builder)
            })
        }
    }

    fn scan_columns<const COLUMNS: usize>(
        &mut self,
        pages: &Pages,
        first: u32,
        columns: [usize; COLUMNS],
        wanted: &(dyn Fn(i64) -> Option<u32> + Sync),
        record: for<'r> fn(&Values<'r, COLUMNS>, i64, &mut GraphBuilder) -> Option<DbRecord<'r>>,
    ) -> Result<(), Stop<SourceError>> {
        let store_dir = self.builder.store_dir().clone();
        let (details, mut invalid) = (self.details, false);
        let new = || Fragment {
            builder: GraphBuilder::new(store_dir.clone(), details),
            slots: Vec::new(),
            full: false,
        };
        let read = |fragment: &mut Fragment, id: i64, values: &Values<'_, COLUMNS>| {
            if let Some(slot) = wanted(id)
                && let Some(record) = record(values, id, &mut fragment.builder)
            {
                fragment.add(slot, record);
            }
        };
        pages.each(first, columns, new, read, |fragment| {
            invalid |= !self.take_fragment(fragment)?;
            Ok(())
        })?;
        if invalid { Err(Stop::Invalid) } else { Ok(()) }
    }

    /// Takes paths over. `false` when a row has a number that another row has.
    fn take_fragment(&mut self, fragment: Fragment) -> Result<bool, SourceError> {
        self.progress.advance(fragment.slots.len() as u64)?;
        let first = self.builder.len();
        if fragment.full || self.builder.append(fragment.builder).is_none() {
            return Err(self.too_large());
        }
        let mut unique = true;
        for (at, &slot) in fragment.slots.iter().enumerate() {
            let draft = &mut self.drafts[slot as usize];
            unique &= draft.is_none();
            *draft = Some(Draft::at(first + at));
        }
        Ok(unique)
    }
}

impl Fragment {
    fn add(&mut self, slot: u32, record: DbRecord<'_>) {
        let Some(draft) = self.builder.add(&record.base_name, record.info) else {
            self.full = true;
            return;
        };
        if let Some(details) = record.details {
            details.tell(&mut self.builder, draft);
        }
        self.slots.push(slot);
    }
}
