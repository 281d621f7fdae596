//! What is known of the configuration that the closure is built from, and what was tried of it.

use std::sync::Arc;

use super::facts::Facts;
use super::facts::on_demand::TakenAnswer;
use super::keys::command::Command;
use super::keys::table::KeyTable;
use super::problem::Problem;
use crate::analysis::origin::Origins;
use crate::model::Warning;
use crate::source::config::{ConfigAnswers, Configuration, Evaluator};
use crate::text;

/// Options that could not be evaluated are named up to this many.
const MOST_NAMED: usize = 5;

/// The configuration, as far as it was evaluated.
#[derive(Debug, Clone, Default)]
pub struct Evaluation {
    /// How it is called; `None`: none is known.
    pub config: Option<String>,
    /// Whether all options are wanted, not only those that paths usually come by.
    pub all: bool,
    /// What it answered, and whether that is of all options.
    pub found: Option<(Arc<ConfigAnswers>, bool)>,
    /// Whether the closure at hand was told where its paths come from, of as many options as are wanted.
    pub is_told: bool,
    /// The change that was tried last.
    pub last: Option<String>,
}

/// A configuration, and how it is evaluated.
#[derive(Debug, Clone)]
pub struct Configured {
    /// Which.
    pub configuration: Configuration,
    /// What evaluates it.
    pub evaluator: Evaluator,
    /// Whether what is remembered of it is asked for again.
    pub refresh: bool,
    /// Whether binary caches may be asked how large what is new would be.
    pub asks_caches: bool,
}

impl Configured {
    /// How it is called.
    pub fn shown(&self) -> String {
        self.configuration.shown()
    }
}

/// A change to be tried.
#[derive(Debug, Clone)]
pub struct Attempting {
    /// What was typed: the body of a module, or the name of a file with one.
    pub change: String,
    /// The roots that are looked at, as full store paths.
    pub roots: Vec<String>,
}

/// What was learned of the configuration.
#[derive(Debug)]
pub struct Learned {
    /// What it answered, whatever the closure is.
    pub found: Arc<ConfigAnswers>,
    /// Whether all options were asked.
    pub all: bool,
    /// Where the paths of the closure come from.
    pub origins: Arc<Origins>,
    /// The options of hints that it does not have.
    pub missing: Vec<String>,
    /// Whether the closure is not what it makes now: paths that differ are matched by name.
    pub is_by_name: bool,
}

impl Evaluation {
    /// What is to be asked: of all options or not, with what is known already. `None` if nothing is missing.
    pub fn wanted(&self) -> Option<(bool, Option<Arc<ConfigAnswers>>)> {
        if self.config.is_none() || self.is_told {
            return None;
        }
        let known = self.found.as_ref();
        let known = known.filter(|&&(_, all)| all || !self.all);
        Some((self.all, known.map(|(found, _)| Arc::clone(found))))
    }

    /// Another reading of the store is there: what the configuration answered holds, unless it may have changed, too.
    pub fn of_other_paths(&mut self) {
        self.is_told = false;
    }

    /// Everything is asked for again.
    pub fn anew(&mut self) {
        self.found = None;
        self.is_told = false;
    }

    /// A change is tried of what the closure at hand is built from.
    pub(super) fn attempt(&mut self, facts: &Facts, change: String) -> Attempting {
        let graph = facts.graph();
        let roots = facts.closure().roots().iter();
        let roots = roots.map(|&root| graph.path(root).to_string()).collect();
        self.last = Some(change.clone());
        Attempting { change, roots }
    }

    /// All options are asked for from now on; tells whether all have been asked already.
    pub(super) fn ask_all(&mut self) -> bool {
        self.all = true;
        self.is_told &= self.found.as_ref().is_some_and(|&(_, all)| all);
        self.is_told
    }

    /// Takes where paths come from, or why that cannot be told.
    pub(super) fn take(
        &mut self,
        learned: Result<Learned, Problem>,
        facts: &mut Facts,
        keys: &KeyTable,
    ) -> TakenAnswer {
        let config = self.config.clone().unwrap_or_default();
        match learned {
            Ok(learned) => self.learn(learned, facts, &config),
            Err(problem) => not_evaluated(&config, problem, keys),
        }
    }

    fn learn(&mut self, learned: Learned, facts: &mut Facts, config: &str) -> TakenAnswer {
        let left_out = left_out(learned.origins.not_evaluated());
        let named = text::counted(learned.origins.named().len(), "path");
        facts.take_origins(learned.origins, learned.missing);
        let is_new = self.found.is_none();
        self.found = Some((learned.found, learned.all));
        self.is_told = learned.all || !self.all;
        let by_name = if learned.is_by_name {
            "; it is not what this closure was built from: paths that differ are matched by name"
        } else {
            ""
        };
        let mut taken = TakenAnswer {
            known: true,
            warnings: Vec::new(),
            message: None,
        };
        if is_new {
            taken.warnings.extend(left_out);
            taken.message = Some(format!("{config} names {named}{by_name}"));
        }
        taken
    }
}

/// What is said where nothing can be evaluated.
fn not_evaluated(config: &str, problem: Problem, keys: &KeyTable) -> TakenAnswer {
    let Problem { message, hint } = problem;
    let hint = hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
    let warning = Warning {
        kind: format!("{config} cannot be evaluated: {message}{hint}"),
        count: 1,
        examples: Vec::new(),
    };
    let see = keys.named(Command::Warnings);
    TakenAnswer {
        known: false,
        warnings: vec![warning],
        message: Some(format!(
            "{config} cannot be evaluated, options are inferred from names: see {see}"
        )),
    }
}

/// Options that could not be evaluated are a warning.
fn left_out(options: &[(String, String)]) -> Option<Warning> {
    let examples = options.iter().take(MOST_NAMED);
    let warning = Warning {
        kind: "options that could not be evaluated".to_owned(),
        count: options.len(),
        examples: examples
            .map(|(option, said)| format!("{option}: {said}"))
            .collect(),
    };
    (!options.is_empty()).then_some(warning)
}
