//! A box about one root: the links that lead to it, what else holds the same, and what is to be run.

use ratatui::crossterm::event::KeyEvent;

use super::picture::{Picture, PictureRow, Tone};
use super::{Dialog, DialogContext, Reply, gives, usual_key};
use crate::app::cursor::Cursor;
use crate::app::frame::boxes::{BoxArea, text_width};
use crate::app::keys::command::Command;
use crate::app::keys::fixed;
use crate::app::outcome::Outcome;
use crate::app::views::roots::about::AboutLine;
use crate::text;

/// The box.
#[derive(Debug)]
pub(crate) struct AboutRoot {
    lines: Vec<AboutLine>,
    cursor: Cursor,
}

impl AboutRoot {
    /// Of what is known of a root.
    pub(crate) fn of(lines: Vec<AboutLine>) -> Self {
        Self {
            lines,
            cursor: Cursor::default(),
        }
    }

    /// The lines, as wide as the box.
    fn wrapped(&self, cx: DialogContext<'_>) -> Vec<(String, Tone)> {
        let room = usize::from(text_width(cx.shared.size.0).saturating_sub(4));
        let mut rows = Vec::new();
        for line in self.lines.iter().skip(1) {
            let (what, tone) = match line {
                AboutLine::Heading(what) => {
                    rows.push((String::new(), Tone::Text));
                    (what, Tone::Title)
                }
                AboutLine::Text(what) => (what, Tone::Text),
                AboutLine::Faint(what) => (what, Tone::Dim),
            };
            let parts = text::broken(&text::sanitise(what), room);
            rows.extend(parts.into_iter().map(|part| (part, tone)));
        }
        rows
    }
}

impl Dialog for AboutRoot {
    fn room(&self, cx: DialogContext<'_>) -> BoxArea {
        let size = cx.shared.size;
        BoxArea::plain(size, text_width(size.0), self.rows(cx), 1)
    }

    fn picture(&self, cx: DialogContext<'_>) -> Picture<'_> {
        let (place, lines, shown) = (self.room(cx), self.wrapped(cx), self.shown(cx));
        let window = self.cursor.window(lines.len(), shown);
        let more = lines.len() > shown;
        let mut rows: Vec<PictureRow> = window
            .enumerate()
            .map(|(row, at)| {
                let (what, tone) = &lines[at];
                PictureRow::new(place.down(row))
                    .current(more && at == self.cursor.at)
                    .text(1, what.as_str(), *tone)
            })
            .collect();
        let last = place.inner().height.saturating_sub(1);
        let copy = cx.shared.keys.shown(Command::CopyCommands);
        let keys = [
            (copy.as_str(), "copies the commands"),
            (fixed::ESC, "closes"),
        ];
        rows.push(PictureRow::new(last).text(1, fixed::hints(&keys, "   "), Tone::Dim));
        let title = match self.lines.first() {
            Some(AboutLine::Heading(title) | AboutLine::Text(title) | AboutLine::Faint(title)) => {
                title.as_str()
            }
            None => "",
        };
        Picture {
            title: text::sanitise(title).into_owned(),
            top: self.cursor.top,
            rows,
            ..Picture::default()
        }
    }

    fn key(&mut self, cx: DialogContext<'_>, key: KeyEvent) -> Reply {
        if gives(cx, Command::CopyCommands, key) {
            return Reply::Do(Outcome::Give(Command::CopyCommands));
        }
        usual_key(self, cx, key).unwrap_or(Reply::Stay)
    }

    fn opener(&self) -> Option<Command> {
        Some(Command::AboutRoot)
    }

    fn rows(&self, cx: DialogContext<'_>) -> usize {
        self.wrapped(cx).len()
    }

    fn cursor(&mut self) -> Option<&mut Cursor> {
        Some(&mut self.cursor)
    }
}
