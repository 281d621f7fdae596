//! The journey this program exists for, on a small system with the features of the one it was first walked on.
//!
//! Someone deploys worker machines and wants the bare minimum in each image. Every step once took hours of rebuilding and
//! searching; here each is a question that is answered before anything is built.

use nix_heft::analysis::cut::cut;
use nix_heft::analysis::select::select;
use nix_heft::analysis::why::Why;
use nix_heft::analysis::{
    Dominators, DuplicateKind, Order, Plan, PlanFile, Query, Step, StepsOutcome, WhatIfError,
    duplicates,
    query::{Context, fuzzy},
    what_if,
};
use nix_heft::job::Progress;
use nix_heft::model::{Closure, PathId, StoreGraph};
use nix_heft::testing;

/// Sizes in megabytes, about those of the first machine.
const SYSTEM: &str = "
    nixos-system-worker 1 -> etc system-path systemd-257 linux-6.6 activate switch-to-configuration security-wrappers
    etc 1 -> etc-nix-registry.json unit-dbus.service unit-nix-daemon.service etc-dbus.conf
    etc-nix-registry.json 1 -> source
    source 170
    unit-nix-daemon.service 1 -> nix-2.28
    nix-2.28 15 -> aws-sdk-cpp-1.11 boost-1.87 openssl-3.4 glibc-2.40
    aws-sdk-cpp-1.11 6 -> curl-8.12 glibc-2.40
    boost-1.87 16 -> glibc-2.40
    curl-8.12 2 -> openssl-3.4 glibc-2.40
    activate 1 -> perl-5.40-env
    switch-to-configuration 1 -> perl-5.40-env
    system-path 1 -> perl-5.40-env coreutils-9.6 util-linux-2.41 git-2.48 libressl-4.0
    git-2.48 40 -> perl-5.40 python3-3.12 curl-8.12 glibc-2.40
    perl-5.40-env 1 -> perl-5.40 perl-5.40-man python3-3.12
    perl-5.40 56 -> glibc-2.40
    perl-5.40-man 14
    python3-3.12 104 -> openssl-3.4 glibc-2.40
    libressl-4.0 5 -> glibc-2.40
    unit-dbus.service 1 -> dbus-1.16
    etc-dbus.conf 1 -> dbus-1.16
    dbus-1.16 2 -> systemd-minimal-257 glibc-2.40
    systemd-minimal-257 14 -> util-linux-minimal-2.41 glibc-2.40
    systemd-257 50 -> util-linux-2.41 fuse-3.16 glibc-2.40
    security-wrappers 1 -> fuse-2.9 fuse-3.16 sudo-1.9 lvm2-2.03
    fuse-2.9 1 -> util-linux-minimal-2.41 glibc-2.40
    fuse-3.16 1 -> util-linux-minimal-2.41 glibc-2.40
    sudo-1.9 6 -> glibc-2.40
    lvm2-2.03 12 -> util-linux-minimal-2.41 systemd-257 glibc-2.40
    util-linux-2.41 20 -> systemd-257-libs glibc-2.40
    systemd-257-libs 3 -> fuse-3.16
    util-linux-minimal-2.41 9 -> glibc-2.40
    coreutils-9.6 2 -> glibc-2.40
    openssl-3.4 8 -> glibc-2.40
    linux-6.6 136
    glibc-2.40 30
";

struct Machine {
    graph: StoreGraph,
    closure: Closure,
    order: Order,
    dominators: Dominators,
}

impl Machine {
    fn new() -> Self {
        let (graph, closure) = testing::graph(SYSTEM);
        let order = Order::of(&graph, &closure);
        let dominators =
            Dominators::of(&graph, &closure, &order, &Progress::new()).expect("not cancelled");
        Self {
            graph,
            closure,
            order,
            dominators,
        }
    }

    fn the(&self, selector: &str) -> PathId {
        let found = select(&self.graph, &self.closure, selector).expect("a match");
        assert_eq!(found.len(), 1, "{selector}: {}", self.names(&found));
        found[0]
    }

    fn names(&self, ids: &[PathId]) -> String {
        testing::names(&self.graph, ids)
    }

    fn retained(&self, selector: &str) -> Option<u64> {
        self.dominators.retained_size(self.the(selector))
    }

