//! What stands above the views: header, tabs, notice; and the full-screen messages.

use ratatui::layout::Rect;

use crate::analysis::what_if::StepsOutcome;
use crate::app::frame::footer::progress_text;
use crate::app::frame::{header, tabs};
use crate::app::keys::command::Command;
use crate::app::keys::fixed;
use crate::app::{App, View};
use crate::model::Closure;
use crate::text::{self, Units, wrapped};

use crate::app::problem::Problem;
use crate::ui::paint::{Painter, Piece, line};

/// What is open and how large it is; to the right what the marks would give.
pub(crate) fn header(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    // On a narrow screen what is open needs the room.
    let program = if area.width < 60 && app.facts.is_some() {
        ""
    } else {
        " nix-heft "
    };
    let x = painter.row(area, &[(program, theme.accent)]);
    let Some(facts) = &app.facts else { return };
    let right = numbers(app, painter, area);
    let closure = facts.closure();
    let root = closure
        .roots()
        .first()
        .map_or("no roots", |&root| facts.graph().name(root));
    let more = closure.roots().len().saturating_sub(1);
    let more = if more > 0 {
        format!(" and {} more", text::count(more as u64))
    } else {
        String::new()
    };
    let mut size = known(app, closure, painter.units);
    let space = usize::from(right.saturating_sub(x));
    let mut paths = format!(" in {}", text::counted(closure.len(), "path"));
    let taken = |paths: &str| text::width(&more) + text::width(paths) + text::width(&size) + 3;
    // What is marked matters more than how many paths there are.
    if space < taken(&paths) + 16 {
        paths.clear();
    }
    // Beside a prediction there may be room for one of them: what is open.
    if space < taken(&paths) + 6 {
        size.clear();
    }
    let gap = if size.is_empty() { 1 } else { 3 };
    let taken = |paths: &str| text::width(&more) + text::width(paths) + text::width(&size) + gap;
    let name = text::sanitise(root);
    let name = text::fit_middle(&name, space.saturating_sub(taken(&paths)));
    let pieces: [Piece<'_>; 6] = [
        (" ", theme.text),
        (&name, theme.title),
        (&more, theme.dim),
        ("  ", theme.dim),
        (&size, theme.text),
        (&paths, theme.dim),
    ];
    let width = right.saturating_sub(x);
    let x = painter.row(Rect { x, width, ..area }, &pieces);
    if let Some(source) = facts.named_source() {
        let source = format!("  from {}", text::sanitise(&source));
        // The details say it, too: here only where it is whole.
        if text::width(&source) < usize::from(right.saturating_sub(x)) {
            painter.put(x, area.y, right - x, &source, theme.dim);
        }
    }
}

/// The closure's size; where some are unknown, what is known is the least it can be.
fn known(app: &App, closure: &Closure, units: Units) -> String {
    let bytes = closure.known_nar_size();
    let after = outcome(app).map_or(bytes, |outcome| outcome.after.nar_size);
    let size = units.size_beside(bytes, after);
    match closure.nar_size() {
        Some(_) => size,
        None => format!("≥ {size}"),
    }
}

/// What the marks as they are now would give, once that is known.
fn outcome(app: &App) -> Option<&StepsOutcome> {
    let effect = app.shared.effect.as_ref();
    let effect = effect.filter(|effect| !effect.steps.is_empty())?;
    let fits = effect.steps == app.shared.plan.steps();
    effect.outcome.as_deref().ok().filter(|_| fits)
}

/// What the marks would give and, before it, how many warnings there are; tells where that begins.
fn numbers(app: &App, painter: &mut Painter<'_>, area: Rect) -> u16 {
    let theme = painter.theme;
    let (warned_x, prediction_x) = header::places(app);
    if let Some(prediction) = header::prediction(app) {
        let pieces: [Piece<'_>; 3] = [
            (&prediction.marked, theme.mark),
            (&prediction.freed, theme.gain),
            (&prediction.after, theme.text),
        ];
        let width = area.right().saturating_sub(prediction_x);
        let room = Rect {
            x: prediction_x,
            width,
            ..area
        };
        painter.row(room, &pieces);
    }
    if let Some(what) = header::warned(app) {
        let room = area.right().saturating_sub(warned_x);
        painter.put(warned_x, area.y, room, &what, theme.hit);
        return warned_x.saturating_sub(1);
    }
    warned_x
}

/// The views, the current one standing out.
pub(crate) fn tabs(app: &App, painter: &mut Painter<'_>, area: Rect) {
    // Without a closure no view has anything to show.
    if area.height == 0 || app.loading.failure.is_some() {
        return;
    }
    let theme = painter.theme;
    for tab in tabs::tabs(area.width, app.view) {
        let Some(&view) = View::ALL.get(tab.at) else {
            continue;
        };
        let current = view == app.view;
        let (key, title) = if current {
            (theme.accent, theme.accent)
        } else {
            (theme.key, theme.dim)
        };
        let number = tabs::key(tab.at);
        let x = painter.put(tab.from + 1, area.y, tab.to - tab.from, &number, key);
        let mut end = x + 1;
        if tab.named {
            end = painter.put(
                x + 1,
                area.y,
                tab.to.saturating_sub(x + 1),
                view.title(),
                title,
            ) + 1;
        }
        if current {
            let width = end - tab.from;
            let place = Rect::new(tab.from, area.y, width, 1);
            painter.shade(place.intersection(area), theme.cursor);
        }
    }
}

/// Where the data come from.
pub(crate) fn notice(app: &App, painter: &mut Painter<'_>, area: Rect) {
    if let Some(notice) = app.said.notice.as_ref().filter(|_| area.height > 0) {
        let style = painter.theme.hit;
        painter.put(
            area.x + 1,
            area.y,
            area.width.saturating_sub(1),
            &text::sanitise(notice),
            style,
        );
    }
}

/// Before anything is loaded.
pub(crate) fn loading(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let reading = app.jobs.newest_long().and_then(|job| job.reading);
    let what = reading.map_or_else(|| "reading the store …".to_owned(), progress_text);
    let row = line(area, area.height / 3);
    let style = painter.theme.dim;
    let x = row.x + row.width.saturating_sub(text::width(&what) as u16) / 2;
    painter.put(x, row.y, row.width, &what, style);
}

/// Nothing could be loaded.
pub(crate) fn failure(app: &App, problem: &Problem, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    let width = usize::from(area.width.saturating_sub(6)).max(10);
    let mut down = area.height / 4;
    let mut say = |painter: &mut Painter<'_>, what: &str, style| {
        for part in wrapped(what, width) {
            let row = line(area, down);
            painter.put(row.x + 3, row.y, width as u16, &part, style);
            down += 1;
        }
        down += 1;
    };
    say(painter, "Nothing could be loaded.", theme.alarm);
    say(painter, &text::sanitise(&problem.message), theme.text);
    if let Some(hint) = &problem.hint {
        say(painter, &text::sanitise(hint), theme.dim);
    }
    let keys = &app.shared.keys;
    let (again, quit) = (keys.shown(Command::Reload), keys.shown(Command::Quit));
    let hints = fixed::hints(&[(&again, "tries again"), (&quit, "quits")], ", ");
    say(painter, &format!("{hints}."), theme.text);
}

/// A screen on which nothing has room.
pub(crate) fn too_small(painter: &mut Painter<'_>) {
    let area = painter.buffer.area;
    let style = painter.theme.text;
    painter.put(area.x, area.y, area.width, "screen too small", style);
}
