//! The mouse: click selects, double click goes in, the wheel scrolls, headings sort, tabs change the view.

use ratatui::crossterm::event::{MouseButton, MouseEventKind};
use ratatui::layout::Rect;

use super::command::Command;
use super::event::Mouse;
use super::facts::Sort;
use super::layout::{Areas, badge_places, tab_places};
use super::list::Motion;
use super::{App, Pane, View};

/// Rows a notch of the wheel scrolls.
const NOTCH: isize = 3;

impl App {
    pub(super) fn mouse(&mut self, Mouse { event, double }: Mouse) {
        if let MouseEventKind::Drag(MouseButton::Left) = event.kind {
            if self.side.dragged {
                self.side.width = Some((self.size.0 + 1).saturating_sub(event.column));
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
        if self.overlay.is_some() {
            if rows == 0 {
                self.overlay = None;
            } else {
                self.overlay_go(Motion::By(rows));
            }
            return;
        }
        let Some(areas) = self.areas() else { return };
        if self.facts.is_none() || self.failure.is_some() {
            return;
        }
        let (x, y) = (event.column, event.row);
        let inside = |area: Rect| area.contains((x, y).into());
        // The line has an empty column before it.
        let on_border = rows == 0 && inside(areas.side) && x <= areas.side.x + 1;
        if inside(areas.tabs) && rows == 0 {
            let mut places = tab_places(areas.tabs.width, self.view);
            let tab = places.find(|(.., from, to)| (*from..*to).contains(&x));
            if let Some((view, ..)) = tab {
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
            self.pane = Pane::Side;
            self.list_mouse(
                y.checked_sub(areas.side.y + self.details.frame(areas.side.height).0),
                rows,
                double,
            );
        } else if inside(areas.main) {
            self.pane = Pane::Main;
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
                self.list_mouse(y.checked_sub(areas.main.y + self.view.head()), rows, double);
            }
        }
    }

    fn list_mouse(&mut self, down: Option<u16>, rows: isize, double: bool) {
        let (len, height) = (self.list_len(), self.list_height());
        if rows != 0 {
            let before = self.list_cursor().at;
            self.list_cursor().scroll(rows, len, height);
            self.skip_gaps(before, len, height);
            return self.select_current();
        }
        let at = down.map(|down| self.list_cursor().top + usize::from(down));
        if let Some(at) = at.filter(|&at| at < len) {
            self.list_cursor().at = at;
            self.packages.touched = true;
            self.select_current();
            if double {
                self.act(Command::Enter);
            }
        }
    }

    fn map_mouse(&mut self, (x, y): (u16, u16), rows: isize, double: bool) {
        if rows != 0 {
            if rows < 0 {
                self.act(Command::Enter);
            } else if self.map.top.is_some() {
                self.act(Command::Back);
            }
            return;
        }
        let clicked = self
            .tiles
            .iter()
            .position(|tile| tile.area.contains((x, y * 2).into()));
        if let Some(at) = clicked {
            self.map_cursor.at = at;
            self.select_current();
            if double {
                self.act(Command::Enter);
            }
        }
    }

    fn sort_by_heading(&mut self, areas: Areas, x: u16) {
        let placed = self.packages.columns(areas.main.width, self.look.units);
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
        } = self.packages.sort;
        if field == sorted && !self.packages.by_match {
            self.sort(Sort {
                field,
                descending: !descending,
            });
        } else {
            self.sort(Sort::by(field));
        }
    }
}
