//! One output of a derivation.

use std::collections::BTreeMap;

use super::path_id::PathId;
use super::path_info::Size;

/// One output of a derivation. The path need not be in the graph, nor in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// `out`, `dev`, `man`.
    pub name: String,
    /// The full path, as the source has it.
    pub path: String,
    /// Whether it is in the store.
    pub valid: bool,
    /// Size of its NAR serialisation, in bytes.
    pub nar_size: Size,
}

/// The outputs of the derivations of a graph, by derivation.
pub type Outputs = BTreeMap<PathId, Vec<Output>>;
