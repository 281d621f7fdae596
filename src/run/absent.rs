//! Looking for what is not in the closure: in the whole store, and in the build-time closure.

use crate::analysis::Analysed;
use crate::analysis::absent::Absent;
use crate::report::absent;
use crate::source::open::elsewhere::{build_time, whole_store};

use crate::cli::Format;

use super::failure::Failure;
use super::output::print;
use super::session::{self, Session};
use super::target;

/// Answers where TARGET is instead, if it is not in the closure and something is known of it.
pub(super) fn answer(
    session: &Session,
    subject: &Analysed,
    (selector, roots): (&str, &[String]),
    command: &'static str,
) -> Result<bool, Failure> {
    let Some(selector) = target::absent(subject, selector) else {
        return Ok(false);
    };
    let mut found = Absent::of(subject.graph(), subject.closure(), &selector);
    if found.is_part_of_a_name(subject.graph(), subject.closure()) {
        return Ok(false);
    }
    let (location, roots) = (session::location(session.global()), roots.to_vec());
    let (store, derivations) = session.work(move |progress| {
        let store = whole_store(&location, &roots, progress);
        (store, build_time(&location, &roots, progress))
    })?;
    if let Some(store) = store {
        found.look_through_store(&store);
    }
    if let Some(derivations) = derivations {
        found.look_through_build_time(&derivations);
    }
    if !found.is_known() {
        return Ok(false);
    }
    let paper = session.paper();
    let format = session.format()?;
    print(session.reader(format), |out| match format {
        Format::Json => absent::json(subject, &found, command, out),
        _ => absent::text(subject, &found, paper, out),
    })?;
    Ok(true)
}
