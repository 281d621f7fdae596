//! The same closure in every format gives the same graph.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use nix_heft::job::Progress;
use nix_heft::model::StoreGraph;
use nix_heft::source::formats::{Content, FORMATS, load_bytes, open_file};
use nix_heft::source::{Loaded, Request};

const ROOT: &str = "/nix/store/6mgh6x89bas54rsx29h7xpy8h66ls285-nixos-system-x-23.05+weird?name=1";

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/formats")
        .join(name)
}

fn load(name: &str, request: &Request) -> Loaded {
    let path = fixture(name);
    let source = open_file(path.to_str().expect("UTF-8")).expect(name);
    source.load(request, &Progress::new()).expect(name)
}

/// Everything all formats agree on: names, references, sizes (if they have any).
fn describe(graph: &StoreGraph, sizes: bool) -> String {
    let mut text = format!("{}\n", graph.store_dir());
    for id in graph.ids() {
        let size = graph.nar_size(id).filter(|_| sizes);
        let own = if graph.references_itself(id) {
            " itself"
        } else {
            ""
        };
        let _ = writeln!(text, "{} {size:?}{own}", graph.base_name(id));
        for &reference in graph.references(id) {
            let _ = writeln!(text, "  {}", graph.base_name(reference));
        }
    }
    text
}

const FILES: &[&str] = &[
    "derived-2.3.json",
    "derived-2.4.json",
    "derived-2.15.json",
    "derived-2.19.json",
    "derived-2.24.json",
    "derived-2.33-1.json",
    "derived-2.33-2.json",
    "derived-2.35-3.json",
    "derived-lix.json",
    "derived-attrs.json",
    "derived-attrs-2.15.json",
    "derived-registration.txt",
    "derived-dump-db.txt",
    "real-dump-db.txt",
    "real-2.8.0.json",
    "real-2.8.0-from-cache.json",
    "real-2.26.3.json",
    "real-2.26.3-from-cache.json",
    "real-2.34.8-format1.json",
    "real-2.34.8-format2.json",
    "real-2.34.8-from-cache.json",
];

#[test]
fn every_format_gives_the_same_graph() {
    let expected = load("real-2.8.0.json", &Request::default());
    assert_eq!(expected.graph.len(), 7);
    assert_eq!(expected.roots.len(), 1);
    let expected = describe(&expected.graph, true);
    insta::assert_snapshot!(expected);
    for name in FILES {
        for roots in [vec![], vec![ROOT.to_owned()]] {
            let request = Request {
                roots,
                details: true,
                ..Request::default()
            };
            let loaded = load(name, &request);
            assert_eq!(describe(&loaded.graph, true), expected, "{name}");
            assert_eq!(
                loaded.graph.path(loaded.roots[0]).to_string(),
                ROOT,
                "{name}"
            );
            let hashes = loaded
                .graph
                .ids()
                .filter_map(|id| loaded.graph.nar_hash(id));
            assert_eq!(hashes.count(), 7, "{name}");
            for warning in &loaded.warnings {
                assert_eq!(
                    warning.kind, "asked for, but not valid in the store, left out",
                    "{name}"
                );
            }
        }
    }
}

#[test]
fn the_format_without_sizes_gives_the_same_references() {
    let expected = load("real-2.8.0.json", &Request::default());
    let loaded = load("derived-refgraph.txt", &Request::default());
    assert_eq!(
        describe(&loaded.graph, true),
        describe(&expected.graph, false)
    );
}

#[test]
fn roots_can_be_named_in_several_ways() {
    for root in [
        "/nix/store/dwl6birg2190pa59z760s1nprz40idiz-perl-5.36.0",
        "/nix/store/dwl6birg2190pa59z760s1nprz40idiz-perl-5.36.0/bin/perl",
        "dwl6birg2190pa59z760s1nprz40idiz-perl-5.36.0",
        "dwl6",
        "perl-5.36.0",
    ] {
        let request = Request {
            roots: vec![root.to_owned()],
            ..Request::default()
        };
        let loaded = load("real-2.26.3.json", &request);
        assert_eq!(loaded.graph.name(loaded.roots[0]), "perl-5.36.0", "{root}");
        assert_eq!(loaded.graph.len(), 5, "only its closure is kept");
    }
    let source = open_file(fixture("real-2.26.3.json").to_str().expect("UTF-8")).expect("there");
    let request = Request {
        roots: vec!["nothing".to_owned()],
        ..Request::default()
    };
    let error = source
        .load(&request, &Progress::new())
        .expect_err("unknown");
    assert!(
        error
            .to_string()
            .starts_with("nothing is not a valid path in "),
        "{error}"
    );
}

/// The content, plain and packed in every way that is unpacked.
fn packed(content: &[u8]) -> Vec<Vec<u8>> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(content).expect("to memory");
    let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 6);
    xz.write_all(content).expect("to memory");
    vec![
        content.to_vec(),
        gzip.finish().expect("to memory"),
        xz.finish().expect("to memory"),
        zstd::encode_all(content, 3).expect("to memory"),
    ]
}

#[test]
fn the_example_of_every_format_is_the_same_closure_and_no_other_format_takes_it() {
    let (request, progress) = (Request::default(), Progress::new());
    let expected = "/nix/store
00000000000000000000000000000000-app Some(12) itself
  11111111111111111111111111111111-lib
11111111111111111111111111111111-lib Some(34)
";
    let without = expected
        .replace("Some(12)", "None")
        .replace("Some(34)", "None");
    for format in FORMATS {
        let example = (format.example)();
        let takers: Vec<_> = FORMATS
            .iter()
            .filter(|other| (other.sniff)(&example))
            .map(|other| other.name)
            .collect();
        assert_eq!(takers, [format.name]);
        assert_eq!((format.doubt)(&example), None, "{}", format.name);
        for bytes in packed(&example) {
            let loaded = load_bytes(&bytes, "example", &request, &progress).expect(format.name);
            let expected = if format.tells_sizes {
                expected
            } else {
                &*without
            };
            assert_eq!(describe(&loaded.graph, true), expected, "{}", format.name);
            assert_eq!(loaded.roots.len(), 1, "{}", format.name);
        }
    }
}

#[test]
fn a_format_says_what_is_wrong_with_whatever_it_is_handed() {
    let (request, progress) = (Request::default(), Progress::new());
    for format in FORMATS {
        let whole = (format.example)();
        let others = FORMATS.iter().map(|other| (other.example)());
        // The beginnings of its own example, and the whole of all others.
        let cut = (0..whole.len()).map(|end| whole[..end].to_vec());
        let foreign = others.filter(|other| *other != whole);
        let mut refused = 0;
        for bytes in cut.chain(foreign) {
            let content = Content {
                bytes: &bytes,
                origin: "example",
                request: &request,
                progress: &progress,
            };
            if let Err(error) = (format.parse)(content) {
                assert!(error.to_string().contains("example"), "{error}");
                refused += 1;
            }
        }
        assert!(refused > whole.len() / 2, "{}: {refused}", format.name);
    }
}
