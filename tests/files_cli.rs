//! The commands that look into files, as a shell sees them: `files`, `why --precise`, `list --filter accidental`.

use nix_archive::nar::{CaseHack, encode_path};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

const APP: &str = "11111111111111111111111111111111-app-1.0";
const LIB: &str = "22222222222222222222222222222222-lib-2.0";
const MAN: &str = "33333333333333333333333333333333-perl-5.38-man";

/// The length of a path's NAR.
fn nar_size(path: &Path) -> u64 {
    let mut nar = Vec::new();
    encode_path(&mut nar, path, CaseHack::Disabled).expect("an archive");
    nar.len() as u64
}

/// A store directory with three paths, and their records in the words of `nix path-info --json`.
struct Store {
    root: tempfile::TempDir,
}

impl Store {
    fn new() -> Self {
        let store = Self {
            root: tempfile::tempdir().expect("a directory"),
        };
        let (lib, man) = (store.path(LIB), store.path(MAN));
        store.write(
            APP,
            "bin/app",
            format!("#!{}/bin/sh\nexec it", lib.display()),
        );
        store.write(LIB, "lib/lib.so.1", "same bytes");
        store.write(LIB, "lib/copy.so", "same bytes");
        store.write(MAN, "share/man/man1/perl.1", "a manual page");
        let page = man.join("share/man/man1/perl.1");
        store.write(
            APP,
            "share/doc/app/README",
            format!("see {}\n", page.display()),
        );
        store.record();
        store
    }

    /// Records the paths as they are: evidence counts as complete only where the files make a NAR of the recorded size.
    fn record(&self) {
        let (app, lib, man) = (self.path(APP), self.path(LIB), self.path(MAN));
        let record = |path: &PathBuf, references: &[&PathBuf]| json!({"narSize": nar_size(path), "references": references});
        let records = json!({
            app.to_string_lossy(): record(&app, &[&lib, &man]),
            lib.to_string_lossy(): record(&lib, &[]),
            man.to_string_lossy(): record(&man, &[]),
        });
        fs::write(self.records(), records.to_string()).expect("a file");
    }

    fn records(&self) -> PathBuf {
        self.root.path().join("records.json")
    }

    fn path(&self, base: &str) -> PathBuf {
        self.root.path().join("store").join(base)
    }

    fn write(&self, base: &str, relative: &str, content: impl AsRef<[u8]>) {
        let path = self.path(base).join(relative);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, content).expect("a file");
    }

    /// What the program prints, with the place of the store taken out.
    fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_nix-heft"))
            .args(arguments)
            .arg("--from")
            .arg(self.records())
            .env_clear()
            .output()
            .expect("the program starts");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        let text = String::from_utf8(output.stdout).expect("text");
        text.replace(&*self.root.path().to_string_lossy(), "ROOT")
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let text = self.run(&[arguments, &["--format", "json"]].concat());
        serde_json::from_str(&text).expect("one JSON document")
    }
}

#[test]
fn programs_get_every_occurrence_or_are_told_how_many_there_are() {
    let store = Store::new();
    let lib = store.path(LIB);
    let name = |count: usize| format!("{}\n", lib.display()).repeat(count);
    for (count, listed) in [(5000, 5001), (12_000, 10_000)] {
        store.write(APP, "share/many", name(count));
        let document = store.json(&["why", "lib", "--precise"]);
        let evidence = document["evidence"].as_array().expect("occurrences");
        assert_eq!(evidence.len(), listed);
        let totals = &document["evidenceTotals"][0];
        assert_eq!(totals["listed"], listed);
        assert_eq!(totals["total"], count + 1);
        assert_eq!(totals["classes"]["data"], count);
    }
}

#[test]
fn why_precise_names_file_line_and_class() {
    let store = Store::new();
    let document = store.json(&["why", "lib", "--precise"]);
    assert_eq!(
        document["evidence"],
        json!([{
            "from": format!("ROOT/store/{APP}"),
            "to": format!("ROOT/store/{LIB}"),
            "file": "bin/app",
            "kind": "content",
            "class": "shebang",
            "offset": 9 + store.root.path().to_string_lossy().len(),
            "line": 1,
            "context": format!("#!ROOT/store/{LIB}/bin/sh"),
        }])
    );
    assert_eq!(
        document["evidenceTotals"],
        json!([{
            "from": format!("ROOT/store/{APP}"),
            "to": format!("ROOT/store/{LIB}"),
            "total": 1,
            "listed": 1,
            "classes": { "shebang": 1 },
            "complete": true,
        }])
    );
    assert!(store.json(&["why", "lib"]).get("evidence").is_none());
    let text = store.run(&["why", "perl*", "--precise"]);
    let place = "app-1.0 → perl-5.38-man (1 place, likely an accident)\n      share/doc/app/README";
    assert!(text.contains(place), "{text}");
}

