//! The generations of one profile: links named `NAME-NUMBER-link` beside the profile's own.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::gc::numbered;
use super::{StorePlace, base_below};
use crate::model::{StoreDir, Warning, Warnings};
use crate::source::SourceError;
use crate::source::location::UserEnvironment;

/// One generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileGeneration {
    /// Its number.
    pub number: u64,
    /// Its link.
    pub link: PathBuf,
    /// Base name of the store path it leads to.
    pub target: String,
    /// When the link was made, in seconds since 1970.
    pub created: Option<i64>,
    /// Whether it is in use.
    pub current: bool,
}

/// A profile.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    /// Its own link.
    pub link: PathBuf,
    /// Its generations, the oldest first.
    pub generations: Vec<ProfileGeneration>,
    /// Warnings.
    pub warnings: Vec<Warning>,
}

impl Profile {
    /// Reads the profile that a text means: its link, one of its generations, a link to it, or the name of one in the
    /// store's own directory of profiles. Without a text, the system's profile or the user's.
    pub fn read(
        typed: Option<&str>,
        place: &StorePlace,
        user: &UserEnvironment,
        store_dir: &StoreDir,
    ) -> Result<Self, SourceError> {
        let candidates = match typed {
            Some(typed) => named(typed, place, user),
            None => by_default(place, user),
        };
        for candidate in &candidates {
            let profile = Self::at(candidate, place, store_dir)?;
            if !profile.generations.is_empty() {
                return Ok(profile);
            }
        }
        Err(without(typed, place))
    }

    /// The generations beside one link.
    fn at(link: &Path, place: &StorePlace, store_dir: &StoreDir) -> Result<Self, SourceError> {
        let mut profile = Self {
            link: link.to_owned(),
            ..Self::default()
        };
        let Some(folder) = link.parent() else {
            return Ok(profile);
        };
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(profile),
            Err(source) => {
                let path = folder.to_owned();
                return Err(SourceError::Read { path, source });
            }
        };
        let used = fs::read_link(link).ok();
        let used = used.as_deref().and_then(Path::file_name);
        let stores = place.stores(store_dir);
        let mut warnings = Warnings::new();
        for entry in entries.filter_map(Result::ok) {
            let own = entry.path();
            let Some((_, number)) = numbered(&own).filter(|(profile, _)| profile == link) else {
                continue;
            };
            let target = fs::read_link(&own).ok();
            let base = target.and_then(|target| {
                let mut stores = stores.iter();
                stores.find_map(|store| base_below(store, &target))
            });
            match base {
                Some(target) => profile.generations.push(ProfileGeneration {
                    number,
                    current: own.file_name() == used,
                    created: fs::symlink_metadata(&own).ok().map(|meta| meta.mtime()),
                    link: own,
                    target,
                }),
                None => warnings.add(
                    "generations that lead to no store path, left out",
                    own.display(),
                ),
            }
        }
        profile.generations.sort_by_key(|one| one.number);
        profile.warnings = warnings.into_vec();
        Ok(profile)
    }
}

/// Which generations are to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Those made longer ago than this many seconds, but for the one that was in use then.
    OlderThan(i64),
    /// All but this many: the one in use, those before it, and what is newer than it.
    KeepLast(usize),
}

impl Profile {
    /// The positions of the generations that a rule lets go, as `nix-env --delete-generations` chooses them. The one in use
    /// never goes. `now` in seconds since 1970.
    pub fn going(&self, rule: Rule, now: i64) -> Vec<usize> {
        let all = self.generations.iter().enumerate();
        match rule {
            Rule::OlderThan(seconds) => {
                let limit = now.saturating_sub(seconds);
                let is_old = |one: &ProfileGeneration| one.created.is_some_and(|made| made < limit);
                // The newest of the old ones was in use at that time.
                let newest = self.generations.iter().rposition(is_old).unwrap_or(0);
                let going = all.filter(|&(at, one)| at < newest && !one.current);
                going.map(|(at, _)| at).collect()
            }
            Rule::KeepLast(count) => {
                let used = self.generations.iter().position(|one| one.current);
                let Some(used) = used else { return Vec::new() };
                let first = (used + 1).saturating_sub(count.max(1));
                (0..first).collect()
            }
        }
    }
}

fn named(typed: &str, place: &StorePlace, user: &UserEnvironment) -> Vec<PathBuf> {
    let path = user.current_dir.join(typed);
    let inside = place.inside(&path);
    let mut found = Vec::new();
    for start in inside.into_iter().chain([path]) {
        // A link such as ~/.nix-profile leads to the profile in a step or two.
        let mut at = start;
        for _ in 0..3 {
            if let Some((profile, _)) = numbered(&at) {
                found.push(profile);
            }
            found.push(at.clone());
            let Ok(target) = fs::read_link(&at) else {
                break;
            };
            let next = at.parent().unwrap_or(Path::new("/")).join(target);
            at = place
                .inside(&next)
                .filter(|inside| fs::symlink_metadata(inside).is_ok())
                .unwrap_or(next);
        }
    }
    if !typed.contains('/') {
        found.push(place.state_dir.join("profiles").join(typed));
        if let Some(name) = &user.name {
            let own = place.state_dir.join("profiles/per-user").join(name);
            found.push(own.join(typed));
        }
        let state = user.state_home.as_deref();
        found.extend(state.map(|state| state.join("nix/profiles").join(typed)));
    }
    found
}

