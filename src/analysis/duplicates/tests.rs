//! Which packages are twins, and what unifying them frees.

use proptest::prelude::*;

use crate::analysis::what_if::{Step, WhatIfError, what_if};
use crate::model::{Details, GraphBuilder, NarHash, PathInfo, StoreDir};
use crate::testing::{any_dag, any_graph, graph, id, names};

use super::*;

fn groups(graph: &StoreGraph, closure: &Closure) -> Vec<TwinGroup> {
    let order = Order::of(graph, closure);
    twins(graph, closure, &order, &Progress::new()).expect("not cancelled")
}

fn described(text: &str) -> Vec<String> {
    let (graph, closure) = graph(text);
    let groups = groups(&graph, &closure);
    let line = |group: &TwinGroup| {
        format!(
            "{:?} {}: keep {}, replace {}, change {}, frees {}",
            group.kind,
            group.package,
            graph.name(group.keep),
            names(&graph, &group.replaced),
            names(&graph, &group.referrers),
            group.savings.nar_size,
        )
    };
    groups.iter().map(line).collect()
}

#[test]
fn versions_and_variants_are_found_and_the_best_is_kept() {
    let text = "system -> dbus systemd-255 openssl-1.1.9 git openssl-1.1.9-man\n\
        dbus -> systemd-minimal-255\nsystemd-255 50 -> libc-2\nsystemd-minimal-255 14 -> libc-2 only-1\n\
        git -> openssl-1.1.10 libc-2 perl-5-env\nopenssl-1.1.10 7\nopenssl-1.1.9 6\nonly-1 3\nperl-5-env";
    assert_eq!(
        described(text),
        [
            "Variants systemd: keep systemd-255, replace systemd-minimal-255, change dbus, frees 17",
            "Versions openssl: keep openssl-1.1.10, replace openssl-1.1.9, change system, frees 6",
        ]
    );
}

#[test]
fn what_closes_a_cycle_is_not_unified() {
    let text = "system -> fuse-3 util-2\nfuse-3 -> util-minimal-2\nutil-minimal-2 5\nutil-2 90 -> udev-1\nudev-1 -> fuse-3";
    let (graph, closure) = graph(text);
    let groups = groups(&graph, &closure);
    // Keeping the small one instead closes no cycle.
    assert_eq!(names(&graph, &[groups[0].keep]), "util-minimal-2");
    assert_eq!(groups[0].savings.nar_size, 91);

    let text = "system -> fuse-3 util-2\nfuse-3 -> util-minimal-2\nutil-minimal-2 -> x-1\nx-1 -> util-2\nutil-2";
    let (graph, closure) = self::graph(text);
    let util = &self::groups(&graph, &closure)[0];
    assert_eq!((util.savings.nar_size, util.refused.len()), (2, 0));
}

#[test]
fn a_group_that_cannot_be_one_names_the_cycle() {
    let text = "system -> a-1\na-1 9 -> x-1\nx-1 -> a-2\na-2 9 -> y-1\ny-1 -> a-3\na-3";
    let (graph, closure) = graph(text);
    let group = &groups(&graph, &closure)[0];
    // The newest is at the bottom: everything else can be replaced with it.
    assert_eq!((group.keep, group.refused.len()), (id(&graph, "a-3"), 0));
    let (graph, closure) = self::graph(
        "system -> a-1 z-1\na-1 9 -> x-1 b-1\nx-1 -> a-2\na-2\nb-1 -> c-2\nz-1 -> b-1\nc-2",
    );
    assert_eq!(self::groups(&graph, &closure).len(), 1);
    let order = Order::of(&graph, &closure);
    let mut unifier = Unifier::new(&graph, &closure, &order);
    let answer = unifier
        .ask(id(&graph, "a-1"), &[id(&graph, "a-2")], &Progress::new())
        .expect("not cancelled");
    assert_eq!(answer.refused.len(), 1);
    assert_eq!(names(&graph, &answer.refused[0].1), "a-1 x-1");
    assert_eq!((answer.freed.paths, answer.freed.nar_size), (0, 0));
}

