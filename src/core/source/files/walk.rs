//! Walks the files of many store paths at once, on all processors.
//!
//! Each thread takes store paths, and walks what it finds there by itself as long as all others are busy: threads that
//! hand memory to each other wait for each other. To one that waits it leaves directories, and batches of entries where
//! those are large, so one large path keeps every processor busy as well as a thousand small ones. The newest task is
//! taken first, which keeps the list of waiting ones short. Entries are named relative to their open directory, so the
//! system need not follow their paths again. Links are never followed, and nothing but regular files and directories is
//! ever opened.

mod names;
mod queue;
mod walker;

use std::ffi::{CStr, CString, OsStr};
use std::fs::File;
use std::io;
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, fstat, openat, readlinkat, statat};

use crate::job::{Cancelled, Progress, parallel_on, threads};
use crate::model::PathId;
use crate::plain_file;

use self::queue::{Queue, Task};
use self::walker::Walker;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryKind {
    /// A regular file.
    File,
    /// A symbolic link.
    Symlink,
    /// A directory.
    Directory,
    /// A socket, a FIFO or a device, which no store path may hold: its name in words.
    Special(&'static str),
}

impl EntryKind {
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
    kind: EntryKind,
    /// Length of the content or of the link's target, in bytes.
    pub(crate) length: u64,
    /// Bytes on disk.
    pub(crate) allocated: u64,
    /// Device and inode number.
    pub(crate) inode: (u64, u64),
    /// How many names it has.
    pub(crate) links: u64,
    /// Whether its owner may execute it.
    pub(crate) executable: bool,
}

/// A file, link or directory of a store path.
#[derive(Debug)]
pub(crate) struct FileEntry<'a> {
    /// The store path it belongs to.
    pub(crate) owner: PathId,
    /// Where it is in the store path; empty for the store path itself.
    pub(crate) relative: &'a Path,
    /// What it is.
    pub(crate) kind: EntryKind,
    directory: BorrowedFd<'a>,
    directory_path: &'a Path,
    /// Relative to the directory; the whole path of a store path itself.
    name: &'a CStr,
}

impl FileEntry<'_> {
    /// Where it is on this machine.
    pub(crate) fn path(&self) -> PathBuf {
        let name = self.name.to_bytes();
        let length = self.directory_path.as_os_str().len() + 1 + name.len();
        let mut path = PathBuf::with_capacity(length);
        path.push(self.directory_path);
        path.push(OsStr::from_bytes(name));
        path
    }

    /// What the file system says about the entry itself (links are not followed).
    pub(crate) fn status(&self) -> io::Result<Status> {
        status(self.directory, self.name)
    }

    /// Opens a regular file, without following a link or waiting for a FIFO's other end. An error if it is not one any
    /// more.
    pub(crate) fn open(&self) -> io::Result<(File, Status)> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | CAREFUL;
        let file = openat(self.directory, self.name, flags, Mode::empty())?;
        let status = Status::from(fstat(&file)?);
        if status.kind == EntryKind::File {
            Ok((file.into(), status))
        } else {
            Err(io::Error::other("it is not a regular file any more"))
        }
    }

    /// Where a link points to.
    pub(crate) fn target(&self) -> io::Result<CString> {
        Ok(readlinkat(self.directory, self.name, Vec::new())?)
    }
}

fn status(directory: BorrowedFd<'_>, name: &CStr) -> io::Result<Status> {
    Ok(statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?.into())
}

impl From<Stat> for Status {
    fn from(stat: Stat) -> Self {
        Self {
            kind: EntryKind::of(FileType::from_raw_mode(stat.st_mode)),
            length: unsigned(stat.st_size),
            allocated: unsigned(stat.st_blocks) * 512,
            inode: (unsigned(stat.st_dev), unsigned(stat.st_ino)),
            links: unsigned(stat.st_nlink),
            executable: stat.st_mode & 0o100 != 0,
        }
    }
}

/// Systems disagree about the types of what they say about files; none of it is negative.
fn unsigned(number: impl TryInto<u64>) -> u64 {
    number.try_into().unwrap_or(0)
}

