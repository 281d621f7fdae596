//! What is written comes back; what is damaged is refused.

use super::*;
use crate::model::nar_hash::NarHash;
use crate::model::{Details, Output, PathInfo, Size, StoreDir, StoreGraph};
use crate::testing::{self, Random};

fn written(graph: &StoreGraph, roots: &[crate::model::PathId]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(
        &mut bytes,
        graph,
        roots,
        "a title",
        &[("files", b"opaque\0")],
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
        builder.record_details(drafts[at], details);
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
fn extras_and_the_title_come_back() {
    let (graph, closure) = testing::graph("app 10 -> lib");
    let bytes = written(&graph, closure.roots());
    let source = SnapshotSource::from_bytes("a.heft", bytes).expect("a snapshot");
    assert_eq!(source.title().expect("whole"), "a title");
    assert_eq!(
        source.extra("files").expect("whole").as_deref(),
        Some(&b"opaque\0"[..])
    );
    assert_eq!(source.extra("head").expect("whole"), None);
    let loaded = source
        .load(&Request::default(), &Progress::new())
        .expect("whole");
    assert_eq!(loaded.origin, "a.heft");
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
