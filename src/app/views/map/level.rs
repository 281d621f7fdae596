//! What one area of the map is divided into, and what is too small for that.

use std::cmp::Reverse;

use crate::model::PathId;

use super::{MapPart, SmallPaths};

/// Areas of fewer half cells than this cannot be told apart; they share one.
const LEAST: u64 = 6;
/// Most areas one area is divided into.
const MOST_PARTS: usize = 250;
/// Inside an area of many, the area of what is still too small is drawn no larger than this many times the others:
/// else there would be nothing but it, however often one goes in.
const MOST_OF_SMALL: u64 = 1;

/// What an area is divided into: what is in a path, or those of it that shared an area.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Level {
    pub(crate) top: Option<PathId>,
    pub(crate) small: Option<SmallPaths>,
}

impl Level {
    /// Its parts that can be seen in this many half cells, the largest first; the others in one.
    pub(crate) fn visible(self, mut parts: Vec<MapPart>, cells: u32) -> Vec<MapPart> {
        parts.retain(|part| part.size > 0);
        parts.sort_unstable_by_key(|part| (Reverse(part.size), part.id));
        let skip = self.small.map_or(0, |small| small.skip);
        let mut shown = parts.split_off(skip.min(parts.len()));
        let seen = self.seen(&shown, cells);
        let small = shown.split_off(seen);
        match small[..] {
            [] => {}
            [only] => shown.push(only),
            [largest, ..] => shown.push(MapPart {
                size: small.iter().map(|part| part.size).sum(),
                whole: false,
                small: Some(SmallPaths {
                    top: self.top,
                    skip: skip + seen,
                    paths: small.len(),
                    shortened: false,
                }),
                ..largest
            }),
        }
        shown
    }

    /// How many of the parts, which descend, can be told apart.
    fn seen(self, parts: &[MapPart], cells: u32) -> usize {
        let sum = |parts: &[MapPart]| parts.iter().map(|part| part.size).sum::<u64>();
        let large = |total: u64| {
            let least = (total / u64::from(cells.max(1))).saturating_mul(LEAST);
            let fits = parts.partition_point(|part| part.size >= least.max(1));
            fits.min(MOST_PARTS)
        };
        if self.small.is_none() {
            return large(sum(parts));
        }
        // Of an area of many as many as can be seen beside what is left, which is drawn small enough for that.
        let most = parts.len().min(MOST_PARTS);
        let all = sum(parts);
        let drawn = |shown: u64| shown + (all - shown).min(shown * MOST_OF_SMALL);
        let fits = |&seen: &usize| large(drawn(sum(&parts[..seen]))) >= seen;
        (1..=most).rev().find(fits).unwrap_or(most.min(1))
    }

    /// How large the parts are drawn, relative to one another.
    pub(crate) fn weights(self, parts: &mut [MapPart]) -> Vec<u64> {
        let own = |part: &&MapPart| part.small.is_none();
        let others: u64 = parts.iter().filter(own).map(|part| part.size).sum();
        let limit = match self.small {
            Some(_) if others > 0 => others.saturating_mul(MOST_OF_SMALL),
            _ => u64::MAX,
        };
        let mut weight = |part: &mut MapPart| match &mut part.small {
            Some(small) => {
                small.shortened = part.size > limit;
                part.size.min(limit)
            }
            None => part.size,
        };
        parts.iter_mut().map(&mut weight).collect()
    }
}
