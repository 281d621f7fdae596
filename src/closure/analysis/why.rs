//! Why a path is in a closure, without ever listing chains.
//!
//! A chain is a walk along references from a root to the target. The paths on some chain are those the roots reach that
//! also reach the target. Chains are counted by arithmetic along the topological order; their number grows beyond any
//! machine word, so it is a big integer.

use num_bigint::BigUint;

use crate::model::{Closure, PathId, PathSet, StoreGraph};

use super::dominators::Dominators;
use super::order::Order;

/// The answer to "why is this here".
#[derive(Debug, Clone)]
pub struct Why {
    /// The path in question.
    pub target: PathId,
    /// Its referrers inside the closure, ascending.
    pub referrers: Vec<PathId>,
    /// One shortest chain, root first, target last.
    pub shortest_chain: Vec<PathId>,
    /// How many chains there are; a cycle of paths counts as one station of a chain.
    pub chains: ChainCount,
    /// The paths that every chain passes through, root first, the target left out.
    pub choke_points: Vec<PathId>,
    /// Every path on some chain, roots and target included.
    pub on_chains: PathSet,
}

/// A number of chains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChainCount {
    /// Exactly this many.
    Exactly(BigUint),
    /// At least this many: the exact number has more digits than are of use.
    AtLeast(BigUint),
}

impl ChainCount {
    /// The number, or the lower bound.
    pub fn value(&self) -> &BigUint {
        match self {
            Self::Exactly(count) | Self::AtLeast(count) => count,
        }
    }
}

/// Numbers of chains are exact up to this many bits (about 1 200 digits).
const MOST_BITS: u64 = 4096;

impl Why {
    /// Explains one path; `None` if it is not in the closure.
    pub fn of(
        graph: &StoreGraph,
        closure: &Closure,
        order: &Order,
        dominators: &Dominators,
        target: PathId,
    ) -> Option<Self> {
        if !closure.contains(target) {
            return None;
        }
        let on_chains = reaching(graph, closure, target);
        Some(Self {
            target,
            referrers: closure.referrers(graph, target).collect(),
            shortest_chain: shortest_chain(graph, closure, target)?,
            chains: count_chains(graph, closure, order, &on_chains, target),
            choke_points: dominators.strict(target),
            on_chains,
        })
    }

    /// Exactly the references that lie on some chain, by referrer, then reference, ascending. References that leave the
    /// target are on a chain only where paths form a cycle.
    pub fn edges<'a>(
        &'a self,
        graph: &'a StoreGraph,
    ) -> impl Iterator<Item = (PathId, PathId)> + 'a {
        self.on_chains.iter().flat_map(move |from| {
            let on_chain = graph
                .references(from)
                .iter()
                .filter(|&&to| self.on_chains.contains(to));
            on_chain.map(move |&to| (from, to))
        })
    }
}

/// The members of a closure that reach `target`, itself included.
pub fn reaching(graph: &StoreGraph, closure: &Closure, target: PathId) -> PathSet {
    reaching_all(graph, closure, &[target])
}

/// The members of a closure that reach one of `targets`, those that are members included.
pub fn reaching_all(graph: &StoreGraph, closure: &Closure, targets: &[PathId]) -> PathSet {
    let members = targets.iter().copied().filter(|&id| closure.contains(id));
    let mut stack: Vec<PathId> = members.collect();
    let mut set = PathSet::of(graph.len(), stack.iter().copied());
    while let Some(id) = stack.pop() {
        stack.extend(
            closure
                .referrers(graph, id)
                .filter(|&referrer| set.insert(referrer)),
        );
    }
    set
}

/// One shortest chain from a root to `target`, root first: up the depths, by the first referrer in each step. Asked once,
/// the closure remembers its depths, so the next chain costs only its own referrers. `None` outside the closure.
pub fn shortest_chain(
    graph: &StoreGraph,
    closure: &Closure,
    target: PathId,
) -> Option<Vec<PathId>> {
    let depths = closure.depths(graph);
    if depths[target] == Closure::OUTSIDE {
        return None;
    }
    let mut chain = vec![target];
    let mut at = target;
    while depths[at] > 0 {
        at = closure
            .referrers(graph, at)
            .find(|&referrer| depths[referrer] < depths[at])?;
        chain.push(at);
    }
    chain.reverse();
    Some(chain)
}

