//! Which of some paths reach which others: sets of paths as rows of bits, passed down the references.

use crate::model::{PathId, StoreGraph};

use super::order::Order;

/// Goes through the groups from the roots downwards: each that one of `sources` reaches, with the row of bits that tells
/// which of them do. There are at most `64 * WORDS` sources, all of the order's closure; a path reaches itself.
pub(super) fn each_row<const WORDS: usize>(
    graph: &StoreGraph,
    order: &Order,
    sources: &[PathId],
    mut visit: impl FnMut(usize, &[u64; WORDS]),
) {
    let mut rows = vec![[0_u64; WORDS]; order.len()];
    for (bit, &id) in sources.iter().enumerate() {
        rows[order.group_of(id)][bit / 64] |= 1 << (bit % 64);
    }
    for group in 0..order.len() {
        let row = rows[group];
        if row == [0; WORDS] {
            continue;
        }
        visit(group, &row);
        for &id in order.group(group) {
            for &to in graph.references(id) {
                let below = &mut rows[order.group_of(to)];
                for (word, more) in below.iter_mut().zip(&row) {
                    *word |= more;
                }
            }
        }
    }
}

/// The positions of a row's bits, ascending.
pub(super) fn bits(row: &[u64]) -> impl Iterator<Item = usize> + '_ {
    row.iter().enumerate().flat_map(|(at, &word)| {
        let mut left = word;
        std::iter::from_fn(move || {
            let bit = left.trailing_zeros() as usize;
            (left != 0).then(|| {
                left &= left - 1;
                at * 64 + bit
            })
        })
    })
}
