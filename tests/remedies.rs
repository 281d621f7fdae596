//! Remedies and hints as Nix reads them, and guards as a shell and grep do.

#[expect(dead_code, reason = "other tests use the rest of it")]
mod common;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use nix_heft::analysis::hints::Hints;
use nix_heft::analysis::remedies::{Remedy, RemedyKind, Seen, remedies, together};
use nix_heft::analysis::{Analysed, Step};
use nix_heft::job::Progress;
use nix_heft::testing::{graph, id};

/// A system whose names are as odd as a store allows, and some that none does.
const SYSTEM: &str = "nixos-system-web-24.05.1 -> system-path 7tool-1.0 with-2\nsystem-path -> nano-8.0 gtk+-3.24\n\
    7tool-1.0 -> a${b}\"''-1.0 gcc-13.2.0-dev lib-1.0\nwith-2 -> lib-1.0 lib-2.0\nlib-1.0 7\nlib-2.0 8\n\
    gtk+-3.24 5\nnano-8.0 3\na${b}\"''-1.0 9\ngcc-13.2.0-dev 2";

fn all() -> Vec<Remedy> {
    let (graph, closure) = graph(SYSTEM);
    let cut = |from, to| Step::Cut {
        from: id(&graph, from),
        to: id(&graph, to),
    };
    let steps = [
        cut("system-path", "nano-8.0"),
        cut("system-path", "gtk+-3.24"),
        cut("7tool-1.0", "a${b}\"''-1.0"),
        cut("7tool-1.0", "gcc-13.2.0-dev"),
        Step::Replace {
            old: id(&graph, "lib-1.0"),
            new: id(&graph, "lib-2.0"),
        },
        Step::Replace {
            old: id(&graph, "with-2"),
            new: id(&graph, "lib-2.0"),
        },
    ];
    let root = id(&graph, "7tool-1.0");
    let graph = std::sync::Arc::new(graph);
    let hints = Hints::built_in();
    let mut found = Vec::new();
    for roots in [closure.roots(), &[root]] {
        let analysed = Analysed::of(graph.clone(), roots, &Progress::new());
        found.extend(remedies(&analysed, &hints, &steps, &Seen::new()).expect("not cancelled"));
    }
    found
}

/// Lets Nix read lines of a module.
fn parses(lines: &str) -> Result<(), String> {
    let module = format!("{{ config, lib, pkgs, modulesPath, ... }}: {{\n{lines}\n}}\n");
    let mut nix = Command::new("nix-instantiate")
        .args(["--parse", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let mut input = nix.stdin.take().expect("a pipe");
    input
        .write_all(module.as_bytes())
        .map_err(|error| error.to_string())?;
    drop(input);
    let output = nix.wait_with_output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr);
    output
        .status
        .success()
        .then_some(())
        .ok_or_else(|| format!("{said}\n{module}"))
}

#[test]
fn nix_reads_every_line_that_is_offered() {
    if !common::nix_is_here() {
        return;
    }
    let found = all();
    for kind in [
        RemedyKind::Option,
        RemedyKind::Overlay,
        RemedyKind::RemoveReferences,
        RemedyKind::SplitOutputs,
        RemedyKind::ReplaceDependencies,
        RemedyKind::ForbiddenDependencies,
        RemedyKind::DisallowedRequisites,
        RemedyKind::OutputChecks,
    ] {
        assert!(found.iter().any(|one| one.kind == kind), "no {kind:?}");
    }
    for one in &found {
        parses(&one.nix).unwrap_or_else(|error| panic!("{error}"));
    }
    parses(&together(&found)).unwrap_or_else(|error| panic!("{error}"));
    for hint in Hints::built_in().entries() {
        parses(&hint.how).unwrap_or_else(|error| panic!("{}: {error}", hint.id));
    }
}

/// The patterns of a guard, unquoted.
fn patterns(guard: &str) -> Vec<String> {
    let quoted = guard
        .lines()
        .filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix('"'));
    quoted.map(|text| text.replace("\\$", "$")).collect()
}

