//! What the files of a closure are, without the files: out of listings and archives of a binary cache, and out of a
//! snapshot. Each must say what the files themselves say.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use nix_archive::nar::{CaseHack, encode_path};
use nix_heft::analysis::file_category::Categories;
use serde_json::{Map, Value, json};

const APP: &str = "11111111111111111111111111111111-app-1.0";
const LIB: &str = "22222222222222222222222222222222-lib-2.0";
const MAN: &str = "33333333333333333333333333333333-perl-5.38-man";
const PATHS: [&str; 3] = [APP, LIB, MAN];

/// A store directory, and a binary cache of the same paths.
struct World {
    root: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self {
            root: tempfile::tempdir().expect("a directory"),
        };
        let (lib, man) = (world.path(LIB), world.path(MAN));
        let script = format!("#!{}/bin/sh\nexec it", lib.display());
        world.write(APP, "bin/app", &script);
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(world.path(APP).join("bin/app"), executable).expect("a mode");
        world.write(APP, "share/packed", b"\x1f\x8b\x08rest");
        world.write(APP, "share/elf", b"\x7fELF\x02\x01 nothing more");
        world.write(APP, "share/empty", b"");
        world.write(LIB, "lib/lib.so.1", b"same bytes");
        world.write(LIB, "lib/copy.so", b"same bytes");
        world.write(LIB, "include/\u{fc}ber.h", b"int x;");
        world.write(MAN, "share/man/man1/perl.1", b"a manual page");
        let page = "share/man/man1/perl.1";
        fs::create_dir_all(world.path(APP).join("share/man/man1")).expect("a directory");
        symlink(man.join(page), world.path(APP).join(page)).expect("a link");
        fs::create_dir_all(world.cache().join("nar")).expect("a directory");
        for path in PATHS {
            world.publish(path);
        }
        world
    }

    fn store(&self) -> PathBuf {
        self.root.path().join("store")
    }

    fn cache(&self) -> PathBuf {
        self.root.path().join("cache")
    }

    fn path(&self, base: &str) -> PathBuf {
        self.store().join(base)
    }

    fn write(&self, base: &str, relative: &str, content: impl AsRef<[u8]>) {
        let path = self.path(base).join(relative);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, content).expect("a file");
    }

    fn listing(&self, base: &str) -> PathBuf {
        self.cache().join(format!("{}.ls", &base[..32]))
    }

    /// Puts a path into the cache: record, archive, listing.
    fn publish(&self, base: &str) {
        let mut nar = Vec::new();
        encode_path(&mut nar, &self.path(base), CaseHack::Disabled).expect("an archive");
        let packed = zstd::encode_all(&nar[..], 1).expect("to memory");
        fs::write(self.cache().join(format!("nar/{base}")), &packed).expect("a file");
        let references = if base == APP {
            [LIB, MAN].join(" ")
        } else {
            String::new()
        };
        let record = format!(
            "StorePath: {}\nURL: nar/{base}\nCompression: zstd\nFileSize: {}\nNarSize: {}\nReferences: {references}\n",
            self.path(base).display(),
            packed.len(),
            nar.len(),
        );
        let file = self.cache().join(format!("{}.narinfo", &base[..32]));
        fs::write(file, record).expect("a file");
        let info = format!("StoreDir: {}\n", self.store().display());
        fs::write(self.cache().join("nix-cache-info"), info).expect("a file");
        let listing = json!({"version": 1, "root": listed(&self.path(base))});
        fs::write(self.listing(base), listing.to_string()).expect("a file");
    }

    /// Takes the files away: from here on they are in the cache alone.
    fn hide(&self) {
        fs::rename(self.store(), self.root.path().join("hidden")).expect("a move");
    }

    fn show(&self) {
        fs::rename(self.root.path().join("hidden"), self.store()).expect("a move");
    }

    fn output(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nix-heft"));
        command.args(arguments).env_clear();
        command.env("XDG_CACHE_HOME", self.root.path().join("memory"));
        command.env("NIX_STORE_DIR", self.store());
        command.output().expect("the program starts")
    }

    /// What the program prints, and what it says beside.
    fn run(&self, arguments: &[&str]) -> (String, String) {
        let output = self.output(arguments);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{errors}");
        (String::from_utf8(output.stdout).expect("text"), errors)
    }

    fn in_cache(&self, arguments: &[&str]) -> (String, String) {
        let (url, app) = (format!("file://{}", self.cache().display()), self.path(APP));
        let app = app.to_str().expect("text");
        self.run(&[arguments, &[app, "--store", &url]].concat())
    }

    fn in_snapshot(&self, arguments: &[&str]) -> (String, String) {
        let file = self.snapshot();
        self.run(&[arguments, &["--from", file.to_str().expect("text")]].concat())
    }

    fn snapshot(&self) -> PathBuf {
        self.root.path().join("a.snapshot")
    }
}

