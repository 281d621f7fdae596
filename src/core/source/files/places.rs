//! Where the files of store paths are.
//!
//! In a chroot store the path `/nix/store/x` is at `ROOT/nix/store/x`; in any other it is where its name says.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::model::StoreDir;
use crate::model::store_path::split_base_name;

use crate::source::cache::archive::Archives;
use crate::source::evidence::findings::SavedFindings;

/// Directories that may hold a store's paths, tried in turn.
#[derive(Debug, Clone)]
pub struct StoreFiles {
    places: Vec<PathBuf>,
    archives: Option<Arc<Archives>>,
    found: Arc<SavedFindings>,
    found_first: bool,
}

impl StoreFiles {
    /// The files are where the names of the paths say.
    pub fn of(store_dir: &StoreDir) -> Self {
        Self {
            places: vec![PathBuf::from(store_dir.as_str())],
            archives: None,
            found: Arc::default(),
            found_first: false,
        }
    }

    /// What is on no directory is in the archives of a binary cache.
    #[must_use]
    pub fn with_archives(self, archives: impl Into<Arc<Archives>>) -> Self {
        Self {
            archives: Some(archives.into()),
            ..self
        }
    }

    /// Takes the findings that a snapshot carries. It counts before the files on this machine, or only where there
    /// are none.
    #[must_use]
    pub fn with_found(self, found: Arc<SavedFindings>, first: bool) -> Self {
        Self {
            found,
            found_first: first,
            ..self
        }
    }

    /// The findings that a snapshot carries.
    pub fn found(&self) -> &SavedFindings {
        &self.found
    }

    /// Where to look for something about the path with this base name, if `known` says whether what was found tells it
    /// in full.
    pub(crate) fn place(&self, base_name: &str, known: Option<bool>) -> FilesAt {
        if self.found_first && known == Some(true) {
            return FilesAt::Found;
        }
        match (self.locate(base_name), known) {
            (Some(path), _) => FilesAt::Disk(path),
            (None, Some(true)) => FilesAt::Found,
            // Part of an answer is better than none.
            (None, Some(false)) if self.archives.is_none() => FilesAt::Found,
            (None, _) => FilesAt::Absent,
        }
    }

    /// The same without a binary cache: what is not here is nowhere.
    #[must_use]
    pub fn without_archives(&self) -> Self {
        Self {
            archives: None,
            ..self.clone()
        }
    }

    /// The binary cache that has what is not on this machine.
    pub fn archives(&self) -> Option<&Archives> {
        self.archives.as_deref()
    }

    /// The files are below `root`, or else where the names of the paths say.
    pub fn below(root: &Path, store_dir: &StoreDir) -> Self {
        let mut files = Self::of(store_dir);
        let inside = root.join(store_dir.as_str().trim_start_matches('/'));
        if inside != files.places[0] {
            files.places.insert(0, inside);
        }
        files
    }

    /// Where the path with this base name is; `None` if it is nowhere, or if the name is not one of a store path (it could
    /// lead out of the store).
    pub fn locate(&self, base_name: &str) -> Option<PathBuf> {
        split_base_name(base_name).ok()?;
        let mut candidates = self.places.iter().map(|place| place.join(base_name));
        candidates.find(|path| path.symlink_metadata().is_ok())
    }

    /// The directories the paths are looked for in.
    pub fn places(&self) -> &[PathBuf] {
        &self.places
    }
}

/// Where something about a path's files is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FilesAt {
    /// Written down.
    Found,
    /// The files are on this machine.
    Disk(PathBuf),
    /// Not here; perhaps in a binary cache.
    Absent,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::hash_part;

    #[test]
    fn a_chroot_store_is_tried_before_the_place_its_name_says() {
        let root = tempfile::tempdir().expect("a directory");
        let outer = root.path().join("outer");
        let store_dir = StoreDir::new(&outer.to_string_lossy()).expect("absolute");
        let files = StoreFiles::below(root.path(), &store_dir);
        let inner = files.places()[0].clone();
        assert!(inner.starts_with(root.path()) && inner != outer);
        let base = format!("{}-x", hash_part(1));
        assert_eq!(files.locate(&base), None);
        std::fs::create_dir_all(outer.join(&base)).expect("a store path");
        assert_eq!(files.locate(&base), Some(outer.join(&base)));
        std::fs::create_dir_all(inner.join(&base)).expect("a store path");
        assert_eq!(files.locate(&base), Some(inner.join(&base)));
        assert_eq!(
            StoreFiles::below(Path::new("/"), &store_dir).places(),
            StoreFiles::of(&store_dir).places()
        );
    }

    #[test]
    fn no_name_leads_out_of_the_store() {
        let files = StoreFiles::of(&StoreDir::new("/tmp").expect("absolute"));
        assert_eq!(files.locate(".."), None);
        assert_eq!(files.locate(&format!("{}-x/../..", hash_part(1))), None);
    }
}
