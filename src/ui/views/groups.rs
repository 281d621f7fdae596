//! What the views that are lists of groups share: heading, rows, columns of sizes, and what they say while empty.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::facts::Facts;
use crate::app::frame::layout::MARGIN;
use crate::app::keys::table::KeyTable;
use crate::app::views::folds::{Folds, GroupLine, GroupRow};
use crate::app::views::groups::Groups;
use crate::app::views::list::List;
use crate::app::{App, Focus};
use crate::model::PathId;
use crate::text::{self, wrapped};

use crate::ui::cells::{self, Letters};
use crate::ui::paint::{Painter, line};

/// Cells of a column of sizes, with the gap before it.
pub(crate) const SIZE: u16 = 12;
/// Cells before the name of a thing in a group: room for a word about it.
const INDENT: u16 = 10;
/// The fewest and the most cells a bar takes.
const BAR: std::ops::RangeInclusive<u16> = 4..=16;
/// From this many columns on there is room for a bar, and below them names need all there is.
const WITH_BAR: u16 = 76;
/// Cells of a column of counts, with the gap before it.
const COUNT: u16 = 8;
/// From this many columns on there is room for more than the size that the groups are sorted by.
const WITH_SIZES: u16 = 61;

/// Where a column of sizes begins, the last one being number 0.
pub(crate) fn size_x(area: Rect, at: usize) -> u16 {
    let bar = bar_width(area);
    area.right()
        .saturating_sub(1 + bar + SIZE * (at as u16 + 1))
}

/// Where the column of counts stands, to the left of two columns of sizes.
pub(crate) fn count_room(area: Rect) -> Rect {
    let x = size_x(area, 1).saturating_sub(COUNT);
    Rect {
        x,
        width: COUNT,
        ..area
    }
}

/// Where names end if there are this many columns.
pub(crate) fn names_end(area: Rect, columns: usize) -> u16 {
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
pub(crate) fn bar(painter: &mut Painter<'_>, area: Rect, size: impl Into<i64>, largest: i64) {
    let width = bar_width(area).saturating_sub(1);
    let size: i64 = size.into();
    if width > 0 && size > 0 && largest > 0 {
        let part = size as f64 / largest as f64;
        painter.bar(area.right() - 1 - width, area.y, width, part);
    }
}

/// How many columns of sizes there is room for beside names.
pub(crate) fn sizes(area: Rect) -> usize {
    if area.width < WITH_SIZES { 1 } else { 2 }
}

/// Where the name of a group has room.
pub(crate) fn group_room(area: Rect) -> Rect {
    let x = area.x + MARGIN;
    let width = size_x(area, sizes(area) - 1).saturating_sub(x);
    Rect { x, width, ..area }
}

/// Where the name of a thing in a group has room.
pub(crate) fn item_room(area: Rect) -> Rect {
    let room = group_room(area);
    Rect {
        x: room.x + INDENT,
        width: room.width.saturating_sub(INDENT),
        ..room
    }
}

/// Whether a group is open; gives the cell behind.
pub(crate) fn fold_sign(painter: &mut Painter<'_>, room: Rect, open: bool) -> u16 {
    let sign = if open { "▾ " } else { "▸ " };
    let style = painter.theme.dim;
    painter.put(room.x, room.y, room.width, sign, style)
}

/// What the view says in one line, and the titles of its columns of sizes, the last one first.
fn heading(
    painter: &mut Painter<'_>,
    area: Rect,
    what: &str,
    (titles, by): (&[&str], Option<usize>),
    above: u16,
) {
    let theme = painter.theme;
    let top = line(area, 0);
    // Where there is but one row above the list, the titles stand in it, too.
    let (row, end) = match above {
        1 => (top, names_end(area, titles.len())),
        _ => (line(area, 1), top.right()),
    };
    let width = end.saturating_sub(top.x + MARGIN + 1);
    painter.put(top.x + MARGIN, top.y, width, what, theme.dim);
    for (at, title) in titles.iter().enumerate() {
        let sorted = format!("▼ {title}");
        let (title, style) = if by == Some(at) {
            (sorted.as_str(), theme.accent)
        } else {
            (*title, theme.dim)
        };
        let (x, width) = match at {
            2 => (count_room(row).x, COUNT),
            at => (size_x(row, at), SIZE),
        };
        painter.put_cell(Rect::new(x, row.y, width, 1), title, style);
    }
}

/// Writes into a column of sizes, the last one being number 0; gives the first cell that is written.
pub(crate) fn size(
    painter: &mut Painter<'_>,
    area: Rect,
    at: usize,
    what: &str,
    style: Style,
) -> u16 {
    let x = size_x(area, at);
    let room = Rect {
        x,
        width: SIZE,
        ..area
    };
    painter.put_cell(room, what, style)
}

/// A room up to what begins at a cell, less two blanks.
pub(crate) fn up_to(room: Rect, first: u16) -> Rect {
    let width = first.saturating_sub(room.x + 2);
    Rect { width, ..room }
}

/// How the groups of a view are drawn.
pub(crate) trait DrawList: List {
    /// What the view is about, for when it is empty.
    const ABOUT: &'static str;
    /// What all rows need to know, worked out once a frame.
    type Scale;

    /// Why there are no groups, if there are none: one line, and what there is to know below. Keys are named by the table.
    fn nothing(found: &Self::Found, facts: &Facts, keys: &KeyTable) -> Option<Vec<String>>;

    /// What the view says in one line, the titles of its columns, the last one first, and what all rows need to know.
    fn head(
        drawing: &Drawing<'_, Self>,
        painter: &Painter<'_>,
        area: Rect,
    ) -> (String, &'static [&'static str], Self::Scale);

    /// Which column of sizes the groups are sorted by, the last one being number 0.
    fn sorted_column(_drawing: &Drawing<'_, Self>) -> Option<usize> {
        Some(0)
    }

    /// Draws the heading of a section.
    fn section_heading(
        _drawing: &Drawing<'_, Self>,
        _painter: &mut Painter<'_>,
        _area: Rect,
        _section: usize,
    ) {
    }

    /// Draws a row. Tells where the name of which path stands, for the letters that were searched for.
    fn row(
        drawing: &Drawing<'_, Self>,
        painter: &mut Painter<'_>,
        area: Rect,
        row: GroupRow,
        scale: &Self::Scale,
    ) -> Option<(Rect, PathId)>;
}

