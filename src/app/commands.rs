//! What the user does: keys, clicks and pasted texts, what each command does, and how one goes from one view to another.

use ratatui::crossterm::event::{KeyCode, KeyEvent, MouseButton, MouseEventKind};

use crate::analysis::plan::Plan;
use crate::model::{PathId, Reference};

use super::cursor::Motion;
use super::dialogs::Dialog;
use super::dialogs::chooser::Chooser;
use super::dialogs::columns::Columns;
use super::dialogs::evidence::Evidence;
use super::dialogs::file_tree::FileBox;
use super::dialogs::finder::Finder;
use super::dialogs::lines::Lines;
use super::dialogs::root::AboutRoot;
use super::dialogs::welcome::Welcome;
use super::event::{Effect, Event, Mouse};
use super::explore::Compare;
use super::facts::Facts;
use super::frame::layout::Areas;
use super::frame::mouse::{self, Spot};
use super::frame::signs;
use super::jobs::external::{ExternalProgram, OpenRequest};
use super::jobs::seek::{Among, Seek};
use super::jobs::work::{JobKind, Work};
use super::keys::command::{Command, Scope, Spec};
use super::keys::keymap::Key;
use super::outcome::Outcome;
use super::pane::{Click, Folding};
use super::planning::marking;
use super::prompt::Prompt;
use super::prompt::file_question::FileQuestion;
use super::prompt::question::Question;
use super::prompt::search::Search;
use super::target::Fold;
use super::views::tree::mode::Mode;
use super::{App, Focus, View, able, comparing, copying, planning};

/// Rows a notch of the wheel scrolls.
const NOTCH: isize = 3;

/// Keys and texts, and what commands do.
impl App {
    /// Takes a key.
    pub(super) fn key(&mut self, event: KeyEvent) {
        let Some(key) = Key::of(event) else {
            return;
        };
        self.said.message = None;
        self.saved.weigh(key.is_interrupt());
        if self.in_overlay(|overlay, cx| overlay.key(cx, event)) {
            return;
        }
        // In the details rows stand for references in every view.
        let of_references = |spec: &Spec| spec.scope == Scope::References;
        let beside = || self.shared.keys.lookup(key, of_references);
        let heard = self.heard(key);
        match heard.or_else(|| beside().filter(|_| self.focus == Focus::Side)) {
            Some(command) => self.act(command),
            None => self.said.say(able::explain(self, key)),
        }
    }

    /// The command that a key gives in the view at the front.
    pub(super) fn heard(&self, key: Key) -> Option<Command> {
        let heard = |spec: &Spec| spec.is_heard(self.view);
        self.shared.keys.lookup(key, heard)
    }

    /// Text that was pasted: into a box or the line being typed. A store path is searched for even where no line is open.
    pub(super) fn paste(&mut self, text: &str) {
        if self.in_overlay(|overlay, cx| overlay.paste(cx, text)) {
            return;
        }
        let Some(facts) = &self.facts else { return };
        if facts.graph().store_dir().containing(text.trim()).is_some() {
            self.open_search();
            self.overlay.prompt = Some(Prompt::Search(Search::default()));
            self.in_overlay(|overlay, cx| overlay.paste(cx, text));
        } else {
            let search = self.shared.keys.shown(Command::Search);
            let said = format!("no store path was pasted; {search} searches for text");
            self.said.say(said);
        }
    }

