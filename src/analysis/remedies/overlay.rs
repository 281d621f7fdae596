//! Packages that are built differently: a replacement, a reference that is forgotten, an output of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::analysis::analysed::Analysed;
use crate::analysis::cut::is_joint;
use crate::analysis::step::Step;
use crate::model::PathId;

use super::nix::{attribute, comment, package, string};
use super::{Remedy, RemedyKind};

/// Outputs that are for compilers or readers: what refers to them has no output of its own for that.
const APART: &[&str] = &["dev", "man", "doc", "info", "devdoc"];

/// One overlay for all replacements by another package, and for all references that packages are to forget.
pub(super) fn overlay(analysed: &Analysed, steps: &[Step]) -> Option<Remedy> {
    let graph = analysed.graph();
    let mut lines: BTreeMap<String, String> = BTreeMap::new();
    for step in steps {
        if let Step::Replace { old, new } = *step {
            let (was, now) = (graph.package(old), graph.package(new));
            if was.pname != now.pname {
                let entry = format!("final.{}", attribute(now.pname));
                lines.insert(attribute(was.pname), entry);
            }
        }
    }
    for (from, targets) in forgotten(analysed, steps) {
        let name = attribute(graph.package(from).pname);
        let known = lines.contains_key(&name);
        if !known {
            let set = format!("prev.{name}");
            lines.insert(
                name,
                format!(
                    "{set}.overrideAttrs (old: {{\n{}    }})",
                    body(analysed, &targets)
                ),
            );
        }
    }
    if lines.is_empty() {
        return None;
    }
    let mut nix = String::from("nixpkgs.overlays = [ (final: prev: {\n");
    for (name, value) in lines {
        let _ = writeln!(nix, "    {name} = {value};");
    }
    nix.push_str("}) ];");
    Some(Remedy {
        kind: RemedyKind::Overlay,
        title: "Packages that are built differently".to_owned(),
        nix,
        note: "Attributes are guessed from names. A package that the replacement needs itself must not be in the overlay: \
               that is an endless recursion. Programs that do need what they forget break."
            .to_owned(),
    })
}

/// The references that packages, not the system's own joints or generated pieces, are to lose: targets by referrer.
fn forgotten(analysed: &Analysed, steps: &[Step]) -> BTreeMap<PathId, BTreeSet<PathId>> {
    let graph = analysed.graph();
    let mut found: BTreeMap<PathId, BTreeSet<PathId>> = BTreeMap::new();
    for step in steps {
        if let Step::Cut { from, to } = *step {
            let versioned = |id: PathId| !graph.package(id).version.is_empty();
            let built = versioned(from) && versioned(to) && !is_joint(graph.name(from));
            if built {
                found.entry(from).or_default().insert(to);
            }
        }
    }
    found
}

fn body(analysed: &Analysed, targets: &BTreeSet<PathId>) -> String {
    let graph = analysed.graph();
    let mut body = String::new();
    let apart: BTreeSet<&str> = targets
        .iter()
        .filter_map(|&to| graph.package(to).output)
        .filter(|output| APART.contains(output))
        .collect();
    if !apart.is_empty() {
        let outputs: Vec<String> = apart.iter().map(|output| string(output)).collect();
        let _ = writeln!(
            body,
            "      # or an output of its own for what needs it:\n      # outputs = [ \"out\" {} ];",
            outputs.join(" ")
        );
    }
    body.push_str(
        "      nativeBuildInputs = (old.nativeBuildInputs or [ ]) ++ [ final.removeReferencesTo ];\n      postFixup = (old.postFixup or \"\") + ''\n",
    );
    for &to in targets {
        let _ = writeln!(
            body,
            "        find \"$out\" -type f -exec remove-references-to -t ${{{}}} {{}} +",
            package(graph, "final", to)
        );
    }
    body.push_str("      '';\n");
    body
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
        title: "One build in place of another, without a build".to_owned(),
        nix: format!("system.replaceDependencies.replacements = [\n{lines}];"),
        note: "Names have the same length, which the rewriting needs. Store paths want an evaluation that is not pure; the \
               packages themselves (pkgs.…) work in any. Up to 24.11: system.replaceRuntimeDependencies."
            .to_owned(),
    })
}
