//! What the user typed, as store paths: paths in the store, links that lead there, profiles, and the default roots.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::SourceError;
use super::location::UserEnvironment;
use crate::model::StoreDir;
use crate::model::store_path::split_base_name;

/// How many links in a row are followed, as the kernel does.
const MAX_LINKS: usize = 40;

/// Where a store is in the file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorePlace {
    /// The directory that the store takes for `/`: a chroot store's own directory, else `/`.
    pub root: PathBuf,
    /// The store directory, as the store's paths name it, if the store itself does not tell.
    pub store_dir: StoreDir,
    /// The directory with `db`, `gcroots` and `profiles`, where it really is.
    pub state_dir: PathBuf,
}

impl StorePlace {
    /// A chroot store below `root`, or the system's own with `/`.
    pub fn new(
        root: impl Into<PathBuf>,
        store_dir: StoreDir,
        state_dir: impl Into<PathBuf>,
    ) -> Self {
        Self {
            root: root.into(),
            store_dir,
            state_dir: state_dir.into(),
        }
    }

    /// The base name of the store path that `typed` means: a store path, a path inside one, a link or a chain of links
    /// to one, or a base name.
    pub fn resolve(
        &self,
        typed: &str,
        user: &UserEnvironment,
        store_dir: &StoreDir,
    ) -> Result<String, SourceError> {
        if split_base_name(typed).is_ok() {
            return Ok(typed.to_owned());
        }
        let path = normalised(&user.current_dir.join(typed));
        let stores = self.stores(store_dir);
        // What `..` means depends on what is there, so such a path has to be walked.
        if !path.components().any(|part| part == Component::ParentDir)
            && let Some(base) = stores.iter().find_map(|store| base_below(store, &path))
        {
            return Ok(base);
        }
        let mut walk = LinkWalk {
            root: &self.root,
            stores: &stores,
            links: 0,
        };
        let inside = self.inside(&path).and_then(|it| walk.follow(&it).ok());
        let found = match inside {
            Some(Some(base)) => Ok(Some(base)),
            Some(None) => walk.follow(&path).or(Ok(None)),
            None => walk.follow(&path),
        };
        match found {
            Ok(Some(base)) => Ok(base),
            Ok(None) => Err(SourceError::NotAStorePath {
                root: typed.to_owned(),
            }),
            Err(source) => Err(SourceError::Read { path, source }),
        }
    }

    /// The default roots that exist, each link with the base name it leads to, or its own path where it leads nowhere.
    pub fn default_roots(
        &self,
        user: &UserEnvironment,
        store_dir: &StoreDir,
    ) -> Vec<(PathBuf, String)> {
        let mut found: Vec<(PathBuf, String)> = Vec::new();
        for link in self.default_links(user) {
            if fs::symlink_metadata(&link).is_err() {
                continue;
            }
            let Some(text) = link.to_str() else { continue };
            let base = self.resolve(text, user, store_dir);
            let base = base.unwrap_or_default();
            if found
                .iter()
                .all(|(_, other)| *other != base || base.is_empty())
            {
                found.push((link, base));
            }
        }
        found
    }

    /// Whether it is the system's own store, which running processes use.
    pub(crate) fn is_system(&self) -> bool {
        self.root == Path::new("/")
    }

    fn default_links(&self, user: &UserEnvironment) -> Vec<PathBuf> {
        let profiles = self.state_dir.join("profiles");
        let current = self.root.join("run/current-system");
        let mut links = vec![current];
        if fs::symlink_metadata(&links[0]).is_err() {
            links.push(profiles.join("system"));
        }
        if self.is_system() {
            let home = user.home.as_deref();
            links.extend(home.map(|home| home.join(".nix-profile")));
            let state = user.state_home.as_deref();
            links.extend(state.map(|state| state.join("nix/profile")));
            if let Some(name) = &user.name {
                let own = profiles.join("per-user").join(name);
                links.extend([own.join("profile"), own.join("guix-profile")]);
            }
        }
        links.push(profiles.join("default"));
        links
    }

    /// Where the files of a store directory may be: below the root, and, for links that say so, under their own name.
    pub(crate) fn stores(&self, store_dir: &StoreDir) -> Vec<PathBuf> {
        let logical = PathBuf::from(store_dir.as_str());
        let mut stores = vec![logical.clone()];
        if let Some(real) = self.inside(&logical) {
            let canonical = fs::canonicalize(&real).ok();
            stores.extend(canonical.into_iter().chain([real]));
        } else {
            stores.extend(fs::canonicalize(&logical));
        }
        stores.dedup();
        stores
    }

