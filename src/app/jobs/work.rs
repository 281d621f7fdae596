//! What takes longer than a frame: as a value, so that it can run on a thread, or inline in tests and replays.

mod run;

use std::sync::Arc;

use crate::analysis::absent::Absent;
use crate::analysis::analysed::{Analysed, Need};
use crate::analysis::what_if::Step;
use crate::model::{PathId, Reference};
use crate::source::config;
use crate::source::evidence::used::UsedFiles;
use crate::source::files::tree::FileTree;
use crate::source::watch::Stamp;
use crate::user_files::memory::Memory;
use crate::user_files::names::Names;

use super::external::{Launch, OpenRequest};
use super::files::{FileResult, Writing};
use crate::app::best_cut::Best;
use crate::app::dialogs::evidence::answer::{Answer, Fetching};
use crate::app::evaluation::{Attempting, Learned};
use crate::app::explore::Compare;
use crate::app::facts::Facts;
use crate::app::facts::on_demand;
use crate::app::pins::Pins;
use crate::app::planning::effect::PlanEffect;
use crate::app::problem::Problem;
use crate::app::seek::Seek;
use crate::app::view::View;
use crate::app::views::packages::rows::Found;
use crate::app::views::why::chains::Chains;
use crate::app::views::{Filled, Wanted};

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
    /// Why a path is here.
    Chains,
    /// What to cut for a path to leave.
    BestCut,
    /// Where paths come from in the configuration.
    Origins,
    /// What a change of the configuration would give.
    Try,
    /// Where a path is that is not in the closure.
    Elsewhere,
    /// What the plan gives.
    Effect,
    /// What a view shows.
    View(View),
    /// The next row that matches what was searched for.
    Match,
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
    /// The files of a path.
    FileTree,
    /// What others name of the files of a path.
    UsedFiles,
    /// What the files of a path are.
    Contents,
    /// A column that is computed only when asked for.
    Extra,
    /// What is remembered from earlier sessions.
    Recall,
    /// Remembering a search.
    Remember,
    /// Finding the place another program is to be opened at.
    Launch,
}

impl Kind {
    /// Those whose results only an open box or a line being typed takes.
    pub const OF_DIALOGS: [Self; 5] = [
        Self::Evidence,
        Self::Choices,
        Self::Names,
        Self::FileTree,
        Self::UsedFiles,
    ];

    /// Whether its result only adds lines to the details of a path that is on screen already.
    pub fn only_adds(self) -> bool {
        matches!(self, Self::Contents | Self::BestCut)
    }

    /// Whether its result is about the paths of one reading of the store.
    pub fn is_of_facts(self) -> bool {
        match self {
            Self::Load
            | Self::Watch
            | Self::Write
            | Self::ReadPlan
            | Self::Names
            | Self::Try
            | Self::Recall
            | Self::Remember => false,
            Self::Base
            | Self::Sizes
            | Self::Labels
            | Self::Chains
            | Self::BestCut
            | Self::Origins
            | Self::Elsewhere
            | Self::Effect
            | Self::View(_)
            | Self::Match
            | Self::Extra
            | Self::Launch
            | Self::Evidence
            | Self::FileTree
            | Self::UsedFiles
            | Self::Contents
            | Self::Choices => true,
        }
    }
}

