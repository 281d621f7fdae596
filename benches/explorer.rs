//! What the explorer does between a key and a frame, at 2 000, 15 000, 200 000 and a million paths:
//! `cargo bench --bench explorer`. Searching and sorting run as jobs; what a key does by itself and drawing do not.

use std::sync::{Arc, Mutex, PoisonError};

use divan::Bencher;
use nix_heft::job::Progress;
use nix_heft::model::StoreGraph;
use nix_heft::source::{Loaded, Request, Source, SourceError};
use nix_heft::testing;
use nix_heft::testing::explorer::Explore;
use nix_heft::testing::explorer::RowsQuery;
use nix_heft::testing::explorer::Session;
use nix_heft::testing::explorer::{Facts, Metric, Snapshot, Sort};

const SIZES: [usize; 4] = [2_000, 15_000, 200_000, 1_000_000];

fn main() {
    divan::main();
}

/// A made-up store that needs not be read.
struct Made(Arc<StoreGraph>);

impl Source for Made {
    fn load(&self, _: &Request, _: &Progress) -> Result<Loaded, SourceError> {
        let roots = self.0.ids().filter(|&id| self.0.referrers(id).is_empty());
        Ok(Loaded {
            graph: Arc::clone(&self.0),
            roots: roots.collect(),
            warnings: Vec::new(),
            origin: "made up".to_owned(),
            found: Arc::default(),
        })
    }
}

/// The store of this size; only the last one is kept.
fn made(paths: usize) -> Made {
    static LAST: Mutex<Option<(usize, Arc<StoreGraph>)>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    match &*last {
        Some((size, graph)) if *size == paths => Made(Arc::clone(graph)),
        _ => {
            let graph = Arc::new(testing::store(paths, 8, 1).0);
            *last = Some((paths, Arc::clone(&graph)));
            Made(graph)
        }
    }
}

fn facts(paths: usize) -> Facts {
    let loaded = made(paths).load(&Request::default(), &Progress::new());
    let mut facts = Facts::of(Snapshot::of(loaded.expect("a store")));
    let analysed = facts.analysed(&Progress::new());
    analysed.core().expect("not cancelled");
    facts.absorb(&analysed);
    facts
}

fn query(facts: &Facts, text: &str) -> RowsQuery {
    RowsQuery {
        facts: facts.clone(),
        sort: Sort::by(Metric::Retained),
        barred: Metric::Retained,
        scale: Some(1),
        text: text.to_owned(),
        by_match: true,
        sorted: None,
        marked: Vec::new(),
        narrowed: None,
        first: None,
    }
}

fn find(bencher: Bencher<'_, '_>, paths: usize, text: &str, first: Option<usize>) {
    let mut query = query(&facts(paths), "");
    let all = query.clone().run(&Progress::new()).expect("not cancelled");
    query.sorted = Some(all.sorted);
    text.clone_into(&mut query.text);
    query.first = first;
    bencher.bench(|| query.clone().run(&Progress::new()));
}

#[divan::bench(args = SIZES, max_time = 3)]
fn search_one_letter(bencher: Bencher<'_, '_>, paths: usize) {
    find(bencher, paths, "p", None);
}

#[divan::bench(args = SIZES, max_time = 3)]
fn search_a_word(bencher: Bencher<'_, '_>, paths: usize) {
    find(bencher, paths, "python", None);
}

/// What is on screen before the rest of a large store has been looked at.
#[divan::bench(args = SIZES, max_time = 3)]
fn search_a_word_first_answer(bencher: Bencher<'_, '_>, paths: usize) {
    find(bencher, paths, "python", Some(32 * 1024));
}

#[divan::bench(args = SIZES, max_time = 3)]
fn search_a_query(bencher: Bencher<'_, '_>, paths: usize) {
    find(bencher, paths, "lib nar>1MiB not kind:drv", None);
}

#[divan::bench(args = SIZES, max_time = 3)]
fn sort_by_retained_size(bencher: Bencher<'_, '_>, paths: usize) {
    let query = query(&facts(paths), "");
    bencher.bench(|| query.clone().run(&Progress::new()));
}

#[divan::bench(args = SIZES, max_time = 3)]
fn draw_a_frame_of_200_by_60(bencher: Bencher<'_, '_>, paths: usize) {
    let explore = Explore::new(Box::new(made(paths)), Request::default());
    let session = Session::open(explore, (200, 60));
    bencher.bench_local(|| session.frame());
}
