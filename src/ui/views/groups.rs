//! What the views that are lists of groups share: heading, rows, columns of sizes, and what they say while empty.

use ratatui::layout::Rect;

use crate::app::frame::layout::MARGIN;
use crate::app::views::folds::Row;
use crate::app::{App, Focus, View};
use crate::text::{self, wrapped};

use crate::ui::cells;
use crate::ui::paint::{Painter, line};

/// Cells of a column of sizes, with the gap before it.
pub const SIZE: u16 = 11;
/// Cells before the name of a thing in a group: room for a word about it.
const INDENT: u16 = 10;
/// The fewest and the most cells a bar takes.
const BAR: std::ops::RangeInclusive<u16> = 4..=16;
/// From this many columns on there is room for a bar, and below them names need all there is.
const WITH_BAR: u16 = 76;
/// Cells of a column of counts, with the gap before it.
const COUNT: u16 = 8;
/// From this many columns on there is room for more than the size that the groups are sorted by.
const WITH_SIZES: u16 = 56;

/// Where a column of sizes begins, the last one being number 0.
pub fn size_x(area: Rect, at: usize) -> u16 {
    let bar = bar_width(area);
    area.right()
        .saturating_sub(1 + bar + SIZE * (at as u16 + 1))
}

/// Where the column of counts stands, to the left of two columns of sizes.
pub fn count_room(area: Rect) -> Rect {
    let x = size_x(area, 1).saturating_sub(COUNT);
    Rect {
        x,
        width: COUNT,
        ..area
    }
}

/// Where names end if there are so many columns.
pub fn names_end(area: Rect, columns: usize) -> u16 {
    match columns {
        3.. => count_room(area).x,
        fewer => size_x(area, fewer.saturating_sub(1)),
    }
}

fn bar_width(area: Rect) -> u16 {
    match area.width.checked_sub(WITH_BAR) {
        None => 0,
        Some(more) => (BAR.start() + more / 4).min(*BAR.end()) + 1,
    }
}

/// A bar at the right edge: a size as a part of the largest one.
pub fn bar(painter: &mut Painter<'_>, area: Rect, size: impl Into<i64>, largest: i64) {
    let width = bar_width(area).saturating_sub(1);
    let size: i64 = size.into();
    if width > 0 && size > 0 && largest > 0 {
        let part = size as f64 / largest as f64;
        painter.bar(area.right() - 1 - width, area.y, width, part);
    }
}

/// How many columns of sizes there is room for beside names.
pub fn sizes(area: Rect) -> usize {
    if area.width < WITH_SIZES { 1 } else { 2 }
}

/// Where the name of a group has room.
pub fn group_room(area: Rect) -> Rect {
    let x = area.x + MARGIN;
    let width = size_x(area, sizes(area) - 1).saturating_sub(x);
    Rect { x, width, ..area }
}

/// Where the name of a thing in a group has room.
pub fn item_room(area: Rect) -> Rect {
    let room = group_room(area);
    Rect {
        x: room.x + INDENT,
        width: room.width.saturating_sub(INDENT),
        ..room
    }
}

/// Whether a group is open; gives the cell behind.
pub fn fold_sign(painter: &mut Painter<'_>, room: Rect, open: bool) -> u16 {
    let sign = if open { "▾ " } else { "▸ " };
    let style = painter.theme.dim;
    painter.put(room.x, room.y, room.width, sign, style)
}

/// What the view says in one line, and the titles of its columns of sizes, the last one first.
pub fn heading(painter: &mut Painter<'_>, area: Rect, what: &str, titles: &[&str]) {
    let theme = painter.theme;
    let top = line(area, 0);
    let width = top.width.saturating_sub(MARGIN + 1);
    painter.put(top.x + MARGIN, top.y, width, what, theme.dim);
    let row = line(area, 1);
    for (at, title) in titles.iter().enumerate() {
        // All of these lists are sorted by it.
        let sorted = format!("▼ {title}");
        let (title, style) = match at {
            0 => (sorted.as_str(), theme.accent),
            _ => (*title, theme.dim),
        };
        let (x, width) = match at {
            2 => (count_room(row).x, COUNT),
            at => (size_x(row, at), SIZE),
        };
        painter.put_right(x, row.y, width, title, style);
    }
}

/// Draws the rows on screen.
pub fn rows(
    app: &App,
    painter: &mut Painter<'_>,
    area: Rect,
    view: View,
    mut draw: impl FnMut(&mut Painter<'_>, Rect, Row),
) {
    let Some(folds) = app.views.folds(view) else {
        return;
    };
    let height = usize::from(area.height.saturating_sub(view.head()));
    for (down, at) in folds.cursor.window(folds.len(), height).enumerate() {
        let row = line(area, down as u16 + view.head());
        if at == folds.cursor.at {
            cells::cursor(app, painter, row, Focus::Main);
        }
        if let Some(what) = folds.row(at) {
            draw(painter, row, what);
        }
    }
}

/// While the groups are being looked for, or if that was called off.
pub fn waiting(app: &App, painter: &mut Painter<'_>, area: Rect, about: &str) {
    if app.list_given_up() {
        let again = format!(
            "Cancelled; {} looks again.",
            app.shared.keys.shown(app.view.command())
        );
        nothing(painter, area, &[&again, about]);
    } else {
        nothing(painter, area, &["Looking …", about]);
    }
}

/// Says why there are no rows: one line, and what there is to know below.
pub fn nothing(painter: &mut Painter<'_>, area: Rect, what: &[&str]) {
    let theme = painter.theme;
    let width = usize::from(area.width.saturating_sub(2 * MARGIN)).clamp(10, 100);
    let mut down = 1;
    for (at, text) in what.iter().enumerate() {
        let style = if at == 0 { theme.title } else { theme.dim };
        for part in wrapped(&text::sanitise(text), width) {
            let row = line(area, down);
            painter.put(row.x + MARGIN, row.y, width as u16, &part, style);
            down += 1;
        }
        down += 1;
    }
}
