//! What marking and pinning the row of the cursor want done, and the question before it.

use crate::analysis::what_if::Step;

use crate::app::keys::command::Command;
use crate::app::outcome::{Doubt, Outcome};
use crate::app::{App, Focus, planning};

/// Marks what the row of the cursor stands for, or takes the mark back. A root holds all that is below it, so that its mark
/// is asked about.
pub(crate) fn mark(app: &App) -> Outcome {
    let target = app.target(app.focus);
    if let Some(target) = target.as_ref().filter(|target| target.marks_offers) {
        return Outcome::Toggle(target.offers.to_vec());
    }
    if target
        .as_ref()
        .is_some_and(|target| target.planned.is_some())
    {
        return Outcome::Give(Command::KeepTry);
    }
    let step = target.and_then(|target| planning::step_of(&target));
    let (Some(step), Some(facts)) = (step, &app.facts) else {
        return Outcome::None;
    };
    let is_new = !app.shared.plan.steps().contains(&step);
    match step {
        Step::Remove(id) if is_new && facts.closure().is_root(id) => {
            let asked = planning::ask_about_root(facts, id, app.shared.look.units);
            ask(asked, vec![step])
        }
        step => Outcome::Toggle(vec![step]),
    }
}

/// Marks the reference that the row of the cursor stands for to be cut, or takes the mark back.
pub(crate) fn cut(app: &App) -> Outcome {
    let target = app.target(app.focus);
    let reference = target.and_then(|target| target.reference);
    Outcome::Toggle(Step::cuts(reference.as_slice()))
}

/// Marks what has to be cut for the path in question to leave, or takes these marks back.
pub(crate) fn cut_all(app: &App) -> Outcome {
    let target = app.target(Focus::Main).unwrap_or_default();
    let steps = planning::cuts_needed(&app.shared, &target.cut);
    let planned = app.shared.plan.steps();
    let marks = steps.iter().any(|step| !planned.contains(step));
    let costs = target.costs.filter(|costs| marks && costs.are_high());
    if steps.is_empty() {
        return Outcome::Say("everything that references it already leaves".to_owned());
    }
    match costs {
        Some(costs) => {
            let asked = planning::ask_about(costs, steps.len(), app.shared.look.units);
            ask(asked, steps)
        }
        None => Outcome::Toggle(steps),
    }
}

fn ask((title, question): (String, String), steps: Vec<Step>) -> Outcome {
    Outcome::Confirm(Doubt {
        title,
        question,
        steps,
    })
}

/// Marks what the row of the cursor offers to replace, or takes these marks back. In a row that offers no replacement one is
/// chosen for its path.
pub(crate) fn replace(app: &App) -> Outcome {
    let target = app.target(Focus::Main).unwrap_or_default();
    if target.offers.iter().any(Step::is_replacement) {
        Outcome::Toggle(target.offers.to_vec())
    } else {
        Outcome::Give(Command::ReplaceBy)
    }
}

/// Pins what the row of the cursor stands for, or takes its pin out.
pub(crate) fn pin(app: &App) -> Outcome {
    let target = app.target(app.focus).unwrap_or_default();
    planning::pin_of(&target).map_or(Outcome::None, Outcome::Pin)
}
