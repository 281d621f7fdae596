//! What takes longer than a frame: as a value, so that it can run on a thread, or inline in tests and replays.

use std::sync::Arc;

use crate::analysis::analysed::{Analysed, Need};
use crate::analysis::cut::{CutError, cut};
use crate::analysis::duplicates::twins;
use crate::analysis::what_if::{Step, Total, after};
use crate::job::{Cancelled, Progress};
use crate::model::{PathId, Reference};
use crate::source::SourceError;
use crate::source::watch::Stamp;
use crate::user_files::memory::{self, Memory};
use crate::user_files::names::{self, Names};

use super::external::{Ready, Visit};
use super::files::{FileResult, Writing, read_plan};
use crate::app::dialogs::chooser::choices;
use crate::app::dialogs::evidence::answer::{self as evidence, Answer, Fetching};
use crate::app::explore::Explore;
use crate::app::facts::on_demand;
use crate::app::facts::{Facts, Snapshot};
use crate::app::problem::Problem;
use crate::app::views::duplicates::Groups;
use crate::app::views::files::Files;
use crate::app::views::files::identical::Shared;
use crate::app::views::leverage::{self, Misses};
use crate::app::views::packages::rows::{Found, RowsQuery};
use crate::app::views::plan;
use crate::app::views::roots::{self, Roots};
use crate::app::views::why::ToCut;
use crate::app::views::why::chains::Lattice;

/// So many paths are analysed while they are loaded: one frame with everything is sooner there than three, between which
/// the terminal has to draw.
const AT_ONCE: usize = 20_000;

/// What kind of job; at most one of each runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Reading the store.
    Load,
    /// Waiting for the store to change.
    Watch,
    /// Order, distances, dominators.
    Base,
    /// Closure sizes.
    Sizes,
    /// Telling equal names apart.
    Labels,
    /// Sorting and finding.
    Rows,
    /// Why a path is here.
    Why,
    /// What to cut to be rid of a path.
    Cut,
    /// What the plan gives.
    Effect,
    /// What is there more than once.
    Twins,
    /// What little holds much.
    Misses,
    /// What the bytes are.
    Files,
    /// Which files are identical.
    Identical,
    /// What each root holds.
    Roots,
    /// Writing a file.
    Write,
    /// Reading a plan.
    ReadPlan,
    /// Looking for names of files.
    Names,
    /// Why a path references another.
    Evidence,
    /// What may replace a path.
    Choices,
    /// A column that is computed only when asked for.
    Extra,
    /// What is remembered from earlier sessions.
    Recall,
    /// Remembering a search.
    Remember,
    /// Finding the place another program is to be opened at.
    Visit,
}

/// A job to run.
#[derive(Debug)]
pub enum Work {
    /// Read the store.
    Load,
    /// Wait until the store's files look otherwise.
    Watch(Stamp),
    /// Order, distances, dominators.
    Base(Facts),
    /// Closure sizes.
    Sizes(Facts),
    /// Tell equal names apart.
    Labels(Facts),
    /// Sort and find.
    Rows(Box<RowsQuery>),
    /// Why this path is here.
    Why(Facts, PathId),
    /// What to cut to be rid of this path.
    Cut(Facts, PathId),
    /// What these steps give.
    Effect(Facts, Vec<Step>),
    /// What is there more than once.
    Twins(Facts),
    /// What little holds much.
    Misses(Facts),
    /// What the bytes are.
    Files(Facts),
    /// Which files are identical.
    Identical(Facts),
    /// What each root holds.
    Roots(Facts),
    /// Write a file.
    Write(Box<Writing>),
    /// Read a plan from a file of this name.
    ReadPlan(String),
    /// Look for names of files that begin like this.
    Names(String),
    /// Why a path references another.
    Evidence(Facts, Reference, Fetching),
    /// What may replace this path, for a text.
    Choices(Facts, PathId, String),
    /// A column that is computed only when asked for.
    Extra(Facts, Need),
    /// What is remembered from earlier sessions.
    Recall,
    /// Remember a search.
    Remember(String),
    /// Find the place another program is to be opened at.
    Visit(Facts, Visit),
}

