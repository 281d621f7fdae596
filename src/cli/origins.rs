//! What `origins` takes.

use clap::{Args, ValueEnum};

use super::Roots;

#[derive(Debug, Clone, Args)]
pub(crate) struct Origins {
    /// The path that is brought: a store path, hash part, name, package name, or a pattern such as 'perl*'
    pub(crate) target: Option<String>,

    #[command(flatten)]
    pub(crate) roots: Roots,

    #[command(flatten)]
    pub(crate) config: Config,

    /// Ask all options, not only those that paths usually come by
    #[arg(long)]
    pub(crate) all: bool,

    /// Rank options or files by what would leave with each; then there is no TARGET, and all words are ROOTs
    #[arg(long, value_name = "WHAT")]
    pub(crate) by: Option<LeagueBy>,
}

/// The configuration that is evaluated.
#[derive(Debug, Clone, Args)]
pub(crate) struct Config {
    /// The configuration: FLAKE#nixosConfigurations.HOST (darwinConfigurations, homeConfigurations), or a file: a module, or
    /// what evaluates to a set with `config` and `options` [default: what builds this machine's system, if that is known]
    ///
    /// It is evaluated by the nix command, with --impure, into a store of its own in the user's cache directory. Nothing is
    /// written to the user's store, nothing is built. `none` evaluates nothing.
    #[arg(long, value_name = "CONFIG", help_heading = CONFIGURATION)]
    pub(crate) config: Option<String>,

    /// How long the evaluation may take
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
pub(crate) const TIME_LIMIT: u64 = 600;
const CONFIGURATION: &str = "Configuration";

/// What definitions are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LeagueBy {
    Option,
    File,
}
