//! Replacing a package by another: in an overlay, or in a system that is already built.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::analysis::analysed::Analysed;
use crate::analysis::cut::is_joint;
use crate::analysis::step::Step;
use crate::model::PathId;

use super::nix::{comment, nixpkgs_attribute, string};
use super::{Remedy, RemedyKind};

/// Referrers that an overlay changes one by one; where there are more the package itself is replaced.
const ONE_BY_ONE: usize = 12;

/// One overlay for all replacements by another package.
pub(super) fn overlay(analysed: &Analysed, steps: &[Step]) -> Option<Remedy> {
    let graph = analysed.graph();
    let mut lines: BTreeMap<String, String> = BTreeMap::new();
    for step in steps {
        let Step::Replace { old, new } = *step else {
            continue;
        };
        let (was, now) = (graph.package(old), graph.package(new));
        if was.pname == now.pname {
            continue;
        }
        let (was, now) = (nixpkgs_attribute(was.pname), nixpkgs_attribute(now.pname));
        match referrers(analysed, old) {
            // Only they get the other: what the other needs itself stays as it is.
            Some(referrers) => {
                for name in referrers {
                    let entry = lines.entry(name.clone());
                    let entry = entry.or_insert_with(|| format!("prev.{name}"));
                    // Several arguments are given one after the other.
                    *entry = match entry.strip_prefix("prev.") {
                        Some(plain) if plain == name => {
                            format!("prev.{name}.override {{ {was} = final.{now}; }}")
                        }
                        _ => format!("({entry}).override {{ {was} = final.{now}; }}"),
                    };
                }
            }
            None => {
                lines.insert(was, format!("final.{now}"));
            }
        }
    }
    if lines.is_empty() {
        return None;
    }
    let mut nix = String::from("nixpkgs.overlays = [ (final: prev: {\n");
    for (name, value) in lines {
        let _ = writeln!(nix, "  {name} = {value};");
    }
    nix.push_str("}) ];");
    Some(Remedy {
        kind: RemedyKind::Overlay,
        title: "Packages that are built with another".to_owned(),
        nix,
        note: "Attributes, and the arguments of override, are guessed from names. What the replacement needs itself must not \
               be in the overlay: that would recurse without end."
            .to_owned(),
    })
}

/// The attributes of the packages that refer to a path, if these are all that do, and few.
fn referrers(analysed: &Analysed, id: PathId) -> Option<Vec<String>> {
    let (graph, closure) = (analysed.graph(), analysed.closure());
    let mut found: Vec<String> = Vec::new();
    for from in closure.referrers(graph, id) {
        let package = graph.package(from);
        if package.version.is_empty() || is_joint(graph.name(from)) || found.len() > ONE_BY_ONE {
            return None;
        }
        found.push(nixpkgs_attribute(package.pname));
    }
    found.sort_unstable();
    found.dedup();
    (!found.is_empty()).then_some(found)
}

/// Builds of names of equal length: a system can swap them without a build.
pub(super) fn replaced(analysed: &Analysed, steps: &[Step]) -> Option<Remedy> {
    let graph = analysed.graph();
    let mut lines = String::new();
    for step in steps {
        let Step::Replace { old, new } = *step else {
            continue;
        };
        if old == new || graph.name(old).len() != graph.name(new).len() {
            continue;
        }
        let path = |id: PathId| string(&graph.path(id).to_string());
        let _ = writeln!(
            lines,
            "  # {} → {}\n  {{\n    oldDependency = builtins.storePath {};\n    newDependency = builtins.storePath {};\n  }}",
            comment(graph.name(old)),
            comment(graph.name(new)),
            path(old),
            path(new)
        );
    }
    (!lines.is_empty()).then(|| Remedy {
        kind: RemedyKind::ReplaceDependencies,
        title: "Replace one build by another, without rebuilding".to_owned(),
        nix: format!("system.replaceDependencies.replacements = [\n{lines}];"),
        note: "Names have the same length, which the rewriting needs. Store paths need an impure evaluation; the \
               packages themselves (pkgs.…) work in any. Up to 24.11: system.replaceRuntimeDependencies."
            .to_owned(),
    })
}
