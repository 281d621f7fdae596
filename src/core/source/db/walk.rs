//! The closure of a few paths by index: two look-ups a path, whatever the size of the store.

use std::collections::HashMap;

use rusqlite::types::ValueRef;

use super::gather::{Gathering, NOWHERE};
use crate::source::SourceError;

impl Gathering<'_, '_> {
    /// Follows references by index, at most `budget` paths far.
    pub(super) fn walk(
        &mut self,
        roots: &[i64],
        budget: usize,
    ) -> Result<Option<Vec<u32>>, SourceError> {
        self.progress.start("following references", 0);
        let tables = self.tables;
        let query = "SELECT reference FROM Refs WHERE referrer = ?";
        let mut statement = tables.sql(tables.connection.prepare(query))?;
        let mut slots: HashMap<i64, u32> = HashMap::new();
        let mut order = Vec::new();
        let mut slot_of = |id: i64, order: &mut Vec<i64>| {
            *slots.entry(id).or_insert_with(|| {
                order.push(id);
                order.len() as u32 - 1
            })
        };
        let asked = roots.iter().map(|&id| slot_of(id, &mut order)).collect();
        let mut at = 0;
        while at < order.len() {
            if order.len() > budget {
                self.edges = Vec::new();
                return Ok(None);
            }
            self.progress.advance(1)?;
            let mut rows = tables.sql(statement.query([order[at]]))?;
            while let Some(row) = tables.sql(rows.next())? {
                let target = match tables.sql(row.get_ref(0))? {
                    ValueRef::Integer(id) => slot_of(id, &mut order),
                    _ => NOWHERE,
                };
                self.edges.push((at as u32, target));
            }
            at += 1;
        }
        self.look_up(&order)?;
        Ok(Some(asked))
    }

    /// Adds the paths with these row ids; the slot of each is its position.
    fn look_up(&mut self, ids: &[i64]) -> Result<(), SourceError> {
        self.progress.start("reading paths", ids.len() as u64);
        self.drafts = vec![None; ids.len()];
        let query = self.tables.select_records("WHERE id = ?");
        let mut statement = self.tables.sql(self.tables.connection.prepare(&query))?;
        let mut in_order: Vec<u32> = (0..ids.len() as u32).collect();
        in_order.sort_unstable_by_key(|&slot| ids[slot as usize]);
        for slot in in_order {
            self.progress.advance(1)?;
            let mut rows = self.tables.sql(statement.query([ids[slot as usize]]))?;
            while let Some(row) = self.tables.sql(rows.next())? {
                self.add_row(slot as usize, row)?;
            }
        }
        Ok(())
    }
}
