//! `--filter`: the paths of the closure that a query matches.

use crate::analysis::Analysed;
use crate::analysis::query::{Context, Query, QueryError, fuzzy};
use crate::model::PathSet;

use super::failure::Failure;

/// Reads a query, before anything is loaded.
pub(super) fn parse(text: &str) -> Result<Query, Failure> {
    Query::parse(text).map_err(|error| failure(&error, text))
}

/// The paths that match. What has to be read from files was read before.
pub(super) fn matching(analysed: &Analysed, query: &Query, text: &str) -> Result<PathSet, Failure> {
    let (graph, closure) = (analysed.graph(), analysed.closure());
    let filter = query
        .resolve(graph, closure)
        .map_err(|error| failure(&error, text))?;
    for metric in query.metrics() {
        for &need in metric.needs() {
            analysed.prepare(need)?;
        }
    }
    let word = |word: &str, id| fuzzy(word, graph.name(id));
    let context = Context {
        graph,
        value: &|metric, id| metric.value(analysed, id).number(),
        marked: &|_| false,
        accidental: &|id| Some(analysed.known_accidents()?.contains(id)),
        word: &word,
    };
    let members = closure.members().iter();
    let matching = members.filter(|&id| filter.matches(&context, id));
    Ok(PathSet::of(graph.len(), matching))
}

fn failure(error: &QueryError, text: &str) -> Failure {
    let pointed_at = error.pointed_at(text).replace('\n', "\n  ");
    Failure::usage(
        format!("the query cannot be read: {error}\n  {pointed_at}"),
        "queries are made of words, comparisons and keys: perl nar>1MiB refs<2 under:systemd",
    )
}
