//! Which path came in place of which.
//!
//! Within a package, what left and what came are paired: first those of the same name, then those with the same words
//! behind the version, then the rest, newest with newest. What is left over on one side has no counterpart.

use super::packages::{PackageChange, by_version};
use crate::analysis::versions::Build;
use crate::model::{Closure, Column, PathId, StoreGraph};

/// For each path that left what came in its place, and the other way round.
#[derive(Debug, Clone)]
pub struct Counterparts(Column<Option<PathId>>);

impl Counterparts {
    /// Pairs the paths of each package. Where both closures have but one root, those are counterparts as well.
    pub(super) fn of(
        graph: &StoreGraph,
        packages: &[PackageChange],
        (before, after): (&Closure, &Closure),
    ) -> Self {
        let mut all = Self(Column::filled(graph.len(), None));
        for package in packages {
            let sides = Sides {
                left: package.left.clone(),
                came: package.came.clone(),
            };
            sides.pair(graph, &mut all);
        }
        if let ([old], [new]) = (before.roots(), after.roots()) {
            let differ = !after.contains(*old) && !before.contains(*new);
            if differ && all.get(*old).is_none() && all.get(*new).is_none() {
                all.join(*old, *new);
            }
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
