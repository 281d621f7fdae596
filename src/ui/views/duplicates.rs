//! The view of packages that are there more than once.

use ratatui::layout::Rect;

use crate::analysis::duplicates::{TwinGroup, TwinKind};
use crate::analysis::versions::same_version;
use crate::analysis::what_if::Step;
use crate::app::App;
use crate::app::facts::Facts;
use crate::app::views::duplicates::{Duplicates, Item, item, steps};
use crate::app::views::folds::Row;
use crate::model::PathId;
use crate::model::StoreGraph;
use crate::text;

use super::groups::{self, DrawList, Drawing, SIZE};
use crate::ui::cells;
use crate::ui::paint::Painter;

impl DrawList for Duplicates {
    const ABOUT: &'static str = "Packages that are there more than once: in several versions, as variants, or under several paths.";
    /// The largest savings, and the digits of the largest number of paths.
    type Scale = (i64, usize);

    fn nothing(found: &Self::Found, _facts: &Facts) -> Option<Vec<String>> {
        let none = || vec!["Every package is there only once.".to_owned()];
        found.is_empty().then(none)
    }

    fn head(
        drawing: &Drawing<'_, Self>,
        _painter: &Painter<'_>,
        area: Rect,
    ) -> (String, &'static [&'static str], Self::Scale) {
        let found = drawing.found;
        let count = text::counted(found.len(), "group");
        let what = format!("{count} that could be one, largest savings first");
        let best = found.first().map_or(0, |group| group.savings.nar_size);
        let digits = found.iter().map(digits).max().unwrap_or(0);
        let titles = &["frees", "nar"][..groups::sizes(area)];
        (what, titles, (best, digits))
    }

    fn row(
        drawing: &Drawing<'_, Self>,
        painter: &mut Painter<'_>,
        area: Rect,
        row: Row,
        &(best, digits): &Self::Scale,
    ) -> Option<(Rect, PathId)> {
        let group = drawing.found.get(row.group())?;
        let (app, facts) = (drawing.app, drawing.facts);
        match row {
            Row::Group(at) => {
                // What is not done frees nothing.
                if !steps(group).is_empty() {
                    groups::bar(painter, area, group.savings.nar_size, best);
                }
                let open = drawing.is_open(at);
                draw_group(app, facts, painter, area, (open, group, digits));
                None
            }
            Row::Item(_, at) => {
                let item = item(group, at)?;
                draw_item(app, facts, painter, area, (group, item));
                Some((groups::item_room(area), item.id()))
            }
        }
    }
}

fn draw_group(
    app: &App,
    facts: &Facts,
    painter: &mut Painter<'_>,
    area: Rect,
    (open, group, digits): (bool, &TwinGroup, usize),
) {
    let theme = painter.theme;
    let planned = steps(group);
    let all = !planned.is_empty() && planned.iter().all(|step| has(app, *step));
    if all {
        painter.put(area.x + 1, area.y, 1, "●", theme.mark);
    }
    let freed = group.savings;
    let least = if freed.known { "" } else { "≥ " };
    let (freed, style) = match freed.nar_size {
        _ if planned.is_empty() => ("–".to_owned(), theme.dim),
        0 => ("0 B".to_owned(), theme.dim),
        1.. => (
            format!(
                "{least}{}",
                painter.units.size(freed.nar_size.unsigned_abs())
            ),
            theme.gain,
        ),
        more => (painter.units.signed(-more), theme.dim),
    };
    painter.put_right(groups::size_x(area, 0), area.y, SIZE, &freed, style);
    if groups::sizes(area) > 1 {
        let total = painter.units.known(group.total.exact());
        painter.put_right(groups::size_x(area, 1), area.y, SIZE, &total, theme.dim);
    }
    let room = groups::group_room(area);
    let style = if all { theme.mark } else { theme.text };
    let x = groups::fold_sign(painter, room, open);
    let kind = kind(facts.graph(), group, digits);
    let width = room.right().saturating_sub(x);
    // One column for all of them, whatever they are called.
    let widest = (digits + 1 + SAME.len() + 1) as u16;
    let kind_x = x + width.saturating_sub(widest).min(width * 3 / 5);
    let package = text::sanitise(&group.package);
    painter.put(x, room.y, kind_x.saturating_sub(x + 1), &package, style);
    let rest = room.right().saturating_sub(kind_x);
    painter.put(kind_x, room.y, rest, &kind, theme.dim);
}

/// The longest word for what a group is made of.
const SAME: &str = "identical";

/// How many of what: `3 versions`, the numbers below each other.
fn kind(graph: &StoreGraph, group: &TwinGroup, digits: usize) -> String {
    let word = match group.kind {
        TwinKind::Versions if same_version(graph, &group.paths) => "builds",
        TwinKind::Versions => "versions",
        TwinKind::Variants => "variants",
        TwinKind::SameContent => SAME,
    };
    let count = text::count(group.paths.len() as u64);
    format!("{count:>digits$} {word}")
}

fn digits(group: &TwinGroup) -> usize {
    text::count(group.paths.len() as u64).chars().count()
}

fn draw_item(
    app: &App,
    facts: &Facts,
    painter: &mut Painter<'_>,
    area: Rect,
    (group, item): (&TwinGroup, Item),
) {
    let theme = painter.theme;
    let (verb, style) = match item {
        Item::Keep(_) => ("keep", theme.title),
        Item::Drop(_) => ("replace", theme.gain),
        Item::Stays(..) | Item::Root(_) => ("stays", theme.hit),
        Item::Change(_) => ("change", theme.dim),
    };
    let id = item.id();
    let room = groups::item_room(area);
    painter.put_right(room.x.saturating_sub(9), area.y, 7, verb, style);
    let replaced =
        matches!(item, Item::Drop(old) if has(app, Step::Replace { old, new: group.keep }));
    if replaced {
        painter.put(area.x + 1, area.y, 1, "●", theme.mark);
    } else {
        cells::sign(app, painter, (area.x + 1, area.y), id, None);
    }
    let style = match item {
        Item::Change(_) => theme.dim,
        _ if replaced || app.shared.plan.removes(id) => theme.mark,
        _ => theme.text,
    };
    let x = cells::name(painter, facts, room, id, style);
    if let Item::Stays(_, at) = item {
        let why = format!(
            "  closes a cycle: {}",
            cycle(facts, &group.refused[at].1, painter.arrow())
        );
        painter.put(x, area.y, room.right().saturating_sub(x), &why, theme.dim);
    }
    if matches!(item, Item::Root(_)) {
        let room_left = room.right().saturating_sub(x);
        painter.put(x, area.y, room_left, "  a root", theme.dim);
    }
    if !matches!(item, Item::Change(_)) {
        let size = painter.units.known(facts.graph().nar_size(id));
        // The last column before the name's room ends: where there is one column only, it has no title of its own.
        let x = groups::size_x(area, groups::sizes(area) - 1);
        painter.put_right(x, area.y, SIZE, &size, theme.dim);
    }
}

/// The paths of a cycle that would close, back to the first.
fn cycle(facts: &Facts, ids: &[PathId], arrow: &str) -> String {
    let ends = ids.first().filter(|first| ids.last() != Some(first));
    let names: Vec<String> = ids.iter().chain(ends).map(|&id| facts.label(id)).collect();
    names.join(arrow)
}

fn has(app: &App, step: Step) -> bool {
    app.shared.plan.steps().contains(&step)
}
