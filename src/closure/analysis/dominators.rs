//! The dominator tree of a closure, and with it the retained size of every path.
//!
//! A path *d* dominates *v* if every chain from the roots to *v* passes through *d*: take *d* away and *v* goes too.
//! A virtual root above all roots makes several roots one. In topological order one pass finds all immediate
//! dominators (Cooper, Harvey and Kennedy, "A simple, fast dominance algorithm"); where input has cycles the same pass is
//! repeated along a reverse postorder until nothing changes, as that paper does, so answers are exact for any graph.

use crate::job::{Cancelled, Progress};
use crate::model::{Closure, Column, PathId, PathSet, StoreGraph};

use super::order::Order;

/// Immediate dominators, retained sizes and counts of the members of a closure.
#[derive(Debug, Clone)]
pub struct Dominators {
    immediate: Column<Parent>,
    /// Sum of the known NAR sizes of everything that leaves with a path, itself included, in bytes.
    retained_size: Column<u64>,
    retained_count: Column<u32>,
    /// Members whose dominated part has a path of unknown size.
    incomplete: PathSet,
}

/// An immediate dominator: a position in the order, [`TOP`] for the virtual root, [`NONE`] outside the closure.
type Parent = u32;
const TOP: Parent = u32::MAX - 1;
const NONE: Parent = u32::MAX;

impl Dominators {
    /// Computes the tree. `order` is the closure's own.
    pub fn of(
        graph: &StoreGraph,
        closure: &Closure,
        order: &Order,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let cyclic = order.cycles().next().is_some();
        let postorder;
        let sequence = if cyclic {
            postorder = reverse_postorder(graph, closure.roots(), closure.members());
            &postorder
        } else {
            order.sequence()
        };
        let roots = (closure.root_set(), closure.roots().len());
        let parents = immediate_dominators(graph, roots, sequence, cyclic, progress)?;
        Ok(Self::summed(graph, sequence, &parents))
    }

    /// `parents` holds the place of each path's dominator in the sequence, counted from 1 and led by the virtual root at 0.
    fn summed(graph: &StoreGraph, sequence: &[PathId], parents: &[u32]) -> Self {
        let mut result = Self {
            immediate: Column::filled(graph.len(), NONE),
            retained_size: Column::filled(graph.len(), 0),
            retained_count: Column::filled(graph.len(), 0),
            incomplete: PathSet::empty(graph.len()),
        };
        // What is below each place so far, by place so that neighbours in the order are neighbours in memory.
        let mut below = vec![(0_u64, 0_u32, false); parents.len()];
        for place in (1..parents.len()).rev() {
            let id = sequence[place - 1];
            let own = graph.nar_size(id);
            let (size, count, unknown) = below[place];
            let (size, count) = (size + own.unwrap_or(0), count + 1);
            let unknown = unknown || own.is_none();
            let parent = parents[place] as usize;
            let up = &mut below[parent];
            *up = (up.0 + size, up.1 + count, up.2 | unknown);
            result.retained_size[id] = size;
            result.retained_count[id] = count;
            result.immediate[id] = match parent {
                0 => TOP,
                place => sequence[place - 1].index() as u32,
            };
            if unknown {
                result.incomplete.insert(id);
            }
        }
        result
    }

    /// The nearest path that all chains to `id` pass through; `None` if there is none below the virtual root (or `id` is
    /// outside the closure).
    pub fn immediate(&self, id: PathId) -> Option<PathId> {
        match self.immediate[id] {
            TOP | NONE => None,
            index => Some(PathId::new(index as usize)),
        }
    }

    /// The paths that every chain to `id` passes through, root first, `id` left out: its choke points.
    pub fn strict(&self, id: PathId) -> Vec<PathId> {
        let mut chain: Vec<PathId> =
            std::iter::successors(self.immediate(id), |&up| self.immediate(up)).collect();
        chain.reverse();
        chain
    }

    /// What removing this one path frees, in bytes; `None` if a size in it is unknown.
    pub fn retained_size(&self, id: PathId) -> Option<u64> {
        (!self.incomplete.contains(id)).then(|| self.retained_size[id])
    }

    /// As [`Dominators::retained_size`], unknown sizes counted as nothing.
    pub fn known_retained_size(&self, id: PathId) -> u64 {
        self.retained_size[id]
    }

    /// How many paths leave with this one, itself included; 0 outside the closure.
    pub fn retained_count(&self, id: PathId) -> u32 {
        self.retained_count[id]
    }

