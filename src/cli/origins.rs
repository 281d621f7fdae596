//! The options of `origins`.

use clap::{Args, ValueEnum};

use super::Roots;

#[derive(Debug, Clone, Args)]
pub(crate) struct Origins {
    /// The path to explain: a store path, hash part, name, package name, or a pattern such as 'perl*'
    pub(crate) target: Option<String>,

    #[command(flatten)]
    pub(crate) roots: Roots,

    #[command(flatten)]
    pub(crate) config: Config,

    /// Evaluate all options, not only those that usually bring in paths
    #[arg(long)]
    pub(crate) all: bool,

    /// Rank options or files by what would leave with each; there is no TARGET then, and all arguments are ROOTs
    #[arg(long, value_name = "WHAT")]
    pub(crate) by: Option<LeagueBy>,
}

/// The configuration that is evaluated.
#[derive(Debug, Clone, Args)]
pub(crate) struct Config {
    /// The configuration: FLAKE#nixosConfigurations.HOST (or darwinConfigurations, homeConfigurations), or a file with a
    /// module or with a set that has `config` and `options` [default: what builds this machine's system, if known]
    ///
    /// The nix command evaluates it with --impure, into a separate store in the user's cache directory. Nothing is built, and
    /// nothing is written to the user's store. With `none`, nothing is evaluated.
    #[arg(long, value_name = "CONFIG", help_heading = CONFIGURATION)]
    pub(crate) config: Option<String>,

    /// Maximum evaluation time in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = TIME_LIMIT, value_parser = clap::value_parser!(u64).range(1..=86_400), help_heading = CONFIGURATION)]
    pub(crate) time_limit: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            config: None,
            time_limit: TIME_LIMIT,
        }
    }
}

/// Seconds an evaluation may take unless another limit is given.
const TIME_LIMIT: u64 = 600;
const CONFIGURATION: &str = "Configuration";

/// What definitions are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LeagueBy {
    Option,
    File,
}
