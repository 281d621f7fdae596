//! What leaves the program: no name, file or message reaches a reader with characters that the reader obeys.
//!
//! The names are made up out of every harmful character and of what makes formulas, markup and commands. Every command
//! and format is asked about them; the program's own source is read for ways round the gate.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use nix_heft::analysis::what_if::what_if;
use nix_heft::analysis::{Analysed, Step};
use nix_heft::job::Progress;
use nix_heft::report::markdown;
use nix_heft::source::Request;
use nix_heft::source::formats::load_bytes;
use nix_heft::testing::database::{Schema, create, write};
use nix_heft::testing::explorer::Explore;
use nix_heft::testing::explorer::Session;
use nix_heft::testing::gate::{Gate, Reader};
use nix_heft::testing::{Given, graph, id};
use nix_heft::text::{Units, is_harmless};
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A closure of two levels whose names are these, in a file of its own folder.
struct Closure {
    directory: TempDir,
    paths: Vec<String>,
}

impl Closure {
    fn of(names: &[String]) -> Self {
        let path = |(at, name): (usize, &String)| format!("/nix/store/{at:032}-{name}");
        let paths: Vec<String> = names.iter().enumerate().map(path).collect();
        let root = format!("/nix/store/{:032}-app", 99_999);
        let entry = |path: &String, references: &[String], size: usize| json!({ "path": path, "narSize": size, "references": references });
        let mut all = vec![entry(&root, &paths, 1)];
        for (at, path) in paths.iter().enumerate() {
            let above = paths.get(at + 1).cloned();
            all.push(entry(path, above.as_slice(), 1000 + at));
        }
        let directory = tempfile::tempdir().expect("a temporary folder");
        fs::write(
            directory.path().join("closure.json"),
            Value::Array(all).to_string(),
        )
        .expect("a file");
        Self { directory, paths }
    }

    fn run(&self, args: &[&str]) -> Output {
        let from = ["--from", "closure.json"];
        Command::new(env!("CARGO_BIN_EXE_nix-heft"))
            .current_dir(self.directory.path())
            .args(args)
            .args(from)
            .env_clear()
            .env("HOME", "/nonexistent")
            .stdin(Stdio::null())
            .output()
            .expect("the program starts")
    }
}

/// The arguments of a check that fails, in a format.
macro_rules! check {
    ($format:literal) => {
        &[
            "check",
            "--max-closure",
            "1",
            "--forbid",
            "{}",
            "--no-duplicates",
            "--format",
            $format,
        ]
    };
}

/// Every command that prints an answer, with every format it has. `{}` is a hostile path.
const ANSWERS: &[&[&str]] = &[
    &["list"],
    &["list", "--format", "json"],
    &["list", "--format", "csv"],
    &["list", "--sort", "closure"],
    &["tree"],
    &["tree", "--format", "json"],
    &["tree", "--referrers", "{}"],
    &["why", "{}"],
    &["why", "{}", "--format", "json"],
    &["why", "{}", "--all"],
    &["why", "{}", "--precise"],
    &["cut", "{}"],
    &["cut", "{}", "--format", "json"],
    &["what-if", "--remove", "{}"],
    &["what-if", "--remove", "{}", "--format", "json"],
    &["what-if", "--remove", "{}", "--save-plan", "-"],
    &["dupes"],
    &["dupes", "--format", "json"],
    &["roots"],
    &["roots", "--format", "json"],
    &["files"],
    &["files", "--format", "json"],
    check!("text"),
    check!("json"),
    check!("markdown"),
    check!("junit"),
    check!("sarif"),
    check!("github"),
    check!("gitlab"),
    &["check", "--init"],
    &["advise"],
    &["advise", "--format", "json"],
    &["advise", "--format", "markdown"],
    &["origins"],
    &["origins", "{}"],
    &["origins", "{}", "--format", "json"],
    &["try", "x\u{1b}[2J = \u{202e};"],
    &["generations", "\u{1b}[2J"],
    &["when", "{}"],
    &["diff", "closure.json", "closure.json"],
    &["history", "closure.json"],
    &["export", "--format", "csv"],
    &["export", "--format", "json"],
    &["export", "--format", "dot"],
    &["--keys", "jjw"],
    &["why", "not-there-\u{1b}[2J"],
    &["list", "--filter", "\u{1b}]0;x\u{7}"],
    // What the parser of the command line refuses, it repeats.
    &["list", "--wh\u{1b}[2Jat"],
    &["list", "--format", "\u{9b}31m\u{202e}"],
    &["demo", "\u{1b}]52;c;aGk=\u{7}"],
    &["completions", "\u{1b}c\r"],
];