    /// Gives a command.
    pub(crate) fn act(&mut self, command: Command) {
        use Command as C;
        if let Some(obstacle) = able::obstacle(self, command) {
            return self.said.say(able::refusal(self, command, obstacle));
        }
        match command {
            C::Up | C::Down | C::PageUp | C::PageDown | C::First | C::Last => {
                self.go(Motion::of(command));
            }
            C::Enter => self.ask_pane(self.focus, |pane, cx| pane.enter(cx)),
            C::Back => self.back(),
            C::Right => self.ask_pane(self.focus, |pane, cx| {
                let opened = pane.fold(cx, Folding::Open);
                opened.unwrap_or_else(|| pane.enter(cx))
            }),
            C::Left => self.ask_pane(self.focus, |pane, cx| {
                pane.fold(cx, Folding::Close).unwrap_or(Outcome::Back)
            }),
            C::ExpandAll => self.fold(Focus::Main, Folding::OpenAll),
            C::CollapseAll => self.fold(Focus::Main, Folding::CloseAll),
            C::NextPane | C::PreviousPane => self.other_pane(),
            C::Show(view) => self.show(view),
            C::NearMisses | C::Duplicates | C::Accidents => {
                self.show(View::Advice);
                self.ask_view(command);
            }
            C::Details => self.toggle_details(),
            C::FileTree => self.open_box_of(self.shared.selected, |id| FileBox::of(id, None)),
            C::Search => self.open_search(),
            C::NextMatch | C::PreviousMatch => self.seek(command == C::NextMatch),
            C::Columns => self.open_box(Columns::default()),
            C::MarkRoot if self.focus == Focus::Side => self.act(C::Mark),
            C::AboutRoot => {
                let about = self.views.roots.about(self.shared.look.units);
                self.open_box_of(about, AboutRoot::of);
            }
            C::Replace => self.carry_out(marking::replace(self)),
            C::Evidence => {
                let target = self.target(self.focus).unwrap_or_default();
                self.open_box_of(target.evidence, Evidence::of);
            }
            C::CutAll => self.carry_out(marking::cut_all(self)),
            C::Pin => self.carry_out(marking::pin(self)),
            C::Mark => self.carry_out(marking::mark(self)),
            C::Cut => self.carry_out(marking::cut(self)),
            C::Undo => self.change_plan(Plan::undo),
            C::Redo => self.change_plan(Plan::redo),
            C::ClearMarks => {
                self.shared.done.clear();
                self.change_plan(Plan::clear);
            }
            C::ReplaceBy => self.open_box_of(self.shared.selected, Chooser::of),
            C::CopyPath | C::CopyName | C::CopyHash | C::CopyChain => {
                self.carry_out(copying::copy(self, command));
            }
            C::CopyLines => self.carry_out(copying::lines(self)),
            C::Shell => self.open_external(ExternalProgram::Shell),
            C::Pager => self.open_external(ExternalProgram::Pager),
            C::Editor => self.open_external(ExternalProgram::Editor),
            C::Compare => self.carry_out(comparing::compare(self)),
            C::Try => self.carry_out(comparing::ask_what_to_try(self)),
            C::KeepTry => self.carry_out(comparing::keep_try(self)),
            C::AllOptions => {
                self.jobs.retry(JobKind::Origins);
                if self.shared.evaluation.ask_all() {
                    self.said.say("all options have been asked");
                }
            }
            C::Reload => self.reload(),
            C::Escape => self.escape(),
            C::Welcome => self.open_box(Welcome),
            C::Help => self.open_box(Finder::help()),
            C::Palette => self.open_box(Finder::palette()),
            C::Warnings => self.open_box(Lines::warnings()),
            C::Messages => self.open_box(Lines::messages()),
            C::SavePlan => self.ask(FileQuestion::new(Question::SavePlan)),
            C::LoadPlan => self.ask(FileQuestion::new(Question::LoadPlan)),
            C::Export => self.ask(FileQuestion::new(Question::Export)),
            C::Redraw => self.effects.push(Effect::Redraw),
            C::Suspend => self.effects.push(Effect::Suspend),
            C::QuitPrinting => {
                let text = |facts| planning::text(facts, &self.shared);
                let text = self.facts.as_ref().and_then(text);
                self.effects.push(Effect::Quit(text));
            }
            C::Quit => self.quit(),
            _ => {
                debug_assert_eq!(command.spec().scope, Scope::Own, "not done: {command:?}");
                self.ask_view(command);
            }
        }
    }

    /// Asks the view at the front to do what a command means in it.
    fn ask_view(&mut self, command: Command) {
        self.ask_pane(Focus::Main, |pane, cx| pane.command(cx, command));
    }

    /// Quits; a plan that would be lost is asked about once.
    fn quit(&mut self) {
        let marked = self.shared.plan.marked();
        if self.saved.lets_quit(marked) {
            return self.effects.push(Effect::Quit(None));
        }
        let asked = planning::ask_to_quit(marked, &self.shared.keys);
        self.said.say(asked);
    }

