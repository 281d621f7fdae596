//! A plan compared with the outcome: which steps were carried out, what they were predicted to free, and what is gone.

use super::{Delta, Diff};
use crate::analysis::plan::{DoneStep, Note, PlanFile, PlannedTry};
use crate::analysis::what_if::{Difference, Step, Total, WhatIfError, after, what_if};
use crate::job::Progress;
use crate::model::{Closure, PathId, PathSet, StoreGraph};

/// A step of a plan, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Its position in the plan, from 1.
    pub number: usize,
    /// The step, as it applied before.
    pub step: Step,
    /// Whether what it takes away is gone.
    pub done: bool,
    /// What it was to free after those before it.
    pub predicted: Difference,
    /// What of that is gone, with nothing in its place.
    pub gone: Total,
}

/// A try of a plan, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TryVerdict {
    /// The try, as it applied before.
    pub planned: PlannedTry,
    /// Whether the change was made, if that can be told: all that it was predicted to take away is gone, or the configuration
    /// has it.
    pub done: Option<bool>,
    /// What it was predicted to take away in addition to the steps, if that was written down.
    pub predicted: Option<Total>,
    /// What of that is gone, with nothing in its place.
    pub gone: Total,
}

/// A plan and what became of it.
#[derive(Debug, Clone)]
pub struct Held {
    /// The steps that applied before, in their order.
    pub verdicts: Vec<Verdict>,
    /// The changes of the configuration that were to be tried.
    pub tries: Vec<TryVerdict>,
    /// The steps that had been carried out before.
    pub earlier: Vec<DoneStep>,
    /// The steps that did not apply before.
    pub notes: Vec<Note>,
    /// What the plan was to leave.
    pub predicted: Total,
    /// How much more there is than the plan was to leave.
    pub beyond: Delta,
    /// What was to leave, but is still there, itself or another build in its place: the largest first.
    pub stayed: Vec<PathId>,
    /// What left without anything in its place and was not meant to: the largest first.
    pub lost: Vec<PathId>,
    /// Which arrivals the plan could not know, by their positions in [`Diff::arrivals`].
    pub news: Vec<usize>,
}

impl Held {
    /// Applies a plan to what was before, and compares what it was to leave with what there is.
    pub fn of(
        graph: &StoreGraph,
        (before, now): (&Closure, &Closure),
        diff: &Diff,
        plan: &PlanFile,
        progress: &Progress,
    ) -> Result<Self, WhatIfError> {
        let applied = plan.apply(graph, before);
        let outcome = what_if(graph, before, &applied.steps, progress)?;
        let is_gone = |id: PathId| diff.successor(id).is_none();
        let others = applied.done.iter().map(|done| done.step);
        let others: Vec<usize> = others
            .chain(applied.notes.iter().map(|note| note.step))
            .chain(applied.tries.iter().map(|one| one.step))
            .collect();
        let numbers = (1..=plan.len()).filter(|number| !others.contains(number));
        let mut verdicts = Vec::new();
        let mut left = before.members().clone();
        for (at, (effect, number)) in outcome.steps.iter().zip(numbers).enumerate() {
            progress.check()?;
            let with = after(graph, before, &applied.steps[..=at]);
            let leaving = left.minus(&with);
            left = with;
            verdicts.push(Verdict {
                number,
                step: effect.step,
                done: is_done(graph, diff, effect.step),
                predicted: effect.marginal,
                gone: Total::of_paths(graph, leaving.iter().filter(|&id| is_gone(id))),
            });
        }
        let mut leaving = outcome.leaving.clone();
        let mut tries = Vec::new();
        for planned in applied.tries {
            let verdict = tried(graph, planned, &left, &is_gone);
            let leaves = verdict.planned.leaves.iter().flatten().copied();
            let leaves = PathSet::of(graph.len(), leaves);
            left = left.minus(&leaves);
            leaving.union_with(&leaves);
            tries.push(verdict);
        }
        let news = diff.arrivals.iter().enumerate();
        let news = news.filter(|(_, cause)| !outcome.arriving.contains(cause.top));
        let stayed = leaving.iter().filter(|&id| !is_gone(id));
        let lost = diff.left.iter().filter(|&id| is_gone(id));
        Ok(Self {
            verdicts,
            earlier: applied.done,
            notes: applied.notes,
            tries,
            predicted: Total::of(graph, &left),
            beyond: beyond(graph, &left, now.members()),
            stayed: largest_first(graph, stayed),
            lost: largest_first(graph, lost.filter(|&id| !leaving.contains(id))),
            news: news.map(|(at, _)| at).collect(),
        })
    }
}

