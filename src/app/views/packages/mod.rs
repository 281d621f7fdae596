//! The table of all paths: what is wanted of it, and what is in it.

pub mod finding;
pub mod rows;

use std::sync::Arc;

use crate::model::PathId;
use crate::text::Units;

use self::rows::{Found, RowsQuery, is_plain};
use super::list::Cursor;
use crate::app::facts::{Facts, Field, Sort};
use crate::app::frame::layout::{Columns, Wanted, columns};

/// Among so many paths a first answer is found before anyone has to wait; all others follow.
const FIRST: usize = 32 * 1024;

/// The table of packages.
#[derive(Debug, Clone)]
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

    /// Are there more rows to come?
    pub fn is_partial(&self) -> bool {
        self.found.as_ref().is_some_and(|found| found.partial)
    }

    /// The value that fills a bar.
    pub fn scale(&self) -> u64 {
        self.found.as_ref().map_or(0, |found| found.scale)
    }

    /// What the rows on screen are sorted by: not always what is wanted, while that is being computed.
    pub fn sorted(&self) -> Sort {
        self.found.as_ref().map_or(self.sort, |found| found.sort)
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

    /// Are the rows of [`RowsQuery::first`] what is wanted?
    pub fn wants_no_more_than(&self, first: &Found) -> bool {
        self.text.is_empty() && self.sort == first.sort
    }

    /// What has to be computed to get the rows that are wanted, with what can be taken over from those there are.
    pub fn query(&self, facts: &Facts, marked: Vec<PathId>) -> RowsQuery {
        // What is not computed yet puts nothing in order: until then the sizes that are known do.
        let sort = if facts.is_ready(self.sort.field) {
            self.sort
        } else {
            Sort::by(Field::Nar)
        };
        let reusable = self.found.as_ref().filter(|found| found.sort == sort);
        let scale = reusable.map(|found| found.scale);
        let narrowed = reusable.filter(|found| !found.partial && narrows(&found.text, &self.text));
        let begun = reusable.is_some_and(|found| found.partial && found.text == self.text);
        RowsQuery {
            first: (!begun).then_some(FIRST),
            facts: facts.clone(),
            marked,
            barred: self.barred(),
            scale: scale.filter(|&scale| scale > 0),
            sort,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::explore::Explore;
    use crate::job::Progress;
    use crate::replay::{Session, screen_text};
    use crate::source::Request;
    use crate::testing::{self, Given};

    /// A store that is too large to be searched in one go.
    fn session() -> Session {
        let given = Given::of(testing::store(40_000, 2, 5));
        let explore = Explore::new(Box::new(given), Request::default());
        Session::open(explore, (120, 30))
    }

    #[test]
    fn a_search_that_begins_with_the_first_rows_ends_with_all() {
        let mut session = session();
        session.press("/7").expect("keys");
        let facts = session.app().facts.clone().expect("it is loaded");
        let matching = |id: &PathId| facts.graph().name(*id).contains('7');
        let matching = facts.closure().members().iter().filter(matching).count();
        let packages = &session.app().views.packages;
        assert!(packages.rows().len() == matching && !packages.is_partial());
        let screen = screen_text(&session.frame());
        assert!(
            screen.contains(" match") && !screen.contains("so far"),
            "{screen}"
        );
        session.press("<esc>/name:7<enter>").expect("keys");
        assert_eq!(session.app().views.packages.rows().len(), matching);
    }

    #[test]
    fn a_first_answer_says_that_it_is_one() {
        let session = session();
        let app = session.app();
        let mut packages = Packages {
            text: "7".to_owned(),
            sort: app.views.packages.sort,
            found: app.views.packages.found.clone(),
            ..Packages::default()
        };
        let facts = app.facts.as_ref().expect("it is loaded");
        let search = |packages: &Packages| {
            let query = packages.query(facts, Vec::new());
            query.run(&Progress::new()).expect("not cancelled")
        };
        let first = search(&packages);
        assert!(first.partial && !first.rows.is_empty());
        packages.found = Some(first.clone());
        let whole = search(&packages);
        assert!(!whole.partial && whole.rows.len() > first.rows.len());
        assert!(whole.hits.starts_with(&first.hits), "the order is the same");
    }
}
