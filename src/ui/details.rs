//! What is known of the selected path.

use ratatui::layout::Rect;

use crate::app::details::{DetailsRow, Relation, counts_chains};
use crate::app::facts::{Facts, Metric, Value};
use crate::app::frame::layout::Areas;
use crate::app::keys::command::Command;
use crate::app::keys::fixed;
use crate::app::planning::best_cut::Cut;
use crate::app::target::Many;
use crate::app::views::roots::about::AboutLine;
use crate::app::{App, Focus};
use crate::model::PathId;
use crate::text::{self, broken, wrapped};

use super::cells;
use super::paint::{Painter, line};
use super::views::why;

/// The fewest and the most cells of the bars that show each size as a part of all the path needs.
const BAR: std::ops::RangeInclusive<u16> = 3..=8;
/// Cells of a size, the gaps around its bar, and the words behind it.
const AROUND_BAR: u16 = 10 + 2 + 17;

/// Draws the pane, with the line that parts it from the view if there is one beside it.
pub(crate) fn draw(app: &App, facts: &Facts, painter: &mut Painter<'_>, area: Rect) {
    let mut inner = area;
    if Areas::has_room_for_side(app.shared.size.0) {
        let style = if app.focus == Focus::Side {
            painter.theme.accent
        } else {
            painter.theme.line
        };
        for y in area.top()..area.bottom() {
            painter.put(area.x + 1, y, 1, "│", style);
        }
        inner = Rect {
            x: area.x + 2,
            width: area.width.saturating_sub(2),
            ..area
        };
    }
    if let Some(many) = app.target(Focus::Main).and_then(|target| target.many) {
        return block(app, painter, inner, many);
    }
    if app.focus == Focus::Main
        && app.target(Focus::Main).is_some_and(|target| target.is_root)
        && let Some(lines) = app.views.roots.about(app.shared.look.units)
    {
        return root(painter, inner, &lines);
    }
    let Some(id) = app.details.id else { return };
    let (above, below) = app.details.frame(inner.height);
    let shown = Rect {
        height: above.min(inner.height),
        ..inner
    };
    head(app, facts, painter, shown, id);
    lists(app, facts, painter, inner);
    if below == 0 {
        return;
    }
    let metric = app.views.packages.sort.metric;
    let meaning = format!("{}: {}", metric.title(), metric.definition());
    let room = usize::from(inner.width.saturating_sub(2));
    for (down, part) in wrapped(&meaning, room).iter().take(2).enumerate() {
        let row = line(inner, (inner.height + down as u16).saturating_sub(2));
        let style = painter.theme.dim;
        painter.put(row.x + 1, row.y, room as u16, part, style);
    }
}

/// A block of the map that many paths share.
fn block(app: &App, painter: &mut Painter<'_>, area: Rect, many: Many) {
    let theme = painter.theme;
    let paths = text::counted(many.paths, "path");
    let headline = format!("{paths}, {}", app.shared.look.units.size(many.bytes));
    let room = area.width.saturating_sub(2);
    painter.put(area.x + 1, area.y, room, &headline, theme.title);
    let key = app.shared.keys.shown(Command::Enter);
    let what = format!(
        "Each is too small here for an area of its own. {key} shows them, the largest first."
    );
    for (down, part) in wrapped(&what, usize::from(room)).iter().enumerate() {
        let row = line(area, 2 + down as u16);
        painter.put(row.x + 1, row.y, room, part, theme.dim);
    }
}

/// The root under the cursor, which need not lead to a path of the closure.
fn root(painter: &mut Painter<'_>, area: Rect, lines: &[AboutLine]) {
    let theme = painter.theme;
    let room = area.width.saturating_sub(2);
    let mut down = 0;
    for (at, what) in lines.iter().enumerate() {
        let (what, style) = match what {
            AboutLine::Heading(what) => (what, theme.title),
            AboutLine::Text(what) => (what, theme.text),
            AboutLine::Faint(what) => (what, theme.dim),
        };
        down += u16::from(at > 0 && style == theme.title);
        for part in broken(&text::sanitise(what), usize::from(room).max(1)) {
            if down >= area.height {
                return;
            }
            let row = line(area, down);
            painter.put(row.x + 1, row.y, room, &part, style);
            down += 1;
        }
    }
}

