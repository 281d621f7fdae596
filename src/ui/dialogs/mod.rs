//! Boxes over the view: help, palette, columns, warnings.

pub mod evidence;
pub mod welcome;

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::dialogs::chooser::Chooser;
use crate::app::dialogs::{Entry, Finder, Overlay};
use crate::app::facts::Field;
use crate::app::frame::boxes::Place;
use crate::app::keys::command::Spec;
use crate::app::views::list::Cursor;
use crate::text;

use super::cells::{Letters, name, value};
use super::frame::prompt;
use super::paint::{Painter, line};

/// Draws the open box, if there is one.
pub fn draw(app: &App, painter: &mut Painter<'_>) {
    let place = app.box_place().unwrap_or_default();
    match &app.overlay {
        None => {}
        Some(Overlay::Help(finder)) => find(app, painter, place, "Help", finder),
        Some(Overlay::Palette(finder)) => find(app, painter, place, "Commands", finder),
        Some(Overlay::Columns(cursor)) => columns(app, painter, place, *cursor),
        Some(Overlay::Warnings(cursor)) => {
            let origin = app.facts.as_ref().map(|facts| &facts.snapshot.origin);
            let origin = text::sanitise(origin.map_or("", String::as_str));
            let title = match &*origin {
                "" => "Warnings".to_owned(),
                origin => format!("Warnings of {origin}"),
            };
            lines(app, painter, place, *cursor, (&title, "esc closes"));
        }
        Some(Overlay::Messages(cursor)) => {
            let title = ("Messages, the newest first", "esc closes");
            lines(app, painter, place, *cursor, title);
        }
        Some(Overlay::Replacement(chooser)) => replacement(app, painter, place, chooser),
        Some(Overlay::Evidence(found)) => evidence::draw(app, painter, place, found),
        Some(Overlay::Welcome) => welcome::draw(app, painter),
    }
}

/// An empty box; gives its inside.
pub(crate) fn open(painter: &mut Painter<'_>, place: Place, title: &str) -> Rect {
    let area = place.outer;
    let width = area.width;
    painter.clear(area);
    let theme = painter.theme;
    let bar = "─".repeat(usize::from(width.saturating_sub(2)));
    painter.put(area.x, area.y, width, &format!("╭{bar}╮"), theme.line);
    painter.put(
        area.x,
        area.bottom() - 1,
        width,
        &format!("╰{bar}╯"),
        theme.line,
    );
    for y in area.y + 1..area.bottom() - 1 {
        painter.put(area.x, y, 1, "│", theme.line);
        painter.put(area.right() - 1, y, 1, "│", theme.line);
    }
    painter.put(
        area.x + 2,
        area.y,
        width.saturating_sub(4),
        &format!(" {title} "),
        theme.accent,
    );
    place.inner()
}

fn find(app: &App, painter: &mut Painter<'_>, place: Place, title: &str, finder: &Finder) {
    let height = app.overlay_height();
    let inner = open(painter, place, title);
    let theme = painter.theme;
    let x = prompt::draw(painter, line(inner, 0), " › ", &finder.line);
    if finder.line.text().is_empty() {
        let room = inner.right().saturating_sub(x);
        let all = "type to search, enter runs, esc closes";
        let what = if text::width(all) > usize::from(room) {
            "type, enter runs, esc closes"
        } else {
            all
        };
        painter.put(x, inner.y, room, what, theme.dim);
    }
    let mut letters = Letters::of(finder.line.text());
    for (down, at) in finder
        .cursor
        .window(finder.entries.len(), height)
        .enumerate()
    {
        let row = place.row_area(down);
        match finder.entries[at] {
            Entry::Heading(group) => {
                painter.put(
                    row.x + 1,
                    row.y,
                    row.width.saturating_sub(1),
                    group.title(),
                    theme.title,
                );
            }
            Entry::Command(spec) => command(
                app,
                painter,
                row,
                spec,
                (at == finder.cursor.at, finder.grouped, &mut letters),
            ),
        }
    }
    scroll_signs(
        painter,
        place.list,
        finder.cursor.top,
        height,
        finder.entries.len(),
    );
    if let Some(Entry::Command(spec)) = finder.entries.get(finder.cursor.at) {
        in_full(app, painter, place, spec, finder.grouped);
    }
    if finder.entries.is_empty() {
        let row = place.row_area(0);
        painter.put(
            row.x + 3,
            row.y,
            row.width.saturating_sub(3),
            "no such command",
            theme.dim,
        );
    }
}

