//! Which files make a path reference another: every place where the target's hash part stands.
//!
//! One pass over a referrer's files finds the evidence for any number of its references. Contents, targets of symbolic
//! links and file names are looked through, as Nix does when it registers references.

pub mod accidents;
pub(crate) mod archives;
pub(crate) mod collect;
pub(crate) mod context;
mod download;
pub(crate) mod elf;
pub(crate) mod entry;
mod error;
pub(crate) mod extent;
pub(crate) mod file_kind;
pub mod findings;
pub(crate) mod hit;
mod limits;
pub(crate) mod loader;
mod located;
pub(crate) mod needles;
pub(crate) mod on_disk;
pub(crate) mod scan;
mod told;
pub mod used;

use std::borrow::Cow;
use std::collections::BTreeMap;

use hashbrown::{HashMap, HashSet};

use crate::analysis::evidence_class::Class;
use crate::analysis::file_category::Categories;
use crate::job::Progress;
use crate::model::{Closure, PathId, StoreGraph, Warning, Warnings};

use self::collect::{Collector, WantedReferences};
pub use self::download::{Download, download};
use self::entry::{EntryScanner, ScanContext, WorkerFindings};
pub use self::error::EvidenceError;
use self::findings::SavedFindings;
pub use self::hit::{EdgeEvidence, Hit, HitKind};
pub use self::limits::Limits;
use self::loader::Loader;
use self::located::{Located, locate};
use self::needles::Needles;
use super::files::contents::Contents;
use super::files::nar_size;
use super::files::places::StoreFiles;
use super::files::walk::walk;

/// What a pass over files found.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// One entry for each reference that something was found for, by referrer and target.
    pub edges: Vec<EdgeEvidence>,
    /// References that were looked for in vain, though all files were read.
    pub not_found: Vec<(PathId, PathId)>,
    /// Referrers of which not everything could be read, or whose files are not those that the store recorded: what is
    /// missing there may exist.
    pub incomplete: Vec<PathId>,
    /// Packed files by kind: neither Nix nor this pass sees hash parts in them.
    pub packed: Vec<Warning>,
    /// The packed files of this pass by referrer: how many files.
    pub packed_in: BTreeMap<(PathId, Cow<'static, str>), u64>,
    /// What the files are that were read out of archives.
    pub contents: HashMap<PathId, Contents>,
    /// What could not be read, and what was found that no reference stands for.
    pub warnings: Vec<Warning>,
    /// Files that were looked through.
    pub files: u64,
    /// Bytes that were looked through.
    pub bytes: u64,
}

impl Evidence {
    /// What was found for a reference.
    pub fn of(&self, from: PathId, to: PathId) -> Option<&EdgeEvidence> {
        let at = self
            .edges
            .binary_search_by_key(&(from, to), |edge| (edge.from, edge.to));
        at.ok().map(|at| &self.edges[at])
    }

    /// Takes what was written down about a referrer.
    fn take(
        &mut self,
        found: &SavedFindings,
        wanted: &WantedReferences,
        from: PathId,
        problems: &mut Warnings,
        graph: &StoreGraph,
    ) {
        let Some(referrer) = found.referrers.get(&from) else {
            return;
        };
        let asked = referrer.edges.iter();
        let asked = asked.filter(|edge| wanted.contains(edge.from, edge.to));
        self.edges.extend(asked.cloned());
        for (kind, files) in &referrer.packed {
            self.packed_in.insert((from, kind.clone().into()), *files);
            let count = usize::try_from(*files).unwrap_or(usize::MAX);
            match self.packed.iter_mut().find(|one| one.kind == *kind) {
                Some(same) => same.count = same.count.saturating_add(count),
                None => self.packed.push(Warning {
                    kind: kind.clone(),
                    count,
                    examples: Vec::new(),
                }),
            }
        }
        self.packed.sort_by(|a, b| a.kind.cmp(&b.kind));
        if !referrer.complete {
            problems.add(NOT_ALL_READ, graph.path(from));
            self.incomplete.push(from);
        }
    }

    /// Whether all of the referrer's content, as the store recorded it, is known to have been looked through. Only then is
    /// anything called an accident, or not found.
    pub fn is_complete(&self, from: PathId) -> bool {
        self.incomplete.binary_search(&from).is_err()
    }
}

/// The evidence for all references of one path.
pub fn of_path(
    files: &StoreFiles,
    graph: &StoreGraph,
    referrer: PathId,
    limits: Limits,
    progress: &Progress,
) -> Result<Evidence, EvidenceError> {
    let targets = graph.references(referrer);
    let edges = targets.iter().map(|&to| (referrer, to)).collect();
    of_edges(files, graph, edges, limits, progress)
}

/// The evidence for all references in a closure.
pub fn of_closure(
    files: &StoreFiles,
    graph: &StoreGraph,
    closure: &Closure,
    progress: &Progress,
) -> Result<Evidence, EvidenceError> {
    let edges = references(graph, closure);
    let limits = Limits::for_references(edges.len());
    of_edges(files, graph, edges, limits, progress)
}

/// As [`of_closure`], and counts the files in the archives of some paths: see [`Evidence::contents`].
pub fn of_closure_and_archives(
    files: &StoreFiles,
    graph: &StoreGraph,
    closure: &Closure,
    counted: Vec<PathId>,
    progress: &Progress,
) -> Result<Evidence, EvidenceError> {
    let edges = references(graph, closure);
    let limits = Limits::for_references(edges.len());
    look(
        files,
        graph,
        &WantedReferences::of(edges),
        counted,
        limits,
        progress,
    )
}

