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

/// Sorts paths by their values, which fit 64 bits with or without a sign, the largest first if `descending`. Unknown values
/// come last in both directions, equal ones are in the order of names.
pub fn by_value(
    graph: &StoreGraph,
    ids: &mut [PathId],
    descending: bool,
    value: &dyn Fn(PathId) -> Option<i128>,
) {
    let rank = |id| value(id).map_or(UNKNOWN, |value| rank(value, descending));
    // Rank and id in one number, so that nothing but numbers is compared and moved.
    let mut keys: Vec<u128> = ids
        .iter()
        .map(|&id| (rank(id) << u32::BITS) | id.index() as u128)
        .collect();
    keys.sort_unstable();
    for (id, &key) in ids.iter_mut().zip(&keys) {
        *id = PathId::new(key as u32 as usize);
    }
    if ids.len() > NAMED {
        return;
    }
    let mut rest = ids;
    for run in keys.chunk_by(|a, b| a >> u32::BITS == b >> u32::BITS) {
        let equal;
        (equal, rest) = rest.split_at_mut(run.len());
        equal.sort_unstable_by(|&a, &b| names(graph, a, b));
    }
}

/// After every rank.
const UNKNOWN: u128 = 1 << 66;

/// Where a value stands among all there can be.
fn rank(value: i128, descending: bool) -> u128 {
    let (least, most) = (i128::from(i64::MIN), i128::from(u64::MAX));
    let value = value.clamp(least, most);
    if descending {
        most.abs_diff(value)
    } else {
        value.abs_diff(least)
    }
}

fn names(graph: &StoreGraph, a: PathId, b: PathId) -> Ordering {
    graph.name(a).cmp(graph.name(b)).then(a.cmp(&b))
}

#[cfg(test)]
mod tests {
    use proptest::strategy::Strategy as _;

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

    proptest::proptest! {
        #[test]
        fn any_values_stand_as_pairs_of_value_and_name_would(
            (graph, closure) in crate::testing::any_dag(14),
            values in proptest::collection::vec(proptest::option::of(proptest::prop_oneof![
                proptest::sample::select(vec![i128::from(i64::MIN), -1, 0, 1, i128::from(u64::MAX)]),
                (i64::MIN..=i64::MAX).prop_map(i128::from),
            ]), 14),
            descending: bool,
        ) {
            let mut ids: Vec<PathId> = closure.members().iter().collect();
            let mut expected = ids.clone();
            let value = |id: PathId| values[id.index() % values.len()];
            expected.sort_by(|&a, &b| {
                let order = match (value(a), value(b)) {
                    (Some(a), Some(b)) if descending => b.cmp(&a),
                    (Some(a), Some(b)) => a.cmp(&b),
                    (a, b) => a.is_none().cmp(&b.is_none()),
                };
                order.then_with(|| super::names(&graph, a, b))
            });
            by_value(&graph, &mut ids, descending, &value);
            proptest::prop_assert_eq!(ids, expected);
        }
    }
}
