//! What takes longer than a frame: as a value, so that it can run on a thread, or inline in tests and replays.

mod run;

use std::sync::Arc;

use crate::analysis::absent::Absent;
use crate::analysis::analysed::{Analysed, Need};
use crate::analysis::what_if::Step;
use crate::model::{PathId, Reference};
use crate::source::config;
use crate::source::watch::Stamp;
use crate::user_files::memory::Memory;

use super::external::{Launch, OpenRequest};
use super::files::{FileResult, Writing};
use crate::app::dialogs::evidence::answer::Fetching;
use crate::app::dialogs::found::FoundForBox;
use crate::app::evaluation::{Attempting, Learned};
use crate::app::explore::Compare;
use crate::app::facts::Facts;
use crate::app::facts::chains::Chains;
use crate::app::facts::on_demand;
use crate::app::jobs::seek::Seek;
use crate::app::planning::best_cut::Best;
use crate::app::planning::effect::PlanEffect;
use crate::app::planning::pins::Pins;
use crate::app::problem::Problem;
use crate::app::view::View;
use crate::app::views::packages::rows::FoundRows;
use crate::app::views::{Filled, Wanted};

/// Whether a result is about the paths of one reading of the store: it is of no use once there is another.
const OF_PATHS: bool = true;
/// What is about no paths outlives a reload.
const OF_SESSION: bool = false;
/// Whether only an open box or a line being typed takes a result: the job ends with it.
const FOR_BOX: bool = true;

/// Makes the kinds of jobs and what each is given out of one row each.
macro_rules! jobs {
    ($($(#[$about:meta])* $name:ident $(($($given:ty),+))?: $of:expr $(, $for_box:expr)?;)*) => {
        /// What kind of job; at most one of each runs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum JobKind {
            $($(#[$about])* $name,)*
            /// What a view shows.
            View(View),
        }

        impl JobKind {
            /// Whether its result is about the paths of one reading of the store.
            pub fn is_of_facts(self) -> bool {
                match self {
                    $(Self::$name => $of,)*
                    Self::View(_) => OF_PATHS,
                }
            }

            /// Whether only an open box or a line being typed takes its result.
            pub fn is_for_box(self) -> bool {
                match self {
                    $(Self::$name => false $(|| $for_box)?,)*
                    Self::View(_) => false,
                }
            }
        }

        /// A job to run.
        #[derive(Debug)]
        pub enum Work {
            $($(#[$about])* $name $(($($given),+))?,)*
            /// What a view shows.
            Fill(Facts, Wanted),
        }

        impl Work {
            /// Its kind.
            pub fn kind(&self) -> JobKind {
                match self {
                    $(Self::$name { .. } => JobKind::$name,)*
                    Self::Fill(_, wanted) => JobKind::View(wanted.view()),
                }
            }
        }
    };
}

jobs! {
    /// Read the store, and what it is compared with.
    Load(Option<Compare>): OF_SESSION;
    /// Wait until the store's files look otherwise.
    Watch(Stamp): OF_SESSION;
    /// Order, distances, dominators.
    Core(Facts): OF_PATHS;
    /// Closure sizes.
    Sizes(Facts): OF_PATHS;
    /// Tell equal names apart.
    Labels(Facts): OF_PATHS;
    /// Why this path is here.
    Chains(Facts, PathId): OF_PATHS;
    /// What to cut for this path to leave, without what is pinned.
    BestCut(Facts, PathId, Pins): OF_PATHS;
    /// Where paths come from, of all options or not, with what is known of the configuration already.
    Origins(Facts, bool, Option<Arc<config::ConfigAnswers>>): OF_PATHS;
    /// What this change of the configuration would give.
    Try(Attempting): OF_SESSION;
    /// Where this is that is not in the closure.
    Elsewhere(Box<Absent>): OF_PATHS;
    /// What these steps give.
    Effect(Facts, Vec<Step>): OF_PATHS;
    /// The next row that matches what was searched for.
    Match(Box<Seek>): OF_PATHS;
    /// Write a file.
    Write(Box<Writing>): OF_SESSION;
    /// Read a plan from a file of this name.
    ReadPlan(String): OF_SESSION;
    /// Look for names of files that begin like this.
    Names(String): OF_SESSION, FOR_BOX;
    /// Why a path references another.
    Evidence(Facts, Reference, Fetching): OF_PATHS, FOR_BOX;
    /// What may replace this path, for a text.
    Choices(Facts, PathId, String): OF_PATHS, FOR_BOX;
    /// The files of this path; of a category, those of it alone.
    FileTree(Facts, PathId, Option<usize>): OF_PATHS, FOR_BOX;
    /// What others name of the files of this path.
    UsedFiles(Facts, PathId): OF_PATHS, FOR_BOX;
    /// What the files of this path are.
    Contents(Facts, PathId): OF_PATHS;
    /// A column that is computed only when asked for.
    Extra(Facts, Need): OF_PATHS;
    /// What is remembered from earlier sessions.
    Recall: OF_SESSION;
    /// Remember a search.
    Remember(String): OF_SESSION;
    /// Find the place another program is to be opened at.
    Launch(Facts, OpenRequest): OF_PATHS;
}

impl JobKind {
    /// Whether its result only adds lines to the details of a path that is on screen already.
    pub fn only_adds(self) -> bool {
        matches!(self, Self::Contents | Self::BestCut)
    }
}

/// What a change would give: the closure with it beside the one without, and what is known of that already. Or why it cannot
/// be.
pub(crate) type Tried = Result<(Box<Facts>, Option<Box<FoundRows>>), Problem>;

/// What came of a job.
#[derive(Debug)]
pub enum Done {
    /// It was cancelled.
    Cancelled,
    /// The store was read; what its files looked like before; what is known of the closure already.
    Loaded(Box<Facts>, Stamp, Option<Box<FoundRows>>),
    /// There is no generation before that it could be compared with.
    First,
    /// The store has changed since.
    Changed,
    /// The store could not be read.
    Failed(Problem),
    /// Order, distances, dominators.
    Core(Box<Analysed>),
    /// Closure sizes.
    Sizes(Box<Analysed>),
    /// How equal names are told apart.
    Labels(Box<Analysed>),
    /// Why a path is here.
    Chains(Arc<Chains>),
    /// What to cut for a path to leave.
    BestCut(Box<Best>),
    /// Where paths come from, or why that cannot be told.
    Origins(Box<Result<Learned, Problem>>),
    /// What a change of the configuration would give.
    Tried(Tried),
    /// Where a path is that is not in the closure.
    Elsewhere(Box<Absent>),
    /// What a plan gives.
    Effect(Arc<PlanEffect>),
    /// What a view shows.
    Filled(Filled),
    /// The next row that matches, and the path it stands for; `None` if no row matches.
    Match(Option<(usize, PathId)>),
    /// A file was written or read, or was not.
    File(FileResult),
    /// What a box or a line being typed asked for.
    ForBox(FoundForBox),
    /// What the files of a path are: titles with bytes, the largest first.
    Contents(PathId, Vec<(String, u64)>),
    /// A column that was asked for.
    Extra(Box<on_demand::OnDemandAnswer>),
    /// What is remembered from earlier sessions.
    Recalled(Memory),
    /// A search is remembered, as far as that is possible.
    Remembered,
    /// The place another program is to be opened at, or why there is none.
    Launch(Result<Launch, String>),
}

impl Work {
    /// The path it is about, if it is about one whose chains are wanted.
    pub fn explained(&self) -> Option<PathId> {
        match self {
            Self::Chains(_, id) => Some(*id),
            _ => None,
        }
    }
}
