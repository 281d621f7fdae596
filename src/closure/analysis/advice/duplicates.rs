//! Advice from duplicates.

use crate::analysis::analysed::Analysed;
use crate::analysis::duplicates::{DuplicateGroup, DuplicateKind, duplicate_groups};
use crate::analysis::hints::Confidence;
use crate::analysis::step::Step;
use crate::job::Cancelled;
use crate::model::PathId;

use super::{AdviceKind, Suggestion, freed, words};

/// At most this many groups are advised.
const MOST: usize = 20;

/// The groups in which replacing frees something.
pub(super) fn found(analysed: &Analysed) -> Result<Vec<Suggestion>, Cancelled> {
    let (graph, closure) = (analysed.graph(), analysed.closure());
    let groups = duplicate_groups(graph, closure, analysed.order(), analysed.progress())?;
    Ok(of_groups(analysed, &groups))
}

/// The same, of groups that were found before.
pub(super) fn of_groups(analysed: &Analysed, groups: &[DuplicateGroup]) -> Vec<Suggestion> {
    let useful = groups.iter().filter(|group| {
        !group.replaced.is_empty() && (group.savings.nar_size > 0 || !group.savings.known)
    });
    let useful = useful.take(MOST);
    useful.map(|group| advice(analysed, group)).collect()
}

fn advice(analysed: &Analysed, group: &DuplicateGroup) -> Suggestion {
    let new = group.keep;
    let replaced = group.replaced.iter();
    let steps: Vec<Step> = replaced.map(|&old| Step::Replace { old, new }).collect();
    let labels =
        |ids: &[PathId]| -> Vec<String> { ids.iter().map(|&id| analysed.label(id)).collect() };
    let (kept, old) = (analysed.label(new), labels(&group.replaced));
    let how: Vec<String> = group
        .replaced
        .iter()
        .map(|&old| words::replace(analysed, old, new))
        .collect();
    Suggestion {
        about: group.replaced.iter().copied().chain([new]).collect(),
        freed: freed(analysed, &steps),
        steps,
        confidence: match group.kind {
            DuplicateKind::SameContent => Confidence::Verified,
            DuplicateKind::Versions | DuplicateKind::Variants => Confidence::Likely,
        },
        ..Suggestion::of(
            AdviceKind::Duplicates,
            format!("{kept} in place of {}", some(&old)),
            how.join("\n"),
        )
    }
}

/// The first of some names, and how many more there are.
fn some(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first, second] => format!("{first} and {second}"),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    }
}
