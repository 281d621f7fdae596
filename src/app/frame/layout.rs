//! Where on the screen what is. Shared by drawing, paging and the mouse, so that they cannot disagree.

use ratatui::layout::Rect;

use crate::text::{self, Units};

use crate::app::facts::Metric;

/// Below this many columns or rows there is only room to say so.
pub(crate) const SMALLEST: (u16, u16) = (24, 6);
/// From this many columns on, details stand beside the main pane.
const TWO_PANES: u16 = 100;

/// Where the details are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Nowhere.
    Hidden,
    /// Beside the view, where there is room: in as many columns as the user wants, if that was said.
    Beside(Option<u16>),
    /// In place of the view, where there is no room beside it.
    Alone,
}

/// What the user wants of the details' pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SidePane {
    /// Whether it stands beside the view, where there is room.
    pub beside: bool,
    /// Whether it stands in place of the view, where there is none.
    pub alone: bool,
    /// Its columns, if the user wants a number of them.
    pub width: Option<u16>,
    /// Whether its border is being dragged.
    pub dragged: bool,
}

impl Default for SidePane {
    fn default() -> Self {
        Self {
            beside: true,
            alone: false,
            width: None,
            dragged: false,
        }
    }
}

impl SidePane {
    /// Where the details are on a screen this wide.
    pub(crate) fn on(self, columns: u16) -> Side {
        match Areas::has_room_for_side(columns) {
            true if self.beside => Side::Beside(self.width),
            false if self.alone => Side::Alone,
            _ => Side::Hidden,
        }
    }
}

/// The parts of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Areas {
    /// What is open, and the prediction.
    pub header: Rect,
    /// The views.
    pub tabs: Rect,
    /// A line about where the data come from; no rows if there is nothing to say.
    pub notice: Rect,
    /// The parts of what is searched for; no rows if nothing is.
    pub badges: Rect,
    /// The view.
    pub main: Rect,
    /// The details beside it; no columns if there is no room.
    pub side: Rect,
    /// What can be done, what was typed, what happened.
    pub footer: Rect,
}

impl Areas {
    /// Divides a screen. `None` if it is too small for anything.
    pub fn of((columns, rows): (u16, u16), side: Side, notice: bool) -> Option<Self> {
        if columns < SMALLEST.0 || rows < SMALLEST.1 {
            return None;
        }
        let line = |y, height| Rect::new(0, y, columns, height);
        let tabs = u16::from(rows >= 12);
        let notice = u16::from(notice && rows >= 12);
        let top = 1 + tabs + notice;
        let body = rows - top - 1;
        let beside = match side {
            Side::Beside(wanted) if Self::has_room_for_side(columns) => side_width(columns, wanted),
            Side::Alone if !Self::has_room_for_side(columns) => columns,
            _ => 0,
        };
        Some(Self {
            header: line(0, 1),
            tabs: line(1, tabs),
            notice: line(1 + tabs, notice),
            badges: Rect::default(),
            main: Rect::new(0, top, columns - beside, body),
            side: Rect::new(columns - beside, top, beside, body),
            footer: line(rows - 1, 1),
        })
    }

    /// Gives the first row of the view to what is searched for, if there is room.
    #[must_use]
    pub fn with_badges(mut self) -> Self {
        let Rect {
            x,
            y,
            width,
            height,
        } = self.main;
        if height >= 8 {
            self.badges = Rect::new(x, y, width, 1);
            self.main = Rect::new(x, y + 1, width, height - 1);
        }
        self
    }

    /// Whether there is room for two panes on a screen this wide.
    pub fn has_room_for_side(columns: u16) -> bool {
        columns >= TWO_PANES
    }
}

/// The least columns of each of two panes.
const NARROWEST: u16 = 30;

/// As many columns as wanted, as long as both panes have room.
fn side_width(columns: u16, wanted: Option<u16>) -> u16 {
    let usual = (columns / 3).clamp(38, 64);
    wanted.map_or(usual, |wanted| wanted.clamp(NARROWEST, columns - NARROWEST))
}

