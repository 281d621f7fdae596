//! The fewest references, or packages, to change so that a path leaves a closure.
//!
//! By the max-flow min-cut theorem, the fewest references to remove are as many as there are chains from the roots to the
//! target of which no two share a reference. Of all smallest cuts two are returned: the one nearest the target, and the one
//! nearest the roots. Only paths on some chain take part.

mod best;
mod ground;
mod joints;
mod parametric;

use thiserror::Error;

use crate::job::{Cancelled, Progress};
use crate::model::{Closure, Column, PathId, PathSet, Reference, StoreGraph};

use super::flow::{ENDLESS, Network};
use super::what_if::{Difference, Step, after};
use super::why::reaching;

pub use best::{BestCut, Cutter};
pub use joints::is_joint;

/// The smallest cuts of one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// How many references must go, at least.
    pub size: u32,
    /// The smallest cut nearest the target.
    pub near_target: CutSet,
    /// The smallest cut nearest the roots.
    pub near_roots: CutSet,
}

/// References that must go together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutSet {
    /// The references, ascending.
    pub references: Vec<(PathId, PathId)>,
    /// What leaves the closure without them, the target included.
    pub freed: Difference,
    /// What of it would not leave with the target alone.
    pub collateral: Difference,
}

/// The fewest packages to change: each loses the references on the far side's chains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageCut {
    /// How many packages must be changed, at least.
    pub size: u32,
    /// The packages of the smallest cut nearest the target, ascending.
    pub near_target: Vec<PathId>,
    /// The packages of the smallest cut nearest the roots, ascending.
    pub near_roots: Vec<PathId>,
}

/// Why a path cannot be cut off.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CutError {
    /// The path is not in the closure.
    #[error("the path is not in the closure")]
    NotInClosure,
    /// The path is a root.
    #[error("the path is a root: it is there because it was asked for")]
    IsRoot,
    /// Everything on one chain must be kept.
    #[error("nothing on one chain of {} paths may be changed", .chain.len())]
    Pinned {
        /// The chain, root first, target last.
        chain: Vec<PathId>,
    },
    /// The work was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl CutError {
    /// What the user can try, if there is something.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotInClosure => Some("name a path that the roots reach"),
            Self::IsRoot => Some("leave it out of the roots"),
            Self::Pinned { .. } => Some("keep fewer references"),
            Self::Cancelled(_) => None,
        }
    }
}

/// The smallest cuts among references that are not `pinned(from, to)`.
pub fn cut(
    graph: &StoreGraph,
    closure: &Closure,
    target: PathId,
    pinned: &dyn Fn(PathId, PathId) -> bool,
    progress: &Progress,
) -> Result<Cut, CutError> {
    let chains = ChainNetwork::of(graph, closure, target)?;
    let mut edges = Vec::new();
    chains.add_references(graph, 0, &mut edges);
    let capacity = edges.iter().map(|&reference| {
        let (from, to) = chains.ends(reference);
        if pinned(from, to) { ENDLESS } else { 1 }
    });
    let capacity = capacity.collect();
    let (size, network) = chains.solve(edges, capacity, chains.nodes.len(), progress)?;
    let alone = after(graph, closure, &[Step::Remove(target)]);
    let set = |near: &[bool]| {
        let crossing = network
            .edges()
            .iter()
            .filter(|&&(from, to)| near[from as usize] && !near[to as usize]);
        let references: Vec<_> = crossing.map(|&crossing| chains.ends(crossing)).collect();
        let steps: Vec<Step> = references
            .iter()
            .map(|&(from, to)| Step::Cut { from, to })
            .collect();
        let left = after(graph, closure, &steps);
        CutSet {
            references,
            freed: Difference::between(graph, closure.members(), &left),
            collateral: Difference::between(graph, &alone, &left),
        }
    };
    let far: Vec<bool> = network.sink_side().iter().map(|&side| !side).collect();
    Ok(Cut {
        size,
        near_target: set(&far),
        near_roots: set(&network.source_side()),
    })
}

/// How many references must go so that a path leaves; `None` for a root, and outside the closure.
pub fn cut_size(
    graph: &StoreGraph,
    closure: &Closure,
    target: PathId,
    progress: &Progress,
) -> Result<Option<u32>, Cancelled> {
    let Ok(chains) = ChainNetwork::of(graph, closure, target) else {
        return Ok(None);
    };
    let mut edges = Vec::new();
    chains.add_references(graph, 0, &mut edges);
    let capacity = vec![1; edges.len()];
    let mut network = chains.network(edges, capacity, chains.nodes.len());
    let size = network.saturate(u64::MAX, progress)?;
    Ok(size.map(|size| size as u32))
}

