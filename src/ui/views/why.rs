//! The view of why a path is here.

use num_bigint::BigUint;
use ratatui::layout::Rect;

use crate::analysis::what_if::Total;
use crate::analysis::why::Chains;
use crate::app::facts::{Facts, Field};
use crate::app::frame::signs::{INSIDE, STRETCH, WHY_SIZE as SIZE, why_room, why_sizes};
use crate::app::views::why::chains::{Lattice, Stretch};
use crate::app::views::why::{Cut, Row};
use crate::app::{App, Focus};
use crate::model::PathId;
use crate::text;

use super::tree::outline_name;
use crate::ui::cells::{self, Letters};
use crate::ui::paint::{Painter, line};

/// What stands behind the name of a root.
const ROOT: &str = "  root";

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
    let (before, behind) = ("Why is ", " here?");
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
    for (at, title) in ["retained", "nar"].into_iter().take(sizes).enumerate() {
        painter.put_right(size_x(row, at), row.y, SIZE, title, theme.dim);
    }
    let height = usize::from(area.height.saturating_sub(app.view().head()));
    let rows = app.views.why.rows();
    let mut letters = Letters::of(app.views.packages.words());
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

/// What there is to say in numbers; where there is no room for all, those that stand elsewhere too are left out.
fn statistics(app: &App, facts: &Facts, target: PathId, room: usize) -> String {
    let Some(base) = facts.base() else {
        return "…".to_owned();
    };
    let mut parts = Vec::new();
    match &app.views.why.lattice {
        Some(lattice) => {
            parts.push(chains(&lattice.why.chains));
            parts.push(text::counted(lattice.why.referrers.len(), "referrer"));
        }
        None => parts.push("… chains".to_owned()),
    }
    parts.push(match &app.views.why.cut {
        Cut::Pending => "… to cut".to_owned(),
        Cut::Root => "a root itself".to_owned(),
        Cut::References(cut) => {
            let references = text::counted(cut.references.len(), "reference");
            format!("{references} to cut")
        }
    });
    let retained = app
        .shared
        .look
        .units
        .known(base.dominators.retained_size(target));
    let leaving = text::counted(base.dominators.retained_count(target) as usize, "path");
    parts.push(format!("removing it frees {retained} in {leaving}"));
    let wide = |parts: &[String]| text::width(&parts.join(" · ")) > room;
    if wide(&parts) && parts.len() > 3 {
        parts.remove(1);
    }
    while wide(&parts) && parts.len() > 1 {
        parts.remove(0);
    }
    parts.join(" · ")
}

/// What goes with the references to cut, where that is more than what the path alone holds.
fn leaves_with_them(app: &App, facts: &Facts) -> Option<String> {
    let (Cut::References(cut), Some(target)) = (&app.views.why.cut, app.views.why.target) else {
        return None;
    };
    let alone = facts.base()?.dominators.retained_count(target) as usize;
    let Total { paths, .. } = cut.leaves;
    let size = app.shared.look.units.known(cut.leaves.exact());
    let them = if cut.references.len() == 1 {
        "it"
    } else {
        "them"
    };
    (paths > alone).then(|| {
        format!(
            ", and with {them} {size} in {}",
            text::counted(paths, "path")
        )
    })
}

/// A number of chains in words; beyond fifteen digits only its size matters.
pub(crate) fn chains(chains: &Chains) -> String {
    let (number, least) = match chains {
        Chains::Exactly(number) => (number, ""),
        Chains::AtLeast(number) => (number, "≥ "),
    };
    let noun = if *number == BigUint::from(1_u8) {
        "chain"
    } else {
        "chains"
    };
    format!("{least}{} {noun}", large(number))
}

fn large(number: &BigUint) -> String {
    match u64::try_from(number) {
        Ok(small) if small < 1_000_000_000_000_000 => text::count(small),
        _ => format!("10^{}", number.to_string().len() - 1),
    }
}

