//! What is at a cell of the screen, for the mouse.

use ratatui::layout::Rect;

use super::layout::badge_places;
use super::tabs::tabs;
use super::{footer, header};
use crate::analysis::query::Query;
use crate::app::keys::command::Command;
use crate::app::{App, Focus, View};

/// What a cell belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Spot {
    /// The last row, perhaps a hint in it.
    Footer(Option<Command>),
    /// Numbers that lead to what they count.
    Command(Command),
    /// The tab of a view.
    Tab(View),
    /// The part of the search of this number.
    Part(usize),
    /// The border between the view and the details.
    Border,
    /// A pane.
    Pane {
        /// Which one.
        focus: Focus,
        /// Cells from its left.
        x: u16,
        /// Rows below its first one; `None` above that.
        down: Option<u16>,
    },
    /// Nothing that can be used.
    Nothing,
}

/// What is at a cell.
pub(crate) fn spot(app: &App, (x, y): (u16, u16)) -> Spot {
    let Some(areas) = app.areas() else {
        return Spot::Nothing;
    };
    let inside = |area: Rect| area.contains((x, y).into());
    // The line has an empty column before it.
    let on_border = areas.main.width > 0 && x <= areas.side.x + 1;
    if inside(areas.footer) {
        Spot::Footer(footer::command_at(app, x))
    } else if app.facts.is_none() || app.loading.failure.is_some() {
        Spot::Nothing
    } else if inside(areas.header) {
        header::command_at(app, x).map_or(Spot::Nothing, Spot::Command)
    } else if inside(areas.tabs) {
        let tabs = tabs(areas.tabs.width, app.view());
        let mut tabs = tabs.iter();
        let tab = tabs.find(|tab| (tab.from..tab.to).contains(&x));
        let view = tab.and_then(|tab| View::ALL.get(tab.at));
        view.map_or(Spot::Nothing, |&view| Spot::Tab(view))
    } else if inside(areas.badges) {
        let places = badge_places(&Query::parts(app.searched()), areas.badges.width);
        let mut places = places.iter();
        let part = places.find(|(_, from, to)| (*from..*to).contains(&x));
        part.map_or(Spot::Nothing, |&(at, ..)| Spot::Part(at))
    } else if inside(areas.side) && on_border {
        Spot::Border
    } else if inside(areas.side) {
        let head = app.details.frame(areas.side.height).0;
        Spot::Pane {
            focus: Focus::Side,
            x: x - areas.side.x,
            down: y.checked_sub(areas.side.y + head),
        }
    } else if inside(areas.main) {
        Spot::Pane {
            focus: Focus::Main,
            x: x - areas.main.x,
            down: y.checked_sub(areas.main.y + app.view().head()),
        }
    } else {
        Spot::Nothing
    }
}
