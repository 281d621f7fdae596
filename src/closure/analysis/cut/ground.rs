//! What leaves together with some paths on the chains to a target, and the references to cut for that.

use crate::model::{Closure, Column, PathId, PathSet, StoreGraph};

use super::{ChainNetwork, CutError, CutSet};
use crate::analysis::what_if::{Difference, Step, Total, after};

/// One target with the chains to it.
pub(super) struct Ground<'a> {
    pub(super) graph: &'a StoreGraph,
    pub(super) closure: &'a Closure,
    pub(super) target: PathId,
    pub(super) chains: ChainNetwork,
    /// Whether a reference must stay, from one path to another.
    pub(super) stays: &'a dyn Fn(PathId, PathId) -> bool,
    /// What leaves with the target alone.
    pub(super) own: Total,
}

/// An answer with the paths on chains that leave by it, ascending.
#[derive(Debug, Clone)]
pub(super) struct FoundCut {
    pub(super) leaving: Vec<PathId>,
    pub(super) set: CutSet,
}

impl<'a> Ground<'a> {
    pub(super) fn of(
        graph: &'a StoreGraph,
        closure: &'a Closure,
        target: PathId,
        stays: &'a dyn Fn(PathId, PathId) -> bool,
    ) -> Result<Self, CutError> {
        let chains = ChainNetwork::of(graph, closure, target)?;
        let mut ground = Self {
            graph,
            closure,
            target,
            chains,
            stays,
            own: Total::default(),
        };
        ground.own = Total::of(graph, &ground.gone(&[target]));
        Ok(ground)
    }

    /// Whether a path is on a chain to the target.
    pub(super) fn is_on_chain(&self, id: PathId) -> bool {
        self.chains.number[id] != u32::MAX
    }

    /// The cut by which `paths` leave, with the target among them; `None` if a reference to them must stay, or a root is
    /// among them.
    pub(super) fn answer(&self, paths: &[PathId]) -> Option<FoundCut> {
        if paths.iter().any(|&id| self.chains.is_root.contains(id)) {
            return None;
        }
        let gone = self.gone(paths);
        let mut references = Vec::new();
        let mut leaving = Vec::new();
        for to in gone.iter().filter(|&id| self.is_on_chain(id)) {
            leaving.push(to);
            let referrers = self.closure.referrers(self.graph, to);
            references.extend(
                referrers
                    .filter(|&id| !gone.contains(id))
                    .map(|id| (id, to)),
            );
        }
        if references.iter().any(|&(from, to)| (self.stays)(from, to)) {
            return None;
        }
        references.sort_unstable();
        let freed = Total::of(self.graph, &gone);
        let set = CutSet {
            references,
            freed: difference(freed, Total::default()),
            collateral: difference(freed, self.own),
        };
        Some(FoundCut { leaving, set })
    }

    /// Everything that leaves once no other path references `paths`.
    fn gone(&self, paths: &[PathId]) -> PathSet {
        let (graph, closure) = (self.graph, self.closure);
        let mut gone = PathSet::of(graph.len(), paths.iter().copied());
        if !closure.is_acyclic(graph) {
            let steps = paths.iter().map(|&id| Step::Remove(id)).collect::<Vec<_>>();
            return closure.members().minus(&after(graph, closure, &steps));
        }
        let mut held: Column<u32> = Column::filled(graph.len(), 0);
        let mut stack = paths.to_vec();
        while let Some(id) = stack.pop() {
            for &to in graph.references(id) {
                if gone.contains(to) || self.chains.is_root.contains(to) {
                    continue;
                }
                if held[to] == 0 {
                    held[to] = closure.referrer_count(graph, to) as u32;
                }
                held[to] -= 1;
                if held[to] == 0 {
                    gone.insert(to);
                    stack.push(to);
                }
            }
        }
        gone
    }
}

fn difference(all: Total, less: Total) -> Difference {
    Difference {
        paths: all.paths.cast_signed() as i64 - less.paths.cast_signed() as i64,
        nar_size: all.nar_size.cast_signed() - less.nar_size.cast_signed(),
        known: all.unknown == less.unknown,
    }
}
