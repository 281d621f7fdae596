//! Going about: cursors, views, in and out, and back to exactly where one was.

mod depth;

use crate::analysis::what_if::Step;
use crate::model::PathId;

use super::views::folds::Folds;
use super::views::groups::Views;
use super::views::list::{Cursor, Motion};
use super::views::map::Rest;
use super::views::plan::Row as MarksRow;
use super::views::tree::{Mode, Tree};
use super::views::why::{Row as WhyRow, Why};
use super::{App, Focus, View};

/// How many places one can go back.
const MOST_PLACES: usize = 100;

/// Where one was.
#[derive(Debug)]
pub struct Place {
    view: View,
    selected: Option<PathId>,
    views: Views,
    block: Option<Rest>,
}

impl App {
    /// Which list the keys move in: its length.
    pub(crate) fn list_len(&self) -> usize {
        match (self.focus, self.view) {
            (Focus::Side, _) => self.details.len(),
            (_, View::Packages) => self.views.packages.rows().len(),
            (_, View::Tree) => self.views.tree.outline.lines().len(),
            (_, View::Why) => self.views.why.rows().len(),
            (_, View::Marks) => self.marks_rows().len(),
            (_, View::Map) => self.tiles.len(),
            (_, view) => self.views.folds(view).map_or(0, Folds::len),
        }
    }

    /// Which list the keys move in: its cursor.
    pub(crate) fn cursor(&self) -> Cursor {
        match (self.focus, self.view) {
            (Focus::Side, _) => self.details.cursor,
            (_, View::Packages) => self.views.packages.cursor,
            (_, View::Tree) => self.views.tree.cursor,
            (_, View::Why) => self.views.why.cursor,
            (_, View::Marks) => self.views.plan.cursor,
            (_, View::Map) => self.map_cursor,
            (_, view) => self
                .views
                .folds(view)
                .map_or(self.views.packages.cursor, |folds| folds.cursor),
        }
    }

    pub(crate) fn list_cursor(&mut self) -> &mut Cursor {
        match (self.focus, self.view) {
            (Focus::Side, _) => &mut self.details.cursor,
            (_, View::Packages) => &mut self.views.packages.cursor,
            (_, View::Tree) => &mut self.views.tree.cursor,
            (_, View::Why) => &mut self.views.why.cursor,
            (_, View::Marks) => &mut self.views.plan.cursor,
            (_, View::Map) => &mut self.map_cursor,
            (_, View::Twins) => &mut self.views.duplicates.folds.cursor,
            (_, View::Misses) => &mut self.views.leverage.folds.cursor,
            (_, View::Files) => &mut self.views.files.folds.cursor,
            (_, View::Roots) => &mut self.views.roots.folds.cursor,
        }
    }

    /// Is there nothing to stand on in this row?
    fn is_gap(&self, at: usize) -> bool {
        match (self.focus, self.view) {
            (Focus::Side, _) => self.details.path(at).is_none(),
            (_, View::Why) => {
                let row = self.views.why.rows().get(at);
                matches!(
                    row,
                    Some(WhyRow::Blank | WhyRow::ReferrersHeading | WhyRow::CutHeading)
                )
            }
            (_, View::Marks) => matches!(
                self.marks_rows().get(at),
                Some(MarksRow::Blank | MarksRow::LeavesHeading | MarksRow::StaysHeading)
            ),
            _ => false,
        }
    }

    /// Moves the cursor of the list that has the keys.
    pub(crate) fn go(&mut self, motion: Motion) {
        if let (Focus::Main, View::Map, Motion::By(rows)) = (self.focus, self.view, motion) {
            return self.go_on_map((0, if rows < 0 { -1 } else { 1 }));
        }
        let (len, height) = (self.list_len(), self.list_height());
        let before = self.list_cursor().at;
        self.list_cursor().go(motion, len, height);
        self.skip_gaps(before, len, height);
        self.views.packages.touched |= self.view == View::Packages;
        self.select_current();
    }

    /// Goes on in the same direction to a row one can stand on; turns round at the end.
    pub(crate) fn skip_gaps(&mut self, before: usize, len: usize, height: usize) {
        let mut onward = if self.list_cursor().at < before {
            -1
        } else {
            1
        };
        for _ in 0..8 {
            let at = self.list_cursor().at;
            if !self.is_gap(at) {
                return;
            }
            self.list_cursor().go(Motion::By(onward), len, height);
            if self.list_cursor().at == at {
                onward = -onward;
            }
        }
    }

    /// The path under the cursor of the view.
    pub(crate) fn current(&self) -> Option<PathId> {
        match self.view {
            View::Packages => self
                .views
                .packages
                .rows()
                .get(self.views.packages.cursor.at)
                .copied(),
            View::Tree => self.views.tree.id(self.views.tree.cursor.at),
            View::Why => self.views.why.id(self.views.why.current()?),
            View::Marks => self.marks_path(self.views.plan.cursor.at),
            View::Map => self.tiles.get(self.map_cursor.at)?.path(),
            view => self.list_path(self.views.folds(view)?.cursor.at),
        }
    }

