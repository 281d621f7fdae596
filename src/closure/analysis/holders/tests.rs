//! The fast algorithms against the naive one: a walk from every holder by itself.

use proptest::prelude::*;

use super::*;
use crate::testing::{any_graph, graph, id, names};

/// What some holders reach.
fn walked(graph: &StoreGraph, targets: &[Vec<PathId>], holders: &[usize]) -> PathSet {
    let mut found = PathSet::empty(graph.len());
    for &holder in holders {
        let closure = Closure::of(graph, &targets[holder]);
        found.union_with(closure.members());
    }
    found
}

#[test]
fn what_two_links_hold_together_leaves_only_with_both() {
    let (graph, _) = graph("new 1 -> lib\nold 2 -> lib perl\nlib 30\nperl 50\nlost 7");
    let of = |name| id(&graph, name);
    let targets = vec![vec![of("new")], vec![of("old")], vec![of("old")]];
    let holders = Holders::of(&graph, targets, &Progress::new()).expect("not cancelled");
    let alone: Vec<u64> = (0..3).map(|at| holders.alone(at).nar_size).collect();
    assert_eq!(alone, [1, 0, 0], "two hold the old one");
    let freed = |dropped: &[usize]| {
        let set = holders.freed(&graph, dropped);
        names(&graph, &set.iter().collect::<Vec<_>>())
    };
    assert_eq!(freed(&[]), "");
    assert_eq!(freed(&[1]), "");
    assert_eq!(freed(&[1, 2]), "old perl");
    assert_eq!(freed(&[0, 1, 2]), "new lib old perl");
    assert_eq!(names(&graph, &holders.dead(&graph)), "lost");
    assert_eq!(holders.of_path(&graph, of("lib")), [0, 1, 2]);
    assert_eq!(holders.of_path(&graph, of("perl")), [1, 2]);
    assert!(holders.of_path(&graph, of("lost")).is_empty());
    let way = holders.way(&graph, 1, of("perl")).expect("a way");
    assert_eq!(names(&graph, &way), "old perl");
    let others = holders.others(&graph, 9, &Progress::new()).expect("others");
    let others: Vec<_> = others.into_iter().map(|one| one.first).collect();
    assert_eq!(others, [vec![], vec![2], vec![1]]);
}

proptest! {
    #[test]
    fn holders_are_those_of_the_naive_walk(
        (graph, closure) in any_graph(14),
        seeds in prop::collection::vec(prop::collection::vec(0..14_usize, 1..4), 1..6),
        drops in prop::collection::vec(0..6_usize, 0..6),
    ) {
        drop(closure);
        let ids: Vec<PathId> = graph.ids().collect();
        let targets: Vec<Vec<PathId>> = seeds
            .iter()
            .map(|own| own.iter().map(|at| ids[at % ids.len()]).collect())
            .collect();
        let all: Vec<usize> = (0..targets.len()).collect();
        let holders = Holders::of(&graph, targets.clone(), &Progress::new()).expect("not cancelled");
        let alive = walked(&graph, &targets, &all);
        let dead: Vec<PathId> = ids.iter().copied().filter(|&id| !alive.contains(id)).collect();
        prop_assert_eq!(holders.dead(&graph), dead);
        prop_assert_eq!(&holders.alive(&graph), &alive);
        for &holder in &all {
            let rest: Vec<usize> = all.iter().copied().filter(|&other| other != holder).collect();
            let gone = alive.minus(&walked(&graph, &targets, &rest));
            prop_assert_eq!(holders.alone(holder), Total::of(&graph, &gone));
        }
        let dropped: Vec<usize> = drops.into_iter().filter(|&at| at < targets.len()).collect();
        let rest: Vec<usize> = all.iter().copied().filter(|at| !dropped.contains(at)).collect();
        let gone = alive.minus(&walked(&graph, &targets, &rest));
        prop_assert_eq!(holders.freed(&graph, &dropped), gone);
        let others = holders.others(&graph, usize::MAX, &Progress::new()).expect("not cancelled");
        for &id in &ids {
            let naive: Vec<usize> = all
                .iter()
                .copied()
                .filter(|&holder| walked(&graph, &targets, &[holder]).contains(id))
                .collect();
            prop_assert_eq!(&holders.of_path(&graph, id), &naive);
            for (holder, _) in targets.iter().enumerate().filter(|(_, own)| own[..] == [id]) {
                let rest: Vec<u32> = naive.iter().filter(|&&at| at != holder).map(|&at| at as u32).collect();
                prop_assert_eq!(&others[holder].first, &rest);
                prop_assert_eq!(others[holder].all, rest.len());
            }
            for &holder in &naive {
                let way = holders.way(&graph, holder, id).expect("it is held");
                prop_assert!(targets[holder].contains(&way[0]) && way.last() == Some(&id));
                prop_assert!(way.windows(2).all(|step| graph.references(step[0]).contains(&step[1])));
            }
        }
    }
}
