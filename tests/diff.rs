//! `diff` as a shell sees it, and against what Nix says of two closures.

#[expect(dead_code, reason = "other tests use the rest of it")]
mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use common::NixStore;
use serde_json::Value;

/// The program in the directory of fixtures, with an environment that knows no store.
fn output(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nix-heft"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures"))
        .arg("diff")
        .args(arguments)
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("NIX_STATE_DIR", "/nonexistent/nix/var/nix")
        .output()
        .expect("the program starts")
}

fn printed(arguments: &[&str]) -> String {
    let output = output(arguments);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).expect("text")
}

fn document(arguments: &[&str]) -> Value {
    let text = printed(&[arguments, &["--format", "json"]].concat());
    serde_json::from_str(&text).expect("one JSON document")
}

fn known(value: &Value, key: &str) -> i64 {
    let of = |key: &str| value.get(key).and_then(Value::as_i64);
    let other = format!("known{}{}", key[..1].to_uppercase(), &key[1..]);
    of(key).or_else(|| of(&other)).expect("a number")
}

/// The differences of all packages are the difference of the totals, whatever the sides are.
fn assert_adds_up(document: &Value) {
    let (before, after) = (&document["before"], &document["after"]);
    let whole = known(after, "narSize") - known(before, "narSize");
    assert_eq!(known(&document["delta"], "narSize"), whole);
    let packages = document["packages"].as_array().expect("a list");
    let sum: i64 = packages.iter().map(|one| known(one, "delta")).sum();
    assert_eq!(sum, whole);
    let paths = |side: &Value| side["paths"].as_i64().expect("a number");
    let (came, left) = (paths(&document["came"]), paths(&document["left"]));
    assert_eq!(paths(after) - paths(before), came - left);
    assert_eq!(document["same"].as_i64(), Some(paths(after) - came));
    let folded = |causes: &Value| -> i64 {
        let causes = causes.as_array().expect("a list").iter();
        let len = |cause: &Value| cause["paths"].as_array().expect("a list").len();
        let paths = causes.map(|cause| i64::try_from(len(cause)).expect("few"));
        paths.sum()
    };
    assert!(folded(&document["arrivals"]) <= came);
    assert!(folded(&document["departures"]) <= left);
}

#[test]
fn sums_are_exact_whatever_the_sides_are() {
    let sides = [
        "odd.json",
        "system.json",
        "from:odd.json#lib-1.0",
        "from:system.json#perl",
        "formats/derived-dump-db.txt",
    ];
    for before in sides {
        for after in sides {
            assert_adds_up(&document(&[before, after]));
        }
    }
}

#[test]
fn the_same_twice_is_no_difference_and_is_said() {
    let output = output(&["odd.json", "odd.json"]);
    assert!(output.status.success());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("both sides are the same"), "{errors}");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("0 came, 0 left, 5 the same"), "{text}");
}

