//! Budgets: read, judged, lowered, begun.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use proptest::prelude::*;

use crate::analysis::what_if::{Step, after};
use crate::job::Progress;
use crate::model::{Closure, PathId, PathSet, StoreGraph};
use crate::testing::{any_graph, graph, id, names};

use super::ratchet::rounded_up;
use super::*;

const STORE: &str = "app 10 -> env gcc-13.2.0 gcc-13.2.0-lib zlib-1.3-dev\n\
    env 20 -> perl-5.40.0 perl-5.40.0-man bash-5.2\nbash-5.2 30 -> glibc-2.39\nperl-5.40.0 100 -> glibc-2.39\n\
    perl-5.40.0-man 5\ngcc-13.2.0 400 -> glibc-2.39\ngcc-13.2.0-lib 8 -> glibc-2.39\nglibc-2.39 50\nzlib-1.3-dev 3";

fn analysed((graph, closure): (StoreGraph, Closure)) -> Analysed {
    Analysed::of(Arc::new(graph), closure.roots(), &Progress::new())
}

use crate::analysis::Analysed;

fn today() -> Day {
    Day::parse("2026-11-28").expect("a day")
}

fn judged(analysed: &Analysed, text: &str, baseline: Option<&Baseline>) -> (Budget, Judgement) {
    let budget = Budget::parse(text).expect("a budget");
    let facts = Facts {
        analysed,
        baseline,
        today: today(),
    };
    let judgement = judge(&budget, facts).expect("not cancelled");
    (budget, judgement)
}

/// The outcome and what is there, of a budget with one rule.
fn only(text: &str) -> (RuleOutcome, Option<i64>) {
    let (_, judgement) = judged(&analysed(graph(STORE)), text, None);
    let [verdict] = &judgement.verdicts[..] else {
        panic!("one rule: {text}");
    };
    assert_eq!(judgement.passes(), verdict.outcome == RuleOutcome::Kept);
    assert_eq!(
        verdict.outcome == RuleOutcome::Broken,
        !verdict.culprits.is_empty()
    );
    (verdict.outcome, verdict.actual())
}

#[test]
fn every_rule_is_kept_and_broken() {
    let cases = [
        ("[closure]\nsize = 626", "[closure]\nsize = \"625\"", 626),
        ("[closure]\npaths = 9", "[closure]\npaths = 8", 9),
        (
            "[[size]]\npackage = \"perl\"\nmax = 105",
            "[[size]]\npackage = \"perl\"\nmax = 104",
            105,
        ),
        (
            "[[size]]\nname = \"gcc*\"\nmax = 408",
            "[[size]]\nname = \"gcc*\"\nmax = 407",
            408,
        ),
        (
            "[[size]]\noutput = \"man\"\nmax = 5",
            "[[size]]\noutput = \"man\"\nmax = 4",
            5,
        ),
        (
            "[[size]]\nquery = \"nar>=100\"\nmax = 500",
            "[[size]]\nquery = \"nar>=100\"\nmax = 499",
            500,
        ),
        (
            "[[size]]\ngroup = \"tools\"\npackage = [\"perl\", \"bash\"]\nname = \"perl-*\"\nmax = 135",
            "[[size]]\npackage = [\"perl\", \"bash\"]\nmax = 134",
            135,
        ),
        ("[at-most]\ndev = 1", "[at-most]\ndev = 0", 1),
        ("[at-most]\ncompilers = 1", "[at-most]\ncompilers = 0", 1),
    ];
    for (kept, broken, actual) in cases {
        assert_eq!(only(kept), (RuleOutcome::Kept, Some(actual)), "{kept}");
        assert_eq!(
            only(broken),
            (RuleOutcome::Broken, Some(actual)),
            "{broken}"
        );
    }
    let forbidden = [
        ("package = \"python3\"", "package = \"perl\"", 2),
        ("package = \"per\"", "package = \"per*\"", 2),
        ("name = \"perl\"", "name = \"perl-5.40.0\"", 1),
        ("output = \"doc\"", "output = \"dev\"", 1),
        ("query = \"pname:per\"", "query = \"pname:perl nar>50\"", 1),
        (
            "query = \"under:python3\"",
            "query = \"under:perl-5.40.0\"",
            2,
        ),
    ];
    for (kept, broken, actual) in forbidden {
        let rule = |paths: &str| format!("[[forbid]]\n{paths}");
        assert_eq!(only(&rule(kept)), (RuleOutcome::Kept, Some(0)), "{kept}");
        assert_eq!(
            only(&rule(broken)),
            (RuleOutcome::Broken, Some(actual)),
            "{broken}"
        );
    }
}

