//! What stands around the views: header, tabs, notice, footer, and the full-screen messages.

use ratatui::layout::Rect;

use crate::app::command::Command;
use crate::app::work::Problem;
use crate::app::{App, View};
use crate::job::Reading;
use crate::text;

use super::paint::{Painter, Piece, line};

/// What is open and how large it is.
pub fn header(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    let x = painter.row(area, &[(" nix-heft ", theme.accent)]);
    let Some(facts) = &app.facts else { return };
    let closure = facts.closure();
    let root = closure
        .roots()
        .first()
        .map_or("no roots", |&root| facts.graph().name(root));
    let root = text::sanitise(root);
    let more = closure.roots().len().saturating_sub(1);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let size = text::known_size(closure.nar_size());
    let paths = text::counted(closure.len(), "path");
    let pieces: [Piece<'_>; 6] = [
        (" ", theme.text),
        (&root, theme.title),
        (&more, theme.dim),
        ("  ", theme.dim),
        (&format!("{paths} · "), theme.dim),
        (&size, theme.text),
    ];
    painter.row(
        Rect {
            x,
            width: area.right() - x,
            ..area
        },
        &pieces,
    );
}

/// The views, the current one standing out.
pub fn tabs(app: &App, painter: &mut Painter<'_>, area: Rect) {
    if area.height == 0 {
        return;
    }
    let theme = painter.theme;
    let mut x = area.x + 1;
    for view in View::ALL {
        let current = view == app.view;
        let style = if current { theme.accent } else { theme.dim };
        x = painter.put(x, area.y, area.right() - x, view.command().key(), theme.key);
        x = painter.put(
            x + 1,
            area.y,
            area.right().saturating_sub(x + 1),
            view.title(),
            style,
        ) + 2;
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

/// What is typed, what happened, or what can be done here.
pub fn footer(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    if let Some(search) = &app.search {
        let x = painter.row(
            area,
            &[
                (" / ", theme.accent),
                (&text::sanitise(search.text()), theme.text),
            ],
        );
        painter.put(x, area.y, 1, "▏", theme.accent);
        return;
    }
    if let Some(message) = &app.message {
        painter.row(
            area,
            &[(" ", theme.text), (&text::sanitise(message), theme.text)],
        );
        return;
    }
    if let Some(job) = app.jobs.newest_long() {
        let text = progress_text(job.reading.unwrap_or_default());
        painter.row(
            area,
            &[
                (" ", theme.text),
                (&text, theme.text),
                ("   esc cancel", theme.dim),
            ],
        );
        return;
    }
    let mut x = area.x + 1;
    for command in [
        Command::Search,
        Command::Sort,
        Command::Palette,
        Command::Help,
        Command::Quit,
    ] {
        let spec = command.spec();
        let width = (spec.title.len() + spec.keys[0].len() + 1) as u16;
        if x + width > area.right() {
            break;
        }
        x = painter.put(x, area.y, width, spec.keys[0], theme.key);
        x = painter.put(x + 1, area.y, width, spec.title, theme.dim) + 3;
    }
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

/// A text in lines of at most `width` cells, broken between words.
pub fn wrapped(what: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in what.split(' ') {
        let last = lines
            .last_mut()
            .map(|line| text::width(line))
            .unwrap_or_default();
        if last > 0 && last + 1 + text::width(word) > width {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}
