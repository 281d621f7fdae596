//! What a change gives, apart from any graph: each prediction has one of its own.

use super::Prediction;
use crate::analysis::diff::Diff;
use crate::analysis::what_if::Difference;
use crate::job::{Cancelled, Progress};

/// What a change gives, paths by their base names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gives {
    /// What it frees.
    pub freed: Difference,
    /// What leaves with nothing in its place.
    pub leaves: Vec<String>,
    /// What there is after that was not there before.
    pub comes: Vec<String>,
}

impl Prediction {
    /// What is predicted to leave, and to come.
    pub fn gives(&self, progress: &Progress) -> Result<Gives, Cancelled> {
        let graph = &self.graph;
        let diff = Diff::of(graph, &self.before, &self.after, progress)?;
        let gone = diff.left.iter().filter(|&id| diff.successor(id).is_none());
        let name = |id| graph.base_name(id).to_owned();
        Ok(Gives {
            freed: Difference::between(graph, self.before.members(), self.after.members()),
            leaves: gone.map(name).collect(),
            comes: diff.came.iter().map(name).collect(),
        })
    }
}
