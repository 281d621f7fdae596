//! From a query to a filter: alternatives that are texts are looked for all at once, and what `under:` and `above:` name is
//! walked once for all alternatives, so that thousands of alternatives cost little more than one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::filter::{Context, Filter, hash_of};
use super::{Direction, Expression, Query, QueryError, TextKey};
use crate::analysis::glob;
use crate::analysis::patterns::{How, MANY, Patterns, SAMPLE, contains_ignoring_case};
use crate::analysis::select::{SHORTEST_HASH_PREFIX, select, select_each};
use crate::analysis::why::reaching_all;
use crate::model::{Closure, PathId, PathSet, StoreGraph};

/// Sets of paths that one query names, at most: each is a walk of its own.
const MOST_SETS: usize = 256;

/// The filter of a query in one closure.
pub(super) fn filter(
    query: &Query,
    graph: &StoreGraph,
    closure: &Closure,
) -> Result<Filter, QueryError> {
    let mut compiler = Compiler {
        query,
        graph,
        closure,
        selected: selected(query, graph, closure)?,
        loose: loose_words(query, graph, closure),
        sets: Vec::new(),
        alternatives: Vec::new(),
    };
    let expression = compiler.expression(&query.expression)?;
    Ok(Filter {
        expression,
        sets: compiler.sets,
        alternatives: compiler.alternatives,
        loose: !compiler.loose.is_empty(),
    })
}

/// The paths that each selector of a query means.
fn selected(
    query: &Query,
    graph: &StoreGraph,
    closure: &Closure,
) -> Result<Vec<Vec<PathId>>, QueryError> {
    let selectors = query.selections.iter().map(|one| one.selector.as_str());
    let found = select_each(graph, closure, &selectors.collect::<Vec<_>>());
    let found = query.selections.iter().zip(found).map(|(one, found)| {
        let found = found.map_or_else(|| select(graph, closure, &one.selector), Ok);
        found.map_err(|error| {
            let hint = error.hint().map(|hint| format!(", {hint}"));
            QueryError::new(one.at, format!("{error}{}", hint.unwrap_or_default()))
        })
    });
    found.collect()
}

/// The words that no name contains and no hash part begins with: only these match by their letters.
fn loose_words<'q>(query: &'q Query, graph: &StoreGraph, closure: &Closure) -> BTreeSet<&'q str> {
    let mut words = BTreeSet::new();
    query.expression.each(&mut |part| {
        if let Expression::Word(word) = part {
            words.insert(word.as_str());
        }
    });
    words.retain(|word| !means_hash(graph, closure, word));
    let names = || closure.members().iter().map(|id| graph.name(id));
    if words.len() < MANY {
        words.retain(|word| !names().any(|name| contains_ignoring_case(name, word)));
        return words;
    }
    let list: Vec<&str> = words.iter().copied().collect();
    let texts = sample(graph).map(|id| graph.name(id));
    let patterns = Patterns::of(list.iter().map(|word| (How::Contained, *word)), texts);
    let mut left = list.len();
    for name in names() {
        patterns.each(name, &mut |at| {
            left -= usize::from(words.remove(list[at]));
            left > 0
        });
        if left == 0 {
            break;
        }
    }
    words
}

/// Whether a word is a store path, or the beginning of a hash part, of a member.
fn means_hash(graph: &StoreGraph, closure: &Closure, word: &str) -> bool {
    let base = graph.store_dir().containing(word).unwrap_or(word);
    let mut hashed = graph.with_prefix(base);
    base.len() >= SHORTEST_HASH_PREFIX && hashed.any(|id| closure.contains(id))
}

/// Some of the paths, from all over the graph.
fn sample(graph: &StoreGraph) -> impl Iterator<Item = PathId> + '_ {
    graph.ids().step_by(graph.len() / SAMPLE + 1)
}

struct Compiler<'a> {
    query: &'a Query,
    graph: &'a StoreGraph,
    closure: &'a Closure,
    selected: Vec<Vec<PathId>>,
    loose: BTreeSet<&'a str>,
    sets: Vec<PathSet>,
    alternatives: Vec<Arc<Alternatives>>,
}

