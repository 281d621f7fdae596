//! What a built graph promises, checked against plain sets and maps.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::visit::{IntoNeighborsDirected, Reversed};
use proptest::prelude::*;

use super::*;
use crate::model::path_info::NarHash;
use crate::testing::hash_part;

/// Base names of a handful of paths whose order differs from their numbers.
fn base(number: u8) -> String {
    format!("{}-p{number}", hash_part(u64::from(number.reverse_bits())))
}

proptest! {
    #[test]
    fn a_graph_says_what_was_put_in(
        edges in prop::collection::vec((0_u8..24, 0_u8..24), 0..120),
        recorded in prop::collection::vec((0_u8..24, 0_u64..1000), 0..30),
    ) {
        let mut builder = GraphBuilder::new(StoreDir::default(), false);
        let mut sizes: BTreeMap<String, u64> = BTreeMap::new();
        let mut names: BTreeSet<String> = BTreeSet::new();
        for &(number, size) in &recorded {
            let draft = builder.intern(&base(number)).expect("room");
            builder.record(draft, PathInfo::with_nar_size(Size::bytes(size)));
            sizes.entry(base(number)).or_insert(size);
            names.insert(base(number));
        }
        let mut references: BTreeSet<(String, String)> = BTreeSet::new();
        for &(from, to) in &edges {
            let (from, to) = (base(from), base(to));
            let drafts = (builder.intern(&from).expect("room"), builder.intern(&to).expect("room"));
            builder.reference(drafts.0, drafts.1);
            names.extend([from.clone(), to.clone()]);
            references.insert((from, to));
        }
        let graph = builder.finish(&[]).graph;
        let ids: Vec<String> = graph.ids().map(|id| graph.base_name(id).to_owned()).collect();
        prop_assert_eq!(&ids, &names.iter().cloned().collect::<Vec<_>>(), "ids ascend with base names");
        for id in graph.ids() {
            let name = graph.base_name(id).to_owned();
            prop_assert_eq!(graph.find(&name), Some(id));
            prop_assert_eq!(graph.nar_size(id), sizes.get(&name).copied());
            prop_assert_eq!(graph.is_missing(id), !sizes.contains_key(&name));
            prop_assert_eq!(graph.references_itself(id), references.contains(&(name.clone(), name.clone())));
            let out: Vec<_> = graph.references(id).iter().map(|&to| graph.base_name(to).to_owned()).collect();
            let expected: Vec<_> =
                references.iter().filter(|(f, t)| *f == name && *t != name).map(|(_, t)| t.clone()).collect();
            prop_assert_eq!(out, expected);
            let into: Vec<_> = graph.referrers(id).iter().map(|&from| graph.base_name(from).to_owned()).collect();
            let expected: Vec<_> =
                references.iter().filter(|(f, t)| *t == name && *f != name).map(|(f, _)| f.clone()).collect();
            prop_assert_eq!(into, expected);
            let reversed: Vec<_> = Reversed(&graph).neighbors_directed(id, petgraph::Outgoing).collect();
            prop_assert_eq!(reversed, graph.referrers(id), "petgraph sees the same");
        }
    }

    #[test]
    fn a_prefix_finds_just_the_names_that_begin_with_it(numbers in prop::collection::btree_set(0_u8.., 0..40), prefix in "[0-9a-d]{0,3}") {
        let mut builder = GraphBuilder::new(StoreDir::default(), false);
        for &number in &numbers {
            builder.intern(&format!("{number:02x}-x")).expect("room");
        }
        let graph = builder.finish(&[]).graph;
        let found: Vec<_> = graph.with_prefix(&prefix).map(|id| graph.base_name(id).to_owned()).collect();
        let expected: BTreeSet<_> = numbers.iter().map(|n| format!("{n:02x}-x")).filter(|n| n.starts_with(&prefix)).collect();
        prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn no_sum_of_sizes_can_wrap() {
    let mut builder = GraphBuilder::new(StoreDir::default(), false);
    let huge = [u64::MAX - 1, 1 << 62, 1 << 62, 5];
    let drafts: Vec<_> = (0..4)
        .map(|n| {
            builder
                .add(
                    &base(n),
                    PathInfo::with_nar_size(Size::bytes(huge[usize::from(n)])),
                )
                .expect("room")
        })
        .collect();
    let built = builder.finish(&drafts);
    let known: Vec<_> = built
        .roots
        .iter()
        .map(|&id| built.graph.nar_size(id))
        .collect();
    assert_eq!(known, [None, Some(1 << 62), None, Some(5)]);
    let warnings = built.warnings.into_vec();
    assert_eq!((warnings.len(), warnings[0].count), (1, 2));
}

#[test]
fn records_that_disagree_are_a_warning_and_the_first_counts() {
    let mut builder = GraphBuilder::new(StoreDir::default(), false);
    let draft = builder.intern(&base(1)).expect("room");
    for size in [7, 7, 8] {
        builder.record(draft, PathInfo::with_nar_size(Size::bytes(size)));
    }
    let built = builder.finish(&[draft, draft]);
    assert_eq!(built.roots.len(), 1);
    assert_eq!(built.graph.nar_size(built.roots[0]), Some(7));
    assert_eq!(built.warnings.into_vec()[0].count, 1);
}

#[test]
fn details_come_back_as_they_were() {
    let mut builder = GraphBuilder::new(StoreDir::default(), true);
    let draft = builder.intern(&base(1)).expect("room");
    let bare = builder.intern(&base(2)).expect("room");
    let details = Details {
        nar_hash: Some(NarHash([7; 32])),
        deriver: Some("x.drv".to_owned()),
        content_address: None,
        signatures: vec!["key-1:abc=".to_owned(), "key-2:def=".to_owned()],
        ultimate: true,
    };
    builder.record_details(draft, &details);
    let built = builder.finish(&[draft, bare]);
    assert_eq!(built.graph.details(built.roots[0]), Some(details));
    assert_eq!(
        built.graph.details(built.roots[1]),
        Some(Details::default())
    );
}

#[test]
fn a_million_paths_with_ten_million_references_fit_in_300_mb() {
    // A hundredth of each: the memory is proportional to both.
    let (graph, _) = crate::testing::store(10_000, 10, 1);
    let per_path = graph.heap_bytes() as f64 - 8.0 * graph.reference_count() as f64;
    let million = per_path / graph.len() as f64 * 1e6 + 8.0 * 10e6;
    assert!(million < 300e6, "{million} bytes");
}

#[test]
fn many_names_at_once_are_found_like_one_by_one() {
    let mut builder = GraphBuilder::new(StoreDir::default(), false);
    let known = builder.intern("b").expect("room");
    let mut drafts = vec![known];
    let all = ["a", "b", "a", "c", "b", "c"];
    builder.intern_all(&all, &mut drafts).expect("room");
    let one_by_one = all.map(|name| builder.intern(name).expect("room"));
    assert_eq!(drafts[1..], one_by_one);
    assert_eq!((drafts[0], drafts[2], builder.len()), (known, known, 3));
}