fn by_default(place: &StorePlace, user: &UserEnvironment) -> Vec<PathBuf> {
    let mut found = vec![place.state_dir.join("profiles/system")];
    if place.is_system() {
        let home = user.home.as_deref();
        for link in home.into_iter().map(|home| home.join(".nix-profile")) {
            found.extend(named(&link.to_string_lossy(), place, user));
        }
        let state = user.state_home.as_deref();
        found.extend(state.map(|state| state.join("nix/profiles/profile")));
        if let Some(name) = &user.name {
            let own = place.state_dir.join("profiles/per-user").join(name);
            found.push(own.join("profile"));
        }
    }
    found.push(place.state_dir.join("profiles/default"));
    found
}

fn without(typed: Option<&str>, place: &StorePlace) -> SourceError {
    let profiles = place.state_dir.join("profiles");
    let message = match typed {
        Some(typed) => {
            format!("{typed} has no generations: no link named like a generation is beside it")
        }
        None => "no profile has generations here".to_owned(),
    };
    SourceError::Other {
        message,
        hint: format!(
            "name a profile by its link: `ls {}` lists those of the system",
            profiles.display()
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    fn profile(made: &[i64], current: usize) -> Profile {
        let generation = |(at, &made): (usize, &i64)| ProfileGeneration {
            number: at as u64 + 1,
            link: PathBuf::new(),
            target: String::new(),
            created: Some(made),
            current: at == current,
        };
        Profile {
            generations: made.iter().enumerate().map(generation).collect(),
            ..Profile::default()
        }
    }

    #[test]
    fn what_was_in_use_then_and_what_is_in_use_now_stays() {
        let profile = profile(&[10, 20, 30, 40, 50], 3);
        let going = |rule| profile.going(rule, 55);
        assert_eq!(going(Rule::OlderThan(20)), [0, 1], "30 was in use at 35");
        assert_eq!(going(Rule::OlderThan(100)), [0; 0]);
        assert_eq!(going(Rule::OlderThan(i64::MAX)), [0; 0]);
        assert_eq!(going(Rule::OlderThan(0)), [0, 1, 2], "the one in use stays");
        assert_eq!(going(Rule::OlderThan(-50)), [0, 1, 2]);
        assert_eq!(going(Rule::KeepLast(1)), [0, 1, 2], "what is newer stays");
        assert_eq!(going(Rule::KeepLast(3)), [0]);
        assert_eq!(going(Rule::KeepLast(9)), [0; 0]);
        assert_eq!(going(Rule::KeepLast(0)), [0, 1, 2]);
    }

    use super::*;
    use crate::testing::hash_part;

    #[test]
    fn a_profile_is_meant_by_its_name_its_link_or_one_of_its_generations() {
        let lab = tempfile::tempdir().expect("a directory");
        let root = fs::canonicalize(lab.path()).expect("a directory");
        let profiles = root.join("nix/var/nix/profiles");
        fs::create_dir_all(&profiles).expect("a directory");
        let base = |n: u64| format!("{}-p{n}", hash_part(n));
        for number in [2, 10, 1] {
            let target = format!("/nix/store/{}", base(number));
            symlink(target, profiles.join(format!("system-{number}-link"))).expect("a link");
        }
        symlink("/elsewhere", profiles.join("system-3-link")).expect("a link");
        symlink("/nix/store/x", profiles.join("other-1-link")).expect("a link");
        symlink("system-2-link", profiles.join("system")).expect("a link");
        symlink(profiles.join("system"), root.join("by-way")).expect("a link");
        symlink("nowhere", root.join("dangling")).expect("a link");
        symlink("circle", root.join("circle")).expect("a link");
        let dir = StoreDir::default();
        let place = StorePlace::new(&root, dir.clone(), root.join("nix/var/nix"));
        let user = UserEnvironment {
            current_dir: root.clone(),
            ..UserEnvironment::default()
        };
        let read = |typed: Option<&str>| Profile::read(typed, &place, &user, &dir);
        let link = profiles.join("system").to_string_lossy().into_owned();
        for typed in [
            None,
            Some("system"),
            Some("by-way"),
            Some(link.as_str()),
            Some(&format!("{link}-10-link")),
            Some("/nix/var/nix/profiles/system"),
        ] {
            let profile = read(typed).expect("generations");
            let told: Vec<_> = profile
                .generations
                .iter()
                .map(|one| (one.number, one.current, one.target.clone()))
                .collect();
            let expected = [(1, false), (2, true), (10, false)];
            assert_eq!(
                told,
                expected.map(|(n, current)| (n, current, base(n))),
                "{typed:?}"
            );
            assert_eq!(profile.warnings.len(), 1, "one leads elsewhere");
        }
        for typed in ["circle", "dangling", "nothing", "/", "", ".", "\u{1b}[2J"] {
            let error = read(Some(typed)).expect_err("no profile");
            assert!(error.hint().is_some(), "{typed}");
        }
    }
}
