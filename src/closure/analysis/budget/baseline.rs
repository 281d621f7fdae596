//! What growth is measured against.

use crate::analysis::analysed::Analysed;
use crate::analysis::diff::Diff;
use crate::job::Cancelled;
use crate::model::{Closure, PathId};

/// Closures of before, in the graph of what is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// Where it was read from, in a few words.
    pub origin: String,
    /// The roots.
    pub roots: Vec<PathId>,
}

impl Baseline {
    /// What is different in a closure since the baseline: of several roots since those with the package name of the closure's
    /// only root. `None` if it has none such: the root is new.
    pub(super) fn compared(&self, analysed: &Analysed) -> Result<Option<Diff>, Cancelled> {
        let (graph, closure) = (analysed.graph(), analysed.closure());
        let roots: Vec<PathId> = match closure.roots() {
            [only] if self.roots.len() > 1 => {
                let wanted = graph.package(*only).pname;
                let same = |&&id: &&PathId| graph.package(id).pname == wanted;
                self.roots.iter().filter(same).copied().collect()
            }
            _ => self.roots.clone(),
        };
        if roots.is_empty() {
            return Ok(None);
        }
        let before = Closure::of(graph, &roots);
        Diff::of(graph, &before, closure, analysed.progress()).map(Some)
    }
}
