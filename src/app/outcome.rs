//! What a view or a box wants done that is not its own to do. `App` carries it out: views and boxes never see it.

use std::sync::Arc;

use crate::analysis::Shares;
use crate::analysis::plan::TryStep;
use crate::analysis::what_if::Step;
use crate::gate::Clipboard;
use crate::model::{PathId, PathSet, Reference};
use crate::source::evidence::Evidence;

use super::explore::Compare;
use super::facts::{Metric, Sort};
use super::keys::command::Command;
use super::planning::pins::Pin;
use super::prompt::question::Question;

/// The answer to a question for a file to write.
#[derive(Debug, Clone)]
pub struct FileAnswer {
    /// What was asked.
    pub question: Question,
    /// Whether a file of that name may be written over: that was confirmed.
    pub over: bool,
    /// The file's name, as typed.
    pub path: String,
}

/// Steps that do more than what was meant, perhaps.
#[derive(Debug)]
pub struct Doubt {
    /// The question in a few words.
    pub title: String,
    /// What there is to know before one says yes.
    pub question: String,
    /// What yes puts into the plan.
    pub steps: Vec<Step>,
}

/// What is wanted.
#[derive(Debug, Default)]
pub enum Outcome {
    /// Nothing more.
    #[default]
    None,
    /// The path under the cursor becomes the selection.
    Select,
    /// The view gets the keys, the details give way to it.
    Front,
    /// The view at the front shows the selection.
    Reveal,
    /// The place as it was before the key is remembered, to come back to; then the rest is done.
    Remembered(Box<Outcome>),
    /// The place before.
    Back,
    /// The tree of what a path references.
    Tree(PathId),
    /// Why a path is here, and the reference to stand on.
    Why(PathId, Option<Reference>),
    /// A path, selected in the view at the front, or in the table where that view does not list all paths.
    GoTo(PathId),
    /// The files of a path, or those of a category, by its number and title.
    Files(PathId, Option<(usize, String)>),
    /// A command.
    Give(Command),
    /// Steps are put into the plan as one change, or taken out if it has them all.
    Toggle(Vec<Step>),
    /// A change of the configuration is put into the plan, or taken out if it is a step already.
    ToggleTry(TryStep),
    /// The table of packages shows what matches a text.
    Find(String),
    /// The table of packages is sorted.
    Sort(Sort),
    /// A column of the table is shown, or hidden if it is.
    Column(Metric),
    /// What is searched for holds, and is remembered.
    KeepSearch(String),
    /// A file is written for an answer to a question.
    Write(FileAnswer),
    /// A plan is read from the file of this name.
    ReadPlan(String),
    /// The closure is compared with another.
    Compare(Compare),
    /// A change of the configuration is tried.
    Try(String),
    /// Something is asked in the last row, and what the answer may be is proposed.
    Question(Question, String),
    /// A text is shown in a box, under a title.
    Text(&'static str, String),
    /// Something is pinned, or its pin is taken out.
    Pin(Pin),
    /// A question is asked before steps are put into the plan.
    Confirm(Doubt),
    /// A sentence in the last row.
    Say(String),
    /// What each direct dependency of the roots is charged, which became known along with something else.
    Shares(Arc<Shares>),
    /// What makes each reference of the closure, and what only accidents hold, which became known along with a view.
    Evidence(Arc<Evidence>, PathSet),
    /// A text is put into the clipboard.
    Copy(Clipboard),
    /// One after the other.
    All(Vec<Outcome>),
}

impl Outcome {
    /// What is left of it if the view is not at the front.
    #[must_use]
    pub fn elsewhere(self) -> Self {
        match self {
            Self::Select | Self::Reveal => Self::None,
            Self::All(all) => Self::All(all.into_iter().map(Self::elsewhere).collect()),
            other => other,
        }
    }

    /// The same, once the place is remembered.
    #[must_use]
    pub fn remembered(self) -> Self {
        Self::Remembered(Box::new(self))
    }
}
