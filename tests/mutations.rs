//! Damaged input of every format: an answer or an error, never a panic.
//!
//! A small fuzzer with a fixed seed. It begins with the fixtures and with the corpora of `tests/fuzz`, and cuts, flips,
//! splices and inserts. What it finds belongs into the tests beside the parser.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use nix_heft::analysis::evidence_class::ClassCounts;
use nix_heft::job::Progress;
use nix_heft::model::{Closure, StoreGraph};
use nix_heft::source::Request;
use nix_heft::source::evidence::findings::SavedFindings;
use nix_heft::source::evidence::{self, EdgeEvidence, Evidence};
use nix_heft::source::files::contents::Contents;
use nix_heft::source::formats::{Content, FORMATS, load_bytes, snapshot};
use nix_heft::source::gather::add_evidence;
use nix_heft::testing::fuzz::{Target, targets};
use nix_heft::testing::{Random, store};

/// Pieces that parsers stumble over.
const PIECES: &[&[u8]] = &[
    b"18446744073709551615",
    b"-1",
    b"1e999",
    b"\0",
    b"\xff\xfe",
    b"\"",
    b"null",
    b"[",
    b"{",
    b"]",
    b"}",
    b"\n",
    b":",
    b"\\u0000",
    b"/nix/store/",
    b"../",
    b"\x1b[2J",
    b"\xf0\x9f\x92\xa9",
];

fn files_in(directory: &Path, found: &mut Vec<Vec<u8>>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(directory)
        .expect("the directory is in the repository")
        .map(|entry| entry.expect("readable").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files_in(&path, found);
        } else {
            found.push(fs::read(&path).expect("readable"));
        }
    }
}

/// What could have been found in the files of a closure.
fn written_down(graph: &StoreGraph, closure: &Closure) -> SavedFindings {
    let mut found = SavedFindings::default();
    let evidence = Evidence {
        edges: evidence::references(graph, closure)
            .into_iter()
            .map(|(from, to)| EdgeEvidence {
                from,
                to,
                counts: ClassCounts::default(),
                hits: Vec::new(),
            })
            .collect(),
        ..Evidence::default()
    };
    add_evidence(&mut found, graph, closure, &evidence);
    for id in graph.ids() {
        found.contents.insert(id, Contents::default());
    }
    found
}

fn corpus() -> Vec<Vec<u8>> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut found = Vec::new();
    files_in(&tests.join("fixtures/formats"), &mut found);
    for target in ["formats", "hash", "load", "narinfo"] {
        files_in(&tests.join("fuzz/corpus").join(target), &mut found);
    }
    found.extend(FORMATS.iter().map(|format| (format.example)()));
    let (graph, closure) = store(60, 4, 2);
    let mut bytes = Vec::new();
    snapshot::write(
        &mut bytes,
        &graph,
        closure.roots(),
        "made up",
        &SavedFindings::default(),
    )
    .expect("to memory");
    found.push(bytes);
    let mut bytes = Vec::new();
    let written = written_down(&graph, &closure);
    snapshot::write(&mut bytes, &graph, closure.roots(), "", &written).expect("to memory");
    found.push(bytes);
    assert!(found.len() > 40, "all of the corpus is there");
    found
}

