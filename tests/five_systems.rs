//! The five systems of the journey as differences: 900, 733, 491, 477 and 447 megabytes.
//!
//! The systems are generated here. Each is a list of names with sizes and references; a path's hash part is made of its name
//! and the hash parts of all it references, as in a store whose paths are named by what they are built from. So a package
//! that is left out gives everything above it another name, up to the system, as a real rebuild does: what really left
//! has to be told from what was merely rebuilt. Sizes of single packages are made up so that the totals are those of the
//! journey.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix_heft::testing::hash_part;
use serde_json::Value;

const MEGABYTE: i64 = 1_000_000;

/// The first system: name, size in megabytes, references.
const FIRST: &str = "
    nixos-system-worker 1 etc system-path systemd-257 linux-6.6 activate switch-to-configuration security-wrappers firmware
    etc 1 etc-nix-registry.json unit-dbus.service unit-nix-daemon.service unit-lvm2.service hwdb.bin locales
    etc-nix-registry.json 1 source
    source 127
    unit-nix-daemon.service 1 nix-2.28
    nix-2.28 17 aws-sdk-cpp-1.11 boost-1.87 openssl-3.4 glibc-2.40
    aws-sdk-cpp-1.11 6 curl-8.12 glibc-2.40
    boost-1.87 15 glibc-2.40
    curl-8.12 2 openssl-3.4 glibc-2.40
    activate 1 perl-5.40-env coreutils-9.6
    switch-to-configuration 1 perl-5.40-env
    system-path 1 perl-5.40-env coreutils-9.6 util-linux-2.41 git-2.48
    git-2.48 40 perl-5.40 python3-3.12 curl-8.12 glibc-2.40
    perl-5.40-env 1 perl-5.40 perl-5.40-man perl5.40-XML-Parser-2.46 python3-3.12
    perl5.40-XML-Parser-2.46 24 perl-5.40
    perl-5.40 56 glibc-2.40
    perl-5.40-man 14
    python3-3.12 104 openssl-3.4 glibc-2.40
    unit-dbus.service 1 dbus-1.16
    dbus-1.16 2 systemd-minimal-257 glibc-2.40
    systemd-minimal-257 14 util-linux-minimal-2.41 glibc-2.40
    systemd-257 50 util-linux-2.41 fuse-3.16 openssl-3.4 glibc-2.40
    security-wrappers 1 fuse-2.9 fuse-3.16 sudo-1.9
    fuse-2.9 1 util-linux-minimal-2.41 glibc-2.40
    fuse-3.16 1 util-linux-minimal-2.41 glibc-2.40
    sudo-1.9 6 glibc-2.40
    unit-lvm2.service 1 lvm2-2.03
    lvm2-2.03 11 systemd-257 glibc-2.40
    hwdb.bin 11
    util-linux-2.41 20 glibc-2.40
    util-linux-minimal-2.41 9 glibc-2.40
    coreutils-9.6 2 glibc-2.40
    openssl-3.4 8 glibc-2.40
    locales 60
    firmware 123
    linux-6.6 136
    glibc-2.40 30
";

/// What was done between two systems: a path and what it references from then on.
type Steps = &'static [(&'static str, &'static str)];

/// What was done, and the size in megabytes after it.
const STEPS: [(Steps, i64); 4] = [
    (
        &[(
            "etc",
            "unit-dbus.service unit-lvm2.service hwdb.bin locales",
        )],
        733,
    ),
    (
        &[
            ("activate", "coreutils-9.6"),
            ("system-path", "coreutils-9.6 util-linux-2.41"),
            (
                "nixos-system-worker",
                "etc system-path systemd-257 linux-6.6 activate security-wrappers firmware",
            ),
        ],
        491,
    ),
    (&[("dbus-1.16", "systemd-257 glibc-2.40")], 477),
    (
        &[
            ("etc", "unit-dbus.service locales"),
            ("security-wrappers", "fuse-3.16"),
        ],
        447,
    ),
];

