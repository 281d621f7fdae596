//! Advice against plain walks, on systems in words and on graphs of any shape.

use proptest::prelude::*;

use crate::analysis::cut::is_joint;
use crate::job::Progress;
use crate::model::Closure;
use crate::testing::{any_graph, graph};

use super::*;

fn advice(text: &str) -> (Analysed, Advice) {
    let (graph, closure) = graph(text);
    let analysed = Analysed::of(graph.into(), closure.roots(), &Progress::new());
    let advice = Advice::of(&analysed, &Hints::built_in(), &FromFiles::default());
    (analysed, advice.expect("not cancelled"))
}

fn lines(text: &str) -> Vec<String> {
    let (_, advice) = advice(text);
    let line = |one: &Suggestion| {
        format!(
            "{} {} {} {}",
            one.kind.key(),
            one.freed.nar_size,
            one.beyond.nar_size,
            one.title
        )
    };
    advice.list.iter().map(line).collect()
}

const SYSTEM: &str = "nixos-system-web-24.05.1 -> system-path etc linux-6.6\n\
    system-path -> nano-8.0 heavy-1 strace-6.9\netc -> etc-nix-registry.json\n\
    etc-nix-registry.json -> source\nsource 170\nnano-8.0 3\nheavy-1 50 -> gcc-13.2.0 part-1\n\
    gcc-13.2.0 20\npart-1 9\nstrace-6.9 2\nlinux-6.6 100";

#[test]
fn what_is_known_comes_first_and_no_path_is_advised_twice() {
    let lines = lines(SYSTEM);
    assert_eq!(
        lines[..2],
        [
            "option 170 170 Whole nixpkgs tree pinned by the flake registry",
            "bestCut 79 79 heavy-1 behind 1 reference",
        ]
    );
    assert!(
        lines.contains(
            &"development 20 0 gcc-13.2.0 in a run-time closure, held by 1 path".to_owned()
        )
    );
    assert!(lines.contains(&"option 3 3 nano, the default editor".to_owned()));
    assert!(
        !lines
            .iter()
            .any(|line| line.contains("linux-6.6") || line.contains("part-1 behind"))
    );
}

#[test]
fn alternatives_are_counted_once() {
    let (_, advice) = advice(
        "nixos-system-web-24.11.1 -> update-users-groups.pl linux-6.6\nupdate-users-groups.pl -> perl-5\nperl-5 60",
    );
    let found = advice
        .list
        .iter()
        .filter(|one| one.alternatives.as_deref() == Some("users"));
    let found: Vec<_> = found
        .map(|one| (one.freed.nar_size, one.beyond.nar_size, one.instead))
        .collect();
    assert_eq!(found, [(61, 0, false), (61, 0, true)]);
    assert_eq!(advice.list[0].hint.as_deref(), Some("perlless-activation"));
    assert_eq!(advice.together.nar_size, 61);
}

#[test]
fn duplicates_are_a_replacement() {
    let lines = lines(
        "app -> a b c\na -> lib-1.0.1\nb -> lib-1.0.2\nc -> lib-1.0.1 lib-1.0.2\nlib-1.0.1 70\nlib-1.0.2 80",
    );
    assert!(
        lines.contains(&"duplicates 70 70 lib-1.0.2 in place of lib-1.0.1".to_owned()),
        "{lines:?}"
    );
}

#[test]
fn files_inside_packages_have_no_steps() {
    let (graph, closure) = graph("app 10 -> lib\nlib 5");
    let analysed = Analysed::of(graph.into(), closure.roots(), &Progress::new());
    let files = FromFiles {
        identical: Some((1000, 3)),
        contents: vec![("manual pages".to_owned(), 400), ("fonts".to_owned(), 0)],
        ..FromFiles::default()
    };
    let advice = Advice::of(&analysed, &Hints::built_in(), &files).expect("not cancelled");
    let found: Vec<_> = advice
        .list
        .iter()
        .map(|one| (one.kind, one.weight(), one.steps.len()))
        .collect();
    assert_eq!(
        found,
        [
            (AdviceKind::IdenticalFiles, 1000, 0),
            (AdviceKind::Content, 400, 0),
            (AdviceKind::BestCut, 5, 1),
        ]
    );
}

