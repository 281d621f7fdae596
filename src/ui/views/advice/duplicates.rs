//! Groups of duplicates, what only looks like duplicates, and their members.

use ratatui::layout::Rect;

use crate::analysis::advice::Suggestion;
use crate::analysis::duplicates::{Aside, AsideKind};
use crate::analysis::what_if::{Difference, Step, Total};
use crate::app::facts::Facts;
use crate::app::views::advice::duplicates::{DuplicateItem, ListedGroup};
use crate::model::PathId;
use crate::model::StoreGraph;
use crate::text::{self, Units};

use super::{Drawn, are_planned, draw_reference, draw_sign, in_addition};
use crate::ui::cells;
use crate::ui::paint::Painter;
use crate::ui::views::groups;

/// Draws a group.
pub(super) fn draw(
    drawing: &Drawn<'_>,
    painter: &mut Painter<'_>,
    area: Rect,
    (open, group, same): (bool, ListedGroup<'_>, Option<&Suggestion>),
    most: i64,
) {
    let (theme, facts) = (painter.theme, drawing.facts);
    let planned = group.steps();
    let all = are_planned(drawing.app, &planned);
    draw_sign(painter, area, all);
    // What is not done frees nothing.
    let freed = group.freed().filter(|_| !planned.is_empty());
    if let Some(freed) = freed {
        groups::bar(painter, area, freed.nar_size, most);
    }
    let first = draw_freed(painter, area, freed);
    let beyond = match same {
        None => "–".to_owned(),
        Some(one) if one.instead => "instead".to_owned(),
        Some(one) => painter
            .units
            .size(u64::try_from(one.beyond.nar_size).unwrap_or(0)),
    };
    let first = in_addition(painter, area, &beyond, first);
    let room = groups::up_to(groups::group_room(area), first);
    let style = if all { theme.mark } else { theme.text };
    let x = groups::fold_sign(painter, room, open);
    let width = room.right().saturating_sub(x);
    let title = title(facts, group);
    let shown = text::fit_middle(&title, usize::from(width));
    let x = painter.put(x, room.y, width, &shown, style) + 2;
    // The name gives way last.
    let left = room.right().saturating_sub(x);
    let (kind, total) = kind(facts.graph(), group, painter.units);
    let fits = |what: &&str| text::width(what) <= usize::from(left);
    let whole = format!("{kind}{total}");
    if let Some(what) = [&*whole, &*kind].into_iter().find(fits) {
        painter.put(x, room.y, left, what, theme.dim);
    }
}

/// What something frees, in the column of that; gives the first cell that is written.
fn draw_freed(painter: &mut Painter<'_>, area: Rect, freed: Option<Difference>) -> u16 {
    let theme = painter.theme;
    let (freed, style) = match freed {
        None => ("–".to_owned(), theme.dim),
        Some(Difference { nar_size: 0, .. }) => ("0 B".to_owned(), theme.dim),
        Some(freed @ Difference { nar_size: 1.., .. }) => {
            let least = if freed.known { "" } else { "≥ " };
            let size = painter.units.size(freed.nar_size.unsigned_abs());
            (format!("{least}{size}"), theme.gain)
        }
        Some(more) => (painter.units.signed(-more.nar_size), theme.dim),
    };
    groups::size(painter, area, 0, &freed, style)
}

/// What its members are together.
fn total(group: ListedGroup<'_>) -> Option<Total> {
    match group {
        ListedGroup::Duplicates(group) => Some(group.total),
        ListedGroup::Aside(aside, _) => Some(aside.total),
        ListedGroup::Brought(..) => None,
    }
}

/// What a group is called.
fn title(facts: &Facts, group: ListedGroup<'_>) -> String {
    match group {
        ListedGroup::Duplicates(group) => text::sanitise(&group.package).into_owned(),
        ListedGroup::Aside(aside, _) => text::sanitise(&aside.name).into_owned(),
        ListedGroup::Brought(brought, _) => facts.label(brought.by),
    }
}

/// How many of what a group has, and what they are together.
fn kind(graph: &StoreGraph, group: ListedGroup<'_>, units: Units) -> (String, String) {
    let (count, word) = match group {
        ListedGroup::Duplicates(group) => (group.paths.len(), group.word(graph)),
        ListedGroup::Brought(brought, _) => (brought.groups.len(), "groups brought"),
        ListedGroup::Aside(aside, _) => {
            let word = match aside.kind {
                AsideKind::Platforms => "for a platform",
                kind => kind.key(),
            };
            (aside.paths.len(), word)
        }
    };
    let of = total(group).map(|total| format!(" of {}", units.known(total.exact())));
    let kind = format!("{} {word}", text::count(count as u64));
    (kind, of.unwrap_or_default())
}

/// Draws a row below a group; tells where the name of which path stands.
pub(super) fn draw_item(
    drawing: &Drawn<'_>,
    painter: &mut Painter<'_>,
    area: Rect,
    (group, item): (ListedGroup<'_>, DuplicateItem),
) -> Option<(Rect, PathId)> {
    let (theme, app, facts) = (painter.theme, drawing.app, drawing.facts);
    if let DuplicateItem::Brings(reference) = item {
        draw_reference(app, facts, painter, area, reference);
        return None;
    }
    let (verb, style) = match item {
        DuplicateItem::Keep(_) => ("keep", theme.title),
        DuplicateItem::Drop(..) => ("replace", theme.gain),
        DuplicateItem::Stays(..) | DuplicateItem::Root(_) => ("stays", theme.hit),
        DuplicateItem::Change(_) => ("change", theme.dim),
        DuplicateItem::By(_) => ("by", theme.title),
        DuplicateItem::Brings(_) | DuplicateItem::Member(_) => ("", theme.dim),
    };
    let id = item.id();
    let room = groups::item_room(area);
    painter.put_right(room.x.saturating_sub(9), area.y, 7, verb, style);
    let replaced = matches!(item, DuplicateItem::Drop(old, new) if are_planned(app, &[Step::Replace { old, new }]));
    if replaced {
        painter.put(area.x + 1, area.y, 1, "●", theme.mark);
    } else {
        cells::sign(app, painter, (area.x + 1, area.y), id, None);
    }
    let style = match item {
        DuplicateItem::Change(_) => theme.dim,
        _ if replaced || app.shared.plan.removes(id) => theme.mark,
        _ => theme.text,
    };
    let x = cells::name(painter, facts, room, id, style);
    let note = match (item, group) {
        (DuplicateItem::Stays(_, at), ListedGroup::Duplicates(group)) => {
            let around = cycle(facts, &group.refused[at].1, painter.arrow());
            format!("  closes a cycle: {around}")
        }
        (DuplicateItem::Root(_), _) => "  a root".to_owned(),
        (DuplicateItem::Member(_), ListedGroup::Aside(aside, _)) => held(facts, aside, id),
        _ => String::new(),
    };
    painter.put(x, area.y, room.right().saturating_sub(x), &note, theme.dim);
    if !matches!(item, DuplicateItem::Change(_)) {
        let size = painter.units.known(facts.graph().nar_size(id));
        // The last column before the name's room ends: where there is one column only, it has no title of its own.
        groups::size(painter, area, groups::sizes(area) - 1, &size, theme.dim);
    }
    if let (ListedGroup::Aside(aside, _), true) = (group, groups::sizes(area) > 1)
        && let Some(member) = aside.members.iter().find(|member| member.path == id)
    {
        draw_freed(painter, area, Some(member.freed));
    }
    Some((room, id))
}

/// Who holds one of several alternatives.
fn held(facts: &Facts, aside: &Aside, id: PathId) -> String {
    let member = aside.members.iter().find(|member| member.path == id);
    let Some((&first, others)) = member.and_then(|member| member.referrers.split_first()) else {
        return String::new();
    };
    let first = facts.label(first);
    match others.len() {
        0 => format!("  held by {first}"),
        more => format!("  held by {first} and {} more", text::count(more as u64)),
    }
}

/// The paths of a cycle that would close, back to the first.
fn cycle(facts: &Facts, ids: &[PathId], arrow: &str) -> String {
    let ends = ids.first().filter(|first| ids.last() != Some(first));
    let names: Vec<String> = ids.iter().chain(ends).map(|&id| facts.label(id)).collect();
    names.join(arrow)
}
