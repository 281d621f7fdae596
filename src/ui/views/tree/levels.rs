//! The tree in three columns: referrers, here, references.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::facts::{Facts, Metric};
use crate::app::frame::layout::{MARGIN, level_columns};
use crate::app::{App, Focus};
use crate::model::PathId;
use crate::text;

use crate::ui::cells::{self, Letters};
use crate::ui::paint::{Painter, line};

/// Cells of a size, with the gap before it.
const SIZE: u16 = 11;
/// Narrower columns have names only.
const WITH_SIZE: u16 = 26;

/// Draws the columns below the full store path.
pub(super) fn draw(app: &App, facts: &Facts, painter: &mut Painter<'_>, area: Rect) {
    let levels = &app.views.tree.levels;
    let top = line(area, 0);
    if let Some(id) = levels.current() {
        let path = facts.graph().path(id).to_string();
        let room = area.width.saturating_sub(MARGIN + 1);
        let shown = text::fit_middle(&text::sanitise(&path), usize::from(room)).into_owned();
        let style = painter.theme.accent;
        painter.put(top.x + MARGIN, top.y, room, &shown, style);
    }
    let below = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    let [left, here, right] = level_columns(area.width).map(|cells| Rect {
        x: below.x + cells.start,
        width: cells.end - cells.start,
        ..below
    });
    let mut letters = Letters::of(app.search_words());
    middle(app, facts, painter, here, &mut letters);
    let Some(beside) = levels.beside() else {
        return;
    };
    let (dim, title) = (painter.theme.dim, painter.theme.title);
    let style = |id| {
        if Some(id) == levels.came_from() {
            title
        } else {
            dim
        }
    };
    column(app, facts, painter, left, &beside.referrers, &style);
    column(app, facts, painter, right, &beside.references, &|_| dim);
}

/// The level of the cursor, between two lines.
fn middle(app: &App, facts: &Facts, painter: &mut Painter<'_>, area: Rect, letters: &mut Letters) {
    let levels = &app.views.tree.levels;
    let (cursor, paths) = (levels.cursor(), levels.paths());
    let inner = Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(2),
        ..area
    };
    for (down, at) in cursor
        .window(paths.len(), usize::from(area.height))
        .enumerate()
    {
        let row = line(inner, down as u16);
        if at == cursor.at {
            cells::cursor(app, painter, row, Focus::Main);
        }
        let id = paths[at];
        cells::sign(app, painter, (row.x + 1, row.y), id, levels.edge(at));
        let style = if app.shared.plan.removes(id) {
            painter.theme.mark
        } else {
            painter.theme.text
        };
        let room = Rect {
            x: row.x + MARGIN,
            width: row.width.saturating_sub(MARGIN + 1),
            ..row
        };
        let room = name_and_size(app, facts, painter, room, (id, style));
        letters.path(painter, facts, room, id);
    }
    for x in [area.x, area.right().saturating_sub(1)] {
        for y in area.top()..area.bottom() {
            painter.put(x, y, 1, "│", painter.theme.line);
        }
    }
}

/// What stands beside the level; the last row says how many more there are.
fn column(
    app: &App,
    facts: &Facts,
    painter: &mut Painter<'_>,
    area: Rect,
    paths: &[PathId],
    style: &dyn Fn(PathId) -> Style,
) {
    let height = usize::from(area.height);
    let shown = if paths.len() > height {
        height.saturating_sub(1)
    } else {
        paths.len()
    };
    let room = |down: usize| {
        let row = line(area, down as u16);
        Rect {
            x: row.x + 1,
            width: row.width.saturating_sub(2),
            ..row
        }
    };
    for (down, &id) in paths[..shown].iter().enumerate() {
        name_and_size(app, facts, painter, room(down), (id, style(id)));
    }
    if let Some(more @ 1..) = paths.len().checked_sub(shown) {
        let what = format!("… {} more", text::count(more as u64));
        let room = room(shown);
        let style = painter.theme.dim;
        painter.put(room.x, room.y, room.width, &what, style);
    }
}

/// A name with what rows are sorted by, where there is room for it; gives the room of the name.
fn name_and_size(
    app: &App,
    facts: &Facts,
    painter: &mut Painter<'_>,
    room: Rect,
    (id, style): (PathId, Style),
) -> Rect {
    let metric = app
        .views
        .tree
        .sort
        .map_or(Metric::Closure, |sort| sort.metric);
    let with_size = room.width >= WITH_SIZE && metric != Metric::Name;
    let width = room.width - if with_size { SIZE } else { 0 };
    let name = Rect { width, ..room };
    cells::name(painter, facts, name, id, style);
    if with_size {
        let size = Rect {
            x: name.right(),
            width: SIZE,
            ..room
        };
        let dim = painter.theme.dim;
        cells::value(painter, facts, size, (metric, id), dim);
    }
    name
}
