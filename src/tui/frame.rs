//! What is sent to the terminal for a frame: as few bytes as what has changed needs.
//!
//! Ratatui's own backend names both colours whenever one changes and moves the cursor by absolute addresses: a table that
//! scrolls by a row costs it 6 to 8 kB a key, more than a pseudo-terminal hands over at once, and much over a slow line.
//! Here each style is named once a frame, and the cells that wear it are visited by the shortest moves.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, Write, stdout};
use std::rc::Rc;

use ratatui::backend::{Backend, ClearType, CrosstermBackend, IntoCrossterm, WindowSize};
use ratatui::buffer::{Buffer, Cell};
use ratatui::crossterm::queue;
use ratatui::crossterm::style::Colored;
use ratatui::crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use ratatui::layout::{Position, Rect, Size};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use super::screen::bounded;

/// Unchanged cells up to this many are written again rather than stepped over: a step takes three bytes or more.
const CHEAP: u16 = 4;

/// Bytes of a frame under way. They go out in one piece, with the sign that they are whole: a terminal that reads in
/// between would show the frame later.
#[derive(Clone, Default)]
struct Bytes(Rc<RefCell<Vec<u8>>>);

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A terminal that is written to a frame at a time.
pub(super) struct Frames {
    inner: CrosstermBackend<Bytes>,
    bytes: Bytes,
    /// What stands on the screen.
    shown: Buffer,
    /// Whether the cursor is hidden.
    hidden: bool,
    /// Bytes of a frame in which nothing has changed.
    idle: usize,
}

impl Frames {
    /// For a screen that is blank.
    pub(super) fn new() -> io::Result<Self> {
        let mut frames = Self::of(Size::ZERO);
        frames.shown = blank(frames.size()?);
        Ok(frames)
    }

    fn of(size: Size) -> Self {
        let bytes = Bytes::default();
        Self {
            inner: CrosstermBackend::new(bytes.clone()),
            bytes,
            shown: blank(size),
            hidden: false,
            idle: 0,
        }
    }

    /// From here on all is part of one frame.
    pub(super) fn begin(&mut self) -> io::Result<()> {
        queue!(self.bytes, BeginSynchronizedUpdate)?;
        self.idle = self.bytes.0.borrow().len();
        Ok(())
    }

    /// Ends the frame, and sends it if it changes anything.
    pub(super) fn send(&mut self) -> io::Result<()> {
        if self.bytes.0.borrow().len() == self.idle {
            self.bytes.0.take();
            return Ok(());
        }
        queue!(self.bytes, EndSynchronizedUpdate)?;
        let bytes = self.bytes.0.take();
        let mut out = stdout().lock();
        out.write_all(&bytes)?;
        out.flush()
    }

    /// Notes the cells as shown. Gives those that look different now, by what they are drawn with.
    fn take<'a>(&mut self, cells: impl Iterator<Item = (u16, u16, &'a Cell)>) -> Vec<Stroke> {
        let mut strokes = Strokes::default();
        for (x, y, cell) in cells {
            let at = Position { x, y };
            // There is none when the terminal has been made smaller a moment ago: then all is drawn again at once.
            let Some(before) = self.shown.cell_mut(at) else {
                continue;
            };
            if !alike(before, cell) {
                strokes.add(at, cell);
            }
            before.clone_from(cell);
            if cell.symbol().width() > 1
                && let Some(covered) = self.shown.cell_mut(Position { x: x + 1, y })
            {
                covered.set_symbol("");
            }
        }
        strokes.all
    }
}

fn blank(size: Size) -> Buffer {
    Buffer::empty(Rect::from((Position::ORIGIN, size)))
}

/// The style of cells, and where those are that have to be drawn in it, in reading order.
struct Stroke {
    pen: Pen,
    cells: Vec<Position>,
}

#[derive(Default)]
struct Strokes {
    all: Vec<Stroke>,
    by_pen: HashMap<Pen, usize>,
    last: usize,
}

impl Strokes {
    fn add(&mut self, at: Position, cell: &Cell) {
        let current = self.all.get(self.last);
        if !current.is_some_and(|stroke| stroke.pen.draws(cell)) {
            let pen = Pen::of(cell);
            self.last = *self.by_pen.entry(pen).or_insert_with(|| {
                let cells = Vec::new();
                self.all.push(Stroke { pen, cells });
                self.all.len() - 1
            });
        }
        self.all[self.last].cells.push(at);
    }
}

/// What cells are drawn with.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Pen {
    text: Color,
    ground: Color,
    modifier: Modifier,
}

impl Pen {
    fn of(cell: &Cell) -> Self {
        Self {
            text: cell.fg,
            ground: cell.bg,
            modifier: cell.modifier,
        }
    }

    /// Whether the cell looks as it should when drawn with this.
    fn draws(self, cell: &Cell) -> bool {
        if is_empty(cell) {
            self.ground == cell.bg && !shows_on_blanks(self.modifier)
        } else {
            self == Self::of(cell)
        }
    }

