//! The commands that docs/reliability.md names are there: each test file, and a test for each word that chooses some.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The names of all tests below a folder, with their modules: `user_files::store::tests::name`.
fn tests_below(folder: &Path, module: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let stem = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        let inner = match stem {
            "lib" | "mod" => module.to_owned(),
            stem => format!("{module}::{stem}"),
        };
        if path.is_dir() {
            tests_below(&path, &inner, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.extend(tests_in(&path).map(|name| format!("{inner}::{name}")));
        }
    }
}

fn tests_in(file: &Path) -> impl Iterator<Item = String> {
    let text = fs::read_to_string(file).expect("a file");
    let names = text.split("#[test]").skip(1).filter_map(|rest| {
        let name = rest.split_once("fn ")?.1.split_once('(')?.0;
        Some(name.to_owned())
    });
    names.collect::<Vec<_>>().into_iter()
}

#[test]
fn every_command_of_the_page_runs_something() {
    let page = fs::read_to_string(root().join("docs/reliability.md")).expect("a page");
    let mut inside = Vec::new();
    tests_below(&root().join("src"), "", &mut inside);
    let code = page.split('`').chain(page.lines());
    let commands = code.filter_map(|code| code.strip_prefix("cargo test"));
    let mut seen = 0;
    for command in commands {
        seen += 1;
        let (mut chosen, mut any) = (Vec::new(), false);
        let mut words = command.split_whitespace();
        while let Some(word) = words.next() {
            match word {
                "--locked" => any = true,
                "--lib" => chosen.extend(inside.iter().cloned()),
                "--test" => {
                    let name = words.next().expect("a file");
                    let file = root().join(format!("tests/{name}.rs"));
                    assert!(file.is_file(), "{command}: there is no {name}");
                    chosen.extend(tests_in(&file));
                }
                filter => {
                    let found = chosen.iter().any(|test| test.contains(filter));
                    assert!(found, "{command}: no test has {filter} in its name");
                    any = true;
                }
            }
        }
        assert!(any || !chosen.is_empty(), "{command} runs nothing");
    }
    assert!(seen > 20, "{seen}");
    let benches = fs::read_to_string(root().join("benches/analyses.rs")).expect("benches");
    let named = page
        .split("the benches `")
        .nth(1)
        .expect("a list of benches");
    let named = named.split(" | ").next().unwrap_or_default();
    for bench in named.split('`').step_by(2) {
        assert!(
            benches.contains(&format!("fn {bench}(")),
            "there is no bench {bench}"
        );
    }
}
