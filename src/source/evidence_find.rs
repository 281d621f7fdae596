//! Finds hash parts in bytes: any number of them in one pass, at about the speed of reading.
//!
//! A window of 32 bytes is tested from its end; a byte outside the nixbase32 alphabet moves the window past it. Nix's own
//! scanner, which made the references in the first place, looks the same way: for the bare hash part, wherever it stands.

use std::collections::HashMap;

use crate::model::store_path::{HASH_PART_LEN, NIX_BASE32};
use crate::model::{PathId, StoreGraph};

const OUTSIDE: u8 = u8::MAX;

/// The value of each byte in nixbase32.
const DIGITS: [u8; 256] = {
    let mut digits = [OUTSIDE; 256];
    let mut value = 0;
    while value < NIX_BASE32.len() {
        digits[NIX_BASE32[value] as usize] = value as u8;
        value += 1;
    }
    digits
};

/// Characters that make up the index into the filter: 2^20 bits are 128 KiB.
const FILTER_CHARACTERS: usize = 4;

/// The hash parts looked for.
#[derive(Debug)]
pub(crate) struct Needles {
    paths: HashMap<[u8; HASH_PART_LEN], PathId>,
    /// One bit for each beginning that some hash part has.
    filter: Vec<u64>,
}

impl Needles {
    /// The hash parts of some paths. Paths without one are not found; of two paths with the same hash part the first is.
    pub(crate) fn of(graph: &StoreGraph, ids: impl IntoIterator<Item = PathId>) -> Self {
        let mut needles = Self {
            paths: HashMap::new(),
            filter: vec![0; (1 << (5 * FILTER_CHARACTERS)) / 64],
        };
        for id in ids {
            if let Ok(hash_part) = <[u8; HASH_PART_LEN]>::try_from(graph.hash_part(id).as_bytes()) {
                let bit = filter_index(&hash_part);
                needles.filter[bit / 64] |= 1 << (bit % 64);
                needles.paths.entry(hash_part).or_insert(id);
            }
        }
        needles
    }

    /// Calls `found` with the position and the path of every hash part in `bytes`, in order.
    pub(crate) fn find(&self, bytes: &[u8], mut found: impl FnMut(usize, PathId)) {
        let outside = |byte: u8| DIGITS[usize::from(byte)] == OUTSIDE;
        let mut end = HASH_PART_LEN;
        // All bytes of the window that ends at `end`, up to this position, are in the alphabet.
        let mut tested = 0;
        while end <= bytes.len() {
            // Most windows end in a byte outside: the cheapest case comes first.
            if outside(bytes[end - 1]) {
                tested = end;
                end += HASH_PART_LEN;
                continue;
            }
            let rest = &bytes[tested..end - 1];
            if let Some(at) = rest.iter().rposition(|&byte| outside(byte)) {
                let window = tested + at + 1;
                tested = end;
                end = window + HASH_PART_LEN;
            } else {
                let start = end - HASH_PART_LEN;
                if let Some(path) = self.get(&bytes[start..end]) {
                    found(start, path);
                }
                tested = end;
                end += 1;
            }
        }
    }

    /// The path with this hash part, whose characters are all in the alphabet.
    fn get(&self, hash_part: &[u8]) -> Option<PathId> {
        let bit = filter_index(hash_part);
        if self.filter[bit / 64] & (1 << (bit % 64)) == 0 {
            return None;
        }
        self.paths.get(hash_part).copied()
    }
}

fn filter_index(hash_part: &[u8]) -> usize {
    hash_part[..FILTER_CHARACTERS]
        .iter()
        .fold(0, |index, &byte| {
            index << 5 | usize::from(DIGITS[usize::from(byte)] & 31)
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{graph, id};

    fn naive(graph: &StoreGraph, bytes: &[u8]) -> Vec<(usize, PathId)> {
        let mut found = Vec::new();
        for (at, window) in bytes.windows(HASH_PART_LEN).enumerate() {
            let same = |&id: &PathId| graph.hash_part(id).as_bytes() == window;
            found.extend(graph.ids().find(same).map(|id| (at, id)));
        }
        found
    }

    #[test]
    fn hash_parts_are_found_wherever_they_stand() {
        let (graph, _) = graph("a -> b c");
        let needles = Needles::of(&graph, graph.ids());
        let (b, c) = (id(&graph, "b"), id(&graph, "c"));
        let text = format!("{0}x{1}{0}é{1}", graph.hash_part(b), graph.hash_part(c));
        let mut found = Vec::new();
        needles.find(text.as_bytes(), |at, id| found.push((at, id)));
        assert_eq!(found, naive(&graph, text.as_bytes()));
        assert_eq!(found.len(), 4);
    }

    proptest! {
        /// Hash parts of the test notation are zeros with a digit at the end: runs of zeros are where a skip goes wrong.
        #[test]
        fn a_skipping_search_finds_what_a_naive_one_does(
            parts in proptest::collection::vec(prop_oneof!["0{28,40}", "[0-3]{1,4}", "[a-z/]{1,3}", "0{31}[12]"], 0..12)
        ) {
            let (graph, _) = graph("a -> b c");
            let text = parts.concat();
            let mut found = Vec::new();
            Needles::of(&graph, graph.ids()).find(text.as_bytes(), |at, id| found.push((at, id)));
            prop_assert_eq!(found, naive(&graph, text.as_bytes()));
        }
    }
}