#[test]
fn duplicates_and_accidents_are_counted() {
    let store =
        "app 1 -> x y\nx 1 -> libssl-3.0.1\ny 1 -> libssl-3.0.2\nlibssl-3.0.1 10\nlibssl-3.0.2 10";
    let mut two = analysed(graph(store));
    let (_, judgement) = judged(&two, "[at-most]\nduplicates = 0", None);
    let verdict = &judgement.verdicts[0];
    assert_eq!(
        (verdict.outcome, verdict.actual()),
        (RuleOutcome::Broken, Some(1))
    );
    let culprit = &verdict.culprits[0];
    assert_eq!(names(two.graph(), &[culprit.path]), "libssl-3.0.1");
    assert_eq!(names(two.graph(), &culprit.with), "libssl-3.0.2");
    assert!(judged(&two, "[at-most]\nduplicates = 1", None).1.passes());

    let accidents = "[at-most]\naccidents = 0";
    let (_, unknown) = judged(&two, accidents, None);
    assert_eq!(unknown.verdicts[0].outcome, RuleOutcome::Unknown);
    assert!(!unknown.passes(), "what is not known is no success");
    let len = two.graph().len();
    let held = id(two.graph(), "x");
    two.take_accidents(PathSet::of(len, [held]));
    assert_eq!(
        judged(&two, accidents, None).1.verdicts[0].outcome,
        RuleOutcome::Broken
    );
    assert!(judged(&two, "[at-most]\naccidents = 1", None).1.passes());
}

#[test]
fn reasons_are_a_chain_and_a_cut() {
    let all = analysed(graph(STORE));
    let (_, judgement) = judged(
        &all,
        "[[forbid]]\npackage = \"perl\"\nreason = \"no perl\"",
        None,
    );
    let culprit = &judgement.verdicts[0].culprits[0];
    assert_eq!(names(all.graph(), &culprit.chain), "app env perl-5.40.0");
    let cut = culprit.cut.as_ref().expect("it is no root");
    let (from, to) = cut.references[0];
    assert_eq!(
        (names(all.graph(), &[from]), names(all.graph(), &[to])),
        ("env".to_owned(), "perl-5.40.0".to_owned())
    );
    assert_eq!((cut.references.len(), cut.collateral.paths), (1, 0));
    assert_eq!(culprit.bytes, Some(100), "glibc is held by others, too");
    let (_, judgement) = judged(&all, "[[forbid]]\nname = \"app\"", None);
    let root = &judgement.verdicts[0].culprits[0];
    assert_eq!((root.chain.len(), root.cut.as_ref()), (1, None));
}

#[test]
fn exceptions_count_up_to_their_last_day() {
    let all = analysed(graph(STORE));
    let text = |until: &str, more: &str| {
        format!(
            "[[forbid]]\npackage = \"perl\"\n[at-most]\ncompilers = 0\n\
             [[exception]]\npackage = \"perl\"\nreason = \"still\"\nuntil = {until}\n{more}"
        )
    };
    let gcc = "[[exception]]\npackage = \"gcc\"\nrule = \"at-most.compilers\"\nreason = \"x\"\nuntil = \"2026-12-01\"\n";
    for (until, more, failures, expired) in [
        ("2026-11-28", gcc, 0, 0),
        ("2026-11-28", "", 1, 0),
        ("2026-11-27", gcc, 1, 1),
    ] {
        let (_, judgement) = judged(&all, &text(until, more), None);
        assert_eq!(judgement.failures(), failures, "{until} {more}");
        assert_eq!(judgement.expired.len(), expired);
        assert_eq!(judgement.unused, [] as [usize; 0]);
    }
    let (_, judgement) = judged(
        &all,
        &text("2026-11-28", &gcc.replace("at-most.compilers", "forbid")),
        None,
    );
    assert_eq!(
        (judgement.failures(), &judgement.unused[..]),
        (1, &[1][..]),
        "it is for another rule"
    );
    assert_eq!(judgement.verdicts[0].excused, 2);
}

