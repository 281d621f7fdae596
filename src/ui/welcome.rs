//! The box of the first session: the main journey in five lines, with the keys as they are.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::command::Command;

use super::overlay::open;
use super::paint::{Painter, line};

/// What each step asks, and the key that answers it.
const STEPS: [(Command, &str); 5] = [
    (
        Command::Sort,
        "What is heavy? Sort by size; retained is what would leave with it.",
    ),
    (
        Command::Why,
        "Why is it here? The chains that lead to it, and what to cut.",
    ),
    (
        Command::Mark,
        "What would it give? Mark it, and read the total at the top.",
    ),
    (
        Command::Marks,
        "What is the plan? Who leaves, who stays and why.",
    ),
    (
        Command::Help,
        "Every key. And nothing in the store is ever changed.",
    ),
];

/// Cells of the longest key.
const KEY: u16 = 9;

/// Draws the box.
pub fn draw(app: &App, painter: &mut Painter<'_>, screen: Rect) {
    let inner = open(painter, screen, (80, STEPS.len() + 2), "First steps");
    let theme = painter.theme;
    for (down, (command, what)) in STEPS.into_iter().enumerate() {
        let row = line(inner, down as u16);
        let room = |from: u16| row.width.saturating_sub(from);
        let key = app.keys.shown(command);
        painter.put(row.x + 2, row.y, room(2).min(KEY), &key, theme.key);
        painter.put(row.x + 2 + KEY, row.y, room(2 + KEY), what, theme.text);
    }
    let row = line(inner, inner.height.saturating_sub(1));
    let room = row.width.saturating_sub(2);
    painter.put(row.x + 2, row.y, room, "any key goes on", theme.dim);
}
