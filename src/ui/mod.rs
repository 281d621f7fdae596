//! What the explorer looks like. Draws what [`App`] says and changes nothing.
//!
//! ```text
//! header   what is open, and what the marks would give
//! tabs     the views
//! notice   where the data come from, if that needs saying
//! main     the view                              │ side: what is known of the selected path
//! footer   keys that work here, or the line being typed, or what happened
//! ```

pub mod chrome;
pub mod packages;
pub mod paint;
pub mod theme;

use ratatui::Frame;
use ratatui::buffer::Buffer;

use crate::app::{App, View};

use self::paint::Painter;
use self::theme::Theme;

/// Draws a frame.
pub fn draw(app: &App, frame: &mut Frame<'_>) {
    draw_on(app, frame.buffer_mut());
}

/// Draws on cells.
pub fn draw_on(app: &App, buffer: &mut Buffer) {
    let mut painter = Painter {
        buffer,
        theme: Theme::of(app.look),
    };
    let Some(areas) = app.areas() else {
        return chrome::too_small(&mut painter);
    };
    chrome::header(app, &mut painter, areas.header);
    chrome::tabs(app, &mut painter, areas.tabs);
    chrome::notice(app, &mut painter, areas.notice);
    chrome::footer(app, &mut painter, areas.footer);
    if let Some(problem) = &app.failure {
        return chrome::failure(problem, &mut painter, areas.main);
    }
    if app.facts.is_none() {
        return chrome::loading(app, &mut painter, areas.main);
    }
    match app.view {
        View::Packages => packages::draw(app, &mut painter, areas.main),
    }
}
