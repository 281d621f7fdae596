//! The house rules of `docs/architecture.md`, held against our own source.
//!
//! A rule that is not checked does not hold for long. These tests read the files of the repository as text; what they look at
//! is code without comments and without inline tests, unless they say otherwise.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Lines of code a file may have, without blank lines, comments and inline tests.
const CEILING: usize = 400;

/// Every module of all three crates, and which other modules it may know. Each knows only what stands above it.
const LAYERS: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("gate", &["text"]),
    ("colour", &[]),
    ("job", &[]),
    ("model", &["job"]),
    ("analysis", &["model", "job", "text"]),
    ("plain_file", &[]),
    (
        "user_files",
        &["gate", "model", "job", "text", "plain_file"],
    ),
    (
        "source",
        &["gate", "model", "analysis", "job", "text", "plain_file"],
    ),
    (
        "report",
        &["gate", "model", "analysis", "source", "job", "text"],
    ),
    ("demo", &["source", "job"]),
    (
        "app",
        &[
            "gate",
            "model",
            "analysis",
            "source",
            "report",
            "user_files",
            "job",
            "text",
        ],
    ),
    ("ui", &["gate", "app", "model", "analysis", "text"]),
    ("replay", &["app", "ui", "job", "text"]),
    (
        "testing",
        &[
            "text",
            "gate",
            "model",
            "source",
            "job",
            "analysis",
            "user_files",
            "app",
            "ui",
            "replay",
        ],
    ),
    ("tui", &["app", "ui", "job", "colour", "gate"]),
    ("cli", &["analysis", "text"]),
    (
        "run",
        &[
            "gate",
            "cli",
            "model",
            "analysis",
            "source",
            "report",
            "user_files",
            "plain_file",
            "demo",
            "app",
            "replay",
            "tui",
            "job",
            "text",
            "colour",
        ],
    ),
    ("main", &[]),
    ("closure", &[]),
    ("core", &["analysis", "job", "model", "text"]),
    (
        "lib",
        &[
            "analysis",
            "gate",
            "job",
            "model",
            "plain_file",
            "report",
            "source",
            "text",
            "user_files",
            "run",
        ],
    ),
];

/// What `model` and `analysis` do without: they are pure.
const IMPURE: &[&str] = &["fs", "env", "process", "net", "thread", "time"];

struct SourceFile {
    /// Relative to `src`, or to the folder of the library's crates, with forward slashes.
    name: String,
    text: String,
    /// Without comments and inline tests; strings are kept.
    code: String,
}

impl SourceFile {
    fn layer(&self) -> &str {
        let first = self.name.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    fn is_test(&self) -> bool {
        self.name.ends_with("/tests.rs") || self.name.contains("/tests/")
    }

    /// Every line of code that contains one of the texts, as `file: line`.
    fn lines_with(&self, texts: &[&str]) -> Vec<String> {
        let lines = self
            .code
            .lines()
            .filter(|line| texts.iter().any(|text| mentions(line, text)));
        lines
            .map(|line| format!("{}: {}", self.name, line.trim()))
            .collect()
    }
}

/// Whether the line contains the text as a word of its own.
fn mentions(line: &str, text: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(text).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + text.len()..].chars().next();
        !(text.starts_with(word) && before.is_some_and(word)
            || text.ends_with(word) && after.is_some_and(word))
    })
}

fn files_below(directory: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(directory).expect("the directory can be read");
    for entry in entries.map(|entry| entry.expect("the entry can be read").path()) {
        let name = entry
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if entry.is_dir() {
            if name != "target" && name != ".git" {
                files_below(&entry, found);
            }
        } else {
            found.push(entry);
        }
    }
    found.sort();
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn without_comments_and_tests(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let code = |line: &str| {
        let cut = line
            .match_indices("//")
            .find(|&(at, _)| at == 0 || line.as_bytes()[at - 1].is_ascii_whitespace());
        line[..cut.map_or(line.len(), |(at, _)| at)]
            .trim_end()
            .to_owned()
    };
    let lines: Vec<_> = text[..end]
        .lines()
        .map(code)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

fn source() -> Vec<SourceFile> {
    let root = repository().join("src");
    let mut paths = Vec::new();
    files_below(&root, &mut paths);
    let rust = paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "rs"));
    rust.map(|path| {
        let text = fs::read_to_string(&path).expect("source is text");
        let name = path.strip_prefix(&root).expect("below src");
        let name = name.to_string_lossy().replace('\\', "/");
        let mut crates = ["closure/", "core/"].into_iter();
        let library = crates.find_map(|folder| name.strip_prefix(folder));
        let name = library.filter(|rest| *rest != "lib.rs").unwrap_or(&name);
        SourceFile {
            name: name.to_owned(),
            code: without_comments_and_tests(&text),
            text,
        }
    })
    .collect()
}

/// Code that is not test code.
fn product() -> Vec<SourceFile> {
    source()
        .into_iter()
        .filter(|file| !file.is_test())
        .collect()
}

fn assert_none(broken: &[String], rule: &str) {
    assert!(broken.is_empty(), "{rule}:\n{}", broken.join("\n"));
}

/// The modules a file takes from a crate or module: `prefix::x` and `prefix::{x, y::z}`.
fn taken_from(code: &str, prefix: &str) -> Vec<String> {
    let mut taken = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            taken.push(word_at(rest));
            continue;
        };
        let (mut depth, mut fresh) = (0_usize, true);
        for (offset, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => fresh = true,
                c if fresh && (c.is_alphanumeric() || c == '_') => {
                    taken.push(word_at(&group[offset..]));
                    fresh = false;
                }
                _ => {}
            }
        }
    }
    taken
}

