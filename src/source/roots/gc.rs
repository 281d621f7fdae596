//! What holds a store's paths: links in `gcroots` and `profiles`, running processes, temporary roots.
//!
//! The links are read as Nix reads them, but nothing is ever deleted: `nix-store --gc --print-roots` removes links that
//! lead nowhere as it goes.

mod processes;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use crate::job::{Cancelled, Progress};
use crate::model::store_path::split_base_name;
use crate::model::{StoreDir, Warning, Warnings};
use crate::source::roots::{StorePlace, base_below};

const UNREADABLE: &str = "could not be looked at, so that roots may be missing";
const CYCLE: &str = "links that lead in a cycle, left out";
const DANGLING: &str = "links that lead nowhere (a collection of garbage removes them)";

/// What a root is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RootKind {
    /// The running or booted system.
    System,
    /// A generation of a profile.
    Profile,
    /// A link made by a build (`result`), or another one that is registered in `gcroots/auto`.
    Result,
    /// Any other entry of `gcroots`.
    Link,
    /// A running process has the path open, mapped, or in its environment.
    Process,
    /// A running Nix has claimed the path.
    Temporary,
}

impl RootKind {
    /// In one word, as JSON has it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Profile => "profile",
            Self::Result => "result",
            Self::Link => "link",
            Self::Process => "process",
            Self::Temporary => "temporary",
        }
    }
}

/// One thing that holds a store path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GcRoot {
    /// The link that leads into the store, or the file below `/proc` or `temproots` that names the path.
    pub link: PathBuf,
    /// Base name of the store path.
    pub target: String,
    /// What it is.
    pub kind: RootKind,
    /// Name of the user whose link or process it is, the user's number where there is no name.
    pub owner: Option<String>,
    /// When the link was made, in seconds since 1970.
    pub created: Option<i64>,
}

/// All roots of a store, sorted by link, with what could not be looked at.
#[derive(Debug, Clone, Default)]
pub struct GcRoots {
    /// The roots.
    pub roots: Vec<GcRoot>,
    /// Warnings.
    pub warnings: Vec<Warning>,
}

/// Lists the roots of the store at a place.
pub fn list(
    place: &StorePlace,
    store_dir: &StoreDir,
    progress: &Progress,
) -> Result<GcRoots, Cancelled> {
    progress.start("reading roots", 0);
    let mut search = Search {
        place,
        store_dir,
        stores: place.stores(store_dir),
        users: users(),
        progress,
        found: HashSet::new(),
        roots: Vec::new(),
        warnings: Warnings::new(),
    };
    let (gcroots, profiles) = (
        place.state_dir.join("gcroots"),
        place.state_dir.join("profiles"),
    );
    search.directory(&gcroots, RootKind::Link, 0)?;
    search.directory(&profiles, RootKind::Profile, 0)?;
    search.temporary()?;
    if place.is_system() {
        search.processes(Path::new("/proc"))?;
    }
    let mut roots = search.roots;
    roots.sort_by(|a, b| (&a.link, &a.target).cmp(&(&b.link, &b.target)));
    Ok(GcRoots {
        roots,
        warnings: search.warnings.into_vec(),
    })
}

struct Search<'a> {
    place: &'a StorePlace,
    store_dir: &'a StoreDir,
    stores: Vec<PathBuf>,
    users: HashMap<u32, String>,
    progress: &'a Progress,
    found: HashSet<(PathBuf, String)>,
    roots: Vec<GcRoot>,
    warnings: Warnings,
}

