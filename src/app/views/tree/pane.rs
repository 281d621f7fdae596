//! What keys and clicks do in the tree.

use super::Tree;
use super::levels::Levels;
use super::mode::Mode;
use crate::app::cursor::Cursor;
use crate::app::explore::Explore;
use crate::app::facts::{Facts, Metric, Sort};
use crate::app::frame::layout::{Columns, WantedColumns, columns, level_columns};
use crate::app::frame::signs::indent;
use crate::app::keys::command::Command;
use crate::app::outcome::Outcome;
use crate::app::pane::{self, Click, Folding, Pane, here};
use crate::app::shared::Context;
use crate::app::target::{Fold, Target};
use crate::app::views::tab::{Never, Reloaded, Tab};
use crate::job::{Cancelled, Progress};
use crate::model::PathId;
use crate::text::Units;

impl Tree {
    /// The column whose sizes have bars.
    pub fn barred(&self) -> Metric {
        match self.mode {
            Mode::Leaving => Metric::Retained,
            Mode::References | Mode::Referrers | Mode::Levels => Metric::Closure,
        }
    }

    /// The columns of the tree; beside another closure the difference, too.
    pub fn columns(&self, facts: &Facts, width: u16, units: Units) -> Columns {
        let compared = facts.before().map(|_| Metric::Delta);
        let metrics = [Metric::Name, Metric::Nar, Metric::Closure, Metric::Retained];
        let metrics: Vec<Metric> = metrics.into_iter().chain(compared).collect();
        let wanted = WantedColumns {
            metrics: &metrics,
            barred: self.barred(),
            sorted: self.sort.map(|sort| sort.metric),
            units,
        };
        columns(width, wanted)
    }

    /// The next thing to sort by, of all that is known.
    fn next_sort(&self, facts: &Facts) -> Sort {
        let known = Metric::ALL
            .into_iter()
            .filter(|&metric| facts.is_ready(metric));
        let known: Vec<Metric> = known.collect();
        Sort::after(self.sorted_by().metric, &known)
    }

    /// What is sorted by: what the user chose, else the column that has bars.
    fn sorted_by(&self) -> Sort {
        self.sort.unwrap_or_else(|| Sort::by(self.barred()))
    }

    /// What a click on the heading of a column sorts by.
    fn heading(&self, cx: Context<'_>, x: u16) -> Option<Sort> {
        if self.mode == Mode::Levels {
            return None;
        }
        let columns = self.columns(cx.facts, cx.room.0, cx.shared.look.units);
        let metric = columns.at(x).filter(|&metric| metric != Metric::Name)?;
        let now = self.sorted_by();
        Some(if metric == now.metric {
            now.reversed()
        } else {
            Sort::by(metric)
        })
    }

    /// A click on one of three columns, this many rows below the first: a level up, here, or a level down.
    fn click_level(&mut self, cx: Context<'_>, x: u16, down: usize) -> Click {
        let at = self.levels.cursor().top + down;
        let beside = self.levels.beside();
        match level_columns(cx.room.0)
            .iter()
            .position(|room| room.contains(&x))
        {
            Some(0) => {
                let clicked = beside.and_then(|beside| beside.referrers.get(down).copied());
                let outcome = self.go_level(cx, false).unwrap_or_default();
                if let Some(id) = clicked {
                    self.levels.stand_on(id);
                }
                Click::Does(Box::new(outcome))
            }
            Some(2) => {
                let clicked = beside.and_then(|beside| beside.references.get(down).copied());
                let outcome = self.go_level(cx, true).unwrap_or_default();
                if let Some(id) = clicked {
                    self.levels.stand_on(id);
                }
                Click::Does(Box::new(outcome))
            }
            _ if at < self.levels.paths().len() => Click::Row(at),
            _ => Click::Nothing,
        }
    }

    fn sorted_anew(&mut self, cx: Context<'_>, sort: Sort) -> Outcome {
        self.sort_by(cx.facts, sort);
        pane::stand_on(self, cx, self.cursor().at);
        Outcome::Select
    }

    /// A level down or up in three columns; `None` if there is none.
    fn go_level(&mut self, cx: Context<'_>, down: bool) -> Option<Outcome> {
        let went = if down {
            self.levels.go_in(cx.facts, self.sort)
        } else {
            self.levels.go_out(cx.facts, self.sort)
        };
        if !went {
            return down.then_some(Outcome::None);
        }
        pane::stand_on(self, cx, self.cursor().at);
        Some(Outcome::Select)
    }

