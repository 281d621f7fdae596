//! `history`: reads a journal and shows the sizes in it.

use crate::report::history::History;
use crate::text::{count, counted};
use crate::user_files::journal::{Damaged, Journal};

use crate::cli::{self, Format};

use super::failure::Failure;
use super::output::print;
use super::session::Session;

/// `history`
pub(super) fn history(session: &Session, options: &cli::History) -> Result<(), Failure> {
    let format = session.format()?;
    let hint = "`nix-heft check --record FILE` starts a journal";
    let journal = Journal::read(&options.journal).map_err(|error| Failure::because(error, hint))?;
    let name = options.journal.display();
    if let (true, Some(first)) = (journal.records.is_empty(), journal.damaged.first()) {
        let (line, damage) = (first.first, &first.damage);
        let lines = counted(journal.damaged_lines(), "line");
        let message =
            format!("{name} is not a journal: {lines} without a record; line {line}: {damage}");
        return Err(Failure::because(message, hint));
    }
    for Damaged {
        damage,
        first,
        lines,
    } in &journal.damaged
    {
        let others = match lines - 1 {
            0 => String::new(),
            1 => "; so is another line like it".to_owned(),
            more => format!("; so are {} more lines like it", count(more as u64)),
        };
        session.warn(&format_args!(
            "{name}, line {first} is left out: {damage}{others}"
        ));
    }
    let history = History::of(&journal.records, journal.damaged_lines(), options.limit);
    print(session.reader(format), |out| match format {
        Format::Json => history.json(out),
        Format::Csv => history.csv(out),
        _ => history.text(session.paper(), out),
    })
}
