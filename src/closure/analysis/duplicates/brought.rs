//! Duplicates that belong together: a package from another package set brings a second set of libraries.

use std::collections::BTreeMap;

use crate::job::{Cancelled, Progress};
use crate::model::{Closure, PathId, StoreGraph};

use super::DuplicateGroup;
use crate::analysis::cut::is_joint;
use crate::analysis::dominators::Dominators;
use crate::analysis::what_if::{Difference, Step, freed_by_each};

/// Groups of which one path brings all that would be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// The path: every chain to what would be replaced passes through it.
    pub by: PathId,
    /// The groups, by their numbers, ascending.
    pub groups: Vec<usize>,
    /// What all the replacements free together.
    pub savings: Difference,
}

impl Brought {
    /// The replacements in all of its groups, by what is replaced.
    pub fn steps(&self, groups: &[DuplicateGroup]) -> Vec<Step> {
        replacements(&self.groups, groups)
    }
}

/// Finds the paths that bring two groups or more, those with the largest savings first. A path counts that is the first
/// on the chains behind roots and generated joints.
pub(super) fn found(
    graph: &StoreGraph,
    closure: &Closure,
    dominators: &Dominators,
    groups: &[DuplicateGroup],
    progress: &Progress,
) -> Result<Vec<Brought>, Cancelled> {
    let mut by: BTreeMap<PathId, Vec<usize>> = BTreeMap::new();
    for (at, group) in groups.iter().enumerate() {
        if let Some(bringer) = bringer(graph, closure, dominators, group) {
            by.entry(bringer).or_default().push(at);
        }
    }
    by.retain(|_, members| members.len() > 1);
    let by: Vec<(PathId, Vec<usize>)> = by.into_iter().collect();
    let steps = by.iter().map(|(_, members)| replacements(members, groups));
    let steps: Vec<Vec<Step>> = steps.collect();
    let savings = freed_by_each(graph, closure, &steps, progress)?;
    // Where a cycle closes they cannot be replaced together; each alone still can.
    let found = by
        .into_iter()
        .zip(savings)
        .filter_map(|((by, groups), savings)| {
            savings.map(|savings| Brought {
                by,
                groups,
                savings,
            })
        });
    let mut found: Vec<Brought> = found.collect();
    found.sort_by_key(|brought| (std::cmp::Reverse(brought.savings.nar_size), brought.by));
    Ok(found)
}

/// The replacements of some groups, each path once.
fn replacements(members: &[usize], groups: &[DuplicateGroup]) -> Vec<Step> {
    let groups = members.iter().filter_map(|&at| groups.get(at));
    let mut steps: Vec<Step> = groups.flat_map(DuplicateGroup::steps).collect();
    // A path can be in a group of versions and one of variants.
    let key = |step: &Step| match *step {
        Step::Replace { old, .. } => Some(old),
        _ => None,
    };
    steps.sort_by_key(key);
    steps.dedup_by_key(|step| key(step));
    steps
}

/// The first path behind roots and joints that all chains to all replaced members pass through.
fn bringer(
    graph: &StoreGraph,
    closure: &Closure,
    dominators: &Dominators,
    group: &DuplicateGroup,
) -> Option<PathId> {
    let above = |id: PathId| {
        let mut all = dominators.strict(id);
        all.push(id);
        all
    };
    let mut members = group.replaced.iter();
    let mut common = above(*members.next()?);
    for &id in members {
        let other = above(id);
        let same = common
            .iter()
            .zip(&other)
            .take_while(|(a, b)| a == b)
            .count();
        common.truncate(same);
    }
    let is_top = |id: PathId| closure.is_root(id) || is_joint(graph.name(id));
    common.into_iter().find(|&id| !is_top(id))
}
