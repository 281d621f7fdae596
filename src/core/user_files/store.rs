//! Whether a file would be in a store, or in what belongs to one. Stores are only ever read.

use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::model::StoreDir;

/// The names of a store and of its state below whatever directory it takes for `/`.
const INSIDE: [&str; 4] = ["nix/store", "nix/var/nix", "gnu/store", "var/guix"];
/// What says of itself that it is a binary cache.
const CACHE_INFO: &str = "nix-cache-info";

/// Whether a file, or the one that a link of that name leads to, is in a store, in the directory of a store's state, or in
/// a binary cache: in the store with this directory, or in any other that shows by its names to be one.
pub fn is_in_store(path: &Path, store_dir: &StoreDir) -> bool {
    let real = real(path);
    [path, &real]
        .into_iter()
        .any(|path| path.starts_with(store_dir.as_str()))
        || inside_one(&real, store_dir)
        || state_of_one(&real)
        || is_in_cache(&real)
}

/// Whether the path goes through a directory with the names of a store, wherever that is.
fn inside_one(real: &Path, store_dir: &StoreDir) -> bool {
    let own = store_dir.as_str().trim_start_matches('/');
    let above: Vec<&Path> = real.ancestors().skip(1).collect();
    let named = |names: &str| {
        let mut found = above.iter().filter(|above| above.ends_with(names));
        found.any(|store| names.contains('/') || store.join(".links").is_dir())
    };
    named(own)
        || INSIDE.into_iter().any(named)
        || above.iter().any(|one| one.join(".links").is_dir())
}

/// Whether the path goes into the state of a store that has a directory of another name.
fn state_of_one(real: &Path) -> bool {
    const PARTS: [&str; 5] = ["db", "gcroots", "profiles", "temproots", "userpool"];
    let mut inside = real.ancestors();
    inside.any(|part| {
        let is_part = part.file_name().and_then(OsStr::to_str);
        let state = part
            .parent()
            .filter(|_| is_part.is_some_and(|name| PARTS.contains(&name)));
        state.is_some_and(|state| {
            state.join("db/db.sqlite").is_file() && state.join("gcroots").is_dir()
        })
    })
}

/// Whether the path is one of a binary cache's files, or would be.
fn is_in_cache(real: &Path) -> bool {
    const DEPTH: usize = 2;
    let mut near = real.ancestors().skip(1).take(DEPTH);
    near.any(|directory| directory.join(CACHE_INFO).is_file())
}

/// The path without links, as far as it is there.
fn real(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut there = path.as_path();
    let mut missing = Vec::new();
    loop {
        if let Ok(real) = fs::canonicalize(there) {
            missing.reverse();
            return missing.iter().fold(real, |real, name| match name {
                Component::ParentDir => real.parent().unwrap_or(&real).to_owned(),
                name => real.join(name),
            });
        }
        let (Some(parent), Some(name)) = (there.parent(), there.components().next_back()) else {
            return path;
        };
        missing.push(name);
        there = parent;
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn stores_their_state_and_caches_are_known_wherever_they_are() {
        let directory = tempfile::tempdir().expect("a directory");
        let at = |name: &str| directory.path().join(name);
        for made in [
            "root/nix/store/.links",
            "root/nix/var/nix/db",
            "odd/keep/.links",
            "odd/state/db",
            "odd/state/gcroots/auto",
            "cache/nar",
            "cache/nar/deep",
            "mine/nix/notes",
            "project/db",
        ] {
            fs::create_dir_all(at(made)).expect("a directory");
        }
        for file in [
            "odd/state/db/db.sqlite",
            "project/db/db.sqlite",
            "cache/nix-cache-info",
        ] {
            fs::write(at(file), "").expect("a file");
        }
        symlink(at("root/nix/store"), at("way-in")).expect("a link");
        symlink(at("root/nix/store/not-yet"), at("mine/link")).expect("a link");
        let own = StoreDir::default();
        for inside in [
            "root/nix/store/x",
            "root/nix/store/new/deep/x",
            "root/nix/var/nix/db/x",
            "root/nix/var/nix/x",
            "way-in/x",
            "mine/../way-in/x",
            "odd/keep/x",
            "odd/state/gcroots/auto/x",
            "odd/state/db/x",
            "cache/x.narinfo",
            "cache/nar/x",
        ] {
            assert!(is_in_store(&at(inside), &own), "{inside}");
        }
        for outside in [
            "x",
            "mine/nix/notes/x",
            "root/x",
            "root/nix/x",
            "project/db/x",
            "odd/state/x",
            "odd/x",
            "cache",
            "new/deep/x",
        ] {
            assert!(!is_in_store(&at(outside), &own), "{outside}");
        }
        assert!(is_in_store(Path::new("/nix/store/x"), &own));
        let elsewhere = StoreDir::new(at("mine").to_str().expect("text")).expect("absolute");
        assert!(is_in_store(&at("mine/x"), &elsewhere));
    }
}
