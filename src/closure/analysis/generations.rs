//! The generations of a profile as a sequence of closures: what each contains, what came with it and what left.

use std::collections::HashMap;
use std::sync::Arc;

use crate::job::{Cancelled, Progress};
use crate::model::{Closure, PathId, PathSet, StoreGraph};

use super::diff::{Change, Delta, PackageChange, changed_packages};
use super::what_if::Total;

/// Closures one after the other.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// The steps, the oldest first.
    pub steps: Vec<TimelineStep>,
    /// All of them together.
    pub together: Total,
}

/// One closure, and how it differs from the one before.
#[derive(Debug, Clone)]
pub struct TimelineStep {
    /// Everything in it; generations that lead to one path share it.
    pub closure: Arc<Closure>,
    /// The number of paths and their size.
    pub total: Total,
    /// The packages that changed since the closure before, as any comparison has them; of the first closure none.
    pub packages: Vec<PackageChange>,
    /// What the closure before has not.
    pub came: Total,
    /// What the closure before has and this one has not.
    pub left: Total,
}

impl TimelineStep {
    /// The step from one closure to the next.
    fn after(graph: &StoreGraph, before: Option<&Arc<Closure>>, closure: Arc<Closure>) -> Self {
        let others = before.filter(|before| !Arc::ptr_eq(before, &closure));
        let packages = others.map(|before| changed_packages(graph, before, &closure));
        let packages = packages.unwrap_or_default();
        let sum = |of: fn(&PackageChange) -> &Vec<PathId>| {
            Total::of_paths(graph, packages.iter().flat_map(of).copied())
        };
        Self {
            total: Total::of_closure(&closure),
            came: sum(|package| &package.came),
            left: sum(|package| &package.left),
            closure,
            packages,
        }
    }

    /// Bytes that came less bytes that left; `None` if a size among them is unknown.
    pub fn change(&self) -> Option<i64> {
        Delta::between(&self.left, &self.came).exact()
    }
}

/// This many closures in a row have these paths and no others of those in question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// The position of the first closure.
    pub first: usize,
    /// The position of the last one.
    pub last: usize,
    /// The paths, ascending; none where the closures have none of them.
    pub paths: Vec<PathId>,
    /// What happened to them since the closures before; `None` of the first ones.
    pub change: Option<Change>,
}

impl Timeline {
    /// Walks from each of some targets, the oldest first.
    pub fn of(
        graph: &StoreGraph,
        targets: &[PathId],
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        progress.start("generations", targets.len() as u64);
        let mut timeline = Self::default();
        let mut all = PathSet::empty(graph.len());
        // Many generations may lead to one system: switching to it again makes a new one.
        let mut closures: HashMap<PathId, Arc<Closure>> = HashMap::new();
        let mut before = None;
        for &target in targets {
            let closure = closures.entry(target).or_insert_with(|| {
                let closure = Closure::of(graph, &[target]);
                all.union_with(closure.members());
                Arc::new(closure)
            });
            let closure = Arc::clone(closure);
            let step = TimelineStep::after(graph, before.as_ref(), closure);
            before = Some(Arc::clone(&step.closure));
            timeline.steps.push(step);
            progress.advance(1)?;
        }
        timeline.together = Total::of(graph, &all);
        Ok(timeline)
    }

    /// In which of the closures some paths are.
    pub fn presence(&self, graph: &StoreGraph, ids: &[PathId]) -> Vec<Presence> {
        let mut runs: Vec<Presence> = Vec::new();
        for (at, step) in self.steps.iter().enumerate() {
            let inside = ids.iter().copied().filter(|&id| step.closure.contains(id));
            let paths: Vec<PathId> = inside.collect();
            let change = match runs.last_mut() {
                Some(run) if run.paths == paths => {
                    run.last = at;
                    continue;
                }
                Some(run) => Some(Change::between(graph, &run.paths, &paths)),
                None => None,
            };
            runs.push(Presence {
                first: at,
                last: at,
                paths,
                change,
            });
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{any_graph, graph, id, names};

    proptest! {
        /// Also where generations lead to a path that earlier ones led to.
        #[test]
        fn each_step_is_the_difference_to_the_one_before(
            (graph, _) in any_graph(8),
            at in prop::collection::vec(any::<prop::sample::Index>(), 1..6),
        ) {
            let ids: Vec<PathId> = graph.ids().collect();
            let targets: Vec<PathId> = at.iter().map(|at| ids[at.index(ids.len())]).collect();
            let timeline = Timeline::of(&graph, &targets, &Progress::new()).expect("not cancelled");
            let closures: Vec<Closure> =
                targets.iter().map(|&target| Closure::of(&graph, &[target])).collect();
            for (at, step) in timeline.steps.iter().enumerate() {
                let (now, before) = (closures[at].members(), closures[at.saturating_sub(1)].members());
                prop_assert_eq!(step.closure.members(), now);
                prop_assert_eq!(step.total, Total::of(&graph, now));
                prop_assert_eq!(step.came, Total::of(&graph, &now.minus(before)));
                prop_assert_eq!(step.left, Total::of(&graph, &before.minus(now)));
            }
            let all = Closure::of(&graph, &targets);
            prop_assert_eq!(timeline.together, Total::of_closure(&all));
        }
    }

    const STORE: &str = "one 1 -> perl-5.36 lib-1\ntwo 2 -> perl-5.38 lib-1 jq\nthree 3 -> lib-1 jq\n\
        perl-5.36 50\nperl-5.38 70\nlib-1 30\njq 5";

    #[test]
    fn each_generation_says_what_came_and_what_left() {
        let (graph, _) = graph(STORE);
        let targets = ["one", "two", "three"].map(|name| id(&graph, name));
        let timeline = Timeline::of(&graph, &targets, &Progress::new()).expect("not cancelled");
        let table: Vec<_> = timeline
            .steps
            .iter()
            .map(|step| {
                let told = |of: fn(&PackageChange) -> &Vec<PathId>| {
                    let ids: Vec<PathId> = step.packages.iter().flat_map(of).copied().collect();
                    names(&graph, &ids)
                };
                let (came, left) = (told(|one| &one.came), told(|one| &one.left));
                (step.total.nar_size, step.change(), came, left)
            })
            .collect();
        let text = |text: &str| text.to_owned();
        assert_eq!(
            table,
            [
                (81, Some(0), text(""), text("")),
                (
                    107,
                    Some(26),
                    text("perl-5.38 jq two"),
                    text("perl-5.36 one")
                ),
                (38, Some(-69), text("three"), text("perl-5.38 two")),
            ]
        );
        assert_eq!(timeline.together.nar_size, 161);
        let told: Vec<_> = timeline.steps[1]
            .packages
            .iter()
            .map(|one| (one.name(&graph).pname, one.change, one.delta.nar_size))
            .collect();
        assert_eq!(
            told,
            [
                ("perl", Change::Version, 20),
                ("jq", Change::Came, 5),
                ("two", Change::Came, 2),
                ("one", Change::Left, -1)
            ]
        );
        let perl = ["perl-5.36", "perl-5.38"].map(|name| id(&graph, name));
        let runs = timeline.presence(&graph, &perl);
        let told: Vec<_> = runs
            .iter()
            .map(|run| (run.first, run.last, names(&graph, &run.paths), run.change))
            .collect();
        assert_eq!(
            told,
            [
                (0, 0, text("perl-5.36"), None),
                (1, 1, text("perl-5.38"), Some(Change::Version)),
                (2, 2, text(""), Some(Change::Left))
            ]
        );
    }
}
