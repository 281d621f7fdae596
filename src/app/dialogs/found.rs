//! What jobs find for boxes and lines being typed.

use super::evidence::answer::EvidenceAnswer;
use crate::app::problem::Problem;
use crate::model::{PathId, Reference};
use crate::source::evidence::used::UsedFiles;
use crate::source::files::tree::FileTree;
use crate::user_files::names::FileNames;

/// What a job found for a box.
#[derive(Debug)]
pub enum FoundForBox {
    /// Why a path references another.
    Evidence(Reference, Box<Result<EvidenceAnswer, Problem>>),
    /// What may replace a path, for what was typed.
    Choices(String, Vec<PathId>),
    /// Names of files that begin like what was typed, or why they cannot be listed.
    Names(String, Result<FileNames, Problem>),
    /// The files of a path, or why they cannot be listed.
    Files(PathId, Box<Result<FileTree, Problem>>),
    /// What others name of the files of a path, or why that is not known.
    Used(PathId, Box<Result<UsedFiles, Problem>>),
}
