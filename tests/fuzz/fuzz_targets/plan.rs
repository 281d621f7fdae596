//! Plans in TOML.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use nix_heft::analysis::plan::PlanFile;
use nix_heft::model::{Closure, StoreGraph};
use nix_heft::testing;

fn store() -> &'static (StoreGraph, Closure) {
    static STORE: OnceLock<(StoreGraph, Closure)> = OnceLock::new();
    STORE.get_or_init(|| testing::graph("app -> bash-5.2 bash-5.2-man perl-5.36\nodd -> app"))
}

fuzz_target!(|text: &str| {
    let plan = match PlanFile::parse(text) {
        Ok(plan) => plan,
        Err(error) => {
            assert!(!error.to_string().contains('\u{1b}'));
            return;
        }
    };
    assert_eq!(PlanFile::parse(&plan.to_text()).as_ref(), Ok(&plan));
    let (graph, closure) = store();
    let applied = plan.apply(graph, closure);
    assert_eq!(applied.steps.len() + applied.notes.len(), plan.len());
    for note in &applied.notes {
        assert!(!note.to_string().contains('\u{1b}'));
    }
    let again = PlanFile::of(graph, &applied.steps).apply(graph, closure);
    assert_eq!(again.steps, applied.steps);
});
