//! Does the jobs: the part of the explorer that reads and writes, on threads of their own.

use std::sync::Arc;

use crate::analysis::absent::Absent;
use crate::analysis::file_category::Categories;
use crate::job::{Cancelled, Progress};
use crate::model::PathId;
use crate::source::SourceError;
use crate::source::evidence::EvidenceError;
use crate::source::evidence::used::used;
use crate::source::files::inventory::Inventory;
use crate::source::files::kinds::FileKinds;
use crate::source::files::places::StoreFiles;
use crate::source::files::tree::FileTree;
use crate::source::open::elsewhere::{build_time, whole_store};
use crate::source::open::sides::joined;
use crate::source::watch::Stamp;
use crate::user_files::{expand_home, memory, names};

use super::{Done, Work};
use crate::app::dialogs::chooser::choices;
use crate::app::dialogs::evidence::answer as evidence;
use crate::app::dialogs::found::FoundForBox;
use crate::app::evaluation::Attempting;
use crate::app::explore::{Compare, Explore};
use crate::app::facts::chains::Chains;
use crate::app::facts::on_demand;
use crate::app::facts::{Facts, Snapshot};
use crate::app::jobs::evaluate::{EvaluationInput, attempt, learn};
use crate::app::jobs::files::{FileResult, read_plan};
use crate::app::planning::best_cut::Best;
use crate::app::planning::effect::PlanEffect;
use crate::app::problem::Problem;
use crate::app::views::packages::rows::{FoundRows, RowsQuery};

/// This many paths are analysed while they are loaded: one frame with everything is sooner there than three, between which
/// the terminal has to draw.
const AT_ONCE: usize = 20_000;

impl Work {
    /// Does it, unless `progress` is cancelled.
    pub fn run(self, explore: &Explore, progress: &Progress) -> Done {
        run(self, explore, progress).unwrap_or(Done::Cancelled)
    }
}

/// Does a job.
fn run(work: Work, explore: &Explore, progress: &Progress) -> Result<Done, Cancelled> {
    Ok(match work {
        Work::Load(compare) => load(explore, compare.as_ref(), progress)?,
        Work::Watch(stamp) => {
            stamp.wait(progress)?;
            Done::Changed
        }
        Work::Core(facts) => {
            let analysed = facts.analysed(progress);
            analysed.core()?;
            Done::Core(Box::new(analysed))
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
            let core = facts.core().ok_or(Cancelled)?;
            let chains = Chains::of(&facts, core, target, progress)?;
            Done::Chains(Arc::new(chains.ok_or(Cancelled)?))
        }
        Work::BestCut(facts, target, pins) => {
            Done::BestCut(Box::new(Best::of(&facts, target, pins, progress)?))
        }
        Work::Origins(facts, all, known) => {
            let configured = explore.configured.as_ref();
            let learned = learn(&facts, (all, known), configured, progress)?;
            Done::Origins(learned.into())
        }
        Work::Try(wanted) => tried(&wanted, explore, progress)?,
        Work::Elsewhere(absent) => Done::Elsewhere(Box::new(elsewhere(*absent, explore, progress))),
        Work::Effect(facts, steps) => {
            Done::Effect(Arc::new(PlanEffect::of(&facts, steps, progress)?))
        }
        Work::Match(seek) => Done::Match(seek.run(progress)?),
        Work::Fill(facts, wanted) => Done::Filled(wanted.find(&facts, explore, progress)?),
        Work::Evidence(facts, reference, fetching) => {
            let snapshot = &facts.snapshot;
            let answer = evidence::find(snapshot, reference, fetching, explore, progress)?;
            Done::ForBox(FoundForBox::Evidence(reference, Box::new(answer)))
        }
        Work::Choices(facts, old, text) => {
            let found = choices(&facts, old, &text, progress)?;
            Done::ForBox(FoundForBox::Choices(text, found))
        }
        Work::FileTree(facts, id, category) => {
            let places = explore.files(&facts.snapshot);
            let found = FileTree::read(&places, facts.graph(), id, category, progress)?;
            let found = Box::new(found.ok_or_else(nowhere));
            Done::ForBox(FoundForBox::Files(id, found))
        }
        Work::UsedFiles(facts, id) => {
            let places = explore.files(&facts.snapshot);
            let found = used(&places, facts.graph(), facts.closure(), id, progress);
            let found = match found {
                Err(EvidenceError::Cancelled(cancelled)) => return Err(cancelled),
                found => found.map_err(|_| unread()),
            };
            Done::ForBox(FoundForBox::Used(id, Box::new(found)))
        }
        Work::Contents(facts, id) => {
            let places = explore.files(&facts.snapshot);
            Done::Contents(id, contents(&places, &facts, id, progress)?)
        }
        Work::Launch(facts, request) => Done::Launch(request.prepare(&facts, explore, progress)?),
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
            Done::Extra(on_demand::find(&facts, need, &places, progress)?.into())
        }
        Work::Write(_) if explore.read_only => {
            Done::File(FileResult::Failed("no files are written here".to_owned()))
        }
        Work::Write(writing) => Done::File(writing.run(explore.units, progress)?),
        Work::ReadPlan(path) => Done::File(read_plan(path)),
        Work::Names(typed) => {
            let found = names::names(&typed, progress)?;
            let found = found.map_err(|error| Problem::new(error.to_string()));
            Done::ForBox(FoundForBox::Names(typed, found))
        }
    })
}

