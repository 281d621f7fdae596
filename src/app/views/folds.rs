//! A list of groups that open and close: one row for each group, and below an open one a row for each thing in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::list::Cursor;
use crate::app::target::Fold;

/// The list. Its groups and what is in them are elsewhere; here is only how many there are.
#[derive(Debug, Clone, Default)]
pub struct Folds {
    /// How many rows each group has below its own.
    sizes: Arc<[usize]>,
    /// The open groups with their sizes.
    open: BTreeMap<usize, usize>,
    /// Where the cursor is.
    pub cursor: Cursor,
}

/// A row of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// The group of this number.
    Group(usize),
    /// In the group of this number, the thing of that number.
    Item(usize, usize),
}

impl Row {
    /// The group it is, or is in.
    pub fn group(self) -> usize {
        match self {
            Self::Group(group) | Self::Item(group, _) => group,
        }
    }
}

impl Folds {
    /// Closed groups of these sizes.
    pub fn of(sizes: impl IntoIterator<Item = usize>) -> Self {
        Self {
            sizes: sizes.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Makes known how many rows the last group has, which was closed until now.
    pub fn grow_last(&mut self, size: usize) {
        let mut sizes = self.sizes.to_vec();
        if let Some(last) = sizes.last_mut() {
            *last = size;
        }
        self.sizes = sizes.into();
    }

    /// The same groups with other things in them; what is open stays open, if something is in it.
    pub fn resize(&mut self, sizes: impl IntoIterator<Item = usize>) {
        self.sizes = sizes.into_iter().collect();
        let sizes = &self.sizes;
        let now = |group: usize| sizes.get(group).copied().filter(|&size| size > 0);
        self.open = self
            .open
            .keys()
            .filter_map(|&group| Some((group, now(group)?)))
            .collect();
    }

    /// Whether they are the same groups, opened or not.
    pub fn is_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.sizes, &other.sizes)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.sizes.len() + self.open.values().sum::<usize>()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }

    /// The row at a place. Only open groups are counted, so there may be a million closed ones.
    pub fn row(&self, at: usize) -> Option<Row> {
        let mut below = 0;
        for (&group, &size) in &self.open {
            let start = group + below;
            if at <= start {
                break;
            }
            if at <= start + size {
                return Some(Row::Item(group, at - start - 1));
            }
            below += size;
        }
        let group = at - below;
        (group < self.sizes.len()).then_some(Row::Group(group))
    }

    /// Whether something is below the row of the cursor, shown or not.
    pub fn can_open(&self) -> bool {
        self.current()
            .is_some_and(|row| self.fold(row) != Fold::None)
    }

    /// Whether something is below a row.
    pub fn fold(&self, row: Row) -> Fold {
        match row {
            Row::Group(group) if self.is_open(group) => Fold::Open,
            Row::Group(group) if self.sizes.get(group).is_some_and(|&size| size > 0) => {
                Fold::Closed
            }
            _ => Fold::None,
        }
    }

    /// The row of the cursor.
    pub fn current(&self) -> Option<Row> {
        self.row(self.cursor.at)
    }

    /// Where a row is; that of its group if it is not shown.
    pub fn place(&self, row: Row) -> usize {
        let group = row.group();
        let above: usize = self.open.range(..group).map(|(_, size)| size).sum();
        match row {
            Row::Item(_, item) if self.is_open(group) => group + above + item + 1,
            _ => group + above,
        }
    }

    /// Whether a group is open.
    pub fn is_open(&self, group: usize) -> bool {
        self.open.contains_key(&group)
    }

    /// Opens a group.
    pub fn open(&mut self, group: usize) {
        if let Some(&size) = self.sizes.get(group).filter(|&&size| size > 0) {
            self.open.insert(group, size);
        }
    }

    /// Closes the group under the cursor, which then stands on it; `false` if it is closed already.
    pub fn close(&mut self) -> bool {
        let group = self.current().map(Row::group);
        let Some(group) = group.filter(|&group| self.is_open(group)) else {
            return false;
        };
        self.cursor.at = self.place(Row::Group(group));
        self.open.remove(&group);
        true
    }

    /// Opens all groups, as far as they have `most` rows in all.
    pub fn open_all(&mut self, most: usize) {
        let row = self.current();
        for group in 0..self.sizes.len() {
            if self.len() + self.sizes[group] > most {
                break;
            }
            self.open(group);
        }
        self.stay_on(row);
    }

    /// Closes all groups; the cursor stays in its group.
    pub fn close_all(&mut self) {
        let row = self.current();
        self.open.clear();
        self.stay_on(row);
    }

    fn stay_on(&mut self, row: Option<Row>) {
        self.cursor.at = row.map_or(0, |row| self.place(row));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(folds: &Folds) -> Vec<Row> {
        (0..folds.len()).filter_map(|at| folds.row(at)).collect()
    }

    #[test]
    fn rows_are_counted_without_a_list() {
        use Row::{Group, Item};
        let mut folds = Folds::of([2, 0, 1, 3]);
        assert_eq!(rows(&folds), [Group(0), Group(1), Group(2), Group(3)]);
        folds.open(2);
        folds.open(0);
        folds.open(1);
        let all = [
            Group(0),
            Item(0, 0),
            Item(0, 1),
            Group(1),
            Group(2),
            Item(2, 0),
            Group(3),
        ];
        assert_eq!(rows(&folds), all);
        assert_eq!(folds.row(folds.len()), None);
        for (at, row) in all.into_iter().enumerate() {
            assert_eq!(folds.place(row), at);
        }
        assert_eq!(folds.place(Item(3, 2)), 6, "the group stands in");
    }

    #[test]
    fn what_is_open_stays_open_in_other_sizes() {
        use Row::{Group, Item};
        let mut folds = Folds::of([2, 1, 3]);
        folds.open(0);
        folds.open(1);
        folds.resize([1, 0, 3]);
        assert_eq!(rows(&folds), [Group(0), Item(0, 0), Group(1), Group(2)]);
        folds.resize([3, 0]);
        assert_eq!(folds.len(), 5);
    }

    #[test]
    fn the_cursor_stays_with_its_group() {
        let mut folds = Folds::of([2, 1, 3]);
        folds.cursor.at = 1;
        folds.open(1);
        folds.cursor.at = 2;
        assert_eq!(folds.current(), Some(Row::Item(1, 0)));
        folds.open_all(100);
        assert_eq!(folds.current(), Some(Row::Item(1, 0)));
        assert_eq!(folds.len(), 9);
        assert!(folds.close());
        assert_eq!(folds.current(), Some(Row::Group(1)));
        assert!(!folds.close());
        folds.close_all();
        assert_eq!((folds.len(), folds.cursor.at), (3, 1));
        folds.open_all(5);
        assert_eq!(rows(&folds).len(), 5, "what does not fit stays closed");
    }
}
