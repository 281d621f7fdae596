//! The box that says why a path references another.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::evidence::{Answer, Evidence, Place, ROWS};
use crate::text;

use super::chrome::wrapped;
use super::overlay::open;
use super::paint::{Painter, line};

/// Draws the box.
pub fn draw(app: &App, painter: &mut Painter<'_>, screen: Rect, evidence: &Evidence) {
    let Some(facts) = &app.facts else { return };
    let (from, to) = evidence.reference;
    let names = (facts.graph().name(from), facts.graph().name(to));
    let title = format!("Why {} references {}", names.0, names.1);
    let title = text::sanitise(&title).into_owned();
    let width = screen.width.saturating_sub(8).min(140);
    let said = summary(evidence, usize::from(width.saturating_sub(4)));
    let places = match &evidence.answer {
        Some(Ok(answer)) => &answer.places[..],
        _ => &[],
    };
    let shown = evidence.shown(app.overlay_height());
    let gap = usize::from(!places.is_empty());
    let rows = said.len() + gap + places.len().min(shown) * ROWS;
    let inner = open(painter, screen, (width, rows), &title);
    let theme = painter.theme;
    for (down, part) in said.iter().enumerate() {
        let row = line(inner, down as u16);
        let style = if down == 0 { theme.title } else { theme.dim };
        painter.put(row.x + 1, row.y, row.width.saturating_sub(1), part, style);
    }
    if !places.is_empty() {
        let keys = " p reads the file  O edits it  esc closes ";
        let room = inner.width.saturating_sub(2);
        painter.put(inner.x + 2, inner.bottom(), room, keys, theme.dim);
    }
    let window = evidence.cursor.window(places.len(), shown);
    for (down, at) in window.enumerate() {
        let top = (said.len() + gap + down * ROWS) as u16;
        let rows = [line(inner, top), line(inner, top + 1)];
        if at == evidence.cursor.at {
            for row in rows {
                painter.shade(row, theme.cursor);
            }
        }
        place(painter, rows, &places[at]);
    }
}

fn place(painter: &mut Painter<'_>, [first, second]: [Rect; ROWS], place: &Place) {
    let theme = painter.theme;
    let class = place.class.to_string();
    let taken = text::width(&class) as u16 + 2;
    let file = text::sanitise(&place.file);
    let room = first.width.saturating_sub(taken + 2);
    painter.put(first.x + 1, first.y, room, &file, theme.text);
    let style = if place.class.is_accidental() {
        theme.dim
    } else {
        theme.hit
    };
    let width = first.width.saturating_sub(1);
    painter.put_right(first.x, first.y, width, &class, style);
    let context = text::sanitise(&place.context);
    let room = second.width.saturating_sub(4);
    painter.put(second.x + 3, second.y, room, &context, theme.dim);
}

/// What was found, in a line or a few.
fn summary(evidence: &Evidence, width: usize) -> Vec<String> {
    let said = match &evidence.answer {
        None => vec!["reading its files …".to_owned()],
        Some(Err(problem)) => {
            let mut said = vec![format!("–  {}", problem.message)];
            said.extend(problem.hint.clone());
            said
        }
        Some(Ok(answer)) => found(answer),
    };
    said.iter()
        .flat_map(|part| wrapped(&text::sanitise(part), width))
        .collect()
}

fn found(answer: &Answer) -> Vec<String> {
    let all = answer.counts.total();
    let mut said = Vec::new();
    said.push(match answer.counts.strongest() {
        None => "The hash part was not found in its files.".to_owned(),
        Some(class) => {
            let count = text::counted(usize::try_from(all).unwrap_or(usize::MAX), "place");
            format!("{count}; what weighs most: {class}")
        }
    });
    if answer.counts.are_accidental() {
        said.push("Likely an accident: nothing here is needed to run it.".to_owned());
    }
    if answer.left_out > 0 {
        said.push(format!(
            "{} more are not listed",
            text::count(answer.left_out)
        ));
    }
    if !answer.complete {
        said.push("Not all of its files could be read; there may be more.".to_owned());
    }
    said
}
