//! What there is to say about roots: what keeps the paths of the store, what each root of the closure reaches, what several
//! share; and what is listed of it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::analysis::Shares;
use crate::analysis::diff::PackageChange;
use crate::analysis::sets::{Overlap, Region};
use crate::analysis::what_if::Total;
use crate::app::facts::Facts;
use crate::job::{Cancelled, Progress};
use crate::model::PathId;
use crate::source::roots::gc::{BrokenLink, RootGroup};
use crate::source::roots::leftovers::Leftover;
use crate::source::roots::store_roots::StoreRoots;

use super::generations::{self, BroughtPackages, LetGo};
use super::sort::{self, RootSort};

/// A group of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootsPart {
    /// What keeps paths of the store, of one kind; below it the roots.
    Kind(RootGroup),
    /// What letting generations go would free.
    LetGo,
    /// Links that keep nothing.
    Broken,
    /// What nothing keeps, and what is no valid path.
    Dead,
    /// A root, by its position among the holdings; below it what it shares with each other one.
    Root(usize),
    /// What two roots or more reach; below it what exactly these reach.
    Shared,
    /// What the direct dependencies are charged.
    Costs,
}

/// A row of a group.
#[derive(Debug, Clone, Copy)]
pub enum RootsItem<'a> {
    /// A root of the store, by its number among the store's rows.
    Held(usize),
    /// A package that is different in the generation of that row.
    Changed(usize, &'a PackageChange),
    /// That no package is different in the generation of that row.
    Unchanged(usize),
    /// What a rule lets go of a profile.
    LetGo(&'a LetGo),
    /// A link that keeps nothing.
    Broken(&'a BrokenLink),
    /// A path that nothing keeps. It is one of the store's graph, not of the closure's.
    Dead(PathId),
    /// Something in the store's directory that is no valid path.
    Leftover(&'a Leftover),
    /// A root, by its position, with what it shares with the one above.
    With(usize, Total),
    /// What exactly some roots reach.
    Region(&'a Region),
    /// A direct dependency with the bytes it is charged.
    Cost(PathId, u64),
}

/// What is listed in a group of the store's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StoreLine {
    /// A row.
    Root(usize),
    /// Below the generation of a row a package that is different, by its number.
    Package(usize, usize),
    /// Below it that none is.
    Nothing(usize),
}

/// What is listed in each group: its rows, and below an open generation what it brought.
fn lines(
    sorted: &[(RootGroup, Vec<usize>)],
    opened: &BTreeMap<usize, BroughtPackages>,
) -> Vec<(RootGroup, Vec<StoreLine>)> {
    let of = |row: usize| {
        let packages = opened.get(&row).map(|brought| brought.packages.len());
        let nothing = (packages == Some(0)).then_some(StoreLine::Nothing(row));
        let packages = (0..packages.unwrap_or(0)).map(move |at| StoreLine::Package(row, at));
        [StoreLine::Root(row)]
            .into_iter()
            .chain(packages)
            .chain(nothing)
    };
    let groups = sorted.iter();
    groups
        .map(|(group, rows)| (*group, rows.iter().flat_map(|&row| of(row)).collect()))
        .collect()
}

/// The sizes of the generations in each group.
fn runs(
    store: Option<&StoreRoots>,
    sorted: &[(RootGroup, Vec<usize>)],
) -> Arc<[(RootGroup, Vec<u64>)]> {
    let Some(store) = store else {
        return Arc::default();
    };
    let run = |(kind, rows): &(RootGroup, Vec<usize>)| (*kind, sort::run(store, rows));
    sorted.iter().map(run).collect()
}

/// What there is to say about the roots.
#[derive(Debug, Clone)]
pub struct Roots {
    /// All roots of the store, where they can be told.
    pub store: Option<Arc<StoreRoots>>,
    /// What lies in the store's directory and is no valid path.
    leftovers: Arc<[Leftover]>,
    /// Which row of the store leads to a path of the closure.
    pub(super) rows_here: Arc<HashMap<PathId, usize>>,
    /// The sizes of the generations in each group, the oldest first; none where they are of several profiles.
    runs: Arc<[(RootGroup, Vec<u64>)]>,
    /// By how many bytes the closure of a generation is larger than that of the one before.
    changes: Arc<HashMap<usize, i64>>,
    /// What the rows of the store are sorted by.
    pub sort: RootSort,
    /// The rows of the store by group, as they are sorted.
    sorted: Vec<(RootGroup, Vec<usize>)>,
    /// The generations that are open, with what each brought.
    opened: BTreeMap<usize, BroughtPackages>,
    /// What is listed in each group of the store's rows.
    lines: Vec<(RootGroup, Vec<StoreLine>)>,
    /// What letting generations go would free.
    let_go: Arc<[LetGo]>,
    /// How they overlap.
    pub overlap: Overlap,
    /// What their direct dependencies cost.
    pub shares: Arc<Shares>,
    groups: Vec<RootsPart>,
    /// For each root what it shares with others, the most first; empty with too many roots.
    pairs: Vec<Vec<(usize, Total)>>,
    /// Where in the overlap the regions of several roots are.
    common: Vec<usize>,
}

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
        let let_go = match &store {
            Some(store) => generations::let_go(store, progress)?,
            None => Vec::new(),
        };
        let more = (!let_go.is_empty(), !leftovers.is_empty());
        let mut groups = of_store(store.as_ref(), &sorted, more);
        groups.extend(roots.into_iter().map(RootsPart::Root));
        groups.extend(several.then_some(RootsPart::Shared));
        groups.extend((!shares.charged().is_empty()).then_some(RootsPart::Costs));
        let regions = overlap.regions.iter().enumerate();
        let common = regions.filter(|(_, region)| region.roots.len() > 1);
        Ok(Self {
            leftovers: leftovers.into(),
            rows_here: Arc::new(rows_here),
            runs: runs(store.as_ref(), &sorted),
            changes: Arc::new(store.as_ref().map(sort::changes).unwrap_or_default()),
            sort,
            lines: lines(&sorted, &BTreeMap::new()),
            sorted,
            opened: BTreeMap::new(),
            let_go: let_go.into(),
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
        let sorted = store.map_or_else(Vec::new, |store| sort.rows(store));
        Self {
            lines: lines(&sorted, &self.opened),
            sorted,
            sort,
            ..self.clone()
        }
    }

    /// The same with a generation open; closed if nothing is given of what it brought.
    #[must_use]
    pub fn with(&self, row: usize, brought: Option<BroughtPackages>) -> Self {
        let mut opened = self.opened.clone();
        match brought {
            Some(brought) => drop(opened.insert(row, brought)),
            None => drop(opened.remove(&row)),
        }
        Self {
            lines: lines(&self.sorted, &opened),
            opened,
            ..self.clone()
        }
    }

    /// Whether a generation is open; `None` if the row is none.
    pub fn is_open(&self, row: usize) -> Option<bool> {
        let store = self.store.as_deref()?;
        sort::is_generation(store, row).then(|| self.opened.contains_key(&row))
    }

    /// The rows of the open generations, ascending.
    pub(super) fn open_rows(&self) -> impl Iterator<Item = usize> + '_ {
        self.opened.keys().copied()
    }

    /// What a generation brought, if it is open.
    pub fn brought(&self, row: usize) -> Option<&BroughtPackages> {
        self.opened.get(&row)
    }

    /// How many rows each group has below its own.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        self.groups.iter().map(|&group| self.size(group)).collect()
    }

    /// By how many bytes the closure of a generation is larger than that of the one before.
    pub fn change(&self, row: usize) -> Option<i64> {
        self.changes.get(&row).copied()
    }

    /// The sizes of the generations in a group, the oldest first; none where they are of several profiles.
    pub fn run_of(&self, kind: RootGroup) -> &[u64] {
        let mut runs = self.runs.iter();
        let run = runs.find(|(other, _)| *other == kind);
        run.map_or(&[], |(_, run)| run)
    }

    /// The rows of the store in one group, as they are sorted.
    pub(super) fn of_kind(&self, kind: RootGroup) -> &[usize] {
        let group = self.sorted.iter().find(|(other, _)| *other == kind);
        group.map_or(&[], |(_, rows)| rows)
    }

    /// What is listed of a group of the store's rows.
    pub(super) fn lines_of(&self, kind: RootGroup) -> &[StoreLine] {
        let group = self.lines.iter().find(|(other, _)| *other == kind);
        group.map_or(&[], |(_, lines)| lines)
    }

    /// The groups from top to bottom.
    pub fn groups(&self) -> &[RootsPart] {
        &self.groups
    }

    /// The root at a position.
    pub fn root(&self, at: usize) -> PathId {
        self.overlap.holdings[at].root
    }

    /// How many rows of the store there are of a kind.
    pub fn roots_of(&self, kind: RootGroup) -> usize {
        self.of_kind(kind).len()
    }

    /// How many rows the group at a position has below its own.
    pub fn len_of(&self, at: usize) -> usize {
        self.groups.get(at).map_or(0, |&group| self.size(group))
    }

    /// How many rows a group has below its own.
    pub(super) fn size(&self, group: RootsPart) -> usize {
        match group {
            RootsPart::Kind(kind) => self.lines_of(kind).len(),
            RootsPart::LetGo => self.let_go.len(),
            RootsPart::Broken => self
                .store
                .as_ref()
                .map_or(0, |store| store.listed.broken.len()),
            RootsPart::Dead => self.dead() + self.leftovers.len(),
            RootsPart::Root(at) => self.pairs.get(at).map_or(0, Vec::len),
            RootsPart::Shared => self.common.len(),
            RootsPart::Costs => self.shares.charged().len(),
        }
    }

    /// How many valid paths nothing keeps.
    fn dead(&self) -> usize {
        self.store.as_ref().map_or(0, |store| store.dead.len())
    }

    /// A row of a group.
    pub fn item(&self, group: usize, at: usize) -> Option<RootsItem<'_>> {
        let store = self.store.as_deref();
        Some(match *self.groups.get(group)? {
            RootsPart::Kind(kind) => match *self.lines_of(kind).get(at)? {
                StoreLine::Root(row) => RootsItem::Held(row),
                StoreLine::Package(row, at) => {
                    RootsItem::Changed(row, self.opened.get(&row)?.packages.get(at)?)
                }
                StoreLine::Nothing(row) => RootsItem::Unchanged(row),
            },
            RootsPart::LetGo => RootsItem::LetGo(self.let_go.get(at)?),
            RootsPart::Broken => RootsItem::Broken(store?.listed.broken.get(at)?),
            RootsPart::Dead => match at.checked_sub(self.dead()) {
                None => RootsItem::Dead(*store?.dead.get(at)?),
                Some(at) => RootsItem::Leftover(self.leftovers.get(at)?),
            },
            RootsPart::Root(root) => {
                let &(other, both) = self.pairs.get(root)?.get(at)?;
                RootsItem::With(other, both)
            }
            RootsPart::Shared => RootsItem::Region(&self.overlap.regions[*self.common.get(at)?]),
            RootsPart::Costs => {
                let &(id, bytes) = self.shares.charged().get(at)?;
                RootsItem::Cost(id, bytes)
            }
        })
    }
}

/// The groups of what there is to say of a store.
fn of_store(
    store: Option<&StoreRoots>,
    sorted: &[(RootGroup, Vec<usize>)],
    (some_can_go, has_leftovers): (bool, bool),
) -> Vec<RootsPart> {
    let Some(store) = store else {
        return Vec::new();
    };
    let mut groups: Vec<RootsPart> = sorted
        .iter()
        .map(|&(kind, _)| RootsPart::Kind(kind))
        .collect();
    if some_can_go {
        let is_run = |(_, rows): &(RootGroup, Vec<usize>)| {
            rows.iter().any(|&row| sort::is_generation(store, row))
        };
        // What could go of the generations stands below the last of them.
        let last = sorted.iter().rposition(is_run);
        groups.insert(last.map_or(0, |last| last + 1), RootsPart::LetGo);
    }
    let broken = !store.listed.broken.is_empty();
    groups.extend(broken.then_some(RootsPart::Broken));
    let dead = !store.dead.is_empty() || has_leftovers;
    groups.extend(dead.then_some(RootsPart::Dead));
    groups
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
