//! Collects a closure from the two tables: by index for a small closure of a big store, else by reading them in order.

use std::collections::HashMap;

use fixedbitset::FixedBitSet;
use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::ids::Ids;
use super::tables::{Record, Tables};
use crate::job::Progress;
use crate::model::GraphBuilder;
use crate::model::graph_builder::Draft;
use crate::source::SourceError;

/// Looking a path up costs this many times what reading it in order does, and whoever gives up has walked in vain.
const WALK_FRACTION: usize = 32;
/// A walk this short is always worth trying.
const SHORT_WALK: usize = 64;
/// Rows between two looks at the progress.
const STRIDE: u64 = 4096;
/// Stands in an edge for a row that does not exist.
const NOWHERE: u32 = u32::MAX;

/// What is being collected: paths by slot (a number that stands for a row), and references between slots.
pub(super) struct Gathering<'a, 'c> {
    pub(super) tables: &'a Tables<'c>,
    pub(super) builder: GraphBuilder,
    progress: &'a Progress,
    details: bool,
    /// Interns every name, for databases that name a path twice.
    repeats: bool,
    edges: Vec<(u32, u32)>,
    drafts: Vec<Option<Draft>>,
}

/// What shall be collected.
pub(super) enum Wanted<'i> {
    /// Everything reachable from these rows.
    Closure(&'i [i64]),
    /// Every path. The rows are roots; without any, what nothing refers to.
    Whole(&'i [i64]),
}

/// A builder with everything wanted in it.
pub(super) struct Gathered {
    pub(super) builder: GraphBuilder,
    /// The draft of each row asked for; for a whole store without any, of what nothing refers to.
    pub(super) drafts: Vec<Option<Draft>>,
}

impl<'a, 'c> Gathering<'a, 'c> {
    pub(super) fn new(
        tables: &'a Tables<'c>,
        builder: GraphBuilder,
        progress: &'a Progress,
        (details, repeats): (bool, bool),
    ) -> Self {
        Self {
            tables,
            builder,
            progress,
            details,
            repeats,
            edges: Vec::new(),
            drafts: Vec::new(),
        }
    }

    /// Collects by whichever way is faster.
    pub(super) fn collect(mut self, wanted: &Wanted<'_>) -> Result<Gathered, SourceError> {
        let most = self
            .tables
            .bound("SELECT max(id) FROM ValidPaths")
            .unwrap_or_default();
        let budget = usize::try_from(most).unwrap_or_default() / WALK_FRACTION;
        if let Wanted::Closure(roots) = wanted
            && let Some(drafts) = self.walk(roots, budget.max(SHORT_WALK))?
        {
            let drafts = drafts
                .iter()
                .map(|&slot| self.drafts[slot as usize])
                .collect();
            return Ok(self.finish(drafts));
        }
        self.scan(wanted)
    }

    /// Follows references by index, at most `budget` paths far.
    fn walk(&mut self, roots: &[i64], budget: usize) -> Result<Option<Vec<u32>>, SourceError> {
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
                self.add(slot as usize, row)?;
            }
        }
        Ok(())
    }

    /// Reads all references, walks them in memory, then reads the paths that belong to the closure.
    fn scan(mut self, wanted: &Wanted<'_>) -> Result<Gathered, SourceError> {
        let mut ids = Ids::of(self.tables);
        let starts = self.scan_references(&mut ids)?;
        let (asked, whole) = match wanted {
            Wanted::Closure(asked) => (*asked, false),
            Wanted::Whole(asked) => (*asked, true),
        };
        let asked: Vec<u32> = asked.iter().filter_map(|&id| ids.slot(id)).collect();
        let members = (!whole).then(|| self.reachable(&asked, &starts, ids.len()));
        drop(starts);
        self.scan_paths(&mut ids, members.as_ref())?;
        let roots = if whole && asked.is_empty() {
            self.unreferenced()
        } else {
            let drafts = &self.drafts;
            let draft = |slot: &u32| drafts.get(*slot as usize).copied().flatten();
            asked.iter().map(draft).collect()
        };
        Ok(self.finish(roots))
    }

    /// Reads `Refs`, sorted by referrer. Gives the position of each slot's first reference.
    fn scan_references(&mut self, ids: &mut Ids) -> Result<Vec<u32>, SourceError> {
        let tables = self.tables;
        let total = tables.bound("SELECT max(rowid) FROM Refs");
        let total = total.and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
        self.progress.start("reading references", total);
        let query = "SELECT referrer, reference FROM Refs ORDER BY referrer, reference";
        let mut statement = tables.sql(tables.connection.prepare(query))?;
        let mut rows = tables.sql(statement.query([]))?;
        let mut starts = vec![NOWHERE; ids.len()];
        let (mut last, mut from, mut read) = (None, NOWHERE, 0);
        while let Some(row) = tables.sql(rows.next())? {
            read += 1;
            if read % STRIDE == 0 {
                self.progress.advance(STRIDE)?;
            }
            let referrer = integer(tables, row, 0)?;
            if last != Some(referrer) {
                last = Some(referrer);
                from = referrer.and_then(|id| ids.slot(id)).unwrap_or(NOWHERE);
                self.mark_start(&mut starts, from)?;
            }
            if from == NOWHERE {
                let kind = "references of database rows that do not exist, left out";
                self.builder
                    .warn(kind, referrer.map_or("?".to_owned(), |id| id.to_string()));
                continue;
            }
            let to = integer(tables, row, 1)?.and_then(|id| ids.slot(id));
            self.edges.push((from, to.unwrap_or(NOWHERE)));
        }
        starts.resize(ids.len(), NOWHERE);
        Ok(starts)
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

    fn reachable(&self, roots: &[u32], starts: &[u32], slots: usize) -> FixedBitSet {
        let mut members = FixedBitSet::with_capacity(slots);
        let mut stack = Vec::new();
        for &root in roots {
            if !members.put(root as usize) {
                stack.push(root);
            }
        }
        while let Some(slot) = stack.pop() {
            let start = starts.get(slot as usize).copied().unwrap_or(NOWHERE);
            let row = self.edges.get(start as usize..).unwrap_or_default();
            for &(_, to) in row.iter().take_while(|(from, _)| *from == slot) {
                if to != NOWHERE && !members.put(to as usize) {
                    stack.push(to);
                }
            }
        }
        members
    }

    /// Reads `ValidPaths` and adds the members, or everything.
    fn scan_paths(
        &mut self,
        ids: &mut Ids,
        members: Option<&FixedBitSet>,
    ) -> Result<(), SourceError> {
        let tables = self.tables;
        self.progress.start("reading paths", ids.expected_paths());
        self.drafts = vec![None; ids.len()];
        let mut statement = tables.sql(tables.connection.prepare(&tables.select_records("")))?;
        let mut rows = tables.sql(statement.query([]))?;
        let mut read = 0;
        while let Some(row) = tables.sql(rows.next())? {
            read += 1;
            if read % STRIDE == 0 {
                self.progress.advance(STRIDE)?;
            }
            let slot = integer(tables, row, 0)?.and_then(|id| ids.slot(id));
            let Some(slot) = slot.map(|slot| slot as usize) else {
                self.builder.warn("rows without a number, left out", read);
                continue;
            };
            if members.is_none_or(|set| set.contains(slot)) {
                if slot >= self.drafts.len() {
                    self.drafts.resize(slot + 1, None);
                }
                self.add(slot, row)?;
            }
        }
        Ok(())
    }

    /// Adds the path of a row.
    fn add(&mut self, slot: usize, row: &Row<'_>) -> Result<(), SourceError> {
        let record = Record::read(row, &mut self.builder, self.details);
        let Some(record) = self.tables.sql(record)? else {
            return Ok(());
        };
        if self.drafts[slot].is_some() {
            let kind = "rows with a number that another row has, left out";
            self.builder.warn(kind, &record.base_name);
            return Ok(());
        }
        let draft = if self.repeats {
            let draft = self.builder.intern(&record.base_name);
            draft.inspect(|&draft| self.record_again(draft, &record))
        } else {
            self.builder.add(&record.base_name, record.info)
        };
        let draft = draft.ok_or_else(|| SourceError::TooLarge {
            origin: self.tables.file().display().to_string(),
        })?;
        if let Some(details) = record.details {
            self.builder.record_details(draft, details);
        }
        self.drafts[slot] = Some(draft);
        Ok(())
    }

    fn record_again(&mut self, draft: Draft, record: &Record<'_>) {
        if self.builder.is_recorded(draft) {
            self.builder
                .warn("paths named by several rows", &record.base_name);
        }
        self.builder.record(draft, record.info);
    }

    /// What no other path refers to, and one path of every cycle that nothing outside it refers to.
    fn unreferenced(&self) -> Vec<Option<Draft>> {
        let slots = self.drafts.len();
        let mut referenced = FixedBitSet::with_capacity(slots);
        let mut starts = vec![NOWHERE; slots];
        for (at, &(from, to)) in self.edges.iter().enumerate() {
            if starts[from as usize] == NOWHERE {
                starts[from as usize] = at as u32;
            }
            let exists = self.drafts[from as usize].is_some();
            if exists && from != to && to != NOWHERE {
                referenced.insert(to as usize);
            }
        }
        let valid = |slot: &u32| self.drafts[*slot as usize].is_some();
        let all = (0..slots as u32).filter(valid);
        let mut roots: Vec<u32> = all
            .clone()
            .filter(|&slot| !referenced.contains(slot as usize))
            .collect();
        let mut reached = self.reachable(&roots, &starts, slots);
        for slot in all {
            if !reached.contains(slot as usize) {
                reached.union_with(&self.reachable(&[slot], &starts, slots));
                roots.push(slot);
            }
        }
        roots
            .iter()
            .map(|&slot| self.drafts[slot as usize])
            .collect()
    }

    /// Turns slots into positions in the builder.
    fn finish(mut self, drafts: Vec<Option<Draft>>) -> Gathered {
        let mut edges = std::mem::take(&mut self.edges);
        edges.retain_mut(|(from, to)| {
            let Some(referrer) = self.drafts[*from as usize] else {
                return false;
            };
            let Some(reference) = self.drafts.get(*to as usize).copied().flatten() else {
                let kind = "references to database rows that do not exist, left out";
                let name = self.builder.base_name(referrer).to_owned();
                self.builder.warn(kind, name);
                return false;
            };
            (*from, *to) = (referrer.position(), reference.position());
            true
        });
        self.builder.set_references(edges);
        Gathered {
            builder: self.builder,
            drafts,
        }
    }
}

fn integer(tables: &Tables<'_>, row: &Row<'_>, column: usize) -> Result<Option<i64>, SourceError> {
    Ok(match tables.sql(row.get_ref(column))? {
        ValueRef::Integer(number) => Some(number),
        _ => None,
    })
}
