//! Why no evidence could be looked for.

use thiserror::Error;

use crate::job::Cancelled;
use crate::source::files::places::StoreFiles;

/// Why there is no evidence.
#[derive(Debug, Error)]
pub enum EvidenceError {
    /// None of the referrers' files are on this machine.
    #[error("the files of {path} are not on this machine (looked in {places}){beyond}")]
    NoFiles {
        /// The first referrer, as a store path.
        path: String,
        /// The directories that were looked in.
        places: String,
        /// What was found elsewhere and is of no use, as the end of a sentence; empty if nothing was.
        beyond: String,
    },
    /// The work was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl EvidenceError {
    /// The files of a path are in none of the places where files are looked for.
    pub(super) fn no_files(path: String, files: &StoreFiles) -> Self {
        let places = files.places().iter();
        let places: Vec<String> = places.map(|place| place.display().to_string()).collect();
        Self::NoFiles {
            path,
            places: places.join(", "),
            beyond: String::new(),
        }
    }

    /// What the user can try, if there is something.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoFiles { .. } => Some(
                "evidence needs the files: name the store or the binary cache that has them with --store, or fetch them with `nix copy`",
            ),
            Self::Cancelled(_) => None,
        }
    }
}
