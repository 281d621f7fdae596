//! Marking: changes of the plan, and the plan as text to take along.

use std::fmt::Write as _;

use crate::analysis::plan::Plan;
use crate::analysis::what_if::Step;
use crate::model::{PathId, Reference};

use super::details::{Relation, Row as DetailsRow};
use super::event::Effect;
use super::keys::command::Command;
use super::views::plan::{Row, Rows};
use super::views::why::Row as WhyRow;
use super::{App, Focus, View};

/// Whether the plan was kept, and whether its loss was spoken of.
#[derive(Debug, Default)]
pub struct Kept {
    /// The steps that are in some file.
    saved: Vec<Step>,
    /// The steps that are being written to one.
    pub(crate) writing: Option<Vec<Step>>,
    /// Was it asked whether to leave without the plan?
    asked: bool,
    /// Is the key the answer, or one that is never asked about?
    sure: bool,
}

/// So many steps a plan may get at once: each is to be looked at alone and together with the others.
const MOST_MARKED: usize = 1000;

impl App {
    /// Before a key does what it does: is it the second of two that quit, or one that always does?
    pub(crate) fn weigh_quitting(&mut self, always: bool) {
        self.kept.sure = std::mem::take(&mut self.kept.asked) || always;
    }

    /// Quits; a plan that would be lost is spoken of once.
    pub(crate) fn quit(&mut self) {
        let steps = self.shared.plan.steps();
        if self.kept.sure || steps.is_empty() || self.kept.saved == steps {
            return self.effects.push(Effect::Quit(None));
        }
        self.kept.asked = true;
        let marks = crate::text::counted(steps.len(), "mark");
        let verb = if steps.len() == 1 { "is" } else { "are" };
        let key = |command| self.shared.keys.shown(command);
        let (quit, write) = (key(Command::Quit), key(Command::SavePlan));
        let print = key(Command::QuitPrinting);
        self.message = Some(format!(
            "{marks} {verb} not saved: {quit} again quits, {write} saves, {print} prints"
        ));
    }

    /// The plan is in a file as it is now.
    pub(crate) fn keep_plan(&mut self) {
        self.kept.saved = self.shared.plan.steps().to_vec();
    }

    /// A file was written, perhaps the plan's.
    pub(crate) fn kept(&mut self) {
        if let Some(steps) = self.kept.writing.take() {
            self.kept.saved = steps;
        }
    }

    /// Is the plan in a file as it is?
    pub(crate) fn is_kept(&self) -> bool {
        self.kept.saved == self.shared.plan.steps()
    }

    /// How many rows the view of the plan has.
    pub(crate) fn marks_rows(&self) -> Rows {
        let effect = self.shared.effect.as_ref();
        let stays = effect
            .and_then(|effect| effect.outcome.as_ref().ok())
            .map_or(0, |outcome| outcome.held.len());
        Rows {
            steps: self.shared.plan.steps().len(),
            stays,
            all_stays: self.views.plan.all_stays,
            leaves: effect.map_or(0, |effect| effect.leaving.len()),
        }
    }

    /// The step under the cursor of the view of the plan.
    pub(crate) fn current_step(&self) -> Option<Step> {
        match (
            self.focus,
            self.view,
            self.marks_rows().get(self.views.plan.cursor.at)?,
        ) {
            (Focus::Main, View::Marks, Row::Step(at)) => self.shared.plan.steps().get(at).copied(),
            _ => None,
        }
    }

    /// Is there something to mark in the row of the cursor?
    pub(crate) fn can_mark(&self) -> bool {
        self.step_to_mark().is_some()
    }

    /// What marking puts into the plan or takes out of it.
    fn step_to_mark(&self) -> Option<Step> {
        let target = match self.focus {
            Focus::Side => self.details.path(self.details.cursor.at),
            Focus::Main => self.current(),
        };
        self.current_step().or_else(|| target.map(Step::Remove))
    }

    /// Marks the selected path, or takes a mark or step back.
    pub(crate) fn mark(&mut self) {
        if let Some(step) = self.step_to_mark() {
            self.change_plan(|plan| plan.toggle(step));
        }
    }

