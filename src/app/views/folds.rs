//! A list of groups that open and close: one row for each group, and below an open one a row for each thing in it.
//! Groups may be in sections: each has a heading, and shows only the first of many groups until all are asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use crate::app::cursor::Cursor;
use crate::app::target::Fold;

/// The list. Its groups and what is in them are elsewhere; here is only how many there are.
#[derive(Debug, Clone, Default)]
pub struct Folds {
    /// How many rows each group has below its own.
    sizes: Arc<[usize]>,
    /// How many of them are shown before it is asked for all; empty where that is all of every group.
    first: Arc<[usize]>,
    /// The sections; none if there are no headings.
    parts: Arc<[Section]>,
    /// The open groups, each with how many rows are shown below its own.
    open: BTreeMap<usize, usize>,
    /// The groups of which all rows are shown once they are open.
    entire: BTreeSet<usize>,
    /// The sections that show all of their groups.
    whole: BTreeSet<usize>,
    /// Where the cursor is.
    pub cursor: Cursor,
}

/// A section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    /// The number of the group behind its last.
    pub end: usize,
    /// How many of its groups are shown before it is asked for all.
    pub shown: usize,
}

/// A row of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupRow {
    /// The group of this number.
    Group(usize),
    /// In the group of this number, the thing of that number.
    Item(usize, usize),
}

impl GroupRow {
    /// The group it is, or is in.
    pub fn group(self) -> usize {
        match self {
            Self::Group(group) | Self::Item(group, _) => group,
        }
    }
}

/// A row of the list, or one that is about a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupLine {
    /// The heading of the section of this number.
    Heading(usize),
    /// A row.
    Row(GroupRow),
    /// Where the further groups of a section would stand.
    More(usize),
    /// Where the further rows of an open group would stand.
    Rest(usize),
}

