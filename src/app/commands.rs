//! What each command does, and when it can be given.

use crate::analysis::plan::Plan;
use crate::model::PathId;

use super::dialogs::chooser::Chooser;
use super::dialogs::columns::Columns;
use super::dialogs::evidence::Evidence;
use super::dialogs::finder::Finder;
use super::dialogs::lines::Lines;
use super::dialogs::welcome::Welcome;
use super::event::Effect;
use super::facts::{Field, Sort};
use super::frame::layout::Areas;
use super::jobs::external::Guest;
use super::jobs::work::{Kind, Work};
use super::keys::command::{COMMANDS, Command};
use super::keys::keymap::Key;
use super::prompt::question::Question;
use super::views::folds::Folds;
use super::views::list::Motion;
use super::views::tree::{Mode, shortest_chain};
use super::{App, Focus, View};

/// Why a root is not replaced.
pub const OF_ROOT: &str = "a root is what everything is for";

impl App {
    /// Why a command cannot be given now; `None` if it can.
    pub(crate) fn obstacle(&self, command: Command) -> Option<&'static str> {
        use Command as C;
        let unless = |holds: bool, obstacle| (!holds).then_some(obstacle);
        match command {
            C::Quit
            | C::QuitPrinting
            | C::Redraw
            | C::Suspend
            | C::Reload
            | C::Help
            | C::Welcome
            | C::Palette
            | C::Escape => None,
            _ if self.facts.is_none() => Some("nothing is loaded yet"),
            _ if command.needs_path()
                && self.focus == Focus::Main
                && self.current_block().is_some() =>
            {
                Some("this block stands for many paths: enter goes in")
            }
            C::Why
            | C::CopyPath
            | C::CopyName
            | C::CopyHash
            | C::Shell
            | C::Pager
            | C::Editor
            | C::Details => unless(self.shared.selected.is_some(), "nothing is selected"),
            C::Mark => unless(self.can_mark(), "there is no path in this row"),
            C::ReplaceBy if self.shared.selected.is_none() => Some("nothing is selected"),
            C::ReplaceBy => unless(
                !self.shared.selected.is_some_and(|id| self.is_root(id)),
                OF_ROOT,
            ),
            C::CopyChain => unless(self.has_base(), "chains are still being computed"),
            C::Sort | C::SortReverse | C::Columns => {
                unless(self.view == View::Packages, "only in packages (1)")
            }
            C::Measure => unless(self.view == View::Map, "only in the map (7)"),
            C::TreeMode => unless(self.view == View::Tree, "only in the tree (t)"),
            C::ExpandAll | C::CollapseAll => unless(
                match self.view {
                    View::Tree => true,
                    View::Why => self.views.why.has_stretches(),
                    view => self.views.folds(view).is_some(),
                },
                "nothing opens in this view",
            ),
            C::Replace => self.replace_obstacle(),
            C::CutAll => self.cut_all_obstacle(),
            C::MarkMatches => self.matches_obstacle(),
            C::Cut | C::Evidence
                if self.current_edge().is_none()
                    && self.focus == Focus::Main
                    && !self.references_to_cut().is_empty()
                    && self.view == View::Misses =>
            {
                Some("it stands for several references: open it")
            }
            C::Cut | C::Evidence
                if self.root_references().len() > 1 && self.focus == Focus::Main =>
            {
                Some("several roots refer to it: w shows them")
            }
            C::Cut => unless(
                self.current_edge().is_some(),
                "this row stands for no reference",
            ),
            C::Evidence => unless(
                self.edge_in_question().is_some(),
                "this row stands for no reference",
            ),
            C::Undo => unless(self.shared.plan.can_undo(), "nothing to undo"),
            C::Redo => unless(self.shared.plan.can_redo(), "nothing was undone"),
            C::ClearMarks | C::SavePlan => {
                unless(!self.shared.plan.steps().is_empty(), "nothing is marked")
            }
            C::NextMatch | C::PreviousMatch | C::DropPart => unless(
                !self.views.packages.text.is_empty(),
                "nothing was searched for",
            ),
            C::Warnings => unless(!self.warnings().is_empty(), "there are none"),
            C::Messages => unless(!self.messages.is_empty(), "nothing was said yet"),
            C::Back => unless(!self.places.is_empty(), "this is where you came from"),
            _ => None,
        }
    }

    /// Does a command do something for the row under the cursor, and not only for the selection elsewhere?
    pub(crate) fn helps(&self, command: Command) -> bool {
        match command {
            _ if self.focus == Focus::Side => true,
            Command::Why => self.current().is_some(),
            Command::Right => match self.view {
                View::Why => (self.views.why.current())
                    .is_some_and(|row| self.views.why.is_open(row).is_some()),
                view => self.views.folds(view).is_none_or(Folds::can_open),
            },
            _ => true,
        }
    }

    /// Whether the user asked about this very path.
    pub(crate) fn is_root(&self, id: PathId) -> bool {
        let closure = self.facts.as_ref().map(|facts| facts.closure());
        closure.is_some_and(|closure| closure.is_root(id))
    }

    fn has_base(&self) -> bool {
        self.facts
            .as_ref()
            .is_some_and(|facts| facts.base().is_some())
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
            (Some((command, obstacle)), _) => format!("{}: {obstacle}", command.spec().title),
            (None, Some(command)) => format!("{}: not in this view", command.spec().title),
            (None, None) => {
                let help = self.shared.keys.shown(Command::Help);
                format!("{key} does nothing here, {help} lists the keys")
            }
        });
    }

    /// Gives a command.
    pub(crate) fn act(&mut self, command: Command) {
        use Command as C;
        if let Some(obstacle) = self.obstacle(command) {
            self.message = Some(format!("{}: {obstacle}", command.spec().title));
            return;
        }
        match command {
            C::Up => self.go(Motion::By(-1)),
            C::Down => self.go(Motion::By(1)),
            C::PageUp => self.go(Motion::Pages(-1)),
            C::PageDown => self.go(Motion::Pages(1)),
            C::First => self.go(Motion::First),
            C::Last => self.go(Motion::Last),
            C::Enter => self.enter(),
            C::Back => self.back(),
            C::Right => self.right(),
            C::Left => self.left(),
            C::NextPane | C::PreviousPane => self.other_pane(),
            C::Packages => self.show(View::Packages),
            C::Tree => self.show(View::Tree),
            C::Why => self.show(View::Why),
            C::Marks => self.show(View::Marks),
            C::Twins => self.show(View::Twins),
            C::Misses => self.show(View::Misses),
            C::Files => self.show(View::Files),
            C::Roots => self.show(View::Roots),
            C::Map => self.show(View::Map),
            C::Details => self.toggle_details(),
            C::Search => self.open_search(),
            C::Accidents => {
                self.show(View::Packages);
                self.find("accidental".to_owned());
            }
            C::NextMatch => self.next_match(1),
            C::PreviousMatch => self.next_match(-1),
            C::DropPart => self.drop_part(None),
            C::Sort => self.sort_next(),
            C::SortReverse => self.sort_reverse(),
            C::Columns => self.open_dialog(Columns::default()),
            C::TreeMode => self.next_tree_mode(),
            C::Measure => self.next_measure(),
            C::ExpandAll => self.open_all(),
            C::CollapseAll => self.close_all(),
            C::Replace => self.replace(),
            C::Evidence => {
                if let Some(reference) = self.edge_in_question() {
                    self.open_dialog(Evidence::of(reference));
                }
            }
            C::CutAll => self.cut_all(),
            C::MarkMatches => self.mark_matches(),
            C::Mark => self.mark(),
            C::Cut => self.cut(),
            C::Undo => self.change_plan(Plan::undo),
            C::Redo => self.change_plan(Plan::redo),
            C::ClearMarks => self.change_plan(Plan::clear),
            C::CopyPath => self.copy_path(),
            C::CopyChain => self.copy_chain(),
            C::CopyName => self.copy_name(),
            C::CopyHash => self.copy_hash(),
            C::Shell => self.visit(Guest::Shell),
            C::Pager => self.visit(Guest::Pager),
            C::Editor => self.visit(Guest::Editor),
            C::Reload => {
                self.failure = None;
                self.given_up.retain(|(kind, _)| *kind != Kind::Load);
                self.start(Work::Load);
            }
            C::Escape => self.escape(),
            C::Welcome => self.open_dialog(Welcome),
            C::Help => self.open_dialog(Finder::help()),
            C::Palette => self.open_dialog(Finder::palette()),
            C::Warnings => self.open_dialog(Lines::warnings()),
            C::Messages => self.open_dialog(Lines::messages()),
            C::ReplaceBy => {
                if let Some(old) = self.shared.selected {
                    self.open_dialog(Chooser::of(old));
                }
            }
            C::SavePlan => self.ask_for_file(Question::SavePlan),
            C::LoadPlan => self.ask_for_file(Question::LoadPlan),
            C::Export => self.ask_for_file(Question::Export),
            C::Redraw => self.effects.push(Effect::Redraw),
            C::Suspend => self.effects.push(Effect::Suspend),
            C::QuitPrinting => self.effects.push(Effect::Quit(self.plan_text())),
            C::Quit => self.quit(),
        }
    }

    fn other_pane(&mut self) {
        match self.focus {
            Focus::Side => {
                self.focus = Focus::Main;
                self.side.alone = false;
            }
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

    fn sort_next(&mut self) {
        let fields = &self.views.packages.fields;
        let at = fields
            .iter()
            .position(|&field| field == self.views.packages.sort.field);
        let next = fields[(at.map_or(0, |at| at + 1)) % fields.len()];
        self.sort(Sort::by(next));
    }

    fn sort_reverse(&mut self) {
        let Sort { field, descending } = self.views.packages.sort;
        self.sort(Sort {
            field,
            descending: !descending,
        });
    }

    /// Sorts the table.
    pub(crate) fn sort(&mut self, sort: Sort) {
        self.views.packages.sort = sort;
        self.views.packages.by_match = false;
        self.views.packages.chosen = true;
        // What comes first in the new order is what one sorts for.
        self.views.packages.touched = false;
        self.take_up_sizes();
        self.refresh_rows();
    }

    /// Computes closure sizes that were called off and are now asked for.
    fn take_up_sizes(&mut self) {
        let called_off = self.has_given_up(Kind::Sizes);
        if called_off && self.views.packages.sort.field == Field::Closure {
            self.given_up.retain(|(kind, _)| *kind != Kind::Sizes);
            if let Some(facts) = self
                .facts
                .clone()
                .filter(|facts| !facts.is_ready(Field::Closure))
            {
                self.start(Work::Sizes(facts));
            }
        }
    }

    fn next_tree_mode(&mut self) {
        let mode = self.views.tree.mode.next();
        self.remember();
        // A tree of the whole closure has no referrers to show at its top: those of the selection stand in.
        let whole = self.views.tree.whole;
        let top = match (whole, mode) {
            (true, Mode::Referrers) => self.shared.selected,
            (true, _) => None,
            (false, _) => self.views.tree.top,
        };
        let selected = self.shared.selected;
        self.root_tree_at(mode, top);
        self.views.tree.whole = whole;
        if let (true, None, Some(id), Some(facts)) = (whole, top, selected, &self.facts)
            && let Some(at) = self.views.tree.reveal(facts, id)
        {
            let (len, height) = (self.list_len(), self.list_height());
            self.views.tree.cursor.reveal(at, len, height);
            self.select_current();
        }
    }

    fn close_all(&mut self) {
        if self.view == View::Why {
            self.views.why.close_all();
        } else if !self.list_all(false) {
            self.views.tree.outline.close(self.views.tree.cursor.at);
        }
    }

    fn open_all(&mut self) {
        if self.list_all(true) {
            return;
        }
        match (&self.facts, self.view) {
            (Some(facts), View::Why) => self.views.why.open_all(facts),
            (Some(facts), _) => self.views.tree.open_all(facts, self.views.tree.cursor.at),
            (None, _) => {}
        }
    }

    fn copy_path(&mut self) {
        if let (Some(facts), Some(id)) = (&self.facts, self.shared.selected) {
            let path = facts.graph().path(id).to_string();
            self.copy(path);
        }
    }

    fn copy_name(&mut self) {
        if let (Some(facts), Some(id)) = (&self.facts, self.shared.selected) {
            let name = facts.graph().name(id).to_owned();
            self.copy(name);
        }
    }

    fn copy_hash(&mut self) {
        if let (Some(facts), Some(id)) = (&self.facts, self.shared.selected) {
            let hash = facts.graph().hash_part(id).to_owned();
            self.copy(hash);
        }
    }

    fn copy(&mut self, text: String) {
        self.message = Some(format!("copied {text}"));
        self.effects.push(Effect::Copy(text));
    }

    fn copy_chain(&mut self) {
        let (Some(facts), Some(id)) = (&self.facts, self.shared.selected) else {
            return;
        };
        let Some(chain) = shortest_chain(facts, id) else {
            return;
        };
        let paths: Vec<String> = chain
            .iter()
            .map(|&id| facts.graph().path(id).to_string())
            .collect();
        self.message = Some(format!(
            "copied a chain of {}",
            crate::text::counted(paths.len(), "path")
        ));
        self.effects.push(Effect::Copy(paths.join("\n")));
    }

    fn escape(&mut self) {
        if self.call_off() {
            return;
        }
        if self.focus == Focus::Side {
            self.focus = Focus::Main;
            self.side.alone = false;
        } else if self.views.packages.text.is_empty() || self.view != View::Packages {
            self.back();
        } else {
            self.find(String::new());
        }
    }
}
