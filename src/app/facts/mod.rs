//! What is known of the closure so far, and the columns it fills.

pub mod on_demand;
pub mod origin;
pub mod reasons;

use std::cmp::{Ordering, Reverse};
use std::sync::Arc;

use crate::analysis::dominators::DominatorTree;
use crate::analysis::labels::Labels;
use crate::analysis::{ClosureSizes, Distances, Dominators, Order};
use crate::job::{Cancelled, Progress};
use crate::model::{Closure, PathId, StoreGraph, Warning};
use crate::source::Loaded;
use crate::source::evidence::findings::SavedFindings;
use crate::text;

use self::on_demand::{Extra, Extras};

/// What was loaded.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The graph.
    pub graph: Arc<StoreGraph>,
    /// The closure everything is about.
    pub closure: Closure,
    /// What was odd.
    pub warnings: Vec<Warning>,
    /// Where it came from.
    pub origin: String,
    /// What was found in the files and written down.
    pub found: Arc<SavedFindings>,
}

impl Snapshot {
    /// The closure of what a source delivered.
    pub fn of(loaded: Loaded) -> Self {
        Self {
            closure: Closure::of(&loaded.graph, &loaded.roots),
            graph: loaded.graph,
            warnings: loaded.warnings,
            origin: loaded.origin,
            found: loaded.found,
        }
    }
}

/// The answers that one pass over the closure gives.
#[derive(Debug)]
pub struct Base {
    /// Referrers before references.
    pub order: Order,
    /// Depth and level.
    pub distances: Distances,
    /// Who leaves with whom.
    pub dominators: Dominators,
    /// The same, from the top down.
    pub dominator_tree: DominatorTree,
}

impl Base {
    /// Computes them.
    pub fn of(snapshot: &Snapshot, progress: &Progress) -> Result<Self, Cancelled> {
        let (graph, closure) = (&*snapshot.graph, &snapshot.closure);
        progress.start("retained sizes", 0);
        let order = Order::of(graph, closure);
        progress.check()?;
        let dominators = Dominators::of(graph, closure, &order, progress)?;
        Ok(Self {
            distances: Distances::of(graph, closure, &order),
            dominator_tree: dominators.children(closure),
            order,
            dominators,
        })
    }
}

/// All that is known; what is missing is still being computed. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Facts {
    /// What was loaded.
    pub snapshot: Arc<Snapshot>,
    /// Order, distances, dominators.
    pub base: Option<Arc<Base>>,
    /// Closure sizes.
    pub sizes: Option<Arc<ClosureSizes>>,
    /// How equal names are told apart.
    pub labels: Option<Arc<Labels>>,
    /// What is computed only when asked for.
    pub extras: Extras,
}

/// A column of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The name.
    Name,
    /// NAR size.
    Nar,
    /// Closure size.
    Closure,
    /// Retained size.
    Retained,
    /// How many paths leave with it.
    Count,
    /// How many paths reference it.
    Referrers,
    /// How many paths it references.
    References,
    /// Shortest chain.
    Depth,
    /// Longest chain.
    Level,
    /// Download size.
    Download,
    /// Blocks on disk.
    Disk,
    /// Share of the closure.
    Share,
    /// Fewest references to cut.
    Cut,
    /// Retained bytes for each reference to cut.
    Leverage,
}

/// What stands in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// Not computed yet.
    Pending,
    /// The source does not know.
    Unknown,
    /// Bytes.
    Size(u64),
    /// A number.
    Number(u64),
}

impl Value {
    /// A size, if it is known.
    pub fn size(bytes: Option<u64>) -> Self {
        bytes.map_or(Self::Unknown, Self::Size)
    }

    /// The number behind it, if there is one.
    pub fn number(self) -> Option<u64> {
        match self {
            Self::Pending | Self::Unknown => None,
            Self::Size(number) | Self::Number(number) => Some(number),
        }
    }
}

impl Field {
    /// All of them, in the order tables show them.
    pub const ALL: [Self; 14] = [
        Self::Name,
        Self::Nar,
        Self::Closure,
        Self::Retained,
        Self::Count,
        Self::Referrers,
        Self::References,
        Self::Depth,
        Self::Level,
        Self::Download,
        Self::Disk,
        Self::Share,
        Self::Cut,
        Self::Leverage,
    ];

    /// The column's heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Nar => "nar",
            Self::Closure => "closure",
            Self::Retained => "retained",
            Self::Count => "paths",
            Self::Referrers => "referrers",
            Self::References => "references",
            Self::Depth => "depth",
            Self::Level => "level",
            Self::Download => "download",
            Self::Disk => "on disk",
            Self::Share => "share",
            Self::Cut => "to cut",
            Self::Leverage => "leverage",
        }
    }

    /// What the column means, in one line.
    pub fn definition(self) -> &'static str {
        match self {
            Self::Name => {
                "name: without its hash part, but for letters of it where names are equal"
            }
            Self::Nar => "nar: size of the path itself, as the store recorded it",
            Self::Closure => "closure: the path with everything it needs",
            Self::Retained => {
                "retained: what would leave with the path, because nothing else needs it"
            }
            Self::Count => "paths: how many paths would leave with it, itself included",
            Self::Referrers => "referrers: how many paths of the closure reference it directly",
            Self::References => "references: how many paths it references directly",
            Self::Depth => "depth: steps of the shortest chain from a root",
            Self::Level => "level: steps of the longest chain from a root",
            Self::Download => "download: compressed size in the binary cache",
            Self::Disk => "on disk: blocks its files take, read from the files",
            Self::Share => "share: part of the closure charged to a direct dependency of a root",
            Self::Cut => "to cut: fewest references to cut so that the path leaves",
            Self::Leverage => "leverage: retained size for each reference to cut",
        }
    }

    /// Do large values come first when one sorts by it?
    pub fn largest_first(self) -> bool {
        !matches!(self, Self::Name | Self::Depth | Self::Level)
    }

    /// Does it count bytes?
    pub fn is_size(self) -> bool {
        matches!(
            self,
            Self::Nar
                | Self::Closure
                | Self::Retained
                | Self::Download
                | Self::Disk
                | Self::Share
                | Self::Leverage
        )
    }
}

