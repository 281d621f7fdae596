//! Looks through the files that a walk meets: contents, link targets and names.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::job::Cancelled;
use crate::model::PathId;

use super::elf::ReadAt;
use super::entry::{EntryLocation, EntryScanner, Feed};
use super::extent::Extent;
use super::file_kind::Occurrence;
use super::hit::HitKind;
use super::scan::{ScanError, Scanned, Scanner};
use crate::source::files::nar_size;
use crate::source::files::walk::{EntryKind, FileEntry, Status, Visitor};

/// Looks through a file.
fn file(
    scanner: &mut EntryScanner<'_>,
    entry: &FileEntry<'_>,
    spot: EntryLocation<'_>,
) -> Result<(), ScanError> {
    let (file, status) = entry.open()?;
    measure(
        scanner,
        entry,
        nar_size::file(status.length, status.executable),
    );
    scanner.content(spot, OnDisk { file, status })
}

/// Adds an entry to what a NAR of its referrer would hold. `node` is the length of its node.
fn measure(scanner: &mut EntryScanner<'_>, entry: &FileEntry<'_>, node: u64) {
    let name = entry.relative.file_name().map(|name| name.len() as u64);
    let length = scanner.part.nar_sizes.entry(entry.owner).or_default();
    *length = length
        .saturating_add(node)
        .saturating_add(name.map_or(0, nar_size::entry));
}

/// Notes what could not be read.
fn failed(scanner: &mut EntryScanner<'_>, owner: PathId, path: &Path, error: &io::Error) {
    let kind = match error.kind() {
        io::ErrorKind::NotFound => "files that vanished while they were looked for",
        io::ErrorKind::PermissionDenied => "files that may not be read",
        _ => "files that could not be read",
    };
    scanner.problem(owner, kind, format!("{} ({error})", path.display()));
}

impl Visitor for EntryScanner<'_> {
    fn visit(&mut self, entry: &FileEntry<'_>) -> Result<(), Cancelled> {
        let place = || entry.path().display().to_string();
        let spot = EntryLocation {
            owner: entry.owner,
            relative: entry.relative,
            place: &place,
        };
        self.name(spot);
        let outcome = match entry.kind {
            EntryKind::Directory => {
                measure(self, entry, nar_size::DIRECTORY);
                Ok(())
            }
            EntryKind::File => file(self, entry, spot),
            EntryKind::Symlink => match entry.target() {
                Ok(target) => {
                    let length = target.to_bytes().len() as u64;
                    measure(self, entry, nar_size::symlink(length));
                    self.text(spot, HitKind::Symlink, target.to_bytes());
                    Ok(())
                }
                Err(error) => Err(ScanError::Read(error)),
            },
            EntryKind::Special(kind) => {
                let example = format!("{} ({kind})", place());
                let problem = "entries that no store path may have, not opened";
                self.problem(entry.owner, problem, example);
                Ok(())
            }
        };
        match outcome {
            Ok(()) => Ok(()),
            Err(ScanError::Cancelled(cancelled)) => Err(cancelled),
            Err(ScanError::Read(error)) => {
                failed(self, entry.owner, &entry.path(), &error);
                Ok(())
            }
        }
    }

    fn unreadable(&mut self, owner: PathId, path: &Path, error: &io::Error) {
        failed(self, owner, path, error);
    }
}

/// A file that is open.
struct OnDisk {
    file: File,
    status: Status,
}

