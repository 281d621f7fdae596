//! Boxes over the view. A box is a value with the trait [`Dialog`]: `App` keeps the open one without knowing which it is,
//! and `ui` paints the [`Picture`] it gives.
//!
//! A box sees the explorer through a [`DialogContext`] only, and asks for what is not its own with a [`Reply`].

pub(crate) mod chooser;
pub(crate) mod columns;
pub(crate) mod confirm;
pub(crate) mod evidence;
pub(crate) mod file_tree;
pub(crate) mod finder;
pub(crate) mod found;
pub(crate) mod lines;
pub(crate) mod picture;
pub(crate) mod root;
pub(crate) mod welcome;

use std::fmt;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use self::found::FoundForBox;
use self::picture::Picture;
use super::cursor::{Cursor, Motion};
use super::facts::{Facts, Metric};
use super::frame::boxes::{self, BoxArea};
use super::jobs::work::{JobKind, Work};
use super::keys::command::Command;
use super::keys::keymap::Key;
use super::outcome::Outcome;
use super::prompt::line::TypedLine;
use super::shared::Shared;

/// What a box may read of the explorer.
#[derive(Clone, Copy)]
pub(crate) struct DialogContext<'a> {
    /// What is known of the closure; `None` before anything is loaded.
    pub facts: Option<&'a Facts>,
    /// What all views and boxes have in common.
    pub shared: &'a Shared,
    /// What has to be asked for.
    pub host: &'a dyn Host,
}

/// What a box may ask the explorer about.
pub(crate) trait Host {
    /// Why a command cannot be given now; `None` if it can.
    fn why_not(&self, command: Command) -> Option<String>;
    /// The columns of the table that are wanted, and those that have room.
    fn columns(&self) -> (Vec<Metric>, Vec<Metric>);
    /// What is wrong with the store, the plan and the configuration.
    fn warnings(&self) -> Vec<String>;
    /// The last messages, the oldest first.
    fn messages(&self) -> Vec<String>;
    /// What is wrong with what is searched for.
    fn trouble(&self) -> Option<&str>;
    /// What is known of a path that is searched for by its full name and is not in the closure.
    fn absent(&self) -> Option<String>;
    /// Whether what is searched for is no query, or names what is not there. Not before that has been found out.
    fn is_mistaken(&self) -> bool;
}

/// What becomes of a box, and what it wants done.
#[derive(Debug)]
pub(crate) enum Reply {
    /// It stays open.
    Stay,
    /// It closes.
    Close,
    /// It closes, and the key goes to what lies below it.
    Pass,
    /// It stays open, and this is done.
    Do(Outcome),
    /// It closes, and this is done.
    Then(Outcome),
    /// It stays open, and this job is started.
    Start(Box<Work>),
}

/// What a box or a line wants done, and the job that it wants started.
#[derive(Debug, Default)]
pub(crate) struct Wish {
    /// What is to be done.
    pub outcome: Outcome,
    /// The job.
    pub work: Option<Work>,
}

impl From<Outcome> for Wish {
    fn from(outcome: Outcome) -> Self {
        let work = None;
        Self { outcome, work }
    }
}

impl From<Work> for Wish {
    fn from(work: Work) -> Self {
        let (outcome, work) = (Outcome::None, Some(work));
        Self { outcome, work }
    }
}

impl Reply {
    /// Whether it stays open, and what is wanted; `None` if it did not take the event.
    pub(super) fn parts(self) -> (bool, Option<Wish>) {
        match self {
            Self::Stay => (true, Some(Wish::default())),
            Self::Close => (false, Some(Wish::default())),
            Self::Pass => (false, None),
            Self::Do(outcome) => (true, Some(outcome.into())),
            Self::Then(outcome) => (false, Some(outcome.into())),
            Self::Start(work) => (true, Some((*work).into())),
        }
    }
}

