//! Advice from the contents of files: accidental references, identical files, files that nothing uses.

use crate::analysis::analysed::Analysed;
use crate::analysis::hints::{Confidence, Risk};
use crate::analysis::waste::Waste;
use crate::text;

use super::{AdviceKind, FromFiles, Suggestion, cuts};

/// Accidents are listed as far as they free something, at most this many.
const MOST: usize = 20;

/// The references that free something alone, and the paths that several accidents hold together.
pub(super) fn found(analysed: &Analysed, waste: &Waste) -> Vec<Suggestion> {
    let mut found = Vec::new();
    let single = waste.references.iter();
    for edge in single.filter(|edge| edge.freed.paths > 0).take(MOST) {
        let (from, to) = (analysed.label(edge.from), analysed.label(edge.to));
        let remedy = edge.class.remedy().unwrap_or_default();
        found.push(Suggestion {
            about: vec![edge.to, edge.from],
            steps: cuts(&[(edge.from, edge.to)]),
            freed: edge.freed,
            risk: Risk::Safe,
            ..Suggestion::of(
                AdviceKind::Accident,
                format!("{to} in {from}: {} only", edge.class),
                format!("in {from}: {remedy}"),
            )
        });
    }
    let several = waste.paths.iter().filter(|path| path.references > 1);
    for path in several.take(MOST) {
        let to_it = waste.references.iter().filter(|edge| edge.to == path.path);
        let references: Vec<_> = to_it.clone().map(|edge| (edge.from, edge.to)).collect();
        let remedies: Vec<String> = to_it
            .map(|edge| {
                let from = analysed.label(edge.from);
                format!("in {from}: {}", edge.class.remedy().unwrap_or_default())
            })
            .collect();
        found.push(Suggestion {
            about: vec![path.path],
            steps: cuts(&references),
            freed: path.freed,
            risk: Risk::Safe,
            ..Suggestion::of(
                AdviceKind::Accident,
                format!(
                    "{}: held by {} only",
                    analysed.label(path.path),
                    text::counted(path.references, "accident")
                ),
                remedies.join("\n"),
            )
        });
    }
    found
}

/// What is inside packages: no step takes it away.
pub(super) fn inside(files: &FromFiles) -> Vec<Suggestion> {
    let mut found = Vec::new();
    if let Some((bytes, links)) = files.identical.filter(|&(bytes, _)| bytes > 0) {
        found.push(Suggestion {
            inside: Some(bytes),
            confidence: Confidence::Verified,
            risk: Risk::Safe,
            condition: Some(
                "on disk only: the closure, and what is copied, stay as large".to_owned(),
            ),
            ..Suggestion::of(
                AdviceKind::IdenticalFiles,
                format!(
                    "identical files: {} would become links",
                    text::counted(usize::try_from(links).unwrap_or(usize::MAX), "name")
                ),
                "nix.settings.auto-optimise-store = true;\n# or once: nix-store --optimise"
                    .to_owned(),
            )
        });
    }
    for (title, bytes) in files.contents.iter().filter(|(_, bytes)| *bytes > 0) {
        found.push(Suggestion {
            inside: Some(*bytes),
            risk: Risk::Safe,
            condition: Some("inside packages: each has to be changed and built".to_owned()),
            ..Suggestion::of(
                AdviceKind::Content,
                format!("{title} inside packages"),
                "an output of their own (outputs = [ \"out\" \"doc\" \"man\" ]), or a postInstall that removes them".to_owned(),
            )
        });
    }
    found
}
