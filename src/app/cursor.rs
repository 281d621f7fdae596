//! A cursor in a list of which only a window is on screen.

use super::keys::command::Command;

/// Where the cursor is and which row is the first on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// The row of the cursor.
    pub at: usize,
    /// The first row on screen.
    pub top: usize,
}

/// A way to move a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// This many rows down, or up if negative.
    By(isize),
    /// This many screens down, or up if negative.
    Pages(isize),
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// The window goes this many rows down, or up if negative; the cursor only if it would leave the screen.
    Wheel(isize),
}

impl Motion {
    /// The way in which a command moves: to the last row, if it is none of the others.
    pub fn of(command: Command) -> Self {
        match command {
            Command::Up => Self::By(-1),
            Command::Down => Self::By(1),
            Command::PageUp => Self::Pages(-1),
            Command::PageDown => Self::Pages(1),
            Command::First => Self::First,
            _ => Self::Last,
        }
    }
}

impl Cursor {
    /// Moves in a list of `len` rows, `height` of them on screen.
    pub fn go(&mut self, motion: Motion, len: usize, height: usize) {
        let page = height.saturating_sub(1).max(1).cast_signed();
        self.at = match motion {
            Motion::Wheel(rows) => return self.scroll(rows, len, height),
            Motion::By(rows) => self.at.saturating_add_signed(rows),
            Motion::Pages(pages) => self.at.saturating_add_signed(pages * page),
            Motion::First => 0,
            Motion::Last => usize::MAX,
        };
        self.fit(len, height);
    }

    /// Moves the window without the cursor, as a wheel does; the cursor follows only when it would leave the screen.
    pub fn scroll(&mut self, rows: isize, len: usize, height: usize) {
        let last_top = len.saturating_sub(height);
        self.top = self.top.saturating_add_signed(rows).min(last_top);
        let bottom = (self.top + height.max(1) - 1).min(len.saturating_sub(1));
        self.at = self.at.clamp(self.top.min(bottom), bottom);
    }

    /// Puts the cursor on a row and that row on screen; a row that was off screen comes to its middle.
    pub fn reveal(&mut self, at: usize, len: usize, height: usize) {
        if at < self.top || at >= self.top + height.max(1) {
            self.top = at.saturating_sub(height / 2);
        }
        self.at = at;
        self.fit(len, height);
    }

    /// Brings cursor and window back into a list that may have changed.
    pub fn fit(&mut self, len: usize, height: usize) {
        self.at = self.at.min(len.saturating_sub(1));
        let height = height.max(1);
        self.top = self
            .top
            .clamp((self.at + 1).saturating_sub(height), self.at)
            .min(len.saturating_sub(height));
    }

    /// The rows on screen.
    pub fn window(&self, len: usize, height: usize) -> std::ops::Range<usize> {
        let top = self.top.min(len);
        top..(top + height).min(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_never_leaves_list_or_screen() {
        let mut cursor = Cursor::default();
        let steps = [
            (Motion::By(3), (3, 0)),
            (Motion::Pages(1), (7, 3)),
            (Motion::Last, (99, 95)),
            (Motion::By(1), (99, 95)),
            (Motion::Pages(-1), (95, 95)),
            (Motion::First, (0, 0)),
            (Motion::By(-1), (0, 0)),
        ];
        for (motion, expected) in steps {
            cursor.go(motion, 100, 5);
            assert_eq!((cursor.at, cursor.top), expected, "{motion:?}");
        }
        cursor.go(Motion::Last, 0, 0);
        assert_eq!(cursor, Cursor::default());
    }

    #[test]
    fn the_wheel_takes_the_cursor_along_only_at_the_edge() {
        let mut cursor = Cursor { at: 4, top: 0 };
        cursor.scroll(3, 100, 5);
        assert_eq!((cursor.at, cursor.top), (4, 3));
        cursor.scroll(3, 100, 5);
        assert_eq!((cursor.at, cursor.top), (6, 6));
        cursor.scroll(1000, 100, 5);
        assert_eq!((cursor.at, cursor.top), (95, 95));
        cursor.reveal(50, 100, 5);
        assert_eq!((cursor.at, cursor.top), (50, 48));
    }
}