/// A system: the size and the references of each name.
#[derive(Clone)]
struct System(BTreeMap<String, (i64, Vec<String>)>);

impl System {
    fn first() -> Self {
        let lines = FIRST.lines().map(str::trim).filter(|line| !line.is_empty());
        let entry = |line: &str| {
            let mut words = line.split(' ').map(str::to_owned);
            let name = words.next().expect("a name");
            let size = words.next().expect("a size").parse().expect("a number");
            (name, (size, words.collect()))
        };
        Self(lines.map(entry).collect())
    }

    /// After something was done. What the new references need has to be there.
    fn after(mut self, steps: Steps) -> Self {
        for &(name, references) in steps {
            let entry = self.0.get_mut(name).expect("a name of the system");
            entry.1 = references.split(' ').map(str::to_owned).collect();
        }
        self
    }

    /// The hash part of a name: of what it is called and of all it references.
    fn hash(&self, name: &str) -> String {
        let mut sum: u64 = 0xCBF2_9CE4_8422_2325;
        let mut take = |text: &str| {
            for byte in text.bytes() {
                sum = (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
            }
        };
        take(name);
        for reference in &self.0[name].1 {
            take(&self.hash(reference));
        }
        hash_part(sum)
    }

    fn path(&self, name: &str) -> String {
        format!("/nix/store/{}-{name}", self.hash(name))
    }

    /// Everything that the system reaches.
    fn members(&self) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let mut left = vec!["nixos-system-worker"];
        while let Some(name) = left.pop() {
            if found.insert(name) {
                left.extend(self.0[name].1.iter().map(String::as_str));
            }
        }
        found
    }

    /// The system as Nix would print it with `path-info --json`.
    fn json(&self) -> String {
        let mut text = String::from("[");
        for (at, name) in self.members().into_iter().enumerate() {
            let (size, references) = &self.0[name];
            let references: Vec<String> = references
                .iter()
                .map(|name| format!("\"{}\"", self.path(name)))
                .collect();
            let _ = write!(
                text,
                "{}{{\"path\":\"{}\",\"narSize\":{},\"references\":[{}]}}",
                if at > 0 { ",\n" } else { "" },
                self.path(name),
                size * MEGABYTE,
                references.join(",")
            );
        }
        text + "]\n"
    }
}

/// The five systems, each written to a file.
fn systems(directory: &Path) -> Vec<PathBuf> {
    let mut system = System::first();
    let mut files = vec![(directory.join("0.json"), system.json())];
    for (at, (steps, _)) in STEPS.iter().enumerate() {
        system = system.after(steps);
        files.push((directory.join(format!("{}.json", at + 1)), system.json()));
    }
    for (file, text) in &files {
        fs::write(file, text).expect("written");
    }
    files.into_iter().map(|(file, _)| file).collect()
}

fn diff(before: &Path, after: &Path, more: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_nix-heft"))
        .arg("diff")
        .args([before, after])
        .args(more)
        .env_clear()
        .env("HOME", "/nonexistent")
        .output()
        .expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && errors.is_empty(), "{errors}");
    String::from_utf8(output.stdout).expect("text")
}

fn document(before: &Path, after: &Path) -> Value {
    let text = diff(before, after, &["--format", "json"]);
    serde_json::from_str(&text).expect("one document")
}

fn name(path: &Value) -> &str {
    let path = path.as_str().expect("a path");
    path.split_once('-').map_or(path, |(_, name)| name)
}

fn names(paths: &Value) -> Vec<&str> {
    paths.as_array().expect("a list").iter().map(name).collect()
}

