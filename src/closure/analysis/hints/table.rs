//! The table of what is known, read once and looked over whole.

use serde::Deserialize;
use thiserror::Error;

use super::{Machine, Pair, Pattern, Release};

/// The table that is used unless another one is given.
const TABLE: &str = include_str!("../../assets/hints.toml");

/// Why a table of hints cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HintsError {
    /// The text is not TOML, or not of the right shape.
    #[error("the table of hints cannot be read: {0}")]
    Syntax(String),
    /// A pair of patterns is none.
    #[error("'{pair}' of hint '{hint}' is not REFERRER:REFERENCE")]
    Pair {
        /// The hint.
        hint: String,
        /// What stands there.
        pair: String,
    },
    /// A release is none.
    #[error("'{release}' of hint '{hint}' is not a NixOS release such as 24.05")]
    Release {
        /// The hint.
        hint: String,
        /// What stands there.
        release: String,
    },
    /// Neither references nor a condition are given, so nothing says when the entry is of use.
    #[error("hint '{0}' removes no reference, and has no condition")]
    Nothing(String),
}

/// What may go wrong when an advice is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Nothing that is used stops working.
    Safe,
    /// Something stops working that is used on some machines.
    Feature,
    /// The machine can only be updated from outside.
    Appliance,
    /// The machine may not boot, or may not let its user in.
    Lockout,
}

impl Risk {
    /// A stable name for machines.
    pub fn key(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Feature => "feature",
            Self::Appliance => "appliance",
            Self::Lockout => "lockout",
        }
    }
}

/// How well an advice is founded, the best first. Bytes are exact whatever it says: it is about whether it can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// It was read in nixpkgs, or seen in the files.
    Verified,
    /// It is so as a rule.
    Likely,
    /// It can be tried.
    Unsure,
}

