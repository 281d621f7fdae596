//! Plans: taken back, written and read, applied to the next build.

use proptest::prelude::*;

use crate::analysis::what_if::Difference;
use crate::model::{Closure, StoreGraph};
use crate::testing::{any_graph, graph, id};

use super::*;

fn remove(at: usize) -> Step {
    Step::Remove(PathId::new(at))
}

#[test]
fn changes_can_be_taken_back_and_brought_back() {
    let mut plan = Plan::default();
    assert!(plan.extend([remove(1)]) && plan.extend([remove(2)]) && !plan.extend([remove(1)]));
    assert!(plan.toggle(&[remove(1)]));
    assert_eq!(plan.steps(), [remove(2)]);
    assert!(plan.undo());
    assert_eq!(plan.steps(), [remove(1), remove(2)]);
    assert!(plan.undo() && plan.undo() && !plan.undo());
    assert!(plan.is_empty() && plan.can_redo());
    assert!(plan.redo());
    assert_eq!(plan.steps(), [remove(1)]);
    assert!(plan.extend([remove(5), remove(1), remove(6)]));
    assert!(!plan.redo(), "a new change forgets what was undone");
    assert_eq!(plan.steps(), [remove(1), remove(5), remove(6)]);
    assert!(plan.clear() && !plan.clear() && plan.undo());
    assert!(!plan.take_out(&[remove(3)]) && plan.take_out(&[remove(1)]));
    assert!(!plan.toggle(&[]) && plan.toggle(&[remove(5), remove(7)]));
    assert_eq!(plan.steps(), [remove(5), remove(6), remove(7)]);
    assert!(plan.toggle(&[remove(7), remove(6)]));
    assert!(plan.removes(PathId::new(5)) && !plan.removes(PathId::new(1)));
}

fn change(text: &str) -> TryStep {
    TryStep::of(TryRecord {
        change: text.to_owned(),
        leaves: Vec::new(),
        frees: None,
    })
}

#[test]
fn changes_of_the_configuration_are_steps_like_any_other() {
    let mut plan = Plan::default();
    assert!(plan.extend([remove(1)]) && plan.toggle_try(change("a.enable = false;")));
    assert!(plan.toggle_try(change("b = 1;")) && !plan.toggle_try(change("b = 1; ")));
    assert_eq!(plan.tries(), [change("a.enable = false;")]);
    assert_eq!(plan.marked().len(), 2);
    let freed = Difference {
        paths: 2,
        nar_size: 70,
        known: true,
    };
    let leaves = ["00000000000000000000000000000002-perl-5.38.2".to_owned()];
    let found = TryStep::found("a.enable = false;".to_owned(), freed, &leaves);
    plan.learn(&found);
    assert!(plan.clear() && plan.is_empty() && plan.undo());
    assert_eq!(plan.tries()[0].known(), TryKnown::Found(freed));
    assert!(plan.undo() && plan.undo() && plan.tries()[0].known() != TryKnown::Nothing);
    let known = plan.tries()[0].clone().of_before().known();
    assert_eq!(known, TryKnown::Promised(70));
    assert!(plan.undo() && plan.tries().is_empty() && plan.redo());
    assert!(plan.extend(Marked {
        tries: vec![change("a.enable = false;"), change("c = 2;")],
        steps: vec![remove(1), remove(4)],
    }));
    assert_eq!((plan.tries().len(), plan.steps().len()), (2, 2));
    let (graph, _) = graph(TODAY);
    let file = PlanFile::of(&graph, &steps(&graph))
        .promising(vec![3, 4, 5])
        .trying(plan.tries().to_vec());
    let read = PlanFile::parse(&file.to_text()).expect("a plan");
    assert_eq!(read.try_steps(), plan.tries());
    let known: Vec<TryKnown> = read.try_steps().iter().map(TryStep::known).collect();
    assert_eq!(known, [TryKnown::Promised(70), TryKnown::Nothing]);
    // What steps promised is told of those that are no tries.
    let (graph, closure) = self::graph("system -> dbus\ndbus");
    let applied = read.apply(&graph, &closure);
    let done: Vec<_> = applied.done.iter().map(|done| done.promised).collect();
    assert_eq!(done, [Some(3), Some(4), Some(5)]);
    assert_eq!(applied.tries[0].promised, Some(70));
}

const TODAY: &str = "system -> dbus perl-5.38.2 perl-5.38.2-man git openssl-3.0 openssl-1.1\n\
    dbus -> systemd-minimal-255\nperl-5.38.2\nperl-5.38.2-man\ngit -> perl-5.38.2\nsystemd-255";

fn steps(graph: &StoreGraph) -> Vec<Step> {
    let id = |name| id(graph, name);
    vec![
        Step::Remove(id("perl-5.38.2")),
        Step::Cut {
            from: id("git"),
            to: id("perl-5.38.2"),
        },
        Step::Replace {
            old: id("systemd-minimal-255"),
            new: id("systemd-255"),
        },
    ]
}

