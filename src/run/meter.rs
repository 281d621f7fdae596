//! The progress line: on standard error, only if that is a terminal, and only after a while.

use std::io::{self, Write};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use crate::job::{self, Panicked, Progress, Reading};
use crate::text;

/// Work that takes less shows no line; the line is renewed as often.
const PATIENCE: Duration = Duration::from_millis(100);

/// Does some work, with a line about its progress if that should be visible.
pub(crate) fn run<T: Send + 'static>(
    visible: bool,
    work: impl FnOnce(&Progress) -> T + Send + 'static,
) -> Result<T, Panicked> {
    if !visible {
        return Ok(work(&Progress::new()));
    }
    let (sender, finished) = channel();
    let job = job::spawn(work, move || {
        // The receiver waits until the job has ended.
        let _ = sender.send(());
    });
    let mut shown = false;
    while finished.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
        shown = true;
        show(&job.progress().read());
    }
    if shown {
        put("\r\u{1b}[K");
    }
    job.wait()
}

fn show(reading: &Reading) {
    let count = match (reading.done, reading.total) {
        (0, 0) => String::new(),
        (done, 0) => format!(" {}", text::count(done)),
        (done, total) => format!(" {} of {}", text::count(done), text::count(total)),
    };
    put(&format!("\r{}{count}…\u{1b}[K", reading.phase));
}

fn put(text: &str) {
    let mut out = io::stderr().lock();
    // A terminal that is gone needs no progress.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
