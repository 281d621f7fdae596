//! Runs the `nix` command with one of a few subcommands, none of which builds anything, and kills it when cancelled.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::job::{self, JobHandle, Progress};
use crate::source::SourceError;

/// What `nix` is ever asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subcommand {
    /// Which version it is.
    Version,
    /// What is recorded about paths; also evaluates installables.
    PathInfo,
    /// The value of an expression. Derivations are written only to the store it is told to.
    Eval,
}

impl Subcommand {
    /// How it is written.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Version => "--version",
            Self::PathInfo => "path-info",
            Self::Eval => "eval",
        }
    }
}

/// Most output that is taken, in bytes.
const MOST: usize = 4 << 30;
/// Most of what it says on standard error, in bytes.
const MOST_SAID: usize = 1 << 20;
/// What keeps the evaluator and what it starts (curl, git, ssh) from the network: Nix's own `--offline` only makes it
/// trust what it has, and an expression may still fetch. Nothing listens at port 9 of this machine.
const NO_NETWORK: &[(&str, &str)] = &[
    ("http_proxy", NOBODY),
    ("https_proxy", NOBODY),
    ("HTTPS_PROXY", NOBODY),
    ("ftp_proxy", NOBODY),
    ("all_proxy", NOBODY),
    ("ALL_PROXY", NOBODY),
    ("GIT_ALLOW_PROTOCOL", "file"),
    ("GIT_SSH_COMMAND", "false"),
    ("NIX_SSHOPTS", "-o ProxyCommand=false"),
];
const NOBODY: &str = "http://127.0.0.1:9";

const TICK: Duration = Duration::from_millis(5);
/// How long output may stay open after the end: a connection kept for later can hold it.
const LINGER: Duration = Duration::from_millis(500);

/// How far a run may go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Whether the network is kept from it.
    pub(super) offline: bool,
    /// Most of what it says on standard error that is taken, in bytes.
    pub(super) said: usize,
    /// How long it may take.
    pub(super) time: Option<Duration>,
    /// Most memory the evaluator may take for values, in bytes.
    pub(super) memory: Option<u64>,
    /// Lines on standard error that begin so are counted as progress; the length of the output is otherwise.
    pub(super) counted: Option<&'static str>,
}

impl Bounds {
    /// Those of a question that is answered without evaluating much.
    pub(super) fn usual(offline: bool) -> Self {
        Self {
            offline,
            said: MOST_SAID,
            time: None,
            memory: None,
            counted: None,
        }
    }
}

/// What a run gave.
pub(super) struct Output {
    /// Whether it was ended because it took too long.
    pub(super) is_late: bool,
    pub(super) bytes: Vec<u8>,
    /// What was said on standard error.
    pub(super) said: String,
    pub(super) status: ExitStatus,
}

/// Runs `program subcommand arguments…` to its end.
pub(super) fn run(
    program: &OsStr,
    subcommand: Subcommand,
    arguments: &[OsString],
    bounds: Bounds,
    progress: &Progress,
) -> Result<Output, SourceError> {
    let mut command = Command::new(program);
    command.arg(subcommand.word()).args(arguments);
    command.env("NO_COLOR", "1").env("TERM", "dumb");
    if let Some(bytes) = bounds.memory {
        command.env("GC_MAXIMUM_HEAP_SIZE", bytes.to_string());
    }
    if bounds.offline {
        command.envs(NO_NETWORK.iter().copied());
        command.env_remove("no_proxy").env_remove("NO_PROXY");
    }
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = Running(
        command
            .spawn()
            .map_err(|error| not_started(program, &error))?,
    );
    let output = Collected::of(running.0.stdout.take(), MOST);
    let said = Collected::of(running.0.stderr.take(), bounds.said);
    let began = Instant::now();
    let mut counter = Counter::default();
    let mut is_late = false;
    let status = loop {
        progress.check()?;
        match bounds.counted {
            Some(start) => progress.advance(counter.new_lines(&said, start))?,
            None => output.report(progress)?,
        }
        if !is_late && bounds.time.is_some_and(|time| began.elapsed() > time) {
            is_late = true;
            let _ = running.0.kill();
        }
        if let Some(status) = running.0.try_wait().map_err(|e| not_started(program, &e))? {
            break status;
        }
        sleep(TICK);
    };
    let bytes = output.finish(progress)?;
    let said = said.finish(progress)?;
    if bytes.len() >= MOST {
        return Err(SourceError::TooLarge {
            origin: program.display().to_string(),
        });
    }
    Ok(Output {
        is_late,
        bytes,
        said: String::from_utf8_lossy(&said).into_owned(),
        status,
    })
}

fn not_started(program: &OsStr, error: &io::Error) -> SourceError {
    let name = program.display();
    SourceError::Other {
        message: match error.kind() {
            io::ErrorKind::NotFound => {
                format!("this needs the `{name}` command, which is not installed here")
            }
            _ => format!("the `{name}` command cannot be run: {error}"),
        },
        hint: "on a machine with Nix, run `nix path-info --json --recursive ROOT > FILE`, then `nix-heft --from FILE`"
            .to_owned(),
    }
}

/// Counts lines as they come.
#[derive(Default)]
struct Counter {
    read: usize,
}

impl Counter {
    /// How many whole lines that begin so have come since the last look.
    fn new_lines(&mut self, said: &Collected, start: &str) -> u64 {
        let all = said.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = &all[self.read.min(all.len())..];
        let Some(end) = fresh.iter().rposition(|&byte| byte == b'\n') else {
            return 0;
        };
        self.read += end + 1;
        let lines = fresh[..end].split(|&byte| byte == b'\n');
        lines
            .filter(|line| line.starts_with(start.as_bytes()))
            .count() as u64
    }
}

/// A process that does not outlive its value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

/// What comes out of a pipe, collected beside the work.
struct Collected {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: JobHandle<()>,
}

impl Collected {
    fn of(pipe: Option<impl Read + Send + 'static>, most: usize) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let collected = Arc::clone(&bytes);
        let read = move |_: &Progress| {
            let Some(mut pipe) = pipe else { return };
            let mut piece = vec![0; 1 << 16];
            // An error ends the pipe: the exit status tells whether all was well.
            while let Ok(count @ 1..) = pipe.read(&mut piece) {
                let mut all = collected.lock().unwrap_or_else(PoisonError::into_inner);
                let room = most - all.len().min(most);
                all.extend_from_slice(&piece[..count.min(room)]);
            }
        };
        Self {
            bytes,
            reader: job::spawn(read, || {}),
        }
    }

    fn len(&self) -> usize {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.len()
    }

    /// Shows how many bytes have come.
    fn report(&self, progress: &Progress) -> Result<(), SourceError> {
        let new = (self.len() as u64).saturating_sub(progress.read().done);
        Ok(progress.advance(new)?)
    }

    /// Everything, once the pipe is closed, or nothing more comes for a while.
    fn finish(self, progress: &Progress) -> Result<Vec<u8>, SourceError> {
        let (mut last, mut since) = (self.len(), Instant::now());
        while self.reader.poll().is_none() {
            progress.check()?;
            if self.len() != last {
                (last, since) = (self.len(), Instant::now());
            } else if since.elapsed() > LINGER {
                break;
            }
            sleep(TICK);
        }
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::take(&mut *bytes))
    }
}
