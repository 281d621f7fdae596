//! The tutorial is replayed: its machine is built by real Nix, its commands print what the page says, and what it predicts
//! is compared with what was built then.
//!
//! `UPDATE_DOCS=1 cargo test --test tutorial` writes what the commands print now into the page.

#[expect(dead_code, reason = "other tests use the rest of it")]
mod common;
#[path = "common/pages.rs"]
mod pages;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use common::{NixStore, copy};
use pages::{first_difference, with_real_output};

/// A store with the machine's files beside it.
struct Machine {
    store: NixStore,
    folder: PathBuf,
}

impl Machine {
    fn new() -> Option<Self> {
        let store = NixStore::at_fixed_place()?;
        for part in ["modules", "worker"] {
            let from = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/fixtures")
                .join(part);
            copy(&from, &store.file(part));
        }
        let folder = store.file("worker");
        Some(Self { store, folder })
    }

    /// What a command prints; if it fails, also what it complains of.
    fn printed(&self, command: &str) -> String {
        let output = self.store.shell(command, &self.folder);
        let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            said.push_str(&String::from_utf8_lossy(&output.stderr));
        }
        self.anywhere(&said)
    }

    /// A text as it would be for every reader: without the folder, and without hashes, which follow from it.
    fn anywhere(&self, text: &str) -> String {
        let store = self.store.file("store").display().to_string();
        let text = text.replace(&store, "/nix/store");
        let text = text.replace(&self.folder.display().to_string(), ".");
        without_hashes(&text)
    }

    fn json(&self, command: &str) -> Value {
        let output = self
            .store
            .shell(&format!("{command} --format json"), &self.folder);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {errors}");
        serde_json::from_slice(&output.stdout).expect("one JSON document")
    }

    /// Builds the machine with some lines more; the store path, or what was said.
    fn build(&self, base: &str, lines: &str) -> Result<String, String> {
        let module = self.folder.join("more.nix");
        let text = format!("{{ config, lib, pkgs, modulesPath, ... }}: {{\n{lines}\n}}\n");
        fs::write(module, text).expect("the folder is writable");
        let command = format!(
            "nix-build --quiet --no-out-link -E '((import ./{base}).extendModules {{ modules = [ ./more.nix ]; }}).config.system.build.toplevel'"
        );
        let output = self.store.shell(&command, &self.folder);
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() {
            Ok(said(&output.stdout))
        } else {
            Err(said(&output.stderr))
        }
    }

    fn size(&self, path: &str) -> u64 {
        let list = self.json(&format!("nix-heft list {path} --limit 1"));
        list["totals"]["narSize"].as_u64().expect("a size")
    }
}

/// A text with `…` for each hash part, in full before a name or shortened in brackets.
fn without_hashes(text: &str) -> String {
    let digit = |c: char| c.is_ascii_digit() || (c.is_ascii_lowercase() && !"eotu".contains(c));
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let length = rest.find(|c| !digit(c)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(length);
        let whole = length == 32 && behind.starts_with('-');
        let short = length >= 4 && plain.ends_with('(') && behind.starts_with("…)");
        if whole {
            plain.push('…');
        } else if !short {
            plain.push_str(word);
        }
        // What follows a word up to the next one that may be a hash.
        let next = behind.chars().next().map_or(0, char::len_utf8);
        let inside = behind[next..].find(|c: char| !c.is_ascii_alphanumeric());
        let letter = behind.starts_with(|c: char| c.is_ascii_alphanumeric());
        let next = if letter {
            next + inside.unwrap_or(behind.len() - next)
        } else {
            next
        };
        plain.push_str(&behind[..next]);
        rest = &behind[next..];
    }
    plain
}

#[test]
fn hashes_are_left_out_and_nothing_else() {
    let hash = "0123456789abcdfghijklmnpqrsvwxyz";
    let text = format!("/nix/store/{hash}-perl-5.38.2 ({hash} and app (5avq…) → zzzz… x{hash}-y");
    let plain = format!("/nix/store/…-perl-5.38.2 ({hash} and app (…) → zzzz… x{hash}-y");
    assert_eq!(without_hashes(&text), plain);
}

#[test]
fn the_post_is_replayed() {
    let Some(machine) = Machine::new() else {
        return;
    };
    the_commands_print_what_the_page_says(&machine);
    each_step_gives_what_was_predicted_and_what_the_post_had(&machine);
    what_is_offered_can_be_pasted_and_keeps_it_so(&machine);
    modules_are_told_from_own_files_where_packages_have_no_place(&machine);
}

