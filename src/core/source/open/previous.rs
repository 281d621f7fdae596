//! The generation before the one that is looked at: what it is compared with if nothing else is named.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Choice, choose};
use crate::source::location::{Environment, Location};
use crate::source::roots::base_below;
use crate::source::roots::gc::numbered;

/// Most entries of a directory of profiles that are looked at.
const MOST: usize = 100_000;

/// The link of the last generation before the one that leads to a store path, of whatever profile that is one of.
pub(super) fn previous(
    base_name: &str,
    location: &Location,
    environment: &Environment,
) -> Option<PathBuf> {
    let Choice::Local(local) = choose(location, environment).ok()? else {
        return None;
    };
    let profiles = local.place.state_dir.join("profiles");
    let user = &environment.user;
    let own = user
        .name
        .as_ref()
        .map(|name| profiles.join("per-user").join(name));
    let home = user
        .state_home
        .as_ref()
        .map(|state| state.join("nix/profiles"));
    let directories = [Some(profiles), own, home];
    let store = PathBuf::from(local.place.store_dir.as_str());
    let mut directories = directories.into_iter().flatten();
    directories.find_map(|directory| before(&directory, &store, base_name))
}

/// The same within one directory.
fn before(directory: &Path, store: &Path, base_name: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(directory)
        .ok()?
        .take(MOST)
        .filter_map(Result::ok);
    let own = entries.filter_map(|entry| {
        let link = entry.path();
        let (profile, number) = numbered(&link)?;
        Some((profile, number, link))
    });
    let generations: Vec<(PathBuf, u64, PathBuf)> = own.collect();
    let is_looked_at = |(_, _, link): &&(PathBuf, u64, PathBuf)| {
        let target = fs::read_link(link).ok();
        let base = target.and_then(|target| base_below(store, &target));
        base.as_deref() == Some(base_name)
    };
    let (profile, number, _) = generations
        .iter()
        .filter(is_looked_at)
        .max_by_key(|one| one.1)?;
    let same = generations
        .iter()
        .filter(|one| one.0 == *profile && one.1 < *number);
    same.max_by_key(|one| one.1).map(|one| one.2.clone())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn the_last_generation_before_is_found_whatever_is_missing_between() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = |name: &str| format!("/nix/store/{}-{name}", "0".repeat(32));
        for (link, name) in [
            ("system-7-link", "a"),
            ("system-9-link", "b"),
            ("system-10-link", "c"),
            ("system-12-link", "d"),
            ("other-11-link", "x"),
            ("system", "d"),
            ("system--link", "x"),
            ("system-99999999999999999999-link", "x"),
        ] {
            symlink(path(name), directory.path().join(link)).expect("a link");
        }
        let store = Path::new("/nix/store");
        let of = |name: &str| {
            let base = format!("{}-{name}", "0".repeat(32));
            let found = before(directory.path(), store, &base)?;
            found.file_name()?.to_str().map(str::to_owned)
        };
        assert_eq!(of("d").as_deref(), Some("system-10-link"));
        assert_eq!(of("c").as_deref(), Some("system-9-link"));
        assert_eq!(of("a"), None);
        assert_eq!(of("nowhere"), None);
    }
}
