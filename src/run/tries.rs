//! The tries of a plan: its changes of the configuration, evaluated one after the other, each with what it adds.

use crate::analysis::plan::TryStep;
use crate::analysis::prediction::Gives;
use crate::analysis::what_if::Difference;
use crate::analysis::{PlanFile, TryRecord};
use crate::job::Progress;
use crate::report::what_if::TryEffect;
use crate::source::SourceError;
use crate::source::config::{Attempt, Configuration, Evaluator, Ground, Predicted};
use crate::source::location::Location;
use crate::source::open::open;

use crate::cli::{self, TypedChange};

use super::attempt::{change, refusal, say_basis};
use super::configured;
use super::failure::Failure;
use super::session::Session;

/// What the tries of a plan give together.
#[derive(Default)]
pub(super) struct EvaluatedTries {
    /// What all of them give; `None` if none could be evaluated.
    pub(super) all: Option<Predicted>,
    /// What each of them gives after those before it.
    pub(super) effects: Vec<TryEffect>,
}

/// Where what the configuration is compared with is read from.
pub(super) struct From<'a> {
    /// The store.
    pub(super) location: &'a Location,
    /// The roots; none: what the configuration makes as it is.
    pub(super) roots: &'a [String],
    /// Paths that are wanted besides.
    pub(super) extras: Vec<String>,
}

/// Evaluates the tries of a plan. Where no configuration is known that is said, and their effects are unknown.
pub(super) fn evaluated(
    session: &Session,
    config: &cli::Config,
    plan: &PlanFile,
    from: &From<'_>,
) -> Result<EvaluatedTries, Failure> {
    let named: Vec<(usize, String)> = plan
        .tries()
        .map(|(step, text)| (step, text.trim().to_owned()))
        .collect();
    let mut tried = EvaluatedTries {
        all: None,
        effects: Vec::new(),
    };
    if named.is_empty() {
        return Ok(tried);
    }
    // A plan may be a stranger's: what it tries is evaluated only where that was asked for.
    let meant = if config.config.is_some() {
        configured::meant(session, config, false)?
    } else {
        None
    };
    let Some((configuration, _)) = meant else {
        session.warn(
            &"the plan tries changes of a configuration: without --config, which names it, they have no effect",
        );
        tried.effects = named.into_iter().map(unknown).collect();
        return Ok(tried);
    };
    let mut changes = Vec::new();
    let mut before: Option<Gives> = None;
    for (step, text) in named {
        changes.push(change(TypedChange::Change(text.clone()))?);
        let evaluator = configured::evaluator(session, config)?;
        let asked = (configuration.clone(), changes.clone());
        let attempt = session.work(move |progress| attempt(&evaluator, &asked, progress))??;
        let one = match attempt {
            Attempt::Done(one) => one,
            Attempt::Refused { problem, .. } => return Err(refusal(&problem, &[text])),
        };
        let (location, roots) = (from.location.clone(), from.roots.to_vec());
        let extras = from.extras.clone();
        let predicted = session.work(move |progress| {
            let source = open(&location)?;
            let ground = Ground {
                source: &*source,
                named: !roots.is_empty(),
                roots,
                extras,
                caches: Vec::new(),
            };
            one.predicted(&ground, progress)
        })??;
        let gives = predicted.prediction.gives(&Progress::new())?;
        tried
            .effects
            .push(effect(&gives, (step, text), before.as_ref()));
        before = Some(gives);
        tried.all = Some(predicted);
    }
    if let Some(all) = &tried.all {
        for warning in &all.warnings {
            session.warn(warning);
        }
        say_basis(session, all.prediction.basis);
    }
    Ok(tried)
}

fn attempt(
    evaluator: &Evaluator,
    (configuration, changes): &(Configuration, Vec<crate::source::config::Change>),
    progress: &Progress,
) -> Result<Attempt, SourceError> {
    evaluator.try_out(configuration, changes, progress)
}

fn unknown((step, change): (usize, String)) -> TryEffect {
    TryEffect {
        step,
        change,
        freed: None,
        done: None,
        leaves: Vec::new(),
    }
}

/// What the last of some changes adds to what those before it give.
fn effect(gives: &Gives, (step, change): (usize, String), before: Option<&Gives>) -> TryEffect {
    let (earlier, known, comes) = before.map_or((NOTHING, &[][..], &[][..]), |before| {
        (before.freed, &before.leaves[..], &before.comes[..])
    });
    let freed = Difference {
        paths: gives.freed.paths - earlier.paths,
        nar_size: gives.freed.nar_size - earlier.nar_size,
        known: gives.freed.known && earlier.known,
    };
    let fresh = gives.leaves.iter().filter(|base| !known.contains(base));
    let fresh: Vec<String> = fresh.cloned().collect();
    TryEffect {
        step,
        change,
        freed: Some(freed),
        // It changes nothing: the configuration has it, or those before it say it.
        done: Some(fresh.is_empty() && gives.comes == comes),
        leaves: fresh,
    }
}

const NOTHING: Difference = Difference {
    paths: 0,
    nar_size: 0,
    known: true,
};

/// The tries as they are written down in a plan.
pub(super) fn records(effects: &[TryEffect]) -> impl Iterator<Item = TryStep> {
    effects.iter().map(|effect| {
        TryStep::of(TryRecord {
            change: effect.change.clone(),
            leaves: effect.leaves.clone(),
            frees: None,
        })
    })
}

/// Of each try of a plan whether the configuration has it already: then it changes nothing. Nothing where none is known.
pub(super) fn done(
    session: &Session,
    config: &cli::Config,
    plan: &PlanFile,
) -> Result<Vec<(usize, bool)>, Failure> {
    let mut done = Vec::new();
    let named: Vec<(usize, String)> = plan
        .tries()
        .map(|(step, text)| (step, text.trim().to_owned()))
        .collect();
    // What builds this machine's system is asked only if it is named: the plan may be about another.
    if named.is_empty() || config.config.is_none() {
        return Ok(done);
    }
    let Some((configuration, _)) = configured::meant(session, config, false)? else {
        return Ok(done);
    };
    for (step, text) in named {
        let evaluator = configured::evaluator(session, config)?;
        let asked = (
            configuration.clone(),
            vec![change(TypedChange::Change(text.clone()))?],
        );
        match session.work(move |progress| attempt(&evaluator, &asked, progress))?? {
            Attempt::Done(one) => done.push((step, one.is_idle())),
            Attempt::Refused { problem, .. } => {
                session.warn(&format!("step {step}, {text}: {problem}"));
            }
        }
    }
    Ok(done)
}