#[test]
fn growth_is_measured_against_the_root_of_the_same_name() {
    let store = "*web-2 100 -> lib-2 tool-1\nlib-2 50\ntool-1 30 -> part-1\npart-1 7\n\
        web-1 100 -> lib-1\nlib-1 40\nweb-0 1000\ndb-1 9000\nmail-1 9\nweb-9 ? -> lib-1\nweb-8 60 -> odd-1\nodd-1 ?\n\
        web-7 70 -> odd-1";
    let (graph, closure) = graph(store);
    let graph = Arc::new(graph);
    let now = Analysed::of(Arc::clone(&graph), closure.roots(), &Progress::new());
    let growth = |now: &Analysed, roots: &[&str], limit: &str| {
        let baseline = Baseline {
            origin: "main".to_owned(),
            roots: roots.iter().map(|root| id(&graph, root)).collect(),
        };
        let text = format!("[growth]\nbaseline = \"x\"\n{limit}");
        let (_, judgement) = judged(now, &text, Some(&baseline));
        let verdict = judgement.verdicts[0].clone();
        (verdict.outcome, verdict.limit, verdict.actual(), verdict)
    };
    let since = |roots: &[&str], limit: &str| growth(&now, roots, limit);
    let (outcome, limit, actual, verdict) = since(&["web-1"], "size = 46");
    assert_eq!(
        (outcome, limit, actual),
        (RuleOutcome::Broken, 46, Some(47))
    );
    let told = verdict.culprits.iter();
    let told: Vec<_> = told
        .map(|one| (names(&graph, &[one.path]), one.bytes, one.came))
        .collect();
    assert_eq!(
        told,
        [
            ("tool-1".to_owned(), Some(37), Some(2)),
            ("lib-2".to_owned(), Some(10), None)
        ],
        "what came is told with what came through it, what is larger by the difference"
    );
    assert_eq!(since(&["web-1"], "size = 47").0, RuleOutcome::Kept);
    assert_eq!(since(&["web-1"], "percent = 33").1, 46);
    assert_eq!(since(&["web-1"], "percent = 33").0, RuleOutcome::Broken);
    assert_eq!(since(&["web-1"], "percent = 33.572").0, RuleOutcome::Kept);
    assert_eq!(since(&["web-1"], "paths = 2").0, RuleOutcome::Kept);
    assert_eq!(since(&["web-1"], "paths = 1").0, RuleOutcome::Broken);
    assert_eq!(since(&["web-0"], "size = 0").2, Some(-813));

    assert_eq!(since(&["web-0", "db-1"], "size = 0").2, Some(-813));
    let (outcome, ..) = since(&["db-1", "mail-1"], "size = 0");
    assert_eq!((outcome, outcome.fails()), (RuleOutcome::New, false));
    assert_eq!(since(&["web-9"], "size = 9999").0, RuleOutcome::Unknown);
    assert_eq!(
        since(&["web-9"], "paths = 2").0,
        RuleOutcome::Kept,
        "paths are known"
    );
    let odd = Analysed::of(Arc::clone(&graph), &[id(&graph, "web-7")], &Progress::new());
    assert_eq!(
        growth(&odd, &["web-8"], "size = 10").2,
        Some(10),
        "what is on both sides cancels out"
    );
    assert_eq!(
        growth(&odd, &["web-8"], "percent = 99").0,
        RuleOutcome::Unknown
    );
}

fn mistakes(text: &str) -> Vec<String> {
    let error = Budget::parse(text).expect_err("mistakes");
    error.mistakes.iter().map(ToString::to_string).collect()
}

