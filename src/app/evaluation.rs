//! What is known of the configuration that the closure is built from, and what was tried of it.

use std::sync::Arc;

use crate::analysis::origin::Origins;
use crate::source::config::{Configuration, Evaluator, Found};

/// The configuration, as far as it was evaluated.
#[derive(Debug, Default)]
pub struct Evaluation {
    /// How it is called; `None`: none is known.
    pub config: Option<String>,
    /// Whether all options are wanted, not only those that paths usually come by.
    pub all: bool,
    /// What it answered, and whether that is of all options.
    pub found: Option<(Arc<Found>, bool)>,
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
    pub found: Arc<Found>,
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
    pub fn wanted(&self) -> Option<(bool, Option<Arc<Found>>)> {
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
}
