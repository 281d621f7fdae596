//! All roots of a store with what each holds: one row for each thing that a person can drop.
//!
//! A row is a generation, the links of one kind to one path, or all that one process holds. What a row holds is counted by
//! the rules Nix collects garbage by, so that what is freed is what a collection frees.

mod named;

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use crate::analysis::blocks::{Blocks, Disk};
use crate::analysis::holders::{Holders, Others};
use crate::analysis::kept::{self, Keep};
use crate::analysis::order::Order;
use crate::analysis::sets::Overlap;
use crate::analysis::what_if::Total;
use crate::job::{Cancelled, Progress};
use crate::model::{Closure, PathId, PathSet, StoreGraph, Warning};
use crate::source::{Request, Source, SourceError};

use super::gc::{GcRoot, GcRoots, Process, RootGroup};
use super::leftovers::{self, Leftover};
use super::removal;

/// Other rows that are named for each.
const OTHERS: usize = 20;
/// Most rows of which it is told what other rows hold them: beyond, there are too many to be read anyway.
const MOST_ROWS: usize = 4000;

/// The roots of a store.
#[derive(Debug)]
pub struct StoreRoots {
    /// The whole store.
    pub graph: Arc<StoreGraph>,
    /// By which rules paths are held.
    pub keep: Keep,
    /// What was listed.
    pub listed: GcRoots,
    /// The rows: by group, those that hold most alone first.
    pub rows: Vec<RootRow>,
    /// Everything that the roots reach by references alone.
    pub closure: Arc<Closure>,
    /// How the targets share, by references alone.
    pub overlap: Overlap,
    /// What is held, by the rules.
    pub alive: Total,
    /// What nothing holds, largest first.
    pub dead: Vec<PathId>,
    /// All of it together.
    pub dead_total: Total,
    /// What there is to warn of.
    pub warnings: Vec<Warning>,
    extended: StoreGraph,
    holders: Holders,
}

/// One thing that can be dropped.
#[derive(Debug, Clone)]
pub struct RootRow {
    /// Its group.
    pub group: RootGroup,
    /// The positions of its roots among those that were listed, ascending.
    pub roots: Vec<usize>,
    /// What it names: one path, but for a process.
    pub targets: Vec<PathId>,
    /// What that reaches by references.
    pub closure: Total,
    /// What leaves if this alone is dropped.
    pub alone: Total,
    /// The other rows that hold what it names; not told of a process that names several paths.
    pub others: Others,
}

/// What dropping rows frees.
#[derive(Debug, Clone)]
pub struct Freed {
    /// What leaves.
    pub paths: PathSet,
    /// Its number and NAR size.
    pub total: Total,
}

impl StoreRoots {
    /// Reads the store that the roots are of, and finds out who holds what.
    pub fn read<S: Source + ?Sized>(
        source: &S,
        listed: GcRoots,
        keep: Keep,
        progress: &Progress,
    ) -> Result<Self, SourceError> {
        let mut targets: Vec<String> = listed
            .roots
            .iter()
            .map(|root| root.target.clone())
            .collect();
        targets.sort_unstable();
        targets.dedup();
        let request = Request {
            roots: targets,
            whole: true,
            // Derivers are among the details.
            details: keep.derivations,
            outputs: keep.outputs,
            lenient: true,
            ..Request::default()
        };
        let loaded = source.load(&request, progress)?;
        let mut found = Self::of(loaded.graph, listed, keep, progress)?;
        found.warnings = loaded.warnings;
        Ok(found)
    }

    /// Finds out who holds what of a store.
    pub fn of(
        graph: Arc<StoreGraph>,
        listed: GcRoots,
        keep: Keep,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        progress.start("roots", 0);
        let extended = graph.with_references(&kept::by_rules(&graph, keep));
        let drafts = drafts(&graph, &listed.roots);
        let all: Vec<PathId> = drafts
            .iter()
            .flat_map(|row| &row.targets)
            .copied()
            .collect();
        let closure = Arc::new(Closure::of(&graph, &all));
        let order = Order::of(&graph, &closure);
        let overlap = Overlap::of(&graph, &closure, &order, progress)?;
        let totals: HashMap<PathId, Total> = overlap
            .holdings
            .iter()
            .map(|holding| (holding.root, holding.closure))
            .collect();
        let targets = drafts.iter().map(|row| row.targets.clone()).collect();
        let holders = Holders::of(&extended, targets, progress)?;
        let mut rows: Vec<(usize, RootRow)> = Vec::with_capacity(drafts.len());
        for (at, draft) in drafts.into_iter().enumerate() {
            progress.check()?;
            let closure = match draft.targets[..] {
                [only] => totals.get(&only).copied().unwrap_or_default(),
                _ => Total::of_closure(&Closure::of(&graph, &draft.targets)),
            };
            let alone = holders.alone(at);
            let row = RootRow {
                closure,
                alone,
                ..draft
            };
            rows.push((at, row));
        }
        rows.sort_by_key(|(_, row)| {
            let sizes = (row.alone.nar_size, row.closure.nar_size);
            (row.group, Reverse(sizes))
        });
        // The numbers of holders follow the rows.
        let (numbers, mut rows): (Vec<usize>, Vec<RootRow>) = rows.into_iter().unzip();
        let holders = holders.renumbered(&numbers);
        if rows.len() <= MOST_ROWS {
            let others = holders.others(&extended, OTHERS, progress)?;
            for (row, others) in rows.iter_mut().zip(others) {
                row.others = others;
            }
        }
        let mut dead = holders.dead(&extended);
        graph.sort_largest_first(&mut dead);
        Ok(Self {
            alive: Total::of(&graph, &holders.alive(&extended)),
            dead_total: Total::of_paths(&graph, dead.iter().copied()),
            warnings: Vec::new(),
            graph,
            keep,
            listed,
            rows,
            closure,
            overlap,
            dead,
            extended,
            holders,
        })
    }

