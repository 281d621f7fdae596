//! What people asked in public about their closures, each made up anew as small as it can be, and the right answer.

#[expect(dead_code, reason = "other tests use the rest of it")]
mod common;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use common::{NixStore, copy};

/// A store with the expressions of `fixtures/situations` beside it.
fn store() -> Option<NixStore> {
    let store = NixStore::plain()?;
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/situations");
    copy(&from, &store.file("situations"));
    Some(store)
}

/// Whether there is what makes programs of assembler's text.
fn assembler_is_here() -> bool {
    let mut programs = ["as", "ld"].iter();
    programs.all(|program| Command::new(program).arg("--version").output().is_ok())
}

fn build(store: &NixStore, file: &str, attribute: &str) -> Vec<String> {
    let file = store.file("situations").join(file);
    let mut arguments = vec!["--quiet", "--no-out-link", file.to_str().expect("UTF-8")];
    if !attribute.is_empty() {
        arguments.extend(["-A", attribute]);
    }
    let built = store.run("nix-build", &arguments);
    built.lines().map(str::to_owned).collect()
}

/// What our program says about paths of a store; the text, and what it complained of.
fn ask(store: &NixStore, words: &[&str]) -> (String, String) {
    let url = store.url();
    let output = store.heft_output(&[words, &["--store", &url]].concat());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{words:?}: {}",
        text(&output.stderr)
    );
    (text(&output.stdout), text(&output.stderr))
}

fn json(store: &NixStore, words: &[&str]) -> Value {
    let (text, _) = ask(store, &[words, &["--format", "json"]].concat());
    serde_json::from_str(&text).expect("one JSON document")
}

#[test]
fn what_tells_how_something_was_built_is_an_accident() {
    let Some(store) = store().filter(|_| assembler_is_here()) else {
        return;
    };
    let tops = build(&store, "accidents.nix", "");
    assert_eq!(tops.len(), 24);
    for top in tops {
        let why = json(&store, &["why", "kit", &top, "--precise"]);
        let evidence = why["evidence"].as_array().expect("evidence");
        assert!(!evidence.is_empty(), "{top}");
        for one in evidence {
            let class = one["class"].as_str().expect("a class");
            let expected = ["elfSource", "buildMetadata", "languageMetadata"];
            assert!(expected.contains(&class), "{top}: {class}");
        }
        // And there is a way to be rid of it.
        let what_if = json(
            &store,
            &[
                "what-if",
                &top,
                "--remove",
                "kit",
                "--remedies",
                "--precise",
            ],
        );
        let remedies = what_if["remedies"].as_array().expect("remedies");
        let rids =
            |one: &Value| one["kind"] == "removeReferences" || one["kind"] == "nukeReferences";
        assert!(remedies.iter().any(rids), "{top}: {remedies:?}");
    }
}

