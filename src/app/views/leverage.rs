//! The view of near misses: much weight behind few references, and planning to cut those.

use std::sync::Arc;

use crate::analysis::cut::{CutError, Cutter};
use crate::analysis::leverage::{NearMiss, near_misses};
use crate::job::{Cancelled, Progress, parallel};
use crate::model::{PathId, Reference};

use super::folds::{Folds, Row};
use super::groups::{Both, List, Nothing, Place};
use super::{Rows, ViewSpec};
use crate::app::explore::Explore;
use crate::app::facts::Facts;
use crate::app::keys::command::Command;
use crate::app::obstacle::Obstacle;
use crate::app::pins::Pins;
use crate::app::shared::Context;
use crate::app::target::{Costs, Target};

/// How many are looked for: further ones are hardly worth the cut.
const COUNT: usize = 100;

/// A path with much weight behind few references.
#[derive(Debug, Clone)]
pub struct Miss {
    /// The path, what leaves with it, how many references hold that.
    pub near: NearMiss,
    /// The references of its best cut.
    pub references: Arc<[Reference]>,
    /// What they take along.
    pub costs: Option<Costs>,
}

/// All of them, those with most bytes for each reference first.
pub(crate) type Misses = Arc<[Miss]>;

/// Finds them. Those that cannot leave because of what is pinned are none.
fn find(facts: &Facts, pins: &Pins, progress: &Progress) -> Result<Misses, Cancelled> {
    let (graph, closure) = (facts.graph(), facts.closure());
    let analysed = facts.analysed(progress);
    let found = near_misses(&analysed, COUNT)?;
    let cutter = Cutter::new(graph, closure, analysed.dominators()?);
    progress.start("references to cut", found.len() as u64);
    let misses = parallel(found.len(), |at| {
        progress.advance(1)?;
        let near = found[at];
        let pinned = |from, to| pins.hold(near.path, from, to);
        let cut = match cutter.best(near.path, &pinned, progress) {
            Ok(cut) => cut.best,
            Err(CutError::Cancelled(cancelled)) => return Err(cancelled),
            // Neither a root nor outside, so that something on every chain is pinned.
            Err(_) => return Ok(None),
        };
        let near = NearMiss {
            best_size: cut.references.len() as u32,
            ..near
        };
        Ok(Some(Miss {
            near,
            costs: Some(Costs::of(&cut)),
            references: cut.references.into(),
        }))
    })?;
    let mut misses: Vec<Miss> = misses.into_iter().flatten().collect();
    // What is pinned may have made some of them dearer.
    misses.sort_by_key(|miss| std::cmp::Reverse(miss.near.leverage()));
    Ok(misses.into())
}

/// The paths, for the engine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Leverage;

impl List for Leverage {
    const SPEC: ViewSpec = ViewSpec {
        id: "near-misses",
        title: "Near misses",
        place: "near misses",
        command: "near misses",
        keys: &["6"],
        help: "Show where cutting few references would free much.",
        head: 2,
        opens: true,
        stands_for: Rows::Cuts,
        own: &[],
        hints: &[
            Command::Right,
            Command::CutAll,
            Command::Cut,
            Command::Evidence,
            Command::WHY,
            Command::Mark,
        ],
    };
    type Found = Misses;
    type Later = Nothing;
    const HEEDS_PINS: bool = true;

    fn find(
        facts: &Facts,
        _explore: &Explore,
        progress: &Progress,
    ) -> Result<Self::Found, Cancelled> {
        find(facts, &Pins::default(), progress)
    }

    fn find_around(
        facts: &Facts,
        _explore: &Explore,
        pins: &Pins,
        progress: &Progress,
    ) -> Result<Self::Found, Cancelled> {
        find(facts, pins, progress)
    }

    fn folds(found: &Self::Found) -> Folds {
        Folds::of(found.iter().map(|miss| miss.references.len()))
    }

    fn target(groups: Both<'_, Self>, _cx: Context<'_>, row: Row) -> Target {
        let Some(miss) = groups.found.get(row.group()) else {
            return Target::default();
        };
        let (path, reference) = match row {
            Row::Item(_, at) => {
                let reference = miss.references.get(at).copied();
                (reference.map(|(from, _)| from), reference)
            }
            Row::Group(_) => match miss.references[..] {
                [only] => (Some(miss.near.path), Some(only)),
                _ => (Some(miss.near.path), None),
            },
        };
        Target {
            cut: Arc::clone(&miss.references),
            costs: miss.costs,
            instead: (miss.references.len() > 1).then_some(Obstacle::SEVERAL_REFERENCES),
            ..Target::perhaps(path).with_reference(reference)
        }
    }

    fn row_of(found: &Self::Found, id: PathId) -> Option<Row> {
        let at = found.iter().position(|miss| miss.near.path == id)?;
        Some(Row::Group(at))
    }

    fn begins_at_top(_row: Row, place: Place) -> bool {
        // It is read from the top, where most is to be had.
        place.group >= place.height
    }
}
