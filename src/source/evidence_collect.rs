//! Keeps the best of what is found for each reference, and counts all of it, in bounded memory.

use std::collections::{BTreeMap, BinaryHeap, HashMap};

use crate::analysis::evidence_class::{Class, ClassCounts};
use crate::model::PathId;

use super::evidence::{EdgeEvidence, Hit, Limits};

/// The references that evidence is looked for, by referrer and target.
#[derive(Debug)]
pub(crate) struct Wanted(BTreeMap<PathId, Vec<PathId>>);

impl Wanted {
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
    pub(crate) wanted: &'a Wanted,
    limits: Limits,
    edges: HashMap<(PathId, PathId), Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    counts: ClassCounts,
    /// The weakest on top, to be replaced first.
    hits: BinaryHeap<Hit>,
}

/// How often each class of each reference occurred in the file that is being looked at.
pub(crate) type InFile = HashMap<(PathId, Class), usize>;

impl<'a> Collector<'a> {
    pub(crate) fn new(wanted: &'a Wanted, limits: Limits) -> Self {
        Self {
            wanted,
            limits,
            edges: HashMap::new(),
        }
    }

    /// Counts an occurrence, and keeps it if it is among the best.
    pub(crate) fn add(
        &mut self,
        (from, to): (PathId, PathId),
        class: Class,
        in_file: &mut InFile,
        hit: impl FnOnce() -> Hit,
    ) {
        let kept = self.edges.entry((from, to)).or_default();
        kept.counts.add(class);
        let times = in_file.entry((to, class)).or_default();
        *times += 1;
        let full = kept.hits.len() >= self.limits.per_reference;
        let weaker = full && kept.hits.peek().is_some_and(|worst| worst.class < class);
        if *times <= self.limits.per_file && !weaker {
            kept.keep(hit(), self.limits.per_reference);
        }
    }

    /// Adds what another worker found.
    pub(crate) fn merge(&mut self, other: Self) {
        for (edge, more) in other.edges {
            let kept = self.edges.entry(edge).or_default();
            kept.counts.merge(&more.counts);
            for hit in more.hits {
                kept.keep(hit, self.limits.per_reference);
            }
        }
    }

    /// What was found, by referrer and target.
    pub(crate) fn into_edges(self) -> Vec<EdgeEvidence> {
        let edge = |((from, to), kept): ((PathId, PathId), Kept)| EdgeEvidence {
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

impl Kept {
    fn keep(&mut self, hit: Hit, limit: usize) {
        self.hits.push(hit);
        if self.hits.len() > limit {
            self.hits.pop();
        }
    }
}
