//! The view of advice.

use ratatui::layout::Rect;

use crate::analysis::advice::Advice as One;
use crate::analysis::what_if::Step;
use crate::app::facts::Facts;
use crate::app::views::advice::{Advice, Item, item};
use crate::app::views::folds::Row;
use crate::model::PathId;
use crate::text;

use super::groups::{self, DrawList, Drawing, SIZE};
use crate::ui::cells;
use crate::ui::paint::Painter;

impl DrawList for Advice {
    const ABOUT: &'static str = "What could go, what frees most first: options that are known to bring paths, duplicates, what is for compilers, and heavy paths behind few references.";
    /// The most bytes of an advice.
    type Scale = i64;

    fn nothing(found: &Self::Found, _facts: &Facts) -> Option<Vec<String>> {
        let none = || vec!["Nothing that could go is known of this closure.".to_owned()];
        found.list.is_empty().then(none)
    }

    fn head(
        drawing: &Drawing<'_, Self>,
        painter: &Painter<'_>,
        area: Rect,
    ) -> (String, &'static [&'static str], i64) {
        let most = drawing.found.list.first().map_or(0, One::weight);
        let together = u64::try_from(drawing.found.together.nar_size).unwrap_or(0);
        let what = format!(
            "what could go: {} if all are followed",
            painter.units.size(together)
        );
        let titles = &["frees", "in addition"][..groups::sizes(area)];
        (what, titles, i64::try_from(most).unwrap_or(i64::MAX))
    }

    fn row(
        drawing: &Drawing<'_, Self>,
        painter: &mut Painter<'_>,
        area: Rect,
        row: Row,
        &most: &i64,
    ) -> Option<(Rect, PathId)> {
        let one = drawing.found.list.get(row.group())?;
        match row {
            Row::Group(at) => {
                let weight = i64::try_from(one.weight()).unwrap_or(i64::MAX);
                groups::bar(painter, area, weight, most);
                draw_advice(drawing, painter, area, (at, one));
            }
            Row::Item(_, at) => draw_item(drawing, painter, area, item(one, at)?),
        }
        None
    }
}

/// Whether all of its steps are planned.
fn is_planned(drawing: &Drawing<'_, Advice>, one: &One) -> bool {
    let planned = drawing.app.shared.plan.steps();
    !one.steps.is_empty() && one.steps.iter().all(|step| planned.contains(step))
}

/// A word on where it comes from.
const KIND: u16 = 15;

fn draw_advice(
    drawing: &Drawing<'_, Advice>,
    painter: &mut Painter<'_>,
    area: Rect,
    (at, one): (usize, &One),
) {
    let theme = painter.theme;
    let planned = is_planned(drawing, one);
    if planned {
        painter.put(area.x + 1, area.y, 1, "●", theme.mark);
    }
    let bytes = match one.weight() {
        0 if one.condition.is_some() => "?".to_owned(),
        bytes => painter.units.size(bytes),
    };
    let style = if one.weight() > 0 {
        theme.gain
    } else {
        theme.dim
    };
    painter.put_right(groups::size_x(area, 0), area.y, SIZE, &bytes, style);
    if groups::sizes(area) > 1 {
        let beyond = if one.instead {
            "instead".to_owned()
        } else {
            let bytes = u64::try_from(one.beyond.nar_size).unwrap_or(0);
            painter.units.size(bytes)
        };
        painter.put_right(groups::size_x(area, 1), area.y, SIZE, &beyond, theme.dim);
    }
    let room = groups::group_room(area);
    let x = groups::fold_sign(painter, room, drawing.is_open(at));
    let style = if planned { theme.mark } else { theme.text };
    let kind = if room.width > 60 { KIND } else { 0 };
    let end = room.right().saturating_sub(kind);
    let title = text::sanitise(&one.title);
    painter.put(x, room.y, end.saturating_sub(x + 1), &title, style);
    painter.put(end, room.y, kind, one.kind.words(), theme.dim);
}

fn draw_item(drawing: &Drawing<'_, Advice>, painter: &mut Painter<'_>, area: Rect, item: Item<'_>) {
    let theme = painter.theme;
    let room = groups::item_room(area);
    let room = Rect {
        x: room.x.saturating_sub(4),
        width: area.right().saturating_sub(room.x),
        ..room
    };
    let step = match item {
        Item::Note(note) => {
            let note = text::sanitise(note);
            painter.put(room.x, room.y, room.width, &note, theme.dim);
            return;
        }
        Item::Line(line) => {
            let line = text::sanitise(line);
            painter.put(room.x, room.y, room.width, &line, theme.text);
            return;
        }
        Item::Step(step) => step,
    };
    let planned = drawing.app.shared.plan.steps().contains(&step);
    if planned {
        painter.put(area.x + 1, area.y, 1, "●", theme.mark);
    }
    let (verb, ends) = match step {
        Step::Cut { from, to } => ("cut ", vec![from, to]),
        Step::Replace { old, new } => ("replace ", vec![old, new]),
        Step::Remove(id) => ("remove ", vec![id]),
    };
    let style = if planned { theme.mark } else { theme.text };
    let x = painter.put(room.x, room.y, room.width, verb, theme.dim);
    let room = Rect {
        x,
        width: room.right().saturating_sub(x),
        ..room
    };
    match ends[..] {
        [from, to] => {
            let ends = [(from, style), (to, theme.dim)];
            cells::reference(painter, drawing.facts, room, ends, theme.mark);
        }
        [id, ..] => {
            cells::name(painter, drawing.facts, room, id, style);
        }
        [] => {}
    }
}
