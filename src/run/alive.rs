//! `why --alive`: which roots keep a path of the store.

use std::sync::Arc;

use crate::analysis::Analysed;
use crate::report::MOST_ANSWERS;
use crate::report::alive::{self, AliveReport};

use crate::cli::{self, Format};

use super::failure::Failure;
use super::output::print;
use super::roots::store_roots;
use super::session::Session;
use super::target;

/// `why --alive`
pub(super) fn alive(session: &Session, options: &cli::Why) -> Result<(), Failure> {
    let format = session.format()?;
    let roots = store_roots(session)?;
    let subject = Analysed::new(Arc::clone(&roots.graph), Arc::clone(&roots.closure));
    let mut targets = if format == Format::Json {
        vec![target::only_of_store(&subject, &options.target)?]
    } else {
        target::of_store(&subject, &options.target)?
    };
    roots.graph.sort_largest_first(&mut targets);
    let more = targets.len().saturating_sub(MOST_ANSWERS);
    targets.truncate(MOST_ANSWERS);
    let answers = targets
        .into_iter()
        .map(|id| AliveReport::of(&roots, &subject, id));
    let answers: Vec<AliveReport<'_>> = answers.collect();
    let paper = session.paper();
    print(session.reader(format), |out| match (format, &answers[..]) {
        (Format::Json, [only]) => only.json(out),
        (_, all) => alive::text(all, more, paper, out),
    })
}
