//! Where answers go: standard output or a file, with or without colour, and never an error when a pipe is closed.

use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use nix_heft::colour;
use nix_heft::gate::{Gate, Reader};
use nix_heft::model::StoreDir;
use nix_heft::report::Paper;
use nix_heft::report::paper::Ink;
use nix_heft::text;
use nix_heft::user_files::{self, Over, UserFileError};

use crate::cli::{Color, Format, Global};

use super::failure::Failure;

/// What standard output and standard error can show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    /// For answers.
    pub(crate) answers: Paper,
    /// For errors, hints and warnings.
    pub(crate) errors: Paper,
    /// Is standard output a terminal?
    pub(crate) is_terminal: bool,
    /// Shall long work say how far it is?
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
            Format::Json => Reader::Json,
            Format::Csv | Format::Dot => Reader::Text { colour: false },
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

/// Lets a report write to standard output, through the gate for its reader. That the reader has seen enough is no error.
pub(crate) fn print(
    reader: Reader,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match pass(&mut out, reader, write) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            // What is left in the buffer has no reader: dropping it as usual would try once more.
            let _ = out.into_parts();
            Ok(())
        }
        Err(error) => Err(Failure::because(
            format!("cannot write to standard output: {error}"),
            "is the disk full?",
        )),
        Ok(()) => Ok(()),
    }
}

fn pass(
    out: &mut dyn Write,
    reader: Reader,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut gate = Gate::new(out, reader);
    write(&mut gate)?;
    gate.finish().map(drop)
}

/// Lets a report write to a file outside the store, or to standard output if there is none, through the gate for its
/// reader.
pub(crate) fn save(
    file: Option<&Path>,
    store_dir: &StoreDir,
    reader: Reader,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let Some(path) = file.filter(|path| *path != Path::new("-")) else {
        return print(reader, write);
    };
    let outcome = user_files::write(path, Over::Anything, store_dir, |out| {
        pass(out, reader, write)
    });
    outcome.map_err(|error| match error {
        UserFileError::InStore(path) => Failure::because(
            format!("{} is in a store, which is only ever read", path.display()),
            "choose a file of your own",
        ),
        UserFileError::Write { path, source } => Failure::because(
            format!("cannot write {}: {source}", path.display()),
            match source.kind() {
                io::ErrorKind::StorageFull
                | io::ErrorKind::QuotaExceeded
                | io::ErrorKind::FileTooLarge => {
                    "make room there, or choose a file on another disk"
                }
                _ => "choose a file in a directory you may write to",
            },
        ),
        other => Failure::because(other.to_string(), "choose another file"),
    })
}
