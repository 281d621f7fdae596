//! Identical files: the last group of the view of what the bytes are, with the groups of copies that cost most.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::facts::Facts;
use crate::app::views::files::identical::{Copies, SharedFiles};
use crate::app::views::files::{Amount, FileGroups};
use crate::app::views::folds::GroupRow;
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
    row: GroupRow,
) {
    let (app, facts) = (drawing.app, drawing.facts);
    let found = drawing.later.map(|shared| &**shared);
    match row {
        GroupRow::Group(at) => {
            let open = drawing.is_open(at);
            if found.is_some_and(|shared| !shared.groups.is_empty()) {
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
        GroupRow::Item(_, at) => {
            if let Some(copies) = found.and_then(|shared| shared.groups.get(at)) {
                draw_copies(app, facts, painter, area, copies);
            }
        }
    }
}

fn title(
    drawing: &Drawing<'_, FileGroups>,
    painter: &mut Painter<'_>,
    room: Rect,
    found: Option<&SharedFiles>,
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
        Some(shared) => {
            let groups = usize::try_from(shared.group_count).unwrap_or(usize::MAX);
            format!("  in {}", text::counted(groups, "group"))
        }
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

/// How many copies of which file, and whose they are.
fn draw_copies(app: &App, facts: &Facts, painter: &mut Painter<'_>, area: Rect, copies: &Copies) {
    let (room, theme) = (name_room(area, 4), painter.theme);
    let (id, place) = &copies.first;
    cells::sign(app, painter, (area.x + 1, area.y), *id, None);
    let count = format!("{} × ", text::count(copies.count));
    let x = painter.put(room.x, room.y, room.width, &count, theme.dim);
    let whose = match copies.paths.len() {
        ..=1 => format!("  in {}", facts.label(*id)),
        more => format!(
            "  in {} and {} more",
            facts.label(*id),
            text::count(more as u64 - 1)
        ),
    };
    let left = usize::from(room.right().saturating_sub(x));
    let whose = text::fit_middle(&whose, left / 2).into_owned();
    let file = match text::sanitise(place) {
        file if file.is_empty() => "the path itself".into(),
        file => file,
    };
    let file = text::fit_end(&file, left.saturating_sub(text::width(&whose)));
    let x = painter.put(x, room.y, room.right().saturating_sub(x), &file, theme.text);
    painter.put(x, room.y, room.right().saturating_sub(x), &whose, theme.dim);
    let amount = Amount {
        files: copies.count,
        bytes: copies.saved,
    };
    amounts(painter, area, amount);
}
