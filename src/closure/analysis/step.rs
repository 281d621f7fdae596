//! One step of a plan.

use crate::model::{PathId, Reference};

/// One thing to leave out or change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The path may not be entered.
    Remove(PathId),
    /// One reference is gone.
    Cut {
        /// The referrer.
        from: PathId,
        /// What it no longer references.
        to: PathId,
    },
    /// Every reference to one path leads to another instead. The old path's own reference to the new one is dropped, so is
    /// a reference of the new path to itself that would come of it.
    Replace {
        /// The path to be replaced.
        old: PathId,
        /// What stands in for it; may be outside the closure.
        new: PathId,
    },
}

impl Step {
    /// The steps that cut references.
    pub fn cuts(references: &[Reference]) -> Vec<Self> {
        let cut = |&(from, to): &Reference| Self::Cut { from, to };
        references.iter().map(cut).collect()
    }

    /// The reference it cuts, if it cuts one.
    pub fn reference(&self) -> Option<Reference> {
        match *self {
            Self::Cut { from, to } => Some((from, to)),
            Self::Remove(_) | Self::Replace { .. } => None,
        }
    }

    /// The path it takes away: of a reference what that leads to.
    pub fn path(&self) -> PathId {
        match *self {
            Self::Remove(id) | Self::Cut { to: id, .. } | Self::Replace { old: id, .. } => id,
        }
    }

    /// Whether it replaces a path.
    pub fn is_replacement(&self) -> bool {
        matches!(self, Self::Replace { .. })
    }

    /// The same step about the paths that a function gives for these; `None` if it has none for one of them.
    #[must_use]
    pub fn renewed(self, renewed: impl Fn(PathId) -> Option<PathId>) -> Option<Self> {
        Some(match self {
            Self::Remove(id) => Self::Remove(renewed(id)?),
            Self::Cut { from, to } => Self::Cut {
                from: renewed(from)?,
                to: renewed(to)?,
            },
            Self::Replace { old, new } => Self::Replace {
                old: renewed(old)?,
                new: renewed(new)?,
            },
        })
    }
}
