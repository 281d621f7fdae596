//! The built-in closure: something to explore where there is no store.
//!
//! `assets/demo/recipe/README.md` says how it was made.

use crate::job::Progress;
use crate::source::formats::snapshot::SnapshotSource;
use crate::source::{Loaded, Request, Source, SourceError};

/// What the closure is, in a few words.
pub const TITLE: &str = "a system built with Nix out of Debian packages";

const SNAPSHOT: &[u8] = include_bytes!("../assets/demo/closure.heft");

/// The built-in closure, as a source.
#[derive(Debug, Clone, Copy, Default)]
pub struct Demo;

impl Source for Demo {
    fn load(&self, request: &Request, progress: &Progress) -> Result<Loaded, SourceError> {
        SnapshotSource::from_bytes("the built-in demo", SNAPSHOT)?.load(request, progress)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Closure;

    #[test]
    fn the_built_in_closure_is_whole_and_small() {
        let request = Request {
            details: true,
            ..Request::default()
        };
        let loaded = Demo
            .load(&request, &Progress::new())
            .expect("it can be read");
        let graph = &loaded.graph;
        let closure = Closure::of(graph, &loaded.roots);
        assert_eq!(loaded.warnings, []);
        assert_eq!(closure.len(), graph.len());
        assert!((400..1500).contains(&graph.len()));
        assert!(closure.nar_size().is_some(), "every size is known");
        let root = loaded.roots[0];
        assert_eq!(graph.name(root), "debian-system-12");
        assert!(
            graph
                .details(root)
                .is_some_and(|details| details.deriver.is_some())
        );
        assert!(SNAPSHOT.len() < 400_000);
    }

    #[test]
    fn it_is_known_what_its_files_are_and_what_makes_its_references() {
        let loaded = Demo
            .load(&Request::default(), &Progress::new())
            .expect("it can be read");
        let (graph, found) = (&loaded.graph, &loaded.found);
        assert_eq!(found.contents.len(), graph.len());
        let mut unexplained = 0;
        for id in graph.ids() {
            let edges = found.referrers.get(&id).map_or(0, |one| one.edges.len());
            unexplained += graph.references(id).len() - edges;
        }
        assert_eq!(unexplained, 0, "references that stand in no file");
        let accidental =
            |edge: &&crate::source::evidence::EdgeEvidence| edge.counts.are_accidental();
        let edges = found.referrers.values().flat_map(|one| &one.edges);
        assert!(edges.filter(accidental).count() > 10);
    }

    #[test]
    fn the_built_in_closure_says_what_it_is() {
        let snapshot = SnapshotSource::from_bytes("demo", SNAPSHOT).expect("a snapshot");
        assert_eq!(snapshot.title().expect("a title"), TITLE);
    }
}
