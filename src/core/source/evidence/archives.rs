//! Looks through the archives of a binary cache, for referrers whose files are not on this machine.
//!
//! Archives are unpacked as they arrive and kept nowhere. Only ELF files are held in memory, one at a time, since what an
//! occurrence in them is shows by tables that stand anywhere.

use std::io::Read;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::analysis::file_category::HEAD;
use crate::job::{Cancelled, parallel_on};
use crate::model::{PathId, StoreGraph};

use super::collect::{Collector, WantedReferences};
use super::elf::ReadAt;
use super::entry::{EntryLocation, EntryScanner, Feed, ScanContext, WorkerFindings};
use super::extent::Extent;
use super::file_kind::Occurrence;
use super::hit::HitKind;
use super::limits::Limits;
use super::scan::{ScanError, Scanned, Scanner};
use crate::source::SourceError;
use crate::source::cache::archive::{Archive, Archives};
use crate::source::files::contents::Counting;
use crate::source::files::nar::{self, NarVisitor};

/// ELF files above this size, in bytes, are not held in memory: occurrences in them are data.
const LARGEST_ELF: u64 = 128 << 20;

/// Looks through the archives of some referrers, and counts the files in them and in those of paths that refer to nothing.
/// Gives what each worker found, and the paths that have no archive.
pub(crate) fn look<'a>(
    archives: &Archives,
    referrers: &[PathId],
    tools: ScanContext<'a>,
    wanted: &'a WantedReferences,
    limits: Limits,
) -> Result<(Vec<WorkerFindings<'a>>, Vec<PathId>), Cancelled> {
    archives.begin();
    let looks = Mutex::new(Vec::new());
    let taken = || looks.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let found = parallel_on(archives.threads(), referrers.len(), |at| {
        let mut look =
            taken().unwrap_or_else(|| EntryScanner::new(tools, Collector::new(wanted, limits)));
        let is_there = one(archives, referrers[at], &mut look);
        looks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(look);
        is_there
    })?;
    let absent = referrers.iter().zip(found).filter(|(_, found)| !found);
    let absent = absent.map(|(&id, _)| id).collect();
    let looks = looks.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok((looks.into_iter().map(|look| look.part).collect(), absent))
}

/// Looks through one archive, if there is one.
fn one(archives: &Archives, owner: PathId, look: &mut EntryScanner<'_>) -> Result<bool, Cancelled> {
    let (graph, progress) = (look.tools.graph, look.tools.progress);
    let archive = match archives.open(graph.base_name(owner), progress) {
        Ok(Some(archive)) => archive,
        Ok(None) => return Ok(false),
        Err(SourceError::Cancelled(cancelled)) => return Err(cancelled),
        Err(error) => {
            look.problem(owner, UNREADABLE, error.to_string());
            return Ok(true);
        }
    };
    if let Some(other) = differs(graph, owner, &archive) {
        let problem = format!(
            "{} (its {other} is not what was recorded)",
            graph.path(owner)
        );
        look.problem(owner, UNREADABLE, problem);
        return Ok(true);
    }
    let mut content = archive.content;
    let wanted = look.part.collector.wanted.is_referrer(owner);
    let counting = Counting::new(look.tools.categories, false);
    let mut visitor = InArchive {
        owner,
        wanted,
        look,
        counting,
    };
    // Behind the NAR there is nothing, so that all of what was promised has come.
    let outcome = nar::read(&mut content, &mut visitor);
    let counted = visitor.counting.finish();
    match outcome {
        Ok(()) => {
            if let Some((contents, _)) = counted {
                look.part.contents.insert(owner, contents);
            }
            Ok(true)
        }
        Err(ScanError::Cancelled(cancelled)) => Err(cancelled),
        Err(ScanError::Read(error)) => {
            look.problem(
                owner,
                UNREADABLE,
                format!("{} ({error})", graph.path(owner)),
            );
            Ok(true)
        }
    }
}

/// How an archive differs from what the graph says: it is another path's, or the cache lies.
fn differs(graph: &StoreGraph, owner: PathId, archive: &Archive) -> Option<&'static str> {
    let size = graph.nar_size(owner);
    let hash = graph.details(owner).and_then(|details| details.nar_hash);
    if size.is_some_and(|size| size != archive.nar_size) {
        Some("size")
    } else if hash.is_some() && archive.nar_hash.is_some() && hash != archive.nar_hash {
        Some("hash")
    } else {
        None
    }
}

const UNREADABLE: &str = "archives that could not be read";

/// Looks at the entries of one archive.
struct InArchive<'a, 'b> {
    owner: PathId,
    /// Whether anything is looked for in it; otherwise its files are only counted.
    wanted: bool,
    look: &'a mut EntryScanner<'b>,
    counting: Counting<'b>,
}

impl InArchive<'_, '_> {
    fn at(
        &mut self,
        relative: &Path,
        work: impl FnOnce(&mut EntryScanner<'_>, EntryLocation<'_>) -> Result<(), ScanError>,
    ) -> Result<(), ScanError> {
        if !self.wanted {
            return Ok(());
        }
        let (graph, owner) = (self.look.tools.graph, self.owner);
        let place = || {
            Path::new(&graph.path(owner).to_string())
                .join(relative)
                .display()
                .to_string()
        };
        let spot = EntryLocation {
            owner,
            relative,
            place: &place,
        };
        self.look.name(spot);
        work(self.look, spot)
    }
}

impl NarVisitor for InArchive<'_, '_> {
    type Error = ScanError;

    fn other(&mut self, relative: &Path, target: Option<&[u8]>) -> Result<(), ScanError> {
        match target {
            Some(target) => self.counting.symlink(relative, target),
            None => self.counting.directory(relative),
        }
        self.at(relative, |look, spot| {
            if let Some(target) = target {
                look.text(spot, HitKind::Symlink, target);
            }
            Ok(())
        })
    }

    fn file(
        &mut self,
        relative: &Path,
        length: u64,
        executable: bool,
        content: &mut dyn Read,
    ) -> Result<(), ScanError> {
        let mut head = Vec::with_capacity(HEAD);
        (&mut *content).take(HEAD as u64).read_to_end(&mut head)?;
        self.counting.file(relative, length, executable, &head);
        self.at(relative, |look, spot| {
            let content = &mut (&head[..]).chain(content);
            look.content(spot, Streamed { length, content })
        })
    }
}

/// A file that can be read once, from its beginning.
struct Streamed<'a> {
    length: u64,
    content: &'a mut dyn Read,
}

impl Feed for Streamed<'_> {
    fn feed(
        self,
        scanner: &mut Scanner<'_>,
        name: &[u8],
        found: &mut dyn FnMut(&Occurrence<'_>),
    ) -> Result<(Scanned, u64), ScanError> {
        const MAGIC: &[u8] = b"\x7fELF";
        let extent = Extent {
            offset: 0,
            length: self.length,
            partial: false,
        };
        let mut head = Vec::new();
        (&mut *self.content)
            .take(MAGIC.len() as u64)
            .read_to_end(&mut head)?;
        if head != MAGIC || self.length > LARGEST_ELF {
            let mut all = (&head[..]).chain(self.content);
            return Ok((
                scanner.scan(name, extent, &mut all, None, found)?,
                self.length,
            ));
        }
        self.content.read_to_end(&mut head)?;
        let bytes = &head[..];
        let whole: &dyn ReadAt = &bytes;
        let piece = scanner.scan(name, extent, &mut &*bytes, Some(whole), found)?;
        Ok((piece, self.length))
    }
}
