//! Which packages are duplicates, and what unifying them frees.

use proptest::prelude::*;

use crate::analysis::what_if::{Step, WhatIfError, what_if};
use crate::model::{Details, GraphBuilder, NarHash, PathInfo, StoreDir};
use crate::testing::{any_dag, any_graph, graph, id, names};

use super::*;

fn groups(graph: &StoreGraph, closure: &Closure) -> Vec<DuplicateGroup> {
    let order = Order::of(graph, closure);
    duplicate_groups(graph, closure, &order, &Progress::new()).expect("not cancelled")
}

fn described(text: &str) -> Vec<String> {
    let (graph, closure) = graph(text);
    let groups = groups(&graph, &closure);
    let line = |group: &DuplicateGroup| {
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

/// A root that references builds of the same version, of these sizes.
fn builds(sizes: &[u64]) -> (StoreGraph, Closure) {
    let mut builder = GraphBuilder::new(StoreDir::default(), false);
    let mut add = |at: usize, name: &str, size: u64| {
        let base = format!("{}-{name}", crate::testing::hash_part(at as u64));
        builder
            .add(&base, PathInfo::with_nar_size(Some(size)))
            .expect("another name")
    };
    let root = add(0, "root", 1);
    let ids: Vec<_> = sizes
        .iter()
        .enumerate()
        .map(|(at, &size)| add(at + 1, "lib-1.0", size))
        .collect();
    for id in ids {
        builder.reference(root, id);
    }
    let built = builder.finish(&[root]);
    let closure = Closure::of(&built.graph, &built.roots);
    (built.graph, closure)
}

proptest! {
    #[test]
    fn of_equal_builds_the_one_is_kept_that_frees_most(sizes in prop::collection::vec(0..1000_u64, 2..=16)) {
        let (graph, closure) = builds(&sizes);
        let groups = groups(&graph, &closure);
        prop_assert_eq!(groups.len(), 1);
        let (all, least) = (sizes.iter().sum::<u64>(), sizes.iter().min().copied().unwrap_or_default());
        prop_assert_eq!(groups[0].savings.nar_size, (all - least).cast_signed());
    }
}

#[test]
fn what_reaches_another_is_no_duplicate_of_it() {
    // A wrapper of the same name, and a second pair in an older version.
    let text = "system -> kwin-5.2 app\nkwin-5.2 1 -> lib-1\nlib-1 -> kwin-5.1\nkwin-5.1 90";
    assert_eq!(described(text), [""; 0]);
    let text = "system -> w-1.2 app\nw-1.2 2 -> u-1.2\nu-1.2 80 -> w-1.0\nw-1.0 1 -> x-1\napp -> w-1.1\nw-1.1 3";
    // One of the first two could go, or one of the last two: shown is what saves more.
    assert_eq!(
        described(text),
        ["Versions w: keep w-1.2, replace w-1.1, change app, frees 3"]
    );
    let text = text.replace("w-1.0 1", "w-1.0 4");
    assert_eq!(
        described(&text),
        ["Versions w: keep w-1.1, replace w-1.0, change u-1.2, frees 5"]
    );
}

#[test]
fn a_variant_below_another_does_not_hide_the_one_beside_it() {
    let text = "system -> dbus systemd-255\ndbus -> systemd-minimal-255\nsystemd-255 50 -> util-linux-2\n\
        util-linux-2 20 -> systemd-minimal-libs-255\nsystemd-minimal-libs-255 3\nsystemd-minimal-255 14";
    assert_eq!(
        described(text),
        ["Variants systemd: keep systemd-255, replace systemd-minimal-255, change dbus, frees 14"]
    );
}

#[test]
fn the_cycle_that_a_replacement_would_close_is_named() {
    let (graph, closure) =
        graph("system -> a-1 z-1\na-1 9 -> x-1 b-1\nx-1 -> a-2\na-2\nb-1 -> c-2\nz-1 -> b-1\nc-2");
    assert_eq!(groups(&graph, &closure).len(), 0);
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
    let text = "*system-1.2 -> tool-1.1\n*app -> system-1.1 tool-1.2\n*system-1.0\nsystem-1.1 50\ntool-1.1 5\ntool-1.2 6";
    let (graph, closure) = graph(text);
    let groups = self::groups(&graph, &closure);
    let system = &groups[0];
    assert_eq!((&*system.package, system.savings.nar_size), ("system", 50));
    assert_eq!(names(&graph, &[system.keep]), "system-1.2");
    assert_eq!(names(&graph, &system.replaced), "system-1.1");
    assert_eq!(names(&graph, &system.roots), "system-1.0");
    assert_eq!(groups.len(), 2);
    assert_eq!(described("*a-1.1 9\n*a-1.2 9"), [""; 0]);
}

fn everything(graph: &StoreGraph, closure: &Closure) -> Duplicates {
    let order = Order::of(graph, closure);
    let progress = Progress::new();
    let dominators = Dominators::of(graph, closure, &order, &progress).expect("not cancelled");
    Duplicates::of(graph, closure, &order, &dominators, &|_| None, &progress)
        .expect("not cancelled")
}

fn asides(graph: &StoreGraph, found: &Duplicates) -> Vec<String> {
    let line = |aside: &Aside| {
        let brings: Vec<_> = aside
            .brings
            .iter()
            .map(|edge| names(graph, &[edge.0, edge.1]))
            .collect();
        let freed = aside.freed.map_or(0, |freed| freed.nar_size);
        let paths = names(graph, &aside.paths);
        format!(
            "{:?} {}: {paths}, brought by {brings:?}, frees {freed}",
            aside.kind, aside.name
        )
    };
    found.aside.iter().map(line).collect()
}

#[test]
fn a_second_platform_is_one_set_with_what_brings_it() {
    let (mut builder, mut ids) = (GraphBuilder::new(StoreDir::default(), false), Vec::new());
    let names = [
        "conf",
        "pipewire-1.0",
        "zlib-1.3",
        "glibc-2.39",
        "pipewire-1.0",
        "zlib-1.3",
        "glibc-2.39",
        "tzdata-1",
        "tzdata-1",
    ];
    for (at, name) in names.iter().enumerate() {
        let base = format!("{}-{name}", crate::testing::hash_part(at as u64));
        ids.extend(builder.add(&base, PathInfo::with_nar_size(Some(10))));
    }
    for (from, to) in [
        (0, 1),
        (0, 4),
        (1, 2),
        (1, 3),
        (2, 3),
        (4, 5),
        (4, 6),
        (5, 6),
        (1, 7),
        (4, 8),
        (0, 2),
    ] {
        builder.reference(ids[from], ids[to]);
    }
    let built = builder.finish(&ids[..1]);
    let closure = Closure::of(&built.graph, &built.roots);
    let found = everything(&built.graph, &closure);
    assert_eq!(found.groups, []);
    assert_eq!(
        asides(&built.graph, &found),
        [
            "Platforms glibc-2.39: pipewire-1.0 zlib-1.3 glibc-2.39 tzdata-1, brought by [\"conf pipewire-1.0\"], frees 40"
        ]
    );
    // Where both are known to be for one platform, they are two builds.
    let order = Order::of(&built.graph, &closure);
    let progress = Progress::new();
    let dominators =
        Dominators::of(&built.graph, &closure, &order, &progress).expect("not cancelled");
    let same = |_| Some("x86_64-linux".to_owned());
    let found = Duplicates::of(
        &built.graph,
        &closure,
        &order,
        &dominators,
        &same,
        &progress,
    );
    let found = found.expect("not cancelled");
    assert_eq!((found.groups.len(), found.aside.len()), (4, 0));
    // As much stands on either: the platform of the root is no other.
    let of_root = |at: usize, other: usize| {
        let base = |at: usize| format!("{}-{}", crate::testing::hash_part(at as u64), names[at]);
        let known = |id: PathId| {
            let own = built.graph.base_name(id);
            let is_other = own == base(other);
            let home = own == base(0) || own == base(at);
            is_other
                .then_some("i686-linux")
                .or(home.then_some("x86_64-linux"))
        };
        let known = |id| known(id).map(str::to_owned);
        let (graph, progress) = (&built.graph, &progress);
        let found = Duplicates::of(graph, &closure, &order, &dominators, &known, progress);
        let found = found.expect("not cancelled");
        built.graph.base_name(found.aside[0].brings[0].1).to_owned()
    };
    assert!(of_root(3, 6).starts_with(&crate::testing::hash_part(4)));
    assert!(of_root(6, 3).starts_with(&crate::testing::hash_part(1)));
}

#[test]
fn a_second_collection_is_no_platform_and_told_with_what_brings_it() {
    let (graph, closure) = graph(
        "devenv-1.1 -> cachix-1.9 glibc-2.42-51 curl-8.17 icu4c-76.1\ncachix-1.9 40 -> glibc-2.42-47 curl-8.16\n\
         curl-8.17 2 -> openssl-3.6 glibc-2.42-51\ncurl-8.16 2 -> openssl-3.5 glibc-2.42-47\nopenssl-3.6 8\nopenssl-3.5 8\n\
         glibc-2.42-51 30\nglibc-2.42-47 30\nicu4c-76.1 9",
    );
    let found = everything(&graph, &closure);
    assert_eq!((found.groups.len(), found.aside.len()), (3, 0));
    let brought = &found.brought[0];
    assert_eq!(
        (found.brought.len(), graph.name(brought.by)),
        (1, "cachix-1.9")
    );
    assert_eq!(
        (&brought.groups[..], brought.savings.nar_size),
        (&[0, 1, 2][..], 40)
    );
}

#[test]
fn what_cannot_be_chosen_and_what_is_put_together_is_no_saving() {
    let (graph, closure) = graph(
        "system -> gtk+3-3.24 gtk4-4.14 gtk+-2.24 python3-3.12.9-env x-1 font-adobe-100dpi-1.0.4 font-adobe-75dpi-1.0.4 a-1.0.tar.gz\n\
         x-1 -> python3-3.12.8-env ghc-9.6-with-packages systemd-255 a-1.1.tar.gz\nsystemd-255 -> systemd-256 ghc-9.8-with-packages\nsystemd-256",
    );
    let found = everything(&graph, &closure);
    assert_eq!(found.groups, []);
    assert_eq!(
        asides(&graph, &found),
        ["Coexisting gtk: gtk+3-3.24 gtk4-4.14 gtk+-2.24, brought by [], frees 0"]
    );
}

#[test]
fn derivations_of_which_one_builds_the_next_are_stages() {
    let (graph, closure) = graph(
        "app-1.drv -> bash-5.2.drv gcc-13.drv a-1.0.drv a-1.1.drv src-1.tar.gz.drv\nbash-5.2.drv -> gcc-13.drv\ngcc-13.drv -> bash-5.1.drv\n\
         bash-5.1.drv 7 -> boot\na-1.0.drv 3\na-1.1.drv 3 -> src-2.tar.gz.drv",
    );
    let found = everything(&graph, &closure);
    assert_eq!(
        asides(&graph, &found),
        ["Stages bash: bash-5.2.drv bash-5.1.drv, brought by [], frees 0"]
    );
    let groups: Vec<_> = found.groups.iter().map(|group| &*group.package).collect();
    assert_eq!(groups, ["a"]);
}

#[test]
fn alternatives_say_who_holds_each() {
    let (graph, closure) = graph(
        "system -> git nginx\ngit -> openssl-3.0\nnginx -> libressl-3.9\nopenssl-3.0 7 -> x\nlibressl-3.9 5\nx 2",
    );
    let found = everything(&graph, &closure);
    let alternatives = &found.aside[0];
    assert_eq!(alternatives.kind, AsideKind::Alternatives);
    let members: Vec<_> = alternatives
        .members
        .iter()
        .map(|member| {
            (
                names(&graph, &[member.path]),
                names(&graph, &member.referrers),
                member.freed.nar_size,
            )
        })
        .collect();
    let expected = [("openssl-3.0", "git", 9), ("libressl-3.9", "nginx", 5)];
    assert_eq!(
        members,
        expected.map(|(path, by, freed)| (path.to_owned(), by.to_owned(), freed))
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
        (DuplicateKind::SameContent, 7)
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

/// Names of packages in random graphs, so that groups come about.
const POOL: &[&str] = &[
    "glibc-2.39",
    "glibc-2.40",
    "zlib-1.2",
    "zlib-1.3",
    "zlib-2.0",
    "zlib-minimal-1.3",
    "etc",
    "zlib-1.3-env",
    "zlib-1.3.patch",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_duplicate_reaches_another_or_stands_on_another_platform(
        shape in any_graph(14), picks in prop::collection::vec(0..POOL.len(), 14),
    ) {
        let mut builder = GraphBuilder::new(StoreDir::default(), false);
        let ids: Vec<_> = shape.0.ids().filter_map(|id| {
            let base = format!("{}-{}", crate::testing::hash_part(id.index() as u64), POOL[picks[id.index()]]);
            builder.add(&base, PathInfo::with_nar_size(shape.0.nar_size(id)))
        }).collect();
        for from in shape.0.ids() {
            for to in shape.0.references(from) {
                builder.reference(ids[from.index()], ids[to.index()]);
            }
        }
        let roots: Vec<_> = shape.1.roots().iter().map(|root| ids[root.index()]).collect();
        let built = builder.finish(&roots);
        let (graph, closure) = (&built.graph, Closure::of(&built.graph, &built.roots));
        let found = everything(graph, &closure);
        let other: Vec<&Aside> = found.aside.iter().filter(|aside| aside.kind == AsideKind::Platforms).collect();
        for group in &found.groups {
            prop_assert!(!group.package.is_empty() && group.refused.is_empty());
            for &a in &group.paths {
                let name = graph.name(a);
                prop_assert!(!name.ends_with("-env") && name.strip_suffix(".patch").is_none() && name != "etc", "{name}");
                let reach = Closure::of(graph, &[a]);
                for &b in group.paths.iter().filter(|&&b| b != a) {
                    prop_assert!(!reach.contains(b), "{} reaches {}", graph.base_name(a), graph.base_name(b));
                    for set in &other {
                        prop_assert_eq!(set.paths.contains(&a), set.paths.contains(&b));
                    }
                }
            }
        }
        for set in other {
            let steps: Vec<Step> = set.brings.iter().map(|&(from, to)| Step::Cut { from, to }).collect();
            let left = crate::analysis::what_if::after(graph, &closure, &steps);
            let freed = Difference::between(graph, closure.members(), &left);
            prop_assert!(set.freed.is_none_or(|counted| counted == freed));
            // A root of the set stays, and what it holds.
            let held = set.paths.iter().any(|id| closure.roots().contains(id));
            prop_assert!(held || set.paths.iter().all(|&id| !left.contains(id)));
        }
    }
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
