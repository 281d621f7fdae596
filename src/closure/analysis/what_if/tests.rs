//! What-if against walks under a mask.

use proptest::prelude::*;

use crate::testing::{graph, id, names};

use super::effects::FEW;
use super::*;

fn outcome(
    text: &str,
    steps: &[(&str, &str, &str)],
) -> (StoreGraph, Result<StepsOutcome, WhatIfError>) {
    let (graph, closure) = graph(text);
    let steps: Vec<Step> = steps
        .iter()
        .map(|&(kind, a, b)| match kind {
            "remove" => Step::Remove(id(&graph, a)),
            "cut" => Step::Cut {
                from: id(&graph, a),
                to: id(&graph, b),
            },
            _ => Step::Replace {
                old: id(&graph, a),
                new: id(&graph, b),
            },
        })
        .collect();
    let outcome = what_if(&graph, &closure, &steps, &Progress::new());
    (graph, outcome)
}

/// Steps on paths of a graph, each out of a kind and two numbers of any size.
pub(super) fn removals_and_cuts(graph: &StoreGraph, steps: Vec<(bool, usize, usize)>) -> Vec<Step> {
    let id = |at: usize| PathId::new(at % graph.len());
    let step = |(remove, a, b)| {
        if remove {
            Step::Remove(id(a))
        } else {
            Step::Cut {
                from: id(a),
                to: id(b),
            }
        }
    };
    steps.into_iter().map(step).collect()
}

fn set_names(graph: &StoreGraph, set: &PathSet) -> String {
    names(graph, &set.iter().collect::<Vec<_>>())
}

#[test]
fn two_packages_that_both_hold_a_third_free_more_together() {
    let (graph, outcome) = outcome(
        "app -> a b\na 10 -> big\nb 20 -> big\nbig 300",
        &[("remove", "a", ""), ("remove", "b", "")],
    );
    let outcome = outcome.expect("no cycle");
    assert_eq!(set_names(&graph, &outcome.leaving), "a b big");
    assert_eq!((outcome.before.nar_size, outcome.after.nar_size), (331, 1));
    let marginal: Vec<i64> = outcome.steps.iter().map(|s| s.marginal.nar_size).collect();
    let alone: Vec<i64> = outcome.steps.iter().map(|s| s.alone.nar_size).collect();
    assert_eq!((marginal, alone), (vec![10, 320], vec![10, 20]));
    assert_eq!(outcome.synergy, 300);
    assert_eq!(outcome.held, []);
}

#[test]
fn what_stays_names_a_chain_that_still_holds_it() {
    let (graph, outcome) = outcome(
        "app -> a b\na 10 -> lib gone\nb 20 -> c\nc -> lib\nlib 300\ngone",
        &[("remove", "a", "")],
    );
    let outcome = outcome.expect("no cycle");
    assert_eq!(set_names(&graph, &outcome.leaving), "a gone");
    assert_eq!(outcome.held.len(), 1);
    assert_eq!(names(&graph, &outcome.held[0].chain), "app b c lib");
    assert_eq!(outcome.held[0].holders, 1);
}

#[test]
fn a_replacement_takes_over_the_referrers() {
    let text =
        "app -> dbus systemd\ndbus -> mini\nsystemd 50 -> libc\nmini 14 -> libc only\nlibc\nonly 3";
    let (graph, outcome) = outcome(text, &[("replace", "mini", "systemd")]);
    let outcome = outcome.expect("no cycle");
    assert_eq!(set_names(&graph, &outcome.leaving), "mini only");
    assert_eq!((outcome.freed.nar_size, outcome.freed.paths), (17, 2));
    assert_eq!(names(&graph, &outcome.held[0].chain), "app systemd libc");
}

#[test]
fn a_replacement_may_come_from_outside_and_cost_more() {
    let (graph, outcome) = outcome(
        "*app -> old\nold 10\nnew 30 -> extra\nextra 5",
        &[("replace", "old", "new")],
    );
    let outcome = outcome.expect("no cycle");
    assert_eq!(set_names(&graph, &outcome.arriving), "new extra");
    assert_eq!((outcome.freed.nar_size, outcome.freed.paths), (-25, -1));
}

