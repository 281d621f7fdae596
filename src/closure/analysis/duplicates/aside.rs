//! What looks like duplicates but is not: shown separately, without savings.

use crate::model::{Closure, PathId, PathSet, Reference, StoreGraph};

use super::Platforms;
use crate::analysis::what_if::{Difference, Step, Total, after};

/// Why members are no duplicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AsideKind {
    /// A second set of packages, for another platform than most.
    Platforms,
    /// One package in several major versions: what needs one cannot use another.
    Coexisting,
    /// Derivations of one package of which one builds the next: the stages of a bootstrap.
    Stages,
    /// Different packages that do the same.
    Alternatives,
}

impl AsideKind {
    /// Its name in documents.
    pub fn key(self) -> &'static str {
        match self {
            Self::Platforms => "platforms",
            Self::Coexisting => "coexisting",
            Self::Stages => "stages",
            Self::Alternatives => "alternatives",
        }
    }
}

/// A group of members that are no duplicates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    /// Why not.
    pub kind: AsideKind,
    /// What they are: the package, the platform or its C library, what alternatives are for.
    pub name: String,
    /// The members, ascending.
    pub paths: Vec<PathId>,
    /// All members together.
    pub total: Total,
    /// Of a platform the references that bring its set, ascending; else none.
    pub brings: Vec<Reference>,
    /// What leaves without those references; `None` where there are none.
    pub freed: Option<Difference>,
    /// Of alternatives who holds each, and what doing without it frees, in the order of `paths`; else none.
    pub members: Vec<Member>,
}

/// One of several alternatives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The path.
    pub path: PathId,
    /// Its referrers in the closure, ascending.
    pub referrers: Vec<PathId>,
    /// What leaves with it.
    pub freed: Difference,
}

impl Aside {
    pub(super) fn of(
        graph: &StoreGraph,
        kind: AsideKind,
        name: String,
        paths: Vec<PathId>,
    ) -> Self {
        Self {
            kind,
            name,
            total: Total::of_paths(graph, paths.iter().copied()),
            paths,
            brings: Vec::new(),
            freed: None,
            members: Vec::new(),
        }
    }
}

/// Groups of one package each, in the order of names.
pub(super) fn named(
    graph: &StoreGraph,
    kind: AsideKind,
    groups: Vec<(&str, Vec<PathId>)>,
) -> Vec<Aside> {
    let mut groups: Vec<Aside> = groups
        .into_iter()
        .map(|(name, mut paths)| {
            paths.sort_unstable();
            Aside::of(graph, kind, name.to_owned(), paths)
        })
        .collect();
    groups.sort_by(|a, b| (&a.name, &a.paths).cmp(&(&b.name, &b.paths)));
    groups
}

/// One group for each platform but that of most paths, with the references that lead into it from outside.
pub(super) fn platforms(
    graph: &StoreGraph,
    closure: &Closure,
    platforms: &Platforms,
    known: &dyn Fn(PathId) -> Option<String>,
) -> Vec<Aside> {
    let set = |(class, library): (u8, PathId)| {
        let members = closure.members().iter();
        let paths: Vec<PathId> = members.filter(|&id| platforms.class(id) == class).collect();
        let is_member = PathSet::of(graph.len(), paths.iter().copied());
        let name = known(library).unwrap_or_else(|| graph.name(library).to_owned());
        let mut brings = Vec::new();
        for &to in &paths {
            let outside = closure
                .referrers(graph, to)
                .filter(|&from| !is_member.contains(from));
            brings.extend(outside.map(|from| (from, to)));
        }
        brings.sort_unstable();
        let cut = |&(from, to): &Reference| Step::Cut { from, to };
        let steps: Vec<Step> = brings.iter().map(cut).collect();
        let left = after(graph, closure, &steps);
        let freed = Difference::between(graph, closure.members(), &left);
        Aside {
            freed: (!brings.is_empty()).then_some(freed),
            brings,
            ..Aside::of(graph, AsideKind::Platforms, name, paths)
        }
    };
    platforms
        .others()
        .map(set)
        .filter(|aside| !aside.paths.is_empty())
        .collect()
}
