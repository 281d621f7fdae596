//! Going about: cursors, views, in and out, and back to exactly where one was.

mod depth;

use crate::analysis::what_if::Step;
use crate::model::PathId;

use super::views::folds::Folds;
use super::views::groups::Lists;
use super::views::list::{Cursor, Motion};
use super::views::map::{Map, Rest};
use super::views::plan::Row as MarksRow;
use super::views::tree::{Mode, Tree};
use super::views::why::{Row as WhyRow, Why};
use super::{App, Pane, View};

/// How many places one can go back.
const MOST_PLACES: usize = 100;

/// Where one was.
#[derive(Debug)]
pub struct Place {
    view: View,
    selected: Option<PathId>,
    text: String,
    packages: Cursor,
    tree: Tree,
    why: Why,
    marks: Cursor,
    lists: Lists,
    map: Map,
    block: Option<Rest>,
}

impl App {
    /// Which list the keys move in: its length.
    pub(crate) fn list_len(&self) -> usize {
        match (self.pane, self.view) {
            (Pane::Side, _) => self.details.len(),
            (_, View::Packages) => self.packages.rows().len(),
            (_, View::Tree) => self.tree.outline.lines().len(),
            (_, View::Why) => self.why.rows().len(),
            (_, View::Marks) => self.marks_rows().len(),
            (_, View::Map) => self.tiles.len(),
            (_, view) => self.lists.folds(view).map_or(0, Folds::len),
        }
    }

    /// Which list the keys move in: its cursor.
    pub(crate) fn cursor(&self) -> Cursor {
        match (self.pane, self.view) {
            (Pane::Side, _) => self.details.cursor,
            (_, View::Packages) => self.packages.cursor,
            (_, View::Tree) => self.tree.cursor,
            (_, View::Why) => self.why.cursor,
            (_, View::Marks) => self.marks.cursor,
            (_, View::Map) => self.map_cursor,
            (_, view) => self
                .lists
                .folds(view)
                .map_or(self.packages.cursor, |folds| folds.cursor),
        }
    }

    pub(crate) fn list_cursor(&mut self) -> &mut Cursor {
        match (self.pane, self.view) {
            (Pane::Side, _) => &mut self.details.cursor,
            (_, View::Packages) => &mut self.packages.cursor,
            (_, View::Tree) => &mut self.tree.cursor,
            (_, View::Why) => &mut self.why.cursor,
            (_, View::Marks) => &mut self.marks.cursor,
            (_, View::Map) => &mut self.map_cursor,
            (_, view) => match self.lists.folds_mut(view) {
                Some(folds) => &mut folds.cursor,
                None => &mut self.packages.cursor,
            },
        }
    }

