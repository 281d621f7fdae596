//! The table of metrics: everything about a store path that is one number.
//!
//! The explorer's columns, the keys of `list --sort`, the columns of queries, the keys and columns of documents, the names
//! in the configuration, what is completed, and the tables in `docs` are read off it. A metric is one row of `table` and one
//! function in `values`; what costs too much to be there always is named as a [`Need`].

mod table;
mod values;

use std::cmp::Reverse;

use self::table::{MetricRow, metrics};
use super::analysed::{Analysed, Need};
use crate::model::PathId;

/// What a value is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes, written in the units that the user has chosen.
    Bytes,
    /// Bytes more, or fewer.
    Change,
    /// A number of things.
    Count,
    /// A text, which the table of a view knows how to show.
    Text,
}

/// In which documents a metric is a key of every path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// In all of them; its place among the columns of comma-separated values.
    Always(u8),
    /// Where the outputs of derivations are known.
    WithOutputs,
    /// Where rows are sorted by it: it costs too much otherwise.
    WhenSorted,
    /// Under keys of its own.
    Never,
}

/// A value, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// Not computed yet.
    Pending,
    /// The source does not know it, or it does not apply.
    Unknown,
    /// Bytes.
    Size(u64),
    /// A number of things.
    Number(u64),
    /// Bytes more; negative: fewer.
    Change(i64),
}

impl Value {
    /// A size, if it is known.
    pub fn size(bytes: Option<u64>) -> Self {
        bytes.map_or(Self::Unknown, Self::Size)
    }

    /// A count, if it is known.
    pub fn count(number: Option<u64>) -> Self {
        number.map_or(Self::Unknown, Self::Number)
    }

    /// The number in it, if there is one that is never below zero.
    pub fn number(self) -> Option<u64> {
        match self {
            Self::Pending | Self::Unknown | Self::Change(_) => None,
            Self::Size(number) | Self::Number(number) => Some(number),
        }
    }

    /// The number in it, if there is one: what rows are sorted by, and queries compare.
    pub fn signed(self) -> Option<i128> {
        match self {
            Self::Change(bytes) => Some(bytes.into()),
            other => other.number().map(i128::from),
        }
    }
}

/// The sum of a metric over a closure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// Of the known values.
    pub known: u64,
    /// How many values are unknown.
    pub unknown: usize,
}

impl Sum {
    /// The sum, if every value is known.
    pub fn exact(self) -> Option<u64> {
        (self.unknown == 0).then_some(self.known)
    }
}

