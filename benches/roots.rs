//! How long the roots of a store take: ten thousand links read, who holds what, and what dropping some of them frees.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::Arc;

use divan::Bencher;
use nix_heft::analysis::kept::Keep;
use nix_heft::job::Progress;
use nix_heft::model::{StoreDir, StoreGraph};
use nix_heft::source::roots::StorePlace;
use nix_heft::source::roots::gc::{self, GcRoots};
use nix_heft::source::roots::store_roots::StoreRoots;
use nix_heft::testing;
use tempfile::TempDir;

fn main() {
    divan::main();
}

/// Links in `gcroots/auto`, each by way of a second one, to the paths of a made-up store in turn.
fn links(count: usize, paths: usize) -> (TempDir, StorePlace, StoreGraph) {
    let (graph, _) = testing::store(paths, 5, 1);
    let dir = tempfile::tempdir().expect("a temporary directory");
    let auto = dir.path().join("nix/var/nix/gcroots/auto");
    let results = dir.path().join("home");
    fs::create_dir_all(&auto).expect("a directory");
    fs::create_dir_all(&results).expect("a directory");
    let names: Vec<&str> = graph.ids().map(|id| graph.base_name(id)).collect();
    for at in 0..count {
        let result = results.join(format!("result-{at}"));
        let target = format!("/nix/store/{}", names[at * 7 % names.len()]);
        symlink(target, &result).expect("a link");
        symlink(&result, auto.join(format!("{at:032}"))).expect("a link");
    }
    let state = dir.path().join("nix/var/nix");
    let place = StorePlace::new(dir.path(), StoreDir::default(), state);
    (dir, place, graph)
}

fn listed(place: &StorePlace) -> GcRoots {
    let found = gc::list(place, &StoreDir::default(), &Progress::new());
    found.expect("not cancelled")
}

#[divan::bench(args = [100, 10_000], sample_count = 10)]
fn links_read(bencher: Bencher<'_, '_>, count: usize) {
    let (_dir, place, _) = links(count, 15_000);
    bencher.bench(|| listed(&place));
}

#[divan::bench(args = [20, 300, 10_000], sample_count = 5)]
fn who_holds_what_of_15_000(bencher: Bencher<'_, '_>, count: usize) {
    let (_dir, place, graph) = links(count, 15_000);
    let (graph, listed) = (Arc::new(graph), listed(&place));
    bencher.bench(|| {
        StoreRoots::of(
            Arc::clone(&graph),
            listed.clone(),
            Keep::default(),
            &Progress::new(),
        )
    });
}

/// What is computed when one more root is marked.
#[divan::bench(args = [1, 20, 1000], sample_count = 10)]
fn what_dropping_some_frees(bencher: Bencher<'_, '_>, marked: usize) {
    let (_dir, place, graph) = links(2000, 200_000);
    let listed = listed(&place);
    let roots = StoreRoots::of(Arc::new(graph), listed, Keep::default(), &Progress::new());
    let roots = roots.expect("not cancelled");
    let rows: Vec<usize> = (0..roots.rows.len()).step_by(2).take(marked).collect();
    bencher.bench(|| roots.freed(&rows));
}
