//! The view of differences.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::analysis::diff::{Change, Delta, PackageChange};
use crate::analysis::prediction::{Basis, Certainty};
use crate::app::facts::{Facts, Guess};
use crate::app::keys::table::KeyTable;
use crate::app::views::diff::{DiffGroups, DiffItem};
use crate::app::views::folds::GroupRow;
use crate::model::{PackageName, PathId};
use crate::text::{self, Units};

use super::groups::{self, DrawList, Drawing};
use crate::ui::cells;
use crate::ui::paint::Painter;

impl DrawList for DiffGroups {
    const ABOUT: &'static str = "What came, left and changed, package by package, the largest difference first. Below each package its paths, the reference that brought in what was not there before in any version, and what came along.";
    /// The largest difference in bytes, which fills a bar.
    type Scale = u64;

    fn nothing(found: &Self::Found, facts: &Facts, _keys: &KeyTable) -> Option<Vec<String>> {
        let Some(found) = found else {
            let what = "Not compared yet: the command “compare” takes the previous generation, or asks for another closure.";
            return Some(vec![what.to_owned()]);
        };
        let none = || {
            vec![match (facts.guess(), facts.before()) {
                (Some(guess), _) => {
                    format!("Nothing changes with {}", guess.changes.join(" and "))
                }
                (None, before) => {
                    let name = before.map_or("", |before| &before.name);
                    format!("Nothing differs from {name}.")
                }
            }]
        };
        found.diff.is_empty().then(none)
    }

    fn head(
        drawing: &Drawing<'_, Self>,
        painter: &Painter<'_>,
        area: Rect,
    ) -> (String, &'static [&'static str], u64) {
        let titles = &["change", "after"][..groups::sizes(area)];
        let what = summary(drawing, painter.units, usize::from(area.width));
        let packages = drawing.found.iter().flat_map(|found| &found.diff.packages);
        let largest = packages.map(|one| one.delta.nar_size.unsigned_abs()).max();
        (what, titles, largest.unwrap_or(0))
    }

    fn row(
        drawing: &Drawing<'_, Self>,
        painter: &mut Painter<'_>,
        area: Rect,
        row: GroupRow,
        &largest: &u64,
    ) -> Option<(Rect, PathId)> {
        let found = drawing.found.as_ref()?;
        match row {
            GroupRow::Group(at) => {
                let package = found.package(at)?;
                draw_package(drawing, painter, area, (at, package, largest));
                None
            }
            GroupRow::Item(group, at) => {
                let item = found.item(group, at)?;
                draw_item(drawing, painter, area, item)
            }
        }
    }
}

/// What is different in all, as much of it as there is room for.
fn summary(drawing: &Drawing<'_, DiffGroups>, units: Units, width: usize) -> String {
    let Some(found) = drawing.found else {
        return String::new();
    };
    let diff = &found.diff;
    let total = |total: &crate::analysis::what_if::Total| {
        units.at_least(total.nar_size, total.unknown == 0)
    };
    let guess = drawing.facts.guess();
    let sizes = format!(
        "{} → {}{}, {}",
        total(&diff.before),
        total(&diff.after),
        guess.map_or("", |_| " predicted"),
        units.signed(diff.delta().nar_size)
    );
    let (came, left) = (diff.came.len() as u64, diff.left.len() as u64);
    let paths = format!(
        "{sizes}: {} paths came, {} left",
        text::count(came),
        text::count(left)
    );
    let fitting = match (guess, drawing.facts.before()) {
        (Some(guess), _) => tried(guess, paths),
        (None, Some(before)) => {
            let name = text::sanitise(&before.name);
            let short = name.rsplit('/').next().unwrap_or_default();
            vec![
                format!("since {name}: {paths}"),
                format!("since {short}: {paths}"),
                paths,
            ]
        }
        (None, None) => vec![paths],
    };
    let fits = |what: &&String| text::width(what) + 4 <= width;
    fitting.iter().find(fits).cloned().unwrap_or(sizes)
}

/// What was tried, with as much of what it gives as there is room for.
fn tried(guess: &Guess, paths: String) -> Vec<String> {
    let change = text::sanitise(&guess.changes.join(" and ")).into_owned();
    let unknown = guess.new.values();
    let unknown = unknown.filter(|&&sure| sure == Certainty::Unknown).count();
    let mut facts = paths.clone();
    if unknown > 0 {
        facts = format!("{facts}, {} of unknown size", text::count(unknown as u64));
    }
    let basis = match guess.basis {
        Basis::Built => "",
        Basis::Earlier | Basis::Named => ", matched by name",
        Basis::Evaluated => ", never built here: both predicted",
    };
    vec![
        format!("with {change} {facts}{basis}"),
        format!("tried: {facts}{basis}"),
        format!("tried: {paths}{basis}"),
        format!("tried: {paths}"),
        paths,
    ]
}

/// How sure what comes of a package is, if one of its paths is not exact: the least sure counts.
fn sureness(facts: &Facts, package: &PackageChange) -> &'static str {
    let came = || package.came.iter().map(|&id| facts.certainty(id));
    if came().any(|sure| sure == Certainty::Unknown) {
        ", of unknown size"
    } else if came().any(|sure| sure == Certainty::Predicted) {
        ", predicted"
    } else {
        ""
    }
}

