//! What holds a store's paths: links in `gcroots` and `profiles`, running processes, temporary roots.
//!
//! The links are read as Nix reads them, but nothing is ever deleted: `nix-store --gc --print-roots` removes links that
//! lead nowhere as it goes.

mod links;
mod processes;
mod profile;

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::job::{Cancelled, Progress};
use crate::model::{StoreDir, Warnings};
use crate::plain_file;
use crate::source::roots::StorePlace;

pub(crate) use self::profile::numbered;
pub use crate::source::gc_roots::{
    BrokenLink, GcRoot, GcRoots, Generation, LinkProblem, Process, RootGroup, RootKind,
};

use self::links::Naming;
use crate::source::gc_roots::name_of;

const UNREADABLE: &str = "could not be looked at, so that roots may be missing";

/// Lists the roots of the store at a place.
pub fn list(
    place: &StorePlace,
    store_dir: &StoreDir,
    progress: &Progress,
) -> Result<GcRoots, Cancelled> {
    progress.start("reading roots", 0);
    let mut search = RootSearch::new(place, store_dir, progress);
    let (gcroots, profiles) = (
        place.state_dir.join("gcroots"),
        place.state_dir.join("profiles"),
    );
    search.directory(gcroots, RootKind::Link)?;
    search.directory(profiles, RootKind::Profile)?;
    search.temporary()?;
    if place.is_system() {
        search.processes(Path::new("/proc"))?;
    }
    Ok(search.finish())
}

struct RootSearch<'a> {
    place: &'a StorePlace,
    store_dir: &'a StoreDir,
    stores: Vec<PathBuf>,
    users: HashMap<u32, String>,
    progress: &'a Progress,
    /// Of each profile where its link leads, which is the generation in use, and whether it has a manifest in JSON.
    profiles: HashMap<PathBuf, (Option<OsString>, bool)>,
    roots: Vec<GcRoot>,
    broken: Vec<BrokenLink>,
    warnings: Warnings,
}

impl<'a> RootSearch<'a> {
    fn new(place: &'a StorePlace, store_dir: &'a StoreDir, progress: &'a Progress) -> Self {
        Self {
            place,
            store_dir,
            stores: place.stores(store_dir),
            users: users(),
            progress,
            profiles: HashMap::new(),
            roots: Vec::new(),
            broken: Vec::new(),
            warnings: Warnings::new(),
        }
    }

    fn finish(self) -> GcRoots {
        let (mut roots, mut broken) = (self.roots, self.broken);
        // Of a link that several entries lead to, the one that is an entry itself counts, else the first.
        roots.sort_by(|a, b| {
            let links = a.link.as_os_str().cmp(b.link.as_os_str());
            let names = links.then_with(|| a.target.cmp(&b.target));
            names.then_with(|| (&a.registered, &a.process).cmp(&(&b.registered, &b.process)))
        });
        roots.dedup_by(|b, a| a.target == b.target && a.link == b.link && a.process == b.process);
        broken.sort_by(|a, b| (&a.link, a.problem).cmp(&(&b.link, b.problem)));
        broken.dedup();
        GcRoots {
            roots,
            broken,
            unregistered: Vec::new(),
            listed_at: now(),
            directories: self.stores,
            warnings: self.warnings.into_vec(),
        }
    }

    fn hold(&mut self, naming: Naming, kind: RootKind) {
        let Naming {
            link,
            registered,
            target,
            made,
        } = naming;
        let kind = match kind {
            RootKind::Link | RootKind::Result => self.told_by_name(&link, kind),
            other => other,
        };
        let generation = (kind == RootKind::Profile).then(|| self.generation(&link));
        self.roots.push(GcRoot {
            owner: made.map(|(user, _)| self.user(user)),
            created: made.map(|(_, time)| time),
            registered,
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

/// Most of the list of users that is read, in bytes.
const MOST_USERS: u64 = 16 << 20;

/// The time in seconds since 1970, if the clock is set to one after that.
fn now() -> Option<i64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

/// The users of this machine by number.
fn users() -> HashMap<u32, String> {
    let text = plain_file::read(Path::new("/etc/passwd"), MOST_USERS).unwrap_or_default();
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