    /// The tree's children lists: what each path dominates immediately, and what no path dominates.
    pub fn children(&self, closure: &Closure) -> DominatorTree {
        let count = self.immediate.as_slice().len();
        let mut starts = vec![0_u32; count + 2];
        let slot = |parent: Parent| {
            if parent == TOP {
                count
            } else {
                parent as usize
            }
        };
        for id in closure.members().iter() {
            starts[slot(self.immediate[id]) + 1] += 1;
        }
        for at in 0..=count {
            starts[at + 1] += starts[at];
        }
        let mut fill = starts.clone();
        let mut children = vec![PathId::new(0); closure.len()];
        for id in closure.members().iter() {
            let at = &mut fill[slot(self.immediate[id])];
            children[*at as usize] = id;
            *at += 1;
        }
        DominatorTree { starts, children }
    }
}

/// The dominator tree as lists of children.
#[derive(Debug, Clone)]
pub struct DominatorTree {
    starts: Vec<u32>,
    children: Vec<PathId>,
}

impl DominatorTree {
    /// What `id` dominates immediately, ascending.
    pub fn children(&self, id: PathId) -> &[PathId] {
        self.at(id.index())
    }

    /// What no path dominates: the roots that no other root holds alone, and what several of them share.
    pub fn top(&self) -> &[PathId] {
        self.at(self.starts.len() - 2)
    }

    fn at(&self, index: usize) -> &[PathId] {
        &self.children[self.starts[index] as usize..self.starts[index + 1] as usize]
    }
}

/// The topmost dominator of each path of a part of a graph that is entered at some of its paths: the first path of the part
/// on all ways to it, the path itself where ways have nothing in common. What no entry reaches is entered where nothing of
/// the part references it. Tops come before what they dominate.
pub(super) fn tops(
    graph: &StoreGraph,
    entries: &[PathId],
    part: &PathSet,
    progress: &Progress,
) -> Result<Vec<(PathId, PathId)>, Cancelled> {
    let mut entries = entries.to_vec();
    let mut sequence = reverse_postorder(graph, &entries, part);
    let held = |id: PathId| graph.referrers(id).iter().any(|&from| part.contains(from));
    // What only a cycle holds is entered everywhere.
    for everywhere in [false, true] {
        let missing = part.minus(&PathSet::of(graph.len(), sequence.iter().copied()));
        if missing.is_empty() {
            break;
        }
        entries.extend(missing.iter().filter(|&id| everywhere || !held(id)));
        sequence = reverse_postorder(graph, &entries, part);
    }
    let roots = PathSet::of(graph.len(), entries.iter().copied());
    let roots = (&roots, entries.len());
    let parents = immediate_dominators(graph, roots, &sequence, true, progress)?;
    let mut tops: Vec<(PathId, PathId)> = Vec::with_capacity(sequence.len());
    for (&id, &parent) in sequence.iter().zip(&parents[1..]) {
        let top = match parent.checked_sub(1) {
            None => id,
            Some(place) => tops[place as usize].1,
        };
        tops.push((id, top));
    }
    Ok(tops)
}

/// Members in reverse postorder of a depth-first walk from the roots.
fn reverse_postorder(graph: &StoreGraph, roots: &[PathId], members: &PathSet) -> Vec<PathId> {
    let mut seen = PathSet::empty(graph.len());
    let mut done = Vec::new();
    let mut stack: Vec<(PathId, usize)> = Vec::new();
    for &root in roots {
        if seen.insert(root) {
            stack.push((root, 0));
        }
        while let Some((id, next)) = stack.last_mut() {
            if let Some(&reference) = graph.references(*id).get(*next) {
                *next += 1;
                if members.contains(reference) && seen.insert(reference) {
                    stack.push((reference, 0));
                }
            } else {
                done.push(*id);
                stack.pop();
            }
        }
    }
    done.reverse();
    done
}

/// For each place in the sequence the place of its immediate dominator. Places are counted from 1; 0 is the virtual root,
/// which stands for itself. What is not in the sequence does not count.
fn immediate_dominators(
    graph: &StoreGraph,
    (roots, count): (&PathSet, usize),
    sequence: &[PathId],
    cyclic: bool,
    progress: &Progress,
) -> Result<Vec<u32>, Cancelled> {
    const UNSET: u32 = u32::MAX;
    let mut place = Column::filled(graph.len(), UNSET);
    for (position, &id) in sequence.iter().enumerate() {
        place[id] = position as u32 + 1;
    }
    let mut dominator = vec![UNSET; sequence.len() + 1];
    dominator[0] = 0;
    // Nothing is above an only root but the virtual one: a search that has come that far ends.
    let highest = u32::from(count == 1);
    loop {
        let mut changed = false;
        for (position, &id) in sequence.iter().enumerate() {
            let mut common = if roots.contains(id) { 0 } else { UNSET };
            for &referrer in graph.referrers(id) {
                if common <= highest {
                    break;
                }
                let other = place[referrer];
                if other == UNSET || dominator[other as usize] == UNSET {
                    continue;
                }
                common = if common == UNSET {
                    other
                } else {
                    intersect(&dominator, common, other)
                };
            }
            changed |= dominator[position + 1] != common;
            dominator[position + 1] = common;
            if position % 65_536 == 0 {
                progress.check()?;
            }
        }
        if !cyclic || !changed {
            return Ok(dominator);
        }
    }
}

