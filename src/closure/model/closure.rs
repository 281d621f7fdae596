//! The requisites of some roots.

use std::sync::OnceLock;

use super::graph::{Column, StoreGraph};
use super::path_id::PathId;
use super::path_set::PathSet;

/// Everything reachable from some roots, with its total. All analyses speak about one closure.
#[derive(Debug, Clone)]
pub struct Closure {
    roots: Vec<PathId>,
    root_set: PathSet,
    members: PathSet,
    len: usize,
    known_nar_size: u64,
    unknown_sizes: usize,
    /// Both are worked out when they are first asked for.
    acyclic: OnceLock<bool>,
    depths: OnceLock<Column<u32>>,
}

impl Closure {
    /// The depth of paths outside the closure.
    pub const OUTSIDE: u32 = u32::MAX;

    /// Walks the references from the roots. Duplicate roots count once.
    pub fn of(graph: &StoreGraph, roots: &[PathId]) -> Self {
        let mut unique = Vec::with_capacity(roots.len());
        let mut members = PathSet::empty(graph.len());
        let mut stack = Vec::new();
        for &root in roots {
            if members.insert(root) {
                unique.push(root);
                stack.push(root);
            }
        }
        let root_set = members.clone();
        let mut sizes = Sizes::default();
        while let Some(id) = stack.pop() {
            sizes.add(graph, id);
            stack.extend(
                graph
                    .references(id)
                    .iter()
                    .copied()
                    .filter(|&next| members.insert(next)),
            );
        }
        Self {
            roots: unique,
            root_set,
            members,
            len: sizes.paths,
            known_nar_size: sizes.known,
            unknown_sizes: sizes.unknown,
            acyclic: OnceLock::new(),
            depths: OnceLock::new(),
        }
    }

    /// What a plan leaves of a closure: these members, which need not be all that the roots reach, since the plan breaks
    /// references that the graph still has. It can be compared with other closures; analyses that walk the graph would
    /// leave it.
    pub fn predicted(graph: &StoreGraph, roots: &[PathId], members: PathSet) -> Self {
        let mut sizes = Sizes::default();
        for id in members.iter() {
            sizes.add(graph, id);
        }
        let roots: Vec<PathId> = roots
            .iter()
            .copied()
            .filter(|&root| members.contains(root))
            .collect();
        Self {
            root_set: PathSet::of(graph.len(), roots.iter().copied()),
            roots,
            members,
            len: sizes.paths,
            known_nar_size: sizes.known,
            unknown_sizes: sizes.unknown,
            acyclic: OnceLock::new(),
            depths: OnceLock::new(),
        }
    }

    /// What the user asked about, in the order given.
    pub fn roots(&self) -> &[PathId] {
        &self.roots
    }

    /// The roots as a set.
    pub fn root_set(&self) -> &PathSet {
        &self.root_set
    }

    /// Whether the user asked about this very path. Constant time: a store can have as many roots as paths.
    #[inline]
    pub fn is_root(&self, id: PathId) -> bool {
        self.root_set.contains(id)
    }

    /// Everything reachable from the roots, the roots included.
    pub fn members(&self) -> &PathSet {
        &self.members
    }

    /// Whether the path is in the closure.
    #[inline]
    pub fn contains(&self, id: PathId) -> bool {
        self.members.contains(id)
    }

    /// How many paths are in the closure.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no path at all, for lack of roots.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Sum of the NAR sizes in bytes; `None` if one of them is unknown.
    pub fn nar_size(&self) -> Option<u64> {
        (self.unknown_sizes == 0).then_some(self.known_nar_size)
    }

    /// Sum of the NAR sizes that are known, in bytes.
    pub fn known_nar_size(&self) -> u64 {
        self.known_nar_size
    }

    /// How many paths have an unknown NAR size.
    pub fn unknown_sizes(&self) -> usize {
        self.unknown_sizes
    }

    /// The members, referrers before references, as far as no cycle is in the way (Kahn's algorithm): all of them, unless
    /// paths reference each other in a cycle.
    pub fn sorted(&self, graph: &StoreGraph) -> Vec<PathId> {
        let sequence = self.kahn(graph);
        self.acyclic.get_or_init(|| sequence.len() == self.len);
        sequence
    }

    /// Whether no path references itself through others.
    pub fn is_acyclic(&self, graph: &StoreGraph) -> bool {
        let sorts = || self.kahn(graph).len() == self.len;
        *self.acyclic.get_or_init(sorts)
    }

    /// The length of the shortest chain from a root to each path, roots having 0 and what is outside [`Closure::OUTSIDE`].
    pub fn depths(&self, graph: &StoreGraph) -> &Column<u32> {
        self.depths.get_or_init(|| self.search_breadth_first(graph))
    }

    fn kahn(&self, graph: &StoreGraph) -> Vec<PathId> {
        let mut waiting = Column::filled(graph.len(), 0_u32);
        for id in self.members.iter() {
            waiting[id] = self.referrer_count(graph, id) as u32;
        }
        let mut sequence: Vec<PathId> = Vec::with_capacity(self.len);
        sequence.extend(self.members.iter().filter(|&id| waiting[id] == 0));
        let mut next = 0;
        while next < sequence.len() {
            for &reference in graph.references(sequence[next]) {
                waiting[reference] -= 1;
                if waiting[reference] == 0 {
                    sequence.push(reference);
                }
            }
            next += 1;
        }
        sequence
    }

    fn search_breadth_first(&self, graph: &StoreGraph) -> Column<u32> {
        let mut depth = Column::filled(graph.len(), Self::OUTSIDE);
        let mut queue: Vec<PathId> = self.roots.clone();
        for &root in &queue {
            depth[root] = 0;
        }
        let mut next = 0;
        while next < queue.len() {
            let id = queue[next];
            next += 1;
            for &reference in graph.references(id) {
                if depth[reference] == Self::OUTSIDE {
                    depth[reference] = depth[id] + 1;
                    queue.push(reference);
                }
            }
        }
        depth
    }

    /// How many referrers a path has inside the closure.
    pub fn referrer_count(&self, graph: &StoreGraph, id: PathId) -> usize {
        if self.len == graph.len() {
            graph.referrers(id).len()
        } else {
            self.referrers(graph, id).count()
        }
    }

    /// The referrers of a path inside the closure, ascending.
    pub fn referrers<'a>(
        &'a self,
        graph: &'a StoreGraph,
        id: PathId,
    ) -> impl Iterator<Item = PathId> + 'a {
        graph
            .referrers(id)
            .iter()
            .copied()
            .filter(|&referrer| self.contains(referrer))
    }
}

/// Sizes of paths, summed up.
#[derive(Default)]
struct Sizes {
    paths: usize,
    known: u64,
    unknown: usize,
}

impl Sizes {
    fn add(&mut self, graph: &StoreGraph, id: PathId) {
        self.paths += 1;
        match graph.nar_size(id) {
            Some(bytes) => self.known += bytes,
            None => self.unknown += 1,
        }
    }
}
