//! How the package of a referrer can lose a reference, depending on the files that contain it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::analysis::analysed::Analysed;
use crate::analysis::evidence_class::Class;
use crate::model::{PathId, StoreGraph};

use super::nix::{nixpkgs_attribute, package_set, string};
use super::{Remedy, RemedyKind, Seen};

/// Outputs for compilers or readers: what of a package needs them can be an output of its own.
const APART: &[&str] = &["dev", "man", "doc", "info", "devdoc"];
/// Files that are named in one package; of more all files are looked through.
const NAMED: usize = 8;

/// A way to lose a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// The path's name is written over wherever it stands.
    Remove,
    /// All store paths in some files are written over.
    Nuke,
    /// What needs it becomes an output of its own.
    Split,
    /// Entries of search paths in which no library is found are left out.
    Shrink,
    /// Debug information is left out, or kept elsewhere.
    Strip,
}

impl Way {
    const ALL: [Self; 5] = [
        Self::Remove,
        Self::Nuke,
        Self::Split,
        Self::Shrink,
        Self::Strip,
    ];

    /// The way for a reference that stands in nothing stronger than this.
    fn of(class: Class) -> Self {
        match class {
            Class::LanguageMetadata | Class::BuildMetadata => Self::Nuke,
            Class::Header | Class::Documentation => Self::Split,
            Class::Debug => Self::Strip,
            Class::UnneededRunpath => Self::Shrink,
            _ => Self::Remove,
        }
    }

    fn kind(self) -> RemedyKind {
        match self {
            Self::Remove => RemedyKind::RemoveReferences,
            Self::Nuke => RemedyKind::NukeReferences,
            Self::Split => RemedyKind::SplitOutputs,
            Self::Shrink => RemedyKind::ShrinkRunpath,
            Self::Strip => RemedyKind::Strip,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Remove => "Packages that forget a path they name",
            Self::Nuke => "Packages some of whose files forget every store path",
            Self::Split => "Packages with an output of its own for what needs it",
            Self::Shrink => "Packages that look for libraries only where there are some",
            Self::Strip => "Packages without debug information",
        }
    }

    fn note(self) -> &'static str {
        match self {
            Self::Remove => {
                "Programs that do need what they forget break. Attributes are guessed from names."
            }
            Self::Nuke => {
                "For files that only tell how something was built. nuke-refs writes over every store path in them; `-e PATH` \
                 keeps one. Attributes are guessed from names."
            }
            Self::Split => {
                "stdenv moves headers, pkg-config files and manuals to these outputs by itself; for other files: moveToOutput \
                 PATH \"$dev\" in postInstall. Attributes are guessed from names."
            }
            Self::Shrink => {
                "The loader finds nothing in these directories. What is opened by name while the program runs (dlopen) can \
                 need one all the same. Attributes are guessed from names."
            }
            Self::Strip => {
                "With separateDebugInfo it goes to an output debug, which nothing holds. Attributes are guessed from names."
            }
        }
    }
}

/// What one package loses in one way.
#[derive(Debug, Default)]
struct Lost {
    targets: BTreeSet<PathId>,
    /// Files with the output they are in, as a shell reads them.
    files: BTreeSet<String>,
    /// Whether a reference stands in files that are not named.
    is_anywhere: bool,
    outputs: BTreeSet<&'static str>,
}

/// The remedies for references, one for each way.
pub(super) fn forgotten(
    analysed: &Analysed,
    references: &[(PathId, PathId)],
    seen: &Seen,
) -> Vec<Remedy> {
    let graph = analysed.graph();
    let mut ways: BTreeMap<Way, BTreeMap<String, Lost>> = BTreeMap::new();
    for &(from, to) in references {
        let found = seen.get(&(from, to));
        for way in ways_for(graph, to, found.map(|(class, _)| *class)) {
            let name = nixpkgs_attribute(graph.package(from).pname);
            let lost = ways.entry(way).or_default().entry(name).or_default();
            lost.targets.insert(to);
            let files = found.map_or(&[][..], |(_, files)| files);
            let named = files.iter().map(|file| shell_file(graph, from, file));
            let named: Option<Vec<String>> = named.collect();
            match named.filter(|files| !files.is_empty()) {
                Some(files) => lost.files.extend(files),
                None => lost.is_anywhere = true,
            }
            lost.is_anywhere |= lost.files.len() > NAMED;
            lost.outputs.extend(outputs_for(graph, to, found));
        }
    }
    let ways = Way::ALL
        .iter()
        .filter_map(|&way| Some((way, ways.get(&way)?)));
    ways.map(|(way, packages)| remedy(graph, way, packages))
        .collect()
}

