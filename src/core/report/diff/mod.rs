//! `diff`: the differences between two closures, per package and in total, and what brought in what came.
//!
//! ```text
//! ./before → ./after
//! 900.0 MiB → 447.0 MiB, −453.0 MiB
//! 54 → 25 paths: 8 came, 37 left, 17 the same
//!
//!   35 packages changed: 27 left, 8 rebuilt; 0 grew, 6 shrank
//!   − source                               −141.0 MiB
//!   − python3          3.11.9              −134.0 MiB
//!
//!   what left, under what had held it (20)
//!     −141.0 MiB  etc-nix-registry.json with source
//!                 nixos-system-worker-24.05 (…) → etc (…) → etc-nix-registry.json
//! ```

mod csv;
mod json;
mod lines;
mod markdown;
mod plan;
mod tried;

use crate::analysis::Analysed;
use crate::analysis::diff::plan::Held;
use crate::analysis::diff::{Cause, Change, Delta, Diff, PackageChange};
use crate::model::{Closure, PackageName, PathId, PathSet, Reference, StoreGraph};
use crate::source::evidence::findings::SavedFindings;
use crate::source::evidence::{EdgeEvidence, Evidence};
use crate::text;

pub use self::tried::{Guess, compared, refused};

/// What one side of the comparison is called, and the closure.
#[derive(Debug, Clone, Copy)]
pub struct NamedClosure<'a> {
    /// What was typed for it.
    pub typed: &'a str,
    /// The closure.
    pub closure: &'a Closure,
}

/// What is different, ready to be printed.
#[derive(Debug)]
pub struct Comparison<'a> {
    /// The closure after, of a try the one before, with what its paths are called; the paths of the other side are in
    /// its graph.
    pub subject: &'a Analysed,
    /// What is before.
    pub before: NamedClosure<'a>,
    /// What is after.
    pub after: NamedClosure<'a>,
    /// What is different.
    pub diff: &'a Diff,
    /// Whether what is after is only what a plan is predicted to leave.
    pub predicted: bool,
    /// The changes of a configuration that are predicted to give what is after, if that is what is compared.
    pub tried: Option<Guess<'a>>,
    /// The plan that was to lead from one to the other, and what became of it.
    pub held: Option<&'a Held>,
    /// What makes the references that brought something, as far as files were read for it: after, and before.
    pub evidence: [Option<Evidence>; 2],
    /// What was written down about the files of either.
    pub found: &'a SavedFindings,
    /// What is shown: the packages and causes with one of these paths; `None` for all.
    pub shown: Option<Shown<'a>>,
    /// Most rows of a list; the rest is counted.
    pub limit: Option<usize>,
}

/// What a query leaves to be shown.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The query.
    pub query: &'a str,
    /// The paths that match, of both sides.
    pub paths: &'a PathSet,
}

impl Shown<'_> {
    fn any(self, ids: &[PathId]) -> bool {
        ids.iter().any(|&id| self.paths.contains(id))
    }
}

/// Rows of a list that is read by people, if nothing else is asked for.
const LISTED: usize = 20;

