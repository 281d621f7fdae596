//! Best cuts against all subsets of references on small graphs, and by hand.

use proptest::prelude::*;

use crate::analysis::order::Order;
use crate::analysis::what_if::{Difference, Step, after};
use crate::testing::{any_dag, any_graph, graph, id, names};

use super::*;

fn dominators(graph: &StoreGraph, closure: &Closure) -> Dominators {
    let order = Order::of(graph, closure);
    Dominators::of(graph, closure, &order, &Progress::new()).expect("not cancelled")
}

fn best(
    (graph, closure): &(StoreGraph, Closure),
    target: &str,
    pinned: &dyn Fn(PathId, PathId) -> bool,
) -> Result<BestCut, CutError> {
    let dominators = dominators(graph, closure);
    let cutter = Cutter::new(graph, closure, &dominators);
    cutter.best(id(graph, target), pinned, &Progress::new())
}

fn shown(graph: &StoreGraph, set: &CutSet) -> (String, i64) {
    let pairs: Vec<String> = set
        .references
        .iter()
        .map(|&(from, to)| format!("{}→{}", graph.name(from), graph.name(to)))
        .collect();
    (pairs.join(" "), set.collateral.nar_size)
}

/// Three programs hold a library, and one of them a second time through a helper.
const SHELF: &str = "top -> system-path etc\nsystem-path -> git vim big\netc -> git\ngit 5 -> perl\nvim 5 -> perl helper\nhelper 5 -> perl\nbig 900 -> perl\nperl 50 -> man\nman 5";

#[test]
fn joints_are_not_offered_and_little_is_taken_along() {
    let all = graph(SHELF);
    let found = best(&all, "perl", &|_, _| false).expect("a cut");
    let fewer = "system-path→vim git→perl big→perl";
    assert_eq!(shown(&all.0, &found.best), (fewer.to_owned(), 10));
    let direct = found.direct.expect("nothing is pinned");
    assert_eq!(
        (direct.references.len(), direct.collateral.nar_size),
        (4, 0)
    );
    let front: Vec<_> = found
        .front
        .iter()
        .map(|set| (set.references.len(), set.collateral.nar_size))
        .collect();
    assert_eq!(front, [(3, 10), (4, 0)]);
    let etc = best(&all, "etc", &|_, _| false).expect("a cut");
    assert_eq!(shown(&all.0, &etc.best).0, "top→etc");
}

#[test]
fn what_is_pinned_stays_even_where_much_leaves() {
    let all = graph(SHELF);
    let graph = &all.0;
    let pin = |from: PathId, _| graph.name(from) == "big";
    let found = best(&all, "perl", &pin).expect("a cut");
    assert!(found.direct.is_none());
    // Nothing stays within what perl holds: the answer that takes least along.
    assert_eq!(found.best.references.len(), 4);
    assert_eq!(found.best.collateral.nar_size, 900);
    assert_eq!(found.front[0].references.len(), 3);
    let error = best(&all, "perl", &|_, _| true);
    let Err(CutError::Pinned { chain }) = error else {
        panic!("{error:?}")
    };
    assert_eq!(names(graph, &chain), "top system-path git perl");
}

/// Every answer by all subsets of the references on chains: fewest references within what may be taken along.
fn fewest_by_force(
    graph: &StoreGraph,
    closure: &Closure,
    target: PathId,
    stays: &dyn Fn(PathId, PathId) -> bool,
) -> Option<usize> {
    let alone = after(graph, closure, &[Step::Remove(target)]);
    let own = Difference::between(graph, closure.members(), &alone).nar_size;
    let on_chains = super::super::reaching(graph, closure, target);
    let edges: Vec<Step> = on_chains
        .iter()
        .flat_map(|from| graph.references(from).iter().map(move |&to| (from, to)))
        .filter(|&(from, to)| on_chains.contains(to) && from != target && !stays(from, to))
        .map(|(from, to)| Step::Cut { from, to })
        .collect();
    if edges.len() > 16 {
        return None;
    }
    let mut subsets: Vec<u32> = (1..1 << edges.len()).collect();
    subsets.sort_by_key(|set| set.count_ones());
    let fits = |set: &u32| {
        let steps: Vec<Step> = (0..edges.len())
            .filter(|at| set >> at & 1 == 1)
            .map(|at| edges[at])
            .collect();
        let left = after(graph, closure, &steps);
        !left.contains(target) && Difference::between(graph, &alone, &left).nar_size <= own
    };
    let found = subsets.into_iter().find(fits)?;
    Some(found.count_ones() as usize)
}

