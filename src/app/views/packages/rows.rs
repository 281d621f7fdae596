//! Which rows the table of packages has, in which order: sorting and finding as one job.

use std::sync::Arc;

use crate::analysis::absent::Absent;
use crate::analysis::analysed::Need;
use crate::analysis::name_matcher::NameMatcher;
use crate::analysis::path_change::PathChange;
use crate::analysis::query::{self, Context, Filter, Query, QueryError};
use crate::analysis::what_if::Total;
use crate::job::{Cancelled, Progress, parallel};
use crate::model::store_path::are_nix_base32;
use crate::model::{PathId, PathSet};

use crate::app::facts::{Facts, Metric, Sort};

/// Names matched by one thread at a time.
const CHUNK: usize = 4 * 1024;

/// What is wanted.
#[derive(Debug, Clone)]
pub struct RowsQuery {
    /// What is known.
    pub facts: Facts,
    /// What to sort by.
    pub sort: Sort,
    /// The column of the bars.
    pub barred: Metric,
    /// The value that fills a bar, if that is known already.
    pub scale: Option<u64>,
    /// What was typed.
    pub text: String,
    /// Whether the best matches come first, or the sort holds.
    pub by_match: bool,
    /// All paths in the order wanted, if that is known already.
    pub sorted: Option<Arc<[PathId]>>,
    /// What is marked for removal.
    pub marked: Vec<PathId>,
    /// The paths among which to search, in the order wanted: those that matched a shorter text.
    pub narrowed: Option<Arc<[PathId]>>,
    /// Among how many of them, if a first answer is better than a late one.
    pub first: Option<usize>,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct FoundRows {
    /// What the rows are sorted by.
    pub sort: Sort,
    /// The value that fills a bar: the largest below half the closure. What holds everything together
    /// would dwarf all others.
    pub scale: u64,
    /// Which text they match.
    pub text: String,
    /// The words of it whose letters are to be highlighted.
    pub words: String,
    /// What is wrong with it; all rows are shown then.
    pub trouble: Option<String>,
    /// Whether it is not a query, rather than one that cannot be answered yet.
    pub mistaken: bool,
    /// Whether nothing of it can be read, so that what was found before says more.
    pub unread: bool,
    /// All paths, sorted.
    pub sorted: Arc<[PathId]>,
    /// Those that match, sorted.
    pub hits: Arc<[PathId]>,
    /// Those that match, as they are shown.
    pub rows: Arc<[PathId]>,
    /// How their names match.
    pub matched: Matched,
    /// What is known of a path that was named in full and is not there.
    pub absent: Option<Absent>,
    /// Whether only the first paths have been looked at.
    pub partial: bool,
    /// What those that match are together, without what is gone; unknown while nothing is asked for.
    pub total: Option<Total>,
}

/// How names match what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matched {
    /// They contain the words.
    Contained,
    /// No name contains one of the words: they have its letters in their order.
    Similar,
}

impl Matched {
    fn by(filter: &Filter) -> Self {
        if filter.is_loose() {
            Self::Similar
        } else {
            Self::Contained
        }
    }
}

impl RowsQuery {
    /// What is shown of a closure at first: all of it, largest retained size first.
    pub fn first(facts: &Facts) -> Self {
        Self {
            facts: facts.clone(),
            sort: Sort::by(Metric::Retained),
            barred: Metric::Retained,
            scale: None,
            text: String::new(),
            by_match: false,
            sorted: None,
            marked: Vec::new(),
            narrowed: None,
            first: None,
        }
    }

    /// Sorts, then finds.
    pub fn run(self, progress: &Progress) -> Result<FoundRows, Cancelled> {
        let sorted = match &self.sorted {
            Some(sorted) => Arc::clone(sorted),
            None => self.sorted_members(),
        };
        progress.check()?;
        let mut found = FoundRows {
            sort: self.sort,
            scale: self.scale.unwrap_or_else(|| self.largest()),
            text: self.text.clone(),
            words: String::new(),
            trouble: None,
            mistaken: false,
            unread: false,
            hits: Arc::from([]),
            rows: Arc::from([]),
            matched: Matched::Contained,
            absent: None,
            partial: false,
            total: None,
            sorted,
        };
        if self.text.trim().is_empty() {
            self.show_all(&mut found);
        } else {
            self.find(&mut found, progress)?;
        }
        Ok(found)
    }

