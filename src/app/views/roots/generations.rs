//! The generations of profiles: what each brought and dropped, and what letting some of them go would free.

use std::path::PathBuf;
use std::sync::Arc;

use crate::analysis::diff::{PackageChange, changed_packages};
use crate::analysis::what_if::Total;
use crate::job::{Cancelled, Progress};
use crate::model::Closure;
use crate::source::roots::profiles::{Profile, ProfileGeneration, Rule};
use crate::source::roots::store_roots::StoreRoots;
use crate::text;

use super::sort;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// What may be let go of each profile: what people choose.
const RULES: [Rule; 8] = [
    Rule::KeepLast(1),
    Rule::KeepLast(2),
    Rule::KeepLast(5),
    Rule::KeepLast(10),
    Rule::OlderThan(7 * DAY),
    Rule::OlderThan(14 * DAY),
    Rule::OlderThan(30 * DAY),
    Rule::OlderThan(90 * DAY),
];

/// Most profiles of which it is said what could be let go.
const MOST_PROFILES: usize = 20;

/// What a rule lets go of a profile.
#[derive(Debug, Clone)]
pub struct LetGo {
    /// The profile's link.
    profile: PathBuf,
    rule: Rule,
    /// The rows of the generations that go, the oldest first.
    pub rows: Vec<usize>,
    /// What dropping these together frees.
    pub freed: Total,
}

impl LetGo {
    /// What is to be done, in words: `system: keep the last 5`.
    pub fn words(&self) -> String {
        let profile = self.profile.file_name().unwrap_or_default();
        let profile = profile.to_string_lossy();
        match self.rule {
            Rule::KeepLast(1) => format!("{profile}: keep the last one"),
            Rule::KeepLast(count) => format!("{profile}: keep the last {count}"),
            Rule::OlderThan(seconds) => {
                format!(
                    "{profile}: delete what is older than {}",
                    text::age(seconds)
                )
            }
        }
    }
}

/// What each rule lets go of each profile, and what that frees. Rules that let nothing go are left out, and of those of one
/// kind that let the same go all but the first.
pub(super) fn let_go(store: &StoreRoots, progress: &Progress) -> Result<Vec<LetGo>, Cancelled> {
    let mut all: Vec<LetGo> = Vec::new();
    let runs = sort::runs(store, 0..store.rows.len());
    for run in runs.into_iter().take(MOST_PROFILES) {
        let Some(profile) = profile(store, &run) else {
            continue;
        };
        let begin = all.len();
        for rule in RULES {
            progress.check()?;
            let now = match (rule, store.listed.listed_at) {
                (Rule::OlderThan(_), None) => continue,
                (_, now) => now.unwrap_or(0),
            };
            let going = profile.going(rule, now);
            let rows: Vec<usize> = going.into_iter().map(|at| run[at]).collect();
            let kind = std::mem::discriminant(&rule);
            let is_said =
                |one: &LetGo| one.rows == rows && std::mem::discriminant(&one.rule) == kind;
            if rows.is_empty() || all[begin..].iter().any(is_said) {
                continue;
            }
            all.push(LetGo {
                profile: profile.link.clone(),
                rule,
                freed: store.freed(&rows).total,
                rows,
            });
        }
    }
    Ok(all)
}

/// The profile that some rows are the generations of, the oldest first.
fn profile(store: &StoreRoots, run: &[usize]) -> Option<Profile> {
    let mut profile = Profile::default();
    for &row in run {
        let root = store.roots_of(&store.rows[row]).next()?;
        let generation = root.generation.as_ref()?;
        profile.link.clone_from(&generation.profile);
        profile.generations.push(ProfileGeneration {
            number: generation.number,
            link: root.link.clone(),
            target: root.target.clone(),
            created: root.created,
            current: generation.current,
        });
    }
    Some(profile)
}

/// What is different in a generation from the one before.
#[derive(Debug, Clone)]
pub struct BroughtPackages {
    /// The row of the one before; `None` of the oldest one.
    pub before: Option<usize>,
    /// The packages that changed, the largest difference first.
    pub packages: Arc<[PackageChange]>,
}

/// Compares a generation with the one before.
pub(super) fn brought(
    store: &StoreRoots,
    row: usize,
    progress: &Progress,
) -> Result<BroughtPackages, Cancelled> {
    let before = sort::before(store, row);
    let closure = |row: usize| Closure::of(&store.graph, &store.rows[row].targets);
    let packages = match before {
        Some(before) => {
            progress.start("comparing generations", 0);
            let before = closure(before);
            progress.check()?;
            changed_packages(&store.graph, &before, &closure(row))
        }
        None => Vec::new(),
    };
    Ok(BroughtPackages {
        before,
        packages: packages.into(),
    })
}
