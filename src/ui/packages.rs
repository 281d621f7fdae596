//! The table of all paths.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::App;
use crate::app::facts::{Facts, Field, Value};
use crate::app::layout::{Columns, MARGIN, Place, columns};
use crate::app::rows::matcher;
use crate::model::PathId;
use crate::text;

use super::paint::{Painter, line};

/// Draws the table.
pub fn draw(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let Some(facts) = &app.facts else { return };
    let placed = columns(area.width, &app.packages.fields, app.packages.barred());
    heading(app, painter, line(area, 0), &placed);
    let height = usize::from(area.height.saturating_sub(1));
    let rows = app.packages.rows();
    let window = app.packages.cursor.window(rows.len(), height);
    let mut letters = Letters::of(app);
    for (down, at) in window.enumerate() {
        let row = Row {
            app,
            facts,
            placed: &placed,
            id: rows[at],
            current: at == app.packages.cursor.at,
        };
        row.draw(painter, line(area, down as u16 + 1), &mut letters);
    }
    if rows.is_empty() && app.packages.found.is_some() {
        empty(app, painter, area);
    }
}

fn heading(app: &App, painter: &mut Painter<'_>, area: Rect, placed: &Columns) {
    let sort = app.packages.sort;
    for &Place { field, x, width } in &placed.places {
        let sorted = field == sort.field && !app.packages.by_match;
        let style = if sorted {
            painter.theme.accent
        } else {
            painter.theme.dim
        };
        let arrow = if sort.descending { "▼" } else { "▲" };
        if field == Field::Name {
            let label = if sorted {
                format!("name {arrow}")
            } else {
                "name".to_owned()
            };
            painter.put(area.x + x, area.y, width, &label, style);
        } else {
            let label = if sorted {
                format!("{arrow} {}", field.title())
            } else {
                field.title().to_owned()
            };
            painter.put_right(area.x + x, area.y, width, &label, style);
        }
    }
}

fn empty(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let style = painter.theme.dim;
    let what = if app.packages.text.is_empty() {
        "the closure is empty".to_owned()
    } else {
        format!(
            "nothing matches “{}”; esc shows everything again",
            app.packages.text
        )
    };
    let row = line(area, 2);
    painter.put(
        row.x + MARGIN,
        row.y,
        row.width.saturating_sub(MARGIN),
        &text::sanitise(&what),
        style,
    );
}

/// Which letters of a name match the search.
pub struct Letters(Option<frizbee::Matcher>);

impl Letters {
    /// For the search of the table, if there is one.
    pub fn of(app: &App) -> Self {
        let text = app.packages.text.trim();
        Self((!text.is_empty()).then(|| matcher(text)))
    }

    /// The byte positions in a name that match, ascending.
    pub fn in_name(&mut self, name: &str) -> Vec<usize> {
        let found = self
            .0
            .as_mut()
            .and_then(|matcher| matcher.match_one_indices(name, 0));
        let mut letters: Vec<usize> = found
            .map(|hit| hit.indices.iter().map(|&at| at as usize).collect())
            .unwrap_or_default();
        letters.sort_unstable();
        letters
    }
}

struct Row<'a> {
    app: &'a App,
    facts: &'a Facts,
    placed: &'a Columns,
    id: PathId,
    current: bool,
}

impl Row<'_> {
    fn draw(&self, painter: &mut Painter<'_>, area: Rect, letters: &mut Letters) {
        if self.current {
            let style = painter.theme.cursor;
            painter.shade(area, style);
            let accent = painter.theme.accent;
            painter.put(area.x, area.y, 1, "▌", accent);
        }
        for &place in &self.placed.places {
            if place.field == Field::Name {
                self.name(painter, area, place, letters);
            } else {
                self.cell(painter, area, place);
            }
        }
        let (x, width) = self.placed.bar;
        let total = self.facts.closure().known_nar_size().max(1) as f64;
        if let Value::Size(bytes) = self.facts.value(self.app.packages.barred(), self.id)
            && width > 0
        {
            painter.bar(area.x + x, area.y, width, bytes as f64 / total);
        }
    }

    fn name(&self, painter: &mut Painter<'_>, area: Rect, place: Place, letters: &mut Letters) {
        let name = self.facts.graph().name(self.id);
        let style = if self.current {
            painter.theme.title
        } else {
            painter.theme.text
        };
        let x = area.x + place.x;
        let shown = text::sanitise(name);
        painter.put(x, area.y, place.width, &shown, style);
        // Positions only hold for a name that is shown as it is, and one cell per letter.
        if shown == name && name.is_ascii() {
            let hit = painter.theme.hit;
            let visible = usize::from(
                place
                    .width
                    .saturating_sub(u16::from(name.len() > usize::from(place.width))),
            );
            for at in letters.in_name(name).into_iter().filter(|&at| at < visible) {
                painter.shade(Rect::new(x + at as u16, area.y, 1, 1), hit);
            }
        }
    }

    fn cell(&self, painter: &mut Painter<'_>, area: Rect, place: Place) {
        let value = self.facts.value(place.field, self.id);
        let sorted = place.field == self.app.packages.sort.field;
        let style = cell_style(painter, value, sorted || self.current);
        painter.put_right(
            area.x + place.x,
            area.y,
            place.width,
            &cell_text(value),
            style,
        );
    }
}

fn cell_style(painter: &Painter<'_>, value: Value, strong: bool) -> Style {
    if strong && value.number().is_some() {
        painter.theme.text
    } else {
        painter.theme.dim
    }
}

/// A value as text.
pub fn cell_text(value: Value) -> String {
    match value {
        Value::Pending => "…".to_owned(),
        Value::Unknown => "–".to_owned(),
        Value::Size(bytes) => text::size(bytes),
        Value::Number(number) => text::count(number),
    }
}
