//! Where the open box is and where its list stands in it. Shared by drawing and the mouse, so that they cannot disagree.

use ratatui::layout::Rect;

/// Where a box is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct BoxArea {
    /// The box with its frame.
    pub outer: Rect,
    /// The rows of its list that are on screen.
    pub list: Rect,
    /// How many rows of the screen each row of the list takes.
    pub step: u16,
}

/// What a box holds.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Content {
    /// Columns, with the frame.
    pub width: u16,
    /// Rows above the list.
    pub above: usize,
    /// Rows of the list, those on screen.
    pub list: usize,
    /// Rows of the screen for each of them; 0 without a list.
    pub step: u16,
    /// Rows below the list.
    pub below: usize,
}

impl BoxArea {
    /// The inside of a box's frame.
    pub(crate) fn inner(self) -> Rect {
        let Rect {
            x,
            y,
            width,
            height,
        } = self.outer;
        Rect::new(
            x + 1,
            y + 1,
            width.saturating_sub(2),
            height.saturating_sub(2),
        )
    }

    /// Where a box stands on a screen: in its middle, a little above.
    pub(crate) fn of((columns, rows): (u16, u16), content: Content) -> Self {
        let Content {
            width,
            above,
            list,
            step,
            below,
        } = content;
        let width = width.min(columns);
        let inside = above + list * usize::from(step) + below;
        let height = (inside.min(usize::from(rows)) as u16 + 2).min(rows);
        let outer = Rect::new((columns - width) / 2, (rows - height) / 3, width, height);
        let place = Self {
            outer,
            list: Rect::default(),
            step,
        };
        let inner = place.inner();
        let list = Rect {
            y: inner.y.saturating_add(above as u16),
            height: (list as u16).saturating_mul(step),
            ..inner
        };
        Self {
            list: list.intersection(inner),
            ..place
        }
    }

    /// A box with a line to type above its list. Without entries a row is left for saying so.
    pub(crate) fn narrowed(screen: (u16, u16), width: u16, above: u16, entries: usize) -> Self {
        let list = entries.min(list_rows(screen));
        let content = Content {
            width,
            above: usize::from(above),
            list,
            step: 1,
            below: usize::from(entries == 0),
        };
        Self::of(screen, content)
    }

    /// A box that is a list, with something below it.
    pub(crate) fn plain(screen: (u16, u16), width: u16, entries: usize, below: u16) -> Self {
        let content = Content {
            width,
            above: 0,
            list: entries.min(list_rows(screen)),
            step: 1,
            below: usize::from(below),
        };
        Self::of(screen, content)
    }

    /// How many rows below the upper line of the frame a row of the list stands, counted from the first one on screen.
    pub(crate) fn down(self, row: usize) -> u16 {
        let above = self.list.y.saturating_sub(self.outer.y + 1);
        above.saturating_add((row as u16).saturating_mul(self.step))
    }

    /// The row of the list at a cell, counted from the first one on screen.
    pub(crate) fn row(self, (x, y): (u16, u16)) -> Option<usize> {
        let down = usize::from(y.checked_sub(self.list.y)? / self.step.max(1));
        self.list.contains((x, y).into()).then_some(down)
    }
}

/// How many rows of a box's list are on a screen, at most.
pub(crate) fn list_rows(screen: (u16, u16)) -> usize {
    usize::from(screen.1.saturating_sub(8)).clamp(1, 40)
}

/// How wide a box of sentences is on a screen of this many columns.
pub(crate) fn text_width(columns: u16) -> u16 {
    if columns < 60 {
        columns
    } else {
        (columns - 8).min(140)
    }
}

/// Rows a sentence of this many cells gets in a box so wide on a screen of this many rows, of which the list needs most.
pub(crate) fn sentence_rows((width, rows): (u16, u16), longest: u16) -> u16 {
    let wanted = longest.div_ceil(width.saturating_sub(6).max(1));
    wanted.min(rows / 6).clamp(1, 3)
}
