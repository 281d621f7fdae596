//! What looking into archives would fetch, told before it is.

use super::collect::WantedReferences;
use super::located::locate;
use crate::model::{PathId, StoreGraph};
use crate::source::files::places::StoreFiles;

/// What would be read from a binary cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Download {
    /// How many archives.
    pub archives: u64,
    /// Their sizes as they are fetched, in bytes, as far as they are known.
    pub packed: u64,
    /// Of how many that size is unknown.
    pub unknown: u64,
    /// Their sizes when unpacked, in bytes, as far as they are known.
    pub unpacked: u64,
    /// Of how many that size is unknown.
    pub unpacked_unknown: u64,
}

/// What would be read from the binary cache rather than from this machine, to look for some references and to count the
/// files of some paths.
pub fn download(
    files: &StoreFiles,
    graph: &StoreGraph,
    edges: Vec<(PathId, PathId)>,
    counted: &[PathId],
) -> Download {
    let mut download = Download::default();
    if files.archives().is_none() {
        return download;
    }
    let mut absent = locate(files, graph, &WantedReferences::of(edges)).absent;
    absent.extend(counted);
    absent.sort_unstable();
    absent.dedup();
    for id in absent {
        let size = graph.info(id).download_size;
        download.archives += 1;
        download.packed += size.known();
        download.unknown += u64::from(size.get().is_none());
        download.unpacked += graph.nar_size(id).unwrap_or(0);
        download.unpacked_unknown += u64::from(graph.nar_size(id).is_none());
    }
    download
}