#[test]
fn what_is_absent_is_told_where_it_is() {
    let Some(store) = store() else {
        return;
    };
    let of = |attribute: &str| build(&store, "cases.nix", attribute).remove(0);
    let (pillow, displaycal) = (of("pillow"), of("displaycal"));
    for target in ["pillow", &pillow] {
        let (text, _) = ask(&store, &["why", target, &displaycal]);
        for line in ["is not in this closure", "--derivation shows why"] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
    let words = ["why", "python2.7-pillow", &displaycal, "--derivation"];
    let (text, _) = ask(&store, &words);
    assert!(text.contains("displaycal-3.8.9.drv"), "{text}");
    // A part of a name is no name, and what has it is told.
    let url = store.url();
    let words = [
        "why",
        "pillow",
        &displaycal,
        "--derivation",
        "--store",
        &url,
    ];
    let output = store.heft_output(&words);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("python2.7-pillow-6.2.2.drv"), "{errors}");
    let (other, docker) = (of("glibcOther"), of("docker"));
    let (text, _) = ask(&store, &["why", &other, &docker]);
    for line in [
        "is not in this closure",
        "Other builds are in the closure",
        "held by docker-27.3",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[test]
fn a_search_path_that_leads_nowhere_is_unneeded() {
    let Some(store) = store().filter(|_| assembler_is_here()) else {
        return;
    };
    let rakudo = build(&store, "cases.nix", "rakudo").remove(0);
    let why = json(&store, &["why", "gcc", &rakudo, "--precise"]);
    assert_eq!(why["evidence"][0]["class"], "unneededRunpath");
    let plan = [
        "what-if",
        &rakudo,
        "--remove",
        "gcc",
        "--remedies",
        "--precise",
    ];
    let remedies = json(&store, &plan)["remedies"].clone();
    let shrink = remedies.as_array().expect("remedies").iter();
    let mut shrink = shrink.filter(|one| one["kind"] == "shrinkRunpath");
    let lines = shrink.next().expect("that one")["nix"].to_string();
    assert!(lines.contains("lib/libperl6_ops_moar.so"), "{lines}");
}

#[test]
fn a_packed_image_is_no_closure_to_look_into() {
    let Some(store) = store() else {
        return;
    };
    let iso = build(&store, "cases.nix", "iso").remove(0);
    let (_, errors) = ask(&store, &["list", &iso]);
    assert!(
        errors.contains("one packed file") && errors.contains("--derivation"),
        "{errors}"
    );
}

#[test]
fn history_and_holes_are_told_from_content() {
    let Some(store) = store() else {
        return;
    };
    let source = build(&store, "cases.nix", "source").remove(0);
    let files = json(&store, &["files", &source]);
    let categories = files["categories"].as_array().expect("categories");
    let history = categories
        .iter()
        .find(|one| one["name"] == "version-control");
    assert_eq!(history.expect("that one")["bytes"], 250_000);

    let sparse = build(&store, "cases.nix", "sparse").remove(0);
    let list = json(&store, &["list", &sparse, "--sort", "disk"]);
    let image = list["paths"].as_array().expect("paths").iter();
    let mut image = image.filter(|one| one["name"] == "vm-image-1");
    let image = image.next().expect("the image");
    assert!(image["narSize"].as_u64() > Some(40 << 20), "{image}");
    assert!(image["diskSize"].as_u64() < Some(1 << 20), "{image}");
}

/// Hands a closure to our program.
fn piped(content: &str, words: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_nix-heft"))
        .args(words)
        .args(["--from", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut input = program.stdin.take().expect("a pipe");
    input.write_all(content.as_bytes()).expect("written");
    drop(input);
    program.wait_with_output().expect("an end")
}

const A: &str = "/nix/store/00000000000000000000000000000000-a-1";
const B: &str = "/nix/store/11111111111111111111111111111111-b-1";

#[test]
fn what_people_paste_is_opened_or_called_by_its_name() {
    let warning = format!(
        "warning: '--json' without '--json-format' is deprecated\n{{\"{A}\":{{\"narSize\":1000,\"references\":[]}}}}\n"
    );
    let lonely = format!("{{\"{A}\":{{\"narSize\":1000,\"references\":[\"{B}\"]}}}}");
    let tree = format!("{A}\n├───{B}\n└───{A} [...]\n");
    let base = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let (a, b) = (base(A), base(B));
    let graph = format!(
        "digraph G {{\n\"{a}\" [label = \"a-1\"];\n\"{b}\" -> \"{a}\" [color = \"red\"];\n}}\n"
    );
    let roots = format!("/nix/var/nix/profiles/system-12-link -> {A}\n{{lsof}} -> {B}\n");
    for (content, opens, printed, complained) in [
        (
            &warning,
            true,
            "1 path, 1000 B",
            "before the closure, skipped",
        ),
        (
            &lonely,
            true,
            "2 paths, at least 1000 B",
            "was --recursive left out?",
        ),
        (&tree, true, "2 paths", ""),
        (&graph, true, "2 paths", ""),
        (&roots, false, "", "a list of GC roots"),
    ] {
        let output = piped(content, &["list"]);
        let text = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), opens, "{content}: {errors}");
        assert!(text.contains(printed), "{content}: {text}");
        assert!(errors.contains(complained), "{content}: {errors}");
    }
}

/// A closure in few words: `NAME SIZE -> NAME …`, a path each line, as `nix path-info --json` writes it.
fn closure(text: &str) -> String {
    let entries: Vec<(String, Value)> = {
        let names: Vec<&str> = text
            .lines()
            .filter_map(|line| line.split(' ').next())
            .collect();
        let path = |name: &str| {
            let at = names
                .iter()
                .position(|other| *other == name)
                .expect("a line of its own");
            let plain = name.split('@').next().unwrap_or_default();
            format!("/nix/store/{at:032}-{plain}")
        };
        let entry = |line: &str| {
            let (left, right) = line.split_once(" ->").unwrap_or((line, ""));
            let (name, size) = left.split_once(' ').expect("a size");
            let references: Vec<String> = right.split_whitespace().map(path).collect();
            let size: u64 = size.trim().parse().expect("a number");
            (
                path(name),
                serde_json::json!({ "narSize": size, "references": references }),
            )
        };
        text.lines().map(entry).collect()
    };
    let map: serde_json::Map<String, Value> = entries.into_iter().collect();
    Value::Object(map).to_string()
}

fn dupes(text: &str) -> Value {
    let output = piped(&closure(text), &["dupes", "--format", "json"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

fn kinds(document: &Value) -> Vec<&str> {
    let groups = document["groups"].as_array().expect("groups").iter();
    groups.filter_map(|group| group["kind"].as_str()).collect()
}

#[test]
fn wrappers_environments_and_resolutions_are_no_duplicates() {
    let found = dupes(
        "user-environment 1000 -> firefox-137.0.2 python3-3.12.9-env@1 python3-3.12.9-env@2 fuse-3.16.2 fuse-2.9.9 font-adobe-100dpi-1.0.4 font-adobe-75dpi-1.0.4\n\
         firefox-137.0.2 2000 -> firefox-unwrapped-137.0.2\nfirefox-unwrapped-137.0.2 250000\n\
         python3-3.12.9-env@1 900 -> python3-3.12.9\npython3-3.12.9-env@2 700 -> python3-3.12.9\npython3-3.12.9 90000\n\
         fuse-3.16.2 900\nfuse-2.9.9 800\nfont-adobe-100dpi-1.0.4 5000\nfont-adobe-75dpi-1.0.4 4000",
    );
    assert_eq!(kinds(&found), ["coexisting"]);
}

#[test]
fn a_second_collection_of_packages_is_told_by_what_brings_it() {
    let found = dupes(
        "devenv-1.11 10 -> cachix-1.9 glibc-2.42-51 curl-8.17.0 boost-1.87.0@1\n\
         cachix-1.9 40 -> glibc-2.42-47 curl-8.16.0 boost-1.87.0@2\n\
         glibc-2.42-51 300\nopenssl-3.6.0 80 -> glibc-2.42-51\ncurl-8.17.0 20 -> openssl-3.6.0 glibc-2.42-51\n\
         icu4c-76.1@1 400 -> glibc-2.42-51\nboost-1.87.0@1 150 -> icu4c-76.1@1 glibc-2.42-51\n\
         glibc-2.42-47 300\nopenssl-3.5.4 80 -> glibc-2.42-47\ncurl-8.16.0 20 -> openssl-3.5.4 glibc-2.42-47\n\
         icu4c-76.1@2 400 -> glibc-2.42-47\nboost-1.87.0@2 150 -> icu4c-76.1@2 glibc-2.42-47",
    );
    assert_eq!(kinds(&found).len(), 5);
    let brought = found["brought"].as_array().expect("a list");
    assert_eq!(brought.len(), 1);
    assert!(
        brought[0].to_string().contains("cachix-1.9"),
        "{}",
        brought[0]
    );
    assert!(brought[0].to_string().contains("950"), "{}", brought[0]);
}

#[test]
fn a_set_for_another_platform_hangs_on_one_reference() {
    let found = dupes(
        "app 1 -> pipewire-modules.conf tool-1.0\ntool-1.0 3 -> zlib-1.3.1@1 glibc-2.39-52@1\n\
         pipewire-modules.conf 1 -> pipewire-1.0.6@1 pipewire-1.0.6@2\n\
         pipewire-1.0.6@1 70 -> zlib-1.3.1@1 glibc-2.39-52@1\nzlib-1.3.1@1 12 -> glibc-2.39-52@1\nglibc-2.39-52@1 30\n\
         pipewire-1.0.6@2 70 -> zlib-1.3.1@2 glibc-2.39-52@2\nzlib-1.3.1@2 12 -> glibc-2.39-52@2\nglibc-2.39-52@2 30",
    );
    assert_eq!(kinds(&found), ["platforms"]);
    let set = &found["groups"][0];
    assert_eq!(set["paths"].as_array().map(Vec::len), Some(3));
    let brings = set["brings"].as_array().expect("references");
    assert_eq!(brings.len(), 1);
    assert!(
        brings[0]["from"]
            .to_string()
            .contains("pipewire-modules.conf")
    );
    assert_eq!(set["freed"]["narSize"], 112);
}