impl Folds {
    /// Closed groups of these sizes.
    pub fn of(sizes: impl IntoIterator<Item = usize>) -> Self {
        Self {
            sizes: sizes.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The same in sections, in order.
    #[must_use]
    pub fn in_sections(self, parts: impl IntoIterator<Item = Section>) -> Self {
        Self {
            parts: parts.into_iter().collect(),
            ..self
        }
    }

    /// The same with how many rows of each open group are shown before it is asked for all.
    #[must_use]
    pub fn with_first(self, first: impl IntoIterator<Item = usize>) -> Self {
        Self {
            first: first.into_iter().collect(),
            ..self
        }
    }

    /// How many rows stand below a group that is open: in place of several further ones one that says how many there are.
    fn visible(&self, group: usize) -> usize {
        let size = self.sizes.get(group).copied().unwrap_or(0);
        match self.first.get(group) {
            Some(&first) if !self.entire.contains(&group) && size > first.saturating_add(1) => {
                first + 1
            }
            _ => size,
        }
    }

    /// How many rows of an open group are not shown.
    pub fn rest(&self, group: usize) -> usize {
        let (size, visible) = (self.sizes.get(group).copied(), self.visible(group));
        match size.unwrap_or(0) - visible {
            0 => 0,
            // One of those that are shown stands for them.
            more => more + 1,
        }
    }

    /// Shows all rows of a group.
    pub fn show_rest_of(&mut self, group: usize) {
        self.entire.insert(group);
        if self.is_open(group) {
            self.open(group);
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

    /// The same groups with other things in them; what is open stays open, if something is in it, and the cursor in its group.
    pub fn resize(&mut self, sizes: impl IntoIterator<Item = usize>) {
        let row = self.current();
        self.sizes = sizes.into_iter().collect();
        let now = |group: usize| Some(self.visible(group)).filter(|&size| size > 0);
        let open = self.open.keys();
        let open = open.filter_map(|&group| Some((group, now(group)?)));
        let open: BTreeMap<usize, usize> = open.collect();
        let is_there = |row: &GroupRow| match *row {
            GroupRow::Group(_) => true,
            GroupRow::Item(group, at) => now(group).is_some_and(|size| at < size),
        };
        let group = row.map(|row| GroupRow::Group(row.group()));
        let row = row.filter(is_there).or(group);
        self.open = open;
        if let Some(row) = row {
            self.cursor.at = self.place(row);
        }
    }

    /// The same groups as they are laid out elsewhere.
    pub fn laid_out_as(&mut self, other: &Self) {
        self.first = Arc::clone(&other.first);
        self.resize(other.sizes());
    }

    /// How many rows each group has below its own.
    pub fn sizes(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.sizes.iter().copied()
    }

    /// Whether they are the same groups, opened or not.
    pub fn is_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.sizes, &other.sizes)
    }

    /// How many sections there are; one without a heading if there are none.
    fn sections(&self) -> usize {
        self.parts.len().max(1)
    }

    /// The groups of a section.
    pub fn groups_of(&self, section: usize) -> Range<usize> {
        let end_of = |section: usize| self.parts.get(section).map(|part| part.end);
        let start = section.checked_sub(1).and_then(end_of);
        start.unwrap_or(0)..end_of(section).unwrap_or(self.sizes.len())
    }

    /// The groups of a section that are shown, or would be if they were open.
    fn shown(&self, section: usize) -> Range<usize> {
        let groups = self.groups_of(section);
        match self.parts.get(section) {
            Some(part) if !self.whole.contains(&section) => {
                groups.start..groups.end.min(groups.start + part.shown)
            }
            _ => groups,
        }
    }

    /// How many groups of a section are not shown.
    pub fn hidden(&self, section: usize) -> usize {
        self.groups_of(section).len() - self.shown(section).len()
    }

    /// The section that a group is in.
    fn section_of(&self, group: usize) -> usize {
        self.parts.partition_point(|part| part.end <= group)
    }

    /// Rows before those of the groups of a section: its heading.
    fn heading(&self) -> usize {
        usize::from(!self.parts.is_empty())
    }

    /// Rows of some groups, and of what is in them.
    fn rows_of(&self, groups: Range<usize>) -> usize {
        groups.len() + self.open.range(groups).map(|(_, size)| size).sum::<usize>()
    }

    /// Rows of a section.
    fn lines_of(&self, section: usize) -> usize {
        let more = usize::from(self.hidden(section) > 0);
        self.heading() + self.rows_of(self.shown(section)) + more
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        (0..self.sections())
            .map(|section| self.lines_of(section))
            .sum()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }

    /// What stands at a place.
    pub fn line(&self, at: usize) -> Option<GroupLine> {
        let mut left = at;
        for section in 0..self.sections() {
            let lines = self.lines_of(section);
            if left >= lines {
                left -= lines;
                continue;
            }
            let Some(below) = left.checked_sub(self.heading()) else {
                return Some(GroupLine::Heading(section));
            };
            return Some(match self.row_among(self.shown(section), below) {
                Some(GroupRow::Item(group, at))
                    if at + 1 == self.visible(group) && self.rest(group) > 0 =>
                {
                    GroupLine::Rest(group)
                }
                Some(row) => GroupLine::Row(row),
                None => GroupLine::More(section),
            });
        }
        None
    }

    /// The row at a place, unless it is about a section, or stands for further rows.
    pub fn row(&self, at: usize) -> Option<GroupRow> {
        match self.line(at)? {
            GroupLine::Row(row) => Some(row),
            GroupLine::Heading(_) | GroupLine::More(_) | GroupLine::Rest(_) => None,
        }
    }

    /// The row at a place among some groups. Only open groups are counted, so there may be a million closed ones.
    fn row_among(&self, groups: Range<usize>, at: usize) -> Option<GroupRow> {
        let (start, end) = (groups.start, groups.end);
        let mut below = 0;
        for (&group, &size) in self.open.range(groups) {
            let place = group - start + below;
            if at <= place {
                break;
            }
            if at <= place + size {
                return Some(GroupRow::Item(group, at - place - 1));
            }
            below += size;
        }
        let group = start + at - below;
        (group < end).then_some(GroupRow::Group(group))
    }

    /// Whether something is below the row of the cursor, shown or not.
    pub fn can_open(&self) -> bool {
        self.current()
            .is_some_and(|row| self.fold(row) != Fold::None)
    }

    /// Whether something is below a row.
    pub fn fold(&self, row: GroupRow) -> Fold {
        match row {
            GroupRow::Group(group) if self.is_open(group) => Fold::Open,
            GroupRow::Group(group) if self.sizes.get(group).is_some_and(|&size| size > 0) => {
                Fold::Closed
            }
            _ => Fold::None,
        }
    }

    /// The row of the cursor.
    pub fn current(&self) -> Option<GroupRow> {
        self.row(self.cursor.at)
    }

    /// Where a row is; that of its group if it is not shown, and what stands for further groups if that is not.
    pub fn place(&self, row: GroupRow) -> usize {
        let group = row.group();
        let section = self.section_of(group).min(self.sections() - 1);
        let above: usize = (0..section).map(|above| self.lines_of(above)).sum();
        let shown = self.shown(section);
        let first = above + self.heading();
        if group >= shown.end {
            return first + self.rows_of(shown);
        }
        let at = first + self.rows_of(shown.start..group);
        match row {
            GroupRow::Item(_, item) if self.is_open(group) => {
                at + 1 + item.min(self.visible(group).saturating_sub(1))
            }
            _ => at,
        }
    }

    /// Whether a group is open.
    pub fn is_open(&self, group: usize) -> bool {
        self.open.contains_key(&group)
    }

    /// The open groups, ascending.
    pub fn open_groups(&self) -> impl Iterator<Item = usize> + '_ {
        self.open.keys().copied()
    }

    /// Closes a group, wherever the cursor is.
    pub fn close_group(&mut self, group: usize) {
        self.open.remove(&group);
    }

    /// Opens a group.
    pub fn open(&mut self, group: usize) {
        let size = self.visible(group);
        if size > 0 {
            self.open.insert(group, size);
        }
    }

    /// Shows all groups of a section.
    pub fn show_all_of(&mut self, section: usize) {
        self.whole.insert(section);
    }

    /// Sees to it that a group is among those that are shown.
    pub fn show_group(&mut self, group: usize) {
        let section = self.section_of(group);
        if section < self.parts.len() && !self.shown(section).contains(&group) {
            self.show_all_of(section);
        }
    }

    /// Closes the group under the cursor, which then stands on it; `false` if it is closed already.
    pub fn close(&mut self) -> bool {
        let group = match self.line(self.cursor.at) {
            Some(GroupLine::Rest(group)) => Some(group),
            _ => self.current().map(GroupRow::group),
        };
        let Some(group) = group.filter(|&group| self.is_open(group)) else {
            return false;
        };
        self.cursor.at = self.place(GroupRow::Group(group));
        self.open.remove(&group);
        true
    }

    /// Opens all groups, as far as they have `most` rows in all.
    pub fn open_all(&mut self, most: usize) {
        let row = self.current();
        let mut rows = self.sizes.len() + self.parts.len();
        for group in 0..self.sizes.len() {
            rows += self.visible(group);
            if rows > most {
                break;
            }
            self.open(group);
            self.show_group(group);
        }
        self.stay_on(row);
    }

    /// Closes all groups; the cursor stays in its group.
    pub fn close_all(&mut self) {
        let row = self.current();
        self.open.clear();
        self.whole.clear();
        self.entire.clear();
        self.stay_on(row);
    }

    fn stay_on(&mut self, row: Option<GroupRow>) {
        self.cursor.at = row.map_or(0, |row| self.place(row));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(folds: &Folds) -> Vec<GroupRow> {
        (0..folds.len()).filter_map(|at| folds.row(at)).collect()
    }

    #[test]
    fn rows_are_counted_without_a_list() {
        use GroupRow::{Group, Item};
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
        use GroupRow::{Group, Item};
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
        assert_eq!(folds.current(), Some(GroupRow::Item(1, 0)));
        folds.open_all(100);
        assert_eq!(folds.current(), Some(GroupRow::Item(1, 0)));
        assert_eq!(folds.len(), 9);
        assert!(folds.close());
        assert_eq!(folds.current(), Some(GroupRow::Group(1)));
        assert!(!folds.close());
        folds.close_all();
        assert_eq!((folds.len(), folds.cursor.at), (3, 1));
        folds.open_all(5);
        assert_eq!(rows(&folds).len(), 5, "what does not fit stays closed");
    }

    #[test]
    fn of_a_large_group_the_first_rows_are_shown_until_all_are_asked_for() {
        use GroupRow::{Group, Item};
        let mut folds = Folds::of([4, 9, 2]).with_first([3, 3, usize::MAX]);
        (0..3).for_each(|group| folds.open(group));
        // In place of a single further row, that one is shown.
        assert_eq!((folds.rest(0), folds.rest(1), folds.rest(2)), (0, 6, 0));
        let lines: Vec<GroupLine> = (0..folds.len()).filter_map(|at| folds.line(at)).collect();
        let rows = [
            Group(0),
            Item(0, 0),
            Item(0, 1),
            Item(0, 2),
            Item(0, 3),
            Group(1),
        ];
        let rows = rows.into_iter().chain([Item(1, 0), Item(1, 1), Item(1, 2)]);
        let mut expected: Vec<GroupLine> = rows.map(GroupLine::Row).collect();
        expected.push(GroupLine::Rest(1));
        expected.extend([Group(2), Item(2, 0), Item(2, 1)].map(GroupLine::Row));
        assert_eq!(lines, expected);
        assert_eq!((folds.row(9), folds.place(Item(1, 8))), (None, 9));
        folds.show_rest_of(1);
        assert_eq!((folds.rest(1), folds.len()), (0, 3 + 4 + 9 + 2));
        assert_eq!(folds.line(9), Some(GroupLine::Row(Item(1, 3))));
        folds.resize([4, 8, 2]);
        assert_eq!(folds.len(), 3 + 4 + 8 + 2);
        folds.close_all();
        folds.open(1);
        folds.cursor.at = 5;
        assert_eq!(folds.line(5), Some(GroupLine::Rest(1)));
        assert!(folds.close() && folds.current() == Some(Group(1)));
    }

    #[test]
    fn of_a_large_section_the_first_groups_are_shown_until_all_are_asked_for() {
        use GroupRow::{Group, Item};
        let part = |end| Section { end, shown: 10 };
        let mut folds = Folds::of([1; 14]).in_sections([part(2), part(14)]);
        let lines: Vec<GroupLine> = (0..folds.len()).filter_map(|at| folds.line(at)).collect();
        let shown = (2..12).map(|group| GroupLine::Row(Group(group)));
        let expected: Vec<GroupLine> = [
            GroupLine::Heading(0),
            GroupLine::Row(Group(0)),
            GroupLine::Row(Group(1)),
            GroupLine::Heading(1),
        ]
        .into_iter()
        .chain(shown)
        .chain([GroupLine::More(1)])
        .collect();
        assert_eq!(lines, expected);
        assert_eq!((folds.hidden(0), folds.hidden(1)), (0, 2));
        assert_eq!(folds.place(Group(13)), 14, "what stands for it");
        folds.open(2);
        folds.show_group(13);
        assert_eq!(folds.line(14), Some(GroupLine::Row(Group(11))));
        assert_eq!(folds.row(5), Some(Item(2, 0)));
        assert_eq!(folds.len(), 14 + 2 + 1);
        for at in 0..folds.len() {
            if let Some(row) = folds.row(at) {
                assert_eq!(folds.place(row), at);
            }
        }
        assert_eq!(folds.place(Group(14)), folds.len());
    }
}
