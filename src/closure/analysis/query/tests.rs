//! What a query finds, and where it is wrong.

use proptest::prelude::*;

use crate::model::PathId;
use crate::testing::{graph, names};

use super::*;

const STORE: &str = "system 10 -> etc path.drv perl-5.36\netc 2000 -> source\nperl-5.36 50000000 -> libc-2.36\n\
    path.drv ?\nsource 170000000\nlibc-2.36 30000000";

fn found(text: &str) -> String {
    let (graph, closure) = graph(STORE);
    let query = Query::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let filter = query
        .resolve(&graph, &closure)
        .unwrap_or_else(|error| panic!("{text}: {error}"));
    let value = |metric: Metric, id: PathId| {
        let size = || graph.nar_size(id).map(i128::from);
        let deep = |id: PathId| graph.name(id).contains("libc") || graph.name(id) == "source";
        match metric {
            Metric::Nar => size(),
            Metric::Delta => size().map(|size| size - 2000),
            Metric::References => Some(graph.references(id).len() as i128),
            Metric::Depth => Some(i128::from(id.index() > 0) + i128::from(deep(id))),
            _ => None,
        }
    };
    let context = Context {
        graph: &graph,
        value: &value,
        // The closure is compared with nothing but itself, as far as that is known.
        change: &|id| match graph.name(id) {
            "path.drv" => None,
            "source" => Some(PathChange::Replaced),
            "etc" => Some(PathChange::Arrived),
            _ => Some(PathChange::Stayed),
        },
        marked: &|id| graph.name(id) == "etc",
        // Of the derivation nothing is known.
        accidental: &|id| (graph.name(id) != "path.drv").then(|| graph.name(id) == "source"),
        word: &|word, id| fuzzy(word, graph.name(id)),
    };
    let matching: Vec<PathId> = graph
        .ids()
        .filter(|&id| filter.matches(&context, id))
        .collect();
    names(&graph, &matching)
}

#[test]
fn queries_find_what_they_say() {
    let cases = [
        ("", "system etc path.drv perl-5.36 source libc-2.36"),
        ("prl", "perl-5.36"),
        // What contains the word comes before what has its letters.
        ("etc", "etc"),
        ("s", "system source"),
        ("pl", "perl-5.36"),
        ("\"pl\"", ""),
        ("\"erl\" libc", ""),
        ("LIBC", "libc-2.36"),
        ("nar>10MiB", "perl-5.36 source libc-2.36"),
        ("nar > 10 MiB", "perl-5.36 source libc-2.36"),
        ("nar > 10M", "perl-5.36 source libc-2.36"),
        ("size<1k", "system"),
        ("nar=2kB", "etc"),
        ("nar=?", "path.drv"),
        ("nar!=?", "system etc perl-5.36 source libc-2.36"),
        ("not nar>10MiB", "system etc"),
        ("not nar>10MiB or kind:drv", "system etc path.drv"),
        ("nar>=0.0465G nar<=0.0467GiB", "perl-5.36"),
        ("depth=1 refs=1", "etc perl-5.36"),
        ("depth=1 and (marked or kind:drv)", "etc path.drv"),
        ("!marked depth=1", "path.drv perl-5.36"),
        ("name:*-[25]*", "perl-5.36 libc-2.36"),
        ("name:ERL", "perl-5.36"),
        ("pname:perl", "perl-5.36"),
        ("pname:p*", "path.drv perl-5.36"),
        ("version:*.36 nar<40M", "libc-2.36"),
        ("output:out kind:source", "source"),
        ("under:perl", "perl-5.36 libc-2.36"),
        ("above:libc", "system perl-5.36 libc-2.36"),
        ("above:libc not under:\"perl\"", "system"),
        ("hash:00000000000000000000000000000000", "system"),
        ("\"marked\"", ""),
        ("accidental", "source"),
        ("(ACCIDENTAL)", "source"),
        ("not accidental", "system etc perl-5.36 libc-2.36"),
        ("accidental or perl", "perl-5.36 source"),
        (
            "not (accidental or kind:drv)",
            "system etc perl-5.36 libc-2.36",
        ),
        ("accidental or kind:drv", "path.drv source"),
        ("\"accidental\"", ""),
        ("etc or source or perl", "etc perl-5.36 source"),
        ("retained>1", ""),
        ("delta<0", "system"),
        ("delta=-1990", "system"),
        ("delta>=−2kB delta<1", "system etc"),
        ("delta>+1M", "perl-5.36 source libc-2.36"),
        ("delta=?", "path.drv"),
        ("change:replaced", "source"),
        ("change:LEFT", "source"),
        ("change:came", "etc"),
        ("change:arrived", "etc"),
        ("not change:stayed", "etc source"),
        ("change:stayed nar>1M", "perl-5.36 libc-2.36"),
    ];
    for (text, expected) in cases {
        assert_eq!(found(text), expected, "{text}");
    }
}

