//! The view of why a path is here: the chains to it, its referrers, and the references to cut so that it leaves.

pub(crate) mod cuts;
mod edges;
mod kept;
mod pane;

use std::sync::Arc;

use crate::model::{PathId, Reference};

use self::kept::KeptChains;
use super::outline::{Child, Outline};
use crate::app::cursor::Cursor;
use crate::app::facts::chains::{Chains, Segment};
use crate::app::facts::{Facts, Metric};
use crate::app::planning::best_cut::Cut;
use crate::app::planning::pins::Pins;

/// A segment over no more paths than this is shown opened.
const FEW: usize = 4;
/// Most definitions that are listed.
const MOST_ORIGINS: usize = 6;
/// Most rows that *open all* shows.
const MOST_OPENED: usize = 2000;

/// The view.
#[derive(Debug, Clone, Default)]
pub struct Why {
    /// The path in question.
    pub target: Option<PathId>,
    /// The answer, once it is there.
    pub chains: Option<Arc<Chains>>,
    /// What to cut.
    pub cut: Cut,
    /// What the answer must not offer.
    pins: Pins,
    /// The opened segments, by number.
    opened: Vec<Option<Outline>>,
    /// The reference that is looked for among the rows.
    sought: Option<Reference>,
    /// The direct referrers, the heaviest first.
    referrers: Vec<PathId>,
    /// The rows as they are shown.
    rows: Vec<WhyRow>,
    /// Whether the user cancelled the search for what to cut.
    cancelled: bool,
    /// Where the cursor is.
    pub cursor: Cursor,
    /// What was open before the store was read again, until the cursor is where it was.
    kept: Option<KeptChains>,
}

/// A row of the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyRow {
    /// The choke point of this number, the target last.
    Point(usize),
    /// The segment of this number, folded up or not.
    Segment(usize),
    /// Of a folded segment the path of that number on a shortest way.
    Shortest(usize, usize),
    /// A line of an opened segment.
    Inside(usize, usize),
    /// An empty row.
    Blank,
    /// Above the definitions that bring the path.
    OriginsHeading,
    /// The definition of this number.
    Origin(usize),
    /// Above the referrers.
    ReferrersHeading,
    /// The referrer of this number.
    Referrer(usize),
    /// Above the references to cut.
    CutHeading,
    /// The reference to cut of this number.
    Cut(usize),
    /// Above the answers of which one can be chosen.
    AnswersHeading,
    /// The answer of this number.
    Answer(usize),
    /// Above what is pinned.
    PinsHeading,
    /// The pin of this number.
    Pin(usize),
}

impl WhyRow {
    /// Whether the cursor does not stay on it.
    pub fn is_heading(self) -> bool {
        matches!(
            self,
            Self::Blank
                | Self::OriginsHeading
                | Self::ReferrersHeading
                | Self::CutHeading
                | Self::AnswersHeading
                | Self::PinsHeading
        )
    }
}

impl Why {
    /// A view of a path, its answer still to come.
    pub fn of(target: PathId) -> Self {
        Self {
            target: Some(target),
            ..Self::default()
        }
    }

    /// Takes the answer.
    pub fn answer(&mut self, facts: &Facts, chains: Arc<Chains>) {
        let shown = |segment: &Segment| {
            let few = (1..=FEW).contains(&segment.paths);
            few.then(|| Outline::of(&children(facts, segment, segment.from)))
        };
        self.opened = chains.segments.iter().map(shown).collect();
        self.referrers.clone_from(&chains.why.referrers);
        facts.largest_first(&mut self.referrers, Metric::Retained);
        self.chains = Some(chains);
        self.open_as_kept(facts);
        self.lay_out();
        let target = self.opened.len().saturating_sub(1);
        self.cursor.at = self
            .rows
            .iter()
            .position(|row| *row == WhyRow::Point(target))
            .unwrap_or(0);
        self.stand_on_kept();
        self.stand_on_sought();
    }

    /// Puts the cursor on a reference to the path in question, now or when the answer is there.
    pub fn seek(&mut self, reference: Reference) {
        self.sought = Some(reference);
        self.stand_on_sought();
    }