    fn why(&self, selector: &str) -> Why {
        let Self {
            graph,
            closure,
            order,
            dominators,
        } = self;
        Why::of(graph, closure, order, dominators, self.the(selector)).expect("a member")
    }

    fn try_steps(&self, steps: &[Step]) -> Result<StepsOutcome, WhatIfError> {
        what_if::what_if(&self.graph, &self.closure, steps, &Progress::new())
    }

    fn after(&self, steps: &[Step]) -> StepsOutcome {
        self.try_steps(steps).expect("no cycle")
    }

    fn leaving(&self, outcome: &StepsOutcome) -> String {
        self.names(&outcome.leaving.iter().collect::<Vec<_>>())
    }

    fn remove(&self, selector: &str) -> Step {
        Step::Remove(self.the(selector))
    }
}

#[test]
fn first_look_the_heaviest_rows() {
    let machine = Machine::new();
    assert_eq!(machine.closure.nar_size(), Some(733));
    let query = Query::parse("nar>=56 nar<1KiB").expect("a query");
    let filter = query
        .resolve(&machine.graph, &machine.closure)
        .expect("nothing to look up");
    let context = Context {
        graph: &machine.graph,
        value: &|_, id| machine.graph.nar_size(id).map(i128::from),
        change: &|_| None,
        marked: &|_| false,
        accidental: &|_| None,
        word: &|word, id| fuzzy(word, machine.graph.name(id)),
    };
    let ids = machine.graph.ids();
    let mut heavy: Vec<PathId> = ids.filter(|&id| filter.matches(&context, id)).collect();
    heavy.sort_by_key(|&id| std::cmp::Reverse(machine.graph.nar_size(id)));
    assert_eq!(
        machine.names(&heavy),
        "source linux-6.6 python3-3.12 perl-5.40"
    );
}

#[test]
fn step_1_a_source_tree_that_a_registry_holds_and_nix_that_a_worker_does_not_need() {
    let machine = Machine::new();
    let why = machine.why("source");
    assert_eq!(machine.names(&why.referrers), "etc-nix-registry.json");
    assert_eq!(
        machine.names(&why.shortest_chain),
        "nixos-system-worker etc etc-nix-registry.json source"
    );
    // What leaves together with Nix: the cloud kit that only it uses, but not curl, which git uses too.
    let outcome = machine.after(&[
        machine.remove("etc-nix-registry.json"),
        machine.remove("unit-nix-daemon.service"),
    ]);
    assert_eq!(
        machine.leaving(&outcome),
        "etc-nix-registry.json unit-nix-daemon.service source nix-2.28 aws-sdk-cpp-1.11 boost-1.87"
    );
    let steps: Vec<i64> = outcome
        .steps
        .iter()
        .map(|step| step.marginal.nar_size)
        .collect();
    assert_eq!(steps, [171, 38]);
}

#[test]
fn step_2_and_3_perl_is_held_by_three_and_python_goes_as_a_bonus() {
    let machine = Machine::new();
    let why = machine.why("perl-5.40-env");
    assert_eq!(
        machine.names(&why.referrers),
        "system-path activate switch-to-configuration"
    );
    let cut = cut(
        &machine.graph,
        &machine.closure,
        machine.the("perl-5.40-env"),
        &|_, _| false,
        &Progress::new(),
    )
    .expect("not a root");
    assert_eq!(cut.size, 3);
    // The man pages come along with the environment; perl and Python stay while git holds them.
    let env_alone = machine.after(&[machine.remove("perl-5.40-env")]);
    assert_eq!(machine.leaving(&env_alone), "perl-5.40-env perl-5.40-man");
    let held = machine.names(
        &env_alone
            .held
            .iter()
            .map(|held| held.path)
            .collect::<Vec<_>>(),
    );
    assert_eq!(held, "python3-3.12 perl-5.40");
    assert_eq!(
        machine.names(&env_alone.held[0].chain),
        "nixos-system-worker system-path git-2.48 python3-3.12"
    );
    // Both together free far more than each alone: that is the joint effect to see beforehand.
    let both = machine.after(&[machine.remove("perl-5.40-env"), machine.remove("git-2.48")]);
    let alone: Vec<i64> = both.steps.iter().map(|step| step.alone.nar_size).collect();
    assert_eq!((alone, both.freed.nar_size), (vec![15, 40], 215));
    assert_eq!(both.synergy, 56 + 104);
}

