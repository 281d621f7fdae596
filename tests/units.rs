//! `--bytes`: no command prints a size in another unit, in any of its formats.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use nix_heft::testing::database::{Schema, create, write};
use nix_heft::testing::{graph, id};
use tempfile::TempDir;

/// What every command is asked, at least once; each is asked in all of its formats.
const ASKED: &[&[&str]] = &[
    &["list"],
    &["list", "--sort", "disk"],
    &["list", "--filter", "nar>1MiB"],
    &["tree"],
    &["why", "lib-1.0"],
    &["why", "lib-1.0", "--alive"],
    &["why", "lib-1.0", "--precise"],
    &["cut", "lib-1.0"],
    &["what-if", "--remove", "tool-2.0", "--remedies"],
    &["what-if", "--replace", "lib-1.0=lib-2.0"],
    &["dupes"],
    &["files"],
    &["roots"],
    &["roots", "--dead", "--disk"],
    &["roots", "--drop", "system", "--disk"],
    &["diff", "{old}", "{new}"],
    &["advise"],
    &["origins"],
    &["origins", "lib-1.0"],
    &["generations", "--keep-last", "1"],
    &["when", "lib-1.0"],
    &[
        "check",
        "--max-closure",
        "1MiB",
        "--max-growth",
        "1KiB",
        "--baseline",
        "{old}",
        "--forbid",
        "tool-2.0",
        "--no-duplicates",
    ],
    &["history", "{journal}"],
    &["export"],
    &["--keys", "5jj"],
    &["--keys", "jw"],
];

/// What prints no size of a closure, or none without Nix.
const WITHOUT: &[&str] = &["try", "demo", "completions", "man", "config", "help"];

/// A store with two generations of a system, their files and a journal.
struct Store(TempDir);

impl Store {
    fn new() -> Self {
        let (graph, _) = graph(
            "system-1 3000 -> app-1.0 lib-1.0\n\
             system-2 4000 -> app-1.0 lib-1.0 tool-2.0\n\
             app-1.0 52000000 -> lib-1.0 lib-2.0\n\
             tool-2.0 2500000 -> lib-2.0\n\
             lib-1.0 90000\nlib-2.0 91000\nlost 7000000",
        );
        let store = Self(tempfile::tempdir().expect("a directory"));
        let state = store.root().join("nix/var/nix");
        let mut connection = create(&state.join("db/db.sqlite"), Schema::Nix).expect("a database");
        write(&mut connection, &graph, 1).expect("rows");
        for path in graph.ids().map(|id| graph.path(id).to_string()) {
            let place = store.root().join(path.trim_start_matches('/'));
            fs::create_dir_all(place.join("share/man")).expect("a directory");
            let names: Vec<String> = graph.ids().map(|id| graph.path(id).to_string()).collect();
            let text = format!("{}{}", names.join("\n"), "x".repeat(30_000));
            fs::write(place.join("share/man/page.1"), text).expect("a file");
        }
        let profiles = state.join("profiles");
        fs::create_dir_all(&profiles).expect("a directory");
        for number in [1, 2] {
            let target = graph.path(id(&graph, &format!("system-{number}")));
            let link = profiles.join(format!("system-{number}-link"));
            symlink(target.to_string(), link).expect("a link");
        }
        symlink("system-2-link", profiles.join("system")).expect("a link");
        fs::create_dir_all(state.join("gcroots")).expect("a directory");
        symlink(&profiles, state.join("gcroots/profiles")).expect("a link");
        store
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    /// What a command prints with `--bytes`.
    fn ask(&self, command: &[&str], more: &[&str]) -> Output {
        let place = |name: &str| self.root().join(name).display().to_string();
        let arguments = command.iter().map(|&argument| match argument {
            "{old}" => place("nix/var/nix/profiles/system-1-link"),
            "{new}" => place("nix/var/nix/profiles/system-2-link"),
            "{journal}" => place("journal"),
            other => other.to_owned(),
        });
        let (option, root) = ("--store".to_owned(), self.root().display().to_string());
        // A journal is of no store.
        let of_store = (command[0] != "history").then_some([option, root]);
        Command::new(env!("CARGO_BIN_EXE_nix-heft"))
            .args(arguments)
            .args(more)
            .arg("--bytes")
            .args(of_store.iter().flatten())
            .env_clear()
            .env("HOME", "/nonexistent")
            .stdin(Stdio::null())
            .output()
            .expect("the program starts")
    }
}

/// The formats a command has, as it lists them itself; only a command prints in one.
fn formats(store: &Store, command: &[&str]) -> Vec<String> {
    if command[0].starts_with('-') {
        return vec![String::new()];
    }
    let refused = store.ask(command, &["--format", "?"]);
    let told = String::from_utf8(refused.stderr).expect("text");
    let values = told
        .split("[possible values: ")
        .nth(1)
        .expect("the formats");
    let values = values.split(']').next().unwrap_or_default();
    values.split(", ").map(str::to_owned).collect()
}

/// The sizes of a text that are written in a unit; those of prose that is the same for every closure left out.
fn sizes_in_units(text: &str) -> Vec<String> {
    let units = [
        "B", "kB", "KB", "KiB", "MB", "MiB", "GB", "GiB", "TB", "TiB",
    ];
    let words: Vec<&str> = text
        .split(|c: char| !(c.is_alphanumeric() || ".≥−+".contains(c)))
        .filter(|word| !word.is_empty())
        .collect();
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let unit = word.trim_start_matches(|c: char| !c.is_alphabetic());
        let unit = unit.trim_end_matches('.');
        let is_alone = unit == word.trim_end_matches('.');
        let number = at.checked_sub(1).map_or("", |before| words[before]);
        let number = if is_alone { number } else { word };
        let is_size = number.contains(|c: char| c.is_ascii_digit()) && units.contains(&unit);
        let before = at.checked_sub(2).map_or("", |before| words[before]);
        // A hint says what its advice gives on the system it was tried on.
        let is_prose = before.eq_ignore_ascii_case("about");
        if is_size && !is_prose {
            found.push(if is_alone {
                format!("{number} {unit}")
            } else {
                (*word).to_owned()
            });
        }
    }
    found
}

