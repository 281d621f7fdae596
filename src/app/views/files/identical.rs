//! Identical files in the view of what the bytes are: groups of copies, and what one of each would save.

use hashbrown::HashMap;

use crate::job::{Cancelled, Progress};
use crate::model::PathId;
use crate::source::files::identical::{self, IdenticalFiles};
use crate::source::files::inventory::Inventory;
use crate::source::files::places::StoreFiles;

use super::Amount;
use crate::app::facts::Facts;

/// Groups that are listed.
const MOST_GROUPS: usize = 200;

/// Files of one content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copies {
    /// How many copies there are.
    pub count: u64,
    /// Bytes that one in place of all would save.
    pub saved: u64,
    /// Where the first of them is: its path, and the place in it.
    pub first: (PathId, String),
    /// The paths that have some, ascending.
    pub paths: Vec<PathId>,
}

impl Copies {
    /// Of a group; none if there is no file in it.
    fn of(group: IdenticalFiles) -> Option<Self> {
        let mut paths: Vec<PathId> = group.files.iter().map(|&(id, _)| id).collect();
        paths.sort_unstable();
        paths.dedup();
        let (id, place) = group.files.into_iter().next()?;
        Some(Copies {
            count: group.copies,
            saved: group.saved,
            first: (id, place.display().to_string()),
            paths,
        })
    }
}

/// What the paths of a closure have in common.
#[derive(Debug)]
pub struct SharedFiles {
    /// How many files would become links, and the bytes that this saves.
    pub saved: Amount,
    /// The groups of copies that cost most, the most first.
    pub groups: Vec<Copies>,
    /// How many groups there are.
    pub group_count: u64,
    /// How many files could not be compared.
    pub left_out: usize,
    /// For each path the bytes of its files that there is another copy of.
    duplicated: HashMap<PathId, u64>,
}

impl SharedFiles {
    /// Reads and compares the files that are on this machine.
    pub fn read(
        facts: &Facts,
        places: &StoreFiles,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        // Listed again: a list of all files, kept in case it is wanted, would take more memory than all else.
        let members = facts.closure().members().iter();
        let inventory = Inventory::read(places, facts.graph(), members, progress)?;
        let found = identical::find(&inventory, progress)?;
        let most = found.groups.into_iter().take(MOST_GROUPS);
        let groups = most.filter_map(Copies::of);
        let duplicated = found.paths.iter().map(|(id, path)| (*id, path.duplicated));
        Ok(Self {
            saved: Amount {
                files: found.links,
                bytes: found.saved,
            },
            duplicated: duplicated.collect(),
            left_out: found.warnings.iter().map(|warning| warning.count).sum(),
            groups: groups.collect(),
            group_count: found.group_count,
        })
    }

    /// The bytes of a path's files that there is another copy of, in it or elsewhere in the closure.
    pub fn of_path(&self, id: PathId) -> u64 {
        self.duplicated.get(&id).copied().unwrap_or(0)
    }
}
