//! The language of the search line and of `--filter`: `perl nar>1MiB (depth=1 or under:systemd) not marked`.
//!
//! [`Query::parse`] reads a text, [`Query::resolve`] looks up the paths it names in a closure, [`Filter::matches`] decides
//! about one path. A path's metrics come from the caller's [`Context`]. `docs/query.md` is the manual.

mod kind;
mod lexer;
mod matching;
mod parser;

use std::fmt;

use thiserror::Error;

use crate::model::{Closure, PathId, PathSet, StoreGraph};

use super::analysed::Need;
use super::glob;
use super::metric::Metric;
use super::select::{SHORTEST_HASH_PREFIX, select};
use super::why::reaching_all;

pub use kind::Kind;
pub use matching::{MatchError, matching};
pub use parser::size;

/// What is wrong with a query, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct QueryError {
    /// The byte in the query's text at which the trouble begins; its length if something is missing at the end.
    pub at: usize,
    /// What is wrong there.
    pub message: String,
}

impl QueryError {
    fn new(at: usize, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
        }
    }

    /// The query's text with a mark below the place: two lines.
    pub fn pointed_at(&self, text: &str) -> String {
        let before = text.get(..self.at).unwrap_or(text);
        let clean = crate::text::sanitise(text);
        let indent = crate::text::width(&crate::text::sanitise(before));
        format!("{clean}\n{:indent$}^", "")
    }
}

/// A parsed query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    expression: Expression,
    selections: Vec<Selection>,
}

/// A set of paths that the query names by a selector.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Selection {
    at: usize,
    selector: String,
    direction: Direction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    /// What the selected paths reach.
    Under,
    /// What reaches them.
    Above,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Expression {
    /// Everything: the empty query.
    All,
    Word(String),
    /// Exactly this text, somewhere in the name.
    Literal(String),
    Text(TextKey, String),
    Compare(Metric, Comparison, u64),
    /// Whether the value is unknown.
    Unknown(Metric),
    Kind(Kind),
    /// In the set with this number.
    Within(usize),
    Marked,
    /// Whether only likely accidents hold the path.
    Accidental,
    Not(Box<Expression>),
    And(Vec<Expression>),
    Or(Vec<Expression>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TextKey {
    Name,
    PackageName,
    Version,
    Output,
    Hash,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Less,
    AtMost,
    Equal,
    Differs,
    AtLeast,
    More,
}

impl Comparison {
    fn holds(self, left: u64, right: u64) -> bool {
        match self {
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::Equal => left == right,
            Self::Differs => left != right,
            Self::AtLeast => left >= right,
            Self::More => left > right,
        }
    }
}

/// What a filter asks about a path.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The graph the ids belong to.
    pub graph: &'a StoreGraph,
    /// A path's value, in the metric's unit; `None` if unknown.
    pub value: &'a dyn Fn(Metric, PathId) -> Option<u64>,
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

impl Query {
    /// Reads a query. The empty text matches everything.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        parser::parse(text)
    }

    /// The parts of a query's text that must all hold, as they stand there. A text that cannot be read is one part, and so
    /// is one with an `or` outside parentheses.
    pub fn parts(text: &str) -> Vec<&str> {
        parser::parts(text)
    }

    /// Looks up what `under:` and `above:` name.
    pub fn resolve(&self, graph: &StoreGraph, closure: &Closure) -> Result<Filter, QueryError> {
        let sets = self.selections.iter().map(|selection| {
            let found = select(graph, closure, &selection.selector).map_err(|error| {
                let hint = error.hint().map(|hint| format!(", {hint}"));
                QueryError::new(selection.at, format!("{error}{}", hint.unwrap_or_default()))
            })?;
            Ok(match selection.direction {
                Direction::Under => Closure::of(graph, &found).members().clone(),
                Direction::Above => reaching_all(graph, closure, &found),
            })
        });
        Ok(Filter {
            sets: sets.collect::<Result<_, QueryError>>()?,
            loose: self.loose_words(graph, closure),
            expression: self.expression.clone(),
        })
    }

    /// The words that no name contains: only these match by their letters.
    fn loose_words(&self, graph: &StoreGraph, closure: &Closure) -> Vec<String> {
        let mut loose = Vec::new();
        self.expression.each(&mut |part| {
            if let Expression::Word(word) = part {
                let mut members = closure.members().iter();
                if !members.any(|id| contains_ignoring_case(graph.name(id), word)) {
                    loose.push(word.clone());
                }
            }
        });
        loose
    }

    /// Whether the query is made of words alone.
    pub fn is_words(&self) -> bool {
        let is_word = |part: &Expression| matches!(part, Expression::Word(_));
        match &self.expression {
            Expression::And(parts) => parts.iter().all(is_word),
            single => is_word(single),
        }
    }

    /// Whether the query matches everything.
    pub fn is_empty(&self) -> bool {
        self.expression == Expression::All
    }

    /// The words that every match must contain, to be highlighted or ranked by.
    pub fn words(&self) -> Vec<&str> {
        match &self.expression {
            Expression::Word(word) | Expression::Literal(word) => vec![word],
            Expression::And(parts) => {
                let words = parts.iter().filter_map(|part| match part {
                    Expression::Word(word) | Expression::Literal(word) => Some(word.as_str()),
                    _ => None,
                });
                words.collect()
            }
            _ => Vec::new(),
        }
    }

    /// The metrics the query compares, so that a caller can compute them first.
    pub fn metrics(&self) -> Vec<Metric> {
        let mut metrics = Vec::new();
        self.expression.each(&mut |part| {
            if let Expression::Compare(metric, ..) | Expression::Unknown(metric) = part {
                metrics.push(*metric);
            }
        });
        metrics.sort_unstable();
        metrics.dedup();
        metrics
    }

    /// Whether files have to be read to answer it.
    pub fn asks_for_files(&self) -> bool {
        let on_disk = |metric: Metric| metric.needs().contains(&Need::DiskSizes);
        self.asks_for_accidents() || self.metrics().into_iter().any(on_disk)
    }

    /// Whether it asks somewhere for a piece of a name: by a word, or by `name:` without a pattern.
    pub fn asks_for_pieces_of_names(&self) -> bool {
        let mut asks = false;
        self.expression.each(&mut |part| {
            asks |= match part {
                Expression::Word(_) | Expression::Literal(_) => true,
                Expression::Text(TextKey::Name, pattern) => !glob::is_pattern(pattern),
                _ => false,
            };
        });
        asks
    }

    /// Whether it asks for what is marked, which only the explorer knows.
    pub fn asks_for_marks(&self) -> bool {
        let mut asks = false;
        self.expression
            .each(&mut |part| asks |= *part == Expression::Marked);
        asks
    }

    /// Whether the query asks for what only likely accidents hold. Then a caller has files to read first.
    pub fn asks_for_accidents(&self) -> bool {
        let mut asks = false;
        self.expression
            .each(&mut |part| asks |= *part == Expression::Accidental);
        asks
    }
}

impl Expression {
    /// Shows every expression that is no combination of others.
    fn each(&self, see: &mut dyn FnMut(&Self)) {
        match self {
            Self::Not(inner) => inner.each(see),
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.each(see)),
            single => see(single),
        }
    }
}

