//! What a box shows, as plain data: `ui` knows the colours and paints it.

use crate::app::facts::Metric;
use crate::app::prompt::line::TypedLine;
use crate::model::PathId;

/// All that stands in a box.
#[derive(Debug, Default)]
pub(crate) struct Picture<'a> {
    /// In the upper line of its frame.
    pub title: String,
    /// In its first row, the line being typed, and a hint that stands after it while it is empty.
    pub typed: Option<(&'a TypedLine, String)>,
    /// The first row of its list that is on screen.
    pub top: usize,
    /// Its rows.
    pub rows: Vec<PictureRow>,
    /// In the lower line of its frame.
    pub foot: String,
}

/// A row of the screen in a box.
#[derive(Debug, Default)]
pub(crate) struct PictureRow {
    /// How many rows below the upper line of the frame, from 0.
    pub down: u16,
    /// Whether the cursor is on it.
    pub current: bool,
    /// Its parts.
    pub pieces: Vec<PicturePiece>,
}

/// A part of a row.
#[derive(Debug)]
pub(crate) struct PicturePiece {
    /// Its first cell, counted from the left line of the frame, from 0.
    pub at: u16,
    /// The most cells it may take; never beyond the frame.
    pub room: u16,
    /// What stands there.
    pub what: What,
    /// What it is to the reader, which decides on its colour.
    pub tone: Tone,
    /// Which of its letters stand out.
    pub lit: Lit,
}

/// What a part of a row is.
#[derive(Debug)]
pub(crate) enum What {
    /// A text.
    Text(String),
    /// The name of a path, with what tells it from others of the same name.
    Name(PathId),
    /// A number of a path, at the right edge of its room.
    Value(Metric, PathId),
}

/// What a text is to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Plain.
    Text,
    /// Of less weight.
    Dim,
    /// A heading.
    Title,
    /// A key.
    Key,
    /// What deserves a look.
    Hit,
    /// A sign that something is on.
    Gain,
    /// Something is wrong.
    Alarm,
    /// The sign of the cursor.
    Accent,
}

/// Letters that stand out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lit {
    /// None.
    No,
    /// Those that match what is typed in the box.
    Typed,
    /// This many cells from one on.
    Cells(u16, u16),
}

impl PictureRow {
    /// An empty row this many rows below the frame.
    pub(crate) fn new(down: u16) -> Self {
        Self {
            down,
            ..Self::default()
        }
    }

    /// With the cursor on it, if it is the cursor's row.
    #[must_use]
    pub(crate) fn current(mut self, current: bool) -> Self {
        self.current = current;
        self
    }

    /// With the sign of the cursor at its left, if it is the cursor's row.
    #[must_use]
    pub(crate) fn pointed(self, current: bool) -> Self {
        let row = self.current(current);
        if current {
            row.text(0, "▌", Tone::Accent)
        } else {
            row
        }
    }

    /// With a text from a cell on.
    #[must_use]
    pub(crate) fn text(self, at: u16, what: impl Into<String>, tone: Tone) -> Self {
        self.put(at, u16::MAX, What::Text(what.into()), tone, Lit::No)
    }

    /// With a part of any kind.
    #[must_use]
    pub(crate) fn put(mut self, at: u16, room: u16, what: What, tone: Tone, lit: Lit) -> Self {
        self.pieces.push(PicturePiece {
            at,
            room,
            what,
            tone,
            lit,
        });
        self
    }
}

/// Rows of texts in one tone, one cell from the frame, from a row on and as many as there is room for.
pub(crate) fn paragraph(
    from: u16,
    rows: u16,
    lines: impl IntoIterator<Item = String>,
    tone: Tone,
) -> impl Iterator<Item = PictureRow> {
    let lines = lines.into_iter().take(usize::from(rows)).enumerate();
    lines.map(move |(down, line)| PictureRow::new(from + down as u16).text(1, line, tone))
}
