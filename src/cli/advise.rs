//! The options of `advise`.

use clap::Args;

use super::{Config, Roots};

#[derive(Debug, Clone, Args)]
pub(crate) struct Advise {
    #[command(flatten)]
    pub(crate) roots: Roots,

    #[command(flatten)]
    pub(crate) config: Config,

    /// Also read the files: accidental references, identical files, documentation and translations inside packages
    #[arg(long, short)]
    pub(crate) precise: bool,

    /// Print at most N suggestions
    #[arg(long, short = 'n', value_name = "N", default_value_t = Self::SHOWN, allow_negative_numbers = true)]
    pub(crate) limit: usize,

    /// Print all of them (JSON always has all)
    #[arg(long, short, conflicts_with = "limit")]
    pub(crate) all: bool,
}

impl Advise {
    /// How many suggestions are printed by default: of a hundred, a reader reads none.
    const SHOWN: usize = 10;
}