    /// Opens a box about something, if there is that.
    fn open_box_of<T, D: Dialog + 'static>(&mut self, what: Option<T>, of: impl Fn(T) -> D) {
        if let Some(what) = what {
            self.open_box(of(what));
        }
    }

    /// Opens or closes rows of a pane, if there are such.
    fn fold(&mut self, focus: Focus, how: Folding) {
        self.ask_pane(focus, |pane, cx| pane.fold(cx, how).unwrap_or_default());
    }

    fn other_pane(&mut self) {
        match self.focus {
            Focus::Side => self.bring_to_front(self.view),
            Focus::Main if Areas::has_room_for_side(self.shared.size.0) => {
                self.side.beside = true;
                self.focus = Focus::Side;
            }
            Focus::Main => self.toggle_details(),
        }
    }

    /// Looks for the next row whose name matches what was searched for.
    fn seek(&mut self, onward: bool) {
        let Some((_, cx)) = self.pane(self.focus) else {
            return;
        };
        let among = match self.focus {
            Focus::Main => Among::View(self.view, Box::new(self.views.clone())),
            Focus::Side => Among::Details(Box::new(self.details.clone())),
        };
        let seek = Seek::of(cx, among, self.search_words(), onward);
        self.start(Work::Match(Box::new(seek)));
    }

    /// Whether an event does not wait until a match is found: what cancels that, and what quits.
    pub(super) fn interrupts(&self, event: &Event) -> bool {
        let Event::Key(key) = event else { return false };
        let is_long = self.jobs.newest_long().is_some();
        let cancels = |key: Key| is_long && self.heard(key) == Some(Command::Escape);
        Key::of(*key).is_some_and(|key| key.is_interrupt() || cancels(key))
    }

    /// Reads everything again: the store, what it is compared with, and the configuration.
    fn reload(&mut self) {
        self.loading.failure = None;
        self.shared.evaluation.anew();
        self.jobs.retry(JobKind::Load);
        self.jobs.retry(JobKind::Origins);
        let compared = self.facts.as_ref().and_then(Facts::before);
        let compared = compared.map(|before| Compare::With(before.name.clone()));
        self.start(Work::Load(compared));
    }

    fn escape(&mut self) {
        if self.cancel_newest() {
            return;
        }
        if self.focus == Focus::Side {
            self.bring_to_front(self.view);
        } else if self.searched().is_empty() || self.view != View::Packages {
            self.back();
        } else {
            self.find(String::new());
        }
    }

    /// Opens the selected path in another program.
    fn open_external(&mut self, program: ExternalProgram) {
        if let (Some(facts), Some(id)) = (self.facts.clone(), self.shared.selected) {
            self.start(Work::Launch(facts, OpenRequest::of(program, id)));
        }
    }
}

/// The mouse.
impl App {
    /// Takes notice of what the mouse did.
    pub(super) fn mouse(&mut self, Mouse { event, double }: Mouse) {
        if let MouseEventKind::Drag(MouseButton::Left) = event.kind {
            if self.side.dragged {
                self.side.width = Some((self.shared.size.0 + 1).saturating_sub(event.column));
            }
            return;
        }
        self.side.dragged = false;
        let rows = match event.kind {
            MouseEventKind::Down(MouseButton::Left) => 0,
            MouseEventKind::ScrollUp => -NOTCH,
            MouseEventKind::ScrollDown => NOTCH,
            _ => return,
        };
        let at = (event.column, event.row);
        if self.in_overlay(|overlay, cx| overlay.mouse(cx, at, rows, double)) {
            return;
        }
        let spot = mouse::spot(self, at);
        if rows != 0 {
            self.wheel(spot, rows);
        } else {
            self.click(spot, double);
        }
    }

    fn wheel(&mut self, spot: Spot, rows: isize) {
        if let Spot::Pane { focus, .. } = spot {
            self.focus = focus;
            self.go(Motion::Wheel(rows));
        }
    }

    fn click(&mut self, spot: Spot, double: bool) {
        let in_footer = matches!(spot, Spot::Footer(_));
        if self.said.message.take().is_some() && in_footer {
            // It stood in place of what can be done.
            return;
        }
        let asks = |prompt: &mut Prompt| !prompt.is_search();
        if !in_footer && self.overlay.prompt.take_if(asks).is_some() {
            // It is a box of one row.
            return;
        }
        match spot {
            Spot::Footer(command) => {
                if let Some(command) = command.filter(|_| self.overlay.prompt.is_none()) {
                    self.act(command);
                }
            }
            Spot::Command(command) => self.act(command),
            Spot::Tab(view) => {
                // What is typed holds from now on.
                self.in_overlay(|overlay, cx| overlay.prompt_key(cx, KeyCode::Enter.into()));
                self.act(view.command());
            }
            Spot::Part(at) => {
                let outcome = self.views.packages.drop_part(Some(at));
                if let (Outcome::Find(text), Some(Prompt::Search(search))) =
                    (&outcome, &mut self.overlay.prompt)
                {
                    search.set(text);
                }
                self.carry_out(outcome);
            }
            Spot::Border => self.side.dragged = true,
            Spot::Pane { focus, x, down } => {
                self.focus = focus;
                self.click_on_pane((x, down), double);
            }
            Spot::Nothing => {}
        }
    }

