//! Tab in a question for a file: as much as all names share, then one name after the other.

use crate::user_files::names::{Names, last_part};

use super::Line;
use super::question::Ask;
use crate::app::App;
use crate::app::jobs::work::{Kind, Work};

/// Names that may stand in the line.
#[derive(Debug, Clone)]
pub struct Filenames {
    names: Names,
    /// Which of them does, if tab was pressed again.
    at: Option<usize>,
}

impl Filenames {
    /// The last parts of the names, the one that stands in the line left out.
    pub fn others(&self) -> impl Iterator<Item = &str> {
        let all = self.names.paths.iter().enumerate();
        let others = all.filter(|&(at, _)| Some(at) != self.at);
        others.map(|(_, path)| &path[last_part(path.trim_end_matches('/'))..])
    }

    /// Are there more than are told?
    pub fn more(&self) -> bool {
        self.names.more
    }

    fn turned(mut self, onward: bool) -> Self {
        let len = self.names.paths.len();
        self.at = Some(match (self.at, onward) {
            (None, true) => 0,
            (None, false) => len - 1,
            (Some(at), true) => (at + 1) % len,
            (Some(at), false) => (at + len - 1) % len,
        });
        self
    }
}

impl App {
    /// Tab: names are looked for, or the next one of those that were found stands in the line.
    pub(crate) fn complete_file(&mut self, onward: bool) {
        let Some(ask) = &mut self.ask else { return };
        let Some(found) = ask.names.take() else {
            let typed = ask.line.text().to_owned();
            return self.start(Work::Names(typed));
        };
        let next = found.turned(onward);
        if let Some(path) = next.at.and_then(|at| next.names.paths.get(at)) {
            ask.line = Line::new(path);
        }
        ask.names = Some(next);
    }

    /// Takes the names found for what was typed, if that still stands in the line.
    pub(crate) fn take_names(&mut self, typed: &str, found: Result<Names, String>) {
        let fits = |ask: &&mut Ask| ask.line.text() == typed;
        let Some(ask) = self.ask.as_mut().filter(fits) else {
            return;
        };
        let names = match found {
            Ok(names) => names,
            Err(message) => {
                self.message = Some(message);
                return;
            }
        };
        if names.common().len() > typed.len() {
            ask.line = Line::new(names.common());
        }
        match names.paths.len() {
            0 => self.message = Some("no file begins like that".to_owned()),
            // Where it is a directory, tab goes on into it.
            1 => {}
            _ => ask.names = Some(Filenames { names, at: None }),
        }
    }

    /// Nobody waits for names once the question is gone.
    pub(crate) fn drop_names(&mut self) {
        if self.ask.is_none() && self.jobs.runs(Kind::Names) {
            let effect = self.jobs.cancel(Kind::Names);
            self.effects.push(effect);
        }
    }
}
