//! What a root's name tells: the running system, or which generation of which profile it is.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Generation, RootKind, RootSearch, name_of};

/// The profile and the number in the name of a generation's link, `NAME-NUMBER-link`.
pub(crate) fn numbered(link: &Path) -> Option<(PathBuf, u64)> {
    let front = name_of(link).strip_suffix("-link")?;
    let (name, number) = front.rsplit_once('-')?;
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let number = number.parse().ok().filter(|_| digits)?;
    (!name.is_empty()).then(|| (link.with_file_name(name), number))
}

impl RootSearch<'_> {
    pub(super) fn told_by_name(&self, link: &Path, kind: RootKind) -> RootKind {
        if matches!(name_of(link), "current-system" | "booted-system") {
            return RootKind::System;
        }
        let among_profiles = || {
            let users = link
                .parent()
                .is_some_and(|dir| dir.ends_with("nix/profiles"));
            users || link.starts_with(self.place.state_dir.join("profiles"))
        };
        if numbered(link).is_some() && among_profiles() {
            RootKind::Profile
        } else {
            kind
        }
    }

    /// Which generation a link is.
    pub(super) fn generation(&mut self, link: &Path) -> Option<Generation> {
        let (profile, number) = numbered(link)?;
        let found = self.profiles.entry(profile.clone()).or_insert_with(|| {
            let target = fs::read_link(&profile).ok();
            let used = target.and_then(|target| target.file_name().map(ToOwned::to_owned));
            (used, profile.join("manifest.json").exists())
        });
        Some(Generation {
            current: found.0.as_deref() == link.file_name(),
            has_manifest: found.1,
            profile,
            number,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_generation_tells_profile_and_number() {
        let of = |name: &str| {
            let (profile, number) = numbered(&Path::new("/p").join(name))?;
            Some(format!("{} {number}", profile.display()))
        };
        assert_eq!(of("system-12-link").as_deref(), Some("/p/system 12"));
        assert_eq!(
            of("home-manager-3-link").as_deref(),
            Some("/p/home-manager 3")
        );
        for odd in [
            "system",
            "system-link",
            "system-x-link",
            "system-+1-link",
            "-1-link",
            "system-99999999999999999999-link",
            "system-1",
        ] {
            assert_eq!(of(odd), None, "{odd}");
        }
    }
}