/// Counts in machine words as long as they last: nearly always.
fn count_chains(
    graph: &StoreGraph,
    closure: &Closure,
    order: &Order,
    on_chains: &PathSet,
    target: PathId,
) -> ChainCount {
    let walk = ChainWalk {
        graph,
        closure,
        order,
        on_chains,
        target,
    };
    if let Some(count) = walk.count::<u128>(|a, b| a.checked_add(*b)) {
        return ChainCount::Exactly(count.into());
    }
    match walk.count::<BigUint>(|a, b| Some(a + b).filter(|sum| sum.bits() <= MOST_BITS)) {
        Some(count) => ChainCount::Exactly(count),
        None => ChainCount::AtLeast(BigUint::from(1_u8) << MOST_BITS),
    }
}

struct ChainWalk<'a> {
    graph: &'a StoreGraph,
    closure: &'a Closure,
    order: &'a Order,
    on_chains: &'a PathSet,
    target: PathId,
}

impl ChainWalk<'_> {
    /// Adds up along the order; `None` as soon as `add` gives up.
    fn count<N: Clone + Default + From<u8>>(&self, add: impl Fn(N, &N) -> Option<N>) -> Option<N> {
        let goal = self.order.group_of(self.target);
        let mut counts: Vec<N> = vec![N::default(); goal + 1];
        let more = |slot: &mut N, count: &N| {
            *slot = add(std::mem::take(slot), count)?;
            Some(())
        };
        for &root in self.closure.roots() {
            if self.on_chains.contains(root) {
                more(&mut counts[self.order.group_of(root)], &N::from(1))?;
            }
        }
        for group in 0..goal {
            let members = self.order.group(group);
            // Of a cycle either all paths are on a chain or none.
            if !self.on_chains.contains(members[0]) {
                continue;
            }
            // Big numbers are dropped once they were passed on: only those in between are in memory.
            let count = std::mem::take(&mut counts[group]);
            for &id in members {
                for &reference in self.graph.references(id) {
                    if self.on_chains.contains(reference) {
                        let below = self.order.group_of(reference);
                        if below != group {
                            more(&mut counts[below], &count)?;
                        }
                    }
                }
            }
        }
        counts.pop()
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use crate::job::Progress;
    use crate::testing::{any_dag, any_graph, graph, id, names};

    use super::*;

    fn why(text: &str, target: &str) -> (StoreGraph, Why) {
        let (graph, closure) = graph(text);
        let order = Order::of(&graph, &closure);
        let dominators =
            Dominators::of(&graph, &closure, &order, &Progress::new()).expect("not cancelled");
        let why = Why::of(&graph, &closure, &order, &dominators, id(&graph, target))
            .expect("in the closure");
        (graph, why)
    }

    #[test]
    fn a_diamond_has_two_chains_and_two_choke_points() {
        let (graph, why) = why(
            "app -> env\nenv -> left right other\nleft -> libc\nright -> libc\nlibc\nother",
            "libc",
        );
        assert_eq!(why.chains, ChainCount::Exactly(2_u8.into()));
        assert_eq!(names(&graph, &why.choke_points), "app env");
        assert_eq!(names(&graph, &why.shortest_chain), "app env left libc");
        assert_eq!(names(&graph, &why.referrers), "left right");
        assert_eq!(why.edges(&graph).count(), 5);
    }

    #[test]
    fn a_root_that_others_hold_too_has_a_chain_of_its_own() {
        let (graph, why) = why("*app -> lib\n*lib", "lib");
        assert_eq!(why.chains, ChainCount::Exactly(2_u8.into()));
        assert_eq!(names(&graph, &why.shortest_chain), "lib");
        assert!(why.choke_points.is_empty());
    }

    #[test]
    fn numbers_of_chains_outgrow_machine_words() {
        let mut text = String::from("app -> a0 b0\n");
        for level in 0..200 {
            let next = level + 1;
            let _ = writeln!(
                text,
                "a{level} -> a{next} b{next}\nb{level} -> a{next} b{next}"
            );
        }
        text += "a200 -> end\nb200 -> end\nend";
        let (_, why) = why(&text, "end");
        assert_eq!(why.chains, ChainCount::Exactly(BigUint::from(1_u8) << 201));
    }

    #[test]
    fn a_cycle_counts_once() {
        let (_, why) = why("app -> a\na -> b\nb -> a end\nend", "end");
        assert_eq!(why.chains, ChainCount::Exactly(1_u8.into()));
    }

    /// All chains of a graph without cycles, one by one.
    fn enumerate(
        graph: &StoreGraph,
        at: PathId,
        target: PathId,
        chain: &mut Vec<PathId>,
        all: &mut Vec<Vec<PathId>>,
    ) {
        chain.push(at);
        if at == target {
            all.push(chain.clone());
        }
        for &to in graph.references(at) {
            enumerate(graph, to, target, chain, all);
        }
        chain.pop();
    }

    fn explained(graph: &StoreGraph, closure: &Closure, target: PathId) -> Option<Why> {
        let order = Order::of(graph, closure);
        let dominators =
            Dominators::of(graph, closure, &order, &Progress::new()).expect("not cancelled");
        Why::of(graph, closure, &order, &dominators, target)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(800))]

        #[test]
        fn arithmetic_agrees_with_listing_all_chains((graph, closure) in any_dag(9), pick in 0..9_usize) {
            let target = PathId::new(pick % graph.len());
            let mut all = Vec::new();
            for &root in closure.roots() {
                enumerate(&graph, root, target, &mut Vec::new(), &mut all);
            }
            let Some(why) = explained(&graph, &closure, target) else {
                prop_assert!(all.is_empty());
                return Ok(());
            };
            prop_assert_eq!(&why.chains, &ChainCount::Exactly(all.len().into()));
            prop_assert!(all.contains(&why.shortest_chain));
            prop_assert!(all.iter().all(|chain| chain.len() >= why.shortest_chain.len()));
            let mut edges: Vec<(PathId, PathId)> = all.iter().flat_map(|chain| chain.windows(2).map(|pair| (pair[0], pair[1]))).collect();
            edges.sort_unstable();
            edges.dedup();
            prop_assert_eq!(why.edges(&graph).collect::<Vec<_>>(), edges);
            let mut choke: Vec<PathId> = all[0].clone();
            choke.retain(|id| *id != target && all.iter().all(|chain| chain.contains(id)));
            prop_assert_eq!(why.choke_points, choke);
        }

        #[test]
        fn cycles_leave_chains_and_choke_points_true((graph, closure) in any_graph(9), pick in 0..9_usize) {
            let target = PathId::new(pick % graph.len());
            let Some(why) = explained(&graph, &closure, target) else {
                prop_assert!(!closure.contains(target));
                return Ok(());
            };
            prop_assert!(closure.is_root(why.shortest_chain[0]));
            prop_assert_eq!(why.shortest_chain.last(), Some(&target));
            for pair in why.shortest_chain.windows(2) {
                prop_assert!(graph.references(pair[0]).contains(&pair[1]));
            }
            prop_assert!(why.chains.value() >= &BigUint::from(1_u8));
            for id in closure.members().iter() {
                let left = crate::analysis::what_if::after(&graph, &closure, &[crate::analysis::Step::Remove(id)]);
                let choke = id != target && !left.contains(target);
                prop_assert_eq!(why.choke_points.contains(&id), choke);
                prop_assert_eq!(why.on_chains.contains(id), Closure::of(&graph, &[id]).contains(target));
            }
        }
    }
}
