//! Which packages changed: paths of one package name and output, before and after.

use std::cmp::{Ordering, Reverse};

use hashbrown::HashMap;

use super::Delta;
use crate::analysis::versions::compare;
use crate::analysis::what_if::Total;
use crate::model::{Closure, PackageName, PathId, StoreGraph};
use crate::text::sanitise;

/// What happened to a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// It was not there before.
    Came,
    /// It is not there any more.
    Left,
    /// It is there in other versions.
    Version,
    /// It is there in the same versions, under other hash parts.
    Rebuilt,
    /// It is there in the same versions, in more or fewer paths.
    Copies,
}

impl Change {
    /// All of them, in the order in which they are counted for people.
    pub const ALL: [Self; 5] = [
        Self::Came,
        Self::Left,
        Self::Version,
        Self::Rebuilt,
        Self::Copies,
    ];

    /// What happened to a package, or to paths that were asked about, by its paths before and after.
    pub fn between(graph: &StoreGraph, before: &[PathId], after: &[PathId]) -> Self {
        change(graph, before, after)
    }

    /// Its word in documents.
    pub fn word(self) -> &'static str {
        match self {
            Self::Came => "came",
            Self::Left => "left",
            Self::Version => "version",
            Self::Rebuilt => "rebuilt",
            Self::Copies => "copies",
        }
    }
}

/// A package of which a path came or left. Outputs of a package are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageChange {
    /// All its paths before, also those that stayed: oldest version first.
    pub before: Vec<PathId>,
    /// All its paths after, also those that were there before.
    pub after: Vec<PathId>,
    /// Those that are only before, ascending.
    pub left: Vec<PathId>,
    /// Those that are only after, ascending.
    pub came: Vec<PathId>,
    /// What happened to it.
    pub change: Change,
    /// How much more it is.
    pub delta: Delta,
}

impl PackageChange {
    /// Its name and output; the version is that of one of its paths.
    pub fn name<'g>(&self, graph: &'g StoreGraph) -> PackageName<'g> {
        graph.package(self.first())
    }

    /// The path that stands for it: the first that came, or that left.
    pub fn first(&self) -> PathId {
        let first = self.came.first().or(self.left.first());
        first.copied().unwrap_or(PathId::new(0))
    }
}

/// The versions of some paths of a package, how many of each: `3.10, 3.11 ×2`. Only how many where they have none, which may
/// be nothing to say. Safe for a terminal.
pub fn versions(graph: &StoreGraph, ids: &[PathId]) -> String {
    let mut counted: Vec<(&str, usize)> = Vec::new();
    for &id in ids {
        let version = graph.package(id).version;
        match counted.last_mut() {
            Some((last, count)) if *last == version => *count += 1,
            _ => counted.push((version, 1)),
        }
    }
    let bare = counted.len() == 1;
    let words = counted.into_iter().map(|(version, count)| {
        let version = match sanitise(version) {
            none if none.is_empty() && !bare => "–".into(),
            version => version,
        };
        match (version.is_empty(), count) {
            (_, 1) => version.into_owned(),
            (true, count) => format!("×{count}"),
            (false, count) => format!("{version} ×{count}"),
        }
    });
    words.collect::<Vec<_>>().join(", ")
}

impl PackageChange {
    /// What happened to its versions, in words, an arrow between before and after. Safe for a terminal.
    pub fn versions(&self, graph: &StoreGraph, arrow: &str) -> String {
        let (before, after) = (versions(graph, &self.before), versions(graph, &self.after));
        let counted = |words: String| {
            if words.is_empty() {
                "×1".to_owned()
            } else {
                words
            }
        };
        match self.change {
            Change::Came => after,
            Change::Left => before,
            Change::Rebuilt if after.is_empty() => "rebuilt".to_owned(),
            Change::Rebuilt => format!("{after}, rebuilt"),
            Change::Version | Change::Copies => {
                format!("{}{arrow}{}", counted(before), counted(after))
            }
        }
    }
}

/// Paths of one package: name, output, and whether they are derivations.
pub(super) type PackageKey<'g> = (&'g str, Option<&'g str>, bool);

/// The paths of a package: those that left, those that came, those that stayed.
#[derive(Default)]
struct Paths {
    left: Vec<PathId>,
    came: Vec<PathId>,
    stayed: Vec<PathId>,
}

/// The packages of which a path came or left, the largest difference first.
pub fn changed(graph: &StoreGraph, before: &Closure, after: &Closure) -> Vec<PackageChange> {
    let mut groups: HashMap<PackageKey, Paths> = HashMap::new();
    for id in before.members().iter().filter(|&id| !after.contains(id)) {
        groups.entry(key(graph, id)).or_default().left.push(id);
    }
    for id in after.members().iter().filter(|&id| !before.contains(id)) {
        groups.entry(key(graph, id)).or_default().came.push(id);
    }
    for id in after.members().iter().filter(|&id| before.contains(id)) {
        if let Some(paths) = groups.get_mut(&key(graph, id)) {
            paths.stayed.push(id);
        }
    }
    let mut packages: Vec<PackageChange> = groups
        .into_values()
        .map(|paths| package(graph, paths))
        .collect();
    packages.sort_by_cached_key(|package| {
        let PackageName { pname, output, .. } = package.name(graph);
        let size = package.delta.nar_size.unsigned_abs();
        (Reverse(size), pname, output, package.first())
    });
    packages
}

/// What tells the package of a path from others.
pub(super) fn key(graph: &StoreGraph, id: PathId) -> PackageKey<'_> {
    let PackageName { pname, output, .. } = graph.package(id);
    (pname, output, graph.is_derivation(id))
}

fn package(graph: &StoreGraph, paths: Paths) -> PackageChange {
    let total = |ids: &[PathId]| Total::of_paths(graph, ids.iter().copied());
    let side = |own: &[PathId]| {
        let mut all = [own, &paths.stayed[..]].concat();
        all.sort_by(|&a, &b| by_version(graph, a, b));
        all
    };
    let (before, after) = (side(&paths.left), side(&paths.came));
    PackageChange {
        change: change(graph, &before, &after),
        delta: Delta::between(&total(&paths.left), &total(&paths.came)),
        before,
        after,
        left: paths.left,
        came: paths.came,
    }
}

/// Older versions first, equal ones by name.
pub(super) fn by_version(graph: &StoreGraph, a: PathId, b: PathId) -> Ordering {
    let version = |id| graph.package(id).version;
    compare(version(a), version(b))
        .then_with(|| graph.name(a).cmp(graph.name(b)))
        .then(a.cmp(&b))
}

fn change(graph: &StoreGraph, before: &[PathId], after: &[PathId]) -> Change {
    let versions = |ids: &[PathId]| {
        let mut versions: Vec<&str> = ids.iter().map(|&id| graph.package(id).version).collect();
        versions.sort_unstable();
        versions.dedup();
        versions
    };
    match (before.len(), after.len()) {
        (0, _) => Change::Came,
        (_, 0) => Change::Left,
        _ if versions(before) != versions(after) => Change::Version,
        (old, new) if old == new => Change::Rebuilt,
        _ => Change::Copies,
    }
}
