//! Paths sorted by a value or by name, in either direction.

use std::cmp::Ordering;

use crate::model::{PathId, StoreGraph};

/// Above so many paths equal values stand in the order of ids: comparing a million names costs seconds, and so far down
/// the order among equals is not looked at.
const NAMED: usize = 50_000;

/// Sorts paths by the part after their hash part, the last first if `descending`; equal ones by id.
pub fn by_name(graph: &StoreGraph, ids: &mut [PathId], descending: bool) {
    ids.sort_unstable_by(|&a, &b| {
        let order = names(graph, a, b);
        if descending { order.reverse() } else { order }
    });
}

/// Sorts paths by their values, the largest first if `descending`. Unknown values come last in both directions, equal
/// ones are in the order of names.
pub fn by_value(
    graph: &StoreGraph,
    ids: &mut [PathId],
    descending: bool,
    value: &dyn Fn(PathId) -> Option<i128>,
) {
    let key = |&id: &PathId| {
        let directed = value(id).map(|n| if descending { !n } else { n });
        (directed.is_none(), directed)
    };
    if ids.len() > NAMED {
        ids.sort_by_cached_key(|id| (key(id), *id));
        return;
    }
    ids.sort_by_cached_key(key);
    let equal = |a: &PathId, b: &PathId| key(a) == key(b);
    for run in ids.chunk_by_mut(equal) {
        run.sort_unstable_by(|&a, &b| names(graph, a, b));
    }
}

fn names(graph: &StoreGraph, a: PathId, b: PathId) -> Ordering {
    graph.name(a).cmp(graph.name(b)).then(a.cmp(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{graph, names};

    #[test]
    fn unknown_values_come_last_in_both_directions() {
        let (graph, closure) = graph("b 3 -> d a c\na 3\nd ?\nc 5");
        let mut ids: Vec<PathId> = closure.members().iter().collect();
        let size = |id| graph.nar_size(id).map(i128::from);
        by_value(&graph, &mut ids, true, &size);
        assert_eq!(names(&graph, &ids), "c a b d");
        by_value(&graph, &mut ids, false, &size);
        assert_eq!(names(&graph, &ids), "a b c d");
        by_name(&graph, &mut ids, true);
        assert_eq!(names(&graph, &ids), "d c b a");
    }
}
