//! Asks a configuration, option by option. An option that ends the evaluation is left out, and those behind it are asked
//! again.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use super::Evaluator;
use super::answers::Said;
use super::expression::{Configuration, text};
use super::found::ConfigAnswers;
use crate::job::Progress;
use crate::source::SourceError;
use crate::source::nix::{EvalEnding, Evaluation, in_short};

/// The question.
const ASK: &str = include_str!("ask.nix");
/// How often the options behind one that cannot be evaluated are asked at most.
const MOST_ROUNDS: usize = 64;

/// What begins the name of a place whose options are being listed.
const PLACE: &str = "place.";

/// A question to the evaluator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// What definitions name, of the usual options or of all.
    Definitions { all: bool },
    /// Which boolean options are on.
    Switches,
    /// Where the inputs of the flake are.
    Inputs,
    /// Which of some options are there.
    Options,
}

impl Mode {
    fn word(self) -> &'static str {
        match self {
            Self::Definitions { .. } => "definitions",
            Self::Switches => "switches",
            Self::Inputs => "inputs",
            Self::Options => "options",
        }
    }
}

/// Everything that tells where paths come from.
pub(super) fn definitions(
    evaluator: &Evaluator,
    configuration: &Configuration,
    all: bool,
    progress: &Progress,
) -> Result<ConfigAnswers, SourceError> {
    let mut found = ConfigAnswers::new(configuration, &evaluator.private, &evaluator.store_dir);
    progress.start("evaluating options", 0);
    let about = (evaluator, configuration);
    ask(about, Mode::Definitions { all }, &[], &mut found, progress)?;
    if found.has_modules() {
        progress.start("looking for what switches modules on", 0);
        ask(about, Mode::Switches, &[], &mut found, progress)?;
    }
    if found.has_unknown_inputs() {
        progress.start("naming the inputs of the flake", 0);
        ask(about, Mode::Inputs, &[], &mut found, progress)?;
    }
    Ok(found)
}

/// Those of some options that the configuration does not have. What cannot be told is taken to be there.
pub(super) fn missing(
    evaluator: &Evaluator,
    configuration: &Configuration,
    options: &[Vec<String>],
    progress: &Progress,
) -> Result<Vec<String>, SourceError> {
    let mut found = ConfigAnswers::new(configuration, &evaluator.private, &evaluator.store_dir);
    progress.start("asking which options there are", 0);
    let about = (evaluator, configuration);
    ask(about, Mode::Options, options, &mut found, progress)?;
    Ok(found.missing)
}

fn ask(
    (evaluator, configuration): (&Evaluator, &Configuration),
    mode: Mode,
    wanted: &[Vec<String>],
    found: &mut ConfigAnswers,
    progress: &Progress,
) -> Result<(), SourceError> {
    let _held = progress.hold()?;
    let folder = tempfile::tempdir().map_err(|error| unwritable(&error))?;
    write(&folder.path().join("ask.nix"), ASK)?;
    let mut skip: Vec<String> = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let question = folder.path().join("question.nix");
        write(&question, &expression(configuration, (mode, wanted), &skip))?;
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
                // What cannot be told of a switch is that of an option that nothing was asked about.
                Said::Thrown { .. } if mode == Mode::Switches => skip.extend(begun.take()),
                answer => {
                    skip.extend(begun.take());
                    found.take(answer);
                }
            }
        }
        let problem = match evaluated.ending {
            EvalEnding::Value(_) => return Ok(()),
            EvalEnding::Failed(problem) => problem,
            EvalEnding::Late => {
                let late = format!("took longer than {} s", evaluator.time.as_secs());
                found.left_out(begun.unwrap_or_else(|| "all options".to_owned()), late);
                return Ok(());
            }
            EvalEnding::Endless => {
                let endless = "not asked: what was answered before is too much".to_owned();
                found.left_out("other options".to_owned(), endless);
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
            let named = match option.strip_prefix(PLACE) {
                Some(place) => format!("all of {place}"),
                None => option.clone(),
            };
            found.left_out(named, in_short(&problem));
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

fn expression(
    configuration: &Configuration,
    (mode, wanted): (Mode, &[Vec<String>]),
    skip: &[String],
) -> String {
    let all = matches!(mode, Mode::Definitions { all: true });
    let list = |names: &[String]| {
        let names: Vec<String> = names.iter().map(|name| text(name)).collect();
        format!("[ {} ]", names.join(" "))
    };
    let wanted: Vec<String> = wanted.iter().map(|names| list(names)).collect();
    format!(
        "import ./ask.nix (({}) // {{ mode = {}; all = {all}; skip = {}; wanted = [ {} ]; }})\n",
        configuration.expression(),
        text(mode.word()),
        list(skip),
        wanted.join(" ")
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