#[test]
fn every_mistake_names_its_line_and_what_was_meant() {
    let text = "format = \"nix-heft/plan\"\nversion = 2\nclosur = 1\n[growth]\nsize = \"much\"\npercent = \"5 %\"\npercnt = 5\n\
        [at-most]\ncompiler = 0\ndev = -1\n[[forbid]]\nquery = \"perl\"\n[[forbid]]\nreason = \"x\"\n[[forbid]]\npackage = []\n\
        [[size]]\npackage = \"perl\"\n[[size]]\nquery = \"nar>\"\nmax = 1.5\n\
        [[exception]]\npackage = \"a\"\nrule = \"closure.size\"\nreason = \"\"\nuntil = 2026-02-30T00:00:00Z\n";
    let text = text.replace("2026-02-30T00:00:00Z", "2026-02-20T00:00:00Z");
    let wanted = [
        "line 1: the format of a budget is \"nix-heft/budget\"",
        "line 2: a budget of version 2, this program reads version 1",
        "line 3: there is no table 'closur', did you mean 'closure'?",
        "line 5: this must be a size",
        "line 7: there is no key of [growth] 'percnt', did you mean 'percent'?",
        "line 9: there is no key of [at-most] 'compiler', did you mean 'compilers'?",
        "line 10: this must be a number",
        "line 12: a bare word, or name: without a pattern",
        "line 13: it selects no paths",
        "line 15: it selects no paths",
        "line 17: a size limit needs max",
        "line 20:",
        "line 24: an exception is to a rule about single paths: forbid, at-most.dev",
        "line 22: an exception needs a reason",
        "line 26: until is the last day",
    ];
    let told = mistakes(&text);
    for wanted in wanted {
        assert!(
            told.iter().any(|line| line.starts_with(wanted)),
            "{wanted} in {told:#?}"
        );
    }
    assert_eq!(told.len(), wanted.len(), "{told:#?}");
    assert!(mistakes("[closure\n")[0].starts_with("line 1: "));
    assert_eq!(Budget::parse("").expect("an empty one").rules, []);
}

#[test]
fn more_rules_than_can_be_compared_are_refused_at_once() {
    for one in [
        "[roots.r@.closure]\nsize = 1\n",
        "[[size]]\npackage = \"p@\"\nmax = 1\n",
    ] {
        let many: String = (0..30_000)
            .map(|at| one.replace('@', &at.to_string()))
            .collect();
        let told = mistakes(&many);
        assert!(
            told.len() == 1 && told[0].starts_with("line 1: at most 2000 rules"),
            "{told:?}"
        );
        let few: String = (0..500)
            .map(|at| one.replace('@', &at.to_string()))
            .collect();
        assert!(Budget::parse(&few).is_ok());
    }
}

#[test]
fn contradictions_are_refused_and_what_never_counts_is_told() {
    assert_eq!(
        mistakes("[[forbid]]\npackage = [\"a\", \"not perl\"]\n"),
        ["line 2: no package has a blank or a slash: paths are also named by query = \"…\""]
    );
    let twice = "[[size]]\npackage = \"perl\"\nmax = 1\n[[size]]\ngroup = \"x\"\npackage = \"perl\"\nmax = 2\n";
    assert_eq!(
        mistakes(twice),
        ["line 7: line 3 already says this about the same paths"]
    );
    let forbidden = "[[forbid]]\nname = \"a*\"\n[[forbid]]\nname = \"a*\"\n";
    assert_eq!(
        mistakes(forbidden),
        ["line 3: line 1 already says this about the same paths"]
    );
    let odd = "[closure]\nsize = 5\n[growth]\nbaseline = \"x\"\n[at-most]\ndev = 2\n[[size]]\npackage = \"perl\"\nmax = 3\n\
        [[size]]\npackage = \"gcc\"\nmax = 9\n[[forbid]]\npackage = \"perl\"\n[[forbid]]\noutput = \"dev\"\n";
    let budget = Budget::parse(odd).expect("odd, and a budget");
    let lines: Vec<usize> = budget.oddities.iter().map(|oddity| oddity.line).collect();
    assert_eq!(lines, [1, 6, 9, 12], "{:?}", budget.oddities);
}

