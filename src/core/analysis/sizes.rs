//! The closure size of every path of a closure.
//!
//! One walk per path would be quadratic in the edges; instead sets of reachable paths are bit rows, filled for a block of
//! columns at a time along the topological order. Blocks are independent, so they run on all processors, and memory stays
//! small however large the store is.

use crate::job::{Cancelled, Progress, parallel};
use crate::model::{Closure, Column, PathId, PathSet, StoreGraph};

use super::order::Order;

/// Closure sizes of the members of a closure, in bytes.
#[derive(Debug, Clone)]
pub struct ClosureSizes {
    known: Column<u64>,
    incomplete: PathSet,
}

/// 64-bit words of columns per block: eight are one cache line.
const WORDS: usize = 8;
const BLOCK: usize = WORDS * 64;

impl ClosureSizes {
    /// Computes all of them. Cost grows with paths × references / 512; reports blocks as progress.
    pub fn of(
        graph: &StoreGraph,
        closure: &Closure,
        order: &Order,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let rows = GroupRows::of(graph, order);
        let blocks = order.len().div_ceil(BLOCK);
        progress.start("closure sizes", blocks as u64);
        // Each task sums several blocks, so that only a few columns of sums exist at once.
        let tasks = blocks.min(crate::job::threads() * 4);
        let partial = parallel(tasks, |task| {
            let mut sums = vec![0_u64; order.len()];
            let mut reach = Reach::default();
            for block in (task..blocks).step_by(tasks) {
                rows.add_block(block, &mut reach, &mut sums);
                progress.advance(1)?;
            }
            Ok(sums)
        })?;
        let mut known = Column::filled(graph.len(), 0);
        for group in 0..order.len() {
            let sum = partial.iter().map(|sums| sums[group]).sum();
            for &id in order.group(group) {
                known[id] = sum;
            }
        }
        Ok(Self {
            known,
            incomplete: reaching_unknown(graph, closure),
        })
    }

    /// Closure size of a member in bytes; `None` if a size in its closure is unknown (0 outside the closure).
    pub fn get(&self, id: PathId) -> Option<u64> {
        (!self.incomplete.contains(id)).then(|| self.known[id])
    }

    /// As [`ClosureSizes::get`], unknown sizes counted as nothing.
    pub fn known(&self, id: PathId) -> u64 {
        self.known[id]
    }
}

/// Members from which a path of unknown size is reachable.
fn reaching_unknown(graph: &StoreGraph, closure: &Closure) -> PathSet {
    let mut reaching = PathSet::empty(graph.len());
    if closure.unknown_sizes() == 0 {
        return reaching;
    }
    let mut stack: Vec<PathId> = closure
        .members()
        .iter()
        .filter(|&id| graph.nar_size(id).is_none())
        .collect();
    reaching.extend(stack.iter().copied());
    while let Some(id) = stack.pop() {
        stack.extend(
            closure
                .referrers(graph, id)
                .filter(|&referrer| reaching.insert(referrer)),
        );
    }
    reaching
}

/// The references between groups, by position in the order, each with its referrers; and the size of each group.
struct GroupRows {
    starts: Vec<u32>,
    referrers: Vec<u32>,
    sizes: Vec<u64>,
}

impl GroupRows {
    fn of(graph: &StoreGraph, order: &Order) -> Self {
        let mut rows = Self {
            starts: vec![0; order.len() + 1],
            referrers: Vec::new(),
            sizes: Vec::with_capacity(order.len()),
        };
        let references = |group: usize| {
            let all = order.group(group).iter();
            let all = all.flat_map(|&id| graph.references(id));
            all.map(|&reference| order.group_of(reference))
                .filter(move |&target| target != group)
        };
        for group in 0..order.len() {
            let members = order.group(group).iter();
            let sizes = members.map(|&id| graph.info(id).nar_size.known());
            rows.sizes.push(sizes.sum());
            for target in references(group) {
                rows.starts[target + 1] += 1;
            }
        }
        for group in 0..order.len() {
            rows.starts[group + 1] += rows.starts[group];
        }
        let mut fill = rows.starts.clone();
        rows.referrers = vec![0; rows.starts[order.len()] as usize];
        for group in 0..order.len() {
            for target in references(group) {
                rows.referrers[fill[target] as usize] = group as u32;
                fill[target] += 1;
            }
        }
        rows
    }

    fn referrers(&self, group: usize) -> &[u32] {
        &self.referrers[self.starts[group] as usize..self.starts[group + 1] as usize]
    }

