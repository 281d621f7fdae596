//! The language of the search line and of `--filter`: `perl nar>1MiB (depth=1 or under:systemd) not marked`.
//!
//! [`Query::parse`] reads a text, [`Query::resolve`] looks up the paths it names in a closure, [`Filter::matches`] decides
//! about one path. A path's metrics come from the caller's [`Context`]. `docs/query.md` is the manual.

mod compiled;
mod filter;
mod keys;
mod kind;
mod lexer;
mod matching;
mod parser;

use thiserror::Error;

use crate::model::{Closure, StoreGraph};

use super::analysed::Need;
use super::metric::Metric;
use super::path_change::PathChange;

pub use filter::{Context, Filter, fuzzy};
pub use keys::{joints, keys, states, values};
pub use kind::PathKind;
pub use matching::{MatchError, matching, matching_beside};
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
    /// A word that no name contains: names match that have its letters in their order.
    Loose(String),
    /// Exactly this text, somewhere in the name.
    Literal(String),
    Text(TextKey, String),
    Compare(Metric, Comparison, i128),
    /// Whether the value is unknown.
    Unknown(Metric),
    Kind(PathKind),
    /// What became of the path since the closure that this one is compared with.
    Change(PathChange),
    /// In the set with this number.
    Within(usize),
    /// One of the alternatives with this number.
    Any(usize),
    Marked,
    /// Whether only likely accidents hold the path.
    Accidental,
    Not(Box<Expression>),
    And(Vec<Expression>),
    Or(Vec<Expression>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
    fn holds(self, left: i128, right: i128) -> bool {
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

    /// Looks up what `under:` and `above:` name, and puts alternatives together that are better looked for at once.
    pub fn resolve(&self, graph: &StoreGraph, closure: &Closure) -> Result<Filter, QueryError> {
        compiled::filter(self, graph, closure)
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
                Expression::Text(TextKey::Name, pattern) => !super::glob::is_pattern(pattern),
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

    /// Whether the query asks for what became of paths, which only a comparison can tell.
    pub fn asks_for_changes(&self) -> bool {
        let mut asks = false;
        self.expression
            .each(&mut |part| asks |= matches!(part, Expression::Change(_)));
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
    fn each<'e>(&'e self, see: &mut dyn FnMut(&'e Self)) {
        match self {
            Self::Not(inner) => inner.each(see),
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.each(see)),
            single => see(single),
        }
    }
}

#[cfg(test)]
mod tests;