/// Sees every entry once. Each worker has its own.
pub(crate) trait Visitor: Send {
    /// An entry; directories come before what is in them.
    fn visit(&mut self, entry: &FileEntry<'_>) -> Result<(), Cancelled>;
    /// A directory that cannot be listed, or an entry that cannot be looked at.
    fn unreadable(&mut self, owner: PathId, path: &Path, error: &io::Error);
}

/// No link is followed, no FIFO waited for, no terminal taken over.
const CAREFUL: OFlags = OFlags::NOFOLLOW
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY);

/// Opens a file that was a regular one a moment ago, as [`FileEntry::open`] does.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    Ok(plain_file::open_with(path, CAREFUL)?)
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
        let mut walker = Walker::new(visitor(), &queue, progress);
        while let Some(mut turn) = queue.next() {
            let outcome = walker.run(turn.task());
            if outcome.is_err() {
                queue.stop();
            }
            outcome?;
        }
        Ok(walker.visitor)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::*;

    /// Notes what it sees, and how often.
    #[derive(Default)]
    struct Seen(BTreeMap<PathBuf, u32>);

    impl Visitor for Seen {
        fn visit(&mut self, entry: &FileEntry<'_>) -> Result<(), Cancelled> {
            *self.0.entry(entry.path()).or_default() += 1;
            // The others run out of work meanwhile, and are to be given some.
            std::thread::yield_now();
            Ok(())
        }

        fn unreadable(&mut self, _: PathId, path: &Path, error: &io::Error) {
            panic!("{}: {error}", path.display());
        }
    }

    #[test]
    fn every_entry_is_seen_once_by_any_number_of_threads() {
        let top = tempfile::tempdir().expect("a directory");
        let mut expected = vec![top.path().to_owned()];
        for deep in ["", "a", "a/b", "a/b/c", "d", "d/e"] {
            let directory = top.path().join(deep);
            fs::create_dir_all(&directory).expect("a directory");
            // More than one batch, and directories among the files.
            for number in 0..150 {
                let place = directory.join(format!("{number}"));
                if number % 5 == 0 {
                    fs::create_dir(&place).expect("a directory");
                    fs::write(place.join("x"), "x").expect("a file");
                    expected.push(place.join("x"));
                } else {
                    fs::write(&place, "x").expect("a file");
                }
                expected.push(place);
            }
        }
        expected.extend(["a", "a/b", "a/b/c", "d", "d/e"].map(|deep| top.path().join(deep)));
        expected.sort();
        for threads in [1, 2, 5] {
            for _ in 0..10 {
                let roots = vec![(PathId::new(0), top.path().to_owned())];
                let visitors = walk_on(threads, roots, &Progress::new(), Seen::default);
                let mut all: Vec<_> = visitors
                    .expect("not cancelled")
                    .into_iter()
                    .flat_map(|seen| seen.0)
                    .collect();
                all.sort();
                assert!(all.iter().all(|(_, times)| *times == 1));
                let all: Vec<_> = all.into_iter().map(|(path, _)| path).collect();
                assert_eq!(all, expected);
            }
        }
    }

    /// Cancels everything at once, and counts what it sees nevertheless.
    struct Canceller<'a>(&'a Progress, u32);

    impl Visitor for Canceller<'_> {
        fn visit(&mut self, _: &FileEntry<'_>) -> Result<(), Cancelled> {
            self.0.cancel();
            self.1 += 1;
            assert!(self.1 < 20, "the next directory is begun");
            Ok(())
        }

        fn unreadable(&mut self, _: PathId, _: &Path, _: &io::Error) {}
    }

    #[test]
    fn a_walk_that_is_called_off_begins_no_further_directory() {
        let top = tempfile::tempdir().expect("a directory");
        for number in 0..10 {
            let inner = top.path().join(format!("{number}"));
            for deeper in 0..10 {
                fs::create_dir_all(inner.join(format!("{deeper}"))).expect("a directory");
            }
        }
        let progress = Progress::new();
        let roots = vec![(PathId::new(0), top.path().to_owned())];
        let walked = walk_on(1, roots, &progress, || Canceller(&progress, 0));
        assert!(walked.is_err());
    }
}