fn word_at(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

#[test]
fn groups_of_imports_are_taken_apart() {
    let code = "use std::{fs, io::{self, time}, env};\nlet x = std::process::id(); nostd::thread";
    assert_eq!(taken_from(code, "std::"), ["fs", "io", "env", "process"]);
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<_> = source()
        .into_iter()
        .filter(|file| !file.text.starts_with("//! "))
        .map(|f| f.name)
        .collect();
    assert_none(&silent, "a file opens with `//!`");
}

/// The pictures of reports that some files open with may ask; what a name means is said.
#[test]
fn comments_are_no_questions() {
    let mut broken = Vec::new();
    for file in source() {
        let lines = file.text.lines().map(str::trim);
        let asking = lines.filter(|line| line.starts_with("///"));
        let asking = asking.filter(|line| line.ends_with('?') || line.contains("? "));
        // A sign in an example of code is no question.
        let asking = asking.filter(|line| line.matches('`').count() < 2);
        broken.extend(asking.map(|line| format!("{}: {line}", file.name)));
    }
    assert_none(
        &broken,
        "a comment says what is: a boolean's begins with \"Whether\"",
    );
}

/// Columns that a line of a comment may have.
const WIDEST: usize = 128;
/// Columns that the text of one has at least, where it goes on in the next line with a word that would have had room.
const NARROWEST: usize = 20;

#[test]
fn comments_are_filled() {
    let mut broken = Vec::new();
    for file in source() {
        let comment = |line: &str| {
            let text = line.trim_start().strip_prefix("//")?;
            let text = text.trim_start_matches(['/', '!']).strip_prefix(' ')?;
            text.starts_with(char::is_alphabetic)
                .then(|| text.to_owned())
        };
        let lines: Vec<&str> = file.text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let Some(text) = comment(line) else {
                continue;
            };
            let next = lines.get(at + 1).and_then(|next| comment(next));
            let goes_on = next.is_some_and(|next| next.starts_with(char::is_lowercase));
            // A gap is one of a picture.
            let is_prose = text.ends_with(char::is_alphanumeric) && !text.contains("  ");
            let short = text.chars().count() < NARROWEST && is_prose;
            if short && goes_on || line.chars().count() > WIDEST {
                broken.push(format!("{}: {line}", file.name));
            }
        }
    }
    assert_none(
        &broken,
        "a comment has no line of a word or two before its last, and none that is very long",
    );
}

