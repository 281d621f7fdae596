//! What lies in a store's directory without being a valid path: locks, roots of builds, temporary folders, and whatever
//! an interrupted build has left.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hashbrown::HashSet;

use crate::job::{Cancelled, Progress};
use crate::model::{PathId, StoreGraph};
use crate::source::files::walk::{FileEntry, Visitor, walk};

/// What an entry is, as far as its name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeftoverKind {
    /// The lock of a path that is or was being made.
    Lock,
    /// The root directory of a build in a sandbox.
    Chroot,
    /// A temporary folder of Nix.
    Temporary,
    /// A path that was never registered, or is no longer.
    Unregistered,
}

impl LeftoverKind {
    /// In one word, as JSON has it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Chroot => "chroot",
            Self::Temporary => "temporary",
            Self::Unregistered => "unregistered",
        }
    }

    fn of(name: &str) -> Self {
        let ends = |end: &str| Path::new(name).extension().is_some_and(|own| own == end);
        if ends("lock") {
            Self::Lock
        } else if ends("chroot") || name.contains(".chroot.") {
            Self::Chroot
        } else if name.starts_with("tmp-") || name.starts_with(".tmp") || name.starts_with("nix-") {
            Self::Temporary
        } else {
            Self::Unregistered
        }
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// Its name in the store's directory.
    pub name: String,
    /// What it is.
    pub kind: LeftoverKind,
    /// What it takes on disk, in bytes; `None` if not all of it could be looked at.
    pub disk_size: Option<u64>,
    /// Whether a running process has claimed it, so that it stays.
    pub claimed: bool,
}

/// Lists the entries of a store's directory that are no valid paths, by name. `claimed` are names that running processes
/// have claimed, ascending.
pub fn list(
    directories: &[PathBuf],
    graph: &StoreGraph,
    claimed: &[String],
    progress: &Progress,
) -> Result<Vec<Leftover>, Cancelled> {
    progress.start("reading the store's directory", 0);
    let Some((directory, entries)) = opened(directories) else {
        return Ok(Vec::new());
    };
    let mut names = Vec::new();
    for entry in entries.filter_map(Result::ok) {
        progress.advance(1)?;
        // Where files are kept that several paths have.
        let Some(name) = entry
            .file_name()
            .into_string()
            .ok()
            .filter(|name| name != ".links")
        else {
            continue;
        };
        let valid = graph.find(&name).is_some_and(|id| !graph.is_missing(id));
        if !valid {
            names.push(name);
        }
    }
    names.sort_unstable();
    let places = names.iter().enumerate();
    let roots = places.map(|(at, name)| (PathId::new(at), directory.join(name)));
    let count = names.len();
    let counters = walk(roots.collect(), progress, || Counter {
        sizes: vec![Some(0); count],
        seen: HashSet::new(),
    })?;
    let size = |at: usize| {
        let parts = counters.iter().map(|counter| counter.sizes[at]);
        parts.sum::<Option<u64>>()
    };
    let leftover = |(at, name): (usize, String)| Leftover {
        kind: LeftoverKind::of(&name),
        disk_size: size(at),
        claimed: claimed.binary_search(&name).is_ok(),
        name,
    };
    Ok(names.into_iter().enumerate().map(leftover).collect())
}

/// The first of the directories that can be listed.
fn opened(directories: &[PathBuf]) -> Option<(&Path, fs::ReadDir)> {
    let mut places = directories.iter().rev();
    places.find_map(|directory| Some((directory.as_path(), fs::read_dir(directory).ok()?)))
}

/// Adds up what each entry takes.
struct Counter {
    sizes: Vec<Option<u64>>,
    seen: HashSet<(u64, u64)>,
}

impl Visitor for Counter {
    fn visit(&mut self, entry: &FileEntry<'_>) -> Result<(), Cancelled> {
        let size = &mut self.sizes[entry.owner.index()];
        match entry.status() {
            Ok(status) if status.links > 1 && !self.seen.insert(status.inode) => {}
            Ok(status) => *size = size.map(|size| size + status.allocated),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(_) => *size = None,
        }
        Ok(())
    }

    fn unreadable(&mut self, owner: PathId, _: &Path, error: &io::Error) {
        if error.kind() != io::ErrorKind::NotFound {
            self.sizes[owner.index()] = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{graph, hash_part};

    #[test]
    fn what_is_no_valid_path_is_listed_by_kind_and_size() {
        let store = tempfile::tempdir().expect("a directory");
        let (graph, _) = graph("app 1 -> lib");
        let at = |name: &str| store.path().join(name);
        for id in graph.ids() {
            fs::write(at(graph.base_name(id)), "valid").expect("a file");
        }
        fs::create_dir(at(".links")).expect("a directory");
        let (lock, chroot) = (
            format!("{}-app.lock", hash_part(0)),
            format!("{}-x.drv.chroot", hash_part(7)),
        );
        let lost = format!("{}-lost", hash_part(9));
        fs::write(at(&lock), "").expect("a file");
        fs::create_dir_all(at(&chroot).join("build")).expect("a directory");
        fs::write(at(&chroot).join("build/data"), vec![1; 100_000]).expect("a file");
        fs::create_dir(at("tmp-1-2")).expect("a directory");
        fs::write(at(&lost), "x").expect("a file");
        let directories = [at("nowhere"), store.path().to_owned()];
        let claimed = vec![lost.clone()];
        let found = list(&directories, &graph, &claimed, &Progress::new()).expect("a list");
        let told: Vec<_> = found
            .iter()
            .map(|one| (one.name.as_str(), one.kind.word(), one.claimed))
            .collect();
        assert_eq!(
            told,
            [
                (lock.as_str(), "lock", false),
                (&chroot, "chroot", false),
                (&lost, "unregistered", true),
                ("tmp-1-2", "temporary", false),
            ]
        );
        assert_eq!(found[0].disk_size, Some(0));
        assert!(found[1].disk_size.is_some_and(|size| size >= 100_000));
        let none = list(&[at("nowhere")], &graph, &[], &Progress::new()).expect("a list");
        assert_eq!(none, []);
    }
}
