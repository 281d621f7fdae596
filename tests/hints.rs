//! Every snippet of the table of hints, evaluated by real Nix with the options that any of them names.

#[expect(dead_code, reason = "other tests use the rest of it")]
mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use nix_heft::analysis::hints::{Hint, Hints};
use serde_json::Value;

/// Options whose names do not tell their types; what stands below one of them is a part of its value. All others are on or off.
const TYPES: &[(&str, &str)] = &[
    ("boot.initrd.availableKernelModules", "listOf t.str"),
    ("boot.kernelPatches", "listOf t.raw"),
    ("boot.supportedFilesystems", "attrsOf t.bool"),
    ("environment.corePackages", "listOf t.package"),
    ("environment.defaultPackages", "listOf t.package"),
    (
        "environment.etc",
        "attrsOf (t.submodule { enable = { _type = \"option\"; type = t.bool; }; })",
    ),
    ("environment.plasma6.excludePackages", "listOf t.package"),
    ("environment.systemPackages", "listOf t.package"),
    ("environment.variables", "attrsOf t.str"),
    ("hardware.firmwareCompression", "str"),
    ("i18n.defaultLocale", "str"),
    ("i18n.glibcLocales", "nullOr t.package"),
    ("i18n.supportedLocales", "listOf t.str"),
    ("networking.networkmanager.plugins", "listOf t.package"),
    ("nix.nixPath", "listOf t.str"),
    ("nix.package", "package"),
    ("nixpkgs.overlays", "listOf t.raw"),
    ("programs.gnupg.agent.pinentryPackage", "package"),
    ("programs.gnupg.package", "package"),
    ("programs.less.lessopen", "nullOr t.str"),
    ("programs.vim.package", "package"),
    ("services.dbus.implementation", "str"),
    ("system.extraDependencies", "listOf t.package"),
    ("system.preSwitchChecks", "attrsOf t.str"),
    ("systemd.package", "package"),
    ("virtualisation.libvirtd.qemu.package", "package"),
];

/// The options that an entry says it sets, as lists of names: what it says of packages and profiles is no option.
fn said(hint: &Hint) -> BTreeSet<Vec<String>> {
    let options = hint.options.iter();
    let names = options.filter_map(|option| option.split('#').next());
    let options = names.filter(|name| !name.starts_with("pkgs.") && *name != "imports");
    options.map(names_of).collect()
}

/// The names of an option, those in quotes as they are.
fn names_of(option: &str) -> Vec<String> {
    let parts = option.split('"').enumerate();
    let names = parts.flat_map(|(at, part)| {
        let inside = at % 2 == 1;
        let names: Vec<&str> = if inside {
            vec![part]
        } else {
            part.split('.').filter(|name| !name.is_empty()).collect()
        };
        names.into_iter().map(str::to_owned)
    });
    names.collect()
}

/// All options to be declared, each with its type as a function of the library's types.
fn declared<'h>(hints: impl Iterator<Item = &'h Hint>) -> BTreeMap<Vec<String>, String> {
    let typed = TYPES
        .iter()
        .map(|&(option, kind)| (names_of(option), format!("t: t.{kind}")));
    let mut all: BTreeMap<_, _> = typed.collect();
    for option in hints.flat_map(said) {
        if !(1..=option.len()).any(|end| all.contains_key(&option[..end])) {
            all.insert(option, "t: t.bool".to_owned());
        }
    }
    all
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text")
}

fn list(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    format!("[ {} ]", names.join(" "))
}

