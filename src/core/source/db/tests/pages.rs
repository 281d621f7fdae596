//! Rows read straight from the file's pages, against what was written.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::source::db::pages::{Pages, Stop, Values};

/// The number of rows that the pages give, `None` where something is wrong.
fn rows(lab: &Lab) -> Option<(usize, usize)> {
    let snapshot = open::open(&lab.file(), false).expect("a database");
    let file = lab.file();
    let tables = Tables::of(&snapshot.connection, &file, false).expect("tables");
    let pages = snapshot.pages()?;
    let layout = tables.layout()?;
    let [path, registered, nar_size, ..] = layout.columns;
    Some((
        count(&pages, layout.paths, [path, registered, nar_size])?,
        count(&pages, layout.references, [0, 1])?,
    ))
}

fn count<const COLUMNS: usize>(
    pages: &Pages,
    first: u32,
    columns: [usize; COLUMNS],
) -> Option<usize> {
    let mut count = 0;
    let read = |rows: &mut usize, _: i64, _: &Values<'_, COLUMNS>| *rows += 1;
    let outcome: Result<(), Stop<SourceError>> = pages.each(
        first,
        columns,
        || 0,
        read,
        |rows| {
            count += rows;
            Ok(())
        },
    );
    outcome.is_ok().then_some(count)
}

#[test]
fn pages_of_every_size_hold_the_same() {
    let (graph, _) = testing::store(1200, 5, 11);
    for (size, vacuum) in [(512, 0), (1024, 1), (4096, 0), (4096, 2), (65_536, 0)] {
        let lab = Lab::new();
        fs::create_dir_all(lab.file().parent().expect("a directory")).expect("a directory");
        lab.execute(&format!(
            "PRAGMA page_size = {size}; PRAGMA auto_vacuum = {vacuum}; VACUUM"
        ));
        write(&mut lab.create(Schema::Nix), &graph, 1).expect("rows");
        // Records that go on on other pages, and pages that are free again.
        lab.execute(
            "UPDATE ValidPaths SET sigs = hex(zeroblob(id * 7)) WHERE id % 3 = 0;
             CREATE TABLE Filler (x); INSERT INTO Filler SELECT zeroblob(900) FROM ValidPaths; DROP TABLE Filler",
        );
        assert_eq!(told(&lab.whole().graph), told(&graph), "pages of {size}");
        // So little of a long record stands in its own small page that the engine has to be asked.
        let own = graph
            .ids()
            .filter(|&id| graph.references_itself(id))
            .count();
        let all = (graph.len(), graph.reference_count() + own);
        let expected = (size >= 4096).then_some(all);
        assert_eq!(rows(&lab), expected, "pages of {size}");
    }
}

#[test]
fn tables_of_another_form_are_left_to_the_engine() {
    for change in [
        "DROP TABLE Refs; CREATE TABLE Refs (referrer, reference)",
        "DROP TABLE Refs; CREATE TABLE Refs (referrer, reference, PRIMARY KEY (reference, referrer))",
        "DROP TABLE Refs; CREATE TABLE Refs (referrer, reference, PRIMARY KEY (referrer DESC, reference))",
        "DROP TABLE Refs; CREATE TABLE Refs (referrer, reference, PRIMARY KEY (referrer, reference)) WITHOUT ROWID",
        "DROP TABLE ValidPaths; CREATE TABLE ValidPaths (id INT PRIMARY KEY, path)",
        "DROP TABLE ValidPaths; CREATE TABLE ValidPaths (id INTEGER PRIMARY KEY DESC, path)",
        "DROP TABLE ValidPaths; CREATE TABLE ValidPaths (id INTEGER PRIMARY KEY, path) WITHOUT ROWID",
        "ALTER TABLE ValidPaths ADD COLUMN more DEFAULT 5",
        "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; ALTER TABLE ValidPaths ADD COLUMN more",
    ] {
        let lab = Lab::of("a 10 -> b\nb 20");
        let keep = lab.connection();
        keep.execute_batch("PRAGMA foreign_keys = OFF")
            .expect("a pragma");
        keep.execute_batch(change).expect(change);
        assert_eq!(rows(&lab), None, "{change}");
    }
    let lab = Lab::of("a 10 -> b\nb 20");
    assert_eq!(rows(&lab), Some((2, 1)));
    lab.execute("ALTER TABLE ValidPaths ADD COLUMN more");
    assert_eq!(rows(&lab), Some((2, 1)));
}

#[test]
fn damaged_pages_end_the_reading() {
    let (graph, _) = testing::store(300, 4, 5);
    let lab = Lab::new();
    write(&mut lab.create(Schema::Nix), &graph, 1).expect("rows");
    let sound = fs::read(lab.file()).expect("the file");
    let pages = sound.len() as u32 / 4096;
    let mut random = testing::Random::new(9);
    for round in 0..150 {
        let mut damaged = sound.clone();
        for _ in 0..=random.below(200) {
            let at = 100 + random.below(damaged.len() - 100);
            damaged[at] = random.below(256) as u8;
        }
        if round % 3 == 0 {
            damaged.truncate(random.below(damaged.len()).max(100));
        }
        fs::write(lab.file(), damaged).expect("a file");
        let opened = Pages::open(&lab.file()).expect("a header");
        for root in 1..=pages {
            let rows = AtomicUsize::new(0);
            let count = |(): &mut (), _: i64, _: &Values<'_, 3>| {
                rows.fetch_add(1, Ordering::Relaxed);
            };
            let take = |()| Ok::<_, SourceError>(());
            let _ = opened.each(root, [0, 1, usize::MAX], || (), count, take);
            let rows = rows.into_inner();
            assert!(rows <= 2 * sound.len(), "no page is read twice");
        }
    }
}
