//! Damaged input of every format: an answer or an error, never a panic.
//!
//! A small fuzzer with a fixed seed. It begins with the fixtures and with the corpora of `tests/fuzz`, and cuts, flips,
//! splices and inserts. What it finds belongs into the tests beside the parser.

use std::fs;
use std::path::{Path, PathBuf};

use nix_heft::analysis::Analysed;
use nix_heft::analysis::budget::{Budget, Day, Facts, judge, lowered};
use nix_heft::analysis::evidence_class::ClassCounts;
use nix_heft::analysis::plan::PlanFile;
use nix_heft::analysis::query::{Context, Query, fuzzy};
use nix_heft::analysis::select::select;
use nix_heft::job::Progress;
use nix_heft::model::{Closure, NarHash, StoreGraph};
use nix_heft::source::Request;
use nix_heft::source::cache::narinfo::NarInfo;
use nix_heft::source::evidence::findings::SavedFindings;
use nix_heft::source::evidence::{self, EdgeEvidence, Evidence};
use nix_heft::source::files::contents::Contents;
use nix_heft::source::formats::{Content, FORMATS, load_bytes, snapshot};
use nix_heft::source::gather::add_evidence;
use nix_heft::testing::{self, Random, parsers, store};
use nix_heft::user_files::journal::Journal;

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
    snapshot::write(&mut bytes, &graph, closure.roots(), "made up", &[]).expect("to memory");
    found.push(bytes);
    let mut bytes = Vec::new();
    let written = written_down(&graph, &closure);
    snapshot::write_found(&mut bytes, &graph, closure.roots(), "", &[], &written)
        .expect("to memory");
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

#[test]
fn damaged_records_are_answered_or_refused() {
    let corpus: Vec<Vec<u8>> = corpus()
        .into_iter()
        .filter(|bytes| NarInfo::parse(&String::from_utf8_lossy(bytes)).is_ok())
        .collect();
    let mut random = Random::new(7);
    for round in 0..4000 {
        let mut bytes = corpus[round % corpus.len()].clone();
        let other = &corpus[random.below(corpus.len())];
        mutate(&mut bytes, other, &mut random);
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(info) = NarInfo::parse(&text) {
            assert!(!info.store_path.is_empty());
            let _ = info.hash_part();
            if let Some(Ok(hash)) = info.nar_hash.map(NarHash::parse) {
                assert_eq!(NarHash::parse(&hash.to_string()), Ok(hash));
            }
        }
    }
}

/// Runs a parser on what a target of `tests/fuzz` starts from, damaged.
fn damaged(target: &str, parses: impl Fn(&[u8]) -> bool) {
    let mut corpus = Vec::new();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    files_in(&tests.join("fuzz/corpus").join(target), &mut corpus);
    let whole = corpus.iter().filter(|bytes| parses(bytes)).count();
    assert!(whole > 0, "nothing of {target} can be read");
    let mut random = Random::new(11);
    for round in 0..3000 {
        let mut bytes = corpus[round % corpus.len()].clone();
        for _ in 0..=random.below(3) {
            let other = &corpus[random.below(corpus.len())];
            mutate(&mut bytes, other, &mut random);
        }
        parses(&bytes);
    }
}

fn damaged_text(target: &str, parses: impl Fn(&str) -> bool) {
    damaged(target, |bytes| parses(&String::from_utf8_lossy(bytes)));
}

#[test]
fn damaged_files_of_stores_and_caches_break_nothing() {
    damaged("derivation", |bytes| parsers::derivation(bytes).is_some());
    damaged("nar", |bytes| parsers::nar(bytes).is_ok());
    damaged("elf", |bytes| {
        parsers::elf(&bytes[2.min(bytes.len())..], 400)
    });
    damaged_text("cache_info", |text| parsers::cache_info(text).is_some());
    damaged_text("fingerprint", |text| parsers::fingerprint(text).is_some());
    damaged_text("address", parsers::store_address);
    damaged("context", |bytes| {
        !parsers::context(bytes, 10)[0].is_empty()
    });
    damaged("searches", |bytes| {
        let searches = parsers::searches(bytes);
        assert!(
            !searches
                .iter()
                .any(|search| search.contains(char::is_control))
        );
        !searches.is_empty()
    });
}

