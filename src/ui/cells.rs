//! Pieces that several views share: names with their marks, numbers, the row of the cursor.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::analysis::name_matcher::NameMatcher;
use crate::analysis::what_if::Step;
use crate::app::facts::{Facts, Metric, Value};
use crate::app::{App, Focus};
use crate::model::{PathId, Reference};
use crate::text::{self, Units};

use super::paint::Painter;

/// A value as text.
pub(crate) fn cell_text(value: Value, units: Units) -> String {
    match value {
        Value::Pending => "…".to_owned(),
        Value::Unknown => "–".to_owned(),
        Value::Size(bytes) => units.size(bytes),
        Value::Number(number) => text::count(number),
        Value::Change(bytes) => units.signed(bytes),
    }
}

/// Marks the row of a cursor; fainter where another pane has the keys.
pub(crate) fn cursor(app: &App, painter: &mut Painter<'_>, area: Rect, focus: Focus) {
    let (style, accent) = (painter.theme, painter.theme.accent);
    if app.focus == focus {
        painter.shade(area, style.cursor);
        painter.put(area.x, area.y, 1, "▌", accent);
    } else {
        painter.shade(area, style.faint_cursor);
    }
}

/// The sign in front of a path that only the closure before has.
const GONE: &str = "-";

/// The sign in front of a path: gone, marked to go, its reference marked to go, or leaving with what is marked.
pub(crate) fn sign(
    app: &App,
    painter: &mut Painter<'_>,
    (x, y): (u16, u16),
    id: PathId,
    edge: Option<(PathId, PathId)>,
) {
    let style = painter.theme.mark;
    let sign = if app.shared.plan.removes(id) {
        "●"
    } else if edge
        .is_some_and(|(from, to)| app.shared.plan.steps().contains(&Step::Cut { from, to }))
    {
        "×"
    } else if leaves(app, id) {
        "○"
    } else if app.facts.as_ref().is_some_and(|facts| facts.is_gone(id)) {
        painter.put(x, y, 1, GONE, painter.theme.gain);
        return;
    } else {
        return;
    };
    painter.put(x, y, 1, sign, style);
}

/// Whether the path would leave with what is marked.
pub(crate) fn leaves(app: &App, id: PathId) -> bool {
    let outcome = app
        .shared
        .effect
        .as_ref()
        .and_then(|effect| effect.outcome.as_ref().ok());
    outcome.is_some_and(|outcome| outcome.leaving.contains(id))
}

/// A path's name in a room of this many cells, and what tells it from others of that name.
pub(crate) fn name(
    painter: &mut Painter<'_>,
    facts: &Facts,
    room: Rect,
    id: PathId,
    style: Style,
) -> u16 {
    let shown = text::sanitise(facts.graph().name(id));
    let told = facts.told_apart(id);
    let dim = painter.theme.dim;
    // What is gone stands back wherever it is named.
    let style = if facts.is_gone(id) { dim } else { style };
    let own = own_room(facts, room, id);
    let shown = text::fit_middle(&shown, usize::from(own));
    let x = painter.put(room.x, room.y, own, &shown, style);
    if own < room.width {
        return painter.put(x + 1, room.y, room.width - own - 1, &told, dim);
    }
    x
}

/// How many cells of a room are the name's own, and not what tells it from others of that name.
fn own_room(facts: &Facts, room: Rect, id: PathId) -> u16 {
    match text::width(&facts.told_apart(id)) as u16 {
        0 => room.width,
        told if told + 1 >= room.width => room.width,
        told => room.width - told - 1,
    }
}

/// How many cells a path's name takes where it has room, with what tells it from others.
pub(crate) fn name_width(facts: &Facts, id: PathId) -> usize {
    text::width(&facts.label(id))
}

