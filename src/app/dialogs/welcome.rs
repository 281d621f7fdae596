//! The box of the first session: the main journey in a few lines, with the keys as they are.

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::picture::{Lit, Picture, PictureRow, Tone, What};
use super::{Dialog, DialogContext, Reply};
use crate::app::frame::boxes::{BoxArea, Content};
use crate::app::keys::command::Command;
use crate::text::wrapped;

/// The key that answers a question, the question in full, and where there is no room for that.
type WelcomeStep = (Command, &'static str, &'static str);

/// What each step asks.
const STEPS: [WelcomeStep; 8] = [
    (
        Command::PACKAGES,
        "What is heavy? What would free most comes first: its retained size.",
        "What is heavy?",
    ),
    (
        Command::WHY,
        "Why is it here? The chains that lead to it, and what to cut.",
        "Why is it here?",
    ),
    (
        Command::Evidence,
        "Is it needed? The files that contain a reference.",
        "Is the reference needed?",
    ),
    (
        Command::Mark,
        "What would it save? Mark it, and read the total at the top.",
        "What would it save?",
    ),
    (
        Command::ADVICE,
        "What could go first, and how? The largest first, and lines to copy.",
        "What could go first?",
    ),
    (
        Command::PLAN,
        "What is the plan? What leaves, what stays, and why.",
        "What is the plan?",
    ),
    (
        Command::SavePlan,
        "How to keep it? As a file that applies to the next build, too.",
        "How to keep the plan?",
    ),
    (
        Command::Help,
        "Every key. Nothing in the store is ever changed.",
        "Every key.",
    ),
];

/// Cells of the box where the screen has them.
const WIDTH: u16 = 80;
/// Cells of the longest key.
const KEY: u16 = 9;

/// The box.
#[derive(Debug)]
pub(crate) struct Welcome;

/// The steps in lines: in full where the screen has room, else each in short. That says more than some of them in full.
fn steps((columns, rows): (u16, u16)) -> Vec<(Command, Vec<String>)> {
    let room = usize::from(text_room(columns)).max(1);
    let whole = STEPS.map(|(command, what, _)| (command, wrapped(what, room)));
    if lines(&whole) + 4 <= usize::from(rows) {
        return whole.into();
    }
    let short = STEPS.map(|(command, _, short)| (command, vec![short.to_owned()]));
    short.into()
}

fn lines(steps: &[(Command, Vec<String>)]) -> usize {
    steps.iter().map(|(_, lines)| lines.len()).sum()
}

/// Cells of a line beside its key.
fn text_room(columns: u16) -> u16 {
    columns.min(WIDTH).saturating_sub(2 + 2 + KEY)
}

impl Dialog for Welcome {
    fn room(&self, cx: DialogContext<'_>) -> BoxArea {
        let content = Content {
            width: WIDTH,
            below: lines(&steps(cx.shared.size)) + 2,
            ..Content::default()
        };
        BoxArea::of(cx.shared.size, content)
    }

    fn picture(&self, cx: DialogContext<'_>) -> Picture<'_> {
        let inner = self.room(cx).inner();
        let mut rows = Vec::new();
        for (command, lines) in steps(cx.shared.size) {
            let key = What::Text(cx.shared.keys.shown(command));
            let down = rows.len() as u16;
            rows.extend(lines.into_iter().zip(down..).map(|(line, down)| {
                PictureRow::new(down).put(
                    2 + KEY,
                    text_room(cx.shared.size.0),
                    What::Text(line),
                    Tone::Text,
                    Lit::No,
                )
            }));
            if let Some(first) = rows.get_mut(usize::from(down)) {
                *first = std::mem::take(first).put(2, KEY, key, Tone::Key, Lit::No);
            }
        }
        let last = inner.height.saturating_sub(1);
        rows.push(PictureRow::new(last).text(2, "any key continues", Tone::Dim));
        Picture {
            title: "Welcome".to_owned(),
            rows,
            ..Picture::default()
        }
    }

    /// The user need not close it first: but for the keys that close boxes, each does what it always does.
    fn key(&mut self, _: DialogContext<'_>, key: KeyEvent) -> Reply {
        match key.code {
            KeyCode::Enter | KeyCode::Esc | KeyCode::Char(' ') => Reply::Close,
            _ => Reply::Pass,
        }
    }
}