#[test]
fn errors_point_at_the_place() {
    let cases = [
        ("nar>", 4, "'nar' needs a number, such as 10MiB"),
        (
            "nar>10MiX",
            4,
            "'MiX' is not a unit: use B, KiB, MiB, GiB, TiB",
        ),
        ("nar>-5", 4, "'nar' needs a number, such as 10MiB"),
        ("depth=1M", 6, "'depth' counts, it has no unit 'M'"),
        (
            "perl change:gone",
            12,
            "a change is one of came, arrived, left, replaced, stayed",
        ),
        ("perl (nar>1", 5, "this parenthesis is never closed"),
        ("perl (", 5, "this parenthesis is never closed"),
        ("perl)", 4, "this parenthesis closes nothing"),
        ("perl and", 8, "something is missing here"),
        (
            "or perl",
            0,
            "something is missing before this word, or put it in quotation marks",
        ),
        ("()", 1, "something is missing before this"),
        ("not", 3, "something is missing here"),
        ("perl \"x", 5, "this quotation mark is never closed"),
        ("name:", 5, "'name:' needs a pattern"),
        ("kind:x", 5, "a kind is one of drv, source, output"),
        ("nar:5", 3, "compare with 'nar>…', 'nar<…' or 'nar=…'"),
        ("nar=<5", 3, "'=<' is not a comparison: use < <= = != >= >"),
        ("nar<?", 4, "unknown values have no order: use = or !="),
        ("nar>99999999999E", 4, "this number is too large"),
        ("nar>1.5", 4, "'nar' needs a number, such as 10MiB"),
        (">5", 0, "'>' has no column before it"),
    ];
    for (text, at, message) in cases {
        let error = Query::parse(text).expect_err(text);
        assert_eq!((error.at, error.message.as_str()), (at, message), "{text}");
    }
    let error = Query::parse("foo>5").expect_err("no such column");
    assert!(
        error
            .message
            .starts_with("there is no column 'foo'; columns are nar, ")
    );
    let error = Query::parse("a b:c").expect_err("no such key");
    assert_eq!(error.pointed_at("a b:c"), "a b:c\n  ^");
    let deep = "(".repeat(100_000);
    assert_eq!(
        Query::parse(&deep).expect_err("too deep").message,
        "nested too deeply"
    );
}

#[test]
fn an_unknown_selector_is_an_error_with_its_place() {
    let (graph, closure) = graph(STORE);
    let query = Query::parse("marked under:prel").expect("well formed");
    let error = query.resolve(&graph, &closure).expect_err("no such path");
    assert_eq!(error.at, 13);
    assert!(
        error
            .message
            .starts_with("nothing matches 'prel', did you mean"),
        "{error}"
    );
}

#[test]
fn the_parts_that_must_all_hold_are_told_apart() {
    let table: &[(&str, &[&str])] = &[
        ("", &[]),
        ("  perl ", &["perl"]),
        (
            "perl nar > 10 MiB not kind:drv",
            &["perl", "nar > 10 MiB", "not kind:drv"],
        ),
        ("a and (b or c) and !(d e)", &["a", "(b or c)", "!(d e)"]),
        ("a or b c", &["a or b c"]),
        ("\"and\" b", &["\"and\"", "b"]),
        ("nar> ", &["nar>"]),
        ("(a", &["(a"]),
    ];
    for (text, parts) in table {
        assert_eq!(Query::parts(text), *parts, "{text}");
    }
}

