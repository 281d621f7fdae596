//! One closure with the analyses of it: the only owner of what is computed, for reports and for the explorer.
//!
//! Each analysis is computed when it is first asked for, and kept. What is kept lies behind pointers, so a clone is cheap
//! and a snapshot: it does not see what the original computes later, and the other way round, until one is
//! [absorbed](Analysed::absorb). That is how jobs work on what the explorer knows without a lock.

use std::sync::{Arc, OnceLock};

use crate::job::{Cancelled, Progress};
use crate::model::{Closure, Column, PathId, PathSet, StoreGraph, Warnings};
use crate::text;

use super::cut::Cutter;
use super::distances::Distances;
use super::dominators::{DominatorTree, Dominators};
use super::labels::Labels;
use super::minimum_cuts::cut_sizes;
use super::order::Order;
use super::origin::Origins;
use super::packed;
use super::path_change::Deltas;
use super::share::Shares;
use super::sizes::ClosureSizes;

/// Something that costs too much to be computed unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Need {
    /// Depth and level.
    Distances,
    /// The dominator tree with retained sizes.
    Dominators,
    /// The closure size of every member.
    ClosureSizes,
    /// What each direct dependency of the roots is charged.
    Shares,
    /// The size of a minimum cut of every member.
    CutSizes,
    /// The size of the best cut of every member.
    BestSizes,
    /// Blocks on disk, which only the files can tell.
    DiskSizes,
    /// What only likely accidents hold, which only the files can tell.
    Accidents,
    /// What is different from another closure, which the caller has.
    Deltas,
}

impl Need {
    /// Whether it is computed only when a query, a sort or a column wants it.
    pub fn is_on_demand(self) -> bool {
        matches!(
            self,
            Self::Shares
                | Self::CutSizes
                | Self::BestSizes
                | Self::DiskSizes
                | Self::Accidents
                | Self::Deltas
        )
    }
}

/// A closure with its analyses.
#[derive(Debug, Clone)]
pub struct Analysed {
    graph: Arc<StoreGraph>,
    closure: Arc<Closure>,
    /// All members, and perhaps more: among them paths of one name are told apart.
    shown: Arc<Closure>,
    progress: Progress,
    known: Known,
}

type Lazy<T> = OnceLock<Arc<T>>;

/// What has been computed.
#[derive(Debug, Clone, Default)]
struct Known {
    order: Lazy<Order>,
    distances: Lazy<Distances>,
    dominators: Lazy<Dominators>,
    dominator_tree: Lazy<DominatorTree>,
    closure_sizes: Lazy<ClosureSizes>,
    labels: Lazy<Labels>,
    labels_outside: Lazy<Labels>,
    shares: Lazy<Shares>,
    cut_sizes: Lazy<Column<Option<u32>>>,
    best_sizes: Lazy<Column<Option<u32>>>,
    disk_sizes: Lazy<Column<Option<u64>>>,
    accidents: Lazy<PathSet>,
    deltas: Lazy<Deltas>,
    origins: Lazy<Origins>,
}

/// What most questions rest on, once all of it is computed.
#[derive(Debug, Clone, Copy)]
pub struct Core<'a> {
    /// Referrers before references.
    pub order: &'a Order,
    /// Depth and level.
    pub distances: &'a Distances,
    /// What leaves with what.
    pub dominators: &'a Dominators,
    /// The same, from the top down.
    pub dominator_tree: &'a DominatorTree,
}

impl Analysed {
    /// The closure of some roots, nothing computed yet. Long analyses report to `progress`, and are cancelled there.
    pub fn of(graph: Arc<StoreGraph>, roots: &[PathId], progress: &Progress) -> Self {
        let closure = Closure::of(&graph, roots);
        Self::new(graph, Arc::new(closure)).attached(progress)
    }

    /// A closure of the graph, nothing computed yet.
    pub fn new(graph: Arc<StoreGraph>, closure: Arc<Closure>) -> Self {
        Self {
            graph,
            shown: Arc::clone(&closure),
            closure,
            progress: Progress::new(),
            known: Known::default(),
        }
    }

