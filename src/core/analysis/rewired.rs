//! A graph as it would be under some steps, without building it: only the few references that a step touches are looked up
//! one by one, all others are read from the graph as they stand.

use crate::model::{PathId, PathSet, StoreGraph};

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
    removed: PathSet,
    /// The places in the list of the steps that end or redirect all references to a path, ascending by path and place.
    by_end: Vec<(PathId, usize, Option<PathId>)>,
    /// The places of the steps that end one reference, ascending by referrer, end and place.
    by_reference: Vec<(PathId, PathId, usize)>,
    /// References to these paths do not end where they do in the graph (unless their referrer is special, too).
    touched: PathSet,
    /// Where references to each touched path lead, ascending by path.
    ends: Vec<(PathId, Option<PathId>)>,
    /// The ends of `ends`, ascending, each with the touched path.
    redirected: Vec<(PathId, PathId)>,
    /// The references of these paths must be looked at one by one.
    special: PathSet,
}

impl<'a> Rewired<'a> {
    pub(super) fn new(graph: &'a StoreGraph, roots: &'a [PathId], steps: &'a [Step]) -> Self {
        let mut rewired = Self {
            graph,
            roots,
            removed: PathSet::empty(graph.len()),
            by_end: Vec::new(),
            by_reference: Vec::new(),
            touched: PathSet::empty(graph.len()),
            ends: Vec::new(),
            redirected: Vec::new(),
            special: PathSet::empty(graph.len()),
        };
        let mut named = Vec::new();
        for (at, &step) in steps.iter().enumerate() {
            match step {
                Step::Remove(id) => {
                    rewired.removed.insert(id);
                    rewired.by_end.push((id, at, None));
                    named.push(id);
                }
                Step::Cut { from, to } => {
                    rewired.special.insert(from);
                    rewired.by_reference.push((from, to, at));
                }
                Step::Replace { old, new } => {
                    rewired.special.extend([old, new]);
                    named.push(old);
                    if old != new {
                        rewired.by_end.push((old, at, Some(new)));
                        rewired.by_reference.push((old, new, at));
                    }
                }
            }
        }
        rewired.by_end.sort_unstable();
        rewired.by_reference.sort_unstable();
        named.sort_unstable();
        named.dedup();
        for id in named {
            let end = rewired.end(None, id);
            if end != Some(id) {
                rewired.touched.insert(id);
                rewired.ends.push((id, end));
                rewired.redirected.extend(end.map(|end| (end, id)));
            }
        }
        rewired.redirected.sort_unstable();
        rewired
    }

    /// Where the reference `from → to` leads after all steps. `from` is `None` for a root.
    pub(super) fn end(&self, from: Option<PathId>, to: PathId) -> Option<PathId> {
        let mut at = to;
        // Only the steps from here on are still to come.
        let mut next = 0;
        loop {
            let step = self.step_on(at, next);
            let ends = from.and_then(|from| self.step_on_reference(from, at, next));
            match (step, ends) {
                (None, None) => break,
                (Some((place, Some(new))), ends) if ends.is_none_or(|ends| place < ends) => {
                    at = new;
                    if from == Some(new) {
                        return None;
                    }
                    next = place + 1;
                }
                _ => return None,
            }
        }
        (!self.removed.contains(at)).then_some(at)
    }

    /// The first step at a place or behind it that ends all references to a path or leads them elsewhere.
    fn step_on(&self, to: PathId, next: usize) -> Option<(usize, Option<PathId>)> {
        let key = |&(id, place, _): &(PathId, usize, _)| (id, place);
        let found = self.by_end.partition_point(|one| key(one) < (to, next));
        let &(id, place, end) = self.by_end.get(found)?;
        (id == to).then_some((place, end))
    }

    /// The first step at a place or behind it that ends one reference.
    fn step_on_reference(&self, from: PathId, to: PathId, next: usize) -> Option<usize> {
        let found = self
            .by_reference
            .partition_point(|&one| one < (from, to, next));
        let &(u, v, place) = self.by_reference.get(found)?;
        ((u, v) == (from, to)).then_some(place)
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
        let special = self.special.contains(from);
        let row = self.graph.references(from).iter().copied();
        row.filter_map(move |to| {
            let end = if special {
                self.end(Some(from), to)
            } else if self.touched.contains(to) {
                self.end_of_touched(to).filter(|&end| end != from)
            } else {
                Some(to)
            };
            end.map(|end| (to, end))
        })
    }

