//! What boxes and lines being typed want done: the explorer's side of [`Dialog`].

use ratatui::crossterm::event::KeyEvent;

use super::dialogs::{self, Dialog, DialogContext, Found, Host, Reply};
use super::facts::Field;
use super::jobs::work::Kind;
use super::keys::command::Command;
use super::outcome::Outcome;
use super::{App, View};

impl Host for App {
    fn why_not(&self, command: Command) -> Option<String> {
        self.obstacle(command).map(str::to_owned)
    }

    fn columns(&self) -> (&[Field], Vec<Field>) {
        let width = self.areas().map_or(0, |areas| areas.main.width);
        let columns = self.views.packages.columns(width, self.shared.look.units);
        let placed = columns.places.iter().map(|place| place.field);
        (&self.views.packages.fields, placed.collect())
    }

    fn warnings(&self) -> Vec<String> {
        let warnings = self.warnings();
        warnings.into_iter().map(ToString::to_string).collect()
    }

    fn messages(&self) -> Vec<String> {
        self.messages.iter().map(str::to_owned).collect()
    }
}

impl App {
    /// What a box may read.
    pub(crate) fn dialog_context(&self) -> DialogContext<'_> {
        DialogContext {
            facts: self.facts.as_ref(),
            shared: &self.shared,
            host: self,
        }
    }

    /// Opens a box, in place of one that is open.
    pub(crate) fn open_dialog(&mut self, dialog: impl Dialog + 'static) {
        let work = dialog.begins_with(self.dialog_context());
        self.dialog = Some(Box::new(dialog));
        if let Some(work) = work {
            self.start(work);
        }
    }

    /// Lets the open box do something, and does what it wants done. Tells whether there is a box and it took the event.
    fn in_dialog(&mut self, act: impl FnOnce(&mut dyn Dialog, DialogContext<'_>) -> Reply) -> bool {
        let Some(mut dialog) = self.dialog.take() else {
            return false;
        };
        let reply = act(&mut *dialog, self.dialog_context());
        if matches!(reply, Reply::Stay | Reply::Do(_)) {
            self.dialog = Some(dialog);
        }
        match reply {
            Reply::Stay | Reply::Close => {}
            Reply::Pass => return false,
            Reply::Do(outcome) | Reply::Then(outcome) => self.carry_out(outcome),
        }
        true
    }

    pub(super) fn dialog_key(&mut self, event: KeyEvent) -> bool {
        self.in_dialog(|dialog, cx| dialog.key(cx, event))
    }

    /// A click at a cell, or a notch of the wheel if there are rows.
    pub(super) fn dialog_mouse(&mut self, at: (u16, u16), rows: isize, double: bool) -> bool {
        self.in_dialog(|dialog, cx| {
            if rows == 0 {
                return dialogs::click(dialog, cx, at, double);
            }
            dialogs::go(dialog, cx, |cursor, len, height| {
                cursor.scroll(rows, len, height);
            });
            Reply::Stay
        })
    }

    /// Text that was pasted.
    pub(super) fn dialog_paste(&mut self, text: &str) -> bool {
        self.in_dialog(|dialog, cx| match dialog.line() {
            Some(line) => {
                line.paste(text);
                dialog.typed(cx)
            }
            None => Reply::Stay,
        })
    }

    /// What a job found for a box that may be closed by now.
    pub(super) fn dialog_takes(&mut self, found: Found) {
        self.in_dialog(|dialog, cx| dialog.take(cx, found));
    }

    /// Jobs whose results only a box takes end with it.
    pub(super) fn drop_jobs_of_dialogs(&mut self) {
        let wanted = self.dialog.as_ref().and_then(|dialog| dialog.waits_for());
        for kind in Kind::OF_DIALOGS {
            if wanted != Some(kind) && self.jobs.runs(kind) {
                let effect = self.jobs.cancel(kind);
                self.effects.push(effect);
            }
        }
    }

    /// Does what a view, a box or a line wants done.
    pub(crate) fn carry_out(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::None => {}
            Outcome::Select => self.select_current(),
            Outcome::Selected(id) => self.shared.selected = id,
            Outcome::Remembered(outcome) => {
                self.remember();
                self.carry_out(*outcome);
            }
            Outcome::Back => self.back(),
            Outcome::Tree(mode, top) => self.root_tree_at(mode, top),
            Outcome::Why(id, reference) => {
                self.shared.selected = Some(id);
                self.show(View::Why);
                if let Some(reference) = reference {
                    self.views.why.seek(reference);
                }
            }
            Outcome::Give(command) => self.act(command),
            Outcome::Toggle(steps) => self.toggle_all(steps),
            Outcome::Find(text) => self.find(text),
            Outcome::Sort(sort) => self.sort(sort),
            Outcome::Column(field) => self.toggle_column(field),
            Outcome::Say(message) => self.message = Some(message),
            Outcome::Start(work) => self.start(work),
            Outcome::Effect(effect) => self.effects.push(effect),
            Outcome::All(outcomes) => {
                for outcome in outcomes {
                    self.carry_out(outcome);
                }
            }
        }
    }

    fn toggle_column(&mut self, field: Field) {
        self.forgive_extra();
        let fields = &mut self.views.packages.fields;
        if fields.contains(&field) {
            fields.retain(|&other| other != field);
        } else {
            fields.push(field);
            fields.sort_by_key(|field| Field::ALL.iter().position(|other| other == field));
        }
    }
}
