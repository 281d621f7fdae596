//! Where the signs stand that say whether a row is open. Shared by drawing and the mouse, so that they cannot disagree.

use crate::text::Units;

use super::layout::{Columns, MARGIN, Wanted, columns};
use crate::app::facts::Field;
use crate::app::views::folds::Row as FoldRow;
use crate::app::views::tree::{Mode, Tree};
use crate::app::views::why::Row as WhyRow;
use crate::app::{App, View};

/// Cells of a sign and the gap behind it.
pub const SIGN: u16 = 2;
/// Cells of a column of sizes in the view of chains, with the gap before it.
pub const WHY_SIZE: u16 = 11;
/// What stands before the sign of a stretch.
pub const STRETCH: &str = "┊ ";
/// What stands before the lines of an opened stretch.
pub const INSIDE: &str = "┊   ";

/// Cells of a prefix, which has no wide letters.
fn cells(prefix: &str) -> u16 {
    prefix.chars().count() as u16
}

/// How many levels of an outline have guides in a room so wide: those above them have one sign in common.
pub fn guided(width: u16) -> usize {
    usize::from(width / 4)
}

/// Cells before the sign of an outline's line at a depth, in a room so wide.
pub fn indent(depth: u16, width: u16) -> u16 {
    let guided = depth.min(guided(width) as u16);
    let ellipsis = u16::from(depth > guided);
    ellipsis + if depth > 0 { 2 * guided.max(1) } else { 0 }
}

/// From this many columns on the view of chains has room for sizes beside the retained one.
const WITH_SIZES: u16 = 56;

/// How many columns of sizes the view of chains has.
pub fn why_sizes(width: u16) -> u16 {
    if width < WITH_SIZES { 1 } else { 2 }
}

/// Cells of a row of the view of chains before its sizes.
pub fn why_room(width: u16) -> u16 {
    // One cell stays free at the right edge.
    width.saturating_sub(MARGIN + why_sizes(width) * WHY_SIZE + 2)
}

impl Tree {
    /// The column whose sizes have bars.
    pub fn barred(&self) -> Field {
        match self.mode {
            Mode::Leaving => Field::Retained,
            _ => Field::Closure,
        }
    }

    /// The columns of the tree.
    pub fn columns(&self, width: u16, units: Units) -> Columns {
        let wanted = Wanted {
            fields: &[Field::Name, Field::Nar, Field::Closure, Field::Retained],
            barred: self.barred(),
            sorted: None,
            units,
        };
        columns(width, wanted)
    }
}

impl App {
    /// Where the sign of the cursor's row stands in a view so wide, counted from its left; `None` if it has none.
    pub(crate) fn sign_of_cursor(&self, width: u16) -> Option<u16> {
        match self.view {
            View::Tree => {
                let line = self
                    .views
                    .tree
                    .outline
                    .lines()
                    .get(self.views.tree.cursor.at)?;
                let placed = self.views.tree.columns(width, self.shared.look.units);
                let room = placed.places.first()?;
                (!line.leaf).then(|| room.x + indent(line.depth, room.width))
            }
            View::Why => {
                let row = self.views.why.current()?;
                self.views.why.is_open(row)?;
                let WhyRow::Inside(stretch, at) = row else {
                    return Some(MARGIN + cells(STRETCH));
                };
                let line = self.views.why.inside(stretch)?.lines().get(at)?;
                let room = why_room(width).saturating_sub(cells(INSIDE));
                Some(MARGIN + cells(INSIDE) + indent(line.depth, room))
            }
            view => {
                let folds = self.views.folds(view)?;
                let is_group = matches!(folds.current(), Some(FoldRow::Group(_)));
                (is_group && folds.can_open()).then_some(MARGIN)
            }
        }
    }

    /// Opens or closes the row of the cursor if a cell, counted from the left of the view, is on its sign.
    pub(crate) fn click_on_sign(&mut self, width: u16, x: u16) -> bool {
        let sign = self.sign_of_cursor(width);
        let on_it = sign.is_some_and(|from| (from..from + SIGN).contains(&x));
        if on_it {
            self.toggle_row();
        }
        on_it
    }

    fn toggle_row(&mut self) {
        match self.view {
            View::Tree => {
                let at = self.views.tree.cursor.at;
                let line = self.views.tree.outline.lines().get(at);
                if line.is_some_and(|line| line.open) {
                    self.views.tree.outline.close(at);
                } else {
                    self.right();
                }
            }
            View::Why => self.toggle_open(),
            _ => {
                self.list_right(true);
            }
        }
    }
}
