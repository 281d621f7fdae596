//! Questions about one closure. Pure, deterministic, and failing only with [`crate::job::Cancelled`].

pub mod distances;
pub mod dominators;
pub mod order;
mod rewired;
pub mod sizes;
pub mod what_if;
pub mod why;

pub use distances::Distances;
pub use dominators::Dominators;
pub use order::Order;
pub use sizes::ClosureSizes;
pub use what_if::{Difference, Outcome, Step, StepEffect, StillHeld, Total, WhatIfError};
