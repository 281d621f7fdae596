//! Two graphs become one, in which a path of either has its place: what one of them does not know the other may.

use std::cmp::Ordering;

use crate::model::graph_builder::Draft;
use crate::model::{GraphBuilder, PathId, StoreGraph, Warnings};

use super::merge::filled;

/// Two graphs in one.
pub(super) struct Joined {
    /// The graph.
    pub(super) graph: StoreGraph,
    /// What there is to warn of.
    pub(super) warnings: Warnings,
    /// What the paths of each are in it, in the order of their ids.
    places: [Vec<PathId>; 2],
}

impl Joined {
    /// Joins two graphs of the same store directory; `None` if there is no room for all names. Both have their names in
    /// order, so one walk along both finds what they have in common.
    pub(super) fn of(first: &StoreGraph, second: &StoreGraph) -> Option<Self> {
        let details = first.knows_details() || second.knows_details();
        let mut builder = GraphBuilder::new(first.store_dir().clone(), details);
        let mut places = [first, second].map(|graph| Vec::with_capacity(graph.len()));
        let mut common = Vec::new();
        let (mut left, mut right) = (first.ids().peekable(), second.ids().peekable());
        while left.peek().is_some() || right.peek().is_some() {
            let order = match (left.peek(), right.peek()) {
                (Some(&a), Some(&b)) => first.base_name(a).cmp(second.base_name(b)),
                (Some(_), None) => Ordering::Less,
                _ => Ordering::Greater,
            };
            let a = left.next_if(|_| order.is_le());
            let b = right.next_if(|_| order.is_ge());
            let place = PathId::new(builder.len());
            places[0].extend(a.map(|_| place));
            places[1].extend(b.map(|_| place));
            common.extend(a.zip(b));
            let known = [a.map(|id| (first, id)), b.map(|id| (second, id))];
            add(&mut builder, known.into_iter().flatten())?;
        }
        let mut edges = Vec::with_capacity(first.reference_count() + second.reference_count());
        for (graph, places) in [first, second].into_iter().zip(&places) {
            references(graph, places, &mut edges);
        }
        builder.set_references(edges);
        let mut warnings = contradictions([first, second], &places, &common);
        let mut built = builder.finish(&[]);
        warnings.merge(built.warnings);
        for graph in [first, second] {
            if let Some(known) = graph.known_outputs() {
                built.graph.add_outputs(known);
            }
        }
        Some(Self {
            graph: built.graph,
            warnings,
            places,
        })
    }

    /// What some paths of the first graph (0) or the second (1) are in this one.
    pub(super) fn places(&self, of: usize, ids: &[PathId]) -> Vec<PathId> {
        ids.iter().map(|id| self.places[of][id.index()]).collect()
    }
}

/// What two graphs say differently of the paths they have in common. A store path has the same references wherever it is:
/// where the sides say otherwise, all of them count.
fn contradictions(
    [first, second]: [&StoreGraph; 2],
    places: &[Vec<PathId>; 2],
    common: &[(PathId, PathId)],
) -> Warnings {
    let mut warnings = Warnings::new();
    for &(a, b) in common {
        let kind = match (first.is_missing(a), second.is_missing(b)) {
            (true, true) => continue,
            (false, false) => {
                let own = first.references(a).iter();
                let other = second.references(b).iter();
                let own = own.map(|to| places[0][to.index()]);
                if own.eq(other.map(|to| places[1][to.index()])) {
                    continue;
                }
                "the sides disagree about the references, all of them count"
            }
            _ => "without a record on one side, what the other says of it counts on both",
        };
        warnings.add(kind, first.base_name(a));
    }
    warnings
}

/// Adds a path with what one graph or both know of it.
fn add<'g>(
    builder: &mut GraphBuilder,
    known: impl Iterator<Item = (&'g StoreGraph, PathId)>,
) -> Option<()> {
    let mut draft: Option<Draft> = None;
    let mut details = None;
    let mut name = "";
    for (graph, id) in known {
        name = graph.base_name(id);
        if graph.is_missing(id) {
            continue;
        }
        match draft {
            Some(draft) => builder.record(draft, graph.info(id)),
            None => draft = Some(builder.add(name, graph.info(id))?),
        }
        details = match (details, graph.details(id)) {
            (Some(own), Some(more)) => Some(filled(own, more)),
            (own, more) => own.or(more),
        };
    }
    let draft = match draft {
        Some(draft) => draft,
        None => builder.intern(name)?,
    };
    if let Some(details) = details {
        builder.record_details(draft, &details);
    }
    Some(())
}

