//! Which references the rows of the view stand for.

use crate::app::pins::Pin;
use crate::model::PathId;

use super::{Row, Why};

impl Why {
    /// The reference a row stands for.
    pub fn edge(&self, row: Row) -> Option<(PathId, PathId)> {
        match row {
            Row::Point(at) => {
                let stretch = self.lattice.as_ref()?.stretches.get(at)?;
                (stretch.is_direct()).then_some((stretch.from?, stretch.to))
            }
            Row::Shortest(stretch, at) => {
                let way = self.shortest.get(stretch)?;
                let from = match at.checked_sub(1) {
                    Some(before) => *way.get(before)?,
                    None => self.lattice.as_ref()?.stretches[stretch].from?,
                };
                Some((from, *way.get(at)?))
            }
            Row::Inside(stretch, at) => {
                let line = self.inside(stretch)?.lines().get(at)?;
                let from = line
                    .parent
                    .or(self.lattice.as_ref()?.stretches[stretch].from)?;
                Some((from, line.id))
            }
            Row::Referrer(at) => Some((*self.referrers.get(at)?, self.target?)),
            Row::Cut(at) => self.cut_references().get(at).copied(),
            Row::Pin(at) => match *self.pinned().get(at)? {
                Pin::Reference(reference) => Some(reference),
                Pin::Path(_) => None,
            },
            _ => None,
        }
    }

    /// Of a path that all chains pass through the last reference of the shortest chain to it, which is shown above it.
    pub fn last_step(&self, row: Row) -> Option<(PathId, PathId)> {
        let Row::Point(at) = row else {
            return None;
        };
        let stretch = self.lattice.as_ref()?.stretches.get(at)?;
        let from = self.shortest.get(at)?.last().copied().or(stretch.from)?;
        Some((from, stretch.to))
    }
}