/// Cells of a row of the box before the sentence about its command.
const BEFORE: u16 = 38;

/// What the box says of a command: the help what it is for, the palette why it cannot be given.
fn sentence(app: &App, spec: &Spec, explains: bool) -> (&'static str, bool) {
    match app.obstacle(spec.command).filter(|_| !explains) {
        Some(obstacle) => (obstacle, true),
        None => (spec.help, false),
    }
}

/// The sentence about the selected command where its row has no room for it.
fn in_full(app: &App, painter: &mut Painter<'_>, place: Place, spec: &Spec, explains: bool) {
    let inner = place.inner();
    let (what, _) = sentence(app, spec, explains);
    if text::width(what) > usize::from(inner.width.saturating_sub(BEFORE)) {
        let rows = place.list.y.saturating_sub(inner.y + 1);
        let room = Rect::new(inner.x, inner.y + 1, inner.width, rows);
        paragraph(painter, room, what);
    }
}

/// A sentence in lines, as many as there is room for.
fn paragraph(painter: &mut Painter<'_>, room: Rect, what: &str) {
    let width = room.width.saturating_sub(2);
    let style = painter.theme.text;
    for (down, part) in text::wrapped(what, usize::from(width)).iter().enumerate() {
        let row = line(room, down as u16);
        painter.put(row.x + 1, row.y, width, part, style);
    }
}

fn command(
    app: &App,
    painter: &mut Painter<'_>,
    row: Rect,
    spec: &Spec,
    (current, explains, letters): (bool, bool, &mut Letters),
) {
    let theme = painter.theme;
    if current {
        painter.shade(row, theme.cursor);
        painter.put(row.x, row.y, 1, "▌", theme.accent);
    }
    let obstacle = app.obstacle(spec.command);
    let title = if obstacle.is_some() {
        theme.dim
    } else {
        theme.text
    };
    let mut keys = app.shared.keys.keys(spec.command);
    keys.truncate(2);
    let keys = keys.join(" ");
    painter.put(row.x + 3, row.y, 12, &keys, theme.key);
    let room = Rect::new(row.x + 16, row.y, 22, 1);
    painter.put(room.x, room.y, room.width, spec.title, title);
    letters.highlight(painter, room, spec.title);
    let x = row.x + BEFORE;
    let (what, hindered) = sentence(app, spec, explains);
    // Why a key does nothing is what whoever stands on it wants to know.
    let style = if hindered && current {
        theme.hit
    } else {
        theme.dim
    };
    painter.put(x, row.y, row.right().saturating_sub(x), what, style);
}

fn columns(app: &App, painter: &mut Painter<'_>, place: Place, cursor: Cursor) {
    let inner = open(painter, place, "Columns");
    let theme = painter.theme;
    let width = app.areas().map_or(0, |areas| areas.main.width);
    let seen = app.views.packages.columns(width, painter.units).places;
    for (down, at) in cursor
        .window(Field::ALL.len(), app.overlay_height())
        .enumerate()
    {
        let field = Field::ALL[at];
        let row = line(inner, down as u16);
        if at == cursor.at {
            painter.shade(row, theme.cursor);
            painter.put(row.x, row.y, 1, "▌", theme.accent);
        }
        let placed = seen.iter().any(|place| place.field == field);
        let wanted = app.views.packages.fields.contains(&field);
        let sign = if placed { "✓" } else { "·" };
        painter.put(row.x + 2, row.y, 1, sign, theme.gain);
        let style = if placed { theme.text } else { theme.dim };
        painter.put(row.x + 4, row.y, 10, field.title(), style);
        let room = |x: u16| row.right().saturating_sub(x);
        let mut x = row.x + 15;
        if wanted && !placed {
            x = painter.put(x, row.y, room(x), "no room: ", theme.hit);
        }
        let meaning = field.definition().split_once(": ");
        let meaning = meaning.map_or("", |(_, meaning)| meaning);
        painter.put(x, row.y, room(x), meaning, theme.dim);
        if at == cursor.at && text::width(meaning) > usize::from(room(x)) {
            let below = Rect {
                y: place.list.bottom(),
                height: (inner.bottom() - 1).saturating_sub(place.list.bottom()),
                ..inner
            };
            paragraph(painter, below, meaning);
        }
    }
    let height = app.overlay_height();
    scroll_signs(painter, place.list, cursor.top, height, Field::ALL.len());
    let row = line(inner, inner.height.saturating_sub(1));
    painter.put(
        row.x + 2,
        row.y,
        row.width.saturating_sub(2),
        "space shows  enter sorts  esc closes  ╱ breaks a bar off the scale",
        theme.dim,
    );
}

