//! The closure sizes of a few paths, without computing all.
//!
//! 64 paths share one sweep along the topological order: each is a bit that flows down its references. Cost is one look
//! at every reference per 64 paths, so the twenty largest of a million paths cost what twenty of a thousand would.

use crate::job::{Cancelled, Progress, parallel};
use crate::model::{PathId, StoreGraph};

use super::order::Order;
use super::reach::each_row;

/// Paths that share a sweep: the bits of a machine word.
const TOGETHER: usize = 64;

/// The closure size in bytes of each of `ids`, in that order; `None` where a size in it is unknown. All must be members
/// of the closure.
pub fn closure_sizes_of(
    graph: &StoreGraph,
    order: &Order,
    ids: &[PathId],
    progress: &Progress,
) -> Result<Vec<Option<u64>>, Cancelled> {
    let sweeps: Vec<&[PathId]> = ids.chunks(TOGETHER).collect();
    progress.start("closure sizes", sweeps.len() as u64);
    let sums = parallel(sweeps.len(), |at| {
        progress.advance(1)?;
        Ok(sweep(graph, order, sweeps[at]))
    })?;
    Ok(sums.into_iter().flatten().collect())
}

/// One sweep: which of `ids` reach each member, summed up.
fn sweep(graph: &StoreGraph, order: &Order, ids: &[PathId]) -> Vec<Option<u64>> {
    let mut sums = vec![Some(0); ids.len()];
    each_row(graph, order, ids, |group, &[bits]| {
        for &id in order.group(group) {
            add(&mut sums, bits, graph.nar_size(id));
        }
    });
    sums
}

/// Adds one size to the sum of every bit; an unknown one makes them unknown.
fn add(sums: &mut [Option<u64>], mut bits: u64, size: Option<u64>) {
    while bits != 0 {
        let sum = &mut sums[bits.trailing_zeros() as usize];
        *sum = sum.zip(size).map(|(sum, size)| sum + size);
        bits &= bits - 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::analysis::ClosureSizes;
    use crate::model::{Closure, GraphBuilder, PathInfo, Size, StoreDir};
    use crate::testing::hash_part;

    use super::*;

    proptest! {
        #[test]
        fn a_few_are_as_all(
            sizes in prop::collection::vec(prop::option::weighted(0.95, 0_u64..1000), 1..150),
            edges in prop::collection::vec((0_usize..150, 0_usize..150), 0..400),
        ) {
            let mut builder = GraphBuilder::new(StoreDir::default(), false);
            let drafts: Vec<_> = sizes.iter().enumerate().filter_map(|(at, &size)| {
                let info = PathInfo::with_nar_size(Size::from(size));
                builder.add(&format!("{}-x", hash_part(at as u64)), info)
            }).collect();
            for (from, to) in edges {
                builder.reference(drafts[from % drafts.len()], drafts[to % drafts.len()]);
            }
            let built = builder.finish(&drafts[..1]);
            let (graph, closure) = (&built.graph, Closure::of(&built.graph, &built.roots));
            let order = Order::of(graph, &closure);
            let all = ClosureSizes::of(graph, &closure, &order, &Progress::new()).expect("not cancelled");
            let ids: Vec<PathId> = closure.members().iter().collect();
            let few = closure_sizes_of(graph, &order, &ids, &Progress::new()).expect("not cancelled");
            let expected: Vec<_> = ids.iter().map(|&id| all.get(id)).collect();
            prop_assert_eq!(few, expected);
        }
    }
}