/// Every line of output that a test holds against the program.
fn stored_output() -> Vec<String> {
    let mut paths = vec![
        repository().join("README.md"),
        repository().join("docs/tutorial.md"),
    ];
    files_below(&repository().join("tests/snapshots"), &mut paths);
    let pages = paths
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok());
    pages
        .flat_map(|page| page.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

#[test]
fn pictures_of_reports_are_what_reports_print() {
    let stored = stored_output();
    let (mut broken, mut seen) = (Vec::new(), 0);
    let reports = product()
        .into_iter()
        .filter(|file| file.layer() == "report");
    for file in reports {
        let head = file.text.lines().map_while(|line| line.strip_prefix("//!"));
        let lines = head.map(|line| line.strip_prefix(' ').unwrap_or(line));
        let mut is_picture = false;
        for line in lines {
            if line.starts_with("```") {
                is_picture = line == "```text";
            } else if is_picture && !line.is_empty() {
                seen += 1;
                let known = stored.iter().any(|other| other == line);
                broken.extend((!known).then(|| format!("{}: {line}", file.name)));
            }
        }
    }
    assert!(seen > 10, "pictures are found");
    assert_none(
        &broken,
        "a picture is copied from the README, the tutorial or a stored snapshot",
    );
}

#[test]
fn no_file_grows_over_the_ceiling() {
    let lengths = product()
        .into_iter()
        .map(|file| (file.code.lines().count(), file.name));
    let long: Vec<_> = lengths
        .filter(|(lines, _)| *lines > CEILING)
        .map(|(lines, name)| format!("{name}: {lines}"))
        .collect();
    assert_none(
        &long,
        &format!("a file has at most {CEILING} lines of code"),
    );
}

#[test]
fn dependencies_point_one_way() {
    let mut broken = Vec::new();
    for file in product() {
        let Some((_, known)) = LAYERS.iter().find(|(layer, _)| *layer == file.layer()) else {
            broken.push(format!("{}: not in the table of layers", file.name));
            continue;
        };
        let crates = [
            "crate::",
            "nix_heft::",
            "nix_heft_core::",
            "nix_heft_closure::",
        ];
        let taken: Vec<String> = crates
            .iter()
            .flat_map(|name| taken_from(&file.code, name))
            .collect();
        let foreign = taken
            .iter()
            .filter(|module| *module != file.layer() && module.starts_with(char::is_lowercase))
            .filter(|module| !known.contains(&module.as_str()));
        broken.extend(foreign.map(|module| format!("{}: {module}", file.name)));
    }
    assert_none(
        &broken,
        "a layer knows those that the table names: model <- analysis <- app <- ui; source and report hang off both",
    );
}

/// A file cannot leave its layer by climbing: `super::super::source` would be unseen by the test above.
#[test]
fn no_path_climbs_out_of_its_layer() {
    let mut broken = Vec::new();
    for file in product() {
        let depth = file.name.matches('/').count();
        let too_far = "super::".repeat(depth + usize::from(!file.name.ends_with("/mod.rs")));
        let lines = file.code.lines().filter(|line| line.contains(&too_far));
        broken.extend(lines.map(|line| format!("{}: {}", file.name, line.trim())));
    }
    assert_none(&broken, "other layers are named from the crate down");
}

#[test]
fn the_table_of_layers_has_an_order() {
    for (at, (layer, known)) in LAYERS.iter().enumerate() {
        let above = &LAYERS[..at];
        for module in *known {
            assert!(
                above.iter().any(|(name, _)| name == module),
                "{layer}: {module}"
            );
        }
    }
}

#[test]
fn the_page_of_the_architecture_has_a_row_for_each_layer() {
    let page = fs::read_to_string(repository().join("docs/architecture.md")).expect("a page");
    // What only begins the program, or a crate, is no layer.
    let begins = ["main", "closure", "core", "lib"];
    let layers = LAYERS.iter().map(|(layer, _)| *layer);
    let silent: Vec<String> = layers
        .filter(|layer| !begins.contains(layer) && !page.contains(&format!("\n| `{layer}` | ")))
        .map(str::to_owned)
        .collect();
    assert_none(&silent, "the table of layers has a row for each");
}

#[test]
fn model_and_analysis_are_pure() {
    let mut broken = Vec::new();
    for file in product()
        .iter()
        .filter(|file| ["model", "analysis"].contains(&file.layer()))
    {
        let taken = taken_from(&file.code, "std::");
        broken.extend(
            taken
                .iter()
                .filter(|module| IMPURE.contains(&module.as_str()))
                .map(|module| format!("{}: std::{module}", file.name)),
        );
        broken.extend(file.lines_with(&[
            "rusqlite",
            "ratatui",
            "crossterm",
            "serde_json",
            "SourceError",
        ]));
    }
    assert_none(
        &broken,
        "model and analysis do no IO, know no clock, thread, database or terminal",
    );
}

#[test]
fn only_jobs_start_threads() {
    let mut broken = Vec::new();
    for file in product().iter().filter(|file| file.name != "job.rs") {
        // The signal guard waits on a thread of its own: nothing else can wake a blocked read.
        let spawning: &[&str] = if file.name == "tui.rs" || file.name.starts_with("tui/") {
            &["thread::scope", "thread::Builder"]
        } else {
            &["thread::spawn", "thread::scope", "thread::Builder"]
        };
        broken.extend(file.lines_with(spawning));
    }
    assert_none(&broken, "threads are started in job.rs");
}

/// What lists are called that grow with the store. A set of paths takes an id, and no reference to one.
const LONG_LISTS: &[&str] = &[
    "roots",
    "roots()",
    "targets",
    "paths",
    "ids",
    "rows",
    "links",
    "generations",
    "meant",
];

#[test]
fn a_root_is_asked_for_by_its_bit() {
    // A store has as many roots as paths: a search through them for each path never ends.
    let searches = LONG_LISTS.iter().map(|list| format!("{list}.contains(&"));
    let others = [
        "roots().contains",
        "roots().iter().any",
        "any(|root| root.link ==",
    ];
    let searches: Vec<String> = searches.chain(others.map(str::to_owned)).collect();
    let searches: Vec<&str> = searches.iter().map(String::as_str).collect();
    let broken: Vec<_> = product()
        .iter()
        .flat_map(|file| file.lines_with(&searches))
        .collect();
    assert_none(
        &broken,
        "a root is known by its bit (`Closure::is_root`), others by a set, a map or a binary search",
    );
}

#[test]
fn only_the_terminal_layer_touches_the_terminal() {
    let touching = [
        "crossterm::terminal",
        "crossterm::execute",
        "crossterm::queue",
        "crossterm::cursor",
        "CrosstermBackend",
        "enable_raw_mode",
        "EnterAlternateScreen",
        "event::read",
        "event::poll",
        "ratatui::init",
        "ratatui::run",
    ];
    let others = product().into_iter().filter(|file| file.layer() != "tui");
    let broken: Vec<_> = others.flat_map(|file| file.lines_with(&touching)).collect();
    assert_none(&broken, "only tui.rs touches the terminal");
}

#[test]
fn drawing_changes_nothing() {
    let broken: Vec<_> = product()
        .iter()
        .filter(|file| file.layer() == "ui")
        .flat_map(|file| file.lines_with(&["&mut App", "Arc<Mutex", "RefCell", "Instant::now"]))
        .collect();
    assert_none(&broken, "ui takes &App and draws");
}

#[test]
fn state_knows_no_clock_and_no_disk() {
    let mut broken = Vec::new();
    for file in product().iter().filter(|file| file.layer() == "app") {
        let taken = taken_from(&file.code, "std::");
        broken.extend(
            taken
                .iter()
                .filter(|module| {
                    ["fs", "env", "process", "net", "thread"].contains(&module.as_str())
                })
                .map(|module| format!("{}: std::{module}", file.name)),
        );
        broken.extend(file.lines_with(&["Instant::now", "SystemTime::now"]));
    }
    assert_none(&broken, "app is state and update, nothing else");
}

#[test]
fn reports_of_errors_stay_in_the_binary() {
    let library = product().into_iter().filter(|file| file.name != "main.rs");
    let broken: Vec<_> = library
        .flat_map(|file| file.lines_with(&["eyre", "color_eyre", "anyhow"]))
        .collect();
    assert_none(&broken, "the library's errors are typed");
}

#[test]
fn the_store_is_only_ever_read() {
    let writing = [
        "remove_file",
        "remove_dir",
        "remove_dir_all",
        "fs::write",
        "fs::rename",
        "hard_link",
        "set_permissions",
        ".write(true)",
        ".append(true)",
        ".create(true)",
        ".create_new(true)",
        "OFlags::CREATE",
        "OFlags::RDWR",
        "OFlags::WRONLY",
        "SQLITE_OPEN_READ_WRITE",
        "SQLITE_OPEN_CREATE",
        "Connection::open(",
        "INSERT INTO",
        "DELETE FROM",
    ];
    let broken: Vec<_> = product()
        .iter()
        .filter(|file| ["source", "model", "analysis"].contains(&file.layer()))
        // Copies a database into a folder of its own when it cannot be read in place.
        .filter(|file| file.name != "source/db/copy.rs")
        // Remembers the records of binary caches in a database of our own, in the user's cache directory.
        .filter(|file| file.name != "source/cache/memory.rs")
        .flat_map(|file| file.lines_with(&writing))
        .collect();
    assert_none(&broken, "nothing is ever written to a store");
}

#[test]
fn files_are_opened_to_be_read_in_one_place() {
    // Anything else may be a pipe without an end, or a device.
    let opening = [
        "File::open(",
        "fs::read(",
        "fs::read_to_string(",
        "read_to_string(\"/",
    ];
    let broken: Vec<_> = product()
        .iter()
        .filter(|file| !["plain_file.rs", "cli/reference.rs"].contains(&&*file.name))
        .flat_map(|file| file.lines_with(&opening))
        .collect();
    assert_none(&broken, "`plain_file` opens what is read");
}

#[test]
fn other_programs_are_started_in_two_places() {
    let mut broken = Vec::new();
    for file in product() {
        // The `nix` command with a closed list of subcommands, and the user's shell in the directory of a path.
        if file.name != "source/nix/run.rs" && file.layer() != "tui" {
            let taken = [
                taken_from(&file.code, "std::process::"),
                taken_from(&file.code, "process::"),
            ];
            let starting = taken.concat().iter().any(|name| name == "Command");
            broken.extend(starting.then(|| format!("{}: process::Command", file.name)));
        }
        if file.name == "source/nix/run.rs" {
            let changing = [
                "\"build\"",
                "\"copy\"",
                "\"delete\"",
                "\"gc\"",
                "\"--gc\"",
                "\"--realise\"",
                "\"--delete\"",
            ];
            broken.extend(file.lines_with(&changing));
        }
    }
    assert_none(&broken, "nix is asked, never told to change anything");
}

#[test]
fn analyses_fail_only_for_reasons_of_their_own() {
    let broken: Vec<_> = product()
        .iter()
        .filter(|file| ["model", "analysis"].contains(&file.layer()))
        .flat_map(|file| {
            file.lines_with(&[
                "io::Error",
                "io::Result",
                "dyn Error",
                "dyn std::error::Error",
            ])
        })
        .collect();
    assert_none(
        &broken,
        "an analysis fails because it was cancelled, or because a text or a step makes no sense",
    );
}

/// Functions and types that say what is wrong in words. Parsers do, where their caller knows which file and line it was
/// and makes a typed error of it; so do answers of jobs that are only ever shown.
const WORDS_AS_ERRORS: &[&str] = &[
    "app/jobs/external.rs",
    "app/jobs/files.rs",
    "app/jobs/work.rs",
    "app/planning/effect.rs",
    "cli/explorer.rs",
    "source/cache.rs",
    "source/cache/listing.rs",
    "source/cache/memory.rs",
    "source/cache/narinfo.rs",
    "source/cache/walk.rs",
    "source/drv.rs",
    "source/files/survey.rs",
    "source/formats/registration.rs",
];

/// The second arguments of all `Result<_, _>`: the errors.
fn errors_of_results(code: &str) -> Vec<String> {
    let mut errors = Vec::new();
    for (at, found) in code.match_indices("Result<") {
        let inside = &code[at + found.len()..];
        let (mut depth, mut from) = (0_i32, 0);
        let mut arguments = Vec::new();
        for (offset, c) in inside.char_indices() {
            match c {
                '<' | '(' | '[' => depth += 1,
                // Not the arrow of a function type.
                '>' if inside[..offset].ends_with('-') => {}
                '>' | ')' | ']' if depth == 0 => {
                    arguments.push(inside[from..offset].trim());
                    break;
                }
                '>' | ')' | ']' => depth -= 1,
                ',' if depth == 0 => {
                    arguments.push(inside[from..offset].trim());
                    from = offset + 1;
                }
                _ => {}
            }
        }
        errors.extend(arguments.get(1).map(|&error| error.to_owned()));
    }
    errors
}

#[test]
fn errors_of_results_are_found() {
    let code =
        "fn a() -> Result<Vec<(u8, T)>, String>;\nio::Result<String>\nResult<fn(u8) -> u8, E<'t>>";
    assert_eq!(errors_of_results(code), ["String", "E<'t>"]);
}

#[test]
fn errors_are_typed() {
    let worded: Vec<String> = product()
        .into_iter()
        .filter(|file| {
            let errors = errors_of_results(&file.code);
            errors
                .iter()
                .any(|error| ["String", "&'static str", "&str"].contains(&error.as_str()))
        })
        .map(|file| file.name)
        .collect();
    let accepted = |name: &&String| !WORDS_AS_ERRORS.contains(&name.as_str());
    let broken: Vec<_> = worded.iter().filter(accepted).cloned().collect();
    assert_none(&broken, "errors are types, except in a few parsers");
    let gone: Vec<_> = WORDS_AS_ERRORS
        .iter()
        .filter(|name| !worded.iter().any(|file| file == *name))
        .map(|name| (*name).to_owned())
        .collect();
    assert_none(&gone, "no longer an exception: take it off the list");
}

/// How many files may add methods to `App`. It only ever becomes less.
const FILES_OF_APP: usize = 3;

/// Types whose methods stand elsewhere, and where.
const SCATTERED: &[(&str, &str)] = &[
    ("Details", "model/graph_builder/details.rs"),
    ("FilesReport", "report/files_json.rs"),
    ("Gathering", "source/db/walk.rs"),
    ("Inventory", "source/files/usage.rs"),
    ("Look", "source/evidence/on_disk.rs"),
    ("StoreGraph", "model/outputs.rs"),
];

/// The name after each of some words at the beginning of a line: what is defined, or what is given methods.
fn named_after(code: &str, words: &[&str]) -> Vec<String> {
    let mut names = Vec::new();
    for line in code.lines() {
        let line = line.trim_start();
        let line = line
            .strip_prefix("pub(crate) ")
            .or_else(|| line.strip_prefix("pub(super) "))
            .unwrap_or(line);
        let line = line.strip_prefix("pub ").unwrap_or(line);
        let Some(rest) = words.iter().find_map(|word| line.strip_prefix(word)) else {
            continue;
        };
        // Parameters of an `impl`.
        let rest = if rest.starts_with('<') {
            let end = rest.find("> ").map_or(rest.len(), |at| at + 2);
            &rest[end..]
        } else {
            rest
        };
        if line.starts_with("impl") && line.contains(" for ") {
            continue;
        }
        names.push(word_at(rest.trim_start()));
    }
    names
}

#[test]
fn definitions_and_methods_are_found() {
    let code = "pub struct A<T> {\nimpl<T> A<T> {\nimpl Clone for B {\n    pub(crate) enum C {\nimpl<'a, T: X<Y>> D<'a> {";
    assert_eq!(named_after(code, &["struct ", "enum "]), ["A", "C"]);
    assert_eq!(named_after(code, &["impl"]), ["A", "D"]);
}

/// A ceiling for files alone would only scatter what is too large over more of them.
#[test]
fn a_type_has_its_methods_in_one_place() {
    let files = product();
    let defined: Vec<(String, &str)> = files
        .iter()
        .flat_map(|file| {
            let names = named_after(&file.code, &["struct ", "enum ", "union "]);
            names.into_iter().map(|name| (name, file.name.as_str()))
        })
        .collect();
    let (mut broken, mut of_app) = (Vec::new(), 0);
    for file in &files {
        let mut given: Vec<String> = named_after(&file.code, &["impl"]);
        given.sort();
        given.dedup();
        for name in given {
            if name == "App" {
                of_app += 1;
                continue;
            }
            let at_home = defined.iter().any(|(other, home)| {
                let folder = home
                    .strip_suffix("/mod.rs")
                    .or_else(|| home.strip_suffix(".rs"));
                let below = folder.and_then(|folder| file.name.strip_prefix(folder));
                *other == name
                    && (*home == file.name || below.is_some_and(|rest| rest.starts_with('/')))
            });
            if !at_home && !SCATTERED.contains(&(name.as_str(), file.name.as_str())) {
                broken.push(format!("{}: impl {name}", file.name));
            }
        }
    }
    assert_none(
        &broken,
        "a type's methods stand in its file, or in the folder of that name",
    );
    assert!(
        of_app <= FILES_OF_APP,
        "{of_app} files add methods to App: a view speaks through its trait"
    );
}

/// The most files that define types of one name.
const MOST_NAMESAKES: usize = 2;

/// Names that more types have, and why.
const NAMESAKES: &[(&str, &str)] = &[(
    "Body",
    "what the JSON document of a report says of its own, private to the report",
)];

/// The names of the types that a file defines, without those that belong to a trait.
fn defined_in(code: &str) -> Vec<String> {
    let mut names = named_after(code, &["struct ", "enum ", "union ", "trait "]);
    let outer: Vec<_> = code.lines().filter(|line| !line.starts_with(' ')).collect();
    names.extend(named_after(&outer.join("\n"), &["type "]));
    names.sort();
    names.dedup();
    names
}

#[test]
fn associated_types_are_no_definitions() {
    let code =
        "pub struct B;\ntype C = u8;\nimpl List for B {\n    type Found = u8;\n}\nenum A {\n}";
    assert_eq!(defined_in(code), ["A", "B", "C"]);
}

/// `Row` says nothing where ten types are called so, and a search for it finds all of them. The options of a command are
/// called like the command.
#[test]
fn a_type_has_its_subject_in_its_name() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in product().iter().filter(|file| file.layer() != "cli") {
        for name in defined_in(&file.code) {
            places.entry(name).or_default().push(file.name.clone());
        }
    }
    let known = |name: &str| NAMESAKES.iter().any(|(known, _)| *known == name);
    let many = |places: &[String]| places.len() > MOST_NAMESAKES;
    let broken: Vec<_> = places
        .iter()
        .filter(|(name, places)| many(places) && !known(name))
        .map(|(name, places)| format!("{name}: {}", places.join(", ")))
        .collect();
    assert_none(
        &broken,
        "a name that several types would have gets the subject in front",
    );
    let gone: Vec<_> = NAMESAKES
        .iter()
        .filter(|(name, _)| !places.get(*name).is_some_and(|places| many(places)))
        .map(|(name, _)| (*name).to_owned())
        .collect();
    assert_none(&gone, "no longer an exception: take it off the list");
}