impl Comparison<'_> {
    fn graph(&self) -> &StoreGraph {
        self.subject.graph()
    }

    /// How many rows of a list are shown to people.
    fn most(&self) -> usize {
        self.limit.unwrap_or(LISTED)
    }

    /// What a path is called, safe for a terminal.
    fn label(&self, id: PathId) -> String {
        self.subject.label(id)
    }

    /// What both sides are called: the names of their roots, or where those are the same what was typed.
    fn titles(&self) -> [String; 2] {
        let name = |side: &NamedClosure<'_>| -> Vec<&str> {
            let roots = side.closure.roots().iter();
            roots.map(|&root| self.graph().name(root)).collect()
        };
        let [before, after] = [&self.before, &self.after];
        let (old, new) = (name(before), name(after));
        if old == new || old.len() != 1 || new.len() != 1 {
            return [before.typed, after.typed].map(|typed| text::sanitise(typed).into_owned());
        }
        [old[0], new[0]].map(|name| text::sanitise(name).into_owned())
    }

    /// How many packages changed in which way, those of which there are none left out: `3 came`.
    fn counts(&self) -> Vec<String> {
        let words = |change| match change {
            Change::Came => "came",
            Change::Left => "left",
            Change::Version => "in other versions",
            Change::Rebuilt => "rebuilt",
            Change::Copies => "in more or fewer copies",
        };
        let all = Change::ALL.into_iter();
        let all = all.map(|change| (self.diff.count(change), words(change)));
        let all = all.filter(|&(count, _)| count > 0);
        all.map(|(count, words)| format!("{} {words}", text::count(count as u64)))
            .collect()
    }

    /// How many packages that are on both sides grew, and how many shrank.
    fn grown(&self) -> [usize; 2] {
        let both =
            |package: &&PackageChange| !matches!(package.change, Change::Came | Change::Left);
        let count = |of: fn(i64) -> bool| {
            let packages = self.diff.packages.iter().filter(both);
            packages
                .filter(|package| of(package.delta.nar_size))
                .count()
        };
        [count(|bytes| bytes > 0), count(|bytes| bytes < 0)]
    }

    /// The packages that are shown to people, and how many more there are.
    fn packages(&self, most: usize) -> (Vec<&PackageChange>, usize) {
        let matches = |package: &&PackageChange| {
            let changed = |shown: Shown<'_>| shown.any(&package.came) || shown.any(&package.left);
            self.shown.is_none_or(changed)
        };
        let mut shown: Vec<&PackageChange> = self.diff.packages.iter().filter(matches).collect();
        let more = shown.len().saturating_sub(most);
        shown.truncate(most);
        (shown, more)
    }

    /// What arrived, or departed.
    fn causes_of(&self, side: DiffSide) -> Vec<&Cause> {
        let all = match side {
            DiffSide::After => &self.diff.arrivals,
            DiffSide::Before => &self.diff.departures,
        };
        let matches = |cause: &&Cause| self.shown.is_none_or(|shown| shown.any(&cause.paths));
        all.iter().filter(matches).collect()
    }

    /// The references of which the first causes are told, which files may be read for.
    pub fn told_references(&self, side: DiffSide) -> Vec<Reference> {
        let causes = self.causes_of(side).into_iter();
        causes.take(self.most()).filter_map(told).collect()
    }

    /// What makes the reference that brought something, if that is known: found in files, or written down before.
    fn reason(&self, side: DiffSide, reference: Reference) -> Option<&EdgeEvidence> {
        let (from, to) = reference;
        let read = self.evidence[side as usize].as_ref();
        let read = read.and_then(|evidence| evidence.of(from, to));
        read.or_else(|| {
            let referrer = self.found.referrers.get(&from)?;
            referrer.edges.iter().find(|edge| edge.to == to)
        })
    }
}

/// Where something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiffSide {
    /// Only after: it came.
    After,
    /// Only before: it left.
    Before,
}

/// The reference of which a cause is told: the last of its chain, if that is one that brought it.
pub fn told(cause: &Cause) -> Option<Reference> {
    let last = match cause.chain[..] {
        [.., from, to] => Some((from, to)),
        _ => None,
    };
    let last = last.filter(|last| cause.references.contains(last));
    last.or_else(|| cause.references.first().copied())
}

/// A package's name with its output: `glibc (dev)`.
fn title(graph: &StoreGraph, package: &PackageChange) -> String {
    let PackageName { pname, output, .. } = package.name(graph);
    let name = text::sanitise(pname);
    let derivation = if graph.is_derivation(package.first()) {
        ".drv"
    } else {
        ""
    };
    match output {
        Some(output) => format!("{name}{derivation} ({output})"),
        None => format!("{name}{derivation}"),
    }
}

/// A difference in bytes; `None` where nothing of it is known.
fn told_delta(delta: &Delta) -> Option<i64> {
    (delta.unknown == 0 || delta.nar_size != 0).then_some(delta.nar_size)
}

#[cfg(test)]
mod tests;
