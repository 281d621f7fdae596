//! What each command does, and when it can be given.

use super::command::Command;
use super::event::Effect;
use super::facts::Sort;
use super::list::Motion;
use super::prompt::Line;
use super::work::Work;
use super::{App, View};

impl App {
    /// Why a command cannot be given now; `None` if it can.
    pub(crate) fn obstacle(&self, command: Command) -> Option<&'static str> {
        match command {
            Command::Quit | Command::Redraw | Command::Suspend | Command::Reload => None,
            _ if self.facts.is_none() => Some("nothing is loaded yet"),
            _ => None,
        }
    }

    /// Gives a command.
    pub(crate) fn act(&mut self, command: Command) {
        if let Some(obstacle) = self.obstacle(command) {
            self.message = Some(format!("{}: {obstacle}", command.spec().title));
            return;
        }
        match command {
            Command::Up => self.go(Motion::By(-1)),
            Command::Down => self.go(Motion::By(1)),
            Command::PageUp => self.go(Motion::Pages(-1)),
            Command::PageDown => self.go(Motion::Pages(1)),
            Command::First => self.go(Motion::First),
            Command::Last => self.go(Motion::Last),
            Command::Packages => self.view = View::Packages,
            Command::Details => self.side = !self.side,
            Command::Search => self.search = Some(Line::new(&self.packages.text)),
            Command::Sort => self.sort_next(),
            Command::SortReverse => {
                let Sort { field, descending } = self.packages.sort;
                self.sort(Sort {
                    field,
                    descending: !descending,
                });
            }
            Command::CopyPath => self.copy_path(),
            Command::Reload => self.start(Work::Load),
            Command::Escape => self.escape(),
            Command::Redraw => self.effects.push(Effect::Redraw),
            Command::Suspend => self.effects.push(Effect::Suspend),
            Command::Quit => self.effects.push(Effect::Quit(None)),
            _ => {}
        }
    }

    fn go(&mut self, motion: Motion) {
        let (len, height) = (self.packages.rows().len(), self.list_height());
        self.packages.cursor.go(motion, len, height);
        self.packages.touched = true;
        self.select_row();
    }

    fn sort_next(&mut self) {
        let fields = &self.packages.fields;
        let at = fields
            .iter()
            .position(|&field| field == self.packages.sort.field);
        let next = fields[(at.map_or(0, |at| at + 1)) % fields.len()];
        self.sort(Sort::by(next));
    }

    /// Sorts the table.
    pub(crate) fn sort(&mut self, sort: Sort) {
        self.packages.sort = sort;
        self.packages.by_match = false;
        self.packages.touched = true;
        self.refresh_rows();
    }

    fn copy_path(&mut self) {
        if let (Some(facts), Some(id)) = (&self.facts, self.selected) {
            let path = facts.graph().path(id).to_string();
            self.message = Some(format!("copied {path}"));
            self.effects.push(Effect::Copy(path));
        }
    }

    fn escape(&mut self) {
        if let Some(job) = self.jobs.newest_long() {
            let effect = self.jobs.cancel(job.kind);
            self.effects.push(effect);
        } else if !self.packages.text.is_empty() {
            self.find(String::new());
        }
    }
}
