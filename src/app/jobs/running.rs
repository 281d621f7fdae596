//! Which jobs run. The threads are elsewhere; here is only what the explorer knows of them.

use crate::job::Reading;

use super::work::{Kind, Work};
use crate::app::event::{Effect, JobId};

/// A job that was started and has not ended.
#[derive(Debug, Clone, Copy)]
pub struct Running {
    /// Which run it is.
    pub id: JobId,
    /// What it does.
    pub kind: Kind,
    /// How far it is, once it has been running for a while.
    pub reading: Option<Reading>,
}

/// The jobs that run, oldest first.
#[derive(Debug, Default)]
pub struct Jobs {
    running: Vec<Running>,
    started: u64,
}

impl Jobs {
    /// Starts a job; one of the same kind is forgotten, its result will not be taken.
    pub fn start(&mut self, work: Work) -> Effect {
        let kind = work.kind();
        self.running.retain(|job| job.kind != kind);
        self.started += 1;
        let id = JobId(self.started);
        self.running.push(Running {
            id,
            kind,
            reading: None,
        });
        Effect::Start(id, work)
    }

    /// A job ended: `true` if it is one whose result is still wanted.
    pub fn end(&mut self, id: JobId) -> bool {
        let before = self.running.len();
        self.running.retain(|job| job.id != id);
        self.running.len() < before
    }

    /// Notes how far a job is.
    pub fn progress(&mut self, id: JobId, reading: Reading) {
        if let Some(job) = self.running.iter_mut().find(|job| job.id == id) {
            job.reading = Some(reading);
        }
    }

    /// Does a job of this kind run?
    pub fn runs(&self, kind: Kind) -> bool {
        self.running.iter().any(|job| job.kind == kind)
    }

    /// The newest job that has been running for a while.
    pub fn newest_long(&self) -> Option<Running> {
        self.running
            .iter()
            .rev()
            .find(|job| job.reading.is_some())
            .copied()
    }

    /// Calls off the jobs of a kind.
    pub fn cancel(&mut self, kind: Kind) -> Effect {
        self.running.retain(|job| job.kind != kind);
        Effect::Cancel(kind)
    }
}

impl Kind {
    /// Those whose results are about the paths of one reading of the store.
    pub const OF_FACTS: [Self; 16] = [
        Self::Base,
        Self::Sizes,
        Self::Labels,
        Self::Rows,
        Self::Why,
        Self::Cut,
        Self::Effect,
        Self::Twins,
        Self::Misses,
        Self::Files,
        Self::Identical,
        Self::Roots,
        Self::Evidence,
        Self::Choices,
        Self::Extra,
        Self::Visit,
    ];

    /// Those whose results only an open box or a line being typed takes.
    pub const OF_DIALOGS: [Self; 3] = [Self::Evidence, Self::Choices, Self::Names];
}
