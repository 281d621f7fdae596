//! The view of near misses.

use ratatui::layout::Rect;

use crate::analysis::evidence_class::Class;
use crate::analysis::what_if::Step;
use crate::app::App;
use crate::app::facts::Facts;
use crate::app::views::folds::Row;
use crate::app::views::leverage::{Leverage, Miss};
use crate::text;

use super::groups::{self, DrawList, Drawing, SIZE};
use crate::model::{PathId, Reference};
use crate::ui::cells;
use crate::ui::paint::Painter;

impl DrawList for Leverage {
    const ABOUT: &'static str = "Paths with which much would leave if only a few references were cut: the best next thing to look at.";
    /// The most bytes for a reference.
    type Scale = i64;

    fn nothing(found: &Self::Found, _facts: &Facts) -> Option<Vec<String>> {
        let none = || vec!["Nothing but the roots is here.".to_owned()];
        found.is_empty().then(none)
    }

    fn head(
        drawing: &Drawing<'_, Self>,
        _painter: &Painter<'_>,
        area: Rect,
    ) -> (String, &'static [&'static str], i64) {
        let best = drawing.found.first();
        let best = best.map_or(0, |miss| miss.near.leverage().cast_signed());
        let what = "much weight behind few references: retained size for each cut";
        let titles = &["leverage", "retained", "to cut"][..columns(area)];
        (what.to_owned(), titles, best)
    }

    fn row(
        drawing: &Drawing<'_, Self>,
        painter: &mut Painter<'_>,
        area: Rect,
        row: Row,
        &best: &i64,
    ) -> Option<(Rect, PathId)> {
        let miss = drawing.found.get(row.group())?;
        let (app, facts) = (drawing.app, drawing.facts);
        match row {
            Row::Group(at) => {
                groups::bar(painter, area, miss.near.leverage().cast_signed(), best);
                draw_miss(app, facts, painter, area, (miss, drawing.is_open(at)));
                Some((name_room(area), miss.near.path))
            }
            Row::Item(_, at) => {
                let reference = *miss.references.get(at)?;
                draw_reference(app, facts, painter, area, reference);
                None
            }
        }
    }
}

/// How many columns of numbers there is room for.
fn columns(area: Rect) -> usize {
    match groups::sizes(area) {
        1 => 1,
        more => more + 1,
    }
}

/// Where a path's name stands, behind the sign of its fold.
fn name_room(area: Rect) -> Rect {
    let room = groups::group_room(area);
    let right = groups::names_end(area, columns(area));
    Rect {
        x: room.x + 2,
        width: right.saturating_sub(room.x + 2),
        ..room
    }
}

/// What is said behind a name if nothing that is known of its references is a reason to need it.
const ACCIDENT: &str = "  likely an accident";

/// Whether it is known of every reference to cut that nothing needs it at run time.
fn is_accident(facts: &Facts, miss: &Miss) -> bool {
    let accidental = |&reference: &Reference| {
        let reason = facts.reason(reference);
        reason.is_some_and(Class::is_accidental)
    };
    !miss.references.is_empty() && miss.references.iter().all(accidental)
}

fn draw_miss(
    app: &App,
    facts: &Facts,
    painter: &mut Painter<'_>,
    area: Rect,
    (miss, open): (&Miss, bool),
) {
    let theme = painter.theme;
    let id = miss.near.path;
    let planned = Step::cuts(&miss.references);
    let all = planned
        .iter()
        .all(|step| app.shared.plan.steps().contains(step));
    if all && !planned.is_empty() {
        painter.put(area.x + 1, area.y, 1, "×", theme.mark);
    } else {
        cells::sign(app, painter, (area.x + 1, area.y), id, None);
    }
    let style = if app.shared.plan.removes(id) || all {
        theme.mark
    } else {
        theme.text
    };
    groups::fold_sign(painter, groups::group_room(area), open);
    let room = name_room(area);
    let x = cells::name(painter, facts, room, id, style);
    if is_accident(facts, miss) {
        let left = room.right().saturating_sub(x);
        painter.put(x, room.y, left, ACCIDENT, theme.gain);
    }
    let known = facts.base().map(|base| base.dominators.retained_size(id));
    let least = if known == Some(None) { "≥ " } else { "" };
    let sizes = [miss.near.leverage(), miss.near.retained_size];
    for (at, bytes) in sizes.into_iter().take(columns(area)).enumerate() {
        let style = if at == 0 { theme.text } else { theme.dim };
        let size = format!("{least}{}", painter.units.size(bytes));
        painter.put_right(groups::size_x(area, at), area.y, SIZE, &size, style);
    }
    if columns(area) > 2 {
        let cuts = text::count(miss.near.best_size);
        let room = groups::count_room(area);
        painter.put_right(room.x, area.y, room.width, &cuts, theme.dim);
    }
}

/// A reference to cut, with what makes it where that is at hand.
pub(crate) fn draw_reference(
    app: &App,
    facts: &Facts,
    painter: &mut Painter<'_>,
    area: Rect,
    (from, to): Reference,
) {
    let theme = painter.theme;
    let room = groups::item_room(area);
    let room = Rect {
        x: room.x.saturating_sub(2),
        width: area.right().saturating_sub(room.x),
        ..room
    };
    let cut = app.shared.plan.steps().contains(&Step::Cut { from, to });
    let width = cells::reason(painter, facts, room, (from, to));
    let room = Rect { width, ..room };
    cells::sign(app, painter, (area.x + 1, area.y), from, Some((from, to)));
    let style = if cut { theme.mark } else { theme.text };
    painter.put(room.x.saturating_sub(4), area.y, 3, "cut", theme.dim);
    let ends = [(from, style), (to, theme.dim)];
    cells::reference(painter, facts, room, ends, theme.mark);
}
