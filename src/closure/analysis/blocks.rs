//! What would be freed on disk if paths left: blocks, each inode once, and only if no hard link to it stays.
//!
//! A NAR size says what a path is; a file system that hard-links equal files, as `nix-store --optimise` does, frees less.

use crate::model::{Column, PathId, PathSet};

use super::holders::{Held, Holders};

/// What store paths take on disk, in bytes.
#[derive(Debug, Clone, Default)]
pub struct Blocks {
    /// What each path has for itself alone; unknown where its files could not all be looked at.
    pub own: Column<Option<u64>>,
    /// The files that have several names.
    pub linked: Vec<Linked>,
}

/// A file with several names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// Bytes on disk.
    pub bytes: u64,
    /// The paths it has names in, ascending.
    pub owners: Box<[PathId]>,
    /// Whether it also has a name outside of them, so that it never leaves with them. (The one that Nix keeps in `.links`
    /// is none: that goes with the last.)
    pub outside: bool,
}

/// A sum of bytes on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Disk {
    /// Those that are known.
    pub bytes: u64,
    /// Paths of which they are not known.
    pub unknown: usize,
}

impl Disk {
    /// The sum, if all of it is known.
    pub fn exact(self) -> Option<u64> {
        (self.unknown == 0).then_some(self.bytes)
    }

    fn add(&mut self, own: Option<u64>) {
        match own {
            Some(bytes) => self.bytes += bytes,
            None => self.unknown += 1,
        }
    }
}

impl Blocks {
    /// What some paths take together: each file once.
    pub fn taken(&self, paths: &PathSet) -> Disk {
        let mut disk = Disk::default();
        paths.iter().for_each(|id| disk.add(self.own[id]));
        let theirs = |file: &&Linked| file.owners.iter().any(|&owner| paths.contains(owner));
        let linked = self.linked.iter().filter(theirs);
        disk.bytes += linked.map(|file| file.bytes).sum::<u64>();
        disk
    }

    /// What is freed when some paths leave. What is dead goes by itself, so its names keep nothing.
    pub fn freed(&self, gone: &PathSet, dead: &PathSet) -> Disk {
        let mut disk = Disk::default();
        gone.iter().for_each(|id| disk.add(self.own[id]));
        for file in self.linked.iter().filter(|file| !file.outside) {
            let mut owners = file.owners.iter().copied();
            let mut among = false;
            let goes = owners.all(|owner| {
                among |= gone.contains(owner);
                gone.contains(owner) || dead.contains(owner)
            });
            disk.bytes += if goes && among { file.bytes } else { 0 };
        }
        disk
    }

    /// What each holder alone keeps on disk, by its number.
    pub fn alone(&self, holders: &Holders, count: usize) -> Vec<Disk> {
        let mut disks = vec![Disk::default(); count];
        for (id, &own) in self.own.iter() {
            if let Held::By(holder) = holders.held(id) {
                disks[holder as usize].add(own);
            }
        }
        for file in self.linked.iter().filter(|file| !file.outside) {
            if let Some(holder) = only_holder(holders, &file.owners) {
                disks[holder].bytes += file.bytes;
            }
        }
        disks
    }
}

/// The one holder of all of some paths, but for those that are dead.
fn only_holder(holders: &Holders, owners: &[PathId]) -> Option<usize> {
    let mut only = None;
    for &owner in owners {
        match (holders.held(owner), only) {
            (Held::Dead, _) => {}
            (Held::By(holder), None) => only = Some(holder),
            (Held::By(holder), Some(other)) if holder == other => {}
            _ => return None,
        }
    }
    only.map(|holder| holder as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Progress;
    use crate::testing::{graph, id};

    #[test]
    fn a_file_is_freed_with_its_last_name() {
        let (graph, _) = graph("new 1 -> lib\nold 1 -> lib\nlib 1\nlost 1");
        let of = |name: &str| id(&graph, name);
        let mut own = Column::filled(graph.len(), Some(10));
        own[of("lib")] = None;
        let file = |bytes, names: &[&str], outside| {
            let mut owners: Vec<PathId> = names.iter().map(|name| of(name)).collect();
            owners.sort_unstable();
            Linked {
                bytes,
                owners: owners.into(),
                outside,
            }
        };
        let blocks = Blocks {
            own,
            linked: vec![
                file(100, &["new", "old"], false),
                file(200, &["old", "lost"], false),
                file(400, &["old"], true),
                file(800, &["lost"], false),
            ],
        };
        let set = |names: &[&str]| PathSet::of(graph.len(), names.iter().map(|name| of(name)));
        let dead = set(&["lost"]);
        let freed = |names: &[&str]| blocks.freed(&set(names), &dead);
        let disk = |bytes, unknown| Disk { bytes, unknown };
        assert_eq!(freed(&["old"]), disk(210, 0));
        assert_eq!(freed(&["new"]), disk(10, 0));
        assert_eq!(freed(&["new", "old", "lib"]), disk(320, 1));
        assert_eq!(freed(&["new", "old", "lib"]).exact(), None);
        assert_eq!(blocks.taken(&set(&["old"])), disk(710, 0));
        let targets = vec![vec![of("new")], vec![of("old")]];
        let holders = Holders::of(&graph, targets, &Progress::new()).expect("not cancelled");
        assert_eq!(blocks.alone(&holders, 2), [disk(10, 0), disk(210, 0)]);
    }
}
