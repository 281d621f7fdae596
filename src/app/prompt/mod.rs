//! The line being typed in the last row: a search, or the answer to a question. As boxes do, it sees the explorer through a
//! [`DialogContext`] and asks for what is not its own with a [`Reply`].

pub(crate) mod complete;
pub(crate) mod file_question;
pub(crate) mod filenames;
pub(crate) mod line;
pub(crate) mod question;
pub(crate) mod search;
pub(crate) mod searches;

use ratatui::crossterm::event::KeyEvent;

use self::file_question::FileQuestion;
use self::line::TypedLine;
use self::search::Search;
use super::dialogs::found::FoundForBox;
use super::dialogs::picture::Tone;
use super::dialogs::{DialogContext, Reply};
use super::jobs::work::JobKind;

/// What is being typed.
#[derive(Debug, Clone)]
pub(crate) enum Prompt {
    /// A search.
    Search(Search),
    /// The name of a file.
    File(FileQuestion),
}

/// What stands after the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PromptHint {
    /// The text.
    pub text: String,
    /// What it is to the reader. All but what stands back has to be readable in full.
    pub tone: Tone,
}

impl PromptHint {
    fn dim(text: String) -> Self {
        let tone = Tone::Dim;
        Self { text, tone }
    }
}

impl Prompt {
    /// What stands before the line.
    pub(crate) fn title(&self) -> String {
        match self {
            Self::Search(_) => " / ".to_owned(),
            Self::File(question) => question.title(),
        }
    }

    /// The line.
    pub(crate) fn line(&self) -> &TypedLine {
        match self {
            Self::Search(search) => &search.line,
            Self::File(question) => &question.line,
        }
    }

    /// What stands after it.
    pub(crate) fn hint(&self, cx: DialogContext<'_>) -> PromptHint {
        match self {
            Self::Search(search) => search.hint(cx),
            Self::File(question) => question.hint(),
        }
    }

    /// Takes a key.
    pub(crate) fn key(&mut self, cx: DialogContext<'_>, event: KeyEvent) -> Reply {
        match self {
            Self::Search(search) => search.key(cx, event),
            Self::File(question) => question.key(event),
        }
    }

    /// Takes a pasted text.
    pub(crate) fn paste(&mut self, text: &str) -> Reply {
        match self {
            Self::Search(search) => search.paste(text),
            Self::File(question) => question.paste(text),
        }
    }

    /// Takes what a job found.
    pub(crate) fn take(&mut self, found: FoundForBox) -> Reply {
        match self {
            Self::Search(_) => Reply::Stay,
            Self::File(question) => question.take(found),
        }
    }

    /// The kind of job whose results it takes: once it is closed, such a job is cancelled.
    pub(crate) fn waits_for(&self) -> Option<JobKind> {
        match self {
            Self::Search(_) => None,
            Self::File(_) => Some(JobKind::Names),
        }
    }

    /// Whether a search is typed: what it finds is on screen behind it, and can be used meanwhile.
    pub(crate) fn is_search(&self) -> bool {
        matches!(self, Self::Search(_))
    }
}