#[test]
fn an_option_stands_in_place_of_the_same_rule() {
    let mut budget = Budget::parse("[closure]\nsize = 5\npaths = 3").expect("a budget");
    let given_way = budget
        .set(Rule::new(RuleKind::Closure, 9))
        .expect("there was one");
    assert_eq!(
        (given_way.limit, budget.rules[0].limit, budget.rules.len()),
        (5, 9, 2)
    );
    assert_eq!(budget.set(Rule::new(RuleKind::AtMost(Few::Dev), 0)), None);
    for text in ["nar>1", "pname:perl", "perl*", "perl"] {
        assert!(Which::typed(text).is_ok(), "{text}");
    }
    for text in [
        "",
        "perl nar>1",
        "not perl",
        "name:perl",
        "not gcc or depth=1",
        "marked depth=1",
        "kind:",
    ] {
        assert!(Which::typed(text).is_err(), "{text}");
    }
}

#[test]
fn amounts_are_written_as_people_do() {
    for (text, bytes) in [
        ("900 MiB", Some(943_718_400)),
        ("1.5G", Some(1_610_612_736)),
        ("4096", Some(4096)),
        ("1_000", Some(1000)),
        ("", None),
        ("-1", None),
        ("MiB", None),
        ("9223372036854775808", None),
        ("1e3", None),
    ] {
        assert_eq!(amount(text), bytes, "{text}");
    }
    for (text, thousandths) in [
        ("5", Some(5000)),
        ("2.5 %", Some(2500)),
        ("0.001%", Some(1)),
        ("-1", None),
        ("1e3", None),
        (".5", None),
        ("0.0001", None),
    ] {
        assert_eq!(percent(text), thousandths, "{text}");
    }
}

#[test]
fn limits_are_lowered_in_place() {
    let text = "# kept\n[closure]\nsize = '1 GiB' # a comment\npaths = 0x10\n[[size]]\nmax = 1_000_000\npackage = \"perl\"\n";
    let budget = Budget::parse(text).expect("a budget");
    let (new, lowered) = lowered(text, &budget, &[Some(2_000_000), Some(16), Some(5)]);
    assert_eq!(
        new,
        "# kept\n[closure]\nsize = \"2.0 MiB\" # a comment\npaths = 0x10\n[[size]]\nmax = 5\npackage = \"perl\"\n"
    );
    let told: Vec<(usize, i64)> = lowered.iter().map(|one| (one.rule, one.limit)).collect();
    assert_eq!(told, [(0, 2_097_152), (2, 5)]);
    let (same, nothing) = super::lowered(text, &budget, &[None, None, Some(i64::MAX)]);
    assert_eq!((same.as_str(), nothing.len()), (text, 0));
}

fn count(paths: usize) -> i64 {
    i64::try_from(paths).expect("few paths")
}

/// What a naive walk says of each rule.
fn naive(analysed: &Analysed, rule: &Rule) -> (i64, bool) {
    let graph = analysed.graph();
    let members: Vec<PathId> = analysed.closure().members().iter().collect();
    let sum = |ids: &mut dyn Iterator<Item = PathId>| {
        ids.fold((0_i64, true), |(sum, exact), id| match graph.nar_size(id) {
            Some(bytes) => (sum + bytes.cast_signed(), exact),
            None => (sum, false),
        })
    };
    let fits = |id: &PathId, choice: &Choice| {
        choice.any.iter().any(|which| match which {
            Which::Package(name) => graph.package(*id).pname == name,
            Which::Name(name) => graph.name(*id) == name,
            Which::Output(name) => graph.package(*id).output.unwrap_or("out") == name,
            Which::Query(text, _) => graph
                .nar_size(*id)
                .is_some_and(|bytes| format!("nar>{}", bytes.saturating_sub(1)) == *text),
        })
    };
    match &rule.kind {
        RuleKind::Closure => sum(&mut members.iter().copied()),
        RuleKind::Paths => (count(members.len()), true),
        RuleKind::Size(choice) => sum(&mut members.iter().copied().filter(|id| fits(id, choice))),
        RuleKind::Forbid(choice) => (
            count(members.iter().filter(|id| fits(id, choice)).count()),
            true,
        ),
        other => unreachable!("{other:?} is not made here"),
    }
}

