//! What is missing is asked for: why the selected path is here, what to cut, what the plan gives, what a view lists.

use super::frame::layout::Side;
use super::jobs::work::{Kind, Work};
use super::views::why::Cut;
use super::{App, View};

/// A closure of no more paths than this answers why each selected path is here without being asked.
const QUICK: usize = 60_000;

/// Columns and rows of a screen on which chains are not folded up if they fit.
const LARGE: (u16, u16) = (160, 50);
/// Rows that are left for the references to cut, which become known later.
const BELOW_CHAINS: usize = 8;

impl App {
    /// In a large closure it takes a while to say why a path is here: then it is only computed when it is asked for.
    pub(crate) fn answers_unasked(&self) -> bool {
        self.facts
            .as_ref()
            .is_some_and(|facts| facts.closure().len() <= QUICK)
    }

    /// Shows all chains at once where a large screen has room for them: nobody has to open them one by one.
    pub(crate) fn open_chains_that_fit(&mut self) {
        let (Some(facts), Some(lattice)) = (&self.facts, &self.views.why.lattice) else {
            return;
        };
        let height = self.list_height().saturating_sub(BELOW_CHAINS);
        let paths: usize = lattice.stretches.iter().map(|stretch| stretch.paths).sum();
        let large = self.shared.size.0 >= LARGE.0 && self.shared.size.1 >= LARGE.1;
        // Each path takes a row at least; opening more than has room takes long.
        if !large || self.view != View::Why || paths > height {
            return;
        }
        let mut open = self.views.why.clone();
        open.open_all(facts);
        if open.rows().len() <= height {
            self.views.why = open;
        }
    }

    /// Starts what is missing: why the selected path is here, what to cut, what the plan gives. One at a time of each.
    pub(crate) fn ask_for_answers(&mut self) {
        let Some(facts) = self.facts.as_ref().filter(|facts| facts.base().is_some()) else {
            return;
        };
        let facts = facts.clone();
        let mut wanted = Vec::new();
        let unanswered = |lattice: bool, id| if lattice { None } else { id };
        let of_view = unanswered(
            self.views.why.lattice.is_some() || self.view != View::Why,
            self.views.why.target,
        );
        let sees_details =
            self.side.on(self.shared.size.0) != Side::Hidden && self.answers_unasked();
        let of_details = unanswered(
            self.details.lattice.is_some() || !sees_details,
            self.details.id,
        );
        if let Some(id) = of_view.or(of_details) {
            wanted.push((Kind::Why, Some(id), Work::Why(facts.clone(), id)));
        }
        if let (View::Why, Some(id), Some(_), Cut::Pending) = (
            self.view,
            self.views.why.target,
            &self.views.why.lattice,
            &self.views.why.cut,
        ) {
            wanted.push((Kind::Cut, Some(id), Work::Cut(facts.clone(), id)));
        }
        let steps = self.shared.plan.steps();
        if self
            .shared
            .effect
            .as_ref()
            .map_or(!steps.is_empty(), |effect| effect.steps != steps)
        {
            let work = Work::Effect(facts.clone(), steps.to_vec());
            wanted.push((Kind::Effect, None, work));
        }
        if let Some((kind, work)) = self.list_work(&facts) {
            wanted.push((kind, None, work));
        }
        for (kind, id, work) in wanted {
            if !self.jobs.runs(kind) && !self.given_up.contains(&(kind, id)) {
                self.start(work);
            }
        }
        self.ask_for_extra();
    }
}
