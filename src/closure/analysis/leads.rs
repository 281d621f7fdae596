//! Where references lead under steps: of most paths, where they led before.
//!
//! References that lead to one place move together from then on. They are kept as bundles, the smaller of two added to the
//! larger, so a chain of replacements (*a* by *b*, *b* by *c*, …) costs no more than as many apart.

use std::slice;

use hashbrown::{HashMap, HashSet};

use super::step::Step;
use crate::model::{PathId, PathSet, StoreGraph};

/// Where references lead, by the path they lead to in the graph as it stands.
#[derive(Debug, Clone)]
pub(super) struct Leads {
    /// Paths of which references lead elsewhere, or did for a while.
    touched: PathSet,
    /// The bundle that the references to a path are in. Touched paths without one are led to no more.
    bundle_of: HashMap<PathId, usize>,
    bundles: Vec<Bundle>,
    /// The bundle that leads to a path, where that is not just its own references.
    at: HashMap<PathId, usize>,
    /// Single references that ended, each as its referrer and where it leads in the graph.
    dropped: HashSet<(PathId, PathId)>,
    /// Paths of which a reference was dropped.
    lost: PathSet,
    removed: PathSet,
}

/// References that lead to one place.
#[derive(Debug, Clone)]
struct Bundle {
    /// Where they led in the graph as it stands.
    targets: Vec<PathId>,
    /// Where they lead; nowhere where they ended.
    end: Option<PathId>,
}

impl Leads {
    /// As in the graph, which has this many paths.
    pub(super) fn of(paths: usize) -> Self {
        Self {
            touched: PathSet::empty(paths),
            bundle_of: HashMap::new(),
            bundles: Vec::new(),
            at: HashMap::new(),
            dropped: HashSet::new(),
            lost: PathSet::empty(paths),
            removed: PathSet::empty(paths),
        }
    }

    /// After some steps, one after another.
    pub(super) fn under(graph: &StoreGraph, steps: &[Step]) -> Self {
        let mut leads = Self::of(graph.len());
        for &step in steps {
            match step {
                Step::Remove(id) => leads.remove(id),
                Step::Cut { from, to } => {
                    leads.cut(graph, from, to);
                }
                Step::Replace { old, new } if old != new => {
                    leads.cut(graph, old, new);
                    leads.cut(graph, new, old);
                    leads.redirect(old, new);
                }
                Step::Replace { .. } => {}
            }
        }
        leads
    }

    /// Where references to a path lead, by whatever path but for those that were dropped; what is removed may be named, and
    /// cannot be entered.
    #[inline]
    pub(super) fn end_of(&self, target: PathId) -> Option<PathId> {
        if !self.touched.contains(target) {
            return Some(target);
        }
        let bundle = *self.bundle_of.get(&target)?;
        self.bundles[bundle].end
    }

    /// Where a reference leads that leads from `from` to `target` in the graph as it stands.
    #[inline]
    pub(super) fn lead(&self, from: PathId, target: PathId) -> Option<PathId> {
        if self.is_dropped(from, target) {
            return None;
        }
        self.end_of(target)
    }

    /// Whether a single reference was dropped.
    #[inline]
    pub(super) fn is_dropped(&self, from: PathId, target: PathId) -> bool {
        self.lost.contains(from) && self.dropped.contains(&(from, target))
    }

    /// Whether a reference of the path was dropped, so that they must be looked at one by one.
    #[inline]
    pub(super) fn has_lost(&self, from: PathId) -> bool {
        self.lost.contains(from)
    }

    /// Whether the path was removed, and so cannot be entered any more.
    #[inline]
    pub(super) fn is_removed(&self, id: PathId) -> bool {
        self.removed.contains(id)
    }

    /// Paths of which references lead elsewhere, or did for a while.
    pub(super) fn touched(&self) -> &PathSet {
        &self.touched
    }

    /// Paths of which a reference was dropped.
    pub(super) fn lost(&self) -> &PathSet {
        &self.lost
    }

    /// The paths whose references lead to this one now.
    pub(super) fn targets<'t>(&'t self, id: &'t PathId) -> &'t [PathId] {
        match self.at.get(id) {
            Some(&bundle) => &self.bundles[bundle].targets,
            None if self.touched.contains(*id) => &[],
            None => slice::from_ref(id),
        }
    }

    /// What leads to one path leads to another from now on, which must be another one.
    pub(super) fn redirect(&mut self, old: PathId, new: PathId) {
        let Some(moved) = self.taken_from(old) else {
            return;
        };
        let there = self.bundle_at(new);
        let bundle = match there {
            Some(there) => self.joined(moved, there),
            None => moved,
        };
        self.bundles[bundle].end = Some(new);
        self.at.insert(new, bundle);
    }

