//! The view of roots as a pane: its groups, which roots are marked, and what dropping those together frees.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::analysis::blocks::{Blocks, Disk};
use crate::analysis::what_if::Total;
use crate::gate;
use crate::job::{Cancelled, Progress};
use crate::model::PathId;
use crate::source::files::blocks;
use crate::source::roots::store_roots::StoreRoots;
use crate::text::Units;

use super::generations::{self, BroughtPackages};
use super::kept::KeptRoots;
use super::{RootGroups, RootSort, Roots, RootsItem, about, row_held};
use crate::app::cursor::Cursor;
use crate::app::explore::Explore;
use crate::app::facts::Facts;
use crate::app::frame::layout::MARGIN;
use crate::app::keys::command::Command;
use crate::app::obstacle::Obstacle;
use crate::app::outcome::Outcome;
use crate::app::pane::{self, Folding, Pane};
use crate::app::shared::Context;
use crate::app::target::{Fold, Target};
use crate::app::views::folds::GroupRow;
use crate::app::views::groups::{FoundPart, Groups, WantedPart};
use crate::app::views::tab::{Reloaded, Tab};

/// Where the sign of a generation that opens stands.
pub(crate) const GENERATION_SIGN: u16 = MARGIN + 2;

/// The view.
#[derive(Debug, Clone, Default)]
pub struct RootsView {
    /// Its groups.
    pub(crate) groups: Groups<RootGroups>,
    /// The marked rows, by their number among the store's.
    marked: BTreeSet<usize>,
    /// What dropping them frees, once that is known: it may be of earlier marks.
    joint: Option<Arc<Joint>>,
    /// What is on disk, once that was read.
    blocks: Option<Arc<Blocks>>,
    /// The generations that are to be opened once it is known what they brought.
    opening: BTreeSet<usize>,
    /// What was marked and open before the store was read again, until its roots are there.
    kept: Option<KeptRoots>,
    /// Whether the user cancelled what is still looked for.
    cancelled: bool,
}

/// What dropping some roots together frees.
#[derive(Debug)]
pub struct Joint {
    /// The roots.
    rows: Vec<usize>,
    /// What leaves.
    pub total: Total,
    /// What that frees on disk, if it is known.
    pub disk: Option<Disk>,
}

/// What is looked for.
#[derive(Debug)]
pub enum WantedRoots {
    /// A part of the groups.
    Part(WantedPart),
    /// What dropping some roots frees.
    Joint(Arc<StoreRoots>, Vec<usize>, Option<Arc<Blocks>>),
    /// What is on disk.
    Disk(Arc<StoreRoots>),
    /// What the generation of a row brought.
    Brought(Arc<StoreRoots>, usize),
}

/// What was found of it.
#[derive(Debug)]
pub enum FoundRoots {
    /// A part of the groups.
    Part(FoundPart<RootGroups>),
    /// What dropping some roots frees.
    Joint(Box<Joint>),
    /// What is on disk.
    Disk(Arc<Blocks>),
    /// What the generation of a row brought.
    Brought(usize, BroughtPackages),
}

impl RootsView {
    /// The roots of the store, if they are known.
    pub(crate) fn store(&self) -> Option<&Arc<StoreRoots>> {
        self.groups.found()?.store.as_ref()
    }

    /// Whether a row of the store is marked.
    pub(crate) fn is_marked(&self, row: usize) -> bool {
        self.marked.contains(&row)
    }

    /// How many rows are marked.
    pub(crate) fn marks(&self) -> usize {
        self.marked.len()
    }

    /// What dropping the marked rows frees; `None` until that is known.
    pub(crate) fn joint(&self) -> Option<&Joint> {
        let joint = self.joint.as_deref();
        joint.filter(|joint| joint.rows.iter().eq(&self.marked))
    }

