//! What keys and clicks do in the table of packages.

use super::Packages;
use super::brings::{ByFile, ByOption};
use super::rows::{FoundRows, Matched, RowsQuery};
use crate::analysis::origin::By;
use crate::analysis::what_if::Step;
use crate::app::cursor::{Cursor, Motion};
use crate::app::explore::Explore;
use crate::app::facts::{Facts, Sort};
use crate::app::keys::command::Command;
use crate::app::obstacle::Obstacle;
use crate::app::outcome::Outcome;
use crate::app::pane::{self, Click, Folding, Pane};
use crate::app::shared::Context;
use crate::app::target::Target;
use crate::app::views::groups::{FoundPart, Groups, WantedPart};
use crate::app::views::tab::{Reloaded, Tab};
use crate::job::{Cancelled, Progress};
use crate::model::PathId;

/// This many steps a plan may get at once: each is to be looked at alone and together with the others.
const MOST_MARKED: usize = 1000;

impl Packages {
    fn next_sort(&self, facts: &Facts) -> Sort {
        Sort::after(self.sort.metric, &self.shown(facts))
    }

    /// What a click on the heading at a cell sorts by.
    fn heading(&self, cx: Context<'_>, x: u16) -> Option<Sort> {
        let columns = self.columns(cx.facts, cx.room.0, cx.shared.look.units);
        let metric = columns.at(x)?;
        let again = metric == self.sort.metric && !self.by_match;
        Some(if again {
            self.sort.reversed()
        } else {
            Sort::by(metric)
        })
    }

    /// The row to begin at: a root is what was asked about, and what is below it is looked for. The best match of a search is
    /// that whatever it is, and so is the first row where only roots are on screen.
    fn begin(&self, cx: Context<'_>) -> usize {
        let mut first = self.rows().iter().take(cx.height());
        let below = first.position(|&id| !cx.facts.closure().is_root(id));
        below.filter(|_| self.text.is_empty()).unwrap_or(0)
    }

    /// What was searched for and can leave.
    fn matches(&self, facts: &Facts) -> impl Iterator<Item = PathId> {
        let rows = self.rows().iter().copied();
        rows.filter(|&id| !facts.closure().is_root(id) && !facts.is_gone(id))
    }

    /// Why what matches cannot be marked.
    fn matches_obstacle(&self, facts: &Facts) -> Option<Obstacle> {
        let found = self.found.as_ref();
        let answered = found.is_some_and(|rows| rows.trouble.is_none() && !rows.partial);
        if self.text.is_empty() {
            Some(Obstacle::NO_SEARCH)
        } else if !answered {
            Some(Obstacle::Says("it is not known yet what matches"))
        } else if found.is_some_and(|rows| rows.matched == Matched::Similar) {
            let similar =
                "no name contains it: names that are only similar have to be marked one by one";
            Some(Obstacle::Says(similar))
        } else if self.rows().len() > MOST_MARKED {
            Some(Obstacle::Says("too many match to be marked one by one"))
        } else if self.matches(facts).next().is_none() {
            Some(Obstacle::Says("nothing matches that can leave"))
        } else {
            None
        }
    }
}

impl Pane for Packages {
    fn len(&self, cx: Context<'_>) -> usize {
        match self.groups() {
            Some(groups) => groups.len(cx),
            None => self.rows().len(),
        }
    }

    fn cursor(&self) -> &Cursor {
        self.groups().map_or(&self.cursor, |groups| groups.cursor())
    }

    fn cursor_mut(&mut self) -> &mut Cursor {
        match self.grouped {
            Some(By::Option) => self.by_option.cursor_mut(),
            Some(By::File) => self.by_file.cursor_mut(),
            None => &mut self.cursor,
        }
    }

    fn target(&self, cx: Context<'_>, at: usize) -> Option<Target> {
        match self.groups() {
            Some(groups) => groups.target(cx, at),
            None => self.rows().get(at).copied().map(Target::path),
        }
    }

    fn fold(&mut self, cx: Context<'_>, how: Folding) -> Option<Outcome> {
        self.groups_mut()?.fold(cx, how)
    }

    fn enter(&mut self, cx: Context<'_>) -> Outcome {
        match self.groups_mut() {
            Some(groups) => groups.enter(cx),
            None => pane::enter(self, cx),
        }
    }

    fn settle(&mut self, cx: Context<'_>) -> Outcome {
        if let Some(groups) = self.groups_mut() {
            return groups.settle(cx);
        }
        pane::settle(self, cx);
        Outcome::None
    }

    fn sign(&self, cx: Context<'_>) -> Option<u16> {
        self.groups()?.sign(cx)
    }

    fn reveal(&mut self, cx: Context<'_>, id: PathId) -> bool {
        if let Some(groups) = self.groups_mut() {
            return groups.reveal(cx, id);
        }
        self.touched = true;
        let Some(at) = self.rows().iter().position(|&row| row == id) else {
            return false;
        };
        pane::stand_on(self, cx, at);
        true
    }

    fn go(&mut self, cx: Context<'_>, motion: Motion) -> Outcome {
        self.touched = true;
        pane::go(self, cx, motion);
        Outcome::Select
    }

    fn command(&mut self, cx: Context<'_>, command: Command) -> Outcome {
        match command {
            Command::Sort => Outcome::Sort(self.next_sort(cx.facts)),
            Command::SortReverse => Outcome::Sort(self.sort.reversed()),
            Command::DropPart => self.drop_part(None),
            Command::ByOption | Command::ByFile => {
                let by = if command == Command::ByFile {
                    By::File
                } else {
                    By::Option
                };
                self.group(by);
                self.shown(cx)
            }
            Command::MarkMatches => {
                Outcome::Toggle(self.matches(cx.facts).map(Step::Remove).collect())
            }
            _ => Outcome::None,
        }
    }

