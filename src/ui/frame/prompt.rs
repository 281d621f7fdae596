//! Lines being typed, with their cursor: searches and answers.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::app::App;
use crate::app::dialogs::picture::Tone;
use crate::app::prompt::line::TypedLine;
use crate::app::prompt::{Prompt, PromptHint};
use crate::text;

use super::footer;
use crate::ui::paint::Painter;

/// Draws a line behind its title, as much of it around the cursor as has room; gives the cell behind it.
pub(crate) fn draw(painter: &mut Painter<'_>, area: Rect, title: &str, typed: &TypedLine) -> u16 {
    let theme = painter.theme;
    let x = painter.row(area, &[(title, theme.accent)]);
    let (before, behind) = typed.split();
    let (before, behind) = (text::sanitise(before), text::sanitise(behind));
    let room = usize::from(area.right().saturating_sub(x)).saturating_sub(2);
    let x = painter.row(
        Rect {
            x,
            width: area.right().saturating_sub(x),
            ..area
        },
        &[(&text::fit_end(&before, room), theme.text)],
    );
    let mut rest = behind.chars();
    let Some(under) = rest.next() else {
        return painter.put(x, area.y, area.right().saturating_sub(x), "▏", theme.accent);
    };
    let at = theme.text.add_modifier(Modifier::REVERSED);
    let rest = Rect {
        x,
        width: area.right().saturating_sub(x),
        ..area
    };
    painter.row(
        rest,
        &[
            (under.encode_utf8(&mut [0; 4]), at),
            (behind.get(under.len_utf8()..).unwrap_or(""), theme.text),
        ],
    )
}

/// A line being typed, and after it what happened or what can be done.
pub(crate) fn typed(app: &App, prompt: &Prompt, painter: &mut Painter<'_>, area: Rect) {
    let x = draw(painter, area, &prompt.title(), prompt.line()) + 2;
    let hint = match &app.said.message {
        Some(message) => PromptHint {
            text: message.clone(),
            tone: Tone::Hit,
        },
        None => prompt.hint(app.dialog_context()),
    };
    let (what, style) = (text::sanitise(&hint.text), painter.theme.tone(hint.tone));
    if hint.tone == Tone::Dim {
        painter.put(x, area.y, area.right().saturating_sub(x), &what, style);
    } else {
        said(painter, area, x, &what, style);
    }
}

/// What has to be read stands behind the line, or above it where there is no room for it.
fn said(painter: &mut Painter<'_>, area: Rect, x: u16, what: &str, style: Style) {
    let room = area.right().saturating_sub(x);
    if text::width(what) <= usize::from(room) {
        painter.put(x, area.y, room, what, style);
    } else if area.y > 0 {
        let above = Rect {
            y: area.y - 1,
            width: painter.buffer.area.width,
            ..area
        };
        footer::in_full(painter, above, what, style);
    }
}
