//! `check` and `history`.

use std::path::PathBuf;

use clap::Args;

use super::Roots;

const RULES: &str = "Rules";
const JOURNAL: &str = "Journal";

#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Debug, Clone, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) roots: Roots,

    /// Read the rules from a budget file in TOML (- is standard input)
    #[arg(long, short = 'b', value_name = "FILE")]
    pub(crate) budget: Option<PathBuf>,

    /// Print a budget file that fits the closure as it is; with --budget, write it to that file, which must not exist yet
    #[arg(long, conflicts_with_all = ["update", "record"])]
    pub(crate) init: bool,

    /// Lower the limits of the budget file to the current values; limits are never raised, and comments are kept
    #[arg(long, requires = "budget")]
    pub(crate) update: bool,

    /// For each reference in a reason, name a file that contains it (reads the files)
    #[arg(long, short)]
    pub(crate) precise: bool,

    /// Check as of this day, which decides which exceptions are in force; for example 2026-11-28 [default: today]
    #[arg(long, value_name = "DATE")]
    pub(crate) date: Option<String>,

    /// The closure may take at most SIZE
    #[arg(long, value_name = "SIZE", help_heading = RULES)]
    pub(crate) max_closure: Option<String>,

    /// The closure may have at most N paths
    #[arg(long, value_name = "N", help_heading = RULES)]
    pub(crate) max_paths: Option<u32>,

    /// The closure may be at most SIZE, or PERCENT%, larger than the baseline
    #[arg(long, value_name = "SIZE|PERCENT%", help_heading = RULES)]
    pub(crate) max_growth: Vec<String>,

    /// What growth is measured against: a snapshot, a file that --from could read, or a root
    #[arg(long, value_name = "BEFORE", help_heading = RULES)]
    pub(crate) baseline: Option<String>,

    /// The paths that SEL selects may take at most SIZE in total; SEL as for --forbid
    #[arg(long, value_name = "SEL=SIZE", help_heading = RULES)]
    pub(crate) max_size: Vec<String>,

    /// No paths that SEL selects: a package name, a pattern over names such as 'perl*', or a query with keys
    #[arg(long, value_name = "SEL", help_heading = RULES)]
    pub(crate) forbid: Vec<String>,

    /// No development outputs (-dev)
    #[arg(long, help_heading = RULES)]
    pub(crate) no_dev: bool,

    /// No compilers
    #[arg(long, help_heading = RULES)]
    pub(crate) no_compilers: bool,

    /// No groups of paths that could be one, as `dupes` finds them
    #[arg(long, help_heading = RULES)]
    pub(crate) no_duplicates: bool,

    /// No paths that only likely accidents keep in the closure (reads the files)
    #[arg(long, help_heading = RULES)]
    pub(crate) no_accidents: bool,

    /// Append the size and the number of paths of each closure to a journal
    #[arg(long, value_name = "FILE", help_heading = JOURNAL)]
    pub(crate) record: Option<PathBuf>,

    /// A label for this state in the journal, for example a commit
    #[arg(long, value_name = "TEXT", requires = "record", help_heading = JOURNAL)]
    pub(crate) label: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct History {
    /// The journal (- is standard input)
    #[arg(value_name = "FILE")]
    pub(crate) journal: PathBuf,

    /// Print at most the last N records of each closure
    #[arg(long, short = 'n', value_name = "N", allow_negative_numbers = true)]
    pub(crate) limit: Option<usize>,
}