impl Confidence {
    /// A stable name for machines.
    pub fn key(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Likely => "likely",
            Self::Unsure => "unsure",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HintsTable {
    /// Packages that a graphical session cannot do without.
    desktops: Vec<String>,
    /// Packages of kernels.
    kernels: Vec<String>,
    /// Packages without which no system runs.
    essential: Vec<String>,
    hint: Vec<HintRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HintRow {
    id: String,
    title: String,
    options: Vec<String>,
    removes: Vec<String>,
    #[serde(default)]
    shows_with: Vec<String>,
    condition: Option<String>,
    risk: Risk,
    #[serde(default)]
    machines: Vec<Machine>,
    alternatives: Option<String>,
    since: Option<String>,
    until: Option<String>,
    how: String,
    effect: String,
    source: String,
    confidence: Confidence,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// Short and stable.
    pub id: String,
    /// For people, in a few words.
    pub title: String,
    /// The options that `how` sets; with `#` behind it a word tells entries apart that set one option to different ends.
    pub options: Vec<String>,
    /// What cannot be known before a build, where that is why no bytes are promised.
    pub condition: Option<String>,
    /// What may go wrong.
    pub risk: Risk,
    /// The machines it is meant for; all if none is named.
    pub machines: Vec<Machine>,
    /// What several entries do in different ways.
    pub alternatives: Option<String>,
    /// The first release that has it.
    pub since: Option<Release>,
    /// The last release that has it.
    pub until: Option<Release>,
    /// Lines of a NixOS module with `config`, `lib`, `pkgs` and `modulesPath` in scope.
    pub how: String,
    /// What leaves, and what stops working.
    pub effect: String,
    /// The file in nixpkgs.
    pub source: String,
    /// How well it is founded.
    pub confidence: Confidence,
    pub(super) removes: Vec<Pair>,
    pub(super) shows_with: Vec<Pair>,
}

impl Hint {
    /// The options of a module that it sets: what only builds a package otherwise sets none, and a profile is no option.
    fn set(&self) -> impl Iterator<Item = &str> {
        let names = self
            .options
            .iter()
            .filter_map(|option| option.split('#').next());
        names.filter(|name| !name.starts_with("pkgs.") && *name != "imports")
    }

    fn of(row: HintRow) -> Result<Self, HintsError> {
        let id = row.id;
        if row.removes.is_empty() && (row.condition.is_none() || row.shows_with.is_empty()) {
            return Err(HintsError::Nothing(id));
        }
        let pairs = |texts: Vec<String>| {
            let pair = |text: String| {
                Pair::parse(&text).ok_or_else(|| HintsError::Pair {
                    hint: id.clone(),
                    pair: text,
                })
            };
            texts.into_iter().map(pair).collect::<Result<Vec<_>, _>>()
        };
        let release = |text: Option<String>| {
            let read = |text: String| {
                Release::parse(&text).ok_or_else(|| HintsError::Release {
                    hint: id.clone(),
                    release: text,
                })
            };
            text.map(read).transpose()
        };
        Ok(Self {
            removes: pairs(row.removes)?,
            shows_with: pairs(row.shows_with)?,
            since: release(row.since)?,
            until: release(row.until)?,
            title: row.title,
            options: row.options,
            condition: row.condition,
            risk: row.risk,
            machines: row.machines,
            alternatives: row.alternatives,
            how: row.how.trim_end().to_owned(),
            effect: row.effect,
            source: row.source,
            confidence: row.confidence,
            id,
        })
    }
}

/// All that is known.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// The entries, in the order of the table.
    entries: Vec<Hint>,
    pub(super) desktops: Vec<Pattern>,
    pub(super) kernels: Vec<Pattern>,
    essential: Vec<Pattern>,
}

impl Hints {
    /// The built-in table.
    pub fn built_in() -> Self {
        // A test parses the table, so the fallback is never taken.
        Self::parse(TABLE).unwrap_or_default()
    }

    /// Reads a table.
    pub fn parse(text: &str) -> Result<Self, HintsError> {
        let table: HintsTable =
            toml::from_str(text).map_err(|error| HintsError::Syntax(error.to_string()))?;
        let patterns = |texts: Vec<String>| texts.iter().map(|text| Pattern::of(text)).collect();
        Ok(Self {
            entries: table
                .hint
                .into_iter()
                .map(Hint::of)
                .collect::<Result<_, _>>()?,
            desktops: patterns(table.desktops),
            kernels: patterns(table.kernels),
            essential: patterns(table.essential),
        })
    }

    /// The entries, in the order of the table.
    pub fn entries(&self) -> &[Hint] {
        &self.entries
    }

    /// The options that entries set, each once.
    pub fn options(&self) -> Vec<&str> {
        let mut options: Vec<&str> = self.entries.iter().flat_map(Hint::set).collect();
        options.sort_unstable();
        options.dedup();
        options
    }

    /// Those that can be followed where some options are not there.
    #[must_use]
    pub fn without(mut self, missing: &[String]) -> Self {
        let is_missing = |option: &str| missing.iter().any(|other| other == option);
        self.entries.retain(|hint| !hint.set().any(is_missing));
        self
    }

    /// The entry of this name.
    pub fn find(&self, id: &str) -> Option<&Hint> {
        self.entries.iter().find(|hint| hint.id == id)
    }

    /// Whether no system runs without a path of this name, so that nothing but an entry speaks of leaving it out.
    pub fn is_essential(&self, name: &str) -> bool {
        let mut essential = self.essential.iter();
        essential.any(|pattern| pattern.matches_name(name))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_built_in_table_is_sound() {
        let hints = Hints::parse(TABLE).expect("a table");
        assert!(hints.entries().len() >= 90);
        let (mut ids, mut options) = (BTreeSet::new(), BTreeSet::new());
        for hint in hints.entries() {
            assert!(ids.insert(&hint.id), "{} is there twice", hint.id);
            assert!(!hint.options.is_empty(), "{}", hint.id);
            for option in &hint.options {
                assert!(
                    options.insert(option),
                    "{option} is set by {} as well",
                    hint.id
                );
                let name = option.split('#').next().unwrap_or_default();
                let words = match name.strip_prefix("pkgs.") {
                    Some(_) => "pkgs",
                    None => name,
                };
                let set = hint.how.contains(words) || words.starts_with("pkgs");
                assert!(set, "{} does not set {name}", hint.id);
            }
            for text in [&hint.title, &hint.effect, &hint.source] {
                assert!(!text.trim().is_empty(), "{}", hint.id);
            }
            let (since, until) = (hint.since, hint.until);
            assert!(until.is_none_or(|until| since.is_none_or(|since| since <= until)));
            let mut pairs = BTreeSet::new();
            for pair in &hint.removes {
                assert!(
                    pairs.insert(format!("{pair:?}")),
                    "{}: {pair:?} twice",
                    hint.id
                );
            }
        }
    }

    #[test]
    fn what_sets_a_missing_option_is_left_out() {
        let hints = Hints::built_in();
        let all = hints.entries().len();
        let options: Vec<String> = hints.options().into_iter().map(str::to_owned).collect();
        assert!(options.iter().all(|option| !option.contains('#')));
        let some = hints.clone().without(&options[..1]);
        assert!(some.entries().len() < all);
        assert!(!some.options().contains(&options[0].as_str()));
        let none = hints.clone().without(&options);
        assert!(
            none.entries()
                .iter()
                .all(|hint| hint.set().next().is_none())
        );
        assert_eq!(hints.clone().without(&[]).entries().len(), all);
        let first = &hints.entries()[0];
        assert_eq!(hints.find(&first.id), Some(first));
    }

    #[test]
    fn alternatives_are_several() {
        let hints = Hints::built_in();
        for hint in hints.entries() {
            if let Some(group) = &hint.alternatives {
                let same = |other: &&Hint| other.alternatives.as_ref() == Some(group);
                let count = hints.entries().iter().filter(same).count();
                assert!(count > 1, "{group}");
            }
        }
    }

    #[test]
    fn a_table_that_cannot_be_used_is_refused_with_the_reason() {
        let table = |row: &str| {
            format!(
                "desktops=[]\nkernels=[]\nessential=[]\n[[hint]]\nid='x'\ntitle='x'\noptions=['a']\nrisk='safe'\nhow='a'\neffect='e'\nsource='s'\nconfidence='likely'\n{row}\n"
            )
        };
        let refused = |row: &str| Hints::parse(&table(row)).err();
        assert!(matches!(Hints::parse("x"), Err(HintsError::Syntax(_))));
        assert_eq!(
            refused("removes=[]"),
            Some(HintsError::Nothing("x".to_owned()))
        );
        assert!(matches!(
            refused("removes=['a']"),
            Some(HintsError::Pair { .. })
        ));
        let release = refused("removes=['a:b']\nsince='soon'");
        assert!(matches!(release, Some(HintsError::Release { .. })));
        assert_eq!(refused("removes=['a:b']\nsince='24.05'"), None);
    }
}
