//! Which GC root keeps which paths of a store alive; each holder (a link, a process) is known by the paths it names.
//!
//! The graph is that of the store with what the rules of collecting garbage add to its references
//! ([`crate::analysis::kept::by_rules`], [`StoreGraph::with_references`]). It may have cycles: with both rules on, a
//! derivation and what it makes hold each other.
//!
//! What one holder alone holds is found for all of them at once: every path is told who holds it, at most twice, first one
//! holder and then that there are several. That is a worklist over a lattice of height two, so it costs two looks at each
//! reference, however many holders there are.

use crate::job::{Cancelled, Progress};
use crate::model::{Closure, Column, PathId, PathSet, StoreGraph};

use super::order::Order;
use super::reach::{bits, each_row};
use super::what_if::Total;

/// Who holds a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Held {
    /// Nothing.
    #[default]
    Dead,
    /// This holder, by its number, and no other.
    By(u32),
    /// Several holders.
    Several,
}

impl Held {
    /// Who holds what both hold.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Dead, held) | (held, Self::Dead) => held,
            (Self::By(a), Self::By(b)) if a == b => self,
            _ => Self::Several,
        }
    }
}

/// Who holds every path of a store.
#[derive(Debug, Clone)]
pub struct Holders {
    targets: Vec<Vec<PathId>>,
    held: Column<Held>,
    alone: Vec<Total>,
}

/// Paths looked at before a look at whether the work was cancelled.
const BETWEEN: usize = 4096;

impl Holders {
    /// Finds out who holds what: holder number `n` names the paths `targets[n]`.
    pub fn of(
        graph: &StoreGraph,
        targets: Vec<Vec<PathId>>,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let mut held = Column::filled(graph.len(), Held::Dead);
        let mut rest: Vec<PathId> = Vec::new();
        let tell = |held: &mut Column<Held>, rest: &mut Vec<PathId>, id: PathId, by: Held| {
            let all = held[id].and(by);
            if all != held[id] {
                held[id] = all;
                rest.push(id);
            }
        };
        for (holder, own) in targets.iter().enumerate() {
            for &id in own {
                tell(&mut held, &mut rest, id, Held::By(holder as u32));
            }
        }
        let mut looks = 0;
        while let Some(id) = rest.pop() {
            let by = held[id];
            for &to in graph.references(id) {
                tell(&mut held, &mut rest, to, by);
            }
            looks += 1;
            if looks % BETWEEN == 0 {
                progress.check()?;
            }
        }
        let mut alone = vec![Total::default(); targets.len()];
        for (id, held) in held.iter().filter(|&(id, _)| !graph.is_missing(id)) {
            if let Held::By(holder) = *held {
                alone[holder as usize].add(Total::of_paths(graph, [id]));
            }
        }
        Ok(Self {
            targets,
            held,
            alone,
        })
    }

    /// The same under other numbers: holder number `n` becomes that which stands at `order[n]` now.
    #[must_use]
    pub fn renumbered(mut self, order: &[usize]) -> Self {
        let mut now = vec![0_u32; order.len()];
        for (number, &before) in order.iter().enumerate() {
            now[before] = number as u32;
        }
        self.held.for_each(|held| {
            if let Held::By(holder) = held {
                *holder = now[*holder as usize];
            }
        });
        self.alone = order.iter().map(|&at| self.alone[at]).collect();
        let targets = order
            .iter()
            .map(|&at| std::mem::take(&mut self.targets[at]));
        self.targets = targets.collect();
        self
    }

    /// Who holds a path.
    pub fn held(&self, id: PathId) -> Held {
        self.held[id]
    }

    /// What a holder names.
    pub fn targets(&self, holder: usize) -> &[PathId] {
        &self.targets[holder]
    }

    /// What would leave if this holder alone went.
    pub fn alone(&self, holder: usize) -> Total {
        self.alone[holder]
    }

    /// What nothing holds, ascending.
    pub fn dead(&self, graph: &StoreGraph) -> Vec<PathId> {
        let mine = self.held.iter().filter(|(_, held)| **held == Held::Dead);
        let mine = mine.map(|(id, _)| id);
        mine.filter(|&id| !graph.is_missing(id)).collect()
    }

