//! What a closure would be after some steps: exact, joint, predicted.
//!
//! After a step list, the closure is everything the roots still reach. Numbers are predictions: a rebuild may bring paths
//! of its own.

mod cycles;
mod held;
mod leaving;
mod live;

use thiserror::Error;

use crate::job::{Cancelled, Progress, parallel, threads};
use crate::model::{Closure, PathId, PathSet, StoreGraph};

use self::cycles::refuse_cycles;
use self::held::still_held;
use self::leaving::{leaving, one_after_another};
use self::live::{ClosesCycle, Live, world};
use super::rewired::Rewired;
pub use super::step::Step;

/// A number of paths and their NAR size in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Total {
    /// Paths.
    pub paths: usize,
    /// Bytes, unknown sizes counted as nothing.
    pub nar_size: u64,
    /// How many of the paths have an unknown size.
    pub unknown: usize,
}

impl Total {
    /// The total of a set.
    pub fn of(graph: &StoreGraph, set: &PathSet) -> Self {
        Self::of_paths(graph, set.iter())
    }

    /// The total of different paths.
    pub fn of_paths(graph: &StoreGraph, paths: impl IntoIterator<Item = PathId>) -> Self {
        let mut total = Self::default();
        for id in paths {
            total.paths += 1;
            match graph.nar_size(id) {
                Some(bytes) => total.nar_size += bytes,
                None => total.unknown += 1,
            }
        }
        total
    }

    /// The total of a closure, which knows it already.
    pub fn of_closure(closure: &Closure) -> Self {
        Self {
            paths: closure.len(),
            nar_size: closure.known_nar_size(),
            unknown: closure.unknown_sizes(),
        }
    }

    /// Adds the total of other paths.
    pub fn add(&mut self, other: Self) {
        self.paths += other.paths;
        self.nar_size += other.nar_size;
        self.unknown += other.unknown;
    }

    /// The bytes; `None` if a size is unknown.
    pub fn exact(&self) -> Option<u64> {
        (self.unknown == 0).then_some(self.nar_size)
    }
}

/// What is freed, before minus after: negative where a replacement brings more than goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// Paths.
    pub paths: i64,
    /// Bytes, unknown sizes counted as nothing.
    pub nar_size: i64,
    /// Whether every size that makes the difference is known.
    pub known: bool,
}

impl Difference {
    /// What going from one set to another frees.
    pub fn between(graph: &StoreGraph, before: &PathSet, after: &PathSet) -> Self {
        let (gone, come) = (
            Total::of(graph, &before.minus(after)),
            Total::of(graph, &after.minus(before)),
        );
        Self {
            paths: gone.paths.cast_signed() as i64 - come.paths.cast_signed() as i64,
            nar_size: gone.nar_size.cast_signed() - come.nar_size.cast_signed(),
            known: gone.unknown + come.unknown == 0,
        }
    }

    /// What is freed where nothing comes.
    fn of_leaving(gone: Total) -> Self {
        Self {
            paths: gone.paths.cast_signed() as i64,
            nar_size: gone.nar_size.cast_signed(),
            known: gone.unknown == 0,
        }
    }

    /// The bytes; `None` if a size is unknown.
    pub fn exact(&self) -> Option<i64> {
        self.known.then_some(self.nar_size)
    }
}

/// What one step of several does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepEffect {
    /// The step.
    pub step: Step,
    /// What it frees after all the steps before it.
    pub marginal: Difference,
    /// What it would free by itself.
    pub alone: Difference,
}

/// A path that stays although a step took away a reference to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StillHeld {
    /// The path.
    pub path: PathId,
    /// One shortest chain that still holds it, root first, the path last.
    pub chain: Vec<PathId>,
    /// How many of its referrers stay; 0 for a root that nothing references.
    pub holders: usize,
}

/// The result of some steps.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The closure as it is.
    pub before: Total,
    /// The closure after all steps.
    pub after: Total,
    /// What all steps free together.
    pub freed: Difference,
    /// What each step does, in their order; marginals add up to `freed`.
    pub steps: Vec<StepEffect>,
    /// Bytes freed together beyond the sum of what each step frees alone: high where several paths hold one more.
    pub synergy: i64,
    /// What is no longer reached.
    pub leaving: PathSet,
    /// What was not in the closure before.
    pub arriving: PathSet,
    /// The paths that stay although the steps took a reference to them: what removed and replaced paths referenced, and the
    /// far ends of cuts. Those that fewest referrers still hold come first, among equals the largest.
    pub held: Vec<StillHeld>,
}

impl Outcome {
    /// What each step frees after those before it, in bytes; nothing where a size is unknown.
    pub fn promised(&self) -> Vec<i64> {
        let exact = self.steps.iter().map(|step| step.marginal.exact());
        exact.collect::<Option<_>>().unwrap_or_default()
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WhatIfError {
    /// Under all steps together a replacement makes paths reference each other in a cycle: nothing could be built so.
    #[error("replacing {old} with {new} would close a cycle: {}", .names.join(" → "))]
    Cycle {
        /// The base name of the replaced path.
        old: String,
        /// The base name of what replaces it.
        new: String,
        /// The paths of the cycle, each referencing the next and the last the first; the replacing path comes first.
        cycle: Vec<PathId>,
        /// Their base names, the first once more at the end.
        names: Vec<String>,
    },
    /// The work was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl WhatIfError {
    /// What the user can try, if there is something.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Cycle { .. } => {
                Some("cut or remove a reference of the cycle first, or replace the other way round")
            }
            Self::Cancelled(_) => None,
        }
    }
}

