//! File evidence and disk usage against real Nix, on a store it builds for the test.

#[expect(dead_code, reason = "other tests use the rest of it")]
mod common;

use std::collections::BTreeSet;
use std::path::PathBuf;

use common::NixStore;
use nix_heft::job::Progress;
use nix_heft::model::{Closure, PathId, StoreGraph};
use nix_heft::source::evidence::{self, Evidence};
use nix_heft::source::files::identical;
use nix_heft::source::files::inventory::Inventory;
use nix_heft::source::files::places::StoreFiles;
use nix_heft::source::location::Location;
use nix_heft::source::open::{files_root, open};
use nix_heft::source::{Loaded, Request};

/// The closure of a store's tops, and where its files are.
fn load(store: &NixStore) -> (Loaded, Closure, StoreFiles) {
    let location = Location {
        store: Some(store.url()),
        ..Location::default()
    };
    let request = Request {
        roots: store.tops.clone(),
        ..Request::default()
    };
    let source = open(&location).expect("the store is there");
    let loaded = source
        .load(&request, &Progress::new())
        .expect("the store can be read");
    let root = files_root(&location).expect("the store is on this machine");
    let files = StoreFiles::below(&root, loaded.graph.store_dir());
    let closure = Closure::of(&loaded.graph, &loaded.roots);
    (loaded, closure, files)
}

/// The files that `nix why-depends --precise` names for a direct reference, the store path itself as an empty name.
fn files_by_nix(
    store: &NixStore,
    graph: &StoreGraph,
    from: PathId,
    to: PathId,
) -> BTreeSet<PathBuf> {
    let paths = [from, to].map(|id| graph.path(id).to_string());
    let text = store.run("nix", &["why-depends", "--precise", &paths[0], &paths[1]]);
    let named = text.lines().filter_map(|line| {
        let (_, place) = line.split_once("───")?;
        let ends = [place.find(": "), place.find(" -> ")];
        let end = ends.into_iter().flatten().min()?;
        Some(PathBuf::from(place[..end].trim_start_matches('/')))
    });
    named.collect()
}

fn ours(evidence: &Evidence, from: PathId, to: PathId) -> BTreeSet<PathBuf> {
    let edge = evidence.of(from, to);
    let hits = edge.map_or(&[][..], |edge| &edge.hits);
    hits.iter().map(|hit| hit.file.clone()).collect()
}

#[test]
fn what_nix_found_we_find_and_in_the_files_it_names() {
    let Some(store) = NixStore::build(5, 60) else {
        return;
    };
    let (loaded, closure, files) = load(&store);
    let graph = &loaded.graph;
    let evidence = evidence::of_closure(&files, graph, &closure, &Progress::new());
    let evidence = evidence.expect("the files are there");
    assert_eq!((evidence.not_found.len(), evidence.warnings.len()), (0, 0));
    let references = |from| graph.references(from).iter().map(move |&to| (from, to));
    let edges: Vec<_> = closure.members().iter().flat_map(references).collect();
    assert_eq!(evidence.edges.len(), edges.len());
    // Each question to Nix is a process: a sample is enough.
    let mut asked = 0;
    for &(from, to) in edges.iter().step_by(edges.len() / 12 + 1) {
        let named = files_by_nix(&store, graph, from, to);
        assert!(!named.is_empty(), "Nix names a file");
        assert!(named.is_subset(&ours(&evidence, from, to)), "{named:?}");
        asked += 1;
    }
    assert!(asked > 5);
}

#[test]
fn optimising_saves_what_we_say_and_is_seen_afterwards() {
    let Some(store) = NixStore::build(6, 40) else {
        return;
    };
    let inventory = || {
        let (loaded, closure, files) = load(&store);
        let ids = closure.members().iter();
        let inventory = Inventory::read(&files, &loaded.graph, ids, &Progress::new());
        inventory.expect("not cancelled")
    };
    let usage = |inventory: &Inventory| {
        inventory
            .usage(&Progress::new())
            .expect("not cancelled")
            .total
    };
    let before = inventory();
    // What Nix recorded is what is there, computed from metadata alone.
    assert_eq!(before.warnings, []);
    let found = identical::find(&before, &Progress::new()).expect("not cancelled");
    let before = usage(&before);
    store.run("nix-store", &["--optimise"]);
    let optimised = inventory();
    let left = identical::find(&optimised, &Progress::new()).expect("not cancelled");
    let after = usage(&optimised);
    assert_eq!((left.links, left.saved), (0, 0));
    assert_eq!(before.payload, after.payload);
    // Every content now has one inode; those of the closure are shared with `.links` only, or with paths outside.
    assert_eq!(before.apparent - after.apparent, found.saved);
    assert_eq!(before.allocated - after.allocated, found.saved_on_disk);
    assert!(before.linked == 0 && after.linked > 0);
}
