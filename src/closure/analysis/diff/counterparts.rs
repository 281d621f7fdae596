//! Which path came in place of which.
//!
//! The roots stand for each other if each side has but one, and from there down so do generated paths, whose names have no
//! version: what an environment references in place of what the one before did. Within a package, what left and what came
//! are then paired: first those of the same name, then those with the same words behind the version, then the rest, newest
//! with newest. What is left over on one side has no counterpart.

use hashbrown::HashMap;

use super::packages::{PackageChange, by_version, key};
use crate::analysis::versions::Build;
use crate::model::{Closure, Column, PathId, PathSet, StoreGraph};

/// For each path that left what came in its place, and the other way round. Where the one before is kept beside what came in
/// its place (a system that references the one before), only one of the two knows the other.
#[derive(Debug, Clone)]
pub struct Counterparts(Column<Option<PathId>>);

impl Counterparts {
    /// Pairs the paths of two closures.
    pub(super) fn of(
        graph: &StoreGraph,
        packages: &[PackageChange],
        (before, after): (&Closure, &Closure),
    ) -> Self {
        let mut all = Self(Column::filled(graph.len(), None));
        let sides = (before, after);
        let kept = match (before.roots(), after.roots()) {
            (&[old], &[new]) if old != new => all.walk(graph, sides, (old, new)),
            _ => Vec::new(),
        };
        for package in packages {
            let alone = |ids: &[PathId]| -> Vec<PathId> {
                let alone = ids.iter().filter(|&&id| all.get(id).is_none());
                alone.copied().collect()
            };
            let sides = Sides {
                left: alone(&package.left),
                came: alone(&package.came),
            };
            sides.pair(graph, &mut all);
        }
        for (old, new) in kept {
            all.stand(sides, (old, new));
        }
        all
    }

    /// What came in place of a path that left, or left in favour of one that came.
    pub fn get(&self, id: PathId) -> Option<PathId> {
        self.0[id]
    }

    fn join(&mut self, a: PathId, b: PathId) {
        self.0[a] = Some(b);
        self.0[b] = Some(a);
    }

    /// Pairs from the roots down what is generated. Gives the pairs of which one is on both sides, or whose roots are of
    /// different packages: they count only where nothing else does.
    fn walk(
        &mut self,
        graph: &StoreGraph,
        (before, after): (&Closure, &Closure),
        roots: (PathId, PathId),
    ) -> Vec<(PathId, PathId)> {
        let mut pairs = vec![roots];
        let mut seen = PathSet::of(graph.len(), [roots.0, roots.1]);
        let mut kept = Vec::new();
        let mut next = 0;
        while let Some(&(old, new)) = pairs.get(next) {
            let changed = !after.contains(old) && !before.contains(new);
            if changed && key(graph, old) == key(graph, new) {
                self.join(old, new);
            } else {
                kept.push((old, new));
            }
            pairs.extend(generated(graph, (old, new), &mut seen));
            next += 1;
        }
        kept
    }

    /// One path stands for another that is on both sides, unless it has a counterpart.
    fn stand(&mut self, (before, after): (&Closure, &Closure), (old, new): (PathId, PathId)) {
        let (left, came) = (!after.contains(old), !before.contains(new));
        let alone = |id| self.get(id).is_none();
        match (left && alone(old), came && alone(new)) {
            (true, true) => self.join(old, new),
            (true, false) if !came => self.0[old] = Some(new),
            (false, true) if !left => self.0[new] = Some(old),
            _ => {}
        }
    }
}

/// What is generated under one path in place of what is under another, each pair of one name. What was `seen` is in a pair.
fn generated(
    graph: &StoreGraph,
    (old, new): (PathId, PathId),
    seen: &mut PathSet,
) -> Vec<(PathId, PathId)> {
    let (others, own) = (graph.references(old), graph.references(new));
    let is_own = |ids: &[PathId], id: &PathId| ids.binary_search(id).is_ok();
    let bare = |id: &PathId| graph.package(*id).version.is_empty();
    let mut names: HashMap<&str, PathId> = HashMap::new();
    for &was in others.iter().filter(|id| bare(id) && !is_own(own, id)) {
        if !seen.contains(was) {
            names.entry(graph.name(was)).or_insert(was);
        }
    }
    let mut pairs = Vec::new();
    for &to in own.iter().filter(|id| bare(id) && !is_own(others, id)) {
        if seen.contains(to) {
            continue;
        }
        if let Some(was) = names.remove(graph.name(to)) {
            seen.extend([was, to]);
            pairs.push((was, to));
        }
    }
    pairs
}

/// The paths of a package that have no counterpart yet, oldest version first.
struct Sides {
    left: Vec<PathId>,
    came: Vec<PathId>,
}

impl Sides {
    fn pair(mut self, graph: &StoreGraph, all: &mut Counterparts) {
        if self.left.is_empty() || self.came.is_empty() {
            return;
        }
        if let ([old], [new]) = (&self.left[..], &self.came[..]) {
            return all.join(*old, *new);
        }
        self.by(graph, |id| graph.name(id), all);
        self.by(graph, |id| Build::of(graph.package(id)).suffix, all);
        self.by(graph, |_| (), all);
    }

    /// Pairs what is equal in something, newest with newest.
    fn by<K: Ord>(
        &mut self,
        graph: &StoreGraph,
        key: impl Fn(PathId) -> K,
        all: &mut Counterparts,
    ) {
        for side in [&mut self.left, &mut self.came] {
            side.sort_by(|&a, &b| key(a).cmp(&key(b)).then_with(|| by_version(graph, a, b)));
        }
        let (mut left, mut came) = (Vec::new(), Vec::new());
        while let (Some(&old), Some(&new)) = (self.left.last(), self.came.last()) {
            let order = key(old).cmp(&key(new));
            if order.is_eq() {
                all.join(old, new);
            }
            if order.is_ge() {
                self.left.pop();
            }
            if order.is_le() {
                self.came.pop();
            }
            left.extend(order.is_gt().then_some(old));
            came.extend(order.is_lt().then_some(new));
        }
        self.left.append(&mut left);
        self.came.append(&mut came);
    }
}
