//! What stands around the views: header, tabs, notice, footer, and the full-screen messages.

use ratatui::layout::Rect;

use crate::analysis::what_if::Outcome;
use crate::app::command::Command;
use crate::app::layout::tab_places;
use crate::app::work::Problem;
use crate::app::{App, Pane, View};
use crate::job::Reading;
use crate::model::Closure;
use crate::text::{self, Units, wrapped};

use super::paint::{Painter, Piece, line};
use super::prompt;

/// What is open and how large it is; to the right what the marks would give.
pub fn header(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    let x = painter.row(area, &[(" nix-heft ", theme.accent)]);
    let Some(facts) = &app.facts else { return };
    let right = prediction(app, painter, area);
    let right = warned(app, painter, area, right);
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
    let size = known(app, closure, painter.units);
    let space = usize::from(right.saturating_sub(x));
    let mut paths = format!(" in {}", text::counted(closure.len(), "path"));
    let taken = |paths: &str| text::width(&more) + text::width(paths) + text::width(&size) + 3;
    // What is marked matters more than how many paths there are.
    if space < taken(&paths) + 16 {
        paths.clear();
    }
    let name = text::sanitise(root);
    let name = text::fit(&name, space.saturating_sub(taken(&paths)));
    let pieces: [Piece<'_>; 6] = [
        (" ", theme.text),
        (&name, theme.title),
        (&more, theme.dim),
        ("  ", theme.dim),
        (&size, theme.text),
        (&paths, theme.dim),
    ];
    let width = right.saturating_sub(x);
    painter.row(Rect { x, width, ..area }, &pieces);
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
fn outcome(app: &App) -> Option<&Outcome> {
    let effect = app.effect.as_ref();
    let effect = effect.filter(|effect| !effect.steps.is_empty())?;
    let fits = effect.steps == app.plan.steps();
    effect.outcome.as_deref().ok().filter(|_| fits)
}

/// How much was odd, and the key that lists it; tells where it begins.
fn warned(app: &App, painter: &mut Painter<'_>, area: Rect, right: u16) -> u16 {
    let warnings: usize = app.warnings().iter().map(|warning| warning.count).sum();
    if warnings == 0 {
        return right;
    }
    let count = text::count(warnings as u64);
    let what = if area.width < 60 {
        format!("⚠{count} ")
    } else {
        format!("⚠ {count} ({}) ", app.keys.shown(Command::Warnings))
    };
    let x = right.saturating_sub(text::width(&what) as u16);
    let style = painter.theme.hit;
    painter.put(x, area.y, right.saturating_sub(x), &what, style);
    x.saturating_sub(1)
}

/// How much is marked and what that would give; tells where its text begins.
fn prediction(app: &App, painter: &mut Painter<'_>, area: Rect) -> u16 {
    let theme = painter.theme;
    let steps = app.plan.steps().len();
    if steps == 0 {
        return area.right();
    }
    let wide = area.width >= 100;
    let marked = if wide {
        format!("● {steps} marked  ")
    } else {
        format!("● {steps}  ")
    };
    let mut freed = "…".to_owned();
    let mut after = String::new();
    match app
        .effect
        .as_ref()
        .filter(|effect| effect.steps == app.plan.steps())
        .map(|effect| &effect.outcome)
    {
        Some(Ok(outcome)) => {
            freed = painter.units.signed(-outcome.freed.nar_size);
            // What stands behind an arrow is said to be a prediction where there is room for the word.
            let word = if area.width < 60 { "" } else { " predicted" };
            let (before, after_it) = (outcome.before.nar_size, outcome.after.nar_size);
            let size = painter.units.size_beside(after_it, before);
            after = format!("{}{size}{word}", painter.arrow());
        }
        Some(Err(_)) => "cannot be done".clone_into(&mut freed),
        None => {}
    }
    let pieces: [Piece<'_>; 4] = [
        (&marked, theme.mark),
        (&freed, theme.gain),
        (&after, theme.text),
        (" ", theme.text),
    ];
    let width: usize = pieces.iter().map(|(piece, _)| text::width(piece)).sum();
    let x = area.right().saturating_sub(width as u16);
    painter.row(
        Rect {
            x,
            width: area.right() - x,
            ..area
        },
        &pieces,
    );
    x.saturating_sub(2)
}

/// The views, the current one standing out.
pub fn tabs(app: &App, painter: &mut Painter<'_>, area: Rect) {
    // Without a closure no view has anything to show.
    if area.height == 0 || app.failure.is_some() {
        return;
    }
    let theme = painter.theme;
    for (view, number, from, to) in tab_places(area.width, app.view) {
        let current = view == app.view;
        let (key, title) = if current {
            (theme.accent, theme.accent)
        } else {
            (theme.key, theme.dim)
        };
        let x = painter.put(from + 1, area.y, to - from, &number.to_string(), key);
        painter.put(x + 1, area.y, to.saturating_sub(x + 1), view.title(), title);
        if current {
            painter.shade(
                Rect::new(from, area.y, view.title().len() as u16 + 4, 1).intersection(area),
                theme.cursor,
            );
        }
    }
}

/// Where the data come from.
pub fn notice(app: &App, painter: &mut Painter<'_>, area: Rect) {
    if let Some(notice) = app.notice.as_ref().filter(|_| area.height > 0) {
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

/// What is typed, what happened, or what can be done here; to the right what runs, or where the cursor is.
pub fn footer(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    let right = status(app, painter, area);
    let left = Rect {
        width: right.saturating_sub(area.x),
        ..area
    };
    if let Some(ask) = &app.ask {
        prompt::asked(app, ask, painter, left);
    } else if let Some(search) = &app.search {
        prompt::searched(app, search, painter, left);
    } else if let Some(message) = &app.message {
        let message = text::sanitise(message);
        let room = if text::width(&message) < usize::from(left.width) {
            left
        } else {
            // What happened is said once, where the cursor is all the time.
            painter.clear(area);
            area
        };
        painter.row(room, &[(" ", theme.text), (&message, theme.text)]);
    } else {
        hints(app, painter, left);
    }
}

fn status(app: &App, painter: &mut Painter<'_>, area: Rect) -> u16 {
    let theme = painter.theme;
    let (what, style) = if let Some(job) = app.jobs.newest_long() {
        let reading = job.reading.unwrap_or_default();
        (
            format!("{}  esc cancels ", progress_text(reading)),
            theme.hit,
        )
    } else {
        let len = app.list_len();
        let at = (app.cursor().at + 1).min(len);
        (
            format!("{} of {} ", text::count(at as u64), text::count(len as u64)),
            theme.dim,
        )
    };
    let idle = app.jobs.newest_long().is_none();
    if app.facts.is_none()
        || (idle && app.list_len() == 0)
        || usize::from(area.width) < text::width(&what) + 20
    {
        return area.right();
    }
    painter.put_right(area.x, area.y, area.width, &what, style);
    area.right() - text::width(&what) as u16 - 2
}

/// The commands that matter here, as many as fit.
fn hints(app: &App, painter: &mut Painter<'_>, area: Rect) {
    use Command as C;
    let here: &[Command] = match (app.pane, app.view) {
        _ if app.failure.is_some() => &[C::Reload, C::Quit],
        _ if app.facts.is_none() => &[C::Quit],
        (Pane::Side, _) => &[C::Enter, C::NextPane, C::Mark, C::CopyPath],
        (_, View::Packages) => &[C::Search, C::Enter, C::Why, C::Mark, C::Sort, C::Details],
        (_, View::Tree) => &[C::Right, C::TreeMode, C::Why, C::Mark, C::Cut, C::ExpandAll],
        (_, View::Why) => &[
            C::Right,
            C::CutAll,
            C::Cut,
            C::Evidence,
            C::Mark,
            C::CopyChain,
            C::Back,
        ],
        (_, View::Twins) => &[C::Right, C::Replace, C::Why, C::Mark, C::Details],
        (_, View::Files | View::Roots) => &[C::Right, C::ExpandAll, C::Why, C::Mark, C::Details],
        (_, View::Misses) => &[C::Right, C::CutAll, C::Cut, C::Evidence, C::Why, C::Mark],
        (_, View::Map) => &[
            C::Enter,
            C::Back,
            C::Measure,
            C::Mark,
            C::Why,
            C::Tree,
            C::Details,
        ],
        (_, View::Marks) => &[C::Mark, C::Undo, C::Enter, C::SavePlan, C::Export],
    };
    let theme = painter.theme;
    let mut x = area.x + 1;
    if app.stale {
        let key = app.keys.shown(C::Reload);
        x = painter.put(x, area.y, area.width, &key, theme.key);
        x = painter.put(
            x + 1,
            area.y,
            area.width,
            "reload: the store has changed",
            theme.hit,
        ) + 3;
    }
    for command in fitting(app, here, area.right().saturating_sub(x)) {
        let (key, title) = (app.keys.shown(command), command.spec().title);
        x = painter.put(x, area.y, area.width, &key, theme.key);
        x = painter.put(x + 1, area.y, area.width, title, theme.dim) + 3;
    }
}

/// Those of the commands that can be given and have room, and the way to all the others: that is never crowded out.
fn fitting(app: &App, here: &[Command], room: u16) -> Vec<Command> {
    use Command as C;
    let width = |command: C| {
        let key = text::width(&app.keys.shown(command));
        (key + 1 + text::width(command.spec().title)) as u16 + 3
    };
    // Where nothing is listed there is nothing to open.
    let bare = app.list_len() == 0;
    let idle = |command: C| bare && matches!(command, C::Right | C::Enter | C::ExpandAll);
    let able = |command: C| app.obstacle(command).is_none() && !idle(command) && app.helps(command);
    let last: &[C] = if app.facts.is_some() { &[C::Help] } else { &[] };
    // No gap is needed behind the last one.
    let mut left = (room + 3).saturating_sub(last.iter().map(|&command| width(command)).sum());
    let mut shown = Vec::new();
    let palette = (!last.is_empty()).then_some(C::Palette);
    for command in here.iter().copied().filter(|&one| able(one)).chain(palette) {
        if width(command) > left {
            break;
        }
        left -= width(command);
        shown.push(command);
    }
    shown.extend(last.iter().filter(|&&command| width(command) <= room + 3));
    shown
}

fn progress_text(reading: Reading) -> String {
    let Reading { phase, done, total } = reading;
    match (done, total) {
        (0, 0) => format!("{phase} …"),
        (done, 0) => format!("{phase} … {}", text::count(done)),
        (done, total) => format!("{phase} … {} of {}", text::count(done), text::count(total)),
    }
}

/// Before anything is loaded.
pub fn loading(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let reading = app.jobs.newest_long().and_then(|job| job.reading);
    let what = reading.map_or_else(|| "reading the store …".to_owned(), progress_text);
    let row = line(area, area.height / 3);
    let style = painter.theme.dim;
    let x = row.x + row.width.saturating_sub(text::width(&what) as u16) / 2;
    painter.put(x, row.y, row.width, &what, style);
}

/// Nothing could be loaded.
pub fn failure(problem: &Problem, painter: &mut Painter<'_>, area: Rect) {
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
    say(painter, "r tries again, q quits.", theme.text);
}

/// A screen on which nothing has room.
pub fn too_small(painter: &mut Painter<'_>) {
    let area = painter.buffer.area;
    let style = painter.theme.text;
    painter.put(area.x, area.y, area.width, "screen too small", style);
}
