//! The same paths with further references.

use super::rows::rows_both_ways;
use crate::model::{PathId, Reference};

use super::{Rows, StoreGraph};

impl StoreGraph {
    /// The same paths under the same ids, with further references. Details and outputs are left out.
    #[must_use]
    pub fn with_references(&self, more: &[Reference]) -> Self {
        let (references, referrers) = self.rows_with(more);
        Self {
            store_dir: self.store_dir.clone(),
            names: self.names.clone(),
            infos: self.infos.clone(),
            details: None,
            references,
            referrers,
            self_references: self.self_references.clone(),
            missing: self.missing.clone(),
            outputs: None,
        }
    }

    fn rows_with(&self, more: &[Reference]) -> (Rows, Rows) {
        if more.is_empty() {
            return (self.references.clone(), self.referrers.clone());
        }
        let number = |id: PathId| id.index() as u32;
        let mut edges: Vec<(u32, u32)> = Vec::with_capacity(self.reference_count() + more.len());
        for id in self.ids() {
            let own = self.references(id).iter();
            edges.extend(own.map(|&to| (number(id), number(to))));
        }
        edges.extend(more.iter().map(|&(from, to)| (number(from), number(to))));
        let same: Vec<u32> = (0..self.len() as u32).collect();
        let (references, referrers, _) = rows_both_ways(edges, &same);
        (references, referrers)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{graph, id, names};

    #[test]
    fn further_references_stand_among_the_others() {
        let (graph, _) = graph("a -> c\nb\nc -> b");
        let of = |name| id(&graph, name);
        let more = [
            (of("a"), of("b")),
            (of("b"), of("a")),
            (of("a"), of("c")),
            (of("b"), of("b")),
        ];
        let extended = graph.with_references(&more);
        let row = |name| names(&extended, extended.references(of(name)));
        assert_eq!(["a", "b", "c"].map(row), ["c b", "a", "b"]);
        assert_eq!(names(&extended, extended.referrers(of("a"))), "b");
        assert!(!extended.references_itself(of("b")));
    }
}
