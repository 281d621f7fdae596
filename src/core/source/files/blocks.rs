//! What store paths take on disk, as the question what leaving would free needs it.

use hashbrown::{HashMap, HashSet};

use crate::analysis::blocks::{Blocks, Linked};
use crate::job::{Cancelled, Progress};
use crate::model::{Column, StoreGraph, Warning};

use super::inventory::{Inode, Inventory};
use super::places::StoreFiles;
use super::usage::LinkedFile;

/// Looks at the files of every path of a store. What could not be looked at is unknown, and warned of.
pub fn read(
    graph: &StoreGraph,
    places: &StoreFiles,
    progress: &Progress,
) -> Result<(Blocks, Vec<Warning>), Cancelled> {
    let valid = graph.ids().filter(|&id| !graph.is_missing(id));
    let mut inventory = Inventory::read(places, graph, valid, progress)?;
    let mut own = Column::filled(graph.len(), None);
    for (&id, record) in &inventory.paths {
        own[id] = record.complete.then_some(record.directory_bytes);
    }
    let mut shared: HashMap<Inode, LinkedFile> = HashMap::new();
    for file in &inventory.files {
        if file.links > 1 {
            shared.entry(file.inode).or_default().add(file);
        } else if let Some(bytes) = &mut own[file.owner] {
            *bytes += file.allocated;
        }
    }
    progress.check()?;
    let unseen = shared.values().any(|file| file.links > file.names);
    let optimised = if unseen {
        inventory.read_links(progress)?
    } else {
        HashSet::new()
    };
    let linked = shared.into_iter().map(|(inode, file)| Linked {
        bytes: file.allocated,
        outside: file.links > file.names + u64::from(optimised.contains(&inode)),
        owners: file.owners.into(),
    });
    let linked = linked.collect();
    Ok((
        Blocks { own, linked },
        std::mem::take(&mut inventory.warnings),
    ))
}
