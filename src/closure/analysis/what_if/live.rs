//! A closure that follows steps one after another, replacements included, at the cost of what each of them changes.
//!
//! How many references from within the closure lead to a path is counted, as garbage collectors do: a path that gets its
//! first one arrives, one that loses its last leaves. That is exact as long as no paths reference each other in a cycle.
//! Whether a replacement would close one is told by an order of the paths, referrers before references, that is mended
//! where a redirected reference contradicts it (Pearce and Kelly, *A Dynamic Topological Sort Algorithm for Directed
//! Acyclic Graphs*, 2006).

use hashbrown::HashMap;

use super::{Difference, Step, Total};
use crate::analysis::leads::Leads;
use crate::model::{Closure, Column, PathId, PathSet, StoreGraph};

/// A step cannot be followed by counting: references would form a cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ClosesCycle;

/// The closure under the steps taken so far.
#[derive(Debug, Clone)]
pub(super) struct Live<'a> {
    graph: &'a StoreGraph,
    /// Everything that any of the steps can bring into the closure, and what it needs.
    world: &'a PathSet,
    reached: PathSet,
    /// How many references from reached paths, and from outside, lead to each path.
    holders: Column<u32>,
    /// Referrers before references, in the graph as it is under the steps.
    position: Column<u32>,
    leads: Leads,
    /// What arrived (`true`) or left since it was last asked for.
    changed: HashMap<PathId, bool>,
    /// What has other holders or another position since it was last asked for; some may be there twice.
    written: Vec<PathId>,
    /// The search that last came by each path.
    seen: Column<u32>,
    search: u32,
}

/// What the steps can bring into the closure, and what that needs.
pub(super) fn world(graph: &StoreGraph, closure: &Closure, groups: &[&[Step]]) -> Closure {
    let mut starts = closure.roots().to_vec();
    for step in groups.iter().copied().flatten() {
        if let Step::Replace { new, .. } = *step {
            starts.push(new);
        }
    }
    starts.sort_unstable();
    starts.dedup();
    Closure::of(graph, &starts)
}

impl<'a> Live<'a> {
    /// The closure before any step; `None` if there are cycles in it, or in what steps can bring.
    pub(super) fn of(graph: &'a StoreGraph, closure: &Closure, world: &'a Closure) -> Option<Self> {
        let sorted = world.sorted(graph);
        if sorted.len() < world.len() {
            return None;
        }
        let mut live = Self {
            graph,
            world: world.members(),
            reached: closure.members().clone(),
            holders: Column::filled(graph.len(), 0),
            position: Column::filled(graph.len(), 0),
            leads: Leads::of(graph.len()),
            changed: HashMap::new(),
            written: Vec::new(),
            seen: Column::filled(graph.len(), 0),
            search: 0,
        };
        for (at, id) in sorted.into_iter().enumerate() {
            live.position[id] = at as u32;
        }
        for id in closure.members().iter() {
            live.holders[id] = closure.referrer_count(graph, id) as u32;
        }
        for root in closure.roots() {
            live.holders[*root] += 1;
        }
        Some(live)
    }

    /// Takes some steps; what they free together.
    pub(super) fn take(&mut self, steps: &[Step]) -> Result<Difference, ClosesCycle> {
        self.changed.clear();
        self.written.clear();
        for &step in steps {
            self.step(step)?;
        }
        let of = |come: bool| {
            let some = self.changed.iter().filter(|&(_, &one)| one == come);
            Total::of_paths(self.graph, some.map(|(&id, _)| id))
        };
        let (gone, come) = (of(false), of(true));
        Ok(Difference {
            paths: gone.paths.cast_signed() as i64 - come.paths.cast_signed() as i64,
            nar_size: gone.nar_size.cast_signed() - come.nar_size.cast_signed(),
            known: gone.unknown + come.unknown == 0,
        })
    }

    /// What some steps free together by themselves. This is a clone of `before`, with no step taken, and is so again
    /// afterwards.
    pub(super) fn alone(
        &mut self,
        before: &Self,
        steps: &[Step],
    ) -> Result<Difference, ClosesCycle> {
        let freed = self.take(steps);
        for id in self.written.drain(..) {
            self.holders[id] = before.holders[id];
            self.position[id] = before.position[id];
        }
        for &id in self.changed.keys() {
            if before.reached.contains(id) {
                self.reached.insert(id);
            } else {
                self.reached.remove(id);
            }
        }
        self.leads = Leads::of(self.graph.len());
        freed
    }

