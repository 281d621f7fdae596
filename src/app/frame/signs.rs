//! Where the signs stand that say whether a row is open. Shared by drawing and the mouse, so that they cannot disagree.

use super::layout::MARGIN;

/// Cells of a sign and the gap behind it.
pub(crate) const SIGN: u16 = 2;
/// Cells of a column of sizes in the view of chains, with the gap before it.
pub(crate) const WHY_SIZE: u16 = 11;
/// What stands before the sign of a segment.
pub(crate) const SEGMENT: &str = "┊ ";
/// What stands before the lines of an opened segment.
pub(crate) const INSIDE: &str = "┊   ";

/// Cells of a prefix, which has no wide letters.
pub(crate) fn cells(prefix: &str) -> u16 {
    prefix.chars().count() as u16
}

/// How many levels of an outline have guides in a room so wide: those above them have one sign in common.
pub(crate) fn guided(width: u16) -> usize {
    usize::from(width / 4)
}

/// Cells before the sign of an outline's line at a depth, in a room so wide.
pub(crate) fn indent(depth: u16, width: u16) -> u16 {
    let guided = depth.min(guided(width) as u16);
    let ellipsis = u16::from(depth > guided);
    ellipsis + if depth > 0 { 2 * guided.max(1) } else { 0 }
}

/// From this many columns on the view of chains has room for sizes beside the retained one.
const WITH_SIZES: u16 = 56;

/// How many columns of sizes the view of chains has.
pub(crate) fn why_sizes(width: u16) -> u16 {
    if width < WITH_SIZES { 1 } else { 2 }
}

/// Cells of a row of the view of chains before its sizes.
pub(crate) fn why_room(width: u16) -> u16 {
    // One cell stays free at the right edge.
    width.saturating_sub(MARGIN + why_sizes(width) * WHY_SIZE + 2)
}
