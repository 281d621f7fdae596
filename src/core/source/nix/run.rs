//! Runs the `nix` command with one of a few subcommands, none of which builds anything, and kills it when cancelled.

use std::ffi::{OsStr, OsString};
use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::pipe::{Collected, KeptOutput};
use crate::job::Progress;
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
/// How long it has to end what it started itself.
const GRACE: Duration = Duration::from_millis(200);

/// How far a run may go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Whether the network is kept from it.
    pub(super) offline: bool,
    /// Most output, in bytes.
    pub(super) output: usize,
    /// How long it may take.
    pub(super) time: Option<Duration>,
    /// Most memory the evaluator may take for values, in bytes.
    pub(super) memory: Option<u64>,
    /// How lines on standard error begin that are answers, and how many bytes of them there may be. They are counted as
    /// progress; the length of the output is otherwise.
    pub(super) answers: Option<(&'static str, usize)>,
}

impl Bounds {
    /// Those of a question that is answered without evaluating much.
    pub(super) fn usual(offline: bool) -> Self {
        Self {
            offline,
            output: MOST,
            time: None,
            memory: None,
            answers: None,
        }
    }
}

/// What a run gave.
pub(super) struct NixOutput {
    /// Whether it was ended because it took too long.
    pub(super) is_late: bool,
    /// Whether it was ended because it answered too much.
    pub(super) is_endless: bool,
    pub(super) bytes: Vec<u8>,
    /// The answers on standard error, without how they begin.
    pub(super) answers: Vec<String>,
    /// The last of what else was said on standard error.
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
) -> Result<NixOutput, SourceError> {
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
    let _held = progress.hold()?;
    let mut running = RunningProcess(
        command
            .spawn()
            .map_err(|error| not_started(program, &error))?,
    );
    let output = Collected::of(running.0.stdout.take(), KeptOutput::first(bounds.output));
    let said = Collected::of(
        running.0.stderr.take(),
        KeptOutput::said(bounds.answers, MOST_SAID),
    );
    let began = Instant::now();
    let mut told = 0;
    let (status, is_late, is_endless) = loop {
        progress.check()?;
        let done = if bounds.answers.is_some() {
            said.answers()
        } else {
            output.len()
        };
        progress.advance(done.saturating_sub(told) as u64)?;
        told = done;
        if output.is_full() {
            return Err(without_end(program));
        }
        let is_endless = said.is_full();
        let is_late = bounds.time.is_some_and(|time| began.elapsed() > time);
        if is_endless || is_late {
            running.end();
        }
        if let Some(status) = running.0.try_wait().map_err(|e| not_started(program, &e))? {
            break (status, is_late, is_endless);
        }
        sleep(TICK);
    };
    let output = output.finish(progress)?;
    let said = said.finish(progress)?;
    Ok(NixOutput {
        is_late,
        is_endless,
        bytes: output.bytes,
        answers: said.answers,
        said: String::from_utf8_lossy(&said.bytes).into_owned(),
        status,
    })
}

/// It answered more than can be meant.
fn without_end(program: &OsStr) -> SourceError {
    SourceError::Other {
        message: format!("the `{}` command answers without end", program.display()),
        hint: "is it the command of Nix or Lix?".to_owned(),
    }
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

/// A process that does not outlive its value.
struct RunningProcess(Child);

impl RunningProcess {
    /// Ends the process: it is asked to, so that it ends what it started, and then made to.
    fn end(&mut self) {
        if !matches!(self.0.try_wait(), Ok(None)) {
            return;
        }
        let _ = kill_process(Pid::from_child(&self.0), Signal::TERM);
        let end = Instant::now() + GRACE;
        while matches!(self.0.try_wait(), Ok(None)) {
            if Instant::now() > end {
                let _ = self.0.kill();
                let _ = self.0.wait();
                return;
            }
            sleep(TICK);
        }
    }
}

impl Drop for RunningProcess {
    fn drop(&mut self) {
        self.end();
    }
}
