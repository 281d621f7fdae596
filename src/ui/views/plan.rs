//! The view of the plan.

mod steps;

use ratatui::layout::Rect;

use crate::analysis::what_if::{StepEffect, StepsOutcome, StillHeld};
use crate::app::facts::{Facts, Metric};
use crate::app::keys::command::Command;
use crate::app::keys::fixed;
use crate::app::views::plan::{HowRow, MOST_STAYS, PlanRow};
use crate::app::{App, Focus};
use crate::text::{self, Units};

use self::steps::{draw_done, draw_step, draw_try};
use crate::ui::cells;
use crate::ui::paint::{Painter, line};

/// Cells of a column of sizes, with the gap before it.
const SIZE: u16 = 12;
/// Above what does the plan.
const HOW: &str = "How to do it, and keep it that way";
/// From this many columns on there is room for what a step gives by itself, and for who holds what stays.
const WITH_ALONE: u16 = 56;

/// Draws the view.
pub(crate) fn draw(app: &App, facts: &Facts, painter: &mut Painter<'_>, area: Rect) {
    if app.shared.plan.is_empty() && app.shared.done.is_empty() {
        return nothing_marked(app, painter, area);
    }
    summary(app, painter, area);
    let rows = app.views.plan.rows(&app.shared);
    let height = usize::from(area.height.saturating_sub(app.view().head()));
    for (down, at) in app.views.plan.cursor.window(rows.len(), height).enumerate() {
        let row = line(area, down as u16 + app.view().head());
        if at == app.views.plan.cursor.at {
            cells::cursor(app, painter, row, Focus::Main);
        }
        if let Some(what) = rows.get(at) {
            draw_row(app, facts, painter, row, what);
        }
    }
}

fn nothing_marked(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    let rows = [
        (
            Command::Mark,
            "marks the selected path for removal, in every view",
        ),
        (
            Command::Cut,
            "marks a single reference, in the tree and in why",
        ),
        (
            Command::ReplaceBy,
            "chooses what to replace the selected path by",
        ),
        (Command::ADVICE, "shows what could go, and how"),
        (Command::LoadPlan, "adds the steps of a saved plan"),
    ];
    let top = line(area, 1);
    let width = top.width.saturating_sub(2);
    painter.put(
        top.x + 2,
        top.y,
        width,
        "Nothing is marked yet.",
        theme.title,
    );
    for (down, (command, what)) in rows.into_iter().enumerate() {
        let row = line(area, down as u16 + 3);
        let key = app.shared.keys.shown(command);
        painter.put(row.x + 2, row.y, 7, &key, theme.key);
        let x = row.x + 9;
        painter.put(x, row.y, row.right().saturating_sub(x), what, theme.dim);
    }
}

fn summary(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    let top = Rect {
        x: area.x + 2,
        width: area.width.saturating_sub(2),
        ..line(area, 0)
    };
    let below = Rect {
        x: area.x + 2,
        width: area.width.saturating_sub(2),
        ..line(area, 1)
    };
    match app.shared.effect.as_ref().map(|effect| &effect.outcome) {
        None if app.shared.plan.steps().is_empty() => {
            let said = if app.shared.plan.tries().is_empty() {
                "Every step of the plan is done."
            } else {
                "Changes to be tried; no total includes them."
            };
            painter.put(top.x, top.y, top.width, said, theme.title);
        }
        None => {
            painter.row(top, &[("… predicted", theme.dim)]);
        }
        Some(Err(problem)) => {
            // It names paths, and they may be long.
            let all = text::broken(&text::sanitise(problem), usize::from(top.width));
            for (row, part) in [top, below].into_iter().zip(&all) {
                painter.row(row, &[(part, theme.alarm)]);
            }
        }
        Some(Ok(outcome)) => {
            let (before, after) = (outcome.before.exact(), outcome.after.exact());
            let units = painter.units;
            let size = |bytes: Option<u64>, other: Option<u64>| match (bytes, other) {
                (Some(bytes), Some(other)) => units.size_beside(bytes, other),
                _ => units.known(bytes),
            };
            let mut pieces = [
                (&*size(before, after), theme.text),
                (painter.arrow(), theme.dim),
                (&*size(after, before), theme.text),
                (" predicted  ", theme.dim),
                (&*painter.units.signed(-outcome.freed.nar_size), theme.gain),
                (&*leaving(outcome.leaving.len()), theme.dim),
            ];
            // The list below counts what leaves, and the header says the rest too.
            for (at, without) in [(5, ""), (3, "  ")] {
                let wide: usize = pieces.iter().map(|(piece, _)| text::width(piece)).sum();
                if wide > usize::from(top.width) {
                    pieces[at].0 = without;
                }
            }
            painter.row(top, &pieces);
            let together = match app.shared.plan.tries().len() {
                0 => together(outcome, painter.units),
                _ => "no total includes the changes to be tried".to_owned(),
            };
            painter.row(below, &[(&together, theme.dim)]);
        }
    }
    let row = line(area, 2);
    painter.put(row.x + 2, row.y, 12, "#  step", theme.dim);
    for (at, (title, _)) in columns(area).iter().enumerate() {
        painter.put_right(size_x(row, at), row.y, SIZE, title, theme.dim);
    }
}

