//! How far every path is from the roots: shortest chain (depth) and longest chain (level).

use crate::model::{Closure, Column, StoreGraph};

use super::order::Order;

/// Depth and level of every member of a closure; [`Distances::OUTSIDE`] for other paths.
#[derive(Debug, Clone)]
pub struct Distances {
    /// Length of the shortest chain from a root (roots: 0).
    pub depth: Column<u32>,
    /// Length of the longest chain from a root. Paths that reference each other in a cycle share one level.
    pub level: Column<u32>,
}

impl Distances {
    /// The value of paths outside the closure.
    pub const OUTSIDE: u32 = Closure::OUTSIDE;

    /// Measures all members: breadth first for the depth, along the topological order for the level.
    pub fn of(graph: &StoreGraph, closure: &Closure, order: &Order) -> Self {
        Self {
            depth: closure.depths(graph).clone(),
            level: levels(graph, order),
        }
    }
}

fn levels(graph: &StoreGraph, order: &Order) -> Column<u32> {
    let mut level_of_group = vec![0_u32; order.len()];
    let mut level = Column::filled(graph.len(), Distances::OUTSIDE);
    for group in 0..order.len() {
        let below = level_of_group[group] + 1;
        for &id in order.group(group) {
            level[id] = below - 1;
            for &reference in graph.references(id) {
                let target = order.group_of(reference);
                if target != group {
                    level_of_group[target] = level_of_group[target].max(below);
                }
            }
        }
    }
    level
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::testing::{any_graph, graph};

    use super::*;

    #[test]
    fn depth_is_the_shortest_and_level_the_longest_chain() {
        let (graph, closure) = graph("app -> lib tool\ntool -> lib\nlib -> libc\nlibc");
        let distances = Distances::of(&graph, &closure, &Order::of(&graph, &closure));
        let table: Vec<_> = graph
            .ids()
            .map(|id| (graph.name(id), distances.depth[id], distances.level[id]))
            .collect();
        assert_eq!(
            table,
            [("app", 0, 0), ("lib", 1, 2), ("tool", 1, 1), ("libc", 2, 3)]
        );
    }

    /// All distances by trying every reference again and again.
    fn naive(graph: &StoreGraph, closure: &Closure, order: &Order) -> (Vec<u32>, Vec<u32>) {
        let mut depth = vec![u32::MAX; graph.len()];
        let mut level = vec![u32::MAX; graph.len()];
        for id in closure.members().iter() {
            level[id.index()] = 0;
        }
        for root in closure.roots() {
            depth[root.index()] = 0;
        }
        for _ in graph.ids() {
            for from in closure.members().iter() {
                for to in graph.references(from) {
                    let (a, b) = (from.index(), to.index());
                    depth[b] = depth[b].min(depth[a].saturating_add(1));
                    let same = order.group_of(from) == order.group_of(*to);
                    level[b] = level[b].max(level[a] + u32::from(!same));
                }
            }
        }
        (depth, level)
    }

    proptest! {
        #[test]
        fn distances_are_what_trying_everything_finds((graph, closure) in any_graph(10)) {
            let order = Order::of(&graph, &closure);
            let distances = Distances::of(&graph, &closure, &order);
            let (depth, level) = naive(&graph, &closure, &order);
            prop_assert_eq!(distances.depth.as_slice(), &depth[..]);
            prop_assert_eq!(distances.level.as_slice(), &level[..]);
        }
    }
}
