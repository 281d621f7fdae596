//! Budgets in TOML.
#![no_main]

use std::sync::{Arc, OnceLock};

use libfuzzer_sys::fuzz_target;
use nix_heft::analysis::Analysed;
use nix_heft::analysis::budget::{Budget, Day, Facts, judge, lowered};
use nix_heft::job::Progress;
use nix_heft::testing;

fn closure() -> &'static Analysed {
    static CLOSURE: OnceLock<Analysed> = OnceLock::new();
    CLOSURE.get_or_init(|| {
        let (graph, closure) = testing::graph("app -> bash-5.2 bash-5.2-man perl-5.36\nperl-5.36 ? -> gcc-12");
        Analysed::of(Arc::new(graph), closure.roots(), &Progress::new())
    })
}

fuzz_target!(|text: &str| {
    let budget = match Budget::parse(text) {
        Ok(budget) => budget,
        Err(error) => {
            assert!(!error.to_string().contains('\u{1b}'));
            return;
        }
    };
    let facts = Facts {
        analysed: closure(),
        baseline: None,
        today: Day::of_unix(0),
    };
    let judgement = judge(&budget, facts).expect("not cancelled");
    let actual: Vec<_> = judgement.verdicts.iter().map(|one| one.actual()).collect();
    let (new, _) = lowered(text, &budget, &actual);
    let again = Budget::parse(&new).expect("still a budget");
    for (new, old) in again.rules.iter().zip(&budget.rules) {
        assert!(new.limit <= old.limit);
    }
});