#[test]
fn guards_survive_a_shell_and_match_what_they_guard() {
    let (graph, _) = graph(SYSTEM);
    let found = all();
    let guard = found
        .iter()
        .find(|one| one.kind == RemedyKind::ForbiddenDependencies);
    let patterns = patterns(&guard.expect("a guard").nix);
    assert!(patterns.len() >= 4, "{patterns:?}");
    let paths: Vec<String> = graph.ids().map(|id| graph.path(id).to_string()).collect();
    let mut matched = Vec::new();
    for pattern in &patterns {
        // As the system's builder does: unquoted in a condition, then in double quotes for grep.
        let script = format!("if [[ {pattern} != \"\" ]]; then grep -E -- \"{pattern}\"; fi");
        let mut shell = Command::new("bash")
            .args(["-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("bash");
        let mut input = shell.stdin.take().expect("a pipe");
        input
            .write_all(paths.join("\n").as_bytes())
            .expect("written");
        drop(input);
        let output = shell.wait_with_output().expect("an end");
        assert!(output.status.success(), "{pattern}");
        matched.extend(
            String::from_utf8_lossy(&output.stdout)
                .lines()
                .map(str::to_owned),
        );
    }
    for gone in ["nano-8.0", "gtk+-3.24", "lib-1.0", "gcc-13.2.0-dev"] {
        assert!(
            matched.iter().any(|path| path.ends_with(gone)),
            "{gone}: {matched:?}"
        );
    }
    for stays in ["7tool-1.0", "lib-2.0", "system-path"] {
        assert!(
            !matched.iter().any(|path| path.ends_with(stays)),
            "{stays}: {matched:?}"
        );
    }
}

/// A store with the packages of `fixtures/remedies` built.
struct Packages {
    store: common::NixStore,
    /// The path of `app`.
    app: String,
}

impl Packages {
    fn new() -> Option<Self> {
        let store = common::NixStore::plain()?;
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/remedies");
        common::copy(&from, &store.file("packages"));
        let mut packages = Self {
            store,
            app: String::new(),
        };
        packages.app = packages.build(&[]).expect("it builds");
        Some(packages)
    }

    /// Builds `app` with the overlays of modules that have these lines.
    fn build(&self, modules: &[&str]) -> Result<String, String> {
        let modules: Vec<String> = modules
            .iter()
            .map(|lines| format!("({{ config, lib, pkgs, modulesPath, ... }}: {{ {lines} }})"))
            .collect();
        self.built(&format!(
            "let modules = [ {} ]; none = {{ config = null; lib = null; pkgs = null; modulesPath = null; }}; in \
             (import ./packages {{ overlays = builtins.concatMap (m: (m none).nixpkgs.overlays) modules; }}).app",
            modules.join(" ")
        ))
    }

    /// Builds `app` with what a module says is to be replaced in its closure.
    fn replaced(&self, lines: &str) -> Result<String, String> {
        let link = self.built(&format!(
            "let module = {{ config, lib, pkgs, modulesPath, ... }}: {{ {lines} }};\n\
             none = {{ config = null; lib = null; pkgs = null; modulesPath = null; }};\n\
             in import ./packages/replace.nix {{ drv = (import ./packages {{ }}).app; inherit ((module none).system.replaceDependencies) replacements; }}"
        ))?;
        let target = fs::read_link(link).expect("a link");
        Ok(target.to_string_lossy().into_owned())
    }

    /// Builds an expression.
    fn built(&self, text: &str) -> Result<String, String> {
        let file = self.store.file("build.nix");
        fs::write(&file, text).expect("the folder is writable");
        let file = file.to_string_lossy();
        let mut build = self
            .store
            .command("nix-build", &["--quiet", "--no-out-link", &file]);
        let output = build.output().expect("it runs");
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() {
            Ok(said(&output.stdout))
        } else {
            Err(said(&output.stderr))
        }
    }

    /// What is offered for some steps, by kind.
    fn offered(&self, steps: &[&str]) -> Vec<(String, String)> {
        self.answered(steps).0
    }

    /// What is offered for some steps, and the bytes that are predicted.
    fn answered(&self, steps: &[&str]) -> (Vec<(String, String)>, u64) {
        let url = self.store.url();
        let words = [
            "what-if",
            &self.app,
            "--store",
            &url,
            "--remedies",
            "--format",
            "json",
        ];
        let answer = self.store.heft(&[&words[..], steps].concat());
        let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
        let remedies = answer["remedies"].as_array().expect("remedies").iter();
        let text = |one: &serde_json::Value, key: &str| one[key].as_str().expect("text").to_owned();
        let remedies = remedies.map(|one| (text(one, "kind"), text(one, "nix")));
        let bytes = answer["after"]["narSize"].as_u64().expect("a size");
        (remedies.collect(), bytes)
    }

    /// The bytes of a closure.
    fn size(&self, path: &str) -> u64 {
        let needed = self.store.query(&["-qR", path]);
        let paths: Vec<&str> = needed.iter().map(String::as_str).collect();
        let sizes = self
            .store
            .run("nix-store", &[&["-q", "--size"], &paths[..]].concat());
        sizes
            .split_whitespace()
            .map(|size| size.parse::<u64>().expect("a number"))
            .sum()
    }

    fn has_kit(&self, path: &str) -> bool {
        let needed = self.store.query(&["-qR", path]);
        needed.iter().any(|path| path.ends_with("-kit-1.0"))
    }
}

fn of_kind<'a>(offered: &'a [(String, String)], kind: &str) -> &'a str {
    let found = offered.iter().find(|(other, _)| other == kind);
    &found
        .unwrap_or_else(|| panic!("no {kind} in {offered:?}"))
        .1
}

