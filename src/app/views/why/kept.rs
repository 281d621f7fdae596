//! What is kept of the view when the store is read again: what is open, and where the cursor is.

use std::collections::{HashMap, HashSet};
use std::mem;

use crate::app::cursor::Cursor;
use crate::app::facts::Facts;
use crate::model::PathId;

use super::{Outline, Why, WhyRow, children};

/// What is kept, in the new numbering.
#[derive(Debug, Clone)]
pub(super) struct KeptChains {
    /// Of each open segment, by its end, the open paths in it.
    opened: HashMap<PathId, HashSet<PathId>>,
    /// The row of the cursor, and its path.
    current: Option<(WhyRow, Option<PathId>)>,
    /// Rows of the screen above the cursor.
    above: usize,
}

impl KeptChains {
    /// What there is to keep; `None` as long as nothing is shown.
    pub(super) fn of(why: &Why, renewed: &dyn Fn(PathId) -> Option<PathId>) -> Option<Self> {
        let Some(chains) = why.chains.as_ref() else {
            return why.kept.clone();
        };
        let mut opened = HashMap::new();
        for (segment, outline) in chains.segments.iter().zip(&why.opened) {
            if let (Some(outline), Some(end)) = (outline, renewed(segment.to)) {
                let open = outline.lines().iter().filter(|line| line.open);
                opened.insert(end, open.filter_map(|line| renewed(line.id)).collect());
            }
        }
        let current = why.current();
        Some(Self {
            opened,
            current: current.map(|row| (row, why.id(row).and_then(renewed))),
            above: why.cursor.at.saturating_sub(why.cursor.top),
        })
    }
}

impl Why {
    /// Opens the segments that were open before the store was read again, and closes the others.
    pub(super) fn open_as_kept(&mut self, facts: &Facts) {
        let Some((kept, chains)) = self.kept.as_ref().zip(self.chains.as_ref()) else {
            return;
        };
        for (segment, outline) in chains.segments.iter().zip(&mut self.opened) {
            let open = kept
                .opened
                .get(&segment.to)
                .filter(|_| !segment.is_direct());
            *outline = open.map(|open| {
                let mut outline = Outline::of(&children(facts, segment, segment.from));
                let mut at = 0;
                while let Some(&line) = outline.lines().get(at) {
                    if open.contains(&line.id) && !line.leaf && !outline.is_repeated(at) {
                        outline.open(at, &children(facts, segment, Some(line.id)));
                    }
                    at += 1;
                }
                outline
            });
        }
    }

    /// Puts the cursor where it was before the store was read again, if that row is there already.
    pub(super) fn stand_on_kept(&mut self) {
        let Some((row, id)) = self.kept.as_ref().and_then(|kept| kept.current) else {
            return;
        };
        let is_it = |&other: &WhyRow| self.id(other) == id;
        let of_kind = |&other: &WhyRow| mem::discriminant(&other) == mem::discriminant(&row);
        let rows = || self.rows.iter().copied();
        let found = rows().filter(of_kind).filter(is_it);
        let same = found.clone().find(|&other| other == row);
        let Some(row) = same.or_else(|| found.clone().next()) else {
            return;
        };
        self.stand_on(Some(row));
        let above = self.kept.take().map_or(0, |kept| kept.above);
        self.cursor = Cursor {
            at: self.cursor.at,
            top: self.cursor.at.saturating_sub(above),
        };
    }
}