    fn stand_on_sought(&mut self) {
        let sought = self.sought.filter(|_| !self.rows.is_empty());
        let stands = |&row: &WhyRow| self.edge(row) == sought;
        if sought.is_some()
            && let Some(row) = self.rows.iter().copied().find(stands)
        {
            self.sought = None;
            self.stand_on(Some(row));
        }
    }

    fn stand_on(&mut self, row: Option<WhyRow>) {
        let at = self.rows.iter().position(|&other| Some(other) == row);
        self.cursor.at = at.unwrap_or(self.cursor.at);
    }

    /// The rows from top to bottom.
    pub fn rows(&self) -> &[WhyRow] {
        &self.rows
    }

    /// The lines of an opened segment.
    pub fn inside(&self, segment: usize) -> Option<&Outline> {
        self.opened.get(segment)?.as_ref()
    }

    /// The direct referrers, the heaviest first.
    pub fn referrers(&self) -> &[PathId] {
        &self.referrers
    }

    /// What lies on the shortest chain in a segment, shown while that is folded up.
    fn on_shortest(&self, segment: usize) -> &[PathId] {
        let chains = self.chains.as_ref();
        let segment = chains.and_then(|chains| chains.segments.get(segment));
        segment.map_or(&[], |segment| &segment.on_shortest)
    }

