//! What is written comes back; what is damaged is refused.

use std::path::PathBuf;

use super::*;
use crate::analysis::evidence_class::{Class, ClassCounts};
use crate::analysis::file_category::Categories;
use crate::model::nar_hash::NarHash;
use crate::model::{Details, Output, PathInfo, Size, StoreDir, StoreGraph};
use crate::source::evidence::findings::{Referrer, SavedFindings};
use crate::source::evidence::{EdgeEvidence, Hit, HitKind};
use crate::source::files::contents::Contents;
use crate::source::files::contents::Tally;
use crate::testing::{self, Random};

fn written(graph: &StoreGraph, roots: &[crate::model::PathId]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(
        &mut bytes,
        graph,
        roots,
        "a title",
        &SavedFindings::default(),
    )
    .expect("to memory");
    bytes
}

fn read(bytes: &[u8]) -> Result<Loaded, SourceError> {
    let request = Request {
        details: true,
        ..Request::default()
    };
    load(bytes, "a.heft", &request, &Progress::new())
}

/// Everything a graph knows.
fn everything(graph: &StoreGraph) -> String {
    let lines = graph.ids().map(|id| {
        format!(
            "{} {:?} {:?} {} {} {:?} {:?}",
            graph.path(id),
            graph.info(id),
            graph.references(id),
            graph.references_itself(id),
            graph.is_missing(id),
            graph
                .details(id)
                .filter(|known| *known != Details::default()),
            graph.outputs(id),
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Paths of every kind: without a hash part, without a record, with every detail and with none.
fn odd() -> Loaded {
    let mut builder = GraphBuilder::new(StoreDir::new("/gnu/store").expect("absolute"), true);
    let hash = "6mgh6x89bas54rsx29h7xpy8h66ls285";
    let names = [
        format!("{hash}-app-1"),
        format!("{hash}-app-1-man"),
        "nothing like a store path".to_owned(),
        "zzz".to_owned(),
        format!("{hash}-\u{1b}[2Jx"),
    ];
    let drafts: Vec<_> = names
        .iter()
        .map(|name| builder.intern(name).expect("room"))
        .collect();
    for (at, &draft) in drafts.iter().enumerate().skip(1) {
        let info = PathInfo {
            nar_size: Size::from((at != 2).then_some(at as u64 * 1_000_000)),
            download_size: Size::from((at == 2).then_some(17)),
            registered: std::num::NonZeroI64::new(1_700_000_000 - 3 * i64::from(at as u32)),
        };
        builder.record(draft, info);
        builder.reference(drafts[0], draft);
        builder.reference(draft, drafts[at / 2]);
        builder.reference(draft, draft);
    }
    let derivers = ["app-1.drv", "app-1-man.drv", "x y"];
    for (at, deriver) in derivers.iter().enumerate() {
        let hash = if at < 2 {
            format!("{hash}-")
        } else {
            String::new()
        };
        let details = Details {
            nar_hash: (at == 1).then_some(NarHash([at as u8; 32])),
            deriver: Some(format!("{hash}{deriver}")),
            content_address: (at == 0).then(|| "text:sha256:x".to_owned()),
            signatures: vec!["k:AAAA".to_owned(); at],
            ultimate: at == 2,
        };
        builder.record_details(drafts[at], &details);
    }
    let loaded = deliver(builder, &drafts[..1], &Request::default(), "odd");
    let mut loaded = loaded.expect("fits");
    let output = |name: &str, valid, size: Option<u64>| Output {
        name: name.to_owned(),
        path: format!("/elsewhere/\u{1b}{name}"),
        valid,
        nar_size: Size::from(size),
    };
    let made = [
        output("out", true, Some(u64::MAX - 1)),
        output("", false, None),
        output("dev", true, Some(0)),
    ];
    let made = [("zzz", &made[..]), (&names[0], &made[1..2]), ("none", &[])];
    Arc::make_mut(&mut loaded.graph).add_outputs(made);
    loaded
}

#[test]
fn what_is_written_comes_back() {
    let odd = odd();
    let (graph, closure) = testing::store(500, 5, 3);
    let cases = [
        (&*odd.graph, odd.roots.as_slice()),
        (&graph, closure.roots()),
    ];
    for (graph, roots) in cases {
        let loaded = read(&written(graph, roots)).expect("whole");
        assert_eq!(everything(&loaded.graph), everything(graph));
        assert_eq!(loaded.roots, roots);
    }
}

#[test]
fn the_title_comes_back_and_what_is_not_known_is_passed_over() {
    let (graph, closure) = testing::graph("app 10 -> lib");
    let bytes = written(&graph, closure.roots());
    let mut body = zstd::decode_all(&bytes[10..]).expect("whole");
    bytes::put_section(&mut body, "of a later version", b"opaque\0");
    let mut later = bytes[..10].to_vec();
    later.extend(zstd::encode_all(body.as_slice(), 1).expect("to memory"));
    let source = SnapshotSource::from_bytes("a.heft", later).expect("a snapshot");
    assert_eq!(source.title().expect("whole"), "a title");
    let loaded = source
        .load(&Request::default(), &Progress::new())
        .expect("whole");
    assert_eq!(loaded.origin, "a.heft");
    assert_eq!(everything(&loaded.graph), everything(&graph));
}

#[test]
fn damage_is_an_error_and_never_a_panic() {
    let odd = odd();
    let bytes = written(&odd.graph, &odd.roots);
    for len in 0..bytes.len() {
        assert!(read(&bytes[..len]).is_err(), "cut to {len} bytes");
    }
    let body = zstd::decode_all(&bytes[10..]).expect("whole");
    let mut random = Random::new(1);
    for _ in 0..3000 {
        let mut body = body.clone();
        for _ in 0..=random.below(3) {
            let at = random.below(body.len());
            body[at] = random.number() as u8;
        }
        let mut damaged = bytes[..10].to_vec();
        damaged.extend(zstd::encode_all(body.as_slice(), 1).expect("to memory"));
        // Some damage still is a graph; what matters is that all of it is an answer.
        if let Err(error) = read(&damaged) {
            assert!(error.to_string().starts_with("a.heft: "), "{error}");
        }
    }
}

/// Something of everything about a graph's paths, and nothing about some of them.
fn found(graph: &StoreGraph) -> SavedFindings {
    let mut found = SavedFindings::default();
    let categories = Categories::built_in().as_slice().len();
    for id in graph.ids().filter(|id| id.index() % 3 != 1) {
        let number = id.index() as u64;
        let tally = |at: usize| Tally {
            files: (at as u64 + number) % 3,
            bytes: ((at as u64 + number) % 3) * 1000,
        };
        let contents = Contents {
            tallies: (0..categories).map(tally).collect(),
            symlinks: number,
            directories: 1,
            by_names: number.is_multiple_of(2),
            complete: number != 3,
        };
        found.contents.insert(id, contents);
        let edges = graph.references(id).iter().map(|&to| {
            let mut counts = ClassCounts::default();
            counts.add_many(Class::Documentation, 7);
            counts.add(Class::ALL[to.index() % Class::ALL.len()]);
            let hit = |kind, line| Hit {
                class: Class::Documentation,
                file: PathBuf::from("share/doc/\u{fc}"),
                kind,
                offset: u64::MAX,
                line,
                context: "see it".to_owned(),
            };
            EdgeEvidence {
                from: id,
                to,
                counts,
                hits: vec![hit(HitKind::Content, Some(3)), hit(HitKind::Name, None)],
            }
        });
        let referrer = Referrer {
            complete: number.is_multiple_of(2),
            edges: edges.collect(),
            packed: vec![("gzip".to_owned(), number + 1)],
        };
        found.referrers.insert(id, referrer);
    }
    found
}

fn written_found(graph: &StoreGraph, roots: &[crate::model::PathId]) -> (Vec<u8>, SavedFindings) {
    let (mut bytes, found) = (Vec::new(), found(graph));
    write(&mut bytes, graph, roots, "a title", &found).expect("to memory");
    (bytes, found)
}

#[test]
fn what_was_found_comes_back() {
    let odd = odd();
    let (graph, closure) = testing::store(200, 4, 3);
    for (graph, roots) in [
        (&*odd.graph, odd.roots.as_slice()),
        (&graph, closure.roots()),
    ] {
        let (bytes, found) = written_found(graph, roots);
        let loaded = read(&bytes).expect("whole");
        assert_eq!(*loaded.found, found);
        assert_eq!(everything(&loaded.graph), everything(graph));
        assert!(
            read(&written(graph, roots))
                .expect("whole")
                .found
                .is_empty()
        );
    }
    // Of a part of the graph there is a part of it.
    let (bytes, found) = written_found(&graph, closure.roots());
    let root = graph.path(graph.ids().nth(60).expect("many")).to_string();
    let request = Request {
        roots: vec![root],
        ..Request::default()
    };
    let part = load(&bytes, "a.heft", &request, &Progress::new()).expect("whole");
    assert!(part.graph.len() < graph.len());
    assert_eq!(*part.found, found.rebased(&graph, &part.graph));
}

#[test]
fn damage_to_what_was_found_is_an_error_and_never_a_panic() {
    let (graph, closure) = testing::store(40, 4, 3);
    let (bytes, _) = written_found(&graph, closure.roots());
    let body = zstd::decode_all(&bytes[10..]).expect("whole");
    let name = b"file-contents";
    let begin = body.windows(name.len()).position(|some| some == name);
    let begin = begin.expect("it is there");
    let mut random = Random::new(2);
    for round in 0..4000 {
        let mut body = body.clone();
        for _ in 0..=random.below(3) {
            let at = begin + random.below(body.len() - begin);
            // Numbers that are too large are what most damage does not make.
            let end = (at + if round % 4 == 0 { 8 } else { 1 }).min(body.len());
            let byte = if round % 4 == 0 {
                0xff
            } else {
                random.number() as u8
            };
            body[at..end].fill(byte);
        }
        let mut damaged = bytes[..10].to_vec();
        damaged.extend(zstd::encode_all(body.as_slice(), 1).expect("to memory"));
        match read(&damaged) {
            Ok(loaded) => {
                // Sums of it need no care.
                let contents = loaded.found.contents.values();
                let _: u64 = contents.map(|one| one.payload().bytes + one.symlinks).sum();
                let referrers = loaded.found.referrers.values();
                let edges = referrers.flat_map(|referrer| &referrer.edges);
                let _: u64 = edges.map(|edge| edge.counts.total()).sum();
            }
            Err(error) => assert!(error.to_string().starts_with("a.heft: "), "{error}"),
        }
    }
}

#[test]
fn words_of_other_versions_do_no_harm() {
    let (graph, closure) = testing::graph("app 10 -> lib\nlib -> app");
    let (bytes, found) = written_found(&graph, closure.roots());
    let mut body = zstd::decode_all(&bytes[10..]).expect("whole");
    for word in [&b"documentation"[..], b"man"] {
        let text = [&[word.len() as u8][..], word].concat();
        let at = body.windows(text.len()).position(|some| some == text);
        body[at.expect("it is there") + 1] = b'X';
    }
    let mut changed = bytes[..10].to_vec();
    changed.extend(zstd::encode_all(body.as_slice(), 1).expect("to memory"));
    let loaded = read(&changed).expect("whole");
    for (id, contents) in &found.contents {
        let other = &loaded.found.contents[id];
        assert_eq!(contents.payload(), other.payload());
    }
    let referrers = loaded.found.referrers.values();
    let mut edges = referrers.flat_map(|referrer| &referrer.edges);
    assert!(edges.all(|edge| !edge.counts.are_accidental()));
}

#[test]
fn the_future_is_refused_by_name() {
    let (graph, closure) = testing::graph("app 10 -> lib");
    let mut bytes = written(&graph, closure.roots());
    bytes[8] = 9;
    let error = SnapshotSource::from_bytes("a.heft", bytes).expect_err("too new");
    assert_eq!(
        error.to_string(),
        "a.heft: a snapshot of version 9, this program reads up to 1"
    );
}

#[test]
fn hash_parts_and_names_take_little_room() {
    let (graph, closure) = testing::store(1308, 5, 1);
    let bytes = written(&graph, closure.roots());
    assert!(bytes.len() < 80_000, "{} bytes", bytes.len());
}
