//! Does the jobs: the part of the explorer that reads and writes, on threads of their own.

use std::sync::Arc;

use crate::job::{Cancelled, Progress};
use crate::source::SourceError;
use crate::source::open::sides::joined;
use crate::source::watch::Stamp;
use crate::user_files::{expand_home, memory, names};

use super::files::{FileResult, read_plan};
use super::work::{Compare, Done, Work};
use crate::app::dialogs::chooser::choices;
use crate::app::dialogs::evidence::answer as evidence;
use crate::app::explore::Explore;
use crate::app::facts::on_demand;
use crate::app::facts::{Facts, Snapshot};
use crate::app::problem::Problem;
use crate::app::views::packages::rows::{Found, RowsQuery};
use crate::app::views::plan;
use crate::app::views::why::chains::Chains;

/// So many paths are analysed while they are loaded: one frame with everything is sooner there than three, between which
/// the terminal has to draw.
const AT_ONCE: usize = 20_000;

/// Does a job.
pub(crate) fn run(work: Work, explore: &Explore, progress: &Progress) -> Result<Done, Cancelled> {
    Ok(match work {
        Work::Load(compare) => load(explore, compare.as_ref(), progress)?,
        Work::Watch(stamp) => {
            stamp.wait(progress)?;
            Done::Changed
        }
        Work::Base(facts) => {
            let analysed = facts.analysed(progress);
            analysed.core()?;
            Done::Base(Box::new(analysed))
        }
        Work::Sizes(facts) => {
            let analysed = facts.analysed(progress);
            analysed.closure_sizes()?;
            Done::Sizes(Box::new(analysed))
        }
        Work::Labels(facts) => {
            let analysed = facts.analysed(progress);
            analysed.labels();
            Done::Labels(Box::new(analysed))
        }
        Work::Chains(facts, target) => {
            let Some(base) = facts.base() else {
                return Err(Cancelled);
            };
            let chains = Chains::of(&facts, base, target, progress)?;
            Done::Chains(Arc::new(chains.ok_or(Cancelled)?))
        }
        Work::Effect(facts, steps) => {
            Done::Effect(Box::new(plan::Effect::of(&facts, steps, progress)?))
        }
        Work::Fill(facts, wanted) => Done::Filled(wanted.find(&facts, explore, progress)?),
        Work::Evidence(facts, reference, fetching) => {
            let snapshot = &facts.snapshot;
            let answer = evidence::find(snapshot, reference, fetching, explore, progress)?;
            Done::Evidence(reference, Box::new(answer))
        }
        Work::Choices(facts, old, text) => {
            let found = choices(&facts, old, &text, progress)?;
            Done::Choices(text, found)
        }
        Work::Launch(facts, visit) => Done::Launch(visit.prepare(&facts, explore, progress)?),
        Work::Recall => {
            let recalled = explore.memory.as_deref().map(memory::recall);
            Done::Recalled(recalled.unwrap_or_default())
        }
        Work::Remember(search) => {
            if let Some(file) = &explore.memory {
                // Without a place to keep it, it is known until the session ends.
                let _ = memory::remember(file, &search);
            }
            Done::Remembered
        }
        Work::Extra(facts, need) => {
            let places = explore.files_to_fetch(&facts.snapshot);
            let found = on_demand::find(&facts, need, &places, progress)?;
            Done::Extra(Box::new(found))
        }
        Work::Write(_) if explore.read_only => {
            Done::File(FileResult::Failed("no files are written here".to_owned()))
        }
        Work::Write(writing) => Done::File(writing.run(explore.units, progress)?),
        Work::ReadPlan(path) => Done::File(read_plan(path)),
        Work::Names(typed) => {
            let found = names::names(&typed, progress)?;
            Done::Names(
                typed,
                found.map_err(|error| Problem {
                    message: error.to_string(),
                    hint: None,
                }),
            )
        }
    })
}

fn load(
    explore: &Explore,
    compare: Option<&Compare>,
    progress: &Progress,
) -> Result<Done, Cancelled> {
    // Before anything is read: what changes meanwhile is a change.
    let stamp = Stamp::of(explore.source.files());
    match snapshot(explore, compare, progress) {
        Ok(Some(snapshot)) => {
            let mut facts = Facts::of(snapshot);
            let rows = prepared(&mut facts, progress)?;
            Ok(Done::Loaded(Box::new(facts), stamp, rows.map(Box::new)))
        }
        Ok(None) => Ok(Done::First),
        Err(SourceError::Cancelled(cancelled)) => Err(cancelled),
        Err(error) => Ok(Done::Failed(Problem::of(&error))),
    }
}

/// What was read; nothing if it is to be compared with a generation that is not there.
fn snapshot(
    explore: &Explore,
    compare: Option<&Compare>,
    progress: &Progress,
) -> Result<Option<Snapshot>, SourceError> {
    let loaded = explore.source.load(&explore.request, progress)?;
    let name = match compare {
        None => return Ok(Some(Snapshot::of(loaded))),
        Some(Compare::Previous) => None,
        Some(Compare::With(name)) => Some(expand_home(name).to_string_lossy().into_owned()),
    };
    let Some((name, before)) = (explore.other)(name.as_deref(), &loaded, progress)? else {
        return Ok(None);
    };
    let sides = joined(before, loaded)?;
    Ok(Some(Snapshot::of_sides(sides, name)))
}

/// Analyses a closure that is small enough, and sorts it the way it is shown first.
fn prepared(facts: &mut Facts, progress: &Progress) -> Result<Option<Found>, Cancelled> {
    if facts.closure().len() > AT_ONCE {
        return Ok(None);
    }
    let analysed = facts.analysed(progress);
    analysed.core()?;
    analysed.closure_sizes()?;
    facts.absorb(&analysed);
    RowsQuery::first(facts).run(progress).map(Some)
}
