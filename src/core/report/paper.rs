//! The medium of text output: its width, whether it takes colour, how exact sizes are.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};

use crate::text::{self, Units};

/// How text is laid out. The default suits a pipe: no colour, no width to fit, sizes in units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Paper {
    /// Terminal cells a line may take; `None` if nothing is to be cut.
    pub width: Option<usize>,
    /// Whether colours may be used.
    pub colour: bool,
    /// How sizes are written.
    pub units: Units,
}

/// What a piece of text means, and so how it looks where there is colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ink {
    /// Ordinary text.
    #[default]
    Plain,
    /// What the report is about.
    Strong,
    /// Headings, rules and whatever else only helps.
    Faint,
    /// What would be freed.
    Good,
    /// What would be added, or asks for attention.
    Warn,
    /// What went wrong.
    Bad,
    /// What every chain passes through.
    Key,
}

impl Ink {
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "\u{1b}[1m",
            Self::Faint => "\u{1b}[2m",
            Self::Good => "\u{1b}[32m",
            Self::Warn => "\u{1b}[33m",
            Self::Bad => "\u{1b}[31m",
            Self::Key => "\u{1b}[36m",
        }
    }
}

/// A piece of text with its ink.
#[derive(Debug, Clone, Copy)]
pub struct Painted<'a> {
    text: &'a str,
    code: &'static str,
}

impl fmt::Display for Painted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.code.is_empty() {
            return f.write_str(self.text);
        }
        write!(f, "{}{}\u{1b}[0m", self.code, self.text)
    }
}

impl Paper {
    /// The text in an ink, if the paper takes colour.
    pub fn paint(self, ink: Ink, text: &str) -> Painted<'_> {
        let code = if self.colour { ink.code() } else { "" };
        Painted { text, code }
    }

    /// A size, `–` where it is unknown.
    pub fn size(self, bytes: Option<u64>) -> String {
        self.units.known(bytes)
    }

    /// A size with its unit even where sizes are exact, for running text: `3 bytes`.
    pub fn size_in_words(self, bytes: u64) -> String {
        self.units.in_words(bytes)
    }

    /// The sum of some sizes in running text: `at least` where one of them is unknown.
    pub fn total(self, known: u64, unknown: usize) -> String {
        match unknown {
            0 => self.size_in_words(known),
            _ => format!(
                "at least {} ({} of unknown size)",
                self.size_in_words(known),
                text::counted(unknown, "path")
            ),
        }
    }

    /// As [`Paper::total`], with as many decimals as it takes to tell it from another sum.
    pub fn total_beside(self, known: u64, unknown: usize, other: u64) -> String {
        let size = match self.units {
            Units::Bytes => self.size_in_words(known),
            units => units.size_beside(known, other),
        };
        match unknown {
            0 => size,
            _ => format!(
                "at least {size} ({} of unknown size)",
                text::counted(unknown, "path")
            ),
        }
    }

    /// A difference with its sign.
    pub fn signed(self, bytes: i64) -> String {
        self.units.signed(bytes)
    }

    /// Cells a column of sizes needs whose largest value is `largest`.
    pub fn size_column(self, largest: u64) -> usize {
        match self.units {
            Units::Bytes => digits(largest),
            _ => "1023.9 KiB".len(),
        }
    }

    /// The text cut to what is left of a line after `used` cells, if lines have an end.
    pub fn fit(self, text: &str, used: usize) -> Cow<'_, str> {
        match self.width {
            // A name cut to nothing says nothing: the terminal may break the line.
            Some(width) => text::fit(text, width.saturating_sub(used).max(12)),
            None => Cow::Borrowed(text),
        }
    }

    /// A heading of a part of a report.
    pub fn heading(self, out: &mut dyn Write, text: &str) -> io::Result<()> {
        writeln!(out, "\n  {}", self.paint(Ink::Faint, text))
    }
}

/// Decimal digits of a number.
pub fn digits(number: u64) -> usize {
    number.checked_ilog10().unwrap_or(0) as usize + 1
}

/// Blanks that bring `text` to `width` cells, for columns aligned to the right or to be followed by another.
pub fn pad(text: &str, width: usize) -> String {
    " ".repeat(width.saturating_sub(text::width(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_and_units_are_the_papers_choice() {
        let plain = Paper::default();
        let exact = Paper {
            colour: true,
            units: Units::Bytes,
            width: Some(20),
        };
        assert_eq!(plain.paint(Ink::Strong, "x").to_string(), "x");
        assert_eq!(
            exact.paint(Ink::Strong, "x").to_string(),
            "\u{1b}[1mx\u{1b}[0m"
        );
        assert_eq!(
            (plain.size(Some(2048)), exact.size(Some(2048))),
            ("2.0 KiB".to_owned(), "2048".to_owned())
        );
        assert_eq!(
            (plain.size(None), exact.size(None)),
            ("–".to_owned(), "–".to_owned())
        );
        assert_eq!(
            (exact.signed(-5), exact.signed(5)),
            ("−5".to_owned(), "+5".to_owned())
        );
        assert_eq!(
            exact.fit("linux-image-6.1", 6),
            "linux-image-6.1"
                .get(..13)
                .map(|t| format!("{t}…"))
                .unwrap_or_default()
        );
        assert_eq!(plain.total(10, 1), "at least 10 B (1 path of unknown size)");
    }

    #[test]
    fn columns_are_as_wide_as_their_largest_number() {
        assert_eq!(
            [digits(0), digits(9), digits(10), digits(u64::MAX)],
            [1, 1, 2, 20]
        );
        assert_eq!(pad("漢", 4), "  ");
    }
}
