//! The view of packages that are there more than once.

use std::fmt::Write as _;

use ratatui::layout::Rect;

use crate::analysis::duplicates::{Aside, AsideKind, TwinKind};
use crate::analysis::versions::same_version;
use crate::analysis::what_if::{Difference, Step, Total};
use crate::app::App;
use crate::app::facts::Facts;
use crate::app::views::duplicates::{Duplicates, Group, Item};
use crate::app::views::folds::Row;
use crate::model::PathId;
use crate::model::StoreGraph;
use crate::text;

use super::groups::{self, DrawList, Drawing, SIZE};
use super::leverage::draw_reference;
use crate::ui::cells;
use crate::ui::paint::Painter;

impl DrawList for Duplicates {
    const ABOUT: &'static str = "Packages that are there more than once: in several versions, as variants, or under several paths.";
    type Scale = Scale;

    fn nothing(found: &Self::Found, _facts: &Facts) -> Option<Vec<String>> {
        let none = || vec!["Every package is there only once.".to_owned()];
        (found.count() == 0).then(none)
    }

    fn head(
        drawing: &Drawing<'_, Self>,
        _painter: &Painter<'_>,
        area: Rect,
    ) -> (String, &'static [&'static str], Scale) {
        let found = drawing.found;
        let count = text::counted(found.twins(), "group");
        let mut what = format!("{count} that could be one, largest savings first");
        if let Some(more @ 1..) = found.count().checked_sub(found.twins()) {
            let _ = write!(what, "; {} of other kinds", text::count(more as u64));
        }
        let graph = drawing.facts.graph();
        let mut scale = Scale::default();
        for group in found.groups() {
            let (count, word) = kind(graph, group);
            scale.digits = scale.digits.max(text::count(count).chars().count());
            scale.word = scale.word.max(word.len());
            let freed = group.freed().map_or(0, |freed| freed.nar_size);
            scale.best = scale.best.max(freed);
        }
        let titles = &["frees", "nar"][..groups::sizes(area)];
        (what, titles, scale)
    }

    fn row(
        drawing: &Drawing<'_, Self>,
        painter: &mut Painter<'_>,
        area: Rect,
        row: Row,
        scale: &Scale,
    ) -> Option<(Rect, PathId)> {
        let group = drawing.found.get(row.group())?;
        match row {
            Row::Group(at) => {
                draw_group(drawing, painter, area, (drawing.is_open(at), group), scale);
                None
            }
            Row::Item(_, at) => {
                let item = group.item(at)?;
                if let Item::Brings(reference) = item {
                    draw_reference(drawing.app, drawing.facts, painter, area, reference);
                    return None;
                }
                draw_item(drawing, painter, area, (group, item));
                Some((groups::item_room(area), item.id()))
            }
        }
    }
}

/// What all rows have in common.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Scale {
    /// The largest savings in bytes.
    best: i64,
    /// Digits of the largest number of paths.
    digits: usize,
    /// Letters of the longest word for what a group is made of.
    word: usize,
}

