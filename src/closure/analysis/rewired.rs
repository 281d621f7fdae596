//! A graph as it would be under some steps, without building it: only the few references that a step touches are looked up
//! one by one, all others are read from the graph as they stand.

use crate::model::{PathId, PathSet, StoreGraph};

use super::leads::Leads;
use super::step::Step;

/// The references of a graph, and its roots, under an ordered list of steps.
///
/// Steps act on references in their order. A reference ends at `remove P` when it points to `P`, at `cut U → V` when it
/// runs from `U` to `V`, and at `replace A with B` when it is `A`'s own reference to `B` or would become `B`'s reference to
/// itself; other references to `A` point to `B` from there on. A removed path may not be entered by any later step either.
/// What the user asked for is a reference like any other, from outside: a removed root is gone, a replaced one is the other.
#[derive(Debug)]
pub(super) struct Rewired<'a> {
    graph: &'a StoreGraph,
    roots: &'a [PathId],
    leads: Leads,
}

impl<'a> Rewired<'a> {
    pub(super) fn new(graph: &'a StoreGraph, roots: &'a [PathId], steps: &[Step]) -> Self {
        Self {
            graph,
            roots,
            leads: Leads::under(graph, steps),
        }
    }

    /// The references of a path under the steps, in the order of the graph's row; a target may come twice.
    pub(super) fn references(&self, from: PathId) -> impl Iterator<Item = PathId> + '_ {
        self.moved_references(from).map(|(_, to)| to)
    }

    /// As [`Rewired::references`], each with the path that the reference leads to in the graph as it stands.
    pub(super) fn moved_references(
        &self,
        from: PathId,
    ) -> impl Iterator<Item = (PathId, PathId)> + '_ {
        let looked_at = self.leads.has_lost(from);
        let row = self.graph.references(from).iter().copied();
        row.filter_map(move |to| {
            let dropped = looked_at && self.leads.is_dropped(from, to);
            let end = if dropped { None } else { self.end_of(to) };
            end.map(|end| (to, end))
        })
    }

    /// Where references to a path lead, unless they were dropped.
    #[inline]
    fn end_of(&self, target: PathId) -> Option<PathId> {
        // What is removed is touched, too: most references cost one test.
        if self.leads.touched().contains(target) {
            self.end_of_touched(target)
        } else {
            Some(target)
        }
    }

    fn end_of_touched(&self, target: PathId) -> Option<PathId> {
        let end = self.leads.end_of(target);
        end.filter(|&end| !self.leads.is_removed(end))
    }

    /// Whether a reference of the graph still leads where it did, where no step replaces anything.
    pub(super) fn keeps(&self, from: PathId, to: PathId) -> bool {
        !self.leads.touched().contains(to) && !self.leads.is_dropped(from, to)
    }

    /// The roots under the steps; one may come twice.
    pub(super) fn roots(&self) -> impl Iterator<Item = PathId> + '_ {
        self.roots.iter().filter_map(|&root| self.end_of(root))
    }

    /// How many paths of a set reference `id` under the steps; redirected references count where they lead.
    pub(super) fn holders(&self, id: PathId, among: &PathSet) -> usize {
        let holders_by = |target: PathId| {
            let referrers = self.graph.referrers(target).iter().copied();
            referrers
                .filter(move |&from| among.contains(from) && !self.leads.is_dropped(from, target))
        };
        match *self.leads.targets(&id) {
            [target] => holders_by(target).count(),
            ref targets => {
                let holders = targets.iter().flat_map(|&target| holders_by(target));
                let mut holders: Vec<PathId> = holders.collect();
                holders.sort_unstable();
                holders.dedup();
                holders.len()
            }
        }
    }

    /// Everything the roots reach.
    pub(super) fn reached(&self) -> PathSet {
        let mut looked_at = self.leads.touched().clone();
        looked_at.union_with(self.leads.lost());
        let mut walk = RewiredWalk {
            rewired: self,
            looked_at,
            seen: PathSet::empty(self.graph.len()),
            stack: Vec::new(),
            entered: PathSet::empty(self.graph.len()),
            entering: Vec::new(),
        };
        for root in self.roots() {
            walk.enter(root);
        }
        walk.run();
        walk.seen.subtract(self.leads.touched());
        walk.seen.union_with(&walk.entered);
        walk.seen
    }
}

/// A walk with one bit test for each reference: that to a touched path is followed once for all its referrers.
struct RewiredWalk<'a> {
    rewired: &'a Rewired<'a>,
    /// Paths that references to or from were changed; all others are walked as they stand.
    looked_at: PathSet,
    /// Paths that were reached, and touched paths the references to which are followed.
    seen: PathSet,
    stack: Vec<PathId>,
    /// Touched paths that are reached.
    entered: PathSet,
    entering: Vec<PathId>,
}

impl RewiredWalk<'_> {
    fn enter(&mut self, id: PathId) {
        if self.rewired.leads.touched().contains(id) {
            if self.entered.insert(id) {
                self.entering.push(id);
            }
        } else if self.seen.insert(id) {
            self.stack.push(id);
        }
    }

    fn run(&mut self) {
        loop {
            while let Some(id) = self.stack.pop() {
                if self.looked_at.contains(id) {
                    self.follow(id);
                } else {
                    self.expand(id);
                }
            }
            let Some(id) = self.entering.pop() else { break };
            self.look_at(id);
        }
    }

    /// Goes on from a path whose references are as they stand.
    #[inline]
    fn expand(&mut self, id: PathId) {
        for &to in self.rewired.graph.references(id) {
            if self.seen.insert(to) {
                self.stack.push(to);
            }
        }
    }

    /// Goes on where references to a touched path lead, which was seen for the first time, or from one that has lost some.
    fn follow(&mut self, target: PathId) {
        if !self.rewired.leads.touched().contains(target) {
            self.look_at(target);
        } else if let Some(end) = self.rewired.end_of(target) {
            self.enter(end);
        }
    }

    /// Goes on from a path that may have lost references.
    fn look_at(&mut self, id: PathId) {
        if !self.rewired.leads.has_lost(id) {
            return self.expand(id);
        }
        let rewired = self.rewired;
        for to in rewired.references(id) {
            self.enter(to);
        }
    }
}
