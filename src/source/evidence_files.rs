//! Looks through the files that a walk meets: contents, link targets and names.

use std::fs::{File, Metadata, read_link};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

use crate::analysis::evidence_class::{Class, by_place};
use crate::analysis::file_category::Categories;
use crate::job::{Cancelled, Progress};
use crate::model::{PathId, StoreGraph};

use super::evidence::{Hit, HitKind};
use super::evidence_collect::{Collector, InFile};
use super::evidence_context::line_around;
use super::evidence_elf::ReadAt;
use super::evidence_find::Needles;
use super::evidence_scan::{Extent, Found, ScanError, Scanner};
use super::files::Problems;
use super::files_walk::{Entry, Kind, Visitor, open};

/// What one worker found.
pub(crate) struct Part<'a> {
    pub(crate) collector: Collector<'a>,
    pub(crate) problems: Problems,
    pub(crate) packed: Problems,
    pub(crate) incomplete: Vec<PathId>,
    pub(crate) files: u64,
    pub(crate) bytes: u64,
}

/// Looks through every entry of the referrers.
pub(crate) struct FilesVisitor<'a> {
    graph: &'a StoreGraph,
    needles: &'a Needles,
    categories: &'a Categories,
    scanner: Scanner<'a>,
    part: Part<'a>,
}

impl<'a> FilesVisitor<'a> {
    pub(crate) fn new(
        graph: &'a StoreGraph,
        needles: &'a Needles,
        categories: &'a Categories,
        progress: &'a Progress,
        collector: Collector<'a>,
    ) -> Self {
        Self {
            graph,
            needles,
            categories,
            scanner: Scanner::new(needles, categories, progress),
            part: Part {
                collector,
                problems: Problems::default(),
                packed: Problems::default(),
                incomplete: Vec::new(),
                files: 0,
                bytes: 0,
            },
        }
    }

    pub(crate) fn finish(self) -> Part<'a> {
        self.part
    }

    /// Looks through a file name or a link's target.
    fn text(&mut self, entry: &Entry, kind: HitKind, text: &[u8]) {
        let mut class = None;
        let mut in_file = InFile::new();
        let Self {
            graph,
            needles,
            categories,
            part,
            ..
        } = self;
        needles.find(text, |at, target| {
            let class = *class.get_or_insert_with(|| {
                let place = by_place(categories, entry.relative.as_os_str().as_bytes());
                place.unwrap_or(if kind == HitKind::Name {
                    Class::FileName
                } else {
                    Class::Symlink
                })
            });
            let hit = || Hit {
                class,
                file: entry.relative.clone(),
                kind,
                offset: at as u64,
                line: None,
                context: line_around(text, at),
            };
            note(graph, part, entry, target, class, &mut in_file, hit);
        });
    }

    fn content(&mut self, entry: &Entry) -> Result<(), ScanError> {
        let file = open(&entry.path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(ScanError::Read(io::Error::other(
                "it is not a regular file any more",
            )));
        }
        let Self {
            graph,
            scanner,
            part,
            ..
        } = self;
        let mut in_file = InFile::new();
        let mut found = |found: &Found<'_>| {
            let hit = || Hit {
                class: found.class,
                file: entry.relative.clone(),
                kind: HitKind::Content,
                offset: found.offset,
                line: found.line,
                context: found.context(),
            };
            note(
                graph,
                part,
                entry,
                found.target,
                found.class,
                &mut in_file,
                hit,
            );
        };
        let relative = entry.relative.as_os_str().as_bytes();
        let name = if relative.is_empty() {
            graph.name(entry.owner).as_bytes()
        } else {
            relative
        };
        let (mut read, mut expected, mut packed) = (0, 0, None);
        for extent in extents(&file, &metadata) {
            let mut content = Piece {
                file: &file,
                offset: extent.offset,
            };
            let scanned = scanner.scan(name, extent, &mut content, Some(&&file), &mut found)?;
            read += scanned.bytes;
            expected += extent.length;
            packed = packed.or(scanned.packed);
        }
        self.part.files += 1;
        self.part.bytes += read;
        if let Some(packing) = packed {
            self.part.packed.add(packing, entry.path.display());
        }
        if read < expected {
            return Err(ScanError::Read(io::Error::other(
                "it became shorter while it was read",
            )));
        }
        Ok(())
    }

    fn problem(&mut self, owner: PathId, path: &Path, error: &io::Error) {
        let kind = match error.kind() {
            io::ErrorKind::NotFound => "files that vanished while they were looked for",
            io::ErrorKind::PermissionDenied => "files that may not be read",
            _ => "files that could not be read",
        };
        self.part
            .problems
            .add(kind, format_args!("{} ({error})", path.display()));
        self.part.incomplete.push(owner);
    }
}