    fn pick(self, out: &mut impl Write) -> io::Result<()> {
        let text = Colored::ForegroundColor(self.text.into_crossterm());
        let ground = Colored::BackgroundColor(self.ground.into_crossterm());
        write!(out, "\x1b[0")?;
        if self.text != Color::Reset {
            write!(out, ";{text}")?;
        }
        if self.ground != Color::Reset {
            write!(out, ";{ground}")?;
        }
        for (modifier, code) in MODIFIERS {
            if self.modifier.contains(modifier) {
                write!(out, ";{code}")?;
            }
        }
        write!(out, "m")
    }
}

/// The modifiers and their codes, as "Select Graphic Rendition" of ECMA-48 names them.
const MODIFIERS: [(Modifier, u8); 9] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::SLOW_BLINK, 5),
    (Modifier::RAPID_BLINK, 6),
    (Modifier::REVERSED, 7),
    (Modifier::HIDDEN, 8),
    (Modifier::CROSSED_OUT, 9),
];

fn shows_on_blanks(modifier: Modifier) -> bool {
    modifier.intersects(Modifier::UNDERLINED | Modifier::REVERSED | Modifier::CROSSED_OUT)
}

/// Whether there is nothing in the cell but its background.
fn is_empty(cell: &Cell) -> bool {
    cell.symbol() == " " && !shows_on_blanks(cell.modifier)
}

/// Whether the cell's symbol is one that every terminal gives one column.
fn is_plain(cell: &Cell) -> bool {
    matches!(cell.symbol().as_bytes(), [b' '..=b'~'])
}

/// Whether drawing the one over the other changes nothing visible.
fn alike(one: &Cell, other: &Cell) -> bool {
    one == other || (is_empty(one) && is_empty(other) && one.bg == other.bg)
}

/// Draws strokes, knowing where the cursor stands.
struct Hand<'a> {
    out: &'a mut Bytes,
    shown: &'a Buffer,
    /// Unknown after a symbol of which terminals differ in how wide they draw it, and behind the last column.
    cursor: Option<Position>,
}

impl Hand<'_> {
    fn draw(&mut self, stroke: &Stroke) -> io::Result<()> {
        stroke.pen.pick(self.out)?;
        for &at in &stroke.cells {
            self.go(at, stroke.pen)?;
            self.put(at)?;
        }
        Ok(())
    }

    fn put(&mut self, at: Position) -> io::Result<()> {
        let cell = &self.shown[at];
        self.out.write_all(cell.symbol().as_bytes())?;
        let next = at.x + 1;
        let known = is_narrow(cell) && next < self.shown.area.width;
        self.cursor = known.then_some(Position { x: next, y: at.y });
        Ok(())
    }

    fn go(&mut self, to: Position, pen: Pen) -> io::Result<()> {
        let Position { x, y } = to;
        match self.cursor {
            Some(from) if from == to => Ok(()),
            Some(from) if from.y == y && from.x < x && self.may_fill(from, x, pen) => {
                (from.x..x).try_for_each(|x| self.put(Position { x, y }))
            }
            Some(from) if from.y == y && from.x < x => match x - from.x {
                1 => write!(self.out, "\x1b[C"),
                columns => write!(self.out, "\x1b[{columns}C"),
            },
            _ if x == 0 => write!(self.out, "\x1b[{}H", y + 1),
            _ => write!(self.out, "\x1b[{};{}H", y + 1, x + 1),
        }
    }

    /// Whether writing what is between the cursor and a column is cheaper than moving over it, and looks the same.
    fn may_fill(&self, from: Position, to: u16, pen: Pen) -> bool {
        let cell = |x| &self.shown[Position { x, y: from.y }];
        to - from.x <= CHEAP && (from.x..to).all(|x| is_plain(cell(x)) && pen.draws(cell(x)))
    }
}

/// Whether the cell's symbol takes one column. It is assumed to, unless it is a cluster of several characters.
fn is_narrow(cell: &Cell) -> bool {
    let symbol = cell.symbol();
    is_plain(cell) || (symbol.chars().count() == 1 && symbol.width() == 1)
}

