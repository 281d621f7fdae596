//! Several roots side by side: what each holds alone, what all share, and what exactly these hold.

use std::collections::HashMap;

use crate::job::{Cancelled, Progress, parallel};
use crate::model::{Closure, PathId, StoreGraph};

use super::order::Order;
use super::what_if::Total;

/// One of several roots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// The root.
    pub root: PathId,
    /// Everything it reaches.
    pub closure: Total,
    /// What no other root reaches.
    pub alone: Total,
}

/// What exactly some of the roots reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// The positions of these roots, ascending.
    pub roots: Vec<usize>,
    /// What all of them and no other root reach.
    pub total: Total,
}

/// How several roots overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// The roots in their order.
    pub holdings: Vec<Holding>,
    /// What every root reaches.
    pub shared_by_all: Total,
    /// What at least two roots reach.
    pub shared: Total,
    /// The parts of the closure by which roots reach them, the largest first. Empty with more than 64 roots.
    pub regions: Vec<Region>,
}

/// Most roots for which regions are told.
const MOST: usize = 64;

impl Overlap {
    /// Compares the closures of all roots.
    pub fn of(
        graph: &StoreGraph,
        closure: &Closure,
        order: &Order,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let roots = closure.roots();
        progress.start("roots", roots.len() as u64);
        let closures = parallel(roots.len(), |at| {
            progress.advance(1)?;
            Ok(Total::of_closure(&Closure::of(graph, &roots[at..=at])))
        })?;
        let holders = Holders::of(graph, closure, order);
        let mut holdings: Vec<Holding> = roots
            .iter()
            .zip(closures)
            .map(|(&root, closure)| Holding {
                root,
                closure,
                alone: Total::default(),
            })
            .collect();
        let (mut shared, mut shared_by_all) = (Total::default(), Total::default());
        for group in 0..order.len() {
            let total = Total::of_paths(graph, order.group(group).iter().copied());
            match holders.only[group] {
                Holder::One(root) => holdings[root as usize].alone.add(total),
                _ => shared.add(total),
            }
            if holders.count[group] as usize == roots.len() {
                shared_by_all.add(total);
            }
        }
        Ok(Self {
            holdings,
            shared_by_all,
            shared,
            regions: regions(graph, closure, order),
        })
    }
}

/// Which root reaches a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    Nobody,
    One(u32),
    Several,
}

struct Holders {
    only: Vec<Holder>,
    /// How many roots reach each group.
    count: Vec<u32>,
}

impl Holders {
    fn of(graph: &StoreGraph, closure: &Closure, order: &Order) -> Self {
        let mut only = vec![Holder::Nobody; order.len()];
        for (at, &root) in closure.roots().iter().enumerate() {
            only[order.group_of(root)].meet(Holder::One(at as u32));
        }
        for group in 0..order.len() {
            let holder = only[group];
            for &id in order.group(group) {
                for &to in graph.references(id) {
                    only[order.group_of(to)].meet(holder);
                }
            }
        }
        let mut count = vec![0; order.len()];
        for roots in closure.roots().chunks(MOST) {
            for (sum, mask) in count.iter_mut().zip(masks(graph, order, roots)) {
                *sum += mask.count_ones();
            }
        }
        Self { only, count }
    }
}

impl Holder {
    fn meet(&mut self, other: Self) {
        *self = match (*self, other) {
            (Self::Nobody, any) | (any, Self::Nobody) => any,
            (a, b) if a == b => a,
            _ => Self::Several,
        };
    }
}

/// For each group a bit for each of up to 64 roots that reach it.
fn masks(graph: &StoreGraph, order: &Order, roots: &[PathId]) -> Vec<u64> {
    let mut masks = vec![0_u64; order.len()];
    for (at, &root) in roots.iter().enumerate() {
        masks[order.group_of(root)] |= 1 << at;
    }
    for group in 0..order.len() {
        let mask = masks[group];
        if mask != 0 {
            for &id in order.group(group) {
                for &to in graph.references(id) {
                    masks[order.group_of(to)] |= mask;
                }
            }
        }
    }
    masks
}

