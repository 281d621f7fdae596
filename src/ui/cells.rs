//! Pieces that several views share: names with their marks, numbers, the row of the cursor.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::analysis::what_if::Step;
use crate::app::facts::{Facts, Field, Value};
use crate::app::rows::matcher;
use crate::app::{App, Pane};
use crate::model::PathId;
use crate::text::{self, Units};

use super::paint::Painter;

/// A value as text.
pub fn cell_text(value: Value, units: Units) -> String {
    match value {
        Value::Pending => "…".to_owned(),
        Value::Unknown => "–".to_owned(),
        Value::Size(bytes) => units.size(bytes),
        Value::Number(number) => text::count(number),
    }
}

/// Marks the row of a cursor; fainter where another pane has the keys.
pub fn cursor(app: &App, painter: &mut Painter<'_>, area: Rect, pane: Pane) {
    let (style, accent) = (painter.theme, painter.theme.accent);
    if app.pane == pane {
        painter.shade(area, style.cursor);
        painter.put(area.x, area.y, 1, "▌", accent);
    } else {
        painter.shade(area, style.faint_cursor);
    }
}

/// The sign in front of a path: marked to go, its reference marked to go, or leaving with what is marked.
pub fn sign(
    app: &App,
    painter: &mut Painter<'_>,
    (x, y): (u16, u16),
    id: PathId,
    edge: Option<(PathId, PathId)>,
) {
    let style = painter.theme.mark;
    let sign = if app.plan.removes(id) {
        "●"
    } else if edge.is_some_and(|(from, to)| app.plan.steps().contains(&Step::Cut { from, to })) {
        "×"
    } else if leaves(app, id) {
        "○"
    } else {
        return;
    };
    painter.put(x, y, 1, sign, style);
}

/// Would the path leave with what is marked?
pub fn leaves(app: &App, id: PathId) -> bool {
    let outcome = app
        .effect
        .as_ref()
        .and_then(|effect| effect.outcome.as_ref().ok());
    outcome.is_some_and(|outcome| outcome.leaving.contains(id))
}

/// A path's name in a room of so many cells, and what tells it from others of that name.
pub fn name(painter: &mut Painter<'_>, facts: &Facts, room: Rect, id: PathId, style: Style) -> u16 {
    let shown = text::sanitise(facts.graph().name(id));
    let prefix = facts.hash_prefix(id);
    let dim = painter.theme.dim;
    let apart = if prefix.is_empty() {
        0
    } else {
        prefix.len() as u16 + 1
    };
    let x = painter.put(
        room.x,
        room.y,
        room.width.saturating_sub(apart),
        &shown,
        style,
    );
    if apart > 0 && room.width > apart {
        return painter.put(x + 1, room.y, apart - 1, prefix, dim);
    }
    x
}

/// A number, right-aligned; what is not known stands back.
pub fn value(
    painter: &mut Painter<'_>,
    facts: &Facts,
    room: Rect,
    (field, id): (Field, PathId),
    style: Style,
) {
    let value = facts.value(field, id);
    let style = if value.number().is_some() {
        style
    } else {
        painter.theme.dim
    };
    painter.put_right(
        room.x,
        room.y,
        room.width,
        &cell_text(value, painter.units),
        style,
    );
}

/// Which letters of a name match the search.
pub struct Letters(Option<frizbee::Matcher>);

impl Letters {
    /// For a text, if there is one.
    pub fn of(text: &str) -> Self {
        let text = text.trim();
        Self((!text.is_empty()).then(|| matcher(text)))
    }

    /// Highlights the letters of a text that stands in a room as it is; those cut off are left out.
    pub fn highlight(&mut self, painter: &mut Painter<'_>, room: Rect, shown: &str) {
        let Some(matcher) = &mut self.0 else { return };
        // Positions are bytes: they are cells only where every letter takes one.
        if !shown.is_ascii() || text::sanitise(shown) != shown {
            return;
        }
        let visible = if shown.len() > usize::from(room.width) {
            room.width.saturating_sub(1)
        } else {
            room.width
        };
        let found = matcher.match_one_indices(shown, 0);
        for at in found.map(|hit| hit.indices).unwrap_or_default() {
            if at < u32::from(visible) {
                let hit = painter.theme.letters;
                painter.shade(Rect::new(room.x + at as u16, room.y, 1, 1), hit);
            }
        }
    }
}
