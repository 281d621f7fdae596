//! One thread's work on the files of many store paths.

use std::ffi::{CString, OsStr};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{CWD, Dir, DirEntry, FileType, Mode, OFlags, openat};

use crate::job::{Cancelled, Progress};
use crate::model::PathId;

use super::names::EntryNames;
use super::queue::{Queue, Task};
use super::{EntryKind, FileEntry, Visitor, status};

/// Entries of a directory that are worked on in one go.
const BATCH: usize = 64;

/// A directory that waits to be listed.
#[derive(Clone)]
pub(crate) struct Folder {
    owner: PathId,
    path: PathBuf,
    /// The length of the store path's own path.
    root: usize,
}

impl Folder {
    /// Where it is in the store path.
    fn relative(&self) -> &[u8] {
        let below = self.path.as_os_str().as_bytes().get(self.root + 1..);
        below.unwrap_or_default()
    }
}

/// A directory that stays open until all of its entries are visited.
pub(crate) struct OpenFolder {
    folder: Folder,
    directory: OwnedFd,
}

/// A thread's visitor, and memory that it uses again and again.
pub(crate) struct Walker<'a, V> {
    pub(crate) visitor: V,
    queue: &'a Queue,
    progress: &'a Progress,
    /// Directories found here that no other thread waits for.
    mine: Vec<Folder>,
    names: EntryNames,
    relative: Vec<u8>,
}

impl<'a, V: Visitor> Walker<'a, V> {
    pub(crate) fn new(visitor: V, queue: &'a Queue, progress: &'a Progress) -> Self {
        Self {
            visitor,
            queue,
            progress,
            mine: Vec::new(),
            names: EntryNames::default(),
            relative: Vec::new(),
        }
    }

    /// Does a task, and what it brings unless others do that.
    pub(crate) fn run(&mut self, task: Option<Task>) -> Result<(), Cancelled> {
        self.progress.check()?;
        match task {
            None => {}
            Some(Task::Root(owner, path)) => self.begin(owner, path)?,
            Some(Task::Directory(folder)) => self.list(&folder)?,
            Some(Task::Entries(shared, names)) => {
                self.visit_all(&shared.folder, shared.directory.as_fd(), &names)?;
            }
        }
        while let Some(folder) = self.mine.pop() {
            self.progress.check()?;
            self.queue.share(&mut self.mine);
            self.list(&folder)?;
        }
        Ok(())
    }

    fn begin(&mut self, owner: PathId, path: PathBuf) -> Result<(), Cancelled> {
        let name = CString::new(path.as_os_str().as_bytes()).map_err(io::Error::other);
        let known = name.and_then(|name| Ok((status(CWD, &name)?.kind, name)));
        let (kind, name) = match known {
            Ok(known) => known,
            Err(error) => {
                self.visitor.unreadable(owner, &path, &error);
                return Ok(());
            }
        };
        self.visitor.visit(&FileEntry {
            owner,
            relative: Path::new(""),
            kind,
            directory: CWD,
            directory_path: Path::new(""),
            name: &name,
        })?;
        if kind == EntryKind::Directory {
            let root = path.as_os_str().len();
            self.list(&Folder { owner, path, root })?;
        }
        Ok(())
    }

    fn list(&mut self, folder: &Folder) -> Result<(), Cancelled> {
        let mut entries = match open_directory(&folder.path) {
            Ok(entries) => entries,
            Err(error) => {
                self.visitor.unreadable(folder.owner, &folder.path, &error);
                return Ok(());
            }
        };
        let mut names = std::mem::take(&mut self.names);
        let mut shared = None;
        while let Some(entry) = entries.next() {
            match entry {
                Ok(entry) => self.take(folder, &entries, &entry, &mut names),
                Err(error) => {
                    let error = error.into();
                    self.visitor.unreadable(folder.owner, &folder.path, &error);
                    // A directory that fails once may fail for ever.
                    break;
                }
            }
            if names.len() == BATCH {
                names = self.hand_out(folder, &entries, names, &mut shared)?;
            }
        }
        self.visit_open(folder, &entries, &names)?;
        names.clear();
        self.names = names;
        Ok(())
    }

    /// Adds an entry to those that are to be visited.
    fn take(&mut self, folder: &Folder, entries: &Dir, entry: &DirEntry, names: &mut EntryNames) {
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            return;
        }
        match kind_of(entries, entry) {
            Ok(kind) => names.add(name, kind),
            Err(error) => {
                let path = folder.path.join(OsStr::from_bytes(name.to_bytes()));
                self.visitor.unreadable(folder.owner, &path, &error);
            }
        }
    }

    /// Leaves entries to others that wait, or visits them. Gives a list for the next ones.
    fn hand_out(
        &mut self,
        folder: &Folder,
        entries: &Dir,
        mut names: EntryNames,
        shared: &mut Option<Arc<OpenFolder>>,
    ) -> Result<EntryNames, Cancelled> {
        if shared.is_none() {
            let directory = entries.fd().map_err(io::Error::from);
            let directory = directory.and_then(|fd| fd.try_clone_to_owned());
            // Without one more descriptor no other thread can help.
            *shared = directory.ok().map(|directory| {
                let folder = folder.clone();
                Arc::new(OpenFolder { folder, directory })
            });
        }
        if let Some(shared) = shared {
            match self.queue.offer(shared, names) {
                None => return Ok(EntryNames::default()),
                Some(refused) => names = refused,
            }
        }
        self.visit_open(folder, entries, &names)?;
        names.clear();
        Ok(names)
    }

    fn visit_open(
        &mut self,
        folder: &Folder,
        entries: &Dir,
        names: &EntryNames,
    ) -> Result<(), Cancelled> {
        match entries.fd() {
            Ok(directory) => self.visit_all(folder, directory, names),
            Err(error) => {
                let error = error.into();
                self.visitor.unreadable(folder.owner, &folder.path, &error);
                Ok(())
            }
        }
    }

    fn visit_all(
        &mut self,
        folder: &Folder,
        directory: BorrowedFd<'_>,
        names: &EntryNames,
    ) -> Result<(), Cancelled> {
        let relative = &mut self.relative;
        relative.clear();
        relative.extend_from_slice(folder.relative());
        if !relative.is_empty() {
            relative.push(b'/');
        }
        let parent = relative.len();
        for (name, kind) in names.iter() {
            relative.truncate(parent);
            relative.extend_from_slice(name.to_bytes());
            let entry = FileEntry {
                owner: folder.owner,
                relative: Path::new(OsStr::from_bytes(relative)),
                kind,
                directory,
                directory_path: &folder.path,
                name,
            };
            self.visitor.visit(&entry)?;
            if kind == EntryKind::Directory {
                self.mine.push(Folder {
                    path: entry.path(),
                    ..*folder
                });
                self.queue.share(&mut self.mine);
            }
        }
        Ok(())
    }
}

fn open_directory(path: &Path) -> io::Result<Dir> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::DIRECTORY | OFlags::NOFOLLOW;
    Ok(Dir::new(openat(CWD, path, flags, Mode::empty())?)?)
}

/// Not every file system tells in its listings what an entry is.
fn kind_of(entries: &Dir, entry: &DirEntry) -> io::Result<EntryKind> {
    match entry.file_type() {
        FileType::Unknown => Ok(status(entries.fd()?, entry.file_name())?.kind),
        known => Ok(EntryKind::of(known)),
    }
}