fn the_commands_print_what_the_page_says(machine: &Machine) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tutorial.md");
    let page = fs::read_to_string(&file).expect("there is a page");
    let real = with_real_output(&page, &|command| Some(machine.printed(command)));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&file, &real).expect("the page can be written");
    } else {
        assert!(
            page == real,
            "{}",
            first_difference("docs/tutorial.md", &page, &real)
        );
    }
    // The files that the page shows are those that it uses.
    for name in ["host.nix", "overlay.nix", "slim.nix"] {
        let text = fs::read_to_string(machine.folder.join(name)).expect("a file");
        assert!(page.contains(&format!("```nix\n{text}```")), "{name}");
    }
}

/// The steps of the tutorial, each in addition to those before, with what the post had after each: megabytes.
const STEPS: &[(&str, u64)] = &[
    ("", 900),
    ("nix.enable = false;", 733),
    (
        "imports = [ (modulesPath + \"/profiles/perlless.nix\") ];",
        491,
    ),
    ("nixpkgs.overlays = [ (import ./overlay.nix) ];", 477),
    (
        "environment.etc.\"udev/hwdb.bin\".enable = false; programs.fuse.enable = lib.mkForce false;\n\
         security.sudo.enable = false; services.lvm.enable = false;",
        447,
    ),
];

fn each_step_gives_what_was_predicted_and_what_the_post_had(machine: &Machine) {
    let mut lines = String::new();
    for (step, megabytes) in STEPS {
        lines.push_str(step);
        lines.push('\n');
        let built = machine.build("default.nix", &lines).expect("it builds");
        let built = machine.size(&built);
        assert_eq!((built + (1 << 19)) >> 20, *megabytes, "{step}");
        let tried = machine.json("nix-heft try --config . more.nix");
        let predicted = tried["after"]["narSize"].as_u64().expect("a size");
        assert!(
            predicted.abs_diff(built) * 100 <= built,
            "{step}: {predicted} predicted, {built} built"
        );
    }
    let slim = machine.build("after.nix", "").expect("it builds");
    let stepwise = machine.build("default.nix", &lines).expect("it builds");
    assert_eq!(slim, stepwise, "the page's file is the steps together");
}

fn what_is_offered_can_be_pasted_and_keeps_it_so(machine: &Machine) {
    let before = machine.build("default.nix", "").expect("it builds");
    let marks = "--remove source --remove nix --remove perl-5.38.2-env --remove lvm2 --remove sudo --remove fuse \
                 --remove hwdb.bin --remove rsync --remove strace";
    let said = machine.json(&format!("nix-heft what-if {before} {marks} --remedies"));
    let remedies = said["remedies"].as_array().expect("remedies");
    let of_kind = |kind: &str| -> Vec<&str> {
        let same = remedies.iter().filter(|one| one["kind"] == kind);
        same.map(|one| one["nix"].as_str().expect("lines"))
            .collect()
    };
    // Each option that this module system has can be set as it stands.
    let mut set = 0;
    for lines in of_kind("option") {
        match machine.build("default.nix", lines) {
            Ok(path) => {
                set += 1;
                assert!(machine.size(&path) < machine.size(&before), "{lines}");
            }
            Err(said) => assert!(
                said.contains("does not exist") || said.contains("No such file"),
                "{lines}: {said}"
            ),
        }
    }
    assert!(set >= 3, "{set} of {} options", of_kind("option").len());
    let guard = of_kind("forbiddenDependencies");
    assert_eq!(guard.len(), 1);
    let refused = machine
        .build("default.nix", guard[0])
        .expect_err("it is all there");
    assert!(refused.contains("what is forbidden"), "{refused}");
    machine
        .build("after.nix", guard[0])
        .expect("none of it is there");
}

/// A set of packages need not say where it is.
fn modules_are_told_from_own_files_where_packages_have_no_place(machine: &Machine) {
    let text =
        "let c = import ./default.nix; in c // { pkgs = removeAttrs c.pkgs [ \"path\" ]; }\n";
    fs::write(machine.folder.join("bare.nix"), text).expect("the folder is writable");
    let origins = machine.json("nix-heft origins sudo --config bare.nix");
    let first = &origins["origins"][0]["definitions"][0];
    assert_eq!(first["file"], "nixpkgs: security/sudo.nix");
    assert_eq!(first["own"], false);
    let switch = &first["switches"][0];
    assert_eq!(switch["option"], "security.sudo.enable");
    assert_eq!(switch["byDefault"], true);
}
