//! What each command does, when it can be given, and how one goes from one view to another.

use crate::analysis::plan::Plan;
use crate::analysis::what_if::Step;
use crate::gate;
use crate::model::{PathId, Reference};

use super::dialogs::chooser::Chooser;
use super::dialogs::columns::Columns;
use super::dialogs::evidence::Evidence;
use super::dialogs::finder::Finder;
use super::dialogs::lines::Lines;
use super::dialogs::root::AboutRoot;
use super::dialogs::welcome::Welcome;
use super::event::Effect;
use super::frame::layout::Areas;
use super::jobs::external::{Guest, Visit};
use super::jobs::work::{Kind, Work};
use super::keys::command::{COMMANDS, Command};
use super::keys::keymap::Key;
use super::obstacle::Obstacle;
use super::outcome::Outcome;
use super::pane::Folding;
use super::prompt::Prompt;
use super::prompt::question::Question;
use super::prompt::search::Search;
use super::views::list::Motion;
use super::views::tree::{Mode, Tree, shortest_chain};
use super::{App, Focus, Place, View, able, planning};

/// How many places one can go back.
const MOST_PLACES: usize = 100;
/// Rows looked at for the next match before giving up.
const FARTHEST: usize = 100_000;

/// What commands do.
impl App {
    /// Why a command cannot be given now; `None` if it can.
    pub(crate) fn obstacle(&self, command: Command) -> Option<Obstacle> {
        able::obstacle(self, command)
    }

    /// Says why a key does nothing here: what it means elsewhere, or where all keys are listed.
    pub(crate) fn explain(&mut self, key: Key) {
        let known = COMMANDS.iter().map(|spec| spec.command);
        let meant: Vec<Command> = known
            .filter(|&command| self.shared.keys.keys(command).contains(&key.to_string()))
            .collect();
        let reason = meant
            .iter()
            .find_map(|&command| Some((command, self.obstacle(command)?)));
        self.message = Some(match (reason, meant.first()) {
            (Some((command, obstacle)), _) => self.refusal(command, obstacle),
            (None, Some(command)) => format!("{}: not in this view", command.spec().title),
            (None, None) => {
                let help = self.shared.keys.shown(Command::Help);
                format!("{key} does nothing here, {help} lists the keys")
            }
        });
    }

    fn refusal(&self, command: Command, obstacle: Obstacle) -> String {
        let why = obstacle.say(&self.shared.keys);
        format!("{}: {why}", command.spec().title)
    }

