//! The views that are lists of groups: what was found for them, which groups are open, and what their keys do.

use crate::analysis::what_if::Step;
use crate::model::PathId;

use super::duplicates::{self, Groups};
use super::files;
use super::files::identical;
use super::folds::{Folds, Row};
use super::leverage::{self, Misses};
use super::map::Map;
use super::packages::Packages;
use super::plan::Marks;
use super::roots;
use super::tree::Tree;
use super::why::Why;
use crate::app::facts::Facts;
use crate::app::jobs::work::{Done, Kind, Work};
use crate::app::{App, View};

/// Most rows that *open all* shows.
const MOST_OPENED: usize = 5000;

/// A list of groups, once it was found.
#[derive(Debug, Clone)]
pub struct List<T> {
    /// The groups.
    pub found: Option<T>,
    /// Which of them are open.
    pub folds: Folds,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self {
            found: None,
            folds: Folds::default(),
        }
    }
}

/// What each view shows, and where its cursor is.
#[derive(Debug, Clone, Default)]
pub struct Views {
    /// Every path in one table.
    pub packages: Packages,
    /// Who references whom.
    pub tree: Tree,
    /// Why a path is here.
    pub why: Why,
    /// What is planned.
    pub plan: Marks,
    /// Everything as areas.
    pub map: Map,
    /// Packages that are there more than once.
    pub duplicates: List<Groups>,
    /// Much weight behind few references.
    pub leverage: List<Misses>,
    /// What the bytes are.
    pub files: List<files::Found>,
    /// Which of them are identical: the last group of the files.
    pub identical: Option<identical::Found>,
    /// What each root holds.
    pub roots: List<roots::Found>,
}

impl Views {
    /// The list of a view, if it has one.
    pub fn folds(&self, view: View) -> Option<&Folds> {
        match view {
            View::Twins => Some(&self.duplicates.folds),
            View::Misses => Some(&self.leverage.folds),
            View::Files => Some(&self.files.folds),
            View::Roots => Some(&self.roots.folds),
            _ => None,
        }
    }

    /// The list of a view, to be changed.
    pub fn folds_mut(&mut self, view: View) -> Option<&mut Folds> {
        match view {
            View::Twins => Some(&mut self.duplicates.folds),
            View::Misses => Some(&mut self.leverage.folds),
            View::Files => Some(&mut self.files.folds),
            View::Roots => Some(&mut self.roots.folds),
            _ => None,
        }
    }

    /// Has the view been filled?
    fn is_found(&self, view: View) -> bool {
        match view {
            View::Twins => self.duplicates.found.is_some(),
            View::Misses => self.leverage.found.is_some(),
            View::Files => self.files.found.is_some(),
            View::Roots => self.roots.found.is_some(),
            _ => true,
        }
    }

    /// The path a row of a view stands for.
    fn id(&self, view: View, row: Row) -> Option<PathId> {
        match view {
            View::Twins => {
                let group = self.duplicates.found.as_ref()?.get(row.group())?;
                match row {
                    Row::Group(_) => Some(group.keep),
                    Row::Item(_, at) => duplicates::item(group, at).map(duplicates::Item::id),
                }
            }
            View::Misses => {
                let miss = self.leverage.found.as_ref()?.get(row.group())?;
                match row {
                    Row::Group(_) => Some(miss.near.path),
                    Row::Item(_, at) => miss.references.get(at).map(|&(from, _)| from),
                }
            }
            View::Roots => self.roots.found.as_ref()?.id(row),
            View::Files => {
                let Row::Item(group, at) = row else {
                    return None;
                };
                match self.files.found.as_ref()?.categories.get(group) {
                    Some(category) => category.paths.get(at).map(|&(id, _)| id),
                    None => self
                        .identical
                        .as_ref()?
                        .pairs
                        .get(at)
                        .map(|pair| pair.first),
                }
            }
            _ => None,
        }
    }

