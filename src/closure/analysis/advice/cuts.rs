//! Advice from best cuts: heavy paths behind few references.

use crate::analysis::analysed::Analysed;
use crate::analysis::cut::{CutError, Cutter, is_joint};
use crate::analysis::hints::{Confidence, Hints};
use crate::analysis::leverage::near_misses;
use crate::analysis::what_if::Difference;
use crate::job::Cancelled;
use crate::model::{PathId, PathSet};
use crate::text;

use super::{AdviceKind, Around, Suggestion, words};

/// Candidates that are looked at.
const LOOKED_AT: usize = 60;
/// At most this many are advised.
const MOST: usize = 20;
/// More references than this are no few.
const FEW: u32 = 12;

/// The paths with most bytes for each reference that are advised: not those that leave with other advice (`taken`) or with one
/// of them, joints, roots, and what no system runs without. These are the second list.
pub(super) fn found(
    analysed: &Analysed,
    hints: &Hints,
    taken: &PathSet,
    around: &Around<'_>,
) -> Result<(Vec<Suggestion>, Vec<Suggestion>), Cancelled> {
    let (graph, closure, progress) = (analysed.graph(), analysed.closure(), analysed.progress());
    let dominators = analysed.dominators()?;
    let cutter = Cutter::new(graph, closure, dominators);
    let mut chosen: Vec<PathId> = Vec::new();
    let (mut found, mut others): (Vec<Suggestion>, Vec<Suggestion>) = (Vec::new(), Vec::new());
    for miss in near_misses(analysed, LOOKED_AT)? {
        let name = graph.name(miss.path);
        let within = taken.contains(miss.path) || {
            let above = dominators.strict(miss.path);
            above.iter().any(|id| chosen.contains(id))
        };
        let against = if within {
            Some(WITHIN)
        } else if hints.is_essential(name) {
            Some(ESSENTIAL)
        } else if is_joint(name) || words::is_generated(name) {
            Some(GENERATED)
        } else if miss.best_size > FEW {
            Some(MANY)
        } else if found.len() >= MOST {
            Some(FURTHER)
        } else {
            None
        };
        if miss.retained_size == 0 || (against.is_some() && !around.others) {
            continue;
        }
        let pinned = |from, to| (around.pinned)(miss.path, from, to);
        let best = match cutter.best(miss.path, &pinned, progress) {
            Ok(best) => best.best,
            Err(CutError::Cancelled(cancelled)) => return Err(cancelled),
            Err(_) => continue,
        };
        // What is above and was found before takes the same reference.
        let same = |one: &Suggestion| one.steps == super::cuts(&best.references);
        if best.references.is_empty() || found.iter().any(same) {
            continue;
        }
        let mut advice = advice(analysed, miss.path, &best.references, best.freed);
        if against.is_none() {
            chosen.push(miss.path);
            found.push(advice);
        } else if !others.iter().any(same) {
            advice.condition = against.map(str::to_owned);
            others.push(advice);
        }
    }
    // Those are looked at by bytes for each reference, and listed as all advice is.
    others.sort_by_key(|one| std::cmp::Reverse(one.weight()));
    Ok((found, others))
}

/// Why a path is not advised on.
const WITHIN: &str = "it leaves with what is advised above";
const ESSENTIAL: &str = "a system needs it to run";
const GENERATED: &str = "it only names other paths: look at what those are";
const MANY: &str = "many references hold it";
const FURTHER: &str = "there is more to be had above";

fn advice(
    analysed: &Analysed,
    path: PathId,
    references: &[(PathId, PathId)],
    freed: Difference,
) -> Suggestion {
    let how = references
        .iter()
        .map(|&reference| words::cut(analysed, reference));
    Suggestion {
        about: vec![path],
        steps: super::cuts(references),
        freed,
        confidence: Confidence::Unsure,
        ..Suggestion::of(
            AdviceKind::BestCut,
            format!(
                "{} behind {}",
                analysed.label(path),
                text::counted(references.len(), "reference")
            ),
            super::lines(how),
        )
    }
}