/// Damages bytes in one of a few ways.
fn mutate(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    let end = (at + random.below(40)).min(bytes.len());
    match random.below(7) {
        0 => bytes.truncate(at),
        1 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        2 => drop(bytes.drain(at..end)),
        3 => {
            let piece = bytes[at..end].to_vec();
            bytes.splice(at..at, piece);
        }
        4 => {
            let from = random.below(other.len() + 1);
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
        _ => {
            let piece = PIECES[random.below(PIECES.len())];
            bytes.splice(at..end, piece.iter().copied());
        }
    }
}

/// Loads the bytes as `--from` would and holds the result against what every result must keep.
fn check(bytes: &[u8]) -> bool {
    let request = Request {
        details: true,
        ..Request::default()
    };
    match load_bytes(bytes, "damaged", &request, &Progress::new()) {
        Ok(loaded) => {
            let graph = &loaded.graph;
            let closure = Closure::of(graph, &loaded.roots);
            assert_eq!(closure.len(), graph.len(), "the roots hold everything");
            assert!(i64::try_from(closure.known_nar_size()).is_ok());
            assert!(!graph.is_empty(), "nothing at all is an error");
            for id in graph.ids() {
                assert_eq!(graph.find(graph.base_name(id)), Some(id));
                assert!(graph.details(id).is_some());
            }
            true
        }
        Err(error) => {
            assert!(error.to_string().starts_with("damaged"), "{error}");
            assert!(error.hint().is_some(), "{error}");
            false
        }
    }
}

#[test]
fn damaged_files_are_answered_or_refused() {
    let corpus = corpus();
    let mut random = Random::new(2026);
    let (mut answered, mut refused) = (0, 0);
    for round in 0..6000 {
        let mut bytes = corpus[round % corpus.len()].clone();
        for _ in 0..=random.below(4) {
            let other = &corpus[random.below(corpus.len())];
            mutate(&mut bytes, other, &mut random);
        }
        if check(&bytes) {
            answered += 1;
        } else {
            refused += 1;
        }
    }
    assert!(
        answered > 400 && refused > 400,
        "{answered} answered, {refused} refused"
    );
}

#[test]
fn every_format_answers_or_refuses_what_is_damaged() {
    let (request, progress) = (Request::default(), Progress::new());
    let mut random = Random::new(5);
    for format in FORMATS {
        let example = (format.example)();
        let others: Vec<Vec<u8>> = FORMATS.iter().map(|other| (other.example)()).collect();
        let mut refused = 0;
        for _ in 0..1500 {
            let mut bytes = example.clone();
            for _ in 0..=random.below(3) {
                let other = &others[random.below(others.len())];
                mutate(&mut bytes, other, &mut random);
            }
            let content = Content {
                bytes: &bytes,
                origin: "damaged",
                request: &request,
                progress: &progress,
            };
            match (format.parse)(content) {
                Ok(loaded) => {
                    let closure = Closure::of(&loaded.graph, &loaded.roots);
                    assert_eq!(closure.len(), loaded.graph.len());
                }
                Err(error) => {
                    assert!(error.to_string().starts_with("damaged"), "{error}");
                    refused += 1;
                }
            }
        }
        assert!(refused > 100, "{}: {refused}", format.name);
    }
}

/// For how long each target is run, in seconds, where not just for as many rounds as a run of the tests can afford; and from
/// which number on examples are made up.
const SECONDS: &str = "NIX_HEFT_FUZZ_SECONDS";
const SEED: &str = "NIX_HEFT_FUZZ_SEED";

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().expect("a number"))
}

/// Names the example that a target could not take.
struct Example<'a>(&'a str, &'a [u8]);

impl Drop for Example<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let shown = self.1.escape_ascii();
            let _ = writeln!(io::stderr(), "{}: \"{shown}\"", self.0);
        }
    }
}

/// Runs a target of `tests/fuzz` on what it starts from, whole and damaged.
fn fuzzed(target: &Target) {
    let mut corpus = Vec::new();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    files_in(&tests.join("fuzz/corpus").join(target.name), &mut corpus);
    let whole = corpus.iter().filter(|bytes| (target.run)(bytes)).count();
    assert!(whole > 0, "nothing of {} can be read", target.name);
    let mut random = Random::new(number(SEED).unwrap_or(11));
    let end = number(SECONDS).map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let goes_on = |round: usize| match end {
        Some(end) => Instant::now() < end,
        None => round < target.rounds,
    };
    for round in (0..).take_while(|&round| goes_on(round)) {
        let mut bytes = corpus[round % corpus.len()].clone();
        for _ in 0..=random.below(3) {
            let other = &corpus[random.below(corpus.len())];
            mutate(&mut bytes, other, &mut random);
        }
        let example = Example(target.name, &bytes);
        (target.run)(example.1);
    }
}

#[test]
fn every_fuzz_target_keeps_its_promise_on_damaged_examples() {
    thread::scope(|scope| {
        let running = targets().map(|target| (target, scope.spawn(|| fuzzed(target))));
        let running: Vec<_> = running.collect();
        for (target, running) in running {
            assert!(running.join().is_ok(), "{}", target.name);
        }
    });
}

/// The crate of the targets is built by those who fuzz: here that it is what it would be generated as.
#[test]
fn the_fuzz_targets_are_those_of_the_table() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz");
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).expect("a manifest");
    let readme = fs::read_to_string(fuzz.join("README.md")).expect("a page");
    let files = fs::read_dir(fuzz.join("fuzz_targets")).expect("a folder");
    assert_eq!(files.count(), targets().count());
    assert_eq!(manifest.matches("[[bin]]").count(), targets().count());
    for Target { name, .. } in targets() {
        let text = fs::read_to_string(fuzz.join(format!("fuzz_targets/{name}.rs")));
        let text = text.expect("a target");
        let code = text.lines().filter(|line| !line.starts_with("//!"));
        let wanted = format!(
            "#![no_main]\n\nlibfuzzer_sys::fuzz_target!(|data: &[u8]| {{\n    nix_heft::testing::fuzz::{name}(data);\n}});"
        );
        assert_eq!(code.collect::<Vec<_>>().join("\n"), wanted);
        let bin = format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"");
        assert!(manifest.contains(&bin), "{name} is no binary");
        assert!(
            readme.contains(&format!("| `{name}` |")),
            "{name} is not described"
        );
    }
}
