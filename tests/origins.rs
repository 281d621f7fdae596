//! Origins and tries against real Nix: a small module system is built, and what was said of it is compared with that.

#[expect(dead_code, reason = "other tests use the rest of it")]
mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use common::{NixStore, copy};

/// A store with the system of `fixtures/modules` built, its files copied beside it.
struct System {
    store: NixStore,
    /// The system's path.
    top: String,
}

impl System {
    fn build() -> Option<Self> {
        let store = NixStore::plain()?;
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/modules");
        copy(&from, &store.file("modules"));
        let top = build(&store, "c.config.system.build.toplevel");
        Some(Self { store, top })
    }

    fn config(&self) -> String {
        self.store
            .file("modules/default.nix")
            .to_string_lossy()
            .into_owned()
    }

    /// A command with the configuration.
    fn run(&self, arguments: &[&str]) -> Output {
        let config = self.config();
        self.store
            .heft_output(&[arguments, &["--config", &config]].concat())
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--format", "json"]].concat());
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        serde_json::from_slice(&output.stdout).expect("one JSON document")
    }

    /// The definitions that bring a path.
    fn definitions(&self, target: &str) -> Vec<Value> {
        let document = self.json(&["origins", target]);
        let list = document["origins"][0]["definitions"].as_array();
        list.expect("definitions").clone()
    }

    /// The totals of a system that is built with a change.
    fn built(&self, change: &str) -> (u64, u64) {
        let expression = format!(
            "(c.extendModules {{ modules = [ ({{ config, lib, pkgs, ... }}: {{ {change} }}) ]; }}).config.system.build.toplevel"
        );
        let top = build(&self.store, &expression);
        let list = self.store.heft(&[
            "list",
            &top,
            "--store",
            &self.store.url(),
            "--format",
            "json",
        ]);
        let list: Value = serde_json::from_str(&list).expect("JSON");
        totals(&list["totals"])
    }

    /// Everything that is in the store: files, and valid paths.
    fn content(&self) -> BTreeSet<String> {
        let entries = fs::read_dir(self.store.file("store")).expect("the store");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        names
            .map(|name| name.to_string_lossy().into_owned())
            .collect()
    }
}

fn totals(value: &Value) -> (u64, u64) {
    let number = |key: &str| value[key].as_u64().expect("a number");
    (number("narSize"), number("paths"))
}

