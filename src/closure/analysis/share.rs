//! Every byte of a closure charged to the direct dependencies of the roots: what in a configuration costs what.
//!
//! A path's NAR size is split evenly among the direct dependencies of the roots that reach it (each reaches itself). Sizes
//! are whole bytes: what does not divide goes, a byte each, to the first of them by id. A root that no direct dependency
//! reaches is charged to itself. So the shares add up to the closure's known NAR size exactly. Paths of unknown size are
//! charged to none; what reaches one has an unknown share.

use crate::job::{Cancelled, Progress, parallel, threads};
use crate::model::{Closure, Column, PathId, PathSet, StoreGraph};

use super::order::Order;
use super::reach::{bits, each_row};

/// What each direct dependency of the roots is charged, in bytes.
#[derive(Debug, Clone)]
pub struct Shares {
    charged: Vec<(PathId, u64)>,
    bytes: Column<u64>,
    bearers: PathSet,
    incomplete: PathSet,
}

/// 64-bit words of direct dependencies per block.
const WORDS: usize = 4;
const BLOCK: usize = WORDS * 64;

impl Shares {
    /// Charges the whole closure, 256 direct dependencies at a time.
    pub fn of(
        graph: &StoreGraph,
        closure: &Closure,
        order: &Order,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let direct = direct_dependencies(graph, closure);
        let split = Split {
            graph,
            order,
            direct: &direct,
        };
        let blocks = direct.len().div_ceil(BLOCK);
        let tasks = blocks.min(threads());
        progress.start("shares", 2 * blocks as u64);
        let range = |task: usize| blocks * task / tasks..blocks * (task + 1) / tasks;
        let counts = parallel(tasks, |task| split.count(range(task), progress))?;
        let mut reached_by = vec![0_u32; order.len()];
        // How many bearers earlier tasks find for each group: where the remainder goes depends on it.
        let mut earlier = Vec::with_capacity(tasks);
        for count in counts {
            let before = reached_by.clone();
            for (sum, more) in reached_by.iter_mut().zip(&count) {
                *sum += more;
            }
            earlier.push(before);
        }
        let portions = parallel(tasks, |task| {
            split.charge(range(task), &reached_by, earlier[task].clone(), progress)
        })?;
        let mut charged: Vec<(PathId, u64)> = Vec::new();
        let mut incomplete = PathSet::empty(graph.len());
        for (id, (bytes, complete)) in direct.iter().zip(portions.into_iter().flatten()) {
            charged.push((*id, bytes));
            if !complete {
                incomplete.insert(*id);
            }
        }
        for &root in closure.roots() {
            if reached_by[order.group_of(root)] == 0 {
                // A cycle through a root that nothing else is in would need a direct dependency in it.
                charged.push((root, graph.info(root).nar_size.known()));
                if graph.nar_size(root).is_none() {
                    incomplete.insert(root);
                }
            }
        }
        Ok(Self::collected(graph, charged, incomplete))
    }

    fn collected(graph: &StoreGraph, mut charged: Vec<(PathId, u64)>, incomplete: PathSet) -> Self {
        let mut bytes = Column::filled(graph.len(), 0);
        for &(id, share) in &charged {
            bytes[id] = share;
        }
        charged.sort_by_key(|&(id, share)| (std::cmp::Reverse(share), id));
        Self {
            bearers: PathSet::of(graph.len(), charged.iter().map(|&(id, _)| id)),
            charged,
            bytes,
            incomplete,
        }
    }

    /// The direct dependencies and the roots charged to themselves with their bytes, the largest share first.
    pub fn charged(&self) -> &[(PathId, u64)] {
        &self.charged
    }

    /// A path's share in bytes; `None` if it bears none, or reaches a path of unknown size.
    pub fn get(&self, id: PathId) -> Option<u64> {
        (self.bearers.contains(id) && !self.incomplete.contains(id)).then(|| self.bytes[id])
    }
}

/// What the roots reference, ascending.
fn direct_dependencies(graph: &StoreGraph, closure: &Closure) -> Vec<PathId> {
    let mut set = PathSet::empty(graph.len());
    for &root in closure.roots() {
        set.extend(graph.references(root).iter().copied());
    }
    set.iter().collect()
}

struct Split<'a> {
    graph: &'a StoreGraph,
    order: &'a Order,
    direct: &'a [PathId],
}