impl Search<'_> {
    /// Looks at everything below a directory, as deep as paths can be; links to other directories are not followed.
    fn directory(&mut self, dir: &Path, kind: RootKind, depth: usize) -> Result<(), Cancelled> {
        let entries = match fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(error) => {
                self.unreadable(dir, &error);
                return Ok(());
            }
        };
        for entry in entries {
            self.progress.advance(1)?;
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.unreadable(dir, &error);
                    continue;
                }
            };
            let path = entry.path();
            match entry.file_type() {
                Ok(kind_of_file) if kind_of_file.is_dir() => {
                    let auto = depth == 0 && kind == RootKind::Link && entry.file_name() == "auto";
                    let kind = if auto { RootKind::Result } else { kind };
                    self.directory(&path, kind, depth + 1)?;
                }
                Ok(kind_of_file) if kind_of_file.is_symlink() => self.link(&path, kind),
                // A file may stand for the path whose name it has.
                Ok(_) => {
                    if let Some(base) = path.file_name().and_then(|name| name.to_str())
                        && split_base_name(base).is_ok()
                    {
                        self.hold(path.clone(), base.to_owned(), kind);
                    }
                }
                Err(error) => self.unreadable(&path, &error),
            }
        }
        Ok(())
    }

    /// A link to a store path, or to a link to one: Nix goes no further.
    fn link(&mut self, link: &Path, kind: RootKind) {
        let Some(target) = self.read_link(link) else {
            return;
        };
        if let Some(base) = self.in_store(&target) {
            return self.hold(link.to_owned(), base, kind);
        }
        let second = self.meant(link, &target);
        match fs::symlink_metadata(&second) {
            Ok(meta) if meta.is_symlink() => {
                let Some(target) = self.read_link(&second) else {
                    return;
                };
                if let Some(base) = self.in_store(&target) {
                    self.hold(second, base, kind);
                } else if fs::symlink_metadata(self.meant(&second, &target)).is_err() {
                    self.warnings.add(DANGLING, second.display());
                } else if let Err(error) = fs::metadata(&second)
                    && error.raw_os_error() == Some(Errno::LOOP.raw_os_error())
                {
                    self.warnings.add(CYCLE, link.display());
                }
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.warnings.add(DANGLING, link.display());
            }
            Err(error) => self.unreadable(&second, &error),
        }
    }

    fn read_link(&mut self, link: &Path) -> Option<PathBuf> {
        match fs::read_link(link) {
            Ok(target) => Some(target),
            Err(error) => {
                self.unreadable(link, &error);
                None
            }
        }
    }

    /// Where a link's target is: in a chroot store below its root, if there is something.
    fn meant(&self, link: &Path, target: &Path) -> PathBuf {
        let beside = link.parent().unwrap_or(Path::new("/")).join(target);
        let inside = self.place.inside(&beside);
        inside
            .filter(|inside| fs::symlink_metadata(inside).is_ok())
            .unwrap_or(beside)
    }

    fn in_store(&self, target: &Path) -> Option<String> {
        self.stores
            .iter()
            .find_map(|store| base_below(store, target))
    }

    fn hold(&mut self, link: PathBuf, target: String, kind: RootKind) {
        if !self.found.insert((link.clone(), target.clone())) {
            return;
        }
        let meta = fs::symlink_metadata(&link).ok();
        let kind = match kind {
            RootKind::Link | RootKind::Result => self.told_by_name(&link, kind),
            other => other,
        };
        let owner = meta.as_ref().map(|meta| self.user(meta.uid()));
        let made = !matches!(kind, RootKind::Process | RootKind::Temporary);
        self.roots.push(GcRoot {
            created: meta.filter(|_| made).map(|meta| meta.mtime()),
            link,
            target,
            kind,
            owner,
        });
    }

    fn told_by_name(&self, link: &Path, kind: RootKind) -> RootKind {
        let name = link
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if matches!(name, "current-system" | "booted-system") {
            return RootKind::System;
        }
        let generation = name
            .strip_suffix("-link")
            .and_then(|front| front.rsplit_once('-'))
            .is_some_and(|(_, number)| number.parse::<u64>().is_ok());
        let own = link.starts_with(self.place.state_dir.join("profiles"));
        let users = link
            .parent()
            .is_some_and(|dir| dir.ends_with("nix/profiles"));
        if generation && (own || users) {
            RootKind::Profile
        } else {
            kind
        }
    }

    fn user(&self, number: u32) -> String {
        let name = self.users.get(&number).cloned();
        name.unwrap_or_else(|| number.to_string())
    }

    fn unreadable(&mut self, path: &Path, error: &io::Error) {
        if error.kind() != io::ErrorKind::NotFound {
            self.warnings
                .add(UNREADABLE, format_args!("{} ({error})", path.display()));
        }
    }
}

/// The users of this machine by number.
fn users() -> HashMap<u32, String> {
    let text = fs::read("/etc/passwd").unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let user = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        Some((fields.nth(1)?.parse().ok()?, name))
    };
    text.lines().filter_map(user).collect()
}

#[cfg(test)]
mod tests;
