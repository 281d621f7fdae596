//! What growth is measured against.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::analysis::what_if::Total;
use crate::model::{Closure, PathId, StoreGraph};

/// Closures of before, in a graph of their own.
#[derive(Debug, Clone)]
pub struct Baseline {
    /// Where it was read from, in a few words.
    pub origin: String,
    /// The graph.
    pub graph: Arc<StoreGraph>,
    /// The roots.
    pub roots: Vec<PathId>,
}

impl Baseline {
    /// What of it a closure is compared with: of several roots those with the package name of the closure's only root.
    /// `None` if it has none such: the root is new.
    pub(super) fn closure_for(&self, graph: &StoreGraph, closure: &Closure) -> Option<Closure> {
        let roots = match closure.roots() {
            [only] if self.roots.len() > 1 => {
                let wanted = graph.package(*only).pname;
                let same = |&&id: &&PathId| self.graph.package(id).pname == wanted;
                self.roots.iter().filter(same).copied().collect()
            }
            _ => self.roots.clone(),
        };
        (!roots.is_empty()).then(|| Closure::of(&self.graph, &roots))
    }

    /// Whether the baseline has a path of this base name in a closure of it.
    pub(super) fn has(&self, before: &Closure, base_name: &str) -> bool {
        let found = self.graph.find(base_name);
        found.is_some_and(|id| before.contains(id))
    }

    /// What each package takes more than before, in bytes, those that grew only, the largest first.
    pub(super) fn grown<'g>(
        &self,
        before: &Closure,
        graph: &'g StoreGraph,
        closure: &Closure,
    ) -> Vec<(&'g str, i64)> {
        let mut packages: BTreeMap<&str, i64> = BTreeMap::new();
        for id in closure.members().iter() {
            let size = graph.nar_size(id).unwrap_or(0).cast_signed();
            *packages.entry(graph.package(id).pname).or_default() += size;
        }
        for id in before.members().iter() {
            let size = self.graph.nar_size(id).unwrap_or(0).cast_signed();
            if let Some(sum) = packages.get_mut(self.graph.package(id).pname) {
                *sum -= size;
            }
        }
        let mut grown: Vec<(&str, i64)> =
            packages.into_iter().filter(|&(_, more)| more > 0).collect();
        grown.sort_by_key(|&(name, more)| (-more, name));
        grown
    }

    /// What came since, and what left: paths on both sides cancel out, even if their sizes are unknown.
    pub(super) fn difference(
        &self,
        before: &Closure,
        graph: &StoreGraph,
        closure: &Closure,
    ) -> (Total, Total) {
        let members = closure.members().iter();
        let came = members.filter(|&id| !self.has(before, graph.base_name(id)));
        let was = before.members().iter();
        let left = was.filter(|&id| {
            let now = graph.find(self.graph.base_name(id));
            !now.is_some_and(|id| closure.contains(id))
        });
        (
            Total::of_paths(graph, came),
            Total::of_paths(&self.graph, left),
        )
    }
}
