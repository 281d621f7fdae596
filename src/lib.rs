//! nix-heft: what is heavy in a Nix store closure, why it is there, and what leaving it out would give.
//!
//! The data's way is straight. A [`source`] reads a store and delivers a [`model::StoreGraph`]; [`analysis`] answers
//! questions about a [`model::Closure`] of it; the explorer or a report shows the answers. Long work reports to a
//! [`job::Progress`] and can be cancelled there.

pub mod analysis;
#[cfg(feature = "tui")]
pub mod app;
pub mod colour;
pub mod demo;
pub mod gate;
pub mod job;
pub mod model;
pub mod plain_file;
#[cfg(feature = "tui")]
pub mod replay;
pub mod report;
pub mod source;
#[doc(hidden)]
pub mod testing;
pub mod text;
#[cfg(feature = "tui")]
pub mod tui;
#[cfg(feature = "tui")]
pub mod ui;
pub mod user_files;