    /// Puts the cursor on a line.
    fn stand_on(&mut self, cx: Context<'_>, at: usize) -> Outcome {
        pane::stand_on(self, cx, at);
        Outcome::Select
    }

    /// Opens the line of the cursor and goes into it, or to where it is open.
    fn go_right(&mut self, cx: Context<'_>) -> Outcome {
        let at = self.cursor.at;
        let elsewhere = match self.outline.lines().get(at) {
            Some(line) if line.open => None,
            _ => self.open(cx.facts, at),
        };
        let is_open = self.outline.lines().get(at).is_some_and(|line| line.open);
        let to = elsewhere.or(is_open.then_some(at + 1));
        to.map_or(Outcome::None, |to| self.stand_on(cx, to))
    }

    /// Opens the line of the cursor, which stays on it, or goes to where it is open.
    fn open_here(&mut self, cx: Context<'_>) -> Outcome {
        let to = self.open(cx.facts, self.cursor.at);
        to.map_or(Outcome::None, |to| self.stand_on(cx, to))
    }

    /// Closes the line of the cursor, or goes up; `None` at the top.
    fn go_left(&mut self, cx: Context<'_>) -> Option<Outcome> {
        let at = self.cursor.at;
        let line = self.outline.lines().get(at);
        if line.is_some_and(|line| line.open && line.depth > 0) {
            self.outline.close(at);
            return Some(Outcome::None);
        }
        let up = self.outline.parent_of(at)?;
        Some(self.stand_on(cx, up))
    }

    /// The tree in the next direction, of the same paths.
    fn turn(&mut self, cx: Context<'_>) {
        let selected = cx.shared.selected;
        let (whole, mode) = (self.whole, self.mode.next());
        // A tree of the whole closure has no referrers to show at its top: those of the selection stand in.
        let top = match (whole, mode) {
            (true, Mode::Referrers) => selected,
            (true, _) => None,
            (false, _) => self.top,
        };
        *self = self.anew(cx.facts, mode, top);
        self.whole = whole;
        if let (Mode::Levels, Some(id)) = (mode, selected) {
            self.levels = Levels::to(cx.facts, self.sort, id);
        } else if let (true, None, Some(id)) = (whole, top, selected)
            && let Some(at) = self.line_of(cx.facts, id)
        {
            self.stand_on(cx, at);
        }
    }
}

/// A tree that is another one now is shown, with what it stands on as the selection; the place before can be gone back to.
fn in_front() -> Outcome {
    Outcome::All(vec![Outcome::Front, Outcome::Select]).remembered()
}

impl Pane for Tree {
    fn len(&self, _cx: Context<'_>) -> usize {
        match self.mode {
            Mode::Levels => self.levels.paths().len(),
            _ => self.outline.lines().len(),
        }
    }

    fn cursor(&self) -> &Cursor {
        match self.mode {
            Mode::Levels => self.levels.cursor(),
            _ => &self.cursor,
        }
    }

    fn cursor_mut(&mut self) -> &mut Cursor {
        match self.mode {
            Mode::Levels => self.levels.cursor_mut(),
            _ => &mut self.cursor,
        }
    }

    fn target(&self, cx: Context<'_>, at: usize) -> Option<Target> {
        if self.mode == Mode::Levels {
            let id = *self.levels.paths().get(at)?;
            let leaf = cx.facts.graph().references(id).is_empty();
            let fold = if leaf { Fold::None } else { Fold::Closed };
            let target = Target::path(id).with_reference(self.levels.edge(at));
            return Some(target.with_fold(fold));
        }
        let line = self.outline.lines().get(at)?;
        let fold = match line {
            line if line.leaf => Fold::None,
            line if line.open => Fold::Open,
            _ => Fold::Closed,
        };
        let target = Target::path(line.id).with_reference(self.edge(at));
        Some(target.with_fold(fold))
    }

    fn reveal(&mut self, cx: Context<'_>, id: PathId) -> bool {
        if self.mode == Mode::Levels {
            if !self.levels.stand_on(id) {
                self.levels = Levels::to(cx.facts, self.sort, id);
            }
            pane::stand_on(self, cx, self.cursor().at);
            return self.levels.current() == Some(id);
        }
        let found = self.line_of(cx.facts, id).or_else(|| {
            *self = self.with(cx.facts, id);
            self.line_of(cx.facts, id)
        });
        self.stand_on(cx, found.unwrap_or(0));
        found.is_some()
    }

