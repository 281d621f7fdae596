//! The rows of one advice: what to know before, the lines that tell how, and the steps that a mark takes.

use std::sync::Arc;

use crate::analysis::advice::{AdviceKind, Suggestion};
use crate::analysis::what_if::Step;
use crate::app::facts::Facts;
use crate::app::frame::layout::MARGIN;
use crate::app::obstacle::Obstacle;
use crate::app::target::{Costs, Target};
use crate::model::{PathId, Reference};
use crate::text;

/// A row below an advice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AdvisedItem {
    /// What to know before, a row of it.
    Note(String),
    /// Of a line that tells how, a row.
    Line(String),
    /// A step that a mark puts into the plan.
    Step(Step),
}

/// Steps that are listed of each advice; a mark takes all of them.
const LISTED: usize = 40;
/// Cells before a row of text.
pub(crate) const INDENT: u16 = MARGIN + 4;
/// Text is broken on no narrower screens than this.
const NARROWEST: usize = 20;

/// A line of text in rows, on a screen of this many columns. What is not broken stays as it is.
pub(crate) fn rows(line: &str, columns: u16) -> Vec<String> {
    // One cell stays free at the edge.
    let room = usize::from(columns.saturating_sub(INDENT + 1)).max(NARROWEST);
    let line = text::sanitise(line);
    if text::width(&line) <= room {
        return vec![line.into_owned()];
    }
    text::broken(line.trim_start(), room)
}

/// The rows below an advice on a screen of this many columns.
pub(crate) fn items(one: &Suggestion, columns: u16) -> impl Iterator<Item = AdvisedItem> {
    let notes = one.condition.iter().chain(&one.effect);
    let notes = notes.flat_map(move |note| rows(note, columns));
    let lines = one.how.lines().flat_map(move |line| rows(line, columns));
    let steps = one.steps.iter().take(LISTED);
    notes
        .map(AdvisedItem::Note)
        .chain(lines.map(AdvisedItem::Line))
        .chain(steps.map(|&step| AdvisedItem::Step(step)))
}

/// What an advice stands for, or the row of this number below it.
pub(super) fn target(
    facts: &Facts,
    one: &Suggestion,
    below: Option<usize>,
    columns: u16,
) -> Target {
    let references: Arc<[Reference]> = one.steps.iter().filter_map(Step::reference).collect();
    let step = match below.and_then(|at| items(one, columns).nth(at)) {
        Some(AdvisedItem::Step(step)) => Some(step),
        _ => None,
    };
    let (path, of_row) = if let Some(step) = step {
        (Some(changed(step)), step.reference())
    } else {
        let only = references.first().filter(|_| one.steps.len() == 1);
        (one.about.first().copied(), only.copied())
    };
    Target {
        costs: costs(facts, one),
        cut: references,
        offers: match step {
            Some(step) => [step].into(),
            None => one.steps.as_slice().into(),
        },
        marks_offers: true,
        lines: Some(one.how.as_str().into()),
        change: one.hint.is_some().then(|| one.how.as_str().into()),
        instead: (one.steps.len() > 1).then_some(Obstacle::SEVERAL_REFERENCES),
        ..Target::perhaps(path).with_reference(of_row)
    }
}

/// What cutting the references of a best cut takes along.
fn costs(facts: &Facts, one: &Suggestion) -> Option<Costs> {
    let core = facts.core().filter(|_| one.kind == AdviceKind::BestCut)?;
    let &path = one.about.first()?;
    let own = i64::try_from(core.dominators.known_retained_size(path)).unwrap_or(i64::MAX);
    let paths = i64::from(core.dominators.retained_count(path));
    Some(Costs {
        paths: one.freed.paths - paths,
        bytes: one.freed.nar_size - own,
        own,
    })
}

/// What a step changes, or takes away.
fn changed(step: Step) -> PathId {
    match step {
        Step::Cut { from: id, .. } | Step::Remove(id) | Step::Replace { old: id, .. } => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::advice::{Advice, FromFiles};
    use crate::analysis::hints::Hints;
    use crate::job::Progress;
    use crate::testing::graph;

    #[test]
    fn below_an_advice_stand_its_lines_and_then_its_steps() {
        let facts = Facts::in_test(graph("app -> heavy\nheavy 100 -> part\npart 20"));
        let analysed = facts.analysed(&Progress::new());
        let advice = Advice::of(&analysed, &Hints::built_in(), &FromFiles::default());
        let advice = advice.expect("not cancelled");
        let one = &advice.list[0];
        let below: Vec<AdvisedItem> = items(one, 200).collect();
        assert!(
            matches!(
                below[..],
                [AdvisedItem::Line(_), AdvisedItem::Step(Step::Cut { .. })]
            ),
            "{below:?}"
        );
        let narrow: Vec<AdvisedItem> = items(one, 30).collect();
        assert!(narrow.len() > below.len(), "broken, not cut: {narrow:?}");
        let costs = target(&facts, one, None, 80).costs.expect("a cut");
        assert_eq!((costs.own, costs.bytes, costs.paths), (120, 0, 0));
    }

    #[test]
    fn no_row_is_wider_than_the_screen() {
        for columns in 30..90 {
            let line = "a   word, averyveryveryveryverylongword and some others of all kinds";
            let rows = rows(line, columns);
            let room = usize::from(columns - INDENT - 1);
            assert!(rows.iter().all(|row| text::width(row) <= room), "{rows:?}");
        }
        assert_eq!(rows("  indented", 80), ["  indented"]);
    }
}
