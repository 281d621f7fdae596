//! The explorer's state and the one place where it changes. `update` does no IO, knows no clock and draws nothing.
//!
//! [`App::update`] takes an [`Event`] and gives back [`Effect`]s to be performed outside; jobs come back as events too.

pub(crate) mod able;
pub(crate) mod commands;
pub mod config;
pub(crate) mod details;
pub(crate) mod dialogs;
mod early;
pub(crate) mod event;
pub(crate) mod explore;
pub(crate) mod facts;
pub(crate) mod frame;
mod host;
pub(crate) mod jobs;
pub(crate) mod keys;
mod marking;
pub(crate) mod obstacle;
pub(crate) mod outcome;
pub(crate) mod pane;
pub(crate) mod pins;
pub(crate) mod planning;
pub(crate) mod problem;
pub(crate) mod prompt;
mod results;
pub(crate) mod shared;
pub(crate) mod target;
pub(crate) mod update;
pub(crate) mod views;

use std::mem;

use ratatui::crossterm::event::KeyEvent;

use crate::analysis::plan::PlanFile;
use crate::model::{PathId, Warning};

use self::details::Details;
use self::dialogs::Dialog;
use self::dialogs::lines::Messages;
use self::early::Early;
use self::event::{Effect, Event};
use self::explore::{Explore, Look};
use self::facts::Facts;
use self::frame::layout::{Areas, Side, SidePane};
use self::jobs::missing;
use self::jobs::running::Jobs;
use self::jobs::work::{Kind, Work};
use self::keys::command::{Command, Scope, Spec};
use self::keys::keymap::Key;
use self::outcome::Outcome;
use self::pane::Pane;
use self::planning::Saved;
use self::problem::Problem;
use self::prompt::Prompt;
use self::prompt::search::Searches;
use self::shared::{Context, Shared};
use self::target::Target;
pub(crate) use self::views::View;
use self::views::Views;
use self::views::list::{self, Motion};

/// Which pane has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Focus {
    /// The view.
    #[default]
    Main,
    /// The details.
    Side,
}

/// A place to come back to.
#[derive(Debug)]
struct Place {
    view: View,
    selected: Option<PathId>,
    views: Views,
}

/// All state of the explorer.
#[derive(Debug, Default)]
pub struct App {
    pub(crate) shared: Shared,
    /// What is known so far.
    pub(crate) facts: Option<Facts>,
    /// Why nothing could be loaded.
    pub(crate) failure: Option<Problem>,
    /// Whether the store has changed since it was read.
    pub(crate) stale: bool,
    pub(crate) jobs: Jobs,
    pub(crate) view: View,
    pub(crate) focus: Focus,
    pub(crate) side: SidePane,
    pub(crate) views: Views,
    pub(crate) details: Details,
    /// The line being typed.
    pub(crate) prompt: Option<Prompt>,
    searches: Searches,
    /// The open box.
    pub(crate) dialog: Option<Box<dyn Dialog>>,
    /// What is said in the last row.
    pub(crate) message: Option<String>,
    pub(crate) messages: Messages,
    /// Whether the plan is in some file.
    pub(crate) saved: Saved,
    /// Where the data come from, if that needs saying.
    pub(crate) notice: Option<String>,
    /// What was typed before the store was read.
    early: Early,
    /// A plan to begin with, until the store is read.
    planned: Option<PlanFile>,
    /// What is wrong with the configuration, and what was with files.
    notes: Vec<Warning>,
    /// Steps of a plan that was read and that do not apply here.
    pub(crate) plan_notes: Vec<Warning>,
    /// Where one can go back to, the last place last.
    places: Vec<Place>,
    effects: Vec<Effect>,
}

impl App {
    /// An explorer on a screen of this size, before anything is loaded, and what it wants done first.
    pub fn new(size: (u16, u16), look: Look, notice: Option<String>) -> (Self, Vec<Effect>) {
        let mut app = Self {
            shared: Shared {
                look,
                size,
                ..Shared::default()
            },
            notice,
            ..Self::default()
        };
        app.start(Work::Load(None));
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
        if let Some(event) = self.keep_early(event) {
            self.take(event);
        }
        self.settle();
        for event in self.take_early() {
            self.take(event);
            self.settle();
        }
        if let Some(message) = &self.message {
            self.messages.note(message);
        }
        mem::take(&mut self.effects)
    }

