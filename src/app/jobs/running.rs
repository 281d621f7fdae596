//! Which jobs run. The threads are elsewhere; here is only what the explorer knows of them.

use crate::job::Reading;
use crate::model::PathId;

use super::work::{JobKind, Work};
use crate::app::event::{Effect, JobId};
use crate::app::keys::command::Command;
use crate::app::keys::table::KeyTable;

/// A job that was started and has not ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Running {
    /// Which run it is.
    pub id: JobId,
    /// What it does.
    pub kind: JobKind,
    /// The path whose chains it looks for, if it does.
    pub explained: Option<PathId>,
    /// How far it is, once it has been running for a while.
    pub reading: Option<Reading>,
}

impl Running {
    /// What is said when the user cancels it. Others may go on, and their progress is shown: it is said by its name.
    pub(crate) fn cancelled(&self, keys: &KeyTable) -> String {
        let phase = self.reading.unwrap_or_default().phase;
        match self.kind {
            JobKind::Sizes => {
                format!("{phase}: cancelled; sorting by that column computes them after all")
            }
            JobKind::Core => {
                let reload = keys.shown(Command::Reload);
                format!("{phase}: cancelled; {reload} begins again")
            }
            _ if phase.is_empty() => "cancelled".to_owned(),
            _ => format!("{phase}: cancelled"),
        }
    }
}

/// The jobs that run, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    running: Vec<Running>,
    started: u64,
    /// Those of no view that the user has cancelled: they are not started again by themselves.
    cancelled: Vec<JobKind>,
}

impl Jobs {
    /// Starts a job; one of the same kind is forgotten, its result will not be taken.
    pub(crate) fn start(&mut self, work: Work) -> Effect {
        let kind = work.kind();
        self.running.retain(|job| job.kind != kind);
        self.started += 1;
        let id = JobId(self.started);
        self.running.push(Running {
            id,
            kind,
            explained: work.explained(),
            reading: None,
        });
        Effect::Start(id, Box::new(work))
    }

    /// A job ended: `true` if it is one whose result is still wanted.
    pub(crate) fn end(&mut self, id: JobId) -> bool {
        let before = self.running.len();
        self.running.retain(|job| job.id != id);
        self.running.len() < before
    }

    /// Notes how far a job is.
    pub(crate) fn progress(&mut self, id: JobId, reading: Reading) {
        if let Some(job) = self.running.iter_mut().find(|job| job.id == id) {
            job.reading = Some(reading);
        }
    }

    /// Whether a job of this kind runs.
    pub(crate) fn runs(&self, kind: JobKind) -> bool {
        self.running.iter().any(|job| job.kind == kind)
    }

    /// The newest job that has been running for a while.
    pub(crate) fn newest_long(&self) -> Option<Running> {
        self.running
            .iter()
            .rev()
            .find(|job| job.reading.is_some())
            .copied()
    }

    /// Cancels the jobs of a kind.
    pub(crate) fn cancel(&mut self, kind: JobKind) -> Effect {
        self.running.retain(|job| job.kind != kind);
        Effect::Cancel(kind)
    }

    /// Jobs whose results only a box or a line takes end with it; those that are open wait for these kinds.
    pub(crate) fn cancel_unwanted(&mut self, wanted: [Option<JobKind>; 2]) -> Vec<Effect> {
        let mut unwanted: Vec<JobKind> = self.running.iter().map(|job| job.kind).collect();
        unwanted.retain(|&kind| kind.is_for_box() && !wanted.contains(&Some(kind)));
        unwanted.into_iter().map(|kind| self.cancel(kind)).collect()
    }

    /// Cancels the jobs that are about the paths of an earlier reading of the store.
    pub(crate) fn cancel_of_facts(&mut self) -> Vec<Effect> {
        self.cancelled.clear();
        let (old, others): (Vec<Running>, Vec<Running>) =
            self.running.iter().partition(|job| job.kind.is_of_facts());
        self.running = others;
        old.iter().map(|job| Effect::Cancel(job.kind)).collect()
    }

    /// Notes that a kind is not to be started again by itself.
    pub(crate) fn note_cancelled(&mut self, kind: JobKind) {
        self.cancelled.push(kind);
    }

    /// Whether the user cancelled a kind.
    pub(crate) fn is_cancelled(&self, kind: JobKind) -> bool {
        self.cancelled.contains(&kind)
    }

    /// What was cancelled is wanted after all; `true` if it was.
    pub(crate) fn retry(&mut self, kind: JobKind) -> bool {
        let was = self.is_cancelled(kind);
        self.cancelled.retain(|&other| other != kind);
        was
    }
}
