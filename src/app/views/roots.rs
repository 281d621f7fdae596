//! The view of roots: what holds the paths of the store, what each root of the closure holds, what several share, and what
//! direct dependencies share and free.

pub(crate) mod about;
mod found;
pub(crate) mod generations;
mod kept;
pub(crate) mod pane;
mod sort;

use std::sync::Arc;

use crate::analysis::Need;
use crate::job::{Cancelled, Progress};
use crate::model::{PathId, StoreGraph};
use crate::source::SourceError;
use crate::source::roots::store_roots::StoreRoots;

use super::folds::{Folds, GroupRow};
use super::list::{Asked, Both, List, Nothing, ScrollPlace};
use crate::app::explore::Explore;
use crate::app::facts::Facts;
use crate::app::obstacle::Obstacle;
use crate::app::outcome::Outcome;
use crate::app::shared::Context;
use crate::app::target::Target;

use self::found::StoreLine;
pub(crate) use self::found::{Roots, RootsItem, RootsPart};
pub(crate) use self::sort::RootSort;

/// The path a row stands for.
fn id_of(roots: &Roots, row: GroupRow) -> Option<PathId> {
    match row {
        GroupRow::Group(at) => match *roots.groups().get(at)? {
            RootsPart::Root(root) => Some(roots.root(root)),
            _ => None,
        },
        GroupRow::Item(group, at) => match roots.item(group, at)? {
            RootsItem::With(other, _) => Some(roots.root(other)),
            RootsItem::Cost(id, _) => Some(id),
            _ => None,
        },
    }
}

/// Where the root of a row of the store is listed.
fn row_held(roots: &Roots, row: usize) -> Option<GroupRow> {
    let mut groups = roots.groups().iter().enumerate();
    groups.find_map(|(group, kind)| match kind {
        RootsPart::Kind(kind) => {
            let mut lines = roots.lines_of(*kind).iter();
            let at = lines.position(|&line| line == StoreLine::Root(row))?;
            Some(GroupRow::Item(group, at))
        }
        _ => None,
    })
}

/// The row of a root or of a direct dependency.
fn row_of(roots: &Roots, id: PathId) -> Option<GroupRow> {
    if let Some(&row) = roots.rows_here.get(&id) {
        return row_held(roots, row);
    }
    let of_root = |&group: &RootsPart| matches!(group, RootsPart::Root(at) if roots.root(at) == id);
    if let Some(at) = roots.groups().iter().position(of_root) {
        return Some(GroupRow::Group(at));
    }
    let costs = roots.groups().iter().position(|&g| g == RootsPart::Costs)?;
    let mut charged = roots.shares.charged().iter();
    let at = charged.position(|&(other, _)| other == id)?;
    Some(GroupRow::Item(costs, at))
}

/// The roots, for the engine.
#[derive(Debug, Clone, Copy, Default)]
pub struct RootGroups;

impl List for RootGroups {
    type Found = Arc<Roots>;
    type Later = Nothing;

    fn find(
        facts: &Facts,
        explore: &Explore,
        _asked: &Asked,
        progress: &Progress,
    ) -> Result<Self::Found, Cancelled> {
        let store = store_roots(explore, progress)?;
        Ok(Arc::new(Roots::of(facts, store, progress)?))
    }

    fn folds(found: &Self::Found, _columns: u16) -> Folds {
        folds(found)
    }

    fn target(groups: Both<'_, Self>, cx: Context<'_>, row: GroupRow) -> Target {
        let target = Target::perhaps(id_of(groups.found, row));
        let store = groups.found.store.as_deref();
        // What the store has is a path of this closure only if that has it too.
        let here = |id: Option<PathId>| {
            let base = store.zip(id).map(|(store, id)| store.graph.base_name(id));
            let found = base.and_then(|base| cx.facts.graph().find(base));
            Target::perhaps(found.filter(|&id| cx.facts.closure().contains(id)))
        };
        match row {
            GroupRow::Item(group, at) => match groups.found.item(group, at) {
                Some(RootsItem::Cost(id, _)) => of_roots(cx, id, target),
                Some(RootsItem::Dead(id)) => here(Some(id)),
                Some(RootsItem::Changed(_, package)) => here(Some(package.first())),
                Some(RootsItem::Held(row)) => {
                    let targets = store.map(|store| &store.rows[row].targets[..]);
                    let only = match targets {
                        Some(&[only]) => Some(only),
                        _ => None,
                    };
                    Target {
                        is_root: true,
                        ..here(only)
                    }
                }
                _ => target,
            },
            GroupRow::Group(_) => target,
        }
    }

    fn name(found: &Self::Found, graph: &StoreGraph, group: usize) -> String {
        match found.groups().get(group) {
            Some(&RootsPart::Root(at)) => graph.base_name(found.root(at)).to_owned(),
            other => format!("{other:?}"),
        }
    }

    fn row_of(found: &Self::Found, id: PathId) -> Option<GroupRow> {
        row_of(found, id)
    }