    fn fold(&mut self, cx: Context<'_>, how: Folding) -> Option<Outcome> {
        let at = self.cursor.at;
        let open = self.outline.lines().get(at).is_some_and(|line| line.open);
        match how {
            Folding::Open | Folding::Turn if self.mode == Mode::Levels => {
                return self.go_level(cx, true);
            }
            Folding::Close if self.mode == Mode::Levels => return self.go_level(cx, false),
            Folding::Close => return self.go_left(cx),
            Folding::Turn if open => self.outline.close(at),
            Folding::Turn => return Some(self.open_here(cx)),
            Folding::Open => return Some(self.go_right(cx)),
            Folding::OpenAll => self.open_all(cx.facts, at),
            Folding::CloseAll => self.outline.close(at),
        }
        Some(Outcome::None)
    }

    fn enter(&mut self, cx: Context<'_>) -> Outcome {
        match here(self, cx).and_then(|target| target.path) {
            _ if self.mode == Mode::Levels => self.go_level(cx, true).unwrap_or_default(),
            None => Outcome::None,
            Some(id) if self.top == Some(id) => self.go_right(cx),
            Some(id) => {
                *self = self.anew(cx.facts, self.mode, Some(id));
                in_front()
            }
        }
    }

    fn command(&mut self, cx: Context<'_>, command: Command) -> Outcome {
        match command {
            Command::TreeMode => self.turn(cx),
            Command::Sort => return self.sorted_anew(cx, self.next_sort(cx.facts)),
            Command::SortReverse => return self.sorted_anew(cx, self.sorted_by().reversed()),
            _ => return Outcome::None,
        }
        in_front()
    }

    fn shown(&mut self, cx: Context<'_>) -> Outcome {
        self.take_up_kept(cx.facts);
        if self.outline.lines().is_empty() && self.levels.is_empty() {
            *self = self.anew(cx.facts, Mode::References, None);
        }
        if let Some(id) = cx.shared.selected {
            self.reveal(cx, id);
        }
        Outcome::Select
    }

    fn settle(&mut self, cx: Context<'_>) -> Outcome {
        self.take_up_kept(cx.facts);
        pane::settle(self, cx);
        if self.mode == Mode::Levels {
            self.levels.look_beside(cx.facts, self.sort);
        }
        Outcome::None
    }

    fn sign(&self, cx: Context<'_>) -> Option<u16> {
        if self.mode == Mode::Levels {
            return None;
        }
        let line = self.outline.lines().get(self.cursor.at)?;
        let placed = self.columns(cx.facts, cx.room.0, cx.shared.look.units);
        let room = placed.places.first()?;
        (!line.leaf).then(|| room.x + indent(line.depth, room.width))
    }

    fn click(&mut self, cx: Context<'_>, x: u16, down: Option<u16>) -> Click {
        let Some(down) = down else {
            // The heading says which way the tree goes, and what it is sorted by.
            let outcome = match self.heading(cx, x) {
                Some(sort) => self.sorted_anew(cx, sort),
                None => Outcome::Give(Command::TreeMode),
            };
            return Click::Does(Box::new(outcome));
        };
        if self.mode == Mode::Levels {
            return self.click_level(cx, x, usize::from(down));
        }
        let at = self.cursor.top + usize::from(down);
        if at < self.len(cx) {
            Click::Row(at)
        } else {
            Click::Nothing
        }
    }
}

impl Tab for Tree {
    type Wanted = Never;
    type Found = Never;

    fn needs(&self, _cx: Context<'_>) -> Option<Never> {
        None
    }

    fn find(
        wanted: Never,
        _facts: &Facts,
        _explore: &Explore,
        _progress: &Progress,
    ) -> Result<Never, Cancelled> {
        Ok(wanted)
    }

    fn fill(&mut self, _cx: Context<'_>, found: Never) -> Outcome {
        match found {}
    }

    fn reload(&mut self, reloaded: &Reloaded<'_>) {
        let shape = self.shape();
        *self = Self {
            mode: self.mode,
            sort: self.sort,
            whole: self.whole,
            top: self.top.and_then(reloaded.renewed),
            kept: Some(shape.renewed(reloaded.renewed)),
            ..Self::default()
        };
    }
}