#[test]
fn roots_stay_and_do_not_make_a_group_of_themselves() {
    let text = "*system-2 -> system-1\n*system-3 -> tool-1\n*app -> system-1 tool-2\nsystem-1 50\ntool-1 5\ntool-2 6";
    let (graph, closure) = graph(text);
    let groups = self::groups(&graph, &closure);
    let system = &groups[0];
    assert_eq!((&*system.package, system.savings.nar_size), ("system", 50));
    assert_eq!(names(&graph, &[system.keep]), "system-3");
    assert_eq!(names(&graph, &system.replaced), "system-1");
    assert_eq!(names(&graph, &system.roots), "system-2");
    assert_eq!(groups.len(), 2);
    assert_eq!(described("*a-1 9\n*a-2 9"), [""; 0]);
    // The root is the older one, and the only one that can be kept.
    assert_eq!(
        described("*a-1 9\n*b -> a-2\na-2 7"),
        ["Versions a: keep a-1, replace a-2, change b, frees 7"]
    );
}

#[test]
fn equal_content_is_found_by_its_hash() {
    let mut builder = GraphBuilder::new(StoreDir::default(), true);
    let drafts: Vec<_> = ["a-unit", "b-unit", "c"]
        .iter()
        .enumerate()
        .filter_map(|(at, name)| {
            let base = format!("{}-{name}", crate::testing::hash_part(at as u64));
            let draft = builder.add(&base, PathInfo::with_nar_size(Some(7)))?;
            let nar_hash = Some(NarHash([u8::from(at == 2); 32]));
            builder.record_details(
                draft,
                &Details {
                    nar_hash,
                    ..Details::default()
                },
            );
            Some(draft)
        })
        .collect();
    builder.reference(drafts[2], drafts[0]);
    builder.reference(drafts[2], drafts[1]);
    let built = builder.finish(&drafts[2..]);
    let closure = Closure::of(&built.graph, &built.roots);
    let groups = groups(&built.graph, &closure);
    assert_eq!(groups.len(), 1);
    assert_eq!(
        (groups[0].kind, groups[0].savings.nar_size),
        (TwinKind::SameContent, 7)
    );
}

/// The answer must be that of the same steps as a what-if, and everything refused must close a cycle there.
fn agrees_with_what_if(
    graph: &StoreGraph,
    closure: &Closure,
    picks: &[usize],
) -> Result<(), TestCaseError> {
    let mut members: Vec<PathId> = Vec::new();
    for &pick in picks {
        let id = PathId::new(pick % graph.len());
        if closure.contains(id) && !members.contains(&id) {
            members.push(id);
        }
    }
    let [kept, others @ ..] = &members[..] else {
        return Ok(());
    };
    let order = Order::of(graph, closure);
    let mut unifier = Unifier::new(graph, closure, &order);
    for _ in 0..2 {
        let answer = unifier
            .ask(*kept, others, &Progress::new())
            .expect("not cancelled");
        let step = |&old: &PathId| Step::Replace { old, new: *kept };
        let mut steps: Vec<Step> = answer.replaced.iter().map(step).collect();
        let outcome = what_if(graph, closure, &steps, &Progress::new()).expect("no cycle");
        prop_assert_eq!(answer.freed, outcome.freed);
        for (other, _) in &answer.refused {
            steps.push(step(other));
            let result = what_if(graph, closure, &steps, &Progress::new());
            let refused = matches!(result, Err(WhatIfError::Cycle { .. }));
            prop_assert!(refused, "no cycle closes");
            steps.pop();
        }
        prop_assert_eq!(answer.replaced.len() + answer.refused.len(), others.len());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn unifying_is_a_what_if((graph, closure) in any_dag(9), picks in prop::collection::vec(0..9_usize, 2..5)) {
        agrees_with_what_if(&graph, &closure, &picks)?;
    }

    #[test]
    fn unifying_among_cycles_is_a_what_if((graph, closure) in any_graph(7), picks in prop::collection::vec(0..7_usize, 2..4)) {
        agrees_with_what_if(&graph, &closure, &picks)?;
    }
}