/// What rows are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// The column.
    pub field: Field,
    /// Largest or last first?
    pub descending: bool,
}

impl Sort {
    /// The usual direction of a column.
    pub fn by(field: Field) -> Self {
        Self {
            field,
            descending: field.largest_first(),
        }
    }
}

impl Facts {
    /// Only what was loaded.
    pub fn of(snapshot: Snapshot) -> Self {
        Self {
            snapshot: Arc::new(snapshot),
            base: None,
            sizes: None,
            labels: None,
            extras: Extras::default(),
        }
    }

    /// The graph.
    pub fn graph(&self) -> &StoreGraph {
        &self.snapshot.graph
    }

    /// The closure.
    pub fn closure(&self) -> &Closure {
        &self.snapshot.closure
    }

    /// What tells a path from others of its name; empty if nothing has to.
    pub fn hash_prefix(&self, id: PathId) -> &str {
        self.labels
            .as_ref()
            .map_or("", |labels| labels.hash_prefix(self.graph(), id))
    }

    /// What a path is called on every screen: its name, and what tells it from others of that name.
    pub fn label(&self, id: PathId) -> String {
        let name = text::sanitise(self.graph().name(id));
        match self.hash_prefix(id) {
            "" => name.into_owned(),
            letters => format!("{name} {letters}"),
        }
    }

    /// A cell.
    pub fn value(&self, field: Field, id: PathId) -> Value {
        let graph = self.graph();
        let base =
            |value: &dyn Fn(&Base) -> Value| self.base.as_deref().map_or(Value::Pending, value);
        match field {
            Field::Name => Value::Unknown,
            Field::Nar => Value::size(graph.nar_size(id)),
            Field::Download => Value::size(graph.info(id).download_size.get()),
            Field::Closure => match &self.sizes {
                Some(sizes) => Value::size(sizes.get(id)),
                None => Value::Pending,
            },
            Field::Retained => base(&|base| Value::size(base.dominators.retained_size(id))),
            Field::Count => base(&|base| Value::Number(base.dominators.retained_count(id).into())),
            Field::Referrers => Value::Number(self.referrer_count(id) as u64),
            Field::References => Value::Number(graph.references(id).len() as u64),
            Field::Depth => base(&|base| Value::Number(base.distances.depth[id].into())),
            Field::Level => base(&|base| Value::Number(base.distances.level[id].into())),
            Field::Disk => self.extras.disk(id),
            Field::Share => self.extras.share(id),
            Field::Cut => self.extras.cut(id),
            Field::Leverage => base(&|base| self.extras.leverage(base, id)),
        }
    }

    fn referrer_count(&self, id: PathId) -> usize {
        let (graph, closure) = (self.graph(), self.closure());
        if closure.len() == graph.len() {
            // Nothing is outside, and some have a hundred thousand.
            return graph.referrers(id).len();
        }
        closure.referrers(graph, id).count()
    }

    /// Is the column computed?
    pub fn is_ready(&self, field: Field) -> bool {
        match field {
            Field::Closure => self.sizes.is_some(),
            Field::Retained | Field::Count | Field::Depth | Field::Level => self.base.is_some(),
            _ => Extra::of(field).is_none_or(|extra| self.extras.has(extra)),
        }
    }

    /// Sorts paths; unknown values come last in both directions, equal ones by name.
    pub fn sort(&self, ids: &mut [PathId], sort: Sort) {
        let graph = self.graph();
        if sort.field == Field::Name {
            ids.sort_unstable_by(|&a, &b| directed(by_name(graph, a, b), sort.descending));
            return;
        }
        // Without its value a path goes to the end whichever way one sorts.
        let key = |&id: &PathId| {
            let number = self.value(sort.field, id).number();
            let directed = number.map(|n| if sort.descending { !n } else { n });
            (directed.is_none(), directed)
        };
        if ids.len() > 50_000 {
            // Comparing a million names costs seconds, and nobody reads so far down.
            ids.sort_by_cached_key(|id| (key(id), *id));
        } else {
            ids.sort_by_cached_key(key);
            let equal = |a: &PathId, b: &PathId| key(a) == key(b);
            for run in ids.chunk_by_mut(equal) {
                run.sort_unstable_by(|&a, &b| by_name(graph, a, b));
            }
        }
    }

    /// The largest of some paths' values by a field first.
    pub fn largest_first(&self, ids: &mut [PathId], field: Field) {
        ids.sort_by_cached_key(|&id| (Reverse(self.value(field, id).number()), id));
    }
}

fn by_name(graph: &StoreGraph, a: PathId, b: PathId) -> Ordering {
    graph.name(a).cmp(graph.name(b)).then(a.cmp(&b))
}

fn directed(order: Ordering, descending: bool) -> Ordering {
    if descending { order.reverse() } else { order }
}
