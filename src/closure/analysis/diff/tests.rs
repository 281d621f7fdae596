//! Differences as tables, checked against their definitions.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::model::{GraphBuilder, PathInfo, Reference, Size, StoreDir};
use crate::testing::{any_graph, graph, hash_part, id};

use super::*;

fn compared((graph, _): &(StoreGraph, Closure), before: &str, after: &str) -> Diff {
    let closure = |root| Closure::of(graph, &[id(graph, root)]);
    let (before, after) = (closure(before), closure(after));
    Diff::of(graph, &before, &after, &Progress::new()).expect("not cancelled")
}

/// A system before and after an update: a library was rebuilt and brings a compiler, a tool has a new version, a
/// documentation is gone, and a second version of an interpreter has come.
fn update() -> (StoreGraph, Closure) {
    graph(
        "*system-1 1 -> app-1.0 tool-2.0 py-3.10\n\
         *system-2 2 -> app-1.1 tool-2.1 py-3.10 py-3.11\n\
         app-1.0 10 -> libfoo-1 doc-1\n\
         app-1.1 12 -> foo-1\n\
         libfoo-1 5\n\
         foo-1 6 -> gcc-12\n\
         gcc-12 200 -> binutils-2 mpfr-4\n\
         binutils-2 30\n\
         mpfr-4 3\n\
         tool-2.0 7\n\
         tool-2.1 7\n\
         doc-1 50\n\
         py-3.10 90\n\
         py-3.11 95 -> mpfr-4",
    )
}

#[test]
fn packages_tell_what_happened_to_them_largest_difference_first() {
    let made = update();
    let diff = compared(&made, "system-1", "system-2");
    let graph = &made.0;
    let names = |ids: &[PathId]| crate::testing::names(graph, ids);
    let lines: Vec<String> = diff
        .packages
        .iter()
        .map(|package| {
            let (before, after) = (names(&package.before), names(&package.after));
            let (word, delta) = (package.change.word(), package.delta.nar_size);
            format!("{word} {before} -> {after} {delta}")
        })
        .collect();
    assert_eq!(
        lines,
        [
            "came  -> gcc-12 200",
            "version py-3.10 -> py-3.10 py-3.11 95",
            "left doc-1 ->  -50",
            "came  -> binutils-2 30",
            "came  -> foo-1 6",
            "left libfoo-1 ->  -5",
            "came  -> mpfr-4 3",
            "version app-1.0 -> app-1.1 2",
            "version system-1 -> system-2 1",
            "version tool-2.0 -> tool-2.1 0",
        ]
    );
    assert_eq!((diff.before.nar_size, diff.after.nar_size), (163, 445));
    assert_eq!(diff.delta().nar_size, 282);
    assert_eq!((diff.same, diff.count(Change::Came)), (1, 4));
}

#[test]
fn what_arrived_is_folded_under_what_brought_it() {
    let made = update();
    let graph = &made.0;
    let diff = compared(&made, "system-1", "system-2");
    let names = |ids: &[PathId]| crate::testing::names(graph, ids);
    let told = |causes: &[Cause]| -> Vec<String> {
        let told = causes.iter().map(|cause| {
            let by: Vec<&str> = cause
                .references
                .iter()
                .map(|one| graph.name(one.0))
                .collect();
            let (all, others) = (names(&cause.paths), names(&cause.others));
            let chain = names(&cause.chain);
            format!("{all}; by {}; with {others}; {chain}", by.join(" "))
        });
        told.collect()
    };
    assert_eq!(
        told(&diff.arrivals),
        [
            "foo-1 gcc-12 binutils-2; by app-1.1; with ; system-2 app-1.1 foo-1",
            "py-3.11; by system-2; with ; system-2 py-3.11",
            // Two hold it: it belongs to neither.
            "mpfr-4; by ; with py-3.11 gcc-12; system-2 py-3.11 mpfr-4",
        ]
    );
    assert_eq!(
        told(&diff.departures),
        [
            "doc-1; by app-1.0; with ; system-1 app-1.0 doc-1",
            "libfoo-1; by app-1.0; with ; system-1 app-1.0 libfoo-1",
        ]
    );
}

