//! Long work: progress, cancellation, threads. The only place that starts a thread for work.
//!
//! A job gets a [`Progress`]. `progress.advance(n)?` reports, and is also where the job learns that its result is no
//! longer wanted. Results travel as values, progress as counters. The same function runs inline for reports and tests.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use thiserror::Error;

/// The work was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("cancelled")]
pub struct Cancelled;

/// How far some work is, and whether it should go on. Clones share the same counters.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    cancelled: AtomicBool,
    held: AtomicUsize,
    done: AtomicU64,
    total: AtomicU64,
    phase: Mutex<&'static str>,
}

/// A look at a [`Progress`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reading {
    /// What is being done, `reading references` for instance; empty before the first phase.
    pub phase: &'static str,
    /// Units done in this phase.
    pub done: u64,
    /// Units to do in this phase, 0 if that is not known.
    pub total: u64,
}

impl Progress {
    /// Counters at zero, not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a phase of `total` units (0 if unknown).
    pub fn start(&self, phase: &'static str, total: u64) {
        *self.0.phase.lock().unwrap_or_else(PoisonError::into_inner) = phase;
        self.0.done.store(0, Ordering::Relaxed);
        self.0.total.store(total, Ordering::Relaxed);
    }

    /// Reports `units` more as done; an error once the work was cancelled.
    #[inline]
    pub fn advance(&self, units: u64) -> Result<(), Cancelled> {
        self.0.done.fetch_add(units, Ordering::Relaxed);
        self.check()
    }

    /// An error once the work was cancelled.
    #[inline]
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.0.cancelled.load(Ordering::Relaxed) {
            Err(Cancelled)
        } else {
            Ok(())
        }
    }

    /// Cancels the work.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::SeqCst);
    }

    /// Says, until the value is dropped, that the work has something which must not be left behind when the program ends: a
    /// process it started, a folder of drafts. An error once the work was cancelled: nothing may begin behind the back of
    /// who cancels, and then sees that nothing is held.
    pub fn hold(&self) -> Result<Hold, Cancelled> {
        self.0.held.fetch_add(1, Ordering::SeqCst);
        let hold = Hold(self.clone());
        if self.0.cancelled.load(Ordering::SeqCst) {
            return Err(Cancelled);
        }
        Ok(hold)
    }

    /// Whether the work has something that must not be left behind.
    pub fn is_held(&self) -> bool {
        self.0.held.load(Ordering::SeqCst) > 0
    }

    /// Whether another has this too: the work itself, or what waits for it.
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    /// Where the work stands.
    pub fn read(&self) -> Reading {
        Reading {
            phase: *self.0.phase.lock().unwrap_or_else(PoisonError::into_inner),
            done: self.0.done.load(Ordering::Relaxed),
            total: self.0.total.load(Ordering::Relaxed),
        }
    }
}

/// Something that is undone before the program ends: see [`Progress::hold`].
#[derive(Debug)]
pub struct Hold(Progress);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.0.held.fetch_sub(1, Ordering::SeqCst);
    }
}

/// How long the end of the program may wait for what must not be left behind.
const PATIENCE: Duration = Duration::from_millis(800);
const TICK: Duration = Duration::from_millis(2);

/// Cancels all work, and waits until nothing of it is left behind, though not for ever.
pub fn cancel_all(works: &[Progress]) {
    works.iter().for_each(Progress::cancel);
    let end = Instant::now() + PATIENCE;
    while works.iter().any(Progress::is_held) && Instant::now() < end {
        thread::sleep(TICK);
    }
}

/// A job's thread panicked; the text is the panic's message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("internal error: {0}")]
pub struct Panicked(pub String);

/// Work running on a thread of its own. Dropping the handle cancels the work.
#[derive(Debug)]
pub struct JobHandle<T> {
    progress: Progress,
    result: Arc<Slot<T>>,
}

/// Where a job leaves its result. Much less is compiled for each type of result than for a channel.
#[derive(Debug)]
struct Slot<T> {
    result: Mutex<Option<Result<T, Panicked>>>,
    filled: Condvar,
}