fn draw_row(
    app: &App,
    facts: &Facts,
    painter: &mut Painter<'_>,
    area: Rect,
    row: Row,
    letters: &mut Letters,
) {
    let theme = painter.theme;
    let room = Rect {
        x: area.x + 3,
        width: why_room(area.width),
        ..area
    };
    if let Some(id) = app.views.why.id(row) {
        cells::sign(
            app,
            painter,
            (area.x + 1, area.y),
            id,
            app.views.why.edge(row),
        );
        if !matches!(row, Row::Cut(_)) {
            let sizes = usize::from(why_sizes(area.width));
            let fields = [Field::Retained, Field::Nar].into_iter().take(sizes);
            for (at, field) in fields.enumerate() {
                let style = if at == 0 { theme.text } else { theme.dim };
                cells::value(
                    painter,
                    facts,
                    Rect::new(size_x(area, at), area.y, SIZE, 1),
                    (field, id),
                    style,
                );
            }
        }
    }
    let Some(lattice) = &app.views.why.lattice else {
        return;
    };
    match row {
        Row::Point(at) => point(app, facts, painter, room, lattice, at, letters),
        Row::Stretch(at) => {
            // It has no sizes: their room is free.
            let width = area.right().saturating_sub(room.x);
            let room = Rect { width, ..room };
            stretch(app, painter, room, at, &lattice.stretches[at]);
        }
        Row::Shortest(..) => {
            let x = painter.put(room.x, room.y, room.width, "┊     ", theme.hit);
            let rest = Rect {
                x,
                width: room.right().saturating_sub(x),
                ..room
            };
            if let Some(id) = app.views.why.id(row) {
                cells::name(painter, facts, rest, id, theme.text);
                letters.highlight(painter, rest, facts.graph().name(id));
            }
        }
        Row::Inside(number, at) => {
            let x = painter.put(room.x, room.y, room.width, INSIDE, theme.hit);
            let rest = Rect {
                x,
                width: room.right().saturating_sub(x),
                ..room
            };
            if let Some(outline) = app.views.why.inside(number) {
                outline_name(app, facts, painter, rest, (outline, at), letters);
            }
        }
        Row::Blank => {}
        Row::ReferrersHeading => {
            let what = format!(
                "Referrers ({})",
                text::count(app.views.why.referrers().len() as u64)
            );
            painter.put(room.x, room.y, room.width, &what, theme.title);
        }
        Row::Referrer(at) => {
            let rest = Rect {
                x: room.x + 2,
                width: room.width.saturating_sub(2),
                ..room
            };
            cells::name(
                painter,
                facts,
                rest,
                app.views.why.referrers()[at],
                theme.text,
            );
            letters.path(painter, facts, rest, app.views.why.referrers()[at]);
        }
        Row::CutHeading => {
            let what = match app.views.why.cut_references().len() {
                1 => "It leaves when this reference goes".to_owned(),
                many => format!(
                    "It leaves when these {} references go",
                    text::count(many as u64)
                ),
            };
            let x = painter.put(room.x, room.y, area.right() - room.x, &what, theme.title);
            if let Some(more) = leaves_with_them(app, facts) {
                painter.put(x, room.y, area.right().saturating_sub(x), &more, theme.mark);
            }
        }
        Row::Cut(at) => {
            let (from, to) = app.views.why.cut_references()[at];
            let rest = Rect {
                x: room.x + 2,
                width: area.right().saturating_sub(room.x + 3),
                ..room
            };
            let width = cells::reason(painter, facts, rest, (from, to));
            let rest = Rect { width, ..rest };
            let ends = [(from, theme.text), (to, theme.text)];
            cells::reference(painter, facts, rest, ends, theme.mark);
        }
    }
}

fn point(
    app: &App,
    facts: &Facts,
    painter: &mut Painter<'_>,
    room: Rect,
    lattice: &Lattice,
    at: usize,
    letters: &mut Letters,
) {
    let theme = painter.theme;
    let id = lattice.points[at];
    let (sign, style) = if at + 1 == lattice.points.len() {
        ("▶ ", theme.title)
    } else {
        ("◆ ", theme.text)
    };
    let x = painter.put(room.x, room.y, room.width, sign, theme.hit);
    let rest = Rect {
        x,
        width: room.right().saturating_sub(x),
        ..room
    };
    let style = if app.shared.plan.removes(id) {
        theme.mark
    } else {
        style
    };
    let is_root = facts.closure().is_root(id);
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

fn stretch(app: &App, painter: &mut Painter<'_>, room: Rect, at: usize, stretch: &Stretch) {
    let theme = painter.theme;
    let sign = if app.views.why.inside(at).is_some() {
        "▾ "
    } else {
        "▸ "
    };
    let x = painter.row(room, &[(STRETCH, theme.hit), (sign, theme.hit)]);
    let ways = if stretch.ways == u128::MAX {
        "≥ 10^38".to_owned()
    } else {
        large(&stretch.ways.into())
    };
    let steps = match (stretch.shortest, stretch.longest) {
        (same, longest) if same == longest => text::counted(same as usize, "step"),
        (shortest, longest) => format!("{shortest} to {longest} steps"),
    };
    let noun = if stretch.ways == 1 { "way" } else { "ways" };
    let rest = if app.views.why.inside(at).is_some() {
        format!("over {}", text::counted(stretch.paths, "path"))
    } else {
        "the shortest:".to_owned()
    };
    let what = format!("{ways} {noun}, {steps}, {rest}");
    painter.put(x, room.y, room.right().saturating_sub(x), &what, theme.dim);
}
