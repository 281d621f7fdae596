//! Rows that Nix would not have written.

use super::*;

#[test]
fn unknown_sizes_stay_unknown() {
    let lab = Lab::of("a 10 -> b c d\nb 20\nc 30\nd 5");
    lab.execute(
        "UPDATE ValidPaths SET narSize = NULL WHERE id = 2;
         UPDATE ValidPaths SET narSize = -7 WHERE id = 3;
         UPDATE ValidPaths SET narSize = 'many' WHERE id = 4;",
    );
    let loaded = lab.whole();
    let sizes: Vec<_> = loaded
        .graph
        .ids()
        .map(|id| loaded.graph.nar_size(id))
        .collect();
    assert_eq!(sizes, [Some(10), None, None, None]);
    assert_eq!(
        lines(&loaded),
        [format!(
            "impossible NAR size, treated as unknown: {}, {}",
            base(2, "c"),
            base(3, "d")
        )]
    );
}

#[test]
fn sizes_that_cannot_be_added_up_are_unknown() {
    let lab = Lab::of("a 10 -> b c\nb 1\nc 1");
    lab.execute("UPDATE ValidPaths SET narSize = 9223372036854775807 WHERE id > 1");
    let loaded = lab.whole();
    let closure = Closure::of(&loaded.graph, &loaded.roots);
    assert_eq!(closure.nar_size(), None);
    assert!(lines(&loaded)[0].starts_with("NAR size beyond anything possible"));
}

#[test]
fn ids_can_be_any_numbers() {
    let graph = testing::graph("a 10 -> b c\nb 20 -> c\nc 30").0;
    for first in [-2, i64::MIN, 1 << 40, i64::MAX - 2, i64::from(u32::MAX) - 1] {
        let lab = Lab::new();
        write(&mut lab.create(Schema::Nix), &graph, first).expect("rows");
        assert_eq!(told(&lab.whole().graph), told(&graph), "from {first}");
        let loaded = lab.load(&roots(&[&base(1, "b")])).expect("a closure");
        assert_eq!(loaded.graph.len(), 2, "from {first}");
    }
}

#[test]
fn ids_can_have_gaps() {
    let (graph, _) = testing::store(500, 4, 3);
    let lab = Lab::new();
    write(&mut lab.create(Schema::Nix), &graph, 1).expect("rows");
    lab.execute("UPDATE ValidPaths SET id = id * 1000; UPDATE Refs SET referrer = referrer * 1000, reference = reference * 1000");
    assert_eq!(told(&lab.whole().graph), told(&graph));
    let root = PathId::new(0);
    let loaded = lab
        .load(&roots(&[graph.base_name(root)]))
        .expect("a closure");
    assert_eq!(told(&loaded.graph), told_closure(&graph, &[root]));
}

#[test]
fn references_to_nothing_are_named() {
    let lab = Lab::of("a 10 -> b\nb 20");
    lab.execute("INSERT INTO Refs VALUES (1, 77), (2, -1), (2, 'x'), (88, 1), (88, 99);");
    let kind = "references to database rows that do not exist, left out";
    for request in [whole(), roots(&[&base(0, "a")])] {
        let loaded = lab.load(&request).expect("a store");
        assert_eq!(told(&loaded.graph).len(), 2);
        let warning = loaded.warnings.iter().find(|warning| warning.kind == kind);
        let warning = warning.expect("a warning");
        assert_eq!(warning.count, 3);
        assert_eq!(warning.examples[0], base(0, "a"));
    }
}