/// Where each part of what is searched for stands, counted from the left: its number, its first cell and the one after
/// its last. Those without room are left out.
pub(crate) fn badge_places(parts: &[&str], columns: u16) -> Vec<(usize, u16, u16)> {
    let mut places = Vec::new();
    let mut x = 1_u16;
    for (at, part) in parts.iter().enumerate() {
        let width = text::width(&text::sanitise(part)).min(LONGEST_BADGE) as u16 + 4;
        if x + width > columns {
            break;
        }
        places.push((at, x, x + width));
        x += width + 1;
    }
    places
}

/// The most cells of a part that are shown.
const LONGEST_BADGE: usize = 40;

/// Where a column of a table is, counted from the table's left edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnPlace {
    /// The column.
    pub metric: Metric,
    /// Its first cell.
    pub x: u16,
    /// How many cells it has.
    pub width: u16,
}

/// A table's columns, and where the bar is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Columns {
    /// The columns from left to right; the name comes first.
    pub places: Vec<ColumnPlace>,
    /// The bar: first cell and number of cells, 0 if there is no room.
    pub bar: (u16, u16),
}

impl Columns {
    /// The column at a cell.
    pub fn at(&self, x: u16) -> Option<Metric> {
        let mut places = self.places.iter();
        let place = places.find(|place| (place.x..place.x + place.width).contains(&x));
        place.map(|place| place.metric)
    }
}

/// The names' least width before a column is given up for them.
const NAME: u16 = 26;
/// The width up to which names take the room that bars leave: longer ones are few.
const NAME_IN_FULL: u16 = 44;
/// Cells left of the name: cursor, mark, gap.
pub(crate) const MARGIN: u16 = 3;
/// The most a bar takes, and the least that says anything.
const BAR: std::ops::RangeInclusive<u16> = 4..=16;

/// What a table shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WantedColumns<'a> {
    /// The columns, if there is room.
    pub metrics: &'a [Metric],
    /// The column with a bar behind it.
    pub barred: Metric,
    /// The column that rows are sorted by, if they are: it is shown whether wanted or not.
    pub sorted: Option<Metric>,
    /// How wide sizes are.
    pub units: Units,
}

/// Where the three columns of the tree stand: referrers, here, references. The one in the middle has most room.
pub(crate) fn level_columns(width: u16) -> [std::ops::Range<u16>; 3] {
    let side = width * 3 / 10;
    [0..side, side..width - side, width - side..width]
}

/// Places as many of the wanted columns as have room. Names come first, then the columns, and the bar takes what is left.
pub(crate) fn columns(width: u16, wanted: WantedColumns<'_>) -> Columns {
    let WantedColumns { barred, sorted, .. } = wanted;
    let cells = |metric: Metric| {
        // The arrow stands in the heading of its column.
        let arrow = if sorted == Some(metric) { 2 } else { 0 };
        cells(metric, wanted.units).max(text::width(metric.title()) as u16 + arrow)
    };
    let shown = |metric: &Metric| wanted.metrics.contains(metric) || sorted == Some(*metric);
    let mut metrics: Vec<Metric> = Metric::ALL.into_iter().filter(shown).collect();
    metrics.retain(|&metric| metric != Metric::Name);
    let taken = |metrics: &[Metric]| metrics.iter().map(|&f| cells(f) + 1).sum::<u16>();
    // One cell stays free at the right edge.
    let room = width.saturating_sub(MARGIN + 1);
    let dear = |metric| metric == barred || sorted == Some(metric);
    let mut victims = Metric::ALL.to_vec();
    victims.retain(|&metric| metric != Metric::Name);
    victims.sort_by_key(|metric| metric.gives_way());
    let cheap = victims.into_iter().filter(|&metric| !dear(metric));
    let last = [barred]
        .into_iter()
        .filter(|&metric| sorted != Some(metric));
    for victim in cheap.chain(last) {
        let bar = if victim.gives_way() > Metric::BAR_GIVES_WAY {
            0
        } else {
            BAR.start() + 1
        };
        if taken(&metrics) + NAME + bar <= room {
            break;
        }
        metrics.retain(|&metric| metric != victim);
    }
    let spare = room.saturating_sub(taken(&metrics));
    let bar = if metrics.contains(&barred) && spare > NAME + BAR.start() {
        spare
            .saturating_sub(NAME_IN_FULL)
            .clamp(*BAR.start(), *BAR.end())
    } else {
        0
    };
    let name = spare.saturating_sub(if bar > 0 { bar + 1 } else { 0 });
    let mut placed = Columns::default();
    placed.places.push(ColumnPlace {
        metric: Metric::Name,
        x: MARGIN,
        width: name,
    });
    let mut x = MARGIN + name;
    for metric in metrics {
        placed.places.push(ColumnPlace {
            metric,
            x: x + 1,
            width: cells(metric),
        });
        x += cells(metric) + 1;
        if metric == barred && bar > 0 {
            placed.bar = (x + 1, bar);
            x += bar + 1;
        }
    }
    placed
}

