//! Steps of a plan that try a change of the configuration. What a try gives is known only once the configuration is evaluated;
//! what it was predicted to take away may be written down with it, so that it can be told later whether that is gone.

use std::fmt::Write as _;

use serde::Deserialize;

use super::file::Named;
use super::found::Finder;
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
    leaves: Vec<Named>,
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
}

impl NamedTry {
    pub(super) fn of(record: TryRecord) -> Self {
        let named = |base: &String| {
            let (hash, name) = split_base_name(base).ok()?;
            Some(Named {
                pname: Some(PackageName::parse(name).pname.to_owned()),
                name: Some(name.to_owned()),
                hash: Some(hash.to_owned()),
            })
        };
        let leaves: Vec<Named> = record.leaves.iter().filter_map(named).collect();
        if leaves.is_empty() {
            return Self::Plain(record.change);
        }
        Self::Told(Told {
            change: record.change,
            leaves,
        })
    }

    pub(super) fn change(&self) -> &str {
        match self {
            Self::Plain(change) | Self::Told(Told { change, .. }) => change,
        }
    }

    /// What it was predicted to take away.
    pub(super) fn leaves(&self) -> &[Named] {
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
            promised,
        }
    }

    /// As it is written in a plan.
    pub(super) fn to_text(&self) -> String {
        let change = toml::Value::from(self.change()).to_string();
        let leaves = self.leaves();
        if leaves.is_empty() {
            return format!("try = {change}\n");
        }
        let mut text = format!("try.change = {change}\ntry.leaves = [\n");
        for named in leaves {
            let _ = writeln!(text, "  {{ {} }},", named.fields());
        }
        text.push_str("]\n");
        text
    }
}