#[test]
fn the_text_names_packages() {
    let (graph, _) = graph(TODAY);
    insta::assert_snapshot!(PlanFile::of(&graph, &steps(&graph)).to_text(), @r#"
    # What to leave out, in this order. A path is found by its hash, else by its name, else by its pname.
    format = "nix-heft/plan"
    version = 1

    [[step]]
    remove = { pname = "perl", name = "perl-5.38.2", hash = "00000000000000000000000000000002" }

    [[step]]
    cut.from = { pname = "git", name = "git", hash = "00000000000000000000000000000004" }
    cut.to = { pname = "perl", name = "perl-5.38.2", hash = "00000000000000000000000000000002" }

    [[step]]
    replace.old = { pname = "systemd-minimal", name = "systemd-minimal-255", hash = "00000000000000000000000000000007" }
    replace.new = { pname = "systemd", name = "systemd-255", hash = "00000000000000000000000000000008" }
    "#);
}

fn applied(text: &str) -> (StoreGraph, Applied) {
    let (before, _) = graph(TODAY);
    let file = PlanFile::parse(&PlanFile::of(&before, &steps(&before)).to_text()).expect("a plan");
    let (graph, closure): (StoreGraph, Closure) = graph(text);
    let applied = file.apply(&graph, &closure);
    (graph, applied)
}

#[test]
fn a_plan_applies_to_the_next_build() {
    let (graph, applied) = applied(
        "new -> x system\nx\nsystem -> dbus perl-5.40.0 perl-5.40.0-man git\n\
         dbus -> systemd-minimal-256\nperl-5.40.0\ngit -> perl-5.40.0\nsystemd-256",
    );
    assert_eq!(applied.notes, []);
    let id = |name| id(&graph, name);
    assert_eq!(
        applied.steps,
        [
            Step::Remove(id("perl-5.40.0")),
            Step::Cut {
                from: id("git"),
                to: id("perl-5.40.0")
            },
            Step::Replace {
                old: id("systemd-minimal-256"),
                new: id("systemd-256")
            },
        ]
    );
}

#[test]
fn steps_that_no_longer_match_are_told() {
    let (_, applied) = applied("x -> y\ny -> system\nsystem -> perl-5.40 perl-5.42 git");
    let notes: Vec<String> = applied.notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "step 1 left out: 2 paths match perl-5.38.2",
            "step 2 left out: 2 paths match perl-5.38.2",
        ]
    );
    let done: Vec<String> = applied.done.iter().map(ToString::to_string).collect();
    assert_eq!(done, ["step 3 is done: systemd-minimal-255 is gone"]);
    let (_, applied) = self::applied("system -> perl-5.40 git\nperl-5.40\ngit");
    let done: Vec<String> = applied.done.iter().map(ToString::to_string).collect();
    assert_eq!(
        done,
        [
            "step 2 is done: git → perl-5.38.2 is gone",
            "step 3 is done: systemd-minimal-255 is gone"
        ]
    );
    assert_eq!(applied.notes, []);
}

#[test]
fn what_a_done_step_promised_is_told_and_a_package_name_is_enough() {
    let text = "format = \"nix-heft/plan\"\nversion = 1\npromised = [70, 5]\n\
                [[step]]\nremove = { pname = \"perl\" }\n[[step]]\nremove = { pname = \"git\" }";
    let file = PlanFile::parse(text).expect("a plan");
    let (graph, closure): (StoreGraph, Closure) = graph("system -> git-2.45");
    let applied = file.apply(&graph, &closure);
    assert_eq!(applied.steps, [Step::Remove(id(&graph, "git-2.45"))]);
    assert_eq!(applied.notes, []);
    let done: Vec<_> = applied
        .done
        .iter()
        .map(|done| (done.step, done.promised))
        .collect();
    assert_eq!(done, [(1, Some(70))]);
    assert_eq!(PlanFile::parse(&file.to_text()), Ok(file));
    let nameless = text.replace("pname = \"git\"", "");
    assert!(PlanFile::parse(&nameless).is_err());
}

#[test]
fn a_text_that_is_no_plan_is_refused() {
    for text in [
        "",
        "x",
        "format = 1",
        "format = \"nix-heft/plan\"\nversion = 1\n[[step]]\nremove = 5",
        "\u{1b}[2J",
    ] {
        let error = PlanFile::parse(text).expect_err(text).to_string();
        assert!(
            error.starts_with("not a plan: ") && !error.contains('\u{1b}'),
            "{error}"
        );
    }
    let newer = "format = \"nix-heft/plan\"\nversion = 2\nstep = 7";
    assert_eq!(PlanFile::parse(newer), Err(PlanError::Format));
}

proptest! {
    #[test]
    fn what_is_written_is_read_back((graph, closure) in any_graph(6), picks in prop::collection::vec((0..3_u8, 0..6_usize, 0..6_usize), 0..5), tries in prop::collection::vec(("[a-z][ -~\n]{0,20}", any::<Option<i64>>()), 0..3)) {
        let steps: Vec<Step> = picks.into_iter().filter_map(|(kind, a, b)| {
            let (a, b) = (PathId::new(a % graph.len()), PathId::new(b % graph.len()));
            match kind {
                0 => Some(Step::Remove(a)),
                1 => graph.references(a).contains(&b).then_some(Step::Cut { from: a, to: b }),
                _ => Some(Step::Replace { old: a, new: b }),
            }
        }).collect();
        let inside = |step: &Step| match *step {
            Step::Remove(id) | Step::Replace { old: id, .. } => closure.contains(id),
            Step::Cut { from, .. } => closure.contains(from),
        };
        let tries: Vec<TryStep> = tries.into_iter().map(|(change, frees)| TryStep::of(TryRecord { change, leaves: Vec::new(), frees })).collect();
        let file = PlanFile::of(&graph, &steps).trying(tries.clone());
        let read = PlanFile::parse(&file.to_text()).expect("a plan");
        prop_assert_eq!(&read, &file);
        prop_assert_eq!(read.try_steps(), tries);
        let applied = read.apply(&graph, &closure);
        let expected: Vec<Step> = steps.iter().copied().filter(inside).collect();
        prop_assert_eq!(applied.steps.len() + applied.done.len() + applied.notes.len(), steps.len());
        prop_assert_eq!(applied.steps, expected);
    }
}
