//! Why a path is in a closure, without ever listing chains.
//!
//! A chain is a walk along references from a root to the target. The paths on some chain are those the roots reach that
//! also reach the target. Chains are counted by arithmetic along the topological order; their number grows beyond any
//! machine word, so it is a big integer.

use num_bigint::BigUint;

use crate::model::{Closure, Column, PathId, PathSet, StoreGraph};

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
    /// How many chains there are; a circle of paths counts as one station of a chain.
    pub chains: Chains,
    /// The paths that every chain passes through, root first, the target left out.
    pub choke_points: Vec<PathId>,
    /// Every path on some chain, roots and target included.
    pub on_chains: PathSet,
}

/// A number of chains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chains {
    /// Exactly so many.
    Exactly(BigUint),
    /// More digits than anyone reads: at least so many.
    AtLeast(BigUint),
}

impl Chains {
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
    /// target are on a chain only where paths form a circle.
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

/// One shortest chain from a root to `target`: breadth first from the target upwards, so the walk stays among its
/// referrers. `None` if no root reaches it.
pub fn shortest_chain(
    graph: &StoreGraph,
    closure: &Closure,
    target: PathId,
) -> Option<Vec<PathId>> {
    let is_root = PathSet::of(graph.len(), closure.roots().iter().copied());
    let mut next_down: Column<Option<PathId>> = Column::filled(graph.len(), None);
    let mut seen = PathSet::of(graph.len(), [target]);
    let mut queue = vec![target];
    let mut at = 0;
    while at < queue.len() {
        let id = queue[at];
        at += 1;
        if is_root.contains(id) {
            return Some(std::iter::successors(Some(id), |&down| next_down[down]).collect());
        }
        for referrer in closure.referrers(graph, id) {
            if seen.insert(referrer) {
                next_down[referrer] = Some(id);
                queue.push(referrer);
            }
        }
    }
    None
}

/// The groups on some chain in topological order, for the arithmetic.
fn count_chains(
    graph: &StoreGraph,
    closure: &Closure,
    order: &Order,
    on_chains: &PathSet,
    target: PathId,
) -> Chains {
    let mut groups: Vec<usize> = on_chains.iter().map(|id| order.group_of(id)).collect();
    groups.sort_unstable();
    groups.dedup();
    let walk = ChainWalk {
        graph,
        closure,
        order,
        on_chains,
        target,
        groups,
    };
    if let Some(count) = walk.count::<u128>(|a, b| a.checked_add(*b)) {
        return Chains::Exactly(count.into());
    }
    let limit = BigUint::from(1_u8) << MOST_BITS;
    match walk.count::<BigUint>(|a, b| Some(a + b).filter(|sum| sum.bits() <= MOST_BITS)) {
        Some(count) => Chains::Exactly(count),
        None => Chains::AtLeast(limit),
    }
}

struct ChainWalk<'a> {
    graph: &'a StoreGraph,
    closure: &'a Closure,
    order: &'a Order,
    on_chains: &'a PathSet,
    target: PathId,
    /// Groups with a path on some chain, ascending.
    groups: Vec<usize>,
}

impl ChainWalk<'_> {
    /// Adds up along the order; `None` as soon as `add` gives up.
    fn count<N: Clone + From<u8>>(&self, add: impl Fn(&N, &N) -> Option<N>) -> Option<N> {
        let mut counts: Vec<N> = vec![N::from(0); self.groups.len()];
        for root in self
            .closure
            .roots()
            .iter()
            .filter(|&&root| self.on_chains.contains(root))
        {
            let at = self.place(self.order.group_of(*root));
            counts[at] = add(&counts[at], &N::from(1))?;
        }
        let goal = self.order.group_of(self.target);
        for at in 0..self.groups.len() {
            let group = self.groups[at];
            if group == goal {
                break;
            }
            let count = counts[at].clone();
            for &id in self.order.group(group) {
                for &reference in self.graph.references(id) {
                    let below = self.order.group_of(reference);
                    if below != group && self.on_chains.contains(reference) {
                        let slot = self.place(below);
                        counts[slot] = add(&counts[slot], &count)?;
                    }
                }
            }
        }
        Some(counts[self.place(goal)].clone())
    }

    fn place(&self, group: usize) -> usize {
        self.groups.partition_point(|&other| other < group)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use crate::job::Progress;
    use crate::testing::{graph, id, names};

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
        assert_eq!(why.chains, Chains::Exactly(2_u8.into()));
        assert_eq!(names(&graph, &why.choke_points), "app env");
        assert_eq!(names(&graph, &why.shortest_chain), "app env left libc");
        assert_eq!(names(&graph, &why.referrers), "left right");
        assert_eq!(why.edges(&graph).count(), 5);
    }

    #[test]
    fn a_root_that_others_hold_too_has_a_chain_of_its_own() {
        let (graph, why) = why("*app -> lib\n*lib", "lib");
        assert_eq!(why.chains, Chains::Exactly(2_u8.into()));
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
        assert_eq!(why.chains, Chains::Exactly(BigUint::from(1_u8) << 201));
    }

    #[test]
    fn a_circle_counts_once() {
        let (_, why) = why("app -> a\na -> b\nb -> a end\nend", "end");
        assert_eq!(why.chains, Chains::Exactly(1_u8.into()));
    }
}
