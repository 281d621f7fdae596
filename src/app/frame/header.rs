//! The right of the first row: how many warnings there are, and what the marks would free. Drawing and the mouse both
//! use it.

use crate::text;

use crate::app::App;
use crate::app::keys::command::Command;

/// From this many columns on there is room for words beside the numbers.
const WITH_WORDS: u16 = 60;
/// From this many columns on it is said what is counted.
const WITH_NOUNS: u16 = 100;

/// What the marks would give, from left to right.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct HeaderPrediction {
    /// How many there are.
    pub marked: String,
    /// What they free.
    pub freed: String,
    /// What is left.
    pub after: String,
}

impl HeaderPrediction {
    fn width(&self) -> u16 {
        let pieces = [&self.marked, &self.freed, &self.after];
        let width: usize = pieces.iter().map(|piece| text::width(piece)).sum();
        // One cell stays free at the edge.
        width as u16 + 1
    }
}

/// What the marks would give; `None` if there are none.
pub(crate) fn prediction(app: &App) -> Option<HeaderPrediction> {
    let (marked, steps) = (app.shared.plan.marked(), app.shared.plan.steps());
    if marked.is_empty() {
        return None;
    }
    let noun = if app.shared.size.0 >= WITH_NOUNS {
        " marked"
    } else {
        ""
    };
    let mut prediction = HeaderPrediction {
        marked: format!("● {}{noun}  ", marked.len()),
        // What is to be tried is in no sum.
        freed: if steps.is_empty() { "" } else { "…" }.to_owned(),
        after: String::new(),
    };
    let effect = app.shared.effect.as_ref();
    let effect = effect.filter(|effect| effect.steps == steps);
    match effect.map(|effect| &effect.outcome) {
        Some(Ok(outcome)) => {
            let units = app.shared.look.units;
            let (before, after) = (outcome.before.nar_size, outcome.after.nar_size);
            let arrow = if app.shared.look.ascii {
                " -> "
            } else {
                " → "
            };
            // What stands behind an arrow is said to be a prediction where there is room for the word.
            let word = if app.shared.size.0 < WITH_WORDS {
                ""
            } else {
                " predicted"
            };
            prediction.freed = units.signed(-outcome.freed.nar_size);
            prediction.after = format!("{arrow}{}{word}", units.size_beside(after, before));
        }
        Some(Err(_)) => "cannot be done".clone_into(&mut prediction.freed),
        None => {}
    }
    Some(prediction)
}

/// How many warnings there are, and the key that lists it; `None` if nothing was.
pub(crate) fn warned(app: &App) -> Option<String> {
    let warnings: usize = app.warnings().iter().map(|warning| warning.count).sum();
    let count = text::count(warnings as u64);
    let key = app.shared.keys.shown(Command::Warnings);
    (warnings > 0).then(|| {
        if app.shared.size.0 < WITH_WORDS {
            format!("⚠{count} ")
        } else {
            format!("⚠ {count} ({key}) ")
        }
    })
}

/// The cell at which the warnings begin, and the one at which the prediction does.
pub(crate) fn places(app: &App) -> (u16, u16) {
    let prediction = prediction(app);
    let taken = prediction.as_ref().map_or(0, HeaderPrediction::width);
    let prediction_x = app.shared.size.0.saturating_sub(taken);
    // Two cells part it from what stands before it.
    let end = prediction_x.saturating_sub(if prediction.is_some() { 2 } else { 0 });
    let warned = warned(app).map_or(0, |what| text::width(&what) as u16);
    (end.saturating_sub(warned), prediction_x)
}

/// The command that a click in the first row gives: the numbers lead to what they count.
pub(crate) fn command_at(app: &App, x: u16) -> Option<Command> {
    let (warned_x, prediction_x) = places(app);
    if x >= prediction_x {
        (!app.shared.plan.is_empty()).then_some(Command::PLAN)
    } else {
        (x >= warned_x && warned(app).is_some()).then_some(Command::Warnings)
    }
}