/// A box of lines to be read, and what is to be known below them.
fn lines(
    app: &App,
    painter: &mut Painter<'_>,
    place: Place,
    cursor: Cursor,
    (title, below): (&str, &str),
) {
    let lines = app.box_lines();
    let height = app.overlay_height();
    let inner = open(painter, place, title);
    let theme = painter.theme;
    for (down, at) in cursor.window(lines.len(), height).enumerate() {
        let row = line(inner, down as u16);
        if at == cursor.at && lines.len() > height {
            painter.shade(row, theme.cursor);
        }
        let room = row.width.saturating_sub(1);
        painter.put(row.x + 1, row.y, room, &lines[at], theme.text);
    }
    scroll_signs(painter, place.list, cursor.top, height, lines.len());
    let row = line(inner, inner.height.saturating_sub(1));
    let room = row.width.saturating_sub(1);
    painter.put(row.x + 1, row.y, room, below, theme.dim);
}

/// On the frame beside a list, signs that there is more of it above or below.
pub(crate) fn scroll_signs(
    painter: &mut Painter<'_>,
    list: Rect,
    top: usize,
    shown: usize,
    all: usize,
) {
    let style = painter.theme.accent;
    if top > 0 {
        painter.put(list.right(), list.y, 1, "▲", style);
    }
    if top + shown < all && list.height > 0 {
        painter.put(list.right(), list.bottom() - 1, 1, "▼", style);
    }
}

fn replacement(app: &App, painter: &mut Painter<'_>, place: Place, chooser: &Chooser) {
    let Some(facts) = &app.facts else { return };
    let height = app.overlay_height();
    let old = facts.label(chooser.old);
    let inner = open(painter, place, &format!("Replace {old} by"));
    let theme = painter.theme;
    let x = prompt::draw(painter, line(inner, 0), " › ", &chooser.line);
    let typed = chooser.line.text();
    if typed.is_empty() {
        let hint = "part of a name; enter replaces, esc closes";
        painter.put(x, inner.y, inner.right().saturating_sub(x), hint, theme.dim);
    }
    let mut letters = Letters::of(chooser.line.text());
    let window = chooser.cursor.window(chooser.entries.len(), height);
    for (down, at) in window.enumerate() {
        let row = place.row_area(down);
        if at == chooser.cursor.at {
            painter.shade(row, theme.cursor);
            painter.put(row.x, row.y, 1, "▌", theme.accent);
        }
        let id = chooser.entries[at];
        let room = Rect::new(row.x + 3, row.y, row.width.saturating_sub(14), 1);
        name(painter, facts, room, id, theme.text);
        letters.path(painter, facts, room, id);
        value(painter, facts, row, (Field::Nar, id), theme.text);
    }
    let (top, all) = (chooser.cursor.top, chooser.entries.len());
    scroll_signs(painter, place.list, top, height, all);
    if chooser.entries.is_empty() {
        let what = if typed.is_empty() {
            "no other of that package: type a part of a name"
        } else {
            "no path matches"
        };
        let row = place.row_area(0);
        painter.put(
            row.x + 3,
            row.y,
            row.width.saturating_sub(3),
            what,
            theme.dim,
        );
    }
}