/// What takes time in proportion to the closure.
const WALKS: &[&str] = &[
    ".members()",
    ".ids()",
    ".resolve(",
    "parallel(",
    "Column::filled(",
    "PathSet::empty(",
    "PathSet::of(",
    "Total::of",
    "Closure::of(",
];

/// Functions of the explorer that walk the whole closure without a job's progress, by file, and why they may.
const WALKS_OF_THE_EXPLORER: &[(&str, &str, &str)] = &[
    (
        "app/facts/chains.rs",
        "segment",
        "a part of explaining, which is a job",
    ),
    (
        "app/facts/mod.rs",
        "of",
        "a part of loading, which is a job",
    ),
    (
        "app/views/map/mod.rs",
        "alone",
        "the map of each path by itself; at most its largest are drawn",
    ),
    (
        "app/views/packages/rows.rs",
        "hashed_first",
        "a part of finding, which is a job",
    ),
    (
        "app/views/packages/rows.rs",
        "largest",
        "a part of sorting, which is a job",
    ),
    (
        "app/views/packages/rows.rs",
        "plain_words",
        "a part of finding, which is a job",
    ),
    (
        "app/views/packages/rows.rs",
        "sorted_members",
        "a part of sorting, which is a job",
    ),
    ("ui/views/roots.rs", "item", "the size of one path"),
];

