//! One question, asked once on a made-up store, for whoever counts the instructions it takes: unlike times, these are
//! the same whatever else the machine does. `benches/instructions` runs it for all questions.
//!
//! `instructions QUESTION PATHS`: only what happens inside [`measured`] is the question.

use std::env;
use std::hint::black_box;
use std::sync::Arc;

use nix_heft::analysis::what_if::{after, what_if};
use nix_heft::analysis::why::Why;
use nix_heft::analysis::{ClosureSizes, Dominators, Order, Step, cut::cut};
use nix_heft::job::Progress;
use nix_heft::model::{Closure, PathId, StoreDir, StoreGraph};
use nix_heft::source::db::Database;
use nix_heft::source::location::UserEnvironment;
use nix_heft::source::roots::StorePlace;
use nix_heft::source::{Loaded, Request, Source};
use nix_heft::testing;
use nix_heft::testing::database::{Schema, create, write};
use nix_heft::testing::explorer::RowsQuery;
use nix_heft::testing::explorer::{Facts, Metric, Snapshot, Sort};

#[inline(never)]
fn measured<T>(question: impl FnOnce() -> T) {
    black_box(question());
}

fn main() {
    let mut args = env::args().skip(1);
    let question = args.next().unwrap_or_default();
    let paths = args.next().and_then(|count| count.parse().ok());
    let paths = paths.unwrap_or(15_000);
    let (graph, closure) = testing::store(paths, 8, 1);
    let progress = Progress::new();
    let order = Order::of(&graph, &closure);
    let dominators = Dominators::of(&graph, &closure, &order, &progress).expect("not cancelled");
    let libc = most_referred(&graph, usize::MAX);
    let steps = [Step::Remove(most_referred(&graph, 100))];
    match question.as_str() {
        "loader" => load(&graph),
        "order" => measured(|| Order::of(&graph, &closure)),
        "dominators" => measured(|| Dominators::of(&graph, &closure, &order, &progress)),
        "closure-sizes" => measured(|| ClosureSizes::of(&graph, &closure, &order, &progress)),
        "after-a-mark" => measured(|| after(&graph, &closure, &steps)),
        "what-if" => measured(|| what_if(&graph, &closure, &steps, &progress)),
        "why" => measured(|| Why::of(&graph, &closure, &order, &dominators, libc)),
        "cut" => measured(|| cut(&graph, &closure, libc, &|_, _| false, &progress)),
        "search" => search(graph, &closure),
        _ => panic!("not a question: {question}"),
    }
}

/// Of the paths with up to this many referrers, the one with most.
fn most_referred(graph: &StoreGraph, limit: usize) -> PathId {
    let few = graph
        .ids()
        .filter(|&id| graph.referrers(id).len() <= limit && !graph.references(id).is_empty());
    few.max_by_key(|&id| graph.referrers(id).len())
        .expect("a path")
}

fn load(graph: &StoreGraph) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let file = dir.path().join("nix/var/nix/db/db.sqlite");
    let mut connection = create(&file, Schema::Nix).expect("a database");
    write(&mut connection, graph, 1).expect("rows");
    drop(connection);
    let state = dir.path().join("nix/var/nix");
    let place = StorePlace::new(dir.path(), StoreDir::default(), state);
    let database = Database::new(file, place, UserEnvironment::default());
    let request = Request {
        whole: true,
        ..Request::default()
    };
    measured(|| database.load(&request, &Progress::new()));
}

/// A word typed into the search line.
fn search(graph: StoreGraph, closure: &Closure) {
    let mut facts = Facts::of(Snapshot::of(Loaded {
        graph: Arc::new(graph),
        roots: closure.roots().to_vec(),
        warnings: Vec::new(),
        origin: String::new(),
        found: Arc::default(),
    }));
    let analysed = facts.analysed(&Progress::new());
    analysed.core().expect("not cancelled");
    facts.absorb(&analysed);
    let mut query = RowsQuery {
        facts,
        sort: Sort::by(Metric::Retained),
        barred: Metric::Retained,
        scale: Some(1),
        text: String::new(),
        by_match: true,
        sorted: None,
        marked: Vec::new(),
        narrowed: None,
        first: None,
    };
    let all = query.clone().run(&Progress::new()).expect("not cancelled");
    query.sorted = Some(all.sorted);
    "python".clone_into(&mut query.text);
    measured(|| query.run(&Progress::new()));
}
