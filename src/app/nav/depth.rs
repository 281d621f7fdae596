//! Going into what is selected, and out again.

use crate::analysis::what_if::Step;
use crate::model::PathId;

use crate::app::views::map::neighbour;
use crate::app::views::plan::Row as MarksRow;
use crate::app::views::tree::Mode;
use crate::app::{App, Focus, View};

impl App {
    /// Goes into what is selected.
    pub(crate) fn enter(&mut self) {
        if self.focus == Focus::Side {
            return self.enter_side();
        }
        let row = self.views.why.current().filter(|_| self.view == View::Why);
        if row.and_then(|row| self.views.why.is_open(row)).is_some() {
            return self.toggle_open();
        }
        if self.list_right(true) {
            return;
        }
        if self.view == View::Marks
            && self.marks_rows().get(self.views.plan.cursor.at) == Some(MarksRow::MoreStays)
        {
            self.views.plan.all_stays = true;
            return self.select_current();
        }
        if self.enter_block() {
            return;
        }
        let Some(id) = self.current() else { return };
        match self.view {
            View::Tree if self.views.tree.top == Some(id) => self.right(),
            View::Map => self.zoom(id),
            View::Marks => {
                let step = self.current_step();
                self.shared.selected = Some(id);
                self.show(View::Why);
                if let Some(Step::Cut { from, to }) = step {
                    self.views.why.seek((from, to));
                }
            }
            _ => {
                self.remember();
                let mode = if self.view == View::Tree {
                    self.views.tree.mode
                } else {
                    Mode::References
                };
                self.root_tree_at(mode, Some(id));
            }
        }
    }

    pub(crate) fn enter_side(&mut self) {
        let Some(id) = self.details.path(self.details.cursor.at) else {
            return;
        };
        self.remember();
        self.focus = Focus::Main;
        self.side.alone = false;
        self.shared.selected = Some(id);
        match self.view {
            View::Packages | View::Marks | View::Map => {
                self.view = View::Packages;
                self.reveal_in_packages();
            }
            View::Tree => self.reveal_in_tree(),
            View::Why => self.ask_why(),
            View::Twins | View::Misses | View::Files | View::Roots => self.reveal_in_list(),
        }
    }

    pub(crate) fn toggle_open(&mut self) {
        let Some(facts) = &self.facts else { return };
        match self
            .views
            .why
            .current()
            .and_then(|row| self.views.why.is_open(row))
        {
            Some(true) => {
                self.views.why.close();
            }
            _ => self.views.why.open(facts),
        }
    }

    /// Makes what a tile lies in the whole map.
    pub(crate) fn zoom(&mut self, id: PathId) {
        let Some(base) = self.facts.as_ref().and_then(|facts| facts.base()) else {
            return;
        };
        let mut chain = base.dominators.strict(id);
        chain.push(id);
        let above = match self.views.map.top {
            Some(top) => chain.iter().position(|&up| up == top),
            None => (base.dominator_tree.top().len() == 1).then_some(0),
        };
        let into = chain.get(above.map_or(0, |at| at + 1)).copied();
        if let Some(into) = into.filter(|&into| !base.dominator_tree.children(into).is_empty()) {
            self.remember();
            self.views.map.top = Some(into);
            self.views.map.rest = None;
        }
    }

    /// Goes to the next tile in a direction.
    pub(crate) fn go_on_map(&mut self, direction: (i32, i32)) {
        if let Some(at) = neighbour(&self.tiles, self.map_cursor.at, direction) {
            self.stand_on_tile(at);
        }
    }

    /// Opens the row, or goes into it.
    pub(crate) fn right(&mut self) {
        let Some(facts) = &self.facts else { return };
        let height = self.list_height();
        match (self.focus, self.view) {
            (Focus::Main, View::Tree) => {
                let at = self.views.tree.cursor.at;
                let open = self
                    .views
                    .tree
                    .outline
                    .lines()
                    .get(at)
                    .is_some_and(|line| line.open);
                let to = if open {
                    Some(at + 1)
                } else {
                    self.views.tree.open(facts, at)
                };
                if let Some(to) = to {
                    let len = self.views.tree.outline.lines().len();
                    self.views.tree.cursor.reveal(to, len, height);
                    self.select_current();
                }
            }
            (Focus::Main, View::Why) => self.views.why.open(facts),
            (Focus::Main, View::Map) => self.go_on_map((1, 0)),
            (Focus::Main, _) if self.list_right(false) => {}
            _ => self.enter(),
        }
    }

    /// Closes the row, goes to the one it is under, or back.
    pub(crate) fn left(&mut self) {
        match (self.focus, self.view) {
            (Focus::Side, _) => {
                self.focus = Focus::Main;
                self.side.alone = false;
            }
            (_, View::Map) => self.go_on_map((-1, 0)),
            (_, View::Tree) => {
                let at = self.views.tree.cursor.at;
                if self
                    .views
                    .tree
                    .outline
                    .lines()
                    .get(at)
                    .is_some_and(|line| line.open && line.depth > 0)
                {
                    self.views.tree.outline.close(at);
                } else if let Some(up) = self.views.tree.outline.parent_of(at) {
                    let (len, height) = (self.views.tree.outline.lines().len(), self.list_height());
                    self.views.tree.cursor.reveal(up, len, height);
                    self.select_current();
                } else {
                    self.back();
                }
            }
            (_, View::Why) => {
                if self.views.why.close() {
                    self.select_current();
                } else {
                    self.back();
                }
            }
            _ if self.list_left() => {}
            _ => self.back(),
        }
    }
}
