//! The parts of what is searched for, above the table: each can be taken away by itself.

use ratatui::layout::Rect;

use crate::analysis::query::Query;
use crate::app::App;
use crate::app::frame::layout::badge_places;
use crate::app::keys::command::Command;
use crate::app::prompt::Prompt;
use crate::text;

use crate::ui::paint::Painter;

/// Draws a badge for each part, and how to take the last one away.
pub(crate) fn draw(app: &App, painter: &mut Painter<'_>, area: Rect) {
    if area.height == 0 {
        return;
    }
    let theme = painter.theme;
    let parts = Query::parts(app.searched());
    let mut end = area.x;
    for (at, from, to) in badge_places(&parts, area.width) {
        let (x, width) = (area.x + from, to - from);
        painter.shade(Rect::new(x, area.y, width, 1), theme.cursor);
        let what = text::sanitise(parts[at]);
        let style = match app.views.packages.trouble() {
            Some(_) => theme.alarm,
            None => theme.text,
        };
        let behind = painter.put(x + 1, area.y, width.saturating_sub(4), &what, style);
        painter.put(behind + 1, area.y, 1, "×", theme.mark);
        end = x + width;
    }
    let key = app.shared.keys.shown(Command::DropPart);
    let hint = format!("{key} removes the last");
    let typing = app.overlay.prompt.as_ref().is_some_and(Prompt::is_search);
    if !typing && usize::from(area.right() - end) > text::width(&hint) + 3 {
        painter.put(end + 2, area.y, area.right() - end, &hint, theme.dim);
    }
}