    /// The path cannot be entered any more, and what leads to it leads nowhere from now on.
    pub(super) fn remove(&mut self, id: PathId) {
        self.removed.insert(id);
        if let Some(ended) = self.taken_from(id) {
            self.bundles[ended].end = None;
        }
    }

    /// Ends the references of a path that lead to another one now; how many there were.
    pub(super) fn cut(&mut self, graph: &StoreGraph, from: PathId, to: PathId) -> u32 {
        let row = graph.references(from);
        let targets = self.targets(&to);
        let found: Vec<PathId> = if targets.len() < row.len() {
            let is_there = |target: &PathId| row.binary_search(target).is_ok();
            targets.iter().copied().filter(is_there).collect()
        } else {
            let leads_there = |target: &PathId| self.end_of(*target) == Some(to);
            row.iter().copied().filter(leads_there).collect()
        };
        let mut ended = 0;
        for target in found {
            ended += u32::from(self.dropped.insert((from, target)));
        }
        if ended > 0 {
            self.lost.insert(from);
        }
        ended
    }

    /// The bundle that led to a path until now; `None` where nothing did.
    fn taken_from(&mut self, id: PathId) -> Option<usize> {
        let bundle = self.bundle_at(id);
        self.touched.insert(id);
        self.at.remove(&id);
        bundle
    }

    /// The bundle that leads to a path, made if that is just its own references.
    fn bundle_at(&mut self, id: PathId) -> Option<usize> {
        if let Some(&bundle) = self.at.get(&id) {
            return Some(bundle);
        }
        if self.touched.contains(id) {
            return None;
        }
        self.bundles.push(Bundle {
            targets: vec![id],
            end: Some(id),
        });
        let bundle = self.bundles.len() - 1;
        self.bundle_of.insert(id, bundle);
        Some(bundle)
    }

    /// Makes one bundle of two.
    fn joined(&mut self, a: usize, b: usize) -> usize {
        let size = |bundle: usize| self.bundles[bundle].targets.len();
        let (small, large) = if size(a) < size(b) { (a, b) } else { (b, a) };
        let moved = std::mem::take(&mut self.bundles[small].targets);
        for &target in &moved {
            self.bundle_of.insert(target, large);
        }
        self.bundles[large].targets.extend(moved);
        large
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Where each reference of each path leads, every step carried out on all of them.
    fn carried_out(graph: &StoreGraph, steps: &[Step]) -> Vec<Vec<(PathId, Option<PathId>)>> {
        let row = |from| graph.references(from).iter().map(|&to| (to, Some(to)));
        let mut rows: Vec<Vec<_>> = graph.ids().map(|from| row(from).collect()).collect();
        let end = |rows: &mut Vec<Vec<(PathId, Option<PathId>)>>, from: PathId, to: PathId| {
            for (_, end) in &mut rows[from.index()] {
                *end = end.filter(|&end| end != to);
            }
        };
        for &step in steps {
            match step {
                Step::Remove(id) => graph.ids().for_each(|from| end(&mut rows, from, id)),
                Step::Cut { from, to } => end(&mut rows, from, to),
                Step::Replace { old, new } if old == new => {}
                Step::Replace { old, new } => {
                    end(&mut rows, old, new);
                    end(&mut rows, new, old);
                    for (_, end) in rows.iter_mut().flatten() {
                        *end = end.map(|end| if end == old { new } else { end });
                    }
                }
            }
        }
        rows
    }

    fn steps() -> impl Strategy<Value = Vec<(u8, usize, usize)>> {
        prop::collection::vec((0..5_u8, 0..10_usize, 0..10_usize), 0..24)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn every_reference_leads_where_the_steps_take_it(
            (graph, _) in crate::testing::any_graph(10), steps in steps(),
        ) {
            let id = |number: usize| PathId::new(number % graph.len());
            let step = |(kind, a, b)| match kind {
                0 => Step::Remove(id(a)),
                1 => Step::Cut { from: id(a), to: id(b) },
                _ => Step::Replace { old: id(a), new: id(b) },
            };
            let steps: Vec<Step> = steps.into_iter().map(step).collect();
            let leads = Leads::under(&graph, &steps);
            let rows = carried_out(&graph, &steps);
            let mut leading = vec![Vec::new(); graph.len()];
            for from in graph.ids() {
                for &(target, end) in &rows[from.index()] {
                    prop_assert_eq!(leads.lead(from, target), end);
                    if let Some(end) = end {
                        leading[end.index()].push(target);
                    }
                }
            }
            // What is led to one by one is led to by the whole bundle.
            for id in graph.ids() {
                for target in &leading[id.index()] {
                    prop_assert!(leads.targets(&id).contains(target));
                }
                for &target in leads.targets(&id) {
                    prop_assert_eq!(leads.end_of(target), Some(id));
                }
            }
        }
    }
}
