//! Files with the same content, and what one inode for all of them would save: what `nix-store --optimise` does.
//!
//! Files are compared by length and mode first, then by their beginnings, then by a hash of all their bytes. Names of
//! one inode count as one file.

use std::io::{self, Read};
use std::path::PathBuf;

use hashbrown::{HashMap, HashSet};

use crate::job::{Cancelled, Progress, parallel};
use crate::model::{PathId, Warning, Warnings};

use super::inventory::{FileRecord, Inode, Inventory};
use super::walk::open;

/// Several files with the same content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdenticalFiles {
    /// Length of each, in bytes.
    pub length: u64,
    /// How many different inodes there are.
    pub copies: u64,
    /// Bytes that one inode for all would save.
    pub saved: u64,
    /// Bytes on disk that one inode for all would save.
    pub saved_on_disk: u64,
    /// One name of each copy: the store path and the place in it, ascending.
    pub files: Vec<(PathId, PathBuf)>,
}

/// What one path has in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PathSavings {
    /// Lengths of the path's files of which there is another copy anywhere.
    pub duplicated: u64,
    /// Bytes saved by linking copies within the path alone.
    pub within: u64,
}

/// What two paths have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairSavings {
    /// One of the two, the one with the lower id.
    pub first: PathId,
    /// The other.
    pub second: PathId,
    /// How many contents are in both.
    pub files: u64,
    /// Lengths of these contents: saved by linking the two paths' copies.
    pub saved: u64,
}

/// All identical files of some paths.
#[derive(Debug, Clone, Default)]
pub struct Identical {
    /// The groups that save most first, at most [`GROUPS`].
    pub groups: Vec<IdenticalFiles>,
    /// How many groups there are.
    pub group_count: u64,
    /// How many names would be replaced by links.
    pub links: u64,
    /// Bytes saved in all.
    pub saved: u64,
    /// Bytes on disk saved in all.
    pub saved_on_disk: u64,
    /// Paths that have something in common, most first.
    pub paths: Vec<(PathId, PathSavings)>,
    /// Pairs of paths that have something in common, most first.
    pub pairs: Vec<PairSavings>,
    /// Bytes of contents that more than [`WIDE`] paths have: not counted in `pairs`.
    pub wide: u64,
    /// What could not be compared.
    pub warnings: Vec<Warning>,
}

/// How many groups are kept.
pub const GROUPS: usize = 1000;
/// A content that more paths than this have says nothing about any two of them.
pub const WIDE: usize = 32;

/// Bytes at the beginning of a file that are compared before all of it is read.
const BEGINNING: usize = 4096;

/// One copy: an inode with one of its names.
#[derive(Clone, Copy)]
struct FileCopy<'a> {
    file: &'a FileRecord,
    hash: [u8; 32],
}

/// Finds identical files among the regular files of an inventory. Reads those of equal length.
pub fn find(inventory: &Inventory, progress: &Progress) -> Result<Identical, Cancelled> {
    let mut problems = Warnings::sorted();
    let candidates = of_equal_length(inventory, &mut problems);
    let begin =
        |file: &FileRecord| BEGINNING.min(usize::try_from(file.length).unwrap_or(BEGINNING));
    let bytes = candidates.iter().map(|file| begin(file) as u64).sum();
    progress.start("comparing beginnings", bytes);
    let copies = hash_all(
        inventory,
        &candidates,
        Some(BEGINNING),
        progress,
        &mut problems,
    )?;
    let (mut same, short): (Vec<_>, Vec<_>) = keep_copies(copies)
        .into_iter()
        .partition(|copy| copy.file.length > BEGINNING as u64);
    let long: Vec<&FileRecord> = same.iter().map(|copy| copy.file).collect();
    progress.start("comparing files", long.iter().map(|file| file.length).sum());
    same = keep_copies(hash_all(inventory, &long, None, progress, &mut problems)?);
    same.extend(short);
    let mut identical = summarise(&same);
    identical.warnings = problems.into_vec();
    Ok(identical)
}

/// One name of each inode that has the length and mode of another.
fn of_equal_length<'a>(inventory: &'a Inventory, problems: &mut Warnings) -> Vec<&'a FileRecord> {
    let mut names: HashMap<Inode, &FileRecord> = HashMap::new();
    for file in inventory
        .files
        .iter()
        .filter(|file| !file.symlink && file.length > 0)
    {
        if is_mostly_holes(file) {
            problems.add(
                "files that are mostly holes, not compared",
                inventory.place(file).display(),
            );
            continue;
        }
        let name = names.entry(file.inode).or_insert(file);
        if (file.owner, &file.relative) < (name.owner, &name.relative) {
            *name = file;
        }
    }
    let mut lengths: HashMap<(u64, bool), u32> = HashMap::new();
    for file in names.values() {
        *lengths.entry((file.length, file.executable)).or_default() += 1;
    }
    let has_copies = |file: &&FileRecord| lengths[&(file.length, file.executable)] > 1;
    let mut files: Vec<_> = names.into_values().filter(has_copies).collect();
    files.sort_unstable_by_key(|file| (file.owner, &file.relative));
    files
}

fn is_mostly_holes(file: &FileRecord) -> bool {
    file.length > 1 << 24 && file.allocated < file.length / 16
}

