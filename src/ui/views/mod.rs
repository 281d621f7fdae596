//! The views, one file each, and which draws which.

pub(crate) mod advice;
pub(crate) mod diff;
pub(crate) mod files;
pub(crate) mod groups;
pub(crate) mod map;
pub(crate) mod packages;
pub(crate) mod plan;
pub(crate) mod roots;
pub(crate) mod tree;
pub(crate) mod why;

use ratatui::layout::Rect;

use super::paint::Painter;
use crate::app::facts::Facts;
use crate::app::{App, View};

/// Draws the view at the front.
pub(crate) fn draw(app: &App, facts: &Facts, painter: &mut Painter<'_>, area: Rect) {
    match app.view() {
        View::Packages => packages::draw(app, facts, painter, area),
        View::Tree => tree::draw(app, facts, painter, area),
        View::Why => why::draw(app, facts, painter, area),
        View::Plan => plan::draw(app, facts, painter, area),
        View::Advice => groups::draw(app, facts, painter, area, &app.views.advice),
        View::Map => map::draw(app, facts, painter, area),
        View::Files => groups::draw(app, facts, painter, area, &app.views.files),
        View::Roots => groups::draw(app, facts, painter, area, &app.views.roots.groups),
        View::Diff => groups::draw(app, facts, painter, area, &app.views.diff),
    }
}
