//! What brought the paths that arrived: the references from what was there before, in one version or another, to what was
//! not there in any.
//!
//! The arrivals are a part of the closure. It is entered where something outside it references a path in it, or at a root.
//! Each arrival is folded under its topmost dominator within the part: the first arrival on all ways to it. What is reached
//! by several of them is held by all together, and stands by itself.

use std::cmp::Reverse;

use crate::analysis::dominators::tops;
use crate::analysis::what_if::Total;
use crate::analysis::why::shortest_chain;
use crate::job::{Cancelled, Progress};
use crate::model::{Closure, Column, PathId, PathSet, Reference, StoreGraph};

/// A path that arrived, with all that arrived only through it. Of a departure: that left, as it was before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The path that brought the others.
    pub top: PathId,
    /// All of them, the path itself first, then the largest first.
    pub paths: Vec<PathId>,
    /// What they are together.
    pub total: Total,
    /// The references that brought it: from paths that were there before, in one version or another, ascending.
    pub references: Vec<Reference>,
    /// The arrivals outside its own paths that reference it, ascending: it stands by itself because several hold it.
    pub others: Vec<PathId>,
    /// One shortest chain to the path, a root first.
    pub chain: Vec<PathId>,
}

/// The arrivals in a closure, each under what brought it, the largest first.
pub(super) fn causes(
    graph: &StoreGraph,
    closure: &Closure,
    part: &PathSet,
    progress: &Progress,
) -> Result<Vec<Cause>, Cancelled> {
    if part.is_empty() {
        return Ok(Vec::new());
    }
    let outside = |id: PathId| closure.contains(id) && !part.contains(id);
    let is_entry =
        |&id: &PathId| closure.is_root(id) || graph.referrers(id).iter().any(|&from| outside(from));
    let entries: Vec<PathId> = part.iter().filter(is_entry).collect();
    let folded = tops(graph, &entries, part, progress)?;
    let mut place = Column::filled(graph.len(), usize::MAX);
    let mut causes: Vec<Cause> = Vec::new();
    for &(id, top) in &folded {
        // A top comes before what is under it.
        if id == top {
            place[top] = causes.len();
            causes.push(Cause::of(top));
        } else {
            place[id] = place[top];
            causes[place[top]].paths.push(id);
        }
    }
    for (at, cause) in causes.iter_mut().enumerate() {
        cause.total = Total::of_paths(graph, cause.paths.iter().copied());
        let size = |&id: &PathId| (Reverse(graph.info(id).nar_size.known()), id);
        cause.paths[1..].sort_by_key(size);
        for from in closure.referrers(graph, cause.top) {
            if !part.contains(from) {
                cause.references.push((from, cause.top));
            } else if place[from] != at {
                cause.others.push(from);
            }
        }
        cause.chain.extend(
            shortest_chain(graph, closure, cause.top)
                .into_iter()
                .flatten(),
        );
    }
    causes.sort_by_key(|cause| (Reverse(cause.total.nar_size), cause.top));
    Ok(causes)
}

impl Cause {
    fn of(top: PathId) -> Self {
        Self {
            top,
            paths: vec![top],
            total: Total::default(),
            references: Vec::new(),
            others: Vec::new(),
            chain: Vec::new(),
        }
    }

    /// The paths that came along, without the one that brought them.
    pub fn along(&self) -> &[PathId] {
        &self.paths[1..]
    }
}
