//! What holds the paths of a store, as it was listed.

use std::path::{Path, PathBuf};

use crate::model::Warning;

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
    /// It is part of a loop.
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
            Self::Circular => "is part of a loop",
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
    /// When they were listed, in seconds since 1970; `None` if that is not known.
    pub listed_at: Option<i64>,
    /// The directories the store's paths are in on this machine.
    pub directories: Vec<PathBuf>,
    /// Of what could not be looked at.
    pub warnings: Vec<Warning>,
}

impl GcRoots {
    /// Whether everything that may be a root could be looked at. If not, what no root holds may be held all the same.
    pub fn are_all_read(&self) -> bool {
        let unread = |one: &BrokenLink| one.problem == LinkProblem::Unreadable;
        self.warnings.is_empty() && !self.broken.iter().any(unread)
    }

    /// Leaves out the roots of what is no valid path. A link to such is broken; that a process names one is to be expected.
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

pub(crate) fn name_of(path: &Path) -> &str {
    let name = path.file_name().and_then(|name| name.to_str());
    name.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

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
