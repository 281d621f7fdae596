//! Several roots compared: what each holds alone, what all share, and what exactly these hold.

mod many;

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::job::{Cancelled, Progress};
use crate::model::{Closure, PathId, StoreGraph};

use super::order::Order;
use super::reach::{bits, each_row};
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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

/// Most roots for which regions are told: those that a word has bits for.
pub const MOST: usize = 64;

impl Overlap {
    /// Compares the closures of all roots: one look at every reference, or for more than 64 of them one for each 512 paths.
    pub fn of(
        graph: &StoreGraph,
        closure: &Closure,
        order: &Order,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        if closure.roots().len() > MOST {
            return many::overlap(graph, closure, order, progress);
        }
        progress.check()?;
        Ok(few(graph, closure, order))
    }

    /// What two of the roots both reach, by their positions; `None` with more than 64 roots.
    pub fn both(&self, a: usize, b: usize) -> Option<Total> {
        if self.holdings.len() > MOST {
            return None;
        }
        let mut both = Total::default();
        for region in &self.regions {
            let reached_by = |root| region.roots.binary_search(&root).is_ok();
            if reached_by(a) && reached_by(b) {
                both.add(region.total);
            }
        }
        Some(both)
    }
}

/// The overlap of so few roots that a word has a bit for each.
fn few(graph: &StoreGraph, closure: &Closure, order: &Order) -> Overlap {
    let roots = closure.roots();
    let mut by_row: HashMap<u64, Total> = HashMap::new();
    each_row(graph, order, roots, |group, &[row]| {
        let members = order.group(group).iter().copied();
        let total = Total::of_paths(graph, members);
        by_row.entry(row).or_default().add(total);
    });
    let mut overlap = Overlap::without_totals(roots);
    for region in regions(&by_row) {
        for &at in &region.roots {
            overlap.holdings[at].closure.add(region.total);
        }
        match region.roots[..] {
            [only] => overlap.holdings[only].alone.add(region.total),
            _ => overlap.shared.add(region.total),
        }
        if region.roots.len() == roots.len() {
            overlap.shared_by_all.add(region.total);
        }
        overlap.regions.push(region);
    }
    overlap
}

impl Overlap {
    fn without_totals(roots: &[PathId]) -> Self {
        let holding = |&root: &PathId| Holding {
            root,
            closure: Total::default(),
            alone: Total::default(),
        };
        Self {
            holdings: roots.iter().map(holding).collect(),
            ..Self::default()
        }
    }
}

fn regions(by_row: &HashMap<u64, Total>) -> Vec<Region> {
    let mut regions: Vec<(u64, Total)> = by_row.iter().map(|(&row, &total)| (row, total)).collect();
    regions.sort_by_key(|&(row, total)| (Reverse(total.nar_size), row));
    let region = |(row, total)| Region {
        roots: bits(&[row]).collect(),
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
        assert_eq!(overlap.both(0, 1), None);
        assert!(overlap.holdings.iter().all(|h| h.closure.paths == 2));
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
            let order = Order::of(&graph, &closure);
            let many = many::overlap(&graph, &closure, &order, &Progress::new());
            prop_assert_eq!(many, Ok(Overlap { regions: Vec::new(), ..overlap.clone() }));
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
            for (a, of_a) in closures.iter().enumerate() {
                for (b, of_b) in closures.iter().enumerate().filter(|&(b, _)| b != a) {
                    let mut both = of_a.clone();
                    both.intersect_with(of_b);
                    prop_assert_eq!(overlap.both(a, b), Some(Total::of(&graph, &both)));
                }
            }
            for region in &overlap.regions {
                let holds = |id| (0..closures.len()).filter(|&at| closures[at].contains(id)).eq(region.roots.iter().copied());
                let exactly = closure.members().iter().filter(|&id| holds(id));
                prop_assert_eq!(region.total, Total::of_paths(&graph, exactly));
            }
            let regions: usize = overlap.regions.iter().map(|region| region.total.paths).sum();
            prop_assert_eq!(regions, closure.len());
            let alone: usize = overlap.holdings.iter().map(|holding| holding.alone.paths).sum();
            prop_assert_eq!(alone + overlap.shared.paths, closure.len());
        }
    }
}