/// What is written to a file, by what is asked for: `{}` is a hostile path, `{out}` the file.
const WRITTEN: &[&[&str]] = &[
    &["export", "--format", "csv", "-o", "{out}"],
    &["export", "--format", "json", "-o", "{out}"],
    &["export", "--format", "dot", "-o", "{out}"],
    &["what-if", "--remove", "{}", "--save-plan", "{out}"],
    &["check", "--init", "--budget", "{out}"],
    &[
        "check",
        "--max-paths",
        "9999",
        "--record",
        "{out}",
        "--label",
        "x\u{1b}[2J\u{202e}",
    ],
];

fn assert_harmless(text: &[u8], what: &str) {
    let text = std::str::from_utf8(text).expect("UTF-8");
    let harmful = text.chars().find(|&c| c != '\n' && !is_harmless(c));
    assert_eq!(harmful, None, "{what}:\n{text:?}");
}

/// Asks for an answer and looks at all that comes.
fn ask(closure: &Closure, answer: &[&str]) {
    let (target, file) = (&closure.paths[0], closure.directory.path().join("out"));
    let args: Vec<&str> = answer
        .iter()
        .map(|&arg| match arg {
            "{}" => target.as_str(),
            "{out}" => file.to_str().expect("text"),
            arg => arg,
        })
        .collect();
    let _ = fs::remove_file(&file);
    let output = closure.run(&args);
    let what = args.join(" ");
    assert_harmless(&output.stdout, &what);
    assert_harmless(&output.stderr, &what);
    assert!(
        matches!(output.status.code(), Some(0..=2)),
        "{what}: {:?}",
        output.status
    );
    // Spaces around a selector mean nothing, so a path that ends in one cannot be named.
    if answer.contains(&"{out}") && target.trim() == target {
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{what}: {errors}");
        assert_harmless(&fs::read(&file).expect("it was written"), &what);
    }
}

/// What prints nothing of a closure.
const SILENT: &[&str] = &["demo", "completions", "man", "config", "help"];

#[test]
fn every_command_is_asked() {
    let help = Closure::of(&["x".to_owned()]).run(&["--help"]);
    let help = String::from_utf8(help.stdout).expect("text");
    let commands = help.split("Commands").nth(1).expect("commands");
    let commands = commands.split("\n\n").next().unwrap_or_default();
    let names = commands.lines().skip(1).filter_map(|line| {
        let name = line.strip_prefix("  ")?.split(' ').next()?;
        Some(name).filter(|name| !name.is_empty())
    });
    let names: Vec<&str> = names.collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        let asked = ANSWERS.iter().any(|answer| answer[0] == name);
        assert!(
            asked || SILENT.contains(&name),
            "{name} has no row in ANSWERS"
        );
    }
}

