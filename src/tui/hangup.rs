//! Notices that the terminal is gone. Not every end of a terminal sends a signal, and reading one that is gone waits for
//! nothing, again and again: crossterm's reader would do so for ever.

use std::io::{self, IsTerminal, PipeWriter};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use signal_hook::consts::SIGHUP;
use signal_hook::low_level::raise;

use crate::job::{self, JobHandle};

/// A thread that waits for the end of the terminal, asleep all the while. Dropping it ends the thread.
pub(super) struct Guard {
    _thread: JobHandle<()>,
    _end: PipeWriter,
}

impl Guard {
    /// Waits for the end of the terminal from now on, and then raises the signal that is sent for it elsewhere.
    pub(super) fn set() -> io::Result<Self> {
        let (end, writer) = io::pipe()?;
        let thread = job::spawn(
            move |_| {
                let (input, output) = (io::stdin(), io::stdout());
                // Nothing but an end is waited for: that needs no flag.
                let nothing = PollFlags::empty();
                let mut waiting = vec![PollFd::new(&end, nothing), PollFd::new(&output, nothing)];
                if input.is_terminal() {
                    waiting.push(PollFd::new(&input, nothing));
                }
                while poll(&mut waiting, None) == Err(Errno::INTR) {}
                let dropped = waiting.first().is_none_or(|end| !end.revents().is_empty());
                let gone = waiting.iter().skip(1).any(|terminal| {
                    let ends = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
                    terminal.revents().intersects(ends)
                });
                if gone && !dropped {
                    let _ = raise(SIGHUP);
                }
            },
            || {},
        );
        Ok(Self {
            _thread: thread,
            _end: writer,
        })
    }
}
