//! `history`: reads a journal and shows how sizes went.

use crate::report::history::History;
use crate::user_files::journal::Journal;

use crate::cli::{self, Format};

use super::failure::Failure;
use super::output::print;
use super::session::Session;

/// Damaged lines that are named.
const NAMED: usize = 10;

/// `history`
pub(super) fn history(session: &Session, options: &cli::History) -> Result<(), Failure> {
    let format = session.format()?;
    let journal = Journal::read(&options.journal).map_err(|error| {
        Failure::because(
            error,
            "a journal is begun by `nix-heft check --record FILE`",
        )
    })?;
    let name = options.journal.display();
    for (line, damage) in journal.damaged.iter().take(NAMED) {
        session.warn(&format_args!("{name}, line {line} is left out: {damage}"));
    }
    if let Some(more @ 1..) = journal.damaged.len().checked_sub(NAMED) {
        session.warn(&format_args!("{name}: {more} more lines are left out"));
    }
    let damaged = journal.damaged.len();
    let history = History::of(&journal.records, damaged, options.limit);
    print(session.reader(format), |out| match format {
        Format::Json => history.json(out),
        Format::Csv => history.csv(out),
        _ => history.text(session.paper(), out),
    })
}
