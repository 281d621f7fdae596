//! How long closures take to be read from a store database: a whole store, half of one, and a few paths of a big one.

use divan::Bencher;
use nix_heft::job::Progress;
use nix_heft::model::StoreDir;
use nix_heft::source::db::Database;
use nix_heft::source::location::UserEnvironment;
use nix_heft::source::roots::StorePlace;
use nix_heft::source::{Request, Source};
use nix_heft::testing;
use nix_heft::testing::database::{Schema, create, write};
use tempfile::TempDir;

fn main() {
    divan::main();
}

/// A made-up store of this many paths.
fn store(paths: usize) -> (TempDir, Database, Vec<String>) {
    let (graph, _) = testing::store(paths, 5, 1);
    let dir = tempfile::tempdir().expect("a temporary directory");
    let file = dir.path().join("nix/var/nix/db/db.sqlite");
    let mut connection = create(&file, Schema::Nix).expect("a database");
    write(&mut connection, &graph, 1).expect("rows");
    drop(connection);
    let place = StorePlace::new(
        dir.path(),
        StoreDir::default(),
        dir.path().join("nix/var/nix"),
    );
    let names = graph
        .ids()
        .map(|id| graph.base_name(id).to_owned())
        .collect();
    (
        dir,
        Database::new(file, place, UserEnvironment::default()),
        names,
    )
}

#[divan::bench(args = [2_000, 28_000, 200_000], sample_count = 10)]
fn whole_store(bencher: Bencher<'_, '_>, paths: usize) {
    let (_dir, database, _) = store(paths);
    let request = Request {
        whole: true,
        ..Request::default()
    };
    bencher.bench(|| database.load(&request, &Progress::new()));
}

/// The closures of a few paths, from a handful to about half of the store.
#[divan::bench(args = [1, 3, 30], sample_count = 10)]
fn closure_of_some_of_28_000(bencher: Bencher<'_, '_>, roots: usize) {
    let (_dir, database, names) = store(28_000);
    let request = Request {
        roots: names.into_iter().skip(100).take(roots).collect(),
        ..Request::default()
    };
    bencher.bench(|| database.load(&request, &Progress::new()));
}

/// With hash, deriver and signatures.
#[divan::bench(sample_count = 10)]
fn whole_store_of_28_000_with_details(bencher: Bencher<'_, '_>) {
    let (_dir, database, _) = store(28_000);
    let request = Request {
        whole: true,
        details: true,
        ..Request::default()
    };
    bencher.bench(|| database.load(&request, &Progress::new()));
}
