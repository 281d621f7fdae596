//! What every path reaches, as rows of bits that are handed from references to referrers: a block of columns at a time.
//!
//! Amounts of what is reached (bytes, paths) are summed on the way. Blocks are independent of each other, so each can be
//! another processor's.

use crate::model::{PathId, StoreGraph};

use super::order::Order;

/// 64-bit words of columns per block: eight are one cache line.
const WORDS: usize = 8;
/// Groups of an order in one block.
pub(super) const BLOCK: usize = WORDS * 64;

/// A bit for each group of a block.
pub(super) type BitRow = [u64; WORDS];

/// Some amounts of a group, or of what it reaches.
pub(super) type Amounts<const N: usize> = [u64; N];

fn add<const N: usize>(sum: &mut Amounts<N>, more: &Amounts<N>) {
    for (sum, more) in sum.iter_mut().zip(more) {
        *sum += more;
    }
}

/// The references between groups, by position in the order, each with its referrers; and the amounts of each group.
pub(super) struct GroupRows<const N: usize> {
    starts: Vec<u32>,
    referrers: Vec<u32>,
    amounts: Vec<Amounts<N>>,
}

impl<const N: usize> GroupRows<N> {
    /// The rows of an order, with the amounts of its paths.
    pub(super) fn of(
        graph: &StoreGraph,
        order: &Order,
        amounts: impl Fn(PathId) -> Amounts<N>,
    ) -> Self {
        let mut rows = Self {
            starts: vec![0; order.len() + 1],
            referrers: Vec::new(),
            amounts: Vec::with_capacity(order.len()),
        };
        let references = |group: usize| {
            let all = order.group(group).iter();
            let all = all.flat_map(|&id| graph.references(id));
            all.map(|&reference| order.group_of(reference))
                .filter(move |&target| target != group)
        };
        for group in 0..order.len() {
            let mut sum = [0; N];
            for &id in order.group(group) {
                add(&mut sum, &amounts(id));
            }
            rows.amounts.push(sum);
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

    /// How many blocks there are.
    pub(super) fn blocks(&self) -> usize {
        self.amounts.len().div_ceil(BLOCK)
    }

    fn referrers(&self, group: usize) -> &[u32] {
        &self.referrers[self.starts[group] as usize..self.starts[group + 1] as usize]
    }

    /// Adds to each group's sum the amounts of the block's groups that it reaches. `reach` is left with what each reaches.
    ///
    /// What a group reaches is handed on to its referrers, so groups that reach nothing of the block cost nothing. Nearly
    /// all that a group reaches is reached by its heaviest reference too: only what comes on top is summed again.
    pub(super) fn add_block(&self, block: usize, reach: &mut Reach<N>, sums: &mut [Amounts<N>]) {
        let first = block * BLOCK;
        let end = (first + BLOCK).min(self.amounts.len());
        let amounts = &self.amounts[first..end];
        let byte_sums = ByteSums::of(amounts);
        reach.clear(end);
        for group in (0..end).rev() {
            if let Some(column) = group.checked_sub(first) {
                reach.rows[group][column / 64] |= 1 << (column % 64);
            } else if reach.heaviest[group] == NONE {
                continue;
            }
            let row = reach.rows[group];
            let sum = reach.sum(group, &byte_sums, amounts);
            add(&mut sums[group], &sum);
            for &referrer in self.referrers(group) {
                reach.hand_on(referrer as usize, group as u32, &row, &sum);
            }
        }
    }
}

/// Stands for no group.
const NONE: u32 = u32::MAX;

/// What each group reaches of one block, as a row of bits, as far as its references have handed it on.
#[derive(Default)]
pub(super) struct Reach<const N: usize> {
    rows: Vec<BitRow>,
    /// The reference with the largest sum of the first amount, and its sums.
    heaviest: Vec<u32>,
    most: Vec<Amounts<N>>,
}

impl<const N: usize> Reach<N> {
    /// What a group reaches of the block that was added last: nothing, if it stands behind the block.
    pub(super) fn row(&self, group: usize) -> BitRow {
        self.rows.get(group).copied().unwrap_or_default()
    }

    fn clear(&mut self, groups: usize) {
        self.rows.clear();
        self.rows.resize(groups, BitRow::default());
        self.heaviest.clear();
        self.heaviest.resize(groups, NONE);
        self.most.clear();
        self.most.resize(groups, [0; N]);
    }

    /// The sum of what a group reaches, once all of its references have handed on what they reach.
    fn sum(&self, group: usize, byte_sums: &ByteSums<N>, amounts: &[Amounts<N>]) -> Amounts<N> {
        let mut row = self.rows[group];
        if let Some(known) = self.rows.get(self.heaviest[group] as usize) {
            for (word, known) in row.iter_mut().zip(known) {
                *word &= !known;
            }
        }
        let mut sum = self.most[group];
        byte_sums.add_row(&row, amounts, &mut sum);
        sum
    }

    /// A referrer reaches what its reference does.
    #[inline]
    fn hand_on(&mut self, referrer: usize, reference: u32, row: &BitRow, sum: &Amounts<N>) {
        for (word, more) in self.rows[referrer].iter_mut().zip(row) {
            *word |= more;
        }
        if self.heaviest[referrer] == NONE || sum[0] > self.most[referrer][0] {
            self.heaviest[referrer] = reference;
            self.most[referrer] = *sum;
        }
    }
}

/// Sums of the amounts of any eight neighbouring groups of a block, for each byte of a row.
struct ByteSums<const N: usize>(Vec<[Amounts<N>; 256]>);

impl<const N: usize> ByteSums<N> {
    fn of(amounts: &[Amounts<N>]) -> Self {
        let table = |eight: &[Amounts<N>]| {
            let mut sums = [[0; N]; 256];
            for (bit, amount) in eight.iter().enumerate() {
                // Every set with this bit is a set without it, plus its amounts.
                for set in 0..1 << bit {
                    let mut sum = sums[set];
                    add(&mut sum, amount);
                    sums[set | 1 << bit] = sum;
                }
            }
            sums
        };
        Self(amounts.chunks(8).map(table).collect())
    }

    /// Adds the amounts of a row's groups. The first bits of a word are looked up one by one, more of them by bytes.
    fn add_row(&self, row: &BitRow, amounts: &[Amounts<N>], sum: &mut Amounts<N>) {
        for (at, &word) in row.iter().enumerate() {
            let mut bits = word;
            for _ in 0..SINGLY {
                if bits == 0 {
                    break;
                }
                add(sum, &amounts[at * 64 + bits.trailing_zeros() as usize]);
                bits &= bits - 1;
            }
            if bits != 0 {
                for (table, byte) in self.0[at * 8..].iter().zip(bits.to_le_bytes()) {
                    add(sum, &table[usize::from(byte)]);
                }
            }
        }
    }
}

/// This many bits of a word are faster looked up than all of its bytes.
const SINGLY: u32 = 4;
