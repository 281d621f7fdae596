//! The box of the first session: the main journey in a few lines, with the keys as they are.

use crate::app::App;
use crate::app::frame::boxes::Place;
use crate::app::keys::command::Command;
use crate::text::wrapped;

use super::open;
use crate::ui::paint::{Painter, line};

/// The key that answers a question, the question in full, and where there is no room for that.
type Step = (Command, &'static str, &'static str);

/// What each step asks.
const STEPS: [Step; 7] = [
    (
        Command::Packages,
        "What is heavy? What would free most comes first: that is its retained size.",
        "What is heavy?",
    ),
    (
        Command::Why,
        "Why is it here? The chains that lead to it, and what to cut.",
        "Why is it here?",
    ),
    (
        Command::Evidence,
        "Is it needed? The files in which a reference stands.",
        "Is the reference needed?",
    ),
    (
        Command::Mark,
        "What would it give? Mark it, and read the total at the top.",
        "What would it give?",
    ),
    (
        Command::Marks,
        "What is the plan? Who leaves, who stays and why.",
        "What is the plan?",
    ),
    (
        Command::SavePlan,
        "How to keep it? As a file that applies to the next build, too.",
        "How to keep the plan?",
    ),
    (
        Command::Help,
        "Every key. And nothing in the store is ever changed.",
        "Every key.",
    ),
];

/// Cells of the box where the screen has them.
const WIDTH: u16 = 80;
/// Cells of the longest key.
const KEY: u16 = 9;

/// Draws the box.
pub fn draw(app: &App, painter: &mut Painter<'_>) {
    let (columns, screen_rows) = app.size();
    let width = columns.min(WIDTH);
    let room = usize::from(width.saturating_sub(2 + 2 + KEY));
    let whole = STEPS.map(|(command, what, _)| (command, wrapped(what, room.max(1))));
    let rows = |steps: &[(Command, Vec<String>)]| -> usize {
        steps.iter().map(|(_, lines)| lines.len()).sum()
    };
    // Every step in short says more than some of them in full.
    let steps = if rows(&whole) + 4 <= usize::from(screen_rows) {
        whole
    } else {
        STEPS.map(|(command, _, short)| (command, vec![short.to_owned()]))
    };
    let rows = rows(&steps);
    let inner = open(
        painter,
        Place::of_text(app.size(), width, rows + 2),
        "First steps",
    );
    let theme = painter.theme;
    let mut down = 0;
    for (command, lines) in steps {
        let row = line(inner, down);
        let key = app.shared.keys.shown(command);
        let from = row.x + 2 + KEY;
        painter.put(row.x + 2, row.y, row.width.min(KEY), &key, theme.key);
        for what in lines {
            let row = line(inner, down);
            painter.put(from, row.y, room as u16, &what, theme.text);
            down += 1;
        }
    }
    let row = line(inner, inner.height.saturating_sub(1));
    let room = row.width.saturating_sub(2);
    painter.put(row.x + 2, row.y, room, "any key goes on", theme.dim);
}
