//! The network in which a minimum cut weighs references against what would leave with the paths they lead to.
//!
//! The nodes are the paths on chains that may leave. A cut parts them into those that stay, with the roots, and those that
//! leave, with the target. It costs `q` for each reference from the former to the latter, and `p` for each byte that a path
//! takes along alone: of what it dominates, what no other path on a chain below it does. What two paths hold only together
//! costs nothing here, so the cost is a lower bound of the true one. A path cannot stay where the path that dominates it
//! leaves.
//!
//! Cuts nearest the target are nested: the dearer the bytes, the less leaves (Gallo, Grigoriadis and Tarjan, "A fast
//! parametric maximum flow algorithm").

use crate::analysis::dominators::Dominators;
use crate::analysis::flow::{ENDLESS, Network};
use crate::job::{Cancelled, Progress};
use crate::model::{PathId, PathSet};

use super::ground::Ground;

/// What paths leave at certain prices.
#[derive(Debug, Clone)]
pub(super) struct Parting {
    /// The paths on chains that leave, the target first.
    pub(super) leaving: Vec<PathId>,
    /// References to cut.
    pub(super) references: u64,
    /// What they take along alone, in the network's unit.
    pub(super) weight: u64,
}

/// A network that is solved at several prices.
pub(super) struct Prices {
    network: Network,
    /// For every edge how many references it stands for, and what its head takes along alone.
    costs: Vec<(u64, u64)>,
    /// The paths behind the nodes from [`FIRST`] on.
    paths: Vec<PathId>,
    target: PathId,
}

const STAYS: u32 = 0;
const TARGET: u32 = 1;
const FIRST: usize = 2;
/// All weights together stay below this, so that costs fit into 64 bits.
const WEIGHT_BITS: u32 = 36;

impl Prices {
    /// The network of all paths that take at most `most` bytes along alone.
    pub(super) fn of(ground: &Ground, dominators: &Dominators, most: u64) -> Self {
        let (graph, closure) = (ground.graph, ground.closure);
        let above = PathSet::of(graph.len(), dominators.strict(ground.target));
        let own = dominators.known_retained_size(ground.target);
        let may_leave = |&id: &PathId| {
            let retained = dominators.known_retained_size(id);
            let along = if above.contains(id) {
                retained - own
            } else {
                retained
            };
            id != ground.target && along <= most && !ground.chains.is_root.contains(id)
        };
        let nodes = &ground.chains.nodes;
        let paths: Vec<PathId> = nodes.iter().copied().filter(may_leave).collect();
        let mut number = vec![STAYS; nodes.len()];
        for (at, &id) in paths.iter().enumerate() {
            number[ground.chains.number[id] as usize] = (at + FIRST) as u32;
        }
        number[ground.chains.number[ground.target] as usize] = TARGET;
        let number = |id: PathId| number[ground.chains.number[id] as usize];
        let weights = weights(ground, dominators);
        let shift =
            (u64::BITS - closure.known_nar_size().leading_zeros()).saturating_sub(WEIGHT_BITS);
        let mut edges = Vec::new();
        let mut costs = Vec::new();
        for &id in paths.iter().chain([&ground.target]) {
            let node = number(id);
            let mut staying = 0_u64;
            for from in closure
                .referrers(graph, id)
                .filter(|&from| from != ground.target)
            {
                let price = if (ground.stays)(from, id) { ENDLESS } else { 1 };
                match number(from) {
                    STAYS => staying = staying.saturating_add(price),
                    tail => {
                        edges.push((tail, node));
                        costs.push((price, 0));
                    }
                }
            }
            let weight = weights[ground.chains.number[id] as usize] >> shift;
            let weight = if node == TARGET { 0 } else { weight };
            if staying > 0 || weight > 0 {
                edges.push((STAYS, node));
                costs.push((staying, weight));
            }
            let up = dominators.immediate(id).map_or(STAYS, number);
            if node != TARGET && up != STAYS {
                edges.push((node, up));
                costs.push((ENDLESS, 0));
            }
        }
        let capacity = vec![0; edges.len()];
        Self {
            network: Network::new(paths.len() + FIRST, edges, capacity, &[STAYS], TARGET),
            costs,
            paths,
            target: ground.target,
        }
    }

    /// The cheapest cut nearest the target, at a price for a unit of weight and one for a reference. `None` if there is
    /// none, or if it has more than `enough` references (with weight for nothing).
    pub(super) fn cheapest(
        &mut self,
        (weight, reference): (u64, u64),
        enough: u64,
        progress: &Progress,
    ) -> Result<Option<Parting>, Cancelled> {
        let cost = |&(references, along): &(u64, u64)| match references {
            ENDLESS => ENDLESS,
            _ => references * reference + along * weight,
        };
        self.network.refill(self.costs.iter().map(cost));
        match self.network.saturate(enough, progress)? {
            Some(cost) if cost <= enough => {}
            _ => return Ok(None),
        }
        let leaves = self.network.sink_side();
        let mut parting = Parting {
            leaving: vec![self.target],
            references: 0,
            weight: 0,
        };
        let nodes = leaves[FIRST..].iter().zip(&self.paths);
        parting
            .leaving
            .extend(nodes.filter(|node| *node.0).map(|node| *node.1));
        for (&(tail, head), &(references, weight)) in self.network.edges().iter().zip(&self.costs) {
            if leaves[head as usize] && !leaves[tail as usize] {
                parting.references += references;
                parting.weight += weight;
            }
        }
        Ok(Some(parting))
    }
}

/// What each path on a chain takes along alone, by its number: what it dominates, less what paths on chains below it do.
fn weights(ground: &Ground, dominators: &Dominators) -> Vec<u64> {
    let nodes = &ground.chains.nodes;
    let mut weights: Vec<u64> = nodes
        .iter()
        .map(|&id| dominators.known_retained_size(id))
        .collect();
    for &id in nodes {
        if let Some(up) = dominators.immediate(id) {
            // What dominates a path on a chain is on that chain.
            weights[ground.chains.number[up] as usize] -= dominators.known_retained_size(id);
        }
    }
    weights
}