    /// The path a row stands for.
    pub fn id(&self, row: WhyRow) -> Option<PathId> {
        match row {
            WhyRow::Point(at) => self.chains.as_ref()?.points.get(at).copied(),
            WhyRow::Shortest(segment, at) => self.on_shortest(segment).get(at).copied(),
            WhyRow::Inside(segment, at) => {
                self.inside(segment)?.lines().get(at).map(|line| line.id)
            }
            WhyRow::Referrer(at) => self.referrers.get(at).copied(),
            WhyRow::Cut(at) => self.cut_references().get(at).map(|&(from, _)| from),
            WhyRow::Pin(at) => self.pinned_path(at),
            WhyRow::Origin(at) => {
                let (_, via) = self.chains.as_ref()?.origins.get(at)?;
                via.or(self.target)
            }
            _ => None,
        }
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<WhyRow> {
        self.rows.get(self.cursor.at).copied()
    }

    /// Whether the row is open; `None` if it cannot be opened.
    pub fn is_open(&self, row: WhyRow) -> Option<bool> {
        match row {
            WhyRow::Segment(at) => Some(self.opened.get(at)?.is_some()),
            WhyRow::Inside(segment, at) => {
                let line = self.inside(segment)?.lines().get(at)?;
                (!line.leaf).then_some(line.open)
            }
            _ => None,
        }
    }

    /// Opens the row under the cursor.
    pub fn open(&mut self, facts: &Facts) {
        let Some(chains) = self.chains.clone() else {
            return;
        };
        match self.current() {
            Some(WhyRow::Segment(at)) if self.opened[at].is_none() => {
                let segment = &chains.segments[at];
                self.opened[at] = Some(Outline::of(&children(facts, segment, segment.from)));
            }
            Some(WhyRow::Inside(number, at)) => {
                self.open_inside(facts, &chains.segments[number], number, at);
            }
            _ => return,
        }
        self.lay_out();
    }

    /// Whether there is a segment to open.
    pub fn has_segments(&self) -> bool {
        self.rows
            .iter()
            .any(|row| matches!(row, WhyRow::Segment(_)))
    }

    /// Opens all segments and everything on them, as far as it fits.
    pub fn open_all(&mut self, facts: &Facts) {
        let Some(chains) = self.chains.clone() else {
            return;
        };
        let row = self.current();
        let mut shown = 0;
        for (number, segment) in chains.segments.iter().enumerate() {
            if segment.is_direct() || shown >= MOST_OPENED {
                continue;
            }
            let outline = self.opened[number]
                .get_or_insert_with(|| Outline::of(&children(facts, segment, segment.from)));
            let mut at = 0;
            while at < outline.lines().len() && shown + outline.lines().len() < MOST_OPENED {
                let line = outline.lines()[at];
                if !line.leaf && !line.open && !outline.is_repeated(at) {
                    outline.open(at, &children(facts, segment, Some(line.id)));
                }
                at += 1;
            }
            shown += outline.lines().len();
        }
        self.lay_out();
        self.stand_on(row.map(|row| self.shown(row)));
    }

    /// Folds all segments up.
    pub fn close_all(&mut self) {
        let row = match self.current() {
            Some(WhyRow::Inside(segment, _)) => Some(WhyRow::Segment(segment)),
            other => other,
        };
        self.opened.iter_mut().for_each(|opened| *opened = None);
        self.lay_out();
        self.stand_on(row);
    }

    /// The row that stands for what a row stood for before its segment was opened.
    fn shown(&self, row: WhyRow) -> WhyRow {
        match row {
            WhyRow::Shortest(segment, _) if self.inside(segment).is_some() => {
                WhyRow::Segment(segment)
            }
            other => other,
        }
    }

    /// Opens a line, and further ones while there is but one way on.
    fn open_inside(&mut self, facts: &Facts, segment: &Segment, number: usize, mut at: usize) {
        let Some(outline) = self.opened.get_mut(number).and_then(Option::as_mut) else {
            return;
        };
        while let Some(&line) = outline
            .lines()
            .get(at)
            .filter(|line| !line.leaf && !line.open)
        {
            if outline.is_repeated(at) {
                break;
            }
            let below = children(facts, segment, Some(line.id));
            outline.open(at, &below);
            if below.len() != 1 {
                break;
            }
            at += 1;
        }
    }

    /// Closes the row under the cursor, or goes to the row it is under. `false` if there is nothing to close.
    pub fn close(&mut self) -> bool {
        let row = match self.current() {
            Some(row @ WhyRow::Segment(at)) if self.opened[at].is_some() => {
                self.opened[at] = None;
                row
            }
            Some(WhyRow::Shortest(segment, _)) => WhyRow::Segment(segment),
            Some(row @ WhyRow::Inside(segment, at)) => {
                let Some(outline) = self.opened[segment].as_mut() else {
                    return false;
                };
                if outline.lines()[at].open {
                    outline.close(at);
                    row
                } else {
                    outline
                        .parent_of(at)
                        .map_or(WhyRow::Segment(segment), |up| WhyRow::Inside(segment, up))
                }
            }
            _ => return false,
        };
        self.lay_out();
        self.cursor.at = self
            .rows
            .iter()
            .position(|other| *other == row)
            .unwrap_or(self.cursor.at);
        true
    }

    fn lay_out(&mut self) {
        let Some(chains) = &self.chains else { return };
        self.rows.clear();
        for (at, segment) in chains.segments.iter().enumerate() {
            if !segment.is_direct() {
                self.rows.push(WhyRow::Segment(at));
                if let Some(outline) = &self.opened[at] {
                    let lines = 0..outline.lines().len();
                    self.rows.extend(lines.map(|line| WhyRow::Inside(at, line)));
                } else {
                    let way = 0..segment.on_shortest.len();
                    self.rows.extend(way.map(|path| WhyRow::Shortest(at, path)));
                }
            }
            self.rows.push(WhyRow::Point(at));
        }
        if !chains.origins.is_empty() {
            self.rows.extend([WhyRow::Blank, WhyRow::OriginsHeading]);
            let shown = chains.origins.len().min(MOST_ORIGINS);
            self.rows.extend((0..shown).map(WhyRow::Origin));
        }
        self.lay_out_cuts();
        if !self.referrers.is_empty() {
            self.rows.extend([WhyRow::Blank, WhyRow::ReferrersHeading]);
            self.rows
                .extend((0..self.referrers.len()).map(WhyRow::Referrer));
        }
    }
}

/// What stands below a path on a segment: the ways on.
fn children(facts: &Facts, segment: &Segment, id: Option<PathId>) -> Vec<Child> {
    let child = |id| Child {
        id,
        leaf: id == segment.to,
    };
    segment.onward(facts, id).into_iter().map(child).collect()
}
