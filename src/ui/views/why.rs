//! The view of why a path is here.

mod words;

use ratatui::layout::Rect;

use crate::analysis::origin::{Definition, DefinitionPlace};
use crate::app::facts::chains::{Chains, Segment};
use crate::app::facts::{Facts, Metric};
use crate::app::frame::signs::{INSIDE, SEGMENT, WHY_SIZE as SIZE, why_room, why_sizes};
use crate::app::keys::command::Command;
use crate::app::planning::best_cut::Cut;
use crate::app::planning::pins::Pin;
use crate::app::views::why::WhyRow;
use crate::app::{App, Focus};
use crate::model::PathId;
use crate::text;

pub(crate) use self::words::chains;
use self::words::{large, leaves_with_them, statistics, takes_along};
use super::tree::outline_name;
use crate::ui::cells::{self, Letters};
use crate::ui::paint::{Painter, line};

/// What stands behind the name of a root.
const ROOT: &str = "  root";
/// The columns of sizes, the last one first.
const SIZES: [Metric; 2] = [Metric::Retained, Metric::Nar];

/// Draws the view.
pub(crate) fn draw(app: &App, facts: &Facts, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    let Some(target) = app.views.why.target else {
        let row = line(area, 1);
        painter.put(
            row.x + 2,
            row.y,
            row.width.saturating_sub(2),
            "select a path first, then ask why it is here",
            theme.dim,
        );
        return;
    };
    let row = indented(line(area, 0));
    let (before, behind) = if facts.is_gone(target) {
        match facts.guess() {
            Some(_) => ("Why would ", " be here?"),
            None => ("Why was ", " there?"),
        }
    } else {
        ("Why is ", " here?")
    };
    let x = painter.put(row.x, row.y, row.width, before, theme.text);
    let width = row
        .width
        .saturating_sub((before.len() + behind.len()) as u16);
    let x = cells::name(
        painter,
        facts,
        Rect { x, width, ..row },
        target,
        theme.title,
    );
    painter.put(x, row.y, row.right().saturating_sub(x), behind, theme.text);
    let row = indented(line(area, 1));
    let stats = statistics(app, facts, target, usize::from(row.width));
    painter.put(row.x, row.y, row.width, &stats, theme.dim);
    let row = line(area, 2);
    let sizes = usize::from(why_sizes(area.width));
    for (at, metric) in SIZES.into_iter().take(sizes).enumerate() {
        painter.put_right(size_x(row, at), row.y, SIZE, metric.title(), theme.dim);
    }
    let height = usize::from(area.height.saturating_sub(app.view().head()));
    let rows = app.views.why.rows();
    let mut letters = Letters::of(app.search_words());
    for (down, at) in app.views.why.cursor.window(rows.len(), height).enumerate() {
        let row = line(area, down as u16 + app.view().head());
        if at == app.views.why.cursor.at {
            cells::cursor(app, painter, row, Focus::Main);
        }
        draw_row(app, facts, painter, row, rows[at], &mut letters);
    }
}

fn indented(area: Rect) -> Rect {
    Rect {
        x: area.x + 3,
        width: area.width.saturating_sub(3),
        ..area
    }
}

fn size_x(area: Rect, at: usize) -> u16 {
    area.right().saturating_sub(SIZE * (at as u16 + 1) + 1)
}

/// An answer: how many references, and what they take along.
fn answer(app: &App, painter: &mut Painter<'_>, room: Rect, at: usize) {
    let theme = painter.theme;
    let Cut::References(cut) = &app.views.why.cut else {
        return;
    };
    let Some(set) = cut.answers.get(at) else {
        return;
    };
    let chosen = at == cut.chosen;
    let sign = if chosen { "▶ " } else { "  " };
    let x = painter.put(room.x, room.y, room.width, sign, theme.hit);
    let references = format!("{:>14}", text::counted(set.references.len(), "reference"));
    let style = if chosen { theme.title } else { theme.text };
    let left = |x: u16| room.right().saturating_sub(x);
    let x = painter.put(x, room.y, left(x), &references, style);
    let what = format!("  {}", takes_along(app, set));
    painter.put(x, room.y, left(x), &what, theme.dim);
}

