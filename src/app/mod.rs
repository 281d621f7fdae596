//! The explorer's state and the one place where it changes. No IO, no clock, no threads, no drawing.
//!
//! [`App::update`] takes an [`Event`] and gives back [`Effect`]s to be performed outside; jobs come back as events too.

pub mod commands;
pub mod config;
pub mod details;
pub mod dialogs;
pub mod event;
pub mod explore;
pub mod facts;
pub mod frame;
pub mod jobs;
pub mod keys;
pub mod nav;
pub mod obstacle;
pub mod outcome;
pub mod planning;
pub mod problem;
pub mod prompt;
pub mod settle;
pub mod shared;
pub mod target;
pub mod update;
pub mod views;

use std::mem;

use ratatui::crossterm::event::KeyEvent;

use crate::analysis::plan::PlanFile;
use crate::analysis::what_if::Step;
use crate::model::{PathId, Warning};

use self::details::Details;
use self::dialogs::Dialog;
use self::dialogs::lines::Messages;
use self::event::{Effect, Event};
use self::explore::{Explore, Look};
use self::facts::Facts;
use self::frame::layout::{Areas, Side, SidePane};
use self::jobs::running::Jobs;
use self::jobs::work::{Kind, Work};
use self::keys::command::Scope;
use self::keys::keymap::Key;
use self::nav::Place;
use self::prompt::Prompt;
use self::prompt::search::Searches;
use self::shared::Shared;
pub use self::views::View;
use self::views::groups::Views;
use self::views::list::Cursor;
use self::views::map::{Map, Rest, Tile};
use crate::app::problem::Problem;

/// Which pane has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Focus {
    /// The view.
    #[default]
    Main,
    /// The details.
    Side,
}

/// All state of the explorer.
#[derive(Debug, Default)]
pub struct App {
    pub(crate) notice: Option<String>,
    pub(crate) shared: Shared,
    pub(crate) facts: Option<Facts>,
    pub(crate) failure: Option<Problem>,
    /// Has the store changed since it was read?
    pub(crate) stale: bool,
    pub(crate) jobs: Jobs,
    /// What the user called off, not to be started again by itself.
    given_up: Vec<(Kind, Option<PathId>)>,
    pub(crate) view: View,
    pub(crate) focus: Focus,
    pub(crate) side: SidePane,
    kept: planning::Kept,
    pub(crate) views: Views,
    pub(crate) map_cursor: Cursor,
    /// The map's tiles, and what they were laid out for.
    pub(crate) tiles: Vec<Tile>,
    tiled: Option<(Map, (u16, u16))>,
    /// The block of many paths that the cursor of the map is on, to be found in another layout.
    map_block: Option<Rest>,
    pub(crate) details: Details,
    /// The line being typed.
    pub(crate) prompt: Option<Prompt>,
    searches: Searches,
    /// Steps of a plan that was read and that do not apply here.
    pub(crate) plan_notes: Vec<Warning>,
    /// What was odd about the configuration.
    notes: Vec<Warning>,
    /// A plan to begin with, until the store is read.
    planned: Option<PlanFile>,
    /// The open box.
    pub(crate) dialog: Option<Box<dyn Dialog>>,
    pub(crate) message: Option<String>,
    pub(crate) messages: Messages,
    places: Vec<Place>,
    effects: Vec<Effect>,
}

impl App {
    /// An explorer on a screen of this size, before anything is loaded, and what it wants done first.
    pub fn new(size: (u16, u16), look: Look, notice: Option<String>) -> (Self, Vec<Effect>) {
        let mut app = Self {
            shared: Shared {
                size,
                look,
                ..Shared::default()
            },
            notice,
            ..Self::default()
        };
        app.start(Work::Load);
        let effects = mem::take(&mut app.effects);
        (app, effects)
    }

    /// As [`App::new`], with everything that was said when the explorer was opened.
    pub fn open(size: (u16, u16), look: Look, explore: &Explore) -> (Self, Vec<Effect>) {
        let (mut app, effects) = Self::new(size, look, explore.notice.clone());
        app.planned.clone_from(&explore.plan);
        app.notes.clone_from(&explore.notes);
        app.shared.keys.clone_from(&explore.config.keys);
        if let Some(columns) = &explore.config.columns {
            app.views.packages.fields.clone_from(columns);
        }
        (app, effects)
    }

