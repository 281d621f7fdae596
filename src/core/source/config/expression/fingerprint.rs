//! What tells whether a configuration is the one that was evaluated before: everything in its flake, whose lock file names
//! all else.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::cache_dir;
use super::Configuration;
use crate::job::Progress;
use crate::plain_file;

/// Most files and folders that are looked at to recognise a flake.
const MOST_FILES: usize = 20_000;
/// Most bytes that are read of each file, and of all.
const MOST_BYTES: u64 = 16 << 20;
const MOST_IN_ALL: u64 = 1 << 30;

impl Configuration {
    /// The file in which the answers to what it is asked can be remembered, if it can be recognised.
    pub fn memory(&self, all: bool, progress: &Progress) -> Option<PathBuf> {
        let name = self.fingerprint(all, progress)?;
        Some(cache_dir()?.join("origins").join(format!("{name}.json")))
    }

    /// A text that is the same only if an evaluation gives the same; `None` where that cannot be determined: for files
    /// that may read others anywhere, and for flakes that are elsewhere or too large.
    fn fingerprint(&self, all: bool, progress: &Progress) -> Option<String> {
        let Self::Flake { .. } = self else {
            return None;
        };
        let folder = self.folder()?;
        let (mut files, mut seen) = (Vec::new(), 0);
        below(folder, &mut files, &mut seen)?;
        files.sort();
        let mut hasher = blake3::Hasher::new();
        let mut add = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        add(env!("CARGO_PKG_VERSION").as_bytes());
        add(include_bytes!("../ask.nix"));
        add(self.shown().as_bytes());
        add(&[u8::from(all)]);
        let mut left = MOST_IN_ALL;
        for file in &files {
            progress.check().ok()?;
            add(file
                .strip_prefix(folder)
                .ok()?
                .as_os_str()
                .as_encoded_bytes());
            if let Ok(to) = fs::read_link(file) {
                add(to.as_os_str().as_encoded_bytes());
            } else {
                let bytes = plain_file::read(file, MOST_BYTES).ok()?;
                left = left.checked_sub(bytes.len() as u64)?;
                add(&bytes);
            }
        }
        Some(hasher.finalize().to_hex().to_string())
    }
}

/// All files and links of a folder, without what git keeps; `None` if they are too many, or not all can be seen.
fn below(folder: &Path, files: &mut Vec<PathBuf>, seen: &mut usize) -> Option<()> {
    for entry in fs::read_dir(folder).ok()? {
        let entry = entry.ok()?;
        let kind = entry.file_type().ok()?;
        *seen += 1;
        if *seen > MOST_FILES {
            return None;
        }
        if kind.is_dir() {
            if entry.file_name() != ".git" {
                below(&entry.path(), files, seen)?;
            }
        } else {
            files.push(entry.path());
        }
    }
    Some(())
}
