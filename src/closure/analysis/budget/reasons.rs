//! Why a rule is broken: the paths that break it, a chain to each, and the references to cut.

use std::cmp::Reverse;

use crate::analysis::analysed::Analysed;
use crate::analysis::cut::{CutError, CutSet, Cutter, is_joint};
use crate::analysis::diff::Diff;
use crate::analysis::metric::Metric;
use crate::analysis::why::shortest_chain;
use crate::job::Cancelled;
use crate::model::PathId;

/// Paths that are named where a limit of the whole closure is broken.
const NAMED: usize = 5;
/// Paths of one rule for which the references to cut are looked for.
const WITH_CUTS: usize = 10;

/// A path that makes a rule broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Culprit {
    /// The path.
    pub path: PathId,
    /// The other members of its group, the one to keep first.
    pub with: Vec<PathId>,
    /// The bytes that it stands for: its own, what leaves with it, or what its package grew by, whatever the rule counts.
    /// `None` if they are unknown.
    pub bytes: Option<i64>,
    /// Of growth: how many paths came with it, itself included, where it stands in for nothing that was there before. The
    /// bytes are those of all of them.
    pub came: Option<usize>,
    /// How many paths leave with it, itself included.
    pub retained_count: u32,
    /// One shortest chain from a root to it, root first.
    pub chain: Vec<PathId>,
    /// The references to cut so that it leaves, with what else leaves. `None` for a root, and where it was not looked for:
    /// that is done for the first ten of a rule.
    pub cut: Option<CutSet>,
}

/// What is accused, before its reasons are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Accused {
    pub(super) path: PathId,
    pub(super) with: Vec<PathId>,
    pub(super) bytes: Option<i64>,
    pub(super) came: Option<usize>,
}

impl Accused {
    /// A path that stands for this many bytes.
    pub(super) fn with_bytes(path: PathId, bytes: Option<i64>) -> Self {
        Self {
            path,
            with: Vec::new(),
            bytes,
            came: None,
        }
    }
}

/// Finds reasons in one closure.
pub(super) struct Reasons<'a> {
    analysed: &'a Analysed,
    cutter: Cutter<'a>,
}

impl<'a> Reasons<'a> {
    pub(super) fn of(analysed: &'a Analysed) -> Result<Self, Cancelled> {
        let (graph, closure) = (analysed.graph(), analysed.closure());
        let cutter = Cutter::new(graph, closure, analysed.dominators()?);
        Ok(Self { analysed, cutter })
    }

    /// The reasons of some paths, in the order given.
    pub(super) fn found(&self, accused: Vec<Accused>) -> Result<Vec<Culprit>, Cancelled> {
        let (graph, closure) = (self.analysed.graph(), self.analysed.closure());
        let dominators = self.analysed.dominators()?;
        let culprits = accused.into_iter().enumerate().map(|(at, accused)| {
            let chain = shortest_chain(graph, closure, accused.path);
            Ok(Culprit {
                chain: chain.unwrap_or_default(),
                cut: if at < WITH_CUTS {
                    self.cut(accused.path)?
                } else {
                    None
                },
                retained_count: dominators.retained_count(accused.path),
                path: accused.path,
                with: accused.with,
                bytes: accused.bytes,
                came: accused.came,
            })
        });
        culprits.collect()
    }

    fn cut(&self, target: PathId) -> Result<Option<CutSet>, Cancelled> {
        let progress = self.analysed.progress();
        match self.cutter.best(target, &|_, _| false, progress) {
            Err(CutError::Cancelled(cancelled)) => Err(cancelled),
            found => Ok(found.ok().map(|found| found.best)),
        }
    }

    /// The paths that hold most by themselves, none of them held by another of them: what to look at if a closure is too
    /// large, or, by count, has too many paths. Roots, and what systems are put together of, are left out.
    pub(super) fn heaviest(&self, by: Metric) -> Result<Vec<Accused>, Cancelled> {
        let (graph, closure) = (self.analysed.graph(), self.analysed.closure());
        let dominators = self.analysed.dominators()?;
        let members = closure.members().iter();
        let plain = members.filter(|&id| !closure.is_root(id) && !is_joint(graph.name(id)));
        let mut sorted: Vec<PathId> = plain.collect();
        by.sort_largest_first(self.analysed, &mut sorted);
        let mut chosen: Vec<PathId> = Vec::new();
        for id in sorted {
            if chosen.len() == NAMED {
                break;
            }
            let held = dominators
                .strict(id)
                .iter()
                .any(|above| chosen.contains(above));
            if !held {
                chosen.push(id);
            }
        }
        let retained = |id| dominators.retained_size(id).map(u64::cast_signed);
        let chosen = chosen.into_iter();
        let accused = chosen.map(|path| Accused::with_bytes(path, retained(path)));
        Ok(accused.collect())
    }

    /// What grew most since the baseline: what came and stands in for nothing, with all that came only through it, and
    /// packages whose paths stand in for smaller ones.
    pub(super) fn grown(&self, diff: &Diff) -> Vec<Accused> {
        let graph = self.analysed.graph();
        let arrived = diff.arrivals.iter().map(|cause| Accused {
            came: Some(cause.paths.len()),
            ..Accused::with_bytes(cause.top, cause.total.exact().map(u64::cast_signed))
        });
        let replaced = |id: &PathId| diff.counterparts.get(*id).is_some();
        let packages = diff.packages.iter();
        let grown = packages.filter(|one| one.delta.nar_size > 0 && one.came.iter().all(replaced));
        let grown = grown.filter_map(|package| {
            let largest = package.came.iter().max_by_key(|&&id| graph.nar_size(id));
            let bytes = package.delta.exact();
            Some(Accused::with_bytes(*largest?, bytes))
        });
        let mut accused: Vec<Accused> = arrived.chain(grown).collect();
        accused.sort_by_key(|one| (Reverse(one.bytes), one.path));
        accused.truncate(NAMED);
        accused
    }

    /// Some paths with their own sizes, the largest first.
    pub(super) fn by_size(&self, paths: impl Iterator<Item = PathId>) -> Vec<Accused> {
        let mut paths: Vec<PathId> = paths.collect();
        Metric::Nar.sort_largest_first(self.analysed, &mut paths);
        let graph = self.analysed.graph();
        let size = |id| graph.nar_size(id).map(u64::cast_signed);
        let paths = paths.into_iter();
        let accused = paths.map(|path| Accused::with_bytes(path, size(path)));
        accused.collect()
    }

    /// Some paths with what would leave with each, the most first.
    pub(super) fn by_retained(&self, mut accused: Vec<Accused>) -> Result<Vec<Accused>, Cancelled> {
        let dominators = self.analysed.dominators()?;
        for one in &mut accused {
            one.bytes = dominators.retained_size(one.path).map(u64::cast_signed);
        }
        accused.sort_by_key(|one| (Reverse(one.bytes), one.path));
        Ok(accused)
    }
}
