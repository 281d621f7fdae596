//! What the two streams can show, and the lines that go to standard error beside an answer.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use crate::colour;
use crate::gate::{Gate, Reader};
use crate::report::Paper;
use crate::report::paper::Ink;
use crate::text;

use crate::cli::{Color, Format, Global};

/// What standard output and standard error can show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    /// For answers.
    pub(crate) answers: Paper,
    /// For errors, hints and warnings.
    pub(crate) errors: Paper,
    /// Whether standard output is a terminal.
    pub(crate) is_terminal: bool,
    /// Whether long work shows how far it is.
    pub(crate) shows_progress: bool,
    quiet: bool,
}

impl Screen {
    /// Looks at the two streams, at what was typed, and at the environment.
    pub(crate) fn of(global: &Global) -> Self {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let is_terminal = stdout.is_terminal();
        let paper = |terminal: bool, width| Paper {
            width,
            colour: wants_colour(global.color, terminal),
            units: global.units().unwrap_or_default(),
        };
        Self {
            answers: paper(is_terminal, is_terminal.then(width)),
            errors: paper(stderr.is_terminal(), None),
            is_terminal,
            shows_progress: stderr.is_terminal() && !global.quiet,
            quiet: global.quiet,
        }
    }

    /// Writes a warning to standard error, unless warnings are unwanted.
    pub(crate) fn warn(&self, warning: &impl Display) {
        let label = self.errors.paint(Ink::Warn, "warning:");
        self.note(&format_args!(
            "{label} {}",
            text::sanitise(&warning.to_string())
        ));
    }

    /// Writes a line to standard error, unless such lines are unwanted.
    pub(crate) fn note(&self, line: &impl Display) {
        if !self.quiet {
            // A line that cannot be written stops no answer.
            let _ = say(self.errors, line);
        }
    }

    /// Who reads an answer in this format on standard output or in a file.
    pub(crate) fn reader(&self, format: Format) -> Reader {
        match format {
            Format::Text => Reader::Text {
                colour: self.answers.colour,
            },
            Format::Json | Format::Sarif | Format::Gitlab => Reader::Json,
            Format::Csv | Format::Dot | Format::Markdown | Format::Junit | Format::Github => {
                Reader::Text { colour: false }
            }
            Format::Snapshot => Reader::Bytes,
        }
    }
}

/// Writes a line to standard error, through the gate.
pub(crate) fn say(paper: Paper, line: &impl Display) -> io::Result<()> {
    let colour = paper.colour;
    let mut gate = Gate::new(io::stderr().lock(), Reader::Text { colour });
    writeln!(gate, "{line}")?;
    gate.finish().map(drop)
}

fn wants_colour(choice: Color, terminal: bool) -> bool {
    match choice {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => colour::is_wanted(terminal),
    }
}

/// Columns of the terminal; 80 if it does not say.
fn width() -> usize {
    let size = rustix::termios::tcgetwinsize(io::stdout());
    match size {
        Ok(size) if size.ws_col > 0 => usize::from(size.ws_col),
        _ => 80,
    }
}
