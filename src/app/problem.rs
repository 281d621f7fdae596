//! What went wrong and what to try.

use std::fmt::Write as _;

use thiserror::Error;

use crate::source::SourceError;

/// What went wrong and what to try.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Problem {
    /// What failed, with its causes.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
}

impl Problem {
    /// One that nothing can be advised about.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
        }
    }

    /// An error with all its causes in one text.
    pub fn of(error: &SourceError) -> Self {
        let mut message = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(error) = cause {
            let _ = write!(message, ": {error}");
            cause = error.source();
        }
        Self {
            message,
            hint: error.hint(),
        }
    }
}
