//! Identical files: the last group of the view of what the bytes are, with the pairs of paths that share most.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::facts::Facts;
use crate::app::views::files::identical::{Pair, Shared};
use crate::app::views::files::{Amount, FileGroups};
use crate::app::views::folds::Row;
use crate::text;

use crate::ui::cells;
use crate::ui::paint::Painter;
use crate::ui::views::files::{amounts, columns, draw_own, name_room};
use crate::ui::views::groups::{self, Drawing};

/// Draws one of its rows.
pub(crate) fn draw(
    drawing: &Drawing<'_, FileGroups>,
    painter: &mut Painter<'_>,
    area: Rect,
    row: Row,
) {
    let (app, facts) = (drawing.app, drawing.facts);
    let found = drawing.later.map(|shared| &**shared);
    match row {
        Row::Group(at) => {
            let open = drawing.is_open(at);
            if found.is_some_and(|shared| !shared.pairs.is_empty()) {
                groups::fold_sign(painter, groups::group_room(area), open);
            }
            title(drawing, painter, name_room(area, 2), found);
            if let Some(shared) = found {
                if columns(area) > 1 {
                    let own = app.selected().map(|id| shared.of_path(id));
                    let amount = |bytes| Amount {
                        files: u64::from(bytes > 0),
                        bytes,
                    };
                    draw_own(painter, area, own.map(amount));
                }
                amounts(painter, area, shared.saved);
            }
        }
        Row::Item(_, at) => {
            if let Some(pair) = found.and_then(|shared| shared.pairs.get(at)) {
                draw_pair(app, facts, painter, area, pair);
            }
        }
    }
}

fn title(
    drawing: &Drawing<'_, FileGroups>,
    painter: &mut Painter<'_>,
    room: Rect,
    found: Option<&Shared>,
) {
    let theme = painter.theme;
    let x = painter.put(room.x, room.y, room.width, "identical files", theme.text);
    let rest = room.right().saturating_sub(x);
    let more = match found {
        Some(shared) if shared.left_out > 0 => {
            let files = text::counted(shared.left_out, "file");
            format!("  {files} left out")
        }
        Some(shared) if shared.saved.files == 0 => "  none".to_owned(),
        Some(shared) => format!("  in {}", text::counted(shared.pair_count, "pair")),
        None if drawing.cancelled => {
            let app = drawing.app;
            let again = app.shared.keys.shown(app.view().command());
            format!("  {again} compares")
        }
        None => "  comparing …".to_owned(),
    };
    if text::width(&more) <= usize::from(rest) {
        painter.put(x, room.y, rest, &more, theme.dim);
    }
}

/// Both names, each in its half if they are long.
fn draw_pair(app: &App, facts: &Facts, painter: &mut Painter<'_>, area: Rect, pair: &Pair) {
    const BETWEEN: &str = " = ";
    let room = name_room(area, 4);
    cells::sign(app, painter, (area.x + 1, area.y), pair.first, None);
    let names = room.width.saturating_sub(BETWEEN.len() as u16);
    let wide = |id| cells::name_width(facts, id) as u16;
    let (first, second) = (wide(pair.first), wide(pair.second));
    let half = names / 2;
    let width = first.min(names - second.min(names - half).min(names));
    let style = painter.theme.text;
    let x = cells::name(painter, facts, Rect { width, ..room }, pair.first, style);
    let x = painter.put(x, room.y, room.right() - x, BETWEEN, painter.theme.dim);
    let rest = Rect {
        x,
        width: room.right().saturating_sub(x),
        ..room
    };
    cells::name(painter, facts, rest, pair.second, painter.theme.dim);
    amounts(painter, area, pair.shared);
}
