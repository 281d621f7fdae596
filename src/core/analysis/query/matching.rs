//! All members of a closure that match a query.

use thiserror::Error;

use crate::analysis::analysed::Analysed;
use crate::job::Cancelled;
use crate::model::PathSet;

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
    let (graph, closure) = (analysed.graph(), analysed.closure());
    let filter = query.resolve(graph, closure)?;
    for metric in query.metrics() {
        for &need in metric.needs() {
            analysed.prepare(need)?;
        }
        if metric.compares() && !metric.is_ready(analysed) {
            let message = format!(
                "'{}' is known only where two closures are compared: `diff` and the explorer do that",
                metric.key()
            );
            return Err(QueryError::new(0, message).into());
        }
    }
    let word = |word: &str, id| fuzzy(word, graph.name(id));
    let context = Context {
        graph,
        value: &|metric, id| metric.value(analysed, id).signed(),
        marked: &|_| false,
        accidental: &|id| Some(analysed.known_accidents()?.contains(id)),
        word: &word,
    };
    let members = closure.members().iter();
    let matching = members.filter(|&id| filter.matches(&context, id));
    Ok(PathSet::of(graph.len(), matching))
}
