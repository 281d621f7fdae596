//! The view of what the bytes are.

pub(crate) mod identical;

use std::fmt::Write as _;

use ratatui::layout::Rect;

use crate::app::facts::Facts;
use crate::app::keys::command::Command;
use crate::app::keys::table::KeyTable;
use crate::app::views::files::{Amount, Category, FileGroups, Files};
use crate::app::views::folds::GroupRow;
use crate::model::PathId;
use crate::text::{self, Units};

use super::groups::{self, DrawList, Drawing};
use crate::ui::cells;
use crate::ui::paint::Painter;

/// From this many columns on there is room for the number of files.
const WITH_FILES: u16 = 76;

impl DrawList for FileGroups {
    const ABOUT: &'static str = "What the bytes are: programs, libraries, translations, manual pages and more, judged by the location, name and first bytes of every file.";
    /// The bytes of the largest category, and whether all rows have room for the number of paths.
    type Scale = (u64, bool);

    fn nothing(found: &Self::Found, facts: &Facts, keys: &KeyTable) -> Option<Vec<String>> {
        found
            .categories
            .is_empty()
            .then(|| nothing(facts, found, keys))
    }

    fn head(
        drawing: &Drawing<'_, Self>,
        painter: &Painter<'_>,
        area: Rect,
    ) -> (String, &'static [&'static str], Self::Scale) {
        let found = drawing.found;
        let mut what = summary(found, painter.units);
        if let Some(id) = drawing.app.selected() {
            let _ = write!(what, "; selected is {}", drawing.facts.label(id));
        }
        let titles = &["bytes", "selected", "files"][..columns(area)];
        let largest = found.categories.first();
        let largest = largest.map_or(0, |category| category.total.bytes);
        (what, titles, (largest, have_room_for_paths(found, area)))
    }

    fn row(
        drawing: &Drawing<'_, Self>,
        painter: &mut Painter<'_>,
        area: Rect,
        row: GroupRow,
        &(largest, with_paths): &Self::Scale,
    ) -> Option<(Rect, PathId)> {
        let (app, facts, found) = (drawing.app, drawing.facts, drawing.found);
        let Some(category) = found.categories.get(row.group()) else {
            identical::draw(drawing, painter, area, row);
            return None;
        };
        let (amount, named) = match row {
            GroupRow::Group(at) => {
                draw_category(painter, area, (drawing.is_open(at), category), with_paths);
                if columns(area) > 1 {
                    let own = app.selected().and_then(|id| found.of_path(category, id));
                    draw_own(painter, area, own);
                }
                (category.total, None)
            }
            GroupRow::Item(_, at) => {
                let &(id, amount) = category.paths.get(at)?;
                let room = name_room(area, 4);
                cells::sign(app, painter, (area.x + 1, area.y), id, None);
                let style = painter.theme.text;
                cells::name(painter, facts, room, id, style);
                (amount, Some((room, id)))
            }
        };
        let bar = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        groups::bar(painter, area, bar(amount.bytes), bar(largest));
        amounts(painter, area, amount);
        named
    }
}

/// What the selected path has of a category.
pub(crate) fn draw_own(painter: &mut Painter<'_>, area: Rect, own: Option<Amount>) {
    let own = match own {
        Some(Amount { files: 0, .. }) => "0 B".to_owned(),
        own => painter.units.known(own.map(|amount| amount.bytes)),
    };
    let style = painter.theme.dim;
    groups::size(painter, area, 1, &own, style);
}

pub(crate) fn columns(area: Rect) -> usize {
    match groups::sizes(area) {
        1 => 1,
        _ if area.width < WITH_FILES => 2,
        _ => 3,
    }
}

/// Where a name stands, this many cells behind the edge of the rows.
pub(crate) fn name_room(area: Rect, indent: u16) -> Rect {
    let room = groups::group_room(area);
    let right = groups::names_end(area, columns(area));
    Rect {
        x: room.x + indent,
        width: right.saturating_sub(room.x + indent),
        ..room
    }
}

fn draw_category(
    painter: &mut Painter<'_>,
    area: Rect,
    (open, category): (bool, &Category),
    with_paths: bool,
) {
    let theme = painter.theme;
    groups::fold_sign(painter, groups::group_room(area), open);
    let room = name_room(area, 2);
    let x = painter.put(room.x, room.y, room.width, &category.title, theme.text);
    if with_paths {
        let left = room.right().saturating_sub(x);
        painter.put(x, room.y, left, &in_paths(category), theme.dim);
    }
}

fn in_paths(category: &Category) -> String {
    format!("  in {}", text::counted(category.path_count, "path"))
}

/// Whether every row has room for the number of paths. A number cut in half would be a wrong one.
fn have_room_for_paths(files: &Files, area: Rect) -> bool {
    let room = usize::from(name_room(area, 2).width);
    let wide =
        |category: &Category| text::width(&category.title) + text::width(&in_paths(category));
    files
        .categories
        .iter()
        .all(|category| wide(category) < room)
}

pub(crate) fn amounts(painter: &mut Painter<'_>, area: Rect, amount: Amount) {
    let theme = painter.theme;
    let bytes = painter.units.size(amount.bytes);
    groups::size(painter, area, 0, &bytes, theme.text);
    if columns(area) > 2 {
        let files = text::count(amount.files);
        let room = groups::count_room(area);
        painter.put_right(room.x, area.y, room.width, &files, theme.dim);
    }
}

fn summary(files: &Files, units: Units) -> String {
    let Amount {
        files: count,
        bytes,
    } = files.total;
    let mut what = format!("{} in {} files", units.size(bytes), text::count(count));
    if let Some(allocated) = files.allocated {
        let _ = write!(what, ", {} on disk", units.size(allocated));
    }
    if files.absent > 0 {
        let absent = text::counted(files.absent, "path");
        let _ = match files.cache {
            Some(_) => write!(what, "; nothing is known of {absent}"),
            None => write!(what, "; {absent} not on this machine"),
        };
    }
    what
}

/// There are no files: they are elsewhere, or the closure has none.
fn nothing(facts: &Facts, files: &Files, keys: &KeyTable) -> Vec<String> {
    if files.absent == 0 {
        return vec!["There are no files in this closure.".to_owned()];
    }
    let mut where_to = format!("Looked in {}.", files.places);
    if let Some(url) = &files.cache {
        let _ = write!(
            where_to,
            " {} has no listings of them.",
            text::sanitise(url)
        );
    }
    let all = files.absent == facts.closure().len();
    let which = if all {
        "–  The files of this closure are not on this machine."
    } else {
        "–  The files that it would have are not on this machine."
    };
    let remedy = if files.cache.is_some() {
        "nix-heft files --precise reads the archives, and says first how large they are.".to_owned()
    } else {
        let again = keys.shown(Command::Reload);
        format!("Open a store that has them, or fetch them with nix copy; {again} looks again.")
    };
    vec![which.to_owned(), where_to, remedy]
}
