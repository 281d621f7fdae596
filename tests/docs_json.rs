//! `docs/json.md` against the program: every example is what the program prints, every key is explained.

use std::path::Path;
use std::process::Command;

use nix_heft::testing::json_keys;
use serde_json::{Value, json};

fn page() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.md");
    std::fs::read_to_string(file).expect("docs/json.md")
}

fn run(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_nix-heft"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures"))
        .args(arguments)
        .env_clear()
        .output()
        .expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

/// The sections about one document each: name and text.
fn sections(page: &str) -> Vec<(&str, &str)> {
    let parts = page.split("\n## `").skip(1);
    parts
        .map(|part| part.split_once("`\n").expect("a heading"))
        .collect()
}

/// The text of the first block of code in a language.
fn block<'a>(section: &'a str, language: &str) -> Option<&'a str> {
    let (_, rest) = section.split_once(&format!("```{language}\n"))?;
    rest.split_once("```").map(|(block, _)| block)
}

fn assert_explained(document: &Value, name: &str, section: &str, shared: &str) {
    let keys = json_keys(document);
    let missing: Vec<_> = keys
        .iter()
        .filter(|key| {
            ![section, shared]
                .iter()
                .any(|text| text.contains(&format!("`{key}`")))
        })
        .collect();
    assert!(
        missing.is_empty(),
        "{name} has keys that are not explained: {missing:?}"
    );
}

#[test]
fn every_example_is_what_the_program_prints() {
    let page = page();
    let shared = page.split("\n## `").next().expect("an introduction");
    let mut shown = Vec::new();
    for (name, section) in sections(&page) {
        let Some(command) = block(section, "console") else {
            continue;
        };
        let words: Vec<&str> = command.split_whitespace().skip(2).collect();
        let printed = run(&words);
        let example = block(section, "json").expect("an example");
        let example: Value = serde_json::from_str(example).expect("JSON");
        assert_eq!(printed, example, "{command}");
        assert_eq!(printed["format"], format!("nix-heft/{name}"));
        assert_explained(&printed, name, section, shared);
        shown.push(name);
    }
    assert_eq!(
        shown,
        [
            "list", "tree", "why", "cut", "what-if", "diff", "dupes", "advise", "check", "export"
        ]
    );
}

#[test]
fn keys_that_need_an_option_are_explained() {
    let page = page();
    let shared = page.split("\n## `").next().expect("an introduction");
    for (name, command) in [
        ("list", "list --sort share"),
        ("list", "list --sort leverage"),
        ("list", "list --sort disk"),
        ("tree", "tree --referrers data"),
        ("what-if", "what-if --replace 11111=data"),
        ("what-if", "what-if --remedies --remove data"),
    ] {
        let words = command
            .split(' ')
            .chain(["--from", "odd.json", "--format", "json"]);
        let printed = run(&words.collect::<Vec<_>>());
        let (_, section) = *sections(&page)
            .iter()
            .find(|(other, _)| *other == name)
            .expect("a section");
        assert_explained(&printed, command, section, shared);
    }
}

#[test]
fn keys_about_files_are_explained() {
    let page = page();
    let shared = page.split("\n## `").next().expect("an introduction");
    let directory = tempfile::tempdir().expect("a directory");
    let store = directory.path().join("store");
    let (app, lib) = (
        "00000000000000000000000000000000-app",
        "11111111111111111111111111111111-lib",
    );
    let text = format!("documentation of {}/{lib}", store.display());
    for file in [
        format!("{app}/share/doc/app/a.txt"),
        format!("{app}/share/doc/app/b.txt"),
        format!("{lib}/c.txt"),
    ] {
        let file = store.join(file);
        std::fs::create_dir_all(file.parent().expect("a parent")).expect("created");
        std::fs::write(file, &text).expect("written");
    }
    let records = json!({ "version": 2, "storeDir": store, "info": {
        app: { "narSize": 1000, "references": [lib] },
        lib: { "narSize": 500, "references": [] },
    }});
    let file = directory.path().join("records.json");
    std::fs::write(&file, records.to_string()).expect("written");
    let from = format!("--from={}", file.display());
    for (name, words) in [
        ("files", vec!["files", &from, "--format", "json"]),
        (
            "why",
            vec!["why", "lib", "--precise", &from, "--format", "json"],
        ),
    ] {
        let (_, section) = *sections(&page)
            .iter()
            .find(|(other, _)| *other == name)
            .expect("a section");
        let mut printed = run(&words);
        // The categories of a path are keyed by their names, which are data.
        if let Some(paths) = printed["paths"].as_array_mut() {
            for path in paths {
                let categories = path["categories"].take();
                path["categories"] = categories
                    .as_object()
                    .into_iter()
                    .flat_map(|map| map.values().cloned())
                    .collect();
            }
        }
        // So are the classes of evidence.
        let totals = printed.get_mut("evidenceTotals");
        if let Some(totals) = totals.and_then(Value::as_array_mut) {
            for of_one in totals {
                of_one["classes"] = Value::Null;
            }
        }
        assert_explained(&printed, name, section, shared);
    }
}

#[test]
fn every_column_is_explained() {
    let page = page();
    let (_, section) = page.split_once("\n## CSV\n").expect("a section");
    let output = Command::new(env!("CARGO_BIN_EXE_nix-heft"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures"))
        .args(["export", "--from=odd.json", "--format=csv"])
        .env_clear()
        .output()
        .expect("the program starts");
    let text = String::from_utf8(output.stdout).expect("text");
    let header = text.lines().next().expect("a header");
    let explained: Vec<&str> = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(column, _)| column)
        .collect();
    assert_eq!(explained.join(","), header);
}
