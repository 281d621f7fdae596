//! States a database's files can be in.

use super::*;

/// The names in the database's directory, and the bytes of each file.
fn directory(lab: &Lab) -> Vec<(PathBuf, Vec<u8>)> {
    let file = lab.file();
    let entries = fs::read_dir(file.parent().expect("a directory")).expect("a directory");
    let mut all: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.clone(), fs::read(&path).expect("a file")))
        .collect();
    all.sort();
    all
}

/// A store in WAL mode whose database file holds `a` and whose log holds `b`, with the writer still there.
fn with_log() -> (Lab, Connection) {
    let lab = Lab::new();
    let mut writer = lab.create(Schema::Nix);
    let mode = "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = OFF";
    writer.execute_batch(mode).expect("a log");
    write(&mut writer, &testing::graph("a 10").0, 1).expect("rows");
    writer
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .expect("an empty log");
    let insert = format!(
        "INSERT INTO ValidPaths (path, hash, registrationTime, narSize) VALUES ('{}/{}', '', 1, 20)",
        StoreDir::default(),
        base(1, "b")
    );
    writer.execute_batch(&insert).expect("a row");
    (lab, writer)
}

fn found(loaded: &Loaded) -> String {
    names(&loaded.graph, &loaded.graph.ids().collect::<Vec<_>>())
}

/// Copies what a killed writer leaves into another store.
fn left_behind(of: &Lab, suffixes: &[&str]) -> Lab {
    let lab = Lab::new();
    fs::create_dir_all(lab.file().parent().expect("a directory")).expect("a directory");
    for suffix in suffixes {
        let with = |file: PathBuf| PathBuf::from(format!("{}{suffix}", file.display()));
        fs::copy(with(of.file()), with(lab.file())).expect("a copy");
    }
    lab
}

#[test]
fn a_closed_database_is_read_and_nothing_is_left_beside_it() {
    let lab = Lab::of("a 10");
    lab.execute("PRAGMA journal_mode = WAL");
    let before = directory(&lab);
    assert_eq!(before.len(), 1);
    let loaded = lab.whole();
    assert_eq!((found(&loaded).as_str(), lines(&loaded).len()), ("a", 0));
    assert_eq!(directory(&lab), before);
}

#[test]
fn what_a_living_writer_has_only_in_its_log_is_seen() {
    let (lab, writer) = with_log();
    let loaded = lab.whole();
    assert_eq!((found(&loaded).as_str(), lines(&loaded).len()), ("a b", 0));
    writer
        .execute_batch("BEGIN IMMEDIATE; DELETE FROM ValidPaths")
        .expect("a transaction");
    assert_eq!(found(&lab.whole()), "a b");
}

#[test]
fn what_a_killed_writer_left_is_seen() {
    let (lab, _writer) = with_log();
    let dead = left_behind(&lab, &["", "-wal", "-shm"]);
    let names: Vec<_> = directory(&dead).into_iter().map(|(path, _)| path).collect();
    assert_eq!(found(&dead.whole()), "a b");
    assert_eq!(
        directory(&dead)
            .into_iter()
            .map(|(path, _)| path)
            .collect::<Vec<_>>(),
        names
    );
}

#[test]
fn a_log_without_its_index_is_read_in_a_copy() {
    let (lab, _writer) = with_log();
    let snapshot = left_behind(&lab, &["", "-wal"]);
    let before = directory(&snapshot);
    let loaded = snapshot.whole();
    assert_eq!(found(&loaded), "a b");
    assert_eq!(
        lines(&loaded),
        ["the database was read from a private copy of it and its log"]
    );
    assert_eq!(directory(&snapshot), before);
}

#[test]
fn a_log_whose_index_cannot_be_opened_is_read_all_the_same() {
    let (lab, _writer) = with_log();
    let broken = left_behind(&lab, &["", "-wal"]);
    fs::create_dir(format!("{}-shm", broken.file().display())).expect("a directory");
    assert_eq!(found(&broken.whole()), "a b");
}

#[test]
fn a_database_without_a_log_is_read_between_and_during_transactions() {
    let lab = Lab::of("a 10");
    let before = directory(&lab);
    assert_eq!(found(&lab.whole()), "a");
    assert_eq!(directory(&lab), before);
    let writer = lab.connection();
    writer
        .execute_batch("BEGIN IMMEDIATE; UPDATE ValidPaths SET narSize = 1")
        .expect("a lock");
    assert_eq!(lab.whole().graph.nar_size(PathId::new(0)), Some(10));
}

#[test]
fn a_transaction_that_was_cut_off_never_happened() {
    let lab = Lab::of("a 10");
    let writer = lab.connection();
    // A cache of one page forces the change into the file before it is committed.
    let spill = "PRAGMA cache_size = 1; PRAGMA synchronous = OFF; BEGIN; UPDATE ValidPaths SET narSize = 11;
        CREATE TABLE Filler (x); INSERT INTO Filler SELECT zeroblob(4000) FROM (WITH RECURSIVE n(i) AS
        (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) SELECT i FROM n)";
    writer.execute_batch(spill).expect("a transaction");
    let dead = left_behind(&lab, &["", "-journal"]);
    let before = directory(&dead);
    assert!(
        before.len() == 2 && before[1].1.len() > 512,
        "a journal is there"
    );
    let loaded = dead.whole();
    assert_eq!(loaded.graph.nar_size(PathId::new(0)), Some(10));
    assert_eq!(directory(&dead), before);
}

#[test]
fn a_database_that_is_replaced_while_it_is_read_is_noticed() {
    let lab = Lab::of("a 10");
    lab.execute("PRAGMA journal_mode = WAL");
    let snapshot = open::open(&lab.file(), false).expect("a database");
    assert!(snapshot.held());
    lab.execute("UPDATE ValidPaths SET narSize = 11");
    assert!(!snapshot.held());
}

#[test]
fn names_that_mean_something_in_an_address_are_only_names() {
    let lab = Lab::of("a 10");
    let odd = lab.dir.path().join("50%41?mode=rw#x");
    fs::create_dir(&odd).expect("a directory");
    let file = odd.join("db sqlite&é");
    fs::copy(lab.file(), &file).expect("a copy");
    let loaded = database(&file, &odd).load(&whole(), &Progress::new());
    assert_eq!(found(&loaded.expect("a store")), "a");
}