fn regions(graph: &StoreGraph, closure: &Closure, order: &Order) -> Vec<Region> {
    if closure.roots().len() > MOST {
        return Vec::new();
    }
    let mut totals: HashMap<u64, Total> = HashMap::new();
    for (group, mask) in masks(graph, order, closure.roots()).into_iter().enumerate() {
        let total = Total::of_paths(graph, order.group(group).iter().copied());
        totals.entry(mask).or_default().add(total);
    }
    let mut regions: Vec<(u64, Total)> = totals.into_iter().collect();
    regions.sort_by_key(|&(mask, total)| (std::cmp::Reverse(total.nar_size), mask));
    let roots = |mask: u64| (0..MOST).filter(move |at| mask >> at & 1 == 1).collect();
    let region = |(mask, total)| Region {
        roots: roots(mask),
        total,
    };
    regions.into_iter().map(region).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::model::PathSet;
    use crate::testing::{any_graph, graph};

    use super::*;

    fn overlap(graph: &StoreGraph, closure: &Closure) -> Overlap {
        let order = Order::of(graph, closure);
        Overlap::of(graph, closure, &order, &Progress::new()).expect("not cancelled")
    }

    #[test]
    fn two_systems_share_a_library() {
        let (graph, closure) = graph("*old 1 -> lib perl\n*new 2 -> lib\nlib 30\nperl 50");
        let overlap = overlap(&graph, &closure);
        let sizes: Vec<_> = overlap
            .holdings
            .iter()
            .map(|h| (h.closure.nar_size, h.alone.nar_size))
            .collect();
        assert_eq!(sizes, [(81, 51), (32, 2)]);
        assert_eq!(
            (overlap.shared_by_all.nar_size, overlap.shared.nar_size),
            (30, 30)
        );
        let regions: Vec<_> = overlap
            .regions
            .iter()
            .map(|r| (r.roots.clone(), r.total.nar_size))
            .collect();
        assert_eq!(regions, [(vec![0], 51), (vec![0, 1], 30), (vec![1], 2)]);
    }

    #[test]
    fn more_roots_than_bits_in_a_word() {
        let sizes = vec![Some(1); 101];
        let edges: Vec<_> = (0..100).map(|from| (from, 100)).collect();
        let roots: Vec<_> = (0..100).collect();
        let (graph, closure) = crate::testing::plain_graph(&sizes, &edges, &roots);
        let overlap = overlap(&graph, &closure);
        assert!(overlap.regions.is_empty());
        assert_eq!(
            (
                overlap.shared_by_all.paths,
                overlap.holdings[99].alone.paths
            ),
            (1, 1)
        );
    }

    proptest! {
        #[test]
        fn the_numbers_are_those_of_set_algebra((graph, closure) in any_graph(10)) {
            let overlap = overlap(&graph, &closure);
            let closures: Vec<PathSet> = closure.roots().iter().map(|&root| Closure::of(&graph, &[root]).members().clone()).collect();
            let mut all = closures[0].clone();
            for other in &closures {
                all.intersect_with(other);
            }
            prop_assert_eq!(overlap.shared_by_all, Total::of(&graph, &all));
            for (at, holding) in overlap.holdings.iter().enumerate() {
                let mut alone = closures[at].clone();
                for (_, other) in closures.iter().enumerate().filter(|(other, _)| *other != at) {
                    alone.subtract(other);
                }
                prop_assert_eq!(holding.alone, Total::of(&graph, &alone));
                prop_assert_eq!(holding.closure, Total::of(&graph, &closures[at]));
            }
            let regions: usize = overlap.regions.iter().map(|region| region.total.paths).sum();
            prop_assert_eq!(regions, closure.len());
            let alone: usize = overlap.holdings.iter().map(|holding| holding.alone.paths).sum();
            prop_assert_eq!(alone + overlap.shared.paths, closure.len());
        }
    }
}