    fn arrived(cx: Context<'_>, found: &Self::Found) -> Outcome {
        let known = cx.facts.has(Need::Shares);
        if known {
            Outcome::None
        } else {
            Outcome::Shares(Arc::clone(&found.shares))
        }
    }

    fn first(found: &Self::Found, folds: &Folds) -> usize {
        // There is more to do on a root than on the heading above it.
        let is_heading = matches!(found.groups().first(), Some(RootsPart::Kind(_)));
        usize::from(is_heading && folds.is_open(0))
    }

    fn begins_at_top(row: GroupRow, _place: ScrollPlace) -> bool {
        // Of several roots each comes before what it needs.
        row.group() > 1 && matches!(row, GroupRow::Item(..))
    }
}

/// The roots of the store that is explored, where they can be told. That they cannot is no reason to show nothing else.
fn store_roots(explore: &Explore, progress: &Progress) -> Result<Option<StoreRoots>, Cancelled> {
    let listed = match explore.source.gc_roots(progress) {
        Ok(Some(listed)) => listed,
        Err(SourceError::Cancelled(cancelled)) => return Err(cancelled),
        Ok(None) | Err(_) => return Ok(None),
    };
    match StoreRoots::read(&*explore.source, listed, explore.keep, progress) {
        Ok(store) => Ok(Some(store)),
        Err(SourceError::Cancelled(cancelled)) => Err(cancelled),
        Err(_) => Ok(None),
    }
}

/// With the reference from a root to a direct dependency, if there is but one.
fn of_roots(cx: Context<'_>, id: PathId, target: Target) -> Target {
    let closure = cx.facts.closure();
    let referrers = closure.referrers(cx.facts.graph(), id);
    let roots = referrers.filter(|&referrer| closure.is_root(referrer));
    match roots.take(2).collect::<Vec<_>>()[..] {
        [only] => target.with_reference(Some((only, id))),
        [] => target,
        _ => Target {
            instead: Some(Obstacle::SEVERAL_ROOTS),
            ..target
        },
    }
}

/// Roots of a group that are shown without being asked for.
const MOST_OPEN: usize = 30;

/// Closed groups; with few roots, what everything costs is open.
fn folds(roots: &Roots) -> Folds {
    let mut folds = Folds::of(roots.sizes());
    let few = roots.overlap.holdings.len() <= 3;
    for (at, group) in roots.groups().iter().enumerate() {
        let opens = match group {
            // All that can be dropped is seen at once, if it is not too much.
            RootsPart::Kind(kind) => roots.of_kind(*kind).len() <= MOST_OPEN,
            RootsPart::LetGo | RootsPart::Broken => roots.size(*group) <= MOST_OPEN,
            RootsPart::Dead => false,
            // Where the store's roots are known, those of the closure are among them.
            RootsPart::Costs => {
                few && roots.store.is_none() && roots.shares.charged().len() <= 1000
            }
            RootsPart::Root(_) | RootsPart::Shared => few && roots.store.is_none(),
        };
        if opens {
            folds.open(at);
        }
    }
    folds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{graph, id};

    #[test]
    fn roots_list_what_they_share_and_what_costs_what() {
        let (graph, closure) = graph("*old 1 -> lib perl\n*new 2 -> lib\n*odd 3\nlib 30\nperl 50");
        let facts = Facts::in_test((graph, closure));
        let roots = Roots::of(&facts, None, &Progress::new()).expect("not cancelled");
        let name = |id| facts.graph().name(id);
        let mut table = Vec::new();
        let folds = folds(&roots);
        for row in (0..folds.len()).filter_map(|at| folds.row(at)) {
            table.push(match row {
                GroupRow::Group(at) => match roots.groups()[at] {
                    RootsPart::Root(root) => name(roots.root(root)).to_owned(),
                    other => format!("{other:?}"),
                },
                GroupRow::Item(group, at) => match roots.item(group, at).expect("a row") {
                    RootsItem::With(other, both) => {
                        format!(" {} {}", name(roots.root(other)), both.nar_size)
                    }
                    RootsItem::Region(region) => {
                        format!(" {:?} {}", region.roots, region.total.nar_size)
                    }
                    RootsItem::Cost(id, bytes) => format!(" {} {bytes}", name(id)),
                    other => panic!("{other:?} without a store"),
                },
            });
        }
        let expected = [
            "old",
            " new 30",
            "odd",
            "new",
            " old 30",
            "Shared",
            " [0, 1] 30",
            "Costs",
            " perl 50",
            " lib 30",
            " odd 3",
            " new 2",
            " old 1",
        ];
        assert_eq!(table, expected);
        let graph = facts.graph();
        assert_eq!(row_of(&roots, id(graph, "odd")), Some(GroupRow::Group(1)));
        assert_eq!(row_of(&roots, id(graph, "lib")), Some(GroupRow::Item(4, 1)));
        assert_eq!(id_of(&roots, GroupRow::Item(0, 0)), Some(id(graph, "new")));
    }
}
