//! What a list is sorted by, and the sorting.

use std::cmp::Ordering;

use crate::analysis::leverage::near_misses;
use crate::job::Cancelled;
use crate::model::{Column, PathId, PathSet};

use crate::report::Subject;

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortKey {
    /// NAR size, largest first.
    Nar,
    /// Closure size, largest first.
    Closure,
    /// Retained size, largest first.
    #[default]
    Retained,
    /// Name, in the order of its bytes.
    Name,
    /// Number of referrers in the closure, most first.
    Referrers,
    /// Number of references, most first.
    References,
    /// Length of the shortest chain from a root, longest first.
    Depth,
    /// Length of the longest chain from a root, longest first.
    Level,
    /// What a direct dependency of the roots is charged when every size is split evenly, largest first.
    Share,
    /// Retained bytes for each reference of the best cut, most first.
    Leverage,
    /// Blocks on disk in bytes, as far as the subject was told, largest first.
    Disk,
}

impl SortKey {
    /// The heading of a column of its own, and its key in documents; `None` if every list shows the values anyway.
    pub(super) fn column(self) -> Option<(&'static str, Option<&'static str>)> {
        match self {
            Self::Nar | Self::Closure | Self::Retained | Self::Name | Self::Referrers => None,
            Self::References => Some(("references", None)),
            Self::Depth => Some(("depth", None)),
            Self::Level => Some(("level", None)),
            Self::Share => Some(("share", Some("distributedSize"))),
            Self::Leverage => Some(("leverage", Some("leverage"))),
            Self::Disk => Some(("on disk", Some("diskSize"))),
        }
    }

    /// Are the values bytes?
    pub(super) fn is_size(self) -> bool {
        matches!(
            self,
            Self::Nar | Self::Closure | Self::Retained | Self::Share | Self::Leverage | Self::Disk
        )
    }
}

/// Which paths are printed, and in which order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Selection<'a> {
    /// What to sort by; paths that are equal in it are sorted by base name, unknown values come last.
    pub sort: SortKey,
    /// The other way round.
    pub reverse: bool,
    /// At most so many.
    pub limit: Option<usize>,
    /// Only these; `None` for the whole closure.
    pub only: Option<&'a PathSet>,
}

/// A path with the value it is sorted by; `None` where the value is unknown, or the list is sorted by name.
pub(super) type Sorted = (PathId, Option<u64>);

/// Sorts and cuts to the limit.
pub(super) fn sorted(
    subject: &Subject,
    selection: &Selection,
    ids: Vec<PathId>,
) -> Result<Vec<Sorted>, Cancelled> {
    let graph = subject.graph();
    let turn = |ordering: Ordering| {
        if selection.reverse {
            ordering.reverse()
        } else {
            ordering
        }
    };
    if selection.sort == SortKey::Name {
        let by_name = |a: &&str, b: &&str| turn(a.cmp(b));
        let first = first(ids, selection.limit, |id| graph.name(id), by_name);
        return Ok(first.into_iter().map(|(_, id)| (id, None)).collect());
    }
    let value = values(subject, selection)?;
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
    subject: &'a Subject,
    selection: &Selection,
) -> Result<Box<dyn Fn(PathId) -> Option<u64> + 'a>, Cancelled> {
    let graph = subject.graph();
    Ok(match selection.sort {
        SortKey::Nar | SortKey::Name => Box::new(|id| graph.nar_size(id)),
        SortKey::Closure => {
            let sizes = subject.closure_sizes()?;
            Box::new(|id| sizes.get(id))
        }
        SortKey::Retained => {
            let dominators = subject.dominators()?;
            Box::new(|id| dominators.retained_size(id))
        }
        SortKey::Referrers => Box::new(|id| Some(subject.referrer_count(id))),
        SortKey::References => Box::new(|id| Some(graph.references(id).len() as u64)),
        SortKey::Depth => Box::new(|id| Some(subject.distances().depth[id].into())),
        SortKey::Level => Box::new(|id| Some(subject.distances().level[id].into())),
        SortKey::Share => {
            let shares = subject.shares()?;
            Box::new(|id| shares.get(id))
        }
        SortKey::Disk => Box::new(|id| subject.disk_size(id)),
        SortKey::Leverage => {
            let leverage = leverages(subject, selection)?;
            Box::new(move |id| leverage[id])
        }
    })
}

/// The leverage of as many paths as can be asked for.
fn leverages(subject: &Subject, selection: &Selection) -> Result<Column<Option<u64>>, Cancelled> {
    let (graph, closure) = (subject.graph(), subject.closure());
    let everything = closure.len();
    // The best few are found without judging all, but only if neither end of the list nor a part of it is wanted.
    let count = match selection.limit {
        Some(limit) if selection.only.is_none() && !selection.reverse => limit.min(everything),
        _ => everything,
    };
    let (order, dominators) = (subject.order(), subject.dominators()?);
    let best = near_misses(graph, closure, order, dominators, count, subject.progress())?;
    let mut leverage = Column::filled(graph.len(), None);
    for one in best {
        leverage[one.path] = dominators.retained_size(one.path).map(|_| one.leverage());
    }
    Ok(leverage)
}
