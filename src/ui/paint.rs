//! Putting text into cells: cut to its room, never outside it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::text::{self, Units};

use super::theme::Theme;

/// What is drawn on, and in which styles.
pub(crate) struct Painter<'a> {
    /// The cells.
    pub buffer: &'a mut Buffer,
    /// The styles.
    pub theme: Theme,
    /// In which units sizes are written.
    pub units: Units,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
}

/// A piece of text in one style.
pub(crate) type Piece<'a> = (&'a str, Style);

impl Painter<'_> {
    /// What leads from one thing to another. A single `>` would read as greater than.
    pub(crate) fn arrow(&self) -> &'static str {
        if self.ascii { " -> " } else { " → " }
    }

    /// Writes a text from `x` on, in at most `width` cells; gives the cell behind it. No cell holds what a terminal obeys.
    pub(crate) fn put(&mut self, x: u16, y: u16, width: u16, what: &str, style: Style) -> u16 {
        let area = self.buffer.area;
        if y >= area.bottom() || x >= area.right() {
            return x;
        }
        let width = width.min(area.right() - x);
        let what = text::sanitise(what);
        let shown = text::fit(&what, usize::from(width));
        if !shown.is_ascii() {
            let behind = self
                .buffer
                .set_stringn(x, y, &*shown, usize::from(width), style);
            return behind.0;
        }
        // Most texts need no search for the bounds of their characters.
        for (x, at) in (x..).zip(0..shown.len()) {
            self.set(x, y, &shown[at..=at], style);
        }
        x + shown.len() as u16
    }

    /// Writes one character of the width of a cell into a cell of the screen.
    fn set(&mut self, x: u16, y: u16, symbol: &str, style: Style) {
        self.buffer[(x, y)].set_symbol(symbol).set_style(style);
    }

    /// Writes a text so that it ends before `x + width`.
    pub(crate) fn put_right(&mut self, x: u16, y: u16, width: u16, what: &str, style: Style) {
        let taken = (text::width(what) as u16).min(width);
        self.put(x + width - taken, y, taken, what, style);
    }

    /// Writes into a column, to its right end. What stands before the column is always parted from it by a blank. Gives
    /// the first cell that is written.
    pub(crate) fn put_cell(&mut self, room: Rect, what: &str, style: Style) -> u16 {
        let width = room.width.saturating_sub(1);
        let x = room.x + room.width - width;
        self.put_size(Rect { x, width, ..room }, what, style)
    }

    /// Writes to the right end of a room. A size that has no room is written without its decimals.
    /// Gives the first cell that is written.
    pub(crate) fn put_size(&mut self, room: Rect, what: &str, style: Style) -> u16 {
        let short = if text::width(what) > usize::from(room.width) {
            text::without_decimals(what)
        } else {
            what.into()
        };
        self.put_right(room.x, room.y, room.width, &short, style);
        room.right()
            .saturating_sub((text::width(&short) as u16).min(room.width))
    }

    /// Writes pieces one behind the other; gives the cell behind them.
    pub(crate) fn row(&mut self, area: Rect, pieces: &[Piece<'_>]) -> u16 {
        let mut x = area.x;
        for &(what, style) in pieces {
            x = self.put(x, area.y, area.right().saturating_sub(x), what, style);
        }
        x
    }

    /// Adds a style to all cells of an area.
    pub(crate) fn shade(&mut self, area: Rect, style: Style) {
        self.buffer
            .set_style(area.intersection(self.buffer.area), style);
    }

    /// Blanks an area.
    pub(crate) fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                self.buffer[(x, y)].reset();
            }
        }
    }

    /// Draws a bar in halves of a cell: a heavy line, as high at its end as elsewhere, which leaves room between rows. Of
    /// what is the whole, `part` is to be drawn; more than the whole is broken off.
    pub(crate) fn bar(&mut self, x: u16, y: u16, width: u16, part: f64) {
        let area = self.buffer.area;
        if y >= area.bottom() {
            return;
        }
        // Off the scale: as long as all the others at least, and broken as axes are.
        let is_broken = part > 1.0 && width > 1;
        let halves = (part * f64::from(width) * 2.0)
            .round()
            .clamp(0.0, f64::from(width) * 2.0);
        for (at, x) in (0..width).zip(x..area.right()) {
            let symbol = match halves - f64::from(at) * 2.0 {
                left if left >= 2.0 && is_broken && at + 2 == width => "╱",
                left if left >= 2.0 => "━",
                left if left >= 1.0 => "╸",
                _ => break,
            };
            self.set(x, y, symbol, self.theme.bar);
        }
    }
}

/// The row of an area `down` rows below its top; below its bottom it is on no screen, so that nothing is written there.
pub(crate) fn line(area: Rect, down: u16) -> Rect {
    if down >= area.height {
        return Rect::new(area.x, u16::MAX, 0, 0);
    }
    Rect::new(area.x, area.y + down, area.width, 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn painted(draw: impl FnOnce(&mut Painter<'_>)) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 2));
        draw(&mut Painter {
            buffer: &mut buffer,
            theme: Theme::of(crate::app::look::Look::default()),
            units: Units::default(),
            ascii: false,
        });
        buffer
    }

    fn bar(width: u16, part: f64) -> String {
        let buffer = painted(|painter| painter.bar(2, 1, width, part));
        let cells = (0..12).map(|x| buffer[(x, 1)].symbol());
        cells.collect::<String>().trim().to_owned()
    }

    #[test]
    fn a_bar_is_as_long_as_its_part() {
        assert_eq!(
            (bar(4, 0.0), bar(4, -1.0), bar(4, f64::NAN)),
            Default::default()
        );
        assert_eq!(
            (bar(4, 0.06), bar(4, 0.07)),
            (String::new(), "╸".to_owned())
        );
        assert_eq!(
            (&*bar(4, 0.5), &*bar(4, 0.6), &*bar(4, 1.0)),
            ("━━", "━━╸", "━━━━")
        );
        assert_eq!((&*bar(4, 1.1), &*bar(4, f64::INFINITY)), ("━━╱━", "━━╱━"));
        assert_eq!((&*bar(1, 1.1), &*bar(2, 1.1)), ("━", "╱━"));
        // It ends with the screen.
        assert_eq!(bar(20, 1.0), "━".repeat(10));
    }

    proptest! {
        #[test]
        fn a_text_stands_as_ratatui_writes_it(
            text in "[a-c \\n\\x1bé漢…]{0,9}", x in 0..14_u16, y in 0..3_u16, width in 0..14_u16,
        ) {
            let style = Style::new().bold();
            let mut behind = 0;
            let written = painted(|painter| behind = painter.put(x, y, width, &text, style));
            let mut expected = Buffer::empty(written.area);
            if x < 12 && y < 2 {
                let width = usize::from(width.min(12 - x));
                let (what, room) = (text::sanitise(&text), width);
                let (after, _) = expected.set_stringn(x, y, &*text::fit(&what, room), room, style);
                prop_assert_eq!(behind, after);
            }
            prop_assert_eq!(written, expected);
        }
    }
}
