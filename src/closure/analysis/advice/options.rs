//! Advice from the table of known options.

use crate::analysis::analysed::Analysed;
use crate::analysis::hints::{HeldHint, Hints, Machine, Release, held};
use crate::job::Cancelled;

use super::{AdviceKind, Suggestion, heaviest};

/// The entries that hold, each with what it takes away.
pub(super) fn found(
    analysed: &Analysed,
    hints: &Hints,
) -> Result<(Vec<Suggestion>, Machine, Vec<Release>), Cancelled> {
    let (held, machine, releases) = held(analysed, hints)?;
    // A smaller build of a package is worth a word only if something leaves with it.
    let worth = |held: &HeldHint| {
        let options = &hints.entries()[held.hint].options;
        held.freed.paths > 0 || !options.iter().all(|option| option.starts_with("pkgs."))
    };
    let advice = held.into_iter().filter(worth).map(|held| {
        let hint = &hints.entries()[held.hint];
        let ends = held.references.iter().map(|&(_, to)| to).collect();
        let mut conditions: Vec<String> = hint.condition.iter().cloned().collect();
        if releases.is_empty() {
            let since = hint.since.map(|release| format!("from {release} on"));
            let until = hint.until.map(|release| format!("up to {release}"));
            let both: Vec<String> = since.into_iter().chain(until).collect();
            if !both.is_empty() {
                conditions.push(format!("only {}", both.join(" ")));
            }
        }
        Suggestion {
            hint: Some(hint.id.clone()),
            about: heaviest(analysed.graph(), ends),
            steps: held.steps(),
            freed: held.freed,
            confidence: hint.confidence,
            risk: hint.risk,
            effect: Some(hint.effect.clone()),
            condition: (!conditions.is_empty()).then(|| conditions.join("; ")),
            holders: held.holders,
            source: Some(hint.source.clone()),
            alternatives: hint.alternatives.clone(),
            ..Suggestion::of(AdviceKind::Option, hint.title.clone(), hint.how.clone())
        }
    });
    Ok((advice.collect(), machine, releases))
}