/// Parts of queries in every way of naming.
const ALTERNATIVES: &[&str] = &[
    "perl",
    "PERL",
    "lib",
    "\"perl\"",
    "zzz",
    "plr",
    "e",
    "marked",
    "kind:drv",
    "name:p*",
    "name:*3?",
    "name:ER",
    "name:[a-l]*",
    "pname:perl",
    "pname:*",
    "version:5*",
    "output:man",
    "output:out",
    "hash:0000",
    "hash:01",
    "00000000",
    "under:perl-5.36",
    "above:perl-5.36",
    "under:system",
    "(perl lib)",
    "(perl or lib)",
    "not perl",
    "name:*",
];

#[test]
fn sets_that_a_query_names_have_an_end_that_is_said() {
    let (graph, closure) = graph(STORE);
    let resolve = |text: &str| {
        Query::parse(text)
            .expect("a query")
            .resolve(&graph, &closure)
    };
    let many = vec!["under:etc"; 1000];
    assert!(
        resolve(&many.join(" or ")).is_ok(),
        "one walk for all alternatives"
    );
    let error = resolve(&many.join(" ")).expect_err("a walk for each");
    assert!(error.message.contains("more than 256 times"), "{error}");
    assert_eq!(error.at, 256 * "under:etc ".len() + "under:".len());
}

#[test]
fn words_and_columns_are_told_to_the_caller() {
    let query = Query::parse("perl nar>1 (a or retained=?) lib").expect("well formed");
    assert_eq!(query.words(), ["perl", "lib"]);
    assert_eq!(query.metrics(), [Metric::Nar, Metric::Retained]);
}

proptest! {
    #[test]
    fn no_text_breaks_the_parser(text in "\\PC{0,40}") {
        if let Err(error) = Query::parse(&text) {
            prop_assert!(error.at <= text.len());
            error.pointed_at(&text);
        }
    }

    #[test]
    fn many_alternatives_match_what_each_matches(
        parts in prop::collection::vec(prop::sample::select(ALTERNATIVES.to_vec()), 1..30)
    ) {
        let (graph, closure) = graph(STORE);
        let context = Context {
            graph: &graph,
            value: &|_, id| graph.nar_size(id).map(i128::from),
            change: &|id| Some(PathChange::WORDS[id.index() % 5].1),
            marked: &|id| id.index() % 2 == 0,
            accidental: &|_| None,
            word: &|word, id| fuzzy(word, graph.name(id)),
        };
        let filter = |text: &str| Query::parse(text).expect("a query").resolve(&graph, &closure).expect("known");
        let either = parts.join(" or ");
        let (whole, contrary) = (filter(&either), filter(&format!("not ({either})")));
        let each: Vec<Filter> = parts.iter().map(|part| filter(part)).collect();
        for id in graph.ids() {
            let found = each.iter().any(|one| one.matches(&context, id));
            prop_assert_eq!(whole.matches(&context, id), found, "{} {}", graph.name(id), either);
            prop_assert_eq!(contrary.matches(&context, id), !found, "{} {}", graph.name(id), either);
        }
    }

    #[test]
    fn no_mixture_of_pieces_breaks_the_parser(
        pieces in prop::collection::vec(prop::sample::select(vec!["(", ")", "not", "!", "and", "or", "nar", ">", "=", "5", "MiB", ":", "name", "\"", " ", "a"]), 0..14)
    ) {
        let text = pieces.concat();
        match Query::parse(&text) {
            Err(error) => prop_assert!(error.at <= text.len()),
            Ok(query) => {
                // Put together again, the parts say the same.
                let again = Query::parse(&Query::parts(&text).join(" ")).expect("still well formed");
                prop_assert_eq!(query.words(), again.words());
                prop_assert_eq!(query.metrics(), again.metrics());
            }
        }
    }
}

#[test]
fn every_query_of_the_manual_can_be_read() {
    let manual = include_str!("../../../../docs/query.md");
    let blocks = manual.split("```query\n").skip(1);
    let queries: Vec<&str> = blocks
        .flat_map(|block| block.split("```").next().unwrap_or("").lines())
        .collect();
    assert!(queries.len() > 10);
    for query in queries {
        Query::parse(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    }
}