#[test]
fn outputs_are_told_apart_and_copies_are_paired_by_name() {
    let made = graph(
        "*a-1 1 -> lib-1.0 lib-1.0-dev old-1.0\n\
         *b-1 1 -> lib-1.0-dev new-1.0\n\
         lib-1.0 10\n\
         lib-1.0-dev 20\n\
         old-1.0 3\n\
         new-1.0 4",
    );
    let diff = compared(&made, "a-1", "b-1");
    let graph = &made.0;
    let words: Vec<_> = diff
        .packages
        .iter()
        .map(|one| (one.name(graph).pname, one.change))
        .collect();
    assert_eq!(
        words,
        [
            ("lib", Change::Left),
            ("new", Change::Came),
            ("old", Change::Left),
            ("a", Change::Left),
            ("b", Change::Came),
        ]
    );
    // The only roots stand for each other, whatever they are called.
    let (a, b) = (id(graph, "a-1"), id(graph, "b-1"));
    assert_eq!(
        (diff.counterparts.get(a), diff.successor(a)),
        (Some(b), Some(b))
    );
    let lib = id(graph, "lib-1.0-dev");
    assert_eq!(
        (diff.counterparts.get(lib), diff.successor(lib)),
        (None, Some(lib))
    );
}

#[test]
fn a_system_that_keeps_the_one_before_is_compared_with_it() {
    let made = graph(
        "*system-1 1 -> env app-1.0\n\
         *system-2 2 -> system-1 env2 app-1.0\n\
         env 3 -> app-1.0\n\
         env2 4 -> app-1.0 new-1.0\n\
         app-1.0 10\n\
         new-1.0 20",
    );
    // The same name as the environment before.
    let mut graph = made.0;
    let same = graph.base_name(id(&graph, "env2")).to_owned();
    let text = same.replace("env2", "env");
    graph = renamed(&graph, &same, &text);
    let diff = compared(&(graph.clone(), made.1.clone()), "system-1", "system-2");
    let tops: Vec<_> = diff.arrivals.iter().map(|one| one.top).collect();
    assert_eq!(crate::testing::names(&graph, &tops), "new-1.0");
    let (old, new) = (id(&graph, "system-1"), id(&graph, "system-2"));
    assert_eq!(
        (diff.counterparts.get(new), diff.counterparts.get(old)),
        (Some(old), None)
    );
    let back = compared(&(graph.clone(), made.1), "system-2", "system-1");
    let tops: Vec<_> = back.departures.iter().map(|one| one.top).collect();
    assert_eq!(crate::testing::names(&graph, &tops), "new-1.0");
    assert_eq!(back.successor(new), Some(old));
}

/// The graph with another base name for one path.
fn renamed(graph: &StoreGraph, from: &str, to: &str) -> StoreGraph {
    let mut builder = GraphBuilder::new(StoreDir::default(), false);
    let name = |id| match graph.base_name(id) {
        name if name == from => to,
        name => name,
    };
    let drafts: Vec<_> = graph
        .ids()
        .filter_map(|id| builder.add(name(id), graph.info(id)))
        .collect();
    for from in graph.ids() {
        for to in graph.references(from) {
            builder.reference(drafts[from.index()], drafts[to.index()]);
        }
    }
    builder.finish(&[]).graph
}

