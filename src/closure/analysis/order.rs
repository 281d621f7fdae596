//! A topological order of a closure, referrers before references.
//!
//! Stores have no cycles but self references, which the graph leaves out. Should input have one all the same, the
//! members of a cycle (a strongly connected component) stand next to each other and form one group; everything that
//! goes by groups stays correct.

use petgraph::algo::kosaraju_scc;

use crate::model::{Closure, Column, PathId, StoreGraph, Warnings};
use crate::text;

/// The members of a closure in topological order, in groups of one unless there are cycles.
#[derive(Debug, Clone)]
pub struct Order {
    sequence: Vec<PathId>,
    /// Start of each group in `sequence`, plus its length; `None` if every group is one path.
    starts: Option<Vec<u32>>,
    group_of: Column<u32>,
}

/// The group of a path outside the closure.
const OUTSIDE: u32 = u32::MAX;

impl Order {
    /// Sorts the members of the closure (Kahn's algorithm; Kosaraju's components if that finds a cycle).
    pub fn of(graph: &StoreGraph, closure: &Closure) -> Self {
        let sequence = closure.sorted(graph);
        if sequence.len() == closure.len() {
            let mut group_of = Column::filled(graph.len(), OUTSIDE);
            for (position, &id) in sequence.iter().enumerate() {
                group_of[id] = position as u32;
            }
            return Self {
                sequence,
                starts: None,
                group_of,
            };
        }
        condensed(graph, closure)
    }

    /// Every member, referrers before what they reference.
    pub fn sequence(&self) -> &[PathId] {
        &self.sequence
    }

    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.starts
            .as_ref()
            .map_or(self.sequence.len(), |starts| starts.len() - 1)
    }

    /// Whether there is nothing to order.
    pub fn is_empty(&self) -> bool {
        self.sequence.is_empty()
    }

    /// The members of a group; more than one only where paths reference each other in a cycle.
    #[inline]
    pub fn group(&self, group: usize) -> &[PathId] {
        match &self.starts {
            None => &self.sequence[group..=group],
            Some(starts) => &self.sequence[starts[group] as usize..starts[group + 1] as usize],
        }
    }

    /// The group a member is in. Groups ascend from the roots downwards.
    #[inline]
    pub fn group_of(&self, id: PathId) -> usize {
        self.group_of[id] as usize
    }

    /// The groups of paths that reference each other in a cycle.
    pub fn cycles(&self) -> impl Iterator<Item = &[PathId]> {
        let groups = if self.starts.is_some() { self.len() } else { 0 };
        (0..groups)
            .map(|group| self.group(group))
            .filter(|members| members.len() > 1)
    }

    /// What the user should know about [`Order::cycles`]: no store has any, so the input is not what a store said.
    pub fn warnings(&self, graph: &StoreGraph) -> Warnings {
        let mut warnings = Warnings::new();
        for members in self.cycles() {
            let others = members.len() - 1;
            let first = graph.base_name(members[0]);
            let example = format_args!("{first} and {}", text::counted(others, "other"));
            warnings.add("paths that reference each other in a cycle", example);
        }
        warnings
    }
}

fn condensed(graph: &StoreGraph, closure: &Closure) -> Order {
    let mut sequence = Vec::with_capacity(closure.len());
    let mut starts = vec![0];
    let mut group_of = Column::filled(graph.len(), OUTSIDE);
    // Kosaraju's components come in reverse topological order. A component is wholly inside the closure or wholly outside.
    let components = kosaraju_scc(graph).into_iter().rev();
    for mut component in components.filter(|component| closure.contains(component[0])) {
        component.sort_unstable();
        for &id in &component {
            group_of[id] = starts.len() as u32 - 1;
        }
        sequence.extend(component);
        starts.push(sequence.len() as u32);
    }
    Order {
        sequence,
        starts: Some(starts),
        group_of,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::testing::{any_graph, graph, names};

    use super::*;

    #[test]
    fn referrers_come_before_references() {
        let (graph, closure) = graph("app -> lib tool\ntool -> lib\nlib -> libc\nlibc");
        let order = Order::of(&graph, &closure);
        assert_eq!(names(&graph, order.sequence()), "app tool lib libc");
        assert_eq!(order.cycles().count(), 0);
    }

    #[test]
    fn a_cycle_is_one_group() {
        let (graph, closure) = graph("app -> a\na -> b\nb -> a c\nc");
        let order = Order::of(&graph, &closure);
        let groups: Vec<String> = (0..order.len())
            .map(|group| names(&graph, order.group(group)))
            .collect();
        assert_eq!(groups, ["app", "a b", "c"]);
        assert_eq!(order.cycles().count(), 1);
        let warnings: Vec<_> = order.warnings(&graph).into_vec();
        let line = format!(
            "paths that reference each other in a cycle: {} and 1 other",
            graph.base_name(order.group(1)[0])
        );
        assert_eq!(warnings.len(), 1);
        assert_eq!(warnings[0].to_string(), line);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn groups_are_the_cycles_and_references_lead_downwards((graph, closure) in any_graph(10)) {
            let order = Order::of(&graph, &closure);
            let mut sequence = order.sequence().to_vec();
            sequence.sort_unstable();
            prop_assert_eq!(sequence, closure.members().iter().collect::<Vec<_>>());
            let reach: Vec<Closure> = graph.ids().map(|id| Closure::of(&graph, &[id])).collect();
            for a in closure.members().iter() {
                for &b in graph.references(a) {
                    prop_assert!(order.group_of(a) <= order.group_of(b));
                }
                for b in closure.members().iter() {
                    let cycle = reach[a.index()].contains(b) && reach[b.index()].contains(a);
                    prop_assert_eq!(cycle, order.group_of(a) == order.group_of(b));
                }
                prop_assert!(order.group(order.group_of(a)).contains(&a));
            }
            let grouped: usize = (0..order.len()).map(|group| order.group(group).len()).sum();
            prop_assert_eq!(grouped, closure.len());
        }
    }
}