    /// The same beside other paths: `shown` has those too, and paths of one name are told apart among them all.
    #[must_use]
    pub fn shown_with(self, shown: Arc<Closure>) -> Self {
        Self { shown, ..self }
    }

    /// The same, reporting to another job and cancelled with it.
    #[must_use]
    pub fn attached(&self, progress: &Progress) -> Self {
        Self {
            progress: progress.clone(),
            ..self.clone()
        }
    }

    /// The same, out of the job that made it: that the job has ended cancels nothing here.
    #[must_use]
    pub fn detached(&self) -> Self {
        self.attached(&Progress::new())
    }

    /// The same closure with nothing computed.
    #[must_use]
    pub fn afresh(&self) -> Self {
        let again = self.beside(Arc::clone(&self.closure));
        again.shown_with(Arc::clone(&self.shown))
    }

    /// Another closure of the same graph with nothing computed.
    #[must_use]
    pub fn beside(&self, closure: Arc<Closure>) -> Self {
        Self::new(Arc::clone(&self.graph), closure).attached(&self.progress)
    }

    /// Takes over what another one of the same closure has computed.
    pub fn absorb(&mut self, other: &Self) {
        if !Arc::ptr_eq(&self.closure, &other.closure) {
            return;
        }
        let (own, other) = (&self.known, &other.known);
        fill(&own.order, &other.order);
        fill(&own.distances, &other.distances);
        fill(&own.dominators, &other.dominators);
        fill(&own.dominator_tree, &other.dominator_tree);
        fill(&own.closure_sizes, &other.closure_sizes);
        fill(&own.labels, &other.labels);
        fill(&own.labels_outside, &other.labels_outside);
        fill(&own.shares, &other.shares);
        fill(&own.cut_sizes, &other.cut_sizes);
        fill(&own.best_sizes, &other.best_sizes);
        fill(&own.disk_sizes, &other.disk_sizes);
        fill(&own.accidents, &other.accidents);
        fill(&own.deltas, &other.deltas);
        fill(&own.origins, &other.origins);
    }

    /// The graph the closure is in.
    pub fn graph(&self) -> &StoreGraph {
        &self.graph
    }

    /// The same graph, to be handed to work on another thread.
    pub fn shared_graph(&self) -> Arc<StoreGraph> {
        Arc::clone(&self.graph)
    }

    /// The closure.
    pub fn closure(&self) -> &Closure {
        &self.closure
    }

    /// Where long analyses report to.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The topological order of the closure.
    pub fn order(&self) -> &Order {
        let make = || Arc::new(Order::of(&self.graph, &self.closure));
        self.known.order.get_or_init(make)
    }

    /// What the user should know before the closure's numbers are believed.
    pub fn warnings(&self) -> Warnings {
        let mut warnings = self.order().warnings(self.graph());
        packed::warn(&self.graph, &self.closure, &mut warnings);
        warnings
    }

    /// Depth and level of every member.
    pub fn distances(&self) -> &Distances {
        let make = || Arc::new(Distances::of(&self.graph, &self.closure, self.order()));
        self.known.distances.get_or_init(make)
    }

    /// The dominator tree with retained sizes.
    pub fn dominators(&self) -> Result<&Dominators, Cancelled> {
        let dominators = computed(&self.known.dominators, || {
            Dominators::of(&self.graph, &self.closure, self.order(), &self.progress)
        })?;
        Ok(dominators)
    }

