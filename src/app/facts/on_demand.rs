//! What costs too much to be computed unasked: it is when a query, a sort or a column wants it.

use std::sync::Arc;

use crate::analysis::Diff;
use crate::analysis::analysed::{Analysed, Need};
use crate::analysis::path_change::Deltas;
use crate::job::{Cancelled, Progress};
use crate::model::Warning;
use crate::source::evidence::accidents::accidental_paths;
use crate::source::evidence::{Evidence, EvidenceError};
use crate::source::files::disk_sizes::DiskSizes;
use crate::source::files::places::StoreFiles;
use crate::text;

use crate::app::facts::Facts;

/// What came of asking.
#[derive(Debug)]
pub enum OnDemandAnswer {
    /// It is known now, and what could not be read meanwhile.
    Known(Analysed, Vec<Warning>),
    /// What the files take on disk is known, but for this many paths whose files are not on this machine.
    DiskSizes(Analysed, Vec<Warning>, usize),
    /// What only likely accidents hold is known, and what makes the references.
    Accidents(Analysed, Box<Evidence>),
    /// It cannot be known, and why.
    Obstacle(String),
}

/// Computes it.
pub(crate) fn find(
    facts: &Facts,
    need: Need,
    places: &StoreFiles,
    progress: &Progress,
) -> Result<OnDemandAnswer, Cancelled> {
    let mut analysed = facts.analysed(progress);
    match need {
        Need::DiskSizes => {
            let found = DiskSizes::read(&analysed, places, progress)?;
            analysed.take_disk_sizes(found.sizes);
            Ok(OnDemandAnswer::DiskSizes(
                analysed,
                found.warnings,
                found.absent,
            ))
        }
        Need::Accidents => accidents(analysed, places),
        Need::Deltas => {
            let Some(deltas) = deltas(facts, progress)? else {
                let what = "delta: this closure is not compared with another";
                return Ok(OnDemandAnswer::Obstacle(what.to_owned()));
            };
            analysed.take_deltas(deltas);
            Ok(OnDemandAnswer::Known(analysed, Vec::new()))
        }
        other => {
            analysed.prepare(other)?;
            Ok(OnDemandAnswer::Known(analysed, Vec::new()))
        }
    }
}

/// What became of each path since what the closure is compared with.
fn deltas(facts: &Facts, progress: &Progress) -> Result<Option<Deltas>, Cancelled> {
    let Some(before) = facts.before() else {
        return Ok(None);
    };
    let (graph, after) = (facts.graph(), facts.closure());
    let diff = Diff::of(graph, &before.closure, after, progress)?;
    Ok(Some(diff.deltas(graph, &before.closure, after)))
}

/// What only likely accidents hold: the files of the whole closure are read to find out.
fn accidents(mut analysed: Analysed, places: &StoreFiles) -> Result<OnDemandAnswer, Cancelled> {
    match accidental_paths(&analysed, &places.without_archives()) {
        Ok((paths, evidence)) => {
            analysed.take_accidents(paths);
            Ok(OnDemandAnswer::Accidents(analysed, Box::new(evidence)))
        }
        Err(EvidenceError::Cancelled(cancelled)) => Err(cancelled),
        // In one line, and a name would take most of it.
        Err(EvidenceError::NoFiles { .. }) => {
            let what = match places.archives() {
                None => "accidental: the files are not on this machine",
                Some(_) => {
                    "accidental: the files are in the cache only, `list --filter accidental` fetches them"
                }
            };
            Ok(OnDemandAnswer::Obstacle(what.to_owned()))
        }
    }
}

/// What came of taking an answer.
#[derive(Debug)]
pub struct TakenAnswer {
    /// Whether something is known now that was not before.
    pub known: bool,
    /// What could not be read meanwhile.
    pub warnings: Vec<Warning>,
    /// What is to be said of it.
    pub message: Option<String>,
}

impl Facts {
    /// Finds out what became of each path since what the closure is compared with, if there is such a thing: that decides
    /// which rows are shown at first.
    pub(crate) fn compare(&mut self, progress: &Progress) -> Result<(), Cancelled> {
        if let Some(deltas) = deltas(self, progress)? {
            let mut analysed = self.analysed(progress);
            analysed.take_deltas(deltas);
            self.absorb(&analysed);
        }
        Ok(())
    }

    /// Takes what was asked for.
    pub fn take(&mut self, answer: OnDemandAnswer) -> TakenAnswer {
        let mut message = None;
        let (analysed, warnings) = match answer {
            OnDemandAnswer::Known(analysed, warnings) => (analysed, warnings),
            OnDemandAnswer::DiskSizes(analysed, warnings, absent) => {
                let count = text::count(absent as u64);
                let all = text::counted(self.closure().len(), "path");
                let what =
                    || format!("on disk: the files of {count} of {all} are not on this machine");
                message = (absent > 0).then(what);
                (analysed, warnings)
            }
            OnDemandAnswer::Accidents(analysed, mut evidence) => {
                let warnings = std::mem::take(&mut evidence.warnings);
                self.evidence = Some(Arc::from(evidence));
                (analysed, warnings)
            }
            OnDemandAnswer::Obstacle(obstacle) => {
                return TakenAnswer {
                    known: false,
                    warnings: Vec::new(),
                    message: Some(obstacle),
                };
            }
        };
        self.absorb(&analysed);
        TakenAnswer {
            known: true,
            warnings,
            message,
        }
    }
}
