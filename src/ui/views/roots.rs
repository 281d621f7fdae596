//! The view of roots.

mod held;

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::analysis::sets::Region;
use crate::analysis::what_if::Total;
use crate::app::facts::{Facts, Metric};
use crate::app::keys::table::KeyTable;
use crate::app::views::folds::GroupRow;
use crate::app::views::roots::{RootGroups, Roots, RootsItem, RootsPart};
use crate::model::PathId;
use crate::text::{self, Units};

use super::groups::{self, DrawList, Drawing, SIZE};
use crate::ui::cells;
use crate::ui::paint::Painter;

/// From this many columns on there is room for the number of paths.
const WITH_PATHS: u16 = 76;

impl DrawList for RootGroups {
    const ABOUT: &'static str = "What each root keeps, alone and shared with others; and for each direct dependency its share, with every size split evenly among those that need it, and what would leave with it.";
    /// Bytes of the closure, which fill a bar.
    type Scale = u64;

    fn nothing(found: &Self::Found, _facts: &Facts, _keys: &KeyTable) -> Option<Vec<String>> {
        let none = || vec!["There are no roots.".to_owned()];
        found.groups().is_empty().then(none)
    }

    fn head(
        drawing: &Drawing<'_, Self>,
        painter: &Painter<'_>,
        area: Rect,
    ) -> (String, &'static [&'static str], u64) {
        let titles = &["alone", "closure", "paths"][..columns(area)];
        let whole = drawing.facts.closure().known_nar_size();
        let whole = match &drawing.found.store {
            Some(store) => store.alive.nar_size.max(whole),
            None => whole,
        };
        (heading(drawing, painter), titles, whole)
    }

    fn sorted_column(drawing: &Drawing<'_, Self>) -> Option<usize> {
        drawing.found.sort.column()
    }

    fn row(
        drawing: &Drawing<'_, Self>,
        painter: &mut Painter<'_>,
        area: Rect,
        row: GroupRow,
        &whole: &u64,
    ) -> Option<(Rect, PathId)> {
        let rows = RootRows { drawing, whole };
        match row {
            GroupRow::Group(at) => rows.group(painter, area, at),
            GroupRow::Item(group, at) => {
                let item = drawing.found.item(group, at)?;
                rows.item(painter, area, item)
            }
        }
    }
}

/// What is marked and what that frees; without marks, what there is.
fn heading(drawing: &Drawing<'_, RootGroups>, painter: &Painter<'_>) -> String {
    let (view, units) = (&drawing.app.views.roots, painter.units);
    if view.marks() > 0 {
        let marked = text::counted(view.marks(), "root");
        let Some(joint) = view.joint() else {
            return format!("{marked} marked: dropping them frees …");
        };
        let disk = match joint.disk {
            Some(disk) if disk.bytes == 0 && disk.unknown > 0 => "–".to_owned(),
            Some(disk) => units.at_least(disk.bytes, disk.exact().is_some()),
            None => "…".to_owned(),
        };
        let freed = said(joint.total, units);
        return format!("{marked} marked: dropping them frees {freed}, {disk} on disk");
    }
    let Some(store) = &drawing.found.store else {
        return summary(drawing.found, units);
    };
    let roots = text::counted(store.rows.len(), "root");
    let keeps = if store.rows.len() == 1 {
        "keeps"
    } else {
        "keep"
    };
    let dead = store.dead_total;
    let alive = said(store.alive, units);
    let what = match dead.paths {
        0 => format!("{roots} {keeps} {alive}"),
        _ => format!(
            "{roots} {keeps} {alive}; nothing keeps {}",
            said(dead, units)
        ),
    };
    match store.caution() {
        None => what,
        Some(_) => format!("{what}; not all roots could be read"),
    }
}

fn summary(found: &Roots, units: Units) -> String {
    match found.overlap.holdings.len() {
        1 => "one root, and the shares of its direct dependencies".to_owned(),
        2 => format!("two roots share {}", said(found.overlap.shared, units)),
        many => format!(
            "{} roots: several need {}, all need {}",
            text::count(many as u64),
            said(found.overlap.shared, units),
            bytes(found.overlap.shared_by_all, units)
        ),
    }
}

fn said(total: Total, units: Units) -> String {
    let paths = text::counted(total.paths, "path");
    format!("{} in {paths}", bytes(total, units))
}

/// The bytes; where some are unknown, the least there can be.
fn bytes(total: Total, units: Units) -> String {
    units.at_least(total.nar_size, total.exact().is_some())
}

fn columns(area: Rect) -> usize {
    if area.width < WITH_PATHS { 2 } else { 3 }
}

/// Where a name stands, this many cells behind the edge of the rows.
fn name_room(area: Rect, indent: u16) -> Rect {
    let room = groups::group_room(area);
    let right = groups::names_end(area, columns(area));
    Rect {
        x: room.x + indent,
        width: right.saturating_sub(room.x + indent),
        ..room
    }
}