#[test]
fn step_4_two_systemds_and_the_one_holder_of_the_small_one() {
    let machine = Machine::new();
    let groups = duplicates::duplicate_groups(
        &machine.graph,
        &machine.closure,
        &machine.order,
        &Progress::new(),
    )
    .expect("not cancelled");
    let systemd = groups
        .iter()
        .find(|group| group.kind == DuplicateKind::Variants && group.package == "systemd")
        .expect("two systemds");
    assert_eq!(systemd.keep, machine.the("systemd-257"));
    assert!(
        systemd
            .replaced
            .contains(&machine.the("systemd-minimal-257"))
    );
    let outcome = machine.after(&[Step::Replace {
        old: machine.the("systemd-minimal-257"),
        new: machine.the("systemd-257"),
    }]);
    assert_eq!(machine.leaving(&outcome), "systemd-minimal-257");
    assert_eq!(outcome.freed.nar_size, 14);
    let referrers = machine.why("systemd-minimal-257").referrers;
    assert_eq!(machine.names(&referrers), "dbus-1.16");
}

#[test]
fn step_5_a_set_of_wrappers_before_building_anything() {
    let machine = Machine::new();
    let set = ["sudo-1.9", "lvm2-2.03", "fuse-2.9"].map(|name| machine.remove(name));
    let outcome = machine.after(&set);
    assert_eq!(outcome.freed.nar_size, 19);
    assert_eq!(machine.retained("security-wrappers"), Some(20));
    // fuse-3 would stay: systemd holds it.
    let wrappers = machine.after(&[machine.remove("security-wrappers")]);
    let fuse = machine.the("fuse-3.16");
    let held = wrappers.held.iter().find(|held| held.path == fuse);
    let chain = &held.expect("still held").chain;
    assert_eq!(
        machine.names(chain),
        "nixos-system-worker systemd-257 fuse-3.16"
    );
}

#[test]
fn step_6_one_util_linux_instead_of_two_would_be_an_endless_recursion() {
    let machine = Machine::new();
    let error = machine
        .try_steps(&[Step::Replace {
            old: machine.the("util-linux-minimal-2.41"),
            new: machine.the("util-linux-2.41"),
        }])
        .expect_err("a cycle");
    let WhatIfError::Cycle { cycle, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(
        machine.names(&cycle),
        "util-linux-2.41 systemd-257-libs fuse-3.16"
    );
    // The other way round it can be had: the small one for all.
    let other = machine.after(&[Step::Replace {
        old: machine.the("util-linux-2.41"),
        new: machine.the("util-linux-minimal-2.41"),
    }]);
    assert_eq!(machine.leaving(&other), "util-linux-2.41 systemd-257-libs");
}

#[test]
fn the_whole_way_as_one_plan_that_outlives_the_build() {
    let machine = Machine::new();
    let mut plan = Plan::default();
    for name in [
        "etc-nix-registry.json",
        "unit-nix-daemon.service",
        "perl-5.40-env",
        "git-2.48",
    ] {
        plan.extend([machine.remove(name)]);
    }
    plan.extend([Step::Replace {
        old: machine.the("systemd-minimal-257"),
        new: machine.the("systemd-257"),
    }]);
    let outcome = machine.after(plan.steps());
    let marginal: Vec<i64> = outcome
        .steps
        .iter()
        .map(|step| step.marginal.nar_size)
        .collect();
    // curl and OpenSSL lose Nix first and git then: they are in the last step that held them.
    assert_eq!(marginal, [171, 38, 15, 210, 14]);
    assert_eq!(outcome.after.nar_size, 733 - 171 - 38 - 15 - 210 - 14);

    let text = PlanFile::of(&machine.graph, plan.steps()).to_text();
    let next_build = SYSTEM
        .replace("git-2.48", "git-2.49")
        .replace("perl-5.40", "perl-5.42");
    let (graph, closure) = testing::graph(&next_build);
    let applied = PlanFile::parse(&text)
        .expect("our own plan")
        .apply(&graph, &closure);
    let notes: Vec<String> = applied.notes.iter().map(ToString::to_string).collect();
    assert_eq!((applied.steps.len(), notes), (5, vec![]));
    let again = what_if::what_if(&graph, &closure, &applied.steps, &Progress::new());
    assert_eq!(again.expect("no cycle").freed, outcome.freed);
}
