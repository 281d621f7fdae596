//! The generations of a profile as a run of closures: what each has, what came with it and what left.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::job::{Cancelled, Progress};
use crate::model::{Closure, PathId, PathSet, StoreGraph};

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
    /// Everything in it.
    pub members: PathSet,
    /// The number of paths and their size.
    pub total: Total,
    /// What the closure before has not, largest first; of the first closure nothing.
    pub came: Vec<PathId>,
    /// What the closure before has and this one has not, largest first.
    pub left: Vec<PathId>,
}

impl TimelineStep {
    /// Bytes that came less bytes that left; `None` if a size among them is unknown.
    pub fn change(&self, graph: &StoreGraph) -> Option<i64> {
        let sum = |ids: &[PathId]| Total::of_paths(graph, ids.iter().copied()).exact();
        Some(sum(&self.came)?.cast_signed() - sum(&self.left)?.cast_signed())
    }
}

/// A package that came, left or is there in another build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageChange<'a> {
    /// Its name without the version.
    pub pname: &'a str,
    /// Its paths that left.
    pub before: Vec<PathId>,
    /// Its paths that came.
    pub after: Vec<PathId>,
    /// Known bytes that came less known bytes that left.
    pub bytes: i64,
}

/// So many closures in a row have these paths and no others of those in question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// The position of the first closure.
    pub first: usize,
    /// The position of the last one.
    pub last: usize,
    /// The paths, ascending; none where the closures have none of them.
    pub paths: Vec<PathId>,
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
        for &target in targets {
            let closure = Closure::of(graph, &[target]);
            let members = closure.members().clone();
            let (came, left) = match timeline.steps.last() {
                Some(before) => (
                    largest_first(graph, &members.minus(&before.members)),
                    largest_first(graph, &before.members.minus(&members)),
                ),
                None => (Vec::new(), Vec::new()),
            };
            all.union_with(&members);
            timeline.steps.push(TimelineStep {
                total: Total::of_closure(&closure),
                members,
                came,
                left,
            });
            progress.advance(1)?;
        }
        timeline.together = Total::of(graph, &all);
        Ok(timeline)
    }

    /// In which of the closures some paths are.
    pub fn presence(&self, ids: &[PathId]) -> Vec<Presence> {
        let mut runs: Vec<Presence> = Vec::new();
        for (at, step) in self.steps.iter().enumerate() {
            let inside = ids.iter().copied().filter(|&id| step.members.contains(id));
            let paths: Vec<PathId> = inside.collect();
            match runs.last_mut() {
                Some(run) if run.paths == paths => run.last = at,
                _ => runs.push(Presence {
                    first: at,
                    last: at,
                    paths,
                }),
            }
        }
        runs
    }
}

/// What came and left, by package, those that change most first.
pub fn packages<'a>(
    graph: &'a StoreGraph,
    came: &[PathId],
    left: &[PathId],
) -> Vec<PackageChange<'a>> {
    let mut by_name: BTreeMap<&str, PackageChange<'_>> = BTreeMap::new();
    for (ids, is_after) in [(left, false), (came, true)] {
        for &id in ids {
            let pname = graph.package(id).pname;
            let change = by_name.entry(pname).or_insert_with(|| PackageChange {
                pname,
                before: Vec::new(),
                after: Vec::new(),
                bytes: 0,
            });
            let bytes = graph.nar_size(id).unwrap_or(0).cast_signed();
            if is_after {
                change.after.push(id);
                change.bytes += bytes;
            } else {
                change.before.push(id);
                change.bytes -= bytes;
            }
        }
    }
    let mut changes: Vec<PackageChange<'_>> = by_name.into_values().collect();
    changes.sort_by_key(|change| Reverse(change.bytes.unsigned_abs()));
    changes
}

fn largest_first(graph: &StoreGraph, set: &PathSet) -> Vec<PathId> {
    let mut ids: Vec<PathId> = set.iter().collect();
    ids.sort_by_key(|&id| (Reverse(graph.nar_size(id)), id));
    ids
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{graph, id, names};

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
                let (came, left) = (names(&graph, &step.came), names(&graph, &step.left));
                (step.total.nar_size, step.change(&graph), came, left)
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
        let second = &timeline.steps[1];
        let changes = packages(&graph, &second.came, &second.left);
        let told: Vec<_> = changes.iter().map(|one| (one.pname, one.bytes)).collect();
        assert_eq!(told, [("perl", 20), ("jq", 5), ("two", 2), ("one", -1)]);
        let perl = ["perl-5.36", "perl-5.38"].map(|name| id(&graph, name));
        let runs = timeline.presence(&perl);
        let told: Vec<_> = runs
            .iter()
            .map(|run| (run.first, run.last, names(&graph, &run.paths)))
            .collect();
        assert_eq!(
            told,
            [
                (0, 0, text("perl-5.36")),
                (1, 1, text("perl-5.38")),
                (2, 2, text(""))
            ]
        );
    }
}
