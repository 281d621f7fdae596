//! What to cut for the path in question to leave: the best answer, the others worth a choice, and what is never offered.

use std::sync::Arc;

use super::{Why, WhyRow};
use crate::analysis::cut::CutSet;
use crate::app::planning::best_cut::Cut;
use crate::app::planning::pins::{Pin, Pins};
use crate::app::target::Costs;
use crate::model::{PathId, Reference};

impl Why {
    /// Takes the references to cut; the cursor stays on its row, which they may move down.
    pub(super) fn answer_cut(&mut self, cut: Cut) {
        let row = self.current();
        self.cut = cut;
        self.lay_out();
        self.stand_on(row);
        // What is still not there is gone.
        self.stand_on_kept();
        self.kept = None;
    }

    /// Takes over what is pinned: an answer found under other pins is none.
    pub(super) fn take_pins(&mut self, pins: &Pins) {
        if self.pins != *pins {
            let row = self.current();
            self.pins = pins.clone();
            self.cut = Cut::Pending;
            self.cancelled = false;
            self.lay_out();
            self.stand_on(row);
        }
    }

    /// Whether it is still to be found out what to cut.
    pub(super) fn awaits_cut(&self) -> bool {
        matches!(self.cut, Cut::Pending) && self.chains.is_some()
    }

    /// The references to cut, if they are known and there are any.
    pub fn cut_references(&self) -> &[Reference] {
        match &self.cut {
            Cut::References(cut) => &cut.references,
            Cut::Pending | Cut::Root | Cut::Pinned => &[],
        }
    }

    /// The answers of which one can be chosen.
    pub fn answers(&self) -> &[CutSet] {
        match &self.cut {
            Cut::References(cut) => &cut.answers,
            Cut::Pending | Cut::Root | Cut::Pinned => &[],
        }
    }

    /// What is pinned.
    pub fn pinned(&self) -> &[Pin] {
        self.pins.list()
    }

    /// The path of a pin; of a reference the one that has it.
    pub(super) fn pinned_path(&self, at: usize) -> Option<PathId> {
        Some(match *self.pinned().get(at)? {
            Pin::Path(id) | Pin::Reference((id, _)) => id,
        })
    }

    /// Chooses the answer in the row of the cursor; `false` if it is no answer.
    pub(super) fn choose(&mut self) -> bool {
        let (Some(row @ WhyRow::Answer(at)), Cut::References(cut)) =
            (self.current(), &mut self.cut)
        else {
            return false;
        };
        cut.choose(at);
        self.lay_out();
        self.stand_on(Some(row));
        true
    }

    /// The references that are cut together where a row is marked, and what they take along: those of the answer in the
    /// row, elsewhere those of the chosen one.
    pub(super) fn together(&self, row: WhyRow) -> (Arc<[Reference]>, Option<Costs>) {
        let Cut::References(cut) = &self.cut else {
            return Default::default();
        };
        let set = match row {
            WhyRow::Answer(at) => cut.answers.get(at),
            _ => cut.set(),
        };
        let references = set.map(|set| set.references.as_slice().into());
        (references.unwrap_or_default(), set.map(Costs::of))
    }

    /// The rows of what to cut, of the other answers and of what is pinned.
    pub(super) fn lay_out_cuts(&mut self) {
        let parts = [
            (WhyRow::CutHeading, self.cut_references().len(), 1),
            (WhyRow::AnswersHeading, self.answers().len(), 2),
            (WhyRow::PinsHeading, self.pinned().len(), 1),
        ];
        for (heading, rows, least) in parts {
            if rows >= least {
                self.rows.extend([WhyRow::Blank, heading]);
                self.rows.extend((0..rows).map(|at| match heading {
                    WhyRow::CutHeading => WhyRow::Cut(at),
                    WhyRow::AnswersHeading => WhyRow::Answer(at),
                    _ => WhyRow::Pin(at),
                }));
            }
        }
    }
}