/// A query with the paths that it names looked up in one closure.
#[derive(Debug, Clone)]
pub struct Filter {
    expression: Expression,
    sets: Vec<PathSet>,
    loose: Vec<String>,
}

impl Filter {
    /// Whether a word is contained in no name, so that names match which have its letters in their order.
    pub fn is_loose(&self) -> bool {
        !self.loose.is_empty()
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
                let base = graph.store_dir().containing(word).unwrap_or(word);
                let by_hash =
                    base.len() >= SHORTEST_HASH_PREFIX && graph.base_name(id).starts_with(base);
                by_hash
                    || if self.loose.contains(word) {
                        (context.word)(word, id)
                    } else {
                        contains_ignoring_case(graph.name(id), word)
                    }
            }
            Expression::Literal(text) => contains_ignoring_case(graph.name(id), text),
            Expression::Text(key, pattern) => text_matches(graph, *key, pattern, id),
            Expression::Compare(field, comparison, right) => {
                comparison.holds((context.value)(*field, id)?, *right)
            }
            Expression::Unknown(field) => (context.value)(*field, id).is_none(),
            Expression::Kind(kind) => Kind::of(graph, id) == *kind,
            Expression::Within(set) => self.sets[*set].contains(id),
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

fn text_matches(graph: &StoreGraph, key: TextKey, pattern: &str, id: PathId) -> bool {
    let package = || graph.package(id);
    match key {
        TextKey::Name if glob::is_pattern(pattern) => glob::matches(pattern, graph.name(id)),
        TextKey::Name => contains_ignoring_case(graph.name(id), pattern),
        TextKey::PackageName => glob::matches(pattern, package().pname),
        TextKey::Version => glob::matches(pattern, package().version),
        TextKey::Output => glob::matches(pattern, package().output.unwrap_or("out")),
        TextKey::Hash => graph.hash_part(id).starts_with(pattern),
    }
}

fn contains_ignoring_case(text: &str, part: &str) -> bool {
    part.is_empty()
        || text
            .as_bytes()
            .windows(part.len())
            .any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

/// Whether the letters of `word` occur in `text` in their order, upper and lower case alike.
pub fn fuzzy(word: &str, text: &str) -> bool {
    let mut rest = text.bytes();
    word.bytes()
        .all(|letter| rest.any(|other| other.eq_ignore_ascii_case(&letter)))
}

#[cfg(test)]
mod tests;
