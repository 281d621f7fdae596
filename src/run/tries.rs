//! The tries of a plan: its changes of the configuration, evaluated one after the other, each with what it adds.

use crate::analysis::what_if::Difference;
use crate::analysis::{Diff, PlanFile, TryRecord};
use crate::job::Progress;
use crate::report::what_if::TryEffect;
use crate::source::SourceError;
use crate::source::config::{Attempt, Configuration, Evaluator, Ground, Predicted};
use crate::source::location::Location;
use crate::source::open::open;

use crate::cli::{self, TypedChange};

use super::attempt::{change, refusal};
use super::configured;
use super::failure::Failure;
use super::session::Session;

/// What the tries of a plan give together.
#[derive(Default)]
pub(super) struct Tried {
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
) -> Result<Tried, Failure> {
    let named: Vec<(usize, String)> = plan
        .tries()
        .map(|(step, text)| (step, text.trim().to_owned()))
        .collect();
    let mut tried = Tried {
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
            &"the plan tries changes of a configuration: --config says of which, until then they give nothing",
        );
        tried.effects = named.into_iter().map(unknown).collect();
        return Ok(tried);
    };
    let mut changes = Vec::new();
    let mut before: Option<Left> = None;
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
                roots,
                extras,
                caches: Vec::new(),
            };
            one.predicted(&ground, progress)
        })??;
        let left = Left::of(&predicted)?;
        let effect = left.effect((step, text), before.as_ref());
        tried.effects.push(effect);
        before = Some(left);
        tried.all = Some(predicted);
    }
    if let Some(all) = &tried.all {
        for warning in &all.warnings {
            session.warn(warning);
        }
        if all.is_by_name {
            session.note(
                &"what the configuration makes now has not been built: paths of what is here are matched by name",
            );
        }
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

/// What some changes take away and bring, by base names: each prediction has a graph of its own.
struct Left {
    freed: Difference,
    leaves: Vec<String>,
    /// What there is after that was not there before.
    comes: Vec<String>,
}

impl Left {
    fn of(predicted: &Predicted) -> Result<Self, Failure> {
        let one = &predicted.prediction;
        let diff = Diff::of(&one.graph, &one.before, &one.after, &Progress::new())?;
        let gone = diff.left.iter().filter(|&id| diff.successor(id).is_none());
        let name = |id| one.graph.base_name(id).to_owned();
        Ok(Self {
            freed: Difference::between(&one.graph, one.before.members(), one.after.members()),
            leaves: gone.map(name).collect(),
            comes: diff.came.iter().map(name).collect(),
        })
    }

    /// What the last of them adds to what those before it give.
    fn effect(&self, (step, change): (usize, String), before: Option<&Self>) -> TryEffect {
        let (earlier, known, comes) = before.map_or((NOTHING, &[][..], &[][..]), |before| {
            (before.freed, &before.leaves[..], &before.comes[..])
        });
        let freed = Difference {
            paths: self.freed.paths - earlier.paths,
            nar_size: self.freed.nar_size - earlier.nar_size,
            known: self.freed.known && earlier.known,
        };
        let fresh = self.leaves.iter().filter(|base| !known.contains(base));
        let fresh: Vec<String> = fresh.cloned().collect();
        TryEffect {
            step,
            change,
            freed: Some(freed),
            // It changes nothing: the configuration has it, or those before it say it.
            done: Some(fresh.is_empty() && self.comes == comes),
            leaves: fresh,
        }
    }
}

const NOTHING: Difference = Difference {
    paths: 0,
    nar_size: 0,
    known: true,
};

/// The tries as they are written down in a plan.
pub(super) fn records(effects: &[TryEffect]) -> impl Iterator<Item = TryRecord> {
    effects.iter().map(|effect| TryRecord {
        change: effect.change.clone(),
        leaves: effect.leaves.clone(),
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
