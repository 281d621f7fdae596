//! What the fuzz targets do, one function each: read made-up input, and panic where what comes of it breaks a promise.
//!
//! `tests/fuzz` calls them with what libFuzzer makes up, `tests/mutations.rs` with damaged examples in each run of the
//! tests.

use std::fs;
use std::io::Write as _;
use std::sync::{Arc, OnceLock};

use super::{graph, parsers};
use crate::analysis::Analysed;
use crate::analysis::budget::{Budget, Day, Facts, Verdict, judge, lowered};
use crate::analysis::path_change::PathChange;
use crate::analysis::plan::PlanFile;
use crate::analysis::query::{Context, Query, fuzzy};
use crate::analysis::select::{select, select_anywhere};
use crate::gate::{self, Gate, Reader};
use crate::job::Progress;
use crate::model::{Closure, NarHash, StoreDir, StoreGraph};
use crate::source::cache::narinfo::NarInfo;
use crate::source::db::Database;
use crate::source::formats::snapshot::{MAGIC, VERSION};
use crate::source::formats::{Content, FORMATS, load_bytes};
use crate::source::location::UserEnvironment;
use crate::source::roots::StorePlace;
use crate::source::{Loaded, Request, Source as _};
use crate::text::is_harmless;
use crate::user_files::journal::Journal;

/// One kind of input.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The name of the target, and of the folder with what it starts from.
    pub name: &'static str,
    /// Reads some input; whether something could be made of it.
    pub run: fn(&[u8]) -> bool,
    /// How many damaged examples a run of the tests can afford.
    pub rounds: usize,
}

const fn target(name: &'static str, rounds: usize, run: fn(&[u8]) -> bool) -> Target {
    Target { name, run, rounds }
}

/// All of them but those of the explorer.
pub const TARGETS: &[Target] = &[
    target("address", 3000, address),
    target("budget", 1500, budget),
    target("cache_info", 3000, cache_info),
    target("context", 3000, context),
    target("database", 150, database),
    target("derivation", 3000, derivation),
    target("elf", 3000, elf),
    target("fingerprint", 3000, fingerprint),
    target("formats", 300, formats),
    target("gate", 3000, gate),
    target("hash", 3000, hash),
    target("journal", 3000, journal),
    target("listing", 3000, listing),
    target("load", 1500, load),
    target("nar", 3000, nar),
    target("narinfo", 3000, narinfo),
    target("plan", 1500, plan),
    target("query", 3000, query),
    target("searches", 3000, searches),
    target("selector", 3000, selector),
    target("snapshot", 1000, snapshot),
];

fn assert_harmless(text: &str) {
    let harmful = text.chars().find(|&c| c != '\n' && !is_harmless(c));
    assert_eq!(harmful, None, "{text:?}");
}

fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// The first two bytes as a number, and the rest.
fn numbered(data: &[u8]) -> Option<(u16, &[u8])> {
    let (number, rest) = data.split_first_chunk()?;
    Some((u16::from_le_bytes(*number), rest))
}

/// A small closure that words are about.
fn shelf() -> &'static (StoreGraph, Closure) {
    static SHELF: OnceLock<(StoreGraph, Closure)> = OnceLock::new();
    SHELF.get_or_init(|| {
        graph("app 10 -> bash-5.2 bash-5.2-man perl-5.36 python3-3.11\nperl-5.36 ? -> x.drv\nodd -> app")
    })
}

/// What holds of everything that is loaded.
fn assert_whole(loaded: &Loaded) {
    let graph = &loaded.graph;
    let closure = Closure::of(graph, &loaded.roots);
    assert_eq!(closure.len(), graph.len(), "the roots hold everything");
    assert!(i64::try_from(closure.known_nar_size()).is_ok());
}

/// Addresses of stores.
pub fn address(data: &[u8]) -> bool {
    parsers::store_address(&text(data))
}

/// Budgets: read, judged, and lowered.
pub fn budget(data: &[u8]) -> bool {
    let text = text(data);
    let budget = match Budget::parse(&text) {
        Ok(budget) => budget,
        Err(error) => {
            assert_harmless(&error.to_string());
            let lines = text.matches('\n').count() + 1;
            assert!(error.mistakes.iter().all(|mistake| mistake.line <= lines));
            return false;
        }
    };
    let (graph, closure) = shelf();
    let analysed = Analysed::of(Arc::new(graph.clone()), closure.roots(), &Progress::new());
    let facts = Facts {
        analysed: &analysed,
        baseline: None,
        today: Day::of_unix(0),
    };
    let judgement = judge(&budget, facts).expect("not cancelled");
    assert!(judgement.verdicts.len() <= budget.rules.len());
    let mut actual = vec![None; budget.rules.len()];
    for verdict in &judgement.verdicts {
        actual[verdict.rule] = Verdict::actual(verdict);
    }
    let (new, _) = lowered(&text, &budget, &actual);
    let again = Budget::parse(&new).expect("still a budget");
    let mut limits = again.rules.iter().zip(&budget.rules);
    assert!(limits.all(|(new, old)| new.limit <= old.limit), "{text}");
    true
}

