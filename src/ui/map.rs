//! The map, drawn with half blocks: two pixels to a cell, gaps between tiles.

use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use crate::app::App;
use crate::app::explore::{Depth, Look};
use crate::app::facts::{Facts, Field};
use crate::app::map::Tile;
use crate::text;

use super::cells;
use super::paint::{Painter, line};

/// Draws the map.
pub fn draw(app: &App, facts: &Facts, painter: &mut Painter<'_>, area: Rect) {
    heading(app, facts, painter, line(area, 0));
    let area = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    if !facts.is_ready(Field::Retained) {
        let style = painter.theme.dim;
        painter.put(area.x + 3, area.y, area.width.saturating_sub(3), "…", style);
        return;
    }
    let mut pixels = vec![None; usize::from(area.width) * usize::from(area.height) * 2];
    for (at, tile) in app.tiles.iter().enumerate() {
        fill(&mut pixels, area.width, gapped(tile.area), at);
    }
    for y in 0..area.height {
        for x in 0..area.width {
            let pixel =
                |row: u16| pixels[usize::from(row) * usize::from(area.width) + usize::from(x)];
            cell(
                app,
                painter,
                (area.x + x, area.y + y),
                pixel(2 * y),
                pixel(2 * y + 1),
            );
        }
    }
    for (at, tile) in app.tiles.iter().enumerate() {
        label(app, facts, painter, area, (at, tile));
    }
}

fn heading(app: &App, facts: &Facts, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    let of = app
        .map
        .top
        .map_or("everything", |id| facts.graph().name(id));
    let what = format!("map of {of}");
    let x = painter.put(
        area.x + 3,
        area.y,
        area.width.saturating_sub(3),
        &text::sanitise(&what),
        theme.accent,
    );
    let more = "   what leaves together lies together";
    painter.put(x, area.y, area.right().saturating_sub(x), more, theme.dim);
}

/// Tiles are parted by what they leave free at their right and below, if they can spare it.
fn gapped(area: Rect) -> Rect {
    let less = |length: u16| if length > 2 { length - 1 } else { length };
    Rect {
        width: less(area.width),
        height: less(area.height),
        ..area
    }
}

fn fill(pixels: &mut [Option<usize>], width: u16, area: Rect, tile: usize) {
    for y in area.top()..area.bottom() {
        let row = usize::from(y) * usize::from(width);
        for x in area.left()..area.right() {
            if let Some(pixel) = pixels.get_mut(row + usize::from(x)) {
                *pixel = Some(tile);
            }
        }
    }
}

fn cell(
    app: &App,
    painter: &mut Painter<'_>,
    (x, y): (u16, u16),
    top: Option<usize>,
    bottom: Option<usize>,
) {
    let shade = |tile: usize| color(app, tile);
    let (sign, style) = match (top, bottom) {
        (None, None) => return,
        (Some(a), Some(b)) if a == b => match shade(a) {
            Some(color) => (" ", Style::new().bg(color)),
            None => (pattern(app, a), Style::new()),
        },
        (Some(a), Some(b)) => match (shade(a), shade(b)) {
            (Some(a), Some(b)) => ("▀", Style::new().fg(a).bg(b)),
            _ => ("▀", Style::new()),
        },
        (Some(a), None) => (
            "▀",
            shade(a).map_or(Style::new(), |color| Style::new().fg(color)),
        ),
        (None, Some(b)) => (
            "▄",
            shade(b).map_or(Style::new(), |color| Style::new().fg(color)),
        ),
    };
    painter.put(x, y, 1, sign, style);
}

/// Without colours neighbouring groups differ in their pattern.
fn pattern(app: &App, tile: usize) -> &'static str {
    ["░", "▒"][app.tiles[tile].group % 2]
}

/// Muted hues that texts can be read on.
const DARK: [(u8, u8, u8); 8] = [
    (52, 84, 124),
    (44, 98, 92),
    (98, 74, 122),
    (110, 84, 48),
    (64, 96, 58),
    (118, 66, 72),
    (52, 90, 108),
    (92, 92, 60),
];
const LIGHT: [(u8, u8, u8); 8] = [
    (188, 210, 240),
    (182, 224, 214),
    (222, 204, 240),
    (244, 222, 184),
    (204, 228, 192),
    (246, 206, 206),
    (190, 222, 236),
    (230, 230, 190),
];
const INDEXED: [[u8; 8]; 2] = [
    [24, 23, 60, 94, 22, 95, 30, 58],
    [153, 158, 183, 223, 151, 224, 159, 187],
];
const ANSI: [Color; 6] = [
    Color::Blue,
    Color::Cyan,
    Color::Magenta,
    Color::Yellow,
    Color::Green,
    Color::Red,
];

fn color(app: &App, at: usize) -> Option<Color> {
    let Look { light, depth } = app.look;
    let tile = &app.tiles[at];
    let marked = app.plan.removes(tile.id) || cells::leaves(app, tile.id);
    let hue = tile.group % 8;
    match depth {
        Depth::Plain => None,
        Depth::Ansi => Some(ANSI[tile.group % ANSI.len()]),
        Depth::Indexed => Some(Color::Indexed(match (marked, light) {
            (true, false) => 88,
            (true, true) => 217,
            (false, _) => INDEXED[usize::from(light)][hue],
        })),
        Depth::True => {
            let (r, g, b) = match (marked, light) {
                (true, false) => (150, 58, 48),
                (true, true) => (240, 170, 160),
                (false, false) => DARK[hue],
                (false, true) => LIGHT[hue],
            };
            // Neighbours of one group differ a little.
            let step = (at % 3) as u8 * if light { 6 } else { 9 };
            let tone = |value: u8| {
                if light {
                    value.saturating_sub(step)
                } else {
                    value.saturating_add(step)
                }
            };
            Some(Color::Rgb(tone(r), tone(g), tone(b)))
        }
    }
}

fn label(
    app: &App,
    facts: &Facts,
    painter: &mut Painter<'_>,
    area: Rect,
    (at, tile): (usize, &Tile),
) {
    let current = at == app.map_cursor.at;
    let inside = gapped(tile.area);
    // Rows of which both halves are the tile's.
    let (first, last) = (inside.top().div_ceil(2), inside.bottom() / 2);
    let room = |down: u16| {
        let row = first + down;
        (row < last.min(area.height))
            .then(|| Rect::new(area.x + inside.x, area.y + row, inside.width, 1))
    };
    if current {
        outline(painter, area, inside);
    }
    let Some(row) = room(0).filter(|row| row.width >= 3) else {
        return;
    };
    let ground = color(app, at);
    let mut style = ground.map_or(Style::new(), |color| Style::new().bg(color));
    if app.look.depth == Depth::Ansi {
        style = style.fg(Color::Black);
    }
    if current {
        style = style.add_modifier(Modifier::BOLD);
    }
    let name = text::sanitise(facts.graph().name(tile.id));
    let width = row.width.saturating_sub(1);
    painter.put(row.x + 1, row.y, width, &name, style);
    if let Some(row) = room(1).filter(|row| row.width >= 10) {
        let size = text::size(tile.size);
        painter.put(row.x + 1, row.y, width, &size, style);
    }
}

/// The tile of the cursor stands out by being reversed at its left edge and bold.
fn outline(painter: &mut Painter<'_>, area: Rect, inside: Rect) {
    let accent = painter.theme.hit;
    for row in inside.top() / 2..inside.bottom().div_ceil(2) {
        if row < area.height {
            painter.put(area.x + inside.x, area.y + row, 1, "▌", accent);
        }
    }
}
