//! `check` and `history` as a shell sees them: what they print in each format, how they end, what they write, and the snippets
//! of docs/ci.md.

mod schemas;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use nix_heft::testing::json_keys;
use schemas::xml::Element;
use serde_json::Value;
use tempfile::TempDir;

const SYSTEM: &str = "/nix/store/v1wlcq75cwpfzb6ga5wm313raas2vmn3-nixos-system-worker-23.11";

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The program in a directory, with an environment that knows no store.
fn nix_heft(directory: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nix-heft"))
        .current_dir(directory)
        .args(args)
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("NIX_STATE_DIR", "/nonexistent/nix/var/nix")
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}

/// A folder with the closure of a made-up system and a budget.
fn folder(budget: &str) -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let fixture = repository().join("tests/fixtures/system.json");
    fs::copy(fixture, directory.path().join("system.json")).expect("copied");
    fs::write(directory.path().join("heft.toml"), budget).expect("written");
    directory
}

const BUDGET: &str = r#"# The budget of the worker.
[closure]
size = "600 MiB"   # it was more once
paths = 29
reason = "the disk is small"

[at-most]
dev = 0
duplicates = 9

[[size]]
group = "scripting"
package = ["perl", "python3*"]
max = "100 MiB"

[[forbid]]
package = "perl"
reason = "no scripts | <here>"

[[exception]]
name = "perl-*-man"
reason = "pages do no harm"
until = 2026-12-31

[[exception]]
package = "gcc"
reason = "old"
until = 2020-01-01
"#;

const CHECK: [&str; 7] = [
    "check",
    "--from",
    "system.json",
    "--budget",
    "heft.toml",
    "--date",
    "2026-11-28",
];