    /// Adds to each group's sum the sizes of the block's groups that it reaches.
    ///
    /// What a group reaches is handed on to its referrers, so groups that reach nothing of the block cost nothing. Nearly
    /// all that a group reaches is reached by its heaviest reference too: only what comes on top is summed again.
    fn add_block(&self, block: usize, reach: &mut Reach, sums: &mut [u64]) {
        let first = block * BLOCK;
        let end = (first + BLOCK).min(self.sizes.len());
        let sizes = &self.sizes[first..end];
        let byte_sums = ByteSums::of(sizes);
        reach.clear(end);
        for group in (0..end).rev() {
            if let Some(column) = group.checked_sub(first) {
                reach.rows[group][column / 64] |= 1 << (column % 64);
            } else if reach.heaviest[group] == NONE {
                continue;
            }
            let row = reach.rows[group];
            let sum = reach.sum(group, &byte_sums, sizes);
            sums[group] += sum;
            for &referrer in self.referrers(group) {
                reach.hand_on(referrer as usize, group as u32, &row, sum);
            }
        }
    }
}

/// Stands for no group.
const NONE: u32 = u32::MAX;

/// What each group reaches of one block, as a row of bits, as far as its references have handed it on.
#[derive(Default)]
struct Reach {
    rows: Vec<[u64; WORDS]>,
    /// The reference with the largest sum, and that sum.
    heaviest: Vec<u32>,
    most: Vec<u64>,
}

impl Reach {
    fn clear(&mut self, groups: usize) {
        self.rows.clear();
        self.rows.resize(groups, [0; WORDS]);
        self.heaviest.clear();
        self.heaviest.resize(groups, NONE);
        self.most.clear();
        self.most.resize(groups, 0);
    }

    /// The sum of what a group reaches, once all of its references have handed on what they reach.
    fn sum(&self, group: usize, byte_sums: &ByteSums, sizes: &[u64]) -> u64 {
        let mut row = self.rows[group];
        if let Some(known) = self.rows.get(self.heaviest[group] as usize) {
            for (word, known) in row.iter_mut().zip(known) {
                *word &= !known;
            }
        }
        self.most[group] + byte_sums.of_row(&row, sizes)
    }

    /// A referrer reaches what its reference does.
    #[inline]
    fn hand_on(&mut self, referrer: usize, reference: u32, row: &[u64; WORDS], sum: u64) {
        for (word, more) in self.rows[referrer].iter_mut().zip(row) {
            *word |= more;
        }
        if self.heaviest[referrer] == NONE || sum > self.most[referrer] {
            self.heaviest[referrer] = reference;
            self.most[referrer] = sum;
        }
    }
}

/// Sums of the sizes of any eight neighbouring groups of a block, for each byte of a row.
struct ByteSums(Vec<[u64; 256]>);

impl ByteSums {
    fn of(sizes: &[u64]) -> Self {
        let table = |eight: &[u64]| {
            let mut sums = [0_u64; 256];
            for (bit, size) in eight.iter().enumerate() {
                // Every set with this bit is a set without it, plus its size.
                for set in 0..1 << bit {
                    sums[set | 1 << bit] = sums[set] + size;
                }
            }
            sums
        };
        Self(sizes.chunks(8).map(table).collect())
    }

    /// The sum of the sizes of a row's groups. The first bits of a word are looked up one by one, more of them by bytes.
    fn of_row(&self, row: &[u64; WORDS], sizes: &[u64]) -> u64 {
        let mut sum = 0;
        for (at, &word) in row.iter().enumerate() {
            let mut bits = word;
            for _ in 0..SINGLY {
                if bits == 0 {
                    break;
                }
                sum += sizes[at * 64 + bits.trailing_zeros() as usize];
                bits &= bits - 1;
            }
            if bits != 0 {
                for (table, byte) in self.0[at * 8..].iter().zip(bits.to_le_bytes()) {
                    sum += table[usize::from(byte)];
                }
            }
        }
        sum
    }
}

/// This many bits of a word are faster looked up than all of its bytes.
const SINGLY: u32 = 4;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::testing::{Random, any_graph, plain_graph};

    use super::*;

    fn agree(graph: &StoreGraph, closure: &Closure) -> Result<(), TestCaseError> {
        let order = Order::of(graph, closure);
        let sizes =
            ClosureSizes::of(graph, closure, &order, &Progress::new()).expect("not cancelled");
        for id in closure.members().iter() {
            let own = Closure::of(graph, &[id]);
            prop_assert_eq!(
                (sizes.get(id), sizes.known(id)),
                (own.nar_size(), own.known_nar_size())
            );
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn sizes_are_those_of_single_closures((graph, closure) in any_graph(12)) {
            agree(&graph, &closure)?;
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4))]

        #[test]
        fn blocks_make_no_difference(seed in any::<u64>()) {
            let mut random = Random::new(seed);
            let count = 2 * BLOCK + random.below(BLOCK);
            let sizes: Vec<_> = (0..count).map(|_| (random.below(500) > 0).then(|| random.number() % 1000)).collect();
            let edges: Vec<_> = (0..3 * count).map(|at| {
                let to = 1 + (at + random.below(count)) % (count - 1);
                // A few references lead back, and make large cycles.
                let from = if random.below(count) == 0 { random.below(count) } else { random.below(to) };
                (from, to)
            }).collect();
            let (graph, closure) = plain_graph(&sizes, &edges, &[0]);
            agree(&graph, &closure)?;
        }
    }
}
