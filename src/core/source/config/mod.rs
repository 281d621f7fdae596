//! A configuration, NixOS's, nix-darwin's or home-manager's: what its definitions name, and what it would be with a change.
//! It is evaluated by Nix, and nothing is written to the user's store.

mod answers;
mod asking;
mod derivations;
mod expression;
mod files;
mod found;
mod trying;

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use self::expression::Configuration;
use self::expression::attribute_path;
pub use self::found::ConfigAnswers;
pub use self::trying::{Attempt, Change, Ground, Predicted, Tried, assertions};
use super::SourceError;
use super::location::{Environment, Location};
use super::nix::Nix;
use crate::analysis::hints::Hints;
use crate::job::Progress;
use crate::model::StoreDir;

/// Where and how configurations are evaluated.
#[derive(Debug, Clone)]
pub struct Evaluator {
    nix: Nix,
    /// The directory of the store that evaluations may write to.
    private: PathBuf,
    store_dir: StoreDir,
    time: Duration,
}

impl Evaluator {
    /// With a location's options for Nix, and a store of its own in the user's directory of caches.
    pub fn new(location: &Location, time: Duration) -> Result<Self, SourceError> {
        let environment = Environment::of_process();
        let Some(cache) = cache_dir() else {
            return Err(SourceError::Other {
                message: "there is no directory for what an evaluation writes: neither HOME nor XDG_CACHE_HOME is set"
                    .to_owned(),
                hint: "set XDG_CACHE_HOME to a directory that may be written to".to_owned(),
            });
        };
        Ok(Self {
            nix: Nix::new(environment.nix.clone(), None, location),
            store_dir: environment.store_dir(),
            private: cache.join("evaluation"),
            time,
        })
    }

    /// The directory of the store that evaluations may write to.
    pub fn private(&self) -> &Path {
        &self.private
    }

    /// Asks what the definitions of a configuration name: of the options that paths usually come by, or of all.
    pub fn definitions(
        &self,
        configuration: &Configuration,
        all: bool,
        progress: &Progress,
    ) -> Result<ConfigAnswers, SourceError> {
        asking::definitions(self, configuration, all, progress)
    }

    /// Those of the options that hints set that a configuration does not have.
    pub fn missing(
        &self,
        configuration: &Configuration,
        hints: &Hints,
        progress: &Progress,
    ) -> Result<Vec<String>, SourceError> {
        let options: Vec<Vec<String>> = hints
            .options()
            .into_iter()
            .filter_map(|option| attribute_path(option).ok())
            .collect();
        asking::missing(self, configuration, &options, progress)
    }

    /// Evaluates a configuration as it is and with some changes, in their order. Nothing is built.
    pub fn try_out(
        &self,
        configuration: &Configuration,
        changes: &[Change],
        progress: &Progress,
    ) -> Result<Attempt, SourceError> {
        trying::try_out(self, configuration, changes, progress)
    }
}

/// `$XDG_CACHE_HOME/nix-heft`, or the same below `~/.cache`.
pub fn cache_dir() -> Option<PathBuf> {
    let given = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let given = given.filter(|dir| dir.is_absolute());
    let dir = given.or_else(|| env::home_dir().map(|home| home.join(".cache")))?;
    Some(dir.join("nix-heft"))
}