#[test]
fn names_of_files_do_no_more_harm_than_names_of_paths() {
    let lab = tempfile::tempdir().expect("a folder");
    let (graph, _) = graph("app 1000 -> dep-1\ndep-1 400");
    let state = lab.path().join("nix/var/nix");
    let mut connection = create(&state.join("db/db.sqlite"), Schema::Nix).expect("a database");
    write(&mut connection, &graph, 1).expect("rows");
    let place = |name| {
        lab.path()
            .join(format!("nix/store/{}", graph.base_name(id(&graph, name))))
    };
    fs::create_dir_all(place("dep-1").join("bin")).expect("a folder");
    let text = format!(
        "/nix/store/{}/bin/x {HARMFUL}",
        graph.base_name(id(&graph, "dep-1"))
    );
    for name in HARMFUL
        .chars()
        .filter(|c| *c != '/')
        .map(|c| format!("{c}file{c}.txt"))
    {
        fs::create_dir_all(place("app")).expect("a folder");
        fs::write(place("app").join(&name), &text).expect("a file");
    }
    std::os::unix::fs::symlink(format!("to {HARMFUL}"), place("app").join("link")).expect("a link");
    let store = lab.path().to_str().expect("text");
    let app = graph.path(id(&graph, "app")).to_string();
    for args in [
        &["files"][..],
        &["files", "--format", "json"],
        &["why", "dep-1", "--precise"],
        &["why", "dep-1", "--precise", "--format", "json"],
        &["list", "--sort", "disk"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_nix-heft"))
            .args(args)
            .args(["--store", store, &app])
            .env_clear()
            .env("HOME", "/nonexistent")
            .stdin(Stdio::null())
            .output()
            .expect("the program starts");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {errors}");
        assert_harmless(&output.stdout, &args.join(" "));
        assert_harmless(&output.stderr, &args.join(" "));
    }
}

/// Characters that some reader obeys, hides or takes for the end of something.
const HARMFUL: &str = "\u{1b}[31m\u{1b}]0;x\u{7}\u{1b}]52;c;aGk=\u{7}\r\n\t\u{8}\u{7f}\u{80}\u{9b}\u{9d}\u{ad}\u{115f}\u{200b}\u{200d}\u{2028}\u{2029}\u{202e}\u{2066}\u{2800}\u{3164}\u{feff}\u{fff9}\u{fffa}\u{fffb}\u{e0001}";

#[test]
fn whatever_is_asked_no_harmful_character_comes_out() {
    let names: Vec<String> = [
        format!("x{HARMFUL}-1.0"),
        "=1+1".to_owned(),
        "@SUM(A1)-2".to_owned(),
        "a|b`c`\n# heading".to_owned(),
        "y\ntouch PWNED\n".to_owned(),
    ]
    .into_iter()
    .chain(HARMFUL.chars().map(|c| format!("{c}twin-{c}1")))
    .collect();
    let closure = Closure::of(&names);
    for answer in ANSWERS.iter().chain(WRITTEN) {
        ask(&closure, answer);
    }
}

#[test]
fn json_says_the_names_as_they_are() {
    let names = [format!("x{HARMFUL}"), "y".to_owned()];
    let closure = Closure::of(&names);
    let output = closure.run(&["list", "--format", "json"]);
    let read: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let told: Vec<&str> = read["paths"]
        .as_array()
        .expect("paths")
        .iter()
        .filter_map(|one| one["path"].as_str())
        .collect();
    for path in &closure.paths {
        assert!(told.contains(&&**path), "{path:?} in {told:?}");
    }
}

/// The explorer on such a closure.
fn session(names: &[String], size: (u16, u16)) -> Session {
    let closure = Closure::of(names);
    let bytes = fs::read(closure.directory.path().join("closure.json")).expect("a file");
    let loaded = load_bytes(
        &bytes,
        "closure.json",
        &Request::default(),
        &Progress::new(),
    );
    let given = Given(loaded.expect("a closure"));
    Session::open(Explore::new(Box::new(given), Request::default()), size)
}

/// Keys that show every view, box and line.
const WALK: &[&str] = &[
    "1j", "2", "3l", "4", "5+", "=", "6", "7", "8", "9", "1gw", "1 ", "T", "?", "<esc>", ":",
    "<esc>", "/x", "<esc>", "P", "<esc>", "W", "<esc>", "M", "<esc>",
];

fn look_at_everything(names: &[String]) {
    for size in [(120, 40), (60, 15)] {
        let mut session = session(names, size);
        for keys in WALK {
            session.press(keys).expect("keys");
            let frame = session.frame();
            for cell in &frame.content {
                assert_harmless(cell.symbol().as_bytes(), keys);
                assert!(!cell.symbol().contains('\n'), "{keys}: {cell:?}");
            }
        }
    }
}

/// All that is copied of a closure, and the plan that is printed at the end.
fn take_away(names: &[String]) {
    let mut session = session(names, (120, 40));
    session.press("g").expect("keys");
    for row in 0..=names.len() {
        for (key, most) in [("y", 1), ("C", 1), ("Y", names.len() + 1)] {
            session.copied = None;
            session.press(key).expect("keys");
            if let Some(text) = session.copied.take() {
                assert_harmless(text.as_bytes(), key);
                assert!(text.lines().count() <= most, "row {row}, {key}: {text:?}");
            }
        }
        // A root is only marked when the question is answered with yes.
        session.press("<space><esc>j").expect("keys");
    }
    session.press("Q").expect("keys");
    let printed = session.ended.flatten().expect("a plan");
    let mut gate = Gate::new(Vec::new(), Reader::Text { colour: false });
    gate.write_all(printed.as_bytes()).expect("to memory");
    let shown = gate.finish().expect("to memory");
    assert_harmless(&shown, "Q");
}

/// A plan that takes everything out, as Markdown.
fn markdown_of(names: &[String]) -> String {
    let closure = Closure::of(names);
    let bytes = fs::read(closure.directory.path().join("closure.json")).expect("a file");
    let progress = Progress::new();
    let loaded = load_bytes(&bytes, "closure.json", &Request::default(), &progress);
    let loaded = loaded.expect("a closure");
    let analysed = Analysed::of(loaded.graph, &loaded.roots, &progress);
    let (graph, whole) = (analysed.graph(), analysed.closure());
    let steps: Vec<Step> = graph.ids().map(Step::Remove).collect();
    let outcome = what_if(graph, whole, &steps, analysed.progress()).expect("not cancelled");
    let mut out = Vec::new();
    markdown::plan(&analysed, &outcome, Units::default(), &mut out).expect("to memory");
    String::from_utf8(out).expect("text")
}

#[test]
fn the_screen_the_clipboard_and_the_last_words_do_no_harm() {
    let names: Vec<String> = [
        format!("x{HARMFUL}-1.0"),
        "y\ntouch PWNED\n".to_owned(),
        "y\u{85}\u{2028}rm -rf\u{2029}".to_owned(),
    ]
    .into_iter()
    .chain(HARMFUL.chars().map(|c| format!("{c}twin-{c}1")))
    .collect();
    look_at_everything(&names);
    take_away(&names);
    assert_harmless(markdown_of(&names).as_bytes(), "Markdown");
}

#[test]
fn no_cell_of_a_spreadsheet_is_a_formula() {
    let names: Vec<String> = ["=1+1", "+1", "-1", "@x", "=cmd|' /C calc'!A0"]
        .map(str::to_owned)
        .into();
    let closure = Closure::of(&names);
    for args in [&["list", "--format", "csv"], &["export", "--format", "csv"]] {
        let output = closure.run(args);
        let mut reader = csv::Reader::from_reader(&*output.stdout);
        for record in reader.records() {
            for cell in &record.expect("a record") {
                let begins = cell.chars().next().unwrap_or(' ');
                assert!(!"=+-@\t\r".contains(begins), "{cell}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn names_of_any_kind_do_no_harm(
        names in prop::collection::vec("[^/\u{0}]{1,24}", 1..6),
        answers in prop::sample::subsequence(ANSWERS.iter().chain(WRITTEN).collect::<Vec<_>>(), 8),
    ) {
        let closure = Closure::of(&names);
        for answer in answers {
            ask(&closure, answer);
        }
        look_at_everything(&names);
        take_away(&names);
        assert_harmless(markdown_of(&names).as_bytes(), "Markdown");
    }
}

/// What gives a text to the terminal's clipboard.
const CLIPBOARD: [&str; 3] = ["CopyToClipboard", "]52;", "52;c"];

#[test]
fn one_place_gives_texts_to_the_clipboard() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let of = |file: &str| fs::read_to_string(src.join(file)).expect("a file");
    let mut places = Vec::new();
    for file in rust_files(&src) {
        let text = fs::read_to_string(&file).expect("a file");
        // Tests may speak of what must not get out.
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        if CLIPBOARD.iter().any(|name| code.contains(name)) {
            places.push(file.strip_prefix(&src).expect("below src").to_owned());
        }
    }
    assert_eq!(places, [Path::new("tui/screen.rs")]);
    assert!(of("tui/screen.rs").contains("fn copy(&mut self, text: &Clipboard)"));
    assert!(of("app/event.rs").contains("Copy(Clipboard)"));
    assert!(of("core/gate.rs").contains("pub struct Clipboard(String);"));
}

/// The only files that may name a stream of the process, each with the reason.
const STREAMS: &[(&str, &str)] = &[
    ("run/output.rs", "the gate stands here"),
    ("run/failure.rs", "errors pass the gate here"),
    ("run/screen.rs", "warnings pass the gate here"),
    (
        "run/meter.rs",
        "a progress line: phases and counts of our own",
    ),
    ("main.rs", "what the parser of the command line says"),
    (
        "tui",
        "the explorer's screen: cells, which hold no control characters",
    ),
    ("cli", "what the parser of the command line says"),
    ("run.rs", "what the parser of the command line says"),
];

#[test]
fn no_text_goes_round_the_gate() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut round = Vec::new();
    for file in rust_files(&src) {
        let name = file
            .strip_prefix(&src)
            .expect("below src")
            .to_string_lossy()
            .into_owned();
        let text = fs::read_to_string(&file).expect("a file");
        let names = ["stdout()", "stderr()", "println!", "print!", "eprint!"];
        let speaks = text
            .lines()
            .map(str::trim_start)
            .filter(|line| !line.starts_with("//"))
            .any(|line| names.iter().any(|name| line.contains(name)));
        if speaks && !STREAMS.iter().any(|(known, _)| name.starts_with(known)) {
            round.push(name);
        }
    }
    assert_eq!(round, Vec::<String>::new(), "only these speak: {STREAMS:?}");
}

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    files
}
