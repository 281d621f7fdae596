//! The ways out: what leaves the program passes here once, and is made safe for the kind of reader it goes to.
//!
//! Names of store paths, file names and what servers said are other people's text. A terminal obeys control characters in
//! it, a clipboard hands line breaks to a shell, a spreadsheet takes `=1+1` for a formula, and Markdown takes `|` for the
//! end of a cell. Each of these readers has one function here, and streams have [`Gate`].

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};

use crate::text::{is_harmless, sanitise};

/// The colours that reports are painted in, and the end of each: all that passes to a terminal as it is.
pub const INKS: [&str; 8] = [
    "\u{1b}[0m",
    "\u{1b}[1m",
    "\u{1b}[2m",
    "\u{1b}[4m",
    "\u{1b}[31m",
    "\u{1b}[32m",
    "\u{1b}[33m",
    "\u{1b}[36m",
];

/// Who reads a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// A person, or a program that reads lines.
    Text {
        /// Whether colours pass.
        colour: bool,
    },
    /// A program that reads JSON. What is harmful is written in JSON's own escapes, so that the document means the same.
    Json,
    /// A program that reads TOML: a plan.
    Toml,
    /// A program that reads bytes: a snapshot, a shell's completions.
    Bytes,
}

/// A stream on its way out of the program: whatever a reader could come to harm by is written out as an escape.
#[derive(Debug)]
pub struct Gate<W: Write> {
    out: W,
    reader: Reader,
    /// The beginning of a character or of a colour whose rest has not arrived yet.
    begun: Vec<u8>,
}

impl<W: Write> Gate<W> {
    /// A gate in front of a stream.
    pub fn new(out: W, reader: Reader) -> Self {
        Self {
            out,
            reader,
            begun: Vec::new(),
        }
    }

    /// Writes what is left and gives the stream back, flushed.
    pub fn finish(mut self) -> io::Result<W> {
        let begun = std::mem::take(&mut self.begun);
        self.pass(&String::from_utf8_lossy(&begun))?;
        self.out.flush()?;
        Ok(self.out)
    }

    /// Writes whole characters; colours are whole, too.
    fn pass(&mut self, text: &str) -> io::Result<()> {
        let mut rest = text;
        while let Some(at) = rest.find(|c| c != '\n' && !is_harmless(c)) {
            let (clean, harmful) = rest.split_at(at);
            self.out.write_all(clean.as_bytes())?;
            if let Some(ink) = self.ink_at_start_of(harmful) {
                self.out.write_all(ink.as_bytes())?;
                rest = &harmful[ink.len()..];
            } else {
                rest = self.escape(harmful)?;
            }
        }
        self.out.write_all(rest.as_bytes())
    }

    fn ink_at_start_of(&self, text: &str) -> Option<&'static str> {
        let inks: &[&str] = match self.reader {
            Reader::Text { colour: true } => &INKS,
            _ => &[],
        };
        inks.iter().copied().find(|ink| text.starts_with(ink))
    }

    /// Writes the first character as an escape; what comes after it.
    fn escape<'t>(&mut self, text: &'t str) -> io::Result<&'t str> {
        let mut characters = text.chars();
        if let Some(character) = characters.next() {
            match self.reader {
                Reader::Json => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        write!(self.out, "\\u{unit:04x}")?;
                    }
                }
                Reader::Toml => write!(self.out, "\\U{:08x}", u32::from(character))?,
                _ => write!(self.out, "{}", character.escape_unicode())?,
            }
        }
        Ok(characters.as_str())
    }

    /// How many of these bytes may be judged now: the rest is the beginning of a character or of a colour.
    fn judged(&self, bytes: &[u8]) -> usize {
        let whole = match std::str::from_utf8(bytes) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => bytes.len(),
        };
        if self.reader != (Reader::Text { colour: true }) {
            return whole;
        }
        let start = bytes[..whole].iter().rposition(|&byte| byte == 0x1b);
        let begun = |at: &usize| {
            let last = &bytes[*at..whole];
            INKS.iter()
                .any(|ink| ink.len() > last.len() && ink.as_bytes().starts_with(last))
        };
        start.filter(begun).unwrap_or(whole)
    }
}

impl<W: Write> Write for Gate<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.reader == Reader::Bytes || self.begun.is_empty() && is_plain(bytes) {
            self.out.write_all(bytes)?;
            return Ok(bytes.len());
        }
        let mut all = std::mem::take(&mut self.begun);
        all.extend_from_slice(bytes);
        let judged = self.judged(&all);
        self.begun = all.split_off(judged);
        self.pass(&String::from_utf8_lossy(&all))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Whether all of these bytes are plain ASCII, as nearly all are that there is to write. A block is looked at to its end
/// whatever is in it, so that the compiler can look at many bytes at a time.
fn is_plain(bytes: &[u8]) -> bool {
    let harm = |byte: u8| u8::from(byte.wrapping_sub(b' ') >= 0x5f) & u8::from(byte != b'\n');
    bytes
        .chunks(256)
        .all(|block| block.iter().fold(0, |all, &byte| all | harm(byte)) == 0)
}

