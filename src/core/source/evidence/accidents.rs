//! Which paths of a closure only likely accidents hold.

use crate::analysis::Analysed;
use crate::analysis::waste::accidental;
use crate::model::PathSet;
use crate::source::files::places::StoreFiles;

use super::{Evidence, EvidenceError, of_closure};

/// Reads the files of every member: the paths that only likely accidents hold, and what makes the references.
pub fn accidental_paths(
    analysed: &Analysed,
    places: &StoreFiles,
) -> Result<(PathSet, Evidence), EvidenceError> {
    let (graph, closure) = (analysed.graph(), analysed.closure());
    let found = of_closure(places, graph, closure, analysed.progress())?;
    let edges = found.edges.iter();
    let edges = edges.map(|edge| (edge.from, edge.to, edge.counts));
    let waste = accidental(analysed, edges, &found.incomplete)?;
    let paths = waste.paths.iter().map(|path| path.path);
    Ok((PathSet::of(graph.len(), paths), found))
}