fn head(app: &App, facts: &Facts, painter: &mut Painter<'_>, area: Rect, id: PathId) {
    let theme = painter.theme;
    let row = |down| {
        let row = line(area, down);
        Rect {
            x: row.x + 1,
            width: row.width.saturating_sub(2),
            ..row
        }
    };
    let title = if app.shared.plan.removes(id) {
        theme.mark
    } else {
        theme.title
    };
    cells::name(painter, facts, row(0), id, title);
    let (letters, hash) = (facts.hash_prefix(id), facts.graph().hash_part(id));
    painter.row(
        row(1),
        &[
            (letters, theme.letters),
            (&hash[letters.len()..], theme.dim),
        ],
    );
    if !letters.is_empty() {
        let what = format!("{letters} tells it from its namesakes");
        painter.row(row(2), &[(&what, theme.dim)]);
    }
    let sizes = [
        (Metric::Nar, "itself"),
        (Metric::Closure, "with all it needs"),
        (Metric::Retained, "leave with it"),
    ];
    for (at, (metric, words)) in sizes.into_iter().enumerate() {
        size_row(facts, painter, row(3 + at as u16), (metric, id), words);
    }
    painter.row(row(6), &[(&origin(app), theme.dim)]);
    painter.row(row(7), &[(&chains(app, facts), theme.dim)]);
    painter.row(row(8), &[(&cut(app, facts, id), theme.dim)]);
    let own = app.details.own.iter().map(|own| ("bytes", own));
    let provenance = app.details.origin.iter().chain(&app.details.provenance);
    let provenance = provenance.map(|(label, what)| (*label, what));
    for (at, (label, what)) in own.chain(provenance).enumerate() {
        let place = row(9 + at as u16);
        painter.put(place.x, place.y, place.width, label, theme.dim);
        let x = place.x + 11;
        painter.put(
            x,
            place.y,
            place.right().saturating_sub(x),
            &text::sanitise(what),
            theme.text,
        );
    }
}

fn size_row(
    facts: &Facts,
    painter: &mut Painter<'_>,
    area: Rect,
    (metric, id): (Metric, PathId),
    words: &str,
) {
    let theme = painter.theme;
    let room = Rect { width: 10, ..area };
    let bar = area.width.saturating_sub(AROUND_BAR);
    let bar = bar.clamp(*BAR.start(), *BAR.end());
    cells::value(painter, facts, room, (metric, id), theme.text);
    let whole = facts.value(Metric::Closure, id).number();
    if let (Value::Size(bytes), Some(whole)) = (facts.value(metric, id), whole) {
        let part = bytes as f64 / whole.max(1) as f64;
        painter.bar(area.x + 11, area.y, bar, part);
    }
    let words = match (metric, facts.value(Metric::Count, id)) {
        (Metric::Retained, Value::Number(1)) => "leaves with it".to_owned(),
        (Metric::Retained, Value::Number(paths)) => format!("{} paths leave", text::count(paths)),
        _ => words.to_owned(),
    };
    let x = area.x + 11 + bar + 1;
    painter.put(x, area.y, area.right().saturating_sub(x), &words, theme.dim);
}

/// The option that brings the path, and how many others there are.
fn origin(app: &App) -> String {
    let Some(chains) = app.shared.chains_to(app.details.id) else {
        return String::new();
    };
    let Some((definition, _)) = chains.origins.first() else {
        return String::new();
    };
    let option = text::sanitise(&definition.option);
    let more = match chains.origins.len() - 1 {
        0 => String::new(),
        more => format!(" and {} more", text::count(more as u64)),
    };
    let how = if definition.is_inferred {
        ", by its name"
    } else {
        ""
    };
    format!("{option}{more}{how}")
}

fn chains(app: &App, facts: &Facts) -> String {
    if app.details.id.is_some_and(|id| facts.is_gone(id)) {
        let why = app.shared.keys.shown(Command::WHY);
        return match facts.guess() {
            Some(_) => fixed::hints(&[(&why, "shows what would hold it")], "not built: "),
            None => fixed::hints(&[(&why, "shows what held it")], "gone: "),
        };
    }
    let many = match app.shared.chains_to(app.details.id) {
        Some(chains) => why::chains(&chains.why.chains),
        None if counts_chains(facts) => "… chains".to_owned(),
        None => {
            let why = app.shared.keys.shown(Command::WHY);
            fixed::hints(&[(&why, "counts the chains")], "")
        }
    };
    let depth = app.details.id.map(|id| facts.value(Metric::Depth, id));
    match depth {
        Some(Value::Number(0)) => format!("{many}, a root"),
        Some(Value::Number(steps)) => {
            format!("{many}, shortest {}", text::counted(steps as usize, "step"))
        }
        _ => many,
    }
}