/// What is still reached, by a plain walk that looks at every step for every reference.
fn naive(graph: &StoreGraph, closure: &Closure, steps: &[Step]) -> PathSet {
    let end = |from: Option<PathId>, to: PathId| {
        let mut at = to;
        for step in steps {
            match *step {
                Step::Remove(id) if id == at => return None,
                Step::Cut { from: u, to: v } if from == Some(u) && v == at => return None,
                Step::Replace { old, new } if old == at && old != new => {
                    if from == Some(old) || from == Some(new) {
                        return None;
                    }
                    at = new;
                }
                Step::Replace { old, new } if from == Some(old) && new == at => return None,
                _ => {}
            }
        }
        Some(at)
    };
    let mut seen = PathSet::empty(graph.len());
    let mut stack: Vec<PathId> = closure
        .roots()
        .iter()
        .filter_map(|&root| end(None, root))
        .collect();
    while let Some(id) = stack.pop() {
        if seen.insert(id) {
            stack.extend(
                graph
                    .references(id)
                    .iter()
                    .filter_map(|&to| end(Some(id), to)),
            );
        }
    }
    seen
}

/// A graph with names of packages, some of which advice is about.
fn named(text: &[(usize, usize)], sizes: &[u16]) -> String {
    const NAMES: [&str; 12] = [
        "nixos-system-x-24.05.1",
        "system-path",
        "etc",
        "nano-8.0",
        "etc-nanorc",
        "gcc-13.2.0",
        "lib-1.0.1",
        "lib-1.0.2",
        "lib-1.0.1-dev",
        "lib-1.0.1-man",
        "tool-3",
        "source",
    ];
    let line = |(at, name): (usize, &&str)| {
        let references = text.iter().filter(|&&(from, to)| from == at && to > from);
        let references: Vec<&str> = references.map(|&(_, to)| NAMES[to]).collect();
        format!("{name} {} -> {}", sizes[at], references.join(" "))
    };
    NAMES
        .iter()
        .enumerate()
        .map(line)
        .collect::<Vec<_>>()
        .join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn every_promise_is_kept_by_a_walk(
        edges in prop::collection::vec((0..12_usize, 0..12_usize), 8..40),
        sizes in prop::collection::vec(1..1000_u16, 12),
    ) {
        let (analysed, advice) = advice(&named(&edges, &sizes));
        holds(&analysed, &advice)?;
    }

    #[test]
    fn nothing_that_is_pinned_is_advised_and_what_is_not_advised_is_in_no_sum((graph, closure) in any_graph(12), third in 0..3_usize) {
        let analysed = Analysed::of(graph.into(), closure.roots(), &Progress::new());
        let pinned = |_: PathId, from: PathId, to: PathId| (from.index() + to.index()) % 3 == third;
        let around = Around { pinned: &pinned, others: true, ..Around::default() };
        let hints = Hints::built_in();
        let advice = Advice::around(&analysed, &hints, &FromFiles::default(), around).expect("not cancelled");
        holds(&analysed, &advice)?;
        for one in advice.list.iter().chain(&advice.others) {
            prop_assert!(!one.is_pinned(&pinned), "{}", one.title);
        }
        for one in &advice.others {
            let after = naive(analysed.graph(), analysed.closure(), &one.steps);
            let freed = Difference::between(analysed.graph(), analysed.closure().members(), &after);
            prop_assert_eq!(one.freed, freed, "{}", one.title);
            prop_assert!(one.condition.is_some() && one.beyond == NOTHING);
            prop_assert!(advice.list.iter().all(|other| other.kind != AdviceKind::BestCut || other.about != one.about));
        }
    }

    #[test]
    fn any_graph_at_all_is_advised_on((graph, closure) in any_graph(12)) {
        let analysed = Analysed::of(graph.into(), closure.roots(), &Progress::new());
        let advice = Advice::of(&analysed, &Hints::built_in(), &FromFiles::default()).expect("not cancelled");
        holds(&analysed, &advice)?;
    }
}

fn holds(analysed: &Analysed, advice: &Advice) -> Result<(), TestCaseError> {
    let (graph, closure) = (analysed.graph(), analysed.closure());
    let mut before: Vec<Step> = Vec::new();
    let mut left = closure.members().clone();
    let mut sum = 0;
    for (at, one) in advice.list.iter().enumerate() {
        let after = naive(graph, closure, &one.steps);
        let freed = Difference::between(graph, closure.members(), &after);
        prop_assert_eq!(one.freed, freed, "{}", one.title);
        prop_assert!(one.shares.iter().all(|&other| other < at));
        if let Some(next) = advice.list.get(at + 1) {
            prop_assert!(one.weight() >= next.weight());
        }
        if one.kind == AdviceKind::BestCut {
            prop_assert!(!closure.is_root(one.about[0]) && !is_joint(graph.name(one.about[0])));
        }
        if one.instead || one.steps.is_empty() {
            prop_assert_eq!(one.beyond, NOTHING);
            continue;
        }
        before.extend(&one.steps);
        let with = naive(graph, closure, &before);
        prop_assert_eq!(
            one.beyond.nar_size,
            Difference::between(graph, &left, &with).nar_size
        );
        sum += one.beyond.nar_size;
        left = with;
    }
    prop_assert_eq!(advice.together.nar_size, sum);
    Ok(())
}
