//! The view of roots: what holds the paths of the store, what each root of the closure holds, what several share, and what
//! direct dependencies share and free.

pub(crate) mod about;
pub(crate) mod pane;
mod sort;

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use crate::analysis::sets::{Overlap, Region};
use crate::analysis::what_if::Total;
use crate::analysis::{Need, Shares};
use crate::job::{Cancelled, Progress};
use crate::model::PathId;
use crate::source::SourceError;
use crate::source::roots::gc::{BrokenLink, RootGroup};
use crate::source::roots::leftovers::Leftover;
use crate::source::roots::store_roots::StoreRoots;

use super::folds::{Folds, Row};
use super::groups::{Both, List, Nothing, Place};
use super::{Rows, ViewSpec};
use crate::app::explore::Explore;
use crate::app::facts::Facts;
use crate::app::keys::command::Command;
use crate::app::obstacle::Obstacle;
use crate::app::outcome::Outcome;
use crate::app::shared::Context;
use crate::app::target::Target;

pub(crate) use self::sort::RootSort;

/// A group of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// What holds paths of the store, of one kind; below it the roots.
    Kind(RootGroup),
    /// Links that hold nothing.
    Broken,
    /// What nothing holds, and what is no valid path.
    Dead,
    /// A root, by its position among the holdings; below it what it shares with each other one.
    Root(usize),
    /// What two roots or more hold; below it what exactly these hold.
    Shared,
    /// What the direct dependencies are charged.
    Costs,
}

