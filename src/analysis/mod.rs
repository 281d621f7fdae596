//! Questions about one closure. Pure, deterministic, and failing only with [`crate::job::Cancelled`].

pub mod distances;
pub mod dominators;
pub mod order;
pub mod sizes;
pub mod what_if;
pub mod why;

pub use distances::Distances;
pub use dominators::Dominators;
pub use order::Order;
pub use sizes::ClosureSizes;
