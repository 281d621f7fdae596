//! The map, drawn with half blocks: two pixels to a cell, gaps between tiles.

mod heading;

use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use crate::app::App;
use crate::app::facts::Facts;
use crate::app::look::{Depth, Look};
use crate::app::pane::Pane;
use crate::app::views::map::{Measure, Tile, Title};
use crate::text;

use crate::ui::cells;
use crate::ui::paint::{Painter, line};

/// Draws the map.
pub(crate) fn draw(app: &App, facts: &Facts, painter: &mut Painter<'_>, area: Rect) {
    let top = line(area, 0);
    let area = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    let tiles = app.views.map.tiles_on((area.width, area.height));
    heading::draw(app, facts, painter, top, tiles.unwrap_or_default());
    let Some(tiles) = tiles else {
        let style = painter.theme.dim;
        painter.put(area.x + 3, area.y, area.width.saturating_sub(3), "…", style);
        return;
    };
    for group in app.views.map.titles() {
        title(facts, painter, area, group);
    }
    if is_flat(app.shared.look) {
        for (at, tile) in tiles.iter().enumerate() {
            frame(painter, area, tile.area);
            label(app, facts, painter, area, (at, tile));
        }
        return;
    }
    let colors: Vec<_> = tiles
        .iter()
        .enumerate()
        .map(|tile| color(app, tile))
        .collect();
    let mut pixels = vec![None; usize::from(area.width) * usize::from(area.height) * 2];
    for (at, tile) in tiles.iter().enumerate() {
        fill(&mut pixels, area.width, gapped(tile.area), at);
    }
    for y in 0..area.height {
        for x in 0..area.width {
            let pixel =
                |row: u16| pixels[usize::from(row) * usize::from(area.width) + usize::from(x)];
            cell(
                &colors,
                painter,
                (area.x + x, area.y + y),
                pixel(2 * y),
                pixel(2 * y + 1),
            );
        }
    }
    for (at, tile) in tiles.iter().enumerate() {
        label(app, facts, painter, area, (at, tile));
    }
}

/// Whether tiles are outlined: without colours or blocks to fill them with, and where muted hues would be too faint.
fn is_flat(look: Look) -> bool {
    look.depth == Depth::Plain || look.ascii || look.contrast
}

/// Tiles of at least this many cells across and half rows down are parted by what they leave free; smaller ones by their
/// tones alone.
const PARTED: (u16, u16) = (8, 4);

/// Tiles are parted by what they leave free at their right and below, unless much would be lost of them.
fn gapped(area: Rect) -> Rect {
    let (width, height) = PARTED;
    let parted = area.width >= width && area.height >= height;
    Rect {
        width: area.width - u16::from(parted),
        height: area.height - u16::from(parted),
        ..area
    }
}

/// What the tiles of a group have in common, in the row above them.
fn title(facts: &Facts, painter: &mut Painter<'_>, area: Rect, title: &Title) {
    let row = Rect {
        x: area.x + title.area.x,
        y: area.y + title.area.y / 2,
        width: title.area.width.saturating_sub(1),
        height: 1,
    };
    if row.y >= area.bottom() {
        return;
    }
    let size = painter.units.size(title.size);
    let style = painter.theme.dim;
    let cells = text::width(&size) as u16;
    let room = row.width.saturating_sub(cells + 2);
    let strong = painter.theme.title;
    cells::name(
        painter,
        facts,
        Rect { width: room, ..row },
        title.id,
        strong,
    );
    painter.put_right(row.x, row.y, row.width, &size, style);
}

