//! The view of references that are likely accidents.

use std::fmt::Write as _;

use ratatui::layout::Rect;

use crate::analysis::what_if::Step;
use crate::app::facts::Facts;
use crate::app::views::accidents::{Accident, Classes, Kind};
use crate::app::views::folds::Row;
use crate::model::PathId;
use crate::text;

use super::groups::{self, DrawList, Drawing, SIZE};
use crate::ui::cells;
use crate::ui::paint::Painter;

impl DrawList for Classes {
    const ABOUT: &'static str = "References that stand only in documentation, build metadata, headers, debug information, names of source files, or search paths from which nothing is loaded: nixpkgs removes such references, and programs run.";
    /// The most bytes that a class frees.
    type Scale = i64;

    fn nothing(found: &Self::Found, _facts: &Facts) -> Option<Vec<String>> {
        if let Some(trouble) = &found.trouble {
            return Some(vec![format!("–  {trouble}")]);
        }
        let none = || vec!["No reference is likely an accident.".to_owned()];
        found.kinds.is_empty().then(none)
    }

    fn head(
        drawing: &Drawing<'_, Self>,
        painter: &Painter<'_>,
        _area: Rect,
    ) -> (String, &'static [&'static str], i64) {
        let found = drawing.found;
        let count = found.kinds.iter().map(|kind| kind.accidents.len()).sum();
        let count = text::counted(count, "reference");
        let mut what = format!("{count} likely by accident");
        if let Some(freed) = &found.freed {
            let size = painter.units.size(freed.nar_size.unsigned_abs());
            let _ = write!(what, "; without them {size} less, predicted");
        }
        if found.incomplete > 0 {
            let paths = text::counted(found.incomplete, "path");
            let _ = write!(what, "; {paths} not read in full");
        }
        let best = found.kinds.iter().map(|kind| kind.freed.nar_size).max();
        (what, &["frees"], best.unwrap_or(0))
    }

    fn row(
        drawing: &Drawing<'_, Self>,
        painter: &mut Painter<'_>,
        area: Rect,
        row: Row,
        &best: &i64,
    ) -> Option<(Rect, PathId)> {
        let kind = drawing.found.kinds.get(row.group())?;
        match row {
            Row::Group(at) => draw_kind(drawing, painter, area, (kind, drawing.is_open(at)), best),
            Row::Item(_, 0) => {
                let room = name_room(area);
                let remedy = kind.class.remedy().unwrap_or_default();
                let style = painter.theme.hit;
                painter.put(room.x, room.y, room.width, remedy, style);
            }
            Row::Item(_, at) => draw_accident(drawing, painter, area, kind.accidents.get(at - 1)?),
        }
        None
    }
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

fn draw_kind(
    drawing: &Drawing<'_, Classes>,
    painter: &mut Painter<'_>,
    area: Rect,
    (kind, open): (&Kind, bool),
    best: i64,
) {
    let theme = painter.theme;
    groups::bar(painter, area, kind.freed.nar_size, best);
    groups::fold_sign(painter, groups::group_room(area), open);
    let room = name_room(area);
    let edges: Vec<_> = kind.accidents.iter().map(Accident::edge).collect();
    let planned = drawing.app.shared.plan.steps();
    let all = Step::cuts(&edges).iter().all(|step| planned.contains(step));
    if all {
        painter.put(area.x + 1, area.y, 1, "×", theme.mark);
    }
    let style = if all { theme.mark } else { theme.text };
    let x = painter.put(room.x, room.y, room.width, &kind.class.to_string(), style);
    let count = format!("  {}", text::counted(edges.len(), "reference"));
    painter.put(x, room.y, room.right().saturating_sub(x), &count, theme.dim);
    freed(painter, area, kind.freed.nar_size);
}

fn draw_accident(
    drawing: &Drawing<'_, Classes>,
    painter: &mut Painter<'_>,
    area: Rect,
    accident: &Accident,
) {
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
    freed(painter, area, accident.reference.freed.nar_size);
}

/// Fewer cells say nothing of a file.
const LEAST_FILE: usize = 8;

fn freed(painter: &mut Painter<'_>, area: Rect, bytes: i64) {
    let theme = painter.theme;
    let style = if bytes > 0 { theme.gain } else { theme.dim };
    let size = painter.units.size(bytes.max(0).unsigned_abs());
    painter.put_right(groups::size_x(area, 0), area.y, SIZE, &size, style);
}