fn references(graph: &StoreGraph, places: &[PathId], edges: &mut Vec<(u32, u32)>) {
    let place = |id: PathId| places[id.index()].index() as u32;
    for id in graph.ids() {
        let from = place(id);
        if graph.references_itself(id) {
            edges.push((from, from));
        }
        edges.extend(graph.references(id).iter().map(|&to| (from, place(to))));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::model::{Closure, PathInfo, Size, StoreDir};
    use crate::testing::{any_graph, hash_part};

    use super::*;

    /// A part of a graph: what some of its paths reach.
    fn part(graph: &StoreGraph, closure: &Closure) -> (StoreGraph, Vec<PathId>) {
        let mut builder = GraphBuilder::new(graph.store_dir().clone(), false);
        let drafts: Vec<_> = graph
            .ids()
            .map(|id| {
                let inside = closure.contains(id);
                inside.then(|| {
                    builder
                        .add(graph.base_name(id), graph.info(id))
                        .expect("room")
                })
            })
            .collect();
        for from in closure.members().iter() {
            for to in graph.references(from) {
                let pair = drafts[from.index()].zip(drafts[to.index()]);
                let (from, to) = pair.expect("closed");
                builder.reference(from, to);
            }
        }
        let roots = closure
            .roots()
            .iter()
            .filter_map(|root| drafts[root.index()]);
        let built = builder.finish(&roots.collect::<Vec<_>>());
        (built.graph, built.roots)
    }

    proptest! {
        #[test]
        fn parts_of_a_graph_join_to_what_both_reach(
            (graph, one) in any_graph(12),
            roots in prop::collection::vec(0..12_usize, 1..3),
        ) {
            let roots = roots.iter().map(|at| PathId::new(at % graph.len()));
            let other = Closure::of(&graph, &roots.collect::<Vec<_>>());
            let ((a, roots_a), (b, roots_b)) = (part(&graph, &one), part(&graph, &other));
            let joined = Joined::of(&a, &b).expect("room");
            prop_assert!(joined.warnings.is_empty());
            for (of, roots, whole) in [(0, &roots_a, &one), (1, &roots_b, &other)] {
                let closure = Closure::of(&joined.graph, &joined.places(of, roots));
                let names = |graph: &StoreGraph, closure: &Closure| -> Vec<(String, Size, Vec<String>)> {
                    let row = |id: PathId| {
                        let to = graph.references(id).iter();
                        let to = to.map(|&to| graph.base_name(to).to_owned()).collect();
                        (graph.base_name(id).to_owned(), graph.info(id).nar_size, to)
                    };
                    closure.members().iter().map(row).collect()
                };
                prop_assert_eq!(names(&joined.graph, &closure), names(&graph, whole));
                let roots = |graph: &StoreGraph, closure: &Closure| -> Vec<String> {
                    closure.roots().iter().map(|&id| graph.base_name(id).to_owned()).collect()
                };
                prop_assert_eq!(roots(&joined.graph, &closure), roots(&graph, whole));
            }
        }
    }

    #[test]
    fn gaps_are_filled_and_contradictions_are_told() {
        let one = |size: Size, record: bool, extra: bool| {
            let mut builder = GraphBuilder::new(StoreDir::default(), false);
            let info = PathInfo::with_nar_size(size);
            let app = builder
                .intern(&format!("{}-app", hash_part(1)))
                .expect("room");
            let lib = builder
                .intern(&format!("{}-lib", hash_part(2)))
                .expect("room");
            let more = builder
                .intern(&format!("{}-more", hash_part(3)))
                .expect("room");
            builder.record(app, info);
            builder.reference(app, lib);
            if record {
                builder.record(lib, info);
                builder.record(more, info);
            }
            if extra {
                builder.reference(app, more);
            }
            builder.finish(&[app]).graph
        };
        let told = |a: &StoreGraph, b: &StoreGraph| {
            let joined = Joined::of(a, b).expect("room");
            let warnings = joined.warnings.into_vec();
            let kinds = warnings
                .iter()
                .map(|one| one.kind.clone())
                .collect::<Vec<_>>();
            (joined.graph, kinds.join("; "))
        };
        let (graph, kinds) = told(
            &one(Size::UNKNOWN, true, false),
            &one(Size::bytes(7), true, false),
        );
        assert_eq!(
            (graph.nar_size(PathId::new(0)), kinds.as_str()),
            (Some(7), "")
        );
        let (_, kinds) = told(
            &one(Size::bytes(8), true, false),
            &one(Size::bytes(7), true, true),
        );
        assert!(kinds.contains("disagree about the references"), "{kinds}");
        assert!(kinds.contains("disagree about the NAR size"), "{kinds}");
        let (graph, kinds) = told(
            &one(Size::bytes(8), false, false),
            &one(Size::bytes(8), true, false),
        );
        assert!(kinds.contains("without a record on one side"), "{kinds}");
        assert!(graph.missing().is_empty());
    }
}
