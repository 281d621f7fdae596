//! Where the open box is and where its list stands in it. Shared by drawing and the mouse, so that they cannot disagree.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::dialogs::Overlay;
use crate::app::dialogs::evidence::{self, Evidence, box_width};
use crate::app::facts::Field;
use crate::app::views::list::Cursor;

/// Rows of a box above a list that is narrowed by what is typed: the line, and one of what the selected row means.
const LINE_ABOVE: u16 = 2;
/// Cells of the longest sentence about a command.
const LONGEST_HELP: u16 = 90;
/// Cells of the longest sentence about a column.
const LONGEST_MEANING: u16 = 70;

/// Where a box is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// The box with its frame.
    pub outer: Rect,
    /// The rows of its list that are on screen.
    pub list: Rect,
    /// How many rows of the screen each row of the list takes.
    pub step: u16,
}

/// What a box holds: columns, rows in its frame, and of these the ones above the list, the list, its rows' height.
#[derive(Debug, Clone, Copy)]
struct Content {
    width: u16,
    rows: usize,
    above: u16,
    list: usize,
    step: u16,
}

impl Place {
    /// The inside of a box's frame.
    pub fn inner(self) -> Rect {
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

    /// A box without a list, in the middle of a screen.
    pub fn of_text(screen: (u16, u16), width: u16, rows: usize) -> Self {
        let content = Content {
            width,
            rows,
            above: 0,
            list: 0,
            step: 1,
        };
        Self::of(screen, content)
    }

    fn of((columns, rows): (u16, u16), content: Content) -> Self {
        let width = content.width.min(columns);
        let height = (content.rows.min(usize::from(rows)) as u16 + 2).min(rows);
        let outer = Rect::new((columns - width) / 2, (rows - height) / 3, width, height);
        let place = Self {
            outer,
            list: Rect::default(),
            step: content.step,
        };
        let inner = place.inner();
        let list = Rect {
            y: inner.y + content.above,
            height: (content.list as u16).saturating_mul(content.step),
            ..inner
        };
        Self {
            list: list.intersection(inner),
            ..place
        }
    }

    /// Where a row of the list stands, counted from the first one on screen; also where there is none.
    pub fn row_area(self, down: usize) -> Rect {
        let y = self
            .list
            .y
            .saturating_add((down as u16).saturating_mul(self.step));
        let row = Rect {
            y,
            height: 1,
            ..self.list
        };
        row.intersection(self.inner())
    }

    /// The row of the list at a cell, counted from the first one on screen.
    pub fn row(self, (x, y): (u16, u16)) -> Option<usize> {
        let down = usize::from(y.checked_sub(self.list.y)? / self.step.max(1));
        self.list.contains((x, y).into()).then_some(down)
    }
}

impl App {
    /// How many rows of a box's list are on screen.
    pub(crate) fn overlay_height(&self) -> usize {
        match &self.overlay {
            Some(Overlay::Evidence(evidence)) => evidence.shown(self.shared.size),
            _ => usize::from(self.shared.size.1.saturating_sub(8)).clamp(1, 40),
        }
    }

    /// Where the open box is, if there is one.
    pub(crate) fn box_place(&self) -> Option<Place> {
        let screen = self.shared.size;
        let content = match self.overlay.as_ref()? {
            Overlay::Help(finder) | Overlay::Palette(finder) => {
                let width = finder_width(screen.0);
                let above = LINE_ABOVE - 1 + sentence_rows((width, screen.1), LONGEST_HELP);
                self.narrowed(width, above, finder.entries.len())
            }
            Overlay::Replacement(chooser) => {
                let width = screen.0.saturating_sub(8).clamp(72, 112);
                self.narrowed(width, LINE_ABOVE, chooser.entries.len())
            }
            Overlay::Columns(_) => {
                let meaning = sentence_rows((screen.0.min(84), screen.1), LONGEST_MEANING);
                self.plain(84, Field::ALL.len(), usize::from(meaning) + 1)
            }
            Overlay::Warnings(_) | Overlay::Messages(_) => {
                self.plain(box_width(screen.0), self.box_lines().len(), 1)
            }
            Overlay::Evidence(evidence) => of_evidence(evidence, screen),
            Overlay::Welcome => return None,
        };
        Some(Place::of(screen, content))
    }

    fn narrowed(&self, width: u16, above: u16, entries: usize) -> Content {
        let list = entries.clamp(1, self.overlay_height());
        Content {
            width,
            rows: list + usize::from(above),
            above,
            list: list.min(entries),
            step: 1,
        }
    }

    fn plain(&self, width: u16, entries: usize, below: usize) -> Content {
        let list = entries.min(self.overlay_height());
        Content {
            width,
            rows: list + below,
            above: 0,
            list,
            step: 1,
        }
    }

    /// How many rows the list of the open box has, and its cursor.
    pub(crate) fn box_list(&mut self) -> Option<(usize, &mut Cursor)> {
        let lines = self.box_lines().len();
        match self.overlay.as_mut()? {
            Overlay::Help(finder) | Overlay::Palette(finder) => {
                Some((finder.entries.len(), &mut finder.cursor))
            }
            Overlay::Replacement(chooser) => Some((chooser.entries.len(), &mut chooser.cursor)),
            Overlay::Columns(cursor) => Some((Field::ALL.len(), cursor)),
            Overlay::Warnings(cursor) | Overlay::Messages(cursor) => Some((lines, cursor)),
            Overlay::Evidence(evidence) => Some((evidence.places().len(), &mut evidence.cursor)),
            Overlay::Welcome => None,
        }
    }
}

fn of_evidence(evidence: &Evidence, screen: (u16, u16)) -> Content {
    let width = box_width(screen.0);
    let places = evidence.places().len();
    let above = evidence.said(width).len() + usize::from(places > 0);
    let list = places.min(evidence.shown(screen));
    Content {
        width,
        rows: above + list * evidence::ROWS,
        above: above as u16,
        list,
        step: evidence::ROWS as u16,
    }
}

/// Rows a sentence gets in a box so wide on a screen of so many rows, of which the list needs most.
fn sentence_rows((width, rows): (u16, u16), longest: u16) -> u16 {
    let wanted = longest.div_ceil(width.saturating_sub(6).max(1));
    wanted.min(rows / 6).clamp(1, 3)
}

/// On a narrow screen the box takes all of it: its sentences are long.
fn finder_width(columns: u16) -> u16 {
    if columns < 100 {
        columns
    } else {
        (columns - 8).min(132)
    }
}
