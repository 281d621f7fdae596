//! Cuts against petgraph's flows, and by hand.

use petgraph::graph::{DiGraph, NodeIndex};
use proptest::prelude::*;

use crate::testing::{any_graph, graph, id, names};

use super::*;

fn pairs(graph: &StoreGraph, references: &[(PathId, PathId)]) -> Vec<String> {
    let pair = |&(from, to): &(PathId, PathId)| format!("{}→{}", graph.name(from), graph.name(to));
    references.iter().map(pair).collect()
}

const FUNNEL: &str = "app -> env\nenv -> a b c\na -> neck\nb -> neck\nc -> neck\nneck -> x y\nx -> perl\ny -> perl\nperl 50 -> man\nman 5";

#[test]
fn the_narrowest_place_may_be_far_from_the_target() {
    let (graph, closure) = graph(FUNNEL);
    let target = id(&graph, "perl");
    let cut = cut(&graph, &closure, target, &|_, _| false, &Progress::new()).expect("a cut");
    assert_eq!(cut.size, 1);
    assert_eq!(pairs(&graph, &cut.near_target.references), ["app→env"]);
}

#[test]
fn both_ends_are_told() {
    let (graph, closure) =
        graph("app -> a b\na -> m\nb -> m\nm -> x y\nx -> t\ny -> t\nt 9 -> u\nu 1");
    let target = id(&graph, "t");
    let cut = cut(&graph, &closure, target, &|_, _| false, &Progress::new()).expect("a cut");
    let near_target = &cut.near_target;
    let near_roots = &cut.near_roots;
    assert_eq!(cut.size, 2);
    assert_eq!(pairs(&graph, &near_target.references), ["x→t", "y→t"]);
    assert_eq!(pairs(&graph, &near_roots.references), ["app→a", "app→b"]);
    assert_eq!(
        (near_target.freed.paths, near_target.freed.nar_size),
        (2, 10)
    );
    assert_eq!((near_roots.freed.paths, near_roots.freed.nar_size), (7, 15));
}

#[test]
fn pinned_references_are_kept_or_named() {
    let (graph, closure) = graph(FUNNEL);
    let target = id(&graph, "perl");
    let pin = |from: PathId, _| graph.name(from) == "app";
    let cut = super::cut(&graph, &closure, target, &pin, &Progress::new()).expect("a cut");
    assert_eq!(cut.size, 2);
    assert_eq!(
        pairs(&graph, &cut.near_target.references),
        ["x→perl", "y→perl"]
    );
    assert_eq!(
        pairs(&graph, &cut.near_roots.references),
        ["neck→x", "neck→y"]
    );
    let error = super::cut(&graph, &closure, target, &|_, _| true, &Progress::new());
    let Err(CutError::Pinned { chain }) = error else {
        panic!("{error:?}")
    };
    assert_eq!(names(&graph, &chain), "app env a neck x perl");
}

#[test]
fn fewest_packages_are_not_fewest_references() {
    let (graph, closure) = graph(FUNNEL);
    let target = id(&graph, "perl");
    let roots = |id: PathId| closure.roots().contains(&id);
    let cut = package_cut(&graph, &closure, target, &roots, &Progress::new()).expect("a cut");
    assert_eq!(cut.size, 1);
    assert_eq!(names(&graph, &cut.near_target), "neck");
    assert_eq!(names(&graph, &cut.near_roots), "env");
    let error = package_cut(&graph, &closure, target, &|_| true, &Progress::new());
    let Err(CutError::Pinned { chain }) = error else {
        panic!("{error:?}")
    };
    assert_eq!(names(&graph, &chain), "app env a neck x perl");
}

#[test]
fn a_root_was_asked_for() {
    let (graph, closure) = graph("*app -> lib\n*lib\nelse");
    let size = |name| {
        cut_size(&graph, &closure, id(&graph, name), &Progress::new()).expect("not cancelled")
    };
    assert_eq!((size("lib"), size("else")), (None, None));
    let cut = |name| {
        cut(
            &graph,
            &closure,
            id(&graph, name),
            &|_, _| false,
            &Progress::new(),
        )
    };
    assert_eq!(cut("lib"), Err(CutError::IsRoot));
    assert_eq!(cut("else"), Err(CutError::NotInClosure));
}

/// petgraph's maximum flow from one source above all roots.
fn second_opinion(graph: &StoreGraph, closure: &Closure, target: PathId) -> u32 {
    let mut network = DiGraph::<(), u32>::new();
    for _ in graph.ids() {
        network.add_node(());
    }
    let source = network.add_node(());
    for from in graph.ids() {
        for &to in graph.references(from) {
            network.add_edge(NodeIndex::new(from.index()), NodeIndex::new(to.index()), 1);
        }
    }
    for root in closure.roots() {
        network.add_edge(source, NodeIndex::new(root.index()), 1_000_000);
    }
    petgraph::algo::dinics(&network, source, NodeIndex::new(target.index())).0
}