/// A row of a group.
#[derive(Debug, Clone, Copy)]
pub enum Item<'a> {
    /// A root of the store, by its number among the store's rows.
    Held(usize),
    /// A link that holds nothing.
    Broken(&'a BrokenLink),
    /// A path that nothing holds. It is one of the store's graph, not of the closure's.
    Dead(PathId),
    /// Something in the store's directory that is no valid path.
    Leftover(&'a Leftover),
    /// A root, by its position, with what it shares with the one above.
    With(usize, Total),
    /// What exactly some roots hold.
    Region(&'a Region),
    /// A direct dependency with the bytes it is charged.
    Cost(PathId, u64),
}

/// What there is to say about the roots.
#[derive(Debug, Clone)]
pub struct Roots {
    /// All roots of the store, where they can be told.
    pub store: Option<Arc<StoreRoots>>,
    /// What lies in the store's directory and is no valid path.
    leftovers: Arc<[Leftover]>,
    /// Which row of the store leads to a path of the closure.
    rows_here: Arc<HashMap<PathId, usize>>,
    /// By how many bytes the closure of a generation is larger than that of the one before.
    changes: Arc<HashMap<usize, i64>>,
    /// What the rows of the store are sorted by.
    pub sort: RootSort,
    /// The rows of the store by group, as they are sorted.
    sorted: Vec<(RootGroup, Vec<usize>)>,
    /// How they overlap.
    pub overlap: Overlap,
    /// What their direct dependencies cost.
    pub shares: Arc<Shares>,
    groups: Vec<Group>,
    /// For each root what it shares with others, the most first; empty with too many roots.
    pairs: Vec<Vec<(usize, Total)>>,
    /// Where in the overlap the regions of several roots are.
    common: Vec<usize>,
}

/// The roots of a closure, once they were compared.
pub(crate) type Found = Arc<Roots>;

impl Roots {
    /// Lists those of the store, and compares those of the closure.
    pub fn of(
        facts: &Facts,
        store: Option<StoreRoots>,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let analysed = facts.analysed(progress);
        let overlap = Overlap::of(facts.graph(), facts.closure(), analysed.order(), progress)?;
        let shares = Arc::clone(analysed.shares()?);
        let mut roots: Vec<usize> = (0..overlap.holdings.len()).collect();
        roots.sort_by_key(|&at| {
            let holding = &overlap.holdings[at];
            Reverse((holding.alone.nar_size, holding.closure.nar_size))
        });
        let several = roots.len() > 1;
        let leftovers = match &store {
            Some(store) => store.leftovers(progress)?,
            None => Vec::new(),
        };
        let mut rows_here = HashMap::new();
        for (at, row) in store.iter().flat_map(|store| store.rows.iter().enumerate()) {
            if let (Some(store), [only]) = (&store, &row.targets[..]) {
                let here = facts.graph().find(store.graph.base_name(*only));
                let here = here.filter(|&id| facts.closure().contains(id));
                here.map(|id| *rows_here.entry(id).or_insert(at));
            }
        }
        let sort = RootSort::default();
        let sorted = store
            .as_ref()
            .map_or_else(Vec::new, |store| sort.rows(store));
        let mut groups = of_store(store.as_ref(), &sorted, !leftovers.is_empty());
        groups.extend(roots.into_iter().map(Group::Root));
        groups.extend(several.then_some(Group::Shared));
        groups.extend((!shares.charged().is_empty()).then_some(Group::Costs));
        let regions = overlap.regions.iter().enumerate();
        let common = regions.filter(|(_, region)| region.roots.len() > 1);
        Ok(Self {
            leftovers: leftovers.into(),
            rows_here: Arc::new(rows_here),
            changes: Arc::new(store.as_ref().map(sort::changes).unwrap_or_default()),
            sort,
            sorted,
            common: common.map(|(at, _)| at).collect(),
            pairs: pairs(&overlap),
            store: store.map(Arc::new),
            groups,
            shares,
            overlap,
        })
    }

    /// The same, the roots of the store sorted by something else.
    #[must_use]
    pub fn sorted(&self, sort: RootSort) -> Self {
        let store = self.store.as_ref();
        Self {
            sorted: store.map_or_else(Vec::new, |store| sort.rows(store)),
            sort,
            ..self.clone()
        }
    }

    /// By how many bytes the closure of a generation is larger than that of the one before.
    pub fn change(&self, row: usize) -> Option<i64> {
        self.changes.get(&row).copied()
    }

    /// The sizes of the generations in a group, the oldest first; none where they are of several profiles.
    pub fn run_of(&self, kind: RootGroup) -> Vec<u64> {
        let store = self.store.as_deref();
        store.map_or_else(Vec::new, |store| sort::run(store, self.of_kind(kind)))
    }

    /// The rows of the store in one group, as they are sorted.
    fn of_kind(&self, kind: RootGroup) -> &[usize] {
        let group = self.sorted.iter().find(|(other, _)| *other == kind);
        group.map_or(&[], |(_, rows)| rows)
    }

    /// The groups from top to bottom.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The root at a position.
    pub fn root(&self, at: usize) -> PathId {
        self.overlap.holdings[at].root
    }

    /// How many rows the group at a position has below its own.
    pub fn len_of(&self, at: usize) -> usize {
        self.groups.get(at).map_or(0, |&group| self.size(group))
    }

    /// How many rows a group has below its own.
    fn size(&self, group: Group) -> usize {
        match group {
            Group::Kind(kind) => self.of_kind(kind).len(),
            Group::Broken => self
                .store
                .as_ref()
                .map_or(0, |store| store.listed.broken.len()),
            Group::Dead => self.dead() + self.leftovers.len(),
            Group::Root(at) => self.pairs.get(at).map_or(0, Vec::len),
            Group::Shared => self.common.len(),
            Group::Costs => self.shares.charged().len(),
        }
    }

    /// How many valid paths nothing holds.
    fn dead(&self) -> usize {
        self.store.as_ref().map_or(0, |store| store.dead.len())
    }

    /// A row of a group.
    pub fn item(&self, group: usize, at: usize) -> Option<Item<'_>> {
        let store = self.store.as_deref();
        Some(match *self.groups.get(group)? {
            Group::Kind(kind) => Item::Held(*self.of_kind(kind).get(at)?),
            Group::Broken => Item::Broken(store?.listed.broken.get(at)?),
            Group::Dead => match at.checked_sub(self.dead()) {
                None => Item::Dead(*store?.dead.get(at)?),
                Some(at) => Item::Leftover(self.leftovers.get(at)?),
            },
            Group::Root(root) => {
                let &(other, both) = self.pairs.get(root)?.get(at)?;
                Item::With(other, both)
            }
            Group::Shared => Item::Region(&self.overlap.regions[*self.common.get(at)?]),
            Group::Costs => {
                let &(id, bytes) = self.shares.charged().get(at)?;
                Item::Cost(id, bytes)
            }
        })
    }

    /// The path a row stands for.
    pub fn id(&self, row: Row) -> Option<PathId> {
        match row {
            Row::Group(at) => match *self.groups.get(at)? {
                Group::Root(root) => Some(self.root(root)),
                _ => None,
            },
            Row::Item(group, at) => match self.item(group, at)? {
                Item::With(other, _) => Some(self.root(other)),
                Item::Cost(id, _) => Some(id),
                _ => None,
            },
        }
    }

    /// The row of a root or of a direct dependency.
    pub fn row_of(&self, id: PathId) -> Option<Row> {
        if let Some(&row) = self.rows_here.get(&id) {
            let place = self
                .groups
                .iter()
                .enumerate()
                .find_map(|(group, kind)| match kind {
                    Group::Kind(kind) => {
                        let mut rows = self.of_kind(*kind).iter();
                        Some(Row::Item(group, rows.position(|&other| other == row)?))
                    }
                    _ => None,
                });
            return place;
        }
        let of_root = |&group: &Group| matches!(group, Group::Root(at) if self.root(at) == id);
        if let Some(at) = self.groups.iter().position(of_root) {
            return Some(Row::Group(at));
        }
        let costs = self.groups.iter().position(|&g| g == Group::Costs)?;
        let mut charged = self.shares.charged().iter();
        let at = charged.position(|&(other, _)| other == id)?;
        Some(Row::Item(costs, at))
    }
}

/// The roots, for the engine.
#[derive(Debug, Clone, Copy, Default)]
pub struct RootGroups;

impl List for RootGroups {
    const SPEC: ViewSpec = ViewSpec {
        id: "roots",
        title: "Roots",
        place: "roots",
        command: "roots",
        keys: &["9"],
        help: "Show what holds the paths of the store, and what dropping roots would free.",
        head: 2,
        opens: true,
        stands_for: Rows::References,
        own: &[
            Command::MarkRoot,
            Command::CopyCommands,
            Command::AboutRoot,
            Command::Sort,
            Command::SortReverse,
        ],
        hints: &[
            Command::Right,
            Command::MarkRoot,
            Command::AboutRoot,
            Command::CopyCommands,
            Command::ExpandAll,
            Command::Evidence,
            Command::WHY,
            Command::Details,
        ],
    };
    type Found = Found;
    type Later = Nothing;

    fn find(facts: &Facts, explore: &Explore, progress: &Progress) -> Result<Found, Cancelled> {
        let store = store_roots(explore, progress)?;
        Ok(Arc::new(Roots::of(facts, store, progress)?))
    }

    fn folds(found: &Found) -> Folds {
        folds(found)
    }

    fn target(groups: Both<'_, Self>, cx: Context<'_>, row: Row) -> Target {
        let target = Target::perhaps(groups.found.id(row));
        let store = groups.found.store.as_deref();
        // What the store has is a path of this closure only if that has it too.
        let here = |id: Option<PathId>| {
            let base = store.zip(id).map(|(store, id)| store.graph.base_name(id));
            let found = base.and_then(|base| cx.facts.graph().find(base));
            Target::perhaps(found.filter(|&id| cx.facts.closure().contains(id)))
        };
        match row {
            Row::Item(group, at) => match groups.found.item(group, at) {
                Some(Item::Cost(id, _)) => of_roots(cx, id, target),
                Some(Item::Dead(id)) => here(Some(id)),
                Some(Item::Held(row)) => {
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
            Row::Group(_) => target,
        }
    }

    fn row_of(found: &Found, id: PathId) -> Option<Row> {
        found.row_of(id)
    }

    fn arrived(cx: Context<'_>, found: &Found) -> Outcome {
        let known = cx.facts.has(Need::Shares);
        let learned = (!known).then(|| Outcome::Shares(Arc::clone(&found.shares)));
        Outcome::All(learned.into_iter().chain([Outcome::Reveal]).collect())
    }

    fn begins_at_top(row: Row, _place: Place) -> bool {
        // Of several roots each comes before what it needs.
        row.group() > 1 && matches!(row, Row::Item(..))
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

/// The groups of what there is to say of a store.
fn of_store(
    store: Option<&StoreRoots>,
    sorted: &[(RootGroup, Vec<usize>)],
    has_leftovers: bool,
) -> Vec<Group> {
    let Some(store) = store else {
        return Vec::new();
    };
    let mut groups: Vec<Group> = sorted.iter().map(|&(kind, _)| Group::Kind(kind)).collect();
    let broken = !store.listed.broken.is_empty();
    groups.extend(broken.then_some(Group::Broken));
    let dead = !store.dead.is_empty() || has_leftovers;
    groups.extend(dead.then_some(Group::Dead));
    groups
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

fn pairs(overlap: &Overlap) -> Vec<Vec<(usize, Total)>> {
    let roots = overlap.holdings.len();
    let with_others = |a: usize| {
        let others = (0..roots).filter(|&b| b != a);
        let mut pairs: Vec<(usize, Total)> = others
            .filter_map(|b| Some((b, overlap.both(a, b)?)))
            .filter(|(_, both)| both.paths > 0)
            .collect();
        pairs.sort_by_key(|&(_, both)| Reverse(both.nar_size));
        pairs
    };
    (0..roots).map(with_others).collect()
}

/// Roots of a group that are shown without being asked for.
const MOST_OPEN: usize = 30;

/// Closed groups; with few roots, what everything costs is open.
fn folds(roots: &Roots) -> Folds {
    let mut folds = Folds::of(roots.groups.iter().map(|&group| roots.size(group)));
    let few = roots.overlap.holdings.len() <= 3;
    for (at, group) in roots.groups.iter().enumerate() {
        let opens = match group {
            // All that can be dropped is seen at once, if it is not too much.
            Group::Kind(kind) => roots.of_kind(*kind).len() <= MOST_OPEN,
            Group::Broken => roots.size(*group) <= MOST_OPEN,
            Group::Dead => false,
            // Where the store's roots are known, those of the closure are among them.
            Group::Costs => few && roots.store.is_none() && roots.shares.charged().len() <= 1000,
            Group::Root(_) | Group::Shared => few && roots.store.is_none(),
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
                Row::Group(at) => match roots.groups()[at] {
                    Group::Root(root) => name(roots.root(root)).to_owned(),
                    other => format!("{other:?}"),
                },
                Row::Item(group, at) => match roots.item(group, at).expect("a row") {
                    Item::With(other, both) => {
                        format!(" {} {}", name(roots.root(other)), both.nar_size)
                    }
                    Item::Region(region) => {
                        format!(" {:?} {}", region.roots, region.total.nar_size)
                    }
                    Item::Cost(id, bytes) => format!(" {} {bytes}", name(id)),
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
        assert_eq!(roots.row_of(id(graph, "odd")), Some(Row::Group(1)));
        assert_eq!(roots.row_of(id(graph, "lib")), Some(Row::Item(4, 1)));
        assert_eq!(roots.id(Row::Item(0, 0)), Some(id(graph, "new")));
    }
}
