//! Replacements that would make paths reference each other in a cycle: nothing could be built so.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;

use super::held::ChainSearch;
use super::{Step, WhatIfError};
use crate::analysis::rewired::Rewired;
use crate::model::{Column, PathId, PathSet, StoreGraph};
use crate::text::sanitise;

/// As many replacements are searched from one by one for a cycle: that is less than sorting all that is reached.
const FEW: usize = 3;

/// An error if a reference that a replacement redirected lies on a cycle within what is reached.
pub(super) fn refuse_cycles(
    graph: &StoreGraph,
    rewired: &Rewired,
    steps: &[Step],
    after: &PathSet,
) -> Result<(), WhatIfError> {
    let replacements = steps.iter().filter(|step| step.is_replacement()).count();
    let are_many = replacements > FEW;
    if replacements == 0 || are_many && is_acyclic(graph, rewired, after) {
        return Ok(());
    }
    let closing = are_many.then(|| closing(graph, rewired, after));
    let may_close = |id| closing.as_ref().unwrap_or(after).contains(id);
    for &step in steps {
        let Step::Replace { old, new } = step else {
            continue;
        };
        if old == new || !may_close(new) {
            continue;
        }
        if let Some(cycle) = redirected_cycle(graph, rewired, new) {
            let name = |id: PathId| sanitise(graph.base_name(id)).into_owned();
            let around = cycle.iter().chain(cycle.first());
            return Err(WhatIfError::Cycle {
                old: name(old),
                new: name(new),
                names: around.map(|&id| name(id)).collect(),
                cycle,
            });
        }
    }
    Ok(())
}

/// Whether nothing that is reached reaches itself under the steps (Kahn's algorithm).
fn is_acyclic(graph: &StoreGraph, rewired: &Rewired, after: &PathSet) -> bool {
    let mut waiting = Column::filled(graph.len(), 0_u32);
    for id in after.iter() {
        for to in rewired.references(id) {
            waiting[to] += 1;
        }
    }
    let mut free: Vec<PathId> = after.iter().filter(|&id| waiting[id] == 0).collect();
    let mut sorted = 0;
    while let Some(id) = free.pop() {
        sorted += 1;
        for to in rewired.references(id) {
            waiting[to] -= 1;
            if waiting[to] == 0 {
                free.push(to);
            }
        }
    }
    sorted == after.len()
}

/// What redirected references lead to from within a cycle.
fn closing(graph: &StoreGraph, rewired: &Rewired, after: &PathSet) -> PathSet {
    let edges = after.iter().flat_map(|from| {
        let ends = rewired.references(from);
        ends.map(move |to| (from.index() as u32, to.index() as u32))
    });
    let rewritten = DiGraph::<(), ()>::from_edges(edges);
    let mut cycle_of = Column::filled(graph.len(), usize::MAX);
    for (cycle, members) in kosaraju_scc(&rewritten).iter().enumerate() {
        for member in members {
            cycle_of[PathId::new(member.index())] = cycle;
        }
    }
    let mut closing = PathSet::empty(graph.len());
    for from in after.iter() {
        let ends = rewired.moved_references(from);
        let closes = |&(was, to): &(PathId, PathId)| was != to && cycle_of[from] == cycle_of[to];
        closing.extend(ends.filter(closes).map(|(_, to)| to));
    }
    closing
}

/// A shortest walk from `start` to a path of which a reference was redirected to `start`.
fn redirected_cycle(graph: &StoreGraph, rewired: &Rewired, start: PathId) -> Option<Vec<PathId>> {
    let mut search = ChainSearch::from(graph, [start]);
    while let Some(id) = search.next() {
        for (was, to) in rewired.moved_references(id) {
            if to == start && was != start {
                return Some(search.chain(id));
            }
            search.reach(id, to);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analysis::what_if;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn what_closes_a_cycle_is_what_a_search_finds(
            (graph, closure) in crate::testing::any_graph(9),
            pairs in prop::collection::vec((0..9_usize, 0..9_usize), 1..8),
        ) {
            let id = |number: usize| PathId::new(number % graph.len());
            let replace = |(old, new)| Step::Replace { old: id(old), new: id(new) };
            let steps: Vec<Step> = pairs.into_iter().map(replace).collect();
            let rewired = Rewired::new(&graph, closure.roots(), &steps);
            let after = what_if::after(&graph, &closure, &steps);
            let closing = closing(&graph, &rewired, &after);
            for id in after.iter() {
                let cycle = redirected_cycle(&graph, &rewired, id);
                prop_assert_eq!(closing.contains(id), cycle.is_some());
            }
        }
    }
}