/// Everything the roots still reach after the steps: closure without what leaves, or one walk.
pub fn after(graph: &StoreGraph, closure: &Closure, steps: &[Step]) -> PathSet {
    match leaving(graph, closure, steps) {
        Some(leaving) => closure.members().minus(&leaving),
        None => Rewired::new(graph, closure.roots(), steps).reached(),
    }
}

/// What the steps free together: as [`what_if`] without what each contributes, for one walk in all.
pub(super) fn freed(
    graph: &StoreGraph,
    closure: &Closure,
    steps: &[Step],
) -> Result<Difference, WhatIfError> {
    let rewired = Rewired::new(graph, closure.roots(), steps);
    let after = after(graph, closure, steps);
    refuse_cycles(graph, &rewired, steps, &after)?;
    Ok(Difference::between(graph, closure.members(), &after))
}

/// What each group of steps frees by itself, all about paths of the closure; `None` for those that close a cycle. Many
/// groups cost little more than what each of them changes.
pub(super) fn freed_by_each(
    graph: &StoreGraph,
    closure: &Closure,
    groups: &[Vec<Step>],
    progress: &Progress,
) -> Result<Vec<Option<Difference>>, Cancelled> {
    let live = Live::of(graph, closure, closure);
    let together = groups.len().div_ceil(threads()).max(1);
    let some: Vec<&[Vec<Step>]> = groups.chunks(together).collect();
    let each = parallel(some.len(), |at| {
        let mut own = live.clone();
        let freed = some[at].iter().map(|group| {
            progress.check()?;
            let followed = own.as_mut().zip(live.as_ref());
            let followed = followed.and_then(|(own, live)| own.alone(live, group).ok());
            if followed.is_some() {
                return Ok(followed);
            }
            match freed(graph, closure, group) {
                Ok(freed) => Ok(Some(freed)),
                Err(WhatIfError::Cycle { .. }) => Ok(None),
                Err(WhatIfError::Cancelled(cancelled)) => Err(cancelled),
            }
        });
        freed.collect::<Result<Vec<_>, Cancelled>>()
    })?;
    Ok(each.into_iter().flatten().collect())
}

/// The steps' joint result, and what each contributes. With cycles the closure is walked about twice for each step.
pub fn what_if(
    graph: &StoreGraph,
    closure: &Closure,
    steps: &[Step],
    progress: &Progress,
) -> Result<Outcome, WhatIfError> {
    let each: Vec<&[Step]> = steps.iter().map(std::slice::from_ref).collect();
    what_if_grouped(graph, closure, &each, progress)
}

/// As [`what_if`], of steps that belong together (all that one pattern means, say): the outcome has one effect for each
/// group that is not empty, under the group's first step.
pub fn what_if_grouped(
    graph: &StoreGraph,
    closure: &Closure,
    groups: &[&[Step]],
    progress: &Progress,
) -> Result<Outcome, WhatIfError> {
    let steps = &groups.concat()[..];
    let rewired = Rewired::new(graph, closure.roots(), steps);
    let after = after(graph, closure, steps);
    refuse_cycles(graph, &rewired, steps, &after)?;
    let effects = effects(graph, closure, groups, &after, progress)?;
    let freed = Difference::between(graph, closure.members(), &after);
    let alone: i64 = effects.iter().map(|effect| effect.alone.nar_size).sum();
    Ok(Outcome {
        before: Total::of_closure(closure),
        after: Total::of(graph, &after),
        freed,
        steps: effects,
        synergy: freed.nar_size - alone,
        leaving: closure.members().minus(&after),
        arriving: after.minus(closure.members()),
        held: still_held(graph, closure, steps, &rewired, &after),
    })
}

/// So few steps are walked one by one sooner than a closure that can follow them is made.
const FEW: usize = 8;

fn effects(
    graph: &StoreGraph,
    closure: &Closure,
    groups: &[&[Step]],
    joint: &PathSet,
    progress: &Progress,
) -> Result<Vec<StepEffect>, Cancelled> {
    let mut groups = groups.to_vec();
    groups.retain(|group| !group.is_empty());
    let Some(inner) = groups.len().checked_sub(1) else {
        return Ok(Vec::new());
    };
    progress.start("steps", 2 * inner as u64);
    if let Some(totals) = one_after_another(graph, closure, &groups) {
        progress.advance(inner as u64)?;
        let marginals: Vec<_> = totals.into_iter().map(Difference::of_leaving).collect();
        return contributions(graph, closure, &groups, &marginals, None, progress);
    }
    if groups.len() <= FEW {
        return few(graph, closure, &groups, joint, progress);
    }
    let world = world(graph, closure, &groups);
    let live = Live::of(graph, closure, &world);
    let followed = live.clone().map(|live| followed(live, &groups, progress));
    let marginals = match followed.transpose()?.flatten() {
        Some(marginals) => marginals,
        None => walked(graph, closure, &groups, joint, progress)?,
    };
    contributions(graph, closure, &groups, &marginals, live.as_ref(), progress)
}

