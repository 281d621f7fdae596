//! What a row stands for: all that a command, the footer or an obstacle may ask of it.

use std::sync::Arc;

use crate::analysis::cut::CutSet;
use crate::analysis::plan::TryStep;
use crate::analysis::what_if::Step;
use crate::model::{PathId, Reference};

use super::obstacle::Obstacle;

/// What a row stands for. It is made for the row under the cursor, never for each row that is drawn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Target {
    /// The path: it becomes the selection, and can be marked, copied, explained.
    pub path: Option<PathId>,
    /// The one reference, which can be cut.
    pub reference: Option<Reference>,
    /// The reference whose evidence is asked for: the same one, or the last of the chain that leads to the path.
    pub evidence: Option<Reference>,
    /// The references to cut together.
    pub cut: Arc<[Reference]>,
    /// What cutting them takes along.
    pub costs: Option<Costs>,
    /// The steps that the view offers for this row.
    pub offers: Arc<[Step]>,
    /// Whether marking takes these steps, not the path.
    pub marks_offers: bool,
    /// Lines of text to take along.
    pub lines: Option<Arc<str>>,
    /// Lines of a module that can be tried.
    pub change: Option<Arc<str>>,
    /// The planned step in this row, which marking takes back.
    pub step: Option<Step>,
    /// The change of the configuration in this row of the plan, which marking takes back.
    pub planned: Option<TryStep>,
    /// Whether something is below it.
    pub fold: Fold,
    /// The many paths that it stands for together, in place of one.
    pub many: Option<Many>,
    /// Whether it is a root of the store, which need not lead to a path of the closure.
    pub is_root: bool,
    /// What to say where one of the others is empty for a reason.
    pub instead: Option<Obstacle>,
}

/// What leaves with a path when references are cut, beside what it holds alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Costs {
    /// Paths taken along.
    pub paths: i64,
    /// Bytes taken along.
    pub bytes: i64,
    /// Bytes that the path holds alone, itself included.
    pub own: i64,
}

impl Costs {
    /// What a cut costs.
    pub fn of(cut: &CutSet) -> Self {
        Self {
            paths: cut.collateral.paths,
            bytes: cut.collateral.nar_size,
            own: cut.freed.nar_size - cut.collateral.nar_size,
        }
    }

    /// Whether more is taken along than was meant to leave.
    pub fn are_high(self) -> bool {
        self.bytes > self.own
    }
}

/// Many paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Many {
    /// How many.
    pub paths: usize,
    /// Their NAR size in bytes.
    pub bytes: u64,
}

/// Whether something is below a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fold {
    /// Nothing.
    #[default]
    None,
    /// Something that is not shown.
    Closed,
    /// Something that is shown.
    Open,
    /// Further rows of its kind: going in shows them in its place.
    More,
}

impl Target {
    /// A row that stands for a path and nothing else.
    pub fn path(id: PathId) -> Self {
        Self {
            path: Some(id),
            ..Self::default()
        }
    }

    /// A row that stands for a path, or for none.
    pub fn perhaps(path: Option<PathId>) -> Self {
        Self {
            path,
            ..Self::default()
        }
    }

    /// With a reference, which is also the one whose evidence is asked for.
    #[must_use]
    pub fn with_reference(mut self, reference: Option<Reference>) -> Self {
        self.reference = reference;
        self.evidence = reference;
        self
    }

    /// With what is below.
    #[must_use]
    pub fn with_fold(mut self, fold: Fold) -> Self {
        self.fold = fold;
        self
    }

    /// Whether something is below the row that opens.
    pub fn opens(&self) -> bool {
        matches!(self.fold, Fold::Closed | Fold::Open)
    }
}