#[test]
fn what_is_offered_is_built_and_does_what_it_says() {
    let Some(packages) = Packages::new() else {
        return;
    };
    assert!(packages.has_kit(&packages.app));
    let cuts = ["--cut", "tool:kit", "--cut", "library:kit"];
    // Without a look at the files the path is written over wherever it stands.
    let blind = packages.offered(&cuts);
    let forget = of_kind(&blind, "removeReferences");
    let built = packages.build(&[forget]).expect("it builds");
    assert!(!packages.has_kit(&built));
    // With one, each file is dealt with as what it is: the header and the manual are in an output that nothing needs.
    let seen = packages.offered(&[&cuts[..], &["--precise"]].concat());
    let (nuke, split) = (
        of_kind(&seen, "nukeReferences"),
        of_kind(&seen, "splitOutputs"),
    );
    assert!(
        nuke.contains("config.mk") && !nuke.contains("library"),
        "{nuke}"
    );
    let built = packages.build(&[nuke, split]).expect("it builds");
    assert!(!packages.has_kit(&built));
    // The guard refuses what is not dealt with, and lets the rest through.
    let guard = of_kind(&seen, "disallowedRequisites");
    let refused = packages.build(&[guard]).expect_err("it is all there");
    assert!(refused.contains("not allowed to refer"), "{refused}");
    let guarded = packages.build(&[forget, guard]).expect("it builds");
    assert!(!packages.has_kit(&guarded));
}

#[test]
fn checks_of_outputs_refuse_what_comes_back_and_what_grows() {
    let Some(packages) = Packages::new() else {
        return;
    };
    let cuts = ["--cut", "tool:kit", "--cut", "library:kit"];
    let offered = packages.offered(&cuts);
    let (forget, guard) = (
        of_kind(&offered, "removeReferences"),
        of_kind(&offered, "outputChecks"),
    );
    let refused = packages.build(&[guard]).expect_err("it is all there");
    assert!(refused.contains("not allowed to refer"), "{refused}");
    let built = packages.build(&[forget, guard]).expect("it builds");
    assert!(!packages.has_kit(&built));
    let grow = "nixpkgs.overlays = [ (final: prev: { app = prev.app.overrideAttrs (old: { make = old.make + \"; head -c 3000000 /dev/zero > $out/more\"; }); }) ];";
    let refused = packages
        .build(&[forget, guard, grow])
        .expect_err("it is larger than is allowed");
    assert!(refused.contains("too large"), "{refused}");
    assert!(packages.build(&[forget, grow]).is_ok(), "without a guard");
}

#[test]
fn replaced_dependencies_are_what_was_predicted() {
    let Some(packages) = Packages::new() else {
        return;
    };
    let new = packages
        .built("(import ./packages { }).kit2")
        .expect("it builds");
    let step = format!("kit-1.0={new}");
    let (offered, predicted) = packages.answered(&["--replace", &step]);
    let lines = of_kind(&offered, "replaceDependencies");
    let built = packages.replaced(lines).expect("it builds");
    assert!(!packages.has_kit(&built));
    let needed = packages.store.query(&["-qR", &built]);
    assert!(needed.contains(&new), "{needed:?}");
    assert_eq!(packages.size(&built), predicted);
    // Its contract: names of different lengths are refused.
    let other = packages
        .built("(import ./packages { }).library")
        .expect("it builds");
    let refused = packages
        .replaced(&lines.replace(&new, &other))
        .expect_err("another length");
    assert!(refused.contains("different lengths"), "{refused}");
}