    /// What the cursor is on.
    fn item(&self) -> Option<RootsItem<'_>> {
        match self.groups.folds().current()? {
            GroupRow::Item(group, at) => self.groups.found()?.item(group, at),
            GroupRow::Group(_) => None,
        }
    }

    /// The row of the store that the cursor is on.
    fn here(&self) -> Option<usize> {
        match self.item()? {
            RootsItem::Held(row) => Some(row),
            _ => None,
        }
    }

    /// The rows of the store that the cursor stands for: one, or all that a rule lets go.
    fn rows_here(&self) -> Vec<usize> {
        match self.item() {
            Some(RootsItem::Held(row)) => vec![row],
            Some(RootsItem::LetGo(one)) => one.rows.clone(),
            _ => Vec::new(),
        }
    }

    /// The generation that the cursor is on or below.
    fn generation(&self) -> Option<usize> {
        match self.item()? {
            RootsItem::Held(row) => self.groups.found()?.is_open(row).map(|_| row),
            RootsItem::Changed(row, _) | RootsItem::Unchanged(row) => Some(row),
            _ => None,
        }
    }

    /// Whether the cursor is on a generation, and that is open.
    fn is_open(&self) -> Option<bool> {
        self.groups.found()?.is_open(self.here()?)
    }

    /// Opens or closes the generation of the cursor; `None` if it is on none, or there is nothing to do.
    fn fold_generation(&mut self, cx: Context<'_>, how: Folding) -> Option<Outcome> {
        let row = self.generation()?;
        let open = self.is_open();
        match how {
            Folding::Open | Folding::Turn if open == Some(false) => {
                self.opening.insert(row);
                self.cancelled = false;
            }
            Folding::Open if open == Some(true) => {
                let below = self.groups.folds().cursor.at + 1;
                pane::stand_on(&mut self.groups, cx, below);
                return Some(Outcome::Select);
            }
            Folding::Close | Folding::Turn if open != Some(false) => self.set_open(cx, row, None),
            _ => return None,
        }
        Some(Outcome::None)
    }

    /// Opens a generation with what it brought, or closes it. The cursor stays on its root; from below a generation it
    /// goes to that.
    fn set_open(&mut self, cx: Context<'_>, row: usize, brought: Option<BroughtPackages>) {
        let here = self.here().unwrap_or(row);
        let change = |found: &Arc<Roots>| Arc::new(found.with(row, brought));
        self.groups.change(cx, change, |found| found.sizes());
        let place = self.groups.found().and_then(|found| row_held(found, here));
        if let Some(place) = place {
            self.groups.stand_on(cx, place);
        }
    }

    /// What there is to know of the root under the cursor, a line each; `None` if it is on none.
    pub(crate) fn about(&self, units: Units) -> Option<Vec<about::AboutLine>> {
        let row = self.here()?;
        let marked: Vec<usize> = self.marked.iter().copied().collect();
        let blocks = self.blocks.as_deref();
        Some(about::lines(self.store()?, row, &marked, blocks, units))
    }

    /// Marks the root under the cursor, or takes the mark back; in other rows, whatever marking means elsewhere.
    fn mark(&mut self) -> Outcome {
        let rows = self.rows_here();
        if rows.is_empty() {
            return Outcome::Give(Command::Mark);
        }
        if rows.iter().all(|row| self.marked.contains(row)) {
            for row in &rows {
                self.marked.remove(row);
            }
        } else {
            self.marked.extend(rows);
        }
        Outcome::None
    }

    /// What is to be kept when the store is read again.
    fn keep(&self) -> Option<KeptRoots> {
        match self.store().zip(self.groups.found()) {
            Some((store, found)) => Some(KeptRoots::of(store, &self.marked, found)),
            None => self.kept.clone(),
        }
    }

    /// Marks and opens the same rows again once the roots are there.
    fn take_up_kept(&mut self) {
        let there = self
            .store()
            .zip(self.groups.found())
            .zip(self.kept.as_ref());
        if let Some(((store, found), kept)) = there {
            (self.marked, self.opening) = (kept.marked(store), kept.open(store, found));
            self.kept = None;
        }
    }

    /// Copies what is to be run to drop the marked roots, or the one under the cursor.
    fn copy_commands(&self) -> Outcome {
        let rows: Vec<usize> = if self.marked.is_empty() {
            self.rows_here()
        } else {
            self.marked.iter().copied().collect()
        };
        let Some(store) = self.store() else {
            return Outcome::None;
        };
        let text = gate::clipboard(&store.commands(&rows));
        let lines = text.as_str().lines().count();
        let message = match text.as_str().lines().next() {
            Some(first) if lines > 1 => format!("copied {first} and what follows: nothing was run"),
            first => format!("copied {}", first.unwrap_or_default()),
        };
        Outcome::All(vec![Outcome::Copy(text), Outcome::Say(message)])
    }

    fn sort(&mut self, cx: Context<'_>, change: impl FnOnce(RootSort) -> RootSort) -> Outcome {
        let sort = self.groups.found().map(|found| found.sort);
        let Some(sort) = sort.map(change) else {
            return Outcome::None;
        };
        let change = |found: &Arc<Roots>| Arc::new(found.sorted(sort));
        self.groups.change(cx, change, |found| found.sizes());
        Outcome::Say(format!("roots sorted by {}", sort.words()))
    }
}

