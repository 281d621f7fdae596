//! Questions about one closure. Pure, deterministic, and failing only with [`crate::job::Cancelled`].

pub mod cut;
pub mod distances;
pub mod dominators;
pub mod evidence_class;
pub mod few_sizes;
pub mod file_category;
mod flow;
pub mod glob;
pub mod labels;
pub mod leverage;
pub mod order;
pub mod plan;
pub mod query;
mod rewired;
pub mod select;
pub mod sets;
pub mod share;
pub mod sizes;
pub mod twins;
mod unify;
pub mod versions;
pub mod what_if;
pub mod why;

pub use cut::{Cut, CutError, CutSet, PackageCut};
pub use distances::Distances;
pub use dominators::Dominators;
pub use labels::Labels;
pub use leverage::{NearMiss, near_misses};
pub use order::Order;
pub use plan::{Plan, PlanFile};
pub use query::Query;
pub use sets::Overlap;
pub use share::Shares;
pub use sizes::ClosureSizes;
pub use twins::{TwinGroup, TwinKind, twins};
pub use what_if::{Difference, Outcome, Step, StepEffect, StillHeld, Total, WhatIfError};
