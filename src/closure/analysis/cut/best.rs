//! The best cut: fewest references without taking along more than the target itself holds; and the trade-off around it.
//!
//! To weigh references against bytes exactly is a knapsack problem. A minimum cut in which bytes have a price
//! ([`super::parametric`]) is searched for over that price, as Eisner and Severance do ("Mathematical techniques for
//! efficient record segmentation in large shared databases"): where two answers stand at the ends of a line, the price at
//! which both cost the same finds an answer below the line, or shows that there is none. What the best answer then still
//! may take along is filled up path by path. The collateral of every answer is counted by a walk, never estimated. All
//! direct references take nothing along, so there always is an answer.

mod least;

use std::sync::OnceLock;

use crate::analysis::dominators::Dominators;
use crate::job::{Cancelled, Progress, parallel};
use crate::model::{Closure, Column, PathId, PathSet, StoreGraph};

use super::ground::{FoundCut, Ground};
use super::joints::Joints;
use super::parametric::{Parting, Prices};
use super::{CutError, CutSet};

/// How to get rid of one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BestCut {
    /// The fewest references found whose collateral is no larger than what the target holds. Where what must stay leaves no
    /// such answer, the one with the least collateral found.
    pub best: CutSet,
    /// All direct references; `None` if one of them must stay.
    pub direct: Option<CutSet>,
    /// The answers found of which none is beaten in both references and collateral, the fewest references first, the best
    /// cut among them.
    pub front: Vec<CutSet>,
}

/// At most this many answers make a front.
pub(super) const FRONT: usize = 5;
/// At most this many prices are tried: each halves the part of the front that is of interest, or ends the search.
const PRICES: usize = 24;
/// At most this many prices are tried for the rest of the front.
const OTHERS: usize = 3;
/// At most this many paths are tried when an answer is filled up, each time one was found.
const TRIES: usize = 24;

/// Finds best cuts in one closure.
#[derive(Debug)]
pub struct Cutter<'a> {
    graph: &'a StoreGraph,
    closure: &'a Closure,
    dominators: &'a Dominators,
    joints: Joints,
    /// How much the smallest members have together: of one, of two, and so on.
    smallest: OnceLock<Vec<u64>>,
}

impl<'a> Cutter<'a> {
    /// Looks for the joints, whose references are not offered.
    pub fn new(graph: &'a StoreGraph, closure: &'a Closure, dominators: &'a Dominators) -> Self {
        Self {
            graph,
            closure,
            dominators,
            joints: Joints::of(graph, closure),
            smallest: OnceLock::new(),
        }
    }

    pub(super) fn graph(&self) -> &StoreGraph {
        self.graph
    }

    pub(super) fn closure(&self) -> &Closure {
        self.closure
    }

    pub(super) fn dominators(&self) -> &Dominators {
        self.dominators
    }

    pub(super) fn smallest(&self, sums: impl FnOnce() -> Vec<u64>) -> &[u64] {
        self.smallest.get_or_init(sums)
    }

    /// The best cut of a target among references that are not `pinned(from, to)`, with the front. References to joints are
    /// among them only where nothing else is left.
    pub fn best(
        &self,
        target: PathId,
        pinned: &dyn Fn(PathId, PathId) -> bool,
        progress: &Progress,
    ) -> Result<BestCut, CutError> {
        let stays = |from, to| self.withholds(target, from, to) || pinned(from, to);
        match self.best_among(target, &stays, progress) {
            Err(CutError::Pinned { .. }) => self.best_among(target, pinned, progress),
            found => found,
        }
    }

    /// How many references the best cut of each member has; `None` for roots.
    pub fn sizes(&self, progress: &Progress) -> Result<Column<Option<u32>>, Cancelled> {
        let members: Vec<PathId> = self.closure.members().iter().collect();
        progress.start("references to cut", members.len() as u64);
        let found = parallel(members.len(), |at| {
            progress.advance(1)?;
            self.size(members[at], u64::MAX, progress)
        })?;
        let mut sizes = Column::filled(self.graph.len(), None);
        for (id, size) in members.into_iter().zip(found) {
            sizes[id] = size;
        }
        Ok(sizes)
    }

    /// Whether a reference is one to a generated joint, which is not offered to make `target` leave.
    pub fn withholds(&self, target: PathId, from: PathId, to: PathId) -> bool {
        self.joints.withhold(target, from, to)
    }

    fn best_among(
        &self,
        target: PathId,
        stays: &dyn Fn(PathId, PathId) -> bool,
        progress: &Progress,
    ) -> Result<BestCut, CutError> {
        let ground = Ground::of(self.graph, self.closure, target, stays)?;
        let mut search = CutSearch::new(&ground, self.dominators);
        let Some(best) = search.best(u64::MAX, progress)? else {
            // Everything on a chain must stay: the smallest cut says which chain.
            let error = super::cut(self.graph, self.closure, target, stays, progress);
            return Err(error.err().unwrap_or(CutError::NotInClosure));
        };
        let direct = ground.answer(&[target]).map(|answer| answer.set);
        search.others(&best, progress)?;
        let affordable = search.found.iter().filter(|set| search.affords(set));
        let best = affordable
            .min_by_key(|set| rank(set))
            .unwrap_or(&best.set)
            .clone();
        Ok(BestCut {
            front: front(search.found, &best),
            best,
            direct,
        })
    }

