//! Remedies and guards: lines of Nix that do what a plan says, and lines that keep what it took out from coming back.
//!
//! Attributes are guessed from the names of packages, as the note of each remedy says. Every text is quoted: a name
//! from a stranger's store cannot end a string, so it is never code.

mod forget;
mod guards;
mod nix;
mod options;
mod overlay;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::job::Cancelled;
use crate::model::{PathId, PathSet};

use super::advice::words;
use super::analysed::Analysed;
use super::cut::is_joint;
use super::evidence_class::Class;
use super::hints::Hints;
use super::step::Step;
use super::what_if::after;

/// What a remedy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RemedyKind {
    /// An option of NixOS that is known to take away what the plan does.
    Option,
    /// Packages built with another package.
    Overlay,
    /// Packages that write over a path they name.
    RemoveReferences,
    /// Packages that write over every store path in some of their files.
    NukeReferences,
    /// Packages with an output of its own for what needs a path.
    SplitOutputs,
    /// Packages whose search paths for libraries name only what is needed.
    ShrinkRunpath,
    /// Packages without debug information.
    Strip,
    /// One build replaced by another, without rebuilding.
    ReplaceDependencies,
    /// The system is not built if a path comes back.
    ForbiddenDependencies,
    /// A package is not built if a path comes back.
    DisallowedRequisites,
    /// A package is not built if a path comes back, or if it grows.
    OutputChecks,
}

impl RemedyKind {
    /// A stable name for machines.
    pub fn key(self) -> &'static str {
        match self {
            Self::Option => "option",
            Self::Overlay => "overlay",
            Self::RemoveReferences => "removeReferences",
            Self::NukeReferences => "nukeReferences",
            Self::SplitOutputs => "splitOutputs",
            Self::ShrinkRunpath => "shrinkRunpath",
            Self::Strip => "strip",
            Self::ReplaceDependencies => "replaceDependencies",
            Self::ForbiddenDependencies => "forbiddenDependencies",
            Self::DisallowedRequisites => "disallowedRequisites",
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

/// What the files say of references: the strongest reason for each, and the files it stands in, relative to the referrer;
/// no files where not all are known.
pub type Seen = BTreeMap<(PathId, PathId), (Class, Vec<String>)>;

/// What does the steps, and what guards them afterwards; first the former. What was `seen` in the files decides how a package
/// loses a reference.
pub fn remedies(
    analysed: &Analysed,
    hints: &Hints,
    steps: &[Step],
    seen: &Seen,
) -> Result<Vec<Remedy>, Cancelled> {
    if steps.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = options::known(analysed, hints, steps)?;
    found.extend(options::units(analysed.graph(), steps));
    // What is known says the same as what is guessed where both are right.
    let known: Vec<String> = found.iter().map(|one| plain(&one.nix)).collect();
    let guessed = overlay::overlay(analysed, steps);
    found.extend(guessed.filter(|one| !known.contains(&plain(&one.nix))));
    let references = by_packages(analysed, steps);
    found.extend(forget::forgotten(analysed, &references, seen));
    found.extend(overlay::replaced(analysed, steps));
    let left = after(analysed.graph(), analysed.closure(), steps);
    let gone = gone(analysed, steps, &left);
    found.extend(guards::forbidden(analysed, &gone, &left));
    found.extend(guards::disallowed(analysed, &references, steps));
    found.extend(guards::checks(analysed, &gone, &left));
    Ok(found)
}

/// Lines of Nix without what only parts words.
fn plain(nix: &str) -> String {
    nix.split_whitespace().collect()
}

/// All of them as lines of one module: each is a module of its own in it, since several may define the same option.
pub fn together(remedies: &[Remedy]) -> String {
    let mut lines = String::from("imports = [\n");
    for remedy in remedies {
        let _ = writeln!(lines, "  # {}\n  {{", nix::comment(&remedy.title));
        for line in remedy.nix.lines() {
            let _ = writeln!(lines, "    {line}");
        }
        lines.push_str("  }\n");
    }
    lines.push_str("];");
    lines
}

/// How the package of one reference loses it: lines for a class of what it stands in.
pub fn of_reference(
    analysed: &Analysed,
    reference: (PathId, PathId),
    class: Class,
    files: Vec<String>,
) -> Option<Remedy> {
    let seen = Seen::from([(reference, (class, files))]);
    forget::forgotten(analysed, &[reference], &seen).pop()
}

/// Packages that one removed path is taken out of; where there are more it is the configuration's business.
const FEW: usize = 12;

/// The references that packages, not the system's own joints or generated pieces, are to lose, where the packages stay;
/// ascending. To look for what they stand in is worth the time.
pub fn by_packages(analysed: &Analysed, steps: &[Step]) -> Vec<(PathId, PathId)> {
    let (graph, closure) = (analysed.graph(), analysed.closure());
    let left = after(graph, closure, steps);
    let is_package = |id: PathId| {
        let name = graph.name(id);
        let assembled = is_joint(name) || words::is_environment(name) || words::is_generated(name);
        !graph.package(id).version.is_empty() && !assembled
    };
    let is_built = |&(from, to): &(PathId, PathId)| {
        left.contains(from) && is_package(from) && !graph.package(to).version.is_empty()
    };
    let mut found: Vec<(PathId, PathId)> = Vec::new();
    for step in steps {
        match *step {
            Step::Cut { from, to } => found.extend(Some((from, to)).filter(is_built)),
            Step::Remove(to) if closure.contains(to) => {
                let from = closure.referrers(graph, to);
                let all: Vec<_> = from.map(|from| (from, to)).filter(is_built).collect();
                if all.len() <= FEW {
                    found.extend(all);
                }
            }
            Step::Remove(_) | Step::Replace { .. } => {}
        }
    }
    found.sort_unstable();
    found.dedup();
    found
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
