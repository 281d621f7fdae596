//! What to cut for a path to leave: the best answer, and the others worth a choice.

use std::sync::Arc;

use super::pins::Pins;
use crate::analysis::cut::{BestCut, CutError, CutSet, Cutter};
use crate::app::facts::Facts;
use crate::job::{Cancelled, Progress};
use crate::model::{PathId, Reference};

/// What has to be cut for the path to leave.
#[derive(Debug, Clone, Default)]
pub enum Cut {
    /// Not known yet.
    #[default]
    Pending,
    /// Nothing helps: it is a root.
    Root,
    /// Everything on one chain is pinned.
    Pinned,
    /// References to cut.
    References(ToCut),
}

/// The answers, one of which is chosen.
#[derive(Debug, Clone)]
pub struct ToCut {
    /// Those of which none is beaten in both references and what is taken along, the fewest references first.
    pub answers: Arc<[CutSet]>,
    /// The place of the chosen one, at first the best.
    pub chosen: usize,
    /// Its references.
    pub references: Arc<[Reference]>,
}

impl ToCut {
    /// The answers, the best one chosen.
    fn of(cut: BestCut) -> Self {
        let chosen = cut.front.iter().position(|set| *set == cut.best);
        let answers = if chosen.is_some() {
            cut.front
        } else {
            vec![cut.best]
        };
        let mut answers = Self {
            answers: answers.into(),
            chosen: 0,
            references: Arc::default(),
        };
        answers.choose(chosen.unwrap_or(0));
        answers
    }

    /// Chooses an answer.
    pub(crate) fn choose(&mut self, at: usize) {
        if let Some(set) = self.answers.get(at) {
            self.chosen = at;
            self.references = set.references.as_slice().into();
        }
    }

    /// The chosen answer.
    pub fn set(&self) -> Option<&CutSet> {
        self.answers.get(self.chosen)
    }
}

/// What to cut for a path to leave.
#[derive(Debug, Clone)]
pub struct Best {
    /// The path.
    pub target: PathId,
    /// What must not be offered.
    pub pins: Pins,
    /// The answer.
    pub cut: Cut,
}

impl Best {
    /// Finds it.
    pub fn of(
        facts: &Facts,
        target: PathId,
        pins: Pins,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let cut = find(facts, target, &pins, progress)?;
        Ok(Self { target, pins, cut })
    }
}

/// Finds the best cut of a path, and the answers around it.
fn find(facts: &Facts, target: PathId, pins: &Pins, progress: &Progress) -> Result<Cut, Cancelled> {
    progress.start("references to cut", 0);
    let analysed = facts.analysed(progress);
    let cutter = Cutter::new(facts.graph(), facts.closure(), analysed.dominators()?);
    let pinned = |from, to| pins.hold(target, from, to);
    match cutter.best(target, &pinned, progress) {
        Ok(cut) => Ok(Cut::References(ToCut::of(cut))),
        Err(CutError::Cancelled(cancelled)) => Err(cancelled),
        Err(CutError::Pinned { .. }) => Ok(Cut::Pinned),
        Err(_) => Ok(Cut::Root),
    }
}