/// A box. It needs no more than its picture and what its keys do; a list in it moves by itself.
pub(crate) trait Dialog: fmt::Debug {
    /// Where it stands on the screen.
    fn room(&self, cx: DialogContext<'_>) -> BoxArea;

    /// What it shows, of its list only the rows on screen.
    fn picture(&self, cx: DialogContext<'_>) -> Picture<'_>;

    /// Takes a key. Most begin with [`usual_key`].
    fn key(&mut self, cx: DialogContext<'_>, key: KeyEvent) -> Reply;

    /// The command that opens it, if that is one: its keys close it, too.
    fn opener(&self) -> Option<Command> {
        None
    }

    /// How many rows its list has.
    fn rows(&self, _cx: DialogContext<'_>) -> usize {
        0
    }

    /// How many rows of its list are on screen.
    fn shown(&self, cx: DialogContext<'_>) -> usize {
        boxes::list_rows(cx.shared.size)
    }

    /// The cursor in its list; `None` without a list.
    fn cursor(&mut self) -> Option<&mut Cursor> {
        None
    }

    /// Its cursor was moved from this row: it leaves rows that cannot be stood on.
    fn moved(&mut self, _before: usize, _height: usize) {}

    /// The line that is typed in it, if there is one.
    fn line(&mut self) -> Option<&mut TypedLine> {
        None
    }

    /// The text of its line was changed.
    fn typed(&mut self, _cx: DialogContext<'_>) -> Reply {
        Reply::Stay
    }

    /// A click on the row of the cursor, this many cells from its left edge.
    fn click(&mut self, cx: DialogContext<'_>, _x: u16, double: bool) -> Reply {
        if double {
            self.key(cx, KeyCode::Enter.into())
        } else {
            Reply::Stay
        }
    }

    /// The job it begins with.
    fn begins_with(&self, _cx: DialogContext<'_>) -> Option<Work> {
        None
    }

    /// The kind of job whose results it takes: once it is closed, such a job is cancelled.
    fn waits_for(&self) -> Option<JobKind> {
        None
    }

    /// Takes what a job found.
    fn take(&mut self, _cx: DialogContext<'_>, _found: FoundForBox) -> Reply {
        Reply::Stay
    }

    /// Whether it is about paths of the closure, and closes when another is loaded: ids then mean other paths.
    fn is_about_paths(&self) -> bool {
        false
    }
}

/// What keys do in nearly all boxes: they move the cursor, edit the line and close. `None` if the box has to say itself
/// what the key does.
pub(crate) fn usual_key(
    dialog: &mut dyn Dialog,
    cx: DialogContext<'_>,
    event: KeyEvent,
) -> Option<Reply> {
    let types = dialog.line().is_some();
    if let Some(motion) = motion(cx, event, types) {
        go(dialog, cx, |cursor, len, height| {
            cursor.go(motion, len, height);
        });
        return Some(Reply::Stay);
    }
    if closes(dialog, cx, event, types) {
        return Some(Reply::Close);
    }
    if dialog.line()?.key(event)? {
        Some(dialog.typed(cx))
    } else {
        Some(Reply::Stay)
    }
}

/// Where a line is typed, letters are text; elsewhere they are the keys of the same commands as in views.
fn motion(cx: DialogContext<'_>, event: KeyEvent, types: bool) -> Option<Motion> {
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    match event.code {
        KeyCode::Up => return Some(Motion::By(-1)),
        KeyCode::Down => return Some(Motion::By(1)),
        KeyCode::Char('p') if control => return Some(Motion::By(-1)),
        KeyCode::Char('n') if control => return Some(Motion::By(1)),
        KeyCode::PageUp => return Some(Motion::Pages(-1)),
        KeyCode::PageDown => return Some(Motion::Pages(1)),
        _ if types => return None,
        _ => {}
    }
    let motions = [
        (Command::Up, Motion::By(-1)),
        (Command::Down, Motion::By(1)),
        (Command::PageUp, Motion::Pages(-1)),
        (Command::PageDown, Motion::Pages(1)),
        (Command::First, Motion::First),
        (Command::Last, Motion::Last),
    ];
    let given = motions
        .into_iter()
        .find(|&(command, _)| gives(cx, command, event));
    given.map(|(_, motion)| motion)
}

fn closes(dialog: &dyn Dialog, cx: DialogContext<'_>, event: KeyEvent, types: bool) -> bool {
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    match event.code {
        KeyCode::Esc => true,
        KeyCode::Char('c') if control => true,
        _ if types => false,
        _ => [Some(Command::Quit), Some(Command::Escape), dialog.opener()]
            .into_iter()
            .flatten()
            .any(|command| gives(cx, command, event)),
    }
}

/// Whether a key is one of a command's.
pub(crate) fn gives(cx: DialogContext<'_>, command: Command, event: KeyEvent) -> bool {
    Key::of(event).is_some_and(|key| cx.shared.keys.gives(command, key))
}

/// Moves the cursor of a box or its window.
pub(crate) fn go(
    dialog: &mut dyn Dialog,
    cx: DialogContext<'_>,
    change: impl FnOnce(&mut Cursor, usize, usize),
) {
    let (len, height) = (dialog.rows(cx), dialog.shown(cx));
    let Some(cursor) = dialog.cursor() else {
        return;
    };
    let before = cursor.at;
    change(cursor, len, height);
    dialog.moved(before, height);
}

/// A click at a cell of the screen: outside it closes, on a row it puts the cursor there.
pub(crate) fn click(
    dialog: &mut dyn Dialog,
    cx: DialogContext<'_>,
    at: (u16, u16),
    double: bool,
) -> Reply {
    let place = dialog.room(cx);
    let (rows, cursor) = (dialog.rows(cx), dialog.cursor().copied());
    let Some(cursor) = cursor.filter(|_| place.outer.contains(at.into())) else {
        return Reply::Close;
    };
    let row = place.row(at).map(|down| cursor.top + down);
    let Some(row) = row.filter(|&row| row < rows) else {
        return Reply::Stay;
    };
    go(dialog, cx, |cursor, _, _| cursor.at = row);
    dialog.click(cx, at.0 - place.list.x, double)
}
