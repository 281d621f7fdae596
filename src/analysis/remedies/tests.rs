//! What a plan's remedies say, and what they never do.

use proptest::prelude::*;

use crate::job::Progress;
use crate::testing::{graph, id};

use super::guards::pattern_of;
use super::*;

const SYSTEM: &str = "nixos-system-web-24.05.1 -> system-path tool-1.0\nsystem-path -> nano-8.0 lib-2.0\n\
    tool-1.0 -> lib-1.0 gcc-13.2.0 lib-1.0-dev\nlib-1.0 70\nlib-2.0 80\ngcc-13.2.0 900\nlib-1.0-dev 5\nnano-8.0 3";

fn found(text: &str, steps: impl Fn(&dyn Fn(&str) -> PathId) -> Vec<Step>) -> Vec<Remedy> {
    let (graph, closure) = graph(text);
    let steps = steps(&|name| id(&graph, name));
    let analysed = Analysed::of(graph.into(), closure.roots(), &Progress::new());
    remedies(&analysed, &Hints::built_in(), &steps).expect("not cancelled")
}

fn nix(found: &[Remedy], kind: RemedyKind) -> &str {
    let found = found.iter().find(|one| one.kind == kind);
    &found.expect("a remedy of that kind").nix
}

#[test]
fn a_plan_is_done_by_options_overlays_and_swaps() {
    let found = found(SYSTEM, |id| {
        let cut = |from, to| Step::Cut {
            from: id(from),
            to: id(to),
        };
        vec![
            cut("system-path", "nano-8.0"),
            cut("tool-1.0", "gcc-13.2.0"),
            cut("tool-1.0", "lib-1.0-dev"),
            Step::Replace {
                old: id("lib-1.0"),
                new: id("lib-2.0"),
            },
        ]
    });
    assert!(nix(&found, RemedyKind::Option).contains("programs.nano.enable = false;"));
    let overlay = nix(&found, RemedyKind::Overlay);
    assert!(
        overlay.contains("tool = prev.tool.overrideAttrs"),
        "{overlay}"
    );
    assert!(
        overlay.contains("remove-references-to -t ${final.gcc} {} +"),
        "{overlay}"
    );
    assert!(
        overlay.contains("-t ${final.lib.dev}")
            && overlay.contains("# outputs = [ \"out\" \"dev\" ];")
    );
    let swap = nix(&found, RemedyKind::ReplaceDependencies);
    assert!(
        swap.contains("-lib-1.0\";\n") && swap.contains("-lib-2.0\";\n"),
        "{swap}"
    );
    let guard = nix(&found, RemedyKind::ForbiddenDependencies);
    assert!(guard.contains("\"/[0-9a-z]{32}-nano-[0-9]\""), "{guard}");
    // Another build of it stays, so its own name is guarded.
    assert!(guard.contains("\"/[0-9a-z]{32}-lib-1[.]0\\$\""), "{guard}");
    assert!(!found.iter().any(|one| one.kind == RemedyKind::OutputChecks));
}

#[test]
fn a_package_is_guarded_by_its_checks() {
    let found = found(
        "app-1.0 10 -> lib-1.0 gcc-13.2.0\nlib-1.0 70\ngcc-13.2.0 900",
        |id| {
            vec![Step::Cut {
                from: id("app-1.0"),
                to: id("gcc-13.2.0"),
            }]
        },
    );
    let checks = nix(&found, RemedyKind::OutputChecks);
    for line in [
        "maxSize = 1048576;",
        "maxClosureSize = 1048576;",
        "final.gcc\n",
        "app = prev.app",
    ] {
        assert!(checks.contains(line), "{line} in {checks}");
    }
}

#[test]
fn names_of_different_length_are_not_swapped() {
    let found = found("app -> lib-1.0 lib-1.10\nlib-1.0 70\nlib-1.10 70", |id| {
        vec![Step::Replace {
            old: id("lib-1.0"),
            new: id("lib-1.10"),
        }]
    });
    assert!(
        !found
            .iter()
            .any(|one| one.kind == RemedyKind::ReplaceDependencies)
    );
}

proptest! {
    #[test]
    fn a_pattern_has_nothing_that_a_shell_minds(name in "[ -~]{1,20}", version in "[ -~]{0,12}") {
        let name = format!("{}-{}", name.replace(char::is_whitespace, "_"), version.replace(char::is_whitespace, "_"));
        let (graph, closure) = graph(&format!("app -> {}", name.replace("->", "_")));
        let steps = PathSet::empty(graph.len());
        for id in closure.members().iter() {
            let pattern = pattern_of(&graph, &steps, id).expect("nothing stays");
            let plain = |c: char| c.is_ascii_alphanumeric() || "/-_[]{}.+?=^*$".contains(c);
            prop_assert!(pattern.chars().all(plain), "{}", pattern);
        }
    }
}
