//! What the remedies of a plan say, and what they must never do.

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
    remedies(&analysed, &Hints::built_in(), &steps, &Seen::new()).expect("not cancelled")
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
    let forget = nix(&found, RemedyKind::RemoveReferences);
    for part in [
        "tool = prev.tool.overrideAttrs",
        "remove-references-to -t ${final.gcc} -t ${final.lib.dev} {} +",
    ] {
        assert!(forget.contains(part), "{part} in {forget}");
    }
    let split = nix(&found, RemedyKind::SplitOutputs);
    assert!(
        split.contains("final.lib.unique ((old.outputs or [ \"out\" ]) ++ [ \"dev\" ])"),
        "{split}"
    );
    let guard = nix(&found, RemedyKind::DisallowedRequisites);
    assert!(
        guard.contains("disallowedRequisites = (old.disallowedRequisites or [ ]) ++ [ final.gcc final.lib.dev ];"),
        "{guard}"
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

/// What is offered for the reference from `tool` to `lib` if it stands in this.
fn for_class(class: Class, files: &[&str]) -> Remedy {
    let (graph, closure) = graph("app-1.0 -> tool-1.0\ntool-1.0 -> lib-1.0");
    let reference = (id(&graph, "tool-1.0"), id(&graph, "lib-1.0"));
    let analysed = Analysed::of(graph.into(), closure.roots(), &Progress::new());
    let files = files.iter().map(|&file| file.to_owned()).collect();
    of_reference(&analysed, reference, class, files).expect("a remedy")
}

#[test]
fn what_a_reference_stands_in_decides_how_it_goes() {
    for (class, files, kind, part) in [
        (
            Class::BuildMetadata,
            &["lib/perl5/Config_heavy.pl"][..],
            RemedyKind::NukeReferences,
            "nuke-refs \"$out/lib/perl5/Config_heavy.pl\"\n",
        ),
        (
            Class::LanguageMetadata,
            &["lib/it's"],
            RemedyKind::NukeReferences,
            "find \"$out\" -type f -exec nuke-refs {} +\n",
        ),
        (
            Class::Header,
            &["include/x.h", "share/man/man3/x.3"],
            RemedyKind::SplitOutputs,
            "[ \"dev\" \"man\" ]",
        ),
        (
            Class::Documentation,
            &["share/man/man1/x.1"],
            RemedyKind::SplitOutputs,
            "[ \"man\" ]",
        ),
        (
            Class::Documentation,
            &["share/man/man1/x.1", "share/doc/x"],
            RemedyKind::SplitOutputs,
            "[ \"doc\" \"man\" ]",
        ),
        (
            Class::Debug,
            &["bin/x"],
            RemedyKind::Strip,
            "separateDebugInfo = true;",
        ),
        (
            Class::ElfSource,
            &["bin/x"],
            RemedyKind::RemoveReferences,
            "remove-references-to -t ${final.lib} \"$out/bin/x\"\n",
        ),
        (
            Class::UnneededRunpath,
            &["bin/x"],
            RemedyKind::ShrinkRunpath,
            "patchelf --shrink-rpath \"$file\" || true; done' sh \"$out/bin/x\"\n",
        ),
    ] {
        let remedy = for_class(class, files);
        assert_eq!(remedy.kind, kind, "{class}");
        assert!(remedy.nix.contains(part), "{part} in {}", remedy.nix);
    }
    // Every class of accident has one.
    let accidents = Class::ALL.into_iter().filter(|class| class.is_accidental());
    assert!(
        accidents
            .into_iter()
            .all(|class| !for_class(class, &[]).nix.is_empty())
    );
}

#[test]
fn a_removed_path_is_taken_out_of_the_packages_that_name_it() {
    let found = found(
        "nixos-system-web-24.05.1 -> system-path\nsystem-path -> a-1.0 b-1.0\na-1.0 -> lib-1.0\nb-1.0 -> lib-1.0\nlib-1.0",
        |id| vec![Step::Remove(id("lib-1.0"))],
    );
    let forget = nix(&found, RemedyKind::RemoveReferences);
    assert!(
        forget.contains("a = prev.a") && forget.contains("b = prev.b"),
        "{forget}"
    );
}

#[test]
fn a_package_that_still_needs_it_elsewhere_is_kept_from_naming_it() {
    let found = found(
        "app-1.0 -> tool-1.0 lib-1.0\ntool-1.0 -> lib-1.0\nlib-1.0",
        |id| {
            vec![Step::Cut {
                from: id("app-1.0"),
                to: id("lib-1.0"),
            }]
        },
    );
    let guard = nix(&found, RemedyKind::DisallowedRequisites);
    assert!(
        guard
            .contains("disallowedReferences = (old.disallowedReferences or [ ]) ++ [ final.lib ];"),
        "{guard}"
    );
}

#[test]
fn those_that_use_a_variant_are_built_with_the_other() {
    let found = found(
        "app -> dbus-1.0 tool-1.0 systemd-2.0\ndbus-1.0 -> systemd-minimal-2.0 systemd-minimal-libs-2.0\n\
         tool-1.0 -> systemd-minimal-2.0\nsystemd-minimal-2.0\nsystemd-minimal-libs-2.0\nsystemd-2.0",
        |id| {
            let replace = |old| Step::Replace {
                old: id(old),
                new: id("systemd-2.0"),
            };
            vec![
                replace("systemd-minimal-2.0"),
                replace("systemd-minimal-libs-2.0"),
            ]
        },
    );
    let overlay = nix(&found, RemedyKind::Overlay);
    for line in [
        "dbus = (prev.dbus.override { systemdMinimal = final.systemd; }).override { systemd-minimal-libs = final.systemd; };",
        "tool = prev.tool.override { systemdMinimal = final.systemd; };",
    ] {
        assert!(overlay.contains(line), "{line} in {overlay}");
    }
}

#[test]
fn what_is_known_is_not_guessed_as_well() {
    let system = "nixos-system-web-24.05.1 -> dbus-1.0 systemd-2.0 linux-6.6\ndbus-1.0 -> systemd-minimal-2.0\n\
        systemd-minimal-2.0\nsystemd-2.0\nlinux-6.6";
    let found = found(system, |id| {
        vec![Step::Replace {
            old: id("systemd-minimal-2.0"),
            new: id("systemd-2.0"),
        }]
    });
    assert!(nix(&found, RemedyKind::Option).contains("systemdMinimal = final.systemd"));
    assert!(!found.iter().any(|one| one.kind == RemedyKind::Overlay));
}

#[test]
fn units_are_switched_off_by_their_names() {
    let found = found(
        "nixos-system-web-24.05.1 -> system-units\nsystem-units -> unit-a-b.service unit-c.timer unit-d-.slice\n\
         unit-a-b.service\nunit-c.timer\nunit-d-.slice",
        |id| {
            ["unit-a-b.service", "unit-c.timer", "unit-d-.slice"]
                .map(|name| Step::Remove(id(name)))
                .to_vec()
        },
    );
    assert_eq!(
        nix(&found, RemedyKind::Option),
        "systemd.services.a-b.enable = lib.mkForce false;\nsystemd.timers.c.enable = lib.mkForce false;"
    );
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