/// Files of the explorer that make a progress no job looks at, and why they may.
const LENT_PROGRESS: &[(&str, &str)] = &[
    (
        "app/facts/mod.rs",
        "what is known of a closure needs one before a job attaches its own",
    ),
    (
        "app/outcomes.rs",
        "what is known is carried over to what is loaded again, without computing anything",
    ),
];

/// A function's name, signature and body, found by counting braces.
fn functions(code: &str) -> Vec<(String, &str, &str)> {
    let mut found = Vec::new();
    for (at, word) in code.match_indices("fn ") {
        if code[..at]
            .chars()
            .next_back()
            .is_some_and(|c| c.is_alphanumeric() || c == '_')
        {
            continue;
        }
        let name = word_at(&code[at + word.len()..]);
        let rest = &code[at..];
        let Some(open) = rest
            .find(['{', ';'])
            .filter(|&open| !name.is_empty() && rest[open..].starts_with('{'))
        else {
            continue;
        };
        let mut depth = 0_usize;
        let end = rest[open..].bytes().position(|byte| {
            depth += usize::from(byte == b'{');
            depth -= usize::from(byte == b'}');
            depth == 0
        });
        let body = &rest[open..end.map_or(rest.len(), |end| open + end)];
        found.push((name, &rest[..open], body));
    }
    found
}