    /// A click on the pane that has the keys, this many cells from its left and this many rows below its first.
    fn click_on_pane(&mut self, (x, down): (u16, Option<u16>), double: bool) {
        let clicked = self.in_pane(self.focus, |pane, cx| pane.click(cx, x, down));
        match clicked {
            Some(Click::Row(at)) => {
                self.in_pane(self.focus, |pane, _| pane.cursor_mut().at = at);
                self.select_current();
                // A sign is for opening, however often it is clicked.
                if self.is_on_sign(x) {
                    self.fold(self.focus, Folding::Turn);
                } else if double || self.stands_for_more() {
                    self.act(Command::Enter);
                }
            }
            Some(Click::Does(outcome)) => self.carry_out(*outcome),
            Some(Click::Nothing) | None => {}
        }
    }

    fn is_on_sign(&self, x: u16) -> bool {
        let pane = self.pane(self.focus);
        let sign = pane.and_then(|(pane, cx)| pane.sign(cx));
        sign.is_some_and(|from| (from..from + signs::SIGN).contains(&x))
    }

    /// Whether the row of the cursor is there to bring more rows.
    fn stands_for_more(&self) -> bool {
        let target = self.target(self.focus);
        target.is_some_and(|target| target.fold == Fold::More)
    }
}

/// From one view to another, and back. What is about two views stands here, and nowhere else.
impl App {
    /// Goes back to the place before.
    pub(super) fn back(&mut self) {
        let Some(place) = self.places.pop() else {
            return;
        };
        self.bring_to_front(place.view);
        self.shared.selected = place.selected;
        let outcome = self.in_views(|views, cx| views.restore(cx, place.views));
        self.carry_out(outcome.unwrap_or_default());
    }

    /// Shows a view of the selection. To ask for the one that is shown asks again for what was cancelled.
    pub(super) fn show(&mut self, view: View) {
        self.views.cancel(view, false);
        self.shared.unexplained.clear();
        let same = self.view == view && self.focus == Focus::Main && !self.side.alone;
        let asks_anew = view == View::Why && self.shared.selected != self.views.why.target;
        if same && !asks_anew {
            return;
        }
        self.places.remember(self.place());
        if (self.view, view) == (View::Why, View::Packages) {
            // The path in question is still meant, not what references it.
            self.shared.selected = self.views.why.target.or(self.shared.selected);
        }
        self.bring_to_front(view);
        self.reveal();
        if self.shared.selected.is_none() {
            // Nothing of an area of many paths comes along.
            self.select_current();
        }
    }

    /// Opens the line of a search, over the table.
    pub(super) fn open_search(&mut self) {
        if self.view != View::Packages || self.focus != Focus::Main {
            self.show(View::Packages);
        }
        let search = Search::narrowing(self.searched());
        self.overlay.prompt = Some(Prompt::Search(search));
    }

    /// A path from the lists of details: shown where all paths are listed, if the view lists but some.
    pub(super) fn go_to(&mut self, id: PathId) {
        self.shared.selected = Some(id);
        self.bring_to_front(match self.view {
            View::Plan | View::Map => View::Packages,
            view => view,
        });
        self.reveal();
    }

    /// Why a path is here, the cursor on a reference.
    pub(super) fn explain_path(&mut self, id: PathId, reference: Option<Reference>) {
        self.shared.selected = Some(id);
        self.show(View::Why);
        if let Some(reference) = reference {
            self.views.why.seek(reference);
        }
    }

    /// After a reload the path in question may be gone.
    pub(super) fn leave_what_is_gone(&mut self) {
        if self.view == View::Why && self.views.why.target.is_none() {
            self.view = View::Packages;
        }
    }

    /// Makes a path the top of the tree.
    pub(super) fn show_tree(&mut self, id: PathId) {
        let Some(facts) = &self.facts else { return };
        self.views.tree = self.views.tree.anew(facts, Mode::References, Some(id));
        self.bring_to_front(View::Tree);
        self.select_current();
    }
}