/// Graphs whose paths are few packages in few versions, with cycles and unknown sizes, and two closures of each.
fn two_closures() -> impl Strategy<Value = (StoreGraph, Closure, Closure)> {
    let shape = any_graph(14);
    let names = prop::collection::vec((0..4_usize, 0..3_usize, 0..3_usize), 14);
    let roots = prop::collection::vec(0..14_usize, 1..3);
    (shape, names, roots.clone(), roots).prop_map(|((shape, _), names, before, after)| {
        let mut builder = GraphBuilder::new(StoreDir::default(), false);
        let drafts: Vec<_> = shape
            .ids()
            .filter_map(|id| {
                let (package, version, output) = names[id.index()];
                let pname = ["app", "lib", "tool", "data"][package];
                let output = ["", "-dev", "-1"][output];
                let hash = hash_part(id.index() as u64);
                let name = format!("{hash}-{pname}-{version}{output}");
                builder.add(
                    &name,
                    PathInfo::with_nar_size(Size::from(shape.nar_size(id))),
                )
            })
            .collect();
        for from in shape.ids() {
            for to in shape.references(from) {
                builder.reference(drafts[from.index()], drafts[to.index()]);
            }
        }
        let graph = builder.finish(&[]).graph;
        let closure = |roots: Vec<usize>| {
            let roots: Vec<PathId> = roots
                .iter()
                .map(|at| PathId::new(at % graph.len()))
                .collect();
            Closure::of(&graph, &roots)
        };
        let (before, after) = (closure(before), closure(after));
        (graph, before, after)
    })
}

/// What the roots reach without entering some paths.
fn reached(graph: &StoreGraph, closure: &Closure, closed: &[PathId]) -> BTreeSet<PathId> {
    let mut stack: Vec<PathId> = closure.roots().to_vec();
    let mut seen = BTreeSet::new();
    while let Some(at) = stack.pop() {
        if !closed.contains(&at) && seen.insert(at) {
            stack.extend(graph.references(at));
        }
    }
    seen
}