/// Evaluates the snippets.
fn evaluated(hints: &[&Hint]) -> Vec<Value> {
    let folder = tempfile::tempdir().expect("a folder");
    let profiles = folder.path().join("modules/profiles");
    fs::create_dir_all(&profiles).expect("a folder");
    for name in ["perlless", "bashless", "minimal", "image-based-appliance"] {
        fs::write(profiles.join(format!("{name}.nix")), "{ }").expect("written");
    }
    let mut text = "[\n".to_owned();
    for hint in hints {
        let file = folder.path().join(format!("{}.nix", hint.id));
        let module = format!(
            "{{ config, lib, pkgs, modulesPath, ... }}: {{\n{}\n}}\n",
            hint.how
        );
        fs::write(&file, module).expect("written");
        let _ = writeln!(text, "{{ id = {:?}; file = {}; }}", hint.id, file.display());
    }
    text.push(']');
    let mut options = "[\n".to_owned();
    for (path, kind) in declared(hints.iter().copied()) {
        let _ = writeln!(options, "{{ path = {}; type = {kind}; }}", list(&path));
    }
    options.push(']');
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/hints");
    let question = format!(
        "import (/. + {}) {{ declared = {options}; snippets = {text}; profiles = {}; }}",
        quoted(&fixtures.to_string_lossy()),
        folder.path().join("modules").display()
    );
    let question_file = folder.path().join("question.nix");
    fs::write(&question_file, question).expect("written");
    let output = Command::new("nix-instantiate")
        .args(["--eval", "--strict", "--json"])
        .arg(&question_file)
        .env("NIX_STATE_DIR", folder.path().join("state"))
        .output()
        .expect("it runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    answer.as_array().expect("a list").clone()
}

fn names(value: &Value) -> Vec<String> {
    let names = value.as_array().expect("a list").iter();
    names
        .map(|name| name.as_str().expect("a text").to_owned())
        .collect()
}

/// The options that were set: where an entry speaks of a part of a value, that part.
fn set(found: &Value, said: &BTreeSet<Vec<String>>) -> BTreeSet<Vec<String>> {
    let mut set = BTreeSet::new();
    for one in found.as_array().expect("a list") {
        let path = names(&one["path"]);
        if said.contains(&path) || said.iter().all(|option| !option.starts_with(&path)) {
            set.insert(path);
            continue;
        }
        for name in names(&one["names"]) {
            let part = [&path[..], &[name]].concat();
            let whole = said.iter().find(|option| option.starts_with(&part));
            set.insert(whole.cloned().unwrap_or(part));
        }
    }
    set
}

#[test]
fn every_snippet_is_evaluated_and_sets_what_it_says() {
    if !common::nix_is_here() {
        return;
    }
    let hints = Hints::built_in();
    let all: Vec<&Hint> = hints.entries().iter().collect();
    let answers = evaluated(&all);
    assert_eq!(answers.len(), all.len());
    for (hint, answer) in all.iter().zip(&answers) {
        assert_eq!(answer["id"], hint.id);
        let said = said(hint);
        let set = set(&answer["found"], &said);
        let is_of_package = hint
            .options
            .iter()
            .any(|option| option.starts_with("pkgs."));
        let is_profile = hint
            .options
            .iter()
            .any(|option| option.starts_with("imports#"));
        if is_of_package {
            // Which option has the package is the machine's business: here one of those that have packages.
            let is_package = |path: &Vec<String>| {
                let last = path.last().map_or("", String::as_str);
                ["systemPackages", "overlays", "package"].contains(&last)
            };
            assert!(
                !set.is_empty() && set.iter().all(is_package),
                "{}: {set:?}",
                hint.id
            );
        } else {
            assert_eq!(set, said, "{}", hint.id);
        }
        let imports = names(&answer["imports"]);
        assert_eq!(imports.len(), usize::from(is_profile), "{}", hint.id);
    }
}

#[test]
fn a_snippet_that_sets_something_else_or_wrongly_is_noticed() {
    if !common::nix_is_here() {
        return;
    }
    let hints = Hints::built_in();
    let altered = |how: &str| {
        let mut hint = hints.find("doc-all").expect("an entry").clone();
        hint.how = how.to_owned();
        std::panic::catch_unwind(|| evaluated(&[&hint])).is_err()
    };
    assert!(!altered("documentation.enable = false;"));
    for wrong in [
        "documentation.enable = \"no\";",
        "documentation.enabel = false;",
        "documentation.enable = lib.mkNever false;",
        "environment.systemPackages = [ pkgs.noSuchPackage ];",
        "environment.systemPackages = [ \"git\" ];",
        "nixpkgs.overlays = [ (final: prev: { dbus = prev.dbsu.override { }; }) ];",
        "documentation.enable = false",
    ] {
        assert!(altered(wrong), "{wrong}");
    }
}
