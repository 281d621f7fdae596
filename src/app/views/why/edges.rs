//! Which references the rows of the view stand for.

use crate::app::pins::Pin;
use crate::model::PathId;

use super::{Row, Why};

impl Why {
    /// The reference a row stands for.
    pub fn edge(&self, row: Row) -> Option<(PathId, PathId)> {
        match row {
            Row::Point(at) => {
                let segment = self.chains.as_ref()?.segments.get(at)?;
                (segment.is_direct()).then_some((segment.from?, segment.to))
            }
            Row::Shortest(segment, at) => {
                let way = self.on_shortest(segment);
                let from = match at.checked_sub(1) {
                    Some(before) => *way.get(before)?,
                    None => self.chains.as_ref()?.segments[segment].from?,
                };
                Some((from, *way.get(at)?))
            }
            Row::Inside(segment, at) => {
                let line = self.inside(segment)?.lines().get(at)?;
                let from = line
                    .parent
                    .or(self.chains.as_ref()?.segments[segment].from)?;
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
        let segment = self.chains.as_ref()?.segments.get(at)?;
        let from = self.on_shortest(at).last().copied().or(segment.from)?;
        Some((from, segment.to))
    }
}