#[test]
fn a_replacement_that_closes_a_cycle_is_refused() {
    let (graph, outcome) = outcome(
        "app -> fuse util\nfuse -> mini\nmini\nutil -> udev\nudev -> fuse",
        &[("replace", "mini", "util")],
    );
    let error = outcome.expect_err("a cycle");
    let WhatIfError::Cycle { cycle, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(names(&graph, cycle), "util udev fuse");
    let text = error.to_string();
    assert_eq!(text.matches("-util").count(), 3, "{text}");
}

#[test]
fn a_cut_before_the_replacement_lets_it_pass() {
    let (graph, outcome) = outcome(
        "app -> fuse util\nfuse -> mini\nmini\nutil -> udev\nudev -> fuse",
        &[("cut", "udev", "fuse"), ("replace", "mini", "util")],
    );
    let outcome = outcome.expect("the cut opens the cycle");
    assert_eq!(set_names(&graph, &outcome.leaving), "mini");
}

#[test]
fn a_wrapper_can_be_replaced_by_what_it_wraps_and_the_other_way_round() {
    let text = "app -> wrapper user\nwrapper -> plain\nuser -> plain\nplain";
    let (graph, one) = outcome(text, &[("replace", "wrapper", "plain")]);
    assert_eq!(
        set_names(&graph, &one.expect("no cycle").leaving),
        "wrapper"
    );
    let (graph, other) = outcome(text, &[("replace", "plain", "wrapper")]);
    assert_eq!(
        set_names(&graph, &other.expect("no cycle").leaving),
        "plain"
    );
}

#[test]
fn roots_can_be_removed_and_replaced() {
    let (graph, one) = outcome("*app -> lib\n*web -> lib\nlib", &[("remove", "app", "")]);
    assert_eq!(set_names(&graph, &one.expect("no cycle").leaving), "app");
    let (graph, other) = outcome("*app -> lib\n*web\nlib", &[("replace", "app", "web")]);
    assert_eq!(
        set_names(&graph, &other.expect("no cycle").leaving),
        "app lib"
    );
}

#[test]
fn an_unknown_size_makes_the_difference_unknown() {
    let (_, outcome) = outcome(
        "app -> a b\na ?\nb 5",
        &[("remove", "a", ""), ("remove", "b", "")],
    );
    let outcome = outcome.expect("no cycle");
    assert_eq!(outcome.before.exact(), None);
    assert_eq!(outcome.after.exact(), Some(1));
    let exact: Vec<_> = outcome.steps.iter().map(|s| s.marginal.exact()).collect();
    assert_eq!(exact, [None, Some(5)]);
}

/// The graph as lists of references, every step carried out on all of them.
struct Naive {
    rows: Vec<Vec<usize>>,
    roots: Vec<usize>,
    removed: Vec<usize>,
}

impl Naive {
    fn after(graph: &StoreGraph, roots: &[PathId], steps: &[Step]) -> Vec<usize> {
        let row = |id| graph.references(id).iter().map(|to| to.index()).collect();
        let mut naive = Self {
            rows: graph.ids().map(row).collect(),
            roots: roots.iter().map(|root| root.index()).collect(),
            removed: Vec::new(),
        };
        for step in steps {
            naive.apply(*step);
        }
        let mut reached = Vec::new();
        let mut stack = naive.roots.clone();
        while let Some(at) = stack.pop() {
            if !reached.contains(&at) && !naive.removed.contains(&at) {
                reached.push(at);
                stack.extend(&naive.rows[at]);
            }
        }
        reached.sort_unstable();
        reached
    }

    fn apply(&mut self, step: Step) {
        match step {
            Step::Remove(id) => {
                self.removed.push(id.index());
                self.roots.retain(|&root| root != id.index());
                for row in &mut self.rows {
                    row.retain(|&to| to != id.index());
                }
            }
            Step::Cut { from, to } => self.rows[from.index()].retain(|&other| other != to.index()),
            Step::Replace { old, new } if old != new => {
                self.rows[old.index()].retain(|&to| to != new.index());
                for row in self.rows.iter_mut().chain([&mut self.roots]) {
                    for to in row.iter_mut().filter(|to| **to == old.index()) {
                        *to = new.index();
                    }
                }
                self.rows[new.index()].retain(|&to| to != new.index());
            }
            Step::Replace { .. } => {}
        }
    }
}

fn steps(limit: usize) -> impl Strategy<Value = Vec<Step>> {
    let step = (0..3_u8, 0..limit, 0..limit).prop_map(|(kind, a, b)| {
        let (a, b) = (PathId::new(a), PathId::new(b));
        match kind {
            0 => Step::Remove(a),
            1 => Step::Cut { from: a, to: b },
            _ => Step::Replace { old: a, new: b },
        }
    });
    prop::collection::vec(step, 0..2 * FEW)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_walk_reaches_what_the_carried_out_steps_leave(
        (graph, closure) in crate::testing::any_graph(9), steps in steps(9)
    ) {
        let steps: Vec<Step> = steps.into_iter().filter(|step| in_range(*step, graph.len())).collect();
        let after: Vec<usize> = after(&graph, &closure, &steps).iter().map(PathId::index).collect();
        prop_assert_eq!(after, Naive::after(&graph, closure.roots(), &steps));
    }

    #[test]
    fn marginals_add_up_and_held_chains_exist(
        (graph, closure) in crate::testing::any_dag(9), steps in steps(9)
    ) {
        let steps: Vec<Step> = steps.into_iter().filter(|step| in_range(*step, graph.len())).collect();
        let rewired = Rewired::new(&graph, closure.roots(), &steps);
        match what_if(&graph, &closure, &steps, &Progress::new()) {
            Ok(outcome) => {
                let sums = outcome.steps.iter().fold((0, 0), |sum, s| {
                    (sum.0 + s.marginal.paths, sum.1 + s.marginal.nar_size)
                });
                prop_assert_eq!(sums, (outcome.freed.paths, outcome.freed.nar_size));
                for held in &outcome.held {
                    prop_assert!(rewired.roots().any(|root| root == held.chain[0]));
                    for pair in held.chain.windows(2) {
                        prop_assert!(rewired.references(pair[0]).any(|to| to == pair[1]));
                    }
                    let after = after(&graph, &closure, &steps);
                    let holders = after.iter().filter(|&from| {
                        rewired.references(from).any(|to| to == held.path)
                    });
                    prop_assert_eq!(holders.count(), held.holders);
                }
            }
            Err(WhatIfError::Cycle { cycle, .. }) => {
                for (at, &from) in cycle.iter().enumerate() {
                    let next = cycle[(at + 1) % cycle.len()];
                    prop_assert!(rewired.references(from).any(|to| to == next));
                }
            }
            Err(error) => prop_assert!(false, "{}", error),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn few_steps_and_many_have_the_effects_that_walks_find(
        (graph, closure) in crate::testing::any_dag(14), steps in steps(14)
    ) {
        let steps: Vec<Step> = steps.into_iter().filter(|step| in_range(*step, graph.len())).collect();
        if let Ok(outcome) = what_if(&graph, &closure, &steps, &Progress::new()) {
            prop_assert_eq!(outcome.steps.len(), steps.len());
            let of = |steps: &[Step]| after(&graph, &closure, steps);
            for (at, effect) in outcome.steps.iter().enumerate() {
                let marginal = Difference::between(&graph, &of(&steps[..at]), &of(&steps[..=at]));
                let alone = Difference::between(&graph, closure.members(), &of(&steps[at..=at]));
                prop_assert_eq!((effect.marginal, effect.alone), (marginal, alone));
            }
        }
    }

    #[test]
    fn each_of_many_groups_frees_what_it_frees_alone(
        (graph, closure) in crate::testing::any_graph(9),
        groups in prop::collection::vec(steps(9), 0..5),
    ) {
        let inside = |step: &Step| match *step {
            Step::Remove(id) => closure.contains(id),
            Step::Cut { from, to } => closure.contains(from) && closure.contains(to),
            Step::Replace { old, new } => closure.contains(old) && closure.contains(new),
        };
        let of_closure = |group: Vec<Step>| -> Vec<Step> {
            let there = group.into_iter().filter(|step| in_range(*step, graph.len()));
            there.filter(inside).collect()
        };
        let groups: Vec<Vec<Step>> = groups.into_iter().map(of_closure).collect();
        let each = freed_by_each(&graph, &closure, &groups, &Progress::new()).expect("not cancelled");
        let alone: Vec<_> = groups.iter().map(|group| freed(&graph, &closure, group).ok()).collect();
        prop_assert_eq!(each, alone);
    }
}

fn in_range(step: Step, len: usize) -> bool {
    let (a, b) = match step {
        Step::Remove(id) => (id, id),
        Step::Cut { from, to } => (from, to),
        Step::Replace { old, new } => (old, new),
    };
    a.index().max(b.index()) < len
}

#[test]
fn a_group_counts_as_one_step() {
    let (graph, closure) = graph("app -> a b c\na 10 -> big\nb 20 -> big\nbig 300\nc 5");
    let remove = |name| Step::Remove(id(&graph, name));
    let groups: [&[Step]; 3] = [&[remove("a"), remove("b")], &[], &[remove("c")]];
    let outcome = what_if_grouped(&graph, &closure, &groups, &Progress::new()).expect("no cycle");
    let effects: Vec<_> = outcome
        .steps
        .iter()
        .map(|effect| (effect.marginal.nar_size, effect.alone.nar_size))
        .collect();
    assert_eq!(effects, [(330, 330), (5, 5)]);
    assert_eq!((outcome.freed.nar_size, outcome.synergy), (335, 0));
}
