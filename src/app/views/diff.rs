//! The view of differences: the packages that changed, and below each its paths, what brought them and what came along.

use std::sync::Arc;

use hashbrown::HashMap;

use crate::analysis::Diff;
use crate::analysis::diff::{Cause, PackageChange};
use crate::job::{Cancelled, Progress};
use crate::model::{PathId, Reference, StoreGraph};

use super::folds::{Folds, GroupRow};
use super::list::{Asked, Both, List, Nothing, ScrollPlace};
use crate::app::explore::Explore;
use crate::app::facts::Facts;
use crate::app::shared::Context;
use crate::app::target::Target;

/// Paths that are listed of those that came along.
const MOST_ALONG: usize = 50;

/// A row below a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiffItem {
    /// A path that came.
    Came(PathId),
    /// A path that left.
    Left(PathId),
    /// A path of the package that stayed.
    Stayed(PathId),
    /// The reference that brought a path.
    By(Reference),
    /// The reference that had held a path.
    HeldBy(Reference),
    /// What the path came or left with: the path that brought it, or had held it.
    With(PathId),
    /// A path that came along, or left along.
    Along(PathId),
    /// This many more of them.
    More(usize),
}

impl DiffItem {
    /// The path it stands for.
    pub fn id(self) -> Option<PathId> {
        match self {
            Self::Came(id)
            | Self::Left(id)
            | Self::Stayed(id)
            | Self::With(id)
            | Self::Along(id) => Some(id),
            Self::By((from, _)) | Self::HeldBy((from, _)) => Some(from),
            Self::More(_) => None,
        }
    }
}

/// What is different, and the rows below each package.
#[derive(Debug)]
pub struct Differences {
    /// What is different.
    pub diff: Diff,
    items: Vec<Vec<DiffItem>>,
    /// The packages of the paths that came or left.
    places: HashMap<PathId, usize>,
}

impl Differences {
    /// Compares the closure with what it is compared with, if that is something.
    fn of(facts: &Facts, progress: &Progress) -> Result<Option<Arc<Self>>, Cancelled> {
        let Some((before, after)) = facts.sides() else {
            return Ok(None);
        };
        let diff = Diff::of(facts.graph(), before, after, progress)?;
        let mut places = HashMap::new();
        for (at, package) in diff.packages.iter().enumerate() {
            let changed = package.came.iter().chain(&package.left);
            places.extend(changed.map(|&id| (id, at)));
        }
        Ok(Some(Arc::new(Self {
            items: rows(&diff),
            places,
            diff,
        })))
    }

    /// A package.
    pub fn package(&self, at: usize) -> Option<&PackageChange> {
        self.diff.packages.get(at)
    }

    /// A row below a package.
    pub fn item(&self, group: usize, at: usize) -> Option<DiffItem> {
        self.items.get(group)?.get(at).copied()
    }
}

/// The rows below each package.
fn rows(diff: &Diff) -> Vec<Vec<DiffItem>> {
    let mut causes: HashMap<PathId, &Cause> = HashMap::new();
    for cause in diff.arrivals.iter().chain(&diff.departures) {
        causes.extend(cause.paths.iter().map(|&id| (id, cause)));
    }
    let rows = |package| items(diff, package, &causes);
    diff.packages.iter().map(rows).collect()
}

/// The rows below a package.
fn items(diff: &Diff, package: &PackageChange, causes: &HashMap<PathId, &Cause>) -> Vec<DiffItem> {
    let mut items = Vec::new();
    for &id in package.after.iter().rev() {
        if diff.came.contains(id) {
            items.push(DiffItem::Came(id));
            items.extend(
                causes
                    .get(&id)
                    .into_iter()
                    .flat_map(|cause| of_cause(id, cause, true)),
            );
        } else {
            items.push(DiffItem::Stayed(id));
        }
    }
    for &id in package
        .before
        .iter()
        .rev()
        .filter(|&&id| diff.left.contains(id))
    {
        items.push(DiffItem::Left(id));
        items.extend(
            causes
                .get(&id)
                .into_iter()
                .flat_map(|cause| of_cause(id, cause, false)),
        );
    }
    items
}

/// What brought a path, or had held it, and what came or left with it.
fn of_cause(id: PathId, cause: &Cause, came: bool) -> Vec<DiffItem> {
    if cause.top != id {
        return vec![DiffItem::With(cause.top)];
    }
    let by = if came { DiffItem::By } else { DiffItem::HeldBy };
    let mut items: Vec<DiffItem> = cause
        .references
        .iter()
        .map(|&reference| by(reference))
        .collect();
    items.extend(cause.others.iter().map(|&other| by((other, id))));
    let along = cause.along();
    items.extend(along.iter().take(MOST_ALONG).map(|&id| DiffItem::Along(id)));
    if along.len() > MOST_ALONG {
        items.push(DiffItem::More(along.len() - MOST_ALONG));
    }
    items
}