/// Analyses and other walks report to a `Progress`, which only jobs have: what has none runs between two frames.
#[test]
fn nothing_walks_the_closure_between_two_frames() {
    let (mut broken, mut walking) = (Vec::new(), Vec::new());
    for file in product()
        .iter()
        .filter(|file| ["app", "ui"].contains(&file.layer()))
    {
        let lent = LENT_PROGRESS.iter().any(|(name, _)| *name == file.name);
        if !lent {
            broken.extend(file.lines_with(&["Progress::new()", "Progress::default()"]));
        }
        let code = file.code.replace("'{'", "").replace("'}'", "");
        for (name, signature, body) in functions(&code) {
            if signature.contains("Progress") || !WALKS.iter().any(|walk| body.contains(walk)) {
                continue;
            }
            let mut known = WALKS_OF_THE_EXPLORER.iter();
            if !known.any(|&(of, known, _)| of == file.name && known == name) {
                broken.push(format!("{}: fn {name}", file.name));
            }
            walking.push((file.name.clone(), name));
        }
    }
    assert_none(&broken, "what grows with the closure is a job");
    let gone: Vec<_> = WALKS_OF_THE_EXPLORER
        .iter()
        .filter(|(file, name, _)| {
            !walking
                .iter()
                .any(|(of, other)| of == file && other == name)
        })
        .map(|(file, name, _)| format!("{file}: fn {name}"))
        .collect();
    assert_none(&gone, "no longer an exception: take it off the list");
}

#[test]
fn the_store_directory_is_a_value() {
    let mut broken = Vec::new();
    for file in product() {
        // What a command line says in its help is an example.
        if file.name == "model/store_path.rs" || ["cli", "run"].contains(&file.layer()) {
            continue;
        }
        broken.extend(file.lines_with(&["/nix/store"]));
        // Where the database and the roots are is known where they are read.
        if file.layer() != "source" {
            broken.extend(file.lines_with(&["/nix/var"]));
        }
    }
    assert_none(
        &broken,
        "/nix/store stands in StoreDir's default and nowhere else, /nix/var only where stores are read",
    );
}

