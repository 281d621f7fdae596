//! Keeps the best of what is found for each reference, and counts all of it, in bounded memory.

use std::collections::{BTreeMap, BinaryHeap};
use std::path::Path;

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

use crate::analysis::evidence_class::{Class, ClassCounts};
use crate::model::PathId;

use super::hit::{EdgeEvidence, Hit, HitKind};
use super::limits::Limits;

/// The references that evidence is looked for, by referrer and target.
#[derive(Debug)]
pub(crate) struct WantedReferences(BTreeMap<PathId, Vec<PathId>>);

impl WantedReferences {
    pub(crate) fn of(mut edges: Vec<(PathId, PathId)>) -> Self {
        edges.sort_unstable();
        edges.dedup();
        let mut rows: BTreeMap<PathId, Vec<PathId>> = BTreeMap::new();
        for (from, to) in edges {
            rows.entry(from).or_default().push(to);
        }
        Self(rows)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn contains(&self, from: PathId, to: PathId) -> bool {
        self.0
            .get(&from)
            .is_some_and(|row| row.binary_search(&to).is_ok())
    }

    pub(crate) fn is_referrer(&self, from: PathId) -> bool {
        self.0.contains_key(&from)
    }

    pub(crate) fn referrers(&self) -> impl Iterator<Item = PathId> + '_ {
        self.0.keys().copied()
    }

    pub(crate) fn targets(&self) -> impl Iterator<Item = PathId> + '_ {
        self.0.values().flatten().copied()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (PathId, PathId)> + '_ {
        self.0
            .iter()
            .flat_map(|(&from, row)| row.iter().map(move |&to| (from, to)))
    }
}

/// What was found so far. Which occurrences are kept depends only on what there is, not on the order it came in.
#[derive(Debug)]
pub(crate) struct Collector<'a> {
    pub(crate) wanted: &'a WantedReferences,
    limits: Limits,
    edges: HashMap<(PathId, PathId), KeptHits>,
    /// How often each class of each reference occurred in what is being looked at.
    here: HashMap<(PathId, Class), usize>,
}

#[derive(Debug, Default)]
struct KeptHits {
    counts: ClassCounts,
    /// The weakest on top, to be replaced first.
    hits: BinaryHeap<Hit>,
}

/// What an occurrence is ordered by among those of a reference: the first fields of a [`Hit`], which no two of them share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank<'a> {
    pub(crate) class: Class,
    pub(crate) file: &'a Path,
    pub(crate) kind: HitKind,
    pub(crate) offset: u64,
}

impl<'a> Rank<'a> {
    fn of(hit: &'a Hit) -> Self {
        Self {
            class: hit.class,
            file: &hit.file,
            kind: hit.kind,
            offset: hit.offset,
        }
    }

    /// The occurrence itself.
    pub(crate) fn hit(self, line: Option<u64>, context: String) -> Hit {
        Hit {
            class: self.class,
            file: self.file.to_owned(),
            kind: self.kind,
            offset: self.offset,
            line,
            context,
        }
    }
}

impl<'a> Collector<'a> {
    pub(crate) fn new(wanted: &'a WantedReferences, limits: Limits) -> Self {
        Self {
            wanted,
            limits,
            edges: HashMap::new(),
            here: HashMap::new(),
        }
    }

    /// The next content, link target or name begins.
    pub(crate) fn begin(&mut self) {
        self.here.clear();
    }

    /// Counts an occurrence, and keeps it if it is among the best. `hit` is called only then.
    pub(crate) fn add(
        &mut self,
        (from, to): (PathId, PathId),
        rank: Rank<'_>,
        hit: impl FnOnce() -> Hit,
    ) {
        let kept = self.edges.entry((from, to)).or_default();
        kept.counts.add(rank.class);
        let times = self.here.entry((to, rank.class)).or_default();
        *times += 1;
        let full = kept.hits.len() >= self.limits.per_reference;
        let weaker = full && kept.hits.peek().is_some_and(|worst| Rank::of(worst) < rank);
        if *times <= self.limits.per_file && !weaker {
            kept.keep(hit(), self.limits.per_reference);
        }
    }

    /// Adds what another worker found.
    pub(crate) fn merge(&mut self, other: Self) {
        for (edge, more) in other.edges {
            match self.edges.entry(edge) {
                // Most referrers are looked at by one worker alone.
                Entry::Vacant(place) => {
                    place.insert(more);
                }
                Entry::Occupied(mut kept) => {
                    kept.get_mut().merge(more, self.limits.per_reference);
                }
            }
        }
    }

    /// What was found, by referrer and target.
    pub(crate) fn into_edges(self) -> Vec<EdgeEvidence> {
        let edge = |((from, to), kept): ((PathId, PathId), KeptHits)| EdgeEvidence {
            from,
            to,
            counts: kept.counts,
            hits: kept.hits.into_sorted_vec(),
        };
        let mut edges: Vec<_> = self.edges.into_iter().map(edge).collect();
        edges.sort_unstable_by_key(|edge| (edge.from, edge.to));
        edges
    }
}

impl KeptHits {
    fn merge(&mut self, other: Self, limit: usize) {
        self.counts.merge(&other.counts);
        for hit in other.hits {
            self.keep(hit, limit);
        }
    }

    fn keep(&mut self, hit: Hit, limit: usize) {
        self.hits.push(hit);
        if self.hits.len() > limit {
            self.hits.pop();
        }
    }
}