/// What became of a try; `left` is what the steps before it leave.
fn tried(
    graph: &StoreGraph,
    planned: PlannedTry,
    left: &PathSet,
    is_gone: &impl Fn(PathId) -> bool,
) -> TryVerdict {
    let leaves = planned.leaves.as_deref();
    let there = |&id: &PathId| left.contains(id);
    let fresh = || leaves.unwrap_or_default().iter().copied().filter(there);
    // What was gone before tells nothing.
    let told = leaves.filter(|leaves| !leaves.is_empty());
    TryVerdict {
        done: told.map(|leaves| leaves.iter().all(|&id| is_gone(id))),
        predicted: leaves.map(|_| Total::of_paths(graph, fresh())),
        gone: Total::of_paths(graph, fresh().filter(|&id| is_gone(id))),
        planned,
    }
}

/// Whether what a step takes away is not there any more, in no other build either.
fn is_done(graph: &StoreGraph, diff: &Diff, step: Step) -> bool {
    match step {
        Step::Remove(id) => diff.successor(id).is_none(),
        Step::Cut { from, to } => match (diff.successor(from), diff.successor(to)) {
            (Some(from), Some(to)) => !graph.references(from).contains(&to),
            _ => true,
        },
        Step::Replace { old, new } => {
            let now = diff.successor(old);
            now.is_none() || now == Some(new) || now == diff.successor(new)
        }
    }
}

fn beyond(graph: &StoreGraph, predicted: &PathSet, real: &PathSet) -> Delta {
    let total = |a: &PathSet, b: &PathSet| Total::of(graph, &a.minus(b));
    Delta::between(&total(predicted, real), &total(real, predicted))
}

fn largest_first(graph: &StoreGraph, ids: impl Iterator<Item = PathId>) -> Vec<PathId> {
    let mut ids: Vec<PathId> = ids.collect();
    graph.sort_largest_first(&mut ids);
    ids
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{graph, id, names};

    #[test]
    fn steps_are_done_or_not_and_news_are_told() {
        let (graph, _) = graph(
            "*system-1 1 -> app-1.0 perl-5.36 doc-1 libold-1\n\
             *system-2 2 -> app-1.1 libnew-1\n\
             app-1.0 10 -> gcc-12 perl-5.36\n\
             app-1.1 12 -> gcc-13 extra-1\n\
             gcc-12 200\n\
             gcc-13 210\n\
             perl-5.36 50 -> data-1\n\
             data-1 7\n\
             doc-1 30\n\
             libold-1 4\n\
             libnew-1 3\n\
             extra-1 8 -> more-1\n\
             more-1 9",
        );
        let closure = |root| Closure::of(&graph, &[id(&graph, root)]);
        let (before, now) = (closure("system-1"), closure("system-2"));
        let diff = Diff::of(&graph, &before, &now, &Progress::new()).expect("not cancelled");
        let at = |name| id(&graph, name);
        let steps = [
            Step::Remove(at("perl-5.36")),
            Step::Cut {
                from: at("app-1.0"),
                to: at("gcc-12"),
            },
            Step::Replace {
                old: at("libold-1"),
                new: at("libnew-1"),
            },
        ];
        let plan = PlanFile::of(&graph, &steps);
        let sides = (&before, &now);
        let held = Held::of(&graph, sides, &diff, &plan, &Progress::new()).expect("possible");
        let told: Vec<_> = held
            .verdicts
            .iter()
            .map(|one| (one.number, one.done, one.gone.nar_size))
            .collect();
        assert_eq!(told, [(1, true, 57), (2, false, 0), (3, true, 4)]);
        assert_eq!(names(&graph, &held.stayed), "gcc-12");
        assert_eq!(names(&graph, &held.lost), "doc-1");
        let news: Vec<_> = held.news.iter().map(|&at| diff.arrivals[at].top).collect();
        assert_eq!(names(&graph, &news), "extra-1");
        // 1 + 10 + 30 + 3 were predicted, 2 + 12 + 210 + 3 + 8 + 9 are there.
        assert_eq!((held.predicted.nar_size, held.beyond.nar_size), (44, 200));
    }
}