    fn step(&mut self, step: Step) -> Result<(), ClosesCycle> {
        match step {
            Step::Remove(id) => {
                self.leads.remove(id);
                self.unhold(id);
            }
            Step::Cut { from, to } => self.drop_references(from, to),
            Step::Replace { old, new } if old != new => {
                self.drop_references(old, new);
                self.drop_references(new, old);
                // What is removed is not entered, but what leads to it may lead elsewhere by a later step.
                let enters = !self.leads.is_removed(new);
                if enters {
                    self.make_room(old, new)?;
                }
                self.leads.redirect(old, new);
                let moved = self.holders[old];
                self.holders[new] += moved;
                self.written.push(new);
                if enters && moved > 0 && !self.reached.contains(new) {
                    self.arrive(new);
                }
                self.unhold(old);
            }
            Step::Replace { .. } => {}
        }
        Ok(())
    }

    /// Nothing leads to a path any more.
    fn unhold(&mut self, id: PathId) {
        self.holders[id] = 0;
        self.written.push(id);
        if self.reached.contains(id) {
            self.leave(id);
        }
    }

    /// Ends the references of a path that lead to another one now.
    fn drop_references(&mut self, from: PathId, to: PathId) {
        let ended = self.leads.cut(self.graph, from, to);
        if ended > 0 && self.reached.contains(from) {
            self.holders[to] -= ended;
            self.written.push(to);
            if self.holders[to] == 0 && self.reached.contains(to) {
                self.leave(to);
            }
        }
    }

    fn arrive(&mut self, id: PathId) {
        let graph = self.graph;
        let mut stack = vec![id];
        while let Some(id) = stack.pop() {
            self.reached.insert(id);
            self.note(id, true);
            for &target in graph.references(id) {
                let Some(to) = self.leads.lead(id, target) else {
                    continue;
                };
                self.holders[to] += 1;
                self.written.push(to);
                if self.holders[to] == 1 && !self.leads.is_removed(to) {
                    stack.push(to);
                }
            }
        }
    }

    fn leave(&mut self, id: PathId) {
        let graph = self.graph;
        let mut stack = vec![id];
        while let Some(id) = stack.pop() {
            self.reached.remove(id);
            self.note(id, false);
            for &target in graph.references(id) {
                let Some(to) = self.leads.lead(id, target) else {
                    continue;
                };
                self.holders[to] -= 1;
                self.written.push(to);
                if self.holders[to] == 0 && self.reached.contains(to) {
                    stack.push(to);
                }
            }
        }
    }

    /// What comes and goes again has not changed.
    fn note(&mut self, id: PathId, came: bool) {
        if self.changed.insert(id, came) == Some(!came) {
            self.changed.remove(&id);
        }
    }

    /// Puts into `found` the paths that reference another now, whether they are reached or not, but none that is removed;
    /// some may come twice.
    fn referrers(&self, id: PathId, found: &mut Vec<PathId>) {
        for &target in self.leads.targets(&id) {
            let all = self.graph.referrers(target).iter().copied();
            found.extend(all.filter(|&from| {
                self.world.contains(from)
                    && !self.leads.is_removed(from)
                    && !self.leads.is_dropped(from, target)
            }));
        }
    }

    /// Mends the order so that all that references `old` may reference `new`.
    fn make_room(&mut self, old: PathId, new: PathId) -> Result<(), ClosesCycle> {
        let first = self.position[new];
        // Its referrers stand before the one, so they stand before the other.
        if self.position[old] < first && !self.leads.is_removed(old) {
            return Ok(());
        }
        let mut late = Vec::new();
        self.referrers(old, &mut late);
        late.retain(|&from| self.position[from] > first);
        let Some(last) = late.iter().map(|&from| self.position[from]).max() else {
            return Ok(());
        };
        let below = self.below(new, last);
        if late.iter().any(|&from| self.is_seen(from)) {
            return Err(ClosesCycle);
        }
        let above = self.above(&late, first);
        self.rearrange(above, below);
        Ok(())
    }

    /// What is reachable from a path and stands no later than `last`.
    fn below(&mut self, start: PathId, last: u32) -> Vec<PathId> {
        self.search += 1;
        self.see(start);
        let graph = self.graph;
        let mut found = vec![start];
        let mut at = 0;
        while let Some(&id) = found.get(at) {
            at += 1;
            for &target in graph.references(id) {
                let Some(to) = self.leads.lead(id, target) else {
                    continue;
                };
                let open = self.position[to] <= last && !self.leads.is_removed(to);
                if open && self.see(to) {
                    found.push(to);
                }
            }
        }
        found
    }

