//! The table of all paths: what is wanted of it, and what is in it.

pub(crate) mod brings;
mod pane;
pub(crate) mod rows;

use std::sync::Arc;

use crate::analysis::absent::Absent;
use crate::analysis::analysed::Need;
use crate::analysis::origin::By;
use crate::analysis::query::Query;
use crate::analysis::what_if::Step;
use crate::model::PathId;
use crate::text::Units;

use self::brings::{ByFile, ByOption};
pub(crate) use self::pane::TableFound;
use self::rows::{FoundRows, RowsQuery, is_plain};
use super::groups::Groups;
use crate::app::cursor::Cursor;
use crate::app::facts::{Facts, Metric, Sort};
use crate::app::frame::layout::{self, Columns, columns};
use crate::app::outcome::Outcome;
use crate::app::pane::Pane;
use crate::app::shared::Context;

/// Among this many paths a first answer is found at once; all others follow.
const FIRST: usize = 32 * 1024;

/// The table of packages.
#[derive(Debug, Clone)]
pub struct Packages {
    /// Where the cursor is.
    pub cursor: Cursor,
    /// What the rows should be sorted by.
    pub sort: Sort,
    /// What they should match.
    pub text: String,
    /// What the text asks for.
    asked: Vec<Need>,
    /// Whether the best matches come first.
    pub by_match: bool,
    /// The columns that are shown if there is room, and if what they say can be said: see [`Packages::shown`].
    pub metrics: Vec<Metric>,
    /// The rows as they are.
    pub found: Option<FoundRows>,
    /// What those rest on that were asked for last; `None`: they are to be asked for.
    basis: Option<Basis>,
    /// Whether the user has moved or searched since the rows were sorted. Until then the cursor is on the first one.
    pub touched: bool,
    /// Whether the user has sorted.
    chosen: bool,
    /// What was looked for in the rest of the store.
    sought: Option<String>,
    /// By what its paths are grouped, if they are.
    pub grouped: Option<By>,
    /// The groups by option.
    pub by_option: Groups<ByOption>,
    /// The groups by file.
    pub by_file: Groups<ByFile>,
}

/// What rows rest on: where that changes, other rows are wanted.
#[derive(Debug, Clone, PartialEq)]
struct Basis {
    /// What they are sorted by.
    sort: Sort,
    /// What they match.
    text: String,
    /// What is marked for removal, if the text asks for that.
    marked: Vec<PathId>,
    /// What is known of what they are sorted by and have to match.
    known: Vec<Need>,
}

impl Default for Packages {
    fn default() -> Self {
        Self {
            cursor: Cursor::default(),
            sort: Sort::by(Metric::Nar),
            text: String::new(),
            asked: Vec::new(),
            by_match: false,
            metrics: vec![
                Metric::Name,
                Metric::Nar,
                Metric::Closure,
                Metric::Retained,
                Metric::Referrers,
                Metric::References,
                Metric::Delta,
            ],
            found: None,
            basis: None,
            touched: false,
            chosen: false,
            sought: None,
            grouped: None,
            by_option: Groups::default(),
            by_file: Groups::default(),
        }
    }
}

impl Packages {
    /// The groups, if paths are grouped.
    fn groups(&self) -> Option<&dyn Pane> {
        Some(match self.grouped? {
            By::Option => &self.by_option,
            By::File => &self.by_file,
        })
    }

    fn groups_mut(&mut self) -> Option<&mut dyn Pane> {
        Some(match self.grouped? {
            By::Option => &mut self.by_option,
            By::File => &mut self.by_file,
        })
    }

    /// Groups paths, or no more if they are grouped so.
    pub fn group(&mut self, by: By) {
        self.grouped = Some(by).filter(|_| self.grouped != Some(by));
    }

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

    /// What is known of a path that was named in full and is not there.
    pub fn absent(&self) -> Option<&Absent> {
        self.found.as_ref()?.absent.as_ref()
    }

