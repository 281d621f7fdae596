//! Asks a configuration, option by option. An option that ends the evaluation is left out, and those behind it are asked
//! again.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use super::Evaluator;
use super::answers::Said;
use super::expression::{Configuration, text};
use super::found::Found;
use crate::job::Progress;
use crate::source::SourceError;
use crate::source::nix::{Ending, Evaluation, in_short};

/// The question.
const ASK: &str = include_str!("ask.nix");
/// How often the options behind one that cannot be evaluated are asked at most.
const MOST_ROUNDS: usize = 64;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// What definitions name, of the usual options or of all.
    Definitions { all: bool },
    /// Which boolean options are on.
    Switches,
    /// Where the inputs of the flake are.
    Inputs,
}

impl Mode {
    fn word(self) -> &'static str {
        match self {
            Self::Definitions { .. } => "definitions",
            Self::Switches => "switches",
            Self::Inputs => "inputs",
        }
    }
}

/// Everything that tells where paths come from.
pub(super) fn definitions(
    evaluator: &Evaluator,
    configuration: &Configuration,
    all: bool,
    progress: &Progress,
) -> Result<Found, SourceError> {
    let mut found = Found::new(configuration, &evaluator.private, &evaluator.store_dir);
    progress.start("evaluating options", 0);
    ask(
        evaluator,
        configuration,
        Mode::Definitions { all },
        &mut found,
        progress,
    )?;
    if found.has_modules() {
        progress.start("looking for what switches modules on", 0);
        ask(
            evaluator,
            configuration,
            Mode::Switches,
            &mut found,
            progress,
        )?;
    }
    if found.has_unknown_inputs() {
        progress.start("naming the inputs of the flake", 0);
        ask(evaluator, configuration, Mode::Inputs, &mut found, progress)?;
    }
    Ok(found)
}

fn ask(
    evaluator: &Evaluator,
    configuration: &Configuration,
    mode: Mode,
    found: &mut Found,
    progress: &Progress,
) -> Result<(), SourceError> {
    let folder = tempfile::tempdir().map_err(|error| unwritable(&error))?;
    write(&folder.path().join("ask.nix"), ASK)?;
    let mut skip: Vec<String> = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let question = folder.path().join("question.nix");
        write(&question, &expression(configuration, mode, &skip))?;
        let evaluation = Evaluation {
            expression: format!("import (/. + {})", text(&question.to_string_lossy())),
            private: evaluator.private.clone(),
            read_only: true,
            time: evaluator.time,
            // Inputs that nothing else wanted are not worth a download.
            offline: mode == Mode::Inputs,
        };
        let evaluated = evaluator.nix.evaluate(&evaluation, progress)?;
        let mut begun = None;
        for line in evaluated.said.iter().filter_map(|line| Said::parse(line)) {
            match line {
                Said::Begins { o } => begun = Some(o.join(".")),
                answer => {
                    skip.extend(begun.take());
                    found.take(answer);
                }
            }
        }
        let problem = match evaluated.ending {
            Ending::Value(_) => return Ok(()),
            Ending::Failed(problem) => problem,
            Ending::Late => {
                let late = format!("took longer than {} s", evaluator.time.as_secs());
                found.left_out(begun.unwrap_or_else(|| "all options".to_owned()), late);
                return Ok(());
            }
        };
        let Some(option) = begun else {
            if mode == Mode::Inputs {
                return Ok(());
            }
            // Not one option could be asked: it is the configuration itself.
            return Err(refused(configuration, &problem));
        };
        if matches!(mode, Mode::Definitions { .. }) {
            found.left_out(option.clone(), in_short(&problem));
        }
        skip.push(option);
    }
    found.left_out(
        "other options".to_owned(),
        format!("not asked: more than {MOST_ROUNDS} could not be evaluated"),
    );
    Ok(())
}

/// The module system's own words come first.
pub(super) fn refused(configuration: &Configuration, problem: &str) -> SourceError {
    let hint = if problem.contains("allow-import-from-derivation")
        || problem.contains("import-from-derivation")
    {
        "the configuration builds something while it is evaluated (import from derivation), which is refused here: nothing is built"
            .to_owned()
    } else {
        format!(
            "this is what Nix said of {}; `--config none` reads options off names instead",
            configuration.shown()
        )
    };
    SourceError::Other {
        message: problem.trim_start_matches("error:").trim().to_owned(),
        hint,
    }
}

fn expression(configuration: &Configuration, mode: Mode, skip: &[String]) -> String {
    let all = matches!(mode, Mode::Definitions { all: true });
    let skip: Vec<String> = skip.iter().map(|option| text(option)).collect();
    format!(
        "import ./ask.nix (({}) // {{ mode = {}; all = {all}; skip = [ {} ]; }})\n",
        configuration.expression(),
        text(mode.word()),
        skip.join(" ")
    )
}

/// Writes a file of the folder that is gone when the question is answered.
pub(super) fn write(path: &Path, content: &str) -> Result<(), SourceError> {
    let written = File::create(path).and_then(|mut file| file.write_all(content.as_bytes()));
    written.map_err(|error| unwritable(&error))
}

pub(super) fn unwritable(error: &io::Error) -> SourceError {
    SourceError::Other {
        message: format!("the question for Nix cannot be written to a temporary folder: {error}"),
        hint: "is there room in $TMPDIR, and may it be written to?".to_owned(),
    }
}
