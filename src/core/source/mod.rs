//! Everything that reads a store. Read only, never builds; oddities come back as warnings, nothing is skipped in silence.

pub mod address;
pub mod cache;
pub mod config;
pub mod db;
pub(crate) mod drv;
pub mod evidence;
pub mod files;
pub mod formats;
pub mod gather;
pub mod gc_roots;
pub mod location;
mod nix;
pub mod open;
pub mod platform;
pub mod roots;
pub mod watch;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

use self::address::redacted;
use self::evidence::findings::SavedFindings;
use self::gc_roots::GcRoots;
use crate::job::{Cancelled, Progress};
use crate::model::{PathId, StoreGraph, Warning};

/// What to load.
#[expect(clippy::struct_excessive_bools, reason = "each is a wish of its own")]
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Roots as store paths or base names, or whatever else the source understands. Empty: the source's own default.
    pub roots: Vec<String>,
    /// Paths wanted in the graph besides the closure of the roots, with their own closures (replacements in a what-if).
    pub extras: Vec<String>,
    /// Whether every valid path of the store belongs in the graph. Without `roots`, those that nothing else refers to are the
    /// roots.
    pub whole: bool,
    /// Whether what is only read when one path is looked at is loaded, too ([`crate::model::Details`]).
    pub details: bool,
    /// Whether what derivations make is loaded, too, whatever the roots are.
    pub outputs: bool,
    /// Whether roots and extras that are not there are left out without an error: the caller fills gaps from several sources.
    pub lenient: bool,
}

/// What a source delivers.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The closure of the roots (and of the extras).
    pub graph: Arc<StoreGraph>,
    /// The roots, in the order asked for.
    pub roots: Vec<PathId>,
    /// Warnings, to be shown.
    pub warnings: Vec<Warning>,
    /// Where it came from, in a few words: a path or an address.
    pub origin: String,
    /// What was found in the files and written down beside the graph.
    pub found: Arc<SavedFindings>,
}

/// Anything that a closure can be read from.
pub trait Source {
    /// Reads the closure of the requested roots.
    fn load(&self, request: &Request, progress: &Progress) -> Result<Loaded, SourceError>;

    /// Everything that holds a path of the store; `None` where the source is no store of this machine.
    fn gc_roots(&self, _progress: &Progress) -> Result<Option<GcRoots>, SourceError> {
        Ok(None)
    }

    /// The files that change when what is read changes; none if that cannot be seen.
    fn files(&self) -> Vec<PathBuf> {
        Vec::new()
    }
}

/// A source that can be handed to another thread.
pub type BoxedSource = Box<dyn Source + Send + Sync>;

/// Why nothing could be loaded. [`SourceError::hint`] says what to try.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A file could not be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{}: {}", redacted(path), redacted(problem))]
    Format {
        /// The file, or where the text came from.
        path: String,
        /// What is wrong, with the entry it is wrong in.
        problem: String,
        /// What to try.
        hint: &'static str,
    },
    /// The database could not be queried.
    #[error("cannot read the store database {path}")]
    Database {
        /// The database file.
        path: PathBuf,
        /// What the database engine says.
        #[source]
        source: rusqlite::Error,
    },
    /// There is no store database.
    #[error("there is no Nix store database at {path}")]
    NoStore {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// No roots were given and the default ones do not exist.
    #[error("no root given, and none of the default ones exists here")]
    NoRoots,
    /// A root is not in the source.
    #[error("{root} is not a valid path in {}", redacted(origin))]
    UnknownRoot {
        /// The root as the user wrote it.
        root: String,
        /// The source.
        origin: String,
        /// What may have been meant, as a sentence.
        nearest: Option<String>,
    },
    /// A root is not a store path, nor a path in one, nor a link to one.
    #[error("{root} is neither a store path nor leads to one")]
    NotAStorePath {
        /// The root as the user wrote it.
        root: String,
    },
    /// The source holds more than a graph can.
    #[error("{} has more paths than fit (4 GiB of names)", redacted(origin))]
    TooLarge {
        /// The source.
        origin: String,
    },
    /// What was asked for makes no sense.
    #[error("{}", redacted(message))]
    Usage {
        /// What is wrong with it.
        message: String,
        /// What to write instead.
        hint: String,
    },
    /// Anything else, with its own words.
    #[error("{}", redacted(message))]
    Other {
        /// What failed, on what.
        message: String,
        /// What to try.
        hint: String,
    },
    /// The work was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl SourceError {
    /// What the user can try, if there is something.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Read { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                "check the file's permissions, or run as a user who may read it"
            }
            Self::Read { .. } => "check the path",
            Self::Format { hint, .. } => hint,
            Self::Database { .. } => {
                "is it a Nix store database? try `nix path-info --json -r ROOT | nix-heft --from -`"
            }
            Self::NoStore { .. } => {
                "name a store with --store, a file with --from, or look at the built-in closure with `nix-heft demo`"
            }
            Self::NoRoots => {
                "name a store path, a profile or a link to one, for example /run/current-system"
            }
            Self::UnknownRoot {
                nearest: Some(nearest),
                ..
            } => nearest,
            Self::UnknownRoot { .. } => "check the path, or name the store it is in with --store",
            Self::NotAStorePath { .. } => {
                "roots are store paths, paths inside one, or links to one such as ./result; a file such as a snapshot is read with --from"
            }
            Self::TooLarge { .. } => "ask for the closure of some roots instead of the whole store",
            Self::Usage { hint, .. } | Self::Other { hint, .. } => hint,
            Self::Cancelled(_) => return None,
        };
        Some(redacted(hint))
    }
}