fn sizes(graph: &StoreGraph, ids: impl IntoIterator<Item = PathId>) -> (usize, i64) {
    let known = ids.into_iter().map(|id| graph.nar_size(id).unwrap_or(0));
    known.fold((0, 0), |(paths, sum), size| {
        (paths + 1, sum + size.cast_signed())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn differences_of_packages_add_up_and_part_all_paths((graph, before, after) in two_closures()) {
        let diff = Diff::of(&graph, &before, &after, &Progress::new()).expect("not cancelled");
        let (old, new) = (reached(&graph, &before, &[]), reached(&graph, &after, &[]));
        let (_, bytes_before) = sizes(&graph, old.iter().copied());
        let (_, bytes_after) = sizes(&graph, new.iter().copied());
        let delta = diff.delta();
        prop_assert_eq!(delta.nar_size, bytes_after - bytes_before);
        prop_assert_eq!(delta.paths, new.len().cast_signed() as i64 - old.len().cast_signed() as i64);
        let unknown = old.symmetric_difference(&new).filter(|&&id| graph.nar_size(id).is_none());
        prop_assert_eq!(delta.unknown, unknown.count());
        prop_assert_eq!(diff.same, old.intersection(&new).count());
        let mut changed: Vec<PathId> = Vec::new();
        for package in &diff.packages {
            changed.extend(&package.came);
            changed.extend(&package.left);
            let key = |id: PathId| (graph.package(id).pname, graph.package(id).output);
            let own = key(package.first());
            let of = |side: &BTreeSet<PathId>| -> BTreeSet<PathId> {
                side.iter().copied().filter(|&id| key(id) == own).collect()
            };
            prop_assert_eq!(package.before.iter().copied().collect::<BTreeSet<_>>(), of(&old));
            prop_assert_eq!(package.after.iter().copied().collect::<BTreeSet<_>>(), of(&new));
        }
        changed.sort_unstable();
        prop_assert_eq!(changed, old.symmetric_difference(&new).copied().collect::<Vec<_>>());
        let sorted = diff.packages.is_sorted_by_key(|one| std::cmp::Reverse(one.delta.nar_size.abs()));
        prop_assert!(sorted);
    }

    #[test]
    fn counterparts_are_pairs_as_many_as_can_be((graph, before, after) in two_closures()) {
        let diff = Diff::of(&graph, &before, &after, &Progress::new()).expect("not cancelled");
        for old in diff.left.iter() {
            // What stayed may stand for it, too; then it is not its only counterpart.
            if let Some(new) = diff.counterparts.get(old) {
                prop_assert!(after.contains(new));
                prop_assert!(!diff.came.contains(new) || diff.counterparts.get(new) == Some(old));
            }
        }
        for package in &diff.packages {
            let paired = package.left.iter().filter(|&&id| {
                diff.counterparts.get(id).is_some_and(|new| package.came.contains(&new))
            });
            prop_assert_eq!(paired.count(), package.left.len().min(package.came.len()));
            // Nothing is left over on both sides.
            let alone = |ids: &[PathId]| -> BTreeSet<&str> {
                let alone = ids.iter().filter(|&&id| diff.counterparts.get(id).is_none());
                alone.map(|&id| graph.package(id).pname).collect()
            };
            prop_assert!(alone(&package.left).is_disjoint(&alone(&package.came)));
        }
    }

    #[test]
    fn causes_hold_every_arrival_once((graph, before, after) in two_closures()) {
        let diff = Diff::of(&graph, &before, &after, &Progress::new()).expect("not cancelled");
        for (causes, closure, set) in [
            (&diff.arrivals, &after, &diff.came),
            (&diff.departures, &before, &diff.left),
        ] {
            let part: BTreeSet<PathId> =
                set.iter().filter(|&id| diff.counterparts.get(id).is_none()).collect();
            let mut folded: Vec<PathId> = causes.iter().flat_map(|one| one.paths.clone()).collect();
            folded.sort_unstable();
            prop_assert_eq!(&folded, &part.iter().copied().collect::<Vec<_>>());
            for cause in causes {
                check(&graph, closure, &part, cause)?;
            }
        }
    }
}

/// What a cause says, against walks.
fn check(
    graph: &StoreGraph,
    closure: &Closure,
    part: &BTreeSet<PathId>,
    cause: &Cause,
) -> Result<(), TestCaseError> {
    let outside = |id: &PathId| closure.contains(*id) && !part.contains(id);
    // Ways into the part begin at a root in it, or behind a reference into it.
    let enters = |id: &PathId| closure.is_root(*id) || graph.referrers(*id).iter().any(outside);
    let reached_without = |closed: &[PathId]| {
        let mut stack: Vec<PathId> = part.iter().copied().filter(enters).collect();
        let mut seen = BTreeSet::new();
        while let Some(at) = stack.pop() {
            if part.contains(&at) && !closed.contains(&at) && seen.insert(at) {
                stack.extend(graph.references(at));
            }
        }
        seen
    };
    let without = reached_without(&[cause.top]);
    let lost: BTreeSet<PathId> = part.difference(&without).copied().collect();
    prop_assert_eq!(&lost, &cause.paths.iter().copied().collect::<BTreeSet<_>>());
    for other in part.iter().filter(|&&other| other != cause.top) {
        prop_assert!(
            reached_without(&[*other]).contains(&cause.top),
            "a top is under nothing else"
        );
    }
    let (paths, bytes) = sizes(graph, cause.paths.iter().copied());
    prop_assert_eq!(
        (cause.total.paths, cause.total.nar_size.cast_signed()),
        (paths, bytes)
    );
    let from: Vec<Reference> = closure
        .referrers(graph, cause.top)
        .filter(|from| !part.contains(from))
        .map(|from| (from, cause.top))
        .collect();
    prop_assert_eq!(&cause.references, &from);
    prop_assert!(cause.others.iter().all(|other| without.contains(other)));
    let first = cause
        .chain
        .first()
        .is_some_and(|&root| closure.is_root(root));
    prop_assert!(first && cause.chain.last() == Some(&cause.top));
    let linked = |pair: &[PathId]| graph.references(pair[0]).contains(&pair[1]);
    prop_assert!(cause.chain.windows(2).all(linked));
    let depth = closure.depths(graph)[cause.top] as usize;
    prop_assert_eq!(cause.chain.len(), depth + 1);
    Ok(())
}