    /// What most questions rest on.
    pub fn core(&self) -> Result<Core<'_>, Cancelled> {
        self.progress.start("retained sizes", 0);
        let order = self.order();
        self.progress.check()?;
        let dominators = self.dominators()?;
        let make = || Arc::new(dominators.children(&self.closure));
        Ok(Core {
            order,
            distances: self.distances(),
            dominators,
            dominator_tree: self.known.dominator_tree.get_or_init(make),
        })
    }

    /// The closure size of every member.
    pub fn closure_sizes(&self) -> Result<&ClosureSizes, Cancelled> {
        let sizes = computed(&self.known.closure_sizes, || {
            ClosureSizes::of(&self.graph, &self.closure, self.order(), &self.progress)
        })?;
        Ok(sizes)
    }

    /// What each direct dependency of the roots is charged.
    pub fn shares(&self) -> Result<&Arc<Shares>, Cancelled> {
        computed(&self.known.shares, || {
            Shares::of(&self.graph, &self.closure, self.order(), &self.progress)
        })
    }

    /// The size of a minimum cut of every member; none for roots.
    pub fn cut_sizes(&self) -> Result<&Column<Option<u32>>, Cancelled> {
        let sizes = computed(&self.known.cut_sizes, || {
            let dominators = self.dominators()?;
            let order = self.order();
            cut_sizes(
                &self.graph,
                &self.closure,
                order,
                dominators,
                &self.progress,
            )
        })?;
        Ok(sizes)
    }

    /// The size of the best cut of every member; none for roots.
    pub fn best_sizes(&self) -> Result<&Column<Option<u32>>, Cancelled> {
        let sizes = computed(&self.known.best_sizes, || {
            let cutter = Cutter::new(&self.graph, &self.closure, self.dominators()?);
            cutter.sizes(&self.progress)
        })?;
        Ok(sizes)
    }

    /// How equal names are told apart among the members, and what is shown beside them.
    pub fn labels(&self) -> &Labels {
        let make = || Arc::new(Labels::of(&self.graph, self.shown.members()));
        self.known.labels.get_or_init(make)
    }

    /// Which definitions bring what: what was taken, or else what the names of generated paths tell.
    pub fn origins(&self) -> &Arc<Origins> {
        let make = || Arc::new(Origins::inferred(&self.graph, &self.closure));
        self.known.origins.get_or_init(make)
    }

    /// Computes what neither files have to be read for nor another closure is needed for; that is left to the caller.
    pub fn prepare(&self, need: Need) -> Result<(), Cancelled> {
        match need {
            Need::Distances => {
                self.distances();
                Ok(())
            }
            Need::Dominators => self.dominators().map(|_| ()),
            Need::ClosureSizes => self.closure_sizes().map(|_| ()),
            Need::Shares => self.shares().map(|_| ()),
            Need::CutSizes => self.cut_sizes().map(|_| ()),
            Need::BestSizes => self.best_sizes().map(|_| ()),
            Need::DiskSizes | Need::Accidents | Need::Deltas => Ok(()),
        }
    }

    /// Takes what each direct dependency of the roots is charged.
    pub fn take_shares(&mut self, shares: Arc<Shares>) {
        self.known.shares = Lazy::from(shares);
    }

    /// Takes what each path takes on disk, in bytes.
    pub fn take_disk_sizes(&mut self, sizes: Column<Option<u64>>) {
        self.known.disk_sizes = Lazy::from(Arc::new(sizes));
    }

    /// Takes the paths that only likely accidents hold.
    pub fn take_accidents(&mut self, paths: PathSet) {
        self.known.accidents = Lazy::from(Arc::new(paths));
    }

    /// Takes what a comparison with another closure says of each path.
    pub fn take_deltas(&mut self, deltas: Deltas) {
        self.known.deltas = Lazy::from(Arc::new(deltas));
    }

    /// Takes the definitions of a configuration that was evaluated.
    pub fn take_origins(&mut self, origins: Arc<Origins>) {
        self.known.origins = Lazy::from(origins);
    }
}

