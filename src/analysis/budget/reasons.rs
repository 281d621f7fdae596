//! Why a rule is broken: the paths that make it so, a chain to each, and the references to cut.

use crate::analysis::analysed::Analysed;
use crate::analysis::cut::{CutError, CutSet, Cutter, is_joint};
use crate::analysis::metric::Metric;
use crate::analysis::why::shortest_chain;
use crate::job::Cancelled;
use crate::model::{Closure, PathId};

use super::baseline::Baseline;

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
        let accused = chosen.into_iter().map(|path| Accused {
            path,
            with: Vec::new(),
            bytes: retained(path),
        });
        Ok(accused.collect())
    }

    /// The packages that grew most since the baseline, each with its largest new path, or its largest if none is new.
    pub(super) fn grown(&self, baseline: &Baseline, before: &Closure) -> Vec<Accused> {
        let (graph, closure) = (self.analysed.graph(), self.analysed.closure());
        let grown = baseline.grown(before, graph, closure);
        let accused = grown.into_iter().take(NAMED).filter_map(|(package, more)| {
            let members = closure.members().iter();
            let own = members.filter(|&id| graph.package(id).pname == package);
            let rank = |&id: &PathId| {
                let new = !baseline.has(before, graph.base_name(id));
                (new, graph.nar_size(id))
            };
            Some(Accused {
                path: own.max_by_key(rank)?,
                with: Vec::new(),
                bytes: Some(more),
            })
        });
        accused.collect()
    }

    /// Some paths with their own sizes, the largest first.
    pub(super) fn by_size(&self, paths: impl Iterator<Item = PathId>) -> Vec<Accused> {
        let mut paths: Vec<PathId> = paths.collect();
        Metric::Nar.sort_largest_first(self.analysed, &mut paths);
        let graph = self.analysed.graph();
        let accused = paths.into_iter().map(|path| Accused {
            path,
            with: Vec::new(),
            bytes: graph.nar_size(path).map(u64::cast_signed),
        });
        accused.collect()
    }

    /// Some paths with what would leave with each, the most first.
    pub(super) fn by_retained(&self, mut accused: Vec<Accused>) -> Result<Vec<Accused>, Cancelled> {
        let dominators = self.analysed.dominators()?;
        for one in &mut accused {
            one.bytes = dominators.retained_size(one.path).map(u64::cast_signed);
        }
        accused.sort_by_key(|one| (std::cmp::Reverse(one.bytes), one.path));
        Ok(accused)
    }
}
