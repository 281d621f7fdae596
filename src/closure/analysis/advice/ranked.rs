//! The order of advice, and what each adds to those above it.

use std::cmp::Reverse;

use crate::analysis::analysed::Analysed;
use crate::analysis::step::Step;
use crate::analysis::what_if::{Difference, WhatIfError, what_if_grouped};
use crate::job::Cancelled;
use crate::model::PathSet;

use super::{NOTHING, Suggestion, leaving};

/// Sorts the list and says of each what it adds; what all of it frees together.
pub(super) fn ranked(
    analysed: &Analysed,
    mut list: Vec<Suggestion>,
) -> Result<(Vec<Suggestion>, Difference), Cancelled> {
    list.sort_by(|a, b| {
        let key = |one: &Suggestion| {
            let unknown = one.weight() == 0 && one.freed.paths == 0 && one.condition.is_none();
            (
                unknown,
                Reverse(one.weight()),
                Reverse(one.freed.paths),
                one.kind,
                one.risk,
            )
        };
        key(a).cmp(&key(b)).then_with(|| a.title.cmp(&b.title))
    });
    shared(analysed, &mut list)?;
    let together = beyond(analysed, &mut list)?;
    Ok((list, together))
}

/// Finds out which have bytes in common, and which are instead of another.
fn shared(analysed: &Analysed, list: &mut [Suggestion]) -> Result<(), Cancelled> {
    let progress = analysed.progress();
    progress.start("advice", list.len() as u64);
    let mut above: Vec<(usize, PathSet)> = Vec::new();
    for at in 0..list.len() {
        progress.advance(1)?;
        let group = list[at].alternatives.clone();
        let counted = group.and_then(|group| {
            let same = |one: &Suggestion| one.alternatives.as_ref() == Some(&group);
            list[..at].iter().position(same)
        });
        if let Some(counted) = counted {
            list[at].instead = true;
            list[at].shares = vec![counted];
            continue;
        }
        let own = leaving(analysed, &list[at].steps);
        if own.is_empty() {
            continue;
        }
        let meets = |(_, other): &&(usize, PathSet)| {
            let mut both = own.clone();
            both.intersect_with(other);
            !both.is_empty()
        };
        list[at].shares = above.iter().filter(meets).map(|(at, _)| *at).collect();
        above.push((at, own));
    }
    Ok(())
}

/// What each adds to those above it, by one walk of all of them; those that cannot be done together with those above are
/// instead of them.
fn beyond(analysed: &Analysed, list: &mut [Suggestion]) -> Result<Difference, Cancelled> {
    let (graph, closure, progress) = (analysed.graph(), analysed.closure(), analysed.progress());
    loop {
        let counted: Vec<usize> = (0..list.len())
            .filter(|&at| !list[at].instead && !list[at].steps.is_empty())
            .collect();
        let groups: Vec<&[Step]> = counted.iter().map(|&at| &list[at].steps[..]).collect();
        match what_if_grouped(graph, closure, &groups, progress) {
            Ok(outcome) => {
                let effects = counted.iter().zip(&outcome.steps);
                // A replacement may bring back what another advice takes away: then it is one or the other.
                let brings = effects
                    .clone()
                    .find(|(_, effect)| effect.marginal.nar_size < 0);
                if let Some((&at, _)) = brings {
                    list[at].instead = true;
                    continue;
                }
                for (&at, effect) in effects {
                    list[at].beyond = effect.marginal;
                }
                return Ok(outcome.freed);
            }
            Err(WhatIfError::Cancelled(cancelled)) => return Err(cancelled),
            Err(WhatIfError::Cycle { cycle, .. }) => {
                // The last one that leads references to the path that the cycle begins with gives way.
                let closes = |&&at: &&usize| {
                    let leads = |step: &Step| matches!(step, Step::Replace { new, .. } if cycle.first() == Some(new));
                    list[at].steps.iter().any(leads)
                };
                let Some(&closing) = counted.iter().rev().find(closes) else {
                    return Ok(NOTHING);
                };
                list[closing].instead = true;
            }
        }
    }
}
