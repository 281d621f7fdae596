//! What `origins` takes.

use clap::{Args, ValueEnum};

use super::Roots;

#[derive(Debug, Clone, Args)]
pub(crate) struct Origins {
    /// The path that is brought: a store path, hash part, name, package name, or a pattern such as 'perl*'
    pub(crate) target: Option<String>,

    #[command(flatten)]
    pub(crate) roots: Roots,

    /// Rank options or files by what would leave with each; then there is no TARGET, and all words are ROOTs
    #[arg(long, value_name = "WHAT")]
    pub(crate) by: Option<LeagueBy>,
}

/// What definitions are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LeagueBy {
    Option,
    File,
}
