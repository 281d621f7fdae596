//! What takes longer than a frame: as a value, so that it can run on a thread, or inline in tests and replays.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::analysis::ClosureSizes;
use crate::job::{Cancelled, Progress};
use crate::source::SourceError;

use super::explore::Explore;
use super::facts::{Base, Facts, Snapshot};
use super::rows::{Found, RowsQuery};

/// What kind of job; at most one of each runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Reading the store.
    Load,
    /// Order, distances, dominators.
    Base,
    /// Closure sizes.
    Sizes,
    /// Sorting and finding.
    Rows,
}

/// A job to run.
#[derive(Debug)]
pub enum Work {
    /// Read the store.
    Load,
    /// Order, distances, dominators.
    Base(Arc<Snapshot>),
    /// Closure sizes.
    Sizes(Facts),
    /// Sort and find.
    Rows(Box<RowsQuery>),
}

/// What came of a job.
#[derive(Debug)]
pub enum Done {
    /// It was called off.
    Cancelled,
    /// The store was read.
    Loaded(Box<Snapshot>),
    /// The store could not be read.
    Failed(Problem),
    /// Order, distances, dominators.
    Base(Arc<Base>),
    /// Closure sizes.
    Sizes(Arc<ClosureSizes>),
    /// Sorted and found rows.
    Rows(Box<Found>),
}

/// What went wrong and what to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What failed, with its causes.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
}

impl Problem {
    /// An error with all its causes in one text.
    pub fn of(error: &SourceError) -> Self {
        let mut message = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(error) = cause {
            let _ = write!(message, ": {error}");
            cause = error.source();
        }
        Self {
            message,
            hint: error.hint(),
        }
    }
}

impl Work {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Load => Kind::Load,
            Self::Base(_) => Kind::Base,
            Self::Sizes(_) => Kind::Sizes,
            Self::Rows(_) => Kind::Rows,
        }
    }

    /// Does it.
    pub fn run(self, explore: &Explore, progress: &Progress) -> Done {
        self.attempt(explore, progress).unwrap_or(Done::Cancelled)
    }

    fn attempt(self, explore: &Explore, progress: &Progress) -> Result<Done, Cancelled> {
        Ok(match self {
            Self::Load => match explore.source.load(&explore.request, progress) {
                Ok(loaded) => Done::Loaded(Box::new(Snapshot::of(loaded))),
                Err(SourceError::Cancelled(cancelled)) => return Err(cancelled),
                Err(error) => Done::Failed(Problem::of(&error)),
            },
            Self::Base(snapshot) => Done::Base(Arc::new(Base::of(&snapshot, progress)?)),
            Self::Sizes(facts) => match &facts.base {
                Some(base) => {
                    let sizes =
                        ClosureSizes::of(facts.graph(), facts.closure(), &base.order, progress)?;
                    Done::Sizes(Arc::new(sizes))
                }
                None => Done::Cancelled,
            },
            Self::Rows(query) => Done::Rows(Box::new(query.run(progress)?)),
        })
    }
}
