//! The order in which paths that stay are shown.

use std::cmp::Reverse;

use super::analysed::Analysed;
use super::what_if::StillHeld;
use crate::job::Cancelled;

/// Sorts what stays by its retained size: what holds most is what one would like to see leave, too.
pub fn heaviest_first(analysed: &Analysed, held: &mut [StillHeld]) -> Result<(), Cancelled> {
    if held.len() > 1 {
        let dominators = analysed.dominators()?;
        held.sort_by_cached_key(|held| Reverse(dominators.retained_size(held.path)));
    }
    Ok(())
}
