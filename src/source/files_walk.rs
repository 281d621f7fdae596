//! Walks the files of many store paths at once, on all processors.
//!
//! Work is handed out by directory, and in batches of entries where directories are large, so one large path keeps every
//! processor busy as well as a thousand small ones. The newest task is taken first, which keeps the list of waiting ones
//! short. Entries are named relative to their open directory, so the system need not follow their paths again. Links are
//! never followed, and nothing but regular files and directories is ever opened.

mod queue;

use std::ffi::{CStr, CString, OsStr};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, openat, readlinkat, statat};

use crate::job::{Cancelled, Progress, parallel_on, threads};
use crate::model::PathId;

use self::queue::Queue;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A regular file.
    File,
    /// A symbolic link.
    Symlink,
    /// A directory.
    Directory,
    /// A socket, a FIFO or a device, which no store path may hold: its name in words.
    Special(&'static str),
}

impl Kind {
    fn of(file_type: FileType) -> Self {
        match file_type {
            FileType::RegularFile => Self::File,
            FileType::Symlink => Self::Symlink,
            FileType::Directory => Self::Directory,
            FileType::Fifo => Self::Special("a FIFO"),
            FileType::Socket => Self::Special("a socket"),
            _ => Self::Special("a device"),
        }
    }
}

/// What the file system says about an entry itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Status {
    kind: Kind,
    /// Length of the content or of the link's target, in bytes.
    pub(crate) length: u64,
    /// Bytes on disk.
    pub(crate) allocated: u64,
    /// Device and inode number.
    pub(crate) inode: (u64, u64),
    /// How many names it has.
    pub(crate) links: u64,
    /// May its owner execute it?
    pub(crate) executable: bool,
}

/// A file, link or directory of a store path.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    /// The store path it belongs to.
    pub(crate) owner: PathId,
    /// Where it is in the store path; empty for the store path itself.
    pub(crate) relative: &'a Path,
    /// What it is.
    pub(crate) kind: Kind,
    directory: BorrowedFd<'a>,
    directory_path: &'a Path,
    /// Relative to the directory; the whole path of a store path itself.
    name: &'a CStr,
}

impl Entry<'_> {
    /// Where it is on this machine.
    pub(crate) fn path(&self) -> PathBuf {
        self.directory_path
            .join(OsStr::from_bytes(self.name.to_bytes()))
    }

    /// What the file system says about the entry itself (links are not followed).
    pub(crate) fn status(&self) -> io::Result<Status> {
        status(self.directory, self.name)
    }

    /// Opens a file that was a regular one a moment ago, without following a link or waiting for a FIFO's other end.
    pub(crate) fn open(&self) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | CAREFUL;
        Ok(openat(self.directory, self.name, flags, Mode::empty())?.into())
    }

    /// Where a link points to.
    pub(crate) fn target(&self) -> io::Result<CString> {
        Ok(readlinkat(self.directory, self.name, Vec::new())?)
    }
}

fn status(directory: BorrowedFd<'_>, name: &CStr) -> io::Result<Status> {
    let stat = statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(Status {
        kind: Kind::of(FileType::from_raw_mode(stat.st_mode)),
        length: unsigned(stat.st_size),
        allocated: unsigned(stat.st_blocks) * 512,
        inode: (unsigned(stat.st_dev), unsigned(stat.st_ino)),
        links: unsigned(stat.st_nlink),
        executable: stat.st_mode & 0o100 != 0,
    })
}

/// Systems disagree about the types of what they say about files; none of it is negative.
fn unsigned(number: impl TryInto<u64>) -> u64 {
    number.try_into().unwrap_or(0)
}

/// Sees every entry once. Each worker has its own.
pub(crate) trait Visitor: Send {
    /// An entry; directories come before what is in them.
    fn visit(&mut self, entry: &Entry<'_>) -> Result<(), Cancelled>;
    /// A directory that cannot be listed, or an entry that cannot be looked at.
    fn unreadable(&mut self, owner: PathId, path: &Path, error: &io::Error);
}

/// No link is followed, no FIFO waited for, no terminal taken over.
const CAREFUL: OFlags = OFlags::NOFOLLOW
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY);

/// Opens a file that was a regular one a moment ago, as [`Entry::open`] does.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .custom_flags(CAREFUL.bits().cast_signed())
        .open(path)
}

/// A store path to walk.
pub(crate) type Root = (PathId, PathBuf);

/// Walks store paths, the last one first, and gives the workers' visitors.
pub(crate) fn walk<V: Visitor>(
    roots: Vec<Root>,
    progress: &Progress,
    visitor: impl Fn() -> V + Sync,
) -> Result<Vec<V>, Cancelled> {
    walk_on(threads(), roots, progress, visitor)
}

/// As [`walk`], on a given number of threads.
pub(crate) fn walk_on<V: Visitor>(
    threads: usize,
    roots: Vec<Root>,
    progress: &Progress,
    visitor: impl Fn() -> V + Sync,
) -> Result<Vec<V>, Cancelled> {
    let tasks = roots
        .into_iter()
        .map(|(owner, path)| Task::Root(owner, path));
    let queue = Queue::of(tasks.collect());
    parallel_on(threads, threads, |_| {
        let mut visitor = visitor();
        while let Some(turn) = queue.next() {
            let outcome = progress
                .check()
                .and_then(|()| turn.work(&mut visitor, &queue));
            if outcome.is_err() {
                queue.stop();
            }
            outcome?;
        }
        Ok(visitor)
    })
}

