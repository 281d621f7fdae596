//! What the files of a closure are, wherever that can be learnt: on this machine, from what was written down, from the
//! listings and archives of a binary cache.

use hashbrown::HashMap;

use crate::analysis::file_category::Categories;
use crate::job::{Cancelled, Progress, parallel_on};
use crate::model::{PathId, PathSet, StoreGraph, Warning, Warnings};

use super::contents::{Contents, Tally};
use super::inventory::Inventory;
use super::kinds::FileKinds;
use super::places::{FilesAt, StoreFiles};
use super::usage::{DiskUsage, Usage};
use crate::source::SourceError;
use crate::source::cache::archive::Archives;

/// What the files of some paths are.
#[derive(Debug, Default)]
pub struct Survey {
    /// The files on this machine that were looked at.
    pub inventory: Inventory,
    /// What they take on disk.
    pub usage: DiskUsage,
    /// What the files of paths are that were not looked at on this machine.
    pub elsewhere: HashMap<PathId, Contents>,
    /// The categories of all files.
    pub kinds: FileKinds,
    /// The paths nothing is known about, ascending.
    pub missing: Vec<PathId>,
    /// What could not be looked at, and what differs from the records.
    pub warnings: Vec<Warning>,
}

impl Survey {
    /// Looks at the files of some paths. What is not on this machine comes from what was written down, from `read` (out of
    /// archives, of [`Survey::only_in_archives`]), or from the listings of the binary cache, in this order.
    pub fn of(
        files: &StoreFiles,
        graph: &StoreGraph,
        ids: &PathSet,
        read: HashMap<PathId, Contents>,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let categories = Categories::built_in();
        let places = Places::of(files, graph, ids);
        let mut elsewhere = read;
        for id in places.found {
            if let Some(contents) = files.found().contents.get(&id) {
                elsewhere.insert(id, contents.clone());
            }
        }
        let mut inventory = Inventory::read(files, graph, places.disk, progress)?;
        let usage = inventory.usage(progress)?;
        let mut missing = places.absent;
        missing.extend(&inventory.absent);
        missing.sort_unstable();
        missing.retain(|id| !elsewhere.contains_key(id));
        let mut problems = Warnings::sorted();
        if let Some(archives) = files.archives() {
            let listings = Listings {
                archives,
                graph,
                categories: &categories,
            };
            missing = listings.add(missing, &mut elsewhere, &mut problems, progress)?;
        }
        for &id in &missing {
            problems.add(nowhere(files), graph.path(id));
        }
        let mut kinds = FileKinds::of(&inventory, &categories, progress)?;
        for (&id, contents) in &elsewhere {
            for (category, &tally) in contents.tallies.iter().enumerate() {
                kinds.count(id, category, tally);
            }
        }
        let mut warnings = problems.into_vec();
        warnings.splice(0..0, std::mem::take(&mut inventory.warnings));
        Ok(Self {
            inventory,
            usage,
            elsewhere,
            kinds,
            missing,
            warnings,
        })
    }

    /// The paths whose archives tell what their files are, since they are neither on this machine nor written down.
    pub fn only_in_archives(files: &StoreFiles, graph: &StoreGraph, ids: &PathSet) -> Vec<PathId> {
        match files.archives() {
            Some(_) => Places::of(files, graph, ids).absent,
            None => Vec::new(),
        }
    }

    /// The sums of a path's files. Of files that are elsewhere, what they would take on disk is not known.
    pub fn sums(&self, id: PathId) -> Option<Usage> {
        let elsewhere = || self.elsewhere.get(&id).map(sums);
        self.usage.get(id).copied().or_else(elsewhere)
    }

    /// The sums over all paths; what is on disk is known only of those that were looked at there.
    pub fn total(&self) -> Usage {
        let mut total = self.usage.total;
        for contents in self.elsewhere.values() {
            let more = sums(contents);
            total.files = total.files.saturating_add(more.files);
            total.payload = total.payload.saturating_add(more.payload);
            total.symlinks = total.symlinks.saturating_add(more.symlinks);
            total.directories = total.directories.saturating_add(more.directories);
        }
        total
    }

    /// Whether the files of some path were examined on this machine.
    pub fn is_on_disk(&self) -> bool {
        !self.inventory.paths.is_empty()
    }

