//! The configuration a command is about: which one it is, and what its definitions name.

use std::sync::Arc;
use std::time::Duration;

use crate::source::config::{ConfigAnswers, Configuration, Evaluator};
use crate::source::location::UserEnvironment;
use crate::user_files::answers::remembered;

use crate::cli;

use super::failure::Failure;
use super::session::{self, Session, Subject, dominators};

/// The word that evaluates nothing.
const NONE: &str = "none";

/// The configuration that is meant, and whether it was named rather than found.
pub(super) fn meant(
    session: &Session,
    config: &cli::Config,
    has_roots: bool,
) -> Result<Option<(Configuration, bool)>, Failure> {
    match config.config.as_deref() {
        Some(NONE) => Ok(None),
        Some(text) => {
            let user = UserEnvironment::of_process();
            Ok(Some((Configuration::parse(text, &user)?, true)))
        }
        // What builds this machine's system says nothing of another store.
        None if has_roots
            || session.global().store.is_some()
            || session.global().from.is_some() =>
        {
            Ok(None)
        }
        None => Ok(Configuration::of_machine().map(|found| (found, false))),
    }
}

/// What evaluates, with the options of the command.
pub(super) fn evaluator(session: &Session, config: &cli::Config) -> Result<Evaluator, Failure> {
    session.asks_nix();
    let location = session::location(session.global());
    let time = Duration::from_secs(config.time_limit);
    Ok(Evaluator::new(&location, time)?)
}

/// What the definitions of the configuration name; `None` where none is evaluated. That one which was only found cannot be
/// evaluated is said, and no failure.
pub(super) fn found(
    session: &Session,
    config: &cli::Config,
    (all, has_roots): (bool, bool),
) -> Result<Option<ConfigAnswers>, Failure> {
    let Some((configuration, is_named)) = meant(session, config, has_roots)? else {
        return Ok(None);
    };
    if !is_named {
        let shown = configuration.shown();
        session.note(&format!(
            "evaluating {shown}, which seems to build this machine's system"
        ));
    }
    let evaluator = evaluator(session, config)?;
    let refresh = session.global().refresh;
    let asked = session.work(move |progress| {
        let memory = configuration.memory(all, progress);
        remembered(memory.as_deref(), refresh, || {
            evaluator.definitions(&configuration, all, progress)
        })
    })?;
    match asked {
        Ok(found) => Ok(Some(found)),
        Err(error) if is_named => Err(error.into()),
        Err(error) => {
            session.warn(&format!(
                "it cannot be evaluated, so options are inferred from names: {error}"
            ));
            Ok(None)
        }
    }
}

/// Loads some roots, with the definitions of a configuration: if no roots are named, what the configuration makes, as far as
/// that is built.
pub(super) fn load(
    session: &Session,
    roots: cli::Roots,
    found: Option<ConfigAnswers>,
) -> Result<Subject, Failure> {
    let Some(found) = found else {
        return session.load(roots, dominators);
    };
    let top = found.top().filter(|_| roots.roots.is_empty());
    let own = top.map(|top| cli::Roots {
        roots: vec![top.to_owned()],
    });
    let own = own.map(|own| session.load(own, dominators));
    let subject = match own {
        Some(Ok(subject)) => subject,
        Some(Err(_)) => {
            session.note(
                &"what the configuration makes now has not been built: the usual roots are looked at",
            );
            session.load(roots, dominators)?
        }
        None => session.load(roots, dominators)?,
    };
    attach(session, subject, found)
}

/// Gives a subject the definitions of a configuration, completed by what the names of generated paths tell.
fn attach(session: &Session, subject: Subject, found: ConfigAnswers) -> Result<Subject, Failure> {
    let Subject {
        analysed,
        found: files,
    } = subject;
    let top = found.top().map(str::to_owned);
    let (mut analysed, origins) = session.work(move |progress| {
        let analysed = analysed.attached(progress);
        let (graph, closure) = (analysed.graph(), analysed.closure());
        let mut origins = found.origins(graph, closure, progress)?;
        origins.complete_with(analysed.origins(), graph, closure);
        Ok::<_, Failure>((analysed.detached(), origins))
    })??;
    let is_of_it = top.is_some_and(|top| {
        let roots = analysed.closure().roots().iter();
        roots
            .map(|&root| analysed.graph().path(root).to_string())
            .any(|root| root == top)
    });
    if !is_of_it {
        session.note(
            &"this closure is not what the configuration builds now; paths that differ are matched by name",
        );
    }
    analysed.take_origins(Arc::new(origins));
    Ok(Subject {
        analysed,
        found: files,
    })
}