/// The effects of few groups, by walks side by side: each group but the first alone, and each true prefix of the list.
fn few(
    graph: &StoreGraph,
    closure: &Closure,
    groups: &[&[Step]],
    joint: &PathSet,
    progress: &Progress,
) -> Result<Vec<StepEffect>, Cancelled> {
    let inner = groups.len() - 1;
    let walks = parallel(2 * inner, |at| {
        progress.advance(1)?;
        Ok::<_, Cancelled>(match at.checked_sub(inner) {
            None => after(graph, closure, groups[at + 1]),
            Some(before) => after(graph, closure, &groups[..=before].concat()),
        })
    })?;
    let (alone, prefixes) = walks.split_at(inner);
    let mut before = closure.members();
    let marginals = prefixes.iter().chain([joint]).map(|with| {
        let marginal = Difference::between(graph, before, with);
        before = with;
        marginal
    });
    let marginals: Vec<_> = marginals.collect();
    let alone = alone.iter();
    let alone = alone.map(|after| Difference::between(graph, closure.members(), after));
    Ok(step_effects(groups, &marginals, alone))
}

/// What each group adds to those before it; `None` if one of them closes a cycle.
fn followed(
    mut live: Live<'_>,
    groups: &[&[Step]],
    progress: &Progress,
) -> Result<Option<Vec<Difference>>, Cancelled> {
    let mut marginals = Vec::with_capacity(groups.len());
    for group in groups {
        progress.check()?;
        match live.take(group) {
            Ok(marginal) => marginals.push(marginal),
            Err(ClosesCycle) => return Ok(None),
        }
    }
    progress.advance(groups.len() as u64 - 1)?;
    Ok(Some(marginals))
}

/// How many groups of steps one task tries by themselves, at most.
const TOGETHER: usize = 64;

/// The effects of all groups: what each adds to those before it, and what it would free by itself.
fn contributions(
    graph: &StoreGraph,
    closure: &Closure,
    groups: &[&[Step]],
    marginals: &[Difference],
    live: Option<&Live<'_>>,
    progress: &Progress,
) -> Result<Vec<StepEffect>, Cancelled> {
    let rest = &groups[1..];
    // Each task has a closure of its own to follow steps in, which is worth more than one of them.
    let together = rest.len().div_ceil(4 * threads()).clamp(1, TOGETHER);
    let some: Vec<_> = rest.chunks(together).collect();
    let alone = parallel(some.len(), |at| {
        let mut own = None;
        let freed = some[at].iter().map(|group| {
            progress.advance(1)?;
            if let Some(leaving) = leaving(graph, closure, group) {
                return Ok(Difference::of_leaving(Total::of(graph, &leaving)));
            }
            let followed = live.and_then(|live| {
                let own = own.get_or_insert_with(|| live.clone());
                own.alone(live, group).ok()
            });
            let walked =
                || Difference::between(graph, closure.members(), &after(graph, closure, group));
            Ok(followed.unwrap_or_else(walked))
        });
        freed.collect::<Result<Vec<_>, Cancelled>>()
    })?;
    let alone = alone.into_iter().flatten();
    Ok(step_effects(groups, marginals, alone))
}

/// The effects of groups, of which all but the first, which is alone where it stands, were tried by themselves.
fn step_effects(
    groups: &[&[Step]],
    marginals: &[Difference],
    others: impl Iterator<Item = Difference>,
) -> Vec<StepEffect> {
    let alone = marginals.first().copied().into_iter().chain(others);
    let effects = groups.iter().zip(marginals.iter().zip(alone));
    let effects = effects.map(|(group, (&marginal, alone))| StepEffect {
        step: group[0],
        marginal,
        alone,
    });
    effects.collect()
}

/// Walks that are done side by side, with what each reaches in memory.
const WALKS: usize = 256;

/// What each group adds to those before it, by a walk for each true prefix of the list.
fn walked(
    graph: &StoreGraph,
    closure: &Closure,
    groups: &[&[Step]],
    joint: &PathSet,
    progress: &Progress,
) -> Result<Vec<Difference>, Cancelled> {
    let steps = groups.concat();
    let mut marginals = Vec::with_capacity(groups.len());
    let mut before = closure.members().clone();
    let mut end = 0;
    for some in groups[..groups.len() - 1].chunks(WALKS) {
        let ends = some.iter().map(|group| {
            end += group.len();
            end
        });
        let ends: Vec<usize> = ends.collect();
        let reached = parallel(ends.len(), |at| {
            progress.advance(1)?;
            Ok::<_, Cancelled>(after(graph, closure, &steps[..ends[at]]))
        })?;
        for with in reached {
            marginals.push(Difference::between(graph, &before, &with));
            before = with;
        }
    }
    marginals.push(Difference::between(graph, &before, joint));
    Ok(marginals)
}

#[cfg(test)]
mod tests;