/// Makes the metrics, and their rows in the same order, out of the table.
macro_rules! metric {
    ($($(#[$doc:meta])* $metric:ident $row:tt)*) => {
        /// A metric; the order is that of the explorer's columns.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Metric {
            $($(#[$doc])* $metric,)*
        }

        impl Metric {
            /// All of them.
            pub const ALL: [Self; ROWS.len()] = [$(Self::$metric,)*];
        }

        const ROWS: &[MetricRow] = &[$(MetricRow $row,)*];
    };
}

metrics!(metric);

impl Metric {
    /// Columns that give way later say more than a bar does.
    pub const BAR_GIVES_WAY: u8 = 100;

    const fn row(self) -> &'static MetricRow {
        &ROWS[self as usize]
    }

    /// The metric of a name (its key, an alias, or its key in documents), upper and lower case alike.
    pub fn named(name: &str) -> Option<Self> {
        let is = |other: &str| other.eq_ignore_ascii_case(name);
        Self::ALL
            .into_iter()
            .find(|metric| is(metric.key()) || metric.other_names().any(is))
    }

    /// What it is called in queries, on the command line and in the configuration.
    pub fn key(self) -> &'static str {
        self.row().key
    }

    /// What else it is called there.
    pub fn other_names(self) -> impl Iterator<Item = &'static str> {
        let row = self.row();
        let json = Some(row.json).filter(|&json| json != row.key);
        row.aliases.iter().copied().chain(json)
    }

    /// Its key in documents.
    pub fn json(self) -> &'static str {
        self.row().json
    }

    /// The heading of its column.
    pub const fn title(self) -> &'static str {
        self.row().heading
    }

    /// What it means, in one line that follows the heading.
    pub fn definition(self) -> &'static str {
        self.row().definition
    }

    /// What its values are measured in.
    pub fn unit(self) -> Unit {
        self.row().unit
    }

    /// Whether its values are sizes: bytes of something.
    pub fn is_size(self) -> bool {
        self.unit() == Unit::Bytes
    }

    /// Whether its values are bytes, of something or more than something.
    pub fn is_bytes(self) -> bool {
        matches!(self.unit(), Unit::Bytes | Unit::Change)
    }

    /// Whether it says something only where a closure is compared with another one.
    pub fn compares(self) -> bool {
        self.needs().contains(&Need::Deltas)
    }

    /// Whether its values are numbers, which can be compared.
    pub fn is_number(self) -> bool {
        self.unit() != Unit::Text
    }

    /// What has to be computed before it is known.
    pub fn needs(self) -> &'static [Need] {
        self.row().needs
    }

    /// In which documents it is a key of every path.
    pub fn listed(self) -> Listed {
        self.row().listed
    }

    /// The metrics that all documents have, in the order of columns.
    pub fn always_listed() -> Vec<Self> {
        let mut listed: Vec<(u8, Self)> = Self::ALL
            .into_iter()
            .filter_map(|metric| match metric.listed() {
                Listed::Always(at) => Some((at, metric)),
                _ => None,
            })
            .collect();
        listed.sort_unstable();
        listed.into_iter().map(|(_, metric)| metric).collect()
    }

    /// Whether the explorer sorts by it with the largest value first.
    pub fn largest_first(self) -> bool {
        self.row().largest_first
    }

    /// Terminal cells of its column; sizes in bytes need one more.
    pub fn width(self) -> u16 {
        self.row().width
    }

    /// When its column gives way on a narrow screen: those with small numbers first.
    pub fn gives_way(self) -> u8 {
        self.row().gives_way
    }

    /// Whether everything it needs is computed.
    pub fn is_ready(self, analysed: &Analysed) -> bool {
        self.needs().iter().all(|&need| analysed.has(need))
    }

    /// Sorts paths by their values, the largest first; unknown ones come last, equal ones by base name.
    pub fn sort_largest_first(self, analysed: &Analysed, ids: &mut [PathId]) {
        ids.sort_by_cached_key(|&id| (Reverse(self.value(analysed, id).signed()), id));
    }

    /// The value of a member of the closure. Computes nothing: see [`Analysed::prepare`].
    pub fn value(self, analysed: &Analysed, id: PathId) -> Value {
        (self.row().value)(analysed, id)
    }
}

impl Metric {
    /// The sum over all members, as far as their values are known.
    pub fn total(self, analysed: &Analysed) -> Sum {
        let mut sum = Sum::default();
        for id in analysed.closure().members().iter() {
            match self.value(analysed, id).number() {
                Some(number) => sum.known = sum.known.saturating_add(number),
                None => sum.unknown += 1,
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_means_one_metric() {
        let mut names = BTreeSet::new();
        for metric in Metric::ALL {
            for name in metric.other_names().chain([metric.key()]) {
                assert!(names.insert(name.to_ascii_lowercase()), "{name}");
                assert_eq!(Metric::named(&name.to_uppercase()), Some(metric));
            }
            assert_eq!(metric.is_number(), metric != Metric::Name);
            assert!(!metric.definition().is_empty());
        }
        let ranks: BTreeSet<u8> = Metric::ALL.map(Metric::gives_way).into();
        assert_eq!(ranks.len(), Metric::ALL.len(), "no two give way at once");
    }

    #[test]
    fn every_metric_is_known_once_its_needs_are_computed() {
        let (graph, closure) =
            crate::testing::graph("app 10 -> lib tool\ntool 20 -> data\nlib 3 -> data\ndata 40");
        let analysed = Analysed::of(graph.into(), closure.roots(), &crate::job::Progress::new());
        let id = crate::testing::id(analysed.graph(), "data");
        for metric in Metric::ALL {
            let ready = metric.is_ready(&analysed);
            assert_eq!(
                metric.value(&analysed, id) == Value::Pending,
                !ready,
                "{metric:?}"
            );
        }
        for metric in Metric::ALL {
            for &need in metric.needs() {
                analysed.prepare(need).expect("not cancelled");
            }
            let told = metric.needs().contains(&Need::DiskSizes) || metric.compares();
            assert_eq!(metric.is_ready(&analysed), !told, "{metric:?}");
        }
        let value = |metric: Metric| metric.value(&analysed, id).number();
        assert_eq!(value(Metric::Leverage), Some(20));
        assert_eq!(value(Metric::Cut), Some(2));
        assert_eq!(value(Metric::Retained), Some(40));
    }
}