/// Whether there is a set of `size` items whose steps make the target leave.
fn some_set_of(
    size: usize,
    items: &[Vec<Step>],
    leaves: &dyn Fn(&[Step]) -> bool,
    chosen: &mut Vec<Step>,
) -> bool {
    if size == 0 {
        return leaves(chosen);
    }
    (0..items.len()).any(|first| {
        let length = chosen.len();
        chosen.extend(&items[first]);
        let found = some_set_of(size - 1, &items[first + 1..], leaves, chosen);
        chosen.truncate(length);
        found
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_cut_is_the_smallest_and_leaves_nothing((graph, closure) in any_graph(8), pick in 0..8_usize, pins in any::<u64>()) {
        let target = PathId::new(pick % graph.len());
        let all: Vec<(PathId, PathId)> = graph.ids().flat_map(|from| graph.references(from).iter().map(move |&to| (from, to))).collect();
        let pinned = |from, to| all.iter().position(|&edge| edge == (from, to)).is_some_and(|at| (pins >> (at % 32 * 2)).is_multiple_of(4));
        let leaves = |steps: &[Step]| !after(&graph, &closure, steps).contains(target);
        match cut(&graph, &closure, target, &pinned, &Progress::new()) {
            Ok(cut) => {
                for set in [&cut.near_target, &cut.near_roots] {
                    prop_assert_eq!(set.references.len(), cut.size as usize);
                    prop_assert!(set.references.iter().all(|&(from, to)| !pinned(from, to)));
                    let steps: Vec<Step> = set.references.iter().map(|&(from, to)| Step::Cut { from, to }).collect();
                    prop_assert!(leaves(&steps));
                }
                let items: Vec<Vec<Step>> = all.iter().filter(|&&(from, to)| !pinned(from, to)).map(|&(from, to)| vec![Step::Cut { from, to }]).collect();
                prop_assert!(!some_set_of(cut.size as usize - 1, &items, &leaves, &mut Vec::new()));
                let bound = cut_size(&graph, &closure, target, &Progress::new()).expect("not cancelled").expect("no root");
                prop_assert!(bound <= cut.size);
                prop_assert_eq!(bound, second_opinion(&graph, &closure, target));
            }
            Err(CutError::Pinned { chain }) => {
                prop_assert!(closure.roots().contains(&chain[0]));
                prop_assert_eq!(chain.last(), Some(&target));
                for pair in chain.windows(2) {
                    prop_assert!(graph.references(pair[0]).contains(&pair[1]) && pinned(pair[0], pair[1]));
                }
            }
            Err(CutError::IsRoot) => prop_assert!(closure.roots().contains(&target)),
            Err(_) => prop_assert!(!closure.contains(target)),
        }
    }

    #[test]
    fn a_package_cut_is_the_smallest((graph, closure) in any_graph(8), pick in 0..8_usize, pins in any::<u8>()) {
        let target = PathId::new(pick % graph.len());
        let pinned = |id: PathId| pins >> id.index() & 1 == 1;
        let leaves = |steps: &[Step]| !after(&graph, &closure, steps).contains(target);
        let change = |id: PathId| -> Vec<Step> { graph.references(id).iter().map(|&to| Step::Cut { from: id, to }).collect() };
        match package_cut(&graph, &closure, target, &pinned, &Progress::new()) {
            Ok(cut) => {
                for set in [&cut.near_target, &cut.near_roots] {
                    prop_assert_eq!(set.len(), cut.size as usize);
                    prop_assert!(set.iter().all(|&id| !pinned(id) && id != target));
                    prop_assert!(leaves(&set.iter().flat_map(|&id| change(id)).collect::<Vec<_>>()));
                }
                let items: Vec<Vec<Step>> = graph.ids().filter(|&id| !pinned(id)).map(change).collect();
                prop_assert!(!some_set_of(cut.size as usize - 1, &items, &leaves, &mut Vec::new()));
            }
            Err(CutError::Pinned { chain }) => {
                prop_assert!(chain.iter().all(|&id| pinned(id) || id == target));
                prop_assert_eq!(chain.last(), Some(&target));
            }
            Err(CutError::IsRoot) => prop_assert!(closure.roots().contains(&target)),
            Err(_) => prop_assert!(!closure.contains(target)),
        }
    }
}