fn draw_package(
    drawing: &Drawing<'_, DiffGroups>,
    painter: &mut Painter<'_>,
    area: Rect,
    (at, package, largest): (usize, &PackageChange, u64),
) {
    let theme = painter.theme;
    let graph = drawing.facts.graph();
    let bytes = i64::try_from(package.delta.nar_size.unsigned_abs()).unwrap_or(i64::MAX);
    groups::bar(
        painter,
        area,
        bytes,
        i64::try_from(largest).unwrap_or(i64::MAX),
    );
    let (delta, style) = change(painter, &package.delta);
    groups::size(painter, area, 0, &delta, style);
    if groups::sizes(area) > 1 {
        let sizes = package.after.iter().map(|&id| graph.nar_size(id));
        let after = match package.after.len() {
            0 => "gone".to_owned(),
            _ => painter.units.known(sizes.sum()),
        };
        groups::size(painter, area, 1, &after, theme.dim);
    }
    let room = groups::group_room(area);
    let x = groups::fold_sign(painter, room, drawing.is_open(at));
    let (sign, style) = sign(painter, package.change);
    let x = painter.put(x, room.y, 2, sign, style) + 1;
    let left = room.right().saturating_sub(x + 1);
    let PackageName { pname, output, .. } = package.name(graph);
    let output = output
        .map(|output| format!(" {output}"))
        .unwrap_or_default();
    let name = format!("{}{output}", text::sanitise(pname));
    // One column for the versions of all of them.
    let version_x = x + (left * 11 / 20).min(34);
    let width = version_x.saturating_sub(x + 1);
    let name_style = if package.after.is_empty() {
        theme.dim
    } else {
        theme.text
    };
    painter.put(
        x,
        room.y,
        width,
        &text::fit_middle(&name, usize::from(width)),
        name_style,
    );
    let rest = room.right().saturating_sub(version_x + 1);
    let words = package.versions(graph, painter.arrow());
    let words = format!("{words}{}", sureness(drawing.facts, package));
    painter.put(
        version_x,
        room.y,
        rest,
        &text::fit(&words, usize::from(rest)),
        theme.dim,
    );
}

fn draw_item(
    drawing: &Drawing<'_, DiffGroups>,
    painter: &mut Painter<'_>,
    area: Rect,
    item: DiffItem,
) -> Option<(Rect, PathId)> {
    let theme = painter.theme;
    let (verb, style) = match item {
        DiffItem::Came(_) => ("came", theme.hit),
        DiffItem::Left(_) => ("gone", theme.gain),
        DiffItem::Stayed(_) => ("stayed", theme.dim),
        DiffItem::By(_) => ("by", theme.title),
        DiffItem::HeldBy(_) => ("held by", theme.title),
        DiffItem::With(_) => ("with", theme.dim),
        DiffItem::Along(_) | DiffItem::More(_) => ("along", theme.dim),
    };
    let room = groups::item_room(area);
    painter.put_right(room.x.saturating_sub(9), area.y, 7, verb, style);
    let Some(id) = item.id() else {
        if let DiffItem::More(count) = item {
            let more = format!("and {} more", text::count(count as u64));
            painter.put(room.x, room.y, room.width, &more, theme.dim);
        }
        return None;
    };
    cells::sign(drawing.app, painter, (area.x + 1, area.y), id, None);
    let elsewhere = drawing.facts.is_gone(id);
    let style = if elsewhere {
        theme.dim
    } else {
        drawing.style(painter, id)
    };
    if let DiffItem::By(reference) | DiffItem::HeldBy(reference) = item {
        let room = Rect {
            width: cells::reason(painter, drawing.facts, room, reference),
            ..room
        };
        let ends = [(reference.0, style), (reference.1, theme.dim)];
        cells::reference(painter, drawing.facts, room, ends, theme.dim);
        return None;
    }
    cells::name(painter, drawing.facts, room, id, style);
    let size = painter.units.known(drawing.facts.graph().nar_size(id));
    let size = match drawing.facts.certainty(id) {
        Certainty::Predicted => format!("~{size}"),
        Certainty::Exact | Certainty::Unknown => size,
    };
    groups::size(painter, area, groups::sizes(area) - 1, &size, theme.dim);
    Some((room, id))
}

/// A difference, and how it looks: what became less is a gain.
pub(super) fn change(painter: &Painter<'_>, delta: &Delta) -> (String, Style) {
    let theme = painter.theme;
    let style = match delta.nar_size {
        0 => theme.dim,
        1.. => theme.hit,
        _ => theme.gain,
    };
    let least = if delta.unknown > 0 { "≥ " } else { "" };
    match (delta.unknown, delta.nar_size) {
        (1.., 0) => ("–".to_owned(), theme.dim),
        (1.., ..0) => (painter.units.signed(delta.nar_size), style),
        _ => (
            format!("{least}{}", painter.units.signed(delta.nar_size)),
            style,
        ),
    }
}

/// What happened to a package, in one cell.
pub(super) fn sign(painter: &Painter<'_>, change: Change) -> (&'static str, Style) {
    let theme = painter.theme;
    match change {
        Change::Came => ("+", theme.hit),
        Change::Left => ("-", theme.gain),
        Change::Version => ("~", theme.title),
        Change::Rebuilt => ("=", theme.dim),
        Change::Copies => ("#", theme.title),
    }
}
