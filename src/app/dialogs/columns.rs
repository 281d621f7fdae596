//! Every column of the table with what it means: shown or hidden, and sorted by.

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::picture::{Picture, PictureRow, Tone, paragraph};
use super::{Dialog, DialogContext, Reply, gives, usual_key};
use crate::app::cursor::Cursor;
use crate::app::facts::{Metric, Sort};
use crate::app::frame::boxes::{BoxArea, sentence_rows};
use crate::app::keys::command::Command;
use crate::app::keys::fixed;
use crate::app::outcome::Outcome;
use crate::text;

/// Cells of the box where the screen has them.
const WIDTH: u16 = 84;
/// Cells of the longest sentence about a column.
const LONGEST_MEANING: u16 = 70;
/// Cells of a row that say whether the column is shown: a click there changes that.
const SIGN: std::ops::Range<u16> = 1..4;
/// Cells of a row before what the column means.
const BEFORE: u16 = 15;

/// The box.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    cursor: Cursor,
}

impl Columns {
    fn metric(&self) -> Metric {
        Metric::ALL[self.cursor.at.min(Metric::ALL.len() - 1)]
    }

    fn toggle(&self) -> Reply {
        match self.metric() {
            Metric::Name => Reply::Stay,
            metric => Reply::Do(Outcome::Column(metric)),
        }
    }
}

/// What a column means.
fn meaning(metric: Metric) -> &'static str {
    metric.definition()
}

fn row(down: u16, metric: Metric, (current, wanted, placed): (bool, bool, bool)) -> PictureRow {
    let sign = if placed { "✓" } else { "·" };
    let tone = if placed { Tone::Text } else { Tone::Dim };
    let row = PictureRow::new(down)
        .pointed(current)
        .text(2, sign, Tone::Gain)
        .text(4, metric.title(), tone);
    let no_room = "no room: ";
    if wanted && !placed {
        row.text(BEFORE, no_room, Tone::Hit).text(
            BEFORE + no_room.len() as u16,
            meaning(metric),
            Tone::Dim,
        )
    } else {
        row.text(BEFORE, meaning(metric), Tone::Dim)
    }
}

impl Dialog for Columns {
    fn room(&self, cx: DialogContext<'_>) -> BoxArea {
        let sentence = sentence_rows(
            (cx.shared.size.0.min(WIDTH), cx.shared.size.1),
            LONGEST_MEANING,
        );
        BoxArea::plain(cx.shared.size, WIDTH, Metric::ALL.len(), sentence + 1)
    }

    fn picture(&self, cx: DialogContext<'_>) -> Picture<'_> {
        let place = self.room(cx);
        let inner = place.inner();
        let (wanted, placed) = cx.host.columns();
        let mut rows = Vec::new();
        let window = self.cursor.window(Metric::ALL.len(), self.shown(cx));
        for (down, at) in window.enumerate() {
            let metric = Metric::ALL[at];
            let is = (
                at == self.cursor.at,
                wanted.contains(&metric),
                placed.contains(&metric),
            );
            rows.push(row(place.down(down), metric, is));
            let before = match is {
                (_, true, false) => BEFORE + "no room: ".len() as u16,
                _ => BEFORE,
            };
            let room = usize::from(inner.width.saturating_sub(before));
            if is.0 && text::width(meaning(metric)) > room {
                let width = usize::from(inner.width.saturating_sub(2));
                let lines = text::wrapped(meaning(metric), width);
                let from = place.list.bottom() - inner.y;
                let left = inner.height.saturating_sub(from + 1);
                rows.extend(paragraph(from, left, lines, Tone::Text));
            }
        }
        let keys = fixed::hints(
            &[
                (&cx.shared.keys.shown(Command::Mark), "shows"),
                (fixed::ENTER, "sorts"),
                (fixed::ESC, "closes"),
            ],
            "  ",
        );
        let last = inner.height.saturating_sub(1);
        let below = format!("{keys}  ╱ breaks a bar off the scale");
        rows.push(PictureRow::new(last).text(2, below, Tone::Dim));
        Picture {
            title: "Columns".to_owned(),
            top: self.cursor.top,
            rows,
            ..Picture::default()
        }
    }

    fn key(&mut self, cx: DialogContext<'_>, key: KeyEvent) -> Reply {
        if let Some(reply) = usual_key(self, cx, key) {
            reply
        } else if gives(cx, Command::Mark, key) {
            self.toggle()
        } else if key.code == KeyCode::Enter {
            Reply::Then(Outcome::Sort(Sort::by(self.metric())))
        } else {
            Reply::Stay
        }
    }

    fn opener(&self) -> Option<Command> {
        Some(Command::Columns)
    }

    fn rows(&self, _: DialogContext<'_>) -> usize {
        Metric::ALL.len()
    }

    fn cursor(&mut self) -> Option<&mut Cursor> {
        Some(&mut self.cursor)
    }

    fn click(&mut self, cx: DialogContext<'_>, x: u16, double: bool) -> Reply {
        if SIGN.contains(&x) {
            self.toggle()
        } else if double {
            self.key(cx, KeyCode::Enter.into())
        } else {
            Reply::Stay
        }
    }
}