impl<T> Slot<T> {
    fn fill(&self, outcome: thread::Result<T>) {
        let outcome = outcome.map_err(|payload| Panicked(panic_message(payload.as_ref())));
        *self.lock() = Some(outcome);
        self.filled.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Option<Result<T, Panicked>>> {
        self.result.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts work on a thread. `notify` runs on that thread once the result can be taken.
pub fn spawn<T: Send + 'static>(
    work: impl FnOnce(&Progress) -> T + Send + 'static,
    notify: impl FnOnce() + Send + 'static,
) -> JobHandle<T> {
    let progress = Progress::new();
    let result = Arc::new(Slot {
        result: Mutex::new(None),
        filled: Condvar::new(),
    });
    let (inner, slot) = (progress.clone(), Arc::clone(&result));
    let run = move || {
        slot.fill(catch_unwind(AssertUnwindSafe(|| work(&inner))));
        notify();
    };
    // One type of task for all, so that the starting of threads is compiled once.
    let task: Box<dyn FnOnce() + Send> = Box::new(run);
    thread::spawn(task);
    JobHandle { progress, result }
}

impl<T> JobHandle<T> {
    /// The job's counters.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The result, once, as soon as it is there.
    pub fn poll(&self) -> Option<Result<T, Panicked>> {
        self.result.lock().take()
    }

    /// Waits for the result, which must not have been taken yet.
    pub fn wait(self) -> Result<T, Panicked> {
        let mut result = self.result.lock();
        loop {
            if let Some(outcome) = result.take() {
                return outcome;
            }
            let waited = self.result.filled.wait(result);
            result = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<T> Drop for JobHandle<T> {
    fn drop(&mut self) {
        self.progress.cancel();
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "panic".to_owned())
}

/// How many threads work should be spread over.
pub fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Runs `task(0) … task(count - 1)` on all processors and gives the results in order. Stops early when one fails.
pub fn parallel<T: Send, E: Send>(
    count: usize,
    task: impl Fn(usize) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    // Asking how many processors there are reads files: not for a single task.
    let workers = if count > 1 { threads() } else { 1 };
    parallel_on(workers, count, task)
}

/// As [`parallel`], on a given number of threads (for work that waits rather than computes).
pub fn parallel_on<T: Send, E: Send>(
    threads: usize,
    count: usize,
    task: impl Fn(usize) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    let workers = threads.clamp(1, count.max(1));
    if workers == 1 {
        return (0..count).map(task).collect();
    }
    let outcomes = Mutex::new((0..count).map(|_| None).collect::<Vec<_>>());
    spread(workers, count, &|index| {
        let outcome = task(index);
        let go_on = outcome.is_ok();
        outcomes.lock().unwrap_or_else(PoisonError::into_inner)[index] = Some(outcome);
        go_on
    });
    let outcomes = outcomes.into_inner();
    let outcomes = outcomes.unwrap_or_else(PoisonError::into_inner);
    outcomes.into_iter().flatten().collect()
}

/// Runs `task(0) … task(count - 1)` on some threads, this one among them, until a task says that it is of no use to go on.
/// Panics go on in the caller.
fn spread(workers: usize, count: usize, task: &(dyn Fn(usize) -> bool + Sync)) {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let run = || {
        while !failed.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                break;
            }
            failed.fetch_or(!task(index), Ordering::Relaxed);
        }
    };
    thread::scope(|scope| {
        let handles: Vec<_> = (1..workers).map(|_| scope.spawn(run)).collect();
        run();
        for handle in handles {
            if let Err(payload) = handle.join() {
                std::panic::resume_unwind(payload);
            }
        }
    });
}

/// Does two things, at once if that is `worth` a thread.
pub fn both<A, B: Send>(
    worth: bool,
    one: impl FnOnce() -> A,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    if !worth || threads() == 1 {
        return (one(), other());
    }
    thread::scope(|scope| {
        let other = scope.spawn(other);
        let one = one();
        match other.join() {
            Ok(other) => (one, other),
            Err(payload) => std::panic::resume_unwind(payload),
        }
    })
}

/// Results that may wait for their turn, of one thread.
const AHEAD: usize = 2;

/// Runs `task(0) … task(count - 1)` on all processors and hands the results, in order, to `take` on this thread. Stops
/// early when that fails. Only a few results exist at a time.
pub fn in_order<T: Send, E>(
    count: usize,
    task: impl Fn(usize) -> T + Sync,
    mut take: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let lanes = threads().min(count);
    if lanes <= 1 {
        return (0..count).try_for_each(|at| take(task(at)));
    }
    let task = &task;
    thread::scope(|scope| {
        let lane = |first: usize| {
            let (sender, receiver) = sync_channel(AHEAD);
            scope.spawn(move || {
                let mut mine = (first..count).step_by(lanes);
                // Nothing is taken any more once `take` has failed.
                while let Some(at) = mine.next()
                    && sender.send(task(at)).is_ok()
                {}
            });
            receiver
        };
        let receivers: Vec<_> = (0..lanes).map(lane).collect();
        for at in 0..count {
            // A thread that panicked sends nothing more; the scope passes its panic on.
            let Ok(result) = receivers[at % lanes].recv() else {
                break;
            };
            take(result)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn results_come_in_order_until_one_is_refused() {
        for count in [0, 1, 2, 7, 100] {
            let mut seen = Vec::new();
            let all = in_order(
                count,
                |at| at * at,
                |square| {
                    seen.push(square);
                    Ok::<_, ()>(())
                },
            );
            assert_eq!(all, Ok(()));
            assert!(seen.iter().copied().eq((0..count).map(|at| at * at)));
        }
        let refused = in_order(100, |at| at, |at| if at == 7 { Err(at) } else { Ok(()) });
        assert_eq!(refused, Err(7));
    }

    #[test]
    fn parallel_keeps_the_order_and_the_first_error() {
        assert_eq!(
            parallel_on(4, 100, Ok::<_, ()>).expect("no task fails"),
            (0..100).collect::<Vec<_>>()
        );
        assert_eq!(
            parallel_on(4, 100, |n| if n == 7 { Err(n) } else { Ok(n) }),
            Err(7)
        );
    }

    #[test]
    fn a_dropped_handle_calls_the_work_off() {
        let (sender, receiver) = channel();
        let job = spawn(
            move |progress| {
                while progress.advance(1).is_ok() {
                    thread::yield_now();
                }
                let _ = sender.send(());
            },
            || {},
        );
        drop(job);
        receiver.recv().expect("the job ended by itself");
    }

    #[test]
    fn the_end_waits_for_what_must_not_be_left_behind() {
        let (sender, receiver) = channel();
        let job = spawn(
            move |progress| {
                let _held = progress.hold().expect("not cancelled yet");
                let _ = sender.send(());
                while progress.check().is_ok() {
                    thread::yield_now();
                }
                "undone"
            },
            || {},
        );
        receiver.recv().expect("the job has begun");
        let works = [job.progress().clone()];
        assert!(works[0].is_held());
        cancel_all(&works);
        assert!(!works[0].is_held());
        assert_eq!(job.wait(), Ok("undone"));
    }

    #[test]
    fn a_panic_in_a_job_is_a_result() {
        let job = spawn(|_| panic!("boom"), || {});
        assert_eq!(job.wait(), Err::<(), _>(Panicked("boom".to_owned())));
    }
}
