//! Which entries of an ELF file's search path its loader takes a library from.
//!
//! The loader looks for each library that a file needs through the entries of its RUNPATH in their order, and takes the
//! first it finds. An entry from which it takes none is *unneeded*: `patchelf --shrink-rpath` removes it. What a program
//! opens by itself (`dlopen`) is looked for there too; it is taken for needed if the name of one of the entry's libraries
//! stands in the file.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path};
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::StoreDir;
use crate::source::files::places::StoreFiles;

use super::elf::{LibrarySearch, ReadAt};

/// The names in a directory.
type DirectoryNames = Arc<HashSet<Vec<u8>>>;

/// Longest file in which names of libraries are looked for; in a longer one every entry counts as needed.
const LONGEST: usize = 64 << 20;
/// Most names of one directory that are looked for.
const MOST_NAMES: usize = 500;

/// The directories of a store that search paths name.
pub(crate) struct Loader<'a> {
    files: &'a StoreFiles,
    store_dir: &'a StoreDir,
    known: Mutex<HashMap<Vec<u8>, Option<DirectoryNames>>>,
}

impl<'a> Loader<'a> {
    pub(crate) fn new(files: &'a StoreFiles, store_dir: &'a StoreDir) -> Self {
        Self {
            files,
            store_dir,
            known: Mutex::default(),
        }
    }

    /// Whether the loader takes nothing from the entry at an offset in the file. `false` where that is not known.
    pub(crate) fn takes_nothing(
        &self,
        search: &LibrarySearch,
        offset: u64,
        file: &dyn ReadAt,
    ) -> bool {
        let entries = &search.entries;
        let Some(own) = entries
            .iter()
            .position(|entry| entry.range.contains(&offset))
        else {
            return false;
        };
        let Some(names) = self.names(&entries[own].directory) else {
            return false;
        };
        let before: Vec<Option<DirectoryNames>> = entries[..own]
            .iter()
            .map(|entry| self.names(&entry.directory))
            .collect();
        let found_before = |library: &Vec<u8>| {
            let mut before = before.iter().flatten();
            before.any(|names| names.contains(library))
        };
        let mut needed = search.needed.iter();
        if needed.any(|library| names.contains(library) && !found_before(library)) {
            return false;
        }
        !names_one_of(&names, file)
    }

    /// The libraries that the loader takes from the entry at an offset in the file; `None` where that is not known.
    pub(crate) fn taken(&self, search: &LibrarySearch, offset: u64) -> Option<Vec<Vec<u8>>> {
        let entries = &search.entries;
        let own = entries
            .iter()
            .position(|entry| entry.range.contains(&offset))?;
        let names = self.names(&entries[own].directory)?;
        let before = entries[..own]
            .iter()
            .filter_map(|entry| self.names(&entry.directory));
        let before: Vec<DirectoryNames> = before.collect();
        let taken = search.needed.iter().filter(|&library| {
            names.contains(library) && !before.iter().any(|names| names.contains(library))
        });
        Some(taken.cloned().collect())
    }

    /// The names in a directory of the store; `None` if its store path is not on this machine, or it is no such directory.
    fn names(&self, directory: &[u8]) -> Option<DirectoryNames> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(names) = known.get(directory) {
            return names.clone();
        }
        let names = self.read(directory).map(Arc::new);
        known.insert(directory.to_vec(), names.clone());
        names
    }

    fn read(&self, directory: &[u8]) -> Option<HashSet<Vec<u8>>> {
        let text = std::str::from_utf8(directory).ok()?;
        let base = self.store_dir.containing(text)?;
        let place = self.files.locate(base)?;
        let inside = text.split_once(base)?.1.trim_start_matches('/');
        let plain = |part: Component| matches!(part, Component::Normal(_) | Component::CurDir);
        if !Path::new(inside).components().all(plain) {
            return None;
        }
        let mut names = HashSet::new();
        // A directory that is not there has no libraries.
        for entry in std::fs::read_dir(place.join(inside))
            .into_iter()
            .flatten()
            .flatten()
        {
            names.insert(entry.file_name().into_encoded_bytes());
        }
        Some(names)
    }
}

/// Whether a file's content has the name of a library among some names, as a string of its own.
fn names_one_of(names: &HashSet<Vec<u8>>, file: &dyn ReadAt) -> bool {
    let is_library = |name: &&Vec<u8>| memchr::memmem::find(name, b".so").is_some();
    let libraries: Vec<&Vec<u8>> = names.iter().filter(is_library).collect();
    if libraries.is_empty() {
        return false;
    }
    let content = file.read_at(0, LONGEST + 1);
    if content.len() > LONGEST || libraries.len() > MOST_NAMES {
        return true;
    }
    libraries.iter().any(|name| {
        let mut found = memchr::memmem::find_iter(&content, name.as_slice());
        found.any(|at| {
            let before = at.checked_sub(1).map(|at| content[at]);
            let after = content.get(at + name.len());
            matches!(before, None | Some(0 | b'/')) && matches!(after, None | Some(0))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::evidence::elf::SearchEntry;
    use crate::testing::hash_part;

    #[test]
    fn the_first_directory_with_a_library_is_the_one_it_is_taken_from() {
        let root = tempfile::tempdir().expect("a directory");
        let store_dir = StoreDir::new(&root.path().to_string_lossy()).expect("absolute");
        let files = StoreFiles::of(&store_dir);
        let lib = |number: u64, names: &[&str]| {
            let dir = root
                .path()
                .join(format!("{}-p", hash_part(number)))
                .join("lib");
            std::fs::create_dir_all(&dir).expect("a directory");
            for name in names {
                std::fs::write(dir.join(name), b"").expect("a file");
            }
            dir.to_string_lossy().into_owned().into_bytes()
        };
        let directories = [
            lib(1, &["libc.so.6"]),
            lib(2, &["libc.so.6", "libz.so.1"]),
            lib(3, &["libgl.so.1"]),
            lib(4, &["libc.so.6"]),
            format!("{}/{}-gone/lib", root.path().display(), hash_part(5)).into_bytes(),
        ];
        let entry = |(at, directory): (usize, &Vec<u8>)| SearchEntry {
            range: at as u64 * 10..at as u64 * 10 + 9,
            directory: directory.clone(),
        };
        let search = LibrarySearch {
            entries: directories.iter().enumerate().map(entry).collect(),
            needed: vec![b"libc.so.6".to_vec(), b"libz.so.1".to_vec()],
        };
        let loader = Loader::new(&files, &store_dir);
        let unneeded = |content: &[u8]| -> Vec<bool> {
            (0..5)
                .map(|at| loader.takes_nothing(&search, at * 10 + 3, &content))
                .collect()
        };
        assert_eq!(unneeded(b"x"), [false, false, true, true, false]);
        assert_eq!(
            unneeded(b"open\0libgl.so.1\0"),
            [false, false, false, true, false]
        );
        assert!(!loader.takes_nothing(&search, 99, &b"".as_slice()));
    }
}