    /// Every path, but for those that were replaced: what came in the place of each stands for both.
    fn show_all(&self, found: &mut FoundRows) {
        let is_replaced = |id: &PathId| self.facts.change(*id) == Some(PathChange::Replaced);
        found.hits = if found.sorted.iter().any(is_replaced) {
            let all = found.sorted.iter().copied();
            all.filter(|id| !is_replaced(id)).collect()
        } else {
            Arc::clone(&found.sorted)
        };
        found.rows = Arc::clone(&found.hits);
    }

    fn find(&self, found: &mut FoundRows, progress: &Progress) -> Result<(), Cancelled> {
        let words = self.plain_words();
        // Where no name contains a word, more may match than did before.
        let narrows = words.as_ref().is_some_and(|filter| !filter.is_loose());
        let narrowed = self.narrowed.as_ref().filter(|_| narrows);
        let all = narrowed.unwrap_or(&found.sorted);
        let among = &all[..self.first.map_or(all.len(), |first| first.min(all.len()))];
        let partial = among.len() < all.len();
        let scored = if let Some(filter) = &words {
            found.words.clone_from(&self.text);
            found.matched = Matched::by(filter);
            let scored = self.filtered(among, filter, self.text.trim(), progress)?;
            self.hashed_first(scored)
        } else {
            let (graph, closure) = (self.facts.graph(), self.facts.everything());
            let read = |text: &str| {
                let query = Query::parse(text)?;
                let filter = query.resolve(graph, closure)?;
                Ok((self.unanswered(&query), query.words().join(" "), filter))
            };
            let parsed = read(&self.text).or_else(|error: QueryError| {
                // What is still being typed comes last: the rest is a query already.
                let Ok(rest) = read(without_last_word(&self.text)) else {
                    return Err(error);
                };
                (found.trouble, found.mistaken) = (Some(error.to_string()), true);
                Ok(rest)
            });
            match parsed {
                Ok((Some(unanswered), ..)) => {
                    found.trouble = Some(format!("{unanswered}: all are shown"));
                    self.show_all(found);
                    return Ok(());
                }
                Ok((None, words, filter)) => {
                    found.words = words;
                    found.matched = Matched::by(&filter);
                    self.filtered(among, &filter, &found.words, progress)?
                }
                Err(error) => {
                    found.trouble = Some(error.to_string());
                    (found.mistaken, found.unread) = (true, true);
                    self.show_all(found);
                    return Ok(());
                }
            }
        };
        found.partial = partial;
        if scored.is_empty() && !partial {
            found.absent = self.absent();
        }
        found.hits = scored.iter().map(|(id, _)| *id).collect();
        let there = |id: &PathId| self.facts.closure().contains(*id);
        let there = found.hits.iter().copied().filter(there);
        found.total = Some(Total::of_paths(self.facts.graph(), there));
        found.rows = if self.by_match {
            best_first(&scored)
        } else {
            Arc::clone(&found.hits)
        };
        Ok(())
    }

    /// The paths that a query matches, in the order given, those whose names match its words best with most points.
    fn filtered(
        &self,
        among: &[PathId],
        filter: &Filter,
        words: &str,
        progress: &Progress,
    ) -> Result<Vec<(PathId, u16)>, Cancelled> {
        let graph = self.facts.graph();
        let marked = PathSet::of(graph.len(), self.marked.iter().copied());
        let chunks: Vec<&[PathId]> = among.chunks(CHUNK).collect();
        let found = parallel(chunks.len(), |at| {
            progress.check()?;
            let accidents = self.facts.accidents();
            let context = Context {
                graph,
                value: &|metric, id| self.facts.value(metric, id).signed(),
                change: &|id| self.facts.change(id),
                marked: &|id| marked.contains(id),
                accidental: &|id| Some(accidents?.contains(id)),
                word: &|word, id| query::fuzzy(word, graph.name(id)),
            };
            // Where the sort holds, nothing asks how well a name matches.
            let mut matcher = self.by_match.then(|| NameMatcher::of(words));
            let mut score = |id| {
                let points = matcher.as_mut().and_then(|one| one.score(graph.name(id)));
                points.unwrap_or(0)
            };
            let hits = chunks[at]
                .iter()
                .filter(|&&id| filter.matches(&context, id));
            Ok(hits.map(|&id| (id, score(id))).collect::<Vec<_>>())
        })?;
        Ok(found.concat())
    }

