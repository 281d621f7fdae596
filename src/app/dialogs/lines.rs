//! Boxes of lines to be read: warnings, and the messages that stood in the last row.

use std::collections::VecDeque;

use ratatui::crossterm::event::KeyEvent;

use super::picture::{Picture, PictureRow, Tone};
use super::{Dialog, DialogContext, Reply, usual_key};
use crate::app::cursor::Cursor;
use crate::app::frame::boxes::{BoxArea, text_width};
use crate::app::keys::command::Command;
use crate::app::keys::fixed;
use crate::text::{self, broken};

/// This many messages are kept.
const MOST: usize = 100;

/// What was said in the last row, the newest last: the next key takes it away there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Messages(VecDeque<String>);

impl Messages {
    /// Keeps a message, unless it is the one said last.
    pub(crate) fn note(&mut self, message: &str) {
        if self.0.back().is_some_and(|last| last == message) {
            return;
        }
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back(message.to_owned());
    }

    /// The messages, the oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Which lines.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Of {
    Warnings,
    Messages,
    /// A text that others wrote, under a title: its lines as they are.
    Text(&'static str, String),
}

/// A box of lines.
#[derive(Debug)]
pub(crate) struct Lines {
    of: Of,
    cursor: Cursor,
}

impl Lines {
    /// What is wrong with the store, the plan and the configuration.
    pub(crate) fn warnings() -> Self {
        Self::new(Of::Warnings)
    }

    /// What was said, the newest first.
    pub(crate) fn messages() -> Self {
        Self::new(Of::Messages)
    }

    /// A text of several lines.
    pub(crate) fn text(title: &'static str, text: String) -> Self {
        Self::new(Of::Text(title, text))
    }

    fn new(of: Of) -> Self {
        Self {
            of,
            cursor: Cursor::default(),
        }
    }

    /// The lines, as wide as the box.
    fn lines(&self, cx: DialogContext<'_>) -> Vec<String> {
        let room = usize::from(text_width(cx.shared.size.0).saturating_sub(4));
        let said = match &self.of {
            Of::Warnings => cx.host.warnings(),
            Of::Messages => cx.host.messages().into_iter().rev().collect(),
            Of::Text(_, text) => {
                let parts = |line: &str| match text::sanitise(line) {
                    line if line.trim().is_empty() => vec![String::new()],
                    line => broken(&line, room.max(1)),
                };
                return text.lines().flat_map(parts).collect();
            }
        };
        said.iter()
            .flat_map(|said| text::hanging(&text::sanitise(said), room))
            .collect()
    }

    fn title(&self, cx: DialogContext<'_>) -> String {
        let origin = cx.facts.map_or("", |facts| &facts.snapshot.origin);
        match &self.of {
            Of::Text(title, _) => (*title).to_owned(),
            Of::Messages => "Messages, newest first".to_owned(),
            Of::Warnings if origin.is_empty() => "Warnings".to_owned(),
            Of::Warnings => format!("Warnings of {}", text::sanitise(origin)),
        }
    }
}

impl Dialog for Lines {
    fn room(&self, cx: DialogContext<'_>) -> BoxArea {
        BoxArea::plain(
            cx.shared.size,
            text_width(cx.shared.size.0),
            self.rows(cx),
            1,
        )
    }

    fn picture(&self, cx: DialogContext<'_>) -> Picture<'_> {
        let (place, lines, shown) = (self.room(cx), self.lines(cx), self.shown(cx));
        let window = self.cursor.window(lines.len(), shown);
        let more = lines.len() > shown;
        let mut rows: Vec<PictureRow> = window
            .enumerate()
            .map(|(row, at)| {
                PictureRow::new(place.down(row))
                    .current(more && at == self.cursor.at)
                    .text(1, lines[at].as_str(), Tone::Text)
            })
            .collect();
        let last = place.inner().height.saturating_sub(1);
        let below = fixed::hints(&[(fixed::ESC, "closes")], "");
        rows.push(PictureRow::new(last).text(1, below, Tone::Dim));
        Picture {
            title: self.title(cx),
            top: self.cursor.top,
            rows,
            ..Picture::default()
        }
    }

    fn key(&mut self, cx: DialogContext<'_>, key: KeyEvent) -> Reply {
        usual_key(self, cx, key).unwrap_or(Reply::Stay)
    }

    fn opener(&self) -> Option<Command> {
        match self.of {
            Of::Warnings => Some(Command::Warnings),
            Of::Messages => Some(Command::Messages),
            Of::Text(..) => None,
        }
    }

    fn rows(&self, cx: DialogContext<'_>) -> usize {
        self.lines(cx).len()
    }

    fn cursor(&mut self) -> Option<&mut Cursor> {
        Some(&mut self.cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_hundred_are_kept_and_none_twice_in_a_row() {
        let mut messages = Messages::default();
        for at in 0..130 {
            messages.note(&at.to_string());
            messages.note(&at.to_string());
        }
        assert_eq!(messages.iter().count(), MOST);
        assert_eq!(messages.iter().next(), Some("30"));
    }
}