impl Feed for OnDisk {
    fn feed(
        self,
        scanner: &mut Scanner<'_>,
        name: &[u8],
        found: &mut dyn FnMut(&Occurrence<'_>),
    ) -> Result<(Scanned, u64), ScanError> {
        let Self { file, status } = &self;
        let (mut all, mut expected) = (Scanned::default(), 0);
        let mut scan = |extent: Extent| -> Result<(), ScanError> {
            let mut content = Piece {
                file,
                offset: extent.offset,
            };
            let piece = scanner.scan(name, extent, &mut content, Some(file), found)?;
            all.bytes += piece.bytes;
            expected += extent.length;
            all.packed = all.packed.or(piece.packed);
            Ok(())
        };
        match extents(file, status) {
            Some(extents) => extents.into_iter().try_for_each(scan)?,
            None => scan(Extent {
                offset: 0,
                length: status.length,
                partial: false,
            })?,
        }
        Ok((all, expected))
    }
}

/// The pieces of a file that have bytes on disk, if it is large and has holes.
fn extents(file: &File, status: &Status) -> Option<Vec<Extent>> {
    /// Below this size holes are read like everything else.
    const WORTH_IT: u64 = 1 << 20;
    let length = status.length;
    if length < WORTH_IT || status.allocated >= length {
        return None;
    }
    let extents = data_extents(file, length).ok()?;
    // A file system that packs files has few blocks without any hole.
    let whole = extents.iter().any(|extent| extent.length == length);
    (!whole).then_some(extents)
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

impl ReadAt for File {
    fn read_at(&self, offset: u64, length: usize) -> Cow<'_, [u8]> {
        let mut bytes = vec![0; length];
        let mut filled = 0;
        while filled < length {
            match FileExt::read_at(
                self,
                &mut bytes[filled..],
                offset.saturating_add(filled as u64),
            ) {
                Ok(0) | Err(_) => break,
                Ok(more) => filled += more,
            }
        }
        bytes.truncate(filled);
        Cow::Owned(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::analysis::file_category::Categories;
    use crate::job::Progress;
    use crate::source::evidence::Limits;
    use crate::source::evidence::collect::{Collector, WantedReferences};
    use crate::source::evidence::entry::ScanContext;
    use crate::source::evidence::needles::Needles;
    use crate::source::files::walk::walk_on;
    use crate::testing::{graph, id};

    /// Removes everything else as soon as it sees the first file.
    struct Remover<'a> {
        look: EntryScanner<'a>,
        files: u32,
    }

    impl Visitor for Remover<'_> {
        fn visit(&mut self, entry: &FileEntry<'_>) -> Result<(), Cancelled> {
            if entry.kind == EntryKind::File {
                self.files += 1;
            }
            if self.files == 1 {
                let seen = entry.path();
                let directory = seen.parent().expect("a parent");
                for other in fs::read_dir(directory).expect("it is there").flatten() {
                    if other.path() != seen {
                        let _ =
                            fs::remove_file(other.path()).or_else(|_| fs::remove_dir(other.path()));
                    }
                }
            }
            self.look.visit(entry)
        }

        fn unreadable(&mut self, owner: PathId, path: &Path, error: &io::Error) {
            self.look.unreadable(owner, path, error);
        }
    }

    #[test]
    fn files_that_vanish_during_the_scan_are_named() {
        let (graph, _) = graph("app -> lib");
        let (app, lib) = (id(&graph, "app"), id(&graph, "lib"));
        let directory = tempfile::tempdir().expect("a directory");
        for name in ["a", "b", "c"] {
            fs::write(directory.path().join(name), graph.hash_part(lib)).expect("a file");
        }
        let wanted = WantedReferences::of(vec![(app, lib)]);
        let (needles, categories) = (Needles::of(&graph, [lib]), Categories::built_in());
        let progress = Progress::new();
        let tools = ScanContext {
            loader: None,
            graph: &graph,
            needles: &needles,
            categories: &categories,
            progress: &progress,
        };
        let roots = vec![(app, directory.path().to_owned())];
        let visitors = walk_on(1, roots, &progress, || Remover {
            look: EntryScanner::new(tools, Collector::new(&wanted, Limits::DETAILED)),
            files: 0,
        });
        let mut visitors = visitors.expect("not cancelled");
        let part = visitors.remove(0).look.part;
        assert_eq!((part.files, &part.incomplete[..]), (1, &[app, app][..]));
        let warnings = part.problems.into_vec();
        assert_eq!(warnings.len(), 1);
        assert_eq!(
            warnings[0].kind,
            "files that vanished while they were looked for"
        );
        assert_eq!(warnings[0].count, 2);
        assert_eq!(part.collector.into_edges()[0].counts.total(), 1);
    }
}
