//! What the files say of references, as remedies ask for it.

use std::collections::BTreeSet;

use crate::analysis::remedies::Seen;
use crate::model::PathId;

use super::Evidence;

impl Evidence {
    /// The strongest reason for each of some references, and the files it stands in if all of them are known. Nothing is
    /// said of referrers that could not be read in full.
    pub fn told(&self, references: &[(PathId, PathId)]) -> Seen {
        let mut seen = Seen::new();
        for &(from, to) in references {
            let edge = self.of(from, to).filter(|_| self.is_complete(from));
            let Some((edge, class)) = edge.and_then(|edge| Some((edge, edge.counts.strongest()?)))
            else {
                continue;
            };
            let files: BTreeSet<String> = edge
                .hits
                .iter()
                .map(|hit| hit.file.to_string_lossy().into_owned())
                .collect();
            let files = if edge.left_out() == 0 {
                files.into_iter().collect()
            } else {
                Vec::new()
            };
            seen.insert((from, to), (class, files));
        }
        seen
    }
}
