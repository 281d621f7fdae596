//! The engine of all views that are lists of groups: what was found, which groups are open, what their keys do.

use crate::job::{Cancelled, Progress};
use crate::model::PathId;

use super::folds::{Folds, GroupLine, GroupRow};
use super::kept::KeptFolds;
use super::list::{Asked, Both, List, ScrollPlace};
use super::tab::{Reloaded, Tab};
use crate::app::cursor::{Cursor, Motion};
use crate::app::explore::Explore;
use crate::app::facts::Facts;
use crate::app::frame::layout::MARGIN;
use crate::app::keys::command::Command;
use crate::app::obstacle::Obstacle;
use crate::app::outcome::Outcome;
use crate::app::pane::{self, Folding, Pane};
use crate::app::shared::Context;
use crate::app::target::{Fold, Target};

/// Most rows that *open all* shows.
const MOST_OPENED: usize = 5000;

/// A list of groups.
#[derive(Debug, Clone)]
pub struct Groups<L: List> {
    /// The groups, once they were found.
    found: Option<L::Found>,
    /// What was found later.
    later: Option<L::Later>,
    /// Which of them are open, and the cursor.
    folds: Folds,
    /// Whether the user cancelled the search for them, or for what comes later.
    cancelled: bool,
    /// What they are to depend on.
    asked: Asked,
    /// What those that were found depend on.
    answered: Asked,
    /// The columns of the screen that the groups were laid out for.
    columns: u16,
    /// The command whose section the cursor goes to once it is there.
    sought: Option<Command>,
    /// What is kept of the former groups, until there are new ones.
    kept: Option<KeptFolds>,
}

impl<L: List> Default for Groups<L> {
    fn default() -> Self {
        Self {
            found: None,
            later: None,
            folds: Folds::default(),
            cancelled: false,
            asked: Asked::default(),
            answered: Asked::default(),
            columns: 0,
            sought: None,
            kept: None,
        }
    }
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WantedPart {
    /// The groups.
    Groups(Asked),
    /// What comes later.
    Later,
}

/// What was found of it.
#[derive(Debug)]
pub enum FoundPart<L: List> {
    /// The groups, and what they depend on.
    Groups(L::Found, Asked),
    /// What comes later.
    Later(L::Later),
}

impl<L: List> Groups<L> {
    /// The groups, once they were found.
    pub fn found(&self) -> Option<&L::Found> {
        self.found.as_ref()
    }

    /// What was found later, once it was.
    pub fn later(&self) -> Option<&L::Later> {
        self.later.as_ref()
    }

    /// Which groups are open.
    pub fn folds(&self) -> &Folds {
        &self.folds
    }

    /// Puts the cursor on a row, if it is shown.
    pub fn stand_on(&mut self, cx: Context<'_>, row: GroupRow) {
        pane::stand_on(self, cx, self.folds.place(row));
    }

    /// Whether the user cancelled the search for what is still missing.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled
    }

    /// Puts something else of the same groups in place of what was found: their rows in another order, or more of them.
    /// `sizes`: how many rows each group has then.
    pub fn change(
        &mut self,
        cx: Context<'_>,
        change: impl FnOnce(&L::Found) -> L::Found,
        sizes: impl FnOnce(&L::Found) -> Vec<usize>,
    ) {
        if let Some(found) = &self.found {
            let found = change(found);
            self.folds.resize(sizes(&found));
            self.found = Some(found);
            pane::stand_on(self, cx, self.folds.cursor.at);
        }
    }

    fn row_target(&self, cx: Context<'_>, row: GroupRow) -> Option<Target> {
        let found = self.found.as_ref()?;
        let later = self.later.as_ref();
        let target = L::target(Both { found, later }, cx, row);
        Some(target.with_fold(self.folds.fold(row)))
    }

    /// Opens the group of the cursor, goes into it if it is open, or closes it if `turns`.
    fn open(&mut self, cx: Context<'_>, turns: bool) -> Option<Outcome> {
        match self.folds.line(self.folds.cursor.at) {
            Some(GroupLine::More(section)) => {
                self.folds.show_all_of(section);
                return Some(Outcome::Select);
            }
            Some(GroupLine::Rest(group)) => {
                self.folds.show_rest_of(group);
                return Some(Outcome::Select);
            }
            _ => {}
        }
        match self.folds.current() {
            Some(row) if self.folds.fold(row) == Fold::None => return None,
            Some(GroupRow::Group(group)) if self.folds.is_open(group) && turns => {
                self.folds.close();
            }
            Some(GroupRow::Group(group)) if self.folds.is_open(group) => {
                pane::stand_on(self, cx, self.folds.cursor.at + 1);
                return Some(Outcome::Select);
            }
            Some(GroupRow::Group(group)) => {
                self.folds.open(group);
                self.show_below(group, cx.height());
            }
            Some(GroupRow::Item(..)) => return None,
            None => {}
        }
        Some(Outcome::None)
    }

