//! The explorer's state and the one place where it changes. `update` does no IO, knows no clock and draws nothing.
//!
//! [`App::update`] takes an [`Event`] and gives back [`Effect`]s to be performed outside; jobs come back as events too.

pub(crate) mod able;
pub(crate) mod commands;
mod comparing;
pub mod config;
mod copying;
pub(crate) mod cursor;
pub(crate) mod details;
pub(crate) mod dialogs;
pub(crate) mod evaluation;
pub(crate) mod event;
pub(crate) mod explore;
pub(crate) mod facts;
pub(crate) mod frame;
pub(crate) mod host;
pub(crate) mod jobs;
pub(crate) mod keys;
pub(crate) mod loading;
pub(crate) mod look;
pub(crate) mod obstacle;
pub(crate) mod outcome;
mod outcomes;
pub(crate) mod overlay;
pub(crate) mod pane;
pub(crate) mod places;
pub(crate) mod planning;
pub(crate) mod problem;
pub(crate) mod prompt;
pub(crate) mod said;
pub(crate) mod shared;
pub(crate) mod target;
pub(crate) mod view;
pub(crate) mod views;

use std::mem;

use crate::model::{PathId, Warning};

use self::cursor::Motion;
use self::details::Details;
use self::dialogs::{Dialog, DialogContext, Wish};
use self::event::{Effect, Event};
use self::explore::Explore;
use self::facts::Facts;
use self::frame::layout::{Areas, Side, SidePane};
use self::jobs::missing;
use self::jobs::running::Jobs;
use self::jobs::work::{JobKind, Work};
use self::keys::command::Command;
use self::loading::Loading;
use self::look::Look;
use self::obstacle::Obstacle;
use self::outcome::Outcome;
use self::overlay::Overlay;
use self::pane::Pane;
use self::places::{BackPlace, Places};
use self::planning::Saved;
use self::problem::Problem;
use self::prompt::Prompt;
use self::prompt::file_question::FileQuestion;
use self::said::Said;
use self::shared::{Context, Shared};
use self::target::Target;
pub(crate) use self::view::View;
use self::views::Views;

/// Which pane has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Focus {
    /// The view.
    #[default]
    Main,
    /// The details.
    Side,
}

