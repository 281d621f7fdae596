//! What one path's files are, in sums: what is left of them where the files themselves are elsewhere.
//!
//! Listings and archives of a binary cache are counted entry by entry, in whatever order they name them.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::analysis::file_category::{Categories, CategoryId, split};

use super::nar_size;

/// Files and their lengths in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Regular files.
    pub files: u64,
    /// Sum of their lengths.
    pub bytes: u64,
}

impl Tally {
    /// Counts some more.
    pub fn add(&mut self, other: Self) {
        self.files = self.files.saturating_add(other.files);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// What a path's files are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contents {
    /// One tally for each category, in the order of the table.
    pub tallies: Vec<Tally>,
    /// Symbolic links.
    pub symlinks: u64,
    /// Directories, the path itself included.
    pub directories: u64,
    /// Whether categories were told by names and modes alone, without first bytes.
    pub by_names: bool,
    /// Whether everything could be looked at, and is as the store recorded it.
    pub complete: bool,
}

impl Contents {
    /// All regular files: their number, and the sum of their lengths.
    pub fn payload(&self) -> Tally {
        let mut sum = Tally::default();
        for &tally in &self.tallies {
            sum.add(tally);
        }
        sum
    }
}

/// Counts the entries of one path, and how long a NAR of them is.
pub(crate) struct Counting<'a> {
    categories: &'a Categories,
    contents: Contents,
    /// `None` once it is longer than anything can be.
    nar_size: Option<u64>,
    /// Entries of one directory mostly follow one another: the last one, and its category.
    last: Option<(Box<[u8]>, Option<CategoryId>)>,
}

impl<'a> Counting<'a> {
    pub(crate) fn new(categories: &'a Categories, by_names: bool) -> Self {
        Self {
            categories,
            contents: Contents {
                tallies: vec![Tally::default(); categories.as_slice().len()],
                by_names,
                complete: true,
                ..Contents::default()
            },
            nar_size: Some(nar_size::HEAD),
            last: None,
        }
    }

    /// What was counted, and how long a NAR of it is; `None` if no NAR is that long.
    pub(crate) fn finish(self) -> Option<(Contents, u64)> {
        Some((self.contents, self.nar_size?))
    }

    pub(crate) fn directory(&mut self, relative: &Path) {
        self.contents.directories += 1;
        self.node(relative, nar_size::DIRECTORY);
    }

    pub(crate) fn symlink(&mut self, relative: &Path, target: &[u8]) {
        self.contents.symlinks += 1;
        self.node(relative, nar_size::symlink(target.len() as u64));
    }

    /// A regular file, with its first bytes where they are known.
    pub(crate) fn file(&mut self, relative: &Path, length: u64, executable: bool, head: &[u8]) {
        /// Longer than any file system takes, and far from where sums end.
        const LONGEST: u64 = 1 << 60;
        if length > LONGEST {
            self.nar_size = None;
            return;
        }
        let id = self.category(relative.as_os_str().as_bytes(), executable, head);
        if let Some(tally) = self.contents.tallies.get_mut(id) {
            tally.add(Tally {
                files: 1,
                bytes: length,
            });
        }
        self.node(relative, nar_size::file(length, executable));
    }

    fn node(&mut self, relative: &Path, node: u64) {
        let name = relative.file_name().map(|name| name.len() as u64);
        let more = node + name.map_or(0, nar_size::entry);
        self.nar_size = self.nar_size.and_then(|sum| sum.checked_add(more));
    }

    fn category(&mut self, relative: &[u8], executable: bool, head: &[u8]) -> CategoryId {
        let (directory, name) = split(relative);
        let known = self.last.as_ref().filter(|(last, _)| **last == *directory);
        let of_directory = if let Some((_, id)) = known {
            *id
        } else {
            let id = self.categories.of_directory(directory);
            self.last = Some((directory.into(), id));
            id
        };
        let told = self.categories.of_file(of_directory, name, executable);
        if told == self.categories.rest() {
            self.categories.by_magic(head)
        } else {
            told
        }
    }
}