fn check(
    graph: &StoreGraph,
    closure: &Closure,
    target: PathId,
    stays: &dyn Fn(PathId, PathId) -> bool,
) -> Result<(), TestCaseError> {
    let dominators = dominators(graph, closure);
    let cutter = Cutter::new(graph, closure, &dominators);
    let found = match cutter.best(target, stays, &Progress::new()) {
        Ok(found) => found,
        Err(CutError::IsRoot) => {
            prop_assert!(closure.roots().contains(&target));
            return Ok(());
        }
        Err(CutError::Pinned { chain }) => {
            prop_assert!(chain.windows(2).all(|pair| stays(pair[0], pair[1])));
            return Ok(());
        }
        Err(error) => {
            prop_assert_eq!(error, CutError::NotInClosure);
            prop_assert!(!closure.contains(target));
            return Ok(());
        }
    };
    let alone = after(graph, closure, &[Step::Remove(target)]);
    let own = Difference::between(graph, closure.members(), &alone).nar_size;
    for set in found.front.iter().chain([&found.best]).chain(&found.direct) {
        prop_assert!(set.references.iter().all(|&(from, to)| !stays(from, to)));
        let steps: Vec<Step> = set
            .references
            .iter()
            .map(|&(from, to)| Step::Cut { from, to })
            .collect();
        let left = after(graph, closure, &steps);
        prop_assert!(!left.contains(target));
        prop_assert_eq!(
            set.freed,
            Difference::between(graph, closure.members(), &left)
        );
        prop_assert_eq!(set.collateral, Difference::between(graph, &alone, &left));
        for skipped in 0..steps.len() {
            let mut fewer = steps.clone();
            fewer.remove(skipped);
            prop_assert!(
                after(graph, closure, &fewer).contains(target),
                "every reference counts"
            );
        }
    }
    prop_assert!(found.front.len() <= FRONT && found.front.contains(&found.best));
    for pair in found.front.windows(2) {
        prop_assert!(pair[0].references.len() < pair[1].references.len());
        prop_assert!(pair[0].collateral.nar_size > pair[1].collateral.nar_size);
    }
    let fewest = super::super::cut(graph, closure, target, stays, &Progress::new()).expect("a cut");
    prop_assert_eq!(found.front[0].references.len(), fewest.size as usize);
    if let Some(direct) = &found.direct {
        prop_assert_eq!(direct.collateral.paths, 0);
        prop_assert!(found.best.collateral.nar_size <= own);
        prop_assert!(found.best.references.len() <= direct.references.len());
    }
    let size = cutter
        .size(target, u64::MAX, &Progress::new())
        .expect("not cancelled");
    prop_assert!(size.is_some());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_a_look_at_the_referrers_tells_is_so((graph, closure) in any_graph(9)) {
        let dominators = dominators(&graph, &closure);
        let cutter = Cutter::new(&graph, &closure, &dominators);
        for target in graph.ids() {
            let told = cutter.at_least(target, &Progress::new()).expect("not cancelled");
            if let Ok(found) = cutter.best(target, &|_, _| false, &Progress::new()) {
                let (least, exact) = told.expect("a member");
                let fewest = found.best.references.len() as u32;
                prop_assert!(least <= fewest, "{} of {}", least, fewest);
                prop_assert!(!exact || least == fewest, "{} of {}", least, fewest);
            } else {
                prop_assert_eq!(told, None);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn every_answer_is_valid_and_counted_by_walks(
        (graph, closure) in any_graph(12), pick in 0..12_usize, pins in any::<u64>(), pinning in any::<bool>(),
    ) {
        let target = PathId::new(pick % graph.len());
        let stays = |from: PathId, to: PathId| {
            pinning && (pins >> ((from.index() * 7 + to.index()) % 32 * 2)).is_multiple_of(4)
        };
        check(&graph, &closure, target, &stays)?;
    }
}

/// How far from the fewest references the best cuts of random graphs are: all but a few are the fewest there are.
#[test]
fn best_cuts_are_nearly_always_the_fewest_references() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let (mut judged, mut optimal, mut more) = (0, 0, 0);
    while judged < 1_000 {
        let tree = any_dag(11).new_tree(&mut runner).expect("a graph");
        let (graph, closure) = tree.current();
        let dominators = dominators(&graph, &closure);
        let cutter = Cutter::new(&graph, &closure, &dominators);
        for target in closure.members().iter() {
            let Ok(Some(size)) = cutter.size(target, u64::MAX, &Progress::new()) else {
                continue;
            };
            let fewest = fewest_by_force(&graph, &closure, target, &|_, _| false);
            let Some(fewest) = fewest.filter(|&fewest| fewest > 1 || size > 1) else {
                continue;
            };
            judged += 1;
            optimal += usize::from(size as usize == fewest);
            more += size as usize - fewest;
        }
    }
    assert!(
        optimal * 100 >= judged * 98,
        "{optimal} of {judged}, {more} too many"
    );
}