    /// What all files take on disk, in bytes; unknown where some of them are elsewhere.
    pub fn allocated(&self) -> Option<u64> {
        Some(self.usage.total.allocated).filter(|_| self.elsewhere.is_empty())
    }

    /// Of how many paths the categories were told by names and modes alone.
    pub fn told_by_names(&self) -> usize {
        let by_names = self.elsewhere.values();
        by_names.filter(|contents| contents.by_names).count()
    }

    /// What the files are, path by path, to be written down.
    pub fn into_contents(self) -> HashMap<PathId, Contents> {
        let mut all = self.elsewhere;
        for (id, record) in &self.inventory.paths {
            let empty = vec![Tally::default(); self.kinds.total.len()];
            let usage = self.usage.get(*id).copied().unwrap_or_default();
            let contents = Contents {
                tallies: self.kinds.paths.get(id).cloned().unwrap_or(empty),
                symlinks: usage.symlinks,
                directories: usage.directories,
                by_names: false,
                complete: record.complete,
            };
            all.insert(*id, contents);
        }
        all
    }
}

fn sums(contents: &Contents) -> Usage {
    let payload = contents.payload();
    Usage {
        files: payload.files,
        payload: payload.bytes,
        symlinks: contents.symlinks,
        directories: contents.directories,
        ..Usage::default()
    }
}

fn nowhere(files: &StoreFiles) -> &'static str {
    if files.archives().is_some() {
        "paths whose files are neither on this machine nor in a listing of the binary cache"
    } else {
        "paths whose files are not on this machine"
    }
}

/// Where it can be learnt what the files of some paths are.
#[derive(Default)]
struct Places {
    found: Vec<PathId>,
    disk: Vec<PathId>,
    absent: Vec<PathId>,
}

impl Places {
    fn of(files: &StoreFiles, graph: &StoreGraph, ids: &PathSet) -> Self {
        let mut places = Self::default();
        for id in ids.iter() {
            let known = files.found().contents.get(&id).map(|one| one.complete);
            match files.place(graph.base_name(id), known) {
                FilesAt::Found => places.found.push(id),
                FilesAt::Disk(_) => places.disk.push(id),
                FilesAt::Absent => places.absent.push(id),
            }
        }
        places
    }
}

/// The listings of a binary cache.
struct Listings<'a> {
    archives: &'a Archives,
    graph: &'a StoreGraph,
    categories: &'a Categories,
}

/// What a listing says: nothing if there is none, why it is of no use, or what the files are.
type ListingSays = Option<Result<Contents, String>>;

impl Listings<'_> {
    /// Adds what the listings say; gives the paths that have none.
    fn add(
        &self,
        ids: Vec<PathId>,
        known: &mut HashMap<PathId, Contents>,
        problems: &mut Warnings,
        progress: &Progress,
    ) -> Result<Vec<PathId>, Cancelled> {
        progress.start("reading listings of the binary cache", ids.len() as u64);
        self.archives.begin();
        let threads = self.archives.listing_threads();
        let said = parallel_on(threads, ids.len(), |at| {
            progress.advance(1)?;
            self.one(ids[at], progress)
        })?;
        let mut missing = Vec::new();
        for (id, said) in ids.into_iter().zip(said) {
            match said {
                Some(Ok(contents)) => drop(known.insert(id, contents)),
                Some(Err(problem)) => {
                    let example = format!("{} ({problem})", self.graph.path(id));
                    problems.add("listings that are of no use", example);
                    missing.push(id);
                }
                None => missing.push(id),
            }
        }
        Ok(missing)
    }

    fn one(&self, id: PathId, progress: &Progress) -> Result<ListingSays, Cancelled> {
        let base = self.graph.base_name(id);
        let listed = match self.archives.listing(base, self.categories, progress) {
            Ok(listed) => listed,
            Err(SourceError::Cancelled(cancelled)) => return Err(cancelled),
            Err(error) => return Ok(Some(Err(error.to_string()))),
        };
        let recorded = self.graph.nar_size(id);
        Ok(listed.map(|listed| {
            let (contents, nar_size) = listed?;
            match recorded {
                Some(size) if size == nar_size => Ok(contents),
                Some(_) => Err("its files do not make the archive that was recorded".to_owned()),
                None => Err("the record does not say how long its archive is".to_owned()),
            }
        }))
    }
}
