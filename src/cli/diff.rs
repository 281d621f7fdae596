//! The options of `diff`.

use std::path::PathBuf;

use clap::Args;

use super::Config;

#[derive(Debug, Clone, Args)]
pub(crate) struct Diff {
    /// The closure before
    pub(crate) before: String,

    /// The closure after
    pub(crate) after: String,

    /// For each step of a plan file, show whether it was done; also show what came that the plan could not predict
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,

    /// Print at most N packages and N causes [default: 20, in JSON and CSV all]
    #[arg(long, short = 'n', value_name = "N", allow_negative_numbers = true)]
    pub(crate) limit: Option<usize>,

    /// Show only packages and causes with a changed path that matches a query, for example 'change:arrived nar>10MiB'
    #[arg(long, value_name = "QUERY")]
    pub(crate) filter: Option<String>,

    #[command(flatten)]
    pub(crate) config: Config,

    /// For each reference that brought something in, name the file that contains it (reads the referrers' files)
    #[arg(long, short)]
    pub(crate) precise: bool,

    /// Append the size of AFTER to a journal, for `nix-heft history`
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,

    /// A label for this state in the journal, for example a commit
    #[arg(long, value_name = "TEXT", requires = "journal")]
    pub(crate) label: Option<String>,
}
