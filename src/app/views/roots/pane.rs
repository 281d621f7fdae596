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

use super::about;
use super::{Item, RootGroups, RootSort};
use crate::app::event::Effect;
use crate::app::explore::Explore;
use crate::app::facts::Facts;
use crate::app::keys::command::Command;
use crate::app::obstacle::Obstacle;
use crate::app::outcome::Outcome;
use crate::app::pane::{Folding, Pane};
use crate::app::shared::Context;
use crate::app::target::Target;
use crate::app::views::folds::Row;
use crate::app::views::groups::{FoundPart, Groups, Part};
use crate::app::views::list::Cursor;
use crate::app::views::{Tab, ViewSpec, list};

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
pub enum Wanted {
    /// A part of the groups.
    Part(Part),
    /// What dropping some roots frees.
    Joint(Arc<StoreRoots>, Vec<usize>, Option<Arc<Blocks>>),
    /// What is on disk.
    Disk(Arc<StoreRoots>),
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

    /// The row of the store that the cursor is on.
    fn here(&self) -> Option<usize> {
        match self.groups.folds().current()? {
            Row::Item(group, at) => match self.groups.found()?.item(group, at)? {
                Item::Held(row) => Some(row),
                _ => None,
            },
            Row::Group(_) => None,
        }
    }

    /// What there is to know of the root under the cursor, a line each; `None` if it is on none.
    pub(crate) fn about(&self, units: Units) -> Option<Vec<about::Line>> {
        let row = self.here()?;
        let marked: Vec<usize> = self.marked.iter().copied().collect();
        let blocks = self.blocks.as_deref();
        Some(about::lines(self.store()?, row, &marked, blocks, units))
    }

    /// Marks the root under the cursor, or takes the mark back; in other rows, whatever marking means elsewhere.
    fn mark(&mut self) -> Outcome {
        match self.here() {
            Some(row) => {
                if !self.marked.remove(&row) {
                    self.marked.insert(row);
                }
                Outcome::None
            }
            None => Outcome::Give(Command::Mark),
        }
    }

    /// Copies what is to be run to drop the marked roots, or the one under the cursor.
    fn copy_commands(&self) -> Outcome {
        let rows: Vec<usize> = if self.marked.is_empty() {
            self.here().into_iter().collect()
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
        Outcome::All(vec![
            Outcome::Effect(Effect::Copy(text)),
            Outcome::Say(message),
        ])
    }

    fn sort(&mut self, cx: Context<'_>, change: impl FnOnce(RootSort) -> RootSort) -> Outcome {
        let sort = self.groups.found().map(|found| found.sort);
        let Some(sort) = sort.map(change) else {
            return Outcome::None;
        };
        self.groups.change(cx, |found| Arc::new(found.sorted(sort)));
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
        self.groups.target(cx, at)
    }

    fn reveal(&mut self, cx: Context<'_>, id: PathId) -> bool {
        self.groups.reveal(cx, id)
    }

    fn fold(&mut self, cx: Context<'_>, how: Folding) -> Option<Outcome> {
        self.groups.fold(cx, how)
    }

    fn enter(&mut self, cx: Context<'_>) -> Outcome {
        match self.here() {
            Some(_) => Outcome::Give(Command::AboutRoot),
            None => self.groups.enter(cx),
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
            Command::MarkRoot if self.here().is_none() => {
                let here = list::here(self, cx).unwrap_or_default();
                unless(here.path.is_some(), "there is no root in this row")
            }
            Command::CopyCommands => unless(
                self.marks() > 0 || self.here().is_some(),
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
        self.groups.sign(cx)
    }
}

impl Tab for RootsView {
    const SPEC: ViewSpec = <Groups<RootGroups> as Tab>::SPEC;
    type Wanted = Wanted;
    type Found = FoundRoots;

    fn needs(&self, cx: Context<'_>) -> Option<Wanted> {
        if let Some(part) = self.groups.needs(cx) {
            return Some(Wanted::Part(part));
        }
        if self.cancelled || self.marked.is_empty() {
            return None;
        }
        let store = Arc::clone(self.store()?);
        let rows: Vec<usize> = self.marked.iter().copied().collect();
        match self.joint() {
            Some(joint) if joint.disk.is_some() => None,
            Some(_) if self.blocks.is_none() => Some(Wanted::Disk(store)),
            _ => Some(Wanted::Joint(store, rows, self.blocks.clone())),
        }
    }

    fn find(
        wanted: Wanted,
        facts: &Facts,
        explore: &Explore,
        progress: &Progress,
    ) -> Result<FoundRoots, Cancelled> {
        Ok(match wanted {
            Wanted::Part(part) => {
                FoundRoots::Part(Groups::<RootGroups>::find(part, facts, explore, progress)?)
            }
            Wanted::Joint(store, rows, blocks) => {
                let freed = store.freed(&rows);
                let blocks = blocks.as_deref();
                FoundRoots::Joint(Box::new(Joint {
                    disk: blocks.map(|blocks| blocks.freed(&freed.paths, &store.dead_set())),
                    total: freed.total,
                    rows,
                }))
            }
            Wanted::Disk(store) => {
                let places = explore.files(&facts.snapshot);
                let (blocks, _) = blocks::read(&store.graph, &places, progress)?;
                FoundRoots::Disk(Arc::new(blocks))
            }
        })
    }

    fn fill(&mut self, cx: Context<'_>, found: FoundRoots) -> Outcome {
        match found {
            FoundRoots::Part(part) => return self.groups.fill(cx, part),
            FoundRoots::Joint(joint) => self.joint = Some(Arc::from(joint)),
            FoundRoots::Disk(blocks) => self.blocks = Some(blocks),
        }
        Outcome::None
    }

    fn cancel(&mut self, cancelled: bool) {
        self.cancelled = cancelled;
        self.groups.cancel(cancelled);
    }

    fn restore(&mut self, cx: Context<'_>, before: Self) -> Outcome {
        self.groups.restore(cx, before.groups)
    }

    fn reload(&mut self, _facts: &Facts, _renewed: &dyn Fn(PathId) -> Option<PathId>) {
        *self = Self::default();
    }
}
