//! Explores Nix store closures: what is heavy, why it is there, and what could be saved.
//!
//! Data flows one way. A [`source`] reads a store into a [`model::StoreGraph`]; [`analysis`] answers questions about a
//! [`model::Closure`] of it; the explorer or a [`report`] presents the answers. Long work reports to a [`job::Progress`],
//! through which it can be cancelled.
//!
//! # As a library
//!
//! Reading stores and asking questions about them is open to other programs; the explorer and the command line are not
//! part of the public interface. Until version 1.0 names may change with every minor version, while what the documents
//! say (`docs/json.md`) has a version of its own. This example reads a snapshot and asks how much would leave with a path:
//!
//! ```
//! use nix_heft::analysis::Analysed;
//! use nix_heft::job::Progress;
//! use nix_heft::source::formats::snapshot::SnapshotSource;
//! use nix_heft::source::{Request, Source};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (file, progress) = (std::fs::read("assets/demo/closure.heft")?, Progress::new());
//! let snapshot = SnapshotSource::from_bytes("the demo", file)?;
//! let loaded = snapshot.load(&Request::default(), &progress)?;
//! let analysed = Analysed::of(loaded.graph, &loaded.roots, &progress);
//! let (graph, closure) = (analysed.graph(), analysed.closure());
//!
//! let is_perl = |id| graph.package(id).pname == "perl";
//! let perl = closure.members().iter().find(|&id| is_perl(id));
//! let perl = perl.ok_or("no Perl in this closure")?;
//!
//! let retained = analysed.dominators()?.retained_size(perl);
//! assert!(retained > graph.nar_size(perl), "paths that only Perl references leave with it");
//! # Ok(())
//! # }
//! ```

pub use nix_heft_core::{analysis, job, model, report, source, text};
pub(crate) use nix_heft_core::{gate, plain_file, user_files};

#[cfg(feature = "tui")]
mod app;
mod cli;
mod colour;
pub mod demo;
#[cfg(feature = "tui")]
mod replay;
mod run;
#[doc(hidden)]
pub mod testing;
#[cfg(feature = "tui")]
mod tui;
#[cfg(feature = "tui")]
mod ui;

/// The program: reads the command line, does what it says, and gives the exit code.
pub fn main() -> std::process::ExitCode {
    run::main()
}
