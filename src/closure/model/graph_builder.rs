//! Puts a graph together from whatever order a source delivers its records in.

mod append;
mod details;

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use crate::job::both;

use super::graph::StoreGraph;
use super::names::Names;
use super::path_id::PathId;
use super::path_info::{Details, NarHash, PathInfo, Size};
use super::path_set::PathSet;
use super::store_path::{StoreDir, split_base_name};
use super::warning::Warnings;

pub use self::details::DetailFields;

use self::details::DraftDetails;
use super::graph::rows::rows_both_ways;

/// The kind of warning that [`GraphBuilder::finish`] gives for every path without a record.
pub const MISSING_RECORD: &str = "referenced, but without a record of its own";

/// Below this many paths everything is done before a thread has begun.
const WORTH_A_THREAD: usize = 2048;

/// A path while the graph is being built. Not a [`PathId`]: those exist only once all paths are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Draft(u32);

impl Draft {
    /// The draft of the path that was added after this many others.
    pub const fn at(position: usize) -> Self {
        Self(position as u32)
    }

    /// How many paths were added before this one: what [`GraphBuilder::set_references`] knows it by.
    pub const fn position(self) -> u32 {
        self.0
    }
}

/// Where a name is found again. With a piece of its hash at hand, the name itself is looked at only when it fits.
#[derive(Debug, Clone, Copy)]
struct Slot {
    short: u32,
    at: u32,
}