#[test]
fn sizes_in_units_are_recognised() {
    let text =
        "\"1.5 MiB\" 3 bytes; About 14 MB less, 12kB −2.0 GiB. 7 B 77 Bs (0 B)\n414.7 KiB\\n";
    let found = sizes_in_units(text);
    let expected = ["1.5 MiB", "12kB", "−2.0 GiB", "7 B", "0 B", "414.7 KiB"];
    assert_eq!(found, expected);
}

#[test]
fn with_bytes_no_size_has_another_unit() {
    let store = Store::new();
    let journal = store.root().join("journal").display().to_string();
    let recorded = store.ask(&["check", "--max-paths", "99", "--record", &journal], &[]);
    let errors = String::from_utf8_lossy(&recorded.stderr);
    assert!(recorded.status.success(), "{errors}");
    let mut broken = Vec::new();
    for command in ASKED {
        for format in formats(&store, command) {
            let more = ["--format", &format];
            let answer = store.ask(command, if format.is_empty() { &[] } else { &more });
            let what = format!("{} as {format}", command.join(" "));
            let errors = String::from_utf8_lossy(&answer.stderr);
            let is_answer = answer.status.success() || command[0] == "check";
            assert!(is_answer && !answer.stdout.is_empty(), "{what}: {errors}");
            // A snapshot is no text.
            let text = String::from_utf8(answer.stdout).unwrap_or_default();
            let sizes = sizes_in_units(&text);
            broken.extend(sizes.first().map(|size| format!("{what}: {size}")));
        }
    }
    assert_eq!(broken, [""; 0]);
}

#[test]
fn every_command_is_asked() {
    let help = Store::new().ask(&["--help"], &[]);
    let help = String::from_utf8(help.stdout).expect("text");
    let commands = help.split("Commands").nth(1).expect("commands");
    let commands = commands.split("\n\n").next().unwrap_or_default();
    let names = commands.lines().skip(1).filter_map(|line| {
        let name = line.strip_prefix("  ")?.split(' ').next()?;
        Some(name).filter(|name| !name.is_empty())
    });
    for name in names {
        let is_asked = ASKED.iter().any(|command| command[0] == name);
        assert!(is_asked || WITHOUT.contains(&name), "{name} is not asked");
    }
}