    fn take(&mut self, event: Event) {
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

    /// The view at the front.
    pub fn view(&self) -> View {
        self.view
    }

    /// Why nothing could be loaded, unless that was cancelled.
    pub fn failure(&self) -> Option<&Problem> {
        let cancelled = self.jobs.is_cancelled(Kind::Load);
        self.failure.as_ref().filter(|_| !cancelled)
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
        let narrowed = ready && self.is_narrowed();
        areas.map(|areas| if narrowed { areas.with_badges() } else { areas })
    }

    /// Whether the view shows but what was searched for: parts of the search stand where they can be taken away.
    pub(crate) fn is_narrowed(&self) -> bool {
        let narrows = self.view.spec().own.contains(&Command::DropPart);
        narrows && !self.views.packages.text.trim().is_empty()
    }

    /// Columns and rows that the list of a pane has on screen.
    fn room(&self, focus: Focus) -> (u16, u16) {
        let Some(areas) = self.areas() else {
            return (0, 1);
        };
        match focus {
            Focus::Main => {
                let height = areas.main.height.saturating_sub(self.view.head());
                (areas.main.width, height)
            }
            Focus::Side => {
                let height = self.details.room(areas.side.height);
                (areas.side.width, height as u16)
            }
        }
    }

    fn is_searching(&self) -> bool {
        self.prompt.as_ref().is_some_and(Prompt::is_search)
    }

    /// A pane, and what it may read; `None` before anything is loaded.
    pub(crate) fn pane(&self, focus: Focus) -> Option<(&dyn Pane, Context<'_>)> {
        let cx = Context {
            facts: self.facts.as_ref()?,
            shared: &self.shared,
            room: self.room(focus),
            searching: self.is_searching(),
        };
        Some(match focus {
            Focus::Main => (self.views.pane(self.view), cx),
            Focus::Side => (&self.details, cx),
        })
    }

    /// Lets a pane do something.
    fn in_pane<R>(
        &mut self,
        focus: Focus,
        act: impl FnOnce(&mut dyn Pane, Context<'_>) -> R,
    ) -> Option<R> {
        let (room, searching) = (self.room(focus), self.is_searching());
        let cx = Context {
            facts: self.facts.as_ref()?,
            shared: &self.shared,
            room,
            searching,
        };
        Some(match focus {
            Focus::Main => act(self.views.pane_mut(self.view), cx),
            Focus::Side => act(&mut self.details, cx),
        })
    }

    /// How many rows the list that has the keys has.
    pub(crate) fn list_len(&self) -> usize {
        self.pane(self.focus).map_or(0, |(pane, cx)| pane.len(cx))
    }

    /// The row of the cursor in the list that has the keys.
    pub(crate) fn list_at(&self) -> usize {
        self.pane(self.focus)
            .map_or(0, |(pane, _)| pane.cursor().at)
    }

    /// What the row of the cursor stands for, in the view at the front or in the details.
    pub(crate) fn target(&self, focus: Focus) -> Option<Target> {
        let (pane, cx) = self.pane(focus)?;
        list::here(pane, cx)
    }

    /// What can be wrong: with the store, with the plan that was read, with the configuration.
    pub(crate) fn warnings(&self) -> Vec<&Warning> {
        let of_store = self.facts.iter().flat_map(|facts| &facts.snapshot.warnings);
        of_store
            .chain(&self.plan_notes)
            .chain(&self.notes)
            .collect()
    }

    pub(crate) fn start(&mut self, work: Work) {
        let effect = self.jobs.start(work);
        self.effects.push(effect);
    }

    fn key(&mut self, event: KeyEvent) {
        let Some(key) = Key::of(event) else {
            return;
        };
        self.message = None;
        self.saved.weigh(key.is_interrupt());
        if self.dialog_key(event) || self.prompt_key(event) {
            return;
        }
        let of_view = self
            .shared
            .keys
            .lookup(key, |spec| spec.is_heard(self.view));
        // Rows of the details stand for references in every view.
        let of_references = |spec: &Spec| spec.scope == Scope::References;
        let of_side = || self.shared.keys.lookup(key, of_references);
        match of_view.or_else(|| of_side().filter(|_| self.focus == Focus::Side)) {
            Some(command) => self.act(command),
            None => self.explain(key),
        }
    }

    /// On a larger screen no rows stay hidden above a cursor that the first screen has room for.
    fn unscroll(&mut self) {
        self.in_pane(self.focus, |pane, cx| {
            let cursor = pane.cursor_mut();
            if cursor.at < cx.height() {
                cursor.top = 0;
            }
        });
    }

    /// Asks a pane to do something, and does what it wants done. The place before may be remembered.
    fn ask_pane(&mut self, focus: Focus, act: impl FnOnce(&mut dyn Pane, Context<'_>) -> Outcome) {
        let place = self.place();
        if let Some(outcome) = self.in_pane(focus, act) {
            self.carry_out_from(outcome, Some(place));
        }
    }

    /// Moves the cursor of the list that has the keys.
    fn go(&mut self, motion: Motion) {
        if let Some(outcome) = self.in_pane(self.focus, |pane, cx| pane.go(cx, motion)) {
            self.carry_out(outcome);
        }
    }

    /// What the cursor of the view is on becomes the selection; the details have a cursor of their own.
    pub(crate) fn select_current(&mut self) {
        if self.focus == Focus::Main
            && let Some(target) = self.target(Focus::Main)
            && (target.path.is_some() || target.many.is_some())
        {
            self.shared.selected = target.path;
        }
    }

    /// After every event: lists within their bounds, details of what is selected, answers on their way.
    fn settle(&mut self) {
        self.side.alone &= !Areas::has_room_for_side(self.shared.size.0);
        if self.focus == Focus::Side && self.side.on(self.shared.size.0) == Side::Hidden {
            self.focus = Focus::Main;
        }
        self.drop_jobs_of_dialogs();
        if let Some(outcome) = self.in_pane(Focus::Main, |pane, cx| pane.settle(cx)) {
            self.carry_out(outcome);
        }
        self.fill_details();
        if self.focus == Focus::Side {
            self.in_pane(Focus::Side, |pane, cx| pane.settle(cx));
        }
        // Nothing that the user has cancelled is started again by itself.
        for work in missing::missing(self) {
            let kind = work.kind();
            if !self.jobs.runs(kind) && !self.jobs.is_cancelled(kind) {
                self.start(work);
            }
        }
    }

    fn fill_details(&mut self) {
        match (&self.facts, self.shared.selected) {
            (Some(facts), Some(id)) => self.details.fill(facts, id, self.shared.look.units),
            // No rows of another path are left to act on.
            (_, None) => self.details = Details::default(),
            _ => {}
        }
    }
}