/// What of a step's effect a column shows.
type EffectSize = fn(&StepEffect) -> i64;

/// The columns of sizes, the last one first; on a narrow screen names need the room of what a step gives by itself.
fn columns(area: Rect) -> &'static [(&'static str, EffectSize)] {
    const ALL: [(&str, EffectSize); 2] = [
        ("alone", |step| step.alone.nar_size),
        ("marginal", |step| step.marginal.nar_size),
    ];
    if area.width < WITH_ALONE {
        &ALL[1..]
    } else {
        &ALL
    }
}

fn leaving(paths: usize) -> String {
    let verb = if paths == 1 { "leaves" } else { "leave" };
    format!(", {} {verb}", text::counted(paths, "path"))
}

/// What the steps free one by one, summed up.
fn alone(outcome: &StepsOutcome) -> i64 {
    outcome.steps.iter().map(|step| step.alone.nar_size).sum()
}

fn together(outcome: &StepsOutcome, units: Units) -> String {
    match outcome.synergy {
        _ if outcome.steps.len() < 2 => String::new(),
        0 => "together as much as one by one".to_owned(),
        1.. if alone(outcome) == 0 => "only together: one by one they free nothing".to_owned(),
        more @ 1.. => format!(
            "together {} more than one by one",
            units.size(more.unsigned_abs())
        ),
        less => format!(
            "together {} less than one by one: they overlap",
            units.size(less.unsigned_abs())
        ),
    }
}

fn size_x(area: Rect, at: usize) -> u16 {
    area.right().saturating_sub(SIZE * (at as u16 + 1) + 1)
}

fn draw_row(app: &App, facts: &Facts, painter: &mut Painter<'_>, area: Rect, row: PlanRow) {
    let theme = painter.theme;
    let room = Rect {
        x: area.x + 2,
        width: area.width.saturating_sub(3),
        ..area
    };
    let effect = app.shared.effect.as_ref();
    let outcome = effect.and_then(|effect| effect.outcome.as_ref().ok());
    match row {
        PlanRow::Try(at) => {
            if let Some(one) = app.shared.plan.tries().get(at) {
                draw_try(app, painter, area, (at, one));
            }
        }
        PlanRow::Step(at) => {
            let step = app.shared.plan.steps()[at];
            // Between a change and its result the numbers belong to other steps.
            let known = outcome
                .and_then(|outcome| outcome.steps.get(at))
                .filter(|known| known.step == step);
            let number = app.shared.plan.tries().len() + at;
            draw_step(facts, painter, area, (number, step), known);
        }
        PlanRow::Done(at) => {
            if let Some(done) = app.shared.done.get(at) {
                draw_done(painter, area, done);
            }
        }
        PlanRow::Blank => {}
        PlanRow::HowHeading => {
            let copy = app.shared.keys.shown(Command::CopyLines);
            let x = painter.put(room.x, room.y, room.width, HOW, theme.title);
            let copies = fixed::hints(&[(&copy, "copies the lines")], "");
            let left = room.right().saturating_sub(x + 2);
            if usize::from(left) >= text::width(&copies) {
                painter.put_right(x + 2, room.y, left, &copies, theme.dim);
            }
        }
        PlanRow::How(at) => draw_how(app, painter, room, at),
        PlanRow::StaysHeading => {
            let count = outcome.map_or(0, |outcome| outcome.held.len());
            let what = format!(
                "Stays despite losing a reference ({})",
                text::count(count as u64)
            );
            let x = painter.put(room.x, room.y, room.width, &what, theme.title);
            let left = room.right().saturating_sub(x);
            if left > SIZE {
                painter.put_right(x, room.y, left, "retained", theme.dim);
            }
        }
        PlanRow::Stays(at) => {
            if let Some(held) = outcome.and_then(|outcome| outcome.held.get(at)) {
                draw_held(facts, painter, room, held);
            }
        }
        PlanRow::MoreStays => {
            let all = outcome.map_or(0, |outcome| outcome.held.len());
            let enter = app.shared.keys.shown(Command::Enter);
            let lists = fixed::hints(&[(&enter, "lists them")], "");
            let more = text::count(all.saturating_sub(MOST_STAYS) as u64);
            let what = format!("… and {more} more: {lists}");
            painter.put(room.x + 3, room.y, room.width, &what, theme.dim);
        }
        PlanRow::LeavesHeading => {
            let count = effect.map_or(0, |effect| effect.leaving.len());
            painter.put(
                room.x,
                room.y,
                room.width,
                &format!("Leaves ({})", text::count(count as u64)),
                theme.title,
            );
        }
        PlanRow::Leaves(at) => {
            if let Some(&id) = effect.and_then(|effect| effect.leaving.get(at)) {
                let rest = Rect {
                    x: room.x + 3,
                    width: room.width.saturating_sub(3 + SIZE),
                    ..room
                };
                cells::name(painter, facts, rest, id, theme.text);
                let size = painter.units.known(facts.graph().nar_size(id));
                let room = Rect::new(size_x(area, 0), area.y, SIZE, 1);
                painter.put_cell(room, &size, theme.dim);
            }
        }
    }
}

