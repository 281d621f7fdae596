//! Laws that hold between answers of different analyses, on made-up graphs without cycles.

use nix_heft::analysis::cut::{cut, cut_size};
use nix_heft::analysis::what_if::{after, what_if};
use nix_heft::analysis::{
    Analysed, ClosureSizes, Difference, Dominators, Order, Overlap, Shares, Step, near_misses,
};
use nix_heft::job::Progress;
use nix_heft::model::{Closure, PathId, StoreGraph};
use nix_heft::testing::plain_graph;
use proptest::prelude::*;

/// Graphs of up to 24 paths, with one to three roots.
fn graphs() -> impl Strategy<Value = (StoreGraph, Closure)> {
    (2..24_usize).prop_flat_map(|len| {
        let sizes = prop::collection::vec((0..1000_u64).prop_map(Some), len);
        let edges = prop::collection::vec((0..len, 0..len), 0..len * 3);
        let roots = prop::collection::vec(0..len, 1..=3);
        (sizes, edges, roots).prop_map(|(sizes, edges, roots)| {
            let downwards = edges.iter().map(|&(a, b)| (a.min(b), a.max(b)));
            plain_graph(&sizes, &downwards.collect::<Vec<_>>(), &roots)
        })
    })
}

fn members(closure: &Closure, picks: &[prop::sample::Index]) -> Vec<PathId> {
    let all: Vec<PathId> = closure.members().iter().collect();
    let mut picked: Vec<PathId> = picks
        .iter()
        .map(|pick| all[pick.index(all.len())])
        .collect();
    picked.sort_unstable();
    picked.dedup();
    picked
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn removing_together_frees_at_least_what_each_frees_alone(
        (graph, closure) in graphs(), picks in prop::collection::vec(any::<prop::sample::Index>(), 1..5)
    ) {
        let steps: Vec<Step> = members(&closure, &picks).into_iter().map(Step::Remove).collect();
        let outcome = what_if(&graph, &closure, &steps, &Progress::new()).expect("no cycle");
        let marginals: i64 = outcome.steps.iter().map(|step| step.marginal.nar_size).sum();
        prop_assert_eq!(marginals, outcome.freed.nar_size);
        for step in &outcome.steps {
            prop_assert!(outcome.freed.nar_size >= step.alone.nar_size);
            prop_assert!(step.marginal.nar_size >= 0);
        }
        let alone: i64 = outcome.steps.iter().map(|step| step.alone.nar_size).sum();
        prop_assert_eq!(outcome.synergy, outcome.freed.nar_size - alone);
        prop_assert_eq!(outcome.arriving.len(), 0);
        prop_assert_eq!(outcome.leaving.len(), outcome.before.paths - outcome.after.paths);
    }

    #[test]
    fn the_order_of_removals_does_not_matter_for_the_result(
        (graph, closure) in graphs(), picks in prop::collection::vec(any::<prop::sample::Index>(), 1..5)
    ) {
        let mut steps: Vec<Step> = members(&closure, &picks).into_iter().map(Step::Remove).collect();
        let one = after(&graph, &closure, &steps);
        steps.reverse();
        prop_assert_eq!(one, after(&graph, &closure, &steps));
    }

    #[test]
    fn retained_sizes_are_single_removals_and_never_more_than_closures((graph, closure) in graphs()) {
        let order = Order::of(&graph, &closure);
        let progress = Progress::new();
        let dominators = Dominators::of(&graph, &closure, &order, &progress).expect("not cancelled");
        let sizes = ClosureSizes::of(&graph, &closure, &order, &progress).expect("not cancelled");
        for id in closure.members().iter() {
            let retained = dominators.retained_size(id).expect("known");
            let left = after(&graph, &closure, &[Step::Remove(id)]);
            let freed = Difference::between(&graph, closure.members(), &left);
            prop_assert_eq!(retained.cast_signed(), freed.nar_size);
            prop_assert!(retained <= sizes.get(id).expect("known"));
            prop_assert!(retained >= graph.nar_size(id).expect("known"));
        }
    }

    #[test]
    fn a_cut_frees_what_removing_frees_or_more((graph, closure) in graphs(), pick in any::<prop::sample::Index>()) {
        let target = members(&closure, &[pick])[0];
        let progress = Progress::new();
        let order = Order::of(&graph, &closure);
        let dominators = Dominators::of(&graph, &closure, &order, &progress).expect("not cancelled");
        let retained = dominators.retained_size(target).expect("known").cast_signed();
        if let Ok(cut) = cut(&graph, &closure, target, &|_, _| false, &progress) {
            prop_assert!(cut.near_target.freed.nar_size >= retained);
            prop_assert!(cut.near_roots.freed.nar_size >= cut.near_target.freed.nar_size);
            prop_assert_eq!(Some(cut.size), cut_size(&graph, &closure, target, &progress).expect("not cancelled"));
            prop_assert!(cut.size as usize <= closure.referrers(&graph, target).count());
        } else {
            prop_assert!(closure.roots().contains(&target));
        }
    }

    #[test]
    fn shares_and_parts_add_up_to_the_closure((graph, closure) in graphs()) {
        let order = Order::of(&graph, &closure);
        let shares = Shares::of(&graph, &closure, &order, &Progress::new()).expect("not cancelled");
        let sum: u64 = shares.charged().iter().map(|(_, bytes)| bytes).sum();
        prop_assert_eq!(Some(sum), closure.nar_size());
        let overlap = Overlap::of(&graph, &closure, &order, &Progress::new()).expect("not cancelled");
        let regions: u64 = overlap.regions.iter().map(|region| region.total.nar_size).sum();
        prop_assert_eq!(Some(regions), closure.nar_size());
        // What a root holds alone is what leaving it out of the roots would free.
        for (at, holding) in overlap.holdings.iter().enumerate() {
            let others: Vec<PathId> = closure.roots().iter().enumerate().filter(|(other, _)| *other != at).map(|(_, &root)| root).collect();
            let rest = Closure::of(&graph, &others);
            prop_assert_eq!(holding.alone.nar_size, closure.known_nar_size() - rest.known_nar_size());
        }
    }

    #[test]
    fn leverage_is_never_more_than_the_retained_size((graph, closure) in graphs()) {
        let order = Order::of(&graph, &closure);
        let progress = Progress::new();
        let dominators = Dominators::of(&graph, &closure, &order, &progress).expect("not cancelled");
        let misses = near_misses(&Analysed::of(graph.clone().into(), closure.roots(), &progress), 5).expect("not cancelled");
        prop_assert!(misses.windows(2).all(|pair| pair[0].leverage() >= pair[1].leverage()));
        for miss in misses {
            prop_assert_eq!(dominators.retained_size(miss.path), Some(miss.retained_size));
            prop_assert!(!closure.roots().contains(&miss.path));
        }
    }
}