/// The hash table wants its bits spread over 64.
fn spread(short: u32) -> u64 {
    u64::from(short).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Collects paths and references, then sorts them into a [`StoreGraph`].
#[derive(Debug)]
pub struct GraphBuilder {
    store_dir: StoreDir,
    names: Names,
    infos: Vec<PathInfo>,
    recorded: Vec<bool>,
    details: Option<DraftDetails>,
    edges: Vec<(u32, u32)>,
    by_name: HashTable<Slot>,
    hasher: RandomState,
    total: u64,
    warnings: Warnings,
}

/// A finished graph, with the ids of what the source called its roots.
#[derive(Debug)]
pub struct Built {
    /// The graph.
    pub graph: StoreGraph,
    /// The id of each root that was given, in that order, duplicates left out.
    pub roots: Vec<PathId>,
    /// What was wrong with the records, without stopping the result.
    pub warnings: Warnings,
}

impl GraphBuilder {
    /// An empty builder. With `details`, what [`GraphBuilder::record_details`] is told is kept.
    pub fn new(store_dir: StoreDir, details: bool) -> Self {
        Self {
            store_dir,
            names: Names::default(),
            infos: Vec::new(),
            recorded: Vec::new(),
            details: details.then(DraftDetails::default),
            edges: Vec::new(),
            by_name: HashTable::new(),
            hasher: RandomState::new(),
            total: 0,
            warnings: Warnings::new(),
        }
    }

    /// The store directory given at the start.
    pub fn store_dir(&self) -> &StoreDir {
        &self.store_dir
    }

    /// Another store directory, for sources that learn it only on the way.
    pub fn set_store_dir(&mut self, store_dir: StoreDir) {
        self.store_dir = store_dir;
    }

    /// Whether details are kept.
    pub fn keeps_details(&self) -> bool {
        self.details.is_some()
    }

    /// How many paths are known so far.
    pub fn len(&self) -> usize {
        self.infos.len()
    }

    /// Whether nothing is known yet.
    pub fn is_empty(&self) -> bool {
        self.infos.is_empty()
    }

    /// The base name of a path.
    pub fn base_name(&self, draft: Draft) -> &str {
        self.names.get(draft.0 as usize)
    }

    /// Whether the path has a record of its own by now.
    pub fn is_recorded(&self, draft: Draft) -> bool {
        self.recorded[draft.0 as usize]
    }

    /// Finds the path with this base name, or makes one that has no record yet. `None` when the graph is full (4 GiB
    /// of names).
    pub fn intern(&mut self, base_name: &str) -> Option<Draft> {
        let short = self.hasher.hash_one(base_name) as u32;
        let names = &self.names;
        let is_it = |slot: &Slot| slot.short == short && names.get(slot.at as usize) == base_name;
        if let Some(found) = self.by_name.find(spread(short), is_it) {
            return Some(Draft(found.at));
        }
        let draft = self.add_unrecorded(base_name)?;
        let slot = Slot { short, at: draft.0 };
        self.by_name
            .insert_unique(spread(short), slot, |slot| spread(slot.short));
        Some(draft)
    }

    /// [`GraphBuilder::intern`] for many paths, appended to `drafts`. Faster than one by one: first all are looked up by
    /// hash, then all names are compared, so that the waits for memory overlap. `None` when the graph is full.
    pub fn intern_all(&mut self, base_names: &[&str], drafts: &mut Vec<Draft>) -> Option<()> {
        let first = drafts.len();
        for base_name in base_names {
            let short = self.hasher.hash_one(base_name) as u32;
            let found = self.by_name.find(spread(short), |slot| slot.short == short);
            drafts.push(Draft(found.map_or(u32::MAX, |slot| slot.at)));
        }
        for (base_name, draft) in base_names.iter().zip(&mut drafts[first..]) {
            let at = draft.0 as usize;
            if at >= self.infos.len() || self.names.get(at) != *base_name {
                *draft = self.intern(base_name)?;
            }
        }
        Some(())
    }

    /// Adds a path that the source promises to name only once, with its record: faster than [`GraphBuilder::intern`],
    /// which does not see it. `None` when the graph is full.
    pub fn add(&mut self, base_name: &str, info: PathInfo) -> Option<Draft> {
        let draft = self.add_unrecorded(base_name)?;
        self.record(draft, info);
        Some(draft)
    }

    /// Gives a path its record. A second record for the same path is ignored with a warning, unless it is equal.
    pub fn record(&mut self, draft: Draft, mut info: PathInfo) {
        let at = draft.0 as usize;
        info.nar_size = self.plausible(at, info.nar_size);
        if self.recorded[at] {
            self.fill_in(at, info);
            return;
        }
        self.recorded[at] = true;
        self.total += info.nar_size.known();
        self.infos[at] = info;
    }

    /// Notes the details of a path, if details were asked for.
    pub fn record_details(&mut self, draft: Draft, details: &Details) {
        let signatures = details.signatures.iter().map(String::as_str);
        self.record_fields(draft, details.nar_hash, details.fields(), signatures);
    }

    /// As [`GraphBuilder::record_details`], without a piece of memory for each field.
    pub fn record_fields<'a>(
        &mut self,
        draft: Draft,
        nar_hash: Option<NarHash>,
        fields: DetailFields<'_>,
        signatures: impl Iterator<Item = &'a str>,
    ) {
        if let Some(all) = &mut self.details {
            all.record(draft.0 as usize, nar_hash, fields, signatures);
        }
    }

    /// `from` references `to`.
    #[inline]
    pub fn reference(&mut self, from: Draft, to: Draft) {
        self.edges.push((from.0, to.0));
    }

    /// Takes over references that the source already holds as positions of [`GraphBuilder::add`] calls, without a copy.
    /// Replaces what [`GraphBuilder::reference`] collected.
    pub fn set_references(&mut self, edges: Vec<(u32, u32)>) {
        self.edges = edges;
    }

    /// A warning about a record, to be shown with the result.
    pub fn warn(&mut self, kind: &str, example: impl std::fmt::Display) {
        self.warnings.add(kind, example);
    }

    /// Sorts everything into a graph. `roots` are drafts of this builder.
    pub fn finish(mut self, roots: &[Draft]) -> Built {
        let count = self.infos.len();
        self.by_name = HashTable::new();
        let order = self.sorted_by_name();
        let mut new_id = vec![0_u32; count];
        for (new, &old) in order.iter().enumerate() {
            new_id[old as usize] = new as u32;
        }
        let edges = std::mem::take(&mut self.edges);
        let (names, (references, referrers, self_references)) = both(
            count >= WORTH_A_THREAD,
            || permuted_names(&self.names, &order),
            || rows_both_ways(edges, &new_id),
        );
        self.names = Names::default();
        let mut missing = PathSet::empty(count);
        for (new, &old) in order.iter().enumerate() {
            if !self.recorded[old as usize] {
                missing.insert(PathId::new(new));
                self.warnings.add(MISSING_RECORD, names.get(new));
            }
        }
        let infos = order.iter().map(|&old| self.infos[old as usize]).collect();
        let details = self.details.take().map(|all| all.permuted(&order));

        let mut seen = PathSet::empty(count);
        let root_ids = roots
            .iter()
            .map(|root| PathId::new(new_id[root.0 as usize] as usize));
        let root_ids = root_ids.filter(|&id| seen.insert(id)).collect();
        let store_dir = self.store_dir;
        let graph = StoreGraph {
            store_dir,
            names,
            infos,
            details,
            references,
            referrers,
            self_references,
            missing,
            outputs: None,
        };
        Built {
            graph,
            roots: root_ids,
            warnings: self.warnings,
        }
    }

    fn add_unrecorded(&mut self, base_name: &str) -> Option<Draft> {
        let draft = Draft(u32::try_from(self.infos.len()).ok()?);
        if !self.names.push(base_name) {
            return None;
        }
        if let Err(error) = split_base_name(base_name) {
            self.warnings
                .add("not a store path that Nix allows, kept as it is", error);
        }
        self.infos.push(PathInfo::default());
        self.recorded.push(false);
        Some(draft)
    }

    /// Keeps the sum of all sizes below 2^63, so that no sum over paths can wrap.
    fn plausible(&mut self, at: usize, size: Size) -> Size {
        let Some(bytes) = size.get() else { return size };
        match self.total.checked_add(bytes) {
            Some(total) if i64::try_from(total).is_ok() => size,
            _ => {
                let example = format!("{} ({bytes} bytes)", self.names.get(at));
                self.warnings.add(
                    "NAR size beyond anything possible, treated as unknown",
                    example,
                );
                Size::UNKNOWN
            }
        }
    }

    fn fill_in(&mut self, at: usize, info: PathInfo) {
        let old = &mut self.infos[at];
        let differs =
            matches!((old.nar_size.get(), info.nar_size.get()), (Some(a), Some(b)) if a != b);
        if old.nar_size.get().is_none() {
            old.nar_size = info.nar_size;
            self.total += info.nar_size.known();
        }
        if old.download_size.get().is_none() {
            old.download_size = info.download_size;
        }
        old.registered = old.registered.or(info.registered);
        if differs {
            let name = self.names.get(at).to_owned();
            self.warnings.add(
                "two records that disagree about the NAR size, the first one counts",
                name,
            );
        }
    }

    fn sorted_by_name(&self) -> Vec<u32> {
        let mut keys: Vec<(u64, u32)> = (0..self.infos.len())
            .map(|at| (leading_bytes(self.names.get(at)), at as u32))
            .collect();
        keys.sort_unstable_by(|a, b| {
            a.0.cmp(&b.0)
                .then_with(|| {
                    self.names
                        .get(a.1 as usize)
                        .cmp(self.names.get(b.1 as usize))
                })
                .then(a.1.cmp(&b.1))
        });
        keys.into_iter().map(|(_, at)| at).collect()
    }
}

/// The first eight bytes as a number that sorts like the text.
fn leading_bytes(text: &str) -> u64 {
    let mut bytes = [0; 8];
    let len = text.len().min(8);
    bytes[..len].copy_from_slice(&text.as_bytes()[..len]);
    u64::from_be_bytes(bytes)
}

fn permuted_names(names: &Names, order: &[u32]) -> Names {
    let mut sorted = Names::with_capacity(names.len(), names.bytes());
    for &old in order {
        sorted.push(names.get(old as usize));
    }
    sorted.shrink();
    sorted
}

#[cfg(test)]
mod tests;