fn cells(metric: Metric, units: Units) -> u16 {
    let exact = metric.is_bytes() && units == Units::Bytes;
    metric.width() + u16::from(exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stands_outside_the_screen() {
        for columns in 0..220 {
            for rows in 0..60 {
                let side = match rows % 3 {
                    0 => Side::Alone,
                    1 => Side::Beside(None),
                    _ => Side::Beside(Some(columns % 170)),
                };
                let Some(areas) = Areas::of((columns, rows), side, true) else {
                    continue;
                };
                let screen = Rect::new(0, 0, columns, rows);
                let parts = [
                    areas.header,
                    areas.tabs,
                    areas.notice,
                    areas.main,
                    areas.side,
                    areas.footer,
                ];
                for part in parts {
                    assert_eq!(part.intersection(screen), part);
                }
                assert_eq!(parts.iter().map(|p| p.area()).sum::<u32>(), screen.area());
            }
        }
    }

    #[test]
    fn columns_fit_and_go_by_importance() {
        let wanted = Metric::ALL;
        for width in 0..250 {
            let placed = columns(
                width,
                WantedColumns {
                    metrics: &wanted,
                    barred: Metric::Retained,
                    sorted: Some(Metric::Cut),
                    units: Units::Bytes,
                },
            );
            let sorted = placed
                .places
                .iter()
                .any(|place| place.metric == Metric::Cut);
            assert!(sorted, "what rows are sorted by is always shown");
            for pair in placed.places.windows(2) {
                assert!(pair[0].x + pair[0].width < pair[1].x);
            }
            if let Some(last) = placed.places.last() {
                assert!(
                    width < 12 || last.x + last.width <= width,
                    "at {width}: {placed:?}"
                );
            }
        }
        let shown = |width, sorted| {
            let metrics = [
                Metric::Name,
                Metric::Nar,
                Metric::Closure,
                Metric::Retained,
                Metric::Referrers,
            ];
            let wanted = WantedColumns {
                metrics: &metrics,
                barred: Metric::Retained,
                sorted: Some(sorted),
                units: Units::Binary,
            };
            let placed = columns(width, wanted);
            let titles: Vec<_> = placed.places.iter().map(|p| p.metric.title()).collect();
            (titles.join(" "), placed.places[0].width, placed.bar.1)
        };
        let table = [
            (40, "name retained", 25, 0),
            (62, "name nar retained referrers", 26, 0),
            (80, "name nar closure retained referrers", 28, 4),
            (140, "name nar closure retained referrers", 76, 16),
        ];
        for (width, titles, name, bar) in table {
            assert_eq!(shown(width, Metric::Retained), (titles.into(), name, bar));
        }
        let by_depth = "name nar closure retained referrers depth";
        assert_eq!(shown(84, Metric::Depth).0, by_depth, "though not wanted");
    }
}
