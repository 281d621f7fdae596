//! What keys and clicks ask of the pane that has them: a view, or the details.

use super::cursor::{Cursor, Motion};
use super::keys::command::Command;
use super::obstacle::Obstacle;
use super::outcome::Outcome;
use super::shared::Context;
use super::target::Target;
use crate::model::PathId;

/// Most rows in a row that the cursor does not stay on.
const MOST_GAPS: usize = 8;

/// How rows are opened and closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folding {
    /// Opens the row of the cursor, or goes on into what is open.
    Open,
    /// Closes the row of the cursor, or goes up to the one it is under.
    Close,
    /// Opens the row of the cursor if it is closed, else closes it.
    Turn,
    /// Opens everything, as far as the view means it.
    OpenAll,
    /// Closes everything, as far as the view means it.
    CloseAll,
}

/// What a click on a pane means.
#[derive(Debug)]
pub enum Click {
    /// The row at this place.
    Row(usize),
    /// Something of the view's own.
    Does(Box<Outcome>),
    /// Nothing.
    Nothing,
}

/// A list with a cursor in it. Five questions have to be answered; the rest is what most lists do.
///
/// A pane knows neither `App` nor another view. What it wants done elsewhere it gives back as an [`Outcome`].
pub trait Pane {
    /// How many rows there are.
    fn len(&self, cx: Context<'_>) -> usize;

    /// Where the cursor is.
    fn cursor(&self) -> &Cursor;

    /// The cursor, to be moved.
    fn cursor_mut(&mut self) -> &mut Cursor;

    /// What a row stands for; `None` where the cursor does not stay: headings and empty rows.
    fn target(&self, cx: Context<'_>, at: usize) -> Option<Target>;

    /// Puts the cursor on the row that stands for a path best; `false` if there is none.
    fn reveal(&mut self, cx: Context<'_>, id: PathId) -> bool;

    /// Moves the cursor.
    fn go(&mut self, cx: Context<'_>, motion: Motion) -> Outcome {
        go(self, cx, motion);
        Outcome::Select
    }

    /// Opens or closes rows; `None` if there is nothing to open or close here, and the key means something else.
    fn fold(&mut self, _cx: Context<'_>, _how: Folding) -> Option<Outcome> {
        None
    }

    /// Goes into the row of the cursor.
    fn enter(&mut self, cx: Context<'_>) -> Outcome {
        enter(self, cx)
    }

    /// Carries out a command of this view alone.
    fn command(&mut self, _cx: Context<'_>, _command: Command) -> Outcome {
        Outcome::None
    }

    /// Why a command of this view cannot be given, beside what its row says.
    fn obstacle(&self, _cx: Context<'_>, _command: Command) -> Option<Obstacle> {
        None
    }

    /// Comes to the front, to show the selection.
    fn shown(&mut self, cx: Context<'_>) -> Outcome {
        if let Some(id) = cx.shared.selected {
            self.reveal(cx, id);
        }
        Outcome::Select
    }

    /// Takes up what has changed elsewhere. Called after every event while the pane is at the front.
    fn settle(&mut self, cx: Context<'_>) -> Outcome {
        settle(self, cx);
        Outcome::None
    }

    /// The path whose chains it shows or counts, unless they are there.
    fn awaits_chains(&self, _cx: Context<'_>) -> Option<PathId> {
        None
    }

    /// Where the sign stands that opens the row of the cursor, counted from the left of the pane.
    fn sign(&self, _cx: Context<'_>) -> Option<u16> {
        None
    }

    /// What a click means, this many cells from the left and this many rows below the first; `None`: above it.
    fn click(&mut self, cx: Context<'_>, _x: u16, down: Option<u16>) -> Click {
        let at = down.map(|down| self.cursor().top + usize::from(down));
        let at = at.filter(|&at| at < self.len(cx));
        at.map_or(Click::Nothing, Click::Row)
    }
}

/// What the row of the cursor stands for.
pub(crate) fn here<P: Pane + ?Sized>(pane: &P, cx: Context<'_>) -> Option<Target> {
    let at = pane.cursor().at;
    (at < pane.len(cx)).then(|| pane.target(cx, at))?
}

/// Goes into the row of the cursor: the tree of its path.
pub(crate) fn enter<P: Pane + ?Sized>(pane: &P, cx: Context<'_>) -> Outcome {
    match here(pane, cx).and_then(|target| target.path) {
        Some(id) => Outcome::Tree(id).remembered(),
        None => Outcome::None,
    }
}

/// Puts the cursor of a pane on a row, in the middle where that was off the screen.
pub(crate) fn stand_on<P: Pane + ?Sized>(pane: &mut P, cx: Context<'_>, at: usize) {
    let len = pane.len(cx);
    pane.cursor_mut().reveal(at, len, cx.height());
}

/// Moves the cursor of a pane, or its window.
pub(crate) fn go<P: Pane + ?Sized>(pane: &mut P, cx: Context<'_>, motion: Motion) {
    let len = pane.len(cx);
    moved(pane, cx, |cursor| cursor.go(motion, len, cx.height()));
}

/// Brings the cursor of a pane back into its list.
pub(crate) fn settle<P: Pane + ?Sized>(pane: &mut P, cx: Context<'_>) {
    let len = pane.len(cx);
    moved(pane, cx, |cursor| cursor.fit(len, cx.height()));
}

/// Changes the cursor of a pane, then goes on in the same direction to a row it can stay on; turns round at the end.
pub(crate) fn moved<P: Pane + ?Sized>(
    pane: &mut P,
    cx: Context<'_>,
    change: impl FnOnce(&mut Cursor),
) {
    let before = pane.cursor().at;
    change(pane.cursor_mut());
    let (len, height) = (pane.len(cx), cx.height());
    let mut onward = if pane.cursor().at < before { -1 } else { 1 };
    for _ in 0..MOST_GAPS {
        let at = pane.cursor().at;
        if at >= len || pane.target(cx, at).is_some() {
            return;
        }
        pane.cursor_mut().go(Motion::By(onward), len, height);
        if pane.cursor().at == at {
            onward = -onward;
        }
    }
}
