//! What was found in the files of a closure and saved, so that it is known without the files.

use hashbrown::HashMap;

use crate::model::{PathId, StoreGraph};

use super::hit::EdgeEvidence;
use crate::source::files::contents::Contents;

/// What was found in the files of one referrer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Referrer {
    /// Whether all of its files could be read.
    pub complete: bool,
    /// What was found for its references, by target.
    pub edges: Vec<EdgeEvidence>,
    /// Its compressed files by format: hash parts in them are not seen.
    pub packed: Vec<(String, u64)>,
}

/// What was found in the files of some paths.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SavedFindings {
    /// What the files are.
    pub contents: HashMap<PathId, Contents>,
    /// What makes the references.
    pub referrers: HashMap<PathId, Referrer>,
}

impl SavedFindings {
    /// Whether nothing was written down.
    pub fn is_empty(&self) -> bool {
        self.contents.is_empty() && self.referrers.is_empty()
    }

    /// The same for the paths as another graph knows them; those it lacks are left out.
    #[must_use]
    pub fn rebased(self, from: &StoreGraph, to: &StoreGraph) -> Self {
        let known = |id| to.find(from.base_name(id));
        let contents = self.contents.into_iter();
        let contents = contents.filter_map(|(id, contents)| Some((known(id)?, contents)));
        let referrers = self.referrers.into_iter();
        Self {
            contents: contents.collect(),
            referrers: referrers
                .filter_map(|(id, referrer)| Some((known(id)?, referrer.rebased(known))))
                .collect(),
        }
    }
}

impl Referrer {
    pub(crate) fn rebased(self, known: impl Fn(PathId) -> Option<PathId>) -> Self {
        let edges = self.edges.into_iter().filter_map(|edge| {
            Some(EdgeEvidence {
                from: known(edge.from)?,
                to: known(edge.to)?,
                ..edge
            })
        });
        Self {
            edges: edges.collect(),
            ..self
        }
    }
}
