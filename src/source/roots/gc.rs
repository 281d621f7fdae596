//! What holds a store's paths: links in `gcroots` and `profiles`, running processes, temporary roots.
//!
//! The links are read as Nix reads them, but nothing is ever deleted: `nix-store --gc --print-roots` removes links that
//! lead nowhere as it goes.

mod links;
mod processes;
mod profile;

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::job::{Cancelled, Progress};
use crate::model::{StoreDir, Warning, Warnings};
use crate::source::roots::StorePlace;

pub(crate) use self::profile::numbered;
pub use self::profile::{Generation, RootGroup};

const UNREADABLE: &str = "could not be looked at, so that roots may be missing";

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
    /// The entry of `gcroots` or `profiles` that leads to that link; `None` if the link is that entry itself.
    pub registered: Option<PathBuf>,
    /// Base name of the store path.
    pub target: String,
    /// What it is.
    pub kind: RootKind,
    /// Name of the user whose link or process it is, the user's number where there is no name.
    pub owner: Option<String>,
    /// When the link was made, in seconds since 1970.
    pub created: Option<i64>,
    /// Which generation of which profile it is, if it is one.
    pub generation: Option<Generation>,
    /// The process, if it is one's.
    pub process: Option<Process>,
}

/// A running process.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Process {
    /// Its number.
    pub number: u32,
    /// What it calls itself.
    pub name: Option<String>,
}

/// A link that is meant to hold something and does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenLink {
    /// The link.
    pub link: PathBuf,
    /// What is wrong with it.
    pub problem: LinkProblem,
}

/// Why a link holds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkProblem {
    /// It leads nowhere: a collection of garbage removes it.
    Dangling,
    /// It leads in a circle.
    Circular,
    /// It leads to a name in the store that no valid path has.
    Invalid,
    /// It could not be looked at.
    Unreadable,
}

impl LinkProblem {
    /// In one word, as JSON has it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dangling => "dangling",
            Self::Circular => "circular",
            Self::Invalid => "invalid",
            Self::Unreadable => "unreadable",
        }
    }

    /// In a few words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Dangling => "leads nowhere",
            Self::Circular => "leads in a circle",
            Self::Invalid => "leads to no valid path",
            Self::Unreadable => "could not be looked at",
        }
    }
}

/// All roots of a store, sorted by link, with what could not be looked at.
#[derive(Debug, Clone, Default)]
pub struct GcRoots {
    /// The roots. A process has one entry for each path it holds.
    pub roots: Vec<GcRoot>,
    /// Links that hold nothing, sorted.
    pub broken: Vec<BrokenLink>,
    /// Base names that roots name and that are no valid paths, sorted: what a running Nix is about to make, for instance.
    pub unregistered: Vec<String>,
    /// The directories the store's paths are in on this machine.
    pub directories: Vec<PathBuf>,
    /// Warnings.
    pub warnings: Vec<Warning>,
}

impl GcRoots {
    /// Leaves out the roots of what is no valid path. A link to such is broken; that a process names one is nothing odd.
    pub(crate) fn leave_out(&mut self, is_invalid: impl Fn(&str) -> bool) {
        let roots = std::mem::take(&mut self.roots);
        let (invalid, valid) = roots.into_iter().partition(|root| is_invalid(&root.target));
        self.roots = valid;
        let invalid: Vec<GcRoot> = invalid;
        let links = invalid.iter().filter(|root| root.process.is_none());
        self.broken.extend(links.map(|root| BrokenLink {
            link: root.link.clone(),
            problem: LinkProblem::Invalid,
        }));
        self.broken.sort_by(|a, b| a.link.cmp(&b.link));
        self.unregistered = invalid.into_iter().map(|root| root.target).collect();
        self.unregistered.sort_unstable();
        self.unregistered.dedup();
    }
}

/// Lists the roots of the store at a place.
pub fn list(
    place: &StorePlace,
    store_dir: &StoreDir,
    progress: &Progress,
) -> Result<GcRoots, Cancelled> {
    progress.start("reading roots", 0);
    let mut search = Search::new(place, store_dir, progress);
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
    Ok(search.finish())
}

struct Search<'a> {
    place: &'a StorePlace,
    store_dir: &'a StoreDir,
    stores: Vec<PathBuf>,
    users: HashMap<u32, String>,
    progress: &'a Progress,
    found: HashSet<(PathBuf, String)>,
    /// Of each profile where its link leads, which is the generation in use, and whether it has a manifest in JSON.
    profiles: HashMap<PathBuf, (Option<OsString>, bool)>,
    roots: Vec<GcRoot>,
    broken: Vec<BrokenLink>,
    warnings: Warnings,
}

impl<'a> Search<'a> {
    fn new(place: &'a StorePlace, store_dir: &'a StoreDir, progress: &'a Progress) -> Self {
        Self {
            place,
            store_dir,
            stores: place.stores(store_dir),
            users: users(),
            progress,
            found: HashSet::new(),
            profiles: HashMap::new(),
            roots: Vec::new(),
            broken: Vec::new(),
            warnings: Warnings::new(),
        }
    }

    fn finish(self) -> GcRoots {
        let (mut roots, mut broken) = (self.roots, self.broken);
        roots.sort_by(|a, b| (&a.link, &a.target).cmp(&(&b.link, &b.target)));
        broken.sort_by(|a, b| (&a.link, a.problem).cmp(&(&b.link, b.problem)));
        broken.dedup();
        GcRoots {
            roots,
            broken,
            unregistered: Vec::new(),
            directories: self.stores,
            warnings: self.warnings.into_vec(),
        }
    }

    fn hold(&mut self, link: PathBuf, registered: Option<&Path>, target: String, kind: RootKind) {
        if !self.found.insert((link.clone(), target.clone())) {
            return;
        }
        let meta = fs::symlink_metadata(&link).ok();
        let kind = match kind {
            RootKind::Link | RootKind::Result => self.told_by_name(&link, kind),
            other => other,
        };
        let generation = (kind == RootKind::Profile).then(|| self.generation(&link));
        self.roots.push(GcRoot {
            owner: meta.as_ref().map(|meta| self.user(meta.uid())),
            created: meta.map(|meta| meta.mtime()),
            registered: registered.map(Path::to_owned),
            generation: generation.flatten(),
            process: None,
            link,
            target,
            kind,
        });
    }

    fn broken(&mut self, link: &Path, problem: LinkProblem) {
        let link = link.to_owned();
        self.broken.push(BrokenLink { link, problem });
    }

    fn user(&self, number: u32) -> String {
        let name = self.users.get(&number).cloned();
        name.unwrap_or_else(|| number.to_string())
    }

    /// What is gone by the time it is looked at, or has become something else, is as if it had never been listed.
    fn unreadable(&mut self, path: &Path, error: &io::Error) {
        let changed = [io::ErrorKind::NotFound, io::ErrorKind::InvalidInput];
        if !changed.contains(&error.kind()) {
            self.warnings
                .add(UNREADABLE, format_args!("{} ({error})", path.display()));
            self.broken(path, LinkProblem::Unreadable);
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
