//! Databases of every kind and in every state, against the graphs they were made from.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::model::{Closure, PathId};
use crate::testing::database::{Schema, create, write};
use crate::testing::{self, names};

mod derivations;
mod pages;
mod rows;
mod states;

/// A chroot store in a temporary directory.
struct Lab {
    dir: TempDir,
}

impl Lab {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        Self { dir }
    }

    /// A store with the graph of a text.
    fn of(text: &str) -> Self {
        let lab = Self::new();
        write(&mut lab.create(Schema::Nix), &testing::graph(text).0, 1).expect("rows");
        lab
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("nix/var/nix/db/db.sqlite")
    }

    fn create(&self, schema: Schema) -> Connection {
        create(&self.file(), schema).expect("a database")
    }

    fn connection(&self) -> Connection {
        Connection::open(self.file()).expect("the database")
    }

    fn execute(&self, sql: &str) {
        let connection = self.connection();
        let unchecked = connection.execute_batch("PRAGMA foreign_keys = OFF");
        unchecked
            .and_then(|()| connection.execute_batch(sql))
            .expect("valid SQL");
    }

    fn database(&self) -> Database {
        database(&self.file(), self.dir.path())
    }

    fn load(&self, request: &Request) -> Result<Loaded, SourceError> {
        self.database().load(request, &Progress::new())
    }

    fn whole(&self) -> Loaded {
        self.load(&whole()).expect("a store")
    }
}

fn database(file: &Path, root: &Path) -> Database {
    let state = root.join("nix/var/nix");
    let place = StorePlace::new(root, StoreDir::default(), state);
    Database::new(file, place, UserEnvironment::default())
}

fn whole() -> Request {
    Request {
        whole: true,
        ..Request::default()
    }
}

fn roots(roots: &[&str]) -> Request {
    Request {
        roots: roots.iter().map(|&root| root.to_owned()).collect(),
        ..Request::default()
    }
}

/// The base name of the `n`th path of a graph in words.
fn base(n: u64, name: &str) -> String {
    format!("{}-{name}", testing::hash_part(n))
}

fn lines(loaded: &Loaded) -> Vec<String> {
    loaded.warnings.iter().map(ToString::to_string).collect()
}

/// Everything a graph says, as text.
fn told(graph: &StoreGraph) -> Vec<String> {
    let line = |id: PathId| {
        let own = if graph.references_itself(id) {
            " itself"
        } else {
            ""
        };
        let size = graph.nar_size(id);
        let references = names(graph, graph.references(id));
        format!("{} {size:?}{own} -> {references}", graph.path(id))
    };
    graph.ids().map(line).collect()
}

/// The part of a graph that some of its paths reach, as text.
fn told_closure(graph: &StoreGraph, roots: &[PathId]) -> Vec<String> {
    let closure = Closure::of(graph, roots);
    let all = told(graph);
    let members = closure.members().iter();
    members.map(|id| all[id.index()].clone()).collect()
}

#[test]
fn a_closure_is_read_by_index_and_in_order_alike() {
    let (graph, _) = testing::store(3000, 4, 7);
    let lab = Lab::new();
    write(&mut lab.create(Schema::Nix), &graph, 1).expect("rows");
    // Few and many members, so that both ways are taken.
    for at in [0, 1, 5, 100, 1000, 2500, 3000] {
        let root = PathId::new(at);
        let loaded = lab
            .load(&roots(&[graph.base_name(root)]))
            .expect("a closure");
        assert_eq!(told(&loaded.graph), told_closure(&graph, &[root]));
        assert_eq!(
            loaded.graph.base_name(loaded.roots[0]),
            graph.base_name(root)
        );
        assert_eq!(lines(&loaded), [""; 0]);
    }
}

#[test]
fn several_roots_keep_their_order_and_extras_are_no_roots() {
    let lab = Lab::of("a 1 -> lib\nb 2 -> lib\nc 3 -> d\nlib 4");
    let request = Request {
        roots: vec![base(2, "b"), base(0, "a"), base(2, "b")],
        extras: vec![base(3, "c")],
        ..Request::default()
    };
    let loaded = lab.load(&request).expect("a closure");
    assert_eq!(names(&loaded.graph, &loaded.roots), "b a");
    assert_eq!(loaded.graph.len(), 5);
}

