//! The size of a closure at some time, independent of any graph.

/// One record of a closure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosureRecord {
    /// When it was measured, in seconds since 1970.
    pub at: i64,
    /// What it is called from one build to the next: the package name of its root.
    pub name: String,
    /// Its root as a full store path; `None` if it had several.
    pub root: Option<String>,
    /// Its NAR size in bytes; `None` if a size was unknown.
    pub nar_size: Option<u64>,
    /// How many paths it had.
    pub paths: u64,
    /// What its user called it.
    pub label: Option<String>,
}
