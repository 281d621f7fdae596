//! The size of a minimum cut of every path of a closure.

use crate::job::{Cancelled, Progress, parallel};
use crate::model::{Closure, Column, PathId, PathSet, StoreGraph};

use super::cut::cut_size;
use super::dominators::Dominators;
use super::order::Order;

/// The size of a minimum cut of every member; none for roots.
pub(super) fn cut_sizes(
    graph: &StoreGraph,
    closure: &Closure,
    order: &Order,
    dominators: &Dominators,
    progress: &Progress,
) -> Result<Column<Option<u32>>, Cancelled> {
    let single = behind_one_reference(graph, closure, order, dominators).unwrap_or_default();
    let members: Vec<PathId> = closure.members().iter().collect();
    progress.start("references to cut", members.len() as u64);
    let found = parallel(members.len(), |at| {
        progress.advance(1)?;
        match members[at] {
            id if single.contains(id) => Ok(Some(1)),
            id => cut_size(graph, closure, id, progress),
        }
    })?;
    let mut sizes = Column::filled(graph.len(), None);
    for (id, size) in members.into_iter().zip(found) {
        sizes[id] = size;
    }
    Ok(sizes)
}

/// The members that leave when one certain reference goes: a reference that all chains pass through leads to a dominator,
/// and is the only one that does. `None` where a cycle makes that uncertain.
pub(super) fn behind_one_reference(
    graph: &StoreGraph,
    closure: &Closure,
    order: &Order,
    dominators: &Dominators,
) -> Option<PathSet> {
    if order.cycles().next().is_some() {
        return None;
    }
    let mut single = PathSet::empty(graph.len());
    for &id in order.sequence() {
        let inherited = dominators
            .immediate(id)
            .is_some_and(|up| single.contains(up));
        let own = || !closure.is_root(id) && closure.referrers(graph, id).nth(1).is_none();
        if inherited || own() {
            single.insert(id);
        }
    }
    Some(single)
}
