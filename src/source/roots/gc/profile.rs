//! What a root's name tells: the running system, or which generation of which profile it is.

use std::fs;
use std::path::{Path, PathBuf};

use super::{GcRoot, RootKind, Search};

/// A generation of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// The profile's own link.
    pub profile: PathBuf,
    /// Its number.
    pub number: u64,
    /// Whether the profile's link leads to it: it is in use.
    pub current: bool,
    /// Whether the profile is one of `nix profile`, which marks what it makes by a manifest in JSON.
    pub has_manifest: bool,
}

/// Roots that belong together for people, in the order in which they are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RootGroup {
    /// The running and the booted system.
    System,
    /// Generations of the system's profile.
    SystemProfile,
    /// Generations of home-manager.
    HomeManager,
    /// Generations of other profiles.
    UserProfile,
    /// Links made by builds.
    Result,
    /// Other entries of `gcroots`.
    Link,
    /// Running processes.
    Process,
    /// What running Nix processes have claimed.
    Temporary,
}

impl RootGroup {
    /// All, in their order.
    pub const ALL: [Self; 8] = [
        Self::System,
        Self::SystemProfile,
        Self::HomeManager,
        Self::UserProfile,
        Self::Result,
        Self::Link,
        Self::Process,
        Self::Temporary,
    ];

    /// In one word, as JSON has it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::SystemProfile => "systemProfile",
            Self::HomeManager => "homeManager",
            Self::UserProfile => "userProfile",
            Self::Result => "result",
            Self::Link => "link",
            Self::Process => "process",
            Self::Temporary => "temporary",
        }
    }

    /// In words, as a heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::System => "running and booted system",
            Self::SystemProfile => "system generations",
            Self::HomeManager => "home-manager generations",
            Self::UserProfile => "generations of other profiles",
            Self::Result => "result links",
            Self::Link => "other links in gcroots",
            Self::Process => "running processes",
            Self::Temporary => "claimed by running Nix commands",
        }
    }
}

impl GcRoot {
    /// Which group it belongs to.
    pub fn group(&self) -> RootGroup {
        match self.kind {
            RootKind::System => RootGroup::System,
            RootKind::Process => RootGroup::Process,
            RootKind::Temporary => RootGroup::Temporary,
            RootKind::Profile => {
                let profile = self.generation.as_ref();
                of_profile(profile.map_or(&self.link, |generation| &generation.profile))
            }
            RootKind::Result | RootKind::Link if name_of(&self.link) == "current-home" => {
                RootGroup::HomeManager
            }
            RootKind::Result => RootGroup::Result,
            RootKind::Link => RootGroup::Link,
        }
    }
}

fn of_profile(profile: &Path) -> RootGroup {
    let folder = profile.parent().map(name_of).unwrap_or_default();
    let name = name_of(profile);
    if folder == "system-profiles" || folder == "profiles" && name == "system" {
        RootGroup::SystemProfile
    } else if name.starts_with("home-manager") {
        RootGroup::HomeManager
    } else {
        RootGroup::UserProfile
    }
}

fn name_of(path: &Path) -> &str {
    let name = path.file_name().and_then(|name| name.to_str());
    name.unwrap_or_default()
}

/// The profile and the number in the name of a generation's link, `NAME-NUMBER-link`.
pub(crate) fn numbered(link: &Path) -> Option<(PathBuf, u64)> {
    let front = name_of(link).strip_suffix("-link")?;
    let (name, number) = front.rsplit_once('-')?;
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let number = number.parse().ok().filter(|_| digits)?;
    (!name.is_empty()).then(|| (link.with_file_name(name), number))
}

impl Search<'_> {
    pub(super) fn told_by_name(&self, link: &Path, kind: RootKind) -> RootKind {
        if matches!(name_of(link), "current-system" | "booted-system") {
            return RootKind::System;
        }
        let own = link.starts_with(self.place.state_dir.join("profiles"));
        let users = link
            .parent()
            .is_some_and(|dir| dir.ends_with("nix/profiles"));
        if numbered(link).is_some() && (own || users) {
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

    #[test]
    fn profiles_belong_to_the_system_to_home_manager_or_to_a_user() {
        let of = |profile: &str| of_profile(Path::new(profile)).word();
        let profiles = "/nix/var/nix/profiles";
        assert_eq!(of(&format!("{profiles}/system")), "systemProfile");
        assert_eq!(
            of(&format!("{profiles}/system-profiles/test")),
            "systemProfile"
        );
        assert_eq!(
            of(&format!("{profiles}/per-user/u/home-manager")),
            "homeManager"
        );
        assert_eq!(
            of("/home/u/.local/state/nix/profiles/profile"),
            "userProfile"
        );
        assert_eq!(of("/"), "userProfile");
    }
}
