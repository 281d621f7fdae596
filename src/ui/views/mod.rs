//! The views, one file each.

pub mod duplicates;
pub mod files;
pub mod groups;
pub mod leverage;
pub mod map;
pub mod packages;
pub mod plan;
pub mod roots;
pub mod tree;
pub mod why;
