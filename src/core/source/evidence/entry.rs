//! Looks at one entry of a referrer at a time, wherever it comes from: content, link target, name.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use hashbrown::HashMap;

use crate::analysis::evidence_class::{Class, by_place, installs};
use crate::analysis::file_category::Categories;
use crate::job::Progress;
use crate::model::{PathId, StoreGraph, Warnings};

use super::collect::{Collector, Rank};
use super::context::line_around;
use super::file_kind::Occurrence;
use super::hit::{Hit, HitKind};
use super::loader::Loader;
use super::needles::Needles;
use super::scan::{ScanError, Scanned, Scanner};
use crate::source::files::contents::Contents;

/// What one worker found.
pub(crate) struct WorkerFindings<'a> {
    pub(crate) collector: Collector<'a>,
    pub(crate) problems: Warnings,
    pub(crate) packed: Warnings,
    pub(crate) packed_in: BTreeMap<(PathId, Cow<'static, str>), u64>,
    /// What the files are that were read out of archives.
    pub(crate) contents: HashMap<PathId, Contents>,
    pub(crate) incomplete: Vec<PathId>,
    /// How long a NAR of the entries of each referrer is that were looked at on this machine, in bytes.
    pub(crate) nar_sizes: HashMap<PathId, u64>,
    pub(crate) files: u64,
    pub(crate) bytes: u64,
}

/// What all workers look for, and with what.
#[derive(Clone, Copy)]
pub(crate) struct ScanContext<'a> {
    pub(crate) graph: &'a StoreGraph,
    pub(crate) needles: &'a Needles,
    pub(crate) categories: &'a Categories,
    pub(crate) progress: &'a Progress,
    /// Tells from which directories libraries are taken, where files are on this machine.
    pub(crate) loader: Option<&'a Loader<'a>>,
}

/// An entry of a referrer.
#[derive(Clone, Copy)]
pub(crate) struct EntryLocation<'a> {
    /// The referrer.
    pub(crate) owner: PathId,
    /// Where it is in the referrer; empty for the store path itself.
    pub(crate) relative: &'a Path,
    /// Where it was read, for messages.
    pub(crate) place: &'a dyn Fn() -> String,
}

/// One worker's eyes.
pub(crate) struct EntryScanner<'a> {
    pub(crate) tools: ScanContext<'a>,
    pub(crate) part: WorkerFindings<'a>,
    scanner: Scanner<'a>,
}

/// Hands a file to the scanner: piece by piece, or at once.
pub(crate) trait Feed {
    /// Scans everything; gives what was read, and how many bytes were expected.
    fn feed(
        self,
        scanner: &mut Scanner<'_>,
        name: &[u8],
        found: &mut dyn FnMut(&Occurrence<'_>),
    ) -> Result<(Scanned, u64), ScanError>;
}

impl<'a> EntryScanner<'a> {
    pub(crate) fn new(tools: ScanContext<'a>, collector: Collector<'a>) -> Self {
        Self {
            tools,
            scanner: Scanner::new(tools.needles, tools.categories, tools.progress)
                .with_loader(tools.loader),
            part: WorkerFindings {
                collector,
                problems: Warnings::sorted(),
                packed: Warnings::sorted(),
                packed_in: BTreeMap::new(),
                contents: HashMap::new(),
                incomplete: Vec::new(),
                nar_sizes: HashMap::new(),
                files: 0,
                bytes: 0,
            },
        }
    }

    /// Looks through the entry's own name.
    pub(crate) fn name(&mut self, spot: EntryLocation<'_>) {
        let relative = spot.relative.as_os_str().as_bytes();
        let start = memchr::memrchr(b'/', relative).map_or(0, |slash| slash + 1);
        self.text(spot, HitKind::Name, &relative[start..]);
    }

    /// Looks through a file name or a link's target.
    pub(crate) fn text(&mut self, spot: EntryLocation<'_>, kind: HitKind, text: &[u8]) {
        let mut class = None;
        let Self { tools, part, .. } = self;
        part.collector.begin();
        tools.needles.find(text, |at, target| {
            let class = *class.get_or_insert_with(|| {
                let relative = spot.relative.as_os_str().as_bytes();
                let installs = kind == HitKind::Symlink && installs(relative, text);
                let place = by_place(tools.categories, relative).filter(|_| !installs);
                place.unwrap_or(if kind == HitKind::Name {
                    Class::FileName
                } else {
                    Class::Symlink
                })
            });
            let rank = Rank {
                class,
                file: spot.relative,
                kind,
                offset: at as u64,
            };
            let hit = || rank.hit(None, line_around(text, at));
            note(tools.graph, part, spot, target, rank, hit);
        });
    }

    /// Looks through a file's content.
    pub(crate) fn content(
        &mut self,
        spot: EntryLocation<'_>,
        file: impl Feed,
    ) -> Result<(), ScanError> {
        let Self {
            tools,
            scanner,
            part,
        } = self;
        part.collector.begin();
        let mut found = |found: &Occurrence<'_>| {
            let rank = Rank {
                class: found.class,
                file: spot.relative,
                kind: HitKind::Content,
                offset: found.offset,
            };
            let hit = || rank.hit(found.line, found.context());
            note(tools.graph, part, spot, found.target, rank, hit);
        };
        let relative = spot.relative.as_os_str().as_bytes();
        let name = if relative.is_empty() {
            tools.graph.name(spot.owner).as_bytes()
        } else {
            relative
        };
        let (scanned, expected) = file.feed(scanner, name, &mut found)?;
        part.files += 1;
        part.bytes += scanned.bytes;
        if let Some(packing) = scanned.packed {
            part.packed.add(packing, (spot.place)());
            let files = part.packed_in.entry((spot.owner, packing.into()));
            *files.or_default() += 1;
        }
        if scanned.bytes < expected {
            return Err(ScanError::Read(io::Error::other(
                "it became shorter while it was read",
            )));
        }
        Ok(())
    }

    /// Notes what of a referrer could not be looked at.
    pub(crate) fn problem(&mut self, owner: PathId, kind: &'static str, example: String) {
        self.part.problems.add(kind, example);
        self.part.incomplete.push(owner);
    }
}

/// Counts an occurrence for the reference it is evidence of, or says that it is evidence of none.
fn note(
    graph: &StoreGraph,
    part: &mut WorkerFindings<'_>,
    spot: EntryLocation<'_>,
    target: PathId,
    rank: Rank<'_>,
    hit: impl FnOnce() -> Hit,
) {
    let from = spot.owner;
    if part.collector.wanted.contains(from, target) {
        part.collector.add((from, target), rank, hit);
    } else if target != from && graph.references(from).binary_search(&target).is_err() {
        part.problems.add(
            "hash parts of paths that the store records no reference to",
            format_args!("{} in {}", graph.name(target), (spot.place)()),
        );
    }
}
