//! What each of several steps contributes: after those before it, and by itself.

use super::leaving::{leaving, one_after_another};
use super::live::{ClosesCycle, Live, world};
use super::{Difference, Step, StepEffect, Total, after};
use crate::job::{Cancelled, Progress, parallel, threads};
use crate::model::{Closure, PathSet, StoreGraph};

/// So few steps are walked one by one sooner than a closure that can follow them is made.
pub(super) const FEW: usize = 8;

/// What each group of steps does, those that are not empty; `joint` is what all of them leave.
pub(super) fn effects(
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
