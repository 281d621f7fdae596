//! The jobs on their threads.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::app::event::JobId;
use crate::app::explore::Explore;
use crate::app::jobs::work::{Done, JobKind, Work};
use crate::job::{self, JobHandle, Panicked, Progress};

/// How long the loop sleeps between two looks at running jobs.
const TICK: Duration = Duration::from_millis(4);
/// The same while a job is so young that its result may still pass for an answer to the key.
const QUICK_TICK: Duration = Duration::from_millis(1);
/// How long a job is that young.
const YOUTH: Duration = Duration::from_millis(150);
/// The same while nothing is done. That often the size of the screen is looked at, too: signals that tell of a new one can
/// be lost where much happens at once.
pub(super) const WATCHING: Duration = Duration::from_secs(2);
/// A job older than this shows how far it is.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long quitting waits for files that are being written.
const WRITING: Duration = Duration::from_secs(5);

/// The work of all jobs: of those that run, and of cancelled ones that still have something which must not be left behind.
pub(super) type Works = Arc<Mutex<Vec<Progress>>>;

/// The jobs on their threads. Dropping them waits for what must not be left behind.
pub(super) struct RunningJobs {
    pub(super) explore: Arc<Explore>,
    works: Works,
    jobs: Vec<OneJob>,
    /// Jobs that begin once the screen shows what is known already.
    waiting: Vec<(JobId, Work)>,
    ended: Receiver<JobId>,
    notify: Sender<JobId>,
    /// Whether a job was started since this was last asked.
    fresh: bool,
}

struct OneJob {
    id: JobId,
    kind: JobKind,
    handle: JobHandle<Done>,
    since: Instant,
    last: Instant,
}

impl RunningJobs {
    pub(super) fn new(explore: Arc<Explore>, works: Works) -> Self {
        let (notify, ended) = channel();
        Self {
            explore,
            works,
            jobs: Vec::new(),
            waiting: Vec::new(),
            ended,
            notify,
            fresh: false,
        }
    }

    fn any(&self) -> bool {
        !self.jobs.is_empty()
    }

    /// How long to sleep before the next look at the jobs.
    pub(super) fn nap(&self) -> Duration {
        let busy = self.jobs.iter().filter(|job| job.kind != JobKind::Watch);
        match busy.map(|job| job.since).max() {
            Some(newest) if newest.elapsed() < YOUTH => QUICK_TICK,
            Some(_) => TICK,
            None => WATCHING,
        }
    }

    /// Starts a job; one of the same kind that still runs is cancelled. What only adds to the details waits until the key
    /// that asked for it is answered: neither its thread nor its result holds up the frame.
    pub(super) fn start(&mut self, id: JobId, work: Work) {
        let kind = work.kind();
        self.cancel(kind);
        if kind.only_adds() {
            self.waiting.push((id, work));
        } else {
            self.fresh = true;
            self.begin(id, work);
        }
    }

    /// Begins what has waited for the frame.
    pub(super) fn begin_waiting(&mut self) {
        for (id, work) in std::mem::take(&mut self.waiting) {
            self.begin(id, work);
        }
    }

    fn begin(&mut self, id: JobId, work: Work) {
        let kind = work.kind();
        let (explore, notify) = (Arc::clone(&self.explore), self.notify.clone());
        // What ends the process keeps the list: nothing begins from then on.
        let mut works = self.works.lock().unwrap_or_else(PoisonError::into_inner);
        // The receiver outlives every job; if it did not, the result would not be needed either.
        let handle = job::spawn(
            move |progress| work.run(&explore, progress),
            move || {
                let _ = notify.send(id);
            },
        );
        works.retain(Progress::is_shared);
        works.push(handle.progress().clone());
        drop(works);
        let now = Instant::now();
        self.jobs.push(OneJob {
            id,
            kind,
            handle,
            since: now,
            last: now,
        });
    }

    /// Whether a job was started, since this was last asked, whose result may still come into the same frame.
    pub(super) fn take_fresh(&mut self) -> bool {
        std::mem::take(&mut self.fresh)
    }

    /// Dropping a handle cancels its job.
    pub(super) fn cancel(&mut self, kind: JobKind) {
        self.jobs.retain(|job| job.kind != kind);
        self.waiting.retain(|(_, work)| work.kind() != kind);
    }

    /// Nothing is left half written: waits for what writes files, though not without end.
    pub(super) fn finish_writing(&mut self) -> Result<(), Panicked> {
        let end = Instant::now() + WRITING;
        let writes = |job: &OneJob| matches!(job.kind, JobKind::Write | JobKind::Remember);
        while self.jobs.iter().any(writes) && Instant::now() < end {
            self.next_done(TICK)?;
        }
        Ok(())
    }

    /// The result of a job that has ended; waits for one only if there are jobs.
    pub(super) fn next_done(
        &mut self,
        patience: Duration,
    ) -> Result<Option<(JobId, Done)>, Panicked> {
        let deadline = Instant::now() + patience;
        while self.any() {
            let left = deadline.saturating_duration_since(Instant::now());
            let id = match self.ended.recv_timeout(left) {
                Ok(id) => id,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Ok(None),
            };
            // A job that was cancelled ends too, but is no longer in the list.
            if let Some(at) = self.jobs.iter().position(|job| job.id == id) {
                let job = self.jobs.remove(at);
                return job.handle.wait().map(|done| Some((id, done)));
            }
        }
        Ok(None)
    }

    /// Jobs that have run for a while, and where they are.
    pub(super) fn long_running(&mut self) -> Vec<(JobId, job::Reading)> {
        let now = Instant::now();
        let due = |job: &OneJob| {
            job.kind != JobKind::Watch && now - job.since > PATIENCE && now - job.last > PATIENCE
        };
        let mut readings = Vec::new();
        for job in self.jobs.iter_mut().filter(|job| due(job)) {
            job.last = now;
            readings.push((job.id, job.handle.progress().read()));
        }
        readings
    }
}

impl Drop for RunningJobs {
    fn drop(&mut self) {
        let works = self.works.lock().unwrap_or_else(PoisonError::into_inner);
        let works = works.clone();
        job::cancel_all(&works);
    }
}