    /// Scrolls so that what was opened can be seen, as far as it fits below its group.
    fn show_below(&mut self, group: usize, height: usize) {
        let folds = &mut self.folds;
        let last = folds.place(GroupRow::Group(group + 1)).min(folds.len());
        let top = last.saturating_sub(height).min(folds.cursor.at);
        folds.cursor.top = folds.cursor.top.max(top);
    }

    /// The list becomes as it was before the store was read again, or begins; `false` if the cursor is not where it was, or
    /// something else was selected since.
    fn take_up_kept(&mut self, cx: Context<'_>) -> bool {
        self.begin();
        let Some((kept, found)) = self.kept.take().zip(self.found.as_ref()) else {
            return false;
        };
        let graph = cx.facts.graph();
        let name = |group| L::name(found, graph, group);
        let later = self.later.as_ref();
        let path = |row| L::target(Both { found, later }, cx, row).path;
        let is_it = |row| path(row) == kept.path;
        let is_there = kept.restore(&mut self.folds, name, is_it);
        let same = kept.selected == cx.shared.selected;
        self.kept = Some(kept).filter(|_| L::has_later(found));
        is_there && same
    }

    /// Opens the last group, whose rows are there now, if it was open before the store was read again.
    fn open_kept_last(&mut self, cx: Context<'_>) {
        let last = self.folds.sizes().len().checked_sub(1);
        let kept = self.kept.take().zip(self.found.as_ref()).zip(last);
        if let Some(((kept, found), last)) = kept
            && kept.had_open(&L::name(found, cx.facts.graph(), last))
        {
            self.folds.open(last);
        }
    }

    /// The cursor begins where the list does.
    fn begin(&mut self) {
        let first = |found| L::first(found, &self.folds);
        let at = self.found.as_ref().map_or(0, first);
        self.folds.cursor = Cursor { at, top: 0 };
    }

    /// The cursor goes to the first row of the section that was asked for, its heading at the top; `false` if there is none.
    fn seek(&mut self, cx: Context<'_>) -> bool {
        let sought = self.found.as_ref().zip(self.sought);
        let section = sought.and_then(|(found, command)| L::section(found, command));
        let Some(section) = section else {
            return false;
        };
        let first = GroupRow::Group(self.folds.groups_of(section).start);
        let (at, len) = (self.folds.place(first), self.folds.len());
        let top = at.saturating_sub(1);
        self.folds.cursor = Cursor { at, top };
        self.folds.cursor.fit(len, cx.height());
        if self.answered == self.asked {
            self.sought = None;
        }
        true
    }

    /// Whether the row of the cursor stands for the selection already.
    fn stands_on_selection(&self, cx: Context<'_>) -> bool {
        let row = self.folds.current();
        let path = row.and_then(|row| self.row_target(cx, row)?.path);
        path == cx.shared.selected
    }
}

impl<L: List> Pane for Groups<L> {
    fn len(&self, _cx: Context<'_>) -> usize {
        self.folds.len()
    }

    fn cursor(&self) -> &Cursor {
        &self.folds.cursor
    }

    fn cursor_mut(&mut self) -> &mut Cursor {
        &mut self.folds.cursor
    }

    fn target(&self, cx: Context<'_>, at: usize) -> Option<Target> {
        match self.folds.line(at)? {
            GroupLine::Heading(_) => None,
            GroupLine::Row(row) => self.row_target(cx, row),
            GroupLine::More(_) | GroupLine::Rest(_) => {
                Some(Target::default().with_fold(Fold::More))
            }
        }
    }

    fn reveal(&mut self, cx: Context<'_>, id: PathId) -> bool {
        let Some(row) = self.found.as_ref().and_then(|found| L::row_of(found, id)) else {
            return false;
        };
        let place = ScrollPlace {
            group: self.folds.place(GroupRow::Group(row.group())),
            height: cx.height(),
        };
        if L::begins_at_top(row, place) {
            self.begin();
            return false;
        }
        self.folds.show_group(row.group());
        if matches!(row, GroupRow::Item(..)) {
            self.folds.open(row.group());
        }
        self.stand_on(cx, row);
        true
    }

    fn go(&mut self, cx: Context<'_>, motion: Motion) -> Outcome {
        // Who moves on is not fetched back.
        self.sought = None;
        pane::go(self, cx, motion);
        Outcome::Select
    }

    fn fold(&mut self, cx: Context<'_>, how: Folding) -> Option<Outcome> {
        match how {
            Folding::Open => return self.open(cx, false),
            Folding::Turn => return self.open(cx, true),
            Folding::Close => return self.folds.close().then_some(Outcome::Select),
            Folding::OpenAll => self.folds.open_all(MOST_OPENED),
            Folding::CloseAll => self.folds.close_all(),
        }
        pane::stand_on(self, cx, self.folds.cursor.at);
        Some(Outcome::Select)
    }