    /// What is to be said of every conclusion, if not all roots could be read.
    pub fn caution(&self) -> Option<&'static str> {
        let whole = self.listed.are_all_read();
        (!whole).then_some("not all roots could be read: more may be held than is told here")
    }

    /// The roots of a row.
    pub fn roots_of<'a>(&'a self, row: &'a RootRow) -> impl Iterator<Item = &'a GcRoot> {
        row.roots.iter().map(|&at| &self.listed.roots[at])
    }

    /// The row of each link; of a link that several roots have, the first.
    pub fn rows_by_link(&self) -> HashMap<&Path, usize> {
        let mut rows = HashMap::new();
        for (at, row) in self.rows.iter().enumerate() {
            for root in self.roots_of(row) {
                rows.entry(root.link.as_path()).or_insert(at);
            }
        }
        rows
    }

    /// What leaves if some rows are dropped together.
    pub fn freed(&self, rows: &[usize]) -> Freed {
        let paths = self.holders.freed(&self.extended, rows);
        Freed {
            total: Total::of(&self.graph, &paths),
            paths,
        }
    }

    /// The lines of a shell that drop some rows and collect what nothing holds any more.
    pub fn commands(&self, rows: &[usize]) -> Vec<String> {
        let roots = rows.iter().flat_map(|&at| self.roots_of(&self.rows[at]));
        removal::commands(&roots.collect::<Vec<_>>(), &self.listed.roots)
    }

    /// A row that still holds what another one names if some rows are dropped; `None` if none does, or that is not told.
    pub fn holds_still(&self, row: usize, dropped: &HashSet<usize>) -> Option<usize> {
        let mut others = self.rows[row].others.first.iter();
        let other = others.find(|&&other| !dropped.contains(&(other as usize)));
        other.map(|&other| other as usize)
    }

    /// The rows that hold a path, ascending; none if it is dead.
    pub fn rows_of(&self, id: PathId) -> Vec<usize> {
        self.holders.of_path(&self.extended, id)
    }

    /// The shortest way from what a row names to a path that it holds. A step may be one of the rules.
    pub fn way(&self, row: usize, to: PathId) -> Option<Vec<PathId>> {
        self.holders.way(&self.extended, row, to)
    }

    /// The paths that nothing holds, as a set.
    pub fn dead_set(&self) -> PathSet {
        PathSet::of(self.graph.len(), self.dead.iter().copied())
    }

    /// What each row keeps on disk alone.
    pub fn alone_on_disk(&self, blocks: &Blocks) -> Vec<Disk> {
        blocks.alone(&self.holders, self.rows.len())
    }

    /// What the paths that a row reaches by references take on disk.
    pub fn closure_on_disk(&self, row: &RootRow, blocks: &Blocks) -> Disk {
        blocks.taken(Closure::of(&self.graph, &row.targets).members())
    }

    /// What lies in the store's directory and is no valid path.
    pub fn leftovers(&self, progress: &Progress) -> Result<Vec<Leftover>, Cancelled> {
        let GcRoots {
            directories,
            unregistered,
            ..
        } = &self.listed;
        leftovers::list(directories, &self.graph, unregistered, progress)
    }

    /// What a row is called: its link, how many more there are; or the process.
    pub fn name(&self, row: &RootRow) -> String {
        let first = row.roots.first().map(|&at| &self.listed.roots[at]);
        let Some(first) = first else {
            return String::new();
        };
        match &first.process {
            Some(Process { number, name }) => match name {
                Some(name) => format!("process {number} ({name})"),
                None => format!("process {number}"),
            },
            None => match row.roots.len() {
                1 => first.link.display().to_string(),
                more => format!("{} and {} more", first.link.display(), more - 1),
            },
        }
    }
}

/// What makes one row of several roots.
#[derive(PartialEq, Eq, Hash)]
enum RowKey<'a> {
    /// All that one process holds.
    Process(RootGroup, u32),
    /// A generation.
    Generation(usize),
    /// The links of one group to one path.
    Links(RootGroup, &'a str),
}

/// The rows, nothing measured yet. Roots of what is not in the graph are left out.
fn drafts(graph: &StoreGraph, roots: &[GcRoot]) -> Vec<RootRow> {
    let mut rows: Vec<RootRow> = Vec::new();
    let mut places: HashMap<RowKey<'_>, usize> = HashMap::new();
    let mut named: HashSet<(usize, PathId)> = HashSet::new();
    for (at, root) in roots.iter().enumerate() {
        let Some(target) = graph.find(&root.target).filter(|&id| !graph.is_missing(id)) else {
            continue;
        };
        let group = root.group();
        let key = match (&root.process, &root.generation) {
            (Some(process), _) => RowKey::Process(group, process.number),
            (None, Some(_)) => RowKey::Generation(at),
            (None, None) => RowKey::Links(group, &root.target),
        };
        let place = *places.entry(key).or_insert_with(|| {
            rows.push(RootRow {
                group,
                roots: Vec::new(),
                targets: Vec::new(),
                closure: Total::default(),
                alone: Total::default(),
                others: Others::default(),
            });
            rows.len() - 1
        });
        rows[place].roots.push(at);
        if named.insert((place, target)) {
            rows[place].targets.push(target);
        }
    }
    rows
}

#[cfg(test)]
mod tests;
