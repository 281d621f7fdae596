//! Words that name paths.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use nix_heft::analysis::select::{select, select_anywhere};
use nix_heft::model::{Closure, StoreGraph};
use nix_heft::testing;

fn store() -> &'static (StoreGraph, Closure) {
    static STORE: OnceLock<(StoreGraph, Closure)> = OnceLock::new();
    STORE.get_or_init(|| testing::graph("app -> bash-5.2 bash-5.2-man python3-3.11\nodd -> app"))
}

fuzz_target!(|text: &str| {
    let (graph, closure) = store();
    for found in [select(graph, closure, text), select_anywhere(graph, text)] {
        match found {
            Ok(ids) => assert!(!ids.is_empty() && ids.is_sorted()),
            Err(error) => {
                let said = format!("{error} {:?}", error.hint());
                assert!(!said.contains('\u{1b}'));
            }
        }
    }
});
