//! The mouse: click selects, double click goes in, the wheel scrolls, headings sort, tabs change the view, signs open and
//! close, hints do what they say.

use ratatui::crossterm::event::{KeyCode, MouseButton, MouseEventKind};
use ratatui::layout::Rect;

use super::layout::{Areas, badge_places};
use super::tabs::tabs;
use crate::app::event::Mouse;
use crate::app::facts::Sort;
use crate::app::keys::command::Command;
use crate::app::prompt::Prompt;
use crate::app::views::plan::Row as MarksRow;
use crate::app::{App, Focus, View};

/// What can be done with it, for the page of keys.
pub const GESTURES: &[(&str, &str)] = &[
    ("click on a row", "Select it, in views and in boxes."),
    ("double click on a row", "Do what `enter` does."),
    ("click on `▸` or `▾`", "Open or close the row."),
    ("click on a tab", "Show the view."),
    (
        "click on the numbers in the first row",
        "Show what they count: marks, warnings.",
    ),
    ("click on a hint in the last row", "Do what its key does."),
    (
        "click on a heading",
        "Packages: sort by it, and again the other way round. Tree: what `tree-mode` does.",
    ),
    ("click on a part of the search", "Take it away."),
    ("click on `✓` or `·`", "Columns: show it, or hide it."),
    ("click outside a box", "Close it."),
    ("wheel", "Scroll; in the map go in and out."),
    (
        "drag the border of the details",
        "Make them wider or narrower.",
    ),
];

/// Rows a notch of the wheel scrolls.
const NOTCH: isize = 3;

impl App {
    pub(crate) fn mouse(&mut self, Mouse { event, double }: Mouse) {
        if let MouseEventKind::Drag(MouseButton::Left) = event.kind {
            if self.side.dragged {
                self.side.width = Some((self.shared.size.0 + 1).saturating_sub(event.column));
            }
            return;
        }
        self.side.dragged = false;
        let rows = match event.kind {
            MouseEventKind::Down(MouseButton::Left) => 0,
            MouseEventKind::ScrollUp => -NOTCH,
            MouseEventKind::ScrollDown => NOTCH,
            _ => return,
        };
        if self.dialog_mouse((event.column, event.row), rows, double) {
            return;
        }
        let Some(areas) = self.areas() else { return };
        let (x, y) = (event.column, event.row);
        let inside = |area: Rect| area.contains((x, y).into());
        if rows == 0 && self.message.take().is_some() && inside(areas.footer) {
            // It stood in place of what can be done.
            return;
        }
        if rows == 0 && inside(areas.footer) {
            return self.click_on_footer(x);
        }
        let asks = |prompt: &mut Prompt| !prompt.is_search();
        if rows == 0 && self.prompt.take_if(asks).is_some() {
            // It is a box of one row.
            return;
        }
        if self.facts.is_none() || self.failure.is_some() {
            return;
        }
        // The line has an empty column before it.
        let on_border = rows == 0 && inside(areas.side) && x <= areas.side.x + 1;
        if inside(areas.header) && rows == 0 {
            self.click_on_header(x);
        } else if inside(areas.tabs) && rows == 0 {
            let tabs = tabs(areas.tabs.width, self.view);
            let tab = tabs.iter().find(|tab| (tab.from..tab.to).contains(&x));
            if let Some(view) = tab.and_then(|tab| View::ALL.get(tab.at)) {
                // What is typed holds from now on.
                self.prompt_key(KeyCode::Enter.into());
                self.act(view.command());
            }
        } else if inside(areas.badges) && rows == 0 {
            let places = badge_places(&self.parts(), areas.badges.width);
            let clicked = places
                .iter()
                .find(|(_, from, to)| (*from..*to).contains(&x));
            if let Some(&(at, ..)) = clicked {
                self.drop_part(Some(at));
            }
        } else if areas.main.width > 0 && on_border {
            self.side.dragged = true;
        } else if inside(areas.side) {
            self.focus = Focus::Side;
            let head = self.details.frame(areas.side.height).0;
            let on_row = self.list_mouse(y.checked_sub(areas.side.y + head), rows);
            if on_row && double {
                self.act(Command::Enter);
            }
        } else if inside(areas.main) {
            self.focus = Focus::Main;
            let heading = y == areas.main.y && rows == 0;
            if heading && self.view == View::Packages {
                self.sort_by_heading(areas, x);
            } else if heading && self.view == View::Tree {
                self.act(Command::TreeMode);
            } else if self.view == View::Map {
                self.map_mouse(
                    (x - areas.main.x, y.saturating_sub(areas.main.y + 1)),
                    rows,
                    double,
                );
            } else {
                let down = y.checked_sub(areas.main.y + self.view.head());
                let on_row = self.list_mouse(down, rows);
                // A sign is for opening, however often it is clicked.
                let opened = on_row && self.click_on_sign(areas.main.width, x - areas.main.x);
                if on_row && !opened && (double || self.stands_for_more()) {
                    self.act(Command::Enter);
                }
            }
        }
    }

    /// Scrolls the list that has the keys, or puts its cursor on a row; tells whether a row was clicked.
    fn list_mouse(&mut self, down: Option<u16>, rows: isize) -> bool {
        let (len, height) = (self.list_len(), self.list_height());
        if rows != 0 {
            let before = self.list_cursor().at;
            self.list_cursor().scroll(rows, len, height);
            self.skip_gaps(before, len, height);
            self.select_current();
            return false;
        }
        let at = down.map(|down| self.list_cursor().top + usize::from(down));
        let Some(at) = at.filter(|&at| at < len) else {
            return false;
        };
        self.list_cursor().at = at;
        self.views.packages.touched = true;
        self.select_current();
        true
    }

    /// Is the row of the cursor there to bring more rows?
    fn stands_for_more(&self) -> bool {
        let row = self.marks_rows().get(self.views.plan.cursor.at);
        self.view == View::Marks && row == Some(MarksRow::MoreStays)
    }

    fn map_mouse(&mut self, (x, y): (u16, u16), rows: isize, double: bool) {
        if rows != 0 {
            if rows < 0 {
                self.act(Command::Enter);
            } else if self.views.map.top.is_some() || self.views.map.rest.is_some() {
                self.act(Command::Back);
            }
            return;
        }
        let clicked = self
            .tiles
            .iter()
            .position(|tile| tile.area.contains((x, y * 2).into()));
        if let Some(at) = clicked {
            self.stand_on_tile(at);
            if double {
                self.act(Command::Enter);
            }
        }
    }

    fn sort_by_heading(&mut self, areas: Areas, x: u16) {
        let placed = self
            .views
            .packages
            .columns(areas.main.width, self.shared.look.units);
        let at = x - areas.main.x;
        let clicked = placed
            .places
            .iter()
            .find(|place| (place.x..place.x + place.width).contains(&at));
        let Some(field) = clicked.map(|place| place.field) else {
            return;
        };
        let Sort {
            field: sorted,
            descending,
        } = self.views.packages.sort;
        if field == sorted && !self.views.packages.by_match {
            self.sort(Sort {
                field,
                descending: !descending,
            });
        } else {
            self.sort(Sort::by(field));
        }
    }
}