    /// What the closure tells of a path that is named in full.
    fn absent(&self) -> Option<Absent> {
        let (graph, closure) = (self.facts.graph(), self.facts.everything());
        let absent = Absent::of(graph, closure, self.text.trim());
        absent.is_path.then_some(absent)
    }

    /// What the query asks for and is not computed: nothing would match, for no reason to be seen.
    fn unanswered(&self, query: &Query) -> Option<String> {
        if query.asks_for_changes() && !self.facts.has(Need::Deltas) {
            return Some("what changed is not known".to_owned());
        }
        if query.asks_for_accidents() && self.facts.accidents().is_none() {
            return Some("files are not read".to_owned());
        }
        let mut metrics = query.metrics().into_iter();
        let metric = metrics.find(|&metric| !self.facts.is_ready(metric))?;
        Some(format!("{} is not known", metric.key()))
    }

    fn largest(&self) -> u64 {
        let closure = self.facts.closure();
        let half = closure.known_nar_size() / 2;
        let value = |id| self.facts.value(self.barred, id).number();
        let (mut small, mut any) = (0, 0);
        for number in closure.members().iter().filter_map(value) {
            any = any.max(number);
            if number <= half {
                small = small.max(number);
            }
        }
        if small > 0 { small } else { any }
    }

    fn sorted_members(&self) -> Arc<[PathId]> {
        let mut ids: Vec<PathId> = self.facts.everything().members().iter().collect();
        self.facts.sort(&mut ids, self.sort);
        ids.into()
    }

    /// The filter of a text that is only words.
    fn plain_words(&self) -> Option<Filter> {
        if !is_plain(&self.text) {
            return None;
        }
        let query = Query::parse(&self.text).ok()?;
        query
            .resolve(self.facts.graph(), self.facts.everything())
            .ok()
    }

    /// The same with the paths in front of which the hash part begins with the text.
    fn hashed_first(&self, mut scored: Vec<(PathId, u16)>) -> Vec<(PathId, u16)> {
        let (graph, needle) = (self.facts.graph(), self.text.trim());
        if is_hash_like(needle) {
            let hashed = graph
                .with_prefix(needle)
                .filter(|&id| self.facts.everything().contains(id));
            let hashed: Vec<_> = hashed.map(|id| (id, u16::MAX)).collect();
            let first = PathSet::of(graph.len(), hashed.iter().map(|(id, _)| *id));
            scored.retain(|(id, _)| !first.contains(*id));
            scored.splice(0..0, hashed);
        }
        scored
    }
}

/// A text without the word, or the parentheses, that it ends in.
fn without_last_word(text: &str) -> &str {
    let ends = |character: char| character.is_whitespace() || character == '(';
    let kept = text.trim_end_matches(ends);
    if kept.len() < text.trim_end().len() {
        return kept;
    }
    let word = kept.rfind(ends).map_or(0, |at| at + 1);
    // Where a space is wider than a byte, nothing is left to be read either.
    kept.get(..word).unwrap_or_default().trim_end_matches(ends)
}

/// Whether a text is only words, nothing of the query language.
pub(crate) fn is_plain(text: &str) -> bool {
    // What the fuzzy matcher takes as signs of its own is plain too; no name has a slash, but store paths do.
    let words = text.split_whitespace().count();
    !text.contains(['(', ')', '<', '>', '=', ':', '"', '/'])
        && Query::parse(text).is_ok_and(|query| query.words().len() == words)
}

/// Whether a text asks for hash parts too: four characters that one may begin with do.
pub(crate) fn is_hash_like(text: &str) -> bool {
    text.len() >= 4 && are_nix_base32(text.as_bytes())
}

/// Best scores first, equal ones in the order they came in. By counting: a comparison sort of a million hits takes longer
/// than finding them.
fn best_first(scored: &[(PathId, u16)]) -> Arc<[PathId]> {
    let mut starts = vec![0_usize; usize::from(u16::MAX) + 2];
    for (_, score) in scored {
        starts[usize::from(u16::MAX - score) + 1] += 1;
    }
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    let Some(&(first, _)) = scored.first() else {
        return Arc::from([]);
    };
    let mut rows = vec![first; scored.len()];
    for (id, score) in scored {
        let slot = &mut starts[usize::from(u16::MAX - score)];
        rows[*slot] = *id;
        *slot += 1;
    }
    rows.into()
}