    /// The row of a view that stands for a path best.
    fn row_of(&self, view: View, id: PathId) -> Option<Row> {
        match view {
            View::Twins => duplicates::row_of(self.duplicates.found.as_ref()?, id),
            View::Misses => leverage::row_of(self.leverage.found.as_ref()?, id),
            View::Files => files::row_of(self.files.found.as_ref()?, id),
            View::Roots => self.roots.found.as_ref()?.row_of(id),
            _ => None,
        }
    }

    /// Makes the views what they were, as far as they still show the same. Gives what the table was searched for.
    pub fn restore(&mut self, before: Self) -> String {
        self.tree = before.tree;
        self.why = before.why;
        self.plan.cursor = before.plan.cursor;
        self.map = before.map;
        self.packages.cursor = before.packages.cursor;
        for (view, folds) in [
            (View::Twins, before.duplicates.folds),
            (View::Misses, before.leverage.folds),
            (View::Files, before.files.folds),
            (View::Roots, before.roots.folds),
        ] {
            if let Some(now) = self.folds_mut(view).filter(|now| now.is_of(&folds)) {
                *now = folds;
            }
        }
        before.packages.text
    }

    /// Forgets what was found in another store.
    pub fn forget_lists(&mut self) {
        self.duplicates = List::default();
        self.leverage = List::default();
        self.files = List::default();
        self.identical = None;
        self.roots = List::default();
    }
}

impl App {
    /// The path of a row of the list that a view is.
    pub(crate) fn list_path(&self, at: usize) -> Option<PathId> {
        let row = self.views.folds(self.view)?.row(at)?;
        self.views.id(self.view, row)
    }

    /// What the view needs and has not got: the kind of job, and the job.
    pub(crate) fn list_work(&self, facts: &Facts) -> Option<(Kind, Work)> {
        let facts = facts.clone();
        if self.views.is_found(self.view) {
            let found = self.views.files.found.as_ref();
            let open = found.is_some_and(|files| files.comparable);
            let wanted = self.view == View::Files && open && self.views.identical.is_none();
            return wanted.then_some((Kind::Identical, Work::Identical(facts)));
        }
        match self.view {
            View::Twins => Some((Kind::Twins, Work::Twins(facts))),
            View::Misses => Some((Kind::Misses, Work::Misses(facts))),
            View::Files => Some((Kind::Files, Work::Files(facts))),
            View::Roots => Some((Kind::Roots, Work::Roots(facts))),
            _ => None,
        }
    }

    /// Was a job of this kind that is about the whole closure called off?
    pub(crate) fn has_given_up(&self, kind: Kind) -> bool {
        self.given_up.contains(&(kind, None))
    }

    /// Was the search for what the view lists called off?
    pub(crate) fn list_given_up(&self) -> bool {
        kind_of(self.view).is_some_and(|kind| self.has_given_up(kind))
    }

    /// Asking for a view again takes back that its search was called off.
    pub(crate) fn ask_again(&mut self, view: View) {
        if let Some(kind) = kind_of(view) {
            let with_it = (kind == Kind::Files).then_some(Kind::Identical);
            self.given_up
                .retain(|&(other, _)| other != kind && Some(other) != with_it);
        }
    }

    /// Takes what was found.
    pub(crate) fn take_list(&mut self, done: Done) {
        let view = match done {
            Done::Twins(groups) => {
                self.views.duplicates.folds = duplicates::folds(&groups);
                self.views.duplicates.found = Some(groups);
                View::Twins
            }
            Done::Misses(misses) => {
                self.views.leverage.folds = leverage::folds(&misses);
                self.views.leverage.found = Some(misses);
                View::Misses
            }
            Done::Files(files) => {
                self.views.files.folds = files::folds(&files);
                self.views.files.found = Some(files);
                View::Files
            }
            Done::Identical(found) => {
                self.views.files.folds.grow_last(found.pairs.len());
                self.views.identical = Some(found);
                return;
            }
            Done::Roots(found) => {
                self.views.roots.folds = roots::folds(&found);
                self.views.roots.found = Some(found);
                View::Roots
            }
            _ => return,
        };
        if view == self.view {
            self.reveal_in_list();
        }
    }

