//! Paints the open box, whichever it is: what stands in it is worked out in `app`.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::dialogs::picture::{Lit, Picture, PicturePiece, PictureRow, What};
use crate::app::facts::Facts;
use crate::app::frame::boxes::BoxArea;

use super::cells::{Letters, name, value};
use super::frame::prompt;
use super::paint::{Painter, line};

/// Draws the open box, if there is one.
pub(crate) fn draw(app: &App, painter: &mut Painter<'_>) {
    let Some(dialog) = &app.overlay.dialog else {
        return;
    };
    let cx = app.dialog_context();
    let (place, picture) = (dialog.room(cx), dialog.picture(cx));
    let inner = frame(painter, place, &picture);
    let typed = picture.typed.as_ref().map_or("", |(typed, _)| typed.text());
    let mut letters = Letters::of(typed);
    for row in &picture.rows {
        paint(
            painter,
            line(inner, row.down),
            row,
            (app.facts(), &mut letters),
        );
    }
    let (shown, all) = (dialog.shown(cx), dialog.rows(cx));
    scroll_signs(painter, place.list, picture.top, shown, all);
}

/// An empty box with what stands in its frame and the line that is typed in it; gives its inside.
fn frame(painter: &mut Painter<'_>, place: BoxArea, picture: &Picture<'_>) -> Rect {
    let (area, inner, theme) = (place.outer, place.inner(), painter.theme);
    let width = area.width;
    painter.clear(area);
    let bar = "─".repeat(usize::from(width.saturating_sub(2)));
    let bottom = area.bottom().saturating_sub(1);
    painter.put(area.x, area.y, width, &format!("╭{bar}╮"), theme.line);
    painter.put(area.x, bottom, width, &format!("╰{bar}╯"), theme.line);
    for y in area.y + 1..bottom {
        painter.put(area.x, y, 1, "│", theme.line);
        painter.put(area.right() - 1, y, 1, "│", theme.line);
    }
    let room = width.saturating_sub(4);
    let title = format!(" {} ", picture.title);
    painter.put(area.x + 2, area.y, room, &title, theme.accent);
    let room = inner.width.saturating_sub(2);
    painter.put(inner.x + 2, bottom, room, &picture.foot, theme.dim);
    if let Some((typed, hint)) = &picture.typed {
        let x = prompt::draw(painter, line(inner, 0), " › ", typed);
        if typed.text().is_empty() {
            let room = inner.right().saturating_sub(x);
            painter.put(x, inner.y, room, hint, theme.dim);
        }
    }
    inner
}

fn paint(
    painter: &mut Painter<'_>,
    area: Rect,
    row: &PictureRow,
    (facts, letters): (Option<&Facts>, &mut Letters),
) {
    if row.current {
        painter.shade(area, painter.theme.cursor);
    }
    for piece in &row.pieces {
        let x = area.x.saturating_add(piece.at).min(area.right());
        let room = Rect {
            x,
            width: piece.room.min(area.right() - x),
            ..area
        };
        let style = painter.theme.tone(piece.tone);
        match (&piece.what, facts) {
            (What::Text(what), _) => {
                painter.put(room.x, room.y, room.width, what, style);
                light(painter, room, (piece, what), letters);
            }
            (&What::Name(id), Some(facts)) => {
                name(painter, facts, room, id, style);
                if piece.lit == Lit::Typed {
                    letters.path(painter, facts, room, id);
                }
            }
            (&What::Value(metric, id), Some(facts)) => {
                value(painter, facts, room, (metric, id), style);
            }
            (_, None) => {}
        }
    }
}

/// The letters of a text that stand out.
fn light(
    painter: &mut Painter<'_>,
    room: Rect,
    (piece, what): (&PicturePiece, &str),
    letters: &mut Letters,
) {
    match piece.lit {
        Lit::No => {}
        Lit::Typed => letters.highlight(painter, room, what),
        Lit::Cells(from, cells) => {
            let hit = Rect::new(room.x + from, room.y, cells, 1);
            painter.shade(hit.intersection(room), painter.theme.letters);
        }
    }
}

/// On the frame beside a list, signs that there is more of it above or below.
fn scroll_signs(painter: &mut Painter<'_>, list: Rect, top: usize, shown: usize, all: usize) {
    let style = painter.theme.accent;
    if top > 0 {
        painter.put(list.right(), list.y, 1, "▲", style);
    }
    if top + shown < all && list.height > 0 {
        painter.put(list.right(), list.bottom() - 1, 1, "▼", style);
    }
}
