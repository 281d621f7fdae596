//! What changes the plan, and what is asked before.

use crate::analysis::plan::Plan;
use crate::analysis::what_if::Step;

use super::dialogs::confirm::Confirm;
use super::jobs::work::Kind;
use super::keys::command::Command;
use super::{App, Focus, planning};

impl App {
    /// Marks what the row of the cursor stands for, or takes the mark back. A root holds all that is below it, so that its
    /// mark is asked about.
    pub(super) fn mark(&mut self) {
        let target = self.target(self.focus);
        let step = target.and_then(|target| planning::step_of(&target));
        let (Some(step), Some(facts)) = (step, &self.facts) else {
            return;
        };
        let is_new = !self.shared.plan.steps().contains(&step);
        match step {
            Step::Remove(id) if is_new && facts.closure().is_root(id) => {
                let (title, question) = planning::ask_about_root(facts, id, self.shared.look.units);
                self.open_dialog(Confirm::new(title, question, vec![step]));
            }
            step => self.toggle(Some(step)),
        }
    }

    /// Marks what has to be cut for the path in question to leave, or takes these marks back.
    pub(super) fn cut_all(&mut self) {
        let target = self.target(Focus::Main).unwrap_or_default();
        let steps = planning::cuts_needed(&self.shared, &target.cut);
        let marks = steps
            .iter()
            .any(|step| !self.shared.plan.steps().contains(step));
        let costs = target.costs.filter(|costs| marks && costs.are_high());
        if steps.is_empty() {
            self.message = Some("what references it leaves already".to_owned());
        } else if let Some(costs) = costs {
            let (title, question) = planning::ask_about(costs, steps.len(), self.shared.look.units);
            self.open_dialog(Confirm::new(title, question, steps));
        } else {
            self.toggle_all(&steps);
        }
    }

    /// Pins what the row of the cursor stands for, or takes its pin out.
    pub(super) fn pin(&mut self) {
        let target = self.target(self.focus).unwrap_or_default();
        let (Some(facts), Some(pin)) = (&self.facts, planning::pin_of(&target)) else {
            return;
        };
        let what = planning::pinned(facts, pin);
        let added = self.shared.pins.toggle(pin);
        let key = self.shared.keys.shown(Command::Pin);
        self.message = Some(if added {
            format!("pinned {what}: never offered for cutting until {key} frees it")
        } else {
            format!("{what} is offered for cutting again")
        });
    }

    pub(super) fn toggle(&mut self, step: Option<Step>) {
        if let Some(step) = step {
            self.change_plan(|plan| plan.toggle(step));
        }
    }

    /// Puts steps into the plan as one change, or takes them out if it has them all.
    pub(super) fn toggle_all(&mut self, steps: &[Step]) {
        let there = |step: &Step| self.shared.plan.steps().contains(step);
        if !steps.is_empty() && steps.iter().all(there) {
            self.change_plan(|plan| plan.take_out(steps));
        } else {
            self.change_plan(|plan| plan.extend(steps.to_vec()));
        }
    }

    /// Changes the plan; what it gives is computed anew.
    pub(crate) fn change_plan(&mut self, change: impl FnOnce(&mut Plan) -> bool) {
        change(&mut self.shared.plan);
        self.jobs.retry(Kind::Effect);
        if self.shared.plan.is_empty() {
            self.shared.effect = None;
        }
        if self.views.packages.text.contains("marked") {
            self.refresh_rows();
        }
        // A computation for other steps would only be thrown away.
        if self.jobs.runs(Kind::Effect) {
            let effect = self.jobs.cancel(Kind::Effect);
            self.effects.push(effect);
        }
    }
}
