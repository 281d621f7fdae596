//! A store database that another process writes while it is read: every read sees one state of it.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use nix_heft::job::Progress;
use nix_heft::model::{Closure, StoreDir};
use nix_heft::source::db::Database;
use nix_heft::source::location::UserEnvironment;
use nix_heft::source::roots::StorePlace;
use nix_heft::source::{Loaded, Request, Source};
use nix_heft::testing;
use nix_heft::testing::database::{Schema, create, write};
use rusqlite::Connection;

const PATHS: usize = 1500;

/// How often the database is read; more by hand.
fn reads() -> usize {
    let given = std::env::var("NIX_HEFT_READS").ok();
    given.and_then(|number| number.parse().ok()).unwrap_or(15)
}

/// A store in which every path has size 1, generation 1, and how many there are.
fn store(root: &Path) -> (Database, usize) {
    let state = root.join("nix/var/nix");
    let file = state.join("db/db.sqlite");
    let mut connection = create(&file, Schema::Nix).expect("a database");
    let (graph, _) = testing::store(PATHS, 4, 1);
    write(&mut connection, &graph, 1).expect("rows");
    connection
        .execute_batch("UPDATE ValidPaths SET narSize = 1")
        .expect("sizes");
    let place = StorePlace::new(root, StoreDir::default(), state);
    let database = Database::new(file, place, UserEnvironment::default());
    (database, graph.len())
}

/// Raises every size by one in each transaction, and registers and deletes paths, until told to stop. Closes the
/// database now and then, so that its log comes and goes.
fn write_on(file: &Path, mode: &str, stop: &AtomicBool) {
    let mut round = 0;
    while !stop.load(Ordering::Relaxed) {
        let writer = Connection::open(file).expect("the database");
        let pragmas = format!(
            "PRAGMA journal_mode = {mode}; PRAGMA wal_autocheckpoint = 20; PRAGMA synchronous = OFF"
        );
        writer.execute_batch(&pragmas).expect("pragmas");
        writer
            .busy_timeout(std::time::Duration::from_secs(20))
            .expect("a timeout");
        for _ in 0..10 {
            round += 1;
            let change = format!(
                "BEGIN IMMEDIATE;
                 UPDATE ValidPaths SET narSize = narSize + 1;
                 DELETE FROM Refs WHERE reference > 1000000;
                 DELETE FROM ValidPaths WHERE id > 1000000;
                 INSERT INTO ValidPaths (id, path, hash, registrationTime, narSize)
                    SELECT 1000000 + {round}, '{}/{}-new', '', 1, narSize FROM ValidPaths LIMIT 1;
                 INSERT INTO Refs SELECT id, 1000000 + {round} FROM ValidPaths WHERE id % 7 = 0;
                 COMMIT",
                StoreDir::default(),
                testing::hash_part(round),
            );
            writer.execute_batch(&change).expect("a transaction");
            if stop.load(Ordering::Relaxed) {
                break;
            }
        }
        // No writer goes on for seconds without a pause; a reader that waits longer says so, which is no answer here.
        thread::sleep(std::time::Duration::from_millis(2));
    }
}

/// Everything in one state: all sizes are alike, and the new path is there with all references to it.
fn generation(loaded: &Loaded, paths: usize, at_least: u64) -> u64 {
    let graph = &loaded.graph;
    let notes: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    for note in &notes {
        assert!(
            !note.contains("changing") && !note.contains("do not exist"),
            "{note}"
        );
    }
    let sizes: Vec<_> = graph.ids().map(|id| graph.nar_size(id)).collect();
    let size = sizes[0].expect("a known size");
    assert!(
        sizes.iter().all(|other| *other == Some(size)),
        "torn: {sizes:?}"
    );
    assert!(size >= at_least, "{size} after {at_least}");
    let new: Vec<_> = graph.ids().filter(|&id| graph.name(id) == "new").collect();
    assert_eq!(graph.len(), paths + new.len());
    if let [new] = new[..] {
        assert_eq!(graph.referrers(new).len(), paths / 7);
    }
    assert_eq!(Closure::of(graph, &loaded.roots).len(), graph.len());
    size
}

fn read_while_written(mode: &str) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (database, paths) = store(dir.path());
    let file = dir.path().join("nix/var/nix/db/db.sqlite");
    let stop = AtomicBool::new(false);
    let request = Request {
        whole: true,
        ..Request::default()
    };
    thread::scope(|scope| {
        scope.spawn(|| write_on(&file, mode, &stop));
        let mut last = 0;
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for _ in 0..reads() {
                let loaded = database.load(&request, &Progress::new());
                last = generation(&loaded.expect("a store"), paths, last);
            }
            assert!(last > 1, "nothing was written");
        }));
        stop.store(true, Ordering::Relaxed);
        outcome.map_err(|panic| std::panic::resume_unwind(panic))
    })
    .expect("no panic");
}

#[test]
fn no_read_is_torn_while_a_log_is_written() {
    read_while_written("WAL");
}

#[test]
fn no_read_is_torn_while_a_database_without_a_log_is_written() {
    read_while_written("DELETE");
}
