//! Near misses: much weight behind few references, the best next thing to look at.
//!
//! A path's leverage is its retained size divided by the number of references of its best cut. Cuts are dear to compute,
//! so they are computed only as far as needed: a path is looked at only while its retained size could still beat the worst
//! one on the list, and its cut is only searched for while it could have few enough references.

use crate::job::{Cancelled, parallel};
use crate::model::PathId;

use super::analysed::Analysed;
use super::cut::Cutter;
use super::minimum_cuts::behind_one_reference;

/// A path with its retained size and the size of its best cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NearMiss {
    /// The path; never a root.
    pub path: PathId,
    /// What leaves with it, in bytes, unknown sizes counted as nothing.
    pub retained_size: u64,
    /// How many references its best cut has.
    pub best_size: u32,
}

impl NearMiss {
    /// Retained bytes for each reference to cut, rounded down.
    pub fn leverage(&self) -> u64 {
        leverage(self.retained_size, self.best_size)
    }
}

/// Retained bytes for each reference of the best cut, rounded down.
pub fn leverage(retained_size: u64, best_size: u32) -> u64 {
    retained_size / u64::from(best_size.max(1))
}

/// How many paths are judged side by side before the list is looked at again.
const BATCH: usize = if cfg!(test) { 2 } else { 64 };

/// The `count` members of greatest leverage, the greatest first; among equals the one with fewer references to cut.
pub fn near_misses(analysed: &Analysed, count: usize) -> Result<Vec<NearMiss>, Cancelled> {
    let (graph, closure, progress) = (analysed.graph(), analysed.closure(), analysed.progress());
    let (order, dominators) = (analysed.order(), analysed.dominators()?);
    let single = behind_one_reference(graph, closure, order, dominators);
    let is_single = |id| single.as_ref().is_some_and(|single| single.contains(id));
    // The leverage a path can have at most: it takes at least two references where one is surely not enough.
    let at_most = |id: PathId| {
        let retained = dominators.known_retained_size(id);
        if single.is_none() || is_single(id) {
            retained
        } else {
            retained / 2
        }
    };
    let mut waiting: Vec<(u64, PathId)> = closure
        .members()
        .iter()
        .filter(|&id| !closure.is_root(id))
        .map(|id| (at_most(id), id))
        .collect();
    waiting.sort_by_key(|&(most, id)| (std::cmp::Reverse(most), id));
    progress.start("references to cut", waiting.len() as u64);
    let cutter = Cutter::new(graph, closure, dominators);
    let mut best: Vec<NearMiss> = Vec::new();
    for batch in waiting.chunks(BATCH) {
        let worst = best
            .get(count.wrapping_sub(1))
            .map_or(0, NearMiss::leverage);
        if best.len() >= count && batch[0].0 < worst {
            break;
        }
        let judged = parallel(batch.len(), |at| {
            progress.advance(1)?;
            let id = batch[at].1;
            let retained_size = dominators.known_retained_size(id);
            let limit = retained_size.checked_div(worst).unwrap_or(u64::MAX);
            let best_size = cutter.size(id, limit, progress)?;
            Ok(best_size.map(|best_size| NearMiss {
                path: id,
                retained_size,
                best_size,
            }))
        })?;
        best.extend(judged.into_iter().flatten());
        best.sort_by_key(|miss| {
            (
                std::cmp::Reverse(miss.leverage()),
                miss.best_size,
                miss.path,
            )
        });
        best.truncate(count);
    }
    Ok(best)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use crate::analysis::cut::cut_size;
    use crate::analysis::minimum_cuts::cut_sizes;
    use crate::analysis::{Dominators, Order};
    use crate::job::Progress;
    use crate::model::{Closure, StoreGraph};
    use crate::testing::{any_graph, graph};

    use super::*;

    fn all(graph: &StoreGraph, closure: &Closure, count: usize) -> Vec<NearMiss> {
        let graph = Arc::new(graph.clone());
        let analysed = Analysed::of(graph, closure.roots(), &Progress::new());
        near_misses(&analysed, count).expect("not cancelled")
    }

    #[test]
    fn weight_behind_few_references_comes_first() {
        let (graph, closure) = graph(
            "app -> a b c\na -> big mid\nb -> big mid\nc -> big small\nbig 90\nmid 80\nsmall 35",
        );
        let table: Vec<_> = all(&graph, &closure, 4)
            .iter()
            .map(|miss| (graph.name(miss.path), miss.best_size, miss.leverage()))
            .collect();
        assert_eq!(
            table,
            [
                ("mid", 2, 40),
                ("c", 1, 36),
                ("small", 1, 35),
                ("big", 3, 30)
            ]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn nothing_better_is_missed((graph, closure) in any_graph(10), count in 1..6_usize) {
            let order = Order::of(&graph, &closure);
            let progress = Progress::new();
            let dominators = Dominators::of(&graph, &closure, &order, &progress).expect("not cancelled");
            let cutter = Cutter::new(&graph, &closure, &dominators);
            let best = |id| cutter.size(id, u64::MAX, &progress).expect("not cancelled");
            let mut naive: Vec<u64> = closure.members().iter().filter_map(|id| {
                Some(dominators.known_retained_size(id) / u64::from(best(id)?))
            }).collect();
            naive.sort_unstable_by(|a, b| b.cmp(a));
            naive.truncate(count);
            let found = all(&graph, &closure, count);
            for miss in &found {
                prop_assert_eq!(Some(miss.best_size), best(miss.path));
            }
            let all = cut_sizes(&graph, &closure, &order, &dominators, &progress).expect("not cancelled");
            for id in closure.members().iter() {
                let cut = cut_size(&graph, &closure, id, &progress).expect("not cancelled");
                prop_assert_eq!(all[id], cut);
            }
            let leverage: Vec<u64> = found.iter().map(NearMiss::leverage).collect();
            prop_assert_eq!(leverage, naive);
        }
    }
}
