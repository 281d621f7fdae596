//! The line above the map: what is mapped, and what areas stand for.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::facts::Facts;
use crate::app::views::map::{Measure, Tile};
use crate::model::PathId;
use crate::text;

use crate::ui::paint::Painter;

/// What is mapped where one has not gone in.
const EVERYTHING: &str = "everything";

/// For when the area of what cannot be told apart is drawn smaller than it is.
const SHORTENED: &str = "the grey area is drawn smaller than it is";

/// Whether it stands for more of what is mapped than it covers.
fn is_cut_short(tile: &Tile) -> bool {
    tile.small.is_some_and(|small| small.shortened)
}

/// What is mapped, from the outside in, and what areas stand for.
pub(crate) fn draw(
    app: &App,
    facts: &Facts,
    painter: &mut Painter<'_>,
    area: Rect,
    tiles: &[Tile],
) {
    let map = app.views.map.map;
    let theme = painter.theme;
    let measure = match map.measure {
        // In proportion to the others it would hide them all.
        _ if map.small.is_some() && tiles.iter().any(is_cut_short) => SHORTENED,
        Measure::Retained => "what leaves together lies together",
        Measure::Nar => "each path by itself",
    };
    let x = area.x + 1;
    let name = |id: &PathId| facts.label(*id);
    let trail = app.views.map.trail(facts);
    let mut names: Vec<String> = trail.iter().map(name).collect();
    if let Some(small) = map.small {
        if names.is_empty() {
            names.push(EVERYTHING.to_owned());
        }
        names.push(format!("{} smaller ones", text::count(small.paths as u64)));
    }
    // Where one is says more than what areas are, which is the same all the time.
    let here = names.last().map_or(EVERYTHING, String::as_str);
    let width = text::width(measure) as u16;
    let both = text::width(here) + usize::from(width) + 4 <= usize::from(area.width);
    let taken = if both { width + 4 } else { 2 };
    let room = area.width.saturating_sub(taken);
    let wide = |names: &[String]| text::width(&names.join(" › "));
    // The innermost tell most.
    while names.len() > 1 && wide(&names) > usize::from(room) {
        names.remove(0);
        names[0] = format!("… › {}", names[0].trim_start_matches("… › "));
    }
    let last = names.pop().unwrap_or_else(|| EVERYTHING.to_owned());
    names.push(String::new());
    let above = names.join(" › ");
    let room = Rect {
        x,
        width: room,
        ..area
    };
    painter.row(room, &[(&above, theme.dim), (&last, theme.accent)]);
    if both {
        painter.put_right(x, area.y, area.width.saturating_sub(2), measure, theme.dim);
    }
}