/// What came of a job.
#[derive(Debug)]
pub enum Done {
    /// It was called off.
    Cancelled,
    /// The store was read; what its files looked like before; what is known of the closure already.
    Loaded(Box<Facts>, Stamp, Option<Box<Found>>),
    /// The store has changed since.
    Changed,
    /// The store could not be read.
    Failed(Problem),
    /// Order, distances, dominators.
    Base(Box<Analysed>),
    /// Closure sizes.
    Sizes(Box<Analysed>),
    /// How equal names are told apart.
    Labels(Box<Analysed>),
    /// Sorted and found rows.
    Rows(Box<Found>),
    /// Why a path is here.
    Why(Arc<Lattice>),
    /// The references to cut to be rid of a path; none for a root.
    Cut(PathId, Option<ToCut>),
    /// What a plan gives.
    Effect(Box<plan::Effect>),
    /// What is there more than once.
    Twins(Groups),
    /// What little holds much.
    Misses(Misses),
    /// What the bytes are.
    Files(Arc<Files>),
    /// Which files are identical.
    Identical(Arc<Shared>),
    /// What each root holds.
    Roots(roots::Found),
    /// A file was written or read, or was not.
    File(FileResult),
    /// Names of files that begin like this, or why they cannot be told.
    Names(String, Result<Names, String>),
    /// Why a path references another.
    Evidence(Reference, Box<Result<Answer, Problem>>),
    /// What may replace a path, for a text.
    Choices(String, Vec<PathId>),
    /// A column that was asked for.
    Extra(Box<on_demand::Answer>),
    /// What is remembered from earlier sessions.
    Recalled(Memory),
    /// A search is remembered, as far as that is possible.
    Remembered,
    /// The place another program is to be opened at, or why there is none.
    Visit(Result<Ready, String>),
}

