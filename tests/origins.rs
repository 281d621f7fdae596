//! Origins and tries against real Nix: a small module system is built, and what was said of it is compared with that.

#[expect(dead_code, reason = "other tests use the rest of it")]
mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use common::{NixStore, copy};
use nix_heft::text::Units;

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
fn what_a_module_would_bring_that_is_off_is_no_origin() {
    let Some(system) = System::build() else {
        return;
    };
    let document = system.json(&["origins", "manuals", "--all"]);
    let definitions = document["origins"][0]["definitions"].as_array();
    let options: Vec<&str> = definitions
        .expect("a list")
        .iter()
        .map(|one| text(one, "option"))
        .collect();
    assert_eq!(options, ["environment.systemPackages"]);
    let on = "programs.viewer.enable = true;";
    let output = system.run(&["try", on]);
    assert!(said(&output).contains("only where it is on"));
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
        // As proposed for what a list names: the option is declared once more, and its value filtered.
        "options.environment.systemPackages = lib.mkOption { apply = builtins.filter (p: lib.getName p != \"manuals\"); };",
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

/// A profile that the user made beside the system.
fn profile(system: &System) -> String {
    let made = build(
        &system.store,
        "c.pkgs.links \"user-environment\" [ c.pkgs.doc ]",
    );
    assert!(made.ends_with("-user-environment"));
    made
}

#[test]
fn of_several_roots_the_systems_is_replaced_and_the_others_stay() {
    let Some(system) = System::build() else {
        return;
    };
    let profile = profile(&system);
    let change = "environment.systemPackages = lib.mkForce [ pkgs.git ];";
    let document = system.json(&["try", change, "--root", &profile, "--root", &system.top]);
    assert_eq!(document["basis"], "built");
    let roots = |side: &str| document[side]["roots"].as_array().map(Vec::len);
    assert_eq!((roots("before"), roots("after")), (Some(2), Some(2)));
    let left: BTreeSet<&str> = document["packages"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|one| text(one, "change") == "left")
        .map(|one| text(one, "pname"))
        .collect();
    // The profile holds the manuals all the same.
    assert_eq!(left, ["editor"].into());
    // What is asked about both is answered for both.
    let config = system.config();
    let url = system.store.url();
    let words = ["origins", "manuals", &system.top, &profile, "--store", &url];
    let answer = system
        .store
        .heft(&[&words[..], &["--config", &config, "--format", "json"]].concat());
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    assert_eq!(answer["roots"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        text(&answer["origins"][0]["definitions"][0], "option"),
        "environment.systemPackages"
    );

    // Neither is what the configuration makes: which of them to replace is not guessed.
    let other = build(&system.store, "c.pkgs.links \"other\" [ c.pkgs.doc ]");
    let output = system.run(&["try", change, "--root", &profile, "--root", &other]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let errors = said(&output);
    assert!(
        errors.contains("none of these roots is what the configuration makes")
            && errors.contains("user-environment")
            && errors.contains("-other"),
        "{errors}"
    );
}

#[test]
fn what_was_never_built_is_compared_with_itself() {
    let Some(system) = System::build() else {
        return;
    };
    // Another host, whose system has another name; some of its packages are there.
    let host = system.store.file("modules/host.nix");
    let other = fs::read_to_string(&host).expect("a file").replace(
        "services.web.enable = true;",
        "system.name = \"mail\"; services.web.enable = true;",
    );
    fs::write(&host, other).expect("written");
    let before = system.content();
    let document = system.json(&["try", "services.web.enable = lib.mkForce false;"]);
    assert_eq!(document["basis"], "evaluated");
    let changed: BTreeSet<(&str, &str)> = document["packages"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (text(one, "pname"), text(one, "change")))
        .collect();
    for gone in ["nginx", "logger"] {
        assert!(changed.contains(&(gone, "left")), "{changed:?}");
    }
    // Nothing else left with the machine's own system, which is another's.
    assert!(!changed.iter().any(|one| one.0 == "nixos-system-web"));
    assert_eq!(before, system.content());
    let output = system.run(&["try", "services.web.enable = lib.mkForce false;"]);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        shown.contains("the configuration now, never built here → with the change: both predicted"),
        "{shown}"
    );
    let same = system.json(&["try", "{ }"]);
    assert_eq!(same["before"], same["after"]);
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

const NO_WEB: &str = "services.web.enable = lib.mkForce false;";

/// A plan whose first step tries a change.
fn plan(system: &System, change: &str) -> String {
    let file = system.store.file("plan.toml");
    let text = format!(
        "format = \"nix-heft/plan\"\nversion = 1\n[[step]]\ntry = {change:?}\n[[step]]\nremove = {{ name = \"manuals-7\" }}\n"
    );
    fs::write(&file, text).expect("written");
    file.to_string_lossy().into_owned()
}

#[test]
fn a_try_is_told_as_a_comparison_with_its_causes_and_how_sure_it_is() {
    let Some(system) = System::build() else {
        return;
    };
    let text = |arguments: &[&str]| {
        let output = system.run(arguments);
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let shown = text(&["try", NO_WEB]);
    for line in [
        &format!("With {NO_WEB}"),
        "nothing was built: 9 paths as they are, 2 predicted from their counterparts",
        "what left, under what had held it (2)",
        "etc → unit-web.service",
        "predicted",
    ] {
        assert!(shown.contains(line), "{line} in {shown}");
    }
    let page = text(&["try", NO_WEB, "--format", "markdown"]);
    for line in [
        &format!("- `{NO_WEB}`"),
        "| `nginx` | `1.24` | – |",
        "What left, and what had held it (2)",
    ] {
        assert!(page.contains(line), "{line} in {page}");
    }
    let document = system.json(&["try", NO_WEB]);
    assert_eq!(
        document["certainty"],
        serde_json::json!({ "exact": 9, "predicted": 2, "unknown": 0 })
    );
    assert_eq!(document["departures"].as_array().map(Vec::len), Some(2));
    assert_eq!(document["counts"]["left"], 4);
}

#[test]
fn what_only_one_list_names_frees_what_it_retains() {
    let Some(system) = System::build() else {
        return;
    };
    let list = system.store.heft(&[
        "list",
        &system.top,
        "--store",
        &system.store.url(),
        "--format",
        "json",
    ]);
    let list: Value = serde_json::from_str(&list).expect("JSON");
    let retained = |name: &str| {
        let paths = list["paths"].as_array().expect("paths");
        let path = paths.iter().find(|path| path["pname"] == name);
        path.expect("it is there")["retainedSize"]
            .as_i64()
            .expect("a size")
    };
    for (name, others) in [("manuals", "pkgs.editor"), ("editor", "pkgs.doc")] {
        let change = format!("environment.systemPackages = lib.mkForce [ pkgs.git {others} ];");
        let document = system.json(&["try", &change]);
        assert_eq!(
            document["delta"]["narSize"].as_i64(),
            Some(-retained(name)),
            "{name}"
        );
    }
}

#[test]
fn caches_are_asked_how_large_what_is_new_would_be() {
    let Some(system) = System::build() else {
        return;
    };
    let list = "environment.systemPackages = lib.mkForce [ pkgs.git pkgs.editorSmall ];";
    let top = build(
        &system.store,
        &format!(
            "(c.extendModules {{ modules = [ ({{ lib, pkgs, ... }}: {{ {list} }}) ]; }}).config.system.build.toplevel"
        ),
    );
    let (size, _) = system.built(list);
    let cache = format!("file://{}", system.store.file("binaries").display());
    system.store.run("nix", &["copy", "--to", &cache, &top]);
    // What only this build has is deleted again: nothing but the cache has it then.
    let needs = |top: &str| system.store.query(&["--query", "--requisites", top]);
    let (all, kept) = (needs(&top), needs(&system.top));
    let fresh: Vec<&str> = all.difference(&kept).map(String::as_str).collect();
    assert!(fresh.iter().any(|path| path.ends_with("editor-9.1-small")));
    let delete = [&["--delete"], &fresh[..]].concat();
    system.store.run("nix-store", &delete);
    let tried = |more: &[&str]| system.json(&[&["try", list], more].concat());
    let unknown = tried(&[]);
    assert_eq!(unknown["certainty"]["unknown"], 1);
    assert_eq!(unknown["after"]["narSize"], Value::Null);
    let asked = tried(&["--ask-caches", "--option", "substituters", &cache]);
    assert_eq!(asked["certainty"]["unknown"], 0);
    let (bytes, _) = totals(&asked["after"]);
    assert!(
        bytes.abs_diff(size) * 100 <= size,
        "{bytes} predicted, {size} built"
    );
}

#[test]
fn steps_of_a_plan_are_tried_and_told_whether_they_were_made() {
    let Some(system) = System::build() else {
        return;
    };
    let plan = plan(&system, NO_WEB);
    let saved = system.store.file("saved.toml");
    let saved = saved.to_string_lossy();
    let tried = system.json(&["try", NO_WEB]);
    let document = system.json(&["what-if", "--plan", &plan, "--save-plan", &saved]);
    let one = &document["tries"][0];
    assert_eq!((&one["step"], &one["done"]), (&1.into(), &false.into()));
    let delta = tried["delta"]["narSize"].as_i64().expect("known");
    assert_eq!(one["marginal"]["narSize"].as_i64(), Some(-delta));
    let manuals = document["steps"][0]["marginal"]["narSize"]
        .as_i64()
        .expect("known");
    assert_eq!(
        document["freed"]["narSize"].as_i64(),
        Some(manuals - delta),
        "the try and the step together"
    );
    let changed = build(
        &system.store,
        &format!(
            "(c.extendModules {{ modules = [ ({{ config, lib, pkgs, ... }}: {{ {NO_WEB} }}) ]; }}).config.system.build.toplevel"
        ),
    );
    // Written down with what it takes away, it can be told later without any configuration.
    let held = |after: &str, plan: &str, more: &[&str]| {
        let arguments = ["diff", &system.top, after, "--plan", plan];
        let url = system.store.url();
        let rest = ["--store", &url, "--format", "json"];
        let text = system.store.heft(&[&arguments[..], &rest, more].concat());
        let document: Value = serde_json::from_str(&text).expect("JSON");
        document["plan"]["tries"][0]["done"].clone()
    };
    assert_eq!(held(&changed, &saved, &[]), true);
    assert_eq!(held(&system.top, &saved, &[]), false);
    assert_eq!(held(&changed, &plan, &[]), Value::Null);
    let config = system.config();
    assert_eq!(held(&changed, &plan, &["--config", &config]), false);
    let host = system.store.file("modules/host.nix");
    let text = fs::read_to_string(&host).expect("a file");
    fs::write(&host, text.replace("enable = true", "enable = false")).expect("written");
    assert_eq!(held(&changed, &plan, &["--config", &config]), true);
    let none = system.store.heft(&[
        "what-if",
        &system.top,
        "--plan",
        &plan,
        "--store",
        &system.store.url(),
    ]);
    assert!(none.contains("not evaluated"), "{none}");
    // A plan may be a stranger's: it is no reason to evaluate the configuration that is found.
    let program = env!("CARGO_BIN_EXE_nix-heft");
    let (top, found) = (&system.top, "NIXOS_CONFIG");
    let line = format!("{found}={config} {program} what-if {top} --plan {plan}");
    let none = system.store.shell(&line, Path::new("/"));
    let none = String::from_utf8_lossy(&none.stdout);
    assert!(none.contains("not evaluated"), "{none}");
}

#[test]
fn options_that_the_configuration_lacks_are_not_offered() {
    let Some(system) = System::build() else {
        return;
    };
    let hints = |arguments: &[&str]| -> BTreeSet<String> {
        let url = system.store.url();
        let rest = [&system.top as &str, "--store", &url, "--format", "json"];
        let text = system.store.heft(&[&["advise"], arguments, &rest].concat());
        let document: Value = serde_json::from_str(&text).expect("JSON");
        let advice = document["advice"].as_array().expect("a list").iter();
        let hints = advice.filter_map(|one| one["hint"].as_str());
        hints.map(str::to_owned).collect()
    };
    let config = system.config();
    let (all, some) = (hints(&[]), hints(&["--config", &config]));
    assert!(!all.is_empty(), "the table has something to say");
    assert!(some.len() < all.len(), "{some:?} of {all:?}");
    // The configuration has neither: that is what the module system says of one that is tried all the same.
    let hint = all.difference(&some).next().expect("one");
    let output = system.run(&["try", "--hint", hint]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("does not exist"),
        "{}",
        said(&output)
    );
    let output = system.run(&["try", "--hint", "no-such-hint"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
}

#[test]
fn the_explorer_learns_origins_and_tries_changes() {
    let Some(system) = System::build() else {
        return;
    };
    let config = system.config();
    let url = system.store.url();
    let frame = |keys: &str| {
        let arguments = [
            &system.top as &str,
            "--store",
            &url,
            "--config",
            &config,
            "--size",
            "180x30",
            "--keys",
            keys,
        ];
        system.store.heft(&arguments)
    };
    let before = system.content();
    let why = frame("/git<enter>w");
    for line in [
        "environment.systemPackages  host.nix:5 (likely)",
        "on by services.web.enable, host.nix:9",
    ] {
        assert!(why.contains(line), "{line} in {why}");
    }
    let by_option = frame("b");
    assert!(
        by_option.contains("environment.systemPackages  your own"),
        "{by_option}"
    );
    let by_file = frame("f");
    assert!(by_file.contains("host.nix  your own"), "{by_file}");
    let proposed = frame("/git<enter><ctrl-t>");
    assert!(proposed.contains("lib.getName p != \"git\""), "{proposed}");
    let tried = frame(&format!("<ctrl-t><ctrl-u>{NO_WEB}<enter>"));
    for line in ["predicted", "- nginx", "nothing was built"] {
        assert!(tried.contains(line), "{line} in {tried}");
    }
    let refused = frame("<ctrl-t><ctrl-u>services.web.enable = false;<enter>");
    assert!(
        refused.contains("conflicting definition values") && refused.contains("esc closes"),
        "{refused}"
    );
    assert_eq!(
        before,
        system.content(),
        "nothing is written to the user's store"
    );
}

#[test]
fn what_stands_in_the_way_of_an_evaluation_is_said() {
    let Some(system) = System::build() else {
        return;
    };
    for (change, expected) in [
        (
            "environment.systemPackages = let x = x; in x;",
            "infinite recursion",
        ),
        (
            "environment.systemPackages = [ (import (derivation { name = \"made\"; builder = \"/bin/sh\"; system = builtins.currentSystem; })) ];",
            "import from derivation",
        ),
    ] {
        let output = system.run(&["try", change]);
        assert_eq!(output.status.code(), Some(1), "{change}");
        let errors = said(&output).replace("import-from-derivation", "import from derivation");
        assert!(errors.contains(expected), "{change}: {errors}");
    }
    let program = env!("CARGO_BIN_EXE_nix-heft");
    let config = system.config();
    let in_shell = |before: &str| {
        let line = format!("{before} {program} try --config {config} '{NO_WEB}'");
        system.store.shell(&line, Path::new("/"))
    };
    // Neither flakes nor the new commands need be turned on for it.
    let output = in_shell("NIX_CONFIG='experimental-features ='");
    assert!(output.status.success(), "{}", said(&output));
    let output = in_shell("PATH=/nowhere");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("`nix` command"), "{}", said(&output));
}

#[test]
fn a_closure_of_another_build_is_matched_by_name() {
    let Some(system) = System::build() else {
        return;
    };
    let other = build(
        &system.store,
        "(c.extendModules { modules = [ { nix.registry.enable = false; } ]; }).config.system.build.toplevel",
    );
    let output = system.run(&["origins", "git", &other, "--format", "json"]);
    assert!(
        said(&output).contains("matched by name"),
        "{}",
        said(&output)
    );
    let url = system.store.url();
    let arguments = [&other as &str, "--store", &url, "--config"];
    let keys = ["--size", "120x30", "--keys", ""];
    let config = system.config();
    let screen = system
        .store
        .heft(&[&arguments[..], &[config.as_str()], &keys].concat());
    assert!(screen.contains("matched by name"), "{screen}");
}

#[test]
fn the_explorer_keeps_a_try_with_what_it_was_found_to_give() {
    let Some(system) = System::build() else {
        return;
    };
    let file = system.store.file("kept.toml").display().to_string();
    let url = system.store.url();
    let shown = |keys: &str| {
        let arguments = [
            &system.top,
            "--store",
            &url,
            "--size",
            "120x30",
            "--keys",
            keys,
        ];
        let output = system.run(&arguments);
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let try_it = format!("<ctrl-t><ctrl-u>{NO_WEB}<enter>");
    let document = system.json(&["try", NO_WEB]);
    let freed = -document["delta"]["narSize"].as_i64().expect("a number");
    let gives = Units::Binary.signed(-freed);

    // The difference offers to keep it; kept, it is a step with its predicted effect, also back at what is there.
    let text = shown(&try_it);
    assert!(text.contains("K puts it into the plan"), "{text}");
    let text = shown(&format!("{try_it}Kr4"));
    let row = text.lines().find(|row| row.contains("try     "));
    let row = row.unwrap_or_else(|| panic!("a step in {text}"));
    assert!(
        row.contains("services.web.enable") && row.contains(&gives),
        "{text}"
    );
    let text = shown(&format!("{try_it}KK"));
    assert!(!text.contains("marked"), "{text}");

    shown(&format!("{try_it}KW<ctrl-u>{file}<enter>"));
    let saved = fs::read_to_string(&file).expect("written");
    assert!(saved.contains(&format!("try.frees = {freed}")), "{saved}");
    assert!(
        saved.contains("nginx-1.24"),
        "what leaves is written down: {saved}"
    );
    let text = shown(&format!("L<ctrl-u>{file}<enter>4"));
    assert!(text.contains(&format!("had promised {gives}")), "{text}");
    // A row that was not evaluated offers its change.
    fs::write(
        &file,
        format!("format = \"nix-heft/plan\"\nversion = 1\n[[step]]\ntry = {NO_WEB:?}\n"),
    )
    .expect("written");
    let load = format!("L<ctrl-u>{file}<enter>4");
    let text = shown(&load);
    assert!(text.contains("not tried yet: enter tries it"), "{text}");
    let text = shown(&format!("{load}<enter><enter>4"));
    assert!(text.contains(&gives), "{text}");
    let report = system.json(&["what-if", &system.top, "--plan", &file, "--store", &url]);
    assert_eq!(
        report["tries"][0]["marginal"]["narSize"].as_i64(),
        Some(freed)
    );
}
