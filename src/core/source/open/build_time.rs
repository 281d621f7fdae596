//! `--derivation` of a source that knows no derivers: only what is a derivation itself has a build-time closure there.

use std::path::PathBuf;

use crate::job::Progress;
use crate::model::PathId;
use crate::source::{BoxedSource, Loaded, Request, Source, SourceError};

/// A file or a binary cache that is asked for build-time closures.
pub(crate) struct BuildTime(pub(crate) BoxedSource);

impl Source for BuildTime {
    fn files(&self) -> Vec<PathBuf> {
        self.0.files()
    }

    fn load(&self, request: &Request, progress: &Progress) -> Result<Loaded, SourceError> {
        let loaded = self.0.load(request, progress)?;
        let graph = &loaded.graph;
        let is_derivation = |&root: &PathId| graph.is_derivation(root);
        // Sources that nothing references stand beside the derivations if no roots were given.
        if request.roots.is_empty() && loaded.roots.iter().any(is_derivation) {
            return Ok(loaded);
        }
        match loaded.roots.iter().find(|root| !is_derivation(root)) {
            None => Ok(loaded),
            Some(&root) => Err(SourceError::Other {
                message: format!(
                    "the build-time closure of {} cannot be told from {}: a file or a cache does not say what made a path",
                    graph.path(root),
                    loaded.origin
                ),
                hint: "leave --derivation out, name a derivation (….drv) that is in there, or read the store itself, without --from"
                    .to_owned(),
            }),
        }
    }
}