    /// Gives a command.
    pub(crate) fn act(&mut self, command: Command) {
        use Command as C;
        if let Some(obstacle) = self.obstacle(command) {
            self.message = Some(self.refusal(command, obstacle));
            return;
        }
        match command {
            C::Up => self.go(Motion::By(-1)),
            C::Down => self.go(Motion::By(1)),
            C::PageUp => self.go(Motion::Pages(-1)),
            C::PageDown => self.go(Motion::Pages(1)),
            C::First => self.go(Motion::First),
            C::Last => self.go(Motion::Last),
            C::Enter => self.ask_pane(self.focus, |pane, cx| pane.enter(cx)),
            C::Back => self.back(),
            C::Right => self.ask_pane(self.focus, |pane, cx| {
                let opened = pane.fold(cx, Folding::Open);
                opened.unwrap_or_else(|| pane.enter(cx))
            }),
            C::Left => self.ask_pane(self.focus, |pane, cx| {
                pane.fold(cx, Folding::Close).unwrap_or(Outcome::Back)
            }),
            C::ExpandAll => self.fold_all(Folding::OpenAll),
            C::CollapseAll => self.fold_all(Folding::CloseAll),
            C::NextPane | C::PreviousPane => self.other_pane(),
            C::Show(view) => self.show(view),
            C::Details => self.toggle_details(),
            C::Search => self.open_search(),
            C::Accidents => {
                self.show(View::Packages);
                self.find("accidental".to_owned());
            }
            C::NextMatch => self.next_match(true),
            C::PreviousMatch => self.next_match(false),
            C::Columns => self.open_dialog(Columns::default()),
            C::MarkRoot if self.focus == Focus::Side => self.mark(),
            C::AboutRoot => self.about_root(),
            C::MarkRoot
            | C::CopyCommands
            | C::DropPart
            | C::Sort
            | C::SortReverse
            | C::MarkMatches
            | C::TreeMode
            | C::Measure => {
                self.ask_pane(Focus::Main, |pane, cx| pane.command(cx, command));
            }
            C::Replace => {
                let offers = self.target(Focus::Main).map(|target| target.offers);
                self.toggle_all(&offers.unwrap_or_default());
            }
            C::Evidence => {
                let target = self.target(self.focus);
                if let Some(reference) = target.and_then(|target| target.evidence) {
                    self.open_dialog(Evidence::of(reference));
                }
            }
            C::CutAll => self.cut_all(),
            C::Pin => self.pin(),
            C::Mark => self.mark(),
            C::Cut => {
                let target = self.target(self.focus);
                let reference = target.and_then(|target| target.reference);
                self.toggle(reference.map(|(from, to)| Step::Cut { from, to }));
            }
            C::Undo => self.change_plan(Plan::undo),
            C::Redo => self.change_plan(Plan::redo),
            C::ClearMarks => self.change_plan(Plan::clear),
            C::ReplaceBy => {
                if let Some(old) = self.shared.selected {
                    self.open_dialog(Chooser::of(old));
                }
            }
            C::CopyPath | C::CopyName | C::CopyHash => self.copy_selected(command),
            C::CopyChain => self.copy_chain(),
            C::Shell => self.visit(Guest::Shell),
            C::Pager => self.visit(Guest::Pager),
            C::Editor => self.visit(Guest::Editor),
            C::Reload => {
                self.failure = None;
                self.jobs.retry(Kind::Load);
                self.start(Work::Load);
            }
            C::Escape => self.escape(),
            C::Welcome => self.open_dialog(Welcome),
            C::Help => self.open_dialog(Finder::help()),
            C::Palette => self.open_dialog(Finder::palette()),
            C::Warnings => self.open_dialog(Lines::warnings()),
            C::Messages => self.open_dialog(Lines::messages()),
            C::SavePlan => self.ask_for_file(Question::SavePlan),
            C::LoadPlan => self.ask_for_file(Question::LoadPlan),
            C::Export => self.ask_for_file(Question::Export),
            C::Redraw => self.effects.push(Effect::Redraw),
            C::Suspend => self.effects.push(Effect::Suspend),
            C::QuitPrinting => {
                let facts = self.facts.as_ref();
                let text = facts.and_then(|facts| planning::text(facts, &self.shared));
                self.effects.push(Effect::Quit(text));
            }
            C::Quit => self.quit(),
        }
    }

    /// A box about the root under the cursor.
    fn about_root(&mut self) {
        if let Some(lines) = self.views.roots.about(self.shared.look.units) {
            self.open_dialog(AboutRoot::of(lines));
        }
    }

