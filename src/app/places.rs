//! Where one can go back to.

use crate::model::PathId;

use super::view::View;
use super::views::Views;

/// How many places one can go back.
const MOST: usize = 100;

/// A place to come back to.
#[derive(Debug)]
pub(crate) struct BackPlace {
    /// The view that was at the front.
    pub view: View,
    /// The path that was selected.
    pub selected: Option<PathId>,
    /// What the views showed.
    pub views: Views,
}

/// The places one was at, the last one last.
#[derive(Debug, Default)]
pub(crate) struct Places(Vec<BackPlace>);

impl Places {
    /// Remembers a place; the oldest is forgotten for it where there are too many.
    pub(super) fn remember(&mut self, place: BackPlace) {
        if self.0.len() == MOST {
            self.0.remove(0);
        }
        self.0.push(place);
    }

    /// Takes the last place.
    pub(super) fn pop(&mut self) -> Option<BackPlace> {
        self.0.pop()
    }

    /// Whether there is nowhere to go back to.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