/// Two names with an arrow between them. Where both have no room, each gets half, and what one of them does not need
/// goes to the other. Gives the cell behind.
pub(crate) fn reference(
    painter: &mut Painter<'_>,
    facts: &Facts,
    room: Rect,
    [from, to]: [(PathId, Style); 2],
    arrow: Style,
) -> u16 {
    let sign = painter.arrow();
    let left = usize::from(room.width).saturating_sub(text::width(sign));
    let second = name_width(facts, to.0).min(left - left / 2);
    let first = name_width(facts, from.0).min(left - second) as u16;
    let x = name(
        painter,
        facts,
        Rect {
            width: first,
            ..room
        },
        from.0,
        from.1,
    );
    let rest = |x: u16| Rect::new(x, room.y, room.right().saturating_sub(x), 1);
    let x = painter.put(x, room.y, rest(x).width, sign, arrow);
    name(painter, facts, rest(x), to.0, to.1)
}

/// What makes a reference, at the right of a row, if that is at hand; gives the cells that are left before it.
pub(crate) fn reason(
    painter: &mut Painter<'_>,
    facts: &Facts,
    room: Rect,
    reference: Reference,
) -> u16 {
    let Some(class) = facts.reason(reference) else {
        return room.width;
    };
    let what = class.to_string();
    let left = room.width.saturating_sub(text::width(&what) as u16 + 3);
    if left < LEAST_REFERENCE {
        return room.width;
    }
    let theme = painter.theme;
    let style = if class.is_accidental() {
        theme.gain
    } else {
        theme.hit
    };
    let width = room.width.saturating_sub(1);
    painter.put_right(room.x, room.y, width, &what, style);
    left
}

/// Two names with an arrow need as many cells to be told from others.
const LEAST_REFERENCE: u16 = 34;

/// A number, right-aligned; what is not known stands back.
pub(crate) fn value(
    painter: &mut Painter<'_>,
    facts: &Facts,
    room: Rect,
    (metric, id): (Metric, PathId),
    style: Style,
) {
    let value = facts.value(metric, id);
    let style = match value {
        Value::Change(1..) => painter.theme.hit,
        Value::Change(..0) => painter.theme.gain,
        Value::Size(_) | Value::Number(_) => style,
        Value::Pending | Value::Unknown | Value::Change(0) => painter.theme.dim,
    };
    painter.put_size(room, &cell_text(value, painter.units), style);
}

/// Which letters of a name match the search.
pub(crate) struct Letters(Option<NameMatcher>);

impl Letters {
    /// For a text, if there is one.
    pub(crate) fn of(text: &str) -> Self {
        let text = text.trim();
        Self((!text.is_empty()).then(|| NameMatcher::of(text)))
    }

    /// Highlights the letters of a path's name where [`name`] wrote it into a room.
    pub(crate) fn path(
        &mut self,
        painter: &mut Painter<'_>,
        facts: &Facts,
        room: Rect,
        id: PathId,
    ) {
        if self.0.is_some() {
            let width = own_room(facts, room, id);
            self.highlight(painter, Rect { width, ..room }, facts.graph().name(id));
        }
    }

    /// Highlights the letters of a text that stands in a room, cut in its middle if it is too long; those cut off are
    /// left out.
    pub(crate) fn highlight(&mut self, painter: &mut Painter<'_>, room: Rect, shown: &str) {
        let Some(matcher) = &mut self.0 else { return };
        // Positions are bytes: they are cells only where every letter takes one.
        if !shown.is_ascii() || text::sanitise(shown) != shown {
            return;
        }
        let cells = usize::from(room.width);
        let tail = text::ends(shown, cells).1.map_or(0, str::len);
        let cut = shown.len().saturating_sub(cells);
        // What is gone, with the letter the ellipsis stands for.
        let gone = cells.saturating_sub(tail + 1)..shown.len() - tail;
        for at in matcher.letters(shown) {
            let x = match cut {
                0 => at,
                _ if gone.contains(&at) => continue,
                _ if at >= gone.end => at - cut,
                _ => at,
            };
            let hit = painter.theme.letters;
            painter.shade(Rect::new(room.x + x as u16, room.y, 1, 1), hit);
        }
    }
}
