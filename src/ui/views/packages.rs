//! The table of all paths.

mod brings;

use ratatui::layout::Rect;

use crate::analysis::origin::By;
use crate::app::facts::{Facts, Metric, Value};
use crate::app::frame::layout::{ColumnPlace, Columns, MARGIN};
use crate::app::host::absent_said;
use crate::app::keys::command::Command;
use crate::app::keys::fixed;
use crate::app::views::packages::rows::Matched;
use crate::app::{App, Focus};
use crate::model::PathId;
use crate::text;

use super::groups;
use crate::ui::cells::{self, Letters};
use crate::ui::paint::{Painter, line};

/// Draws the table.
pub(crate) fn draw(app: &App, facts: &Facts, painter: &mut Painter<'_>, area: Rect) {
    match app.views.packages.grouped {
        Some(By::Option) => {
            return groups::draw(app, facts, painter, area, &app.views.packages.by_option);
        }
        Some(By::File) => {
            return groups::draw(app, facts, painter, area, &app.views.packages.by_file);
        }
        None => {}
    }
    let table = &app.views.packages;
    let placed = table.columns(facts, area.width, painter.units);
    heading(app, painter, line(area, 0), &placed);
    let height = usize::from(area.height.saturating_sub(1));
    let rows = app.views.packages.rows();
    let window = app.views.packages.cursor.window(rows.len(), height);
    let mut letters = Letters::of(app.search_words());
    for (down, at) in window.enumerate() {
        let row = line(area, down as u16 + 1);
        if at == app.views.packages.cursor.at {
            cells::cursor(app, painter, row, Focus::Main);
        }
        draw_row(app, facts, painter, row, &placed, rows[at], &mut letters);
    }
    if rows.is_empty() && app.views.packages.found.is_some() {
        empty(app, painter, area);
    }
}

fn heading(app: &App, painter: &mut Painter<'_>, area: Rect, placed: &Columns) {
    let sort = app.views.packages.sorted();
    // Without a word to match, no row matches better than another.
    let ranked = app.views.packages.by_match && !app.views.packages.words().is_empty();
    for &ColumnPlace { metric, x, width } in &placed.places {
        let sorted = metric == sort.metric && !ranked;
        let style = if sorted {
            painter.theme.accent
        } else {
            painter.theme.dim
        };
        let arrow = if sort.descending { "▼" } else { "▲" };
        let title = metric.title();
        let at = area.x + x;
        if metric == Metric::Name {
            let what = if sorted {
                format!("{title} {arrow}")
            } else {
                filter_title(app, width)
            };
            painter.put(at, area.y, width, &what, style);
        } else if sorted {
            painter.put_right(at, area.y, width, &format!("{arrow} {title}"), style);
        } else {
            painter.put_right(at, area.y, width, title, style);
        }
    }
}

/// While something is searched, how much was found stands above the names.
fn filter_title(app: &App, room: u16) -> String {
    if app.views.packages.text.is_empty() {
        return Metric::Name.title().to_owned();
    }
    if let Some(rows) = &app.views.packages.found {
        // While nothing of what is typed can be read, all rows are shown, which are no answer to it.
        if rows.mistaken && rows.rows.len() == rows.sorted.len() {
            return Metric::Name.title().to_owned();
        }
        // A query that cannot be answered yet matches nothing and everything; a mistake is told where it is typed.
        if let (false, Some(trouble)) = (rows.mistaken, &rows.trouble) {
            return trouble.clone();
        }
    }
    let rows = app.views.packages.found.as_ref();
    let all = rows.map_or(0, |rows| rows.sorted.len());
    let found = text::count(app.views.packages.rows().len() as u64);
    if app.views.packages.is_partial() {
        return format!("{found} match so far");
    }
    if rows.is_some_and(|rows| rows.matched == Matched::Similar && !rows.rows.is_empty()) {
        return format!("none contains it, {found} similar");
    }
    let what = format!("{found} of {} match", text::count(all as u64));
    let total = app
        .views
        .packages
        .found
        .as_ref()
        .and_then(|rows| rows.total);
    match total.filter(|total| total.paths > 0) {
        Some(total) => {
            let size = app.shared.look.units.known(total.exact());
            let with_size = format!("{what} · {size}");
            let fits = text::width(&with_size) <= usize::from(room);
            if fits { with_size } else { what }
        }
        None => what,
    }
}

fn empty(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let style = painter.theme.dim;
    // Not what is being typed, which may be half a query, but what these rows were asked for with.
    let asked = app
        .views
        .packages
        .found
        .as_ref()
        .map_or("", |found| &found.text);
    let what = if asked.is_empty() {
        "the closure is empty".to_owned()
    } else if app.views.packages.is_partial() {
        "nothing matches so far".to_owned()
    } else {
        let again = app.shared.keys.shown(Command::Escape);
        let again = fixed::hints(&[(&again, "shows everything again")], "");
        format!("nothing matches “{asked}”; {again}")
    };
    let width = area.width.saturating_sub(2 * MARGIN);
    let more = absent_said(app);
    let more = more.iter().map(|said| text::sanitise(said));
    let parts = more.flat_map(|said| text::wrapped(&said, usize::from(width.max(10))));
    for (down, part) in [text::sanitise(&what).into_owned()]
        .into_iter()
        .chain(parts)
        .enumerate()
    {
        let row = line(area, 2 + down as u16);
        let style = if down == 0 { style } else { painter.theme.text };
        painter.put(row.x + MARGIN, row.y, width, &part, style);
    }
}

fn draw_row(
    app: &App,
    facts: &Facts,
    painter: &mut Painter<'_>,
    area: Rect,
    placed: &Columns,
    id: PathId,
    letters: &mut Letters,
) {
    cells::sign(app, painter, (area.x + 1, area.y), id, None);
    let going = app.shared.plan.removes(id);
    for &ColumnPlace { metric, x, width } in &placed.places {
        let room = Rect::new(area.x + x, area.y, width, 1);
        if metric == Metric::Name {
            let style = if going {
                painter.theme.mark
            } else {
                painter.theme.text
            };
            cells::name(painter, facts, room, id, style);
            letters.path(painter, facts, room, id);
        } else {
            let sorted = metric == app.views.packages.sorted().metric;
            let style = if sorted {
                painter.theme.text
            } else {
                painter.theme.dim
            };
            cells::value(painter, facts, room, (metric, id), style);
        }
    }
    let (x, width) = placed.bar;
    if let (Value::Size(bytes), true) = (facts.value(app.views.packages.barred(), id), width > 0) {
        let part = bytes as f64 / app.views.packages.scale().max(1) as f64;
        painter.bar(area.x + x, area.y, width, part);
    }
}
