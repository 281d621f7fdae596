//! What a query can ask about a path: numeric columns and kinds.

use crate::model::{PathId, StoreGraph};

/// A numeric column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// NAR size in bytes.
    NarSize,
    /// Closure size in bytes.
    ClosureSize,
    /// Retained size in bytes.
    RetainedSize,
    /// How many paths leave with this one.
    RetainedCount,
    /// Share of the closure in bytes.
    Share,
    /// Blocks on disk in bytes.
    DiskSize,
    /// Compressed size in the binary cache in bytes.
    DownloadSize,
    /// Number of references.
    References,
    /// Number of referrers inside the closure.
    Referrers,
    /// Shortest chain from a root.
    Depth,
    /// Longest chain from a root.
    Level,
    /// Fewest references to cut.
    CutSize,
    /// Retained bytes for each reference to cut.
    Leverage,
}

/// The names of the columns in queries; a column's first name is the one to show.
const NAMES: &[(&str, Field)] = &[
    ("nar", Field::NarSize),
    ("size", Field::NarSize),
    ("narsize", Field::NarSize),
    ("closure", Field::ClosureSize),
    ("closuresize", Field::ClosureSize),
    ("retained", Field::RetainedSize),
    ("retainedsize", Field::RetainedSize),
    ("count", Field::RetainedCount),
    ("retainedcount", Field::RetainedCount),
    ("share", Field::Share),
    ("distributedsize", Field::Share),
    ("disk", Field::DiskSize),
    ("disksize", Field::DiskSize),
    ("download", Field::DownloadSize),
    ("downloadsize", Field::DownloadSize),
    ("refs", Field::References),
    ("references", Field::References),
    ("referrers", Field::Referrers),
    ("depth", Field::Depth),
    ("level", Field::Level),
    ("cut", Field::CutSize),
    ("cutsize", Field::CutSize),
    ("leverage", Field::Leverage),
];

impl Field {
    /// The column of a name, upper and lower case alike.
    pub fn named(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|&(_, field)| field)
    }

    /// The name to show.
    pub fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|(_, field)| *field == self)
            .map_or("", |(name, _)| name)
    }

    /// Are its values bytes, so that units make sense?
    pub fn is_size(self) -> bool {
        matches!(
            self,
            Self::NarSize
                | Self::ClosureSize
                | Self::RetainedSize
                | Self::Share
                | Self::DiskSize
                | Self::DownloadSize
                | Self::Leverage
        )
    }

    /// All columns by the name to show.
    pub fn all_names() -> Vec<&'static str> {
        let mut names: Vec<&str> = Vec::new();
        for (_, field) in NAMES {
            if !names.contains(&field.name()) {
                names.push(field.name());
            }
        }
        names
    }
}

/// What sort of thing a store path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A derivation (`….drv`).
    Derivation,
    /// Put into the store rather than built: no deriver. If derivers are not loaded, what the name of a source tree,
    /// archive or patch has.
    Source,
    /// Anything else: what a derivation built.
    Output,
}

/// Endings of names of archives and patches.
const SOURCE_ENDINGS: &[&str] = &[
    ".tar", ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst", ".tgz", ".zip", ".patch", ".diff",
    "-source", "-src",
];

impl Kind {
    /// The kind of a word in a query.
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "drv" | "derivation" => Some(Self::Derivation),
            "source" | "src" => Some(Self::Source),
            "output" | "out" => Some(Self::Output),
            _ => None,
        }
    }

    /// The kind of a path.
    pub fn of(graph: &StoreGraph, id: PathId) -> Self {
        if graph.is_derivation(id) {
            return Self::Derivation;
        }
        let name = graph.name(id);
        let named_so =
            name == "source" || SOURCE_ENDINGS.iter().any(|ending| name.ends_with(ending));
        let is_source = match graph.details(id) {
            Some(details) => {
                details.deriver.is_none() && (named_so || details.content_address.is_some())
            }
            None => named_so,
        };
        if is_source {
            Self::Source
        } else {
            Self::Output
        }
    }
}
