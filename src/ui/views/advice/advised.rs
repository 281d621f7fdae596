//! An advice: what it is about, what it frees, and below it what to know, how, and its steps.

use ratatui::layout::Rect;

use crate::analysis::advice::{AdviceKind, Suggestion};
use crate::analysis::evidence_class::Class;
use crate::analysis::what_if::Step;
use crate::app::facts::Facts;
use crate::app::views::advice::advised::{AdvisedItem, INDENT, items};
use crate::model::PathId;
use crate::text;

use super::{Drawn, are_planned, draw_reference, draw_sign, frees, in_addition};
use crate::ui::cells;
use crate::ui::paint::Painter;
use crate::ui::views::groups;

/// What is said behind a name if nothing that is known of its references is a reason to need it, and in short.
const ACCIDENT: [&str; 2] = ["likely an accident", "accident?"];

/// Draws an advice; tells where the name of which path stands.
pub(super) fn draw(
    drawing: &Drawn<'_>,
    painter: &mut Painter<'_>,
    area: Rect,
    (at, one): (usize, &Suggestion),
    most: i64,
) -> Option<(Rect, PathId)> {
    let theme = painter.theme;
    let weight = i64::try_from(one.weight()).unwrap_or(i64::MAX);
    groups::bar(painter, area, weight, most);
    let planned = are_planned(drawing.app, &one.steps);
    draw_sign(painter, area, planned);
    let first = if weight == 0 && one.condition.is_some() {
        groups::size(painter, area, 0, "?", theme.dim)
    } else {
        frees(painter, area, weight)
    };
    let beyond = beyond(drawing, painter, (at, one));
    let first = in_addition(painter, area, &beyond, first);
    let room = groups::up_to(groups::group_room(area), first);
    let x = groups::fold_sign(painter, room, drawing.is_open(at));
    let room = Rect {
        x,
        width: room.right().saturating_sub(x),
        ..room
    };
    let style = if planned { theme.mark } else { theme.text };
    let of_path = [AdviceKind::BestCut, AdviceKind::Development].contains(&one.kind);
    let Some(&id) = one.about.first().filter(|_| of_path) else {
        painter.put(x, room.y, room.width, &one.title, style);
        return None;
    };
    if !planned {
        cells::sign(drawing.app, painter, (area.x + 1, area.y), id, None);
    }
    let name = cells::name_width(drawing.facts, id) as u16;
    let left = room.width.saturating_sub(name + 2);
    let (what, style_behind) = if is_accident(drawing.facts, one) {
        let fits = |what: &&str| text::width(what) <= usize::from(left);
        let fitting = ACCIDENT.into_iter().find(fits);
        (fitting.unwrap_or_default().to_owned(), theme.gain)
    } else {
        (behind(drawing.facts, one, id, left), theme.dim)
    };
    // What is said behind a name gives way to it.
    let taken = match text::width(&what) as u16 {
        0 => 0,
        width => (width + 2).min(room.width.saturating_sub(name)),
    };
    let named = Rect {
        width: room.width - taken,
        ..room
    };
    let x = cells::name(painter, drawing.facts, named, id, style) + 2;
    let left = room.right().saturating_sub(x);
    painter.put(x, room.y, left, &what, style_behind);
    Some((named, id))
}

/// What follows the name of the path that a suggestion is about, in this many cells: the rest of its title, or its last two
/// words, or nothing.
fn behind(facts: &Facts, one: &Suggestion, id: PathId, cells: u16) -> String {
    let label = facts.label(id);
    let rest = one.title.strip_prefix(&*label).unwrap_or_default();
    // Where all are for compilers that is said by their heading.
    let rest = rest.rsplit(", ").next().unwrap_or_default().trim_start();
    let last = rest.rmatch_indices(' ').nth(1);
    let last = last.map_or(rest, |(at, _)| rest[at..].trim_start());
    let fits = |what: &&str| text::width(what) <= usize::from(cells);
    let fitting = [rest, last].into_iter().find(fits);
    fitting.unwrap_or_default().to_owned()
}

/// What an advice frees in addition to those above.
fn beyond(drawing: &Drawn<'_>, painter: &Painter<'_>, (at, one): (usize, &Suggestion)) -> String {
    if drawing.found.is_uncounted(at) {
        "–".to_owned()
    } else if one.instead {
        "instead".to_owned()
    } else {
        let bytes = u64::try_from(one.beyond.nar_size).unwrap_or(0);
        painter.units.size(bytes)
    }
}

/// Whether it is known of every reference to cut that nothing needs it at run time.
fn is_accident(facts: &Facts, one: &Suggestion) -> bool {
    let accidental = |step: &Step| match *step {
        Step::Cut { from, to } => facts.reason((from, to)).is_some_and(Class::is_accidental),
        _ => false,
    };
    !one.steps.is_empty() && one.steps.iter().all(accidental)
}

/// Draws a row below an advice.
pub(super) fn draw_item(
    drawing: &Drawn<'_>,
    painter: &mut Painter<'_>,
    area: Rect,
    one: &Suggestion,
    at: usize,
) {
    let theme = painter.theme;
    let x = area.x + INDENT;
    let width = area.right().saturating_sub(x);
    let (app, facts) = (drawing.app, drawing.facts);
    match items(one, area.width).nth(at) {
        Some(AdvisedItem::Note(note)) => {
            painter.put(x, area.y, width, &note, theme.dim);
        }
        Some(AdvisedItem::Line(line)) => {
            painter.put(x, area.y, width, &line, theme.text);
        }
        Some(AdvisedItem::Step(Step::Cut { from, to })) => {
            draw_reference(app, facts, painter, area, (from, to));
        }
        Some(AdvisedItem::Step(step)) => {
            let planned = are_planned(app, &[step]);
            draw_sign(painter, area, planned);
            let style = if planned { theme.mark } else { theme.text };
            let (verb, id, new) = match step {
                Step::Replace { old, new } => ("replace ", old, Some(new)),
                Step::Remove(id) | Step::Cut { from: id, .. } => ("remove ", id, None),
            };
            let x = painter.put(x, area.y, width, verb, theme.dim);
            let room = Rect::new(x, area.y, area.right().saturating_sub(x), 1);
            if let Some(new) = new {
                let ends = [(id, style), (new, theme.dim)];
                cells::reference(painter, facts, room, ends, theme.mark);
            } else {
                cells::name(painter, facts, room, id, style);
            }
        }
        None => {}
    }
}
