//! Small graphs in words, the fuzz targets, and the door through which tests reach the explorer.

#[cfg(test)]
#[path = "closure/testing/any_graph.rs"]
mod any_graph;
#[cfg(feature = "tui")]
pub mod explorer;
pub mod fuzz;

#[cfg(test)]
pub(crate) use any_graph::{any_dag, any_graph};
pub use nix_heft_core::gate;
pub use nix_heft_core::testing::*;