impl Backend for Frames {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let strokes = self.take(content);
        let mut hand = Hand {
            out: &mut self.bytes,
            shown: &self.shown,
            cursor: None,
        };
        strokes.iter().try_for_each(|stroke| hand.draw(stroke))?;
        if strokes.is_empty() {
            return Ok(());
        }
        write!(self.bytes, "\x1b[m")
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.hidden, true) {
            return Ok(());
        }
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.hidden = false;
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.inner.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, _: ClearType) -> io::Result<()> {
        self.shown = blank(self.size()?);
        self.inner.clear_region(ClearType::All)
    }

    fn size(&self) -> io::Result<Size> {
        let Size { width, height } = self.inner.size()?;
        Ok(bounded((width, height)).into())
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::style::Style;

    use super::*;

    const SIZE: Size = Size::new(24, 5);

    /// A piece of text, where it stands and how it looks.
    type Piece = (u16, u16, String, Style);

    fn pieces() -> impl Strategy<Value = Vec<Piece>> {
        let colour = prop::sample::select(vec![
            Color::Reset,
            Color::Red,
            Color::Rgb(1, 20, 133),
            Color::Indexed(245),
        ]);
        let modifier = prop::sample::select(vec![
            Modifier::empty(),
            Modifier::BOLD,
            Modifier::REVERSED,
            Modifier::UNDERLINED | Modifier::ITALIC,
        ]);
        let style = (colour.clone(), colour, modifier)
            .prop_map(|(text, ground, modifier)| Style::from((text, ground, modifier)));
        let text = prop::collection::vec(
            prop::sample::select(vec!["a", "b", " ", "  ", "é", "…", "▍", "语", "e\u{301}"]),
            0..12,
        );
        let piece = (0..SIZE.width, 0..SIZE.height, text, style)
            .prop_map(|(x, y, text, style)| (x, y, text.concat(), style));
        prop::collection::vec(piece, 0..12)
    }

    fn drawn(pieces: &[Piece]) -> Buffer {
        let mut buffer = blank(SIZE);
        for (x, y, text, style) in pieces {
            buffer.set_string(*x, *y, text, *style);
        }
        buffer
    }

    fn colour(colour: vt100::Color) -> Color {
        match colour {
            vt100::Color::Default => Color::Reset,
            vt100::Color::Idx(1) => Color::Red,
            vt100::Color::Idx(index) => Color::Indexed(index),
            vt100::Color::Rgb(r, g, b) => Color::Rgb(r, g, b),
        }
    }

    /// What can be seen at a place: symbol, colours, modifiers. Where nothing is but ground, the colour of text is none.
    fn seen(screen: &vt100::Screen, at: Position) -> (String, Option<Color>, Color, [bool; 4]) {
        let cell = screen.cell(at.y, at.x).expect("it is on the screen");
        let visible = cell.has_contents() && cell.contents() != " ";
        let symbol = if visible { cell.contents() } else { " " };
        let marked = cell.inverse() || cell.underline();
        let text = (visible || marked).then(|| colour(cell.fgcolor()));
        let modifiers = [
            visible && cell.bold(),
            visible && cell.italic(),
            cell.inverse(),
            cell.underline(),
        ];
        (symbol.to_owned(), text, colour(cell.bgcolor()), modifiers)
    }

    fn terminal() -> vt100::Parser {
        vt100::Parser::new(SIZE.height, SIZE.width, 0)
    }

    proptest! {
        #[test]
        fn the_terminal_shows_what_ratatuis_own_backend_would_show(
            frames in prop::collection::vec(pieces(), 1..6),
        ) {
            let (mut ours, their_bytes) = (Frames::of(SIZE), Bytes::default());
            let mut theirs = CrosstermBackend::new(their_bytes.clone());
            let (mut our_terminal, mut their_terminal) = (terminal(), terminal());
            let mut before = blank(SIZE);
            for pieces in &frames {
                let frame = drawn(pieces);
                let changed = before.diff(&frame);
                ours.draw(changed.iter().copied()).expect("memory can be written to");
                our_terminal.process(&ours.bytes.0.take());
                theirs.draw(changed.into_iter()).expect("memory can be written to");
                their_terminal.process(&their_bytes.0.take());
                for at in frame.area.positions() {
                    let (our, their) = (our_terminal.screen(), their_terminal.screen());
                    prop_assert_eq!(seen(our, at), seen(their, at), "at {:?}", at);
                }
                before = frame;
            }
        }
    }

    #[test]
    fn each_style_is_named_once_and_short_gaps_are_written() {
        let mut backend = Frames::of(SIZE);
        let dim = Style::new().fg(Color::Indexed(245));
        let mut before = blank(SIZE);
        before.set_string(0, 0, "ab 1.2 MiB", Style::new());
        backend
            .draw(blank(SIZE).diff(&before).into_iter())
            .expect("memory can be written to");
        backend.bytes.0.take();
        let mut after = blank(SIZE);
        after.set_string(0, 0, "ax 1.3 MiB", Style::new());
        after.set_string(12, 0, "dim", dim);
        after.set_string(12, 1, "dim", dim);
        after.set_string(0, 1, "c", Style::new());
        backend
            .draw(before.diff(&after).into_iter())
            .expect("memory can be written to");
        assert_eq!(
            String::from_utf8(backend.bytes.0.take()).expect("text"),
            "\x1b[0m\x1b[1;2Hx 1.3\x1b[2Hc\x1b[0;38;5;245m\x1b[1;13Hdim\x1b[2;13Hdim\x1b[m"
        );
    }
}
