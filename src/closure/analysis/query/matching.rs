//! All members of a closure that match a query.

use thiserror::Error;

use crate::analysis::analysed::Analysed;
use crate::job::Cancelled;
use crate::model::{Closure, PathSet};

use super::{Context, Query, QueryError, fuzzy};

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MatchError {
    /// A path that the query names is not there.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The work was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// The members that match. What only files tell was read before; nothing is marked.
pub fn matching(analysed: &Analysed, query: &Query) -> Result<PathSet, MatchError> {
    matching_beside(analysed, analysed.closure(), query)
}

/// As [`matching`], among the members of a closure and of the one that it is compared with: `both` has those of either.
pub fn matching_beside(
    analysed: &Analysed,
    both: &Closure,
    query: &Query,
) -> Result<PathSet, MatchError> {
    let graph = analysed.graph();
    let filter = query.resolve(graph, both)?;
    for metric in query.metrics() {
        for &need in metric.needs() {
            analysed.prepare(need)?;
        }
        if metric.compares() && !metric.is_ready(analysed) {
            return Err(compares(metric.key()).into());
        }
    }
    let deltas = analysed.known_deltas();
    if query.asks_for_changes() && deltas.is_none() {
        return Err(compares("change:").into());
    }
    let word = |word: &str, id| fuzzy(word, graph.name(id));
    let context = Context {
        graph,
        value: &|metric, id| metric.value_beside(analysed, id).signed(),
        change: &|id| deltas?.change(id),
        marked: &|_| false,
        accidental: &|id| Some(analysed.known_accidents()?.contains(id)),
        word: &word,
    };
    let members = both.members().iter();
    let matching = members.filter(|&id| filter.matches(&context, id));
    Ok(PathSet::of(graph.len(), matching))
}

/// Something that only a comparison tells is asked of one closure.
fn compares(key: &str) -> QueryError {
    let message = format!(
        "'{key}' is known only where two closures are compared: `diff` and the explorer do that"
    );
    QueryError::new(0, message)
}