    /// Is there nothing to stand on in this row?
    fn is_gap(&self, at: usize) -> bool {
        match (self.pane, self.view) {
            (Pane::Side, _) => self.details.path(at).is_none(),
            (_, View::Why) => {
                let row = self.why.rows().get(at);
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
        if let (Pane::Main, View::Map, Motion::By(rows)) = (self.pane, self.view, motion) {
            return self.go_on_map((0, if rows < 0 { -1 } else { 1 }));
        }
        let (len, height) = (self.list_len(), self.list_height());
        let before = self.list_cursor().at;
        self.list_cursor().go(motion, len, height);
        self.skip_gaps(before, len, height);
        self.packages.touched |= self.view == View::Packages;
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
            View::Packages => self.packages.rows().get(self.packages.cursor.at).copied(),
            View::Tree => self.tree.id(self.tree.cursor.at),
            View::Why => self.why.id(self.why.current()?),
            View::Marks => self.marks_path(self.marks.cursor.at),
            View::Map => self.tiles.get(self.map_cursor.at)?.path(),
            view => self.list_path(self.lists.folds(view)?.cursor.at),
        }
    }

    /// What the cursor of the view is on becomes the selection; the side pane has a cursor of its own.
    pub(crate) fn select_current(&mut self) {
        if self.pane == Pane::Main && self.current_block().is_some() {
            self.selected = None;
        } else if self.pane == Pane::Main
            && let Some(id) = self.current()
        {
            self.selected = Some(id);
        }
    }

    /// Remembers the place, to come back to.
    pub(crate) fn remember(&mut self) {
        if self.places.len() == MOST_PLACES {
            self.places.remove(0);
        }
        self.places.push(Place {
            view: self.view,
            selected: self.selected,
            text: self.packages.text.clone(),
            packages: self.packages.cursor,
            tree: self.tree.clone(),
            why: self.why.clone(),
            marks: self.marks.cursor,
            lists: self.lists.clone(),
            map: self.map,
            block: self.map_block,
        });
    }

    /// Goes back to the place before.
    pub(crate) fn back(&mut self) {
        let Some(place) = self.places.pop() else {
            return;
        };
        self.pane = Pane::Main;
        self.side.alone = false;
        self.view = place.view;
        self.selected = place.selected;
        self.tree = place.tree;
        self.why = place.why;
        self.marks.cursor = place.marks;
        self.lists.restore(place.lists);
        self.map = place.map;
        self.map_block = place.block;
        self.tiled = None;
        self.packages.cursor = place.packages;
        if place.text != self.packages.text {
            self.find(place.text);
        }
    }

    /// Shows a view of the selection.
    pub(crate) fn show(&mut self, view: View) {
        self.ask_again(view);
        let same = self.view == view && self.pane == Pane::Main && !self.side.alone;
        let asks_anew = view == View::Why && self.selected != self.why.target;
        if same && !asks_anew {
            return;
        }
        self.remember();
        if (self.view, view) == (View::Why, View::Packages) {
            // Whoever looked at who holds a path still means the path.
            self.selected = self.why.target.or(self.selected);
        }
        self.view = view;
        self.pane = Pane::Main;
        self.side.alone = false;
        match view {
            View::Packages => self.reveal_in_packages(),
            View::Tree => self.reveal_in_tree(),
            View::Why => self.ask_why(),
            View::Marks => self.select_current(),
            View::Twins | View::Misses | View::Files | View::Roots => self.reveal_in_list(),
            View::Map => self.tiled = None,
        }
        if self.selected.is_none() {
            // Nothing of a block of the map comes along.
            self.select_current();
        }
    }

    fn ask_why(&mut self) {
        if let Some(id) = self.selected
            && self.why.target != Some(id)
        {
            self.why = Why::of(id);
            if let (Some(facts), Some(lattice)) = (&self.facts, &self.details.lattice)
                && lattice.why.target == id
            {
                self.why.answer(facts, std::sync::Arc::clone(lattice));
                self.open_chains_that_fit();
            }
        }
    }

    /// Puts the cursor of the table on the selection; a filter that hides it goes.
    pub(crate) fn reveal_in_packages(&mut self) {
        let Some(id) = self.selected else { return };
        let found = self.packages.rows().iter().position(|&row| row == id);
        let (len, height) = (self.packages.rows().len(), self.list_height());
        self.packages.touched = true;
        match found {
            Some(at) => self.packages.cursor.reveal(at, len, height),
            None => self.find(String::new()),
        }
    }

    fn reveal_in_tree(&mut self) {
        let Some(facts) = &self.facts else { return };
        if self.tree.outline.lines().is_empty() {
            self.tree = Tree::of(facts, Mode::References, None);
        }
        let Some(id) = self.selected else { return };
        let at = self.tree.reveal(facts, id).or_else(|| {
            self.tree = Tree::of(facts, Mode::References, None);
            self.tree.reveal(facts, id)
        });
        let (len, height) = (self.tree.outline.lines().len(), self.list_height());
        self.tree.cursor.reveal(at.unwrap_or(0), len, height);
        self.select_current();
    }

    /// Makes a path the top of the tree.
    pub(crate) fn root_tree_at(&mut self, mode: Mode, top: Option<PathId>) {
        let Some(facts) = &self.facts else { return };
        let tree = Tree::of(facts, mode, top);
        self.view = View::Tree;
        self.pane = Pane::Main;
        self.side.alone = false;
        self.tree = tree;
        self.select_current();
    }

    /// The path a row of the marks view stands for.
    pub(crate) fn marks_path(&self, at: usize) -> Option<PathId> {
        let effect = self.effect.as_ref();
        match self.marks_rows().get(at)? {
            MarksRow::Step(number) => self.plan.steps().get(number).map(|step| match *step {
                Step::Remove(id) => id,
                Step::Cut { to, .. } => to,
                Step::Replace { old, .. } => old,
            }),
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
