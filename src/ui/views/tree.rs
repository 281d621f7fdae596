//! The tree.

mod levels;

use ratatui::layout::Rect;

use crate::app::facts::{Facts, Metric};
use crate::app::frame::layout::{ColumnPlace, Columns, MARGIN};
use crate::app::frame::signs::guided;
use crate::app::views::outline::{Outline, OutlineLine};
use crate::app::views::tree::mode::Mode;
use crate::app::{App, Focus};

use crate::ui::cells::{self, Letters};
use crate::ui::paint::{Painter, line};

/// Draws the tree.
pub(crate) fn draw(app: &App, facts: &Facts, painter: &mut Painter<'_>, area: Rect) {
    if app.views.tree.mode == Mode::Levels {
        return levels::draw(app, facts, painter, area);
    }
    let barred = app.views.tree.barred();
    let placed = app.views.tree.columns(facts, area.width, painter.units);
    heading(app, facts, painter, line(area, 0), &placed);
    let height = usize::from(area.height.saturating_sub(1));
    let lines = app.views.tree.outline.lines();
    let mut letters = Letters::of(app.search_words());
    for (down, at) in app
        .views
        .tree
        .cursor
        .window(lines.len(), height)
        .enumerate()
    {
        let row = line(area, down as u16 + 1);
        if at == app.views.tree.cursor.at {
            cells::cursor(app, painter, row, Focus::Main);
        }
        cells::sign(
            app,
            painter,
            (row.x + 1, row.y),
            lines[at].id,
            app.views.tree.edge(at),
        );
        for &ColumnPlace { metric, x, width } in &placed.places {
            let room = Rect::new(row.x + x, row.y, width, 1);
            if metric == Metric::Name {
                outline_name(
                    app,
                    facts,
                    painter,
                    room,
                    (&app.views.tree.outline, at),
                    &mut letters,
                );
            } else {
                let style = if metric == barred {
                    painter.theme.text
                } else {
                    painter.theme.dim
                };
                cells::value(painter, facts, room, (metric, lines[at].id), style);
            }
        }
        let (x, width) = placed.bar;
        if let (Some(bytes), true) = (facts.value(barred, lines[at].id).number(), width > 0) {
            let part = bytes as f64 / facts.closure().known_nar_size().max(1) as f64;
            painter.bar(row.x + x, row.y, width, part);
        }
    }
}

/// Which way the tree goes, the ways it could go, and the columns.
fn heading(app: &App, facts: &Facts, painter: &mut Painter<'_>, area: Rect, placed: &Columns) {
    let theme = painter.theme;
    let mut right = area.right();
    for place in &placed.places[1..] {
        let sort = app.views.tree.sort;
        let (title, style) = match sort.filter(|sort| sort.metric == place.metric) {
            Some(sort) if sort.descending => (format!("▼ {}", place.metric.title()), theme.accent),
            Some(_) => (format!("▲ {}", place.metric.title()), theme.accent),
            None => (place.metric.title().to_owned(), theme.dim),
        };
        painter.put_right(area.x + place.x, area.y, place.width, &title, style);
        right = right.min(area.x + place.x);
    }
    let of = app
        .views
        .tree
        .top
        .map_or_else(|| "the roots".to_owned(), |id| facts.label(id));
    let what = match app.views.tree.mode {
        Mode::References => format!("references of {of}"),
        Mode::Referrers => format!("referrers of {of}"),
        Mode::Leaving if app.views.tree.top.is_none() => "what leaves with what".to_owned(),
        Mode::Leaving => format!("leaving with {of}"),
        Mode::Levels => of,
    };
    let room = right.saturating_sub(area.x + MARGIN + 1);
    painter.put(area.x + MARGIN, area.y, room, &what, theme.accent);
}

/// Guides, the sign of what is below, and the name.
pub(crate) fn outline_name(
    app: &App,
    facts: &Facts,
    painter: &mut Painter<'_>,
    room: Rect,
    (outline, at): (&Outline, usize),
    letters: &mut Letters,
) {
    let row = &outline.lines()[at];
    let theme = painter.theme;
    let x = painter.put(
        room.x,
        room.y,
        room.width,
        &guides(row, room.width),
        theme.line,
    );
    let repeated = outline.is_repeated(at);
    let sign = match (row.open, row.leaf, repeated) {
        (true, ..) => "▾ ",
        (_, true, _) => "  ",
        (.., true) => "↑ ",
        _ => "▸ ",
    };
    let x = painter.put(x, room.y, room.right().saturating_sub(x), sign, theme.dim);
    let style = match (app.shared.plan.removes(row.id), repeated) {
        (true, _) => theme.mark,
        (_, true) => theme.dim,
        _ => theme.text,
    };
    let rest = Rect::new(x, room.y, room.right().saturating_sub(x), 1);
    cells::name(painter, facts, rest, row.id, style);
    letters.path(painter, facts, rest, row.id);
}

/// The lines that lead to a row; where they would take more than half the room, only the last of them.
fn guides(row: &OutlineLine, width: u16) -> String {
    let mut text = String::new();
    let depth = usize::from(row.depth);
    let first = depth.saturating_sub(guided(width));
    if first > 0 {
        text.push('⋯');
    }
    for level in first..depth.saturating_sub(1) {
        // The line in this column leads from the path above at the depth behind it to that one's next sibling.
        let more_below = level < 63 && row.guides & 1 << (level + 1) != 0;
        text.push_str(if more_below { "│ " } else { "  " });
    }
    if depth > 0 {
        text.push_str(if row.last { "└─" } else { "├─" });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::frame::signs::indent;
    use crate::app::views::outline::Child;
    use crate::testing;
    use crate::text;

    #[test]
    fn guides_end_where_the_sign_is_looked_for() {
        let (graph, _) = testing::graph("app 1");
        let id = testing::id(&graph, "app");
        let child = [Child { id, leaf: false }];
        let mut outline = Outline::of(&child);
        for at in 0..40 {
            outline.open(at, &child);
        }
        for width in 0..90 {
            for line in outline.lines() {
                let (drawn, said) = (guides(line, width), indent(line.depth, width));
                assert_eq!(
                    text::width(&drawn),
                    usize::from(said),
                    "{line:?} in {width}"
                );
            }
        }
    }
}