#[test]
fn odd_paths_are_kept_by_name() {
    let lab = Lab::of("a 10 -> b c d e\nb 20\nc 1\nd 1\ne 1");
    lab.execute(
        "UPDATE ValidPaths SET path = '/elsewhere/odd' WHERE id = 2;
         UPDATE ValidPaths SET path = '' WHERE id = 3;
         UPDATE ValidPaths SET path = CAST(x'2f6e69782f73746f72652f61ff1b62' AS TEXT) WHERE id = 4;",
    );
    let loaded = lab.whole();
    let found: Vec<_> = loaded
        .graph
        .ids()
        .map(|id| loaded.graph.base_name(id))
        .collect();
    assert_eq!(
        found,
        [&base(0, "a"), &base(4, "e"), "a\u{fffd}\u{1b}b", "odd"]
    );
    let told = lines(&loaded).join("\n");
    for part in [
        "outside the store directory",
        "rows that name no path",
        "not UTF-8",
        "not a store path",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn a_path_in_two_rows_counts_once() {
    let lab = Lab::of("a 10 -> b\nb 20 -> c\nc 5");
    lab.execute(&format!("INSERT INTO ValidPaths (path, hash, registrationTime, narSize) VALUES ('/other/{}', '', 1, 20);
         INSERT INTO Refs VALUES (1, 4)", base(1, "b")));
    let loaded = lab.whole();
    assert_eq!(
        names(&loaded.graph, &loaded.graph.ids().collect::<Vec<_>>()),
        "a b c"
    );
    let closure = Closure::of(&loaded.graph, &loaded.roots);
    assert_eq!(closure.nar_size(), Some(35));
    assert!(
        lines(&loaded)
            .join("\n")
            .contains("paths named by several rows")
    );
}

#[test]
fn tables_without_keys_are_read_too() {
    let lab = Lab::new();
    lab.create(Schema::Nix);
    lab.execute(&format!(
        "DROP TABLE Refs; DROP TABLE ValidPaths;
         CREATE TABLE ValidPaths (id, path, narSize);
         CREATE TABLE Refs (referrer, reference);
         INSERT INTO ValidPaths VALUES (2, '/s/{a}', 1), (1, '/s/{b}', 2), (1, '/s/{c}', 3), (NULL, '/s/{c}', 4);
         INSERT INTO Refs VALUES (2, 1), (1, 1), (2, 1), (NULL, 2);",
        a = base(0, "a"), b = base(1, "b"), c = base(2, "c"),
    ));
    let loaded = lab.whole();
    assert_eq!(
        told(&loaded.graph),
        [
            format!("/s/{} Some(1) -> b", base(0, "a")),
            format!("/s/{} Some(2) itself -> ", base(1, "b"))
        ]
    );
    assert_eq!(loaded.warnings.len(), 3, "{:?}", lines(&loaded));
}

#[test]
fn what_is_no_store_database_is_refused() {
    let lab = Lab::new();
    drop(lab.create(Schema::Nix));
    let refuse = |part: &str| {
        let error = lab.load(&whole()).expect_err("no store database");
        let text = error.to_string();
        assert!(matches!(error, SourceError::Format { .. }), "{text}");
        assert!(text.contains(part), "{text}");
        assert!(text.contains("db.sqlite") && error.hint().is_some());
    };
    lab.execute("DROP TABLE Refs");
    refuse("no table Refs");
    lab.execute("CREATE VIEW Refs AS SELECT id AS referrer, id AS reference FROM ValidPaths");
    refuse("no table Refs");
    lab.execute("DROP VIEW Refs; CREATE TABLE Refs (referrer)");
    refuse("no column reference");
    fs::write(lab.file(), "not a database, but long enough to be one").expect("a file");
    refuse("not an SQLite database");
    fs::write(lab.file(), "").expect("a file");
    refuse("empty");
}

#[test]
fn a_damaged_database_is_an_error_or_a_result_but_never_a_panic() {
    let (graph, _) = testing::store(300, 4, 5);
    let lab = Lab::new();
    write(&mut lab.create(Schema::Nix), &graph, 1).expect("rows");
    let whole_file = fs::read(lab.file()).expect("the file");
    let mut random = testing::Random::new(1);
    for _ in 0..60 {
        let mut damaged = whole_file.clone();
        for _ in 0..8 {
            let at = 100 + random.below(damaged.len() - 100);
            damaged[at] = random.below(256) as u8;
        }
        damaged.truncate(damaged.len() - random.below(3) * random.below(5000));
        fs::write(lab.file(), damaged).expect("a file");
        if let Ok(loaded) = lab.load(&whole()) {
            Closure::of(&loaded.graph, &loaded.roots);
        }
    }
}

#[test]
fn a_root_whose_row_is_lost_is_an_error_and_no_empty_closure() {
    let lab = Lab::of("app 1 -> lib");
    lab.execute(
        "CREATE TABLE Empty (id integer primary key); PRAGMA writable_schema = ON;
         UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'Empty')
         WHERE name = 'ValidPaths'",
    );
    let asked = roots(&[&format!("/nix/store/{}", base(0, "app"))]);
    let error = lab.load(&asked).expect_err("a damaged database");
    assert!(error.to_string().contains("cannot be found"), "{error}");
    assert!(error.hint().expect("a hint").contains("damaged"));
}

#[test]
fn any_number_of_cycles_gives_a_root_each() {
    const CYCLES: usize = 20_000;
    let lab = Lab::new();
    lab.create(Schema::Nix);
    lab.execute(&format!(
        "BEGIN;
         WITH RECURSIVE rows(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM rows WHERE n + 1 < 2 * {CYCLES})
         INSERT INTO ValidPaths (id, path, hash, registrationTime)
            SELECT n + 1, '/nix/store/' || printf('%032d', n) || '-x', '', 1 FROM rows;
         INSERT INTO Refs SELECT id, id + (id % 2) * 2 - 1 FROM ValidPaths;
         COMMIT"
    ));
    let loaded = lab.whole();
    assert_eq!(loaded.graph.len(), 2 * CYCLES);
    assert_eq!(loaded.roots.len(), CYCLES);
}