    /// Puts the cursor of the list on the selection; where that is not in the list, the cursor's row becomes the selection.
    pub(crate) fn reveal_in_list(&mut self) {
        let view = self.view;
        let row = self
            .shared
            .selected
            .and_then(|id| self.views.row_of(view, id));
        let height = self.list_height();
        let shown = self.current() == self.shared.selected;
        if let (Some(row), Some(folds), false) = (row, self.views.folds_mut(view), shown) {
            // These are read from the top, where most is to be had.
            let ranked = matches!(view, View::Twins | View::Misses);
            // Behind many paths of its category a path would hide what all the others are.
            let deep = match row {
                Row::Item(group, at) if view == View::Files => group + at + 1 >= height,
                _ => false,
            };
            let far = deep || ranked && folds.place(Row::Group(row.group())) >= height;
            // Of several roots each comes before what it needs.
            let below = view == View::Roots && row.group() > 1 && matches!(row, Row::Item(..));
            if far || below {
                folds.cursor = super::list::Cursor::default();
                return self.select_current();
            }
            if matches!(row, Row::Item(..)) {
                folds.open(row.group());
            }
            let (at, len) = (folds.place(row), folds.len());
            folds.cursor.reveal(at, len, height);
        }
        self.select_current();
    }

    /// On a larger screen no rows stay hidden above a cursor that the first screen has room for.
    pub(crate) fn unscroll(&mut self) {
        let height = self.list_height();
        let cursor = self.list_cursor();
        if cursor.at < height {
            cursor.top = 0;
        }
    }

    /// Opens a group, or goes into what a row stands for; `false` if the view is no list.
    pub(crate) fn list_right(&mut self, enter: bool) -> bool {
        let height = self.list_height();
        let Some(folds) = self.views.folds_mut(self.view) else {
            return false;
        };
        match folds.current() {
            Some(Row::Group(group)) if folds.is_open(group) && enter => {
                folds.close();
            }
            Some(Row::Group(group)) if folds.is_open(group) => {
                let (at, len) = (folds.cursor.at + 1, folds.len());
                folds.cursor.reveal(at, len, height);
                self.select_current();
            }
            Some(Row::Group(group)) => {
                folds.open(group);
                show_below(folds, group, height);
            }
            Some(Row::Item(..)) => return false,
            None => {}
        }
        true
    }

    /// Closes a group; `false` if it is closed or the view is no list.
    pub(crate) fn list_left(&mut self) -> bool {
        let closed = self.views.folds_mut(self.view).is_some_and(Folds::close);
        if closed {
            self.select_current();
        }
        closed
    }

    /// Opens or closes all groups; `false` if the view is no list.
    pub(crate) fn list_all(&mut self, open: bool) -> bool {
        let height = self.list_height();
        let Some(folds) = self.views.folds_mut(self.view) else {
            return false;
        };
        if open {
            folds.open_all(MOST_OPENED);
        } else {
            folds.close_all();
        }
        let (at, len) = (folds.cursor.at, folds.len());
        folds.cursor.reveal(at, len, height);
        self.select_current();
        true
    }

    /// Puts steps into the plan as one change, or takes them out if it has them all.
    pub(crate) fn toggle_all(&mut self, steps: Vec<Step>) {
        let there = |step: &Step| self.shared.plan.steps().contains(step);
        if !steps.is_empty() && steps.iter().all(there) {
            self.change_plan(|plan| plan.take_out(&steps));
        } else {
            self.change_plan(|plan| plan.extend(steps));
        }
    }
}

/// The job that fills a view.
fn kind_of(view: View) -> Option<Kind> {
    match view {
        View::Twins => Some(Kind::Twins),
        View::Misses => Some(Kind::Misses),
        View::Files => Some(Kind::Files),
        View::Roots => Some(Kind::Roots),
        _ => None,
    }
}

/// Scrolls so that what was opened can be seen, as far as it fits below its group.
fn show_below(folds: &mut Folds, group: usize, height: usize) {
    let last = folds.place(Row::Group(group + 1)).min(folds.len());
    let top = last.saturating_sub(height).min(folds.cursor.at);
    folds.cursor.top = folds.cursor.top.max(top);
}
