//! What each path makes more or less, so that all of them together are the difference of the totals.
//!
//! A path that came counts with what it is larger than the path in whose place it came; that one counts with nothing of its
//! own then. What came in no path's place counts with its size, what left without anything in its place is so much less.

use super::Diff;
use crate::model::{Closure, Column, PathId, StoreGraph};

impl Diff {
    /// By how many bytes more each path makes the closure after; negative where it is less. `None` for a path that left and
    /// is counted with what came in its place, where a size is unknown, and outside both closures.
    pub fn deltas(
        &self,
        graph: &StoreGraph,
        before: &Closure,
        after: &Closure,
    ) -> Column<Option<i64>> {
        let mut deltas = Column::filled(graph.len(), None);
        for id in after.members().iter() {
            deltas[id] = if self.came.contains(id) {
                self.of_arrival(graph, id)
            } else {
                Some(0)
            };
        }
        for id in before.members().iter().filter(|&id| self.left.contains(id)) {
            let counted = self.counted_with(id).is_some();
            let size = graph.nar_size(id).filter(|_| !counted);
            deltas[id] = size.map(|size| -size.cast_signed());
        }
        deltas
    }

    /// What a path that came is more than the one in whose place it came.
    fn of_arrival(&self, graph: &StoreGraph, id: PathId) -> Option<i64> {
        let size = |id| graph.nar_size(id).map(u64::cast_signed);
        let old = self.counterparts.get(id);
        match old.filter(|&old| self.counted_with(old) == Some(id)) {
            Some(old) => Some(size(id)? - size(old)?),
            None => size(id),
        }
    }

    /// The path that came in place of one that left: each is the counterpart of the other.
    fn counted_with(&self, old: PathId) -> Option<PathId> {
        let new = self.counterparts.get(old)?;
        let mutual = self.counterparts.get(new) == Some(old);
        (mutual && self.left.contains(old) && self.came.contains(new)).then_some(new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Progress;
    use crate::testing::{self, graph, id};

    fn compared(graph: &StoreGraph, before: &Closure, after: &Closure) -> Column<Option<i64>> {
        let diff = Diff::of(graph, before, after, &Progress::new()).expect("not cancelled");
        diff.deltas(graph, before, after)
    }

    #[test]
    fn a_path_counts_with_what_it_is_larger_than_the_one_before() {
        let (graph, _) = graph(
            "*old-1 1 -> app-1.0 doc-1 lib\n*new-2 1 -> app-1.1 odd-1 lib\napp-1.0 10\napp-1.1 12 -> gcc-12\n\
             gcc-12 200\ndoc-1 50\nlib 7\nodd-1 ?",
        );
        let closure = |root| Closure::of(&graph, &[id(&graph, root)]);
        let deltas = compared(&graph, &closure("old-1"), &closure("new-2"));
        let of = |name| deltas[id(&graph, name)];
        assert_eq!((of("app-1.1"), of("app-1.0")), (Some(2), None));
        assert_eq!((of("gcc-12"), of("doc-1")), (Some(200), Some(-50)));
        assert_eq!((of("lib"), of("odd-1")), (Some(0), None));
    }

    #[test]
    fn all_of_them_are_the_difference_of_the_totals() {
        for seed in 1..30 {
            let (graph, closure) = testing::store(300, 3, seed);
            let members: Vec<PathId> = closure.members().iter().collect();
            let at = |part: usize| members[(members.len() * part / 7).min(members.len() - 1)];
            let before = Closure::of(&graph, &[at(0), at(3)]);
            let after = Closure::of(&graph, &[at(1), at(2), at(5)]);
            let deltas = compared(&graph, &before, &after);
            let sum: i64 = graph.ids().filter_map(|id| deltas[id]).sum();
            let sizes = [&after, &before].map(|side| side.known_nar_size().cast_signed());
            assert_eq!(sum, sizes[0] - sizes[1], "{seed}");
        }
    }
}