/// What a binary cache says of itself.
pub fn cache_info(data: &[u8]) -> bool {
    let dir = parsers::cache_info(&text(data));
    dir.is_some_and(|dir| {
        assert!(dir.as_str().starts_with('/'));
        true
    })
}

/// What stands around an occurrence of a hash part; the first bytes are its position.
pub fn context(data: &[u8]) -> bool {
    numbered(data).is_some_and(|(at, bytes)| {
        let shown = parsers::context(bytes, usize::from(at));
        for text in &shown {
            assert_harmless(text);
        }
        !shown[0].is_empty()
    })
}

/// A whole database file, by its pages and by the engine; the first byte says how it is asked.
pub fn database(data: &[u8]) -> bool {
    /// The root of the examples.
    const ROOT: &str = "00000000000000000000000000000000-app";
    let Some((&how, bytes)) = data.split_first() else {
        return false;
    };
    let Ok(folder) = tempfile::tempdir() else {
        return false;
    };
    let file = folder.path().join("db.sqlite");
    fs::write(&file, bytes).expect("room for a small file");
    // Long ago, so that the clock need not tell two changes apart.
    let handle = fs::File::options().write(true).open(&file);
    let aged = handle.and_then(|file| file.set_modified(std::time::UNIX_EPOCH));
    aged.expect("a time");
    let place = StorePlace::new(folder.path(), StoreDir::default(), folder.path());
    let database = Database::new(&file, place, UserEnvironment::default());
    let whole = how & 1 == 0;
    let request = Request {
        whole,
        details: how & 2 != 0,
        roots: if whole {
            Vec::new()
        } else {
            vec![format!("{}/{ROOT}", StoreDir::default().as_str())]
        },
        ..Request::default()
    };
    let database = database.for_derivations(how & 4 != 0);
    let _ = database.gc_roots(&Progress::new());
    let loaded = database.load(&request, &Progress::new());
    loaded.inspect(assert_whole).is_ok()
}

/// Derivations as files.
pub fn derivation(data: &[u8]) -> bool {
    parsers::derivation(data).is_some()
}

/// Programs in whose parts evidence is looked for; the first bytes are the position asked about.
pub fn elf(data: &[u8]) -> bool {
    numbered(data).is_some_and(|(at, bytes)| parsers::elf(bytes, at.into()))
}

/// What signatures of records are made over.
pub fn fingerprint(data: &[u8]) -> bool {
    parsers::fingerprint(&text(data)).is_some()
}

/// Every format of the table by itself, whatever the bytes begin like.
pub fn formats(data: &[u8]) -> bool {
    let (request, progress) = (Request::default(), Progress::new());
    let mut read = 0;
    for format in FORMATS {
        let _ = ((format.sniff)(data), (format.doubt)(data));
        let content = Content {
            bytes: data,
            origin: "fuzz",
            request: &request,
            progress: &progress,
        };
        let loaded = (format.parse)(content);
        read += usize::from(loaded.inspect(assert_whole).is_ok());
    }
    read > 0
}

/// Everything that leaves the program, for each kind of reader, however the pieces come.
pub fn gate(data: &[u8]) -> bool {
    let text = text(data);
    for reader in [Reader::Text { colour: false }, Reader::Json, Reader::Toml] {
        let mut out = Gate::new(Vec::new(), reader);
        for piece in data.chunks(3) {
            out.write_all(piece).expect("to memory");
        }
        let shown = out.finish().expect("to memory");
        assert_harmless(std::str::from_utf8(&shown).expect("text"));
    }
    assert_harmless(gate::clipboard(&[&text]).as_str());
    assert!(!gate::clipboard(&[&text]).as_str().contains('\n'));
    let cell = gate::cell(&text);
    assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']));
    for line in [
        cell.as_ref(),
        &gate::markdown_code(&text),
        &gate::markdown_text(&text),
    ] {
        assert_harmless(line);
        assert!(!line.contains('\n'));
    }
    true
}

/// Hashes in every base.
pub fn hash(data: &[u8]) -> bool {
    let hash = NarHash::parse(&text(data));
    hash.is_ok_and(|hash| {
        assert_eq!(NarHash::parse(&hash.to_string()), Ok(hash));
        assert_eq!(NarHash::parse(&hash.to_base32()), Ok(hash));
        true
    })
}

/// Journals of sizes.
pub fn journal(data: &[u8]) -> bool {
    let journal = Journal::parse(data);
    let lines = data.split(|&byte| byte == b'\n').count();
    assert!(journal.records.len() + journal.damaged_lines() <= lines);
    let mut damaged = journal.damaged.iter();
    assert!(damaged.all(|kind| (1..=lines).contains(&kind.first) && kind.lines > 0));
    !journal.records.is_empty()
}

