//! What is still to be walked, shared by the threads that walk.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::model::PathId;

use super::names::EntryNames;
use super::walker::{Folder, OpenFolder};

/// What a thread can do next.
pub(crate) enum Task {
    Root(PathId, PathBuf),
    Directory(Folder),
    /// Some entries of a directory so large that others should help.
    Entries(Arc<OpenFolder>, EntryNames),
}

/// Above this many waiting batches a worker does its work itself instead of handing it out: each keeps its directory open.
const WAITING: usize = 64;

/// The tasks that any thread may take, and how many are being worked on: those may bring more.
pub(crate) struct Queue {
    state: Mutex<QueueState>,
    changed: Condvar,
    /// How many threads have nothing to do.
    idle: AtomicUsize,
}

pub(crate) struct QueueState {
    waiting: Vec<Task>,
    /// How many of the waiting tasks are batches.
    batches: usize,
    running: usize,
    stopped: bool,
}

impl Queue {
    pub(crate) fn of(waiting: Vec<Task>) -> Self {
        Self {
            state: Mutex::new(QueueState {
                waiting,
                batches: 0,
                running: 0,
                stopped: false,
            }),
            changed: Condvar::new(),
            idle: AtomicUsize::new(0),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next task, once there is one; `None` when all is done or the work was stopped.
    pub(crate) fn next(&self) -> Option<Turn<'_>> {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return None;
            }
            if let Some(task) = state.waiting.pop() {
                state.running += 1;
                state.batches -= usize::from(matches!(task, Task::Entries(..)));
                return Some(Turn {
                    task: Some(task),
                    queue: self,
                });
            }
            if state.running == 0 {
                return None;
            }
            self.idle.fetch_add(1, Ordering::Relaxed);
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            self.idle.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Whether some thread waits for work. A moment later it may not any more.
    fn is_wanted(&self) -> bool {
        self.idle.load(Ordering::Relaxed) > 0
    }

    /// Leaves the older half of a worker's directories to others, if any of them waits.
    pub(crate) fn share(&self, directories: &mut Vec<Folder>) {
        if directories.is_empty() || !self.is_wanted() {
            return;
        }
        let half = directories.len().div_ceil(2);
        let given = directories.drain(..half).map(Task::Directory);
        self.lock().waiting.extend(given);
        self.changed.notify_all();
    }

    /// Puts a batch among the waiting tasks, or gives it back if no thread waits for it or enough are there.
    pub(crate) fn offer(&self, shared: &Arc<OpenFolder>, batch: EntryNames) -> Option<EntryNames> {
        if !self.is_wanted() {
            return Some(batch);
        }
        let mut state = self.lock();
        if state.batches >= WAITING {
            return Some(batch);
        }
        state.batches += 1;
        state.waiting.push(Task::Entries(Arc::clone(shared), batch));
        drop(state);
        self.changed.notify_one();
        None
    }

    pub(crate) fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }
}

/// A task being worked on. Dropping it tells the others, even when the worker panics.
pub(crate) struct Turn<'a> {
    task: Option<Task>,
    queue: &'a Queue,
}

impl Turn<'_> {
    /// What is to be done; nothing the second time.
    pub(crate) fn task(&mut self) -> Option<Task> {
        self.task.take()
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.running -= 1;
        if state.running == 0 && state.waiting.is_empty() {
            self.queue.changed.notify_all();
        }
    }
}
