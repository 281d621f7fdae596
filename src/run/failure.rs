//! What the user sees when a command fails: what failed, on what, and what to try; and the exit status.

use nix_heft::gate::{Gate, Reader};
use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use color_eyre::eyre;
use nix_heft::job::{Cancelled, Panicked};
use nix_heft::report::paper::Ink;
use nix_heft::source::SourceError;
use nix_heft::text;

use super::screen::Screen;

/// An error on its way to the user.
#[derive(Debug)]
pub(crate) struct Failure {
    report: eyre::Report,
    hint: Option<String>,
    /// 1: the command failed, 2: wrong usage.
    status: u8,
}

impl Failure {
    /// The command failed.
    pub(crate) fn new(error: impl Error + Send + Sync + 'static, hint: Option<String>) -> Self {
        Self {
            report: eyre::Report::new(error),
            hint,
            status: 1,
        }
    }

    /// The command failed, in the words of the program itself.
    pub(crate) fn because(message: impl Display, hint: impl Into<String>) -> Self {
        Self {
            report: eyre::Report::msg(message.to_string()),
            hint: Some(hint.into()),
            status: 1,
        }
    }

    /// The command line makes no sense.
    pub(crate) fn usage(message: impl Display, hint: impl Into<String>) -> Self {
        Self {
            status: 2,
            ..Self::because(message, hint)
        }
    }

    /// Writes the error to standard error and gives the exit status.
    pub(crate) fn report(&self, screen: Screen) -> ExitCode {
        let colour = screen.errors.colour;
        let mut gate = Gate::new(io::stderr().lock(), Reader::Text { colour });
        // A closed standard error leaves no one to tell.
        let _ = self.write(screen, &mut gate);
        ExitCode::from(self.status)
    }

    fn write(&self, screen: Screen, out: &mut dyn Write) -> io::Result<()> {
        let paper = screen.errors;
        let causes: Vec<String> = self.report.chain().map(ToString::to_string).collect();
        let message = causes.join(": ");
        write!(out, "{} ", paper.paint(Ink::Bad, "error:"))?;
        lines(out, &message)?;
        if let Some(hint) = &self.hint {
            write!(out, "{} ", paper.paint(Ink::Key, "hint:"))?;
            lines(out, hint)?;
        }
        Ok(())
    }
}

/// Several lines, each made safe for a terminal.
fn lines(out: &mut dyn Write, message: &str) -> io::Result<()> {
    for line in message.lines() {
        writeln!(out, "{}", text::sanitise(line))?;
    }
    Ok(())
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        let hint = error.hint();
        let status = if matches!(error, SourceError::Usage { .. }) {
            2
        } else {
            1
        };
        Self {
            status,
            ..Self::new(error, hint)
        }
    }
}

impl From<Cancelled> for Failure {
    fn from(error: Cancelled) -> Self {
        Self::new(error, None)
    }
}

impl From<Panicked> for Failure {
    fn from(error: Panicked) -> Self {
        Self::new(error, None)
    }
}
