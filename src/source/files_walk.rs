//! Walks the files of many store paths at once, on all processors.
//!
//! Work is handed out by directory, so one large path keeps every processor busy as well as a thousand small ones. The
//! newest directory is taken first, which keeps the list of waiting ones short. Links are never followed, and nothing but
//! regular files and directories is ever opened.

use std::fs::{self, DirEntry, File, FileType, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use rustix::fs::OFlags;

use crate::job::{Cancelled, Progress, parallel_on, threads};
use crate::model::PathId;

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
        if file_type.is_file() {
            Self::File
        } else if file_type.is_symlink() {
            Self::Symlink
        } else if file_type.is_dir() {
            Self::Directory
        } else if file_type.is_fifo() {
            Self::Special("a FIFO")
        } else if file_type.is_socket() {
            Self::Special("a socket")
        } else {
            Self::Special("a device")
        }
    }
}

/// A file, link or directory of a store path.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The store path it belongs to.
    pub(crate) owner: PathId,
    /// Where it is on this machine.
    pub(crate) path: PathBuf,
    /// Where it is in the store path; empty for the store path itself.
    pub(crate) relative: PathBuf,
    /// What it is.
    pub(crate) kind: Kind,
    listed: Option<DirEntry>,
}

impl Entry {
    /// What the file system says about the entry itself (links are not followed).
    pub(crate) fn metadata(&self) -> io::Result<Metadata> {
        match &self.listed {
            Some(entry) => entry.metadata(),
            None => self.path.symlink_metadata(),
        }
    }
}

/// Sees every entry once. Each worker has its own.
pub(crate) trait Visitor: Send {
    /// An entry; directories come before what is in them.
    fn visit(&mut self, entry: &Entry) -> Result<(), Cancelled>;
    /// A directory that cannot be listed, or an entry that cannot be looked at.
    fn unreadable(&mut self, owner: PathId, path: &Path, error: &io::Error);
}

/// Opens a file that was a regular one a moment ago, without following a link or waiting for a FIFO's other end.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
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
    Entries(Arc<Folder>, Vec<(DirEntry, Kind)>),
}

#[derive(Clone)]
struct Folder {
    owner: PathId,
    path: PathBuf,
    relative: PathBuf,
}

/// Entries of a directory that are worked on in one go.
const BATCH: usize = 64;
/// Above this many waiting tasks a worker does its work itself instead of handing it out.
const WAITING: usize = 1024;

impl Task {
    fn run<V: Visitor>(self, visitor: &mut V, queue: &Queue) -> Result<(), Cancelled> {
        match self {
            Self::Root(owner, path) => begin(owner, path, visitor, queue),
            Self::Directory(folder) => list(folder, visitor, queue),
            Self::Entries(folder, entries) => visit_all(&folder, entries, visitor, queue),
        }
    }
}

fn begin<V: Visitor>(
    owner: PathId,
    path: PathBuf,
    visitor: &mut V,
    queue: &Queue,
) -> Result<(), Cancelled> {
    let kind = match path.symlink_metadata() {
        Ok(metadata) => Kind::of(metadata.file_type()),
        Err(error) => {
            visitor.unreadable(owner, &path, &error);
            return Ok(());
        }
    };
    let entry = Entry {
        owner,
        path,
        relative: PathBuf::new(),
        kind,
        listed: None,
    };
    visitor.visit(&entry)?;
    if kind == Kind::Directory {
        let (path, relative) = (entry.path, entry.relative);
        list(
            Folder {
                owner,
                path,
                relative,
            },
            visitor,
            queue,
        )?;
    }
    Ok(())
}

fn list<V: Visitor>(folder: Folder, visitor: &mut V, queue: &Queue) -> Result<(), Cancelled> {
    let entries = match fs::read_dir(&folder.path) {
        Ok(entries) => entries,
        Err(error) => {
            visitor.unreadable(folder.owner, &folder.path, &error);
            return Ok(());
        }
    };
    let folder = Arc::new(folder);
    let mut batch = Vec::new();
    for entry in entries {
        match entry.and_then(|entry| Ok((Kind::of(entry.file_type()?), entry))) {
            Ok((kind, entry)) => batch.push((entry, kind)),
            Err(error) => {
                visitor.unreadable(folder.owner, &folder.path, &error);
                // A directory that fails once may fail for ever.
                break;
            }
        }
        if batch.len() == BATCH {
            let full = std::mem::take(&mut batch);
            if let Some(Task::Entries(_, full)) =
                queue.offer(Task::Entries(Arc::clone(&folder), full))
            {
                visit_all(&folder, full, visitor, queue)?;
            }
        }
    }
    visit_all(&folder, batch, visitor, queue)
}

fn visit_all<V: Visitor>(
    folder: &Folder,
    entries: Vec<(DirEntry, Kind)>,
    visitor: &mut V,
    queue: &Queue,
) -> Result<(), Cancelled> {
    for (listed, kind) in entries {
        let name = listed.file_name();
        let entry = Entry {
            owner: folder.owner,
            path: folder.path.join(&name),
            relative: folder.relative.join(&name),
            kind,
            listed: Some(listed),
        };
        visitor.visit(&entry)?;
        if kind == Kind::Directory {
            queue.push(Task::Directory(Folder {
                owner: folder.owner,
                path: entry.path,
                relative: entry.relative,
            }));
        }
    }
    Ok(())
}

/// The tasks that wait, and how many are being worked on: those may bring more.
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    waiting: Vec<Task>,
    running: usize,
    stopped: bool,
}

impl Queue {
    fn of(waiting: Vec<Task>) -> Self {
        Self {
            state: Mutex::new(State {
                waiting,
                running: 0,
                stopped: false,
            }),
            changed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next task, once there is one; `None` when all is done or the work was stopped.
    fn next(&self) -> Option<Turn<'_>> {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return None;
            }
            if let Some(task) = state.waiting.pop() {
                state.running += 1;
                return Some(Turn {
                    task: Some(task),
                    queue: self,
                });
            }
            if state.running == 0 {
                return None;
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn push(&self, task: Task) {
        self.lock().waiting.push(task);
        self.changed.notify_one();
    }

    /// Puts the task among the waiting ones, or gives it back when enough are.
    fn offer(&self, task: Task) -> Option<Task> {
        if self.lock().waiting.len() >= WAITING {
            return Some(task);
        }
        self.push(task);
        None
    }

    fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }
}

/// A task being worked on. Dropping it tells the others, even when the worker panics.
struct Turn<'a> {
    task: Option<Task>,
    queue: &'a Queue,
}

impl Turn<'_> {
    fn work<V: Visitor>(mut self, visitor: &mut V, queue: &Queue) -> Result<(), Cancelled> {
        self.task
            .take()
            .map_or(Ok(()), |task| task.run(visitor, queue))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.running -= 1;
        if state.running == 0 && state.waiting.is_empty() {
            self.queue.changed.notify_all();
        }
    }
}
