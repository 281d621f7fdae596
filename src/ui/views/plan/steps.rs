//! The steps of the plan, a row each.

use ratatui::layout::Rect;

use crate::analysis::plan::{DoneStep, TryKnown, TryStep};
use crate::analysis::what_if::{Step, StepEffect};
use crate::app::App;
use crate::app::facts::Facts;
use crate::app::keys::command::Command;
use crate::app::keys::fixed;
use crate::text;

use super::{SIZE, columns, size_x};
use crate::ui::cells;
use crate::ui::paint::Painter;

/// A change to be tried, and what is known of it.
pub(super) fn draw_try(
    app: &App,
    painter: &mut Painter<'_>,
    area: Rect,
    (at, one): (usize, &TryStep),
) {
    let theme = painter.theme;
    draw_number(painter, area, at);
    let x = painter.put(area.x + 5, area.y, 8, "try     ", theme.mark);
    let units = painter.units;
    let (known, style) = match one.known() {
        TryKnown::Found(freed) => {
            let rest = if freed.known { "" } else { " and ?" };
            let style = if freed.nar_size < 0 {
                theme.text
            } else {
                theme.gain
            };
            (format!("{}{rest}", units.signed(-freed.nar_size)), style)
        }
        TryKnown::Promised(bytes) => (format!("had promised {}", units.signed(-bytes)), theme.dim),
        TryKnown::Nothing if app.shared.evaluation.config.is_none() => {
            ("not tried yet, no --config".to_owned(), theme.dim)
        }
        TryKnown::Nothing => {
            let enter = app.shared.keys.shown(Command::Enter);
            let tries = fixed::hints(&[(&enter, "tries it")], "");
            (format!("not tried yet: {tries}"), theme.dim)
        }
    };
    let right = area.right().saturating_sub(1);
    let wide = text::width(&known) as u16;
    let room = usize::from(right.saturating_sub(x + wide + 1));
    let change = text::sanitise(&one.in_one_line()).into_owned();
    let change = text::fit(&change, room);
    painter.put(x, area.y, room as u16, &change, theme.text);
    painter.put(right.saturating_sub(wide), area.y, wide, &known, style);
}

/// The number of a step.
fn draw_number(painter: &mut Painter<'_>, area: Rect, at: usize) {
    let digits = if at < 99 { 2 } else { 3 };
    let dim = painter.theme.dim;
    painter.put_right(area.x + 1, area.y, digits, &(at + 1).to_string(), dim);
}

/// A what-if step, with what it frees.
pub(super) fn draw_step(
    facts: &Facts,
    painter: &mut Painter<'_>,
    area: Rect,
    (at, step): (usize, Step),
    known: Option<&StepEffect>,
) {
    let theme = painter.theme;
    draw_number(painter, area, at);
    let verb = match step {
        Step::Remove(_) => "remove  ",
        Step::Cut { .. } => "cut     ",
        Step::Replace { .. } => "replace ",
    };
    let x = painter.put(area.x + 5, area.y, 8, verb, theme.mark);
    let columns = columns(area);
    let right = size_x(area, columns.len() - 1);
    let room = Rect::new(x, area.y, right.saturating_sub(x), 1);
    match step {
        Step::Remove(id) => cells::name(painter, facts, room, id, theme.text),
        Step::Cut { from, to } | Step::Replace { old: from, new: to } => {
            let ends = [(from, theme.text), (to, theme.text)];
            cells::reference(painter, facts, room, ends, theme.dim)
        }
    };
    for (place, (_, amount)) in columns.iter().enumerate() {
        let what = known.map_or_else(
            || "…".to_owned(),
            |known| painter.units.signed(-amount(known)),
        );
        let last = place + 1 == columns.len();
        let style = if last { theme.gain } else { theme.dim };
        let room = Rect::new(size_x(area, place), area.y, SIZE, 1);
        painter.put_cell(room, &what, style);
    }
}

/// A step that was carried out before: what is gone, and what that had promised.
pub(super) fn draw_done(painter: &mut Painter<'_>, area: Rect, done: &DoneStep) {
    let theme = painter.theme;
    painter.put_right(area.x + 1, area.y, 2, "✓", theme.gain);
    let x = painter.put(area.x + 5, area.y, 8, "gone    ", theme.gain);
    let right = area.right().saturating_sub(1);
    let promised = done.promised.map_or_else(String::new, |bytes| {
        format!("  had promised {}", painter.units.signed(-bytes))
    });
    let wide = text::width(&promised) as u16;
    let room = usize::from(right.saturating_sub(x + wide));
    let names: Vec<_> = done.what.iter().map(|name| text::sanitise(name)).collect();
    let names = text::fit_middle(&names.join(painter.arrow()), room).into_owned();
    painter.put(x, area.y, room as u16, &names, theme.dim);
    let from = right.saturating_sub(wide);
    painter.put(from, area.y, wide, &promised, theme.dim);
}