/// All references in a closure.
pub fn references(graph: &StoreGraph, closure: &Closure) -> Vec<(PathId, PathId)> {
    let of = |from| graph.references(from).iter().map(move |&to| (from, to));
    closure.members().iter().flat_map(of).collect()
}

/// The evidence for some references, each given as referrer and target.
pub fn of_edges(
    files: &StoreFiles,
    graph: &StoreGraph,
    edges: Vec<(PathId, PathId)>,
    limits: Limits,
    progress: &Progress,
) -> Result<Evidence, EvidenceError> {
    look(
        files,
        graph,
        &WantedReferences::of(edges),
        Vec::new(),
        limits,
        progress,
    )
}

/// Looks for references, and counts the files in the archives of some paths.
fn look(
    files: &StoreFiles,
    graph: &StoreGraph,
    wanted: &WantedReferences,
    counted: Vec<PathId>,
    limits: Limits,
    progress: &Progress,
) -> Result<Evidence, EvidenceError> {
    let Located {
        mut known,
        roots,
        mut absent,
    } = locate(files, graph, wanted);
    let nowhere_at_all = roots.is_empty() && known.is_empty() && files.archives().is_none();
    if nowhere_at_all && !wanted.is_empty() {
        return Err(no_files(files, graph, wanted));
    }
    let needles = Needles::of(graph, wanted.targets());
    let categories = Categories::built_in();
    let loader = Loader::new(files, graph.store_dir());
    let tools = ScanContext {
        graph,
        loader: Some(&loader),
        needles: &needles,
        categories: &categories,
        progress,
    };
    if files.archives().is_some() {
        absent.extend(counted);
        absent.sort_unstable();
        absent.dedup();
        // What is read anyway tells more than what was written down.
        known.retain(|id| absent.binary_search(id).is_err());
    }
    let from_disk = roots.iter().map(|(id, _)| *id);
    let from_archives = absent
        .iter()
        .copied()
        .filter(|_| files.archives().is_some());
    let total = from_disk
        .chain(from_archives)
        .filter_map(|id| graph.nar_size(id));
    progress.start("reading files", total.sum());
    let new_look = || EntryScanner::new(tools, Collector::new(wanted, limits));
    let looks = walk(roots, progress, new_look)?;
    let mut parts: Vec<_> = looks.into_iter().map(|look| look.part).collect();
    if let Some(archives) = files.archives() {
        let (more, still_absent) = archives::look(archives, &absent, tools, wanted, limits)?;
        parts.extend(more);
        absent = still_absent;
    }
    Ok(gathered(files, graph, wanted, limits, parts, absent, known))
}

/// Puts together what each worker found and what was written down.
fn gathered(
    files: &StoreFiles,
    graph: &StoreGraph,
    wanted: &WantedReferences,
    limits: Limits,
    parts: Vec<WorkerFindings<'_>>,
    absent: Vec<PathId>,
    known: Vec<PathId>,
) -> Evidence {
    let mut all = Collector::new(wanted, limits);
    let mut evidence = Evidence::default();
    let (mut problems, mut packed) = (Warnings::sorted(), Warnings::sorted());
    let mut walked: HashMap<PathId, u64> = HashMap::new();
    evidence.incomplete.clone_from(&absent);
    for id in absent {
        problems.add(nowhere(files), graph.path(id));
    }
    for part in parts {
        all.merge(part.collector);
        problems.merge(part.problems);
        packed.merge(part.packed);
        evidence.incomplete.extend(part.incomplete);
        for (owner, length) in part.nar_sizes {
            let walked = walked.entry(owner).or_insert(nar_size::HEAD);
            *walked = walked.saturating_add(length);
        }
        for (key, files) in part.packed_in {
            *evidence.packed_in.entry(key).or_default() += files;
        }
        evidence.contents.extend(part.contents);
        evidence.files += part.files;
        evidence.bytes += part.bytes;
    }
    let cut_short: HashSet<PathId> = evidence.incomplete.iter().copied().collect();
    for (owner, length) in walked {
        if nar_size::differs(graph.nar_size(owner), length, !cut_short.contains(&owner)) {
            problems.add(nar_size::DIFFERS, graph.path(owner));
            evidence.incomplete.push(owner);
        }
    }
    evidence.edges = all.into_edges();
    evidence.packed = packed.into_vec();
    for id in known {
        evidence.take(files.found(), wanted, id, &mut problems, graph);
    }
    evidence.edges.sort_by_key(|edge| (edge.from, edge.to));
    evidence.incomplete.sort_unstable();
    evidence.incomplete.dedup();
    evidence.warnings = problems.into_vec();
    let missing = |&(from, to): &(PathId, PathId)| {
        evidence.of(from, to).is_none() && evidence.is_complete(from)
    };
    evidence.not_found = wanted.iter().filter(missing).collect();
    evidence
}

const NOT_ALL_READ: &str = "paths whose files could not all be read when the snapshot was written";

fn nowhere(files: &StoreFiles) -> &'static str {
    if files.archives().is_some() {
        "paths whose files are neither on this machine nor in the binary cache"
    } else {
        "paths whose files are not on this machine"
    }
}

fn no_files(files: &StoreFiles, graph: &StoreGraph, wanted: &WantedReferences) -> EvidenceError {
    let first = wanted.referrers().next();
    let path = first.map(|id| graph.path(id).to_string());
    EvidenceError::no_files(path.unwrap_or_default(), files)
}
