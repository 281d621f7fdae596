//! A query in one closure, evaluated for one path after another.

use std::fmt;
use std::sync::Arc;

use super::compiled::{Alternatives, asked};
use super::{Expression, PathKind, TextKey};
use crate::analysis::metric::Metric;
use crate::analysis::path_change::PathChange;
use crate::analysis::patterns::contains_ignoring_case;
use crate::analysis::select::SHORTEST_HASH_PREFIX;
use crate::model::{PathId, PathSet, StoreGraph};

/// What a filter asks about a path.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The graph the ids belong to.
    pub graph: &'a StoreGraph,
    /// A path's value, in the metric's unit; `None` if unknown.
    pub value: &'a dyn Fn(Metric, PathId) -> Option<i128>,
    /// What became of the path since another closure; `None` if this one is compared with none.
    pub change: &'a dyn Fn(PathId) -> Option<PathChange>,
    /// Whether the path is marked.
    pub marked: &'a dyn Fn(PathId) -> bool,
    /// Whether only likely accidents hold the path; `None` if no files were read.
    pub accidental: &'a dyn Fn(PathId) -> Option<bool>,
    /// Whether a word that no name contains matches the path's name: [`fuzzy`] everywhere, so that the same is found.
    pub word: &'a dyn Fn(&str, PathId) -> bool,
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}

/// A query with the paths that it names looked up in one closure.
#[derive(Debug, Clone)]
pub struct Filter {
    pub(super) expression: Expression,
    pub(super) sets: Vec<PathSet>,
    pub(super) alternatives: Vec<Arc<Alternatives>>,
    /// Whether a word is contained in no name.
    pub(super) loose: bool,
}

impl Filter {
    /// Whether a word is contained in no name, so that names match which have its letters in their order.
    pub fn is_loose(&self) -> bool {
        self.loose
    }

    /// Whether the path matches. A comparison with an unknown value is neither true nor false, and neither is its negation:
    /// such a path matches only what other parts of the query settle.
    pub fn matches(&self, context: &Context, id: PathId) -> bool {
        self.holds(&self.expression, context, id) == Some(true)
    }

    fn holds(&self, expression: &Expression, context: &Context, id: PathId) -> Option<bool> {
        let graph = context.graph;
        Some(match expression {
            Expression::All => true,
            Expression::Word(word) => {
                has_hash(graph, word, id) || contains_ignoring_case(graph.name(id), word)
            }
            Expression::Loose(word) => has_hash(graph, word, id) || (context.word)(word, id),
            Expression::Literal(text) => contains_ignoring_case(graph.name(id), text),
            Expression::Text(key, pattern) => text_matches(graph, *key, pattern, id),
            Expression::Compare(field, comparison, right) => {
                comparison.holds((context.value)(*field, id)?, *right)
            }
            Expression::Unknown(field) => (context.value)(*field, id).is_none(),
            Expression::Kind(kind) => PathKind::of(graph, id) == *kind,
            Expression::Change(change) => (context.change)(id)?.is(*change),
            Expression::Within(set) => self.sets[*set].contains(id),
            Expression::Any(some) => self.alternatives[*some].any(context, id),
            Expression::Marked => (context.marked)(id),
            Expression::Accidental => (context.accidental)(id)?,
            Expression::Not(inner) => !self.holds(inner, context, id)?,
            Expression::And(parts) => return self.all(parts, true, context, id),
            Expression::Or(parts) => return self.all(parts, false, context, id),
        })
    }

    /// `neutral` when all parts are, the contrary as soon as one is that, else unknown.
    fn all(
        &self,
        parts: &[Expression],
        neutral: bool,
        context: &Context,
        id: PathId,
    ) -> Option<bool> {
        let mut result = Some(neutral);
        for part in parts {
            match self.holds(part, context, id) {
                Some(value) if value != neutral => return Some(!neutral),
                Some(_) => {}
                None => result = None,
            }
        }
        result
    }
}

/// The beginning of a base name that a word may stand for, if it is long enough for one.
pub(super) fn hash_of<'w>(graph: &StoreGraph, word: &'w str) -> Option<&'w str> {
    let base = graph.store_dir().containing(word).unwrap_or(word);
    (base.len() >= SHORTEST_HASH_PREFIX).then_some(base)
}

fn has_hash(graph: &StoreGraph, word: &str, id: PathId) -> bool {
    hash_of(graph, word).is_some_and(|base| graph.base_name(id).starts_with(base))
}

fn text_matches(graph: &StoreGraph, key: TextKey, text: &str, id: PathId) -> bool {
    let (part, how) = asked(key, text);
    how.holds(text, part.of(graph, id))
}

/// Whether the letters of `word` occur in `text` in their order, upper and lower case alike.
pub fn fuzzy(word: &str, text: &str) -> bool {
    let mut rest = text.bytes();
    word.bytes()
        .all(|letter| rest.any(|other| other.eq_ignore_ascii_case(&letter)))
}
