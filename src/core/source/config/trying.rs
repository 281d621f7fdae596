//! What a configuration would be with changes: the derivations before and after.

mod predicted;

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use self::predicted::{Ground, Predicted};
use super::Evaluator;
use super::answers::Said;
use super::asking::{refused, unwritable, write};
use super::derivations;
use super::expression::{Configuration, text};
use crate::analysis::prediction::Recipes;
use crate::job::Progress;
use crate::model::StoreDir;
use crate::source::SourceError;
use crate::source::nix::{EvalEnding, Evaluation};

/// The question.
const CHANGE: &str = include_str!("change.nix");

/// A change of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The body of a module, or a whole module in braces.
    Text(String),
    /// A file with a module.
    Module(PathBuf),
    /// A module that is left out.
    Disable(String),
    /// A file with an overlay of packages.
    Overlay(PathBuf),
}

impl Change {
    /// What was typed: the name of a file with a module, or else the text of one.
    pub fn parse(typed: &str) -> Result<Self, SourceError> {
        if is_file(typed) {
            Ok(Self::Module(found(typed)?))
        } else {
            Ok(Self::Text(typed.to_owned()))
        }
    }

    /// A module that is left out: its file, or a path below nixpkgs' modules.
    pub fn without(typed: &str) -> Result<Self, SourceError> {
        if typed.starts_with(['.', '/']) {
            let file = found(typed)?.to_string_lossy().into_owned();
            return Ok(Self::Disable(file));
        }
        Ok(Self::Disable(typed.to_owned()))
    }

    /// The overlay in a file.
    pub fn overlay(typed: &str) -> Result<Self, SourceError> {
        Ok(Self::Overlay(found(typed)?))
    }

    /// How it is shown.
    pub fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.trim().to_owned(),
            Self::Module(file) => format!("the module {}", file.display()),
            Self::Disable(module) => format!("without the module {module}"),
            Self::Overlay(file) => format!("the overlay {}", file.display()),
        }
    }

    /// The module, as Nix reads it.
    fn module(&self) -> String {
        match self {
            // A body begins with a name; what begins with a brace is a module already.
            Self::Text(body) if body.trim_start().starts_with(['{', '(']) => body.clone(),
            Self::Text(body) => {
                let end = if body.trim_end().ends_with(';') {
                    ""
                } else {
                    "\n;"
                };
                // Asked for only where it is used: not every kind of configuration gives it.
                let path = if body.contains("modulesPath") {
                    "modulesPath, "
                } else {
                    ""
                };
                format!("{{ config, lib, pkgs, {path}... }}:\n{{\n{body}{end}\n}}\n")
            }
            Self::Module(file) => format!("{{ imports = [ (/. + {}) ]; }}\n", path(file)),
            Self::Disable(module) => {
                let module = if Path::new(module).is_absolute() {
                    format!("(/. + {})", text(module))
                } else {
                    text(module)
                };
                format!("{{ disabledModules = [ {module} ]; }}\n")
            }
            Self::Overlay(file) => format!(
                "{{ nixpkgs.overlays = [ (import (/. + {})) ]; }}\n",
                path(file)
            ),
        }
    }
}

/// Whether a word is the name of a file rather than the text of a module.
fn is_file(text: &str) -> bool {
    let is_name = Path::new(text)
        .extension()
        .is_some_and(|ending| ending == "nix");
    is_name && !text.contains(['=', ';', '\n'])
}

/// A file from `/` on.
fn found(typed: &str) -> Result<PathBuf, SourceError> {
    fs::canonicalize(typed).map_err(|source| SourceError::Read {
        path: PathBuf::from(typed),
        source,
    })
}

fn path(file: &Path) -> String {
    text(&file.to_string_lossy())
}

/// The derivations of a configuration before and after.
#[derive(Debug)]
pub struct Tried {
    /// The store directory of both.
    pub store_dir: StoreDir,
    /// As it is.
    pub before: Recipes,
    /// With the changes.
    pub after: Recipes,
}

/// What came of trying.
#[derive(Debug)]
pub enum Attempt {
    /// It can be evaluated.
    Done(Box<Tried>),
    /// The module system refuses the changed configuration.
    Refused {
        /// Why, in its own words.
        problem: String,
        /// What the configuration makes as it is: a full store path.
        before: Option<String>,
    },
}

#[derive(Deserialize)]
struct Answer {
    extends: bool,
    before: Option<Top>,
    after: Option<Top>,
}

#[derive(Deserialize)]
struct Top {
    drv: String,
}

