//! The rows of a list as documents have them.

use serde::{Serialize, Serializer};

use crate::analysis::{Distances, Dominators};
use crate::model::{Closure, StoreGraph};
use crate::report::json::{self, Path};

use super::{Row, SortKey};

/// Where the values of records come from; any thread may ask.
#[derive(Clone, Copy)]
pub(super) struct Records<'a> {
    pub(super) graph: &'a StoreGraph,
    pub(super) closure: &'a Closure,
    pub(super) dominators: &'a Dominators,
    pub(super) distances: &'a Distances,
    pub(super) sort: SortKey,
}

impl<'a> Records<'a> {
    /// A row with the number of its references.
    pub(super) fn counted(&self, row: &Row) -> Record<'a, usize> {
        self.record(row, self.graph.references(row.id).len())
    }

    /// A row with its references as they shall be written.
    pub(super) fn record<R>(&self, row: &Row, references: R) -> Record<'a, R> {
        let (graph, id) = (self.graph, row.id);
        let package = graph.package(id);
        Record {
            path: Path(graph, id),
            name: graph.name(id),
            pname: package.pname,
            version: Some(package.version).filter(|version| !version.is_empty()),
            output: package.output,
            nar_size: graph.nar_size(id),
            closure_size: row.closure_size,
            retained_size: self.dominators.retained_size(id),
            retained_count: self.dominators.retained_count(id),
            references,
            referrers: self.closure.referrers(graph, id).count() as u64,
            depth: self.distances.depth[id],
            level: self.distances.level[id],
            outputs: json::outputs(graph, id),
            own: Own {
                key: self.sort.column().and_then(|(_, key)| key),
                value: row.value,
            },
        }
    }
}

/// One path in documents.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record<'a, R> {
    path: Path<'a>,
    name: &'a str,
    pname: &'a str,
    version: Option<&'a str>,
    output: Option<&'a str>,
    nar_size: Option<u64>,
    closure_size: Option<u64>,
    retained_size: Option<u64>,
    retained_count: u32,
    references: R,
    referrers: u64,
    depth: u32,
    level: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    outputs: Option<Vec<json::Output<'a>>>,
    #[serde(flatten)]
    own: Own,
}

/// What the list is sorted by, if its records do not have it anyway.
struct Own {
    key: Option<&'static str>,
    value: Option<u64>,
}

impl Serialize for Own {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.key.map(|key| (key, self.value)))
    }
}

/// The columns of comma separated values.
pub(super) const KEYS: [&str; 13] = [
    "path",
    "name",
    "pname",
    "version",
    "output",
    "narSize",
    "closureSize",
    "retainedSize",
    "retainedCount",
    "references",
    "referrers",
    "depth",
    "level",
];

impl<R: Serialize> Record<'_, R> {
    /// The values in the order of [`KEYS`].
    pub(super) fn fields(&self) -> impl Serialize {
        (
            &self.path,
            (self.name, self.pname, self.version, self.output),
            (self.nar_size, self.closure_size),
            (self.retained_size, self.retained_count),
            (&self.references, self.referrers),
            (self.depth, self.level),
        )
    }
}
