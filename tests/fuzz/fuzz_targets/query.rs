//! The language of the search line: the first line is the query, the rest is the graph it is asked about.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use nix_heft::analysis::query::{Context, Query, fuzzy};
use nix_heft::model::{Closure, StoreGraph};
use nix_heft::testing;

fn store() -> &'static (StoreGraph, Closure) {
    static STORE: OnceLock<(StoreGraph, Closure)> = OnceLock::new();
    STORE.get_or_init(|| testing::graph("app 10 -> bash-5.2 bash-5.2-man perl-5.36\nperl-5.36 ? -> x.drv"))
}

fuzz_target!(|text: &str| {
    let (graph, closure) = store();
    let parts = Query::parts(text);
    assert!(parts.iter().all(|part| text.contains(part)));
    let query = match Query::parse(text) {
        Ok(query) => query,
        Err(error) => {
            assert!(error.at <= text.len() && text.is_char_boundary(error.at));
            let _ = error.pointed_at(text);
            return;
        }
    };
    let _ = (query.is_empty(), query.words(), query.metrics());
    let Ok(filter) = query.resolve(graph, closure) else {
        return;
    };
    let context = Context {
        graph,
        value: &|_, id| graph.nar_size(id),
        marked: &|id| id.index() % 2 == 0,
        accidental: &|id| Some(id.index() % 3 == 0),
        word: &|word, id| fuzzy(word, graph.name(id)),
    };
    for id in graph.ids() {
        // A text that can be read can be read in its parts too, and they say the same together.
        let whole = filter.matches(&context, id);
        let each = parts.iter().all(|part| {
            let part = Query::parse(part).expect("a part of what was read");
            let part = part.resolve(graph, closure).expect("a part of what was found");
            part.matches(&context, id)
        });
        assert_eq!(whole, each, "{parts:?}");
    }
});
