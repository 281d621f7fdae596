//! What is kept of a list of groups when the store is read again: which are open, and where the cursor is, by their names.

use std::collections::HashSet;

use crate::app::cursor::Cursor;
use crate::model::PathId;

use super::folds::{Folds, GroupRow};

/// A row below a group is looked for among this many before and behind its former place: no key waits for a million rows.
const NEAR: usize = 1000;

/// What is kept of a list of groups.
#[derive(Debug, Clone)]
pub(super) struct KeptFolds {
    /// The names of the open groups.
    open: HashSet<String>,
    /// The name of the group of the cursor, and its row as it was numbered.
    current: Option<(String, GroupRow)>,
    /// Rows of the screen above the cursor.
    above: usize,
    /// What was selected, as it is numbered now.
    pub(super) selected: Option<PathId>,
    /// The path of the row of the cursor, as it is numbered now.
    pub(super) path: Option<PathId>,
}

impl KeptFolds {
    /// Takes down how a list is opened. `paths`: what is selected, and the path of the row of the cursor.
    pub(super) fn of(
        folds: &Folds,
        (selected, path): (Option<PathId>, Option<PathId>),
        name: impl Fn(usize) -> String,
    ) -> Self {
        let current = folds.current().map(|row| (name(row.group()), row));
        Self {
            open: folds.open_groups().map(name).collect(),
            current,
            above: folds.cursor.at.saturating_sub(folds.cursor.top),
            selected,
            path,
        }
    }

    /// Whether the group of this name was open.
    pub(super) fn had_open(&self, name: &str) -> bool {
        self.open.contains(name)
    }

    /// Opens what was open, closes what was not, and puts the cursor on its row again, or on that of its group; `false` if
    /// that is gone. `is_it`: whether a row below the group stands for what the one of the cursor did.
    pub(super) fn restore(
        &self,
        folds: &mut Folds,
        name: impl Fn(usize) -> String,
        is_it: impl Fn(GroupRow) -> bool,
    ) -> bool {
        let shown_open: Vec<usize> = folds.open_groups().collect();
        for group in shown_open {
            folds.close_group(group);
        }
        let mut wanted: HashSet<&str> = self.open.iter().map(String::as_str).collect();
        let mut current = None;
        let groups = folds.sizes().len();
        for group in 0..groups {
            if wanted.is_empty() && (current.is_some() || self.current.is_none()) {
                break;
            }
            let name = name(group);
            if wanted.remove(name.as_str()) {
                folds.open(group);
                folds.show_group(group);
            }
            if self.current.as_ref().is_some_and(|(own, _)| *own == name) {
                current = Some(group);
            }
        }
        let Some((group, (_, row))) = current.zip(self.current.as_ref()) else {
            return false;
        };
        folds.show_group(group);
        let row = match *row {
            GroupRow::Group(_) => GroupRow::Group(group),
            GroupRow::Item(_, at) => {
                let rows = folds.sizes().nth(group).unwrap_or(0);
                let near = at.saturating_sub(NEAR)..rows.min(at.saturating_add(NEAR));
                let mut rows = [at].into_iter().chain(near);
                let found = rows.find(|&at| is_it(GroupRow::Item(group, at)));
                GroupRow::Item(group, found.unwrap_or(at))
            }
        };
        let at = folds.place(row);
        let top = at.saturating_sub(self.above);
        folds.cursor = Cursor { at, top };
        true
    }
}
