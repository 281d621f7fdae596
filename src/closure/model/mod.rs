//! Pure data: store paths, the reference graph, closures. No IO, no clock, no threads.

pub mod closure;
pub mod graph;
pub mod graph_builder;
pub mod names;
pub mod nar_hash;
pub mod output;
pub mod outputs;
pub mod path_id;
pub mod path_info;
pub mod path_set;
pub mod record;
pub mod store_path;
pub mod warning;

pub use closure::Closure;
pub use graph::{Column, StoreGraph};
pub use graph_builder::{Built, GraphBuilder};
pub use nar_hash::{NarHash, ParseHashError};
pub use output::Output;
pub use path_id::PathId;
pub use path_info::{Details, PathInfo, Size};
pub use path_set::PathSet;
pub use record::ClosureRecord;
pub use store_path::{PackageName, ParseStorePathError, StoreDir, StorePath};
pub use warning::{Warning, Warnings};

/// One path's reference to another: who references, and what.
pub type Reference = (PathId, PathId);
