//! Why a path is here, folded for reading: the choke points in a row, and between two of them what all chains do there.

use std::sync::Arc;

use hashbrown::HashMap;

use crate::analysis::origin::{Brought, Definition};
use crate::analysis::why::{Why, shortest_chain};
use crate::job::{Cancelled, Progress};
use crate::model::{PathId, PathSet};

use crate::analysis::analysed::Core;
use crate::app::facts::Facts;

/// The answer to *why is this here*.
#[derive(Debug)]
pub struct Chains {
    /// Referrers, chains, choke points.
    pub why: Why,
    /// The choke points in order, the target last.
    pub points: Vec<PathId>,
    /// What lies before each of [`Chains::points`].
    pub segments: Vec<Segment>,
    /// The definitions that bring the path, each with the path it names if that is another one.
    pub origins: Vec<(Definition, Option<PathId>)>,
}

/// All ways from one choke point (or the roots) to the next.
#[derive(Debug)]
pub struct Segment {
    /// Where the ways begin; `None`: at the roots.
    pub from: Option<PathId>,
    /// Where they end.
    pub to: PathId,
    /// The paths between, end points left out.
    pub inside: PathSet,
    /// How many those are.
    pub paths: usize,
    /// How many ways there are, `u128::MAX` standing for that many or more.
    pub ways: u128,
    /// References on the shortest way.
    pub shortest: u32,
    /// References on the longest way.
    pub longest: u32,
    /// The paths between on the shortest chain to the target, in order.
    pub on_shortest: Vec<PathId>,
    /// References from each path between to the end on a shortest way, for putting the nearest first.
    steps: HashMap<PathId, u32>,
}

impl Segment {
    /// Whether there is only one way, a single reference.
    pub fn is_direct(&self) -> bool {
        self.paths == 0
    }

    /// The ways on from a path, or from the roots, the shortest first. The end of the segment leads no further.
    pub fn onward(&self, facts: &Facts, from: Option<PathId>) -> Vec<PathId> {
        let mut next: Vec<PathId> = onward(facts, self, from).collect();
        next.sort_by_key(|&id| (self.steps.get(&id).copied().unwrap_or(0), id));
        next
    }
}

impl Chains {
    /// Computes it; of what is gone why it was there. `None` if the path is in neither closure.
    pub fn of(
        facts: &Facts,
        core: Core<'_>,
        target: PathId,
        progress: &Progress,
    ) -> Result<Option<Self>, Cancelled> {
        let (graph, closure) = (facts.graph(), facts.closure_with(target));
        let before;
        let core = if facts.is_gone(target) {
            before = facts.analysed(progress).beside(Arc::clone(closure));
            before.core()?
        } else {
            core
        };
        let Some(why) = Why::of(graph, closure, core.order, core.dominators, target) else {
            return Ok(None);
        };
        progress.check()?;
        let mut points = why.choke_points.clone();
        points.push(target);
        let mut segments = Vec::with_capacity(points.len());
        let mut from = None;
        let mut left = &why.shortest_chain[..];
        for &to in &points {
            progress.check()?;
            let mut segment = segment(facts, core, &why.on_chains, from, to);
            // Every chain passes all choke points.
            let mut parts = left.splitn(2, |&id| id == to);
            segment.on_shortest = parts.next().unwrap_or_default().to_vec();
            left = parts.next().unwrap_or_default();
            segment.steps = steps_to_end(facts, &segment);
            segments.push(segment);
            from = Some(to);
        }
        Ok(Some(Self {
            why,
            points,
            segments,
            origins: origins(facts, target),
        }))
    }
}

impl Facts {
    /// One shortest chain from a root, root first: of what is gone one that there was. `None` before the depths are known, so
    /// that a key does not wait for a walk.
    pub(crate) fn shortest_chain(&self, id: PathId) -> Option<Vec<PathId>> {
        self.core()?;
        shortest_chain(self.graph(), self.closure_with(id), id)
    }
}

/// The definitions that bring a path.
fn origins(facts: &Facts, target: PathId) -> Vec<(Definition, Option<PathId>)> {
    let computed = facts.computed();
    let found = computed
        .origins()
        .bringing(facts.graph(), facts.closure(), target);
    let own = |brought: Brought<'_>| (brought.definition.clone(), brought.via);
    found.into_iter().map(own).collect()
}

/// What references what on a segment, for walking it.
fn onward<'a>(
    facts: &'a Facts,
    segment: &'a Segment,
    id: Option<PathId>,
) -> impl Iterator<Item = PathId> + 'a {
    let roots = if id.is_none() {
        facts.closure_with(segment.to).roots()
    } else {
        &[]
    };
    let references = id.map_or(&[][..], |id| facts.graph().references(id));
    roots
        .iter()
        .chain(references)
        .copied()
        .filter(move |&next| next == segment.to || segment.inside.contains(next))
}