/// What rows are drawn from.
pub(crate) struct Drawing<'a, L: List> {
    /// The explorer.
    pub app: &'a App,
    /// What is known of the closure.
    pub facts: &'a Facts,
    /// The groups.
    pub found: &'a L::Found,
    /// What was found later.
    pub later: Option<&'a L::Later>,
    /// Whether the user cancelled what comes later.
    pub cancelled: bool,
    folds: &'a Folds,
}

impl<L: List> Drawing<'_, L> {
    /// Whether a group is open.
    pub(crate) fn is_open(&self, group: usize) -> bool {
        self.folds.is_open(group)
    }

    /// The style of a path's name: marked to go or not.
    pub(crate) fn style(&self, painter: &Painter<'_>, id: PathId) -> Style {
        if self.app.shared.plan.removes(id) {
            painter.theme.mark
        } else {
            painter.theme.text
        }
    }
}

/// Draws a view that is a list of groups.
pub(crate) fn draw<L: DrawList>(
    app: &App,
    facts: &Facts,
    painter: &mut Painter<'_>,
    area: Rect,
    groups: &Groups<L>,
) {
    let Some(found) = groups.found() else {
        return waiting(app, painter, area, groups.is_cancelled(), L::ABOUT);
    };
    if let Some(mut none) = L::nothing(found, facts, &app.shared.keys) {
        none.push(L::ABOUT.to_owned());
        return nothing(painter, area, &none);
    }
    let folds = groups.folds();
    let drawing = Drawing {
        app,
        facts,
        found,
        later: groups.later(),
        cancelled: groups.is_cancelled(),
        folds,
    };
    let (what, titles, scale) = L::head(&drawing, painter, area);
    let above = app.view().head();
    let by = L::sorted_column(&drawing);
    heading(painter, area, &what, (titles, by), above);
    let mut letters = Letters::of(app.search_words());
    let height = usize::from(area.height.saturating_sub(above));
    for (down, at) in folds.cursor.window(folds.len(), height).enumerate() {
        let room = line(area, down as u16 + above);
        if at == folds.cursor.at {
            cells::cursor(app, painter, room, Focus::Main);
        }
        match folds.line(at) {
            Some(GroupLine::Heading(section)) => {
                L::section_heading(&drawing, painter, room, section);
            }
            Some(GroupLine::More(section)) => more(painter, room, folds.hidden(section)),
            Some(GroupLine::Rest(group)) => more(painter, room, folds.rest(group)),
            Some(GroupLine::Row(row)) => {
                if let Some((room, id)) = L::row(&drawing, painter, room, row, &scale) {
                    letters.path(painter, facts, room, id);
                }
            }
            None => {}
        }
    }
}

/// In place of the further groups of a section, or of the further rows of a group.
fn more(painter: &mut Painter<'_>, area: Rect, count: usize) {
    let room = group_room(area);
    let what = format!("… {} more", text::count(count as u64));
    painter.put(room.x + 2, room.y, room.width, &what, painter.theme.dim);
}

/// While the groups are being looked for, or if that was cancelled.
fn waiting(app: &App, painter: &mut Painter<'_>, area: Rect, cancelled: bool, about: &str) {
    let what = if cancelled {
        let key = app.shared.keys.shown(app.view().command());
        format!("Cancelled; {key} looks again.")
    } else {
        "Looking …".to_owned()
    };
    nothing(painter, area, &[what, about.to_owned()]);
}

/// Says why there are no rows: one line, and what there is to know below.
fn nothing(painter: &mut Painter<'_>, area: Rect, what: &[String]) {
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
