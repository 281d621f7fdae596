//! The closure size of every path of a closure.
//!
//! One walk per path would be quadratic in the edges; instead sets of reachable paths are bit rows, filled for a block of
//! columns at a time along the topological order (`upwards.rs`). Blocks are independent, so they run on all processors,
//! and memory stays small however large the store is.

use crate::job::{Cancelled, Progress, parallel};
use crate::model::{Closure, Column, PathId, PathSet, StoreGraph};

use super::order::Order;
use super::upwards::{GroupRows, Reach};

/// Closure sizes of the members of a closure, in bytes.
#[derive(Debug, Clone)]
pub struct ClosureSizes {
    known: Column<u64>,
    incomplete: PathSet,
}

impl ClosureSizes {
    /// Computes all of them. Cost grows with paths × references / 512; reports blocks as progress.
    pub fn of(
        graph: &StoreGraph,
        closure: &Closure,
        order: &Order,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let rows = GroupRows::of(graph, order, |id| [graph.info(id).nar_size.known()]);
        let blocks = rows.blocks();
        progress.start("closure sizes", blocks as u64);
        // Each task sums several blocks, so that only a few columns of sums exist at once.
        let tasks = blocks.min(crate::job::threads() * 4);
        let partial = parallel(tasks, |task| {
            let mut sums = vec![[0]; order.len()];
            let mut reach = Reach::default();
            for block in (task..blocks).step_by(tasks) {
                rows.add_block(block, &mut reach, &mut sums);
                progress.advance(1)?;
            }
            Ok(sums)
        })?;
        let mut known = Column::filled(graph.len(), 0);
        for group in 0..order.len() {
            let sum = partial.iter().map(|sums| sums[group][0]).sum();
            for &id in order.group(group) {
                known[id] = sum;
            }
        }
        Ok(Self {
            known,
            incomplete: reaching_unknown(graph, closure),
        })
    }

    /// Closure size of a member in bytes; `None` if a size in its closure is unknown (0 outside the closure).
    pub fn get(&self, id: PathId) -> Option<u64> {
        (!self.incomplete.contains(id)).then(|| self.known[id])
    }

    /// As [`ClosureSizes::get`], unknown sizes counted as nothing.
    pub fn known(&self, id: PathId) -> u64 {
        self.known[id]
    }
}

/// Members from which a path of unknown size is reachable.
fn reaching_unknown(graph: &StoreGraph, closure: &Closure) -> PathSet {
    let mut reaching = PathSet::empty(graph.len());
    if closure.unknown_sizes() == 0 {
        return reaching;
    }
    let mut stack: Vec<PathId> = closure
        .members()
        .iter()
        .filter(|&id| graph.nar_size(id).is_none())
        .collect();
    reaching.extend(stack.iter().copied());
    while let Some(id) = stack.pop() {
        stack.extend(
            closure
                .referrers(graph, id)
                .filter(|&referrer| reaching.insert(referrer)),
        );
    }
    reaching
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::testing::{Random, any_graph, plain_graph};

    use super::super::upwards::BLOCK;
    use super::*;

    fn agree(graph: &StoreGraph, closure: &Closure) -> Result<(), TestCaseError> {
        let order = Order::of(graph, closure);
        let sizes =
            ClosureSizes::of(graph, closure, &order, &Progress::new()).expect("not cancelled");
        for id in closure.members().iter() {
            let own = Closure::of(graph, &[id]);
            prop_assert_eq!(
                (sizes.get(id), sizes.known(id)),
                (own.nar_size(), own.known_nar_size())
            );
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn sizes_are_those_of_single_closures((graph, closure) in any_graph(12)) {
            agree(&graph, &closure)?;
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4))]

        #[test]
        fn blocks_make_no_difference(seed in any::<u64>()) {
            let mut random = Random::new(seed);
            let count = 2 * BLOCK + random.below(BLOCK);
            let sizes: Vec<_> = (0..count).map(|_| (random.below(500) > 0).then(|| random.number() % 1000)).collect();
            let edges: Vec<_> = (0..3 * count).map(|at| {
                let to = 1 + (at + random.below(count)) % (count - 1);
                // A few references lead back, and make large cycles.
                let from = if random.below(count) == 0 { random.below(count) } else { random.below(to) };
                (from, to)
            }).collect();
            let (graph, closure) = plain_graph(&sizes, &edges, &[0]);
            agree(&graph, &closure)?;
        }
    }
}
