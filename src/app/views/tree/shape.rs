//! How a tree is opened, and where its cursor is: what stays when it is sorted anew, or the store is read again.

use std::collections::HashSet;

use crate::app::cursor::Cursor;
use crate::app::facts::Facts;
use crate::model::PathId;

use super::Tree;
use super::levels::Levels;
use super::mode::Mode;
use crate::app::views::outline::OutlineLine;

/// A line, by its path and the one above it: what is below a path is shown once, so there is one such line.
type Place = (Option<PathId>, PathId);

/// The shape of a tree.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape {
    opened: HashSet<Place>,
    current: Option<Place>,
    /// Rows of the screen above the cursor.
    above: usize,
    /// The paths that were gone into level by level, that of the cursor last.
    way: Vec<PathId>,
}

impl Shape {
    /// The same in another numbering, without what is gone.
    pub(super) fn renewed(self, renewed: &dyn Fn(PathId) -> Option<PathId>) -> Self {
        let place = |(parent, id): Place| {
            let parent = match parent {
                Some(parent) => Some(renewed(parent)?),
                None => None,
            };
            Some((parent, renewed(id)?))
        };
        Self {
            opened: self.opened.into_iter().filter_map(place).collect(),
            current: self.current.and_then(place),
            above: self.above,
            way: self.way.into_iter().map_while(renewed).collect(),
        }
    }
}

impl Tree {
    /// How it is opened.
    pub(super) fn shape(&self) -> Shape {
        let lines = self.outline.lines();
        let place = |line: &OutlineLine| (line.parent, line.id);
        Shape {
            opened: lines.iter().filter(|line| line.open).map(place).collect(),
            current: lines.get(self.cursor.at).map(place),
            above: self.cursor.at.saturating_sub(self.cursor.top),
            way: self.levels.way(),
        }
    }

    /// Opens what is open in a shape and puts the cursor where it is there.
    pub(super) fn open_as(&mut self, facts: &Facts, shape: &Shape) {
        let mut at = 0;
        while let Some(&line) = self.outline.lines().get(at) {
            let place = (line.parent, line.id);
            if shape.opened.contains(&place) && !line.open && !self.outline.is_repeated(at) {
                self.open(facts, at);
            } else if line.open && !shape.opened.contains(&place) {
                self.outline.close(at);
            }
            at += 1;
        }
        let mut lines = self.outline.lines().iter();
        let at = lines.position(|line| Some((line.parent, line.id)) == shape.current);
        let at = at.unwrap_or(0);
        self.cursor = Cursor {
            at,
            top: at.saturating_sub(shape.above),
        };
    }

    /// Becomes what it was before the store was read again, once enough is known for that.
    pub(super) fn take_up_kept(&mut self, facts: &Facts) {
        let known = self.mode != Mode::Leaving || facts.core().is_some();
        let Some(shape) = self.kept.take_if(|_| known) else {
            return;
        };
        let whole = self.whole || self.top.is_none();
        let mut tree = self.anew(facts, self.mode, self.top);
        tree.whole = whole;
        if self.mode == Mode::Levels {
            tree.levels = Levels::again(facts, self.sort, &shape.way);
        } else {
            tree.open_as(facts, &shape);
        }
        *self = tree;
    }
}