fn draw_row(
    app: &App,
    facts: &Facts,
    painter: &mut Painter<'_>,
    area: Rect,
    row: WhyRow,
    letters: &mut Letters,
) {
    let (theme, why) = (painter.theme, &app.views.why);
    let room = Rect {
        x: area.x + 3,
        width: why_room(area.width),
        ..area
    };
    // Rows without sizes have their room, too.
    let wide = Rect {
        width: area.right().saturating_sub(room.x),
        ..room
    };
    sign_and_sizes(app, facts, painter, area, row);
    let Some(chains) = &why.chains else {
        return;
    };
    if let Some(what) = heading(app, row) {
        let x = painter.put(wide.x, wide.y, wide.width, &what, theme.title);
        if let (WhyRow::CutHeading, Some(more)) = (row, leaves_with_them(app)) {
            painter.put(x, wide.y, wide.right().saturating_sub(x), &more, theme.mark);
        }
        return;
    }
    match row {
        WhyRow::Point(at) => point(app, facts, painter, room, chains, at, letters),
        WhyRow::Segment(at) => segment(app, painter, wide, at, &chains.segments[at]),
        WhyRow::Shortest(..) => {
            let rest = behind(painter, room, "┊     ");
            if let Some(id) = why.id(row) {
                cells::name(painter, facts, rest, id, theme.text);
                letters.highlight(painter, rest, facts.graph().name(id));
            }
        }
        WhyRow::Inside(number, at) => {
            let rest = behind(painter, room, INSIDE);
            if let Some(outline) = why.inside(number) {
                outline_name(app, facts, painter, rest, (outline, at), letters);
            }
        }
        WhyRow::Referrer(at) => {
            let (rest, id) = (below_heading(room), why.referrers()[at]);
            cells::name(painter, facts, rest, id, theme.text);
            letters.path(painter, facts, rest, id);
        }
        WhyRow::Answer(at) => answer(app, painter, wide, at),
        WhyRow::Pin(at) => pin(app, facts, painter, room, at),
        WhyRow::Cut(at) => {
            let (from, to) = why.cut_references()[at];
            let rest = Rect {
                width: wide.width.saturating_sub(3),
                ..below_heading(wide)
            };
            let width = cells::reason(painter, facts, rest, (from, to));
            let rest = Rect { width, ..rest };
            let ends = [(from, theme.text), (to, theme.text)];
            cells::reference(painter, facts, rest, ends, theme.mark);
        }
        WhyRow::Origin(at) => origin(facts, painter, below_heading(wide), &chains.origins[at]),
        WhyRow::Blank
        | WhyRow::OriginsHeading
        | WhyRow::ReferrersHeading
        | WhyRow::CutHeading
        | WhyRow::AnswersHeading
        | WhyRow::PinsHeading => {}
    }
}

/// What stands in a heading; `None` for other rows.
fn heading(app: &App, row: WhyRow) -> Option<String> {
    let (why, keys) = (&app.views.why, &app.shared.keys);
    Some(match row {
        WhyRow::OriginsHeading => {
            let origins = &why.chains.as_ref()?.origins;
            let inferred = origins.iter().all(|(definition, _)| definition.is_inferred);
            let how = if inferred {
                ", inferred from names"
            } else {
                ""
            };
            let count = text::count(origins.len() as u64);
            format!("Options that bring it ({count}){how}")
        }
        WhyRow::ReferrersHeading => {
            format!("Referrers ({})", text::count(why.referrers().len() as u64))
        }
        WhyRow::CutHeading => match why.cut_references().len() {
            1 => "It leaves when this reference goes".to_owned(),
            many => format!(
                "It leaves when these {} references go",
                text::count(many as u64)
            ),
        },
        WhyRow::AnswersHeading => {
            format!("Other answers: {} chooses one", keys.shown(Command::Enter))
        }
        WhyRow::PinsHeading => format!("Pinned, never cut: {} unpins", keys.shown(Command::Pin)),
        _ => return None,
    })
}

/// A definition: the option, where it stands, and the path it names.
fn origin(
    facts: &Facts,
    painter: &mut Painter<'_>,
    room: Rect,
    (definition, via): &(Definition, Option<PathId>),
) {
    let theme = painter.theme;
    let option = text::sanitise(&definition.option);
    let x = painter.put(room.x, room.y, room.width, &option, theme.text);
    let mut notes = Vec::new();
    notes.extend(definition.place.as_ref().map(DefinitionPlace::shown));
    notes.extend(via.map(|via| format!("by way of {}", facts.label(via))));
    notes.extend(definition.also.map(|also| format!("or {also}")));
    let switch = definition.switches.first();
    notes.extend(switch.map(|switch| {
        let how = if switch.by_default {
            "on by default"
        } else {
            "on by"
        };
        let option = text::sanitise(&switch.option);
        format!("{how} {option}, {}", switch.place.shown())
    }));
    let notes = format!("  {}", notes.join(" · "));
    painter.put(x, room.y, room.right().saturating_sub(x), &notes, theme.dim);
}