    fn obstacle(&self, cx: Context<'_>, command: Command) -> Option<Obstacle> {
        match command {
            Command::Sort | Command::SortReverse | Command::Columns | Command::MarkMatches
                if self.grouped.is_some() =>
            {
                Some(Obstacle::Says(
                    "the table is grouped by what brings its paths, what retains most first",
                ))
            }
            Command::DropPart if self.text.is_empty() => Some(Obstacle::NO_SEARCH),
            Command::MarkMatches => self.matches_obstacle(cx.facts),
            _ => None,
        }
    }

    fn shown(&mut self, cx: Context<'_>) -> Outcome {
        if let Some(groups) = self.groups_mut() {
            return groups.shown(cx);
        }
        match cx.shared.selected {
            // What hides the selection goes.
            Some(id) if !self.reveal(cx, id) => Outcome::Find(String::new()),
            _ => Outcome::None,
        }
    }

    fn click(&mut self, cx: Context<'_>, x: u16, down: Option<u16>) -> Click {
        if let Some(groups) = self.groups_mut() {
            return groups.click(cx, x, down);
        }
        let Some(down) = down else {
            let sort = self.heading(cx, x).map(Outcome::Sort);
            return sort.map_or(Click::Nothing, |sort| Click::Does(Box::new(sort)));
        };
        let at = self.cursor.top + usize::from(down);
        if at >= self.rows().len() {
            return Click::Nothing;
        }
        self.touched = true;
        Click::Row(at)
    }
}

/// What the table is asked for.
#[derive(Debug)]
pub enum TableWanted {
    /// Rows.
    Rows(Box<RowsQuery>),
    /// Groups by option.
    ByOption(WantedPart),
    /// Groups by file.
    ByFile(WantedPart),
}

/// What was found for it.
#[derive(Debug)]
pub enum TableFound {
    /// Rows.
    Rows(Box<FoundRows>),
    /// Groups by option.
    ByOption(FoundPart<ByOption>),
    /// Groups by file.
    ByFile(FoundPart<ByFile>),
}

impl Tab for Packages {
    type Wanted = TableWanted;
    type Found = TableFound;

    /// Groups where they are missing.
    fn needs(&self, cx: Context<'_>) -> Option<Self::Wanted> {
        match self.grouped? {
            By::Option => self.by_option.needs(cx).map(TableWanted::ByOption),
            By::File => self.by_file.needs(cx).map(TableWanted::ByFile),
        }
    }

    /// Rows whenever what they rest on has changed.
    fn asks_anew(&mut self, cx: Context<'_>) -> Option<TableWanted> {
        let basis = self.basis(cx);
        if self.basis.as_ref() == Some(&basis) {
            return None;
        }
        let query = self.query(cx.facts, &basis);
        self.basis = Some(basis);
        Some(TableWanted::Rows(Box::new(query)))
    }

    fn find(
        wanted: TableWanted,
        facts: &Facts,
        explore: &Explore,
        progress: &Progress,
    ) -> Result<TableFound, Cancelled> {
        Ok(match wanted {
            TableWanted::Rows(query) => TableFound::Rows(Box::new(query.run(progress)?)),
            TableWanted::ByOption(part) => {
                TableFound::ByOption(Groups::find(part, facts, explore, progress)?)
            }
            TableWanted::ByFile(part) => {
                TableFound::ByFile(Groups::find(part, facts, explore, progress)?)
            }
        })
    }

    fn cancel(&mut self, cancelled: bool) {
        match self.grouped {
            Some(By::Option) => self.by_option.cancel(cancelled),
            Some(By::File) => self.by_file.cancel(cancelled),
            None => {}
        }
    }

    fn fill(&mut self, cx: Context<'_>, found: TableFound) -> Outcome {
        let found = match found {
            TableFound::Rows(found) => found,
            TableFound::ByOption(found) => return self.by_option.fill(cx, found),
            TableFound::ByFile(found) => return self.by_file.fill(cx, found),
        };
        // Half a query finds nothing yet: what the last whole one found stays.
        if let (true, Some(last)) = (found.unread, &mut self.found) {
            (last.trouble, last.mistaken) = (found.trouble, true);
            return Outcome::None;
        }
        let moved = self.is_partial() && self.cursor.at > 0;
        let best_first = self.by_match && cx.searching && !moved;
        self.found = Some(*found);
        let at = match cx.shared.selected {
            Some(id) if self.touched && !best_first => {
                self.rows().iter().position(|&row| row == id)
            }
            _ => None,
        };
        let len = self.rows().len();
        let at = at.unwrap_or_else(|| self.begin(cx));
        self.cursor.reveal(at, len, cx.height());
        // After the first rows all are asked for.
        self.basis = (!self.is_partial()).then(|| self.basis(cx));
        Outcome::Select
    }

    fn learned(&mut self) {
        self.by_option.learned();
        self.by_file.learned();
    }

    fn restore(&mut self, cx: Context<'_>, before: Self) -> Outcome {
        self.cursor = before.cursor;
        self.grouped = before.grouped;
        let by_option = self.by_option.restore(cx, before.by_option);
        let by_file = self.by_file.restore(cx, before.by_file);
        Outcome::All(vec![by_option, by_file, Outcome::Find(before.text)])
    }

    fn reload(&mut self, reloaded: &Reloaded<'_>) {
        self.found = None;
        self.basis = None;
        self.by_option.reload(reloaded);
        self.by_file.reload(reloaded);
    }
}
