//! What leaves under removals and cuts, computed from the changed places only.
//!
//! Where no paths reference each other in a cycle, a path leaves exactly if it is removed or if, not being a root, it
//! loses its last referrer: what garbage collectors that count references rely on. The cost is that of what leaves, not
//! that of what stays.

use std::collections::HashSet;

use super::{Step, Total};
use crate::model::{Closure, Column, PathId, PathSet, StoreGraph};

/// When more than this part of the closure leaves, walking what stays is cheaper.
const MOST: usize = 4;

/// The members that leave. `None` where it takes a walk to tell: with replacements, with cycles, and when most leaves.
pub(super) fn leaving(graph: &StoreGraph, closure: &Closure, steps: &[Step]) -> Option<PathSet> {
    if !can_count(graph, closure, steps) {
        return None;
    }
    let mut counting = Counting {
        graph,
        closure,
        cuts: cuts(steps),
        held: Column::filled(graph.len(), 0),
        leaving: PathSet::empty(graph.len()),
        stack: Vec::new(),
    };
    for &step in steps {
        if let Step::Remove(id) = step
            && closure.contains(id)
        {
            counting.leave(id);
        }
    }
    for (from, to) in counting.cuts.clone() {
        if closure.contains(from) && graph.references(from).binary_search(&to).is_ok() {
            counting.lose_referrer(to);
        }
    }
    let most = closure.len() / MOST + 64;
    counting.run(most).then_some(counting.leaving)
}

/// What each group of steps takes out after those before it, all by one counting. `None` where it takes walks to tell.
pub(super) fn one_after_another(
    graph: &StoreGraph,
    closure: &Closure,
    groups: &[&[Step]],
) -> Option<Vec<Total>> {
    let countable = |group: &&[Step]| can_count(graph, closure, group);
    if !groups.iter().all(countable) {
        return None;
    }
    let mut held = Column::filled(graph.len(), 0);
    let mut leaving = PathSet::empty(graph.len());
    let mut cut = HashSet::new();
    let mut left = Vec::new();
    let mut lose = |id: PathId, leaving: &mut PathSet, left: &mut Vec<PathId>| {
        if held[id] == 0 {
            let root = usize::from(closure.is_root(id));
            held[id] = (closure.referrer_count(graph, id) + root) as u32 + 1;
        }
        held[id] -= 1;
        if held[id] == 1 && leaving.insert(id) {
            left.push(id);
        }
    };
    let totals = groups.iter().map(|group| {
        left.clear();
        let mut at = 0;
        for &step in *group {
            match step {
                Step::Remove(id) if closure.contains(id) && leaving.insert(id) => left.push(id),
                // What leaves has let go of all it referenced.
                Step::Cut { from, to }
                    if closure.contains(from)
                        && !leaving.contains(from)
                        && graph.references(from).binary_search(&to).is_ok()
                        && cut.insert((from, to)) =>
                {
                    lose(to, &mut leaving, &mut left);
                }
                _ => {}
            }
            while let Some(&id) = left.get(at) {
                at += 1;
                for &to in graph.references(id) {
                    if cut.is_empty() || !cut.contains(&(id, to)) {
                        lose(to, &mut leaving, &mut left);
                    }
                }
            }
        }
        Total::of_paths(graph, left.iter().copied())
    });
    Some(totals.collect())
}

/// Whether counting referrers tells what leaves: without replacements and cycles.
fn can_count(graph: &StoreGraph, closure: &Closure, steps: &[Step]) -> bool {
    let replaces = |step: &Step| matches!(step, Step::Replace { .. });
    closure.is_acyclic(graph) && !steps.iter().any(replaces)
}

/// The references that are cut, each once.
fn cuts(steps: &[Step]) -> Vec<(PathId, PathId)> {
    let mut cuts: Vec<_> = steps
        .iter()
        .filter_map(|step| match *step {
            Step::Cut { from, to } => Some((from, to)),
            _ => None,
        })
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

struct Counting<'a> {
    graph: &'a StoreGraph,
    closure: &'a Closure,
    /// Ascending. What they hold is let go of at the beginning, not when their referrer leaves.
    cuts: Vec<(PathId, PathId)>,
    /// How many references still hold a path, plus one; 0 as long as it has lost none.
    held: Column<u32>,
    leaving: PathSet,
    stack: Vec<PathId>,
}

impl Counting<'_> {
    /// Follows what leaves. `false` as soon as that is more than `most`.
    fn run(&mut self, most: usize) -> bool {
        let mut gone = 0;
        while let Some(id) = self.stack.pop() {
            gone += 1;
            if gone > most {
                return false;
            }
            for &to in self.graph.references(id) {
                if self.cuts.is_empty() || self.cuts.binary_search(&(id, to)).is_err() {
                    self.lose_referrer(to);
                }
            }
        }
        true
    }

    fn leave(&mut self, id: PathId) {
        if self.leaving.insert(id) {
            self.stack.push(id);
        }
    }

    fn lose_referrer(&mut self, id: PathId) {
        if self.held[id] == 0 {
            let root = usize::from(self.closure.is_root(id));
            self.held[id] = (self.closure.referrer_count(self.graph, id) + root) as u32 + 1;
        }
        self.held[id] -= 1;
        if self.held[id] == 1 {
            self.leave(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analysis::rewired::Rewired;
    use crate::analysis::what_if::tests::removals_and_cuts;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn counting_finds_what_a_walk_does(
            (graph, closure) in crate::testing::any_dag(12),
            steps in prop::collection::vec((any::<bool>(), 0..12_usize, 0..12_usize), 0..6),
        ) {
            let steps = removals_and_cuts(&graph, steps);
            let left = leaving(&graph, &closure, &steps).expect("so few paths are never too many");
            let reached = Rewired::new(&graph, closure.roots(), &steps).reached();
            prop_assert_eq!(closure.members().minus(&left), reached);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn one_counting_finds_what_each_group_adds(
            (graph, closure) in crate::testing::any_dag(12),
            steps in prop::collection::vec((any::<bool>(), 0..12_usize, 0..12_usize), 0..8),
            size in 1..4_usize,
        ) {
            let steps = removals_and_cuts(&graph, steps);
            let groups: Vec<&[Step]> = steps.chunks(size).collect();
            let totals = one_after_another(&graph, &closure, &groups).expect("no cycles");
            let mut before = closure.members().clone();
            for (at, total) in totals.iter().enumerate() {
                let with = &steps[..steps.len().min((at + 1) * size)];
                let after = Rewired::new(&graph, closure.roots(), with).reached();
                prop_assert_eq!(*total, Total::of(&graph, &before.minus(&after)));
                before = after;
            }
        }
    }

    #[test]
    fn cycles_and_replacements_are_left_to_a_walk() {
        let (graph, closure) = crate::testing::graph("app -> a\na -> b\nb -> a c\nc");
        let id = |name| crate::testing::id(&graph, name);
        assert!(leaving(&graph, &closure, &[Step::Remove(id("a"))]).is_none());
        let (graph, closure) = crate::testing::graph("app -> a\na -> b\nb");
        let id = |name| crate::testing::id(&graph, name);
        let replace = Step::Replace {
            old: id("a"),
            new: id("b"),
        };
        assert!(leaving(&graph, &closure, &[replace]).is_none());
    }
}
