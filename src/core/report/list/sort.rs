//! What a list is sorted by, and the sorting.

use std::cmp::Ordering;

use crate::analysis::Analysed;
use crate::analysis::leverage::near_misses;
use crate::analysis::metric::Metric;
use crate::job::Cancelled;
use crate::model::{Column, PathId, PathSet};

/// Which paths are printed, and in which order.
#[derive(Debug, Clone, Copy)]
pub struct Selection<'a> {
    /// What to sort by: names in the order of their bytes, all else with the largest number first. Paths that are equal in
    /// it are sorted by base name, unknown values come last.
    pub sort: Metric,
    /// Whether it goes the other way round.
    pub reverse: bool,
    /// At most this many.
    pub limit: Option<usize>,
    /// Only these; `None` for the whole closure.
    pub only: Option<&'a PathSet>,
}

impl Default for Selection<'_> {
    fn default() -> Self {
        Self {
            sort: Metric::Retained,
            reverse: false,
            limit: None,
            only: None,
        }
    }
}

/// A path with the value it is sorted by; `None` where the value is unknown, or the list is sorted by name.
pub(super) type Sorted = (PathId, Option<u64>);

/// Sorts and cuts to the limit.
pub(super) fn sorted(
    analysed: &Analysed,
    selection: &Selection,
    ids: Vec<PathId>,
) -> Result<Vec<Sorted>, Cancelled> {
    let graph = analysed.graph();
    let turn = |ordering: Ordering| {
        if selection.reverse {
            ordering.reverse()
        } else {
            ordering
        }
    };
    if !selection.sort.is_number() {
        let by_name = |a: &&str, b: &&str| turn(a.cmp(b));
        let first = first(ids, selection.limit, |id| graph.name(id), by_name);
        return Ok(first.into_iter().map(|(_, id)| (id, None)).collect());
    }
    let value = values(analysed, selection)?;
    let largest_first = |a: &Option<u64>, b: &Option<u64>| match (a, b) {
        (Some(a), Some(b)) => turn(b.cmp(a)),
        // Unknown values stay at the end whichever way the list is turned.
        _ => b.is_some().cmp(&a.is_some()),
    };
    let first = first(ids, selection.limit, value, largest_first);
    Ok(first.into_iter().map(|(value, id)| (id, value)).collect())
}

/// The first ids by a comparison of their keys, equal ones by base name.
fn first<K>(
    ids: Vec<PathId>,
    limit: Option<usize>,
    key: impl Fn(PathId) -> K,
    compare: impl Fn(&K, &K) -> Ordering,
) -> Vec<(K, PathId)> {
    // Ids ascend with the base names.
    let compare = |a: &(K, PathId), b: &(K, PathId)| compare(&a.0, &b.0).then(a.1.cmp(&b.1));
    let mut keyed: Vec<(K, PathId)> = ids.into_iter().map(|id| (key(id), id)).collect();
    let limit = limit.unwrap_or(keyed.len());
    if limit < keyed.len() {
        keyed.select_nth_unstable_by(limit, compare);
        keyed.truncate(limit);
    }
    keyed.sort_unstable_by(compare);
    keyed
}

/// The number a list is sorted by.
fn values<'a>(
    analysed: &'a Analysed,
    selection: &Selection,
) -> Result<Box<dyn Fn(PathId) -> Option<u64> + 'a>, Cancelled> {
    let sort = selection.sort;
    if sort == Metric::Leverage
        && !sort.is_ready(analysed)
        && let Some(limit) = fewest(analysed, selection)
    {
        let leverage = greatest_leverages(analysed, limit)?;
        return Ok(Box::new(move |id| leverage[id]));
    }
    for &need in sort.needs() {
        analysed.prepare(need)?;
    }
    Ok(Box::new(move |id| sort.value(analysed, id).number()))
}

/// How many of the greatest values are wanted, if that is neither the other end of the list nor a part of it.
fn fewest(analysed: &Analysed, selection: &Selection) -> Option<usize> {
    let first = selection.only.is_none() && !selection.reverse;
    let limit = selection.limit.filter(|_| first)?;
    (limit < analysed.closure().len()).then_some(limit)
}

/// The greatest leverages, which are found without the minimum cut of every path.
fn greatest_leverages(analysed: &Analysed, count: usize) -> Result<Column<Option<u64>>, Cancelled> {
    let dominators = analysed.dominators()?;
    let mut leverage = Column::filled(analysed.graph().len(), None);
    for one in near_misses(analysed, count)? {
        leverage[one.path] = dominators.retained_size(one.path).map(|_| one.leverage());
    }
    Ok(leverage)
}
