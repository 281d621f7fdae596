//! Which files of a store path its referrers name, and which nothing names.
//!
//! A referrer names a file by its path, or a directory as a whole (a search path, a data directory): then it may use
//! everything below. Of a directory in an ELF file's search path it uses the libraries that its loader takes from there.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::elf::Elf;
use super::loader::Loader;
use super::{Class, EvidenceError, Hit, HitKind, Limits, of_edges};
use crate::job::{Cancelled, Progress};
use crate::model::{Closure, PathId, StoreGraph};
use crate::plain_file;
use crate::source::files::places::StoreFiles;

/// How a file is used, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// A referrer names it by its path.
    Path,
    /// A referrer's loader takes it.
    Loader,
    /// A referrer names a directory above it as a whole.
    Directory,
    /// Nothing names it.
    Nothing,
}

/// A file of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedFile {
    /// Relative to the target; empty if that is a file itself.
    pub file: PathBuf,
    /// Its length in bytes; of a link that of its target's text.
    pub size: u64,
    /// How it is used.
    pub how: Use,
    /// The referrers that use it so, ascending; none for what nothing names.
    pub by: Vec<PathId>,
}

/// What of a path is used.
#[derive(Debug, Clone, Default)]
pub struct UsedFiles {
    /// All files and links, by name.
    pub files: Vec<UsedFile>,
    /// The directories named as a whole, with who names them; the empty one is the whole path.
    pub directories: BTreeMap<PathBuf, BTreeSet<PathId>>,
    /// Referrers of which not everything could be read: they may use more.
    pub incomplete: Vec<PathId>,
}

impl UsedFiles {
    /// Files and bytes that are used in some way.
    pub fn total(&self, how: Use) -> (usize, u64) {
        let files = self.files.iter().filter(|file| file.how == how);
        files.fold((0, 0), |(count, bytes), file| {
            (count + 1, bytes + file.size)
        })
    }
}

/// How a file or a directory is used, that of the most surely used file in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceUse {
    /// How.
    pub how: Use,
    /// Bytes of it that nothing names.
    pub unnamed: u64,
}

impl UsedFiles {
    /// The same for every file and every directory with files in it; the empty place is the whole path.
    pub fn places(&self) -> BTreeMap<PathBuf, PlaceUse> {
        let mut places: BTreeMap<PathBuf, PlaceUse> = BTreeMap::new();
        for file in &self.files {
            let unnamed = if file.how == Use::Nothing {
                file.size
            } else {
                0
            };
            for place in file.file.ancestors() {
                let entry = places.entry(place.to_owned()).or_insert(PlaceUse {
                    how: Use::Nothing,
                    unnamed: 0,
                });
                entry.how = entry.how.min(file.how);
                entry.unnamed += unnamed;
            }
        }
        places
    }
}

/// Occurrences that are looked at of one reference.
const MOST: usize = 20_000;

/// Looks through the files of all referrers of a target.
pub fn used(
    files: &StoreFiles,
    graph: &StoreGraph,
    closure: &Closure,
    target: PathId,
    progress: &Progress,
) -> Result<UsedFiles, EvidenceError> {
    let here = files.without_archives();
    let referrers = closure.referrers(graph, target);
    let edges = referrers.map(|from| (from, target)).collect();
    let limits = Limits {
        per_reference: MOST,
        per_file: MOST,
    };
    let evidence = of_edges(&here, graph, edges, limits, progress)?;
    let mut named = NamedByReferrers {
        loader: Loader::new(&here, graph.store_dir()),
        files: &here,
        graph,
        target,
        whole: BTreeMap::new(),
        taken: BTreeMap::new(),
    };
    for edge in &evidence.edges {
        progress.check()?;
        // What was not kept may name anything.
        if edge.left_out() > 0 {
            named.note(PathBuf::new(), edge.from);
        }
        for hit in &edge.hits {
            named.hit(edge.from, hit);
        }
    }
    let Some(place) = here.locate(graph.base_name(target)) else {
        let path = graph.path(target).to_string();
        return Err(EvidenceError::no_files(path, &here));
    };
    let mut used = UsedFiles {
        incomplete: evidence.incomplete,
        ..UsedFiles::default()
    };
    for (file, size) in listed(&place, progress)? {
        used.files.push(named.judged(file, size));
    }
    used.directories = named.whole;
    used.directories.retain(|path, _| place.join(path).is_dir());
    Ok(used)
}

/// What the referrers name.
struct NamedByReferrers<'a> {
    loader: Loader<'a>,
    files: &'a StoreFiles,
    graph: &'a StoreGraph,
    target: PathId,
    /// Paths below the target, files and directories alike.
    whole: BTreeMap<PathBuf, BTreeSet<PathId>>,
    taken: BTreeMap<PathBuf, BTreeSet<PathId>>,
}