impl Compiler<'_> {
    fn expression(&mut self, expression: &Expression) -> Result<Expression, QueryError> {
        Ok(match expression {
            Expression::Word(word) if self.loose.contains(word.as_str()) => {
                Expression::Loose(word.clone())
            }
            Expression::Within(selection) => {
                let direction = self.query.selections[*selection].direction;
                self.within(direction, &[*selection])?
            }
            Expression::Not(inner) => Expression::Not(Box::new(self.expression(inner)?)),
            Expression::And(parts) => {
                let parts = parts.iter().map(|part| self.expression(part));
                Expression::And(parts.collect::<Result<_, _>>()?)
            }
            Expression::Or(parts) => self.either(parts)?,
            other => other.clone(),
        })
    }

    /// Alternatives: texts together, and what is named in one direction together.
    fn either(&mut self, parts: &[Expression]) -> Result<Expression, QueryError> {
        let mut named: BTreeMap<Direction, Vec<usize>> = BTreeMap::new();
        let (mut texts, mut compiled) = (Vec::new(), Vec::new());
        for part in parts {
            match part {
                Expression::Within(selection) => {
                    let direction = self.query.selections[*selection].direction;
                    named.entry(direction).or_default().push(*selection);
                }
                Expression::Word(_) | Expression::Literal(_) | Expression::Text(..) => {
                    texts.push(self.expression(part)?);
                }
                other => compiled.push(self.expression(other)?),
            }
        }
        if texts.len() < MANY {
            compiled.append(&mut texts);
        } else {
            let together = Alternatives::of(&texts, self.graph);
            compiled.push(Expression::Any(self.alternatives.len()));
            self.alternatives.push(Arc::new(together));
        }
        for (direction, selections) in named {
            compiled.push(self.within(direction, &selections)?);
        }
        Ok(Expression::Or(compiled))
    }

    /// What some selections reach, or what reaches them.
    fn within(
        &mut self,
        direction: Direction,
        selections: &[usize],
    ) -> Result<Expression, QueryError> {
        if self.sets.len() == MOST_SETS {
            let at = selections
                .first()
                .map_or(0, |&one| self.query.selections[one].at);
            let message = format!("more than {MOST_SETS} times under: and above: in one query");
            return Err(QueryError::new(at, message));
        }
        let mut found: Vec<PathId> = Vec::new();
        for &one in selections {
            found.extend(&self.selected[one]);
        }
        found.sort_unstable();
        found.dedup();
        self.sets.push(match direction {
            Direction::Under => Closure::of(self.graph, &found).members().clone(),
            Direction::Above => reaching_all(self.graph, self.closure, &found),
        });
        Ok(Expression::Within(self.sets.len() - 1))
    }
}

/// A part of what a path is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NamePart {
    Name,
    BaseName,
    Package,
    Version,
    Output,
    Hash,
}

impl NamePart {
    pub(super) fn of(self, graph: &StoreGraph, id: PathId) -> &str {
        match self {
            Self::Name => graph.name(id),
            Self::BaseName => graph.base_name(id),
            Self::Package => graph.package(id).pname,
            Self::Version => graph.package(id).version,
            Self::Output => graph.package(id).output.unwrap_or("out"),
            Self::Hash => graph.hash_part(id),
        }
    }
}

/// Texts of which one has to match, looked for all at once.
#[derive(Debug)]
pub(super) struct Alternatives {
    parts: Vec<(NamePart, Patterns)>,
    /// Words that no name contains, each with the letters that it has.
    loose: Vec<(u64, String)>,
}

impl Alternatives {
    fn of(texts: &[Expression], graph: &StoreGraph) -> Self {
        let mut parts: BTreeMap<NamePart, BTreeSet<(How, &str)>> = BTreeMap::new();
        let mut loose = BTreeSet::new();
        let mut add = |part, how, text| {
            parts.entry(part).or_default().insert((how, text));
        };
        for text in texts {
            match text {
                Expression::Word(word) | Expression::Loose(word) => {
                    if let Some(base) = hash_of(graph, word) {
                        add(NamePart::BaseName, How::Begins, base);
                    }
                    if matches!(text, Expression::Word(_)) {
                        add(NamePart::Name, How::Contained, word);
                    } else {
                        loose.insert((letters(word), word.clone()));
                    }
                }
                Expression::Literal(text) => add(NamePart::Name, How::Contained, text),
                Expression::Text(key, text) => {
                    let (part, how) = asked(*key, text);
                    add(part, how, text);
                }
                _ => {}
            }
        }
        let parts = parts.into_iter().map(|(part, list)| {
            let texts = sample(graph).map(|id| part.of(graph, id));
            (part, Patterns::of(list, texts))
        });
        Self {
            parts: parts.collect(),
            loose: loose.into_iter().collect(),
        }
    }

    /// Whether a path matches one of them.
    pub(super) fn any(&self, context: &Context, id: PathId) -> bool {
        let graph = context.graph;
        let mut parts = self.parts.iter();
        parts.any(|(part, patterns)| patterns.any(part.of(graph, id))) || {
            let has = letters(graph.name(id));
            let mut words = self.loose.iter().filter(|(needs, _)| needs & !has == 0);
            words.any(|(_, word)| (context.word)(word, id))
        }
    }
}

/// What a text is held against, and how.
pub(super) fn asked(key: TextKey, text: &str) -> (NamePart, How) {
    match key {
        TextKey::Name if glob::is_pattern(text) => (NamePart::Name, How::Pattern),
        TextKey::Name => (NamePart::Name, How::Contained),
        TextKey::PackageName => (NamePart::Package, How::Pattern),
        TextKey::Version => (NamePart::Version, How::Pattern),
        TextKey::Output => (NamePart::Output, How::Pattern),
        TextKey::Hash => (NamePart::Hash, How::Begins),
    }
}

/// Which letters a text has: a bit for each, several letters sharing one.
fn letters(text: &str) -> u64 {
    let bits = text
        .bytes()
        .map(|byte| 1 << (byte.to_ascii_lowercase() & 63));
    bits.fold(0, |all: u64, bit: u64| all | bit)
}
