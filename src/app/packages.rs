//! The table of all paths: what is wanted of it, and what is in it.

use std::sync::Arc;

use crate::model::PathId;
use crate::text::Units;

use super::facts::{Facts, Field, Sort};
use super::layout::{Columns, Wanted, columns};
use super::list::Cursor;
use super::rows::{Found, RowsQuery, is_plain};

/// The table of packages.
#[derive(Debug)]
pub struct Packages {
    /// Where the cursor is.
    pub cursor: Cursor,
    /// What the rows shall be sorted by.
    pub sort: Sort,
    /// What they shall match.
    pub text: String,
    /// Do the best matches come first?
    pub by_match: bool,
    /// The columns that are shown if there is room.
    pub fields: Vec<Field>,
    /// The rows as they are.
    pub found: Option<Found>,
    /// Has the user moved or searched since the rows were sorted? Until then the cursor is on the first one.
    pub touched: bool,
    /// Has the user sorted?
    pub chosen: bool,
}

impl Default for Packages {
    fn default() -> Self {
        Self {
            cursor: Cursor::default(),
            sort: Sort::by(Field::Nar),
            text: String::new(),
            by_match: false,
            fields: vec![
                Field::Name,
                Field::Nar,
                Field::Closure,
                Field::Retained,
                Field::Referrers,
                Field::References,
            ],
            found: None,
            touched: false,
            chosen: false,
        }
    }
}

impl Packages {
    /// The rows on screen and off.
    pub fn rows(&self) -> &[PathId] {
        self.found.as_ref().map_or(&[], |found| &found.rows)
    }

    /// The words whose letters are highlighted.
    pub fn words(&self) -> &str {
        self.found.as_ref().map_or("", |found| &found.words)
    }

    /// What is wrong with what was typed.
    pub fn trouble(&self) -> Option<&str> {
        self.found.as_ref()?.trouble.as_deref()
    }

    /// The value that fills a bar.
    pub fn scale(&self) -> u64 {
        self.found.as_ref().map_or(0, |found| found.scale)
    }

    /// The column that the bar belongs to.
    pub fn barred(&self) -> Field {
        if self.sort.field.is_size() {
            self.sort.field
        } else {
            Field::Retained
        }
    }

    /// Where its columns are in so many cells.
    pub fn columns(&self, width: u16, units: Units) -> Columns {
        let wanted = Wanted {
            fields: &self.fields,
            barred: self.barred(),
            sorted: Some(self.sort.field),
            units,
        };
        columns(width, wanted)
    }

    /// What has to be computed to get the rows that are wanted, with what can be taken over from those there are.
    pub fn query(&self, facts: &Facts, marked: Vec<PathId>) -> RowsQuery {
        let reusable = self.found.as_ref().filter(|found| found.sort == self.sort);
        let narrowed = reusable.filter(|found| narrows(&found.text, &self.text));
        RowsQuery {
            facts: facts.clone(),
            marked,
            barred: self.barred(),
            scale: reusable.map(|found| found.scale),
            sort: self.sort,
            text: self.text.clone(),
            by_match: self.by_match,
            sorted: reusable.map(|found| Arc::clone(&found.sorted)),
            narrowed: narrowed.map(|found| Arc::clone(&found.hits)),
        }
    }
}

/// Does everything that matches `new` also match `old`? Asking for what does not match makes a longer text match more.
fn narrows(old: &str, new: &str) -> bool {
    let plain = is_plain(old) && is_plain(new) && !new.contains('!');
    plain && !old.trim().is_empty() && new.starts_with(old)
}