/// What does the plan, or one of its lines.
fn draw_how(app: &App, painter: &mut Painter<'_>, room: Rect, at: usize) {
    let theme = painter.theme;
    let (sign, indent, what, style) = match app.views.plan.how(&app.shared, at) {
        Some((_, HowRow::Title(remedy, is_open))) => {
            let sign = if is_open { "▾" } else { "▸" };
            (sign, 3, &*remedy.title, theme.text)
        }
        Some((_, HowRow::Line(_, line))) => ("", 5, line, theme.dim),
        None => return,
    };
    painter.put(room.x + 1, room.y, 2, sign, theme.dim);
    let what = text::sanitise(what);
    let width = room.width.saturating_sub(indent);
    painter.put(room.x + indent, room.y, width, &what, style);
}

/// Where two names have no room, how many hold it stands for who does.
fn draw_held_narrow(facts: &Facts, painter: &mut Painter<'_>, room: Rect, held: &StillHeld) {
    let theme = painter.theme;
    let what = match held.holders {
        0 => "root".to_owned(),
        many => format!("by {}", text::count(many as u64)),
    };
    painter.put_right(room.x, room.y, room.width, &what, theme.dim);
    let width = room.width.saturating_sub(4 + text::width(&what) as u16);
    let rest = Rect {
        x: room.x + 3,
        width,
        ..room
    };
    cells::name(painter, facts, rest, held.path, theme.text);
}

fn draw_held(facts: &Facts, painter: &mut Painter<'_>, room: Rect, held: &StillHeld) {
    let theme = painter.theme;
    let size = Rect {
        x: room.right().saturating_sub(SIZE),
        width: SIZE.min(room.width),
        ..room
    };
    cells::value(
        painter,
        facts,
        size,
        (Metric::Retained, held.path),
        theme.dim,
    );
    let room = Rect {
        width: room.width.saturating_sub(SIZE),
        ..room
    };
    if room.width + SIZE < WITH_ALONE - 3 {
        return draw_held_narrow(facts, painter, room, held);
    }
    let half = room.width / 2;
    let rest = Rect {
        x: room.x + 3,
        width: half.saturating_sub(4),
        ..room
    };
    cells::name(painter, facts, rest, held.path, theme.text);
    let x = room.x + half;
    let holder = held.chain.iter().rev().nth(1);
    let Some(&holder) = holder.filter(|_| held.holders > 0) else {
        painter.put(x, room.y, room.width - half, "a root", theme.dim);
        return;
    };
    // How many hold it is said in full, and the name takes the room that leaves.
    let more = match held.holders {
        1 => String::new(),
        many => format!(" and {} more", text::count(many as u64 - 1)),
    };
    let x = painter.put(x, room.y, room.width - half, "held by ", theme.dim);
    let width = room.right().saturating_sub(x + text::width(&more) as u16);
    let x = cells::name(painter, facts, Rect { x, width, ..room }, holder, theme.dim);
    painter.put(x, room.y, room.right().saturating_sub(x), &more, theme.dim);
}