enum Task {
    Root(PathId, PathBuf),
    Directory(Folder),
    /// Some entries of a directory so large that others shall help.
    Entries(Arc<Listed>, Vec<(CString, Kind)>),
}

/// A directory that waits to be listed.
struct Folder {
    owner: PathId,
    path: PathBuf,
    relative: PathBuf,
}

/// A directory that is open.
struct Listed {
    folder: Folder,
    directory: OwnedFd,
}

/// Entries of a directory that are worked on in one go.
const BATCH: usize = 64;
/// Above this many waiting batches a worker does its work itself instead of handing it out: each keeps its directory open.
const WAITING: usize = 64;

impl Task {
    fn run<V: Visitor>(self, visitor: &mut V, queue: &Queue) -> Result<(), Cancelled> {
        match self {
            Self::Root(owner, path) => begin(owner, path, visitor, queue),
            Self::Directory(folder) => list(folder, visitor, queue),
            Self::Entries(listed, entries) => visit_all(&listed, entries, visitor, queue),
        }
    }
}

fn begin<V: Visitor>(
    owner: PathId,
    path: PathBuf,
    visitor: &mut V,
    queue: &Queue,
) -> Result<(), Cancelled> {
    let name = CString::new(path.as_os_str().as_bytes()).map_err(io::Error::other);
    let known = name.and_then(|name| Ok((status(CWD, &name)?.kind, name)));
    let (kind, name) = match known {
        Ok(known) => known,
        Err(error) => {
            visitor.unreadable(owner, &path, &error);
            return Ok(());
        }
    };
    visitor.visit(&Entry {
        owner,
        relative: Path::new(""),
        kind,
        directory: CWD,
        directory_path: Path::new(""),
        name: &name,
    })?;
    if kind == Kind::Directory {
        let relative = PathBuf::new();
        let folder = Folder {
            owner,
            path,
            relative,
        };
        list(folder, visitor, queue)?;
    }
    Ok(())
}

fn open_directory(path: &Path) -> io::Result<(OwnedFd, Dir)> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::DIRECTORY | OFlags::NOFOLLOW;
    let directory = openat(CWD, path, flags, Mode::empty())?;
    // Both see the same place in the listing, which only one of them reads: cheaper than opening it once more.
    let entries = Dir::new(directory.try_clone()?)?;
    Ok((directory, entries))
}

fn list<V: Visitor>(folder: Folder, visitor: &mut V, queue: &Queue) -> Result<(), Cancelled> {
    let (directory, entries) = match open_directory(&folder.path) {
        Ok(opened) => opened,
        Err(error) => {
            visitor.unreadable(folder.owner, &folder.path, &error);
            return Ok(());
        }
    };
    let listed = Arc::new(Listed { folder, directory });
    let folder = &listed.folder;
    let mut batch = Vec::new();
    for entry in entries {
        let (name, file_type) = match entry {
            Ok(entry) => (entry.file_name().to_owned(), entry.file_type()),
            Err(error) => {
                visitor.unreadable(folder.owner, &folder.path, &error.into());
                // A directory that fails once may fail for ever.
                break;
            }
        };
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        match kind_of(&listed, &name, file_type) {
            Ok(kind) => batch.push((name, kind)),
            Err(error) => {
                let path = folder.path.join(OsStr::from_bytes(name.to_bytes()));
                visitor.unreadable(folder.owner, &path, &error);
            }
        }
        if batch.len() == BATCH {
            let full = std::mem::take(&mut batch);
            if let Some(full) = queue.offer(&listed, full) {
                visit_all(&listed, full, visitor, queue)?;
            }
        }
    }
    visit_all(&listed, batch, visitor, queue)
}

/// Not every file system tells in its listings what an entry is.
fn kind_of(listed: &Listed, name: &CStr, file_type: FileType) -> io::Result<Kind> {
    match file_type {
        FileType::Unknown => Ok(status(listed.directory.as_fd(), name)?.kind),
        known => Ok(Kind::of(known)),
    }
}

fn visit_all<V: Visitor>(
    listed: &Listed,
    entries: Vec<(CString, Kind)>,
    visitor: &mut V,
    queue: &Queue,
) -> Result<(), Cancelled> {
    let folder = &listed.folder;
    let mut relative = folder.relative.clone();
    for (name, kind) in entries {
        relative.push(OsStr::from_bytes(name.to_bytes()));
        let entry = Entry {
            owner: folder.owner,
            relative: &relative,
            kind,
            directory: listed.directory.as_fd(),
            directory_path: &folder.path,
            name: &name,
        };
        visitor.visit(&entry)?;
        if kind == Kind::Directory {
            let path = entry.path();
            queue.push(Task::Directory(Folder {
                owner: folder.owner,
                path,
                relative: relative.clone(),
            }));
        }
        relative.pop();
    }
    Ok(())
}
