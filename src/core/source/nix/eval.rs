//! Evaluates an expression. Nothing is built, nothing is written to the user's store: what an evaluation has to write,
//! copies of a flake's files and derivations that are wanted, goes to a store of its own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::run::{Bounds, Subcommand, run};
use super::{Nix, push};
use crate::job::Progress;
use crate::plain_file;
use crate::source::SourceError;
use crate::text;

/// Most bytes of answers, which are said on standard error.
const MOST_SAID: usize = 256 << 20;
/// Most bytes of the value: what is asked for is short.
const MOST_VALUE: usize = 64 << 20;
/// Most memory that values may take, in bytes.
const MOST_MEMORY: u64 = 12 << 30;
/// Lines of an error that are kept: a failed assertion may say much, a trace without end says nothing.
const MOST_LINES: usize = 200;
/// Cells of a line of an error that are kept, and of an error in one line.
const LONGEST: usize = 2000;
const LONGEST_SHORT: usize = 400;
/// What Nix puts before what an expression says.
const SAYS: &str = "trace: nix-heft:";

/// What to evaluate, and how.
#[derive(Debug, Clone)]
pub(crate) struct Evaluation {
    /// The expression.
    pub(crate) expression: String,
    /// The directory of the store that may be written to.
    pub(crate) private: PathBuf,
    /// Whether not even that store is written to.
    pub(crate) read_only: bool,
    /// How long it may take.
    pub(crate) time: Duration,
    /// Whether the network is kept from it.
    pub(crate) offline: bool,
}

/// How an evaluation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EvalEnding {
    /// With this value, as JSON.
    Value(Vec<u8>),
    /// With an error, told in Nix's own words.
    Failed(String),
    /// It took too long.
    Late,
    /// It answered without end.
    Endless,
}

/// What an evaluation gave.
#[derive(Debug)]
pub(crate) struct Evaluated {
    /// How it ended.
    pub(crate) ending: EvalEnding,
    /// What the expression said on its way, by `trace "nix-heft:…"`.
    pub(crate) said: Vec<String>,
}

impl Nix {
    /// Evaluates.
    pub(crate) fn evaluate(
        &self,
        evaluation: &Evaluation,
        progress: &Progress,
    ) -> Result<Evaluated, SourceError> {
        let version = self.version(progress)?;
        if version.number < (2, 4) {
            return Err(SourceError::Other {
                message: "this Nix is older than 2.4 and cannot evaluate into a store of its own"
                    .to_owned(),
                hint: "use Nix 2.4 or later; without it `nix-heft origins --config none` reads options off names"
                    .to_owned(),
            });
        }
        let mut arguments = Vec::new();
        push(
            &mut arguments,
            &["--extra-experimental-features", "nix-command flakes"],
        );
        let private = format!("local?root={}", evaluation.private.display());
        push(
            &mut arguments,
            &["--eval-store", &private, "--impure", "--json"],
        );
        push(
            &mut arguments,
            &["--option", "allow-import-from-derivation", "false"],
        );
        if self.offline || evaluation.offline {
            push(
                &mut arguments,
                &["--offline", "--option", "download-attempts", "1"],
            );
        }
        if evaluation.read_only {
            push(&mut arguments, &["--read-only"]);
        }
        self.push_options(&mut arguments);
        push(&mut arguments, &["--expr", &evaluation.expression]);
        let bounds = Bounds {
            offline: self.offline || evaluation.offline,
            output: MOST_VALUE,
            time: Some(evaluation.time),
            memory: Some(most_memory()),
            answers: Some((SAYS, MOST_SAID)),
        };
        let output = run(
            &self.program,
            Subcommand::Eval,
            &arguments,
            bounds,
            progress,
        )?;
        let ending = if output.is_late {
            EvalEnding::Late
        } else if output.is_endless {
            EvalEnding::Endless
        } else if output.status.success() {
            EvalEnding::Value(output.bytes)
        } else {
            let problem = problem(&output.said);
            EvalEnding::Failed(if problem.is_empty() {
                format!("nix ended without a message: {}", output.status)
            } else {
                problem
            })
        };
        Ok(Evaluated {
            ending,
            said: output.answers,
        })
    }
}

/// Most memory that values may take, in bytes: three quarters of what the machine has, so that the evaluation fails before
/// all else does.
fn most_memory() -> u64 {
    let text = plain_file::read(Path::new("/proc/meminfo"), 1 << 16).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let total = text.lines().find_map(|line| {
        let kib = line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?;
        kib.trim().parse::<u64>().ok()
    });
    total.map_or(MOST_MEMORY, |kib| MOST_MEMORY.min(kib / 4 * 3 * 1024))
}

/// The error of an evaluation, whole: from where it begins, without what expressions said.
fn problem(said: &str) -> String {
    let lines = said.lines().filter(|line| !line.starts_with("trace: "));
    let lines = lines.filter(|line| !line.starts_with("warning: "));
    let lines: Vec<&str> = lines.collect();
    let first = lines.iter().position(|line| line.starts_with("error:"));
    let first = first.unwrap_or(0);
    let shown = &lines[first..];
    let kept = shown.iter().take(MOST_LINES);
    let kept: Vec<_> = kept.map(|line| text::fit(line, LONGEST)).collect();
    let mut text = kept.join("\n");
    if shown.len() > MOST_LINES {
        text.push_str("\n…");
    }
    text.trim().to_owned()
}

/// The last thing an error says, in one line: before it stands where it came from.
pub(crate) fn in_short(problem: &str) -> String {
    let errors = problem.lines().map(str::trim);
    let errors = errors.filter_map(|line| line.strip_prefix("error:"));
    let last = errors.map(str::trim).rfind(|line| !line.is_empty());
    let plain = problem.lines().map(str::trim).find(|line| !line.is_empty());
    text::fit(last.or(plain).unwrap_or_default(), LONGEST_SHORT).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_whole_and_in_short() {
        let old = "warning: x\ntrace: nix-heft:{}\nerror: attribute 'a' missing\n\n       at /x.nix:1:2:\n";
        assert_eq!(
            problem(old),
            "error: attribute 'a' missing\n\n       at /x.nix:1:2:"
        );
        assert_eq!(in_short(&problem(old)), "attribute 'a' missing");
        let new = "error:\n       … while calling\n\n       error: Failed assertions:\n       - one\n       - two\n";
        assert!(problem(new).ends_with("- two"));
        assert_eq!(in_short(&problem(new)), "Failed assertions:");
        assert_eq!(problem(""), "");
    }
}
