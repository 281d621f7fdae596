//! What is in the files of store paths.

pub mod blocks;
pub mod contents;
pub mod disk_sizes;
pub mod identical;
pub mod inventory;
pub mod kinds;
pub mod machine;
pub(crate) mod nar;
pub(crate) mod nar_size;
pub mod places;
pub mod survey;
pub mod tree;
pub mod usage;
pub(crate) mod walk;
