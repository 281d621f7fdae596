//! Identical files in the view of what the bytes are: what one copy of each would save, and which paths share most.

use std::sync::Arc;

use hashbrown::HashMap;

use crate::job::{Cancelled, Progress};
use crate::model::PathId;
use crate::source::files::identical;
use crate::source::files::inventory::Inventory;
use crate::source::files::places::StoreFiles;

use super::Amount;
use crate::app::facts::Facts;

/// Pairs of paths that are listed.
const MOST_PAIRS: usize = 200;

/// Two paths that have files in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// One of them.
    pub first: PathId,
    /// The other.
    pub second: PathId,
    /// How many contents are in both, and how long they are together.
    pub shared: Amount,
}

/// What the paths of a closure have in common.
#[derive(Debug)]
pub struct Shared {
    /// How many files would become links, and the bytes that this saves.
    pub saved: Amount,
    /// The pairs of paths that share most, the most first.
    pub pairs: Vec<Pair>,
    /// How many pairs share something.
    pub pair_count: usize,
    /// How many files could not be compared.
    pub left_out: usize,
    /// For each path the bytes of its files that there is another copy of.
    duplicated: HashMap<PathId, u64>,
}

impl Shared {
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
        let most = found.pairs.iter().take(MOST_PAIRS);
        let pairs = most.map(|pair| Pair {
            first: pair.first,
            second: pair.second,
            shared: Amount {
                files: pair.files,
                bytes: pair.saved,
            },
        });
        let duplicated = found.paths.iter().map(|(id, path)| (*id, path.duplicated));
        Ok(Self {
            saved: Amount {
                files: found.links,
                bytes: found.saved,
            },
            duplicated: duplicated.collect(),
            left_out: found.warnings.iter().map(|warning| warning.count).sum(),
            pairs: pairs.collect(),
            pair_count: found.pairs.len(),
        })
    }

    /// The bytes of a path's files that there is another copy of, in it or elsewhere in the closure.
    pub fn of_path(&self, id: PathId) -> u64 {
        self.duplicated.get(&id).copied().unwrap_or(0)
    }
}

/// What the paths have in common, once it was found out.
pub(crate) type Found = Arc<Shared>;