/// The fewest packages to change among those that are not `pinned`: a changed package keeps none of its references that
/// lie on a chain. Callers usually pin the roots, which are what was asked for: else the root alone is an answer.
pub fn package_cut(
    graph: &StoreGraph,
    closure: &Closure,
    target: PathId,
    pinned: &dyn Fn(PathId) -> bool,
    progress: &Progress,
) -> Result<PackageCut, CutError> {
    let chains = ChainNetwork::of(graph, closure, target)?;
    let count = chains.nodes.len() as u32;
    // Every path is two nodes, with the price of changing it as the way from one to the other.
    let mut edges: Vec<(u32, u32)> = (0..count).map(|node| (node, node + count)).collect();
    let prices = chains.nodes.iter().map(|&id| {
        let is_free = id != target && !pinned(id);
        if is_free { 1 } else { ENDLESS }
    });
    let mut capacity: Vec<u64> = prices.collect();
    chains.add_references(graph, count, &mut edges);
    capacity.resize(edges.len(), ENDLESS);
    let (size, network) = chains.solve(edges, capacity, chains.nodes.len() * 2, progress)?;
    let set = |near: &[bool]| -> Vec<PathId> {
        let split =
            (0..count).filter(|&node| near[node as usize] && !near[(node + count) as usize]);
        split.map(|node| chains.nodes[node as usize]).collect()
    };
    let far: Vec<bool> = network.sink_side().iter().map(|&side| !side).collect();
    Ok(PackageCut {
        size,
        near_target: set(&far),
        near_roots: set(&network.source_side()),
    })
}

/// The paths on some chain to a target, numbered for a network.
struct ChainNetwork {
    nodes: Vec<PathId>,
    number: Column<u32>,
    sources: Vec<u32>,
    is_root: PathSet,
    target: PathId,
}

impl ChainNetwork {
    fn of(graph: &StoreGraph, closure: &Closure, target: PathId) -> Result<Self, CutError> {
        if !closure.contains(target) {
            return Err(CutError::NotInClosure);
        }
        if closure.is_root(target) {
            return Err(CutError::IsRoot);
        }
        let nodes: Vec<PathId> = reaching(graph, closure, target).iter().collect();
        let mut number = Column::filled(graph.len(), u32::MAX);
        for (at, &id) in nodes.iter().enumerate() {
            number[id] = at as u32;
        }
        let roots = closure.roots().iter().map(|&root| number[root]);
        Ok(Self {
            sources: roots.filter(|&at| at != u32::MAX).collect(),
            is_root: PathSet::of(graph.len(), closure.roots().iter().copied()),
            nodes,
            number,
            target,
        })
    }

    /// Adds the references on chains, ascending, their tails counted from `first` on. Those into a root are left out, since
    /// it is there anyway, and those out of the target.
    fn add_references(&self, graph: &StoreGraph, first: u32, edges: &mut Vec<(u32, u32)>) {
        let most = self.nodes.iter().map(|&id| graph.references(id).len());
        edges.reserve(most.sum());
        for (from, &id) in self.nodes.iter().enumerate() {
            if id == self.target {
                continue;
            }
            for &to in graph.references(id) {
                if self.number[to] != u32::MAX && !self.is_root.contains(to) {
                    edges.push((first + from as u32, self.number[to]));
                }
            }
        }
    }

    /// The paths at both ends of a reference.
    fn ends(&self, (from, to): (u32, u32)) -> Reference {
        (self.nodes[from as usize], self.nodes[to as usize])
    }

    fn network(&self, edges: Vec<(u32, u32)>, capacity: Vec<u64>, nodes: usize) -> Network {
        // Where paths are split in two, the target's first half is the sink: it cannot be changed itself.
        Network::new(
            nodes,
            edges,
            capacity,
            &self.sources,
            self.number[self.target],
        )
    }

    fn solve(
        &self,
        edges: Vec<(u32, u32)>,
        capacity: Vec<u64>,
        nodes: usize,
        progress: &Progress,
    ) -> Result<(u32, Network), CutError> {
        let mut network = self.network(edges, capacity, nodes);
        if let Some(size) = network.saturate(u64::from(u32::MAX), progress)? {
            return Ok((size as u32, network));
        }
        let chain = network.unlimited_chain().unwrap_or_default();
        let mut chain: Vec<PathId> = chain
            .into_iter()
            .map(|node| self.nodes[node as usize % self.nodes.len()])
            .collect();
        chain.dedup();
        Err(CutError::Pinned { chain })
    }
}

#[cfg(test)]
mod tests;
