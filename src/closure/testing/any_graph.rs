//! Small graphs for property tests, compiled for the tests of each crate.

use proptest::prelude::*;

use crate::model::{Closure, StoreGraph};
use crate::testing::plain_graph;

/// Small graphs of up to `most` paths for property tests: cycles, several roots (also roots that hold each other), unknown
/// sizes, and paths outside the closure all occur.
pub(crate) fn any_graph(most: usize) -> impl Strategy<Value = (StoreGraph, Closure)> {
    shapes(most, false)
}

/// As [`any_graph`], without cycles.
pub(crate) fn any_dag(most: usize) -> impl Strategy<Value = (StoreGraph, Closure)> {
    shapes(most, true)
}

fn shapes(most: usize, acyclic: bool) -> impl Strategy<Value = (StoreGraph, Closure)> {
    (1..=most).prop_flat_map(move |len| {
        let sizes = prop::collection::vec(
            prop_oneof![8 => (0..1000_u64).prop_map(Some), 1 => Just(None)],
            len,
        );
        let edges = prop::collection::vec((0..len, 0..len), 0..=len * 5 / 2);
        let roots = prop::collection::vec(0..len, 1..=3);
        (sizes, edges, roots).prop_map(move |(sizes, mut edges, roots)| {
            if acyclic {
                for (from, to) in &mut edges {
                    (*from, *to) = ((*from).min(*to), (*from).max(*to));
                }
            }
            plain_graph(&sizes, &edges, &roots)
        })
    })
}