/// The causes of one side in words: what is at the top, what had held or brought it, what went along.
fn causes(causes: &Value) -> Vec<String> {
    let told = |cause: &Value| {
        let references = cause["references"].as_array().expect("a list");
        let by: Vec<&str> = references.iter().map(|one| name(&one["from"])).collect();
        let paths = names(&cause["paths"]);
        let others = names(&cause["referrers"]);
        let mut line = paths[0].to_owned();
        for (word, list) in [
            (" <- ", by),
            (" with ", others),
            (" and ", paths[1..].to_vec()),
        ] {
            if !list.is_empty() {
                let _ = write!(line, "{word}{}", list.join(" "));
            }
        }
        line
    };
    let causes = causes.as_array().expect("a list");
    causes.iter().map(told).collect()
}

fn megabytes(side: &Value) -> i64 {
    let bytes = side["narSize"].as_i64().expect("a size");
    assert_eq!(bytes % MEGABYTE, 0);
    bytes / MEGABYTE
}

#[test]
fn each_step_of_the_journey_says_what_left_and_what_had_held_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let files = systems(directory.path());
    let expected: [&[&str]; 4] = [
        &[
            "etc-nix-registry.json <- etc and source",
            "unit-nix-daemon.service <- etc and nix-2.28 boost-1.87 aws-sdk-cpp-1.11",
        ],
        &[
            "python3-3.12 with git-2.48 perl-5.40-env",
            "perl-5.40 with git-2.48 perl-5.40-env perl5.40-XML-Parser-2.46",
            "git-2.48 <- system-path and curl-8.12",
            "perl-5.40-env <- activate system-path with switch-to-configuration and \
             perl5.40-XML-Parser-2.46 perl-5.40-man",
            "switch-to-configuration <- nixos-system-worker",
        ],
        &["systemd-minimal-257 <- dbus-1.16"],
        &[
            "unit-lvm2.service <- etc and lvm2-2.03",
            "hwdb.bin <- etc",
            "sudo-1.9 <- security-wrappers",
            "fuse-2.9 <- security-wrappers",
        ],
    ];
    let mut size = 900;
    for (at, (_, after)) in STEPS.iter().enumerate() {
        let found = document(&files[at], &files[at + 1]);
        assert_eq!(megabytes(&found["before"]), size);
        assert_eq!(megabytes(&found["after"]), *after);
        assert_eq!(megabytes(&found["delta"]), after - size);
        let packages = found["packages"].as_array().expect("a list");
        let deltas = packages
            .iter()
            .map(|one| one["delta"].as_i64().expect("known"));
        assert_eq!(deltas.sum::<i64>(), (after - size) * MEGABYTE);
        let mut left = causes(&found["departures"]);
        let mut wanted = expected[at].to_vec();
        left.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(left, wanted, "step {}", at + 1);
        assert_eq!(found["arrivals"].as_array().map(Vec::len), Some(0));
        // What was rebuilt on the way up makes no difference in bytes.
        let rebuilt = packages.iter().filter(|one| one["change"] == "rebuilt");
        assert!(rebuilt.clone().all(|one| one["delta"] == 0));
        assert!(rebuilt.count() > 0);
        size = *after;
    }
}

#[test]
fn the_whole_way_back_says_what_would_come_and_what_brings_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let files = systems(directory.path());
    let found = document(&files[4], &files[0]);
    assert_eq!(megabytes(&found["delta"]), 453);
    assert_eq!(found["departures"].as_array().map(Vec::len), Some(0));
    let came = causes(&found["arrivals"]);
    for cause in [
        "etc-nix-registry.json <- etc and source",
        "systemd-minimal-257 <- dbus-1.16",
        "hwdb.bin <- etc",
        "git-2.48 <- system-path",
    ] {
        assert!(came.iter().any(|one| one.starts_with(cause)), "{came:#?}");
    }
    let text = diff(&files[4], &files[0], &[]);
    assert!(text.contains("etc-nix-registry.json"), "{text}");
    let comment = diff(
        &files[0],
        &files[4],
        &["--format", "markdown", "--limit", "5"],
    );
    insta::assert_snapshot!(comment.replace(&directory.path().display().to_string(), "systems"));
}