    /// A path that was named in full and has not been looked for in the rest of the store.
    pub fn unsought(&self) -> Option<&Absent> {
        let sought = self.sought.as_deref();
        self.absent()
            .filter(|absent| sought != Some(absent.selector.as_str()))
    }

    /// Takes what the rest of the store tells.
    pub fn take_absent(&mut self, absent: Absent) {
        self.sought = Some(absent.selector.clone());
        let asked = self.found.as_mut().and_then(|found| found.absent.as_mut());
        if let Some(asked) = asked.filter(|asked| asked.selector == absent.selector) {
            *asked = absent;
        }
    }

    /// Whether more rows are to come.
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
    pub fn barred(&self) -> Metric {
        if self.sort.metric.is_size() {
            self.sort.metric
        } else {
            Metric::Retained
        }
    }

    /// The columns that are shown if there is room: what compares does where there is a comparison.
    pub fn shown(&self, facts: &Facts) -> Vec<Metric> {
        let compared = facts.before().is_some();
        let metrics = self.metrics.iter().copied();
        metrics
            .filter(|metric| compared || !metric.compares())
            .collect()
    }

    /// Where its columns are in this many cells.
    pub fn columns(&self, facts: &Facts, width: u16, units: Units) -> Columns {
        let wanted = layout::WantedColumns {
            metrics: &self.shown(facts),
            barred: self.barred(),
            sorted: Some(self.sort.metric),
            units,
        };
        columns(width, wanted)
    }

    /// Whether the rows of [`RowsQuery::first`] are what is wanted.
    pub fn wants_no_more_than(&self, first: &FoundRows) -> bool {
        self.text.is_empty() && self.sort == first.sort
    }

    /// Shall match another text; `false` if it does already.
    pub fn set_text(&mut self, text: String) -> bool {
        if text == self.text {
            return false;
        }
        self.by_match = !text.trim().is_empty();
        // What is searched for stands in the table of all paths.
        self.grouped = None;
        self.text = text;
        self.touched = true;
        self.asked = asked(&self.text);
        true
    }

    /// Sorts like this, unless the user chose.
    pub fn prefer(&mut self, sort: Sort) {
        if !self.chosen {
            self.sort = sort;
        }
    }

    /// Shall be sorted.
    pub fn sort_by(&mut self, sort: Sort) {
        self.sort = sort;
        self.by_match = false;
        self.chosen = true;
        self.basis = None;
        // What comes first in the new order is what one sorts for.
        self.touched = false;
    }

    /// Shows these columns; what a comparison tells is shown with every comparison.
    pub fn show_columns(&mut self, metrics: &[Metric]) {
        let compares = Metric::ALL.into_iter().filter(|metric| metric.compares());
        let more = compares.filter(|metric| !metrics.contains(metric));
        self.metrics = metrics.iter().copied().chain(more).collect();
    }

    /// Shows a column, or hides it if it is shown.
    pub fn turn_column(&mut self, metric: Metric) {
        if self.metrics.contains(&metric) {
            self.metrics.retain(|&other| other != metric);
        } else {
            self.metrics.push(metric);
            let place = |metric: &Metric| Metric::ALL.iter().position(|other| other == metric);
            self.metrics.sort_by_key(place);
        }
    }

    /// Takes a part of what is searched for away; the last one if none is named.
    pub fn drop_part(&self, at: Option<usize>) -> Outcome {
        let mut parts = Query::parts(&self.text);
        let at = at.unwrap_or(parts.len().saturating_sub(1));
        if at >= parts.len() {
            return Outcome::None;
        }
        parts.remove(at);
        Outcome::Find(parts.join(" "))
    }

    /// What it needs next of what is computed only when asked for.
    pub fn missing(&self, facts: &Facts) -> Option<Need> {
        let shown = self.shown(facts).into_iter().chain([self.sort.metric]);
        let shown = shown.flat_map(Metric::needs).copied();
        let mut wanted = self.asked.iter().copied().chain(shown);
        wanted.find(|&need| need.is_on_demand() && !facts.has(need))
    }

