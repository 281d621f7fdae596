//! What replacing members of a closure with another member frees, fast enough to ask many times.
//!
//! The result is that of the same replacements as what-if steps. But one walk of the closure for each question would be
//! too slow for hundreds of them: in a closure without cycles a path leaves exactly when all its referrers do, so counting
//! referrers down finds what leaves in as many steps as there is leaving; and whether a cycle closes is seen among what the
//! kept path reaches. Closures with cycles are answered by walks.

use crate::job::{Cancelled, Progress};
use crate::model::{Closure, PathId, PathSet, StoreGraph};

use super::order::Order;
use super::what_if::{Difference, Step, WhatIfError, freed};

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unified {
    /// The members that can be replaced all together.
    pub(super) replaced: Vec<PathId>,
    /// The members that cannot, each with the cycle that would close, the kept path first.
    pub(super) refused: Vec<(PathId, Vec<PathId>)>,
    /// What replacing the former frees.
    pub(super) freed: Difference,
}

/// Answers questions about one closure; keeps its working memory between them.
#[derive(Debug)]
pub(super) struct Unifier<'a> {
    graph: &'a StoreGraph,
    closure: &'a Closure,
    order: &'a Order,
    cyclic: bool,
    /// Those to be replaced.
    replaced: PathSet,
    /// The walk that last came by each path, and from where.
    seen: Vec<u32>,
    came_from: Vec<PathId>,
    walk: u32,
    /// How many referrers each path has inside the closure: counted once, since popular paths are asked about often.
    referrers: Vec<u32>,
    /// Referrers that do not leave; valid where `seen` is the current walk.
    referrers_left: Vec<u32>,
}

impl<'a> Unifier<'a> {
    pub(super) fn new(graph: &'a StoreGraph, closure: &'a Closure, order: &'a Order) -> Self {
        Self {
            graph,
            closure,
            order,
            cyclic: order.cycles().next().is_some(),
            replaced: PathSet::empty(graph.len()),
            seen: vec![0; graph.len()],
            came_from: vec![PathId::new(0); graph.len()],
            walk: 0,
            referrers: graph
                .ids()
                .map(|id| closure.referrers(graph, id).count() as u32)
                .collect(),
            referrers_left: vec![0; graph.len()],
        }
    }

    /// Replaces as many of `others` as possible with `kept`; all are different members of the closure.
    ///
    /// There is one largest set that closes no cycle: a cycle that avoids all others closes whichever of them go.
    pub(super) fn ask(
        &mut self,
        kept: PathId,
        others: &[PathId],
        progress: &Progress,
    ) -> Result<Unified, Cancelled> {
        let mut replaced = others.to_vec();
        let mut refused = Vec::new();
        let freed = loop {
            progress.check()?;
            let cycle = match self.attempt(kept, &replaced)? {
                Ok(freed) => break freed,
                Err(cycle) => cycle,
            };
            let before = replaced.len();
            replaced.retain(|&other| {
                let closes = cycle
                    .last()
                    .is_some_and(|last| self.graph.references(*last).contains(&other));
                if closes {
                    refused.push((other, cycle.clone()));
                }
                !closes
            });
            debug_assert!(
                replaced.len() < before,
                "the cycle's last path references one of them"
            );
        };
        Ok(Unified {
            replaced,
            refused,
            freed,
        })
    }

    /// What replacing all of them frees, or the cycle that would close.
    fn attempt(
        &mut self,
        kept: PathId,
        others: &[PathId],
    ) -> Result<Result<Difference, Vec<PathId>>, Cancelled> {
        if self.cyclic {
            return walked(self.graph, self.closure, kept, others);
        }
        self.replaced.extend(others.iter().copied());
        let result = match self.cycle(kept, others) {
            Some(cycle) => Err(cycle),
            None => Ok(self.freed(kept, others)),
        };
        for &other in others {
            self.replaced.remove(other);
        }
        Ok(result)
    }

    /// A chain from the kept path to one that would come to reference it.
    fn cycle(&mut self, kept: PathId, others: &[PathId]) -> Option<Vec<PathId>> {
        let mut holders = Vec::new();
        for &other in others {
            let referrers = self.closure.referrers(self.graph, other);
            holders.extend(referrers.filter(|&id| id != kept && !self.replaced.contains(id)));
        }
        holders.sort_unstable();
        // Nothing behind the last of them in the order can lead to any of them.
        let last = holders.iter().map(|&id| self.order.group_of(id)).max()?;
        self.walk += 1;
        self.seen[kept.index()] = self.walk;
        let mut queue = vec![kept];
        let mut at = 0;
        while let Some(&id) = queue.get(at) {
            at += 1;
            if id != kept && holders.binary_search(&id).is_ok() {
                let up = |&id: &PathId| (id != kept).then(|| self.came_from[id.index()]);
                let mut chain: Vec<PathId> = std::iter::successors(Some(id), up).collect();
                chain.reverse();
                return Some(chain);
            }
            for &to in self.graph.references(id) {
                let fresh = self.seen[to.index()] != self.walk;
                if fresh && self.order.group_of(to) <= last && !self.replaced.contains(to) {
                    self.seen[to.index()] = self.walk;
                    self.came_from[to.index()] = id;
                    queue.push(to);
                }
            }
        }
        None
    }

    fn freed(&mut self, kept: PathId, others: &[PathId]) -> Difference {
        self.walk += 1;
        let mut freed = Difference {
            paths: 0,
            nar_size: 0,
            known: true,
        };
        let mut leaving = others.to_vec();
        while let Some(id) = leaving.pop() {
            freed.paths += 1;
            match self.graph.nar_size(id) {
                Some(bytes) => freed.nar_size += bytes.cast_signed(),
                None => freed.known = false,
            }
            for &to in self.graph.references(id) {
                if to == kept || self.closure.is_root(to) || self.replaced.contains(to) {
                    continue;
                }
                let at = to.index();
                if self.seen[at] != self.walk {
                    self.seen[at] = self.walk;
                    self.referrers_left[at] = self.referrers[at];
                }
                self.referrers_left[at] -= 1;
                if self.referrers_left[at] == 0 {
                    leaving.push(to);
                }
            }
        }
        freed
    }
}

/// The same by a walk of the closure.
fn walked(
    graph: &StoreGraph,
    closure: &Closure,
    kept: PathId,
    others: &[PathId],
) -> Result<Result<Difference, Vec<PathId>>, Cancelled> {
    let replace = |&old: &PathId| Step::Replace { old, new: kept };
    let steps: Vec<Step> = others.iter().map(replace).collect();
    match freed(graph, closure, &steps) {
        Ok(freed) => Ok(Ok(freed)),
        Err(WhatIfError::Cycle { cycle, .. }) => Ok(Err(cycle)),
        Err(WhatIfError::Cancelled(cancelled)) => Err(cancelled),
    }
}