    /// The place of an absolute path below the root, if that is not `/`.
    pub(crate) fn inside(&self, path: &Path) -> Option<PathBuf> {
        let relative = path.strip_prefix("/").ok()?;
        (!self.is_system() && !path.starts_with(&self.root)).then(|| self.root.join(relative))
    }
}

/// The store path that something in the file system of this machine leads to, in full; `None` where it leads nowhere.
/// The store path itself need not be there.
pub fn followed(typed: &str, user: &UserEnvironment, store_dir: &StoreDir) -> Option<String> {
    let path = user.current_dir.join(typed);
    fs::symlink_metadata(&path).ok()?;
    let place = StorePlace::new("/", store_dir.clone(), "/nix/var/nix");
    let base = place.resolve(path.to_str()?, user, store_dir);
    Some(format!("{store_dir}/{}", base.ok()?))
}

/// Follows links by hand, because in a chroot store an absolute link means a path below the store's root.
struct LinkWalk<'a> {
    root: &'a Path,
    stores: &'a [PathBuf],
    links: usize,
}

impl LinkWalk<'_> {
    /// The base name of the first store path on the way. `None` if the way ends elsewhere.
    fn follow(&mut self, path: &Path) -> io::Result<Option<String>> {
        let mut reached = PathBuf::from("/");
        let mut rest: VecDeque<OsString> = parts(path);
        while let Some(part) = rest.pop_front() {
            if part == ".." {
                reached.pop();
                continue;
            }
            reached.push(&part);
            let leaves = rest.iter().any(|part| part == "..");
            let mut bases = self.stores.iter();
            let base = bases.find_map(|store| base_below(store, &reached));
            if base.is_some() && !leaves {
                return Ok(base);
            }
            let meta = match fs::symlink_metadata(&reached) {
                Ok(meta) => meta,
                // A store that is not on this machine has its paths by name alone, as one that is here has those that were
                // collected.
                Err(error) => return self.by_name(&reached, &rest).map(Some).ok_or(error),
            };
            if !meta.is_symlink() {
                continue;
            }
            self.links += 1;
            if self.links > MAX_LINKS {
                return Err(io::Error::other("too many links in a row"));
            }
            let target = fs::read_link(&reached)?;
            let from_root = reached.starts_with(self.root);
            reached.pop();
            if !target.is_absolute() {
                rest = [parts(&target), rest].into_iter().flatten().collect();
                continue;
            }
            let target = target.join(rest.iter().collect::<PathBuf>());
            return match self.below_root(&target, from_root) {
                Some(base) => Ok(Some(base)),
                None => self.follow(&target),
            };
        }
        Ok(None)
    }

    /// The base name in a path that is not there, as far as it is below a store by name.
    fn by_name(&self, reached: &Path, rest: &VecDeque<OsString>) -> Option<String> {
        if rest.iter().any(|part| part == "..") {
            return None;
        }
        let whole = reached.join(rest.iter().collect::<PathBuf>());
        let mut stores = self.stores.iter();
        stores.find_map(|store| base_below(store, &whole))
    }

    /// An absolute link inside a chroot store means a path below its root, if that leads anywhere.
    fn below_root(&mut self, target: &Path, from_root: bool) -> Option<String> {
        if !from_root || self.root == Path::new("/") || target.starts_with(self.root) {
            return None;
        }
        let inside = self.root.join(target.strip_prefix("/").ok()?);
        self.follow(&inside).ok()?
    }
}

/// The names on the way, `.` left out.
fn parts(path: &Path) -> VecDeque<OsString> {
    path.components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some("..".into()),
            _ => None,
        })
        .collect()
}

/// An absolute path without `.`; `..` stays, since what it means depends on links.
fn normalised(path: &Path) -> PathBuf {
    path.components()
        .filter(|part| *part != Component::CurDir)
        .collect()
}

/// The first name below a store directory.
pub(crate) fn base_below(store: &Path, path: &Path) -> Option<String> {
    let rest = path.strip_prefix(store).ok()?;
    match rest.components().next()? {
        Component::Normal(name) => name.to_str().map(str::to_owned),
        _ => None,
    }
}

pub mod gc;
pub mod leftovers;
pub mod profiles;
pub mod removal;
pub mod settings;
pub mod store_roots;
#[cfg(test)]
mod tests;