fn printed(directory: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let output = nix_heft(directory, args);
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn in_format(format: &str) -> (Option<i32>, String) {
    let folder = folder(BUDGET);
    let (status, out, _) = printed(folder.path(), &[&CHECK[..], &["--format", format]].concat());
    (status, out)
}

#[test]
fn text_names_the_reasons() {
    let folder = folder(BUDGET);
    let (status, out, errors) = printed(folder.path(), &CHECK);
    insta::assert_snapshot!(format!(
        "{out}{errors}[exit status {}]",
        status.unwrap_or(-1)
    ));
}

#[test]
fn markdown_is_a_comment() {
    let (status, out) = in_format("markdown");
    assert_eq!(status, Some(1));
    insta::assert_snapshot!(out);
}

#[test]
fn github_gets_a_line_for_each_rule() {
    let (status, out) = in_format("github");
    assert_eq!(status, Some(1));
    insta::assert_snapshot!(out);
}

#[test]
fn exit_status_is_that_of_the_check() {
    let folder = folder(BUDGET);
    let from = ["check", "--from", "system.json"];
    for (args, wanted) in [
        (vec!["--max-closure", "1GiB"], 0),
        (vec!["--max-closure", "1MiB"], 1),
        (vec!["--max-paths", "30"], 0),
        (vec!["--max-paths", "29"], 1),
        (vec!["--forbid", "python3"], 0),
        (vec!["--forbid", "perl"], 1),
        (vec!["--forbid", "per"], 0),
        (vec!["--max-size", "perl=60MiB"], 0),
        (vec!["--max-size", "nar>100MiB=200MiB"], 1),
        (vec!["--no-dev", "--no-compilers"], 0),
        (vec!["--no-duplicates"], 1),
        // There are no files, so that accidents cannot be determined: an error, no success.
        (vec!["--no-accidents"], 1),
        (
            vec![
                "--budget",
                "heft.toml",
                "--max-closure",
                "1GiB",
                "--date",
                "2026-11-28",
            ],
            1,
        ),
        (vec![], 2),
        (vec!["--max-closure", "much"], 2),
        (vec!["--max-growth", "5%"], 2),
        (vec!["--max-growth", "5x%", "--baseline", "system.json"], 2),
        (vec!["--forbid", "not perl"], 2),
        (vec!["--max-size", "perl"], 2),
        (vec!["--update"], 2),
        (vec!["--label", "x"], 2),
        (vec!["--budget", "-", "--baseline", "-"], 2),
        (vec!["--budget", "-", "--update"], 2),
        (vec!["--date", "today", "--max-paths", "1"], 2),
        (vec!["--budget", "missing.toml"], 1),
        (vec!["--budget", "system.json"], 1),
        (vec!["--max-paths", "99", "--format", "dot"], 2),
        (vec!["--init", "--format", "json"], 2),
    ] {
        let (status, _, errors) = printed(folder.path(), &[&from[..], &args].concat());
        assert_eq!(status, Some(wanted), "{args:?}: {errors}");
        assert!(!errors.contains("panicked"), "{errors}");
    }
}

#[test]
fn a_size_that_is_unknown_is_no_success() {
    let directory = repository().join("tests/fixtures");
    let base = [
        "check",
        "--from",
        "odd.json",
        "--format",
        "json",
        "--max-closure",
    ];
    let (status, out, _) = printed(&directory, &[&base[..], &["1GiB"]].concat());
    let document: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(
        (status, &document["passed"]),
        (Some(1), &Value::Bool(false))
    );
    let failure = &document["failures"][0];
    assert_eq!(
        (&failure["outcome"], &failure["actual"], &failure["path"]),
        (&"unknown".into(), &Value::Null, &Value::Null)
    );
    assert_eq!(failure["atLeast"], 7106);
    let (_, out, _) = printed(&directory, &[&base[..], &["7105"]].concat());
    let document: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(
        document["failures"][0]["outcome"], "broken",
        "what is known is too much already"
    );
}

#[test]
fn several_roots_are_judged_one_by_one() {
    let folder = folder("");
    let roots = ["git-2.42.0", "nix-2.18.1"];
    let args = [
        "check",
        "--from",
        "system.json",
        "--forbid",
        "perl",
        "--format",
        "json",
    ];
    let (status, out, _) = printed(folder.path(), &[&args[..], &roots].concat());
    let document: Value = serde_json::from_str(&out).expect("JSON");
    let passed: Vec<&Value> = document["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .map(|one| &one["passed"])
        .collect();
    assert_eq!(
        (status, passed),
        (Some(1), vec![&Value::Bool(false), &Value::Bool(true)])
    );
    let failures = document["failures"].as_array().expect("failures");
    assert_eq!(failures.len(), 1);
    assert!(
        failures[0]["root"]
            .as_str()
            .is_some_and(|root| root.ends_with("-git-2.42.0"))
    );
    let (_, text, _) = printed(folder.path(), &[&args[..5], &roots].concat());
    assert!(
        text.starts_with("FAILED  git-2.42.0  ") && text.contains("\npassed  nix-2.18.1  "),
        "{text}"
    );
}

#[test]
fn a_root_can_have_limits_of_its_own() {
    let budget = "[closure]\nsize = \"1 B\" # of all\n[roots.\"nix-*\".closure]\nsize = \"4 GiB\" # of one\n\
        [roots.giit.closure]\nsize = 1\n";
    let folder = folder(budget);
    let args = ["check", "--from", "system.json", "--budget", "heft.toml"];
    let roots = ["git-2.42.0", "nix-2.18.1"];
    let json = [&args[..], &["--format", "json"], &roots].concat();
    let (status, out, errors) = printed(folder.path(), &json);
    let document: Value = serde_json::from_str(&out).expect("JSON");
    let checks = document["checks"].as_array().expect("checks");
    let told: Vec<_> = checks
        .iter()
        .map(|one| {
            (
                &one["rules"][0]["limit"],
                &one["rules"][0]["saidOf"],
                &one["passed"],
            )
        })
        .collect();
    let (limit, all) = (1_u64 << 32, Value::Null);
    let expected = [
        (&Value::from(1), &all, &Value::Bool(false)),
        (
            &Value::from(limit),
            &Value::from("nix-*"),
            &Value::Bool(true),
        ),
    ];
    assert_eq!((status, told), (Some(1), expected.to_vec()));
    assert!(
        errors.contains("no root is called 'giit', did you mean 'git'?"),
        "{errors}"
    );
    // Each limit is lowered to what is there of its own roots.
    let update = [&args[..], &["--update"], &roots[1..]].concat();
    let (status, _, errors) = printed(folder.path(), &update);
    assert_eq!(status, Some(0), "{errors}");
    let text = fs::read_to_string(folder.path().join("heft.toml")).expect("the budget");
    assert!(text.contains("size = \"1 B\" # of all"), "{text}");
    assert!(
        !text.contains("4 GiB") && text.contains("# of one"),
        "{text}"
    );
}

#[test]
fn every_key_of_the_document_is_explained() {
    let (_, out) = in_format("json");
    let document: Value = serde_json::from_str(&out).expect("JSON");
    let page = fs::read_to_string(repository().join("docs/json.md")).expect("docs/json.md");
    let (_, section) = page.split_once("\n## `check`").expect("a section");
    let section = section.split("\n## `").next().unwrap_or_default();
    let shared = page.split("\n## `").next().unwrap_or_default();
    let keys = json_keys(&document);
    let missing: Vec<_> = keys
        .iter()
        .filter(|key| {
            ![section, shared]
                .iter()
                .any(|text| text.contains(&format!("`{key}`")))
        })
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    let failures = document["failures"].as_array().expect("failures");
    for failure in failures {
        let why = failure["why"].as_array().expect("a chain");
        assert_eq!(
            (why[0].as_str(), why.last()),
            (Some(SYSTEM), Some(&failure["path"]))
        );
    }
    assert_eq!(document["exceptions"][1]["expired"], true);
}

const NONE: [String; 0] = [];

fn assert_sarif(out: &str) -> Value {
    let log: Value = serde_json::from_str(out).expect("JSON");
    assert_eq!(schemas::sarif::mistakes(&log), NONE, "{out}");
    log
}

fn assert_junit(out: &str) -> Element {
    let suites = schemas::xml::read(out).unwrap_or_else(|error| panic!("{error}\n{out}"));
    assert_eq!(schemas::junit::mistakes(&suites), NONE, "{out}");
    suites
}

fn assert_gitlab(out: &str) -> Value {
    let report: Value = serde_json::from_str(out).expect("JSON");
    assert_eq!(schemas::gitlab::mistakes(&report), NONE, "{out}");
    report
}

fn assert_github(out: &str) -> Vec<schemas::github::Command> {
    let commands = schemas::github::commands(out);
    commands.unwrap_or_else(|line| panic!("no command: {line:?}"))
}

#[test]
fn sarif_is_what_its_schema_demands() {
    let (status, out) = in_format("sarif");
    assert_eq!(status, Some(1));
    let log = assert_sarif(&out);
    let results = log["runs"][0]["results"].as_array().expect("results");
    let rules: Vec<&str> = results
        .iter()
        .filter_map(|result| result["ruleId"].as_str())
        .collect();
    assert_eq!(rules, ["closure.paths", "forbid"]);
    let forbid = &results[1];
    let place = &forbid["locations"][0]["physicalLocation"];
    assert_eq!(
        (
            &place["artifactLocation"]["uri"],
            &place["region"]["startLine"]
        ),
        (&"heft.toml".into(), &16.into())
    );
    let chain = forbid["codeFlows"][0]["threadFlows"][0]["locations"]
        .as_array()
        .expect("a chain");
    assert_eq!(chain.len(), 2);
    let folder = folder("");
    let (status, out, _) = printed(
        folder.path(),
        &[
            "check",
            "--from",
            "system.json",
            "--max-paths",
            "99",
            "--format",
            "sarif",
        ],
    );
    assert_eq!(status, Some(0));
    assert_eq!(
        assert_sarif(&out)["runs"][0]["results"],
        Value::Array(Vec::new())
    );
}

#[test]
fn junit_can_be_read_back() {
    let (status, out) = in_format("junit");
    assert_eq!(status, Some(1));
    let suites = assert_junit(&out);
    let count = |key: &str| &*suites.attributes[key];
    assert_eq!((count("tests"), count("failures")), ("6", "2"));
    let failures = suites.named("failure");
    assert!(
        failures[1].text.contains("no scripts | <here>"),
        "{:?}",
        failures[1]
    );
    assert_eq!(failures[1].attributes["type"], "forbid");
}

#[test]
fn gitlab_gets_findings_with_fingerprints_of_their_own() {
    let (status, out) = in_format("gitlab");
    assert_eq!(status, Some(1));
    let findings = assert_gitlab(&out);
    assert_eq!(findings.as_array().map(Vec::len), Some(2));
    assert_eq!(findings[1]["location"]["lines"]["begin"], 16);
}

/// A budget with rules of every kind, `LIMIT` and `PERCENT` where each has its limit.
const EVERY_KIND: &str = r#"[closure]
size = LIMIT
paths = LIMIT
reason = "<all> & \"everything\", 100 %: yes"

[growth]
size = LIMIT
percent = PERCENT
paths = LIMIT

[at-most]
dev = LIMIT
compilers = LIMIT
duplicates = LIMIT

[[size]]
group = "]]> by name"
name = "*"
max = LIMIT

[[size]]
query = "kind:output nar>0"
max = LIMIT

[[forbid]]
package = ["perl", "x*", "source"]
reason = "two\nlines"

[[forbid]]
output = "man"

[roots."*-2.*".closure]
size = LIMIT

[[exception]]
name = "perl-*-man"
reason = "pages"
until = 2026-12-31

[[exception]]
package = "gone*"
rule = "forbid"
reason = "over"
until = 2001-01-01
"#;

/// What is checked: a file of `tests/fixtures`, the roots in it, and a baseline. Between them they have hostile names,
/// unknown sizes, a cycle, several roots, and a root that the baseline does not have.
const CHECKED: &[(&str, &[&str], &str)] = &[
    ("system.json", &[], "one.json"),
    ("system.json", &["git-2.42.0", "nix-2.18.1"], "before.json"),
    ("system.json", &["git-2.42.0", "nix-2.18.1"], "system.json"),
    ("build.json", &[], "system.json"),
    ("odd.json", &[], "system.json"),
    ("hostile/names.json", &[], "system.json"),
    ("hostile/circle.json", &[], "odd.json"),
];

/// Checks a closure in every format for machines, and notes which outcomes of which rules there were.
fn in_every_format(folder: &Path, args: &[&str], seen: &mut BTreeSet<String>) {
    let run = |format: &str| {
        let (status, out, errors) = printed(folder, &[args, &["--format", format]].concat());
        assert!(matches!(status, Some(0 | 1)), "{args:?}: {errors}");
        out
    };
    let document: Value = serde_json::from_str(&run("json")).expect("JSON");
    let failing = document["failures"].as_array().expect("failures").len();
    let (mut rules, mut broken) = (0, 0);
    for check in document["checks"].as_array().expect("checks") {
        for rule in check["rules"].as_array().expect("rules") {
            let word = |key: &str| rule[key].as_str().expect("a word");
            seen.insert(format!("{} {}", word("rule"), word("outcome")));
            rules += 1;
            broken += usize::from(["broken", "unknown"].contains(&word("outcome")));
        }
    }
    let log = assert_sarif(&run("sarif"));
    let results = log["runs"][0]["results"].as_array().expect("results").len();
    assert!(
        (broken..=failing).contains(&results),
        "{broken} {results} {failing}"
    );
    let suites = assert_junit(&run("junit"));
    let count = |name: &str| suites.named(name).len();
    assert_eq!(count("testcase"), rules);
    assert_eq!(count("failure") + count("error"), broken);
    let report = assert_gitlab(&run("gitlab"));
    assert_eq!(report.as_array().map(Vec::len), Some(results));
    let commands = assert_github(&run("github"));
    let errors = commands.iter().filter(|one| one.kind == "error");
    assert_eq!(errors.count(), broken);
}

#[test]
fn every_kind_of_result_is_valid_in_every_format() {
    let folder = folder("");
    let path = folder.path();
    fs::create_dir(path.join("hostile")).expect("a directory");
    for file in ["odd.json", "hostile/names.json", "hostile/circle.json"] {
        let fixture = repository().join("tests/fixtures").join(file);
        fs::copy(fixture, path.join(file)).expect("copied");
    }
    // What one root has has grown since; beside two others, a further root is new.
    for (file, roots) in [
        ("one.json", &["git-2.42.0"][..]),
        ("before.json", &["git-2.42.0", "dbus-1.14.10"][..]),
    ] {
        let export = ["export", "--from", "system.json", "--format", "json"];
        let (status, exported, _) = printed(path, &[&export[..], roots].concat());
        assert_eq!(status, Some(0));
        fs::write(path.join(file), exported).expect("written");
    }
    let build = r#"[
        {"path": "/nix/store/00000000000000000000000000000000-app", "narSize": 9, "references": [
            "/nix/store/11111111111111111111111111111111-openssl-3.0.12-dev",
            "/nix/store/22222222222222222222222222222222-gcc-13.2.0"
        ]},
        {"path": "/nix/store/11111111111111111111111111111111-openssl-3.0.12-dev", "narSize": 7, "references": []},
        {"path": "/nix/store/22222222222222222222222222222222-gcc-13.2.0", "narSize": 8, "references": []}
    ]"#;
    fs::write(path.join("build.json"), build).expect("written");
    let mut seen = BTreeSet::new();
    for (limit, percent) in [("0", "0"), ("1000000000", "90000")] {
        fs::write(
            path.join("heft.toml"),
            EVERY_KIND
                .replace("LIMIT", limit)
                .replace("PERCENT", percent),
        )
        .expect("written");
        for (from, roots, baseline) in CHECKED {
            let file = [
                "check",
                "--from",
                from,
                "--date",
                "2026-11-28",
                "--baseline",
                baseline,
            ];
            let args = [&file[..], &["--budget", "heft.toml"], roots].concat();
            in_every_format(path, &args, &mut seen);
            let percent = format!("{percent}%");
            let options = ["--max-closure", limit, "--max-growth", &percent];
            in_every_format(path, &[&file[..], &options, roots].concat(), &mut seen);
        }
    }
    // Without files the check fails as a whole where accidents are asked for.
    let kinds = nix_heft::analysis::budget::RuleKind::KEYS.into_iter();
    for rule in kinds.filter(|rule| *rule != "at-most.accidents") {
        for outcome in ["kept", "broken", "unknown", "new"] {
            // What is counted is known, and only growth can be new.
            let possible = match outcome {
                "unknown" => rule.ends_with("size") || rule.ends_with("percent"),
                "new" => rule.starts_with("growth"),
                _ => true,
            };
            let was = seen.contains(&format!("{rule} {outcome}"));
            assert_eq!(was, possible, "{rule} {outcome}");
        }
    }
}

/// Every value inside of a document, by its pointer.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.replace('/', "~1"), value))
            .collect(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(at, value)| (at.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    for (key, value) in inner {
        pointers(value, &format!("{at}/{key}"), found);
    }
}

#[test]
fn what_is_damaged_is_found() {
    let (_, out) = in_format("sarif");
    let log = assert_sarif(&out);
    let mut all = Vec::new();
    pointers(&log, "", &mut all);
    assert!(all.len() > 100);
    for pointer in all {
        // Nothing in a log is a number with a fraction, and no object has such a key.
        let wrong = [Value::from(0.5), serde_json::json!({ "odd": 1 })];
        for damage in wrong {
            let is_map = pointer.ends_with("partialFingerprints") && damage.is_object();
            let mut damaged = log.clone();
            *damaged.pointer_mut(&pointer).expect("it is there") = damage;
            let found = schemas::sarif::mistakes(&damaged);
            assert!(is_map || !found.is_empty(), "{pointer}: {damaged}");
        }
    }
    for (pointer, key) in [
        ("", "version"),
        ("/runs/0", "tool"),
        ("/runs/0/tool/driver", "name"),
        ("/runs/0/tool/driver/rules/0", "id"),
        ("/runs/0/results/0", "message"),
        ("/runs/0/results/0/message", "text"),
        (
            "/runs/0/results/0/locations/0/physicalLocation",
            "artifactLocation",
        ),
        (
            "/runs/0/results/0/locations/0/physicalLocation/region",
            "startLine",
        ),
        ("/runs/0/results/1/codeFlows/0", "threadFlows"),
    ] {
        let mut damaged = log.clone();
        let object = damaged.pointer_mut(pointer).and_then(Value::as_object_mut);
        object.expect("an object").remove(key).expect("it is there");
        let found = schemas::sarif::mistakes(&damaged);
        assert!(!found.is_empty(), "{pointer} without {key}");
    }
    let (_, out) = in_format("junit");
    assert_junit(&out);
    for (from, to) in [
        ("<testsuites", "<testsuites skipped=\"0\""),
        (" tests=", " number="),
        ("tests=\"6\"", "tests=\"5\""),
        ("errors=\"0\"", "errors=\"none\""),
        ("<testcase", "text<testcase"),
        ("<testcase", "<case"),
        ("<properties>", ""),
        ("classname=", "class="),
        ("</failure>", "</failure><failure/>"),
        ("</failure>", "]]></failure>"),
        ("</failure>", "&nbsp;</failure>"),
        ("</failure>", "&#0;</failure>"),
        ("</failure>", "\u{1}</failure>"),
        ("message=\"", "message=\"<"),
        ("message=\"", "type=\"\" message=\""),
        ("message=\"", "message="),
        ("</testsuites>", ""),
        ("</testsuites>", "</testsuites><testsuites/>"),
    ] {
        assert!(out.contains(from), "{from}");
        let damaged = schemas::xml::read(&out.replacen(from, to, 1));
        let found = damaged.map(|document| schemas::junit::mistakes(&document));
        assert_ne!(found, Ok(Vec::new()), "{from} → {to}");
    }
}

#[test]
fn hostile_words_do_no_harm_in_any_format() {
    let evil = "\u{1b}[2J\r\n::error file=x::</failure>]]>|`%0A\u{202e}\u{0}\"'&";
    let quoted = serde_json::to_string(evil).expect("a string");
    let whole = serde_json::to_string(&evil.replace(['/', ' '], "")).expect("a string");
    let budget = format!(
        "[[forbid]]\ngroup = {quoted}\npackage = \"perl\"\nreason = {quoted}\n[[size]]\npackage = {whole}\nmax = 0\n\
         [[exception]]\nname = {whole}\nreason = {quoted}\nuntil = 2000-01-01\n"
    );
    let folder = folder("");
    let file = "a, b%:c\u{1b}\n.toml";
    fs::write(folder.path().join(file), budget).expect("written");
    let base = [
        "check",
        "--from",
        "system.json",
        "--budget",
        file,
        "--color",
        "always",
        "--format",
    ];
    for format in [
        "text", "json", "markdown", "junit", "sarif", "github", "gitlab",
    ] {
        let (status, out, errors) = printed(folder.path(), &[&base[..], &[format]].concat());
        assert_eq!(status, Some(1), "{format}: {errors}");
        let inks = [
            "\u{1b}[0m",
            "\u{1b}[1m",
            "\u{1b}[2m",
            "\u{1b}[31m",
            "\u{1b}[32m",
            "\u{1b}[33m",
            "\u{1b}[36m",
        ];
        for text in [&out, &errors] {
            let clean = inks
                .iter()
                .fold(text.clone(), |text, ink| text.replace(ink, ""));
            assert!(
                !clean.contains(|c: char| c != '\n' && c.is_control()),
                "{format}: {clean:?}"
            );
            assert!(!clean.contains('\u{202e}'), "{format}");
        }
        match format {
            "junit" => drop(assert_junit(&out)),
            "sarif" => drop(assert_sarif(&out)),
            "gitlab" => drop(assert_gitlab(&out)),
            "json" => drop(serde_json::from_str::<Value>(&out).expect("JSON")),
            "github" => {
                let commands = assert_github(&out);
                let kinds: Vec<&str> = commands.iter().map(|one| one.kind.as_str()).collect();
                assert_eq!(kinds, ["error", "warning"]);
                let told: Vec<&String> = commands[0].properties.keys().collect();
                assert_eq!(told, ["file", "line", "title"]);
                assert_eq!(commands[0].properties["file"], "a, b%:c\\u{1b}\\u{a}.toml");
                assert!(commands[0].message.contains("%0A"), "{:?}", commands[0]);
            }
            "markdown" => assert!(!out.contains("</failure>"), "{out}"),
            _ => {}
        }
    }
}

#[test]
fn a_budget_is_begun_kept_and_lowered() {
    let folder = folder("");
    let path = folder.path();
    let base = ["check", "--from", "system.json"];
    let run = |more: &[&str]| printed(path, &[&base[..], more].concat());
    let (status, sample, _) = run(&["--init"]);
    assert_eq!(status, Some(0));
    assert_eq!(run(&["--init", "--budget", "new.toml"]).0, Some(0));
    assert_eq!(
        fs::read_to_string(path.join("new.toml")).expect("written"),
        sample
    );
    let (status, _, errors) = run(&["--init", "--budget", "new.toml"]);
    assert!(
        status == Some(1) && errors.contains("new.toml already exists"),
        "{errors}"
    );
    assert_eq!(run(&["--budget", "new.toml"]).0, Some(0));
    assert!(
        run(&["--budget", "new.toml", "--update"])
            .2
            .contains("no limit can be lowered")
    );

    fs::write(path.join("heft.toml"), BUDGET).expect("written");
    let (status, _, errors) = run(&["--budget", "heft.toml", "--update", "--date", "2026-11-28"]);
    assert_eq!(status, Some(1), "what is broken stays broken");
    assert!(
        errors.contains("lowered line 9, at-most.duplicates: 9 → "),
        "{errors}"
    );
    let lowered = fs::read_to_string(path.join("heft.toml")).expect("there");
    let changed: Vec<(&str, &str)> = BUDGET
        .lines()
        .zip(lowered.lines())
        .filter(|(old, new)| old != new)
        .collect();
    assert_eq!(changed.len(), 3, "{changed:?}");
    assert!(
        changed[0].1.ends_with("MiB\"   # it was more once"),
        "{changed:?}"
    );
    assert_eq!(BUDGET.lines().count(), lowered.lines().count());
    assert!(
        changed[2].1.starts_with("max = \"58.7 MiB\""),
        "{changed:?}"
    );
}

#[test]
fn growth_is_measured_against_snapshots_files_and_roots() {
    let folder = folder("");
    let path = folder.path();
    let exported = nix_heft(
        path,
        &[
            "export",
            "--from",
            "system.json",
            "--output",
            "git.heft",
            "git-2.42.0",
        ],
    );
    assert!(exported.status.success());
    let base = ["check", "--from", "system.json", "--format", "json"];
    let growth = |more: &[&str]| {
        let (status, out, errors) = printed(path, &[&base[..], more].concat());
        let document: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{errors}"));
        (
            status,
            document["checks"][0]["rules"][0]["actual"].as_i64(),
            errors,
        )
    };
    let by_file = growth(&["--max-growth", "0", "--baseline", "git.heft"]);
    let by_root = growth(&["--max-growth", "0", "--baseline", "git-2.42.0"]);
    assert_eq!((by_file.0, by_file.1), (by_root.0, by_root.1));
    assert_eq!(by_file.0, Some(1));
    assert!(by_file.1.is_some_and(|bytes| bytes > 0));
    let same = growth(&["--max-growth", "0%", "--baseline", "system.json"]);
    assert_eq!((same.0, same.1), (Some(0), Some(0)));
    assert!(same.2.contains("nothing differs"), "{}", same.2);

    fs::write(
        path.join("heft.toml"),
        "[growth]\nbaseline = \"git.heft\"\npercent = 1\n",
    )
    .expect("written");
    let away = printed(
        Path::new("/"),
        &[
            "check",
            "--from",
            path.join("system.json").to_str().expect("text"),
            "--budget",
            path.join("heft.toml").to_str().expect("text"),
        ],
    );
    assert_eq!(
        away.0,
        Some(1),
        "a baseline is looked for beside the budget: {}",
        away.2
    );

    let mut later = fs::read(path.join("git.heft")).expect("there");
    let version = later.iter().position(|&byte| byte == 1).expect("a version");
    later[version] = 9;
    fs::write(path.join("later.heft"), later).expect("written");
    let (status, _, errors) = printed(
        path,
        &[
            &base[..3],
            &["--max-growth", "0", "--baseline", "later.heft"],
        ]
        .concat(),
    );
    assert!(
        status == Some(1) && errors.contains("the baseline: "),
        "{errors}"
    );
    let (status, _, errors) = printed(
        path,
        &[&base[..3], &["--max-growth", "0", "--baseline", "missing"]].concat(),
    );
    assert!(
        status == Some(1) && errors.contains("the baseline: "),
        "{errors}"
    );
}

#[test]
fn a_file_that_is_no_journal_is_told_in_a_line() {
    let folder = folder("");
    let path = folder.path();
    let record = ["check", "--from", "system.json", "--record", "sizes.jsonl"];
    assert_eq!(printed(path, &record).0, Some(0));
    let text = fs::read_to_string(path.join("sizes.jsonl")).expect("written");
    fs::write(path.join("empty.jsonl"), "\n").expect("written");
    let header = |file: &str| {
        let (status, out, _) = printed(path, &["history", file, "--format", "csv"]);
        assert_eq!(status, Some(0));
        out.lines().next().map(str::to_owned)
    };
    assert!(header("empty.jsonl").is_some());
    assert_eq!(header("empty.jsonl"), header("sizes.jsonl"));
    fs::write(path.join("none.jsonl"), "no record\n\u{0}\n".repeat(50_000)).expect("written");
    for format in ["text", "json", "csv"] {
        let arguments = ["history", "none.jsonl", "--format", format];
        let (status, out, errors) = printed(path, &arguments);
        assert_eq!((status, &*out), (Some(1), ""), "{errors}");
        assert_eq!(errors.lines().count(), 2, "{errors}");
        assert!(
            errors.contains("is not a journal: 100 000 lines"),
            "{errors}"
        );
    }
    fs::write(path.join("damaged.jsonl"), text + &"{}\n".repeat(50_000)).expect("written");
    let (status, _, errors) = printed(path, &["history", "damaged.jsonl"]);
    assert!(
        status == Some(0) && errors.contains("so are 49 999 more lines like it"),
        "{errors}"
    );
    assert_eq!(errors.lines().count(), 1, "{errors}");
}

#[test]
fn sizes_are_written_down_and_drawn() {
    let folder = folder("");
    let path = folder.path();
    let record = |root: &str, label: &str| {
        let args = [
            "check",
            "--from",
            "system.json",
            "--record",
            "sizes.jsonl",
            "--label",
            label,
            root,
        ];
        printed(path, &args).0
    };
    assert_eq!(
        [
            record("git-2.42.0", "one"),
            record("git-2.42.0", "two"),
            record("nix-2.18.1", "x")
        ],
        [Some(0); 3]
    );
    let text = fs::read_to_string(path.join("sizes.jsonl")).expect("written");
    assert_eq!(text.lines().count(), 3);
    fs::write(path.join("sizes.jsonl"), text + "not a record\n").expect("written");
    let (status, out, errors) = printed(path, &["history", "sizes.jsonl"]);
    assert_eq!(status, Some(0));
    assert!(
        out.starts_with("git  ▁▁  2 records, ")
            && out.contains("  one\n")
            && out.contains("\nnix  ▁  1 record"),
        "{out}"
    );
    assert!(
        errors.contains("line 4 is left out: not a record"),
        "{errors}"
    );
    let (_, out, _) = printed(path, &["history", "sizes.jsonl", "--format", "json"]);
    let document: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(
        (
            &document["damagedLines"],
            &document["series"][0]["records"][1]["change"]
        ),
        (&1.into(), &0.into())
    );
    let page = fs::read_to_string(repository().join("docs/json.md")).expect("docs/json.md");
    let mut keys = json_keys(&document);
    for line in fs::read_to_string(path.join("sizes.jsonl"))
        .expect("there")
        .lines()
        .take(3)
    {
        keys.extend(json_keys(&serde_json::from_str(line).expect("JSON")));
    }
    for key in keys {
        assert!(page.contains(&format!("`{key}`")), "{key} is explained");
    }
    let (_, out, _) = printed(path, &["history", "sizes.jsonl", "--format", "csv"]);
    assert_eq!(
        out.lines().next(),
        Some("date,name,nar_bytes,change_bytes,paths,label,root")
    );
    assert_eq!(out.lines().count(), 4);
    let (status, _, errors) = printed(path, &["history", "missing.jsonl"]);
    assert!(status == Some(1) && errors.contains("--record"), "{errors}");
    assert_eq!(
        printed(path, &["history", "sizes.jsonl", "--from", "system.json"]).0,
        Some(2)
    );
}

/// The blocks of code of a page in one language.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let begin = format!("```{language}\n");
    let parts = page.split(begin.as_str()).skip(1);
    parts
        .filter_map(|part| part.split_once("\n```").map(|(block, _)| block))
        .collect()
}

/// The commands in some YAML: what stands below `run: |`, and the items below `script:`.
fn commands_of_yaml(yaml: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut lines = yaml.lines().peekable();
    let depth = |line: &str| line.len() - line.trim_start().len();
    while let Some(line) = lines.next() {
        let own = depth(line);
        if !line.trim_start().starts_with("run: |") && line.trim() != "script:" {
            continue;
        }
        let mut block = Vec::new();
        while let Some(inner) = lines.next_if(|next| depth(next) > own) {
            let inner = inner.trim();
            block.push(inner.strip_prefix("- ").unwrap_or(inner));
        }
        commands.push(block.join("\n"));
    }
    commands
}

/// A folder in which the commands of the page can run: stand-ins for what is not ours, and our program told to read a file.
fn stage() -> TempDir {
    let folder = folder(BUDGET);
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).expect("a directory");
    let heft = format!(
        "#!/bin/sh\nexec {} \"$@\" --from system.json\n",
        env!("CARGO_BIN_EXE_nix-heft")
    );
    let plain = format!(
        "#!/bin/sh\nexec {} \"$@\"\n",
        env!("CARGO_BIN_EXE_nix-heft")
    );
    let scripts = [
        ("nix", "#!/bin/sh\nexit 0\n".to_owned()),
        ("gh", "#!/bin/sh\ntest -s comment.md\n".to_owned()),
        ("git", "#!/bin/sh\necho abc1234\n".to_owned()),
        ("nix-heft", heft.clone()),
        ("nix-heft-plain", plain),
    ];
    for (name, text) in scripts {
        // What reads no closure takes none.
        let text = if name == "nix-heft" {
            text.replace(
                "exec ",
                "case \"$1\" in history) exec nix-heft-plain \"$@\";; esac\nexec ",
            )
        } else {
            text
        };
        fs::write(bin.join(name), text).expect("written");
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).expect("a mode");
    }
    for link in ["result", "before"] {
        symlink(SYSTEM, folder.path().join(link)).expect("a link");
    }
    folder
}

