//! What stays although a marked step takes a reference to it, and one chain that still holds it.

use hashbrown::HashSet;

use super::{Step, StillHeld};
use crate::analysis::rewired::Rewired;
use crate::model::{Closure, Column, PathId, PathSet, StoreGraph};

pub(super) fn still_held(
    graph: &StoreGraph,
    closure: &Closure,
    steps: &[Step],
    rewired: &Rewired,
    after: &PathSet,
) -> Vec<StillHeld> {
    let mut wanted = PathSet::empty(graph.len());
    for &step in steps {
        match step {
            Step::Remove(id) | Step::Replace { old: id, .. } if closure.contains(id) => {
                wanted.extend(graph.references(id).iter().copied());
            }
            Step::Cut { to, .. } => {
                wanted.insert(to);
            }
            Step::Remove(_) | Step::Replace { .. } => {}
        }
    }
    wanted.intersect_with(after);
    let replaces = steps
        .iter()
        .any(|step| matches!(step, Step::Replace { .. }));
    let chains = if replaces {
        chains_downwards(graph, rewired, &wanted)
    } else {
        let up = Upwards {
            graph,
            depths: closure.depths(graph),
            rewired,
            after,
        };
        wanted.iter().map(|id| up.chain(id)).collect()
    };
    let held = chains.into_iter().map(|chain| {
        let path = chain[chain.len() - 1];
        StillHeld {
            path,
            chain,
            holders: rewired.holders(path, after),
        }
    });
    let mut held: Vec<_> = held.collect();
    held.sort_by_key(|held| {
        let size = graph.info(held.path).nar_size.known();
        (held.holders, std::cmp::Reverse(size), held.path)
    });
    held
}

/// A shortest chain to each path, by one breadth-first search from the roots.
fn chains_downwards(graph: &StoreGraph, rewired: &Rewired, wanted: &PathSet) -> Vec<Vec<PathId>> {
    let mut search = ChainSearch::from(graph, rewired.roots());
    let mut chains = Vec::new();
    let mut missing = wanted.len();
    while missing > 0
        && let Some(id) = search.next()
    {
        if wanted.contains(id) {
            missing -= 1;
            chains.push(search.chain(id));
        }
        for to in rewired.references(id) {
            search.reach(id, to);
        }
    }
    chains
}

/// Searches a chain from its lower end, where no step replaces anything: a few paths see more of it than all.
struct Upwards<'a> {
    graph: &'a StoreGraph,
    /// In the closure as it is: removals and cuts make no chain shorter.
    depths: &'a Column<u32>,
    rewired: &'a Rewired<'a>,
    after: &'a PathSet,
}

impl Upwards<'_> {
    /// The chain that [`chains_downwards`] finds: of the shortest ones the one by the first referrer in each step, as
    /// [`shortest_chain`](crate::analysis::why::shortest_chain) has it.
    ///
    /// Tries longer and longer chains. For each length it goes up only where a root can be near enough, which is A* with
    /// the depth as the estimate (Hart, Nilsson and Raphael 1968), by layers.
    fn chain(&self, id: PathId) -> Vec<PathId> {
        let mut length = self.depths[id];
        loop {
            let layers = self.layers(id, length);
            // Nothing but a root has the depth 0 that the last layer is left with.
            if layers.last().is_some_and(|roots| !roots.is_empty()) {
                return self.upwards(&layers);
            }
            length += 1;
        }
    }

    /// What is one, two, three … references above a path, each layer ascending, as far as a chain of some length may lead
    /// through it.
    fn layers(&self, id: PathId, length: u32) -> Vec<Vec<PathId>> {
        let mut seen = PathSet::of(self.graph.len(), [id]);
        let mut layers = vec![vec![id]];
        for left in (0..length).rev() {
            let mut layer = Vec::new();
            for &at in layers.last().into_iter().flatten() {
                let near = |from: &PathId| self.depths[*from] <= left && self.holds(*from, at);
                let above = self.graph.referrers(at).iter().copied().filter(near);
                layer.extend(above.filter(|&from| seen.insert(from)));
            }
            layer.sort_unstable();
            layers.push(layer);
        }
        layers
    }

    /// The chain through layers of which the last has roots only: by the first referrer in each step from which one gets
    /// there.
    fn upwards(&self, layers: &[Vec<PathId>]) -> Vec<PathId> {
        let mut dead = HashSet::new();
        let mut way = vec![(layers[0][0], 0)];
        while way.len() < layers.len() {
            let above = &layers[way.len()];
            let Some((at, tried)) = way.last_mut() else {
                break;
            };
            let at = *at;
            let in_layer = |from: &PathId| above.binary_search(from).is_ok();
            let leads_on =
                |&from: &PathId| in_layer(&from) && self.holds(from, at) && !dead.contains(&from);
            let referrers = &self.graph.referrers(at)[*tried..];
            if let Some(next) = referrers.iter().position(leads_on) {
                *tried += next + 1;
                way.push((referrers[next], 0));
            } else {
                dead.insert(at);
                way.pop();
            }
        }
        way.into_iter().rev().map(|(id, _)| id).collect()
    }

    /// Whether a path that stays still references another.
    fn holds(&self, from: PathId, to: PathId) -> bool {
        self.after.contains(from) && self.rewired.keeps(from, to)
    }
}

