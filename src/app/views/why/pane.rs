//! What keys and clicks do in the view of why a path is here, and what it waits for.

use std::sync::Arc;

use super::kept::KeptChains;
use super::{Why, WhyRow};
use crate::app::cursor::Cursor;
use crate::app::explore::Explore;
use crate::app::facts::Facts;
use crate::app::frame::layout::MARGIN;
use crate::app::frame::signs::{INSIDE, SEGMENT, cells, indent, why_room};
use crate::app::keys::command::Command;
use crate::app::obstacle::Obstacle;
use crate::app::outcome::Outcome;
use crate::app::pane::{self, Folding, Pane};
use crate::app::planning::best_cut::Best;
use crate::app::planning::pins::Pins;
use crate::app::shared::Context;
use crate::app::target::{Fold, Target};
use crate::app::views::tab::{Reloaded, Tab};
use crate::job::{Cancelled, Progress};
use crate::model::PathId;

/// Columns and rows of a screen on which chains are not folded up if they fit.
const LARGE: (u16, u16) = (160, 50);
/// Rows that are left for the references to cut, which become known later.
const BELOW_CHAINS: usize = 8;

impl Why {
    /// Takes the chains to the path in question, if the last answer is about it; `false` if not, or if it has them.
    fn take_chains(&mut self, cx: Context<'_>) -> bool {
        let chains = cx.shared.chains_to(self.target);
        let Some(chains) = chains.filter(|_| self.chains.is_none()) else {
            return false;
        };
        let opened_anew = self.kept.is_none();
        self.answer(cx.facts, Arc::clone(chains));
        if opened_anew {
            self.open_what_fits(cx);
        }
        true
    }

    /// Shows all chains at once where a large screen has room for them, so that they need not be opened one by one.
    fn open_what_fits(&mut self, cx: Context<'_>) {
        let Some(chains) = &self.chains else { return };
        let height = cx.height().saturating_sub(BELOW_CHAINS);
        let paths: usize = chains.segments.iter().map(|segment| segment.paths).sum();
        let large = cx.shared.size.0 >= LARGE.0 && cx.shared.size.1 >= LARGE.1;
        // Each path takes a row at least; opening more than has room takes long.
        if !large || paths > height {
            return;
        }
        let mut open = self.clone();
        open.open_all(cx.facts);
        if open.rows().len() <= height {
            *self = open;
        }
    }

    fn turn(&mut self, facts: &Facts) {
        match self.current().and_then(|row| self.is_open(row)) {
            Some(true) => {
                self.close();
            }
            _ => self.open(facts),
        }
    }
}

impl Pane for Why {
    fn len(&self, _cx: Context<'_>) -> usize {
        self.rows().len()
    }

    fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    fn cursor_mut(&mut self) -> &mut Cursor {
        &mut self.cursor
    }

    fn target(&self, _cx: Context<'_>, at: usize) -> Option<Target> {
        let row = *self.rows().get(at)?;
        if row.is_heading() {
            return None;
        }
        let reference = self.edge(row);
        let (cut, costs) = self.together(row);
        Some(Target {
            path: self.id(row),
            reference,
            evidence: reference.or_else(|| self.last_step(row)),
            cut,
            costs,
            fold: match self.is_open(row) {
                None => Fold::None,
                Some(false) => Fold::Closed,
                Some(true) => Fold::Open,
            },
            ..Target::default()
        })
    }

    fn reveal(&mut self, cx: Context<'_>, id: PathId) -> bool {
        let mut rows = self.rows().iter();
        let Some(at) = rows.position(|&row| self.id(row) == Some(id)) else {
            return false;
        };
        pane::stand_on(self, cx, at);
        true
    }

    fn fold(&mut self, cx: Context<'_>, how: Folding) -> Option<Outcome> {
        match how {
            Folding::Open if self.choose() => {}
            Folding::Open => self.open(cx.facts),
            Folding::Close => return self.close().then_some(Outcome::Select),
            Folding::Turn => self.turn(cx.facts),
            Folding::OpenAll => self.open_all(cx.facts),
            Folding::CloseAll => self.close_all(),
        }
        Some(Outcome::None)
    }

    fn enter(&mut self, cx: Context<'_>) -> Outcome {
        if self.choose() {
            return Outcome::None;
        }
        let row = self.current().and_then(|row| self.is_open(row));
        if row.is_none() {
            return pane::enter(self, cx);
        }
        self.turn(cx.facts);
        Outcome::None
    }

    fn obstacle(&self, _cx: Context<'_>, command: Command) -> Option<Obstacle> {
        let opens = matches!(command, Command::ExpandAll | Command::CollapseAll);
        (opens && !self.has_segments()).then_some(Obstacle::NOTHING_OPENS)
    }

    fn shown(&mut self, cx: Context<'_>) -> Outcome {
        if let Some(id) = cx.shared.selected
            && self.target != Some(id)
        {
            *self = Self::of(id);
            self.take_chains(cx);
        }
        Outcome::None
    }

    fn settle(&mut self, cx: Context<'_>) -> Outcome {
        self.take_pins(&cx.shared.pins);
        // The details may have found it out already.
        let target = self.target.filter(|_| self.awaits_cut());
        if let Some(cut) = target.and_then(|target| cx.shared.best_of(target)) {
            self.answer_cut(cut.clone());
        }
        if self.take_chains(cx) {
            pane::stand_on(self, cx, self.cursor.at);
        }
        pane::settle(self, cx);
        Outcome::None
    }

    fn awaits_chains(&self, _cx: Context<'_>) -> Option<PathId> {
        self.target.filter(|_| self.chains.is_none())
    }

    fn sign(&self, cx: Context<'_>) -> Option<u16> {
        let row = self.current()?;
        self.is_open(row)?;
        let WhyRow::Inside(segment, at) = row else {
            return Some(MARGIN + cells(SEGMENT));
        };
        let line = self.inside(segment)?.lines().get(at)?;
        let room = why_room(cx.room.0).saturating_sub(cells(INSIDE));
        Some(MARGIN + cells(INSIDE) + indent(line.depth, room))
    }
}

impl Tab for Why {
    /// The path that is to leave, and what must not be offered for it.
    type Wanted = (PathId, Pins);
    type Found = Best;

    fn needs(&self, cx: Context<'_>) -> Option<Self::Wanted> {
        let wanted = self.awaits_cut() && !self.cancelled;
        // Of what is gone there is nothing to cut.
        let target = self.target.filter(|&id| wanted && !cx.facts.is_gone(id))?;
        Some((target, self.pins.clone()))
    }

    fn find(
        (target, pins): Self::Wanted,
        facts: &Facts,
        _explore: &Explore,
        progress: &Progress,
    ) -> Result<Self::Found, Cancelled> {
        Best::of(facts, target, pins, progress)
    }

    fn fill(&mut self, _cx: Context<'_>, found: Self::Found) -> Outcome {
        if self.target == Some(found.target) && self.pins == found.pins {
            self.answer_cut(found.cut);
        }
        Outcome::None
    }

    fn learned(&mut self) {
        self.chains = None;
    }

    fn cancel(&mut self, cancelled: bool) {
        self.cancelled = cancelled;
    }

    fn reload(&mut self, reloaded: &Reloaded<'_>) {
        let target = self.target.and_then(reloaded.renewed);
        let kept = KeptChains::of(self, reloaded.renewed);
        *self = target.map(Self::of).unwrap_or_default();
        self.kept = target.and(kept);
    }
}
