//! Several builds of one package in one closure, equal content under several paths, and what keeping only one would free.
//!
//! Savings are those of a what-if that replaces every other member with the kept one, and are predictions like these.
//! Groups overlap (two versions may each have variants), so savings of different groups do not add up.

mod alternatives;
mod aside;
mod brought;
mod candidates;
mod platforms;

use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;

use crate::job::{Cancelled, Progress, parallel};
use crate::model::{Closure, PathId, StoreGraph};

pub use aside::{Aside, AsideKind, Member};
pub use brought::Brought;

use self::platforms::Platforms;

use super::dominators::Dominators;
use super::order::Order;
use super::unify::Unifier;
use super::versions::{self, Build};
use super::what_if::{Difference, Step, Total};

/// What the members of a group have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DuplicateKind {
    /// One package in several versions, or built several times in one version.
    Versions,
    /// One package built with more or with less: `-minimal`, `-full`, `-headless`, `-static`, `-libs`, `-with-…`.
    Variants,
    /// The same NAR hash.
    SameContent,
}

impl DuplicateKind {
    /// Its name in documents.
    pub fn key(self) -> &'static str {
        match self {
            Self::Versions => "versions",
            Self::Variants => "variants",
            Self::SameContent => "sameContent",
        }
    }
}

/// Members that could be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateGroup {
    /// What they have in common.
    pub kind: DuplicateKind,
    /// The package's name, without variant words.
    pub package: String,
    /// The members, ascending.
    pub paths: Vec<PathId>,
    /// All members together.
    pub total: Total,
    /// The member to keep: of versions the newest, of variants the largest, among equals the one that frees most; but
    /// rather another than one whose keeping closes a cycle.
    pub keep: PathId,
    /// What replacing the others with it frees, those of `refused` and `roots` excepted.
    pub savings: Difference,
    /// The members that would go.
    pub replaced: Vec<PathId>,
    /// The members that cannot be replaced with the kept one, each with the cycle that would close, the kept one first.
    pub refused: Vec<(PathId, Vec<PathId>)>,
    /// The other members that are roots: they stay, since they are what was asked for. Ascending.
    pub roots: Vec<PathId>,
    /// The referrers outside the group that would have to change, ascending.
    pub referrers: Vec<PathId>,
}

impl DuplicateGroup {
    /// The replacements that make one of it.
    pub fn steps(&self) -> impl Iterator<Item = Step> + '_ {
        let new = self.keep;
        let replaced = self.replaced.iter();
        replaced.map(move |&old| Step::Replace { old, new })
    }

    /// What the members are, as they are counted: `3 versions`.
    pub fn word(&self, graph: &StoreGraph) -> &'static str {
        match self.kind {
            DuplicateKind::Versions if versions::same_version(graph, &self.paths) => "builds",
            DuplicateKind::Versions => "versions",
            DuplicateKind::Variants => "variants",
            DuplicateKind::SameContent => "identical paths",
        }
    }

    /// How many members stay besides the kept one.
    fn staying(&self) -> usize {
        self.refused.len() + self.roots.len()
    }
}

/// Everything that is there more than once.
#[derive(Debug, Clone)]
pub struct Duplicates {
    /// Members that could be one, the largest savings first.
    pub groups: Vec<DuplicateGroup>,
    /// The groups of which one path brings what would go.
    pub brought: Vec<Brought>,
    /// What looks like duplicates and is not.
    pub aside: Vec<Aside>,
}

impl Duplicates {
    /// Finds them. Equal content is found only if the graph was loaded with details. `known` tells for what platform a C
    /// library was made, if that is known: the same text for the same platform.
    pub fn of(
        graph: &StoreGraph,
        closure: &Closure,
        order: &Order,
        dominators: &Dominators,
        known: &dyn Fn(PathId) -> Option<String>,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let platforms = Platforms::of(graph, closure, order, known);
        let found = candidates::found(graph, closure, order, &|id| platforms.class(id));
        let groups = judged(graph, closure, order, &found.candidates, progress)?;
        let mut aside = aside::platforms(graph, closure, &platforms, known);
        aside.extend(aside::named(graph, AsideKind::Coexisting, found.coexisting));
        aside.extend(aside::named(graph, AsideKind::Stages, found.stages));
        aside.extend(alternatives::found(graph, closure, dominators));
        let brought = brought::found(graph, closure, dominators, &groups, progress)?;
        Ok(Self {
            groups,
            brought,
            aside,
        })
    }
}

/// Only the groups that could be one, the largest savings first.
pub fn duplicate_groups(
    graph: &StoreGraph,
    closure: &Closure,
    order: &Order,
    progress: &Progress,
) -> Result<Vec<DuplicateGroup>, Cancelled> {
    let platforms = Platforms::of(graph, closure, order, &|_| None);
    let found = candidates::found(graph, closure, order, &|id| platforms.class(id));
    judged(graph, closure, order, &found.candidates, progress)
}

/// The groups in which something can be replaced.
fn judged(
    graph: &StoreGraph,
    closure: &Closure,
    order: &Order,
    candidates: &[Candidate],
    progress: &Progress,
) -> Result<Vec<DuplicateGroup>, Cancelled> {
    progress.start("duplicates", candidates.len() as u64);
    // Few tasks, since each has working memory of the graph's size.
    let tasks = crate::job::threads().min(candidates.len());
    let groups = parallel(tasks, |task| {
        let mut unifier = Unifier::new(graph, closure, order);
        let mine = candidates.iter().skip(task).step_by(tasks);
        let groups = mine.map(|candidate| {
            progress.advance(1)?;
            let group = candidate.judged(graph, closure, &mut unifier, progress)?;
            Ok((candidate.parting, group))
        });
        groups.collect::<Result<Vec<_>, Cancelled>>()
    })?;
    let mut groups = better_partings(groups.into_iter().flatten().collect());
    // Two generations of a system are no duplicates: neither can replace the other.
    groups.retain(|group| !(group.replaced.is_empty() && group.refused.is_empty()));
    groups.sort_by(|a, b| {
        let key = |group: &DuplicateGroup| (Reverse(group.savings.nar_size), group.kind);
        let names = || a.package.cmp(&b.package).then(a.paths.cmp(&b.paths));
        key(a).cmp(&key(b)).then_with(names)
    });
    Ok(groups)
}