/// A job to run.
#[derive(Debug)]
pub enum Work {
    /// Read the store, and what it is compared with.
    Load(Option<Compare>),
    /// Wait until the store's files look otherwise.
    Watch(Stamp),
    /// Order, distances, dominators.
    Base(Facts),
    /// Closure sizes.
    Sizes(Facts),
    /// Tell equal names apart.
    Labels(Facts),
    /// Why this path is here.
    Chains(Facts, PathId),
    /// What to cut for this path to leave, without what is pinned.
    BestCut(Facts, PathId, Pins),
    /// Where paths come from, of all options or not, with what is known of the configuration already.
    Origins(Facts, bool, Option<Arc<config::Found>>),
    /// What this change of the configuration would give.
    Try(Attempting),
    /// Where this is that is not in the closure.
    Elsewhere(Box<Absent>),
    /// What these steps give.
    Effect(Facts, Vec<Step>),
    /// What a view shows.
    Fill(Facts, Wanted),
    /// The next row that matches what was searched for.
    Match(Box<Seek>),
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
    /// The files of this path; of a category, those of it alone.
    FileTree(Facts, PathId, Option<usize>),
    /// What others name of the files of this path.
    UsedFiles(Facts, PathId),
    /// What the files of this path are.
    Contents(Facts, PathId),
    /// A column that is computed only when asked for.
    Extra(Facts, Need),
    /// What is remembered from earlier sessions.
    Recall,
    /// Remember a search.
    Remember(String),
    /// Find the place another program is to be opened at.
    Launch(Facts, OpenRequest),
}

/// What a change would give: the closure with it beside the one without, and what is known of that already. Or why it cannot
/// be.
pub(crate) type Tried = Result<(Box<Facts>, Option<Box<Found>>), Problem>;

/// What came of a job.
#[derive(Debug)]
pub enum Done {
    /// It was cancelled.
    Cancelled,
    /// The store was read; what its files looked like before; what is known of the closure already.
    Loaded(Box<Facts>, Stamp, Option<Box<Found>>),
    /// There is no generation before that it could be compared with.
    First,
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
    /// Names of files that begin like this, or why they cannot be told.
    Names(String, Result<Names, Problem>),
    /// Why a path references another.
    Evidence(Reference, Box<Result<Answer, Problem>>),
    /// What may replace a path, for a text.
    Choices(String, Vec<PathId>),
    /// The files of a path, or why they cannot be listed.
    FileTree(PathId, Box<Result<FileTree, Problem>>),
    /// What others name of the files of a path, or why that is not known.
    UsedFiles(PathId, Box<Result<UsedFiles, Problem>>),
    /// What the files of a path are: titles with bytes, the largest first.
    Contents(PathId, Vec<(String, u64)>),
    /// A column that was asked for.
    Extra(Box<on_demand::Answer>),
    /// What is remembered from earlier sessions.
    Recalled(Memory),
    /// A search is remembered, as far as that is possible.
    Remembered,
    /// The place another program is to be opened at, or why there is none.
    Launch(Result<Launch, String>),
}

impl Work {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Load(_) => Kind::Load,
            Self::Watch(_) => Kind::Watch,
            Self::Base(_) => Kind::Base,
            Self::Sizes(_) => Kind::Sizes,
            Self::Labels(_) => Kind::Labels,
            Self::Chains(..) => Kind::Chains,
            Self::BestCut(..) => Kind::BestCut,
            Self::Origins(..) => Kind::Origins,
            Self::Try(_) => Kind::Try,
            Self::Elsewhere(_) => Kind::Elsewhere,
            Self::Effect(..) => Kind::Effect,
            Self::Fill(_, wanted) => Kind::View(wanted.view()),
            Self::Match(_) => Kind::Match,
            Self::Write(_) => Kind::Write,
            Self::ReadPlan(_) => Kind::ReadPlan,
            Self::Names(_) => Kind::Names,
            Self::Evidence(..) => Kind::Evidence,
            Self::Choices(..) => Kind::Choices,
            Self::FileTree(..) => Kind::FileTree,
            Self::UsedFiles(..) => Kind::UsedFiles,
            Self::Contents(..) => Kind::Contents,
            Self::Extra(..) => Kind::Extra,
            Self::Recall => Kind::Recall,
            Self::Remember(_) => Kind::Remember,
            Self::Launch(..) => Kind::Launch,
        }
    }

    /// The path it is about, if it is about one whose chains are wanted.
    pub fn explained(&self) -> Option<PathId> {
        match self {
            Self::Chains(_, id) => Some(*id),
            _ => None,
        }
    }
}