#[test]
fn a_whole_store_hangs_on_what_nothing_refers_to() {
    let lab = Lab::of("a 1 -> lib a\nb 2 -> lib\nlib 4\nx 1 -> y\ny 1 -> x");
    let loaded = lab.whole();
    assert_eq!(names(&loaded.graph, &loaded.roots), "a b x");
    let request = Request {
        roots: vec![base(1, "lib")],
        ..whole()
    };
    let loaded = lab.load(&request).expect("a store");
    assert_eq!(names(&loaded.graph, &loaded.roots), "lib");
    assert_eq!(loaded.graph.len(), 5);
}

#[test]
fn every_schema_is_read_with_what_it_has() {
    let graph = testing::graph("a 10 -> b a\nb 20").0;
    for schema in [Schema::Nix, Schema::NixWithRealisations, Schema::Guix] {
        let lab = Lab::new();
        write(&mut lab.create(schema), &graph, 1).expect("rows");
        for details in [false, true] {
            let loaded = lab.load(&Request { details, ..whole() }).expect("a store");
            assert_eq!(told(&loaded.graph), told(&graph), "{schema:?}");
            assert_eq!(lines(&loaded), [""; 0]);
        }
    }
}

#[test]
fn details_are_read_only_when_asked_for() {
    let lab = Lab::of("a 10\nb 20");
    lab.execute(&format!(
        "UPDATE ValidPaths SET ultimate = 1, sigs = 'k-1:AA k-2:BB', ca = 'fixed:r:sha256:x', deriver = '{}/{}' WHERE id = 1",
        StoreDir::default(),
        base(9, "a.drv"),
    ));
    assert!(lab.whole().graph.details(PathId::new(0)).is_none());
    let loaded = lab
        .load(&Request {
            details: true,
            ..whole()
        })
        .expect("a store");
    let of = |at| loaded.graph.details(PathId::new(at)).expect("details");
    assert_eq!(of(0).deriver, Some(base(9, "a.drv")));
    assert_eq!(of(0).signatures, ["k-1:AA", "k-2:BB"]);
    assert_eq!(of(0).content_address.as_deref(), Some("fixed:r:sha256:x"));
    assert!(of(0).ultimate && !of(1).ultimate);
    let hash = of(1).nar_hash.expect("a hash").0;
    assert_eq!((hash[30], hash[31]), (0, 1));
}

#[test]
fn what_is_not_there_is_named() {
    let lab = Lab::of("a 10");
    let error = lab
        .load(&roots(&[&base(5, "gone")]))
        .expect_err("no such path");
    assert!(matches!(&error, SourceError::UnknownRoot { root, .. } if *root == base(5, "gone")));
    let error = lab.load(&Request::default()).expect_err("no roots");
    assert!(matches!(error, SourceError::NoRoots));
    let none = database(Path::new("/nonexistent/db.sqlite"), Path::new("/"));
    let error = none.load(&whole(), &Progress::new()).expect_err("no store");
    assert!(matches!(error, SourceError::NoStore { .. }));
}

#[test]
fn a_cancelled_load_ends() {
    let lab = Lab::of("a 10");
    let progress = Progress::new();
    progress.cancel();
    let outcome = lab.database().load(&whole(), &progress);
    assert!(matches!(outcome, Err(SourceError::Cancelled(_))));
}

#[test]
fn build_time_closures_begin_at_derivations() {
    let lab = Lab::of("a 10 -> b\nb 5\na.drv 2 -> b.drv\nb.drv 3 -> source\nsource 7");
    let dir = StoreDir::default();
    let path = |n, name| format!("{dir}/{}", base(n, name));
    lab.execute(&format!(
        "UPDATE ValidPaths SET deriver = '{}' WHERE id = 1;
         UPDATE ValidPaths SET deriver = '{}' WHERE id = 2;
         INSERT INTO DerivationOutputs VALUES (4, 'out', '{}'), (4, 'dev', '{}')",
        path(2, "a.drv"),
        path(9, "gone.drv"),
        path(1, "b"),
        path(8, "b-dev"),
    ));
    let load = |root: &str| {
        let database = lab.database().for_derivations(true);
        database.load(&roots(&[root]), &Progress::new())
    };
    let found = |root: &str| {
        let loaded = load(root).expect("a closure");
        names(&loaded.graph, &loaded.graph.ids().collect::<Vec<_>>())
    };
    assert_eq!(found(&base(0, "a")), "a.drv b.drv source");
    assert_eq!(found(&base(2, "a.drv")), "a.drv b.drv source");
    assert_eq!(found(&base(1, "b")), "b.drv source");
    assert_eq!(found(&path(8, "b-dev")), "b.drv source");
    let error = load(&base(4, "source")).expect_err("no derivation");
    assert!(
        error.to_string().starts_with("the derivation of"),
        "{error}"
    );
}