    /// How many references the best cut of a target has, if nothing is pinned; `None` for a root, outside the closure, and
    /// if it surely has more than `limit`.
    pub fn size(
        &self,
        target: PathId,
        limit: u64,
        progress: &Progress,
    ) -> Result<Option<u32>, Cancelled> {
        match self.at_least(target, progress)? {
            Some((least, _)) if u64::from(least) > limit => return Ok(None),
            Some((least, true)) => return Ok(Some(least)),
            _ => {}
        }
        let stays = |from, to| self.joints.withhold(target, from, to);
        let Ok(ground) = Ground::of(self.graph, self.closure, target, &stays) else {
            return Ok(None);
        };
        let best = CutSearch::new(&ground, self.dominators).best(limit, progress)?;
        Ok(best.map(|best| best.set.references.len() as u32))
    }
}

/// The search for one target.
struct CutSearch<'a> {
    ground: &'a Ground<'a>,
    dominators: &'a Dominators,
    /// Bytes that an answer may take along.
    budget: u64,
    /// Every answer that came up.
    found: Vec<CutSet>,
}

impl<'a> CutSearch<'a> {
    fn new(ground: &'a Ground<'a>, dominators: &'a Dominators) -> Self {
        Self {
            ground,
            dominators,
            budget: ground.own.nar_size,
            found: Vec::new(),
        }
    }

    /// The best answer; `None` if there is none, or if it surely has more than `limit` references.
    fn best(&mut self, limit: u64, progress: &Progress) -> Result<Option<FoundCut>, Cancelled> {
        let mut prices = Prices::of(self.ground, self.dominators, self.budget);
        let fewest = prices.cheapest((0, 1), limit, progress)?;
        let Some(fewest) = fewest else {
            return match limit {
                u64::MAX => self.least(progress),
                _ => Ok(None),
            };
        };
        let within = match self.judge(&fewest.leaving) {
            Some(answer) if self.affords(&answer.set) => return Ok(Some(answer)),
            _ => self.judge(&[self.ground.target]),
        };
        // Where a direct reference must stay, the dearest bytes find what takes least along.
        let within = match within {
            Some(answer) => {
                let references = answer.set.references.len() as u64;
                let parting = Parting {
                    leaving: answer.leaving.clone(),
                    references,
                    weight: 0,
                };
                Some((answer, parting))
            }
            None => self.least_of(&mut prices, progress)?,
        };
        let Some((answer, parting)) = within.filter(|(answer, _)| self.affords(&answer.set)) else {
            return self.least(progress);
        };
        let (best, beyond) = self.narrow(&mut prices, (fewest, parting, answer), progress)?;
        Ok(Some(self.fill(best, &beyond)))
    }

    /// Goes down the line between an answer that takes too much along and one that does not, until nothing lies below it.
    /// Gives the best answer, and the paths that leave by the last one beyond it.
    fn narrow(
        &mut self,
        prices: &mut Prices,
        (mut beyond, mut parting, mut best): (Parting, Parting, FoundCut),
        progress: &Progress,
    ) -> Result<(FoundCut, Vec<PathId>), Cancelled> {
        for _ in 0..PRICES {
            let price = parting.references.saturating_sub(beyond.references);
            let value = beyond.weight.saturating_sub(parting.weight);
            if price == 0 || value == 0 {
                break;
            }
            let Some(next) = prices.cheapest((price, value), u64::MAX, progress)? else {
                break;
            };
            let cost = |parting: &Parting| parting.references * value + parting.weight * price;
            if cost(&next) >= cost(&parting) {
                break;
            }
            match self
                .judge(&next.leaving)
                .filter(|answer| self.affords(&answer.set))
            {
                Some(answer) => {
                    parting = next;
                    if rank(&answer.set) <= rank(&best.set) {
                        best = answer;
                    }
                }
                None => beyond = next,
            }
        }
        Ok((best, beyond.leaving))
    }

    /// Lets more paths leave as long as that saves references and what is taken along allows it: first those by which an
    /// answer beyond goes further, then the referrers of what leaves.
    fn fill(&mut self, mut best: FoundCut, beyond: &[PathId]) -> FoundCut {
        loop {
            let better = self.candidates(&best, beyond).into_iter().find_map(|id| {
                let mut paths = best.leaving.clone();
                paths.push(id);
                let answer = self.judge(&paths)?;
                (self.affords(&answer.set) && rank(&answer.set) < rank(&best.set)).then_some(answer)
            });
            match better {
                Some(answer) => best = answer,
                None => return best,
            }
        }
    }

