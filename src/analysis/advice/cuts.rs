//! Advice out of best cuts: heavy paths behind few references.

use crate::analysis::analysed::Analysed;
use crate::analysis::cut::{CutError, Cutter, is_joint};
use crate::analysis::hints::{Confidence, Hints};
use crate::analysis::leverage::near_misses;
use crate::analysis::what_if::Difference;
use crate::job::Cancelled;
use crate::model::{PathId, PathSet};
use crate::text;

use super::{Advice, AdviceKind, words};

/// Candidates that are looked at.
const LOOKED_AT: usize = 60;
/// At most so many are advised.
const MOST: usize = 20;
/// More references than this are no few.
const FEW: u32 = 12;

/// The paths with most bytes for each reference, but for those that leave with other advice (`taken`), those that leave with
/// one of them, joints, roots, and what no system runs without.
pub(super) fn found(
    analysed: &Analysed,
    hints: &Hints,
    taken: &PathSet,
) -> Result<Vec<Advice>, Cancelled> {
    let (graph, closure, progress) = (analysed.graph(), analysed.closure(), analysed.progress());
    let dominators = analysed.dominators()?;
    let cutter = Cutter::new(graph, closure, dominators);
    let mut chosen: Vec<PathId> = Vec::new();
    let mut found = Vec::new();
    for miss in near_misses(analysed, LOOKED_AT)? {
        let name = graph.name(miss.path);
        let named = is_joint(name) || hints.is_essential(name) || words::is_generated(name);
        let below = || {
            let above = dominators.strict(miss.path);
            above.iter().any(|id| chosen.contains(id))
        };
        let useless = named || taken.contains(miss.path) || miss.best_size > FEW || below();
        if useless || miss.retained_size == 0 || found.len() >= MOST {
            continue;
        }
        let best = match cutter.best(miss.path, &|_, _| false, progress) {
            Ok(best) => best.best,
            Err(CutError::Cancelled(cancelled)) => return Err(cancelled),
            Err(_) => continue,
        };
        // What is above and was found before takes the same reference.
        let same = |one: &Advice| one.steps == super::cuts(&best.references);
        if best.references.is_empty() || found.iter().any(same) {
            continue;
        }
        chosen.push(miss.path);
        found.push(advice(analysed, miss.path, &best.references, best.freed));
    }
    Ok(found)
}

fn advice(
    analysed: &Analysed,
    path: PathId,
    references: &[(PathId, PathId)],
    freed: Difference,
) -> Advice {
    let how = references
        .iter()
        .map(|&reference| words::cut(analysed, reference));
    Advice {
        about: vec![path],
        steps: super::cuts(references),
        freed,
        confidence: Confidence::Unsure,
        ..Advice::of(
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