#[test]
fn what_cannot_be_compared_is_an_error_with_a_hint() {
    let directory = tempfile::tempdir().expect("a directory");
    let guix = directory.path().join("guix.json");
    let text = r#"[{"path":"/gnu/store/6mgh6x89bas54rsx29h7xpy8h66ls285-app","narSize":1,"references":[]}]"#;
    fs::write(&guix, text).expect("written");
    let guix = guix.to_str().expect("text");
    for (arguments, status, words) in [
        (&["odd.json", guix][..], 1, "different store directories"),
        (&["odd.json", "nowhere.json"], 1, ""),
        (&["-", "-"], 2, "standard input"),
        (&["", "odd.json"], 2, "names nothing"),
        (
            &["from:odd.json#nothing", "odd.json"],
            1,
            "nothing is not a valid path",
        ),
        (&["odd.json"], 2, "AFTER"),
        (&["odd.json", "plan:/nowhere.toml"], 1, "nowhere.toml"),
        (&["odd.json", "plan:x", "--journal", "y"], 2, "prediction"),
        (&["odd.json", "system.json", "--label", "x"], 2, "--journal"),
    ] {
        let output = output(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(status),
            "{arguments:?}: {errors}"
        );
        assert!(errors.contains(words), "{arguments:?}: {errors}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_plan_is_predicted_and_held_against_what_became_of_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let plan = directory.path().join("plan.toml");
    let text =
        "format = \"nix-heft/plan\"\nversion = 1\n[[step]]\nremove = { name = \"perl-5.38.2\" }\n";
    fs::write(&plan, text).expect("written");
    let plan = plan.to_str().expect("text");
    let predicted = document(&["system.json", &format!("plan:{plan}")]);
    assert_adds_up(&predicted);
    assert_eq!(predicted["predicted"], true);
    assert!(known(&predicted["delta"], "narSize") < 0);
    let held = document(&["system.json", "system.json", "--plan", plan]);
    assert_eq!(held["plan"]["steps"][0]["done"], false);
    let beyond = known(&held["plan"]["beyond"], "narSize");
    assert_eq!(-beyond, known(&predicted["delta"], "narSize"));
    let held = document(&["system.json", "odd.json", "--plan", plan]);
    assert_eq!(held["plan"]["steps"][0]["done"], true);
    let text = printed(&["system.json", "system.json", "--plan", plan]);
    assert!(text.contains("the plan: 0 of 1 step done"), "{text}");
}

#[test]
fn a_comment_is_short_and_names_are_no_markup() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("odd.json");
    let entry = |at: usize, name: &str| {
        format!(r#"{{"path":"/nix/store/{at:032}-{name}","narSize":{at},"references":[]}}"#)
    };
    let names = [
        "a|b-1",
        "`c`-1",
        "<b>x-1",
        "\\u001b[2J-1",
        "=1+1-1",
        "*star*-1",
    ];
    let entries = names
        .iter()
        .enumerate()
        .map(|(at, name)| entry(at + 1, name));
    fs::write(
        &file,
        format!("[{}]", entries.collect::<Vec<_>>().join(",")),
    )
    .expect("written");
    let file = file.to_str().expect("text");
    for format in ["text", "markdown", "csv", "json"] {
        let text = printed(&["odd.json", file, "--format", format]);
        assert!(!text.contains('\u{1b}'), "{format}: {text}");
    }
    let markdown = printed(&["odd.json", file, "--format", "markdown", "--limit", "3"]);
    let rows = markdown.lines().filter(|line| line.starts_with("| `"));
    assert_eq!(rows.count(), 3, "{markdown}");
    assert!(
        markdown.contains("and 7 more; 10 packages changed"),
        "{markdown}"
    );
    let whole = printed(&["odd.json", file, "--format", "markdown"]);
    assert!(whole.contains("a\\|b"), "{whole}");
    let csv = printed(&["odd.json", file, "--format", "csv"]);
    assert!(csv.contains("'=1+1"), "{csv}");
    let nothing = printed(&[file, file, "--format", "csv"]);
    assert_eq!(
        nothing.lines().collect::<Vec<_>>(),
        [csv.lines().next().expect("a header")]
    );
}

/// Files of the store that say why a reference is there, told by hand.
fn assert_evidence(store: &NixStore, causes: &Value) -> usize {
    let mut told = 0;
    for cause in causes.as_array().expect("a list") {
        let references = cause["references"].as_array().expect("a list");
        let rows = cause["evidence"].as_array();
        // One reference is told of each that has some.
        assert_eq!(
            rows.is_some_and(|rows| !rows.is_empty()),
            !references.is_empty(),
            "{cause}"
        );
        for row in rows.into_iter().flatten() {
            let text = |key: &str| row[key].as_str().expect("text");
            let (from, to) = (text("from"), text("to"));
            assert_eq!(to, cause["path"].as_str().expect("text"), "{row}");
            let hash = to.rsplit('/').next().expect("a name")[..32].to_owned();
            let file = Path::new(from).join(text("file"));
            let bytes = fs::read(&file).unwrap_or_else(|error| panic!("{row}: {error}"));
            let found = bytes.windows(32).position(|part| part == hash.as_bytes());
            assert!(found.is_some(), "{row}");
            assert!(
                store.query(&["-q", "--references", from]).contains(to),
                "{row}"
            );
            told += 1;
        }
    }
    told
}

#[test]
fn the_files_say_what_brought_what_came_and_held_what_left() {
    let mut told = 0;
    for seed in 5..9 {
        let Some(store) = NixStore::build(seed, 30) else {
            return;
        };
        let (a, b) = (&store.tops[0], &store.tops[1]);
        let text = store.heft(&["diff", a, b, "--precise", "--format", "json"]);
        let document: Value = serde_json::from_str(&text).expect("JSON");
        assert_adds_up(&document);
        told += assert_evidence(&store, &document["arrivals"]);
        told += assert_evidence(&store, &document["departures"]);
        let text = store.heft(&["diff", a, b, "--precise"]);
        assert!(text.contains("refs"), "files are named: {text}");
        // Without the option no file is read.
        let plain = store.heft(&["diff", a, b, "--format", "json"]);
        assert!(!plain.contains("\"evidence\""), "{plain}");
    }
    assert!(told > 0, "some packages came or left");
    // Where the files are not, the answer stands and it is said.
    let output = output(&["odd.json", "system.json", "--precise"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!errors.contains("panicked"), "{errors}");
}

#[test]
fn a_side_without_sizes_is_said_and_counts_what_is_known() {
    let directory = tempfile::tempdir().expect("a directory");
    let bare = directory.path().join("bare.json");
    let hash = nix_heft::testing::hash_part;
    let text = format!(
        r#"[{{"path":"/nix/store/{}-app-1","references":[]}}]"#,
        hash(1)
    );
    fs::write(&bare, text).expect("written");
    let bare = bare.to_str().expect("text");
    for sides in [[bare, "system.json"], ["system.json", bare]] {
        let found = output(&[&sides[..], &["--format", "json"]].concat());
        let errors = String::from_utf8_lossy(&found.stderr);
        assert!(errors.contains("no sizes are known of what is"), "{errors}");
        let document: Value = serde_json::from_slice(&found.stdout).expect("JSON");
        assert_eq!(document["delta"]["narSize"], Value::Null);
        assert_adds_up(&document);
    }
}

/// What `nix store diff-closures` says: the difference of each package in KiB, as far as it says one.
fn differences_of_nix(text: &str) -> BTreeMap<String, Option<f64>> {
    let plain = |line: &str| {
        let mut out = String::new();
        let mut parts = line.split('\u{1b}');
        out.push_str(parts.next().unwrap_or_default());
        for part in parts {
            out.push_str(part.split_once('m').map_or("", |(_, rest)| rest));
        }
        out
    };
    let lines = text.lines().map(plain);
    let said = lines.filter_map(|line| {
        let (name, what) = line.split_once(": ")?;
        let size = what.rsplit(", ").next()?.strip_suffix(" KiB");
        let size = size.and_then(|size| size.parse().ok());
        Some((name.to_owned(), size))
    });
    said.collect()
}

#[test]
fn packages_differ_as_nix_says() {
    for seed in 1..4 {
        let Some(store) = NixStore::build(seed, 40) else {
            return;
        };
        let (a, b) = (&store.tops[0], &store.tops[1]);
        let said = store.run("nix", &["store", "diff-closures", a, b]);
        let nix = differences_of_nix(&said);
        let text = store.heft(&["diff", a, b, "--format", "json"]);
        let ours: Value = serde_json::from_str(&text).expect("JSON");
        assert_adds_up(&ours);
        let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
        for package in ours["packages"].as_array().expect("a list") {
            let name = package["pname"].as_str().expect("a name");
            *sums.entry(name).or_default() += known(package, "delta");
        }
        for (name, said) in &nix {
            let sum = sums.get(name.as_str()).copied();
            let kib = sum.expect("a package that differs") as f64 / 1024.0;
            if let Some(said) = said {
                assert!((kib - said).abs() < 0.051, "{name}: {kib} {said}");
            }
        }
        // Nix passes over less than 8 KiB.
        for (name, sum) in sums.iter().filter(|(_, sum)| sum.abs() >= 8 * 1024) {
            assert!(
                nix.get(*name).is_some_and(Option::is_some),
                "{name} {sum}: {said}"
            );
        }
        let members = |top: &str| store.query(&["-qR", top]);
        let (before, after) = (members(a), members(b));
        let count = |key: &str| ours[key]["paths"].as_u64().expect("a number") as usize;
        assert_eq!(count("came"), after.difference(&before).count());
        assert_eq!(count("left"), before.difference(&after).count());
    }
}