/// Where the text of a row of the store stands, this many cells behind the edge of the groups: up to the sizes.
fn wide(area: Rect, indent: u16) -> Rect {
    let room = groups::group_room(area);
    let x = room.x + indent;
    Rect {
        x,
        width: groups::size_x(area, 1).saturating_sub(x),
        ..room
    }
}

/// Where the text of a row below a generation stands.
fn below(area: Rect) -> Rect {
    wide(area, 6)
}

struct RootRows<'a> {
    drawing: &'a Drawing<'a, RootGroups>,
    /// Bytes of the closure, which fill a bar.
    whole: u64,
}

impl RootRows<'_> {
    /// Draws a group; tells where the name of which path stands.
    fn group(&self, painter: &mut Painter<'_>, area: Rect, at: usize) -> Option<(Rect, PathId)> {
        let group = *self.drawing.found.groups().get(at)?;
        let theme = painter.theme;
        let open = self.drawing.is_open(at);
        let empty = self.drawing.found.item(at, 0).is_none();
        if !empty {
            groups::fold_sign(painter, groups::group_room(area), open);
        }
        let room = name_room(area, 2);
        let title = match group {
            RootsPart::Kind(kind) => {
                let rows = self.drawing.found.roots_of(kind);
                let title = format!("{} ({})  ", kind.title(), text::count(rows as u64));
                // No size stands in this row: the run of sizes may have the room, and where that is too short the newest count.
                let room = wide(area, 2);
                let x = painter.put(room.x, room.y, room.width, &title, theme.title);
                let left = room.right().saturating_sub(x);
                let run = self.drawing.found.run_of(kind);
                let newest = &run[run.len().saturating_sub(usize::from(left))..];
                painter.put(x, room.y, left, &text::sparkline(newest), theme.accent);
                return None;
            }
            RootsPart::LetGo => {
                let x = groups::size_x(area, 0);
                painter.put_right(x, area.y, SIZE, "frees", theme.dim);
                let title = "deleting old generations";
                painter.put(room.x, room.y, room.width, title, theme.title);
                return None;
            }
            RootsPart::Broken => {
                let rows = self.drawing.found.len_of(at);
                let title = format!("links that keep nothing ({})", text::count(rows as u64));
                painter.put(room.x, room.y, room.width, &title, theme.title);
                return None;
            }
            RootsPart::Dead => {
                let store = self.drawing.found.store.as_ref();
                let dead = store.map(|store| store.dead_total);
                self.numbers(painter, area, [dead, None]);
                match store.and_then(|store| store.caution()) {
                    None => "what nothing keeps",
                    Some(_) => "what nothing that could be read keeps",
                }
            }
            RootsPart::Root(number) => {
                let holding = &self.drawing.found.overlap.holdings[number];
                self.numbers(painter, area, [Some(holding.alone), Some(holding.closure)]);
                let id = holding.root;
                cells::sign(self.drawing.app, painter, (area.x + 1, area.y), id, None);
                let style = self.drawing.style(painter, id);
                cells::name(painter, self.drawing.facts, room, id, style);
                return Some((room, id));
            }
            RootsPart::Shared => {
                let shared = self.drawing.found.overlap.shared;
                self.numbers(painter, area, [None, Some(shared)]);
                "shared by two roots or more"
            }
            RootsPart::Costs => {
                // Its rows are no part of one whole: they have a heading of their own.
                groups::size(painter, area, 0, "share", theme.dim);
                groups::size(painter, area, 1, "frees", theme.dim);
                let x = groups::size_x(area, 1);
                let title = "direct dependencies, what they need split evenly";
                let width = x.saturating_sub(room.x);
                let title = if text::width(title) > usize::from(width) {
                    "direct dependencies"
                } else {
                    title
                };
                painter.put(room.x, room.y, width, title, theme.title);
                return None;
            }
        };
        painter.put(room.x, room.y, room.width, title, theme.title);
        None
    }

    /// Draws a row of a group; tells where the name of which path stands.
    fn item(
        &self,
        painter: &mut Painter<'_>,
        area: Rect,
        item: RootsItem<'_>,
    ) -> Option<(Rect, PathId)> {
        let theme = painter.theme;
        let room = name_room(area, 4);
        let mut room = room;
        let id = match item {
            RootsItem::Held(row) => return self.held(painter, area, row),
            RootsItem::Changed(_, package) => {
                self.changed(painter, area, package);
                return None;
            }
            RootsItem::Unchanged(row) => {
                let brought = self.drawing.found.brought(row);
                let what = match brought.and_then(|brought| brought.before) {
                    Some(_) => "the same packages as the one before",
                    None => "the oldest: nothing to compare it with",
                };
                Self::text(painter, below(area), what, theme.dim);
                return None;
            }
            RootsItem::LetGo(one) => {
                self.let_go(painter, area, one);
                return None;
            }
            RootsItem::Broken(link) => {
                let why = link.problem.words();
                let x = groups::size_x(area, 1);
                let wide = (2 * SIZE).saturating_sub(1);
                painter.put_right(x, area.y, wide + 1, why, theme.dim);
                let link = link.link.display().to_string();
                Self::text(painter, room, &link, theme.text);
                return None;
            }
            RootsItem::Dead(id) => {
                let store = self.drawing.found.store.as_ref()?;
                let total = Total::of_paths(&store.graph, [id]);
                self.numbers(painter, area, [Some(total), None]);
                let style = theme.text;
                Self::text(painter, room, store.graph.name(id), style);
                return None;
            }
            RootsItem::Leftover(one) => {
                let size = painter.units.known(one.disk_size);
                groups::size(painter, area, 0, &size, theme.dim);
                let what = format!("{} ({}, not registered)", one.name, one.kind.word());
                Self::text(painter, room, &what, theme.dim);
                return None;
            }
            RootsItem::With(other, both) => {
                self.numbers(painter, area, [None, Some(both)]);
                let x = painter.put(room.x, room.y, room.width, "shared with ", theme.dim);
                let id = self.drawing.found.root(other);
                let room = Rect {
                    x,
                    width: room.right().saturating_sub(x),
                    ..room
                };
                cells::name(painter, self.drawing.facts, room, id, theme.text);
                return Some((room, id));
            }
            RootsItem::Region(region) => {
                self.numbers(painter, area, [None, Some(region.total)]);
                painter.put(
                    room.x,
                    room.y,
                    room.width,
                    &self.holders(region),
                    theme.text,
                );
                return None;
            }
            RootsItem::Cost(id, share) => {
                let known = self.drawing.found.shares.get(id).is_some();
                let size = painter.units.at_least(share, known);
                groups::size(painter, area, 0, &size, theme.text);
                let largest = self.drawing.found.shares.charged().first();
                bar(painter, area, share, largest.map_or(1, |&(_, bytes)| bytes));
                // What is shared with others stays when it leaves.
                let x = groups::size_x(area, 1);
                let frees = Rect {
                    x,
                    width: SIZE,
                    ..area
                };
                cells::value(
                    painter,
                    self.drawing.facts,
                    frees,
                    (Metric::Retained, id),
                    theme.dim,
                );
                // The column of paths is empty here.
                room.width = x.saturating_sub(room.x);
                id
            }
        };
        cells::sign(self.drawing.app, painter, (area.x + 1, area.y), id, None);
        let style = self.drawing.style(painter, id);
        cells::name(painter, self.drawing.facts, room, id, style);
        Some((room, id))
    }

    fn text(painter: &mut Painter<'_>, room: Rect, what: &str, style: Style) {
        let width = usize::from(room.width.saturating_sub(1));
        let what = text::sanitise(what).into_owned();
        painter.put(
            room.x,
            room.y,
            room.width,
            &text::fit_middle(&what, width),
            style,
        );
    }

    /// Which roots reach it: all, or their names.
    fn holders(&self, region: &Region) -> String {
        let all = self.drawing.found.overlap.holdings.len();
        match region.roots.len() {
            many if many == all && all > 2 => format!("all {all}"),
            _ => {
                let name = |&at: &usize| self.drawing.facts.label(self.drawing.found.root(at));
                let names: Vec<String> = region.roots.iter().map(name).collect();
                names.join(" + ")
            }
        }
    }

    /// As [`RootRows::sizes`], with the number of paths.
    fn numbers(&self, painter: &mut Painter<'_>, area: Rect, totals: [Option<Total>; 2]) {
        self.sizes(painter, area, totals);
        if let (Some(total), true) = (totals[1], columns(area) > 2) {
            let paths = text::count(total.paths as u64);
            let room = groups::count_room(area);
            painter.put_right(room.x, area.y, room.width, &paths, painter.theme.dim);
        }
    }

    /// The columns of sizes, the last one first, and the bar of the first that is known.
    /// Gives the first cell that is written.
    fn sizes(&self, painter: &mut Painter<'_>, area: Rect, totals: [Option<Total>; 2]) -> u16 {
        let theme = painter.theme;
        let mut first = area.right();
        for (at, total) in totals.into_iter().enumerate() {
            if let Some(total) = total {
                let style = if at == 0 { theme.text } else { theme.dim };
                let bytes = bytes(total, painter.units);
                first = groups::size(painter, area, at, &bytes, style);
            }
        }
        let shown = totals.into_iter().flatten().next();
        bar(
            painter,
            area,
            shown.map_or(0, |total| total.nar_size),
            self.whole,
        );
        first
    }
}

fn bar(painter: &mut Painter<'_>, area: Rect, bytes: u64, whole: u64) {
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    let whole = i64::try_from(whole).unwrap_or(i64::MAX);
    groups::bar(painter, area, bytes, whole);
}
