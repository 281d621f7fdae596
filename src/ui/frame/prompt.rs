//! Lines being typed, with their cursor: searches and answers.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::app::App;
use crate::app::prompt::Line;
use crate::app::prompt::complete::Completion;
use crate::app::prompt::question::Ask;
use crate::text;

use super::footer;
use crate::ui::paint::Painter;

/// Draws a line behind its title, as much of it around the cursor as has room; gives the cell behind it.
pub fn draw(painter: &mut Painter<'_>, area: Rect, title: &str, typed: &Line) -> u16 {
    let theme = painter.theme;
    let x = painter.row(area, &[(title, theme.accent)]);
    let (before, behind) = typed.split();
    let (before, behind) = (text::sanitise(before), text::sanitise(behind));
    let room = usize::from(area.right().saturating_sub(x)).saturating_sub(2);
    let x = painter.row(
        Rect {
            x,
            width: area.right().saturating_sub(x),
            ..area
        },
        &[(&text::fit_end(&before, room), theme.text)],
    );
    let mut rest = behind.chars();
    let Some(under) = rest.next() else {
        return painter.put(x, area.y, area.right().saturating_sub(x), "▏", theme.accent);
    };
    let at = theme.text.add_modifier(Modifier::REVERSED);
    let rest = Rect {
        x,
        width: area.right().saturating_sub(x),
        ..area
    };
    painter.row(
        rest,
        &[
            (under.encode_utf8(&mut [0; 4]), at),
            (behind.get(under.len_utf8()..).unwrap_or(""), theme.text),
        ],
    )
}

/// A question, and behind it what went wrong or how to leave.
pub fn asked(app: &App, ask: &Ask, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    let title = format!(" {}: ", ask.question.title());
    let x = draw(painter, area, &title, &ask.line) + 2;
    if let Some(message) = &app.message {
        said(painter, area, x, &text::sanitise(message), theme.hit);
    } else {
        let hint = hint_of(ask);
        painter.put(x, area.y, area.right().saturating_sub(x), &hint, theme.dim);
    }
}

/// What tab found, or what can be done.
fn hint_of(ask: &Ask) -> String {
    let Some(names) = &ask.names else {
        let wants = ask.question.wants();
        return format!("{wants}tab completes  enter confirms  esc cancels");
    };
    let others: Vec<&str> = names.others().collect();
    let more = if names.more() { " …" } else { "" };
    text::sanitise(&format!("tab: {}{more}", others.join("  "))).into_owned()
}

/// What has to be read stands behind the line, or above it where there is no room for it.
fn said(painter: &mut Painter<'_>, area: Rect, x: u16, what: &str, style: Style) {
    let room = area.right().saturating_sub(x);
    if text::width(what) <= usize::from(room) {
        painter.put(x, area.y, room, what, style);
    } else if area.y > 0 {
        let above = Rect {
            y: area.y - 1,
            width: painter.buffer.area.width,
            ..area
        };
        footer::in_full(painter, above, what, style);
    }
}

/// The search line, and behind it what is wrong with it, how it may go on, or what ends it.
pub fn searched(app: &App, search: &Line, painter: &mut Painter<'_>, area: Rect) {
    let theme = painter.theme;
    let x = draw(painter, area, " / ", search) + 2;
    let room = area.right().saturating_sub(x);
    if let Some(completion) = &app.finding.completion {
        let others = completion.options.iter().enumerate();
        let others = others.filter(|(at, _)| *at != completion.at);
        let others: Vec<&str> = others.map(|(_, option)| option.trim()).collect();
        if !others.is_empty() {
            painter.put(
                x,
                area.y,
                room,
                &format!("tab: {}", others.join(" ")),
                theme.dim,
            );
        }
    } else if let Some(trouble) = app.views.packages.trouble() {
        said(painter, area, x, trouble, theme.alarm);
    } else {
        painter.put(x, area.y, room, &hint(app, search.text()), theme.dim);
    }
}

fn hint(app: &App, typed: &str) -> String {
    if typed.is_empty() {
        let earlier = if app.finding.recalls() {
            ", up: earlier ones"
        } else {
            ""
        };
        return format!("a name, hash or query like nar>10M; tab: columns{earlier}");
    }
    match Completion::of(typed).filter(|_| !typed.ends_with(' ')) {
        Some(completion) => format!(
            "tab: {}   enter keeps  esc shows all",
            completion.options[0].trim()
        ),
        None => "enter keeps  esc shows all".to_owned(),
    }
}
