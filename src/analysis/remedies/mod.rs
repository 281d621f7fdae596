//! Remedies and guards: lines of Nix that do what a plan says, and lines that keep what it took out from coming back.
//!
//! Attributes are guessed from the names of packages, which the note of each remedy says. Every text is quoted: a name out of
//! somebody else's store ends no string, and is no code.

mod guards;
mod nix;
mod overlay;

use std::collections::BTreeSet;

use crate::job::Cancelled;
use crate::model::{PathId, PathSet};

use super::analysed::Analysed;
use super::hints::{Hints, held};
use super::step::Step;
use super::what_if::after;

/// What a remedy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RemedyKind {
    /// An option of NixOS that is known to take away what the plan does.
    Option,
    /// Packages built differently.
    Overlay,
    /// One build in place of another, without a build.
    ReplaceDependencies,
    /// The system is not built if a path comes back.
    ForbiddenDependencies,
    /// A package is not built if a path comes back, or if it grows.
    OutputChecks,
}

impl RemedyKind {
    /// A stable name for machines.
    pub fn key(self) -> &'static str {
        match self {
            Self::Option => "option",
            Self::Overlay => "overlay",
            Self::ReplaceDependencies => "replaceDependencies",
            Self::ForbiddenDependencies => "forbiddenDependencies",
            Self::OutputChecks => "outputChecks",
        }
    }
}

/// Lines to paste into a module of NixOS, with `config`, `lib`, `pkgs` and `modulesPath` in scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// What it is.
    pub kind: RemedyKind,
    /// For people, in a line.
    pub title: String,
    /// The lines.
    pub nix: String,
    /// What to look at before they are used.
    pub note: String,
}

/// What does the steps, and what guards them afterwards; first the former.
pub fn remedies(
    analysed: &Analysed,
    hints: &Hints,
    steps: &[Step],
) -> Result<Vec<Remedy>, Cancelled> {
    if steps.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = options(analysed, hints, steps)?;
    found.extend(overlay::overlay(analysed, steps));
    found.extend(overlay::replaced(analysed, steps));
    let left = after(analysed.graph(), analysed.closure(), steps);
    let gone = gone(analysed, steps, &left);
    found.extend(guards::forbidden(analysed, &gone, &left));
    found.extend(guards::checks(analysed, &gone, &left));
    Ok(found)
}

/// The entries of the knowledge base all of whose references the plan takes away.
fn options(analysed: &Analysed, hints: &Hints, steps: &[Step]) -> Result<Vec<Remedy>, Cancelled> {
    let goes: BTreeSet<(PathId, PathId)> = steps
        .iter()
        .filter_map(|step| match *step {
            Step::Cut { from, to } => Some((from, to)),
            _ => None,
        })
        .collect();
    let removed = |id: PathId| steps.contains(&Step::Remove(id));
    let (held, _, _) = held(analysed, hints)?;
    let covered = held.into_iter().filter(|held| {
        let mut references = held.references.iter();
        !held.references.is_empty()
            && references.all(|&(from, to)| goes.contains(&(from, to)) || removed(to))
    });
    let remedies = covered.map(|held| {
        let hint = &hints.entries()[held.hint];
        Remedy {
            kind: RemedyKind::Option,
            title: hint.title.clone(),
            nix: hint.how.clone(),
            note: hint.effect.clone(),
        }
    });
    Ok(remedies.collect())
}

/// What the steps name and what no longer is in the closure after them, ascending: what a guard keeps out.
fn gone(analysed: &Analysed, steps: &[Step], left: &PathSet) -> Vec<PathId> {
    let named = steps.iter().map(|step| match *step {
        Step::Remove(id) => id,
        Step::Cut { to, .. } => to,
        Step::Replace { old, .. } => old,
    });
    let mut gone: Vec<PathId> = named
        .filter(|&id| analysed.closure().contains(id) && !left.contains(id))
        .collect();
    gone.sort_unstable();
    gone.dedup();
    gone
}

#[cfg(test)]
mod tests;
