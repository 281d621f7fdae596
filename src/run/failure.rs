//! What the user sees when a command fails: what failed, on what, and what to try; and the exit status.

use crate::gate::{Gate, Reader};
use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use crate::job::{Cancelled, Panicked};
use crate::report::paper::Ink;
use crate::source::SourceError;
use crate::text;

use super::screen::Screen;

/// Cells of the longest line of a message, far beyond what is read on a screen.
const LONGEST: usize = 5000;

/// An error on its way to the user.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What failed, with its causes.
    message: String,
    hint: Option<String>,
    /// 1: the command failed, 2: wrong usage.
    status: u8,
}

impl Failure {
    /// The command failed.
    pub(crate) fn new(error: impl Error + Send + Sync + 'static, hint: Option<String>) -> Self {
        Self {
            message: with_causes(&error),
            hint,
            status: 1,
        }
    }

    /// The command failed, in the words of the program itself.
    pub(crate) fn because(message: impl Display, hint: impl Into<String>) -> Self {
        Self {
            message: message.to_string(),
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

    /// What failed, in words.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The same, with what it is about before it.
    pub(crate) fn about(self, what: &str) -> Self {
        Self {
            message: format!("{what}: {}", self.message),
            ..self
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
        write!(out, "{} ", paper.paint(Ink::Bad, "error:"))?;
        lines(out, &self.message)?;
        if let Some(hint) = &self.hint {
            write!(out, "{} ", paper.paint(Ink::Key, "hint:"))?;
            lines(out, hint)?;
        }
        Ok(())
    }
}

/// An error with all its causes in one text.
fn with_causes(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |error: &&dyn Error| (*error).source());
    let texts: Vec<String> = causes.map(ToString::to_string).collect();
    texts.join(": ")
}

/// Several lines, each made safe for a terminal. Of very long ones, such as an argument of a megabyte, the middle is left out.
fn lines(out: &mut dyn Write, message: &str) -> io::Result<()> {
    for line in message.lines() {
        writeln!(out, "{}", text::fit_middle(&text::sanitise(line), LONGEST))?;
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