fn draw_group(
    drawing: &Drawing<'_, Duplicates>,
    painter: &mut Painter<'_>,
    area: Rect,
    (open, group): (bool, Group<'_>),
    scale: &Scale,
) {
    let (theme, facts) = (painter.theme, drawing.facts);
    let planned = group.steps();
    let all = !planned.is_empty() && planned.iter().all(|step| has(drawing.app, *step));
    if all {
        painter.put(area.x + 1, area.y, 1, "●", theme.mark);
    }
    // What is not done frees nothing.
    let freed = group.freed().filter(|_| !planned.is_empty());
    if let Some(freed) = freed {
        groups::bar(painter, area, freed.nar_size, scale.best);
    }
    draw_freed(painter, area, freed);
    if groups::sizes(area) > 1 {
        let total = total(group).map(|total| painter.units.known(total.exact()));
        let total = total.unwrap_or_default();
        painter.put_right(groups::size_x(area, 1), area.y, SIZE, &total, theme.dim);
    }
    let room = groups::group_room(area);
    let style = if all { theme.mark } else { theme.text };
    let x = groups::fold_sign(painter, room, open);
    let (count, word) = kind(facts.graph(), group);
    let digits = scale.digits;
    let kind = format!("{:>digits$} {word}", text::count(count));
    let width = room.right().saturating_sub(x);
    // One column for all of them, whatever they are called.
    let widest = (scale.digits + 1 + scale.word + 1) as u16;
    let kind_x = x + width.saturating_sub(widest).min(width * 3 / 5);
    let title = text::fit_middle(
        &title(facts, group),
        usize::from(kind_x.saturating_sub(x + 1)),
    )
    .into_owned();
    painter.put(x, room.y, kind_x.saturating_sub(x + 1), &title, style);
    let rest = room.right().saturating_sub(kind_x);
    painter.put(kind_x, room.y, rest, &kind, theme.dim);
}

/// What something frees, in the column of that.
fn draw_freed(painter: &mut Painter<'_>, area: Rect, freed: Option<Difference>) {
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
    painter.put_right(groups::size_x(area, 0), area.y, SIZE, &freed, style);
}

/// What its members are together.
fn total(group: Group<'_>) -> Option<Total> {
    match group {
        Group::Twins(group) => Some(group.total),
        Group::Aside(aside, _) => Some(aside.total),
        Group::Brought(..) => None,
    }
}

/// What a group is called.
fn title(facts: &Facts, group: Group<'_>) -> String {
    match group {
        Group::Twins(group) => text::sanitise(&group.package).into_owned(),
        Group::Aside(aside, _) => text::sanitise(&aside.name).into_owned(),
        Group::Brought(brought, _) => facts.label(brought.by),
    }
}

/// How many of what a group has.
fn kind(graph: &StoreGraph, group: Group<'_>) -> (u64, &'static str) {
    match group {
        Group::Twins(group) => {
            let word = match group.kind {
                TwinKind::Versions if same_version(graph, &group.paths) => "builds",
                TwinKind::Versions => "versions",
                TwinKind::Variants => "variants",
                TwinKind::SameContent => "identical",
            };
            (group.paths.len() as u64, word)
        }
        Group::Brought(brought, _) => (brought.groups.len() as u64, "groups brought"),
        Group::Aside(aside, _) => {
            let word = match aside.kind {
                AsideKind::Platforms => "for a platform",
                AsideKind::Coexisting => "coexisting",
                AsideKind::Stages => "stages",
                AsideKind::Alternatives => "alternatives",
            };
            (aside.paths.len() as u64, word)
        }
    }
}

fn draw_item(
    drawing: &Drawing<'_, Duplicates>,
    painter: &mut Painter<'_>,
    area: Rect,
    (group, item): (Group<'_>, Item),
) {
    let (theme, app, facts) = (painter.theme, drawing.app, drawing.facts);
    let (verb, style) = match item {
        Item::Keep(_) => ("keep", theme.title),
        Item::Drop(..) => ("replace", theme.gain),
        Item::Stays(..) | Item::Root(_) => ("stays", theme.hit),
        Item::Change(_) => ("change", theme.dim),
        Item::By(_) => ("by", theme.title),
        Item::Brings(_) | Item::Member(_) => ("", theme.dim),
    };
    let id = item.id();
    let room = groups::item_room(area);
    painter.put_right(room.x.saturating_sub(9), area.y, 7, verb, style);
    let replaced = matches!(item, Item::Drop(old, new) if has(app, Step::Replace { old, new }));
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
    let note = match (item, group) {
        (Item::Stays(_, at), Group::Twins(group)) => {
            let around = cycle(facts, &group.refused[at].1, painter.arrow());
            format!("  closes a cycle: {around}")
        }
        (Item::Root(_), _) => "  a root".to_owned(),
        (Item::Member(_), Group::Aside(aside, _)) => held(facts, aside, id),
        _ => String::new(),
    };
    painter.put(x, area.y, room.right().saturating_sub(x), &note, theme.dim);
    if !matches!(item, Item::Change(_)) {
        let size = painter.units.known(facts.graph().nar_size(id));
        // The last column before the name's room ends: where there is one column only, it has no title of its own.
        let x = groups::size_x(area, groups::sizes(area) - 1);
        painter.put_right(x, area.y, SIZE, &size, theme.dim);
    }
    if let (Group::Aside(aside, _), true) = (group, groups::sizes(area) > 1)
        && let Some(member) = aside.members.iter().find(|member| member.path == id)
    {
        draw_freed(painter, area, Some(member.freed));
    }
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

fn has(app: &App, step: Step) -> bool {
    app.shared.plan.steps().contains(&step)
}