/// This many bytes are collected before they pass the gate together.
const BLOCK: usize = 1 << 16;

/// Lets something be written to a stream through the gate for its reader, a block at a time.
pub fn pass(
    out: &mut dyn Write,
    reader: Reader,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut block = BufWriter::with_capacity(BLOCK, Gate::new(out, reader));
    let written = write(&mut block).and_then(|()| block.flush());
    // After a failure what is left has no reader: dropping the buffer as usual would try to write it once more.
    let (gate, _) = block.into_parts();
    written?;
    gate.finish().map(drop)
}

/// A text that a clipboard may have: only [`clipboard`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clipboard(String);

impl Clipboard {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text for the clipboard: one line a part. Nothing in a part ends a line or means anything to the terminal or the shell
/// that it is pasted into by itself.
pub fn clipboard<T: AsRef<str>>(parts: &[T]) -> Clipboard {
    let clean: Vec<Cow<'_, str>> = parts.iter().map(|part| sanitise(part.as_ref())).collect();
    Clipboard(clean.join("\n"))
}

/// A text as a cell of a spreadsheet. What begins as a formula does is preceded by an apostrophe, which spreadsheets take
/// for *text follows*.
pub fn cell(text: &str) -> Cow<'_, str> {
    let clean = sanitise(text);
    if clean.starts_with(['=', '+', '-', '@']) {
        return Cow::Owned(format!("'{clean}"));
    }
    clean
}

/// A text as a code span of Markdown, in a table's cell too: the fence is longer than any run of backticks inside.
pub fn markdown_code(text: &str) -> String {
    let clean = sanitise(text).replace('|', "\\|");
    let mut longest = 0;
    let mut run = 0;
    for character in clean.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let gap = if clean.starts_with('`') || clean.ends_with('`') || clean.is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{gap}{clean}{gap}{fence}")
}

/// A text as plain words of Markdown: nothing in it is markup, a link or HTML.
pub fn markdown_text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in sanitise(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '-' | '.'
            | '!' | '|' | '~' | '@' | ':' => {
                escaped.push('\\');
                escaped.push(character);
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn through(reader: Reader, pieces: &[&[u8]]) -> String {
        let mut gate = Gate::new(Vec::new(), reader);
        for piece in pieces {
            gate.write_all(piece).expect("to memory");
        }
        String::from_utf8(gate.finish().expect("to memory")).expect("text")
    }

    #[test]
    fn a_terminal_gets_no_sequences_but_our_colours() {
        let text = "\u{1b}[31mred\u{1b}[0m \u{1b}]52;c;aGk=\u{7} \u{9b}31m\u{202e}\u{2028}\n";
        let shown = through(Reader::Text { colour: true }, &[text.as_bytes()]);
        assert_eq!(
            shown,
            "\u{1b}[31mred\u{1b}[0m \\u{1b}]52;c;aGk=\\u{7} \\u{9b}31m\\u{202e}\\u{2028}\n"
        );
        let plain = through(Reader::Text { colour: false }, &[text.as_bytes()]);
        assert!(!plain.contains('\u{1b}'), "{plain}");
    }

    #[test]
    fn a_formula_is_text_in_a_spreadsheet() {
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(cell("perl-5.40"), "perl-5.40");
    }

    #[test]
    fn a_clipboard_gets_a_line_for_each_part() {
        let text = clipboard(&["y\ntouch x\n", "z"]);
        assert_eq!(text.as_str(), "y\\u{a}touch x\\u{a}\nz");
    }

    #[test]
    fn a_name_cannot_leave_its_code_span() {
        assert_eq!(markdown_code("a`b"), "``a`b``");
        assert_eq!(markdown_code("a|b"), "`a\\|b`");
        assert_eq!(markdown_code("`"), "`` ` ``");
    }

    fn is_safe(character: char) -> bool {
        character == '\n' || is_harmless(character)
    }

    proptest! {
        #[test]
        fn however_it_is_cut_the_same_comes_out(text in any::<String>(), cuts in prop::collection::vec(0_usize..64, 0..6)) {
            for reader in [Reader::Text { colour: true }, Reader::Text { colour: false }, Reader::Json] {
                let painted = format!("\u{1b}[1m{text}\u{1b}[0m{text}");
                let whole = through(reader, &[painted.as_bytes()]);
                let mut pieces = Vec::new();
                let mut rest = painted.as_bytes();
                for &cut in &cuts {
                    let (piece, after) = rest.split_at(cut.min(rest.len()));
                    pieces.push(piece);
                    rest = after;
                }
                pieces.push(rest);
                prop_assert_eq!(&through(reader, &pieces), &whole);
                if reader != (Reader::Text { colour: true }) {
                    prop_assert!(whole.chars().all(is_safe), "{}", whole);
                }
            }
        }

        #[test]
        fn json_means_what_it_meant(text in any::<String>()) {
            let document = serde_json::to_string(&text).expect("a string");
            let written = through(Reader::Json, &[document.as_bytes()]);
            let read: String = serde_json::from_str(&written).expect("JSON");
            prop_assert_eq!(read, text);
        }
    }
}
