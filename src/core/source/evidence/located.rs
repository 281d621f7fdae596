//! Where the referrers are that are to be looked into: written down, on this machine, or nowhere on it.

use super::collect::WantedReferences;
use crate::model::{PathId, StoreGraph};
use crate::source::files::places::{FilesAt, StoreFiles};
use crate::source::files::walk::Root;

/// Where referrers are.
pub(super) struct Located {
    /// What was found in them is written down.
    pub(super) known: Vec<PathId>,
    /// Their files are on this machine; the largest last, which is taken first.
    pub(super) roots: Vec<Root>,
    /// They are nowhere on this machine.
    pub(super) absent: Vec<PathId>,
}

/// Where the referrers of some references are.
pub(super) fn locate(files: &StoreFiles, graph: &StoreGraph, wanted: &WantedReferences) -> Located {
    let (mut known, mut roots, mut absent) = (Vec::new(), Vec::new(), Vec::new());
    for from in wanted.referrers() {
        let referrer = files.found().referrers.get(&from);
        match files.place(graph.base_name(from), referrer.map(|one| one.complete)) {
            FilesAt::Found => known.push(from),
            FilesAt::Disk(path) => roots.push((from, path)),
            FilesAt::Absent => absent.push(from),
        }
    }
    roots.sort_by_key(|(id, _)| graph.info(*id).nar_size.known());
    Located {
        known,
        roots,
        absent,
    }
}
