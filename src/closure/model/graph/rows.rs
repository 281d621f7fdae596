//! References as rows, made from pairs and turned round into referrers.

use super::Rows;
use crate::model::path_id::PathId;
use crate::model::path_set::PathSet;

/// The references of each path, the referrers of each path, and the paths that reference themselves.
pub(in crate::model) fn rows_both_ways(
    edges: Vec<(u32, u32)>,
    new_id: &[u32],
) -> (Rows, Rows, PathSet) {
    let mut self_references = PathSet::empty(new_id.len());
    let references = forward_rows(edges, new_id, &mut self_references);
    let referrers = reversed(&references, new_id.len());
    (references, referrers, self_references)
}

/// Counting sort of the edges by referrer, each row sorted and without duplicates; self references go into the set.
fn forward_rows(edges: Vec<(u32, u32)>, new_id: &[u32], self_references: &mut PathSet) -> Rows {
    let count = new_id.len();
    let mut fill = vec![0_u32; count + 1];
    for &(from, to) in &edges {
        if from == to {
            self_references.insert(PathId::new(new_id[from as usize] as usize));
        } else {
            fill[new_id[from as usize] as usize + 1] += 1;
        }
    }
    for at in 0..count {
        fill[at + 1] += fill[at];
    }
    let mut starts = fill.clone();
    let mut targets = vec![PathId::new(0); fill[count] as usize];
    for &(from, to) in edges.iter().filter(|(from, to)| from != to) {
        let slot = &mut fill[new_id[from as usize] as usize];
        targets[*slot as usize] = PathId::new(new_id[to as usize] as usize);
        *slot += 1;
    }
    drop(edges);
    let mut kept = 0;
    for at in 0..count {
        let (start, end) = (starts[at] as usize, starts[at + 1] as usize);
        targets[start..end].sort_unstable();
        starts[at] = kept as u32;
        let mut last = None;
        for read in start..end {
            if last != Some(targets[read]) {
                last = Some(targets[read]);
                targets[kept] = targets[read];
                kept += 1;
            }
        }
    }
    starts[count] = kept as u32;
    targets.truncate(kept);
    targets.shrink_to_fit();
    Rows { starts, targets }
}

/// The same edges by their other end. Rows come out ascending because the referrers are walked in order.
fn reversed(rows: &Rows, count: usize) -> Rows {
    let mut fill = vec![0_u32; count + 1];
    for target in &rows.targets {
        fill[target.index() + 1] += 1;
    }
    for at in 0..count {
        fill[at + 1] += fill[at];
    }
    let starts = fill.clone();
    let mut targets = vec![PathId::new(0); rows.targets.len()];
    for from in 0..count {
        for target in &rows.targets[rows.starts[from] as usize..rows.starts[from + 1] as usize] {
            let slot = &mut fill[target.index()];
            targets[*slot as usize] = PathId::new(from);
            *slot += 1;
        }
    }
    Rows { starts, targets }
}
