//! The library of nix-heft: everything but the command line and the explorer.
//!
//! A [`source`] reads a store into a [`model::StoreGraph`]; [`analysis`] answers questions about a [`model::Closure`] of
//! it; a [`report`] presents the answers. It is a crate by itself so that a change of the explorer does not build it
//! again; other programs use it by way of `nix_heft`, which offers all of its modules.

pub mod gate;
pub mod plain_file;
pub mod report;
pub mod source;
#[doc(hidden)]
pub mod testing;
pub mod user_files;

pub use nix_heft_closure::{analysis, job, model, text};