#[test]
fn a_list_can_be_narrowed_to_accidents() {
    let store = Store::new();
    let names = |filter: &str| {
        let document = store.json(&["list", "--filter", filter]);
        let paths = document["paths"].as_array().expect("a list").clone();
        let name = |path: &Value| path["name"].as_str().expect("a name").to_owned();
        paths.iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(names("accidental"), ["perl-5.38-man"]);
    assert_eq!(names("accidental lib"), Vec::<String>::new());
    assert_eq!(names("(ACCIDENTAL)"), ["perl-5.38-man"]);
    assert_eq!(names("accidental or lib").len(), 2);
    let others = names("not accidental");
    assert!(!others.is_empty() && !others.contains(&"perl-5.38-man".to_owned()));
    assert_eq!(names("lib"), ["lib-2.0"]);
}

#[test]
fn a_list_knows_what_is_on_disk() {
    let store = Store::new();
    store.write(LIB, "lib/large", vec![1; 100_000]);
    store.record();
    let document = store.json(&["list", "--sort", "disk"]);
    let first = &document["paths"][0];
    assert_eq!(first["name"], "lib-2.0");
    let size = first["diskSize"].as_u64().expect("a size");
    let du = Command::new("du")
        .args(["-s", "--block-size=1"])
        .arg(store.path(LIB))
        .output()
        .expect("du runs");
    let du = String::from_utf8(du.stdout).expect("text");
    let expected = du.split_whitespace().next().expect("a number");
    assert_eq!(size.to_string(), expected);
    let matching = |query: &str| {
        let document = store.json(&["list", "--filter", query]);
        document["paths"].as_array().expect("a list").len()
    };
    assert_eq!(matching("disk>=100000"), 1);
    assert_eq!(matching("disk<100000"), 2);
    fs::remove_dir_all(store.path(LIB)).expect("it was there");
    assert_eq!(matching("disk=?"), 1);
    assert_eq!(matching("disk<100000"), 2);
}

#[test]
fn files_add_up() {
    let store = Store::new();
    let document = store.json(&["files"]);
    assert_eq!(document["format"], "nix-heft/files");
    let sum = |rows: &Value| -> u64 {
        let rows = rows.as_array().expect("rows");
        rows.iter()
            .map(|row| row["bytes"].as_u64().expect("a number"))
            .sum()
    };
    assert_eq!(
        Some(sum(&document["categories"])),
        document["totals"]["payload"].as_u64()
    );
    assert_eq!(document["identical"]["saved"], 10);
    assert_eq!(
        document["accidental"]["freed"]["narSize"],
        nar_size(&store.path(MAN))
    );
    assert_eq!(
        document["accidental"]["references"][0]["class"],
        "documentation"
    );
    let text = store.run(&["files"]);
    for part in [
        "shared libraries",
        "hard links in place of 1 file would save 10 B",
        "app-1.0 → perl-5.38-man",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

/// What a failing command says, for a closure of one path that is nowhere on this machine.
fn failure(directory: &std::path::Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_nix-heft"))
        .args(arguments)
        .env_clear()
        .env("HOME", directory)
        .output()
        .expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    errors
}

#[test]
fn a_cache_that_may_not_be_asked_is_not_said_to_lack_anything() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("a.json");
    let app = format!("/nix/store/{APP}");
    let records = json!([{"path": app, "narSize": 1000, "references": []}]);
    fs::write(&file, records.to_string()).expect("a file");
    let from = format!("--from={}", file.display());
    let source = [from.as_str(), "--store=http://127.0.0.1:1", "--offline"];
    for command in [&["files"][..], &["files", "--precise"]] {
        let errors = failure(directory.path(), &[command, &source].concat());
        assert!(errors.contains("are not on this machine"), "{errors}");
        assert!(errors.contains("--offline forbids asking"), "{errors}");
        for untrue in ["no listings", "to fetch", "perhaps no binary cache"] {
            assert!(!errors.contains(untrue), "{errors}");
        }
    }
}

#[test]
fn what_a_cache_has_but_cannot_be_used_is_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let put = |name: &str, content: &str| {
        fs::write(directory.path().join(name), content).expect("written");
    };
    put(
        &format!("{}.narinfo", &APP[..32]),
        &format!(
            "StorePath: /nix/store/{APP}\nURL: x.nar.br\nCompression: br\nReferences: \nNarHash: md5:x\n"
        ),
    );
    put(&format!("{}.ls", &APP[..32]), "junk");
    put("x.nar.br", "");
    put("zzz.narinfo", "junk");
    let store = format!("--store=file://{}", directory.path().display());
    let errors = failure(directory.path(), &["files", &store]);
    for expected in [
        "listings that are of no use",
        "has no usable listings",
        "at least 0 B (1 path of unknown size) unpacked",
        "a record without a NAR hash",
        "not after a hash, left out: zzz.narinfo",
    ] {
        assert!(errors.contains(expected), "{expected}: {errors}");
    }
    let errors = failure(directory.path(), &["files", "--precise", &store]);
    assert!(
        errors.contains("archives that could not be read"),
        "{errors}"
    );
}
