//! Advice from the names of outputs: development files and documentation.

use crate::analysis::analysed::Analysed;
use crate::analysis::cut::is_joint;
use crate::analysis::hints::Risk;
use crate::job::Cancelled;
use crate::model::{PathId, PathSet};
use crate::text;

use super::{AdviceKind, Suggestion, cuts, freed, heaviest, words};

/// At most this many of each kind are advised, those that free most.
const MOST: usize = 20;
/// Packages that build others. What runs of them is in their outputs `lib` and `libgcc`.
const COMPILERS: &[&str] = &[
    "gcc",
    "gcc-wrapper",
    "binutils",
    "binutils-wrapper",
    "clang",
    "clang-wrapper",
    "rustc",
    "rustc-wrapper",
    "cargo",
    "ghc",
    "go",
    "gnat",
    "gfortran",
    "stdenv-linux",
    "cmake",
    "meson",
    "ninja",
    "gnumake",
    "bootstrap-tools",
    "linux-headers",
];
/// Outputs that run.
const RUNS: &[&str] = &["lib", "libgcc", "libs"];
/// Outputs for compilers.
const FOR_COMPILERS: &[&str] = &["dev", "headers", "static"];
/// Outputs for readers.
const FOR_READERS: &[&str] = &["man", "doc", "docs", "info", "devdoc", "devman", "texdoc"];

/// One advice for each path that is for compilers, and one for all outputs that document.
pub(super) fn found(analysed: &Analysed) -> Result<Vec<Suggestion>, Cancelled> {
    let mut found = development(analysed)?;
    found.extend(documentation(analysed));
    Ok(found)
}

/// Whether a path is for compilers alone.
fn is_for_compilers(analysed: &Analysed, id: PathId) -> bool {
    let graph = analysed.graph();
    if graph.is_derivation(id) {
        return false;
    }
    let package = graph.package(id);
    let output = package.output;
    let compiler = COMPILERS.contains(&package.pname) && !package.version.is_empty();
    output.is_some_and(|output| FOR_COMPILERS.contains(&output))
        || (compiler
            && output
                .is_none_or(|output| !RUNS.contains(&output) && !FOR_READERS.contains(&output)))
}

fn development(analysed: &Analysed) -> Result<Vec<Suggestion>, Cancelled> {
    let (graph, closure, progress) = (analysed.graph(), analysed.closure(), analysed.progress());
    let members = closure.members().iter();
    let tools: Vec<PathId> = members
        .filter(|&id| is_for_compilers(analysed, id))
        .collect();
    let is_tool = PathSet::of(graph.len(), tools.iter().copied());
    progress.start("development", tools.len() as u64);
    let mut found = Vec::new();
    for &to in &tools {
        progress.advance(1)?;
        let from: Vec<PathId> = closure.referrers(graph, to).collect();
        // What an environment holds was asked for; what others of them hold leaves with those.
        let meant =
            |&from: &PathId| is_joint(graph.name(from)) || words::is_environment(graph.name(from));
        let outside: Vec<PathId> = from
            .iter()
            .copied()
            .filter(|&id| !is_tool.contains(id))
            .collect();
        if closure.is_root(to) || outside.is_empty() || from.iter().any(meant) {
            continue;
        }
        let references: Vec<_> = from.iter().map(|&from| (from, to)).collect();
        let steps = cuts(&references);
        let freed = freed(analysed, &steps);
        let how: Vec<String> = references
            .iter()
            .take(LISTED)
            .map(|&(from, to)| words::forget(analysed, (from, to)))
            .collect();
        found.push(Suggestion {
            about: vec![to],
            steps,
            freed,
            risk: Risk::Safe,
            ..Suggestion::of(
                AdviceKind::Development,
                format!(
                    "{} in a run-time closure, held by {}",
                    analysed.label(to),
                    text::counted(references.len(), "path")
                ),
                how.join("\n"),
            )
        });
    }
    found.sort_by_key(|one| (-one.freed.nar_size, one.about.clone()));
    found.truncate(MOST);
    Ok(found)
}

/// Holders that are named.
const LISTED: usize = 5;

/// All outputs that document and that packages, not the system, hold.
fn documentation(analysed: &Analysed) -> Option<Suggestion> {
    let (graph, closure) = (analysed.graph(), analysed.closure());
    let documents = |&id: &PathId| {
        let output = graph.package(id).output;
        let reads = output.is_some_and(|output| FOR_READERS.contains(&output));
        reads && !graph.is_derivation(id) && !closure.is_root(id)
    };
    let outputs: Vec<PathId> = closure.members().iter().filter(documents).collect();
    let mut references = Vec::new();
    for &to in &outputs {
        let holders = closure.referrers(graph, to);
        references.extend(holders.map(|from| (from, to)));
    }
    references.sort_unstable();
    let meant =
        |from: PathId| is_joint(graph.name(from)) || words::is_environment(graph.name(from));
    let by_packages: PathSet = PathSet::of(
        graph.len(),
        references
            .iter()
            .filter(|&&(from, _)| !meant(from))
            .map(|&(_, to)| to),
    );
    // What the system installs is an option's business.
    references.retain(|&(from, to)| by_packages.contains(to) && !meant(from));
    let steps = cuts(&references);
    let freed = freed(analysed, &steps);
    if freed.paths == 0 {
        return None;
    }
    let ends = references.iter().map(|&(_, to)| to).collect();
    let about = heaviest(graph, ends);
    let count = text::counted(about.len(), "documentation output");
    let reads = PathSet::of(graph.len(), outputs);
    let how: Vec<String> = references
        .iter()
        .filter(|(from, _)| !reads.contains(*from))
        .take(LISTED)
        .map(|&reference| words::forget(analysed, reference))
        .collect();
    Some(Suggestion {
        about,
        steps,
        freed,
        risk: Risk::Safe,
        ..Suggestion::of(
            AdviceKind::Documentation,
            format!("{count} that packages hold"),
            how.join("\n"),
        )
    })
}