    /// Whether a reference of the graph still leads where it did, where no step replaces anything.
    pub(super) fn keeps(&self, from: PathId, to: PathId) -> bool {
        !self.touched.contains(to)
            && (!self.special.contains(from) || self.end(Some(from), to).is_some())
    }

    /// The roots under the steps; one may come twice.
    pub(super) fn roots(&self) -> impl Iterator<Item = PathId> + '_ {
        self.roots.iter().filter_map(|&root| self.end(None, root))
    }

    /// How many paths of a set reference `id` under the steps; redirected references count where they lead.
    pub(super) fn holders(&self, id: PathId, among: &PathSet) -> usize {
        let itself = (!self.touched.contains(id)).then_some(id);
        let first = self.redirected.partition_point(|&(end, _)| end < id);
        let redirected = self.redirected[first..].iter();
        let redirected = redirected.take_while(|(end, _)| *end == id);
        let mut origins: Vec<PathId> = redirected.map(|&(_, origin)| origin).collect();
        origins.extend(itself);
        let holds = |from: PathId, origin: PathId| {
            // A special path's reference may be dropped, but never leads elsewhere than all others do.
            let kept = !self.special.contains(from) || self.end(Some(from), origin).is_some();
            from != id && among.contains(from) && kept
        };
        if let [origin] = origins[..] {
            let referrers = self.graph.referrers(origin).iter();
            return referrers.filter(|&&from| holds(from, origin)).count();
        }
        let mut holders = Vec::new();
        for origin in origins {
            let referrers = self.graph.referrers(origin).iter().copied();
            holders.extend(referrers.filter(|&from| holds(from, origin)));
        }
        holders.sort_unstable();
        holders.dedup();
        holders.len()
    }

    fn end_of_touched(&self, id: PathId) -> Option<PathId> {
        let at = self.ends.partition_point(|&(other, _)| other < id);
        self.ends[at].1
    }

    /// Everything the roots reach.
    ///
    /// One bit test for each reference: touched paths count as reached beforehand, and where they lead is entered
    /// afterwards, once for all their referrers.
    pub(super) fn reached(&self) -> PathSet {
        let mut walk = Walk {
            rewired: self,
            reached: self.touched.clone(),
            entered: PathSet::empty(self.graph.len()),
            stack: Vec::new(),
        };
        for root in self.roots() {
            walk.enter(root);
        }
        walk.run();
        let mut found = true;
        while found {
            found = false;
            for &(id, end) in &self.ends {
                if walk.follow(id, end) {
                    found = true;
                    walk.run();
                }
            }
        }
        walk.reached.subtract(&self.touched);
        walk.reached.union_with(&walk.entered);
        walk.reached
    }
}

struct Walk<'a> {
    rewired: &'a Rewired<'a>,
    reached: PathSet,
    /// Touched paths that are reached all the same.
    entered: PathSet,
    stack: Vec<PathId>,
}

impl Walk<'_> {
    fn enter(&mut self, id: PathId) {
        let new = if self.rewired.touched.contains(id) {
            self.entered.insert(id)
        } else {
            self.reached.insert(id)
        };
        if new {
            self.stack.push(id);
        }
    }

    fn run(&mut self) {
        while let Some(id) = self.stack.pop() {
            if self.rewired.special.contains(id) {
                for to in self.rewired.references(id) {
                    self.enter(to);
                }
                continue;
            }
            for &to in self.rewired.graph.references(id) {
                if self.reached.insert(to) {
                    self.stack.push(to);
                }
            }
        }
    }

    /// Enters the end of references to a touched path if one of its referrers is reached; `true` if that is new.
    fn follow(&mut self, id: PathId, end: Option<PathId>) -> bool {
        let Some(end) = end else { return false };
        if self.has(end) {
            return false;
        }
        let mut referrers = self.rewired.graph.referrers(id).iter();
        let held = referrers
            .any(|&referrer| !self.rewired.special.contains(referrer) && self.has(referrer));
        if held {
            self.enter(end);
        }
        held
    }

    fn has(&self, id: PathId) -> bool {
        if self.rewired.touched.contains(id) {
            self.entered.contains(id)
        } else {
            self.reached.contains(id)
        }
    }
}