#[test]
fn damaged_words_of_the_user_break_nothing() {
    let (graph, closure) = testing::graph(
        "app 10 -> bash-5.2 bash-5.2-man perl-5.36 python3-3.11\nperl-5.36 ? -> x.drv",
    );
    damaged_text("query", |text| {
        let query = match Query::parse(text) {
            Ok(query) => query,
            Err(error) => {
                assert!(text.is_char_boundary(error.at), "{text}");
                return false;
            }
        };
        let Ok(filter) = query.resolve(&graph, &closure) else {
            return false;
        };
        let context = Context {
            graph: &graph,
            value: &|_, id| graph.nar_size(id),
            marked: &|id| id.index() % 2 == 0,
            accidental: &|id| Some(id.index() % 3 == 0),
            word: &|word, id| fuzzy(word, graph.name(id)),
        };
        // The parts of a query are queries too, and say the same together.
        for id in graph.ids() {
            let each = Query::parts(text).iter().all(|part| {
                let part = Query::parse(part).expect("a part of what was read");
                let part = part
                    .resolve(&graph, &closure)
                    .expect("a part of what was found");
                part.matches(&context, id)
            });
            assert_eq!(filter.matches(&context, id), each, "{text}");
        }
        true
    });
    damaged_text("selector", |text| match select(&graph, &closure, text) {
        Ok(ids) => {
            assert!(!ids.is_empty() && ids.is_sorted(), "{text}");
            assert!(ids.iter().all(|&id| closure.contains(id)), "{text}");
            true
        }
        Err(error) => {
            let said = format!("{error} {:?}", error.hint());
            assert!(!said.contains('\u{1b}'), "{said:?}");
            false
        }
    });
    damaged_text("budget", |text| {
        let budget = match Budget::parse(text) {
            Ok(budget) => budget,
            Err(error) => {
                let said = error.to_string();
                assert!(
                    !said.replace('\n', "").contains(char::is_control),
                    "{said:?}"
                );
                let lines = text.matches('\n').count() + 1;
                assert!(error.mistakes.iter().all(|mistake| mistake.line <= lines));
                return false;
            }
        };
        let analysed = Analysed::of(
            std::sync::Arc::new(graph.clone()),
            closure.roots(),
            &Progress::new(),
        );
        let facts = Facts {
            analysed: &analysed,
            baseline: None,
            today: Day::of_unix(0),
        };
        let judgement = judge(&budget, facts).expect("not cancelled");
        assert_eq!(judgement.verdicts.len(), budget.rules.len());
        let actual: Vec<_> = judgement.verdicts.iter().map(|one| one.actual()).collect();
        let (new, _) = lowered(text, &budget, &actual);
        let again = Budget::parse(&new).expect("still a budget");
        let mut limits = again.rules.iter().zip(&budget.rules);
        assert!(limits.all(|(new, old)| new.limit <= old.limit), "{text}");
        true
    });
    damaged("journal", |bytes| {
        let journal = Journal::parse(bytes);
        let lines = bytes.split(|&byte| byte == b'\n').count();
        assert!(journal.records.len() + journal.damaged.len() <= lines);
        assert!(
            journal
                .damaged
                .iter()
                .all(|(line, _)| (1..=lines).contains(line))
        );
        !journal.records.is_empty()
    });
    damaged_text("plan", |text| {
        PlanFile::parse(text).is_ok_and(|plan| {
            assert_eq!(PlanFile::parse(&plan.to_text()).as_ref(), Ok(&plan));
            true
        })
    });
}

#[cfg(feature = "tui")]
#[test]
fn a_damaged_configuration_names_lines_that_exist() {
    damaged_text("config", |text| {
        let (_, complaints) = nix_heft::testing::explorer::Config::parse(text);
        let lines = text.matches('\n').count() + 1;
        assert!(complaints.iter().all(|one| (1..=lines).contains(&one.line)));
        complaints.is_empty()
    });
}