/// A breadth-first search that remembers how it came to each path.
pub(super) struct ChainSearch {
    came_from: Column<Option<PathId>>,
    seen: PathSet,
    queue: Vec<PathId>,
    at: usize,
    /// Where the layer ends that is being gone through: paths as far from the start.
    layer: usize,
}

impl ChainSearch {
    pub(super) fn from(graph: &StoreGraph, starts: impl IntoIterator<Item = PathId>) -> Self {
        let mut search = Self {
            came_from: Column::filled(graph.len(), None),
            seen: PathSet::empty(graph.len()),
            queue: Vec::new(),
            at: 0,
            layer: 0,
        };
        for start in starts {
            if search.seen.insert(start) {
                search.queue.push(start);
            }
        }
        search
    }

    /// The next path. In each layer the first come first, so that a path is reached from its first referrer.
    pub(super) fn next(&mut self) -> Option<PathId> {
        if self.at == self.layer {
            self.queue[self.at..].sort_unstable();
            self.layer = self.queue.len();
        }
        self.at += 1;
        self.queue.get(self.at - 1).copied()
    }

    pub(super) fn reach(&mut self, from: PathId, to: PathId) {
        if self.seen.insert(to) {
            self.came_from[to] = Some(from);
            self.queue.push(to);
        }
    }

    pub(super) fn chain(&self, id: PathId) -> Vec<PathId> {
        let mut chain: Vec<PathId> =
            std::iter::successors(Some(id), |&down| self.came_from[down]).collect();
        chain.reverse();
        chain
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analysis::what_if;
    use crate::analysis::what_if::tests::removals_and_cuts;
    use crate::analysis::why::shortest_chain;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn both_ways_find_the_same_chains(
            (graph, closure) in crate::testing::any_graph(14),
            steps in prop::collection::vec((any::<bool>(), 0..14_usize, 0..14_usize), 0..4),
        ) {
            let steps = removals_and_cuts(&graph, steps);
            let rewired = Rewired::new(&graph, closure.roots(), &steps);
            let after = what_if::after(&graph, &closure, &steps);
            let up = Upwards {
                graph: &graph,
                depths: closure.depths(&graph),
                rewired: &rewired,
                after: &after,
            };
            let mut upwards: Vec<_> = after.iter().map(|id| up.chain(id)).collect();
            if steps.is_empty() {
                let known = after.iter().map(|id| shortest_chain(&graph, &closure, id));
                let known: Vec<_> = known.map(|chain| chain.expect("a member")).collect();
                prop_assert_eq!(&upwards, &known);
            }
            let mut downwards = chains_downwards(&graph, &rewired, &after);
            upwards.sort_unstable();
            downwards.sort_unstable();
            prop_assert_eq!(upwards, downwards);
        }
    }
}