fn any_rules() -> impl Strategy<Value = Vec<Rule>> {
    let choice = prop::collection::vec((0..9_usize, any::<bool>()), 1..4).prop_map(|names| {
        let any = names.into_iter().map(|(name, package)| {
            let name = name.to_string();
            if package {
                Which::Package(name)
            } else {
                Which::Name(name)
            }
        });
        Choice {
            group: None,
            any: any.collect(),
        }
    });
    let kind = prop_oneof![
        Just(RuleKind::Closure),
        Just(RuleKind::Paths),
        choice.clone().prop_map(RuleKind::Size),
        choice.prop_map(RuleKind::Forbid),
    ];
    let rule = (kind, 0..3000_i64).prop_map(|(kind, limit)| {
        let limit = match kind {
            RuleKind::Forbid(_) => 0,
            RuleKind::Paths => limit % 9,
            _ => limit,
        };
        Rule::new(kind, limit)
    });
    prop::collection::vec(rule, 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn verdicts_are_those_of_a_naive_walk((graph, closure) in any_graph(9), rules in any_rules()) {
        let analysed = analysed((graph, closure));
        let budget = Budget { rules, ..Budget::default() };
        let facts = Facts { analysed: &analysed, baseline: None, today: today() };
        let judgement = judge(&budget, facts).expect("not cancelled");
        prop_assert_eq!(judgement.verdicts.len(), budget.rules.len());
        for (verdict, rule) in judgement.verdicts.iter().zip(&budget.rules) {
            let (known, exact) = naive(&analysed, rule);
            prop_assert_eq!((verdict.known, verdict.is_exact), (known, exact));
            let outcome = match (known > rule.limit, exact) {
                (true, _) => RuleOutcome::Broken,
                (false, true) => RuleOutcome::Kept,
                (false, false) => RuleOutcome::Unknown,
            };
            prop_assert_eq!(verdict.outcome, outcome);
            for culprit in &verdict.culprits {
                prop_assert!(analysed.closure().is_root(culprit.chain[0]));
                prop_assert_eq!(culprit.chain.last(), Some(&culprit.path));
                if let Some(cut) = &culprit.cut {
                    let steps: Vec<Step> = cut.references.iter().map(|&(from, to)| Step::Cut { from, to }).collect();
                    let left = after(analysed.graph(), analysed.closure(), &steps);
                    prop_assert!(!left.contains(culprit.path), "the cut makes it leave");
                } else {
                    prop_assert!(analysed.closure().is_root(culprit.path));
                }
            }
        }
    }

    #[test]
    fn growth_is_after_minus_before((graph, closure) in any_graph(9), pick in 0..9_usize, limit in 0..2000_i64) {
        let root = PathId::new(pick % graph.len());
        let before = Closure::of(&graph, &[root]);
        let baseline = Baseline { origin: String::new(), roots: vec![root] };
        let now = analysed((graph, closure));
        let rules = vec![Rule::new(RuleKind::Growth, limit), Rule::new(RuleKind::GrowthPaths, limit), Rule::new(RuleKind::GrowthPercent, limit)];
        let budget = Budget { rules, ..Budget::default() };
        let judgement = judge(&budget, Facts { analysed: &now, baseline: Some(&baseline), today: today() }).expect("not cancelled");
        let paths = count(now.closure().len()) - count(before.len());
        prop_assert_eq!(judgement.verdicts[1].actual(), Some(paths));
        // The naive way: the sizes of one side without those of the other.
        let only = |these: &Closure, those: &Closure| -> Option<i64> {
            let alone = these.members().iter().filter(|&id| !those.contains(id));
            alone.map(|id| now.graph().nar_size(id).map(u64::cast_signed)).sum()
        };
        let (came, left) = (only(now.closure(), &before), only(&before, now.closure()));
        let grown = came.zip(left).map(|(came, left)| came - left);
        prop_assert_eq!(judgement.verdicts[0].actual(), grown);
        match grown.zip(before.nar_size()) {
            None => prop_assert_eq!(judgement.verdicts[2].outcome, RuleOutcome::Unknown),
            Some((grown, before)) => {
                let broken = i128::from(grown) * 100_000 > i128::from(before) * i128::from(limit);
                prop_assert_eq!(judgement.verdicts[2].outcome == RuleOutcome::Broken, broken);
            }
        }
        for culprit in judgement.verdicts.iter().flat_map(|verdict| &verdict.culprits) {
            prop_assert!(!before.contains(culprit.path), "what is to blame is new");
            prop_assert_eq!(culprit.chain.last(), Some(&culprit.path));
        }
    }

    #[test]
    fn a_budget_that_was_begun_or_lowered_is_kept_and_cannot_be_lowered_again((graph, closure) in any_graph(9)) {
        let analysed = analysed((graph, closure));
        let text = sample(&[&analysed]).expect("not cancelled");
        let (budget, judgement) = judged(&analysed, &text, None);
        prop_assert!(judgement.passes(), "{}", text);
        let actual: Vec<Option<i64>> = judgement.verdicts.iter().map(Verdict::actual).collect();
        let (same, nothing) = lowered(&text, &budget, &actual);
        prop_assert!(nothing.is_empty() && same == text);
        // Raised, it is lowered to the same again.
        let raised = text.replace("paths = ", "paths = 9").replace("dev = 0", "dev = 7");
        let (budget, judgement) = judged(&analysed, &raised, None);
        let actual: Vec<Option<i64>> = judgement.verdicts.iter().map(Verdict::actual).collect();
        let (again, _) = lowered(&raised, &budget, &actual);
        let commented = |text: &str| text.replace("# paths = 930", "# paths = 30");
        prop_assert_eq!(commented(&again), commented(&text));
    }

    #[test]
    fn sizes_are_rounded_up_by_less_than_a_tenth(bytes in 0..i64::MAX) {
        let (text, meant) = rounded_up(bytes);
        prop_assert_eq!(amount(&text), Some(meant), "{}", text);
        prop_assert!(meant >= bytes && meant - bytes <= 104_858, "{} {}", bytes, text);
    }

    #[test]
    fn limits_are_only_ever_lowered(limits in prop::collection::vec((0..5_000_000_i64, any::<bool>(), prop::option::of(0..5_000_000_i64)), 1..6)) {
        let mut text = String::from("# head\n");
        for (at, (limit, quoted, _)) in limits.iter().enumerate() {
            let quote = if *quoted { "\"" } else { "" };
            let _ = write!(text, "[[size]] # {at}\npackage = \"p{at}\"\nmax = {quote}{limit}{quote} # about {at}\n");
        }
        let budget = Budget::parse(&text).expect("a budget");
        let actual: Vec<Option<i64>> = limits.iter().map(|limit| limit.2).collect();
        let (new, _) = lowered(&text, &budget, &actual);
        let after = Budget::parse(&new).expect("still a budget");
        let comments = |text: &str| -> Vec<String> {
            let lines = text.lines().filter_map(|line| line.split_once('#'));
            lines.map(|(_, comment)| comment.to_owned()).collect()
        };
        prop_assert_eq!(comments(&new), comments(&text));
        for ((old, new), actual) in budget.rules.iter().zip(&after.rules).zip(&actual) {
            prop_assert!(new.limit <= old.limit);
            if let Some(actual) = actual {
                prop_assert!(new.limit >= *actual.min(&old.limit));
                prop_assert!(new.limit <= (*actual + 104_858).min(old.limit).max(*actual.min(&old.limit)));
            }
            prop_assert_eq!(&old.kind, &new.kind);
        }
    }
}

#[test]
fn the_sample_of_several_has_the_most_of_each() {
    let (one, two) = (
        analysed(graph("a-1 10 -> x-1\nx-1 5")),
        analysed(graph("a-2 3 -> x-2 y-1\nx-2 9\ny-1 1")),
    );
    let text = sample(&[&one, &two]).expect("not cancelled");
    let budget = Budget::parse(&text).expect("a budget");
    let limits: BTreeMap<String, i64> = budget
        .rules
        .iter()
        .map(|rule| {
            (
                format!(
                    "{} {}",
                    rule.kind.key(),
                    rule.kind
                        .choice()
                        .map(ToString::to_string)
                        .unwrap_or_default()
                ),
                rule.limit,
            )
        })
        .collect();
    assert_eq!(limits["closure.size "], 15);
    assert_eq!(limits["closure.paths "], 3);
    assert_eq!(limits["size package x"], 9);
    assert_eq!(limits["size package a"], 10);
    for analysed in [&one, &two] {
        assert!(judged(analysed, &text, None).1.passes());
    }
}
