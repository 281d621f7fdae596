//! The classes of accidental references, and their references.

use std::fmt::Write as _;

use ratatui::layout::Rect;

use crate::analysis::what_if::Step;
use crate::app::views::advice::accidents::{Accident, AccidentClass, AccidentItem, Accidents};
use crate::app::views::advice::advised::INDENT;
use crate::text::{self, Units};

use super::{Drawn, are_planned, frees, in_addition};
use crate::ui::cells;
use crate::ui::paint::Painter;
use crate::ui::views::groups;

/// How many there are, and what the closure would be without all of them.
pub(super) fn summary(found: &Accidents, units: Units) -> String {
    let count = found.kinds.iter().map(|kind| kind.accidents.len()).sum();
    let mut what = text::counted(count, "reference");
    if let Some(freed) = &found.freed {
        let size = units.size(freed.nar_size.unsigned_abs());
        let _ = write!(what, "; without them {size} less");
    }
    if found.incomplete > 0 {
        let paths = text::counted(found.incomplete, "path");
        let _ = write!(what, "; {paths} not read in full");
    }
    what
}

/// Where names stand: up to the one column of sizes.
fn name_room(area: Rect) -> Rect {
    let room = groups::group_room(area);
    let x = room.x + 2;
    Rect {
        x,
        width: groups::size_x(area, 0).saturating_sub(x),
        ..room
    }
}

/// Draws a class.
pub(super) fn draw(
    drawing: &Drawn<'_>,
    painter: &mut Painter<'_>,
    area: Rect,
    (kind, open): (&AccidentClass, bool),
    most: i64,
) {
    let theme = painter.theme;
    groups::bar(painter, area, kind.freed.nar_size, most);
    groups::fold_sign(painter, groups::group_room(area), open);
    let room = name_room(area);
    let edges: Vec<_> = kind.accidents.iter().map(Accident::edge).collect();
    let all = are_planned(drawing.app, &Step::cuts(&edges));
    if all {
        painter.put(area.x + 1, area.y, 1, "×", theme.mark);
    }
    let style = if all { theme.mark } else { theme.text };
    let x = painter.put(room.x, room.y, room.width, &kind.class.to_string(), style);
    let count = format!("  {}", text::counted(edges.len(), "reference"));
    painter.put(x, room.y, room.right().saturating_sub(x), &count, theme.dim);
    frees(painter, area, kind.freed.nar_size.max(0));
    in_addition(painter, area, "–", 0);
}

/// Draws a row below a class.
pub(super) fn draw_item(
    drawing: &Drawn<'_>,
    painter: &mut Painter<'_>,
    area: Rect,
    item: AccidentItem<'_>,
) {
    match item {
        AccidentItem::Remedy(line) => {
            let x = area.x + INDENT;
            let style = painter.theme.hit;
            painter.put(x, area.y, area.right().saturating_sub(x), &line, style);
        }
        AccidentItem::Accident(accident) => draw_accident(drawing, painter, area, accident),
    }
}

fn draw_accident(drawing: &Drawn<'_>, painter: &mut Painter<'_>, area: Rect, accident: &Accident) {
    let (theme, app, facts) = (painter.theme, drawing.app, drawing.facts);
    let edge = accident.edge();
    cells::sign(app, painter, (area.x + 1, area.y), edge.0, Some(edge));
    let room = name_room(area);
    let file = text::sanitise(&accident.file).into_owned();
    // The file gives way to the names.
    let names = cells::name_width(facts, edge.0) + cells::name_width(facts, edge.1) + 3;
    let left = usize::from(room.width).saturating_sub(names + 2);
    let file = if left >= LEAST_FILE {
        text::fit_end(&file, left)
    } else {
        String::new()
    };
    let taken = if file.is_empty() {
        0
    } else {
        text::width(&file) as u16 + 2
    };
    let width = room.width.saturating_sub(taken);
    let ends = [(edge.0, theme.text), (edge.1, theme.text)];
    cells::reference(painter, facts, Rect { width, ..room }, ends, theme.dim);
    painter.put_right(
        room.x,
        room.y,
        room.width.saturating_sub(1),
        &file,
        theme.dim,
    );
    frees(painter, area, accident.reference.freed.nar_size.max(0));
}

/// Fewer cells say nothing of a file.
const LEAST_FILE: usize = 8;