impl Pane for RootsView {
    fn len(&self, cx: Context<'_>) -> usize {
        self.groups.len(cx)
    }

    fn cursor(&self) -> &Cursor {
        self.groups.cursor()
    }

    fn cursor_mut(&mut self) -> &mut Cursor {
        self.groups.cursor_mut()
    }

    fn target(&self, cx: Context<'_>, at: usize) -> Option<Target> {
        let target = self.groups.target(cx, at)?;
        let found = self.groups.found()?;
        let row = match self.groups.folds().row(at)? {
            GroupRow::Item(group, at) => match found.item(group, at)? {
                RootsItem::Held(row) => Some(row),
                _ => None,
            },
            GroupRow::Group(_) => None,
        };
        Some(match row.and_then(|row| found.is_open(row)) {
            Some(true) => target.with_fold(Fold::Open),
            Some(false) => target.with_fold(Fold::Closed),
            None => target,
        })
    }

    fn reveal(&mut self, cx: Context<'_>, id: PathId) -> bool {
        self.groups.reveal(cx, id)
    }

    fn fold(&mut self, cx: Context<'_>, how: Folding) -> Option<Outcome> {
        let own = self.fold_generation(cx, how);
        own.or_else(|| self.groups.fold(cx, how))
    }

    fn enter(&mut self, cx: Context<'_>) -> Outcome {
        match self.item() {
            Some(RootsItem::Held(_)) => Outcome::Give(Command::AboutRoot),
            Some(RootsItem::LetGo(_)) => Outcome::Give(Command::MarkRoot),
            _ => self.groups.enter(cx),
        }
    }

    fn command(&mut self, cx: Context<'_>, command: Command) -> Outcome {
        match command {
            Command::MarkRoot => self.mark(),
            Command::CopyCommands => self.copy_commands(),
            Command::Sort => self.sort(cx, RootSort::next),
            Command::SortReverse => self.sort(cx, RootSort::reversed),
            _ => Outcome::None,
        }
    }

    fn obstacle(&self, cx: Context<'_>, command: Command) -> Option<Obstacle> {
        let unless = |holds: bool, what| (!holds).then_some(Obstacle::Says(what));
        match command {
            Command::MarkRoot if self.rows_here().is_empty() => {
                let here = pane::here(self, cx).unwrap_or_default();
                unless(here.path.is_some(), "there is no root in this row")
            }
            Command::CopyCommands => unless(
                self.marks() > 0 || !self.rows_here().is_empty(),
                "there is no root in this row, and none is marked",
            ),
            Command::AboutRoot => unless(self.here().is_some(), "there is no root in this row"),
            Command::Sort | Command::SortReverse => unless(
                self.store().is_some(),
                "the roots of the store are not known here",
            ),
            _ => self.groups.obstacle(cx, command),
        }
    }

