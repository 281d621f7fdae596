//! What a collection of garbage would take: everything that no root holds, by the rules Nix goes by.
//!
//! A path is also held by what made it or by what it makes, where two settings of Nix say so.

use crate::model::{Closure, PathId, PathSet, StoreGraph};

/// Nix's settings `keep-derivations` and `keep-outputs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// What holds a path also holds the derivation that made it.
    pub derivations: bool,
    /// What holds a derivation also holds its outputs.
    pub outputs: bool,
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            derivations: true,
            outputs: false,
        }
    }
}

/// The paths of the graph that nothing holds, ascending. Derivers are among the details of the graph, outputs must have
/// been loaded where they count.
pub fn dead(graph: &StoreGraph, closure: &Closure, keep: Keep) -> Vec<PathId> {
    let mut alive = closure.members().clone();
    let mut rest: Vec<PathId> = alive.iter().collect();
    while let Some(id) = rest.pop() {
        let held = graph.references(id).iter().copied();
        let by_rules = kept(graph, id, keep);
        rest.extend(held.chain(by_rules).filter(|&id| alive.insert(id)));
    }
    let everything = PathSet::of(graph.len(), graph.ids());
    let dead = everything.minus(&alive);
    dead.iter().filter(|&id| !graph.is_missing(id)).collect()
}

/// What a path holds besides its references.
fn kept(graph: &StoreGraph, id: PathId, keep: Keep) -> Vec<PathId> {
    let valid = |path: &str| {
        let base = path.rsplit('/').next()?;
        graph.find(base).filter(|&id| !graph.is_missing(id))
    };
    let mut held = Vec::new();
    if keep.derivations {
        let deriver = graph.details(id).and_then(|details| details.deriver);
        held.extend(deriver.as_deref().and_then(valid));
    }
    if keep.outputs {
        let outputs = graph.outputs(id).unwrap_or_default();
        held.extend(outputs.iter().filter_map(|output| valid(&output.path)));
    }
    held
}
