//! What each path makes more or less, so that all of them together are the difference of the totals.
//!
//! A path that came counts with what it is larger than the path in whose place it came; that one counts with nothing of its
//! own then. What came in no path's place counts with its size, what left without anything in its place is so much less.

use super::Diff;
use crate::analysis::path_change::{Deltas, PathChange};
use crate::model::{Closure, PathId, StoreGraph};

impl Diff {
    /// What each path of the two closures that were compared makes more or less.
    pub fn deltas(&self, graph: &StoreGraph, before: &Closure, after: &Closure) -> Deltas {
        let mut deltas = Deltas::none(graph.len());
        for id in after.members().iter() {
            if !self.came.contains(id) {
                deltas.set(id, PathChange::Stayed, Some(0));
                continue;
            }
            let change = match self.counterparts.get(id) {
                None => PathChange::Arrived,
                Some(_) => PathChange::Came,
            };
            deltas.set(id, change, self.of_arrival(graph, id));
        }
        for id in before.members().iter().filter(|&id| self.left.contains(id)) {
            if self.counted_with(id).is_some() {
                deltas.set(id, PathChange::Replaced, None);
            } else {
                let size = graph.nar_size(id).map(u64::cast_signed);
                deltas.set(id, PathChange::Left, size.map(|size| -size));
            }
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

    fn compared(graph: &StoreGraph, before: &Closure, after: &Closure) -> Deltas {
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
        let of = |name| deltas.bytes(id(&graph, name));
        assert_eq!((of("app-1.1"), of("app-1.0")), (Some(2), None));
        assert_eq!((of("gcc-12"), of("doc-1")), (Some(200), Some(-50)));
        assert_eq!((of("lib"), of("odd-1")), (Some(0), None));
        let of = |name| {
            let change = deltas.change(id(&graph, name));
            let words = PathChange::WORDS.into_iter();
            let words = words.filter(|&(_, word)| change.is_some_and(|change| change.is(word)));
            words.map(|(word, _)| word).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            (of("app-1.1"), of("app-1.0")),
            ("came".to_owned(), "left replaced".to_owned())
        );
        assert_eq!(
            (of("gcc-12"), of("doc-1")),
            ("came arrived".to_owned(), "left".to_owned())
        );
        assert_eq!(of("lib"), "stayed");
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
            let sum: i64 = graph.ids().filter_map(|id| deltas.bytes(id)).sum();
            // What is replaced is the one thing that has no bytes of its own, and each stands for one that came.
            let were = |word| {
                let is = |&id: &PathId| deltas.change(id).is_some_and(|own| own.is(word));
                graph.ids().filter(is).collect::<Vec<_>>()
            };
            let silent = were(PathChange::Left).into_iter();
            let silent: Vec<_> = silent.filter(|&id| deltas.bytes(id).is_none()).collect();
            assert_eq!(silent, were(PathChange::Replaced), "{seed}");
            let stayed = were(PathChange::Stayed).len();
            let changed = [PathChange::Left, PathChange::Came].map(|word| were(word).len());
            let expected = [&before, &after].map(|side| side.len() - stayed);
            assert_eq!(changed, expected, "{seed}");
            let sizes = [&after, &before].map(|side| side.known_nar_size().cast_signed());
            assert_eq!(sum, sizes[0] - sizes[1], "{seed}");
        }
    }
}