    fn shown(&mut self, cx: Context<'_>) -> Outcome {
        self.groups.shown(cx)
    }

    fn sign(&self, cx: Context<'_>) -> Option<u16> {
        let own = self.is_open().map(|_| GENERATION_SIGN);
        own.or_else(|| self.groups.sign(cx))
    }
}

impl Tab for RootsView {
    type Wanted = WantedRoots;
    type Found = FoundRoots;

    fn needs(&self, cx: Context<'_>) -> Option<WantedRoots> {
        if let Some(part) = self.groups.needs(cx) {
            return Some(WantedRoots::Part(part));
        }
        if self.cancelled {
            return None;
        }
        let store = Arc::clone(self.store()?);
        if let Some(&row) = self.opening.first() {
            return Some(WantedRoots::Brought(store, row));
        }
        if self.marked.is_empty() {
            return None;
        }
        let rows: Vec<usize> = self.marked.iter().copied().collect();
        match self.joint() {
            Some(joint) if joint.disk.is_some() => None,
            Some(_) if self.blocks.is_none() => Some(WantedRoots::Disk(store)),
            _ => Some(WantedRoots::Joint(store, rows, self.blocks.clone())),
        }
    }

    fn find(
        wanted: WantedRoots,
        facts: &Facts,
        explore: &Explore,
        progress: &Progress,
    ) -> Result<FoundRoots, Cancelled> {
        Ok(match wanted {
            WantedRoots::Part(part) => {
                FoundRoots::Part(Groups::<RootGroups>::find(part, facts, explore, progress)?)
            }
            WantedRoots::Joint(store, rows, blocks) => {
                let freed = store.freed(&rows);
                let blocks = blocks.as_deref();
                FoundRoots::Joint(Box::new(Joint {
                    disk: blocks.map(|blocks| blocks.freed(&freed.paths, &store.dead_set())),
                    total: freed.total,
                    rows,
                }))
            }
            WantedRoots::Brought(store, row) => {
                FoundRoots::Brought(row, generations::brought(&store, row, progress)?)
            }
            WantedRoots::Disk(store) => {
                let places = explore.files(&facts.snapshot);
                let (blocks, _) = blocks::read(&store.graph, &places, progress)?;
                FoundRoots::Disk(Arc::new(blocks))
            }
        })
    }

    fn fill(&mut self, cx: Context<'_>, found: FoundRoots) -> Outcome {
        match found {
            FoundRoots::Part(part) => {
                let outcome = self.groups.fill(cx, part);
                self.take_up_kept();
                return outcome;
            }
            FoundRoots::Joint(joint) => self.joint = Some(Arc::from(joint)),
            FoundRoots::Disk(blocks) => self.blocks = Some(blocks),
            FoundRoots::Brought(row, brought) => {
                if self.opening.remove(&row) {
                    self.set_open(cx, row, Some(brought));
                }
            }
        }
        Outcome::None
    }

    fn cancel(&mut self, cancelled: bool) {
        self.cancelled = cancelled;
        if cancelled {
            self.opening.clear();
        }
        self.groups.cancel(cancelled);
    }

    fn restore(&mut self, cx: Context<'_>, before: Self) -> Outcome {
        self.groups.restore(cx, before.groups)
    }

    fn reload(&mut self, reloaded: &Reloaded<'_>) {
        let kept = self.keep();
        // What is below a generation is found only later.
        let below = self.generation().zip(self.groups.found());
        if let Some(place) = below.and_then(|(row, found)| row_held(found, row)) {
            self.groups.stand_on(reloaded.former, place);
        }
        let mut groups = std::mem::take(&mut self.groups);
        groups.reload(reloaded);
        *self = Self {
            groups,
            kept,
            ..Self::default()
        };
    }
}
