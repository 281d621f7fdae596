//! The last row: what is typed, what happened, or what can be done here; to the right what runs, or where the cursor is.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::App;
use crate::app::frame::footer;
use crate::text;

use super::prompt;
use crate::ui::paint::{Painter, line};

/// Draws it.
pub(crate) fn draw(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    let left = Rect {
        width: footer::status_x(app).saturating_sub(area.x),
        ..area
    };
    if let Some(what) = footer::status(app) {
        let busy = app.jobs.newest_long().is_some();
        let style = if busy { theme.hit } else { theme.dim };
        painter.put_right(area.x, area.y, area.width, &what, style);
    }
    if let Some(typed) = &app.overlay.prompt {
        prompt::typed(app, typed, painter, left);
    } else if let Some(message) = &app.said.message {
        let message = text::sanitise(message);
        if text::width(&message) < usize::from(left.width) {
            painter.row(left, &[(" ", theme.text), (&message, theme.text)]);
        } else {
            // What happened is said once, where the cursor is all the time.
            in_full(painter, area, &message, theme.text);
        }
    } else {
        hints(app, painter, left);
    }
}

/// A message in the last row and, where it is longer, in as many above it as it takes.
pub(crate) fn in_full(painter: &mut Painter<'_>, last: Rect, message: &str, style: Style) {
    let room = usize::from(last.width.saturating_sub(2)).max(1);
    let lines = text::broken(message, room);
    let rows = (lines.len() as u16).clamp(1, last.bottom());
    let area = Rect {
        y: last.bottom() - rows,
        height: rows,
        ..last
    };
    painter.clear(area);
    for (down, what) in lines.iter().enumerate() {
        painter.row(line(area, down as u16), &[(" ", style), (what, style)]);
    }
}

fn hints(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    for hint in footer::hints(app) {
        let room = |x: u16| area.right().saturating_sub(x);
        let x = area.x + hint.from;
        let x = painter.put(x, area.y, room(x), &hint.key, theme.key) + 1;
        let style = if hint.urgent { theme.hit } else { theme.dim };
        painter.put(x, area.y, room(x), hint.title, style);
    }
}
