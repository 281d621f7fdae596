//! Jobs that evaluate the configuration: where paths come from, and what a change would give.

use std::path::Path;
use std::sync::Arc;

use crate::analysis::hints::Hints;
use crate::job::{Cancelled, Progress};
use crate::source::SourceError;
use crate::source::config::{Attempt, Change, Found, Ground, Predicted, Tried};
use crate::source::open::caches;
use crate::user_files::answers::remembered;
use crate::user_files::expand_home;

use super::work::Done;
use crate::app::evaluation::Learned;
use crate::app::explore::Explore;
use crate::app::facts::{Facts, Guess, Snapshot};
use crate::app::problem::Problem;

/// Learns where the paths of a closure come from, of all options or of those that paths usually come by.
pub(crate) fn learn(
    facts: &Facts,
    (all, known): (bool, Option<Arc<Found>>),
    explore: &Explore,
    progress: &Progress,
) -> Result<Done, Cancelled> {
    let learned = told(learned(facts, (all, known), explore, progress))?;
    Ok(Done::Origins(Box::new(learned)))
}

/// What a change would give, as a closure compared with what is there.
pub(crate) fn attempt(
    wanted: &Attempting,
    explore: &Explore,
    progress: &Progress,
) -> Result<Result<Facts, Problem>, Cancelled> {
    told(tried(wanted, explore, progress))
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
    (all, known): (bool, Option<Arc<Found>>),
    explore: &Explore,
    progress: &Progress,
) -> Result<Learned, SourceError> {
    let configured = explore.configured.as_ref().ok_or_else(none)?;
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
    let is_root = |&root: &crate::model::PathId| {
        let path = graph.path(root).to_string();
        found.top() == Some(path.as_str())
    };
    Ok(Learned {
        is_by_name: !closure.roots().iter().any(is_root),
        origins: Arc::new(origins),
        found,
        all,
        missing,
    })
}

/// A change to be tried.
#[derive(Debug, Clone)]
pub struct Attempting {
    /// What was typed: the body of a module, or the name of a file with one.
    pub change: String,
    /// The roots that are looked at, as full store paths.
    pub roots: Vec<String>,
}

impl Attempting {
    /// The root that it is compared with: what the configuration makes as it is, or what is called like that. None: that has
    /// to be looked for.
    fn root(&self, tried: &Tried) -> Vec<String> {
        if let [only] = &self.roots[..] {
            return vec![only.clone()];
        }
        let base = tried.before.output().unwrap_or_default();
        let name = |base: &str| base.split_once('-').map(|(_, name)| name.to_owned());
        let of = |path: &&String| path.rsplit('/').next().unwrap_or_default().to_owned();
        let mut roots = self.roots.iter();
        let exact = roots.clone().find(|path| of(path) == base);
        let found = exact.or_else(|| roots.find(|path| name(&of(path)) == name(base)));
        found.cloned().into_iter().collect()
    }
}

fn tried(
    wanted: &Attempting,
    explore: &Explore,
    progress: &Progress,
) -> Result<Facts, SourceError> {
    let typed = wanted.change.as_str();
    let configured = explore.configured.as_ref().ok_or_else(none)?;
    let change = change(typed);
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
    let asked = explore.location.as_ref();
    let ground = Ground {
        source: &*explore.source,
        roots: wanted.root(&tried),
        extras: Vec::new(),
        caches: asked
            .filter(|_| configured.asks_caches)
            .map_or_else(Vec::new, caches),
    };
    let predicted = tried.predicted(&ground, progress)?;
    let changes = changes.iter().map(Change::shown).collect();
    Ok(Facts::of(snapshot(predicted, changes, explore)))
}

/// What was typed: the body of a module, or the name of a file with one.
fn change(typed: &str) -> Change {
    let is_name = Path::new(typed)
        .extension()
        .is_some_and(|ending| ending == "nix");
    if is_name && !typed.contains(['=', ';']) {
        let file = expand_home(typed);
        let file = std::fs::canonicalize(&file).unwrap_or(file);
        return Change::Module(file);
    }
    Change::Text(typed.to_owned())
}

fn snapshot(predicted: Predicted, changes: Vec<String>, explore: &Explore) -> Snapshot {
    let origin = explore
        .source
        .files()
        .first()
        .map(|file| file.display().to_string());
    let one = predicted.prediction;
    Snapshot {
        graph: Arc::new(one.graph),
        closure: Arc::new(one.before),
        warnings: predicted.warnings,
        origin: origin.unwrap_or_default(),
        found: Arc::default(),
        before: None,
        guess: Some(Guess {
            changes,
            after: Arc::new(one.after),
            new: one.new,
            is_by_name: predicted.is_by_name,
        }),
    }
}