impl Work {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Load => Kind::Load,
            Self::Watch(_) => Kind::Watch,
            Self::Base(_) => Kind::Base,
            Self::Sizes(_) => Kind::Sizes,
            Self::Labels(_) => Kind::Labels,
            Self::Rows(_) => Kind::Rows,
            Self::Why(..) => Kind::Why,
            Self::Cut(..) => Kind::Cut,
            Self::Effect(..) => Kind::Effect,
            Self::Twins(_) => Kind::Twins,
            Self::Misses(_) => Kind::Misses,
            Self::Files(_) => Kind::Files,
            Self::Identical(_) => Kind::Identical,
            Self::Roots(_) => Kind::Roots,
            Self::Write(_) => Kind::Write,
            Self::ReadPlan(_) => Kind::ReadPlan,
            Self::Names(_) => Kind::Names,
            Self::Evidence(..) => Kind::Evidence,
            Self::Choices(..) => Kind::Choices,
            Self::Extra(..) => Kind::Extra,
            Self::Recall => Kind::Recall,
            Self::Remember(_) => Kind::Remember,
            Self::Visit(..) => Kind::Visit,
        }
    }

    /// Does it.
    pub fn run(self, explore: &Explore, progress: &Progress) -> Done {
        self.attempt(explore, progress).unwrap_or(Done::Cancelled)
    }

    fn attempt(self, explore: &Explore, progress: &Progress) -> Result<Done, Cancelled> {
        Ok(match self {
            Self::Load => load(explore, progress)?,
            Self::Watch(stamp) => {
                stamp.wait(progress)?;
                Done::Changed
            }
            Self::Base(facts) => {
                let analysed = facts.analysed(progress);
                analysed.core()?;
                Done::Base(Box::new(analysed))
            }
            Self::Sizes(facts) => {
                let analysed = facts.analysed(progress);
                analysed.closure_sizes()?;
                Done::Sizes(Box::new(analysed))
            }
            Self::Labels(facts) => {
                let analysed = facts.analysed(progress);
                analysed.labels();
                Done::Labels(Box::new(analysed))
            }
            Self::Rows(query) => Done::Rows(Box::new(query.run(progress)?)),
            Self::Why(facts, target) => {
                let Some(base) = facts.base() else {
                    return Err(Cancelled);
                };
                let lattice = Lattice::of(&facts, base, target, progress)?;
                Done::Why(Arc::new(lattice.ok_or(Cancelled)?))
            }
            Self::Cut(facts, target) => {
                Done::Cut(target, references_to_cut(&facts, target, progress)?)
            }
            Self::Effect(facts, steps) => {
                Done::Effect(Box::new(plan::Effect::of(&facts, steps, progress)?))
            }
            Self::Twins(facts) => {
                let base = facts.base().ok_or(Cancelled)?;
                let groups = twins(facts.graph(), facts.closure(), base.order, progress)?;
                Done::Twins(groups.into())
            }
            Self::Misses(facts) => Done::Misses(leverage::find(&facts, progress)?),
            Self::Evidence(facts, reference, fetching) => {
                let snapshot = &facts.snapshot;
                let answer = evidence::find(snapshot, reference, fetching, explore, progress)?;
                Done::Evidence(reference, Box::new(answer))
            }
            Self::Choices(facts, old, text) => {
                let found = choices(&facts, old, &text, progress)?;
                Done::Choices(text, found)
            }
            Self::Visit(facts, visit) => Done::Visit(visit.prepare(&facts, explore, progress)?),
            Self::Recall => {
                let recalled = explore.memory.as_deref().map(memory::recall);
                Done::Recalled(recalled.unwrap_or_default())
            }
            Self::Remember(search) => {
                if let Some(file) = &explore.memory {
                    // Without a place to keep it, it is known until the session ends.
                    let _ = memory::remember(file, &search);
                }
                Done::Remembered
            }
            Self::Extra(facts, need) => {
                let places = explore.files_to_fetch(&facts.snapshot);
                let found = on_demand::find(&facts, need, &places, progress)?;
                Done::Extra(Box::new(found))
            }
            Self::Write(_) if explore.read_only => {
                Done::File(FileResult::Failed("no files are written here".to_owned()))
            }
            Self::Write(writing) => Done::File(writing.run(explore.units, progress)?),
            Self::ReadPlan(path) => Done::File(read_plan(path)),
            Self::Names(typed) => {
                let found = names::names(&typed, progress)?;
                Done::Names(typed, found.map_err(|error| error.to_string()))
            }
            Self::Roots(facts) => Done::Roots(Arc::new(Roots::of(&facts, progress)?)),
            Self::Files(facts) => {
                let places = explore.files_to_fetch(&facts.snapshot);
                Done::Files(Arc::new(Files::read(&facts, &places, progress)?))
            }
            Self::Identical(facts) => {
                let places = explore.files(&facts.snapshot);
                Done::Identical(Arc::new(Shared::read(&facts, &places, progress)?))
            }
        })
    }
}

fn load(explore: &Explore, progress: &Progress) -> Result<Done, Cancelled> {
    // Before anything is read: what changes meanwhile is a change.
    let stamp = Stamp::of(explore.source.files());
    match explore.source.load(&explore.request, progress) {
        Ok(loaded) => {
            let mut facts = Facts::of(Snapshot::of(loaded));
            let rows = prepared(&mut facts, progress)?;
            Ok(Done::Loaded(Box::new(facts), stamp, rows.map(Box::new)))
        }
        Err(SourceError::Cancelled(cancelled)) => Err(cancelled),
        Err(error) => Ok(Done::Failed(Problem::of(&error))),
    }
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

fn references_to_cut(
    facts: &Facts,
    target: PathId,
    progress: &Progress,
) -> Result<Option<ToCut>, Cancelled> {
    progress.start("references to cut", 0);
    let (graph, closure) = (facts.graph(), facts.closure());
    match cut(graph, closure, target, &|_, _| false, progress) {
        Ok(cut) => {
            let references = cut.near_target.references;
            let after = after(graph, closure, &leverage::steps(&references));
            Ok(Some(ToCut {
                leaves: Total::of(graph, &closure.members().minus(&after)),
                references: references.into(),
            }))
        }
        Err(CutError::Cancelled(cancelled)) => Err(cancelled),
        Err(_) => Ok(None),
    }
}
