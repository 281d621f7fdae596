//! What the files of store paths take on disk, from metadata alone.
//!
//! An [`Inventory`] is one walk over the files; disk usage, categories and the search for identical files all start from
//! it. Bytes on disk are blocks, each inode once; bytes that hard links share are told apart from those a path has for
//! itself.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use hashbrown::HashMap;

use crate::job::{Cancelled, Progress};
use crate::model::{PathId, StoreGraph, Warning, Warnings};

use super::nar_size;
use super::places::StoreFiles;
use super::walk::{EntryKind, FileEntry, Root, Status, Visitor, walk};

/// A file on a file system: device and inode number.
pub type Inode = (u64, u64);

/// A regular file or a symbolic link of a store path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRecord {
    /// The store path it belongs to.
    pub owner: PathId,
    /// Where it is in the store path; empty for the store path itself.
    pub relative: Box<Path>,
    /// Length of the content or of the link's target, in bytes.
    pub length: u64,
    /// Bytes on disk.
    pub allocated: u64,
    /// The file behind the name.
    pub inode: Inode,
    /// How many names the file has in all.
    pub links: u64,
    /// Whether it is executable.
    pub executable: bool,
    /// Whether it is a symbolic link.
    pub symlink: bool,
}

/// What one path has that is not in its file records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PathRecord {
    /// Where the path is on this machine.
    pub place: PathBuf,
    /// Directories, the path itself included.
    pub directories: u64,
    /// Bytes on disk of the directories themselves.
    pub directory_bytes: u64,
    /// Size of the path's NAR, computed from what is there.
    pub nar_size: u64,
    /// Whether everything could be looked at, and is as the store recorded it.
    pub complete: bool,
}

/// All files of some store paths.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// The paths that are on this machine.
    pub paths: HashMap<PathId, PathRecord>,
    /// Their files and links, in no order.
    pub files: Vec<FileRecord>,
    /// The paths that are not on this machine, ascending.
    pub absent: Vec<PathId>,
    /// What could not be looked at, and what differs from the store's records.
    pub warnings: Vec<Warning>,
    pub(crate) link_directories: Vec<PathBuf>,
}

impl Inventory {
    /// Walks the files of some paths.
    pub fn read(
        files: &StoreFiles,
        graph: &StoreGraph,
        ids: impl IntoIterator<Item = PathId>,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let mut inventory = Self::default();
        let mut problems = Warnings::sorted();
        let mut roots: Vec<Root> = Vec::new();
        for id in ids {
            if let Some(place) = files.locate(graph.base_name(id)) {
                roots.push((id, place));
            } else {
                problems.add("paths whose files are not on this machine", graph.path(id));
                inventory.absent.push(id);
            }
        }
        inventory.absent.sort_unstable();
        progress.start("listing files", roots.len() as u64);
        for (id, place) in &roots {
            let record = PathRecord {
                place: place.clone(),
                nar_size: nar_size::HEAD,
                complete: true,
                ..PathRecord::default()
            };
            inventory.paths.insert(*id, record);
        }
        // Threads are not worth it for nothing: details ask for one path, whose files may be elsewhere.
        if !roots.is_empty() {
            for lister in walk(roots, progress, || Lister::new(progress))? {
                inventory.take(lister, &mut problems);
            }
        }
        inventory.compare(graph, &mut problems);
        inventory.warnings = problems.into_vec();
        inventory.link_directories = files.places().iter().map(|p| p.join(".links")).collect();
        Ok(inventory)
    }

    fn take(&mut self, lister: Lister<'_>, problems: &mut Warnings) {
        if self.files.is_empty() {
            self.files = lister.files;
        } else {
            self.files.extend(lister.files);
        }
        problems.merge(lister.problems);
        for (id, more) in lister.paths {
            let record = self.paths.entry(id).or_default();
            record.directories += more.directories;
            record.directory_bytes += more.directory_bytes;
            record.nar_size += more.nar_size;
            record.complete &= more.complete;
        }
    }

    /// Says which paths are not what the store recorded: they are not complete, whatever could be read of them.
    fn compare(&mut self, graph: &StoreGraph, problems: &mut Warnings) {
        for (&id, record) in &mut self.paths {
            if nar_size::differs(graph.nar_size(id), record.nar_size, record.complete) {
                problems.add(nar_size::DIFFERS, graph.path(id));
                record.complete = false;
            }
        }
    }

    /// Where a file is on this machine.
    pub fn place(&self, file: &FileRecord) -> PathBuf {
        let root = self.paths.get(&file.owner).map(|record| &record.place);
        match root {
            Some(root) if file.relative.as_os_str().is_empty() => root.clone(),
            Some(root) => root.join(&file.relative),
            None => file.relative.to_path_buf(),
        }
    }
}

/// Notes every entry of a walk.
struct Lister<'a> {
    progress: &'a Progress,
    files: Vec<FileRecord>,
    paths: HashMap<PathId, PathRecord>,
    problems: Warnings,
}

impl<'a> Lister<'a> {
    fn new(progress: &'a Progress) -> Self {
        Self {
            progress,
            files: Vec::new(),
            paths: HashMap::new(),
            problems: Warnings::sorted(),
        }
    }

    fn path(&mut self, owner: PathId) -> &mut PathRecord {
        self.paths.entry(owner).or_insert_with(|| PathRecord {
            complete: true,
            ..PathRecord::default()
        })
    }

    fn note(&mut self, entry: &FileEntry<'_>, status: &Status) {
        let name = entry.relative.file_name().map(|name| name.len() as u64);
        let node = match entry.kind {
            EntryKind::Directory => nar_size::DIRECTORY,
            EntryKind::Symlink => nar_size::symlink(status.length),
            _ => nar_size::file(status.length, status.executable),
        };
        let path = self.path(entry.owner);
        path.nar_size += node + name.map_or(0, nar_size::entry);
        if entry.kind == EntryKind::Directory {
            path.directories += 1;
            path.directory_bytes += status.allocated;
            return;
        }
        self.files.push(FileRecord {
            owner: entry.owner,
            relative: entry.relative.into(),
            length: status.length,
            allocated: status.allocated,
            inode: status.inode,
            links: status.links,
            executable: status.executable,
            symlink: entry.kind == EntryKind::Symlink,
        });
    }
}

impl Visitor for Lister<'_> {
    fn visit(&mut self, entry: &FileEntry<'_>) -> Result<(), Cancelled> {
        if entry.relative.as_os_str().as_bytes().is_empty() {
            self.progress.advance(1)?;
        }
        if let EntryKind::Special(kind) = entry.kind {
            self.path(entry.owner).complete = false;
            self.problems.add(
                "entries that no store path may have",
                format_args!("{} ({kind})", entry.path().display()),
            );
            return Ok(());
        }
        match entry.status() {
            Ok(status) => self.note(entry, &status),
            Err(error) => self.unreadable(entry.owner, &entry.path(), &error),
        }
        Ok(())
    }

    fn unreadable(&mut self, owner: PathId, path: &Path, error: &io::Error) {
        self.path(owner).complete = false;
        self.problems.add(
            "files and directories that could not be looked at",
            format_args!("{} ({error})", path.display()),
        );
    }
}
