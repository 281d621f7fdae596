//! Guards: lines of Nix that make a build fail when something comes back.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::analysis::analysed::Analysed;
use crate::analysis::step::Step;
use crate::analysis::what_if::{Total, after};
use crate::model::{Closure, PathId, PathSet, StoreGraph};

use super::nix::{attribute, comment, nixpkgs_attribute, package_set, string};
use super::{Remedy, RemedyKind};

/// Entries of one guard: a longer list would not be maintained.
const MOST: usize = 40;
/// Limits are rounded up to this many bytes: a build of the next day is not to fail for a byte.
const STEP: u64 = 1 << 20;

/// The system's own guard, if the closure is that of a system.
pub(super) fn forbidden(analysed: &Analysed, gone: &[PathId], left: &PathSet) -> Option<Remedy> {
    let graph = analysed.graph();
    let mut roots = analysed.closure().roots().iter();
    if !roots.any(|&root| graph.name(root).starts_with("nixos-system-")) {
        return None;
    }
    let kept = StayingNames::of(graph, left);
    let patterns: BTreeSet<String> = gone
        .iter()
        .filter_map(|&id| pattern(graph, &kept, id))
        .collect();
    let staying = gone
        .iter()
        .filter(|&&id| pattern(graph, &kept, id).is_none())
        .count();
    if patterns.is_empty() {
        return None;
    }
    let mut nix = String::from("system.forbiddenDependenciesRegexes = [\n");
    for pattern in patterns.iter().take(MOST) {
        let _ = writeln!(nix, "  {}", string(pattern));
    }
    nix.push_str("];");
    let mut note = "The system is not built if one of them comes back. Each is pasted into a shell script as it is: \
                    add none with ( | ) or blanks."
        .to_owned();
    if staying > 0 {
        let _ = write!(
            note,
            " Not guarded: {staying} of which a path of the same name stays."
        );
    }
    Some(Remedy {
        kind: RemedyKind::ForbiddenDependencies,
        title: "The system is not built if they come back".to_owned(),
        nix,
        note,
    })
}

/// Names and packages that stay.
struct StayingNames<'a> {
    names: BTreeSet<&'a str>,
    packages: BTreeSet<(&'a str, Option<&'a str>)>,
}

impl<'a> StayingNames<'a> {
    fn of(graph: &'a StoreGraph, left: &PathSet) -> Self {
        let mut kept = Self {
            names: BTreeSet::new(),
            packages: BTreeSet::new(),
        };
        for id in left.iter() {
            let package = graph.package(id);
            kept.names.insert(graph.name(id));
            kept.packages.insert((package.pname, None));
            kept.packages.insert((package.pname, package.output));
        }
        kept
    }
}

/// As [`pattern`], of one path.
#[cfg(test)]
pub(super) fn pattern_of(graph: &StoreGraph, left: &PathSet, id: PathId) -> Option<String> {
    pattern(graph, &StayingNames::of(graph, left), id)
}

/// A pattern for `grep -E` that matches a path and others of its package, but none that stays: anchored at the hash, and
/// without a character that a shell minds. `None` where the name itself stays.
fn pattern(graph: &StoreGraph, kept: &StayingNames, id: PathId) -> Option<String> {
    const HASH: &str = "/[0-9a-z]{32}-";
    let (name, package) = (graph.name(id), graph.package(id));
    if kept.names.contains(name) {
        return None;
    }
    let numbered = package.version.starts_with(|c: char| c.is_ascii_digit());
    let stays = kept.packages.contains(&(package.pname, package.output));
    if !numbered || stays {
        return Some(format!("{HASH}{}$", literal(name)));
    }
    let pname = literal(package.pname);
    Some(match package.output {
        Some(output) => format!("{HASH}{pname}-[0-9][^/]*-{}$", literal(output)),
        None => format!("{HASH}{pname}-[0-9]"),
    })
}

/// A text as a pattern for itself. What no store path can have in it stands for any character.
fn literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' => pattern.push(character),
            '.' | '+' | '?' | '=' => {
                pattern.push('[');
                pattern.push(character);
                pattern.push(']');
            }
            _ => pattern.push('.'),
        }
    }
    pattern
}