    fn enter(&mut self, cx: Context<'_>) -> Outcome {
        if let Some(turned) = self.open(cx, true) {
            return turned;
        }
        let (later, row) = (self.later.as_ref(), self.folds.current());
        let found = self.found.as_ref().zip(row);
        let own = found.and_then(|(found, row)| L::enter(Both { found, later }, row));
        own.unwrap_or_else(|| pane::enter(self, cx))
    }

    fn command(&mut self, cx: Context<'_>, command: Command) -> Outcome {
        if L::reads_files(command) {
            self.asked.files = true;
            self.cancelled = false;
        }
        self.sought = Some(command);
        self.seek(cx);
        Outcome::Select
    }

    fn obstacle(&self, cx: Context<'_>, command: Command) -> Option<Obstacle> {
        let here = pane::here(self, cx).unwrap_or_default();
        L::obstacle(command, &here)
    }

    fn shown(&mut self, cx: Context<'_>) -> Outcome {
        if let Some(id) = cx.shared.selected
            && !self.stands_on_selection(cx)
        {
            self.reveal(cx, id);
        }
        pane::settle(self, cx);
        Outcome::Select
    }

    fn settle(&mut self, cx: Context<'_>) -> Outcome {
        if L::HEEDS_PINS && self.asked.pins != cx.shared.pins {
            *self = Self {
                asked: Asked {
                    pins: cx.shared.pins.clone(),
                    files: self.asked.files,
                },
                kept: self.kept.take(),
                ..Self::default()
            };
        }
        if let Some(found) = self
            .found
            .as_ref()
            .filter(|_| L::WRAPS && self.columns != cx.room.0)
        {
            self.columns = cx.room.0;
            self.folds.laid_out_as(&L::folds(found, self.columns));
        }
        pane::settle(self, cx);
        Outcome::None
    }

    fn sign(&self, _cx: Context<'_>) -> Option<u16> {
        let is_group = matches!(self.folds.current(), Some(GroupRow::Group(_)));
        (is_group && self.folds.can_open()).then_some(MARGIN)
    }
}

impl<L: List> Tab for Groups<L> {
    type Wanted = WantedPart;
    type Found = FoundPart<L>;

    fn needs(&self, _cx: Context<'_>) -> Option<WantedPart> {
        let part = match &self.found {
            Some(_) if self.answered != self.asked => WantedPart::Groups(self.asked.clone()),
            None => WantedPart::Groups(self.asked.clone()),
            Some(found) if self.later.is_none() && L::has_later(found) => WantedPart::Later,
            Some(_) => return None,
        };
        (!self.cancelled).then_some(part)
    }

    fn find(
        part: WantedPart,
        facts: &Facts,
        explore: &Explore,
        progress: &Progress,
    ) -> Result<Self::Found, Cancelled> {
        Ok(match part {
            WantedPart::Groups(asked) => {
                FoundPart::Groups(L::find(facts, explore, &asked, progress)?, asked)
            }
            WantedPart::Later => FoundPart::Later(L::find_later(facts, explore, progress)?),
        })
    }

    fn fill(&mut self, cx: Context<'_>, found: Self::Found) -> Outcome {
        match found {
            // What was found under other pins is no answer.
            FoundPart::Groups(_, asked) if asked.pins != self.asked.pins => Outcome::None,
            FoundPart::Groups(found, asked) => {
                let learned = L::arrived(cx, &found);
                self.columns = cx.room.0;
                self.folds = L::folds(&found, self.columns);
                (self.found, self.answered) = (Some(found), asked);
                let shown = if self.take_up_kept(cx) {
                    Outcome::None
                } else if self.seek(cx) {
                    Outcome::Select
                } else {
                    Outcome::Reveal
                };
                Outcome::All(vec![learned, shown])
            }
            FoundPart::Later(later) => {
                self.folds.grow_last(L::later_rows(&later));
                self.open_kept_last(cx);
                self.later = Some(later);
                Outcome::None
            }
        }
    }

    fn cancel(&mut self, cancelled: bool) {
        self.cancelled = cancelled;
        if cancelled {
            self.asked.files = self.answered.files;
        }
    }

    fn learned(&mut self) {
        if L::HEEDS_ORIGINS {
            *self = Self::default();
        }
    }

    fn restore(&mut self, _cx: Context<'_>, before: Self) -> Outcome {
        if self.folds.is_of(&before.folds) {
            self.folds = before.folds;
        }
        Outcome::None
    }

    fn reload(&mut self, reloaded: &Reloaded<'_>) {
        let former = reloaded.former;
        let kept = self.found.as_ref().map(|found| {
            let name = |group| L::name(found, former.facts.graph(), group);
            let path = |row| self.row_target(former, row)?.path;
            let path = self.folds.current().and_then(path);
            let path = path.and_then(reloaded.renewed);
            KeptFolds::of(&self.folds, (reloaded.selected, path), name)
        });
        *self = Self {
            kept: kept.or(self.kept.take()),
            asked: Asked {
                files: self.asked.files,
                ..Asked::default()
            },
            ..Self::default()
        };
    }
}