    /// What reaches one of some paths and stands no earlier than `first`.
    fn above(&mut self, starts: &[PathId], first: u32) -> Vec<PathId> {
        self.search += 1;
        let mut found = starts.to_vec();
        found.retain(|&id| self.see(id));
        let mut referrers = Vec::new();
        let mut at = 0;
        while let Some(&id) = found.get(at) {
            at += 1;
            self.referrers(id, &mut referrers);
            for from in referrers.drain(..) {
                if self.position[from] >= first && self.see(from) {
                    found.push(from);
                }
            }
        }
        found
    }

    /// Whether this search comes by a path for the first time.
    fn see(&mut self, id: PathId) -> bool {
        let new = !self.is_seen(id);
        self.seen[id] = self.search;
        new
    }

    fn is_seen(&self, id: PathId) -> bool {
        self.seen[id] == self.search
    }

    /// Gives the places of both to the ones above first, then to those below; each in the order they had.
    fn rearrange(&mut self, mut above: Vec<PathId>, mut below: Vec<PathId>) {
        above.sort_unstable_by_key(|&id| self.position[id]);
        below.sort_unstable_by_key(|&id| self.position[id]);
        let order = [above, below].concat();
        let mut places: Vec<u32> = order.iter().map(|&id| self.position[id]).collect();
        places.sort_unstable();
        for (&id, place) in order.iter().zip(places) {
            self.position[id] = place;
        }
        self.written.extend(order);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analysis::rewired::Rewired;

    fn step((kind, a, b): (u8, usize, usize), graph: &StoreGraph) -> Step {
        let id = |number: usize| PathId::new(number % graph.len());
        match kind {
            0 => Step::Remove(id(a)),
            1 => Step::Cut {
                from: id(a),
                to: id(b),
            },
            _ => Step::Replace {
                old: id(a),
                new: id(b),
            },
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn groups_by_themselves_leave_no_trace(
            (graph, closure) in crate::testing::any_dag(14),
            steps in prop::collection::vec((0..4_u8, 0..14_usize, 0..14_usize), 1..16),
            size in 1..4_usize,
        ) {
            let steps: Vec<Step> = steps.into_iter().map(|one| step(one, &graph)).collect();
            let groups: Vec<&[Step]> = steps.chunks(size).collect();
            let world = world(&graph, &closure, &groups);
            let live = Live::of(&graph, &closure, &world).expect("no cycles");
            let mut own = live.clone();
            for group in groups {
                let fresh = live.clone().take(group);
                prop_assert_eq!(own.alone(&live, group), fresh);
                prop_assert_eq!(&own.reached, &live.reached);
                prop_assert_eq!(own.holders.as_slice(), live.holders.as_slice());
                prop_assert_eq!(own.position.as_slice(), live.position.as_slice());
                if let Ok(freed) = fresh {
                    let after = Rewired::new(&graph, closure.roots(), group).reached();
                    prop_assert_eq!(freed, Difference::between(&graph, closure.members(), &after));
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn it_follows_every_step_as_a_walk_does(
            (graph, closure) in crate::testing::any_dag(14),
            steps in prop::collection::vec((0..4_u8, 0..14_usize, 0..14_usize), 1..12),
            size in 1..3_usize,
        ) {
            let steps: Vec<Step> = steps.into_iter().map(|one| step(one, &graph)).collect();
            let groups: Vec<&[Step]> = steps.chunks(size).collect();
            let world = world(&graph, &closure, &groups);
            let mut live = Live::of(&graph, &closure, &world).expect("no cycles");
            let mut before = closure.members().clone();
            let mut taken = 0;
            for group in groups {
                taken += group.len();
                let rewired = Rewired::new(&graph, closure.roots(), &steps[..taken]);
                let Ok(freed) = live.take(group) else {
                    // Only then: some path reaches itself.
                    let reaches_itself = |start: PathId| {
                        let mut stack: Vec<_> = rewired.references(start).collect();
                        let mut seen = PathSet::empty(graph.len());
                        while let Some(id) = stack.pop() {
                            if seen.insert(id) {
                                stack.extend(rewired.references(id));
                            }
                        }
                        seen.contains(start)
                    };
                    // The step that closes it may be followed by one of its group that opens it.
                    prop_assert!(size > 1 || graph.ids().any(reaches_itself));
                    return Ok(());
                };
                let after = rewired.reached();
                prop_assert_eq!(&live.reached, &after);
                prop_assert_eq!(freed, Difference::between(&graph, &before, &after));
                before = after;
            }
        }
    }
}
