//! `roots` on a store with a database and links, as a shell sees it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use nix_heft::testing::database::{Schema, create, write};
use nix_heft::testing::{graph, id};
use serde_json::{Value, json};

/// A store in which `app` and `old` are held by a link each, both hold `lib`, and nothing holds `lost`.
fn store(root: &Path, links: bool) {
    let (graph, _) = graph("app 10 -> lib\nlib 5\nold 7 -> lib\nlost 3 -> lib");
    let state = root.join("nix/var/nix");
    let mut connection = create(&state.join("db/db.sqlite"), Schema::Nix).expect("a database");
    write(&mut connection, &graph, 1).expect("rows");
    fs::create_dir_all(state.join("gcroots")).expect("a directory");
    for name in ["app", "lib", "old", "lost"] {
        let path = format!("/nix/store/{}", graph.base_name(id(&graph, name)));
        fs::create_dir_all(root.join(path.trim_start_matches('/'))).expect("a directory");
        if links && ["app", "old"].contains(&name) {
            symlink(&path, state.join("gcroots").join(name)).expect("a link");
        }
    }
}

fn run(root: &Path, arguments: &[&str]) -> Output {
    let program = Command::new(env!("CARGO_BIN_EXE_nix-heft"))
        .args(["roots", "--store"])
        .arg(root)
        .args(arguments)
        .env_clear()
        .output();
    program.expect("the program starts")
}

