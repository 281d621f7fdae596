//! What each path of a closure takes on disk.

use crate::analysis::Analysed;
use crate::job::{Cancelled, Progress};
use crate::model::{Column, Warning};

use super::inventory::Inventory;
use super::places::StoreFiles;

/// Blocks on disk, each inode once, as if every path were alone.
#[derive(Debug)]
pub struct DiskSizes {
    /// In bytes; unknown where not all files of a path could be looked at.
    pub sizes: Column<Option<u64>>,
    /// How many paths have no files on this machine.
    pub absent: usize,
    /// What could not be read.
    pub warnings: Vec<Warning>,
}

impl DiskSizes {
    /// Looks at the files of every member.
    pub fn read(
        analysed: &Analysed,
        places: &StoreFiles,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let (graph, members) = (analysed.graph(), analysed.closure().members());
        let inventory = Inventory::read(places, graph, members.iter(), progress)?;
        let usage = inventory.usage(progress)?;
        let mut sizes = Column::filled(graph.len(), None);
        for (&id, record) in &inventory.paths {
            let usage = usage.get(id).filter(|_| record.complete);
            sizes[id] = usage.map(|usage| usage.allocated);
        }
        Ok(Self {
            sizes,
            absent: inventory.absent.len(),
            warnings: inventory.warnings,
        })
    }
}