/// Packages that a guard watches; each costs a walk of its closure.
const PACKAGES: usize = 40;

/// The guards of the packages that lose references: of all they need, or of what they name themselves where something else
/// of theirs needs it still.
pub(super) fn disallowed(
    analysed: &Analysed,
    references: &[(PathId, PathId)],
    steps: &[Step],
) -> Option<Remedy> {
    let graph = analysed.graph();
    let same = |a: &(PathId, PathId), b: &(PathId, PathId)| a.0 == b.0;
    let mut packages: BTreeMap<String, [BTreeSet<String>; 2]> = BTreeMap::new();
    for of_one in references.chunk_by(same).take(PACKAGES) {
        let from = of_one[0].0;
        let needed = after(graph, &Closure::of(graph, &[from]), steps);
        let name = nixpkgs_attribute(graph.package(from).pname);
        let both = packages.entry(name).or_default();
        for &(_, to) in of_one {
            both[usize::from(needed.contains(to))].insert(package_set(graph, "final", to));
        }
    }
    if packages.is_empty() {
        return None;
    }
    let mut nix = String::from("nixpkgs.overlays = [ (final: prev: {\n");
    for (name, lists) in packages {
        let _ = writeln!(nix, "  {name} = prev.{name}.overrideAttrs (old: {{");
        for (which, list) in ["disallowedRequisites", "disallowedReferences"]
            .iter()
            .zip(lists)
        {
            if !list.is_empty() {
                let list: Vec<String> = list.into_iter().collect();
                let _ = writeln!(
                    nix,
                    "    {which} = (old.{which} or [ ]) ++ [ {} ];",
                    list.join(" ")
                );
            }
        }
        nix.push_str("  });\n");
    }
    nix.push_str("}) ];");
    Some(Remedy {
        kind: RemedyKind::DisallowedRequisites,
        title: "The packages are not built if they need it again".to_owned(),
        nix,
        note: "disallowedReferences where another of their paths still needs it. With structured attributes they belong in \
               outputChecks. Attributes are guessed from names."
            .to_owned(),
    })
}

/// The guard of each root that is a package: sizes, and what it may not need.
pub(super) fn checks(analysed: &Analysed, gone: &[PathId], left: &PathSet) -> Option<Remedy> {
    let (graph, closure) = (analysed.graph(), analysed.closure());
    let [root] = closure.roots() else {
        return None;
    };
    let (root, after) = (*root, Total::of(graph, left));
    let pname = graph.package(root).pname;
    let (own, whole) = (graph.nar_size(root)?, after.exact()?);
    if !left.contains(root) || pname.starts_with("nixos-system-") {
        return None;
    }
    let up = |bytes: u64| bytes.div_ceil(STEP).saturating_mul(STEP);
    let mut packages: Vec<String> = Vec::new();
    for &id in gone.iter().take(MOST) {
        let line = package_set(graph, "final", id);
        if !packages.contains(&line) {
            packages.push(line);
        }
    }
    let (name, output) = (
        nixpkgs_attribute(pname),
        graph.package(root).output.unwrap_or("out"),
    );
    let mut nix = format!(
        "nixpkgs.overlays = [ (final: prev: {{\n  {name} = prev.{name}.overrideAttrs (old: {{   # {}\n    __structuredAttrs = true;\n    outputChecks.{} = {{\n      maxSize = {};\n      maxClosureSize = {};\n      disallowedRequisites = [\n",
        comment(graph.name(root)),
        attribute(output),
        up(own),
        up(whole),
    );
    for package in packages {
        let _ = writeln!(nix, "        {package}");
    }
    nix.push_str("      ];\n    };\n  });\n}) ];");
    Some(Remedy {
        kind: RemedyKind::OutputChecks,
        title: "The package is not built if it grows, or if they come back".to_owned(),
        nix,
        note: "Bytes are those predicted, rounded up to a MiB. Attributes are guessed from names. With structured attributes \
               Nix reads outputChecks alone; without, write disallowedRequisites beside the other attributes."
            .to_owned(),
    })
}
