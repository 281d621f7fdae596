//! Jobs that evaluate the configuration: where paths come from, and what a change would give.

use std::sync::Arc;

use crate::analysis::hints::Hints;
use crate::job::{Cancelled, Progress};
use crate::model::{Closure, StoreGraph, Warning};
use crate::source::config::{Attempt, Change, ConfigAnswers, Ground};
use crate::source::location::Location;
use crate::source::open::caches;
use crate::source::{Source, SourceError};
use crate::user_files::answers::remembered;
use crate::user_files::expand_home;

use crate::app::evaluation::{Attempting, Configured, Learned};
use crate::app::facts::{Facts, Guess, Snapshot};
use crate::app::problem::Problem;

/// Learns where the paths of a closure come from, of all options or of those that paths usually come by.
pub(crate) fn learn(
    facts: &Facts,
    (all, known): (bool, Option<Arc<ConfigAnswers>>),
    configured: Option<&Configured>,
    progress: &Progress,
) -> Result<Result<Learned, Problem>, Cancelled> {
    told(learned(facts, (all, known), configured, progress))
}

/// Where a try is evaluated, and what it is compared with is read from.
pub(crate) struct EvaluationInput<'a> {
    pub(crate) configured: Option<&'a Configured>,
    pub(crate) source: &'a dyn Source,
    pub(crate) location: Option<&'a Location>,
}

/// What a change would give, as a closure compared with what is there.
pub(crate) fn attempt(
    wanted: &Attempting,
    place: &EvaluationInput<'_>,
    progress: &Progress,
) -> Result<Result<Facts, Problem>, Cancelled> {
    told(tried(wanted, place, progress))
}

/// A problem in words; that it was cancelled is none.
fn told<T>(result: Result<T, SourceError>) -> Result<Result<T, Problem>, Cancelled> {
    match result {
        Err(SourceError::Cancelled(cancelled)) => Err(cancelled),
        other => Ok(other.map_err(|error| Problem::of(&error))),
    }
}

fn none() -> SourceError {
    SourceError::Usage {
        message: "no configuration is known that could be evaluated".to_owned(),
        hint: "begin with --config FLAKE#nixosConfigurations.HOST, or --config FILE".to_owned(),
    }
}

fn learned(
    facts: &Facts,
    (all, known): (bool, Option<Arc<ConfigAnswers>>),
    configured: Option<&Configured>,
    progress: &Progress,
) -> Result<Learned, SourceError> {
    let configured = configured.ok_or_else(none)?;
    let found = if let Some(found) = known {
        found
    } else {
        let configuration = &configured.configuration;
        let memory = configuration.memory(all, progress);
        // A reload asks anew only what cannot be recognised.
        let again = configured.refresh;
        let found = remembered(memory.as_deref(), again, || {
            let evaluator = &configured.evaluator;
            evaluator.definitions(configuration, all, progress)
        });
        Arc::new(found?)
    };
    let (graph, closure) = (facts.graph(), facts.closure());
    let mut origins = found.origins(graph, closure, progress)?;
    let analysed = facts.analysed(progress).afresh();
    origins.complete_with(analysed.origins(), graph, closure);
    let evaluator = &configured.evaluator;
    let missing = evaluator.missing(&configured.configuration, &Hints::built_in(), progress);
    let missing = match missing {
        Err(SourceError::Cancelled(cancelled)) => return Err(cancelled.into()),
        // What cannot be told is offered.
        missing => missing.unwrap_or_default(),
    };
    let top = found
        .top()
        .and_then(|top| graph.find(top.rsplit('/').next()?));
    Ok(Learned {
        is_by_name: !top.is_some_and(|top| closure.is_root(top)),
        origins: Arc::new(origins),
        found,
        all,
        missing,
    })
}

fn tried(
    wanted: &Attempting,
    place: &EvaluationInput<'_>,
    progress: &Progress,
) -> Result<Facts, SourceError> {
    let typed = wanted.change.as_str();
    let configured = place.configured.ok_or_else(none)?;
    let change = Change::parse(&expand_home(typed).to_string_lossy())?;
    let evaluator = &configured.evaluator;
    let changes = [change];
    let attempt = evaluator.try_out(&configured.configuration, &changes, progress)?;
    let tried = match attempt {
        Attempt::Done(tried) => tried,
        Attempt::Refused { problem, .. } => {
            return Err(SourceError::Other {
                message: problem.trim_start_matches("error:").trim().to_owned(),
                hint: format!("this is what Nix said of the configuration with {typed}"),
            });
        }
    };
    let ground = Ground {
        source: place.source,
        roots: wanted.roots.clone(),
        named: false,
        extras: Vec::new(),
        caches: place
            .location
            .filter(|_| configured.asks_caches)
            .map_or_else(Vec::new, caches),
    };
    let predicted = tried.predicted(&ground, progress)?;
    let changes = changes.iter().map(Change::shown).collect();
    let gives = predicted.prediction.gives(progress)?;
    let one = predicted.prediction;
    let guess = Guess {
        changes,
        typed: typed.to_owned(),
        gives,
        after: Arc::new(one.after),
        new: one.new,
        basis: one.basis,
    };
    let closure = (Arc::new(one.graph), Arc::new(one.before));
    Ok(Facts::of(snapshot(
        closure,
        predicted.warnings,
        guess,
        place,
    )))
}

fn snapshot(
    (graph, closure): (Arc<StoreGraph>, Arc<Closure>),
    warnings: Vec<Warning>,
    guess: Guess,
    place: &EvaluationInput<'_>,
) -> Snapshot {
    let origin = place
        .source
        .files()
        .first()
        .map(|file| file.display().to_string());
    Snapshot {
        graph,
        closure,
        warnings,
        origin: origin.unwrap_or_default(),
        found: Arc::default(),
        before: None,
        guess: Some(guess),
    }
}