/// What Nix lists of a file, link or directory.
fn listed(path: &Path) -> Value {
    let metadata = path.symlink_metadata().expect("it is there");
    if metadata.is_symlink() {
        let target = fs::read_link(path).expect("a link");
        return json!({"type": "symlink", "target": target.to_str()});
    }
    if metadata.is_file() {
        let executable = metadata.permissions().mode() & 0o100 != 0;
        let mut file = json!({"type": "regular", "size": metadata.len(), "narOffset": 400});
        if executable {
            file["executable"] = true.into();
        }
        return file;
    }
    let entries = fs::read_dir(path).expect("a directory").map(|entry| {
        let entry = entry.expect("readable");
        let name = entry.file_name().into_string().expect("text");
        (name, listed(&entry.path()))
    });
    json!({"type": "directory", "entries": entries.collect::<Map<_, _>>()})
}

fn document(text: &str) -> Value {
    serde_json::from_str(text).expect("one JSON document")
}

/// What a document says the files of each path are, whatever it says of disks.
fn rows(document: &Value) -> Vec<String> {
    let keys = [
        "path",
        "narSize",
        "complete",
        "files",
        "symlinks",
        "directories",
        "payload",
        "categories",
    ];
    let rows = document["paths"].as_array().expect("rows").iter();
    let mut rows: Vec<String> = rows
        .map(|row| keys.map(|key| row[key].to_string()).join(" "))
        .collect();
    rows.sort();
    rows
}

const FILES: &[&str] = &["files", "--format", "json"];
const PRECISE: &[&str] = &["files", "--precise", "--format", "json"];

#[test]
fn archives_say_what_the_files_say() {
    let world = World::new();
    let disk = document(&world.in_cache(FILES).0);
    assert!(disk["totals"]["diskSize"].is_u64());
    world.hide();
    let (text, errors) = world.in_cache(PRECISE);
    assert!(errors.contains("reading 3 archives of file://"), "{errors}");
    let archives = document(&text);
    assert_eq!(rows(&disk), rows(&archives));
    for key in ["categories", "accidental", "missing"] {
        assert_eq!(disk[key], archives[key], "{key}");
    }
    assert_eq!(disk["totals"]["payload"], archives["totals"]["payload"]);
    // What is not known is not called nothing.
    assert_eq!(archives["totals"]["diskSize"], Value::Null);
    assert_eq!(archives["paths"][0]["exclusive"], Value::Null);
    assert_eq!(archives["identical"], Value::Null);
}

#[test]
fn listings_say_what_names_and_modes_say() {
    let world = World::new();
    let disk = document(&world.in_cache(FILES).0);
    world.hide();
    let (text, errors) = world.in_cache(FILES);
    assert!(
        errors.contains("--precise reads the archives: "),
        "{errors}"
    );
    let listed = document(&text);
    assert_eq!(listed["totals"]["payload"], disk["totals"]["payload"]);
    assert_eq!(listed["accidental"], Value::Null);
    let others = |document: &Value| {
        let rows = rows(document).into_iter();
        rows.filter(|row| !row.contains(APP)).collect::<Vec<_>>()
    };
    // Nothing but first bytes tells about two of the application's files.
    assert_eq!(others(&listed), others(&disk));
    let categories = Categories::built_in();
    let rest = categories.as_slice()[categories.rest()].name.clone();
    let app = |document: &Value, name: &str| {
        let rows = document["paths"].as_array().expect("rows").clone();
        let row = rows
            .iter()
            .find(|row| row["path"].to_string().contains(APP));
        row.expect("a row")["categories"][name]["files"]
            .as_u64()
            .unwrap_or(0)
    };
    for (name, on_disk, by_names) in [(&rest[..], 1, 3), ("archives", 1, 0), ("executables", 2, 1)]
    {
        let counts = (app(&disk, name), app(&listed, name));
        assert_eq!(counts, (on_disk, by_names), "{name}");
    }
    let by_names = |document: &Value| document["paths"][0]["byNames"].clone();
    assert_eq!(
        (by_names(&disk), by_names(&listed)),
        (false.into(), true.into())
    );
}

#[test]
fn listings_may_be_packed_and_need_no_archives() {
    let world = World::new();
    world.hide();
    let plain = world.in_cache(FILES).0;
    for path in PATHS {
        let bytes = fs::read(world.listing(path)).expect("a listing");
        let packed = zstd::encode_all(&bytes[..], 1).expect("to memory");
        fs::write(world.listing(path), packed).expect("a file");
    }
    fs::remove_dir_all(world.cache().join("nar")).expect("it was there");
    assert_eq!(world.in_cache(FILES).0, plain);
}

/// Does something to a listing that its readers must notice.
type Damage<'a> = &'a dyn Fn(&Path);

