//! Which option brings a path, and what each option brings.

use crate::analysis::origin::{By, League};
use crate::report::origins::{Bringing, Leagues};
use crate::report::several;

use crate::cli::{self, Format};

use super::answers::targets;
use super::configured;
use super::failure::Failure;
use super::output::print;
use super::session::Session;

/// `origins`
pub(super) fn origins(session: &Session, options: cli::Origins) -> Result<(), Failure> {
    let format = session.format()?;
    let (config, all) = (options.config.clone(), options.all);
    let (target, roots, by) = asked(options);
    let found = configured::found(session, &config, (all, !roots.roots.is_empty()))?;
    let subject = configured::load(session, roots, found)?;
    let paper = session.paper();
    let Some(target) = target else {
        let analysed = subject.analysed;
        let (analysed, league) = session.work(move |progress| {
            let analysed = analysed.attached(progress);
            let (graph, closure) = (analysed.graph(), analysed.closure());
            let league = League::of(graph, closure, analysed.origins(), by, progress)?;
            Ok::<_, Failure>((analysed.detached(), league))
        })??;
        let report = Leagues::of(&analysed, league, by);
        return print(session.reader(format), |out| match format {
            Format::Json => report.json(out),
            _ => report.text(paper, out),
        });
    };
    let (targets, more) = targets(&subject, format, &target)?;
    let answers: Vec<Bringing<'_>> = targets
        .into_iter()
        .map(|target| Bringing::of(&subject, target))
        .collect();
    print(session.reader(format), |out| match (format, &answers[..]) {
        (Format::Json, [only]) => only.json(out),
        (_, all) => several(out, all, more, |one, out| one.text(paper, out)),
    })
}

/// The path asked for, the roots, and what a league is by. A league is of everything: then all words are roots.
fn asked(options: cli::Origins) -> (Option<String>, cli::Roots, By) {
    let mut roots = options.roots;
    let by = match options.by {
        Some(cli::LeagueBy::File) => By::File,
        _ => By::Option,
    };
    let mut target = options.target;
    if options.by.is_some() {
        roots.roots.splice(0..0, target.take());
    }
    (target, roots, by)
}