fn segment(
    facts: &Facts,
    core: Core<'_>,
    on_chains: &PathSet,
    from: Option<PathId>,
    to: PathId,
) -> Segment {
    let graph = facts.graph();
    let mut result = Segment {
        from,
        to,
        inside: PathSet::empty(graph.len()),
        paths: 0,
        ways: 0,
        shortest: 0,
        longest: 0,
        on_shortest: Vec::new(),
        steps: HashMap::new(),
    };
    let starts: Vec<PathId> = match from {
        Some(from) => vec![from],
        None => facts
            .closure_with(to)
            .roots()
            .iter()
            .copied()
            .filter(|&root| on_chains.contains(root))
            .collect(),
    };
    let mut seen = PathSet::of(graph.len(), starts.iter().copied());
    let mut members: Vec<PathId> = starts.iter().copied().filter(|&id| id != to).collect();
    let mut next = 0;
    while let Some(&id) = members.get(next) {
        next += 1;
        let onward = graph.references(id).iter().copied();
        members.extend(onward.filter(|&r| r != to && on_chains.contains(r) && seen.insert(r)));
    }
    result
        .inside
        .extend(members.iter().copied().filter(|&id| Some(id) != from));
    result.paths = members.len() - usize::from(from.is_some());
    members.push(to);
    count_ways(facts, core, &mut result, members, &starts);
    result
}

/// Counts by arithmetic in topological order: ways, and the fewest and most references on one. A chain from the roots
/// begins with a path, not with a reference, so its first step is free.
fn count_ways(
    facts: &Facts,
    core: Core<'_>,
    segment: &mut Segment,
    mut members: Vec<PathId>,
    starts: &[PathId],
) {
    let order = core.order;
    members.sort_by_cached_key(|&id| order.group_of(id));
    let mut groups: Vec<usize> = members.iter().map(|&id| order.group_of(id)).collect();
    groups.dedup();
    let place = |id| groups.partition_point(|&group| group < order.group_of(id));
    let mut ways = vec![(0_u128, u32::MAX, 0_u32); groups.len()];
    for &start in starts {
        let entry = &mut ways[place(start)];
        *entry = (entry.0 + 1, 0, 0);
    }
    for &id in members.iter().filter(|&&id| id != segment.to) {
        let here = place(id);
        let (count, least, most) = ways[here];
        if count == 0 {
            continue;
        }
        for next in onward(facts, segment, Some(id)) {
            let below = place(next);
            if below != here {
                let entry = &mut ways[below];
                entry.0 = entry.0.saturating_add(count);
                entry.1 = entry.1.min(least + 1);
                entry.2 = entry.2.max(most + 1);
            }
        }
    }
    (segment.ways, segment.shortest, segment.longest) = ways[place(segment.to)];
}

/// References from each path of a segment to its end.
fn steps_to_end(facts: &Facts, segment: &Segment) -> HashMap<PathId, u32> {
    let mut steps = HashMap::with_capacity(segment.paths);
    let mut queue = vec![(segment.to, 0)];
    let mut at = 0;
    while let Some(&(id, below)) = queue.get(at) {
        at += 1;
        for referrer in facts.closure_with(segment.to).referrers(facts.graph(), id) {
            if segment.inside.contains(referrer) && !steps.contains_key(&referrer) {
                steps.insert(referrer, below + 1);
                queue.push((referrer, below + 1));
            }
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{any_dag, graph, id};

    #[test]
    fn segments_say_what_lies_between_choke_points() {
        let facts = Facts::in_test(graph(
            "app -> env\nenv -> a b c\na -> b\nb -> c\nc -> libc\nlibc",
        ));
        let libc = id(facts.graph(), "libc");
        let chains = Chains::of(
            &facts,
            facts.core().expect("analysed"),
            libc,
            &Progress::new(),
        )
        .expect("not cancelled")
        .expect("inside");
        let table: Vec<_> = chains
            .segments
            .iter()
            .map(|s| {
                (
                    facts.graph().name(s.to),
                    s.ways,
                    s.paths,
                    s.shortest,
                    s.longest,
                )
            })
            .collect();
        assert_eq!(
            table,
            [
                ("app", 1, 0, 0, 0),
                ("env", 1, 0, 1, 1),
                ("c", 3, 2, 1, 3),
                ("libc", 1, 0, 1, 1)
            ]
        );
    }

    proptest! {
        #[test]
        fn chains_are_the_product_of_the_ways(made in any_dag(12)) {
            let facts = Facts::in_test(made);
            for target in facts.closure().members().iter() {
                let chains = Chains::of(&facts, facts.core().expect("analysed"), target, &Progress::new()).expect("not cancelled").expect("inside");
                let way = chains.segments.iter().zip(&chains.points);
                let shortest: Vec<PathId> = way.flat_map(|(s, &to)| s.on_shortest.iter().copied().chain([to])).collect();
                prop_assert_eq!(&shortest, &chains.why.shortest_chain);
                let shown: Vec<usize> = chains.segments.iter().map(|s| s.on_shortest.len()).collect();
                let least: Vec<usize> = chains.segments.iter().map(|s| s.shortest as usize + usize::from(s.from.is_none()) - 1).collect();
                prop_assert_eq!(shown, least);
                let product: BigUint = chains.segments.iter().map(|s| BigUint::from(s.ways)).product();
                prop_assert_eq!(&product, chains.why.chains.value());
            }
        }
    }
}