    /// Everything that something holds.
    pub fn alive(&self, graph: &StoreGraph) -> PathSet {
        let mine = self.held.iter().filter(|(_, held)| **held != Held::Dead);
        let mine = mine.map(|(id, _)| id).filter(|&id| !graph.is_missing(id));
        PathSet::of(graph.len(), mine)
    }

    /// What would leave if some holders went together: more than each alone, where they hold the same.
    pub fn freed(&self, graph: &StoreGraph, dropped: &[usize]) -> PathSet {
        let mut stay = vec![true; self.targets.len()];
        for &holder in dropped {
            stay[holder] = false;
        }
        let rest = self.targets.iter().zip(stay).filter(|(_, stays)| *stays);
        let held = reached(graph, rest.flat_map(|(own, _)| own.iter().copied()));
        self.alive(graph).minus(&held)
    }

    /// The holders that hold a path, ascending.
    pub fn of_path(&self, graph: &StoreGraph, id: PathId) -> Vec<usize> {
        let above = above(graph, id);
        let holds = |&holder: &usize| self.targets[holder].iter().any(|&own| above.contains(own));
        (0..self.targets.len()).filter(holds).collect()
    }

    /// The shortest way from what a holder names to a path that it holds, both included.
    pub fn way(&self, graph: &StoreGraph, holder: usize, to: PathId) -> Option<Vec<PathId>> {
        let closure = Closure::of(graph, self.targets(holder));
        super::why::shortest_chain(graph, &closure, to)
    }

    /// For each holder of one path, the others that hold that path: the first few, and how many there are.
    pub fn others(
        &self,
        graph: &StoreGraph,
        most: usize,
        progress: &Progress,
    ) -> Result<Vec<Others>, Cancelled> {
        let all: Vec<PathId> = self.targets.iter().flatten().copied().collect();
        let closure = Closure::of(graph, &all);
        let order = Order::of(graph, &closure);
        // Who stands for a group of the order: cycles are held as a whole.
        let mut named: Vec<Vec<u32>> = vec![Vec::new(); order.len()];
        for (holder, own) in self.targets.iter().enumerate() {
            if let [only] = own[..] {
                named[order.group_of(only)].push(holder as u32);
            }
        }
        let mut others = vec![Others::default(); self.targets.len()];
        let mut starts: Vec<(PathId, u32)> = Vec::new();
        for (holder, own) in self.targets.iter().enumerate() {
            starts.extend(own.iter().map(|&id| (id, holder as u32)));
        }
        // The targets of one holder stand together, so that none is counted twice but at the seams.
        for some in starts.chunks(64) {
            let ids: Vec<PathId> = some.iter().map(|&(id, _)| id).collect();
            each_row(graph, &order, &ids, |group, row: &[u64; 1]| {
                for &holder in &named[group] {
                    let by = bits(row).map(|bit| some[bit].1);
                    others[holder as usize].add(holder, by, most);
                }
            });
            progress.check()?;
        }
        Ok(others)
    }
}

/// The other holders of what one holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Others {
    /// The first few, ascending.
    pub first: Vec<u32>,
    /// How many there are in all.
    pub all: usize,
    last: Option<u32>,
}

impl Others {
    fn add(&mut self, own: u32, by: impl Iterator<Item = u32>, most: usize) {
        for holder in by.filter(|&holder| holder != own) {
            if self.last == Some(holder) {
                continue;
            }
            self.last = Some(holder);
            self.all += 1;
            if self.first.len() < most {
                self.first.push(holder);
            }
        }
    }
}

/// Everything reachable from some paths, themselves included.
fn reached(graph: &StoreGraph, starts: impl Iterator<Item = PathId>) -> PathSet {
    let mut found = PathSet::empty(graph.len());
    let mut rest: Vec<PathId> = starts.filter(|&id| found.insert(id)).collect();
    while let Some(id) = rest.pop() {
        let below = graph.references(id).iter().copied();
        rest.extend(below.filter(|&to| found.insert(to)));
    }
    found
}

/// Everything that reaches a path, itself included.
fn above(graph: &StoreGraph, id: PathId) -> PathSet {
    let mut found = PathSet::of(graph.len(), [id]);
    let mut rest = vec![id];
    while let Some(id) = rest.pop() {
        let holders = graph.referrers(id).iter().copied();
        rest.extend(holders.filter(|&from| found.insert(from)));
    }
    found
}

#[cfg(test)]
mod tests;