/// Counts an occurrence for the reference it is evidence of, or says that it is evidence of none.
fn note(
    graph: &StoreGraph,
    part: &mut Part<'_>,
    entry: &Entry,
    target: PathId,
    class: Class,
    in_file: &mut InFile,
    hit: impl FnOnce() -> Hit,
) {
    let from = entry.owner;
    if part.collector.wanted.contains(from, target) {
        part.collector.add((from, target), class, in_file, hit);
    } else if target != from && graph.references(from).binary_search(&target).is_err() {
        part.problems.add(
            "hash parts of paths that the store records no reference to",
            format_args!("{} in {}", graph.name(target), entry.path.display()),
        );
    }
}

impl Visitor for FilesVisitor<'_> {
    fn visit(&mut self, entry: &Entry) -> Result<(), Cancelled> {
        if let Some(name) = entry.relative.file_name() {
            self.text(entry, HitKind::Name, name.as_bytes());
        }
        let outcome = match entry.kind {
            Kind::Directory => Ok(()),
            Kind::File => self.content(entry),
            Kind::Symlink => match read_link(&entry.path) {
                Ok(target) => {
                    self.text(entry, HitKind::Symlink, target.as_os_str().as_bytes());
                    Ok(())
                }
                Err(error) => Err(ScanError::Read(error)),
            },
            Kind::Special(kind) => {
                self.part.problems.add(
                    "entries that no store path may have, not opened",
                    format_args!("{} ({kind})", entry.path.display()),
                );
                Ok(())
            }
        };
        match outcome {
            Ok(()) => Ok(()),
            Err(ScanError::Cancelled(cancelled)) => Err(cancelled),
            Err(ScanError::Read(error)) => {
                self.problem(entry.owner, &entry.path, &error);
                Ok(())
            }
        }
    }

    fn unreadable(&mut self, owner: PathId, path: &Path, error: &io::Error) {
        self.problem(owner, path, error);
    }
}

/// The pieces of a file that have bytes on disk: one, unless the file is large and has holes.
fn extents(file: &File, metadata: &Metadata) -> Vec<Extent> {
    /// Below this size holes are read like everything else.
    const WORTH_IT: u64 = 1 << 20;
    let length = metadata.len();
    let whole = vec![Extent {
        offset: 0,
        length,
        partial: false,
    }];
    if length < WORTH_IT || metadata.blocks() >= length / 512 {
        return whole;
    }
    match data_extents(file, length) {
        // A file system that packs files has few blocks without any hole.
        Ok(extents) if extents.iter().any(|extent| extent.length == length) => whole,
        Ok(extents) => extents,
        Err(_) => whole,
    }
}

fn data_extents(file: &File, length: u64) -> io::Result<Vec<Extent>> {
    use rustix::fs::{SeekFrom, seek};
    let mut extents = Vec::new();
    let mut at = 0;
    while at < length {
        let start = match seek(file, SeekFrom::Data(at)) {
            Ok(start) => start,
            // There is no data behind this position.
            Err(rustix::io::Errno::NXIO) => break,
            Err(error) => return Err(error.into()),
        };
        let end = seek(file, SeekFrom::Hole(start))?.min(length);
        if end <= start {
            break;
        }
        extents.push(Extent {
            offset: start,
            length: end - start,
            partial: true,
        });
        at = end;
    }
    Ok(extents)
}

/// Reads a file from some offset on.
struct Piece<'a> {
    file: &'a File,
    offset: u64,
}

impl Read for Piece<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = FileExt::read_at(self.file, buffer, self.offset)?;
        self.offset += read as u64;
        Ok(read)
    }
}

impl ReadAt for &File {
    fn read_at(&self, offset: u64, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        let mut filled = 0;
        while filled < length {
            match FileExt::read_at(
                *self,
                &mut bytes[filled..],
                offset.saturating_add(filled as u64),
            ) {
                Ok(0) | Err(_) => break,
                Ok(more) => filled += more,
            }
        }
        bytes.truncate(filled);
        bytes
    }
}
