//! What is different between two closures of one graph: which packages changed and by how much, which paths came and
//! left, and what brought them.
//!
//! Sums are exact. A path on both sides cancels out, even if its size is unknown, so that the differences of all packages
//! add up to the difference of the totals. A store path never changes: its references are the same on both sides, and
//! whatever references something new is new itself. What tells a cause from a mere rebuild are counterparts: a path that
//! came in place of one that left. Only what stands in for nothing has arrived, and has a cause.

mod causes;
mod counterparts;
mod deltas;
mod packages;
pub mod plan;

use crate::job::{Cancelled, Progress};
use crate::model::{Closure, PathId, PathSet, StoreGraph};

pub use self::causes::Cause;
use self::causes::causes;
pub use self::counterparts::Counterparts;
pub use self::packages::{Change, PackageChange, changed as changed_packages, versions};
use super::metric::Sum;
use super::what_if::Total;

/// How much more there is after than before: negative where it became less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delta {
    /// Paths.
    pub paths: i64,
    /// Bytes, unknown sizes counted as nothing.
    pub nar_size: i64,
    /// How many of the paths that came or left have an unknown size.
    pub unknown: usize,
}

impl Delta {
    /// What is more if some paths come and others leave.
    pub fn between(left: &Total, came: &Total) -> Self {
        Self {
            paths: came.paths.cast_signed() as i64 - left.paths.cast_signed() as i64,
            nar_size: came.nar_size.cast_signed() - left.nar_size.cast_signed(),
            unknown: came.unknown + left.unknown,
        }
    }

    /// The bytes; `None` if a size is unknown.
    pub fn exact(&self) -> Option<i64> {
        (self.unknown == 0).then_some(self.nar_size)
    }

    /// Adds what other paths make.
    pub fn add(&mut self, other: Self) {
        self.paths += other.paths;
        self.nar_size += other.nar_size;
        self.unknown += other.unknown;
    }
}

/// What is different between two closures.
#[derive(Debug, Clone)]
pub struct Diff {
    /// The closure before.
    pub before: Total,
    /// The closure after.
    pub after: Total,
    /// The paths that are only after.
    pub came: PathSet,
    /// The paths that were only before.
    pub left: PathSet,
    /// How many paths are on both sides.
    pub same: usize,
    /// The packages of which a path came or left, the largest difference first.
    pub packages: Vec<PackageChange>,
    /// Which path stands in for which.
    pub counterparts: Counterparts,
    /// What came and stands in for nothing, under what brought it; the largest first.
    pub arrivals: Vec<Cause>,
    /// What left without anything in its place, under what had held it; the largest first.
    pub departures: Vec<Cause>,
    /// Compressed bytes in a binary cache of what came, as far as they are known.
    pub download: Sum,
}

impl Diff {
    /// Compares two closures of one graph.
    pub fn of(
        graph: &StoreGraph,
        before: &Closure,
        after: &Closure,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        progress.start("comparing", 0);
        let came = after.members().minus(before.members());
        let left = before.members().minus(after.members());
        let packages = packages::changed(graph, before, after);
        progress.check()?;
        let counterparts = Counterparts::of(graph, &packages, (before, after));
        let alone = |set: &PathSet| {
            let alone = set.iter().filter(|&id| counterparts.get(id).is_none());
            PathSet::of(graph.len(), alone)
        };
        Ok(Self {
            before: Total::of_closure(before),
            after: Total::of_closure(after),
            same: after.len() - came.len(),
            arrivals: causes(graph, after, &alone(&came), progress)?,
            departures: causes(graph, before, &alone(&left), progress)?,
            download: download(graph, &came),
            packages,
            counterparts,
            came,
            left,
        })
    }

    /// How much more there is after than before.
    pub fn delta(&self) -> Delta {
        let mut delta = Delta::default();
        for package in &self.packages {
            delta.add(package.delta);
        }
        delta
    }

    /// How many packages changed in a way.
    pub fn count(&self, change: Change) -> usize {
        let all = self.packages.iter();
        all.filter(|package| package.change == change).count()
    }

    /// Whether both closures are made of the same paths.
    pub fn is_empty(&self) -> bool {
        self.packages.is_empty()
    }

    /// The path that stands for this one after: itself if it stayed, else what came in its place.
    pub fn successor(&self, id: PathId) -> Option<PathId> {
        if self.left.contains(id) {
            self.counterparts.get(id)
        } else {
            Some(id)
        }
    }
}

/// What fetching some paths from a binary cache would take.
fn download(graph: &StoreGraph, paths: &PathSet) -> Sum {
    let mut sum = Sum::default();
    for id in paths.iter() {
        match graph.info(id).download_size.get() {
            Some(bytes) => sum.known = sum.known.saturating_add(bytes),
            None => sum.unknown += 1,
        }
    }
    sum
}

#[cfg(test)]
mod tests;