    /// Takes notice of an event.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Key(key) => self.key(key),
            Event::Mouse(mouse) => self.mouse(mouse),
            Event::Paste(text) => self.paste(&text),
            Event::Resize(columns, rows) => {
                self.shared.size = (columns, rows);
                self.unscroll();
            }
            Event::Background(light) => self.shared.look.light = light,
            Event::Progress(id, reading) => self.jobs.progress(id, reading),
            Event::Done(id, done) => {
                if self.jobs.end(id) {
                    self.done(done);
                }
            }
            Event::Trouble(text) => self.message = Some(text),
        }
        self.settle();
        if let Some(message) = &self.message {
            self.messages.note(message);
        }
        mem::take(&mut self.effects)
    }

    /// Columns and rows of the screen.
    pub fn size(&self) -> (u16, u16) {
        self.shared.size
    }

    /// The path that all views show, if there is one.
    pub fn selected(&self) -> Option<PathId> {
        self.shared.selected
    }

    /// What is known so far; `None` before anything is loaded.
    pub fn facts(&self) -> Option<&Facts> {
        self.facts.as_ref()
    }

    /// Why nothing could be loaded, unless that was called off.
    pub fn failure(&self) -> Option<&Problem> {
        let called_off = self.has_given_up(Kind::Load);
        self.failure.as_ref().filter(|_| !called_off)
    }

    /// Where on the screen what is; `None` if it is too small.
    pub(crate) fn areas(&self) -> Option<Areas> {
        let ready = self.facts.is_some() && self.failure.is_none();
        let side = if ready {
            self.side.on(self.shared.size.0)
        } else {
            Side::Hidden
        };
        let areas = Areas::of(self.shared.size, side, self.notice.is_some());
        let filtered =
            ready && self.view == View::Packages && !self.views.packages.text.trim().is_empty();
        areas.map(|areas| if filtered { areas.with_badges() } else { areas })
    }

    /// How many rows of the list that has the keys are on screen.
    pub(crate) fn list_height(&self) -> usize {
        self.areas().map_or(1, |areas| match self.focus {
            Focus::Main => usize::from(areas.main.height.saturating_sub(self.view.head())),
            Focus::Side => self.details.room(areas.side.height),
        })
    }

    /// What was odd about the store, and about the plan that was read.
    pub(crate) fn warnings(&self) -> Vec<&Warning> {
        let of_store = self.facts.iter().flat_map(|facts| &facts.snapshot.warnings);
        of_store
            .chain(&self.plan_notes)
            .chain(&self.notes)
            .collect()
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
        self.weigh_quitting(key.is_interrupt());
        if self.dialog_key(event) {
            return;
        }
        if self.prompt_key(event) {
            return;
        }
        let of_view = self.shared.keys.lookup(key, self.view.scopes());
        // Rows of the details stand for references in every view.
        let of_side = || self.shared.keys.lookup(key, &[Scope::References]);
        match of_view.or_else(|| of_side().filter(|_| self.focus == Focus::Side)) {
            Some(command) => self.act(command),
            None => self.explain(key),
        }
    }

    /// Asks for the rows that are wanted now.
    pub(crate) fn refresh_rows(&mut self) {
        if let Some(facts) = &self.facts {
            let removed = |step: &Step| match *step {
                Step::Remove(id) => Some(id),
                _ => None,
            };
            let marked = self
                .shared
                .plan
                .steps()
                .iter()
                .filter_map(removed)
                .collect();
            let query = self.views.packages.query(facts, marked);
            self.start(Work::Rows(Box::new(query)));
        }
    }

    /// After every event: lists within their bounds, details of what is selected, answers on their way.
    fn settle(&mut self) {
        self.side.alone &= !Areas::has_room_for_side(self.shared.size.0);
        if self.focus == Focus::Side && self.side.on(self.shared.size.0) == Side::Hidden {
            self.focus = Focus::Main;
        }
        self.lay_out_map();
        self.drop_jobs_of_dialogs();
        self.fill_details();
        let (len, height) = (self.list_len(), self.list_height());
        let before = self.list_cursor().at;
        self.list_cursor().fit(len, height);
        self.skip_gaps(before, len, height);
        if self.view == View::Marks {
            // Rows come and go below the cursor as the plan changes.
            self.select_current();
            self.fill_details();
        }
        self.ask_for_answers();
    }

    fn fill_details(&mut self) {
        self.map_block = self.current_block().and_then(|tile| tile.rest);
        match (&self.facts, self.shared.selected) {
            (Some(facts), Some(id)) => self.details.fill(facts, id, self.shared.look.units),
            // No rows of another path are left to act on.
            (_, None) => self.details = Details::default(),
            _ => {}
        }
    }
}