#[test]
fn the_binary_declares_no_modules() {
    let main = product()
        .into_iter()
        .find(|file| file.name == "main.rs")
        .expect("there is a main.rs");
    let declared: Vec<_> = main
        .code
        .lines()
        .filter_map(|line| {
            line.trim()
                .strip_prefix("mod ")?
                .strip_suffix(';')
                .map(str::to_owned)
        })
        .collect();
    assert_none(&declared, "what the library declares is compiled once");
}

/// Files a person wrote or a program generated, as text; pictures and archives are left out.
fn texts() -> Vec<(PathBuf, String)> {
    let mut paths = Vec::new();
    files_below(repository(), &mut paths);
    paths
        .into_iter()
        .filter_map(|path| Some((path.clone(), fs::read_to_string(path).ok()?)))
        .collect()
}

#[test]
fn no_file_names_the_place_it_was_written_in() {
    let here = repository().to_string_lossy().into_owned();
    let cargo = option_env!("CARGO_HOME").map(str::to_owned);
    let places: Vec<_> = [Some(here), cargo]
        .into_iter()
        .flatten()
        .filter(|place| place.len() > 4)
        .collect();
    let broken: Vec<_> = texts()
        .into_iter()
        .filter(|(_, text)| places.iter().any(|place| text.contains(place.as_str())))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert_none(
        &broken,
        "committed files name no directory of the machine they were made on",
    );
}

#[test]
fn dependencies_come_from_the_public_registry() {
    let lock = fs::read_to_string(repository().join("Cargo.lock")).expect("there is a Cargo.lock");
    let foreign: Vec<_> = lock
        .lines()
        .filter(|line| line.starts_with("source = "))
        .filter(|line| {
            *line != "source = \"registry+https://github.com/rust-lang/crates.io-index\""
        })
        .map(str::to_owned)
        .collect();
    assert_none(&foreign, "every dependency is a published crate");
}

#[test]
fn text_files_end_with_one_line_break_and_have_no_tabs_at_line_ends() {
    let ours = texts().into_iter().filter(|(path, _)| {
        path.extension()
            .is_some_and(|e| ["rs", "md", "toml"].contains(&e.to_string_lossy().as_ref()))
    });
    let broken: Vec<_> = ours
        .filter(|(_, text)| {
            !text.ends_with('\n')
                || text.ends_with("\n\n")
                || text.lines().any(|line| line.ends_with([' ', '\t']))
        })
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert_none(&broken, "text files are tidy");
}

/// Files that may name a single view: the table, the commands with what is about two views, and the one match that draws.
const NAME_VIEWS: &[&str] = &["app/commands.rs", "app/keys/command.rs", "ui/views/mod.rs"];

#[test]
fn single_views_are_named_in_few_places() {
    let mut broken = Vec::new();
    for file in product() {
        if NAME_VIEWS.contains(&file.name.as_str()) {
            continue;
        }
        let named = file.code.match_indices("View::").filter(|&(at, word)| {
            let before = file.code[..at].chars().next_back();
            let after = &file.code[at + word.len()..];
            let alone = before.is_none_or(|c| !c.is_alphanumeric());
            alone && after.starts_with(char::is_uppercase) && !after.starts_with("ALL")
        });
        broken.extend(named.map(|(at, _)| {
            let line = file.code[at..].lines().next().unwrap_or_default();
            format!("{}: {line}", file.name)
        }));
    }
    assert_none(
        &broken,
        "what is about one view stands in its row of the table, or in its file",
    );
}

/// Folders of the explorer of which each file or folder is a room of its own; what all of its rooms share; and which files
/// know all of them besides the folder's `mod.rs`.
const ROOMS: &[(&str, &[&str], &[&str])] = &[
    // The engine of lists of groups and what is kept of them, what the table asks of views, and lines that open one by one.
    (
        "views",
        &["folds", "groups", "kept", "list", "outline", "tab"],
        &["groups"],
    ),
    // What boxes show, lines of text, which several show, and what their jobs found.
    ("dialogs", &["found", "lines", "picture"], &["found"]),
];

/// The room that a file is in, by its path below the folder, and what leads from the file to the folder.
fn room(rest: &str) -> (&str, String) {
    let first = rest.split('/').next().unwrap_or(rest);
    let steps = rest.matches('/').count() + usize::from(!rest.ends_with("/mod.rs"));
    let name = first.strip_suffix(".rs").unwrap_or(first);
    (name, "super::".repeat(steps))
}

#[test]
fn views_and_boxes_know_neither_the_explorer_nor_each_other() {
    let mut broken = Vec::new();
    let files = product();
    for (folder, shared, knowing) in ROOMS {
        let below = format!("app/{folder}/");
        let names: Vec<&str> = files
            .iter()
            .filter_map(|file| file.name.strip_prefix(&below))
            .collect();
        let rooms: Vec<&str> = names.iter().map(|rest| room(rest).0).collect();
        for file in &files {
            let Some(rest) = file.name.strip_prefix(&below) else {
                continue;
            };
            broken.extend(file.lines_with(&["App"]));
            let (itself, up) = room(rest);
            if itself == "mod" || knowing.contains(&itself) {
                continue;
            }
            let ways = [up, format!("crate::app::{folder}::")];
            let taken = ways.iter().flat_map(|way| taken_from(&file.code, way));
            let others = taken.filter(|name| *name != itself && rooms.contains(&name.as_str()));
            let foreign = others.filter(|name| !shared.contains(&name.as_str()));
            broken.extend(foreign.map(|name| format!("{}: {name}", file.name)));
        }
    }
    assert_none(
        &broken,
        "views and boxes speak through what they want done, never with each other",
    );
}

