//! What the pages say is true: every `nix-heft` command of a console block prints what stands below it, and every link
//! and file they name is there.
//!
//! `UPDATE_DOCS=1 cargo test --test readme` writes what the commands print now into the README.

#[path = "common/pages.rs"]
mod pages;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pages::{first_difference, with_real_output};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn printed_by(arguments: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_nix-heft"))
        .args(words(arguments))
        .current_dir(repository())
        .output()
        .expect("our program can be run");
    assert!(
        output.status.success(),
        "nix-heft {arguments}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("text")
}

/// Words as a shell parts them, with single quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().expect("there is a word").push(other),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn the_commands_of_the_readme_print_what_it_says() {
    let file = repository().join("README.md");
    let page = fs::read_to_string(&file).expect("there is a README");
    assert!(page.contains("$ nix-heft "), "the README shows commands");
    let real = with_real_output(&page, &|command| {
        command.strip_prefix("nix-heft ").map(printed_by)
    });
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&file, &real).expect("the README can be written");
    } else {
        assert!(
            page == real,
            "{}",
            first_difference("README.md", &page, &real)
        );
    }
}

fn all_pages() -> Vec<PathBuf> {
    let docs = fs::read_dir(repository().join("docs")).expect("there are docs");
    let mut pages: Vec<_> = docs
        .map(|entry| entry.expect("the entry can be read").path())
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .collect();
    pages.push(repository().join("README.md"));
    pages.push(repository().join("CHANGELOG.md"));
    pages.push(repository().join("assets/demo/recipe/README.md"));
    pages
}

/// The targets of links and pictures, without anchors and addresses elsewhere.
fn links(page: &str) -> Vec<&str> {
    let markdown = page
        .match_indices("](")
        .filter_map(|(at, _)| page[at + 2..].split(')').next());
    let html = page
        .match_indices("src=\"")
        .filter_map(|(at, _)| page[at + 5..].split('"').next());
    markdown
        .chain(html)
        .map(|target| target.split('#').next().unwrap_or_default())
        .filter(|target| !target.is_empty() && !target.contains("://"))
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let mut dead = Vec::new();
    for file in all_pages() {
        let page = fs::read_to_string(&file).expect("pages are text");
        let home = file.parent().expect("pages are in a directory");
        let gone = links(&page)
            .into_iter()
            .filter(|target| !home.join(target).exists());
        dead.extend(gone.map(|target| format!("{}: {target}", file.display())));
    }
    assert!(
        dead.is_empty(),
        "links that lead nowhere:\n{}",
        dead.join("\n")
    );
}

#[test]
fn the_files_that_the_architecture_names_are_there() {
    let page = fs::read_to_string(repository().join("docs/architecture.md")).expect("there is one");
    let named: Vec<_> = page
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|text| {
            Path::new(text).extension().is_some_and(|e| e == "rs") && !text.contains("x.rs")
        })
        .collect();
    assert!(named.len() > 5, "the page names files");
    let gone: Vec<_> = named
        .into_iter()
        .filter(|name| {
            let places = ["", "src", "src/core", "src/closure"];
            let mut places = places.map(|place| repository().join(place).join(name));
            !places.iter_mut().any(|place| place.exists())
        })
        .collect();
    assert!(gone.is_empty(), "files that are gone: {}", gone.join(", "));
}

fn read(page: &str) -> String {
    fs::read_to_string(repository().join(page)).expect("pages are text")
}

/// The dependencies of a crate, without ours.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let text = read(manifest);
    let lines = text.lines().skip_while(|line| *line != "[dependencies]");
    let lines = lines.skip(1).take_while(|line| !line.starts_with('['));
    let names = lines.filter_map(|line| line.split(['.', ' ', '=']).next());
    names
        .filter(|name| name.starts_with(char::is_alphabetic) && !name.starts_with("nix-heft"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_table_of_dependencies_has_all_of_them_and_no_others() {
    let page = read("docs/architecture.md");
    let (_, part) = page.split_once("## Dependencies\n").expect("a heading");
    let rows = part
        .lines()
        .skip_while(|line| !line.starts_with("| ---"))
        .skip(1)
        .take_while(|line| line.starts_with('|'));
    let crates = rows.filter_map(|row| row.split('|').nth(2));
    // `ureq with rustls`: what is said of a crate stands behind its name.
    let names = crates.flat_map(|crates| crates.split(','));
    let told: BTreeSet<String> = names
        .filter_map(|name| name.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    let manifests = [
        "Cargo.toml",
        "src/core/Cargo.toml",
        "src/closure/Cargo.toml",
    ];
    let taken: BTreeSet<String> = manifests.into_iter().flat_map(dependencies).collect();
    assert_eq!(told, taken);
}

/// Each key with what the page of keys says of it: the name of its command, and what that does.
fn rows_of_keys() -> Vec<(String, String)> {
    let page = read("docs/keys.md");
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let keys = rows.flat_map(|row| {
        let (keys, said) = row.split_once(" | ").unwrap_or_default();
        let keys = keys.split('`').skip(1).step_by(2);
        keys.map(move |key| (key.to_owned(), said.to_lowercase()))
    });
    keys.collect()
}

/// The beginnings of all words that are not short: `accidents` and `accidental` have the same.
fn stems(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphabetic());
    let long = words.filter(|word| word.len() > 3);
    long.map(|word| word.chars().take(5).collect::<String>().to_lowercase())
        .collect()
}

/// `the view of files (`7`)`: a key in brackets stands behind a word about what it does.
#[test]
fn keys_in_pages_are_those_of_what_they_stand_behind() {
    let rows = rows_of_keys();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for file in all_pages() {
        let page = fs::read_to_string(&file).expect("pages are text");
        for (at, _) in page.match_indices("(`") {
            let key = page[at + 2..].split("`)").next().unwrap_or_default();
            let mut rows = rows.iter().filter(|(other, _)| other == key).peekable();
            if rows.peek().is_none() {
                continue;
            }
            seen += 1;
            let before: Vec<&str> = page[..at].split_whitespace().rev().take(5).collect();
            let before = stems(&before.join(" "));
            if !rows.any(|(_, said)| !before.is_disjoint(&stems(said))) {
                wrong.push(format!("{}: {before:?} ({key})", file.display()));
            }
        }
    }
    assert!(seen > 0, "pages name keys");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