/// The listings of binary caches.
pub fn listing(data: &[u8]) -> bool {
    parsers::listing(data).is_some()
}

/// Whatever `--from` takes.
pub fn load(data: &[u8]) -> bool {
    let request = Request {
        details: true,
        ..Request::default()
    };
    match load_bytes(data, "fuzz", &request, &Progress::new()) {
        Ok(loaded) => {
            assert_whole(&loaded);
            true
        }
        Err(error) => {
            assert!(
                error.to_string().starts_with("fuzz") && error.hint().is_some(),
                "{error}"
            );
            false
        }
    }
}

/// Archives of binary caches, unpacked.
pub fn nar(data: &[u8]) -> bool {
    parsers::nar(data).is_ok_and(|(entries, _)| {
        assert!(entries > 0);
        true
    })
}

/// Records of binary caches.
pub fn narinfo(data: &[u8]) -> bool {
    let text = text(data);
    NarInfo::parse(&text).is_ok_and(|info| {
        assert!(!info.store_path.is_empty());
        let _ = info.hash_part();
        if let Some(Ok(hash)) = info.nar_hash.map(NarHash::parse) {
            assert_eq!(NarHash::parse(&hash.to_string()), Ok(hash));
        }
        true
    })
}

/// Plans.
pub fn plan(data: &[u8]) -> bool {
    let plan = match PlanFile::parse(&text(data)) {
        Ok(plan) => plan,
        Err(error) => {
            assert_harmless(&error.to_string());
            return false;
        }
    };
    assert_eq!(PlanFile::parse(&plan.to_text()).as_ref(), Ok(&plan));
    let (graph, closure) = shelf();
    let applied = plan.apply(graph, closure);
    let all = applied.steps.len() + applied.done.len() + applied.notes.len();
    assert_eq!(all, plan.len());
    let done = applied.done.iter().map(ToString::to_string);
    let told = applied.notes.iter().map(ToString::to_string).chain(done);
    told.for_each(|told| assert_harmless(&told));
    let again = PlanFile::of(graph, &applied.steps).apply(graph, closure);
    assert_eq!(again.steps, applied.steps);
    true
}

/// The language of the search line.
pub fn query(data: &[u8]) -> bool {
    let text = text(data);
    let (graph, closure) = shelf();
    let parts = Query::parts(&text);
    assert!(parts.iter().all(|part| text.contains(part)));
    let query = match Query::parse(&text) {
        Ok(query) => query,
        Err(error) => {
            assert!(error.at <= text.len() && text.is_char_boundary(error.at));
            assert_harmless(&error.pointed_at(&text));
            return false;
        }
    };
    let _ = (query.is_empty(), query.words(), query.metrics());
    let Ok(filter) = query.resolve(graph, closure) else {
        return false;
    };
    let context = Context {
        graph,
        value: &|_, id| graph.nar_size(id).map(i128::from),
        change: &|id| Some(PathChange::WORDS[id.index() % 5].1),
        marked: &|id| id.index() % 2 == 0,
        accidental: &|id| Some(id.index() % 3 == 0),
        word: &|word, id| fuzzy(word, graph.name(id)),
    };
    // A text that can be read can be read in its parts too, and they say the same together.
    let parts = parts.into_iter().map(|part| {
        let part = Query::parse(part).expect("a part of what was read");
        part.resolve(graph, closure)
            .expect("a part of what was found")
    });
    let parts: Vec<_> = parts.collect();
    for id in graph.ids() {
        let each = parts.iter().all(|part| part.matches(&context, id));
        assert_eq!(filter.matches(&context, id), each, "{text}");
    }
    true
}

/// The file with earlier searches.
pub fn searches(data: &[u8]) -> bool {
    let searches = parsers::searches(data);
    for search in &searches {
        assert_harmless(search);
    }
    !searches.is_empty()
}

/// Words that name paths.
pub fn selector(data: &[u8]) -> bool {
    let text = text(data);
    let (graph, closure) = shelf();
    let found = [select(graph, closure, &text), select_anywhere(graph, &text)];
    let found = found.map(|found| match found {
        Ok(ids) => {
            assert!(!ids.is_empty() && ids.is_sorted());
            true
        }
        Err(error) => {
            assert_harmless(&format!("{error} {:?}", error.hint()));
            false
        }
    });
    found[1]
}

/// The inside of a snapshot: compression and version are put around it.
pub fn snapshot(data: &[u8]) -> bool {
    let mut file = MAGIC.to_vec();
    file.extend(VERSION.to_le_bytes());
    file.extend(zstd::encode_all(data, 1).expect("to memory"));
    let request = Request {
        details: true,
        ..Request::default()
    };
    let loaded = load_bytes(&file, "fuzz", &request, &Progress::new());
    loaded.inspect(assert_whole).is_ok()
}
