//! What a path keeps alive besides its references: its deriver and its outputs, if `keep-derivations` and `keep-outputs` say
//! so.

use crate::model::{PathId, Reference, StoreGraph};

/// Nix's settings `keep-derivations` and `keep-outputs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// Whether what holds a path also holds the derivation that made it.
    pub derivations: bool,
    /// Whether what holds a derivation also holds its outputs.
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

/// Why one path holds another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// It references it.
    Reference,
    /// The other is the derivation that made it, and `keep-derivations` is on.
    Derivation,
    /// The other is one of its outputs, and `keep-outputs` is on.
    Output,
}

impl Because {
    /// Why `from` holds `to`, which it does by these rules: a reference counts before a rule.
    pub fn of(graph: &StoreGraph, from: PathId, to: PathId) -> Self {
        if graph.references(from).binary_search(&to).is_ok() {
            Self::Reference
        } else if graph.is_derivation(from) {
            Self::Output
        } else {
            Self::Derivation
        }
    }

    /// The setting of Nix that says so, if it is one.
    pub const fn setting(self) -> Option<&'static str> {
        match self {
            Self::Reference => None,
            Self::Derivation => Some("keep-derivations"),
            Self::Output => Some("keep-outputs"),
        }
    }
}

/// What holds what by the rules alone, as pairs of holder and held. Derivers are among the details of the graph,
/// outputs must have been loaded where they count.
pub fn by_rules(graph: &StoreGraph, keep: Keep) -> Vec<Reference> {
    let mut edges = Vec::new();
    for id in graph.ids().filter(|&id| !graph.is_missing(id)) {
        edges.extend(kept(graph, id, keep).into_iter().map(|held| (id, held)));
    }
    edges
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