    /// What the rows that are wanted rest on.
    fn basis(&self, cx: Context<'_>) -> Basis {
        let facts = cx.facts;
        // What is not computed yet puts nothing in order: until then the sizes that are known do.
        let sort = if facts.is_ready(self.sort.metric) {
            self.sort
        } else {
            Sort::by(Metric::Nar)
        };
        let asked = self.text.to_ascii_lowercase().contains("marked");
        let steps = cx.shared.plan.steps().iter().filter(|_| asked);
        let marked = steps.filter_map(|step| match *step {
            Step::Remove(id) => Some(id),
            _ => None,
        });
        // What was replaced is left out once that is known, whatever is asked.
        let columns = [self.sort.metric, self.barred(), Metric::Delta];
        let needs = columns.into_iter().flat_map(Metric::needs).copied();
        let needs = needs.chain(self.asked.iter().copied());
        Basis {
            sort,
            text: self.text.clone(),
            marked: marked.collect(),
            known: needs.filter(|&need| facts.has(need)).collect(),
        }
    }

    /// What has to be computed to get the rows that rest on something, with what can be taken over from those there are.
    fn query(&self, facts: &Facts, basis: &Basis) -> RowsQuery {
        let sort = basis.sort;
        let reusable = self.found.as_ref().filter(|found| found.sort == sort);
        let scale = reusable.map(|found| found.scale);
        let narrowed = reusable.filter(|found| !found.partial && narrows(&found.text, &self.text));
        let begun = reusable.is_some_and(|found| found.partial && found.text == self.text);
        RowsQuery {
            first: (!begun).then_some(FIRST),
            facts: facts.clone(),
            marked: basis.marked.clone(),
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

/// What a text asks for.
fn asked(text: &str) -> Vec<Need> {
    let Ok(query) = Query::parse(text) else {
        return Vec::new();
    };
    let accidents = query.asks_for_accidents().then_some(Need::Accidents);
    let deltas = query.asks_for_changes().then_some(Need::Deltas);
    let needs = query.metrics().into_iter().flat_map(Metric::needs).copied();
    let needs = accidents.into_iter().chain(deltas).chain(needs);
    needs.collect()
}

/// Whether everything that matches `new` also matches `old`. Asking for what does not match makes a longer text match more.
fn narrows(old: &str, new: &str) -> bool {
    let plain = is_plain(old) && is_plain(new) && !new.contains('!');
    plain && !old.trim().is_empty() && new.starts_with(old)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Focus;
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
    fn whatever_is_done_the_rows_are_those_that_a_search_from_the_start_finds() {
        let given = Given::of(testing::store(60, 3, 7));
        let explore = Explore::new(Box::new(given), Request::default());
        let mut session = Session::open(explore, (120, 30));
        for keys in [
            "s",
            "sS",
            "sssss",
            "/1<enter>",
            "/Marked<enter>",
            "<esc>j<space>jj<space>/marked<enter>",
            "u",
            "6u1",
            "tU1",
            "/cut>1<enter>",
            "ss",
            "<esc>",
            "r",
            "/closure>1<enter>",
        ] {
            session.press(keys).expect("keys");
            let app = session.app();
            let (_, cx) = app.pane(Focus::Main).expect("it is loaded");
            let afresh = Packages {
                found: None,
                ..app.views.packages.clone()
            };
            let query = afresh.query(cx.facts, &afresh.basis(cx));
            let expected = query.run(&Progress::new()).expect("not cancelled");
            assert_eq!(app.views.packages.rows(), &expected.rows[..], "{keys}");
        }
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
        let (_, cx) = app.pane(Focus::Main).expect("it is loaded");
        let search = |packages: &Packages| {
            let query = packages.query(cx.facts, &packages.basis(cx));
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
