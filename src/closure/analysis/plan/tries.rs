//! Steps of a plan that try a change of the configuration. What a try gives is known only once the configuration is evaluated;
//! what it was predicted to take away may be written down with it, so that it can be told later whether that is gone.

use std::fmt::Write as _;

use serde::Deserialize;

use super::file::NamedPath;
use super::found::Finder;
use crate::analysis::what_if::Difference;
use crate::model::PathId;
use crate::model::store_path::{PackageName, split_base_name};

/// A change, as a plan has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "a change: try = \"services.x.enable = false;\"")]
pub(super) enum NamedTry {
    /// Only the change.
    Plain(String),
    /// With what it was predicted to take away.
    Told(Told),
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Told {
    change: String,
    #[serde(default)]
    leaves: Vec<NamedPath>,
    /// Bytes that it was predicted to free by itself.
    #[serde(default)]
    frees: Option<i64>,
}

/// A change of the configuration that is to be tried, as a step of a plan at hand. Two of the same change are the same step,
/// whatever is known of them.
#[derive(Debug, Clone)]
pub struct TryStep {
    named: NamedTry,
    known: TryKnown,
}

/// What is known of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TryKnown {
    /// It was not evaluated yet.
    Nothing,
    /// What was written down: bytes that it was predicted to free.
    Promised(i64),
    /// What it was found to free by itself.
    Found(Difference),
}

impl PartialEq for TryStep {
    fn eq(&self, other: &Self) -> bool {
        self.change() == other.change()
    }
}

impl Eq for TryStep {}

impl TryStep {
    /// A change that was not evaluated, or of which something was written down.
    pub fn of(record: TryRecord) -> Self {
        let known = record.frees.map_or(TryKnown::Nothing, TryKnown::Promised);
        Self {
            named: NamedTry::of(record),
            known,
        }
    }

    /// A change that was evaluated: what it frees by itself, and the base names of what leaves with nothing in its place.
    pub fn found(change: String, freed: Difference, leaves: &[String]) -> Self {
        Self {
            named: NamedTry::of(TryRecord {
                change,
                leaves: leaves.to_vec(),
                frees: freed.exact(),
            }),
            known: TryKnown::Found(freed),
        }
    }

    pub(super) fn written(named: &NamedTry, promised: Option<i64>) -> Self {
        let frees = promised.or_else(|| named.frees());
        Self {
            named: named.clone(),
            known: frees.map_or(TryKnown::Nothing, TryKnown::Promised),
        }
    }

    pub(super) fn into_named(self) -> NamedTry {
        self.named
    }

    /// The change: the body of a module, or the name of a file with one.
    pub fn change(&self) -> &str {
        self.named.change().trim()
    }

    /// The change in one line, without comments.
    pub fn in_one_line(&self) -> String {
        in_one_line(self.change())
    }

    /// What is known of it.
    pub fn known(&self) -> TryKnown {
        self.known
    }

    /// Another closure is looked at: what it was found to give was found for the one before.
    #[must_use]
    pub fn of_before(self) -> Self {
        let known = match self.known {
            TryKnown::Found(freed) => freed.exact().map_or(TryKnown::Nothing, TryKnown::Promised),
            known => known,
        };
        Self { known, ..self }
    }
}

/// Lines of a module in one, without comments.
pub fn in_one_line(lines: &str) -> String {
    let lines = lines.lines().map(str::trim);
    let code = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    code.collect::<Vec<_>>().join(" ")
}

/// A try of a plan, in a closure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedTry {
    /// The step's position in the file, from 1.
    pub step: usize,
    /// The change: the body of a module, or the name of a file with one.
    pub change: String,
    /// What of that which it was predicted to take away is there; `None` if that was not written down.
    pub leaves: Option<Vec<PathId>>,
    /// Bytes that the step was said to free, if that was written down.
    pub promised: Option<i64>,
}

/// A try to be written down: the change, and the base names of what it is predicted to take away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TryRecord {
    /// The change.
    pub change: String,
    /// What leaves with nothing in its place.
    pub leaves: Vec<String>,
    /// Bytes that it is predicted to free by itself, where that is not told with all steps.
    pub frees: Option<i64>,
}

impl NamedTry {
    pub(super) fn of(record: TryRecord) -> Self {
        let named = |base: &String| {
            let (hash, name) = split_base_name(base).ok()?;
            Some(NamedPath {
                pname: Some(PackageName::parse(name).pname.to_owned()),
                name: Some(name.to_owned()),
                hash: Some(hash.to_owned()),
            })
        };
        let leaves: Vec<NamedPath> = record.leaves.iter().filter_map(named).collect();
        if leaves.is_empty() && record.frees.is_none() {
            return Self::Plain(record.change);
        }
        Self::Told(Told {
            change: record.change,
            leaves,
            frees: record.frees,
        })
    }

    pub(super) fn change(&self) -> &str {
        match self {
            Self::Plain(change) | Self::Told(Told { change, .. }) => change,
        }
    }

    /// Bytes that it was predicted to free by itself.
    fn frees(&self) -> Option<i64> {
        match self {
            Self::Plain(_) => None,
            Self::Told(told) => told.frees,
        }
    }

    /// What it was predicted to take away.
    pub(super) fn leaves(&self) -> &[NamedPath] {
        match self {
            Self::Plain(_) => &[],
            Self::Told(told) => &told.leaves,
        }
    }

    pub(super) fn planned(
        &self,
        finder: &Finder<'_>,
        step: usize,
        promised: Option<i64>,
    ) -> PlannedTry {
        let leaves = match self {
            Self::Plain(_) => None,
            Self::Told(told) => {
                let found = told.leaves.iter();
                Some(
                    found
                        .filter_map(|named| finder.member(named).ok())
                        .collect(),
                )
            }
        };
        PlannedTry {
            step,
            change: self.change().to_owned(),
            leaves,
            promised: promised.or_else(|| self.frees()),
        }
    }

    /// As it is written in a plan.
    pub(super) fn to_text(&self) -> String {
        let change = toml::Value::from(self.change()).to_string();
        let Self::Told(told) = self else {
            return format!("try = {change}\n");
        };
        let mut text = format!("try.change = {change}\n");
        if let Some(frees) = told.frees {
            let _ = writeln!(text, "try.frees = {frees}");
        }
        if told.leaves.is_empty() {
            return text;
        }
        text.push_str("try.leaves = [\n");
        for named in &told.leaves {
            let _ = writeln!(text, "  {{ {} }},", named.fields());
        }
        text.push_str("]\n");
        text
    }
}