/// One of two ways to part the same members: which members, and which way.
type Parting = Option<(usize, usize)>;

/// Of members that were parted in two ways those groups that save more; of equals those of the first way.
fn better_partings(groups: Vec<(Parting, DuplicateGroup)>) -> Vec<DuplicateGroup> {
    let mut saved: HashMap<usize, [i64; 2]> = HashMap::new();
    for (parting, group) in &groups {
        if let Some((members, way)) = *parting {
            saved.entry(members).or_default()[way] += group.savings.nar_size;
        }
    }
    let stays = |parting: Parting| {
        parting.is_none_or(|(members, way)| {
            let [first, second] = saved[&members];
            way == usize::from(second > first)
        })
    };
    let groups = groups.into_iter().filter(|&(parting, _)| stays(parting));
    groups.map(|(_, group)| group).collect()
}

/// Members that may be one.
#[derive(Debug)]
struct Candidate<'a> {
    kind: DuplicateKind,
    package: &'a str,
    paths: Vec<PathId>,
    parting: Parting,
}

impl<'a> Candidate<'a> {
    fn of(kind: DuplicateKind, package: &'a str, paths: impl Iterator<Item = PathId>) -> Self {
        let mut paths: Vec<PathId> = paths.collect();
        paths.sort_unstable();
        Self {
            kind,
            package,
            paths,
            parting: None,
        }
    }
}

/// How many members of different ranks are tried as the one to keep.
const TRIED: usize = 4;
/// Of members of equal rank as many are tried as makes about this many replacements in all: of up to sixteen each, of more
/// the smallest.
const REPLACED: usize = 256;

impl Candidate<'_> {
    /// Members of equal rank are tried, the smallest first; of different ranks the first one that can stand in for all the
    /// others.
    fn judged(
        &self,
        graph: &StoreGraph,
        closure: &Closure,
        unifier: &mut Unifier,
        progress: &Progress,
    ) -> Result<DuplicateGroup, Cancelled> {
        let ranked = self.ranked(graph);
        let mut best = self.keeping(graph, closure, ranked[0].id, unifier, progress)?;
        let most = (REPLACED / ranked.len()).max(TRIED);
        for (tried, pair) in ranked.windows(2).take(most - 1).enumerate() {
            let equal = pair[0].rank(&pair[1], self.kind).is_eq();
            if !equal && (best.staying() == 0 || tried + 1 >= TRIED) {
                break;
            }
            let group = self.keeping(graph, closure, pair[1].id, unifier, progress)?;
            let worth = |group: &DuplicateGroup| (Reverse(group.staying()), group.savings.nar_size);
            if worth(&group) > worth(&best) {
                best = group;
            }
        }
        Ok(best)
    }

    fn keeping(
        &self,
        graph: &StoreGraph,
        closure: &Closure,
        keep: PathId,
        unifier: &mut Unifier,
        progress: &Progress,
    ) -> Result<DuplicateGroup, Cancelled> {
        let others = self.paths.iter().copied().filter(|&id| id != keep);
        let (roots, others): (Vec<PathId>, Vec<PathId>) =
            others.partition(|&id| closure.is_root(id));
        let answer = unifier.ask(keep, &others, progress)?;
        let mut referrers: Vec<PathId> = answer
            .replaced
            .iter()
            .flat_map(|&id| closure.referrers(graph, id))
            .filter(|id| *id != keep && answer.replaced.binary_search(id).is_err())
            .collect();
        referrers.sort_unstable();
        referrers.dedup();
        Ok(DuplicateGroup {
            kind: self.kind,
            package: self.package.to_owned(),
            paths: self.paths.clone(),
            total: Total::of_paths(graph, self.paths.iter().copied()),
            keep,
            savings: answer.freed,
            replaced: answer.replaced,
            refused: answer.refused,
            roots,
            referrers,
        })
    }

    /// The members, those rather to be kept first.
    fn ranked<'g>(&self, graph: &'g StoreGraph) -> Vec<Ranked<'g>> {
        let ranked = self.paths.iter().map(|&id| Ranked {
            id,
            version: Build::of(graph.package(id)).version,
            size: graph.info(id).nar_size.known(),
        });
        let mut ranked: Vec<Ranked> = ranked.collect();
        // Of equals the smallest is likely to free most.
        ranked.sort_by(|a, b| {
            let rank = b.rank(a, self.kind);
            rank.then(a.size.cmp(&b.size)).then(a.id.cmp(&b.id))
        });
        ranked
    }
}

/// A member with what decides whether to keep it, looked up once.
struct Ranked<'g> {
    id: PathId,
    version: &'g str,
    size: u64,
}

impl Ranked<'_> {
    /// Greater: rather to be kept.
    fn rank(&self, other: &Self, kind: DuplicateKind) -> Ordering {
        match kind {
            DuplicateKind::Versions => versions::compare(self.version, other.version),
            DuplicateKind::Variants => self.size.cmp(&other.size),
            DuplicateKind::SameContent => Ordering::Equal,
        }
    }
}

#[cfg(test)]
mod tests;
