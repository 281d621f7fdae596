//! `--filter`: the paths of the closure that a query matches.

use crate::analysis::Analysed;
use crate::analysis::query::{self, MatchError, Query, QueryError};
use crate::model::PathSet;

use super::failure::Failure;

/// Reads a query, before anything is loaded.
pub(super) fn parse(text: &str) -> Result<Query, Failure> {
    Query::parse(text).map_err(|error| failure(&error, text))
}

/// The paths that match. What has to be read from files was read before.
pub(super) fn matching(analysed: &Analysed, query: &Query, text: &str) -> Result<PathSet, Failure> {
    query::matching(analysed, query).map_err(|error| match error {
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
