//! What sort of thing a store path is.

use crate::model::{PathId, StoreGraph};

/// What sort of thing a store path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathKind {
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

impl PathKind {
    /// The words for them in queries, each with another one that is understood.
    pub const WORDS: [(&str, &str, Self); 3] = [
        ("drv", "derivation", Self::Derivation),
        ("source", "src", Self::Source),
        ("output", "out", Self::Output),
    ];

    /// The kind of a word in a query.
    pub fn named(name: &str) -> Option<Self> {
        let is_meant = |word: &str| word.eq_ignore_ascii_case(name);
        let mut words = Self::WORDS.into_iter();
        let found = words.find(|(word, other, _)| is_meant(word) || is_meant(other));
        found.map(|(.., kind)| kind)
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
