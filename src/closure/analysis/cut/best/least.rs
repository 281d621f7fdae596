//! How few references a best cut can have, judged by the referrers of the target's referrers. In dense graphs, where a
//! search is dear, that nearly always is the answer already.

use std::collections::HashMap;
use std::iter;

use super::Cutter;
use crate::analysis::flow::Network;
use crate::job::{Cancelled, Progress};
use crate::model::PathId;

/// References among paths that may leave, beyond which chains are not counted.
const MOST_REFERENCES: usize = 20_000;

impl Cutter<'_> {
    /// How many references the best cut of a target has at least, and whether it has no more; `None` for a root and outside
    /// the closure.
    ///
    /// Some paths surely stay: see [`Stays`]. At least as many references must go as there are chains from these to the target
    /// of which no two share a reference. If that is the number of direct references, those are the best cut.
    pub(super) fn at_least(
        &self,
        target: PathId,
        progress: &Progress,
    ) -> Result<Option<(u32, bool)>, Cancelled> {
        let (graph, closure) = (self.graph(), self.closure());
        if !closure.contains(target) || closure.is_root(target) {
            return Ok(None);
        }
        let stays = Stays::of(self, target);
        let (mut direct, mut plain, mut free) = (0, 0, true);
        for from in closure.referrers(graph, target) {
            let held = || closure.referrers(graph, from).any(|up| stays.holds(up));
            // A chain of one or two references, which no other such chain shares.
            plain += u32::from(stays.holds(from) || held());
            direct += 1;
            free &= !self.withholds(target, from, target);
        }
        if plain == direct || !free {
            return Ok(Some((plain, plain == direct && free)));
        }
        let least = match stays.chains(progress)? {
            Some(chains) => (chains as u32).max(plain),
            None => plain,
        };
        Ok(Some((least, least >= direct)))
    }

    /// How many members can leave together if they may have this many bytes.
    fn fit(&self, bytes: u64) -> usize {
        let smallest = self.smallest(|| {
            let members = self.closure().members().iter();
            let sizes = members.map(|id| self.graph().nar_size(id).unwrap_or(0));
            let mut sizes: Vec<u64> = sizes.collect();
            sizes.sort_unstable();
            let sums = sizes.iter().scan(0_u64, |sum, &size| {
                *sum = sum.saturating_add(size);
                Some(*sum)
            });
            sums.collect()
        });
        smallest.partition_point(|&sum| sum <= bytes)
    }
}

/// Which paths surely do not leave by the best cut of a target: roots; what takes more along than an answer may; and what has
/// more referrers than paths can leave with the target at all. Of the latter each costs the references to it that stay, and
/// saves those to or from what leaves: as many as that is, at most. So the answer without them has no more references.
struct Stays<'a> {
    cutter: &'a Cutter<'a>,
    target: PathId,
    own: u64,
    /// What dominates the target and takes little more along.
    above: Vec<PathId>,
    /// As many paths can leave besides the target; without end where cycles leave that open.
    most: usize,
}

impl<'a> Stays<'a> {
    fn of(cutter: &'a Cutter<'a>, target: PathId) -> Self {
        let dominators = cutter.dominators();
        let own = dominators.known_retained_size(target);
        let up = |&id: &PathId| dominators.immediate(id);
        let near = |&id: &PathId| dominators.known_retained_size(id).saturating_sub(own) <= own;
        let above = iter::successors(up(&target), up).take_while(near);
        let acyclic = cutter.closure().is_acyclic(cutter.graph());
        Self {
            cutter,
            target,
            own,
            above: above.collect(),
            most: if acyclic { cutter.fit(own) } else { usize::MAX },
        }
    }

    fn holds(&self, id: PathId) -> bool {
        let (graph, closure) = (self.cutter.graph(), self.cutter.closure());
        closure.is_root(id)
            || id != self.target
                && (self.takes_much(id)
                    || graph.referrers(id).len() > self.most
                        && closure.referrers(graph, id).nth(self.most).is_some())
    }

    /// How many chains from paths that stay to the target have no reference in common; `None` where many paths may leave, so
    /// that to count is as dear as to search.
    fn chains(&self, progress: &Progress) -> Result<Option<u64>, Cancelled> {
        const STAYS: u32 = 0;
        const TARGET: u32 = 1;
        let (graph, closure) = (self.cutter.graph(), self.cutter.closure());
        let mut number = HashMap::from([(self.target, TARGET)]);
        let (mut edges, mut capacity) = (Vec::new(), Vec::new());
        let mut queue = vec![self.target];
        while let Some(id) = queue.pop() {
            let node = number[&id];
            let mut staying = 0;
            for from in closure
                .referrers(graph, id)
                .filter(|&from| from != self.target)
            {
                if self.holds(from) {
                    staying += 1;
                    continue;
                }
                let next = number.len() as u32 + 1;
                let tail = *number.entry(from).or_insert_with(|| {
                    queue.push(from);
                    next
                });
                edges.push((tail, node));
                capacity.push(1);
            }
            if staying > 0 {
                edges.push((STAYS, node));
                capacity.push(staying);
            }
            if edges.len() > MOST_REFERENCES {
                return Ok(None);
            }
        }
        let mut network = Network::new(number.len() + 1, edges, capacity, &[STAYS], TARGET);
        network.saturate(u64::from(u32::MAX), progress)
    }

    fn takes_much(&self, id: PathId) -> bool {
        self.cutter.dominators().known_retained_size(id) > self.own && !self.above.contains(&id)
    }
}
