//! Which references the rows of the view stand for.

use crate::app::planning::pins::Pin;
use crate::model::PathId;

use super::{Why, WhyRow};

impl Why {
    /// The reference a row stands for.
    pub fn edge(&self, row: WhyRow) -> Option<(PathId, PathId)> {
        match row {
            WhyRow::Point(at) => {
                let segment = self.chains.as_ref()?.segments.get(at)?;
                (segment.is_direct()).then_some((segment.from?, segment.to))
            }
            WhyRow::Shortest(segment, at) => {
                let way = self.on_shortest(segment);
                let from = match at.checked_sub(1) {
                    Some(before) => *way.get(before)?,
                    None => self.chains.as_ref()?.segments[segment].from?,
                };
                Some((from, *way.get(at)?))
            }
            WhyRow::Inside(segment, at) => {
                let line = self.inside(segment)?.lines().get(at)?;
                let from = line
                    .parent
                    .or(self.chains.as_ref()?.segments[segment].from)?;
                Some((from, line.id))
            }
            WhyRow::Referrer(at) => Some((*self.referrers.get(at)?, self.target?)),
            WhyRow::Cut(at) => self.cut_references().get(at).copied(),
            WhyRow::Pin(at) => match *self.pinned().get(at)? {
                Pin::Reference(reference) => Some(reference),
                Pin::Path(_) => None,
            },
            _ => None,
        }
    }

    /// Of a path that all chains pass through the last reference of the shortest chain to it, which is shown above it.
    pub fn last_step(&self, row: WhyRow) -> Option<(PathId, PathId)> {
        let WhyRow::Point(at) = row else {
            return None;
        };
        let segment = self.chains.as_ref()?.segments.get(at)?;
        let from = self.on_shortest(at).last().copied().or(segment.from)?;
        Some((from, segment.to))
    }
}