/// With lines around it, a tile's name stands below the upper one if there is room, else in it.
fn framed(area: Rect, tile: Rect) -> Rect {
    let top = tile.top() / 2 * 2;
    let below = if tile.bottom() / 2 >= area.height {
        2
    } else {
        0
    };
    Rect {
        y: top,
        height: tile.bottom().saturating_sub(top + below),
        width: tile.width - u16::from(tile.right() == area.width && tile.width > 1),
        ..tile
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
    colors: &[Option<Color>],
    painter: &mut Painter<'_>,
    (x, y): (u16, u16),
    top: Option<usize>,
    bottom: Option<usize>,
) {
    let shade = |tile: usize| colors[tile];
    let (sign, style) = match (top, bottom) {
        (None, None) => return,
        (Some(a), Some(b)) if a == b => match shade(a) {
            Some(color) => (" ", Style::new().bg(color)),
            None => return,
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

/// Without colours a tile is parted from the others by lines at its left and above, and from the edge of the map by
/// lines there.
fn frame(painter: &mut Painter<'_>, area: Rect, tile: Rect) {
    let style = painter.theme.line;
    let (top, bottom) = (tile.top() / 2, (tile.bottom() / 2).min(area.height));
    if top >= bottom || tile.width < 2 {
        return;
    }
    let (at_right, at_bottom) = (tile.right() == area.width, bottom == area.height);
    let bar = "─".repeat(usize::from(tile.width) - 1 - usize::from(at_right));
    let mut across = |down: u16, left: &str, right: &str| {
        let what = format!("{left}{bar}{}", if at_right { right } else { "" });
        painter.put(area.x + tile.x, area.y + down, tile.width, &what, style);
    };
    across(top, "┌", "┐");
    let last = if at_bottom && bottom > top + 1 {
        across(bottom - 1, "└", "┘");
        bottom - 1
    } else {
        bottom
    };
    for row in top + 1..last {
        painter.put(area.x + tile.x, area.y + row, 1, "│", style);
        if at_right {
            painter.put(area.x + tile.right() - 1, area.y + row, 1, "│", style);
        }
    }
}

/// Muted hues that texts can be read on.
const DARK: [(u8, u8, u8); 8] = [
    (52, 84, 124),
    (44, 98, 92),
    (98, 74, 122),
    (110, 84, 48),
    (64, 96, 58),
    (70, 80, 132),
    (52, 90, 108),
    (92, 92, 60),
];
const LIGHT: [(u8, u8, u8); 8] = [
    (188, 210, 240),
    (182, 224, 214),
    (222, 204, 240),
    (244, 222, 184),
    (204, 228, 192),
    (208, 214, 246),
    (190, 222, 236),
    (230, 230, 190),
];
const INDEXED: [[u8; 8]; 2] = [
    [24, 23, 60, 94, 22, 61, 30, 58],
    [153, 158, 183, 223, 151, 189, 159, 187],
];
/// Black can be read on all of them; red is left for what is marked.
const ANSI: [Color; 5] = [
    Color::Cyan,
    Color::LightBlue,
    Color::Yellow,
    Color::Green,
    Color::LightMagenta,
];

fn color(app: &App, (at, tile): (usize, &Tile)) -> Option<Color> {
    let Look { light, depth, .. } = app.shared.look;
    if is_flat(app.shared.look) {
        return None;
    }
    let Some(id) = tile.path() else {
        return shared(app.shared.look);
    };
    let marked = app.shared.plan.removes(id) || cells::leaves(app, id);
    let hue = tile.group % 8;
    match depth {
        Depth::Plain => None,
        Depth::Ansi if marked => Some(Color::LightRed),
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

/// What is many paths stands back.
fn shared(look: Look) -> Option<Color> {
    let (rgb, indexed) = if look.light {
        ((222, 225, 230), 253)
    } else {
        ((58, 62, 70), 238)
    };
    match look.depth {
        Depth::Plain => None,
        Depth::Ansi => Some(Color::Gray),
        Depth::Indexed => Some(Color::Indexed(indexed)),
        Depth::True => Some(Color::Rgb(rgb.0, rgb.1, rgb.2)),
    }
}

/// What is written in on the muted hues: the terminal's own colour may be meant for another background.
fn ink(look: Look) -> Color {
    match (look.depth, look.light) {
        (Depth::True, false) => Color::Rgb(236, 239, 244),
        (Depth::True, true) => Color::Rgb(24, 28, 36),
        (Depth::Indexed, false) => Color::Indexed(255),
        (Depth::Indexed, true) => Color::Indexed(234),
        _ => Color::Black,
    }
}

/// The sign of a mark in the name of a tile: colours alone are not seen by all people, nor shown by all terminals.
fn sign(app: &App, tile: &Tile) -> &'static str {
    match tile.path() {
        Some(id) if app.shared.plan.removes(id) => "● ",
        Some(id) if cells::leaves(app, id) => "○ ",
        _ => "",
    }
}

/// How large a tile is, and whether that is the path alone or with what leaves with it, as far as there is room.
fn measured(app: &App, facts: &Facts, tile: &Tile, room: usize) -> String {
    let size = app.shared.look.units.size(tile.size);
    let (Some(core), Some(id)) = (facts.core(), tile.path()) else {
        return size;
    };
    let paths = core.dominators.retained_count(id) as usize;
    let whole = core.dominators.known_retained_size(id) == tile.size;
    let said = match (app.views.map.map.measure, whole) {
        _ if paths < 2 => return size,
        (Measure::Retained, true) => format!("{size} in {}", text::counted(paths, "path")),
        _ => format!("{size} itself"),
    };
    if text::width(&said) <= room {
        said
    } else {
        size
    }
}

/// The start of a name that is shorter than this tells nothing.
const LEGIBLE: usize = 4;

fn label(
    app: &App,
    facts: &Facts,
    painter: &mut Painter<'_>,
    area: Rect,
    (at, tile): (usize, &Tile),
) {
    let current = at == app.views.map.cursor().at;
    let plain = is_flat(app.shared.look);
    let inside = if plain {
        framed(area, tile.area)
    } else {
        gapped(tile.area)
    };
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
    let Some(row) = room(0) else {
        return;
    };
    let ground = color(app, (at, tile));
    let mut style = match ground {
        Some(color) => Style::new().bg(color).fg(ink(app.shared.look)),
        // The line that a name stands in is fainter.
        None => Style::new().fg(Color::Reset),
    };
    if current {
        style = style.add_modifier(Modifier::BOLD);
    }
    if current && plain {
        style = style.add_modifier(Modifier::REVERSED);
    }
    let many = tile.small.map_or(0, |small| small.paths as u64);
    let name = tile.path().map_or_else(
        || format!("{} more", text::count(many)),
        |id| facts.label(id),
    );
    let width = row.width.saturating_sub(1);
    let sign = match sign(app, tile) {
        sign if width < 2 => sign.trim_end(),
        sign => sign,
    };
    let x = painter.put(row.x + 1, row.y, width, sign, style);
    let left = (row.right()).saturating_sub(x);
    if usize::from(left) < text::width(&name).min(LEGIBLE) {
        return;
    }
    let name = text::fit_middle(&name, usize::from(left));
    painter.put(x, row.y, left, &name, style);
    if let Some(row) = room(1).filter(|row| row.width >= 10) {
        let size = measured(app, facts, tile, usize::from(width));
        painter.put(row.x + 1, row.y, width, &size, style);
    }
}

/// The tile of the cursor stands out by a bar at its left edge, no longer than the tile.
fn outline(painter: &mut Painter<'_>, area: Rect, inside: Rect) {
    let accent = painter.theme.hit;
    let (first, last) = (inside.top().div_ceil(2), inside.bottom() / 2);
    let x = area.x + inside.x;
    for row in first..last.min(area.height) {
        painter.put(x, area.y + row, 1, "▌", accent);
    }
    if first >= last {
        // Half a row: nothing but its colour can tell it.
        painter.shade(Rect::new(x, area.y + inside.top() / 2, 1, 1), accent);
    }
}
