//! Everything that can happen to the explorer, and everything it can ask for.

use ratatui::crossterm::event::{KeyEvent, MouseEvent};

use crate::gate::Clipboard;
use crate::job::Reading;

use super::jobs::external::Launch;
use super::jobs::work::{Done, JobKind, Work};

/// Tells one run of a job from the next of the same kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u64);

/// Something the mouse did.
#[derive(Debug, Clone, Copy)]
pub struct Mouse {
    /// What, and where.
    pub event: MouseEvent,
    /// Whether it is a second click at the same place soon after the first.
    pub double: bool,
}

/// Something happened.
#[derive(Debug)]
pub enum Event {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse did something.
    Mouse(Mouse),
    /// Text was pasted.
    Paste(String),
    /// The screen has this many columns and rows.
    Resize(u16, u16),
    /// The terminal says whether its background is light.
    Background(bool),
    /// A job that has been running for a while stands here.
    Progress(JobId, Reading),
    /// A job ended.
    Done(JobId, Done),
    /// Something asked for could not be done; the text says what and why.
    Trouble(String),
}

impl Event {
    /// Whether the user did it.
    pub(super) fn is_input(&self) -> bool {
        matches!(self, Self::Key(_) | Self::Mouse(_) | Self::Paste(_))
    }
}

/// Something is to be done outside.
#[derive(Debug)]
pub enum Effect {
    /// Run this; a job of the same kind that still runs is cancelled.
    Start(JobId, Box<Work>),
    /// Cancel the job of this kind.
    Cancel(JobKind),
    /// Put a text into the clipboard.
    Copy(Clipboard),
    /// Lend the terminal to another program, then come back.
    Launch(Launch),
    /// Stop, until the user's shell continues us.
    Suspend,
    /// Draw everything again.
    Redraw,
    /// End; print this once the screen is restored.
    Quit(Option<String>),
}
