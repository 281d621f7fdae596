//! What a report speaks about: one closure, and the analyses of it that somebody asked for.

use std::cell::OnceCell;
use std::sync::Arc;

use crate::analysis::share::Shares;
use crate::analysis::{ClosureSizes, Distances, Dominators, Labels, Order};
use crate::job::{Cancelled, Progress};
use crate::model::{Closure, Column, PathId, PathSet, StoreGraph};
use crate::source::evidence::findings::SavedFindings;
use crate::text;

/// A closure with its analyses, each computed when it is first needed.
#[derive(Debug)]
pub struct Subject {
    graph: Arc<StoreGraph>,
    closure: Closure,
    progress: Progress,
    order: OnceCell<Order>,
    dominators: OnceCell<Dominators>,
    distances: OnceCell<Distances>,
    closure_sizes: OnceCell<ClosureSizes>,
    shares: OnceCell<Shares>,
    labels: OnceCell<Labels>,
    disk_sizes: Option<Column<Option<u64>>>,
    found: Arc<SavedFindings>,
}

impl Subject {
    /// The closure of some roots; long analyses report to `progress` and can be called off there.
    pub fn new(graph: Arc<StoreGraph>, roots: &[PathId], progress: Progress) -> Self {
        let closure = Closure::of(&graph, roots);
        Self {
            graph,
            closure,
            progress,
            order: OnceCell::new(),
            dominators: OnceCell::new(),
            distances: OnceCell::new(),
            closure_sizes: OnceCell::new(),
            shares: OnceCell::new(),
            labels: OnceCell::new(),
            disk_sizes: None,
            found: Arc::default(),
        }
    }

    /// Lets long analyses report to, and be called off by, a job that the subject is handed to.
    #[must_use]
    pub fn attached(self, progress: &Progress) -> Self {
        let progress = progress.clone();
        Self { progress, ..self }
    }

    /// Takes the subject out of the job that made it: that the job is over calls nothing off here.
    #[must_use]
    pub fn detached(self) -> Self {
        Self {
            progress: Progress::new(),
            ..self
        }
    }

    /// Takes what was found in the files and written down.
    #[must_use]
    pub fn with_found(self, found: Arc<SavedFindings>) -> Self {
        Self { found, ..self }
    }

    /// What was found in the files and written down.
    pub fn found(&self) -> Arc<SavedFindings> {
        Arc::clone(&self.found)
    }

    /// Takes what the paths take on disk, in bytes, which only somebody with the files can tell.
    #[must_use]
    pub fn with_disk_sizes(self, sizes: Column<Option<u64>>) -> Self {
        Self {
            disk_sizes: Some(sizes),
            ..self
        }
    }

    /// What a path takes on disk, in bytes, if that was looked up and could be told.
    pub fn disk_size(&self, id: PathId) -> Option<u64> {
        self.disk_sizes.as_ref().and_then(|sizes| sizes[id])
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
        self.order
            .get_or_init(|| Order::of(&self.graph, &self.closure))
    }

    /// Depth and level of every member.
    pub fn distances(&self) -> &Distances {
        self.distances
            .get_or_init(|| Distances::of(&self.graph, &self.closure, self.order()))
    }

    /// The dominator tree with retained sizes.
    pub fn dominators(&self) -> Result<&Dominators, Cancelled> {
        or_try_init(&self.dominators, || {
            Dominators::of(&self.graph, &self.closure, self.order(), &self.progress)
        })
    }

    /// The closure size of every member.
    pub fn closure_sizes(&self) -> Result<&ClosureSizes, Cancelled> {
        or_try_init(&self.closure_sizes, || {
            ClosureSizes::of(&self.graph, &self.closure, self.order(), &self.progress)
        })
    }

    /// What each direct dependency of the roots is charged.
    pub fn shares(&self) -> Result<&Shares, Cancelled> {
        or_try_init(&self.shares, || {
            Shares::of(&self.graph, &self.closure, self.order(), &self.progress)
        })
    }

    /// The closure sizes of every member, if they have been computed.
    pub fn computed_closure_sizes(&self) -> Option<&ClosureSizes> {
        self.closure_sizes.get()
    }

    /// Retained size of a member in bytes, `None` if a size in it is unknown (or it has not been computed).
    pub fn computed_retained_size(&self, id: PathId) -> Option<u64> {
        self.dominators.get()?.retained_size(id)
    }

    /// How many paths of the closure reference this one.
    pub fn referrer_count(&self, id: PathId) -> u64 {
        self.closure.referrers(&self.graph, id).count() as u64
    }

    /// How a path is called in text: its name, with the beginning of its hash where several share it; safe for a
    /// terminal.
    pub fn label(&self, id: PathId) -> String {
        let labels = self.labels.get_or_init(|| {
            let everything = PathSet::of(self.graph.len(), self.graph.ids());
            Labels::of(&self.graph, &everything)
        });
        let label = labels.label(&self.graph, id).to_string();
        text::sanitise(&label).into_owned()
    }
}

fn or_try_init<T, E>(cell: &OnceCell<T>, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
    if let Some(value) = cell.get() {
        return Ok(value);
    }
    let value = make()?;
    Ok(cell.get_or_init(|| value))
}
