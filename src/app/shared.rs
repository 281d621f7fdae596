//! What all views, boxes and lines have in common. Only `App` changes it.

use std::sync::Arc;

use crate::analysis::plan::{DoneStep, Marked, Plan};
use crate::model::PathId;

use super::evaluation::Evaluation;
use super::facts::Facts;
use super::facts::chains::Chains;
use super::keys::table::KeyTable;
use super::look::Look;
use super::planning::best_cut::{Best, Cut};
use super::planning::effect::PlanEffect;
use super::planning::pins::Pins;
use super::prompt::searches::Searches;

/// What every view may read.
#[derive(Debug, Clone, Default)]
pub struct Shared {
    /// The path that all views show, if there is one.
    pub selected: Option<PathId>,
    /// The plan.
    pub plan: Plan,
    /// Steps of plans that were carried out before: what they take away is not there any more.
    pub done: Vec<DoneStep>,
    /// What is known of the configuration.
    pub evaluation: Evaluation,
    /// What is never offered for cutting.
    pub pins: Pins,
    /// What the plan gives, once that is computed. Its steps may be those of an earlier plan.
    pub effect: Option<Arc<PlanEffect>>,
    /// The last answer to why a path is here.
    pub chains: Option<Arc<Chains>>,
    /// The last answer to what to cut for a path to leave.
    pub best: Option<Best>,
    /// What the files of the last selected path are: titles with bytes, the largest first.
    pub contents: Option<(PathId, Vec<(String, u64)>)>,
    /// The paths whose chains the user has cancelled to look for.
    pub unexplained: Vec<PathId>,
    /// What was searched for before.
    pub searches: Searches,
    /// The keys of commands.
    pub keys: KeyTable,
    /// Colours, units, signs.
    pub look: Look,
    /// Columns and rows of the screen.
    pub size: (u16, u16),
}

impl Shared {
    /// The chains to a path, if the last answer is about it.
    pub fn chains_to(&self, id: Option<PathId>) -> Option<&Arc<Chains>> {
        let chains = self.chains.as_ref();
        chains.filter(|chains| Some(chains.why.target) == id)
    }

    /// What to cut for a path to leave, if the last answer is about it and what is pinned.
    pub fn best_of(&self, id: PathId) -> Option<&Cut> {
        let best = self.best.as_ref();
        let best = best.filter(|best| best.target == id && best.pins == self.pins);
        best.map(|best| &best.cut)
    }

    /// Another reading of the store is there, and ids mean other paths: what is about paths is carried over by name, what was
    /// computed is forgotten. Of the plan this is left, and those steps are done.
    pub(super) fn carry_over(
        &mut self,
        known: impl Fn(PathId) -> Option<PathId>,
        renewed: impl Fn(PathId) -> Option<PathId> + Copy,
        marked: Marked,
        done: Vec<DoneStep>,
    ) {
        self.selected = self.selected.and_then(known);
        self.plan = Plan::of(marked);
        self.done.extend(done);
        self.pins = self.pins.renewed(renewed);
        self.evaluation.of_other_paths();
        self.effect = None;
        self.chains = None;
        self.best = None;
        self.contents = None;
        self.unexplained.clear();
    }

    /// Whether a path leaves with what is marked, as far as that is known, and is not marked itself.
    pub fn leaves(&self, id: PathId) -> bool {
        let effect = self.effect.as_ref();
        let outcome = effect.and_then(|effect| effect.outcome.as_ref().ok());
        outcome.is_some_and(|outcome| outcome.leaving.contains(id))
    }
}

/// What a view is handed: all that it may read, and the room it has. There is none before a store is loaded.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// What is known of the closure.
    pub facts: &'a Facts,
    /// What all views have in common.
    pub shared: &'a Shared,
    /// Columns and rows of its list on screen.
    pub room: (u16, u16),
    /// Whether a search is being typed.
    pub searching: bool,
}

impl<'a> Context<'a> {
    /// What a list of this size may read; `None` before a store is loaded.
    pub(super) fn of(
        facts: Option<&'a Facts>,
        shared: &'a Shared,
        room: (u16, u16),
        searching: bool,
    ) -> Option<Self> {
        let facts = facts?;
        Some(Self {
            facts,
            shared,
            room,
            searching,
        })
    }

    /// Rows of the list on screen.
    pub fn height(&self) -> usize {
        usize::from(self.room.1)
    }
}