/// The nearest common ancestor of two places in the tree so far: the larger one steps up.
#[inline]
fn intersect(dominator: &[u32], mut a: u32, mut b: u32) -> u32 {
    while a != b {
        if a > b {
            a = dominator[a as usize];
        } else {
            b = dominator[b as usize];
        }
    }
    a
}

#[cfg(test)]
mod tests {
    use petgraph::algo::dominators::simple_fast;
    use petgraph::graph::{DiGraph, NodeIndex};
    use proptest::prelude::*;

    use crate::analysis::what_if::{Step, Total, after};
    use crate::testing::{any_graph, graph, id, names};

    use super::*;

    fn dominators(graph: &StoreGraph, closure: &Closure) -> Dominators {
        let order = Order::of(graph, closure);
        Dominators::of(graph, closure, &order, &Progress::new()).expect("not cancelled")
    }

    #[test]
    fn what_only_one_path_holds_leaves_with_it() {
        let (graph, closure) = graph(
            "app 1 -> nix libc\nnix 10 -> aws boost libc\naws 5 -> crt\ncrt 2 -> libc\nboost 7\nlibc 30",
        );
        let dominators = dominators(&graph, &closure);
        let nix = id(&graph, "nix");
        assert_eq!(
            (
                dominators.retained_size(nix),
                dominators.retained_count(nix)
            ),
            (Some(24), 4)
        );
        assert_eq!(
            names(&graph, &dominators.strict(id(&graph, "crt"))),
            "app nix aws"
        );
        let tree = dominators.children(&closure);
        assert_eq!(names(&graph, tree.children(nix)), "aws boost");
        assert_eq!(names(&graph, tree.top()), "app");
    }

    #[test]
    fn roots_that_hold_each_other_hold_nothing_alone() {
        let (graph, closure) = graph("*a 1 -> b c\n*b 2 -> a c\nc 9");
        let dominators = dominators(&graph, &closure);
        let sizes: Vec<_> = graph.ids().map(|id| dominators.retained_size(id)).collect();
        assert_eq!(sizes, [Some(1), Some(2), Some(9)]);
        assert_eq!(names(&graph, dominators.children(&closure).top()), "a b c");
    }

    #[test]
    fn an_unknown_size_makes_those_above_unknown() {
        let (graph, closure) = graph("app 1 -> a b\na 2 -> x\nx ?\nb 3");
        let dominators = dominators(&graph, &closure);
        let retained = |name| dominators.retained_size(id(&graph, name));
        assert_eq!(
            (retained("app"), retained("a"), retained("b")),
            (None, None, Some(3))
        );
        assert_eq!(dominators.known_retained_size(id(&graph, "a")), 2);
    }

    /// petgraph's tree under one node above all roots.
    fn second_opinion(graph: &StoreGraph, closure: &Closure) -> Vec<Option<PathId>> {
        let mut other = DiGraph::<(), ()>::new();
        for _ in graph.ids() {
            other.add_node(());
        }
        let top = other.add_node(());
        for from in graph.ids() {
            for to in graph.references(from) {
                other.add_edge(NodeIndex::new(from.index()), NodeIndex::new(to.index()), ());
            }
        }
        for root in closure.roots() {
            other.add_edge(top, NodeIndex::new(root.index()), ());
        }
        let tree = simple_fast(&other, top);
        let up = |id: PathId| tree.immediate_dominator(NodeIndex::new(id.index()));
        let below_top = |node: NodeIndex| (node != top).then(|| PathId::new(node.index()));
        graph.ids().map(|id| up(id).and_then(below_top)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn retained_is_what_removing_frees((graph, closure) in any_graph(12)) {
            let dominators = dominators(&graph, &closure);
            for id in graph.ids() {
                let left = after(&graph, &closure, &[Step::Remove(id)]);
                let gone = Total::of(&graph, &closure.members().minus(&left));
                prop_assert_eq!(dominators.retained_count(id) as usize, gone.paths);
                prop_assert_eq!(dominators.known_retained_size(id), gone.nar_size);
                prop_assert_eq!(dominators.retained_size(id), gone.exact());
            }
        }

        #[test]
        fn the_tree_is_the_one_petgraph_finds((graph, closure) in any_graph(14)) {
            let dominators = dominators(&graph, &closure);
            let found: Vec<_> = graph.ids().map(|id| dominators.immediate(id)).collect();
            prop_assert_eq!(found, second_opinion(&graph, &closure));
            let tree = dominators.children(&closure);
            let listed = graph.ids().map(|id| tree.children(id).len()).sum::<usize>() + tree.top().len();
            prop_assert_eq!(listed, closure.len());
            for id in graph.ids() {
                prop_assert!(tree.children(id).iter().all(|&child| dominators.immediate(child) == Some(id)));
            }
        }
    }
}