/// Evaluates a configuration as it is and with some changes, in their order.
pub(super) fn try_out(
    evaluator: &Evaluator,
    configuration: &Configuration,
    changes: &[Change],
    progress: &Progress,
) -> Result<Attempt, SourceError> {
    progress.start("evaluating the change", 0);
    let _held = progress.hold()?;
    let folder = tempfile::tempdir().map_err(|error| unwritable(&error))?;
    let at = |name: &str| folder.path().join(name);
    write(&at("change.nix"), CHANGE)?;
    let mut files = Vec::new();
    for (number, change) in changes.iter().enumerate() {
        let file = at(&format!("change-{}.nix", number + 1));
        write(&file, &change.module())?;
        files.push(format!("(/. + {})", path(&file)));
    }
    let question = format!(
        "import ./change.nix (({}) // {{ changes = [ {} ]; }})\n",
        configuration.expression(),
        files.join(" ")
    );
    write(&at("question.nix"), &question)?;
    let evaluation = Evaluation {
        expression: format!("import (/. + {})", path(&at("question.nix"))),
        private: evaluator.private.clone(),
        read_only: false,
        time: evaluator.time,
        offline: false,
    };
    let evaluated = evaluator.nix.evaluate(&evaluation, progress)?;
    let bytes = match evaluated.ending {
        EvalEnding::Value(bytes) => bytes,
        EvalEnding::Late => {
            return Err(SourceError::Other {
                message: format!(
                    "the evaluation took longer than {} s",
                    evaluator.time.as_secs()
                ),
                hint: "give it more with --time-limit SECONDS".to_owned(),
            });
        }
        EvalEnding::Endless => {
            return Err(SourceError::Other {
                message: "the evaluation answers without end".to_owned(),
                hint: "is the `nix` command that of Nix or Lix?".to_owned(),
            });
        }
        EvalEnding::Failed(problem) => {
            let folder = format!("{}/", folder.path().display());
            let problem = problem.replace(&folder, "");
            let (mut begun, mut before) = (None, None);
            for line in evaluated.said.iter().filter_map(|line| Said::parse(line)) {
                match line {
                    Said::Begins { o } => begun = o.into_iter().next(),
                    Said::About { v, .. } => before = Some(v),
                    _ => {}
                }
            }
            return match begun.as_deref() {
                Some("after") => Ok(Attempt::Refused { problem, before }),
                _ => Err(refused(configuration, &problem)),
            };
        }
    };
    let answer: Answer = serde_json::from_slice(&bytes).map_err(|error| SourceError::Format {
        path: "nix eval".to_owned(),
        problem: error.to_string(),
        hint: "is it the command of Nix or Lix?",
    })?;
    let (Some(before), Some(after), true) = (answer.before, answer.after, answer.extends) else {
        return Err(SourceError::Other {
            message: format!("{} cannot be extended: it has no `extendModules`", configuration.shown()),
            hint: "this needs a configuration made by nixpkgs 21.11, nix-darwin or home-manager of that time or later"
                .to_owned(),
        });
    };
    let store = evaluator.private.join("nix/store");
    let store_dir = store_dir(&after.drv).unwrap_or_default();
    progress.start("reading derivations", 0);
    let read = |top: &Top| {
        let base = top.drv.rsplit('/').next().unwrap_or(&top.drv);
        derivations::read(&store, &store_dir, base, progress)
    };
    Ok(Attempt::Done(Box::new(Tried {
        before: read(&before)?,
        after: read(&after)?,
        store_dir,
    })))
}

/// The store directory of a full store path.
fn store_dir(path: &str) -> Option<StoreDir> {
    let (dir, _) = path.rsplit_once('/')?;
    StoreDir::new(dir)
}

/// The single assertions of a refusal; the whole of it where there are none.
pub fn assertions(problem: &str) -> Vec<String> {
    let Some((_, failed)) = problem.split_once("Failed assertions:") else {
        return vec![problem.to_owned()];
    };
    let mut all: Vec<String> = Vec::new();
    for line in failed.lines().map(str::trim_end) {
        let plain = line.trim_start();
        if let Some(first) = plain.strip_prefix("- ") {
            all.push(first.to_owned());
        } else if let Some(last) = all.last_mut()
            && !plain.is_empty()
            && !plain.starts_with("(use '--show-trace'")
        {
            last.push('\n');
            last.push_str(plain);
        }
    }
    if all.is_empty() {
        vec![problem.to_owned()]
    } else {
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_a_module() {
        let module = |body: &str| Change::Text(body.to_owned()).module();
        assert_eq!(
            module("a.b = 1;"),
            "{ config, lib, pkgs, ... }:\n{\na.b = 1;\n}\n"
        );
        assert_eq!(
            module("a.b = 1 # one"),
            "{ config, lib, pkgs, ... }:\n{\na.b = 1 # one\n;\n}\n"
        );
        assert_eq!(
            module("imports = [ (modulesPath + \"/x.nix\") ];"),
            "{ config, lib, pkgs, modulesPath, ... }:\n{\nimports = [ (modulesPath + \"/x.nix\") ];\n}\n"
        );
        assert_eq!(module(" { a = 1; }"), " { a = 1; }");
        let disabled = Change::Disable("services/${x}.nix".to_owned()).module();
        assert_eq!(
            disabled,
            "{ disabledModules = [ \"services/\\${x}.nix\" ]; }\n"
        );
    }

    #[test]
    fn assertions_are_told_one_by_one() {
        let problem = "error: \n       Failed assertions:\n       - one\n         goes on\n       - two\n(use '--show-trace' to show)";
        assert_eq!(assertions(problem), ["one\ngoes on", "two"]);
        assert_eq!(assertions("error: no"), ["error: no"]);
    }
}