    /// Opens or closes all rows of the view, wherever the keys are.
    fn fold_all(&mut self, how: Folding) {
        self.ask_pane(Focus::Main, |pane, cx| {
            pane.fold(cx, how).unwrap_or_default()
        });
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

    /// Goes to the next row whose name matches what was searched for, round the end.
    fn next_match(&mut self, onward: bool) {
        let mut matcher = super::views::packages::rows::matcher(self.views.packages.words());
        let Some((pane, cx)) = self.pane(self.focus) else {
            return;
        };
        let (len, from) = (pane.len(cx), pane.cursor().at);
        let mut places = (1..=len.min(FARTHEST)).map(|steps| {
            let steps = if onward { steps } else { len - steps % len };
            (from + steps) % len
        });
        let found = places.find(|&at| {
            let path = pane.target(cx, at).and_then(|target| target.path);
            path.is_some_and(|id| !matcher.match_list(&[cx.facts.graph().name(id)]).is_empty())
        });
        let Some(at) = found else {
            self.message = Some("no match in this view".to_owned());
            return;
        };
        self.in_pane(self.focus, |pane, cx| {
            pane.cursor_mut().reveal(at, len, cx.height());
        });
        self.select_current();
    }

    fn escape(&mut self) {
        if self.cancel_newest() {
            return;
        }
        if self.focus == Focus::Side {
            self.bring_to_front(self.view);
        } else if self.views.packages.text.is_empty() || self.view != View::Packages {
            self.back();
        } else {
            self.find(String::new());
        }
    }

    fn copy_selected(&mut self, what: Command) {
        let (Some(facts), Some(id)) = (&self.facts, self.shared.selected) else {
            return;
        };
        let text = match what {
            Command::CopyName => facts.graph().name(id).to_owned(),
            Command::CopyHash => facts.graph().hash_part(id).to_owned(),
            _ => facts.graph().path(id).to_string(),
        };
        let text = gate::clipboard(&[text]);
        self.message = Some(format!("copied {}", text.as_str()));
        self.effects.push(Effect::Copy(text));
    }

    fn copy_chain(&mut self) {
        let (Some(facts), Some(id)) = (&self.facts, self.shared.selected) else {
            return;
        };
        let Some(chain) = shortest_chain(facts, id) else {
            return;
        };
        let path = |&id: &PathId| facts.graph().path(id).to_string();
        let paths: Vec<String> = chain.iter().map(path).collect();
        let count = crate::text::counted(paths.len(), "path");
        self.message = Some(format!("copied a chain of {count}"));
        self.effects.push(Effect::Copy(gate::clipboard(&paths)));
    }

    /// Opens the selected path in another program.
    fn visit(&mut self, guest: Guest) {
        if let (Some(facts), Some(id)) = (self.facts.clone(), self.shared.selected) {
            self.start(Work::Visit(facts, Visit::of(guest, id)));
        }
    }

    /// Quits; a plan that would be lost is spoken of once.
    fn quit(&mut self) {
        let steps = self.shared.plan.steps();
        if self.saved.lets_quit(steps) {
            return self.effects.push(Effect::Quit(None));
        }
        let marks = crate::text::counted(steps.len(), "mark");
        let verb = if steps.len() == 1 { "is" } else { "are" };
        let key = |command| self.shared.keys.shown(command);
        let (quit, write) = (key(Command::Quit), key(Command::SavePlan));
        let print = key(Command::QuitPrinting);
        self.message = Some(format!(
            "{marks} {verb} not saved: {quit} again quits, {write} saves, {print} prints"
        ));
    }
}

/// From one view to another, and back. What is about two views stands here, and nowhere else.
impl App {
    /// Where one is.
    pub(super) fn place(&self) -> Place {
        Place {
            view: self.view,
            selected: self.shared.selected,
            views: self.views.clone(),
        }
    }

    /// Remembers a place, to come back to.
    pub(super) fn remember(&mut self, place: Place) {
        if self.places.len() == MOST_PLACES {
            self.places.remove(0);
        }
        self.places.push(place);
    }

    /// Forgets all of them: they are about paths that are no longer there.
    pub(super) fn forget_places(&mut self) {
        self.places.clear();
    }

    /// Goes back to the place before.
    pub(super) fn back(&mut self) {
        let Some(place) = self.places.pop() else {
            return;
        };
        self.bring_to_front(place.view);
        self.shared.selected = place.selected;
        let (room, searching) = (self.room(Focus::Main), self.is_searching());
        let Some(facts) = &self.facts else { return };
        let cx = super::Context {
            facts,
            shared: &self.shared,
            room,
            searching,
        };
        let outcome = self.views.restore(cx, place.views);
        self.carry_out(outcome);
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

    /// Shows a view of the selection. To ask for the one that is shown asks again for what was cancelled.
    pub(super) fn show(&mut self, view: View) {
        self.views.cancel(view, false);
        self.shared.unexplained.clear();
        let same = self.view == view && self.focus == Focus::Main && !self.side.alone;
        let asks_anew = view == View::Why && self.shared.selected != self.views.why.target;
        if same && !asks_anew {
            return;
        }
        self.remember(self.place());
        if (self.view, view) == (View::Why, View::Packages) {
            // The path in question is still meant, not what references it.
            self.shared.selected = self.views.why.target.or(self.shared.selected);
        }
        self.bring_to_front(view);
        self.reveal();
        if self.shared.selected.is_none() {
            // Nothing of a block of the map comes along.
            self.select_current();
        }
    }

    /// Opens the line of a search, over the table.
    pub(super) fn open_search(&mut self) {
        if self.view != View::Packages || self.focus != Focus::Main {
            self.show(View::Packages);
        }
        let search = Search::narrowing(&self.views.packages.text);
        self.prompt = Some(Prompt::Search(search));
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

    /// Makes a path the top of the tree.
    pub(super) fn show_tree(&mut self, mode: Mode, top: Option<PathId>) {
        let Some(facts) = &self.facts else { return };
        self.views.tree = Tree::of(facts, mode, top);
        self.bring_to_front(View::Tree);
        self.select_current();
    }

    /// After a reload the path in question may be gone.
    pub(super) fn leave_what_is_gone(&mut self) {
        if self.view == View::Why && self.views.why.target.is_none() {
            self.view = View::Packages;
        }
    }
}
