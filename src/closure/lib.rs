//! Closures of Nix store paths, and the questions that nix-heft answers about them.
//!
//! Pure: no IO, no clock, no terminal. A [`model::StoreGraph`] is put together by a [`model::GraphBuilder`], whatever its
//! records come from; [`analysis`] answers questions about a [`model::Closure`] of it. It is a crate by itself so
//! that no source can be asked from here, and so that it is compiled beside the libraries that read stores.

pub mod analysis;
pub mod job;
pub mod model;
#[doc(hidden)]
pub mod testing;
pub mod text;
