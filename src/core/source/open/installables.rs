//! Roots that only `nix` understands (`nixpkgs#hello`, attributes of `--file` and `--expr`), resolved before a source
//! is asked for them.

use std::fs;
use std::path::PathBuf;

use crate::job::Progress;
use crate::model::store_path::split_base_name;
use crate::source::location::UserEnvironment;
use crate::source::nix::Nix;
use crate::source::roots::StorePlace;
use crate::source::roots::gc::GcRoots;
use crate::source::{BoxedSource, Loaded, Request, Source, SourceError};

/// A source whose roots may also be installables.
pub(crate) struct Installables {
    pub(crate) inner: BoxedSource,
    pub(crate) nix: Nix,
    pub(crate) user: UserEnvironment,
    /// Whether every root is an attribute of a file or an expression.
    pub(crate) attributes: bool,
    /// Where links on this machine lead, for a source that knows only store paths.
    pub(crate) links: Option<StorePlace>,
}

impl Installables {
    fn resolved(&self, typed: &[String], progress: &Progress) -> Result<Vec<String>, SourceError> {
        let mut paths = Vec::with_capacity(typed.len());
        for root in typed {
            if self.attributes || self.is_installable(root) {
                paths.extend(self.nix.resolve(std::slice::from_ref(root), progress)?);
            } else {
                paths.push(self.followed(root)?);
            }
        }
        Ok(paths)
    }

    /// The store path that a link on this machine leads to; anything else as it is.
    fn followed(&self, typed: &str) -> Result<String, SourceError> {
        let path = self.user.current_dir.join(typed);
        match &self.links {
            Some(place) if fs::symlink_metadata(&path).is_ok() => {
                let base = place.resolve(typed, &self.user, &place.store_dir)?;
                Ok(format!("{}/{base}", place.store_dir))
            }
            _ => Ok(typed.to_owned()),
        }
    }

    /// Whether this is a reference to a flake rather than a path or a link.
    fn is_installable(&self, typed: &str) -> bool {
        let path = self.user.current_dir.join(typed);
        if split_base_name(typed).is_ok() {
            return false;
        }
        match fs::symlink_metadata(&path) {
            Ok(_) => path.join("flake.nix").exists(),
            Err(_) => typed.contains(['#', ':', '^']),
        }
    }
}

impl Source for Installables {
    fn gc_roots(&self, progress: &Progress) -> Result<Option<GcRoots>, SourceError> {
        self.inner.gc_roots(progress)
    }

    fn files(&self) -> Vec<PathBuf> {
        self.inner.files()
    }

    fn load(&self, request: &Request, progress: &Progress) -> Result<Loaded, SourceError> {
        let mut request = request.clone();
        if self.attributes && request.roots.is_empty() && !request.whole {
            request.roots = self.nix.resolve(&[], progress)?;
        } else {
            request.roots = self.resolved(&request.roots, progress)?;
        }
        request.extras = self.resolved(&request.extras, progress)?;
        self.inner.load(&request, progress)
    }
}

#[cfg(test)]
mod tests;
