//! `advise`

use crate::analysis::advice::{Advice, FromFiles};
use crate::analysis::hints::Hints;
use crate::report::advise::Advised;
use crate::report::files::FilesReport;

use crate::cli::{self, Format};

use super::configured;
use super::failure::Failure;
use super::files;
use super::output::print;
use super::session::{Session, Subject, dominators};

/// `advise`
pub(super) fn advise(session: &Session, options: cli::Advise) -> Result<(), Failure> {
    let format = session.format()?;
    let has_roots = !options.roots.roots.is_empty();
    let subject = session.load(options.roots, dominators)?;
    let files = if options.precise {
        read(session, &subject)?
    } else {
        FromFiles::default()
    };
    let analysed = subject.analysed.clone();
    let (hints, config) = hints(session, &options.config, has_roots)?;
    let advice = session.work(move |progress| {
        let analysed = analysed.attached(progress);
        Advice::of(&analysed, &hints, &files)
    })??;
    let advised = Advised::new(&subject, &advice, config.as_deref());
    let limit = if options.all {
        usize::MAX
    } else {
        options.limit
    };
    print(session.reader(format), |out| match format {
        Format::Json => advised.json(out),
        Format::Markdown => advised.markdown(session.paper().units, limit, out),
        _ => advised.text(session.paper(), limit, out),
    })
}

/// What is known of NixOS, without options that the configuration does not have; and how that is called, if it was evaluated.
fn hints(
    session: &Session,
    config: &cli::Config,
    has_roots: bool,
) -> Result<(Hints, Option<String>), Failure> {
    let hints = Hints::built_in();
    if config.config.is_none() {
        return Ok((hints, None));
    }
    let Some((configuration, _)) = configured::meant(session, config, has_roots)? else {
        return Ok((hints, None));
    };
    let evaluator = configured::evaluator(session, config)?;
    let shown = configuration.shown();
    let asked = hints.clone();
    let missing =
        session.work(move |progress| evaluator.missing(&configuration, &asked, progress))??;
    Ok((hints.without(&missing), Some(shown)))
}

/// What the files say.
fn read(session: &Session, subject: &Subject) -> Result<FromFiles, Failure> {
    let places = session.files_or_archives(subject)?;
    files::announce(session, &places, &files::fetched(subject, &places));
    let analysed = subject.analysed.clone();
    let found =
        session.work(move |progress| FilesReport::of(&analysed, &places, true, progress))?;
    let found = found.map_err(|error| files::failure(session, error))?;
    for warning in &found.warnings {
        session.warn(warning);
    }
    Ok(found.for_advice())
}
