//! The table of packages, grouped by options or files of the configuration.

use ratatui::layout::Rect;

use crate::analysis::origin::Standing;
use crate::app::facts::{Facts, Metric};
use crate::app::keys::table::KeyTable;
use crate::app::views::folds::GroupRow;
use crate::app::views::packages::brings::Brings;
use crate::model::PathId;
use crate::text;

use crate::ui::cells;
use crate::ui::paint::Painter;
use crate::ui::views::groups::{self, DrawList, Drawing, SIZE};

/// What stands behind a file of the user's own.
const OWN: &str = "  your own";

/// The headings of the columns, of which a narrow screen has the first.
const TITLES: &[&str] = &[
    Metric::Retained.title(),
    Metric::Closure.title(),
    Metric::Share.title(),
];

impl<const BY_FILE: bool> DrawList for Brings<BY_FILE> {
    const ABOUT: &'static str = "What each option of the configuration, or each of its files, brings in: all that it needs, and what would leave with it. Below each are the paths that it names.";
    /// The most bytes that leave with a group, and all bytes of the closure.
    type Scale = (i64, u64);

    fn nothing(found: &Self::Found, _facts: &Facts, _keys: &KeyTable) -> Option<Vec<String>> {
        let none = || vec!["No path of this closure is named by an option.".to_owned()];
        found.standings.is_empty().then(none)
    }

    fn head(
        drawing: &Drawing<'_, Self>,
        painter: &Painter<'_>,
        area: Rect,
    ) -> (String, &'static [&'static str], Self::Scale) {
        let what = match (BY_FILE, &drawing.found.config) {
            (true, Some(_)) => "file".to_owned(),
            (false, Some(_)) => "option".to_owned(),
            (true, None) => "file: none is known, nothing was evaluated".to_owned(),
            (false, None) => "option, inferred from names".to_owned(),
        };
        let _ = painter;
        let titles = match groups::sizes(area) {
            1 => &TITLES[..1],
            _ => TITLES,
        };
        let most = drawing.found.standings.first();
        let most = most.map_or(0, |one| one.retained.nar_size);
        let all = drawing.facts.closure().known_nar_size();
        (what, titles, (i64::try_from(most).unwrap_or(i64::MAX), all))
    }

    fn row(
        drawing: &Drawing<'_, Self>,
        painter: &mut Painter<'_>,
        area: Rect,
        row: GroupRow,
        &(most, all): &Self::Scale,
    ) -> Option<(Rect, PathId)> {
        let one = drawing.found.standings.get(row.group())?;
        match row {
            GroupRow::Group(at) => {
                let retained = i64::try_from(one.retained.nar_size).unwrap_or(i64::MAX);
                groups::bar(painter, area, retained, most);
                standing(drawing, painter, area, (at, one, all));
                None
            }
            GroupRow::Item(_, at) => {
                let id = *one.paths.get(at)?;
                cells::sign(drawing.app, painter, (area.x + 1, area.y), id, None);
                let room = groups::item_room(area);
                cells::name(painter, drawing.facts, room, id, drawing.style(painter, id));
                let metrics = [Metric::Retained, Metric::Closure];
                for (at, metric) in metrics.into_iter().take(groups::sizes(area)).enumerate() {
                    let place = Rect::new(groups::size_x(area, at), area.y, SIZE, 1);
                    let style = painter.theme.dim;
                    cells::value(painter, drawing.facts, place, (metric, id), style);
                }
                Some((room, id))
            }
        }
    }
}

fn standing<const BY_FILE: bool>(
    drawing: &Drawing<'_, Brings<BY_FILE>>,
    painter: &mut Painter<'_>,
    area: Rect,
    (at, one, all): (usize, &Standing, u64),
) {
    let theme = painter.theme;
    let planned = drawing.app.shared.plan.steps();
    let is_planned = !one.steps.is_empty() && one.steps.iter().all(|step| planned.contains(step));
    if is_planned {
        painter.put(area.x + 1, area.y, 1, "●", theme.mark);
    }
    let total =
        |total: &crate::analysis::Total| painter.units.at_least(total.nar_size, total.unknown == 0);
    let (retained, needs) = (total(&one.retained), total(&one.needs));
    painter.put_right(groups::size_x(area, 0), area.y, SIZE, &retained, theme.text);
    let mut room = groups::group_room(area);
    if groups::sizes(area) > 1 {
        painter.put_right(groups::size_x(area, 1), area.y, SIZE, &needs, theme.dim);
        let place = groups::count_room(area);
        let share = match all {
            0 => String::new(),
            all => format!("{:.1} %", one.share as f64 * 100.0 / all as f64),
        };
        painter.put_right(place.x, place.y, place.width, &share, theme.dim);
        room.width = place.x.saturating_sub(room.x);
    }
    let x = groups::fold_sign(painter, room, drawing.is_open(at));
    let key = one
        .key
        .as_deref()
        .unwrap_or("not known: inferred from names");
    let key = text::sanitise(key);
    let own = if one.own == Some(true) { OWN } else { "" };
    let left = room.right().saturating_sub(x + 1);
    let width = usize::from(left).saturating_sub(text::width(own));
    let style = match (is_planned, &one.key) {
        (true, _) => theme.mark,
        (false, Some(_)) => theme.text,
        (false, None) => theme.dim,
    };
    let x = painter.put(x, room.y, left, &text::fit_middle(&key, width), style);
    painter.put(x, room.y, room.right().saturating_sub(x), own, theme.dim);
}
