//! The explorer's state and the one place where it changes. No IO, no clock, no threads, no drawing.
//!
//! [`App::update`] takes an [`Event`] and gives back [`Effect`]s to be performed outside; jobs come back as events too.

pub mod act;
pub mod command;
pub mod event;
pub mod explore;
pub mod facts;
pub mod jobs;
pub mod keymap;
pub mod layout;
pub mod list;
pub mod packages;
pub mod prompt;
pub mod rows;
pub mod work;

use std::mem;
use std::sync::Arc;

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use crate::model::PathId;

use self::command::{Command, Scope, lookup};
use self::event::{Effect, Event};
use self::explore::Look;
use self::facts::{Facts, Field, Sort};
use self::jobs::Jobs;
use self::keymap::Key;
use self::layout::Areas;
use self::packages::Packages;
use self::prompt::Line;
use self::rows::Found;
use self::work::{Done, Problem, Work};

/// A way to look at the closure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum View {
    /// Every path in one table.
    #[default]
    Packages,
}

impl View {
    /// All views, in the order of their tabs.
    pub const ALL: [Self; 1] = [Self::Packages];

    /// The command that shows it.
    pub fn command(self) -> Command {
        match self {
            Self::Packages => Command::Packages,
        }
    }

    /// Its name on the tab.
    pub fn title(self) -> &'static str {
        match self {
            Self::Packages => "Packages",
        }
    }
}

/// All state of the explorer.
#[derive(Debug, Default)]
pub struct App {
    pub(crate) size: (u16, u16),
    pub(crate) look: Look,
    pub(crate) notice: Option<String>,
    pub(crate) facts: Option<Facts>,
    pub(crate) failure: Option<Problem>,
    pub(crate) jobs: Jobs,
    pub(crate) view: View,
    pub(crate) side: bool,
    pub(crate) selected: Option<PathId>,
    pub(crate) packages: Packages,
    pub(crate) search: Option<Line>,
    pub(crate) message: Option<String>,
    effects: Vec<Effect>,
}

impl App {
    /// An explorer on a screen of this size, before anything is loaded, and what it wants done first.
    pub fn new(size: (u16, u16), look: Look, notice: Option<String>) -> (Self, Vec<Effect>) {
        let mut app = Self {
            size,
            look,
            notice,
            side: true,
            ..Self::default()
        };
        app.start(Work::Load);
        let effects = mem::take(&mut app.effects);
        (app, effects)
    }

    /// Takes notice of an event.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Key(key) => self.key(key),
            Event::Mouse(_) => {}
            Event::Paste(text) => self.paste(&text),
            Event::Resize(columns, rows) => self.size = (columns, rows),
            Event::Look(look) => self.look = look,
            Event::Progress(id, reading) => self.jobs.progress(id, reading),
            Event::Done(id, done) => {
                if self.jobs.end(id) {
                    self.done(done);
                }
            }
            Event::Trouble(text) => self.message = Some(text),
        }
        self.settle();
        mem::take(&mut self.effects)
    }

    /// Where on the screen what is; `None` if it is too small.
    pub(crate) fn areas(&self) -> Option<Areas> {
        Areas::of(self.size, self.side, self.notice.is_some())
    }

    /// How many rows of the list of the current view are on screen.
    pub(crate) fn list_height(&self) -> usize {
        self.areas()
            .map_or(1, |areas| usize::from(areas.main.height.saturating_sub(1)))
    }

    fn start(&mut self, work: Work) {
        let effect = self.jobs.start(work);
        self.effects.push(effect);
    }

    fn key(&mut self, event: KeyEvent) {
        let Some(key) = Key::of(event) else {
            return;
        };
        self.message = None;
        if self.search.is_some() {
            return self.search_key(event);
        }
        if let Some(command) = lookup(key, &self.scopes()) {
            self.act(command);
        }
    }

    fn scopes(&self) -> Vec<Scope> {
        let view = match self.view {
            View::Packages => Scope::Packages,
        };
        vec![Scope::Everywhere, Scope::Views, view]
    }

    fn search_key(&mut self, event: KeyEvent) {
        match event.code {
            KeyCode::Esc => {
                self.search = None;
                self.find(String::new());
            }
            KeyCode::Enter => self.search = None,
            KeyCode::Up => self.act(Command::Up),
            KeyCode::Down => self.act(Command::Down),
            KeyCode::PageUp => self.act(Command::PageUp),
            KeyCode::PageDown => self.act(Command::PageDown),
            _ => {
                let Some(line) = &mut self.search else { return };
                if line.key(event) == Some(true) {
                    let text = line.text().to_owned();
                    self.find(text);
                }
            }
        }
    }

    fn paste(&mut self, text: &str) {
        if let Some(line) = &mut self.search {
            line.paste(text);
            let text = line.text().to_owned();
            self.find(text);
        }
    }

    /// Asks for the rows that match a text.
    pub(crate) fn find(&mut self, text: String) {
        if text == self.packages.text {
            return;
        }
        self.packages.by_match = !text.trim().is_empty();
        self.packages.text = text;
        self.refresh_rows();
    }

    /// Asks for the rows that are wanted now.
    pub(crate) fn refresh_rows(&mut self) {
        if let Some(facts) = &self.facts {
            let query = self.packages.query(facts);
            self.start(Work::Rows(Box::new(query)));
        }
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Cancelled => self.message = Some("called off".to_owned()),
            Done::Failed(problem) => self.failure = Some(problem),
            Done::Loaded(snapshot) => {
                self.failure = None;
                let facts = Facts::of(*snapshot);
                let shared = Arc::clone(&facts.snapshot);
                self.facts = Some(facts);
                self.start(Work::Base(shared));
                self.refresh_rows();
            }
            Done::Base(base) => {
                if let Some(facts) = &mut self.facts {
                    facts.base = Some(base);
                    let facts = facts.clone();
                    self.start(Work::Sizes(facts));
                    if !self.packages.touched {
                        self.packages.sort = Sort::by(Field::Retained);
                    }
                    self.refresh_rows();
                }
            }
            Done::Sizes(sizes) => {
                if let Some(facts) = &mut self.facts {
                    facts.sizes = Some(sizes);
                    if self.packages.sort.field == Field::Closure {
                        self.packages.found = None;
                        self.refresh_rows();
                    }
                }
            }
            Done::Rows(found) => self.take_rows(*found),
        }
    }

    fn take_rows(&mut self, found: Found) {
        let best_first = self.packages.by_match && self.search.is_some();
        self.packages.found = Some(found);
        let at = match self.selected {
            Some(id) if self.packages.touched && !best_first => {
                self.packages.rows().iter().position(|&row| row == id)
            }
            _ => None,
        };
        let (len, height) = (self.packages.rows().len(), self.list_height());
        self.packages.cursor.reveal(at.unwrap_or(0), len, height);
        self.select_row();
    }

    /// What the cursor of the table is on becomes the selection.
    pub(crate) fn select_row(&mut self) {
        if let Some(&id) = self.packages.rows().get(self.packages.cursor.at) {
            self.selected = Some(id);
        }
    }

    /// After every event: keeps the cursor in its list and on the screen.
    fn settle(&mut self) {
        let (len, height) = (self.packages.rows().len(), self.list_height());
        self.packages.cursor.fit(len, height);
    }
}
