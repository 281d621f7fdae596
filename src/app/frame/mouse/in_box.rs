//! The mouse while a box is open: click selects, double click does what enter does, a click outside closes.

use ratatui::crossterm::event::KeyCode;

use crate::app::App;
use crate::app::dialogs::Overlay;

/// Cells at the left of a row of the box of columns that say whether it is shown: a click there changes that.
const SIGN: std::ops::Range<u16> = 1..4;

impl App {
    /// A notch of the wheel if there are rows, else a click.
    pub(crate) fn box_mouse(&mut self, at: (u16, u16), rows: isize, double: bool) {
        if rows != 0 {
            return self.move_in_box(|cursor, len, height| cursor.scroll(rows, len, height));
        }
        let Some(place) = self.box_place() else {
            // It has nothing to choose from.
            self.overlay = None;
            return;
        };
        if !place.outer.contains(at.into()) {
            self.overlay = None;
            return;
        }
        let (Some(down), Some((len, cursor))) = (place.row(at), self.box_list()) else {
            return;
        };
        let row = cursor.top + down;
        if row >= len {
            return;
        }
        self.move_in_box(|cursor, _, _| cursor.at = row);
        let on_sign = SIGN.contains(&(at.0 - place.list.x));
        if matches!(self.overlay, Some(Overlay::Columns(_))) && on_sign {
            self.overlay_key(KeyCode::Char(' ').into());
        } else if double {
            self.overlay_key(KeyCode::Enter.into());
        }
    }
}