fn sign_and_sizes(app: &App, facts: &Facts, painter: &mut Painter<'_>, area: Rect, row: WhyRow) {
    let (theme, why) = (painter.theme, &app.views.why);
    let Some(id) = why.id(row) else { return };
    cells::sign(app, painter, (area.x + 1, area.y), id, why.edge(row));
    if matches!(row, WhyRow::Cut(_) | WhyRow::Pin(_) | WhyRow::Origin(_)) {
        return;
    }
    let sizes = usize::from(why_sizes(area.width));
    let metrics = SIZES.into_iter().take(sizes);
    for (at, metric) in metrics.enumerate() {
        let style = if at == 0 { theme.text } else { theme.dim };
        let place = Rect::new(size_x(area, at) + 1, area.y, SIZE - 1, 1);
        cells::value(painter, facts, place, (metric, id), style);
    }
}

/// Puts a sign of chains; the room behind it.
fn behind(painter: &mut Painter<'_>, room: Rect, sign: &str) -> Rect {
    let x = painter.put(room.x, room.y, room.width, sign, painter.theme.hit);
    Rect {
        x,
        width: room.right().saturating_sub(x),
        ..room
    }
}

/// Where a row of a group begins: two cells in from its heading.
fn below_heading(room: Rect) -> Rect {
    Rect {
        x: room.x + 2,
        width: room.width.saturating_sub(2),
        ..room
    }
}

fn pin(app: &App, facts: &Facts, painter: &mut Painter<'_>, room: Rect, at: usize) {
    let theme = painter.theme;
    let rest = below_heading(room);
    match app.views.why.pinned().get(at) {
        Some(&Pin::Path(id)) => {
            cells::name(painter, facts, rest, id, theme.text);
        }
        Some(&Pin::Reference((from, to))) => {
            let ends = [(from, theme.text), (to, theme.text)];
            cells::reference(painter, facts, rest, ends, theme.dim);
        }
        None => {}
    }
}

fn point(
    app: &App,
    facts: &Facts,
    painter: &mut Painter<'_>,
    room: Rect,
    chains: &Chains,
    at: usize,
    letters: &mut Letters,
) {
    let theme = painter.theme;
    let id = chains.points[at];
    let (sign, style) = if at + 1 == chains.points.len() {
        ("▶ ", theme.title)
    } else {
        ("◆ ", theme.text)
    };
    let rest = behind(painter, room, sign);
    let style = if app.shared.plan.removes(id) {
        theme.mark
    } else {
        style
    };
    let is_root = facts.closure_with(id).is_root(id);
    let rest = if is_root {
        // The word is short and says more than the end of a long name.
        Rect {
            width: rest.width.saturating_sub(ROOT.len() as u16),
            ..rest
        }
    } else {
        rest
    };
    let x = cells::name(painter, facts, rest, id, style);
    letters.path(painter, facts, rest, id);
    if is_root {
        let left = room.right().saturating_sub(x);
        painter.put(x, room.y, left, ROOT, theme.dim);
    }
}

fn segment(app: &App, painter: &mut Painter<'_>, room: Rect, at: usize, segment: &Segment) {
    let theme = painter.theme;
    let sign = if app.views.why.inside(at).is_some() {
        "▾ "
    } else {
        "▸ "
    };
    let x = painter.row(room, &[(SEGMENT, theme.hit), (sign, theme.hit)]);
    let ways = if segment.ways == u128::MAX {
        "≥ 10^38".to_owned()
    } else {
        large(&segment.ways.into())
    };
    let steps = match (segment.shortest, segment.longest) {
        (same, longest) if same == longest => text::counted(same as usize, "step"),
        (shortest, longest) => format!("{shortest} to {longest} steps"),
    };
    let noun = if segment.ways == 1 { "way" } else { "ways" };
    let rest = if app.views.why.inside(at).is_some() {
        format!("over {}", text::counted(segment.paths, "path"))
    } else {
        "the shortest:".to_owned()
    };
    let what = format!("{ways} {noun}, {steps}, {rest}");
    painter.put(x, room.y, room.right().saturating_sub(x), &what, theme.dim);
}