/// What a change would give, analysed as what is loaded is.
fn tried(wanted: &Attempting, explore: &Explore, progress: &Progress) -> Result<Done, Cancelled> {
    let place = EvaluationInput {
        configured: explore.configured.as_ref(),
        source: &*explore.source,
        location: explore.location.as_ref(),
    };
    let mut facts = match attempt(wanted, &place, progress)? {
        Ok(facts) => facts,
        Err(problem) => return Ok(Done::Tried(Err(problem))),
    };
    let rows = prepared(&mut facts, progress)?;
    Ok(Done::Tried(Ok((Box::new(facts), rows.map(Box::new)))))
}

/// The files of a path cannot be listed.
fn nowhere() -> Problem {
    Problem::new("its files are not on this machine")
}

/// It is not known what is named of them.
fn unread() -> Problem {
    Problem::new("what referrers name is not known: their files are not on this machine")
}

/// What the files of a path are, the largest category first; nothing where they are not on this machine.
fn contents(
    places: &StoreFiles,
    facts: &Facts,
    id: PathId,
    progress: &Progress,
) -> Result<Vec<(String, u64)>, Cancelled> {
    let categories = Categories::built_in();
    let saved = places.found().contents.get(&id);
    let tallies = if let Some(contents) = saved {
        contents.tallies.clone()
    } else {
        let inventory = Inventory::read(places, facts.graph(), [id], progress)?;
        FileKinds::of(&inventory, &categories, progress)?.total
    };
    let total = tallies.iter().zip(categories.as_slice());
    let mut found: Vec<(String, u64)> = total
        .filter(|(tally, _)| tally.bytes > 0)
        .map(|(tally, category)| (category.title.clone(), tally.bytes))
        .collect();
    found.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    Ok(found)
}

/// Looks for a path in the rest of the store, and in what building the closure needs.
fn elsewhere(mut absent: Absent, explore: &Explore, progress: &Progress) -> Absent {
    let Some(location) = &explore.location else {
        return absent;
    };
    let roots = &explore.request.roots;
    if let Some(store) = whole_store(location, roots, progress) {
        absent.look_through_store(&store);
    }
    if let Some(derivations) = build_time(location, roots, progress) {
        absent.look_through_build_time(&derivations);
    }
    absent
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
            facts.compare(progress)?;
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
fn prepared(facts: &mut Facts, progress: &Progress) -> Result<Option<FoundRows>, Cancelled> {
    if facts.closure().len() > AT_ONCE {
        return Ok(None);
    }
    let analysed = facts.analysed(progress);
    analysed.core()?;
    analysed.closure_sizes()?;
    facts.absorb(&analysed);
    RowsQuery::first(facts).run(progress).map(Some)
}