/// What is known by now; nothing is computed.
impl Analysed {
    /// Whether something is computed.
    pub fn has(&self, need: Need) -> bool {
        match need {
            Need::Distances => self.known_distances().is_some(),
            Need::Dominators => self.known_dominators().is_some(),
            Need::ClosureSizes => self.known_closure_sizes().is_some(),
            Need::Shares => self.known_shares().is_some(),
            Need::CutSizes => self.known_cut_sizes().is_some(),
            Need::BestSizes => self.known_best_sizes().is_some(),
            Need::DiskSizes => self.known_disk_sizes().is_some(),
            Need::Accidents => self.known_accidents().is_some(),
            Need::Deltas => self.known_deltas().is_some(),
        }
    }

    /// What most questions rest on.
    pub fn known_core(&self) -> Option<Core<'_>> {
        Some(Core {
            order: self.known.order.get()?,
            distances: self.known_distances()?,
            dominators: self.known_dominators()?,
            dominator_tree: self.known.dominator_tree.get()?,
        })
    }

    /// Depth and level.
    pub fn known_distances(&self) -> Option<&Distances> {
        self.known.distances.get().map(Arc::as_ref)
    }

    /// The dominator tree with retained sizes.
    pub fn known_dominators(&self) -> Option<&Dominators> {
        self.known.dominators.get().map(Arc::as_ref)
    }

    /// The closure size of every member.
    pub fn known_closure_sizes(&self) -> Option<&ClosureSizes> {
        self.known.closure_sizes.get().map(Arc::as_ref)
    }

    /// How equal names are told apart.
    pub fn known_labels(&self) -> Option<&Labels> {
        self.known.labels.get().map(Arc::as_ref)
    }

    /// What each direct dependency of the roots is charged.
    pub fn known_shares(&self) -> Option<&Arc<Shares>> {
        self.known.shares.get()
    }

    /// The size of a minimum cut of every member.
    pub fn known_cut_sizes(&self) -> Option<&Column<Option<u32>>> {
        self.known.cut_sizes.get().map(Arc::as_ref)
    }

    /// The size of the best cut of every member.
    pub fn known_best_sizes(&self) -> Option<&Column<Option<u32>>> {
        self.known.best_sizes.get().map(Arc::as_ref)
    }

    /// Blocks on disk of every member, in bytes.
    pub fn known_disk_sizes(&self) -> Option<&Column<Option<u64>>> {
        self.known.disk_sizes.get().map(Arc::as_ref)
    }

    /// What only likely accidents hold.
    pub fn known_accidents(&self) -> Option<&PathSet> {
        self.known.accidents.get().map(Arc::as_ref)
    }

    /// What a comparison with another closure says of each path.
    pub fn known_deltas(&self) -> Option<&Deltas> {
        self.known.deltas.get().map(Arc::as_ref)
    }

    /// Retained size of a member in bytes; `None` if a size in it is unknown, or it has not been computed.
    pub fn retained_size(&self, id: PathId) -> Option<u64> {
        self.known_dominators()?.retained_size(id)
    }
}

impl Analysed {
    /// What a path is called in text: its name, and as much of its hash part as tells it from other paths of that name that
    /// are shown (one that is not: from all paths of the graph). Safe for a terminal.
    pub fn label(&self, id: PathId) -> String {
        let labels = if self.shown.contains(id) {
            self.labels()
        } else {
            let make = || {
                let everything = PathSet::of(self.graph.len(), self.graph.ids());
                Arc::new(Labels::of(&self.graph, &everything))
            };
            self.known.labels_outside.get_or_init(make)
        };
        let label = labels.label(&self.graph, id).to_string();
        text::sanitise(&label).into_owned()
    }
}

fn fill<T>(own: &Lazy<T>, other: &Lazy<T>) {
    if let Some(value) = other.get() {
        own.get_or_init(|| Arc::clone(value));
    }
}

/// What is in the cell, computed if it is not there yet. Two threads may both compute it; one of the results is kept.
fn computed<T>(
    cell: &Lazy<T>,
    make: impl FnOnce() -> Result<T, Cancelled>,
) -> Result<&Arc<T>, Cancelled> {
    if let Some(value) = cell.get() {
        return Ok(value);
    }
    let value = make()?;
    Ok(cell.get_or_init(|| Arc::new(value)))
}
