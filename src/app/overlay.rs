//! What lies over the view: an open box, and the line being typed in the last row. Both take keys before the view does.

use ratatui::crossterm::event::KeyEvent;

use super::dialogs::found::FoundForBox;
use super::dialogs::{self, Dialog, DialogContext, Reply, Wish};
use super::jobs::work::JobKind;
use super::outcome::Outcome;
use super::prompt::Prompt;

/// A box and a line, each perhaps. Of an event they say what is wanted done; `None` if neither took it.
#[derive(Debug, Default)]
pub(crate) struct Overlay {
    /// The line being typed.
    pub prompt: Option<Prompt>,
    /// The open box.
    pub dialog: Option<Box<dyn Dialog>>,
}

/// Box and line answer what they want done, `None` if neither took what was offered.
impl Overlay {
    /// Whether a box is open or a line is typed.
    pub(crate) fn is_busy(&self) -> bool {
        self.dialog.is_some() || self.prompt.is_some()
    }

    /// Another reading of the store is there: ids mean other paths.
    pub(super) fn close_what_is_about_paths(&mut self) {
        self.dialog.take_if(|dialog| dialog.is_about_paths());
    }

    /// Whether a search is being typed.
    pub(crate) fn is_searching(&self) -> bool {
        self.prompt.as_ref().is_some_and(Prompt::is_search)
    }

    /// The kinds of jobs whose results the box and the line take.
    pub(super) fn waits_for(&self) -> [Option<JobKind>; 2] {
        let of_dialog = self.dialog.as_ref().and_then(|dialog| dialog.waits_for());
        let of_prompt = self.prompt.as_ref().and_then(Prompt::waits_for);
        [of_dialog, of_prompt]
    }

    /// Takes a key, the box first.
    pub(super) fn key(&mut self, cx: DialogContext<'_>, event: KeyEvent) -> Option<Wish> {
        self.in_dialog(|dialog| dialog.key(cx, event))
            .or_else(|| self.prompt_key(cx, event))
    }

    /// The line takes a key.
    pub(super) fn prompt_key(&mut self, cx: DialogContext<'_>, event: KeyEvent) -> Option<Wish> {
        self.in_prompt(|prompt| prompt.key(cx, event))
    }

    /// A click of the mouse at a cell, or a notch of its wheel if there are rows: boxes alone take them.
    pub(super) fn mouse(
        &mut self,
        cx: DialogContext<'_>,
        at: (u16, u16),
        rows: isize,
        double: bool,
    ) -> Option<Wish> {
        self.in_dialog(|dialog| {
            if rows == 0 {
                return dialogs::click(dialog, cx, at, double);
            }
            dialogs::go(dialog, cx, |cursor, len, height| {
                cursor.scroll(rows, len, height);
            });
            Reply::Stay
        })
    }

    /// Takes a pasted text, the box first.
    pub(super) fn paste(&mut self, cx: DialogContext<'_>, text: &str) -> Option<Wish> {
        let mut told = None;
        let taken = self.in_dialog(|dialog| match dialog.line() {
            Some(line) => {
                told = line.paste(text);
                dialog.typed(cx)
            }
            None => Reply::Stay,
        });
        let said = told.map_or(Outcome::None, Outcome::Say);
        let both = |Wish { outcome, work }| Wish {
            outcome: Outcome::All(vec![outcome, said]),
            work,
        };
        taken
            .map(both)
            .or_else(|| self.in_prompt(|prompt| prompt.paste(text)))
    }

    /// Takes what a job found for a box or a line that may be closed by now.
    pub(super) fn take(&mut self, cx: DialogContext<'_>, found: FoundForBox) -> Option<Wish> {
        match found {
            FoundForBox::Names(..) => self.in_prompt(|prompt| prompt.take(found)),
            _ => self.in_dialog(|dialog| dialog.take(cx, found)),
        }
    }

    fn in_dialog(&mut self, act: impl FnOnce(&mut dyn Dialog) -> Reply) -> Option<Wish> {
        let (stays, wanted) = act(&mut **self.dialog.as_mut()?).parts();
        self.dialog.take_if(|_| !stays);
        wanted
    }

    fn in_prompt(&mut self, act: impl FnOnce(&mut Prompt) -> Reply) -> Option<Wish> {
        let (stays, wanted) = act(self.prompt.as_mut()?).parts();
        self.prompt.take_if(|_| !stays);
        wanted
    }
}
