//! Finds hash parts in bytes: any number of them in one pass, at about the speed of reading.
//!
//! Eight bytes in every 25 are looked at: wherever a hash part's 32 bytes stand, eight of these are among them. Only where
//! all eight may be nixbase32 digits are the bytes around them looked at too. Nix's own scanner, which made the references
//! in the first place, looks for the same thing: the bare hash part, wherever it stands.

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

/// How many bytes are tested at once: those of a machine word.
const PROBE: usize = 8;
/// How far the next probe is from one that failed: the longest way on which no hash part is missed.
const STRIDE: usize = HASH_PART_LEN - PROBE + 1;
/// How many probes are made in a row where there are bytes enough: the fewer steps, the faster.
const PROBES: usize = 8;
const ROW: usize = (PROBES - 1) * STRIDE + PROBE;

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
        let mut at = STRIDE - 1;
        while let Some(row) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
            at = match first_of_row(row) {
                Some(probe) => self.find_around(bytes, at + probe * STRIDE, &mut found),
                None => at + PROBES * STRIDE,
            };
        }
        while let Some(probe) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
            at = if may_be_digits(*probe) {
                self.find_around(bytes, at, &mut found)
            } else {
                at + STRIDE
            };
        }
    }

    /// Looks at the run of digits around the probe at `at`, if it is one, and gives the next place to probe.
    fn find_around(&self, bytes: &[u8], at: usize, found: &mut impl FnMut(usize, PathId)) -> usize {
        let outside = |&byte: &u8| DIGITS[usize::from(byte)] == OUTSIDE;
        let (before, rest) = bytes.split_at(at);
        let (probe, behind) = rest.split_at(PROBE);
        if let Some(position) = probe.iter().rposition(outside) {
            return at + position + STRIDE;
        }
        // What was probed before ends this within a stride.
        let start = before.iter().rposition(outside).map_or(0, |last| last + 1);
        let length = behind.iter().position(outside).unwrap_or(behind.len());
        let end = at + PROBE + length;
        for (position, window) in bytes[start..end].windows(HASH_PART_LEN).enumerate() {
            if let Some(path) = self.get(window) {
                found(start + position, path);
            }
        }
        end + STRIDE
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

/// Which probe of a row is the first that may be digits.
#[inline]
fn first_of_row(row: &[u8; ROW]) -> Option<usize> {
    let probe = |number: &usize| row[number * STRIDE..].first_chunk();
    (0..PROBES).find(|number| probe(number).is_some_and(|probe| may_be_digits(*probe)))
}

/// Whether all bytes can be nixbase32 digits. True for some other characters too.
///
/// The bytes are tested together as one word; the letters are told by Mycroft's test for a zero byte.
#[inline]
fn may_be_digits(probe: [u8; PROBE]) -> bool {
    const fn each(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; PROBE])
    }
    const fn zeros(word: u64) -> u64 {
        word.wrapping_sub(each(1)) & !word & each(0x80)
    }
    let word = u64::from_ne_bytes(probe);
    // Digits are 0x30 to 0x39, letters 0x61 to 0x7a. Most bytes of programs lack these bits, here moved onto each other.
    if (word | word >> 2) & each(0x30) != each(0x30) {
        return false;
    }
    // The alphabet has no e, o, t and u; the last two differ in one bit.
    let t_or_u = zeros((word | each(1)) ^ each(b'u'));
    let e_or_o = zeros(word ^ each(b'e')) | zeros(word ^ each(b'o'));
    word & each(0x80) | t_or_u | e_or_o == 0
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

    #[test]
    fn eight_digits_are_never_ruled_out_and_other_letters_are() {
        for byte in 0..=u8::MAX {
            for at in 0..PROBE {
                let mut probe = *b"0azv9fx1";
                probe[at] = byte;
                let digits = probe.iter().all(|byte| NIX_BASE32.contains(byte));
                assert!(may_be_digits(probe) || !digits, "{probe:?}");
            }
        }
        for probe in [
            b"tttttttt",
            b"eeeeeeee",
            b"azoazazz",
            b"azzazazu",
            b"zzz/zzzz",
            b"ZZZZZZZZ",
        ] {
            assert!(!may_be_digits(*probe), "{probe:?}");
        }
    }

    proptest! {
        /// Hash parts of the test notation are zeros with a digit at the end: runs of zeros are where a skip goes wrong.
        #[test]
        fn a_skipping_search_finds_what_a_naive_one_does(
            parts in proptest::collection::vec(prop_oneof![
                "0{28,40}", "[0-3]{1,4}", "[a-z/]{1,3}", "0{31}[12]", "[.A-Z]{0,60}", "[eotu]{1,9}"
            ], 0..24)
        ) {
            let (graph, _) = graph("a -> b c");
            let text = parts.concat();
            let mut found = Vec::new();
            Needles::of(&graph, graph.ids()).find(text.as_bytes(), |at, id| found.push((at, id)));
            prop_assert_eq!(found, naive(&graph, text.as_bytes()));
        }
    }
}
