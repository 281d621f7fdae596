//! The view of advice: its sections, and a row for each thing that could go.

mod accidents;
mod advised;
mod duplicates;

use ratatui::layout::Rect;

use crate::analysis::what_if::Step;
use crate::app::App;
use crate::app::facts::Facts;
use crate::app::keys::table::KeyTable;
use crate::app::views::advice::{AdviceGroups, AdvicePiece, FoundAdvice, Topic};
use crate::app::views::folds::GroupRow;
use crate::model::{PathId, Reference};
use crate::text::{self, Units};

use super::groups::{self, DrawList, Drawing};
use crate::ui::cells;
use crate::ui::paint::Painter;

/// What is drawn from.
type Drawn<'a> = Drawing<'a, AdviceGroups>;

impl DrawList for AdviceGroups {
    const ABOUT: &'static str = "What could go, largest savings first: options known to bring in paths, heavy paths behind few references, duplicates, accidents, and development files.";
    /// The most bytes that something frees.
    type Scale = i64;

    fn nothing(_found: &Self::Found, _facts: &Facts, _keys: &KeyTable) -> Option<Vec<String>> {
        None
    }

    fn head(
        drawing: &Drawn<'_>,
        painter: &Painter<'_>,
        area: Rect,
    ) -> (String, &'static [&'static str], i64) {
        let together = u64::try_from(drawing.found.advice.together.nar_size).unwrap_or(0);
        let together = painter.units.size(together);
        let what = format!("{together} could go if all advice is followed");
        let titles = &["frees", "in addition"][..groups::sizes(area)];
        (what, titles, drawing.found.most())
    }

    fn section_heading(drawing: &Drawn<'_>, painter: &mut Painter<'_>, area: Rect, section: usize) {
        let Some((topic, groups)) = drawing.found.section(section) else {
            return;
        };
        let theme = painter.theme;
        let room = groups::group_room(area);
        let title = match topic.command() {
            Some(command) => format!(
                "{} ({})",
                topic.title(),
                drawing.app.shared.keys.shown(command)
            ),
            None => topic.title().to_owned(),
        };
        let room = Rect {
            width: area.right().saturating_sub(room.x + 1),
            ..room
        };
        let x = painter.put(room.x, room.y, room.width, &title, theme.title);
        let behind = summary(drawing.found, topic, groups.len(), painter.units);
        let left = room.right().saturating_sub(x + 2);
        // The first thing that is said matters most.
        let short = behind.split(&[',', ';']).next().unwrap_or_default();
        let fits = |what: &&str| text::width(what) <= usize::from(left);
        if let Some(what) = [&*behind, short].into_iter().find(fits) {
            painter.put(x + 2, room.y, left, what, theme.dim);
        }
    }

    fn row(
        drawing: &Drawn<'_>,
        painter: &mut Painter<'_>,
        area: Rect,
        row: GroupRow,
        &most: &i64,
    ) -> Option<(Rect, PathId)> {
        let piece = drawing.found.get(row.group())?;
        match (row, piece) {
            (GroupRow::Group(at), AdvicePiece::Advised(one)) => {
                advised::draw(drawing, painter, area, (at, one), most)
            }
            (GroupRow::Item(_, at), AdvicePiece::Advised(one)) => {
                advised::draw_item(drawing, painter, area, one, at);
                None
            }
            (GroupRow::Group(at), AdvicePiece::Duplicates(group, same)) => {
                let open = drawing.is_open(at);
                duplicates::draw(drawing, painter, area, (open, group, same), most);
                None
            }
            (GroupRow::Item(_, at), AdvicePiece::Duplicates(group, _)) => {
                let item = group.item(at)?;
                duplicates::draw_item(drawing, painter, area, (group, item))
            }
            (GroupRow::Group(at), AdvicePiece::Accidents(_, kind)) => {
                accidents::draw(drawing, painter, area, (kind, drawing.is_open(at)), most);
                None
            }
            (GroupRow::Item(_, at), AdvicePiece::Accidents(_, kind)) => {
                accidents::draw_item(drawing, painter, area, kind.item(at, area.width)?);
                None
            }
            (row, AdvicePiece::Note) => {
                let topic = drawing.found.topic(row.group())?;
                let room = groups::group_room(area);
                let left = area.right().saturating_sub(room.x + 3);
                let note = note(drawing, topic);
                painter.put(room.x + 2, room.y, left, &note, painter.theme.dim);
                None
            }
        }
    }
}

/// What there is to say of all groups of a section.
fn summary(found: &FoundAdvice, topic: Topic, groups: usize, units: Units) -> String {
    match (topic, &found.accidents) {
        (Topic::Duplicates, _) if found.duplicates.groups().next().is_none() => String::new(),
        (Topic::Duplicates, _) => {
            let could_be_one = text::counted(found.duplicates.unifiable().len(), "group");
            match groups.saturating_sub(found.duplicates.unifiable().len()) {
                0 => format!("{could_be_one} that could be one"),
                others => format!("{could_be_one} that could be one, {others} of other kinds"),
            }
        }
        (Topic::Accidents, Some(found)) => accidents::summary(found, units),
        (Topic::Accidents, None) => String::new(),
        (Topic::NearMisses, _) if !found.advice.others.is_empty() => {
            let others = found.advice.others.len();
            let advised = text::count(groups.saturating_sub(others) as u64);
            let others = text::count(others as u64);
            format!("{advised} by what they free; {others} that are not advised")
        }
        (Topic::NearMisses, _) => format!("{} by what they free", text::count(groups as u64)),
        _ => text::count(groups as u64),
    }
}

/// Why there is nothing in a section.
fn note(drawing: &Drawn<'_>, topic: Topic) -> String {
    match (topic, &drawing.found.accidents) {
        (Topic::Accidents, None) => {
            let keys = &drawing.app.shared.keys;
            match topic.command() {
                Some(command) => format!("{} reads all files to find them", keys.shown(command)),
                None => String::new(),
            }
        }
        (Topic::Accidents, Some(found)) => match &found.trouble {
            Some(trouble) => format!("–  {trouble}"),
            None => "no reference is likely an accident".to_owned(),
        },
        (Topic::Duplicates, _) => "every package occurs only once".to_owned(),
        _ => "there is nothing but the roots".to_owned(),
    }
}

/// What something frees, in the column of that; gives the first cell that is written.
fn frees(painter: &mut Painter<'_>, area: Rect, bytes: i64) -> u16 {
    let theme = painter.theme;
    let style = if bytes > 0 { theme.gain } else { theme.dim };
    let size = if bytes < 0 {
        painter.units.signed(-bytes)
    } else {
        painter.units.size(bytes.unsigned_abs())
    };
    groups::size(painter, area, 0, &size, style)
}

/// What an advice frees in addition to those above it, where there is room for it. Names end before the first cell that is
/// written: `first`, if there is no room.
fn in_addition(painter: &mut Painter<'_>, area: Rect, what: &str, first: u16) -> u16 {
    if groups::sizes(area) > 1 {
        groups::size(painter, area, 1, what, painter.theme.dim)
    } else {
        first
    }
}

/// Whether all of some steps are planned.
fn are_planned(app: &App, steps: &[Step]) -> bool {
    let planned = app.shared.plan.steps();
    !steps.is_empty() && steps.iter().all(|step| planned.contains(step))
}

/// The sign of what is planned.
fn draw_sign(painter: &mut Painter<'_>, area: Rect, planned: bool) {
    if planned {
        painter.put(area.x + 1, area.y, 1, "●", painter.theme.mark);
    }
}

/// A reference to cut, with what makes it where that is at hand.
fn draw_reference(
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