/// Hashes the beginnings of files, or all of them. Files that cannot be read are left out and named.
fn hash_all<'a>(
    inventory: &Inventory,
    files: &[&'a FileRecord],
    limit: Option<usize>,
    progress: &Progress,
    problems: &mut Warnings,
) -> Result<Vec<FileCopy<'a>>, Cancelled> {
    let hashes = parallel(files.len(), |at| {
        match hash(inventory, files[at], limit, progress) {
            Ok(hash) => Ok(Ok(hash)),
            Err(Unhashed::Cancelled(cancelled)) => Err(cancelled),
            Err(Unhashed::Read(error)) => Ok(Err(error)),
        }
    })?;
    let mut copies = Vec::with_capacity(files.len());
    for (&file, hash) in files.iter().zip(hashes) {
        match hash {
            Ok(hash) => copies.push(FileCopy { file, hash }),
            Err(error) => {
                let place = inventory.place(file);
                let text = format_args!("{} ({error})", place.display());
                problems.add("files that could not be read, not compared", text);
            }
        }
    }
    Ok(copies)
}

enum Unhashed {
    Cancelled(Cancelled),
    Read(io::Error),
}

impl From<Cancelled> for Unhashed {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled)
    }
}

impl From<io::Error> for Unhashed {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

fn hash(
    inventory: &Inventory,
    file: &FileRecord,
    limit: Option<usize>,
    progress: &Progress,
) -> Result<[u8; 32], Unhashed> {
    const PIECE: u64 = 1 << 16;
    let mut rest = limit.map_or(file.length, |limit| file.length.min(limit as u64));
    let mut content = open(&inventory.place(file))?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; rest.min(PIECE) as usize];
    while rest > 0 {
        let wanted = rest.min(PIECE) as usize;
        let read = content.read(&mut buffer[..wanted])?;
        if read == 0 {
            return Err(io::Error::other("it became shorter while it was read").into());
        }
        hasher.update(&buffer[..read]);
        progress.advance(read as u64)?;
        rest -= read as u64;
    }
    Ok(*hasher.finalize().as_bytes())
}

type ContentKey = (u64, bool, [u8; 32]);

fn key(copy: &FileCopy<'_>) -> ContentKey {
    (copy.file.length, copy.file.executable, copy.hash)
}

/// The copies that have another of their content, those side by side.
fn keep_copies(mut copies: Vec<FileCopy<'_>>) -> Vec<FileCopy<'_>> {
    copies.sort_by_key(key);
    let groups = copies.chunk_by(|a, b| key(a) == key(b));
    groups
        .filter(|group| group.len() > 1)
        .flatten()
        .copied()
        .collect()
}

fn summarise(copies: &[FileCopy<'_>]) -> Identical {
    let mut identical = Identical::default();
    let mut paths: HashMap<PathId, PathSavings> = HashMap::new();
    let mut pairs: HashMap<(PathId, PathId), (u64, u64)> = HashMap::new();
    for copies in copies.chunk_by(|a, b| key(a) == key(b)) {
        let group = group(copies);
        identical.group_count += 1;
        identical.links += group.copies - 1;
        identical.saved += group.saved;
        identical.saved_on_disk += group.saved_on_disk;
        identical.wide += share(&group, &mut paths, &mut pairs);
        identical.groups.push(group);
    }
    identical
        .groups
        .sort_by(|a, b| (b.saved, &a.files).cmp(&(a.saved, &b.files)));
    identical.groups.truncate(GROUPS);
    identical.paths = paths.into_iter().collect();
    identical
        .paths
        .sort_unstable_by_key(|(id, savings)| (std::cmp::Reverse(savings.duplicated), *id));
    let pair = |((first, second), (files, saved))| PairSavings {
        first,
        second,
        files,
        saved,
    };
    identical.pairs = pairs.into_iter().map(pair).collect();
    identical
        .pairs
        .sort_unstable_by_key(|pair| (std::cmp::Reverse(pair.saved), pair.first, pair.second));
    identical
}

fn group(copies: &[FileCopy<'_>]) -> IdenticalFiles {
    let length = copies.first().map_or(0, |copy| copy.file.length);
    let allocated = || copies.iter().map(|copy| copy.file.allocated);
    let count = copies.len() as u64;
    let mut files: Vec<_> = copies
        .iter()
        .map(|copy| (copy.file.owner, copy.file.relative.to_path_buf()))
        .collect();
    files.sort_unstable();
    IdenticalFiles {
        length,
        copies: count,
        saved: length.saturating_mul(count - 1),
        saved_on_disk: allocated().sum::<u64>() - allocated().max().unwrap_or(0),
        files,
    }
}

/// Gives each path and each pair of paths its part of a group; the bytes that too many paths have for pairs to mean
/// something are returned.
fn share(
    group: &IdenticalFiles,
    paths: &mut HashMap<PathId, PathSavings>,
    pairs: &mut HashMap<(PathId, PathId), (u64, u64)>,
) -> u64 {
    let mut seen = HashSet::new();
    for &(owner, _) in &group.files {
        let savings = paths.entry(owner).or_default();
        savings.duplicated += group.length;
        if !seen.insert(owner) {
            savings.within += group.length;
        }
    }
    if seen.len() > WIDE {
        return group.length * (seen.len() as u64 - 1);
    }
    let mut owners: Vec<PathId> = seen.into_iter().collect();
    owners.sort_unstable();
    for (at, &first) in owners.iter().enumerate() {
        for &second in &owners[at + 1..] {
            let (files, saved) = pairs.entry((first, second)).or_default();
            *files += 1;
            *saved += group.length;
        }
    }
    0
}
