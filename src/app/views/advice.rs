//! The view of advice: what could go, what frees most first, and how.

use std::sync::Arc;

use crate::analysis::advice::{Advice as One, Advices, FromFiles};
use crate::analysis::what_if::Step;
use crate::job::{Cancelled, Progress};
use crate::model::{PathId, Reference};

use super::folds::{Folds, Row};
use super::groups::{Both, List, Nothing, Place};
use super::{Rows, ViewSpec};
use crate::app::explore::Explore;
use crate::app::facts::Facts;
use crate::app::keys::command::Command;
use crate::app::obstacle::Obstacle;
use crate::app::shared::Context;
use crate::app::target::Target;

/// A row below an advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item<'a> {
    /// What to know before.
    Note(&'a str),
    /// A line that tells how.
    Line(&'a str),
    /// A step that a mark puts into the plan.
    Step(Step),
}

/// Steps that are listed of each advice; a mark takes all of them.
const LISTED: usize = 40;

/// A row below an advice, by its number.
pub(crate) fn item(one: &One, at: usize) -> Option<Item<'_>> {
    let notes = one.condition.iter().chain(&one.effect);
    let notes = notes.map(|note| Item::Note(note));
    let lines = one.how.lines().map(Item::Line);
    let steps = one.steps.iter().take(LISTED).map(|&step| Item::Step(step));
    notes.chain(lines).chain(steps).nth(at)
}

fn size(one: &One) -> usize {
    let notes = usize::from(one.condition.is_some()) + usize::from(one.effect.is_some());
    notes + one.how.lines().count() + one.steps.len().min(LISTED)
}

/// The advice, for the engine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Advice;

impl List for Advice {
    const SPEC: ViewSpec = ViewSpec {
        id: "advice",
        title: "Advice",
        place: "advice",
        command: "advice",
        keys: &["V"],
        help: "Show what could go and how: options, duplicates, heavy paths behind few references.",
        head: 2,
        opens: true,
        stands_for: Rows::Cuts,
        own: &[Command::CopyLines],
        hints: &[
            Command::Right,
            Command::Mark,
            Command::WHY,
            Command::CopyLines,
            Command::Evidence,
        ],
    };
    type Found = Arc<Advices>;
    type Later = Nothing;

    fn find(
        facts: &Facts,
        _explore: &Explore,
        progress: &Progress,
    ) -> Result<Self::Found, Cancelled> {
        let analysed = facts.analysed(progress);
        let advices = Advices::of(&analysed, &facts.hints(), &FromFiles::default())?;
        Ok(Arc::new(advices))
    }

    fn folds(found: &Self::Found) -> Folds {
        Folds::of(found.list.iter().map(size))
    }

    fn target(groups: Both<'_, Self>, _cx: Context<'_>, row: Row) -> Target {
        let Some(one) = groups.found.list.get(row.group()) else {
            return Target::default();
        };
        let item = match row {
            Row::Group(_) => None,
            Row::Item(_, at) => item(one, at),
        };
        let reference = match item {
            Some(Item::Step(step)) => reference(step),
            _ => references(one)
                .first()
                .copied()
                .filter(|_| one.steps.len() == 1),
        };
        let path = match item {
            Some(Item::Step(step)) => Some(changed(step)),
            _ => one.about.first().copied(),
        };
        Target {
            cut: references(one).into(),
            offers: one.steps.clone().into(),
            marks_offers: true,
            lines: Some(one.how.as_str().into()),
            change: one.hint.is_some().then(|| one.how.as_str().into()),
            instead: (one.steps.len() > 1).then_some(Obstacle::SEVERAL_REFERENCES),
            ..Target::perhaps(path).with_reference(reference)
        }
    }

    fn row_of(found: &Self::Found, id: PathId) -> Option<Row> {
        let is_about = |one: &One| one.about.first() == Some(&id);
        found.list.iter().position(is_about).map(Row::Group)
    }

    fn begins_at_top(_row: Row, place: Place) -> bool {
        // It is read from the top, where most is to be had.
        place.group >= place.height
    }
}

/// The references that an advice cuts.
fn references(one: &One) -> Vec<Reference> {
    one.steps
        .iter()
        .filter_map(|&step| reference(step))
        .collect()
}

fn reference(step: Step) -> Option<Reference> {
    match step {
        Step::Cut { from, to } => Some((from, to)),
        Step::Remove(_) | Step::Replace { .. } => None,
    }
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
    use crate::analysis::Analysed;
    use crate::analysis::hints::Hints;
    use crate::testing::graph;

    #[test]
    fn below_an_advice_stand_its_lines_and_then_its_steps() {
        let (graph, closure) = graph("app -> heavy\nheavy 100 -> part\npart 20");
        let analysed = Analysed::of(graph.into(), closure.roots(), &Progress::new());
        let advices = Advices::of(&analysed, &Hints::built_in(), &FromFiles::default());
        let advices = advices.expect("not cancelled");
        let one = &advices.list[0];
        let below: Vec<Item> = (0..).map_while(|at| item(one, at)).collect();
        assert_eq!(below.len(), size(one));
        assert!(matches!(
            below[..],
            [Item::Line(_), Item::Step(Step::Cut { .. })]
        ));
        assert_eq!(
            Advice::row_of(&Arc::new(advices.clone()), one.about[0]),
            Some(Row::Group(0))
        );
    }
}
