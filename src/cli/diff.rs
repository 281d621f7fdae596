//! What `diff` is asked.

use std::path::PathBuf;

use clap::Args;

use super::Config;

#[derive(Debug, Clone, Args)]
pub(crate) struct Diff {
    /// The closure before
    pub(crate) before: String,

    /// The closure after
    pub(crate) after: String,

    /// Say of each step of a plan file whether it was done, and what came that the plan could not know
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,

    /// Print at most N packages and N causes; 20 unless given, in JSON and CSV all
    #[arg(long, short = 'n', value_name = "N", allow_negative_numbers = true)]
    pub(crate) limit: Option<usize>,

    #[command(flatten)]
    pub(crate) config: Config,

    /// For each reference that brought something, say in which file it stands (reads the files of the referrers)
    #[arg(long, short)]
    pub(crate) precise: bool,

    /// Write the size of AFTER down in a journal, for `nix-heft history`
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,

    /// What the line of the journal is to be known by: a commit, a branch
    #[arg(long, value_name = "TEXT", requires = "journal")]
    pub(crate) label: Option<String>,
}