/// Files that know rows by what they stand for, whatever view they are in.
const KNOW_NO_VIEW: &[&str] = &["app/able.rs", "app/frame/"];

#[test]
fn commands_are_offered_without_looking_into_a_view() {
    let files = product();
    let such = files.iter().filter(|file| {
        let mut names = KNOW_NO_VIEW.iter();
        names.any(|name| file.name.starts_with(name))
    });
    let broken: Vec<String> = such
        .flat_map(|file| file.lines_with(&["views::", ".views."]))
        .collect();
    assert_none(
        &broken,
        "a view says what its rows are in its `ViewSpec` and in a `Target`",
    );
}

#[test]
fn what_a_view_has_to_answer_stays_small() {
    let files = product();
    let pane = files.iter().find(|file| file.name == "app/pane.rs");
    let code = &pane.expect("there is a trait for panes").code;
    let code = &code[code.find("pub trait Pane").expect("the trait")..];
    let methods = code.matches("    fn ").count();
    let needed = code
        .lines()
        .filter(|line| line.starts_with("    fn ") && line.ends_with(';'));
    assert!(
        methods <= 15,
        "{methods} methods are too many to know by heart"
    );
    assert!(needed.count() <= 5, "a view has to answer five questions");
}

/// The texts in quotes of some code. A text that goes on in the next line is one text.
fn quoted(code: &str) -> Vec<String> {
    let code = code.replace("'\"'", "' '");
    let mut characters = code.chars();
    let (mut found, mut open) = (Vec::new(), None::<String>);
    while let Some(c) = characters.next() {
        match (&mut open, c) {
            (None, '"') => open = Some(String::new()),
            (None, _) => {}
            (Some(_), '"') => found.extend(open.take()),
            (Some(text), '\\') => {
                // Of what a backslash stands for, only a quote is part of a word.
                let escaped = characters.next();
                text.push(if escaped == Some('"') { '"' } else { ' ' });
            }
            (Some(text), other) => text.push(other),
        }
    }
    found
}

#[test]
fn texts_in_quotes_are_found() {
    let code = "f('\"', \"a \\\"b\\\" c\"); g(\"one \\\n   text\", \"d\")";
    let words: Vec<String> = quoted(code)
        .iter()
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(words, ["a \"b\" c", "one text", "d"]);
}

/// Names of keys that are words in no sentence but one about keys.
const KEYS: &[&str] = &[
    "enter",
    "esc",
    "tab",
    "space",
    "backspace",
    "shift-tab",
    "pgup",
    "pgdn",
];

/// Words after which a key stands.
const BEFORE_KEYS: &[&str] = &["with", "press", "pressing"];

/// Whether a text names a key: in brackets, as in `tree (t)`, as what does something, as in `r tries again`, or as what
/// something is done with, as in `look again with r`.
fn names_a_key(text: &str) -> bool {
    let key = |word: &str| {
        let mut letters = word.chars();
        let single = letters.next().filter(|_| letters.next().is_none());
        let word = word.to_lowercase();
        // An article is no key, and neither is what begins a comment.
        single.is_some_and(|letter| letter.is_ascii_graphic() && !"aA#".contains(letter))
            || KEYS.contains(&word.as_str())
            || word.starts_with("ctrl-")
    };
    let bracketed = |word: &str| {
        let inner = word.strip_prefix('(').and_then(|rest| rest.split_once(')'));
        inner.is_some_and(|(inner, _)| key(inner))
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let does = |pair: &[&str]| {
        let verb = pair[1].trim_end_matches(|c: char| !c.is_alphanumeric());
        key(pair[0])
            && verb.ends_with('s')
            && verb.len() > 2
            && verb.chars().all(char::is_lowercase)
    };
    let tells = |pair: &[&str]| {
        let word = pair[1].trim_end_matches(['.', ',', ';', ':']);
        BEFORE_KEYS.contains(&pair[0].to_lowercase().as_str()) && key(word)
    };
    words.iter().any(|word| bracketed(word))
        || words.windows(2).any(|pair| does(pair) || tells(pair))
}

#[test]
fn texts_that_name_keys_are_recognised() {
    for text in [
        "only in the tree (t)",
        "r tries again, q quits",
        " esc closes ",
        "see x (ctrl-l).",
        "Enter fetches their archive",
        "fetch them, and look again with r.",
        "Press Space, or leave it",
    ] {
        assert!(names_a_key(text), "{text}");
    }
    for text in [
        "{key} tries again",
        "a class",
        "({key})",
        "enter the name",
        "Enter the name of a file",
        "look again with {key}.",
        "(.md)",
    ] {
        assert!(!names_a_key(text), "{text}");
    }
}

/// Keys can be given to other commands: a text that names one literally is wrong from then on.
#[test]
fn keys_in_texts_come_from_the_table_of_keys() {
    let mut broken = Vec::new();
    let files = product();
    let texts = files.iter().filter(|file| {
        // The table itself says what holds where nothing is changed.
        ["app", "ui"].contains(&file.layer()) && !file.name.starts_with("app/keys/")
    });
    for file in texts {
        let quoted = quoted(&file.code).into_iter();
        let wrong = quoted.filter(|text| names_a_key(text));
        broken.extend(wrong.map(|text| format!("{}: \"{text}\"", file.name)));
    }
    assert_none(
        &broken,
        "keys in texts come from `KeyTable`, or from `app::keys::fixed`",
    );
}
