//! Closures of Nix store paths, and the questions that nix-heft answers about them.
//!
//! Pure: no IO, no clock, no terminal. A [`model::StoreGraph`] is put together by a [`model::GraphBuilder`], whatever its
//! records come from; [`analysis`] answers questions about a [`model::Closure`] of it. It is a crate by itself because its
//! loops are what has to be fast: it is compiled as one unit, all else for a short build.

pub mod analysis;
pub mod job;
pub mod model;
#[doc(hidden)]
pub mod testing;
pub mod text;
