//! Roots that are links: every entry below `gcroots` and `profiles`, and the link that such an entry may lead to.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, openat, readlinkat};
use rustix::io::Errno;

use super::{LinkProblem, RootKind, RootSearch};
use crate::job::{Cancelled, parallel};
use crate::model::store_path::split_base_name;
use crate::source::roots::{StorePlace, base_below};

/// Entries of a directory that one thread reads in a row.
const AT_ONCE: usize = 256;

/// An entry of a directory that may be a root.
struct LinkEntry {
    name: OsString,
    /// Whether it is a link; else it is a file.
    is_link: bool,
}

/// A link or a file that names a store path.
pub(super) struct Naming {
    pub(super) link: PathBuf,
    /// The entry that leads to the link, if it is not that entry itself.
    pub(super) registered: Option<PathBuf>,
    pub(super) target: String,
    /// Whose it is, by number, and when it was made.
    pub(super) made: Option<(u32, i64)>,
}

/// What became of an entry.
enum Read {
    Names(Naming),
    Broken(PathBuf, LinkProblem),
    Unreadable(PathBuf, io::Error),
    Nothing,
}

impl RootSearch<'_> {
    /// Looks at everything below a directory, as deep as paths can be; links to other directories are not followed.
    pub(super) fn directory(&mut self, top: PathBuf, kind: RootKind) -> Result<(), Cancelled> {
        let auto = self.place.state_dir.join("gcroots/auto");
        let mut rest = vec![(top, kind)];
        while let Some((dir, kind)) = rest.pop() {
            let kind = if dir == auto { RootKind::Result } else { kind };
            let entries = self.entries(&dir, |below| rest.push((below, kind)))?;
            if entries.is_empty() {
                continue;
            }
            match open_directory(&dir) {
                Ok(open) => self.read_all(&dir, &open, &entries, kind)?,
                Err(error) => self.unreadable(&dir, &error),
            }
        }
        Ok(())
    }

    /// The links and files of a directory; what is a directory itself is handed on.
    fn entries(
        &mut self,
        dir: &Path,
        mut further: impl FnMut(PathBuf),
    ) -> Result<Vec<LinkEntry>, Cancelled> {
        let mut found = Vec::new();
        let entries = match fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(error) => {
                self.unreadable(dir, &error);
                return Ok(found);
            }
        };
        for entry in entries {
            self.progress.check()?;
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.unreadable(dir, &error);
                    continue;
                }
            };
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => further(entry.path()),
                Ok(kind) => found.push(LinkEntry {
                    name: entry.file_name(),
                    is_link: kind.is_symlink(),
                }),
                Err(error) => self.unreadable(&entry.path(), &error),
            }
        }
        Ok(found)
    }

    /// Reads the entries of one directory, many of them on all processors: what takes time is to ask for each.
    fn read_all(
        &mut self,
        dir: &Path,
        open: &OwnedFd,
        entries: &[LinkEntry],
        kind: RootKind,
    ) -> Result<(), Cancelled> {
        let reader = LinkReader {
            place: self.place,
            stores: &self.stores,
            dir,
            open: open.as_fd(),
        };
        let parts: Vec<&[LinkEntry]> = entries.chunks(AT_ONCE).collect();
        let progress = self.progress;
        let read = parallel(parts.len(), |part| {
            progress.advance(parts[part].len() as u64)?;
            Ok(parts[part].iter().map(|it| reader.read(it)).collect())
        });
        let read: Vec<Vec<Read>> = read?;
        for entry in read.into_iter().flatten() {
            match entry {
                Read::Names(naming) => self.hold(naming, kind),
                Read::Broken(link, problem) => self.broken(&link, problem),
                Read::Unreadable(path, error) => self.unreadable(&path, &error),
                Read::Nothing => {}
            }
        }
        Ok(())
    }

    pub(super) fn in_store(&self, target: &Path) -> Option<String> {
        in_store(&self.stores, target)
    }
}

/// The base name of the path in one of some store directories that a link leads to or into.
fn in_store(stores: &[PathBuf], target: &Path) -> Option<String> {
    stores.iter().find_map(|store| base_below(store, target))
}

/// What the entries of one directory are read with, by several threads at once.
struct LinkReader<'a> {
    place: &'a StorePlace,
    stores: &'a [PathBuf],
    dir: &'a Path,
    /// The same directory, from which its own links are read.
    open: BorrowedFd<'a>,
}

impl LinkReader<'_> {
    fn read(&self, entry: &LinkEntry) -> Read {
        let path = self.dir.join(&entry.name);
        if entry.is_link {
            self.link(path, &entry.name)
        } else {
            file(path, &entry.name)
        }
    }

    /// A link to a store path, or to a link to one: Nix goes no further.
    fn link(&self, link: PathBuf, name: &OsStr) -> Read {
        let target = match readlinkat(self.open, name, Vec::new()) {
            Ok(target) => PathBuf::from(OsString::from_vec(target.into_bytes())),
            Err(error) => return Read::Unreadable(link, error.into()),
        };
        if let Some(base) = in_store(self.stores, &target) {
            return names(link, None, base);
        }
        let second = self.meant(&link, &target);
        match fs::read_link(&second) {
            Ok(target) => match in_store(self.stores, &target) {
                Some(base) => names(second, Some(link), base),
                None => self.leads_on(link, &second, &target),
            },
            // It is there, and no link.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Read::Nothing,
            Err(error) => leads_nowhere(link, second, error),
        }
    }

    /// A link that leads on to a third thing: only whether it leads anywhere is of interest.
    fn leads_on(&self, link: PathBuf, second: &Path, target: &Path) -> Read {
        let third = self.meant(second, target);
        let error = match fs::symlink_metadata(&third) {
            Err(error) => return leads_nowhere(link, third, error),
            Ok(_) => fs::metadata(second).err(),
        };
        if error.is_some_and(|error| is_circle(&error)) {
            Read::Broken(link, LinkProblem::Circular)
        } else {
            Read::Nothing
        }
    }

    /// Where a link's target is: in a chroot store below its root, if there is something.
    fn meant(&self, link: &Path, target: &Path) -> PathBuf {
        let beside = link.parent().unwrap_or(Path::new("/")).join(target);
        let inside = self.place.inside(&beside);
        inside
            .filter(|inside| fs::symlink_metadata(inside).is_ok())
            .unwrap_or(beside)
    }
}

/// A file may stand for the path whose name it has.
fn file(path: PathBuf, name: &OsStr) -> Read {
    let base = name.to_str().filter(|base| split_base_name(base).is_ok());
    base.map_or(Read::Nothing, |base| names(path, None, base.to_owned()))
}

fn names(link: PathBuf, registered: Option<PathBuf>, target: String) -> Read {
    let meta = fs::symlink_metadata(&link).ok();
    Read::Names(Naming {
        made: meta.map(|meta| (meta.uid(), meta.mtime())),
        link,
        registered,
        target,
    })
}

fn leads_nowhere(link: PathBuf, to: PathBuf, error: io::Error) -> Read {
    match error.kind() {
        // A link that has been taken away meanwhile is no broken one.
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            if fs::symlink_metadata(&link).is_ok() {
                Read::Broken(link, LinkProblem::Dangling)
            } else {
                Read::Nothing
            }
        }
        _ if is_circle(&error) => Read::Broken(link, LinkProblem::Circular),
        _ => Read::Unreadable(to, error),
    }
}

/// Opens a directory for nothing but what is asked of its entries.
fn open_directory(dir: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(openat(CWD, dir, flags, Mode::empty())?)
}

fn is_circle(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::LOOP.raw_os_error())
}
