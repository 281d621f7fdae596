//! The view of near misses: much weight behind few references, and planning to cut those.

use std::sync::Arc;

use crate::analysis::cut::{CutError, Cutter};
use crate::analysis::leverage::{NearMiss, near_misses};
use crate::analysis::what_if::Step;
use crate::job::{Cancelled, Progress, parallel};
use crate::model::{PathId, Reference};

use super::folds::{Folds, Row};
use crate::app::App;
use crate::app::facts::Facts;

/// How many are looked for: further ones are hardly worth the cut.
const COUNT: usize = 100;

/// A path with much weight behind few references.
#[derive(Debug, Clone)]
pub struct Miss {
    /// The path, what leaves with it, how many references hold that.
    pub near: NearMiss,
    /// The references of its best cut.
    pub references: Vec<Reference>,
}

/// All of them, those with most bytes for each reference first.
pub type Misses = Arc<[Miss]>;

/// Finds them.
pub fn find(facts: &Facts, progress: &Progress) -> Result<Misses, Cancelled> {
    let (graph, closure) = (facts.graph(), facts.closure());
    let analysed = facts.analysed(progress);
    let found = near_misses(&analysed, COUNT)?;
    let cutter = Cutter::new(graph, closure, analysed.dominators()?);
    progress.start("references to cut", found.len() as u64);
    let misses = parallel(found.len(), |at| {
        progress.advance(1)?;
        let near = found[at];
        match cutter.best(near.path, &|_, _| false, progress) {
            Ok(cut) => Ok(Miss {
                near: NearMiss {
                    best_size: cut.best.references.len() as u32,
                    ..near
                },
                references: cut.best.references,
            }),
            Err(CutError::Cancelled(cancelled)) => Err(cancelled),
            // Neither a root nor outside, so there is always a cut.
            Err(_) => Ok(Miss {
                near,
                references: Vec::new(),
            }),
        }
    })?;
    Ok(misses.into())
}

/// Closed rows of these.
pub fn folds(misses: &[Miss]) -> Folds {
    Folds::of(misses.iter().map(|miss| miss.references.len()))
}

/// The steps that cut references.
pub fn steps(references: &[Reference]) -> Vec<Step> {
    let step = |&(from, to): &Reference| Step::Cut { from, to };
    references.iter().map(step).collect()
}

/// The row of a path.
pub fn row_of(misses: &[Miss], id: PathId) -> Option<Row> {
    let at = misses.iter().position(|miss| miss.near.path == id)?;
    Some(Row::Group(at))
}

impl App {
    /// The near miss under the cursor of the view.
    pub(crate) fn current_miss(&self) -> Option<(&Miss, Row)> {
        let row = self.views.leverage.folds.current()?;
        let misses = self.views.leverage.found.as_ref()?;
        Some((misses.get(row.group())?, row))
    }

    /// The reference that a row of the view stands for: its own, or the only one there is to cut.
    pub(crate) fn miss_reference(&self) -> Option<Reference> {
        let (miss, row) = self.current_miss()?;
        match row {
            Row::Item(_, at) => miss.references.get(at).copied(),
            Row::Group(_) => match miss.references[..] {
                [only] => Some(only),
                _ => None,
            },
        }
    }
}
