//! What the bytes of store paths are: the payload of every path, split into categories.

use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;

use hashbrown::HashMap;

use crate::analysis::file_category::{Categories, CategoryId, HEAD, split};
use crate::job::{Cancelled, Progress, parallel};
use crate::model::PathId;

use super::contents::Tally;
use super::inventory::{FileRecord, Inventory};

/// The categories of all regular files of some paths.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileKinds {
    /// For each path one tally for each category, in the order of the table.
    pub paths: HashMap<PathId, Vec<Tally>>,
    /// The same over all paths.
    pub total: Vec<Tally>,
}

impl FileKinds {
    /// Tells every file's category. First bytes are read only of files that nothing else tells about.
    pub fn of(
        inventory: &Inventory,
        categories: &Categories,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        /// Files that one task looks at.
        const TASK: usize = 2048;
        progress.start("telling files apart", inventory.files.len() as u64);
        let tasks: Vec<&[FileRecord]> = inventory.files.chunks(TASK).collect();
        let parts = parallel(tasks.len(), |task| {
            let mut kinds = Self::empty(categories);
            let mut telling = Telling::new(inventory, categories);
            for file in tasks[task].iter().filter(|file| !file.symlink) {
                let id = telling.category(file);
                kinds.count(
                    file.owner,
                    id,
                    Tally {
                        files: 1,
                        bytes: file.length,
                    },
                );
            }
            progress.advance(tasks[task].len() as u64)?;
            Ok(kinds)
        })?;
        let mut kinds = Self::empty(categories);
        for part in parts {
            for (owner, tallies) in part.paths {
                for (id, tally) in tallies.into_iter().enumerate() {
                    kinds.count(owner, id, tally);
                }
            }
        }
        Ok(kinds)
    }

    /// No files at all.
    pub(crate) fn empty(categories: &Categories) -> Self {
        Self {
            paths: HashMap::new(),
            total: vec![Tally::default(); categories.as_slice().len()],
        }
    }

    /// Counts files of a path.
    pub(crate) fn count(&mut self, owner: PathId, id: CategoryId, tally: Tally) {
        let empty = || vec![Tally::default(); self.total.len()];
        self.paths.entry(owner).or_insert_with(empty)[id].add(tally);
        self.total[id].add(tally);
    }
}

/// Tells the categories of files. Those of one directory mostly follow one another.
pub(super) struct Telling<'a> {
    inventory: &'a Inventory,
    categories: &'a Categories,
    /// The directory that was looked at last, and its category.
    last: (Option<&'a [u8]>, Option<CategoryId>),
}

impl<'a> Telling<'a> {
    pub(super) fn new(inventory: &'a Inventory, categories: &'a Categories) -> Self {
        Self {
            inventory,
            categories,
            last: (None, None),
        }
    }

    /// The category of a regular file.
    pub(super) fn category(&mut self, file: &'a FileRecord) -> CategoryId {
        let (directory, name) = split(file.relative.as_os_str().as_bytes());
        if self.last.0 != Some(directory) {
            self.last = (Some(directory), self.categories.of_directory(directory));
        }
        let told = self.categories.of_file(self.last.1, name, file.executable);
        if told != self.categories.rest() || file.length == 0 {
            return told;
        }
        // A file that cannot be read stays among the rest; what reads contents says that it cannot be read.
        let mut head = [0; HEAD];
        let mut length = 0;
        if let Ok(mut content) = super::walk::open(&self.inventory.place(file)) {
            length = read_head(&mut content, &mut head);
        }
        self.categories.by_magic(&head[..length])
    }
}

fn read_head(content: &mut File, head: &mut [u8; HEAD]) -> usize {
    content.read(head).unwrap_or(0)
}
