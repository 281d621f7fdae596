//! `--filter`: the paths of the closure that a query matches.

use crate::analysis::Analysed;
use crate::analysis::query::{self, MatchError, Query, QueryError};
use crate::model::{Closure, PathSet};

use super::failure::Failure;

/// Reads a query, before anything is loaded.
pub(super) fn parse(text: &str) -> Result<Query, Failure> {
    Query::parse(text).map_err(|error| failure(&error, text))
}

/// The paths that match. What has to be read from files was read before.
pub(super) fn matching(analysed: &Analysed, query: &Query, text: &str) -> Result<PathSet, Failure> {
    matching_beside(analysed, analysed.closure(), query, text)
}

/// The same, among the paths of the closure and of the one that it is compared with: `both` has those of either.
pub(super) fn matching_beside(
    analysed: &Analysed,
    both: &Closure,
    query: &Query,
    text: &str,
) -> Result<PathSet, Failure> {
    query::matching_beside(analysed, both, query).map_err(|error| match error {
        MatchError::Query(error) => failure(&error, text),
        MatchError::Cancelled(cancelled) => cancelled.into(),
    })
}

fn failure(error: &QueryError, text: &str) -> Failure {
    let pointed_at = error.pointed_at(text).replace('\n', "\n  ");
    Failure::usage(
        format!("the query cannot be read: {error}\n  {pointed_at}"),
        "queries are made of words, comparisons and keys: perl nar>1MiB refs<2 under:systemd",
    )
}

#[cfg(feature = "tui")]
#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::app::facts::Facts;
    use crate::app::views::packages::rows::RowsQuery;
    use crate::job::Progress;
    use crate::model::{Closure, StoreGraph};
    use crate::testing::graph;

    const SYSTEM: &str = "app-1.0 5 -> lib-2.0 libxq tool perl-5.36\nlib-2.0 40 -> libc\nlibxq 7 -> libc\n\
        tool 300 -> lib-1.0\nlib-1.0 41 -> libc\nperl-5.36 900 -> perl-5.36-man libc\nperl-5.36-man 20\nlibc 60\nLIBrary 1";

    fn parts() -> impl Strategy<Value = String> {
        let words = prop::sample::select(vec![
            "lib",
            "LIB",
            "xq",
            "bx",
            "perl",
            "plr",
            "nothing",
            "0000",
            "00000000000000000000000000000002",
            "lib-",
            "\"lib\"",
            "\"l b\"",
            "nar>30",
            "nar<=41",
            "refs<1",
            "referrers>=2",
            "depth=1",
            "retained>50",
            "name:lib*",
            "name:c",
            "pname:perl",
            "version:5*",
            "output:man",
            "under:tool",
            "above:libc",
            "marked",
            "hash:0000",
            "/nix/store/00000000000000000000000000000003-perl-5.36",
        ]);
        (words, 0..4_u8).prop_map(|(word, before)| match before {
            0 => format!("not {word}"),
            _ => word.to_owned(),
        })
    }

    fn by_line(facts: &Facts, text: &str) -> Option<Vec<crate::model::PathId>> {
        let query = RowsQuery {
            text: text.to_owned(),
            ..RowsQuery::first(facts)
        };
        let found = query.run(&Progress::new()).expect("not cancelled");
        let mut rows = found.hits.to_vec();
        rows.sort_unstable();
        found.trouble.is_none().then_some(rows)
    }

    fn by_option(
        (graph, closure): (StoreGraph, Closure),
        text: &str,
    ) -> Option<Vec<crate::model::PathId>> {
        let analysed = Analysed::of(graph.into(), closure.roots(), &Progress::new());
        let query = Query::parse(text).ok()?;
        let found = matching(&analysed, &query, text).ok()?;
        Some(found.iter().collect())
    }

    proptest! {
        #[test]
        fn the_line_of_the_explorer_and_the_option_find_the_same(
            parts in prop::collection::vec(parts(), 1..4), joins in prop::collection::vec(any::<bool>(), 3)
        ) {
            let mut text = String::new();
            for (part, either) in parts.iter().zip(joins) {
                let join = if either { " or " } else { " " };
                text = if text.is_empty() { part.clone() } else { format!("{text}{join}{part}") };
            }
            let facts = Facts::in_test(graph(SYSTEM));
            prop_assert_eq!(by_line(&facts, &text), by_option(graph(SYSTEM), &text), "{}", text);
        }
    }
}
