//! Which rows the table of packages has, in which order: sorting and finding as one job.

use std::sync::Arc;

use frizbee::{CaseMatching, Config, Matcher, Matching, SortStrategy};

use crate::job::{Cancelled, Progress, parallel};
use crate::model::PathId;
use crate::model::store_path::is_nix_base32;

use super::facts::{Facts, Field, Sort};

/// Names matched by one thread at a time.
const CHUNK: usize = 16 * 1024;

/// What is wanted.
#[derive(Debug, Clone)]
pub struct RowsQuery {
    /// What is known.
    pub facts: Facts,
    /// What to sort by.
    pub sort: Sort,
    /// The column of the bars.
    pub barred: Field,
    /// The value that fills a bar, if that is known already.
    pub scale: Option<u64>,
    /// What was typed.
    pub text: String,
    /// Whether the best matches come first, or the sort holds.
    pub by_match: bool,
    /// All paths in the order wanted, if that is known already.
    pub sorted: Option<Arc<[PathId]>>,
    /// The paths among which to search, in the order wanted: those that matched a shorter text.
    pub narrowed: Option<Arc<[PathId]>>,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// What the rows are sorted by.
    pub sort: Sort,
    /// The value that fills a bar: the largest that is not a root's, which would dwarf all others.
    pub scale: u64,
    /// Which text they match.
    pub text: String,
    /// All paths, sorted.
    pub sorted: Arc<[PathId]>,
    /// Those that match, sorted.
    pub hits: Arc<[PathId]>,
    /// Those that match, as they are shown.
    pub rows: Arc<[PathId]>,
}

impl RowsQuery {
    /// Sorts, then finds.
    pub fn run(self, progress: &Progress) -> Result<Found, Cancelled> {
        let sorted = match &self.sorted {
            Some(sorted) => Arc::clone(sorted),
            None => self.sorted_members(),
        };
        progress.check()?;
        let scale = self.scale.unwrap_or_else(|| self.largest());
        if self.text.trim().is_empty() {
            let rows = Arc::clone(&sorted);
            return Ok(Found {
                sort: self.sort,
                scale,
                text: self.text,
                hits: Arc::clone(&rows),
                rows,
                sorted,
            });
        }
        let among = self.narrowed.as_ref().unwrap_or(&sorted);
        let scored = self.scores(among, progress)?;
        let hits: Arc<[PathId]> = scored.iter().map(|(id, _)| *id).collect();
        let rows = if self.by_match {
            best_first(&scored)
        } else {
            Arc::clone(&hits)
        };
        Ok(Found {
            sort: self.sort,
            scale,
            text: self.text,
            sorted,
            hits,
            rows,
        })
    }

    fn largest(&self) -> u64 {
        let closure = self.facts.closure();
        let value = |id| self.facts.value(self.barred, id).number();
        let others = closure
            .members()
            .iter()
            .filter(|id| !closure.roots().contains(id));
        let largest = others.filter_map(value).max();
        largest
            .or_else(|| closure.roots().iter().filter_map(|&id| value(id)).max())
            .unwrap_or(0)
    }

    fn sorted_members(&self) -> Arc<[PathId]> {
        let mut ids: Vec<PathId> = self.facts.closure().members().iter().collect();
        self.facts.sort(&mut ids, self.sort);
        ids.into()
    }

    /// The paths that match, in the order given, with how well they do.
    fn scores(
        &self,
        among: &[PathId],
        progress: &Progress,
    ) -> Result<Vec<(PathId, u16)>, Cancelled> {
        let graph = self.facts.graph();
        let needle = self.text.trim();
        let chunks: Vec<&[PathId]> = among.chunks(CHUNK).collect();
        let found = parallel(chunks.len(), |at| {
            progress.check()?;
            let names: Vec<&str> = chunks[at].iter().map(|&id| graph.name(id)).collect();
            let matches = matcher(needle).match_list(&names);
            let hits = matches
                .iter()
                .map(|hit| (chunks[at][hit.index as usize], hit.score));
            Ok(hits.collect::<Vec<_>>())
        })?;
        let mut scored = found.concat();
        if is_hash_like(needle) {
            let hashed = graph
                .with_prefix(needle)
                .filter(|&id| self.facts.closure().contains(id));
            let hashed: Vec<_> = hashed.map(|id| (id, u16::MAX)).collect();
            scored.retain(|(id, _)| !hashed.iter().any(|(other, _)| other == id));
            scored.splice(0..0, hashed);
        }
        Ok(scored)
    }
}

/// Four characters that a hash part may begin with ask for hash parts too.
pub fn is_hash_like(text: &str) -> bool {
    text.len() >= 4 && text.bytes().all(is_nix_base32)
}

/// The matcher for a text; smart about case, words parted by spaces must all match.
pub fn matcher(text: &str) -> Matcher {
    let config = Config {
        max_typos: Some(0),
        casing: CaseMatching::Smart,
        matching: Matching::Fuzzy,
        sort: SortStrategy::IndexAsc,
        ..Config::default()
    };
    Matcher::from_query(text, &config)
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