/// The differences, for the engine.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiffGroups;

impl List for DiffGroups {
    type Found = Option<Arc<Differences>>;
    type Later = Nothing;

    fn find(
        facts: &Facts,
        _explore: &Explore,
        _asked: &Asked,
        progress: &Progress,
    ) -> Result<Self::Found, Cancelled> {
        Differences::of(facts, progress)
    }

    fn folds(found: &Self::Found, _columns: u16) -> Folds {
        let items = found.iter().flat_map(|found| &found.items);
        Folds::of(items.map(Vec::len))
    }

    fn target(groups: Both<'_, Self>, _cx: Context<'_>, row: GroupRow) -> Target {
        let Some(found) = groups.found else {
            return Target::default();
        };
        match row {
            GroupRow::Group(at) => Target::perhaps(found.package(at).map(PackageChange::first)),
            GroupRow::Item(group, at) => match found.item(group, at) {
                Some(DiffItem::By(reference)) => {
                    Target::path(reference.0).with_reference(Some(reference))
                }
                // It is gone: it can be looked at, and not be cut.
                Some(DiffItem::HeldBy(reference)) => Target {
                    evidence: Some(reference),
                    ..Target::path(reference.0)
                },
                item => Target::perhaps(item.and_then(DiffItem::id)),
            },
        }
    }

    fn name(found: &Self::Found, graph: &StoreGraph, group: usize) -> String {
        let package = found.as_ref().and_then(|found| found.package(group));
        let name = package.map(|package| package.name(graph));
        let name = name.map(|name| format!("{} {:?}", name.pname, name.output));
        name.unwrap_or_default()
    }

    fn row_of(found: &Self::Found, id: PathId) -> Option<GroupRow> {
        let found = found.as_ref()?;
        let &group = found.places.get(&id)?;
        if found.package(group)?.first() == id {
            return Some(GroupRow::Group(group));
        }
        let is_it = |item: &DiffItem| matches!(*item, DiffItem::Came(own) | DiffItem::Left(own) if own == id);
        let at = found.items[group].iter().position(is_it)?;
        Some(GroupRow::Item(group, at))
    }

    fn begins_at_top(_row: GroupRow, place: ScrollPlace) -> bool {
        // It is read from the top, where the differences are large.
        place.group >= place.height
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::facts::{Before, Snapshot};
    use crate::model::Closure;
    use crate::testing::{graph, id};

    #[test]
    fn packages_open_into_paths_causes_and_what_came_along() {
        let (graph, _) = graph(
            "*old-1 1 -> app-1.0 doc-1\n*new-2 1 -> app-1.1\n\
             app-1.0 10\napp-1.1 12 -> gcc-12\ngcc-12 200 -> mpfr-4\nmpfr-4 3\ndoc-1 50",
        );
        let closure = |root| Closure::of(&graph, &[id(&graph, root)]);
        let (before, after) = (closure("old-1"), closure("new-2"));
        let compared = Before::of("old".to_owned(), before.into(), &graph, &after);
        let facts = Facts::of(Snapshot {
            closure: after.into(),
            warnings: Vec::new(),
            origin: String::new(),
            found: Arc::default(),
            before: Some(compared),
            guess: None,
            graph: Arc::new(graph),
        });
        let found = Differences::of(&facts, &Progress::new())
            .expect("not cancelled")
            .expect("compared");
        let name = |id| facts.graph().name(id);
        let mut table = Vec::new();
        for (at, package) in found.diff.packages.iter().enumerate() {
            table.push(format!(
                "{} {}",
                package.name(facts.graph()).pname,
                package.delta.nar_size
            ));
            for item in (0..).map_while(|item| found.item(at, item)) {
                let word = format!("{item:?}");
                let word = word.split('(').next().expect("a word").to_owned();
                table.push(format!(" {word} {}", item.id().map_or("", name)));
            }
        }
        let expected = [
            "gcc 200",
            " Came gcc-12",
            " By app-1.1",
            " Along mpfr-4",
            "doc -50",
            " Left doc-1",
            " HeldBy old-1",
            "mpfr 3",
            " Came mpfr-4",
            " With gcc-12",
            "app 2",
            " Came app-1.1",
            " Left app-1.0",
            "new 1",
            " Came new-2",
            "old -1",
            " Left old-1",
        ];
        assert_eq!(table, expected);
        let found = Some(found);
        let at = |name| id(facts.graph(), name);
        assert_eq!(
            DiffGroups::row_of(&found, at("gcc-12")),
            Some(GroupRow::Group(0))
        );
        assert_eq!(
            DiffGroups::row_of(&found, at("app-1.0")),
            Some(GroupRow::Item(3, 1))
        );
        assert!(facts.is_gone(at("doc-1")) && !facts.is_gone(at("gcc-12")));
    }
}