fn shell(stage: &Path, commands: &str) -> Output {
    let path = format!("{}:/usr/bin:/bin", stage.join("bin").display());
    Command::new("sh")
        .args(["-euc", commands])
        .current_dir(stage)
        .env_clear()
        .env("PATH", path)
        .env("HOME", "/nonexistent")
        .env("PR", "7")
        .stdin(Stdio::null())
        .output()
        .expect("a shell")
}

#[test]
fn the_snippets_of_the_page_run() {
    let page = fs::read_to_string(repository().join("docs/ci.md")).expect("docs/ci.md");
    let sh = blocks(&page, "sh");
    assert!(sh.len() >= 5);
    let begun = stage();
    fs::remove_file(begun.path().join("heft.toml")).expect("it is begun");
    for commands in &sh {
        let output = shell(begun.path(), commands);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{commands}\n{told}");
    }
    for made in ["heft.toml", "main.heft", "sizes.jsonl", "sizes.csv"] {
        assert!(begun.path().join(made).is_file(), "{made}");
    }
    for yaml in blocks(&page, "yaml") {
        let stage = stage();
        let commands = commands_of_yaml(yaml);
        assert!(!commands.is_empty(), "{yaml}");
        for command in commands {
            let output = shell(stage.path(), &command);
            let told = String::from_utf8_lossy(&output.stderr);
            // The budget of the stage is broken, so the check itself ends with 1.
            assert!(
                matches!(output.status.code(), Some(0 | 1)),
                "{command}\n{told}"
            );
            assert!(!told.contains("error:"), "{command}\n{told}");
        }
        let at = |name: &str| stage.path().join(name);
        let read = |path: PathBuf| fs::read_to_string(path).expect("written");
        if yaml.contains("codequality") {
            assert_gitlab(&read(at("codequality.json")));
            assert_junit(&read(at("junit.xml")));
        } else {
            assert_sarif(&read(at("heft.sarif")));
            assert!(read(at("comment.md")).starts_with("<!-- nix-heft check -->\n"));
        }
    }
}

#[test]
fn the_budget_of_the_page_is_one_and_its_nix_can_be_parsed() {
    let page = fs::read_to_string(repository().join("docs/ci.md")).expect("docs/ci.md");
    for toml in blocks(&page, "toml") {
        let budget = nix_heft::analysis::Budget::parse(toml).expect("a budget");
        assert_eq!(
            (
                budget.rules.len(),
                budget.exceptions.len(),
                &budget.oddities[..]
            ),
            (13, 1, &[][..])
        );
    }
    for nix in blocks(&page, "nix") {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("check.nix");
        fs::write(&file, nix).expect("written");
        let parsed = Command::new("nix-instantiate")
            .arg("--parse")
            .arg(&file)
            .output();
        // Without Nix there is nothing to parse it with.
        if let Ok(parsed) = parsed {
            assert!(
                parsed.status.success(),
                "{}",
                String::from_utf8_lossy(&parsed.stderr)
            );
        }
    }
}
