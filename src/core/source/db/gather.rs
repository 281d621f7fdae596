//! Collects a closure from the two tables: by index for a small closure of a big store, else by reading them in order.

mod fragment;
mod references;

use fixedbitset::FixedBitSet;
use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::ids::Ids;
use super::pages::{Pages, Stop};
use super::record::DbRecord;
use super::tables::{Layout, Tables};
use crate::job::Progress;
use crate::model::GraphBuilder;
use crate::model::graph_builder::Draft;
use crate::source::SourceError;

/// Looking a path up costs this many times what reading it in order does, and a walk that is given up was in vain.
const WALK_FRACTION: usize = 64;
/// A walk this short is always worth trying.
const SHORT_WALK: usize = 64;
/// Rows between two looks at the progress.
const STRIDE: u64 = 4096;
/// Stands in an edge for a row that does not exist.
pub(super) const NOWHERE: u32 = u32::MAX;

/// What is being collected: paths by slot (a number that stands for a row), and references between slots.
pub(super) struct Gathering<'a, 'c> {
    pub(super) tables: &'a Tables<'c>,
    pub(super) builder: GraphBuilder,
    pub(super) progress: &'a Progress,
    details: bool,
    /// Whether every name is interned, for databases that name a path twice.
    repeats: bool,
    /// The file's own pages, where they may be read.
    pages: Option<&'a (Pages, Layout)>,
    pub(super) edges: Vec<(u32, u32)>,
    pub(super) drafts: Vec<Option<Draft>>,
}

/// What should be collected.
pub(super) enum WantedPaths<'i> {
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
        pages: Option<&'a (Pages, Layout)>,
    ) -> Self {
        Self {
            tables,
            builder,
            progress,
            details,
            repeats,
            pages,
            edges: Vec::new(),
            drafts: Vec::new(),
        }
    }

    /// Collects by whichever way is faster.
    pub(super) fn collect(
        mut self,
        wanted: &WantedPaths<'_>,
    ) -> Result<Gathered, Stop<SourceError>> {
        let most = self
            .tables
            .bound("SELECT max(id) FROM ValidPaths")
            .unwrap_or_default();
        let budget = usize::try_from(most).unwrap_or_default() / WALK_FRACTION;
        if let WantedPaths::Closure(roots) = wanted
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

    /// Reads all references, walks them in memory, then reads the paths that belong to the closure.
    fn scan(mut self, wanted: &WantedPaths<'_>) -> Result<Gathered, Stop<SourceError>> {
        let mut ids = Ids::of(self.tables);
        let starts = self.scan_references(&mut ids)?;
        let (asked, whole) = match wanted {
            WantedPaths::Closure(asked) => (*asked, false),
            WantedPaths::Whole(asked) => (*asked, true),
        };
        let asked: Vec<u32> = asked.iter().filter_map(|&id| ids.slot(id)).collect();
        let members = (!whole).then(|| {
            let mut members = FixedBitSet::with_capacity(ids.len());
            self.reach(&asked, &starts, &mut members);
            members
        });
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

    /// Adds what the roots reach to `members`; what is in there already has been walked.
    fn reach(&self, roots: &[u32], starts: &[u32], members: &mut FixedBitSet) {
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
    }

    /// Reads `ValidPaths` and adds the members, or everything.
    fn scan_paths(
        &mut self,
        ids: &mut Ids,
        members: Option<&FixedBitSet>,
    ) -> Result<(), Stop<SourceError>> {
        let tables = self.tables;
        self.progress.start("reading paths", ids.expected_paths());
        self.drafts = vec![None; ids.len()];
        if let (Some((pages, layout)), &Ids::Same { len }, false) =
            (self.pages, &*ids, self.repeats)
        {
            let wanted = |id| {
                Ids::same(id, len)
                    .filter(|&slot| members.is_none_or(|set| set.contains(slot as usize)))
            };
            return self.scan_pages(pages, layout, &wanted);
        }
        let mut read = 0;
        let mut statement = tables.sql(tables.connection.prepare(&tables.select_records("")))?;
        let mut rows = tables.sql(statement.query([]))?;
        while let Some(row) = tables.sql(rows.next())? {
            self.count(&mut read)?;
            let id = integer(tables.sql(row.get_ref(0))?);
            if id.is_none() {
                self.builder.warn("rows without a number, left out", read);
            }
            if let Some(slot) = self.wanted_slot(id, ids, members) {
                self.add_row(slot, row)?;
            }
        }
        Ok(())
    }

    fn count(&self, read: &mut u64) -> Result<(), SourceError> {
        *read += 1;
        if read.is_multiple_of(STRIDE) {
            self.progress.advance(STRIDE)?;
        }
        Ok(())
    }

    /// The slot of a row that belongs to what is wanted.
    fn wanted_slot(
        &mut self,
        id: Option<i64>,
        ids: &mut Ids,
        members: Option<&FixedBitSet>,
    ) -> Option<usize> {
        let slot = ids.slot(id?)? as usize;
        if members.is_some_and(|set| !set.contains(slot)) {
            return None;
        }
        if slot >= self.drafts.len() {
            self.drafts.resize(slot + 1, None);
        }
        Some(slot)
    }

    /// Adds the path of a row.
    pub(super) fn add_row(&mut self, slot: usize, row: &Row<'_>) -> Result<(), SourceError> {
        let record = DbRecord::read(row, &mut self.builder, self.details);
        self.add(slot, self.tables.sql(record)?)
    }

    fn add(&mut self, slot: usize, record: Option<DbRecord<'_>>) -> Result<(), SourceError> {
        let Some(record) = record else {
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
        let draft = draft.ok_or_else(|| self.too_large())?;
        if let Some(details) = record.details {
            details.tell(&mut self.builder, draft);
        }
        self.drafts[slot] = Some(draft);
        Ok(())
    }

    fn too_large(&self) -> SourceError {
        SourceError::TooLarge {
            origin: self.tables.file().display().to_string(),
        }
    }

    fn record_again(&mut self, draft: Draft, record: &DbRecord<'_>) {
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
        let mut reached = FixedBitSet::with_capacity(slots);
        self.reach(&roots, &starts, &mut reached);
        for slot in all {
            if !reached.contains(slot as usize) {
                self.reach(&[slot], &starts, &mut reached);
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

fn integer(value: ValueRef<'_>) -> Option<i64> {
    match value {
        ValueRef::Integer(number) => Some(number),
        _ => None,
    }
}
