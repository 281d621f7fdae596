//! The rows of the table of metrics.

use super::{Listed, Unit, Value};
use crate::analysis::analysed::{Analysed, Need};
use crate::model::PathId;

/// One row of the table.
#[derive(Debug)]
pub(super) struct MetricRow {
    /// What it is called in queries, on the command line and in the configuration.
    pub(super) key: &'static str,
    /// What else it is called there, besides its key in documents.
    pub(super) aliases: &'static [&'static str],
    /// Its key in documents.
    pub(super) json: &'static str,
    /// The heading of its column.
    pub(super) heading: &'static str,
    /// What it means, in one line that follows the heading.
    pub(super) definition: &'static str,
    pub(super) unit: Unit,
    /// What has to be computed before it is known.
    pub(super) needs: &'static [Need],
    pub(super) listed: Listed,
    /// Whether the explorer sorts by it with the largest value first.
    pub(super) largest_first: bool,
    /// Terminal cells of its column, where values are counts.
    pub(super) width: u16,
    /// When its column gives way on a narrow screen: those with small numbers first.
    pub(super) gives_way: u8,
    pub(super) value: fn(&Analysed, PathId) -> Value,
}

/// Hands every metric, in the order of the explorer's columns, with its row to a macro.
macro_rules! metrics {
    ($each:ident) => {
        $each! {
            /// The name, without the hash part.
            Name {
                key: "name",
                aliases: &[],
                json: "name",
                heading: "name",
                definition: "without its hash part, except where names are equal",
                unit: Unit::Text,
                needs: &[],
                listed: Listed::Never,
                largest_first: false,
                width: 0,
                gives_way: u8::MAX,
                value: |_, _| Value::Unknown,
            }
            /// NAR size in bytes.
            Nar {
                key: "nar",
                aliases: &["size"],
                json: "narSize",
                heading: "nar",
                definition: "size of the path itself, as the store recorded it",
                unit: Unit::Bytes,
                needs: &[],
                listed: Listed::Always(1),
                largest_first: true,
                width: 10,
                gives_way: 120,
                value: values::nar_size,
            }
            /// Closure size in bytes.
            Closure {
                key: "closure",
                aliases: &[],
                json: "closureSize",
                heading: "closure",
                definition: "the path with everything it needs",
                unit: Unit::Bytes,
                needs: &[Need::ClosureSizes],
                listed: Listed::Always(2),
                largest_first: true,
                width: 10,
                gives_way: 110,
                value: values::closure_size,
            }
            /// Retained size in bytes.
            Retained {
                key: "retained",
                aliases: &[],
                json: "retainedSize",
                heading: "retained",
                definition: "what would leave with the path, because nothing else needs it",
                unit: Unit::Bytes,
                needs: &[Need::Dominators],
                listed: Listed::Always(3),
                largest_first: true,
                width: 10,
                gives_way: 140,
                value: values::retained_size,
            }
            /// How many paths leave with it.
            Count {
                key: "count",
                aliases: &["paths"],
                json: "retainedCount",
                heading: "paths",
                definition: "how many paths would leave with it, itself included",
                unit: Unit::Count,
                needs: &[Need::Dominators],
                listed: Listed::Always(4),
                largest_first: true,
                width: 8,
                gives_way: 70,
                value: values::retained_count,
            }
            /// Number of referrers inside the closure.
            Referrers {
                key: "referrers",
                aliases: &[],
                json: "referrers",
                heading: "referrers",
                definition: "how many paths of the closure reference it directly",
                unit: Unit::Count,
                needs: &[],
                listed: Listed::Always(6),
                largest_first: true,
                width: 7,
                gives_way: 130,
                value: values::referrers,
            }
            /// Number of references.
            References {
                key: "references",
                aliases: &["refs"],
                json: "references",
                heading: "references",
                definition: "how many paths it references directly",
                unit: Unit::Count,
                needs: &[],
                listed: Listed::Always(5),
                largest_first: true,
                width: 6,
                gives_way: 90,
                value: values::references,
            }
            /// Length of the shortest chain from a root.
            Depth {
                key: "depth",
                aliases: &[],
                json: "depth",
                heading: "depth",
                definition: "steps of the shortest chain from a root",
                unit: Unit::Count,
                needs: &[Need::Distances],
                listed: Listed::Always(7),
                largest_first: false,
                width: 6,
                gives_way: 80,
                value: values::depth,
            }
            /// Length of the longest chain from a root.
            Level {
                key: "level",
                aliases: &[],
                json: "level",
                heading: "level",
                definition: "steps of the longest chain from a root",
                unit: Unit::Count,
                needs: &[Need::Distances],
                listed: Listed::Always(8),
                largest_first: false,
                width: 6,
                gives_way: 10,
                value: values::level,
            }
            /// Compressed size in a binary cache, in bytes.
            Download {
                key: "download",
                aliases: &[],
                json: "downloadSize",
                heading: "download",
                definition: "compressed size in the binary cache",
                unit: Unit::Bytes,
                needs: &[],
                listed: Listed::Always(9),
                largest_first: true,
                width: 10,
                gives_way: 60,
                value: values::download_size,
            }
            /// NAR size of the outputs of a derivation, in bytes.
            Outputs {
                key: "outputs",
                aliases: &[],
                json: "outputsSize",
                heading: "outputs",
                definition: "size of a derivation's outputs, as far as they are in the store",
                unit: Unit::Bytes,
                needs: &[],
                listed: Listed::WithOutputs,
                largest_first: true,
                width: 10,
                gives_way: 65,
                value: values::outputs_size,
            }
            /// Blocks on disk, in bytes.
            Disk {
                key: "disk",
                aliases: &[],
                json: "diskSize",
                heading: "on disk",
                definition: "disk blocks that its files take",
                unit: Unit::Bytes,
                needs: &[Need::DiskSizes],
                listed: Listed::WhenSorted,
                largest_first: true,
                width: 10,
                gives_way: 30,
                value: values::disk_size,
            }
            /// Share of the closure, in bytes.
            Share {
                key: "share",
                aliases: &[],
                json: "distributedSize",
                heading: "share",
                definition: "part of the closure charged to a direct dependency of a root",
                unit: Unit::Bytes,
                needs: &[Need::Shares],
                listed: Listed::WhenSorted,
                largest_first: true,
                width: 10,
                gives_way: 20,
                value: values::share,
            }
            /// Size of a minimum cut.
            Cut {
                key: "cut",
                aliases: &[],
                json: "cutSize",
                heading: "to cut",
                definition: "fewest references to cut so that the path leaves",
                unit: Unit::Count,
                needs: &[Need::CutSizes],
                listed: Listed::WhenSorted,
                largest_first: true,
                width: 6,
                gives_way: 40,
                value: values::cut_size,
            }
            /// Bytes more than in the closure that this one is compared with.
            Delta {
                key: "delta",
                aliases: &[],
                json: "delta",
                heading: "delta",
                definition: "growth over the path it replaced, negative for what left; needs a comparison",
                unit: Unit::Change,
                needs: &[Need::Deltas],
                listed: Listed::Never,
                largest_first: true,
                width: 11,
                gives_way: 135,
                value: values::delta,
            }
            /// Retained bytes for each reference of the best cut.
            Leverage {
                key: "leverage",
                aliases: &[],
                json: "leverage",
                heading: "leverage",
                definition: "retained size for each reference of the best cut",
                unit: Unit::Bytes,
                needs: &[Need::Dominators, Need::BestSizes],
                listed: Listed::WhenSorted,
                largest_first: true,
                width: 10,
                gives_way: 50,
                value: values::bytes_per_cut,
            }
        }
    };
}

pub(super) use metrics;
