//! Signals that end the process while `nix` works for it: what was started ends first, and drafts go.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::job::{self, JobHandle, Progress};
use crate::plain_file;

/// Waits for signals on a thread of its own, from when it is made on.
#[derive(Debug)]
pub(super) struct Ending {
    running: RunningWork,
    _listener: JobHandle<()>,
}

/// The work that is being done, and whether the process ends.
#[derive(Debug, Clone, Default)]
pub(super) struct RunningWork {
    work: Arc<Mutex<Option<Progress>>>,
    ends: Arc<AtomicBool>,
}

impl Ending {
    /// Listens from now on.
    pub(super) fn listen() -> io::Result<Self> {
        let ignored = ignored();
        let wanted = [SIGHUP, SIGINT, SIGQUIT, SIGTERM];
        let wanted = wanted
            .into_iter()
            .filter(|signal| ignored >> (signal - 1) & 1 == 0);
        let mut signals = Signals::new(wanted)?;
        let running = RunningWork::default();
        let listening = running.clone();
        let listener = job::spawn(
            move |_| {
                for signal in signals.forever() {
                    listening.end();
                    let _ = emulate_default_handler(signal);
                }
            },
            || {},
        );
        Ok(Self {
            running,
            _listener: listener,
        })
    }

    /// The work that is being done.
    pub(super) fn running(&self) -> RunningWork {
        self.running.clone()
    }
}

impl RunningWork {
    /// Does some work that a signal cancels. Does not come back once the process ends.
    pub(super) fn during<T>(&self, progress: &Progress, work: impl FnOnce(&Progress) -> T) -> T {
        self.set(Some(progress.clone()));
        let result = work(progress);
        self.set(None);
        while self.ends.load(Ordering::SeqCst) {
            thread::park();
        }
        result
    }

    fn set(&self, work: Option<Progress>) {
        *self.work.lock().unwrap_or_else(PoisonError::into_inner) = work;
    }

    fn end(&self) {
        self.ends.store(true, Ordering::SeqCst);
        let work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        let works: Vec<Progress> = work.iter().cloned().collect();
        drop(work);
        job::cancel_all(&works);
    }
}

/// The signals that the process was started with as ignored, as bits: `nohup` means it. None where that cannot be told.
fn ignored() -> u64 {
    let status = plain_file::read(Path::new("/proc/self/status"), 1 << 16).unwrap_or_default();
    let status = String::from_utf8_lossy(&status);
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.unwrap_or(0)
}
