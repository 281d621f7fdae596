//! Marking: changes of the plan, and the plan as text to take along.

use std::fmt::Write as _;

use crate::analysis::plan::Plan;
use crate::analysis::what_if::Step;

use super::marks::{Row, Rows};
use super::why::Row as WhyRow;
use super::work::Reference;
use super::{App, Pane, View};

impl App {
    /// How many rows the view of the plan has.
    pub(crate) fn marks_rows(&self) -> Rows {
        let effect = self.effect.as_ref();
        let stays = effect
            .and_then(|effect| effect.outcome.as_ref().ok())
            .map_or(0, |outcome| outcome.held.len());
        Rows {
            steps: self.plan.steps().len(),
            stays,
            leaves: effect.map_or(0, |effect| effect.leaving.len()),
        }
    }

    /// The step under the cursor of the view of the plan.
    fn current_step(&self) -> Option<Step> {
        match (
            self.pane,
            self.view,
            self.marks_rows().get(self.marks.cursor.at)?,
        ) {
            (Pane::Main, View::Marks, Row::Step(at)) => self.plan.steps().get(at).copied(),
            _ => None,
        }
    }

    /// Marks the selected path, or takes a mark or step back.
    pub(crate) fn mark(&mut self) {
        let target = match self.pane {
            Pane::Side => self.details.path(self.details.cursor.at),
            Pane::Main => self.current(),
        };
        let step = self.current_step().or_else(|| target.map(Step::Remove));
        if let Some(step) = step {
            self.change_plan(|plan| plan.toggle(step));
        }
    }

    /// Marks the reference that the row stands for.
    pub(crate) fn cut(&mut self) {
        if let Some((from, to)) = self.current_edge() {
            self.change_plan(|plan| plan.toggle(Step::Cut { from, to }));
        }
    }

    /// The reference that the row under the cursor stands for.
    pub(crate) fn current_edge(&self) -> Option<(crate::model::PathId, crate::model::PathId)> {
        match self.view {
            View::Tree => self.tree.edge(self.tree.cursor.at),
            View::Why => self
                .why
                .current()
                .and_then(|row: WhyRow| self.why.edge(row)),
            View::Misses => self.miss_reference(),
            _ => None,
        }
    }

    /// All references that have to be cut for the path in question to leave.
    pub(crate) fn references_to_cut(&self) -> &[Reference] {
        match self.view {
            View::Why => self.why.cut_references(),
            View::Misses => self
                .current_miss()
                .map_or(&[], |(miss, _)| &miss.references),
            _ => &[],
        }
    }

    /// Marks all of them.
    pub(crate) fn cut_all(&mut self) {
        let steps = super::misses::steps(self.references_to_cut());
        self.toggle_all(steps);
    }

    /// Changes the plan; what it gives is computed anew.
    pub(crate) fn change_plan(&mut self, change: impl FnOnce(&mut Plan) -> bool) {
        change(&mut self.plan);
        self.given_up
            .retain(|(kind, _)| *kind != super::work::Kind::Effect);
        if self.plan.is_empty() {
            self.effect = None;
        }
        if self.packages.text.contains("marked") {
            self.refresh_rows();
        }
        // A computation for other steps would only be thrown away.
        if self.jobs.runs(super::work::Kind::Effect) {
            let effect = self.jobs.cancel(super::work::Kind::Effect);
            self.effects.push(effect);
        }
    }

    /// The plan as text: a line a step, and what it gives.
    pub(crate) fn plan_text(&self) -> Option<String> {
        let facts = self.facts.as_ref()?;
        let graph = facts.graph();
        let mut out = String::new();
        for step in self.plan.steps() {
            let _ = match *step {
                Step::Remove(id) => writeln!(out, "remove {}", graph.path(id)),
                Step::Cut { from, to } => {
                    writeln!(out, "cut {} -> {}", graph.path(from), graph.path(to))
                }
                Step::Replace { old, new } => {
                    writeln!(out, "replace {} with {}", graph.path(old), graph.path(new))
                }
            };
        }
        if let Some(Ok(outcome)) = self.effect.as_ref().map(|effect| &effect.outcome) {
            let units = self.look.units;
            let _ = writeln!(
                out,
                "# {} -> {} predicted ({})",
                units.size(outcome.before.nar_size),
                units.size(outcome.after.nar_size),
                // It stands beside an arrow of ASCII, in what may be a file.
                units.signed(-outcome.freed.nar_size).replace('−', "-")
            );
        }
        (!out.is_empty()).then_some(out)
    }
}