/// The ways that a reference can go. Without a look at the files its target's output tells a second one.
fn ways_for(graph: &StoreGraph, to: PathId, class: Option<Class>) -> Vec<Way> {
    if let Some(class) = class {
        return vec![Way::of(class)];
    }
    let output = graph.package(to).output;
    let apart = output.is_some_and(|output| APART.contains(&output));
    let mut ways = vec![Way::Remove];
    ways.extend(apart.then_some(Way::Split));
    ways
}

/// The outputs that are to hold what needs a path.
fn outputs_for(
    graph: &StoreGraph,
    to: PathId,
    found: Option<&(Class, Vec<String>)>,
) -> BTreeSet<&'static str> {
    let Some((class, files)) = found else {
        let output = graph.package(to).output.unwrap_or_default();
        let known = APART.iter().find(|known| **known == output);
        return BTreeSet::from([known.copied().unwrap_or("dev")]);
    };
    let documents = *class == Class::Documentation;
    let usual = if documents { "doc" } else { "dev" };
    let of_file = |file: &String| match file.split('/').nth(1) {
        Some("man") if file.starts_with("share/") => "man",
        Some("info") if file.starts_with("share/") => "info",
        Some("doc" | "gtk-doc") if file.starts_with("share/") => "doc",
        _ => usual,
    };
    if files.is_empty() {
        return BTreeSet::from([usual]);
    }
    files.iter().map(of_file).collect()
}

/// A file of a path below the variable of its output, in double quotes; nothing if a shell or Nix would read something else.
fn shell_file(graph: &StoreGraph, from: PathId, file: &str) -> Option<String> {
    let output = graph.package(from).output.unwrap_or("out");
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._+-=@,%".contains(c);
    let named = !file.is_empty() && !file.starts_with('/') && file.chars().all(plain);
    (named && is_variable(output)).then(|| format!("\"${output}/{file}\""))
}

fn is_variable(output: &str) -> bool {
    let first = output
        .chars()
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic());
    first
        && output
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn remedy(graph: &StoreGraph, way: Way, packages: &BTreeMap<String, Lost>) -> Remedy {
    let mut nix = String::from("nixpkgs.overlays = [ (final: prev: {\n");
    for (name, lost) in packages {
        let _ = writeln!(nix, "  {name} = prev.{name}.overrideAttrs (old: {{");
        nix.push_str(&body(graph, way, lost));
        nix.push_str("  });\n");
    }
    nix.push_str("}) ];");
    Remedy {
        kind: way.kind(),
        title: way.title().to_owned(),
        nix,
        note: way.note().to_owned(),
    }
}

fn body(graph: &StoreGraph, way: Way, lost: &Lost) -> String {
    let files: Vec<&str> = lost.files.iter().map(String::as_str).collect();
    let files = (!lost.is_anywhere).then(|| files.join(" "));
    match way {
        Way::Remove => {
            let targets = lost.targets.iter();
            let targets: Vec<String> = targets
                .map(|&to| format!("-t ${{{}}}", package_set(graph, "final", to)))
                .collect();
            let command = format!("remove-references-to {}", targets.join(" "));
            after_fixup("removeReferencesTo", &on(&command, files.as_deref()))
        }
        Way::Nuke => after_fixup("nukeReferences", &on("nuke-refs", files.as_deref())),
        Way::Shrink => {
            let shrink = "sh -c 'for file; do patchelf --shrink-rpath \"$file\" || true; done' sh";
            after_fixup("patchelf", &on(shrink, files.as_deref()))
        }
        Way::Split => {
            let outputs: Vec<String> = lost.outputs.iter().map(|output| string(output)).collect();
            format!(
                "    outputs = final.lib.unique ((old.outputs or [ \"out\" ]) ++ [ {} ]);\n",
                outputs.join(" ")
            )
        }
        Way::Strip => "    dontStrip = false;\n    separateDebugInfo = true;\n".to_owned(),
    }
}

/// A command for some files, or for all of a package's.
fn on(command: &str, files: Option<&str>) -> String {
    match files {
        Some(files) => format!("{command} {files}"),
        None => format!("find \"$out\" -type f -exec {command} {{}} +"),
    }
}

fn after_fixup(tool: &str, command: &str) -> String {
    format!(
        "    nativeBuildInputs = (old.nativeBuildInputs or [ ]) ++ [ final.{tool} ];\n    \
         postFixup = (old.postFixup or \"\") + ''\n      {command}\n    '';\n"
    )
}