/// The best cut, and what it takes along.
fn cut(app: &App, facts: &Facts, id: PathId) -> String {
    let units = app.shared.look.units;
    if facts.is_gone(id) {
        return String::new();
    }
    match app.shared.best_of(id) {
        Some(Cut::References(cut)) => cut.set().map_or_else(String::new, |set| {
            let references = text::counted(set.references.len(), "reference");
            let along = match set.collateral.paths {
                ..=0 => "nothing".to_owned(),
                _ => units.size(set.collateral.nar_size.unsigned_abs()),
            };
            format!("cut {references}, {along} along")
        }),
        Some(Cut::Pinned) => "pins keep it here".to_owned(),
        None if counts_chains(facts) => "… references to cut".to_owned(),
        Some(Cut::Root | Cut::Pending) | None => String::new(),
    }
}

fn lists(app: &App, facts: &Facts, painter: &mut Painter<'_>, area: Rect) {
    let (top, _) = app.details.frame(area.height);
    let height = app.details.room(area.height);
    for (down, at) in app
        .details
        .cursor
        .window(app.details.rows(), height)
        .enumerate()
    {
        let row = line(area, top + down as u16);
        if at == app.details.cursor.at && app.focus == Focus::Side {
            cells::cursor(app, painter, row, Focus::Side);
        }
        match app.details.row(at) {
            Some(DetailsRow::Heading(relation)) => heading(app, painter, row, relation),
            Some(DetailsRow::Path(relation, id)) => path(app, facts, painter, row, (relation, id)),
            Some(DetailsRow::Blank) | None => {}
        }
    }
    let window = app.details.cursor.window(app.details.rows(), height);
    let cut = app.details.rows() > window.end && height > 1;
    if cut && app.focus != Focus::Side {
        more(app, painter, line(area, top + height as u16 - 1), window);
    }
}

/// In place of the last row: how many paths are not shown.
fn more(app: &App, painter: &mut Painter<'_>, area: Rect, window: std::ops::Range<usize>) {
    let shown = window.start..window.end - 1;
    let shown = shown.filter(|&at| matches!(app.details.row(at), Some(DetailsRow::Path(..))));
    let more = app.details.paths().saturating_sub(shown.count());
    let what = format!("… {} more", text::count(more as u64));
    let style = painter.theme.dim;
    painter.put(
        area.x,
        area.y,
        area.width,
        &" ".repeat(usize::from(area.width)),
        style,
    );
    painter.put(
        area.x + 3,
        area.y,
        area.width.saturating_sub(3),
        &what,
        style,
    );
}

fn heading(app: &App, painter: &mut Painter<'_>, area: Rect, relation: Relation) {
    let count = app.details.count(relation);
    let number = text::count(count as u64);
    let what = match (relation, count) {
        (Relation::Point, 1) => "Every chain passes through".to_owned(),
        (Relation::Point, _) => format!("Every chain passes through these {number}"),
        (Relation::Referrer, _) => format!("Referrers {number}"),
        (Relation::Reference, _) => format!("References {number}"),
    };
    let style = painter.theme.title;
    painter.put(
        area.x + 1,
        area.y,
        area.width.saturating_sub(1),
        &what,
        style,
    );
}

fn path(
    app: &App,
    facts: &Facts,
    painter: &mut Painter<'_>,
    area: Rect,
    (relation, id): (Relation, PathId),
) {
    let theme = painter.theme;
    cells::sign(app, painter, (area.x + 1, area.y), id, None);
    let x = if relation == Relation::Point {
        painter.put(area.x + 2, area.y, 2, "◆ ", theme.hit)
    } else {
        area.x + 3
    };
    let room = Rect::new(x, area.y, area.right().saturating_sub(x + 12), 1);
    cells::name(painter, facts, room, id, theme.text);
    let room = Rect::new(area.right().saturating_sub(11), area.y, 10, 1);
    cells::value(painter, facts, room, (Metric::Retained, id), theme.dim);
}