impl NamedByReferrers<'_> {
    fn note(&mut self, path: PathBuf, from: PathId) {
        self.whole.entry(path).or_default().insert(from);
    }

    fn hit(&mut self, from: PathId, hit: &Hit) {
        let path = named_path(self.graph.base_name(self.target), hit);
        if !matches!(hit.class, Class::ElfRunpath | Class::UnneededRunpath) {
            return self.note(path, from);
        }
        match self.libraries(from, hit) {
            Some(libraries) => {
                for library in libraries {
                    let file = path.join(std::ffi::OsStr::from_bytes(&library));
                    self.taken.entry(file).or_default().insert(from);
                }
            }
            None => self.note(path, from),
        }
    }

    /// The libraries that an ELF file's loader takes from the entry at a hit; `None` if that cannot be told.
    fn libraries(&self, from: PathId, hit: &Hit) -> Option<Vec<Vec<u8>>> {
        let place = self.files.locate(self.graph.base_name(from))?;
        // Joined with nothing, a path would end in a slash, which no file does.
        let path = if hit.file.as_os_str().is_empty() {
            place
        } else {
            place.join(&hit.file)
        };
        // A file that became something else is not opened.
        path.symlink_metadata()
            .ok()
            .filter(std::fs::Metadata::is_file)?;
        let file = plain_file::open(&path).ok()?;
        let elf = Elf::parse(&file)?;
        self.loader.taken(elf.search(), hit.offset)
    }

    fn judged(&self, file: PathBuf, size: u64) -> UsedFile {
        let by = |set: &BTreeSet<PathId>| set.iter().copied().collect::<Vec<_>>();
        let above = || {
            let mut found: BTreeSet<PathId> = BTreeSet::new();
            for directory in file.ancestors().skip(1) {
                found.extend(self.whole.get(directory).into_iter().flatten());
            }
            found
        };
        let (how, by) = match (self.whole.get(&file), self.taken.get(&file)) {
            (Some(set), _) => (Use::Path, by(set)),
            (None, Some(set)) => (Use::Loader, by(set)),
            (None, None) => match above() {
                set if set.is_empty() => (Use::Nothing, Vec::new()),
                set => (Use::Directory, by(&set)),
            },
        };
        UsedFile {
            file,
            size,
            how,
            by,
        }
    }
}

/// The path below the target that an occurrence names, as far as its surroundings show it; empty for the target itself.
fn named_path(base: &str, hit: &Hit) -> PathBuf {
    let behind = hit
        .context
        .split_once(base)
        .map_or("", |(_, behind)| behind);
    if hit.kind == HitKind::Name || !behind.starts_with('/') {
        return PathBuf::new();
    }
    let link = hit.kind == HitKind::Symlink;
    let ends = |c: char| !link && (c.is_whitespace() || "\"'`:;,()<>|&=*${}[]\\…".contains(c));
    let path = behind[1..].split(ends).next().unwrap_or_default();
    Path::new(path.trim_end_matches(['/', '.']))
        .components()
        .collect()
}

/// Every file and link below a place, by name, with its length.
fn listed(place: &Path, progress: &Progress) -> Result<Vec<(PathBuf, u64)>, Cancelled> {
    let mut found = Vec::new();
    let mut waiting = vec![PathBuf::new()];
    while let Some(relative) = waiting.pop() {
        progress.check()?;
        let path = if relative.as_os_str().is_empty() {
            place.to_owned()
        } else {
            place.join(&relative)
        };
        let Ok(status) = path.symlink_metadata() else {
            continue;
        };
        if !status.is_dir() {
            found.push((relative, status.len()));
            continue;
        }
        for entry in std::fs::read_dir(&path).into_iter().flatten().flatten() {
            waiting.push(relative.join(entry.file_name()));
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Progress;
    use crate::model::{GraphBuilder, PathInfo, StoreDir};
    use crate::testing::hash_part;

    #[test]
    fn named_files_directories_and_the_rest_are_told_apart() {
        let root = tempfile::tempdir().expect("a directory");
        let store_dir = StoreDir::new(&root.path().to_string_lossy()).expect("absolute");
        let (app, lib) = (
            format!("{}-app", hash_part(1)),
            format!("{}-lib-1", hash_part(2)),
        );
        let put = |file: &str, text: &str| {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().expect("a directory")).expect("made");
            std::fs::write(path, text).expect("written");
        };
        for (file, length) in [
            ("bin/x", 3),
            ("share/data/a", 5),
            ("share/data/b", 7),
            ("share/man/x.1", 11),
        ] {
            put(&format!("{lib}/{file}"), &"x".repeat(length));
        }
        let at = format!("{}/{lib}", root.path().display());
        put(
            &format!("{app}/bin/run"),
            &format!("#!/bin/sh\nexport DATA={at}/share/data\nexec {at}/bin/x \"$@\"\n"),
        );
        let mut builder = GraphBuilder::new(store_dir.clone(), false);
        let ids: Vec<_> = [&app, &lib]
            .into_iter()
            .filter_map(|base| builder.add(base, PathInfo::with_nar_size(Some(1))))
            .collect();
        builder.reference(ids[0], ids[1]);
        let built = builder.finish(&ids[..1]);
        let closure = Closure::of(&built.graph, &built.roots);
        let target = built.graph.find(&lib).expect("the library");
        let files = StoreFiles::of(&store_dir);
        let found = used(&files, &built.graph, &closure, target, &Progress::new()).expect("read");
        assert_eq!(found.total(Use::Path), (1, 3));
        assert_eq!(found.total(Use::Directory), (2, 12));
        assert_eq!(found.total(Use::Nothing), (1, 11));
        let directories: Vec<_> = found
            .directories
            .keys()
            .map(|path| path.display().to_string())
            .collect();
        assert_eq!(directories, ["share/data"]);
    }
}