    /// Why no references can be cut together.
    pub(crate) fn cut_all_obstacle(&self) -> Option<&'static str> {
        let none = self.references_to_cut().is_empty();
        none.then_some("no references to cut here")
    }

    /// Why what matches cannot be marked.
    pub(crate) fn matches_obstacle(&self) -> Option<&'static str> {
        let obstacle = |there, what| if there { Some(what) } else { None };
        let found = self.views.packages.found.as_ref();
        obstacle(self.view != View::Packages, "only in packages (1)")
            .or_else(|| {
                obstacle(
                    self.views.packages.text.is_empty(),
                    "nothing was searched for",
                )
            })
            .or_else(|| {
                let answered = found.is_some_and(|rows| rows.trouble.is_none() && !rows.partial);
                obstacle(!answered, "it is not known yet what matches")
            })
            .or_else(|| {
                let many = self.views.packages.rows().len() > MOST_MARKED;
                obstacle(many, "too many match to be marked one by one")
            })
            .or_else(|| {
                let mut rows = self.views.packages.rows().iter();
                let none = rows.all(|&id| self.is_root(id));
                obstacle(none, "nothing matches that can leave")
            })
    }

    /// What was searched for; a root is what everything is for.
    fn matches(&self) -> Vec<Step> {
        let rows = self.views.packages.rows().iter();
        let leaving = rows.filter(|&&id| !self.is_root(id));
        leaving.map(|&id| Step::Remove(id)).collect()
    }

    /// Marks all that was searched for, or takes these marks back.
    pub(crate) fn mark_matches(&mut self) {
        self.toggle_all(self.matches());
    }

    /// Marks the reference that the row stands for.
    pub(crate) fn cut(&mut self) {
        if let Some((from, to)) = self.current_edge() {
            self.change_plan(|plan| plan.toggle(Step::Cut { from, to }));
        }
    }

    /// The reference that the row under the cursor stands for.
    pub(crate) fn current_edge(&self) -> Option<(PathId, PathId)> {
        if self.focus == Focus::Side {
            let id = self.details.id?;
            return match self.details.row(self.details.cursor.at)? {
                DetailsRow::Path(Relation::Referrer, from) => Some((from, id)),
                DetailsRow::Path(Relation::Reference, to) => Some((id, to)),
                _ => None,
            };
        }
        match self.view {
            View::Tree => self.views.tree.edge(self.views.tree.cursor.at),
            View::Why => self
                .views
                .why
                .current()
                .and_then(|row: WhyRow| self.views.why.edge(row)),
            View::Misses => self.miss_reference(),
            View::Roots => match self.root_references()[..] {
                [only] => Some(only),
                _ => None,
            },
            _ => None,
        }
    }

    /// The reference a person asks about in the row under the cursor: in the view of why the last one of the chain that is
    /// shown, where the row is a path.
    pub(crate) fn edge_in_question(&self) -> Option<(PathId, PathId)> {
        let last_step = || {
            let row = self.views.why.current();
            row.filter(|_| self.view == View::Why && self.focus == Focus::Main)
                .and_then(|row| self.views.why.last_step(row))
        };
        self.current_edge().or_else(last_step)
    }

    /// All references that have to be cut for the path in question to leave.
    pub(crate) fn references_to_cut(&self) -> &[Reference] {
        match self.view {
            View::Why => self.views.why.cut_references(),
            View::Misses => self
                .current_miss()
                .map_or(&[], |(miss, _)| &miss.references),
            _ => &[],
        }
    }

    /// Marks all of them but those of paths that leave anyway: there is nothing left to cut. Takes the marks back if there
    /// is nothing to add.
    pub(crate) fn cut_all(&mut self) {
        let steps = super::views::leverage::steps(self.references_to_cut());
        let (marked, others): (Vec<Step>, Vec<Step>) = steps
            .into_iter()
            .partition(|step| self.shared.plan.steps().contains(step));
        let leaves = |step: &Step| match *step {
            Step::Cut { from, .. } => self.leaves(from),
            _ => false,
        };
        let needed: Vec<Step> = others.into_iter().filter(|step| !leaves(step)).collect();
        if !needed.is_empty() {
            self.change_plan(|plan| plan.extend(needed));
        } else if marked.is_empty() {
            self.message = Some("what references it leaves already".to_owned());
        } else {
            self.change_plan(|plan| plan.take_out(&marked));
        }
    }

    /// Does a path leave with what is marked, as far as that is known?
    fn leaves(&self, id: crate::model::PathId) -> bool {
        let effect = self.shared.effect.as_ref();
        let outcome = effect.and_then(|effect| effect.outcome.as_ref().ok());
        self.shared.plan.removes(id) || outcome.is_some_and(|outcome| outcome.leaving.contains(id))
    }

    /// Changes the plan; what it gives is computed anew.
    pub(crate) fn change_plan(&mut self, change: impl FnOnce(&mut Plan) -> bool) {
        change(&mut self.shared.plan);
        self.given_up
            .retain(|(kind, _)| *kind != super::jobs::work::Kind::Effect);
        if self.shared.plan.is_empty() {
            self.shared.effect = None;
        }
        if self.views.packages.text.contains("marked") {
            self.refresh_rows();
        }
        // A computation for other steps would only be thrown away.
        if self.jobs.runs(super::jobs::work::Kind::Effect) {
            let effect = self.jobs.cancel(super::jobs::work::Kind::Effect);
            self.effects.push(effect);
        }
    }

    /// The plan as text: a line a step, and what it gives.
    pub(crate) fn plan_text(&self) -> Option<String> {
        let facts = self.facts.as_ref()?;
        let graph = facts.graph();
        let mut out = String::new();
        for step in self.shared.plan.steps() {
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
        if let Some(Ok(outcome)) = self.shared.effect.as_ref().map(|effect| &effect.outcome) {
            let units = self.shared.look.units;
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
