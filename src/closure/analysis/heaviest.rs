//! The order in which paths that stay are shown.

use std::cmp::Reverse;

use super::analysed::Analysed;
use super::what_if::StillHeld;

/// Sorts what stays by its retained size: what holds most is what one would like to see leave, too.
pub fn heaviest_first(analysed: &Analysed, held: &mut [StillHeld]) {
    held.sort_by_cached_key(|held| Reverse(analysed.retained_size(held.path)));
}