impl Split<'_> {
    /// By how many direct dependencies of some blocks each group is reached.
    fn count(
        &self,
        blocks: std::ops::Range<usize>,
        progress: &Progress,
    ) -> Result<Vec<u32>, Cancelled> {
        let mut counts = vec![0; self.order.len()];
        for block in blocks {
            self.each_row(block, |group, row| {
                counts[group] += row.iter().map(|word| word.count_ones()).sum::<u32>();
            });
            progress.advance(1)?;
        }
        Ok(counts)
    }

    /// What each direct dependency of some blocks is charged, and whether all sizes it reaches are known. `position` holds how
    /// many bearers each group has before these blocks.
    fn charge(
        &self,
        blocks: std::ops::Range<usize>,
        reached_by: &[u32],
        mut position: Vec<u32>,
        progress: &Progress,
    ) -> Result<Vec<(u64, bool)>, Cancelled> {
        let mut charges = Vec::new();
        for block in blocks {
            let mut bearers = vec![(0_u64, true); BLOCK];
            self.each_row(block, |group, row| {
                let (bytes, odd, known) = self.portion(group, u64::from(reached_by[group]));
                for bearer in bits(row) {
                    // Members of a group are split one by one; each has its own remainder.
                    let extra = odd.iter().filter(|&&odd| u64::from(position[group]) < odd);
                    let (sum, complete) = &mut bearers[bearer];
                    *sum += bytes + extra.count() as u64;
                    *complete &= known;
                    position[group] += 1;
                }
            });
            let used = (self.direct.len() - block * BLOCK).min(BLOCK);
            charges.extend(bearers.into_iter().take(used));
            progress.advance(1)?;
        }
        Ok(charges)
    }

    /// The even part of a group's bytes, the remainder of each member, and whether all sizes are known.
    fn portion(&self, group: usize, among: u64) -> (u64, Remainders, bool) {
        let (mut bytes, mut odd, mut known) = (0, Remainders::new(), true);
        for &id in self.order.group(group) {
            let size = self.graph.info(id).nar_size.known();
            bytes += size.checked_div(among).unwrap_or(0);
            odd.push(size.checked_rem(among).unwrap_or(0));
            known &= self.graph.nar_size(id).is_some();
        }
        (bytes, odd, known)
    }

    /// Goes through the groups from the roots downwards, each with the direct dependencies of a block that reach it.
    fn each_row(&self, block: usize, visit: impl FnMut(usize, &[u64; WORDS])) {
        let first = block * BLOCK;
        let end = (first + BLOCK).min(self.direct.len());
        each_row(self.graph, self.order, &self.direct[first..end], visit);
    }
}

/// Remainders of a group's members: nearly always one.
type Remainders = Vec<u64>;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::testing::{any_graph, graph, id};

    use super::*;

    fn shares(graph: &StoreGraph, closure: &Closure) -> Shares {
        let order = Order::of(graph, closure);
        Shares::of(graph, closure, &order, &Progress::new()).expect("not cancelled")
    }

    #[test]
    fn what_several_reach_is_split_among_them() {
        let (graph, closure) =
            graph("system 5 -> a b\na 10 -> libc\nb 20 -> libc only\nlibc 31\nonly 3");
        let shares = shares(&graph, &closure);
        let table: Vec<_> = shares
            .charged()
            .iter()
            .map(|&(id, bytes)| (graph.name(id), bytes))
            .collect();
        assert_eq!(table, [("b", 38), ("a", 26), ("system", 5)]);
        assert_eq!(shares.get(id(&graph, "libc")), None);
    }

    #[test]
    fn who_reaches_an_unknown_size_has_an_unknown_share() {
        let (graph, closure) = graph("system 5 -> a b\na 10 -> x\nb 20\nx ?");
        let shares = shares(&graph, &closure);
        assert_eq!(
            (shares.get(id(&graph, "a")), shares.get(id(&graph, "b"))),
            (None, Some(20))
        );
    }

    /// Path by path: who reaches it, divide, deal out the rest.
    fn naive(graph: &StoreGraph, closure: &Closure) -> Vec<u64> {
        let direct = direct_dependencies(graph, closure);
        let reach: Vec<Closure> = direct.iter().map(|&id| Closure::of(graph, &[id])).collect();
        let mut bytes = vec![0; graph.len()];
        for id in closure.members().iter() {
            let size = graph.info(id).nar_size.known();
            let mut bearers: Vec<PathId> = direct
                .iter()
                .zip(&reach)
                .filter(|(_, reach)| reach.contains(id))
                .map(|(&bearer, _)| bearer)
                .collect();
            if bearers.is_empty() {
                bearers.push(id);
            }
            for (at, bearer) in bearers.iter().enumerate() {
                let among = bearers.len() as u64;
                bytes[bearer.index()] += size / among + u64::from((at as u64) < size % among);
            }
        }
        bytes
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn shares_add_up_to_the_closure((graph, closure) in any_graph(12)) {
            let shares = shares(&graph, &closure);
            let sum: u64 = shares.charged().iter().map(|(_, bytes)| bytes).sum();
            prop_assert_eq!(sum, closure.known_nar_size());
            prop_assert_eq!(shares.bytes.as_slice(), &naive(&graph, &closure)[..]);
        }

    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(6))]

        #[test]
        fn many_direct_dependencies_make_several_blocks(seed in any::<u64>()) {
            let mut random = crate::testing::Random::new(seed);
            let sizes: Vec<_> = (0..700).map(|_| Some(random.number() % 100_000)).collect();
            let mut edges: Vec<_> = (1..600).map(|to| (0, to)).collect();
            edges.extend((0..900).map(|_| {
                let from = 1 + random.below(698);
                (from, from + 1 + random.below(699 - from))
            }));
            let (graph, closure) = crate::testing::plain_graph(&sizes, &edges, &[0]);
            let shares = shares(&graph, &closure);
            prop_assert_eq!(shares.bytes.as_slice(), &naive(&graph, &closure)[..]);
        }
    }
}