#[test]
fn each_root_has_its_closure_and_what_it_holds_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    store(directory.path(), true);
    let output = run(directory.path(), &["--format", "json", "--dead"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let document: Value = serde_json::from_slice(&output.stdout).expect("one document");
    let roots = document["roots"].as_array().expect("roots");
    let sizes: Vec<_> = roots
        .iter()
        .map(|root| json!([root["closureSize"], root["retainedSize"], root["kind"]]))
        .collect();
    assert_eq!(sizes, [json!([15, 10, "link"]), json!([12, 7, "link"])]);
    assert_eq!(document["totals"], json!({ "paths": 3, "narSize": 22 }));
    assert_eq!(document["deadTotals"], json!({ "paths": 1, "narSize": 3 }));
    let dead = document["dead"][0].as_str().expect("a path");
    assert!(dead.ends_with("-lost"), "{dead}");

    assert_eq!(document["shared"], json!({ "paths": 1, "narSize": 5 }));
    assert_eq!(document["sharedByAll"], document["shared"]);
    let regions = document["regions"].as_array().expect("regions");
    let holders: Vec<_> = regions
        .iter()
        .map(|region| (region["roots"].as_array().map(Vec::len), &region["narSize"]))
        .collect();
    let expected = [
        (Some(1), &json!(10)),
        (Some(1), &json!(7)),
        (Some(2), &json!(5)),
    ];
    assert_eq!(holders, expected);

    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/json.md"));
    let page = page.expect("docs/json.md");
    let (_, section) = page.split_once("\n## `roots`\n").expect("a section");
    for object in [&document, &roots[0], &regions[0]] {
        for key in object.as_object().expect("an object").keys() {
            let explained = format!("`{key}`");
            let shared = page.split("\n## ").nth(1).expect("what all share");
            assert!(
                section.contains(&explained) || shared.contains(&explained),
                "{key}"
            );
        }
    }
}

#[test]
fn people_see_links_and_dead_paths() {
    let directory = tempfile::tempdir().expect("a directory");
    store(directory.path(), true);
    let output = run(directory.path(), &["--dead", "--bytes"]);
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(
        text.starts_with("2 roots keep 3 paths, 22 bytes\n"),
        "{text}"
    );
    assert!(text.contains("gcroots/app → app\n"), "{text}");
    assert!(text.contains("nothing keeps 1 path, 3 bytes"), "{text}");
}

#[test]
fn roots_that_are_named_are_compared() {
    let directory = tempfile::tempdir().expect("a directory");
    store(directory.path(), false);
    let output = run(directory.path(), &["app", "old", "lost", "--bytes"]);
    assert_eq!(output.status.code(), Some(1), "roots are paths, not names");
    let path = |name: &str| {
        let names = ["app", "lib", "old", "lost"];
        let at = names.iter().position(|&other| other == name);
        let hash = nix_heft::testing::hash_part(at.expect("a name") as u64);
        format!("/nix/store/{hash}-{name}")
    };
    let (app, old, lost) = (path("app"), path("old"), path("lost"));
    let output = run(directory.path(), &[&app, &old, "--bytes"]);
    let text = String::from_utf8(output.stdout).expect("text");
    assert_eq!(
        text,
        "2 roots reach 3 paths, 22 bytes\n\n  closure    alone  root\n       15       10  app\n       12        7  old\n\nboth reach 1 path, 5 bytes\n"
    );
    let output = run(directory.path(), &[&app, &old, &lost, "--bytes"]);
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(
        text.contains("two or more reach 1 path, 5 bytes; all reach 1 path, 5 bytes"),
        "{text}"
    );
    assert!(text.contains("and no other root\n"), "{text}");
    assert!(text.ends_with(" 5  all\n"), "{text}");
    let output = run(directory.path(), &[&app, "--format", "json"]);
    let document: Value = serde_json::from_slice(&output.stdout).expect("one document");
    assert_eq!(document["roots"][0]["link"], Value::Null);
    assert_eq!(document["sharedByAll"], document["totals"]);
}

#[test]
fn without_roots_everything_is_dead() {
    let directory = tempfile::tempdir().expect("a directory");
    store(directory.path(), false);
    let output = run(directory.path(), &["--dead", "--format", "json"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    let document: Value = serde_json::from_slice(&output.stdout).expect(&errors);
    assert_eq!(document["deadTotals"], json!({ "paths": 4, "narSize": 25 }));
    assert_eq!(document["totals"]["paths"], 0);
    assert_eq!(document["roots"], json!([]));
    let text = run(directory.path(), &["--dead", "--bytes"]);
    let text = String::from_utf8(text.stdout).expect("text");
    assert!(text.contains("nothing keeps 4 paths, 25 bytes"), "{text}");
}

#[test]
fn roots_hold_paths_and_not_what_made_them() {
    let directory = tempfile::tempdir().expect("a directory");
    store(directory.path(), true);
    let output = run(directory.path(), &["--derivation"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.contains("leave --derivation out"), "{errors}");
}

#[test]
fn a_store_without_roots_is_an_error_with_a_hint() {
    let directory = tempfile::tempdir().expect("a directory");
    store(directory.path(), false);
    let output = run(directory.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8(output.stderr).expect("text");
    assert!(
        errors.contains("error: no root keeps anything") && errors.contains("hint: "),
        "{errors}"
    );
}

/// The program with other commands on the same store.
fn heft(root: &Path, arguments: &[&str]) -> Output {
    let program = Command::new(env!("CARGO_BIN_EXE_nix-heft"))
        .args(arguments)
        .arg("--store")
        .arg(root)
        .env_clear()
        .output();
    program.expect("the program starts")
}

fn stdout(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn refused(output: &Output, status: i32) -> String {
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(status), "{errors}");
    assert!(errors.contains("hint: ") || status == 2, "{errors}");
    errors
}

#[test]
fn what_is_dropped_together_is_counted_together() {
    let directory = tempfile::tempdir().expect("a directory");
    let root = directory.path();
    store(root, true);
    let text = stdout(&run(root, &["--drop", "app", "--bytes"]));
    assert!(
        text.contains("dropping 1 root frees 1 path, 10 bytes"),
        "{text}"
    );
    let asked = ["--drop", "app", "--drop", "*/old", "--format", "json"];
    let document: Value = serde_json::from_str(&stdout(&run(root, &asked))).expect("JSON");
    assert_eq!(
        document["drop"]["freed"],
        json!({ "paths": 3, "narSize": 22 })
    );
    let commands = document["drop"]["commands"].as_array().expect("lines");
    let gcroots = fs::canonicalize(root)
        .expect("a directory")
        .join("nix/var/nix/gcroots");
    let rm = |name: &str| format!("rm {}", gcroots.join(name).display());
    assert_eq!(
        *commands,
        [
            json!(rm("app")),
            json!(rm("old")),
            json!("nix-collect-garbage")
        ]
    );
    assert!(
        gcroots.join("app").symlink_metadata().is_ok(),
        "nothing is run"
    );
    let text = refused(&run(root, &["--drop", "appp"]), 1);
    assert!(
        text.contains("'appp'") && text.contains("gcroots/app"),
        "{text}"
    );
    for odd in ["", "process:x", "process:4294967295", "[", "\u{1b}[2J"] {
        refused(&run(root, &["--drop", odd]), 1);
    }
    refused(&run(root, &["app", "--drop", "app"]), 2);
    refused(&run(root, &["--from", "x", "--drop", "app"]), 2);
}

#[test]
fn names_of_links_pass_the_gate() {
    let directory = tempfile::tempdir().expect("a directory");
    let root = directory.path();
    store(root, true);
    let target = fs::read_link(root.join("nix/var/nix/gcroots/app")).expect("a link");
    symlink(
        target,
        root.join("nix/var/nix/gcroots/evil\u{1b}[2J\nrm -rf x"),
    )
    .expect("a link");
    let text = stdout(&run(root, &["--drop", "app"]));
    let odd = text
        .chars()
        .find(|&letter| letter != '\n' && letter.is_control());
    assert_eq!(odd, None, "{text}");
    let rm = text
        .lines()
        .find(|line| line.contains("rm $'"))
        .expect("a line");
    assert!(rm.ends_with(r"evil\x1b[2J\x0arm -rf x'"), "{rm}");
}

#[test]
fn a_path_is_alive_or_dead() {
    let directory = tempfile::tempdir().expect("a directory");
    let root = directory.path();
    store(root, true);
    let text = stdout(&heft(root, &["why", "--alive", "lib"]));
    assert!(
        text.starts_with("lib is alive: 2 roots keep it\n"),
        "{text}"
    );
    assert!(
        text.contains("app → lib") && text.contains("3 paths"),
        "{text}"
    );
    let text = stdout(&heft(root, &["why", "--alive", "lost"]));
    assert!(text.starts_with("lost is dead: no root keeps it"), "{text}");
    refused(&heft(root, &["why", "--alive", "nothing-like-it"]), 1);
    refused(&heft(root, &["why", "--alive", "lib", "root"]), 2);
}

/// What cannot be read may hold anything, so nothing is concluded from what was read.
#[test]
fn roots_that_cannot_be_read_leave_it_open_what_is_dead() {
    let directory = tempfile::tempdir().expect("a directory");
    let root = directory.path();
    store(root, false);
    // A name that no file system has: who may read everything cannot read it either.
    let unreadable = root.join("nix/var/nix/gcroots/unreadable");
    symlink("x".repeat(1000), &unreadable).expect("a link");
    let output = run(root, &[]);
    let error = refused(&output, 1);
    assert!(
        error.contains("could not be looked at, so that roots may be missing"),
        "{error}"
    );
    assert!(
        error.contains("none of the roots that could be read keeps anything"),
        "{error}"
    );
    assert!(!error.contains("collection"), "{error}");
    let dead = stdout(&run(root, &["--dead"]));
    assert!(
        dead.contains("not all roots could be read")
            && dead.contains("nothing that could be read keeps 4 paths"),
        "{dead}"
    );
    let alive = |more: &[&str]| {
        let arguments = [&["why", "--alive", "lost"], more].concat();
        stdout(&heft(root, &arguments))
    };
    let told = alive(&[]);
    assert!(
        told.contains("no root that could be read keeps lost") && !told.contains("is dead"),
        "{told}"
    );
    assert!(!told.contains("nix-collect-garbage"), "{told}");
    let documents = [
        stdout(&run(root, &["--dead", "--format", "json"])),
        alive(&["--format", "json"]),
    ];
    for document in documents {
        let document: Value = serde_json::from_str(&document).expect("one document");
        assert_eq!(document["allRootsRead"], false, "{document}");
    }
    // Once it is out of the way, nothing is left open.
    fs::remove_file(unreadable).expect("a link");
    let error = refused(&run(root, &[]), 1);
    assert!(error.contains("would delete everything in it"), "{error}");
}

/// Of a profile somewhere else only those generations are roots that something in the store's folder leads to.
#[test]
fn what_stays_is_told_of_the_generation_that_it_is_told_of() {
    let directory = tempfile::tempdir().expect("a directory");
    let root = fs::canonicalize(directory.path()).expect("a directory");
    store(&root, true);
    let roots = root.join("nix/var/nix/gcroots");
    let profile = root.join("p");
    let link = |number: usize| root.join(format!("p-{number}-link"));
    for (number, name) in [(1, "old"), (2, "app"), (3, "app")] {
        let target = fs::read_link(roots.join(name)).expect("a link");
        symlink(target, link(number)).expect("a link");
    }
    symlink("p-3-link", &profile).expect("a link");
    fs::create_dir_all(roots.join("auto")).expect("a directory");
    symlink(link(2), roots.join("auto/second")).expect("a link");
    let profile = profile.display().to_string();
    let text = stdout(&heft(&root, &["generations", &profile, "--keep-last", "1"]));
    assert!(text.contains("removes 2 generations (1, 2)"), "{text}");
    assert!(text.contains("generation 2 stays in the store"), "{text}");
    assert!(!text.contains("generation 1 stays"), "{text}");
}

#[test]
fn a_profile_without_generations_is_an_error() {
    let directory = tempfile::tempdir().expect("a directory");
    let root = directory.path();
    store(root, true);
    for arguments in [
        &["generations"][..],
        &["generations", "system"],
        &["generations", "/nonexistent/profile"],
        &["when", "lib"],
    ] {
        let text = refused(&heft(root, arguments), 1);
        assert!(text.contains("generations"), "{text}");
    }
    // What leads to no valid path is left out; nothing is left.
    let profiles = root.join("nix/var/nix/profiles");
    fs::create_dir_all(&profiles).expect("a directory");
    let gone = format!("/nix/store/{}-gone", nix_heft::testing::hash_part(77));
    symlink(&gone, profiles.join("system-1-link")).expect("a link");
    symlink("system-1-link", profiles.join("system")).expect("a link");
    let text = refused(&heft(root, &["generations"]), 1);
    assert!(text.contains("valid path"), "{text}");
    let target = fs::read_link(root.join("nix/var/nix/gcroots/app")).expect("a link");
    symlink(target, profiles.join("system-2-link")).expect("a link");
    let text = stdout(&heft(root, &["generations", "--bytes"]));
    assert!(
        text.contains("1 generation, together 2 paths, 15 bytes"),
        "{text}"
    );
    let text = stdout(&heft(root, &["generations", "--keep-last", "1"]));
    assert!(text.contains("removes no generation"), "{text}");
    let text = stdout(&heft(root, &["when", "lib"]));
    assert!(
        text.starts_with("lib is in the oldest generation, 2"),
        "{text}"
    );
    for odd in [
        &["generations", "--keep-last", "0"][..],
        &["generations", "--older-than", "1y"],
        &["generations", "--keep-last", "1", "--older-than", "1d"],
        &["generations", "--from", "x"],
    ] {
        refused(&heft(root, odd), 2);
    }
}
