//! How more roots overlap than a word has bits for.

use crate::analysis::holders::Held;
use crate::analysis::order::Order;
use crate::analysis::upwards::{BLOCK, BitRow, GroupRows, Reach};
use crate::analysis::what_if::Total;
use crate::job::{Cancelled, Progress, parallel, threads};
use crate::model::{Closure, PathId, StoreGraph};

use super::Overlap;

/// Compares the closures of all roots; what exactly some of them reach is not told.
pub(super) fn overlap(
    graph: &StoreGraph,
    closure: &Closure,
    order: &Order,
    progress: &Progress,
) -> Result<Overlap, Cancelled> {
    let roots = closure.roots();
    let groups: Vec<usize> = roots.iter().map(|&root| order.group_of(root)).collect();
    let mut overlap = Overlap::without_totals(roots);
    let reached = Reached::by(graph, order, &groups, progress)?;
    for (holding, &group) in overlap.holdings.iter_mut().zip(&groups) {
        holding.closure = reached.totals[group];
    }
    let held = held(graph, order, &groups);
    for (group, held) in held.into_iter().enumerate() {
        let total = of_group(graph, order, group);
        match held {
            Held::By(only) => overlap.holdings[only as usize].alone.add(total),
            _ => overlap.shared.add(total),
        }
    }
    for &group in &reached.by_all {
        overlap.shared_by_all.add(of_group(graph, order, group));
    }
    Ok(overlap)
}

fn of_group(graph: &StoreGraph, order: &Order, group: usize) -> Total {
    Total::of_paths(graph, order.group(group).iter().copied())
}

/// Which root reaches each group, or that several do: told from the roots downwards.
fn held(graph: &StoreGraph, order: &Order, roots: &[usize]) -> Vec<Held> {
    let mut held = vec![Held::Dead; order.len()];
    for (at, &group) in roots.iter().enumerate() {
        held[group] = held[group].and(Held::By(at as u32));
    }
    for group in 0..order.len() {
        let by = held[group];
        for to in order
            .group(group)
            .iter()
            .flat_map(|&id| graph.references(id))
        {
            let below = &mut held[order.group_of(*to)];
            *below = below.and(by);
        }
    }
    held
}

/// What the groups of an order reach.
struct Reached {
    /// The total of what each reaches.
    totals: Vec<Total>,
    /// The groups that every root reaches.
    by_all: Vec<usize>,
}

impl Reached {
    fn by(
        graph: &StoreGraph,
        order: &Order,
        roots: &[usize],
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let rows = GroupRows::of(graph, order, |id| amounts(graph, id));
        let blocks = rows.blocks();
        progress.start("roots", blocks as u64);
        // Each task sums several blocks, so that only a few columns of sums exist at once.
        let tasks = blocks.min(threads());
        let parts = parallel(tasks, |task| {
            let (mut sums, mut by_all) = (vec![[0; 2]; order.len()], Vec::new());
            let mut reach = Reach::default();
            for block in (task..blocks).step_by(tasks) {
                rows.add_block(block, &mut reach, &mut sums);
                by_all.extend(reached_by_all(&reach, roots).map(|column| block * BLOCK + column));
                progress.advance(1)?;
            }
            Ok((sums, by_all))
        })?;
        let mut reached = Self {
            totals: vec![Total::default(); order.len()],
            by_all: Vec::new(),
        };
        for (sums, by_all) in parts {
            for (total, sum) in reached.totals.iter_mut().zip(sums) {
                total.add(told(sum));
            }
            reached.by_all.extend(by_all);
        }
        Ok(reached)
    }
}

/// The columns of a block that every root reaches.
fn reached_by_all(reach: &Reach<2>, roots: &[usize]) -> impl Iterator<Item = usize> {
    let mut all: BitRow = [u64::MAX; _];
    for &root in roots {
        let row = reach.row(root);
        for (word, own) in all.iter_mut().zip(row) {
            *word &= own;
        }
        if all == BitRow::default() {
            break;
        }
    }
    let is_set = move |column: &usize| all[column / 64] >> (column % 64) & 1 == 1;
    (0..BLOCK).filter(is_set)
}

/// How many paths have an unknown size stands in the upper half of the second amount; ids have 32 bits, so neither half
/// outgrows its place.
fn amounts(graph: &StoreGraph, id: PathId) -> [u64; 2] {
    match graph.nar_size(id) {
        Some(bytes) => [bytes, 1],
        None => [0, 1 | 1 << 32],
    }
}

/// The total that amounts stand for.
fn told([nar_size, paths]: [u64; 2]) -> Total {
    Total {
        paths: (paths & u64::from(u32::MAX)) as usize,
        nar_size,
        unknown: (paths >> 32) as usize,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::model::PathSet;
    use crate::testing::{Random, plain_graph};

    use super::*;

    #[test]
    fn more_roots_than_bits_in_a_word() {
        let sizes = vec![Some(1); 101];
        let edges: Vec<_> = (0..100).map(|from| (from, 100)).collect();
        let roots: Vec<_> = (0..100).collect();
        let (graph, closure) = plain_graph(&sizes, &edges, &roots);
        let order = Order::of(&graph, &closure);
        let overlap = Overlap::of(&graph, &closure, &order, &Progress::new());
        let overlap = overlap.expect("not cancelled");
        assert!(overlap.regions.is_empty());
        assert_eq!(overlap.both(0, 1), None);
        assert!(overlap.holdings.iter().all(|h| h.closure.paths == 2));
        let (all, alone) = (overlap.shared_by_all, overlap.holdings[99].alone);
        assert_eq!((all.paths, alone.paths), (1, 1));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]

        #[test]
        fn blocks_make_no_difference(seed in any::<u64>()) {
            let mut random = Random::new(seed);
            let count = 2 * BLOCK + random.below(BLOCK);
            let sizes: Vec<_> = (0..count).map(|_| (random.below(50) > 0).then(|| random.number() % 1000)).collect();
            // The last few paths are referenced by all that have no other reference, so that most roots share them.
            let edges: Vec<_> = (0..2 * count).map(|at| {
                let from = at % count;
                let to = if at < count { count - 1 - random.below(3) } else { random.below(count) };
                if from < to || random.below(count) == 0 { (from, to) } else { (to, from) }
            }).filter(|(from, to)| from != to).collect();
            let roots: Vec<usize> = (0..65 + random.below(100)).map(|_| random.below(count - 3)).collect();
            let (graph, closure) = plain_graph(&sizes, &edges, &roots);
            let order = Order::of(&graph, &closure);
            let overlap = overlap(&graph, &closure, &order, &Progress::new()).expect("not cancelled");
            let closures: Vec<PathSet> = closure.roots().iter().map(|&root| Closure::of(&graph, &[root]).members().clone()).collect();
            let mut all = closures[0].clone();
            let (mut once, mut twice) = (PathSet::empty(graph.len()), PathSet::empty(graph.len()));
            for own in &closures {
                all.intersect_with(own);
                let mut again = own.clone();
                again.intersect_with(&once);
                twice.union_with(&again);
                once.union_with(own);
            }
            prop_assert_eq!(overlap.shared_by_all, Total::of(&graph, &all));
            prop_assert_eq!(overlap.shared, Total::of(&graph, &twice));
            for (holding, own) in overlap.holdings.iter().zip(&closures) {
                prop_assert_eq!(holding.closure, Total::of(&graph, own));
                prop_assert_eq!(holding.alone, Total::of(&graph, &own.minus(&twice)));
            }
        }
    }
}