/// All state of the explorer.
#[derive(Debug, Default)]
pub struct App {
    pub(crate) shared: Shared,
    /// What is known so far.
    pub(crate) facts: Option<Facts>,
    pub(crate) loading: Loading,
    pub(crate) jobs: Jobs,
    pub(crate) view: View,
    pub(crate) focus: Focus,
    pub(crate) side: SidePane,
    pub(crate) views: Views,
    pub(crate) details: Details,
    pub(crate) overlay: Overlay,
    pub(crate) said: Said,
    /// Whether the plan is in some file.
    pub(crate) saved: Saved,
    places: Places,
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
            ..Self::default()
        };
        app.said.notice = notice;
        app.start(Work::Load(None));
        let effects = mem::take(&mut app.effects);
        (app, effects)
    }

    /// As [`App::new`], with everything that was said when the explorer was opened.
    pub fn open(size: (u16, u16), look: Look, explore: &Explore) -> (Self, Vec<Effect>) {
        let (mut app, effects) = Self::new(size, look, explore.notice.clone());
        app.loading.planned.clone_from(&explore.plan);
        app.said.notes.clone_from(&explore.notes);
        app.shared.keys.clone_from(&explore.config.keys);
        app.shared.evaluation.config = explore
            .configured
            .as_ref()
            .map(evaluation::Configured::shown);
        if let Some(columns) = &explore.config.columns {
            app.views.packages.show_columns(columns);
        }
        (app, effects)
    }

    /// Takes notice of an event.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        if let Some(event) = self.keep_early(event) {
            self.take(event);
        }
        self.settle();
        while let Some(event) = self.next_early() {
            self.take(event);
            self.settle();
        }
        self.said.keep();
        mem::take(&mut self.effects)
    }

    /// Whether there is something to carry out commands on, or there never will be.
    fn is_read(&self) -> bool {
        self.facts.is_some() || self.loading.failure.is_some()
    }

    /// The next event that has waited, once there is nothing left to wait for.
    fn next_early(&mut self) -> Option<Event> {
        if self.facts.is_none() && self.loading.failure.is_some() {
            // There is nothing to carry it out on.
            self.loading.early.forget();
        }
        let waits = !self.is_read() || self.jobs.runs(JobKind::Match);
        (!waits).then(|| self.loading.early.next())?
    }

    /// Keeps a key or a pasted text that has to wait for the store, or for a match. Gives back what need not wait.
    fn keep_early(&mut self, event: Event) -> Option<Event> {
        if self.jobs.runs(JobKind::Match) && event.is_input() && !self.interrupts(&event) {
            self.said.message = self.loading.early.keep(event).or(self.said.message.take());
            return None;
        }
        if self.is_read() || self.overlay.dialog.is_some() {
            return Some(event);
        }
        let mut early = mem::take(&mut self.loading.early);
        let waits = early.waits(&event, |key| {
            let command = self.heard(key)?;
            let works = able::obstacle(self, command) != Some(Obstacle::NOTHING_LOADED);
            Some((command, works))
        });
        let free = if waits {
            self.said.say(early.keep_for_store(event));
            None
        } else {
            Some(event)
        };
        self.loading.early = early;
        free
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
            Event::Trouble(text) => self.said.say(text),
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
        let cancelled = self.jobs.is_cancelled(JobKind::Load);
        self.loading.failure.as_ref().filter(|_| !cancelled)
    }

    /// Where on the screen what is; `None` if it is too small.
    pub(crate) fn areas(&self) -> Option<Areas> {
        let ready = self.facts.is_some() && self.loading.failure.is_none();
        let side = if ready {
            self.side.on(self.shared.size.0)
        } else {
            Side::Hidden
        };
        let areas = Areas::of(self.shared.size, side, self.said.notice.is_some());
        let narrowed = ready && self.is_narrowed();
        areas.map(|areas| if narrowed { areas.with_badges() } else { areas })
    }

    /// Whether the view shows but what was searched for: parts of the search stand where they can be taken away.
    pub(crate) fn is_narrowed(&self) -> bool {
        let narrows = self.view.spec().own.contains(&Command::DropPart);
        narrows && !self.searched().trim().is_empty()
    }

    /// What is searched for.
    pub(crate) fn searched(&self) -> &str {
        &self.views.packages.text
    }

    /// The words of it whose letters are highlighted, in every view.
    pub(crate) fn search_words(&self) -> &str {
        self.views.packages.words()
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

    /// A pane, and what it may read; `None` before anything is loaded.
    pub(crate) fn pane(&self, focus: Focus) -> Option<(&dyn Pane, Context<'_>)> {
        let (room, searching) = (self.room(focus), self.overlay.is_searching());
        let cx = Context::of(self.facts.as_ref(), &self.shared, room, searching)?;
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
        let (room, searching) = (self.room(focus), self.overlay.is_searching());
        let cx = Context::of(self.facts.as_ref(), &self.shared, room, searching)?;
        Some(match focus {
            Focus::Main => act(self.views.pane_mut(self.view), cx),
            Focus::Side => act(&mut self.details, cx),
        })
    }

    /// Lets the views do something.
    fn in_views<R>(&mut self, act: impl FnOnce(&mut Views, Context<'_>) -> R) -> Option<R> {
        let (room, searching) = (self.room(Focus::Main), self.overlay.is_searching());
        let cx = Context::of(self.facts.as_ref(), &self.shared, room, searching);
        cx.map(|cx| act(&mut self.views, cx))
    }

    /// How many rows the list that has the keys has, and on which of them the cursor is.
    pub(crate) fn list(&self) -> (usize, usize) {
        let list = self.pane(self.focus);
        list.map_or((0, 0), |(pane, cx)| (pane.len(cx), pane.cursor().at))
    }

    /// What the row of the cursor stands for, in the view at the front or in the details.
    pub(crate) fn target(&self, focus: Focus) -> Option<Target> {
        let (pane, cx) = self.pane(focus)?;
        pane::here(pane, cx)
    }

    /// What can be wrong: with the store, with the plan that was read, with the configuration.
    pub(crate) fn warnings(&self) -> Vec<&Warning> {
        let of_store = self.facts.iter().flat_map(|facts| &facts.snapshot.warnings);
        of_store
            .chain(&self.said.plan_notes)
            .chain(&self.said.notes)
            .collect()
    }

    pub(crate) fn start(&mut self, work: Work) {
        let effect = self.jobs.start(work);
        self.effects.push(effect);
    }

    /// What a box or a line being typed may read.
    pub(crate) fn dialog_context(&self) -> DialogContext<'_> {
        DialogContext {
            facts: self.facts.as_ref(),
            shared: &self.shared,
            host: self,
        }
    }

    /// Lets the open box and the line being typed do something, and does what they want done. Tells whether one of them took
    /// the event.
    fn in_overlay(
        &mut self,
        act: impl FnOnce(&mut Overlay, DialogContext<'_>) -> Option<Wish>,
    ) -> bool {
        let mut overlay = mem::take(&mut self.overlay);
        let wanted = act(&mut overlay, self.dialog_context());
        self.overlay = overlay;
        let took = wanted.is_some();
        let Wish { outcome, work } = wanted.unwrap_or_default();
        self.carry_out(outcome);
        if let Some(work) = work {
            self.start(work);
        }
        took
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

    /// Where one is.
    fn place(&self) -> BackPlace {
        BackPlace {
            view: self.view,
            selected: self.shared.selected,
            views: self.views.clone(),
        }
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

    /// Opens a box, in place of one that is open.
    pub(super) fn open_box(&mut self, dialog: impl Dialog + 'static) {
        let work = dialog.begins_with(self.dialog_context());
        self.overlay.dialog = Some(Box::new(dialog));
        if let Some(work) = work {
            self.start(work);
        }
    }

    /// Asks something in the last row.
    pub(super) fn ask(&mut self, question: FileQuestion) {
        self.overlay.prompt = Some(Prompt::File(question));
    }

    /// The table shows what matches a text.
    pub(crate) fn find(&mut self, text: String) {
        if self.views.packages.set_text(text) {
            self.jobs.retry(JobKind::Extra);
        }
    }

    /// A view gets the keys; the details give way to it.
    pub(super) fn bring_to_front(&mut self, view: View) {
        self.view = view;
        self.focus = Focus::Main;
        self.side.alone = false;
    }

    /// The view at the front shows the selection.
    pub(super) fn reveal(&mut self) {
        if let Some(outcome) = self.in_pane(Focus::Main, |pane, cx| pane.shown(cx)) {
            self.carry_out(outcome);
        }
    }

    fn toggle_details(&mut self) {
        if Areas::has_room_for_side(self.shared.size.0) {
            self.side.beside = !self.side.beside;
        } else {
            self.side.alone = !self.side.alone;
            self.focus = if self.side.alone {
                Focus::Side
            } else {
                Focus::Main
            };
        }
    }

    /// After every event: lists within their bounds, details of what is selected, answers on their way.
    fn settle(&mut self) {
        self.side.alone &= !Areas::has_room_for_side(self.shared.size.0);
        if self.focus == Focus::Side && self.side.on(self.shared.size.0) == Side::Hidden {
            self.focus = Focus::Main;
        }
        let wanted = self.overlay.waits_for();
        self.effects.extend(self.jobs.cancel_unwanted(wanted));
        if let Some(outcome) = self.in_pane(Focus::Main, |pane, cx| pane.settle(cx)) {
            self.carry_out(outcome);
        }
        self.details.follow(self.facts.as_ref(), &self.shared);
        if self.focus == Focus::Side {
            self.in_pane(Focus::Side, |pane, cx| pane.settle(cx));
        }
        for wanted in self.in_views(Views::ask_anew).unwrap_or_default() {
            if let Some(facts) = self.facts.clone() {
                self.start(Work::Fill(facts, wanted));
            }
        }
        // Nothing that the user has cancelled is started again by itself.
        for work in missing::missing(self) {
            let kind = work.kind();
            if !self.jobs.runs(kind) && !self.jobs.is_cancelled(kind) {
                self.start(work);
            }
        }
    }
}
