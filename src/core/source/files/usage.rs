//! What store paths take on disk: each inode once, and whom it belongs to.

use std::fs;
use std::io;
use std::os::unix::fs::{DirEntryExt, MetadataExt};
use std::path::Path;

use hashbrown::{HashMap, HashSet};

use crate::job::{Cancelled, Progress};
use crate::model::PathId;

use super::inventory::{FileRecord, Inode, Inventory, PathRecord};

impl Inventory {
    /// What the paths take on disk.
    pub fn usage(&self, progress: &Progress) -> Result<DiskUsage, Cancelled> {
        let mut usage = DiskUsage::default();
        for (&id, record) in &self.paths {
            usage.add_directories(id, record);
        }
        let mut shared: HashMap<Inode, LinkedFile> = HashMap::new();
        for file in &self.files {
            usage.add_file(file);
            if file.links > 1 {
                shared.entry(file.inode).or_default().add(file);
            } else {
                usage.add_bytes(file.owner, |bytes| bytes.exclusive += file.allocated);
                usage.total.allocated += file.allocated;
                usage.of_path(file.owner).allocated += file.allocated;
            }
        }
        progress.check()?;
        let unseen = shared.values().any(|inode| inode.links > inode.names);
        let linked = if unseen {
            self.read_links(progress)?
        } else {
            HashSet::new()
        };
        for (inode, names) in shared {
            usage.add_shared(&names, linked.contains(&inode));
        }
        Ok(usage)
    }

    /// The inodes in `.links`, where Nix keeps one name of every file it has optimised.
    pub(super) fn read_links(&self, progress: &Progress) -> Result<HashSet<Inode>, Cancelled> {
        let mut inodes = HashSet::new();
        for directory in &self.link_directories {
            let Ok((device, entries)) = open_links(directory) else {
                continue;
            };
            for entry in entries.flatten() {
                inodes.insert((device, entry.ino()));
                progress.check()?;
            }
        }
        Ok(inodes)
    }
}

fn open_links(directory: &Path) -> io::Result<(u64, fs::ReadDir)> {
    Ok((directory.metadata()?.dev(), fs::read_dir(directory)?))
}

/// What files take on disk, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Regular files.
    pub files: u64,
    /// Symbolic links.
    pub symlinks: u64,
    /// Directories.
    pub directories: u64,
    /// Lengths of all regular files: the payload of a NAR.
    pub payload: u64,
    /// Lengths of regular files and link targets, each inode once.
    pub apparent: u64,
    /// Blocks on disk, each inode once, directories included: what `du` says.
    pub allocated: u64,
    /// The part of `allocated` that nothing else has (a name in `.links` alone keeps nothing alive). Of one path,
    /// exclusive, shared and outside make up `allocated`; of the total, exclusive and outside do.
    pub exclusive: u64,
    /// The part of `allocated` that several paths of the inventory have.
    pub shared: u64,
    /// The part of `allocated` that has names outside of the inventory (and, of one path, none in others of it).
    pub outside: u64,
    /// The part of `allocated` that has a name in `.links`: Nix has optimised it.
    pub linked: u64,
}

/// What some paths take on disk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DiskUsage {
    /// By path, each as if it were alone.
    pub paths: HashMap<PathId, Usage>,
    /// All together: bytes that paths share count once.
    pub total: Usage,
}

impl DiskUsage {
    /// A path's usage, if its files are on this machine.
    pub fn get(&self, id: PathId) -> Option<&Usage> {
        self.paths.get(&id)
    }

    fn of_path(&mut self, id: PathId) -> &mut Usage {
        self.paths.entry(id).or_default()
    }

    fn add_bytes(&mut self, id: PathId, add: impl Fn(&mut Usage)) {
        add(self.of_path(id));
        add(&mut self.total);
    }

    fn add_directories(&mut self, id: PathId, record: &PathRecord) {
        self.add_bytes(id, |usage| {
            usage.directories += record.directories;
            usage.allocated += record.directory_bytes;
            usage.exclusive += record.directory_bytes;
        });
    }

    fn add_file(&mut self, file: &FileRecord) {
        self.add_bytes(file.owner, |usage| {
            if file.symlink {
                usage.symlinks += 1;
            } else {
                usage.files += 1;
                usage.payload += file.length;
            }
            if file.links == 1 {
                usage.apparent += file.length;
            }
        });
    }

    /// Adds a file with several names.
    fn add_shared(&mut self, inode: &LinkedFile, linked: bool) {
        let bytes = inode.allocated;
        let outside = inode.links > inode.names + u64::from(linked);
        let several = inode.owners.len() > 1;
        let add = |usage: &mut Usage| {
            usage.apparent += inode.length;
            usage.allocated += bytes;
            usage.linked += if linked { bytes } else { 0 };
        };
        add(&mut self.total);
        let part = |usage: &mut Usage| {
            if outside {
                usage.outside += bytes;
            } else {
                usage.exclusive += bytes;
            }
        };
        part(&mut self.total);
        self.total.shared += if several { bytes } else { 0 };
        for &owner in &inode.owners {
            let usage = self.of_path(owner);
            add(usage);
            if several {
                usage.shared += bytes;
            } else {
                part(usage);
            }
        }
    }
}

/// A file with several names.
#[derive(Debug, Default)]
pub(super) struct LinkedFile {
    length: u64,
    pub(super) allocated: u64,
    pub(super) links: u64,
    /// How many of its names are in the inventory.
    pub(super) names: u64,
    /// The paths that have a name for it.
    pub(super) owners: Vec<PathId>,
}

impl LinkedFile {
    pub(super) fn add(&mut self, file: &FileRecord) {
        self.length = file.length;
        self.allocated = file.allocated;
        self.links = file.links;
        self.names += 1;
        if let Err(at) = self.owners.binary_search(&file.owner) {
            self.owners.insert(at, file.owner);
        }
    }
}