#[test]
fn a_listing_that_lacks_or_lies_is_missing_and_said_to_be() {
    let damages: [(Damage<'_>, &str); 4] = [
        (
            &|file| fs::remove_file(file).expect("it was there"),
            "nor in a listing of the binary cache",
        ),
        (
            &|file| fs::write(file, "{").expect("a file"),
            "listings that are of no use",
        ),
        (
            &|file| {
                let text = fs::read_to_string(file).expect("a listing");
                fs::write(file, text.replace("\"size\":10", "\"size\":99")).expect("a file");
            },
            "do not make the archive that was recorded",
        ),
        (
            &|file| fs::write(file, b"\x28\xb5\x2f\xfdx").expect("a file"),
            "zstd is damaged",
        ),
    ];
    for (damage, said) in damages {
        let world = World::new();
        world.hide();
        damage(&world.listing(LIB));
        let (text, errors) = world.in_cache(FILES);
        assert!(errors.contains(said), "{errors}");
        let listed = document(&text);
        assert_eq!(listed["missing"], json!([world.path(LIB)]));
        assert_eq!(listed["paths"].as_array().map(Vec::len), Some(2));
        let (text, _) = world.in_cache(&["files"]);
        assert!(text.contains("the files of 1 path are neither"), "{text}");
        // The archive knows.
        let (text, _) = world.in_cache(PRECISE);
        assert_eq!(document(&text)["missing"], json!([]));
    }
    let world = World::new();
    world.hide();
    for path in PATHS {
        fs::remove_file(world.listing(path)).expect("it was there");
    }
    let url = format!("file://{}", world.cache().display());
    let output = world.output(&[
        "files",
        world.path(APP).to_str().expect("text"),
        "--store",
        &url,
    ]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(errors.contains("has no listings of them"), "{errors}");
    assert!(
        errors.contains("--precise reads the archives: "),
        "{errors}"
    );
}

#[test]
fn a_snapshot_answers_as_the_files_do() {
    let world = World::new();
    let why = ["why", "perl*", "--precise"];
    let why_json = ["why", "perl*", "--precise", "--format", "json"];
    let accidental = ["list", "--filter", "accidental", "--format", "json"];
    let direct = [&why[..], &why_json, &accidental].map(|one| world.in_cache(one).0);
    let files = document(&world.in_cache(FILES).0);
    let file = world.snapshot();
    let export = |with: &[&str]| {
        let output = ["export", "--output", file.to_str().expect("text")];
        world.in_cache(&[&output[..], with].concat());
    };
    for with in [
        &["--with", "files,evidence"][..],
        &["--with", "evidence", "--with", "files"],
    ] {
        export(with);
        world.hide();
        let again = [&why[..], &why_json, &accidental].map(|one| world.in_snapshot(one).0);
        assert_eq!(direct, again);
        let (text, errors) = world.in_snapshot(FILES);
        assert_eq!(errors, "");
        let again = document(&text);
        assert_eq!(rows(&files), rows(&again));
        assert_eq!(files["accidental"], again["accidental"]);
        assert_eq!(files["totals"]["payload"], again["totals"]["payload"]);
        assert_eq!(again["totals"]["diskSize"], Value::Null);
        world.show();
        fs::remove_file(&file).expect("it was there");
    }
    // A snapshot of such a snapshot has it all too, and of one path only its own.
    export(&["--with", "files,evidence"]);
    world.hide();
    let other = world.root.path().join("b.snapshot");
    world.in_snapshot(&["export", "--output", other.to_str().expect("text")]);
    fs::rename(&other, &file).expect("a move");
    assert_eq!(world.in_snapshot(&why).0, direct[0]);
    let part = document(&world.in_snapshot(&[FILES, &[LIB]].concat()).0);
    assert_eq!(part["paths"].as_array().map(Vec::len), Some(1));
    assert_eq!(part["totals"]["payload"], 26);
}

#[test]
fn a_snapshot_has_what_was_asked_for() {
    let world = World::new();
    let file = world.snapshot();
    let name = file.to_str().expect("text");
    let fails = |arguments: &[&str]| {
        let output = world.output(&[arguments, &["--from", name]].concat());
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    world.in_cache(&["export", "--output", name]);
    world.hide();
    assert!(fails(&["why", "perl*", "--precise"]).contains("not on this machine"));
    assert!(fails(&["files"]).contains("not on this machine"));
    world.show();
    world.in_cache(&["export", "--output", name, "--with", "files"]);
    world.hide();
    assert!(fails(&["why", "perl*", "--precise"]).contains("not on this machine"));
    assert_eq!(
        document(&world.in_snapshot(FILES).0)["accidental"],
        Value::Null
    );
    // Of a cache, evidence comes from the archives.
    let (_, errors) = world.in_cache(&["export", "--output", name, "--with", "evidence"]);
    assert!(errors.contains("reading 1 archive of file://"), "{errors}");
    let (text, _) = world.in_snapshot(&["why", "perl*", "--precise"]);
    // A link to a page of a manual installs it: it is a place, and no accident.
    assert!(
        text.contains("share/man/man1/perl.1  symbolic link"),
        "{text}"
    );
    let output = world.output(&[
        "export", "--format", "dot", "--with", "files", "--from", name,
    ]);
    assert_eq!(output.status.code(), Some(2));
}
