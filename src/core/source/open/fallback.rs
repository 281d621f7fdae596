//! The store database, or, where it cannot be read in any way, what the `nix` command says of the same store.

use std::error::Error;
use std::path::PathBuf;

use crate::job::Progress;
use crate::model::Warnings;
use crate::source::db::Database;
use crate::source::nix::NixStore;
use crate::source::roots::gc::GcRoots;
use crate::source::{Loaded, Request, Source, SourceError};

/// A database with a second way to what is in it.
pub(crate) struct OrNix {
    pub(crate) database: Database,
    pub(crate) nix: NixStore,
    /// Whether there is a daemon, so that there is a store even without a database.
    pub(crate) daemon: bool,
}

impl OrNix {
    fn helps_with(&self, error: &SourceError) -> bool {
        match error {
            SourceError::Read { path, .. } => self.database.is_made_of(path),
            SourceError::Database { .. } => true,
            SourceError::NoStore { .. } => self.daemon,
            _ => false,
        }
    }
}

impl Source for OrNix {
    fn gc_roots(&self, progress: &Progress) -> Result<Option<GcRoots>, SourceError> {
        self.database.gc_roots(progress)
    }

    fn files(&self) -> Vec<PathBuf> {
        self.database.files()
    }

    fn load(&self, request: &Request, progress: &Progress) -> Result<Loaded, SourceError> {
        let error = match self.database.load(request, progress) {
            Err(error) if self.helps_with(&error) => error,
            outcome => return outcome,
        };
        let reason = error
            .source()
            .map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"));
        match self.nix.load(request, progress) {
            Ok(mut loaded) => {
                let mut warnings = Warnings::new();
                warnings.note(&format!("read through the `nix` command instead ({reason})"));
                loaded.warnings.splice(0..0, warnings.into_vec());
                Ok(loaded)
            }
            Err(SourceError::Cancelled(cancelled)) => Err(cancelled.into()),
            Err(other @ (SourceError::UnknownRoot { .. } | SourceError::NoRoots)) => Err(other),
            Err(other) => Err(SourceError::Other {
                message: format!("{reason}; and through the `nix` command: {other}"),
                hint: "as a user who may read the store, run `nix path-info --json --recursive ROOT`, and pipe its \
                       output into `nix-heft --from -`"
                    .to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests;