    /// What the cursor of the view is on becomes the selection; the side pane has a cursor of its own.
    pub(crate) fn select_current(&mut self) {
        if self.focus == Focus::Main && self.current_block().is_some() {
            self.shared.selected = None;
        } else if self.focus == Focus::Main
            && let Some(id) = self.current()
        {
            self.shared.selected = Some(id);
        }
    }

    /// Remembers the place, to come back to.
    pub(crate) fn remember(&mut self) {
        if self.places.len() == MOST_PLACES {
            self.places.remove(0);
        }
        self.places.push(Place {
            view: self.view,
            selected: self.shared.selected,
            views: self.views.clone(),
            block: self.map_block,
        });
    }

    /// Goes back to the place before.
    pub(crate) fn back(&mut self) {
        let Some(place) = self.places.pop() else {
            return;
        };
        self.focus = Focus::Main;
        self.side.alone = false;
        self.view = place.view;
        self.shared.selected = place.selected;
        self.map_block = place.block;
        self.tiled = None;
        let text = self.views.restore(place.views);
        if text != self.views.packages.text {
            self.find(text);
        }
    }

    /// Shows a view of the selection.
    pub(crate) fn show(&mut self, view: View) {
        self.ask_again(view);
        let same = self.view == view && self.focus == Focus::Main && !self.side.alone;
        let asks_anew = view == View::Why && self.shared.selected != self.views.why.target;
        if same && !asks_anew {
            return;
        }
        self.remember();
        if (self.view, view) == (View::Why, View::Packages) {
            // Whoever looked at who holds a path still means the path.
            self.shared.selected = self.views.why.target.or(self.shared.selected);
        }
        self.view = view;
        self.focus = Focus::Main;
        self.side.alone = false;
        match view {
            View::Packages => self.reveal_in_packages(),
            View::Tree => self.reveal_in_tree(),
            View::Why => self.ask_why(),
            View::Marks => self.select_current(),
            View::Twins | View::Misses | View::Files | View::Roots => self.reveal_in_list(),
            View::Map => self.tiled = None,
        }
        if self.shared.selected.is_none() {
            // Nothing of a block of the map comes along.
            self.select_current();
        }
    }

    fn ask_why(&mut self) {
        if let Some(id) = self.shared.selected
            && self.views.why.target != Some(id)
        {
            self.views.why = Why::of(id);
            if let (Some(facts), Some(lattice)) = (&self.facts, &self.details.lattice)
                && lattice.why.target == id
            {
                self.views.why.answer(facts, std::sync::Arc::clone(lattice));
                self.open_chains_that_fit();
            }
        }
    }

    /// Puts the cursor of the table on the selection; a filter that hides it goes.
    pub(crate) fn reveal_in_packages(&mut self) {
        let Some(id) = self.shared.selected else {
            return;
        };
        let found = self.views.packages.rows().iter().position(|&row| row == id);
        let (len, height) = (self.views.packages.rows().len(), self.list_height());
        self.views.packages.touched = true;
        match found {
            Some(at) => self.views.packages.cursor.reveal(at, len, height),
            None => self.find(String::new()),
        }
    }

    fn reveal_in_tree(&mut self) {
        let Some(facts) = &self.facts else { return };
        if self.views.tree.outline.lines().is_empty() {
            self.views.tree = Tree::of(facts, Mode::References, None);
        }
        let Some(id) = self.shared.selected else {
            return;
        };
        let at = self.views.tree.reveal(facts, id).or_else(|| {
            self.views.tree = Tree::of(facts, Mode::References, None);
            self.views.tree.reveal(facts, id)
        });
        let (len, height) = (self.views.tree.outline.lines().len(), self.list_height());
        self.views.tree.cursor.reveal(at.unwrap_or(0), len, height);
        self.select_current();
    }

    /// Makes a path the top of the tree.
    pub(crate) fn root_tree_at(&mut self, mode: Mode, top: Option<PathId>) {
        let Some(facts) = &self.facts else { return };
        let tree = Tree::of(facts, mode, top);
        self.view = View::Tree;
        self.focus = Focus::Main;
        self.side.alone = false;
        self.views.tree = tree;
        self.select_current();
    }

    /// The path a row of the marks view stands for.
    pub(crate) fn marks_path(&self, at: usize) -> Option<PathId> {
        let effect = self.shared.effect.as_ref();
        match self.marks_rows().get(at)? {
            MarksRow::Step(number) => {
                self.shared
                    .plan
                    .steps()
                    .get(number)
                    .map(|step| match *step {
                        Step::Remove(id) => id,
                        Step::Cut { to, .. } => to,
                        Step::Replace { old, .. } => old,
                    })
            }
            MarksRow::Leaves(number) => effect?.leaving.get(number).copied(),
            MarksRow::Stays(number) => effect?
                .outcome
                .as_ref()
                .ok()?
                .held
                .get(number)
                .map(|held| held.path),
            _ => None,
        }
    }
}
