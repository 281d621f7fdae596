//! What a closure would be after some steps: exact, joint, predicted.
//!
//! After a step list, the closure is everything the roots still reach. Numbers are predictions: a rebuild may bring paths
//! of its own.

mod cycles;
mod effects;
mod held;
mod leaving;
mod live;

use thiserror::Error;

use crate::job::{Cancelled, Progress, parallel, threads};
use crate::model::{Closure, PathId, PathSet, StoreGraph};

use self::cycles::refuse_cycles;
use self::effects::effects;
use self::held::still_held;
use self::leaving::leaving;
use self::live::Live;
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
pub struct StepsOutcome {
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

impl StepsOutcome {
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
) -> Result<StepsOutcome, WhatIfError> {
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
) -> Result<StepsOutcome, WhatIfError> {
    let steps = &groups.concat()[..];
    let rewired = Rewired::new(graph, closure.roots(), steps);
    let after = after(graph, closure, steps);
    refuse_cycles(graph, &rewired, steps, &after)?;
    let effects = effects(graph, closure, groups, &after, progress)?;
    let freed = Difference::between(graph, closure.members(), &after);
    let alone: i64 = effects.iter().map(|effect| effect.alone.nar_size).sum();
    Ok(StepsOutcome {
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

#[cfg(test)]
mod tests;