fn build(store: &NixStore, expression: &str) -> String {
    let file = store.file("modules/default.nix");
    let expression = format!(
        "let c = import (/. + \"{}\"); in {expression}",
        file.display()
    );
    store
        .run(
            "nix-build",
            &["--no-out-link", "--quiet", "-E", &expression],
        )
        .trim()
        .to_owned()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn definitions_are_told_with_option_file_line_and_switch() {
    let Some(system) = System::build() else {
        return;
    };
    let before = system.content();
    let git = system.definitions("git");
    let own = git
        .iter()
        .find(|one| text(one, "option") == "environment.systemPackages");
    let own = own.expect("it is in the list of the user");
    assert_eq!(
        (text(own, "file"), &own["line"], &own["own"]),
        ("host.nix", &Value::from(5), &Value::from(true))
    );
    assert_eq!(own["likelyLine"], true);
    let unit = git
        .iter()
        .find(|one| text(one, "option") == "systemd.services.web.path");
    let unit = unit.expect("a service has it in its path");
    assert_eq!(
        (text(unit, "file"), &unit["line"]),
        ("nixpkgs: services/web.nix", &Value::from(12))
    );
    assert_eq!(
        (&unit["likelyLine"], &unit["own"]),
        (&Value::from(false), &Value::from(false))
    );
    let switch = &unit["switches"][0];
    assert_eq!(
        (text(switch, "option"), text(switch, "file")),
        ("services.web.enable", "host.nix")
    );
    assert_eq!(
        (&switch["line"], &switch["own"]),
        (&Value::from(9), &Value::from(true))
    );

    // The module of the log is turned on by that of the web server, which the user turned on.
    let logger = system.definitions("logger");
    let switches: Vec<(&str, bool)> = logger[0]["switches"]
        .as_array()
        .expect("switches")
        .iter()
        .map(|switch| (text(switch, "option"), switch["own"] == true))
        .collect();
    assert_eq!(
        switches,
        [
            ("services.web.enable", true),
            ("services.log.enable", false)
        ]
    );

    let source = system.definitions("source");
    let switch = &source[0]["switches"][0];
    assert_eq!(
        (text(switch, "option"), &switch["byDefault"]),
        ("nix.registry.enable", &Value::from(true))
    );

    let kernel = system.definitions("linux");
    assert_eq!(text(&kernel[0], "option"), "boot.kernelPackages.kernel");
    assert_eq!(
        before,
        system.content(),
        "nothing is written to the user's store"
    );
}

#[test]
fn a_flake_is_evaluated_and_remembered_until_it_changes() {
    let Some(system) = System::build() else {
        return;
    };
    let flake = "{ outputs = { self }: { nixosConfigurations.web = import ./default.nix; }; }\n";
    fs::write(system.store.file("modules/flake.nix"), flake).expect("written");
    let config = format!("{}#web", system.store.file("modules").display());
    let files = || -> Vec<String> {
        let arguments = ["origins", "git", &system.top, "--config", &config];
        let output = system
            .store
            .heft(&[&arguments[..], &["--format", "json"]].concat());
        let document: Value = serde_json::from_str(&output).expect("JSON");
        let definitions = document["origins"][0]["definitions"].as_array();
        let definitions = definitions.expect("a list").iter();
        definitions
            .map(|one| text(one, "file").to_owned())
            .collect()
    };
    let before = system.content();
    let first = files();
    assert!(first.contains(&"host.nix".to_owned()), "{first:?}");
    let remembered = system.store.file("cache/nix-heft/origins");
    assert_eq!(fs::read_dir(&remembered).expect("a folder").count(), 1);
    assert_eq!(files(), first, "what is remembered says the same");
    assert_eq!(
        before,
        system.content(),
        "nothing is written to the user's store"
    );
    let host = system.store.file("modules/host.nix");
    let changed = fs::read_to_string(&host)
        .expect("a file")
        .replace("pkgs.git\n", "");
    fs::write(&host, changed).expect("written");
    let second = files();
    assert!(!second.contains(&"host.nix".to_owned()), "{second:?}");
}

#[test]
fn what_cannot_be_evaluated_is_left_out_and_named() {
    let Some(system) = System::build() else {
        return;
    };
    let document = system.json(&["origins", "manuals", "--all"]);
    let left_out: BTreeSet<&str> = document["notEvaluated"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| text(one, "option"))
        .collect();
    assert_eq!(
        left_out,
        ["broken.abort", "broken.missing", "broken.throw"].into()
    );
    assert!(
        !document["origins"][0]["definitions"]
            .as_array()
            .expect("a list")
            .is_empty()
    );
}

#[test]
fn files_are_ranked_by_what_would_leave_with_them() {
    let Some(system) = System::build() else {
        return;
    };
    let document = system.json(&["origins", "--by", "file"]);
    let standings = document["standings"].as_array().expect("a list");
    let host = standings
        .iter()
        .find(|one| text(one, "file") == "host.nix")
        .expect("the user's own");
    assert_eq!(host["own"], true);
    // Git is named by a service, too: manuals and editor are what only this file names.
    let size = |name: &str| {
        let list = system.store.heft(&[
            "list",
            &system.top,
            "--filter",
            name,
            "--store",
            &system.store.url(),
            "--format",
            "json",
        ]);
        let list: Value = serde_json::from_str(&list).expect("JSON");
        list["paths"][0]["narSize"].as_u64().expect("a size")
    };
    assert_eq!(
        totals(&host["retained"]).0,
        size("manuals") + size("editor")
    );
}

#[test]
fn predictions_are_what_is_built_then() {
    let Some(system) = System::build() else {
        return;
    };
    for change in [
        "environment.systemPackages = lib.mkForce [ pkgs.git ];",
        "services.web.enable = lib.mkForce false;",
        "nix.registry.enable = false;",
        "services.log.enable = false;",
        "environment.etc = lib.mkForce { };",
    ] {
        let before = system.content();
        let document = system.json(&["try", change]);
        assert_eq!(
            before,
            system.content(),
            "nothing is written to the user's store"
        );
        let (bytes, paths) = totals(&document["after"]);
        let (built, built_paths) = system.built(change);
        assert_eq!(paths, built_paths, "{change}");
        assert!(
            bytes.abs_diff(built) * 100 <= built,
            "{change}: {bytes} predicted, {built} built"
        );
    }
}

#[test]
fn no_change_is_predicted_of_none() {
    let Some(system) = System::build() else {
        return;
    };
    let document = system.json(&["try", "{ }"]);
    assert_eq!(document["before"], document["after"]);
    assert_eq!(document["packages"], Value::Array(Vec::new()));
}

#[test]
fn modules_are_left_out_and_packages_replaced() {
    let Some(system) = System::build() else {
        return;
    };
    let overlay = system.store.file("overlay.nix");
    fs::write(&overlay, "final: prev: { editor = prev.editorSmall; }\n").expect("written");
    let overlay = overlay.to_string_lossy();
    let document = system.json(&[
        "try",
        "--disable",
        "services/registry.nix",
        "--overlay",
        &overlay,
    ]);
    let packages: Vec<(&str, &str)> = document["packages"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (text(one, "pname"), text(one, "change")))
        .collect();
    assert!(packages.contains(&("source", "left")), "{packages:?}");
    assert!(
        packages.iter().any(|(name, _)| name.starts_with("editor")),
        "{packages:?}"
    );
    assert_eq!(document["changes"].as_array().map(Vec::len), Some(2));
}

#[test]
fn refusals_are_the_module_systems_own_words() {
    let Some(system) = System::build() else {
        return;
    };
    for (change, expected) in [
        (
            "services.web.enable = lib.mkForce false; services.log.enable = true;",
            "services.log needs services.web",
        ),
        (
            "services.web.enable = false;",
            "conflicting definition values",
        ),
        (
            "services.nothing.enable = true;",
            "The option `services.nothing' does not exist",
        ),
        ("services.web.enable = ;", "syntax error"),
        ("environment.systemPackages = [ pkgs.missing ];", "missing"),
        (
            "environment.systemPackages = abort \"stop here\";",
            "stop here",
        ),
        ("environment.systemPackages = [ (import pkgs.git) ];", ""),
    ] {
        let output = system.run(&["try", change]);
        assert_eq!(output.status.code(), Some(1), "{change}");
        let errors = said(&output);
        assert!(errors.contains(expected), "{change}: {errors}");
        assert!(
            errors.lines().any(|line| line.starts_with("error:")),
            "{change}: {errors}"
        );
    }
    let change = "services.web.enable = lib.mkForce false; services.log.enable = true;";
    let output = system.run(&["try", change, "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let document: Value = serde_json::from_slice(&output.stdout).expect("a document");
    assert_eq!(
        document["assertions"],
        serde_json::json!(["services.log needs services.web"])
    );
    assert_eq!(document["after"], Value::Null);
}

#[test]
fn configurations_that_are_none_are_refused_in_nixs_words() {
    let Some(store) = NixStore::plain() else {
        return;
    };
    let file = |name: &str, content: &str| {
        let path = store.file(name);
        fs::write(&path, content).expect("written");
        path.to_string_lossy().into_owned()
    };
    for (name, content, expected) in [
        ("throws.nix", "throw \"not this one\"", "not this one"),
        ("loops.nix", "let x = x; in x", "infinite recursion"),
        ("broken.nix", "{ a = ", "syntax error"),
        ("aborts.nix", "abort \"no further\"", "no further"),
    ] {
        let config = file(name, content);
        for arguments in [&["origins", "x"][..], &["try", "a = 1;"]] {
            let output = store.heft_output(&[arguments, &["--config", &config]].concat());
            assert_eq!(output.status.code(), Some(1), "{name}");
            assert!(
                said(&output).contains(expected),
                "{name}: {}",
                said(&output)
            );
        }
    }
    let slow = file(
        "slow.nix",
        "let f = n: if n == 0 then 0 else f (n - 1) + f (n - 1); in { options = { }; config = { a = f 100; system.build.toplevel.drvPath = f 100; }; extendModules = x: x; }",
    );
    let output = store.heft_output(&["try", "{ }", "--config", &slow, "--time-limit", "1"]);
    assert!(
        said(&output).contains("longer than 1 s"),
        "{}",
        said(&output)
    );
    let output = store.heft_output(&["try", "--config", &slow]);
    assert_eq!(output.status.code(), Some(2), "no change");
}
