//! What the explorer looks like. Draws what [`App`] says and changes nothing.
//!
//! ```text
//! header   what is open, and what the marks would give
//! tabs     the views
//! notice   where the data come from, if that needs saying
//! main     the view                              │ side: what is known of the selected path
//! footer   keys that work here, or the line being typed, or what happened
//! ```

pub(crate) mod ascii;
pub(crate) mod cells;
pub(crate) mod details;
pub(crate) mod dialogs;
pub(crate) mod frame;
pub(crate) mod paint;
pub(crate) mod theme;
pub(crate) mod views;

use ratatui::Frame;
use ratatui::buffer::Buffer;

use self::frame::{badges, chrome, footer};
use crate::app::App;
use crate::app::frame::layout::Areas;

use self::paint::Painter;
use self::theme::Theme;

/// Draws a frame.
pub(crate) fn draw(app: &App, frame: &mut Frame<'_>) {
    draw_on(app, frame.buffer_mut());
}

/// Draws on cells.
pub fn draw_on(app: &App, buffer: &mut Buffer) {
    let mut painter = Painter {
        buffer,
        theme: Theme::of(app.shared.look),
        units: app.shared.look.units,
        ascii: app.shared.look.ascii,
    };
    let Some(areas) = app.areas() else {
        return chrome::too_small(&mut painter);
    };
    chrome::header(app, &mut painter, areas.header);
    chrome::tabs(app, &mut painter, areas.tabs);
    chrome::notice(app, &mut painter, areas.notice);
    badges::draw(app, &mut painter, areas.badges);
    view(app, &mut painter, areas);
    footer::draw(app, &mut painter, areas.footer);
    dialogs::draw(app, &mut painter);
    painter
        .theme
        .settle_cursors(app.shared.look.light, painter.buffer);
    if app.shared.look.ascii {
        ascii::only(painter.buffer);
    }
}

fn view(app: &App, painter: &mut Painter<'_>, areas: Areas) {
    let facts = match (&app.loading.failure, &app.facts) {
        (Some(problem), _) => return chrome::failure(app, problem, painter, areas.main),
        (None, None) => return chrome::loading(app, painter, areas.main),
        (None, Some(facts)) => facts,
    };
    if areas.main.width > 0 {
        views::draw(app, facts, painter, areas.main);
    }
    if areas.side.width > 0 {
        details::draw(app, facts, painter, areas.side);
    }
}
