//! What the pages say is true: every `nix-heft` command of a console block prints what stands below it, and every link
//! and file they name is there.
//!
//! `UPDATE_DOCS=1 cargo test --test readme` writes what the commands print now into the README.

#[path = "common/pages.rs"]
mod pages;

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