    /// Paths that could leave too, those that save most references first.
    fn candidates(&self, best: &FoundCut, beyond: &[PathId]) -> Vec<PathId> {
        let (graph, closure) = (self.ground.graph, self.ground.closure);
        let leaving = PathSet::of(graph.len(), best.leaving.iter().copied());
        let is_root = &self.ground.chains.is_root;
        let holders = best.set.references.iter().map(|&(from, _)| from);
        let mut near: Vec<PathId> = holders.filter(|&id| !is_root.contains(id)).collect();
        near.extend(beyond.iter().copied().filter(|&id| !leaving.contains(id)));
        near.sort_unstable();
        near.dedup();
        let mut ranked: Vec<(i64, u64, PathId)> = near
            .into_iter()
            .map(|id| {
                let stay = closure
                    .referrers(graph, id)
                    .filter(|&from| !leaving.contains(from));
                let lead = graph
                    .references(id)
                    .iter()
                    .filter(|&&to| leaving.contains(to));
                let more = (stay.count().cast_signed() - lead.count().cast_signed()) as i64;
                (more, self.dominators.known_retained_size(id), id)
            })
            .filter(|&(more, _, _)| more <= 0)
            .collect();
        ranked.sort_unstable();
        ranked.truncate(TRIES);
        ranked.into_iter().map(|(_, _, id)| id).collect()
    }

    /// The answer that takes least along, where direct references must stay.
    fn least(&mut self, progress: &Progress) -> Result<Option<FoundCut>, Cancelled> {
        let mut prices = Prices::of(self.ground, self.dominators, u64::MAX);
        Ok(self
            .least_of(&mut prices, progress)?
            .map(|(answer, _)| answer))
    }

    fn least_of(
        &mut self,
        prices: &mut Prices,
        progress: &Progress,
    ) -> Result<Option<(FoundCut, Parting)>, Cancelled> {
        let dear = prices.cheapest((1 << 26, 1), u64::MAX, progress)?;
        let answer = dear.and_then(|parting| Some((self.judge(&parting.leaving)?, parting)));
        Ok(answer)
    }

    /// Adds answers on both sides of the best one.
    fn others(&mut self, best: &FoundCut, progress: &Progress) -> Result<(), Cancelled> {
        let mut prices = Prices::of(self.ground, self.dominators, u64::MAX);
        let Some(fewest) = prices.cheapest((0, 1), u64::MAX, progress)? else {
            return Ok(());
        };
        self.judge(&fewest.leaving);
        self.judge(&[self.ground.target]);
        let (mut beyond, references) = (fewest, best.set.references.len() as u64);
        for _ in 0..OTHERS {
            let price = references.saturating_sub(beyond.references);
            if price == 0 || beyond.weight == 0 {
                break;
            }
            let value = beyond.weight;
            let Some(next) = prices.cheapest((price, value), u64::MAX, progress)? else {
                break;
            };
            if next.leaving.len() >= beyond.leaving.len() {
                break;
            }
            self.judge(&next.leaving);
            beyond = next;
        }
        Ok(())
    }

    /// The answer by which some paths leave, which is remembered.
    fn judge(&mut self, leaving: &[PathId]) -> Option<FoundCut> {
        let answer = self.ground.answer(leaving)?;
        self.found.push(answer.set.clone());
        Some(answer)
    }

    fn affords(&self, set: &CutSet) -> bool {
        set.collateral.nar_size.cast_unsigned() <= self.budget
    }
}

/// Smaller: the better answer of those that can be afforded.
fn rank(set: &CutSet) -> (usize, i64, i64) {
    (
        set.references.len(),
        set.collateral.nar_size,
        set.collateral.paths,
    )
}

/// Of some answers those that none beats, the fewest references first; of too many some between the ends are left out.
fn front(mut found: Vec<CutSet>, best: &CutSet) -> Vec<CutSet> {
    found.push(best.clone());
    found.sort_by(|a, b| {
        rank(a)
            .cmp(&rank(b))
            .then_with(|| (b == best).cmp(&(a == best)))
    });
    let mut front: Vec<CutSet> = Vec::new();
    for set in found {
        let beaten = front.last().is_some_and(|last| {
            let (last, this) = (&last.collateral, &set.collateral);
            last.nar_size <= this.nar_size
        });
        if !beaten {
            front.push(set);
        }
    }
    while front.len() > FRONT {
        // The one whose neighbours are nearest to each other is missed least.
        let between = |at: &usize| front[at + 1].references.len() - front[at - 1].references.len();
        let inner = (1..front.len() - 1).filter(|&at| front[at] != *best);
        match inner.min_by_key(between) {
            Some(at) => drop(front.remove(at)),
            None => break,
        }
    }
    front
}

#[cfg(test)]
mod tests;
