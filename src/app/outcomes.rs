//! What is carried out: what views, boxes and lines being typed want done, and what jobs found.

use crate::analysis::Analysed;
use crate::analysis::plan::{Plan, PlanFile};
use crate::model::PathId;
use crate::source::watch::Stamp;
use crate::text;
use crate::user_files::memory::Memory;

use super::details::Details;
use super::dialogs::confirm::Confirm;
use super::dialogs::file_tree::FileBox;
use super::dialogs::found::FoundForBox;
use super::dialogs::lines::Lines;
use super::dialogs::welcome::Welcome;
use super::evaluation::Learned;
use super::event::Effect;
use super::facts::on_demand;
use super::facts::{Facts, Metric, Sort};
use super::jobs::files::{FileResult, Writing};
use super::jobs::work::{Done, JobKind, Tried, Work};
use super::keys::fixed;
use super::outcome::{FileAnswer, Outcome};
use super::pane::stand_on;
use super::places::{BackPlace, Places};
use super::planning::Renewed;
use super::planning::pins::Pin;
use super::problem::Problem;
use super::prompt::file_question::FileQuestion;
use super::prompt::question::Question;
use super::prompt::searches::Searches;
use super::shared::Shared;
use super::views::Filled;
use super::views::packages::{TableFound, rows};
use super::views::tab::Reloaded;
use super::{App, Focus, comparing, planning};

/// What views, boxes and lines want done.
impl App {
    /// Does what a view, a box or a line wants done.
    pub(crate) fn carry_out(&mut self, outcome: Outcome) {
        self.carry_out_from(outcome, None);
    }

    /// The same; `place` is where one was before, if it is to be remembered as it was.
    pub(super) fn carry_out_from(&mut self, outcome: Outcome, place: Option<BackPlace>) {
        match outcome {
            Outcome::None => {}
            Outcome::Select => self.select_current(),
            Outcome::Front => self.bring_to_front(self.view),
            Outcome::Reveal => self.reveal(),
            Outcome::Remembered(outcome) => {
                let place = place.unwrap_or_else(|| self.place());
                self.places.remember(place);
                self.carry_out(*outcome);
            }
            Outcome::Back => self.back(),
            Outcome::Tree(id) => self.show_tree(id),
            Outcome::Why(id, reference) => self.explain_path(id, reference),
            Outcome::GoTo(id) => self.go_to(id),
            Outcome::Files(id, category) => self.open_box(FileBox::of(id, category)),
            Outcome::Give(command) => self.act(command),
            Outcome::Toggle(steps) => self.change_plan(|plan| plan.toggle(&steps)),
            Outcome::ToggleTry(one) => self.change_plan(|plan| plan.toggle_try(one)),
            Outcome::Find(text) => self.find(text),
            Outcome::Sort(sort) => self.sort(sort),
            Outcome::Column(metric) => {
                self.jobs.retry(JobKind::Extra);
                self.views.packages.turn_column(metric);
            }
            Outcome::KeepSearch(text) => self.keep_search(text),
            Outcome::Write(answer) => self.write(answer),
            Outcome::Pin(pin) => self.pin(pin),
            Outcome::ReadPlan(path) => self.start(Work::ReadPlan(path)),
            Outcome::Compare(with) => self.start(Work::Load(Some(with))),
            Outcome::Try(change) => {
                let Some(facts) = &self.facts else { return };
                let attempt = self.shared.evaluation.attempt(facts, change);
                self.start(Work::Try(attempt));
            }
            Outcome::Question(question, answer) => {
                self.ask(FileQuestion::answered(question, &answer));
            }
            Outcome::Text(title, text) => self.open_box(Lines::text(title, text)),
            Outcome::Confirm(doubt) => self.open_box(Confirm(doubt)),
            Outcome::Say(message) => self.said.say(message),
            Outcome::Shares(shares) => self.learn(|facts| facts.take_shares(shares)),
            Outcome::Evidence(evidence, paths) => {
                self.learn(|facts| facts.take_evidence(evidence, paths));
            }
            Outcome::Copy(text) => self.effects.push(Effect::Copy(text)),
            Outcome::All(all) => all.into_iter().for_each(|outcome| self.carry_out(outcome)),
        }
    }

    /// What is searched for holds once the line is gone.
    fn keep_search(&mut self, text: String) {
        // Why something could not be found out is to be read then.
        self.jobs.retry(JobKind::Extra);
        self.views.packages.text.clone_from(&text);
        if !text.is_empty() {
            self.shared.searches.note(&text);
            self.start(Work::Remember(text));
        }
    }

    fn write(&mut self, answer: FileAnswer) {
        let Some(facts) = self.facts.clone() else {
            return;
        };
        let marked = self.shared.plan.marked().clone();
        self.saved.writing = (answer.question == Question::SavePlan).then(|| marked.clone());
        let writing = Writing {
            answer,
            facts,
            marked,
        };
        self.start(Work::Write(Box::new(writing)));
    }

    /// What became of a file.
    pub(crate) fn filed(&mut self, filed: FileResult) {
        match filed {
            FileResult::Written(path) => {
                self.saved.written();
                self.said.say(format!("wrote {path}"));
            }
            FileResult::Failed(message) => self.said.say(message),
            FileResult::Exists(question, path) => {
                let enter = fixed::ENTER;
                let said = format!("{path} already exists: {enter} overwrites it");
                self.said.say(said);
                // A question asked meanwhile is not taken away.
                if !self.overlay.is_busy() {
                    self.ask(FileQuestion::again(question, path));
                }
            }
            FileResult::Read(path, plan) => {
                let read = format!("{path}: {}", text::counted(plan.len(), "step"));
                let more = self.take_plan(&plan).map(|more| format!(", {more}"));
                self.said.say(read + &more.unwrap_or_default());
            }
        }
    }

    /// Puts the steps of a plan that apply here into the plan. Says of others that they are done, or left out, if there
    /// are some.
    pub(super) fn take_plan(&mut self, plan: &PlanFile) -> Option<String> {
        let facts = self.facts.as_ref()?;
        let planning::Applied {
            marked,
            done,
            notes,
        } = planning::applied(plan, facts, &self.shared.keys);
        let said = planning::said_of_others(done.len(), notes.len(), &self.shared.keys);
        self.said.plan_notes = notes;
        self.shared.done.extend(done);
        let alone = self.shared.plan.is_empty() && said.is_none();
        self.change_plan(|plan| plan.extend(marked));
        if alone {
            self.saved.note(self.shared.plan.marked());
        }
        said
    }

    /// Sorts the table. Closure sizes that were cancelled are computed if they are what is sorted by.
    fn sort(&mut self, sort: Sort) {
        self.views.packages.sort_by(sort);
        let facts = self.facts.clone();
        let missing = facts.filter(|facts| !facts.is_ready(Metric::Closure));
        if sort.metric == Metric::Closure
            && self.jobs.retry(JobKind::Sizes)
            && let Some(facts) = missing
        {
            self.start(Work::Sizes(facts));
        }
    }

    /// Changes the plan; what it gives is computed again.
    pub(super) fn change_plan(&mut self, change: impl FnOnce(&mut Plan) -> bool) {
        change(&mut self.shared.plan);
        self.jobs.retry(JobKind::Effect);
        if self.shared.plan.steps().is_empty() {
            self.shared.effect = None;
        }
        // A computation for other steps would only be thrown away.
        if self.jobs.runs(JobKind::Effect) {
            let effect = self.jobs.cancel(JobKind::Effect);
            self.effects.push(effect);
        }
    }

    fn pin(&mut self, pin: Pin) {
        let Some(facts) = &self.facts else { return };
        let added = self.shared.pins.toggle(pin);
        let said = planning::said_of_pin(facts, pin, added, &self.shared.keys);
        self.said.say(said);
    }
}

/// What jobs found.
impl App {
    /// Takes the result of a job.
    pub(super) fn done(&mut self, done: Done) {
        match done {
            Done::Cancelled | Done::Remembered => {}
            Done::Recalled(memory) => self.recalled(memory),
            Done::Failed(problem) => self.failed(problem),
            Done::Loaded(facts, stamp, rows) => self.loaded(*facts, stamp, rows),
            Done::First => self.carry_out(comparing::nothing_before(self)),
            Done::Changed => self.loading.stale = true,
            Done::Core(analysed) => self.take_core(&analysed, None),
            Done::Sizes(analysed) | Done::Labels(analysed) => {
                self.learn(|facts| facts.absorb(&analysed));
            }
            Done::Chains(chains) => self.shared.chains = Some(chains),
            Done::BestCut(best) => self.shared.best = Some(*best),
            Done::Origins(learned) => self.learned(*learned),
            Done::Tried(tried) => self.tried(tried),
            Done::Match(found) => self.matched(found),
            Done::Elsewhere(absent) => self.views.packages.take_absent(*absent),
            Done::Filled(filled) => self.fill(filled),
            Done::Effect(effect) => {
                if let Err(problem) = &effect.outcome {
                    self.said.say(problem.clone());
                }
                self.shared.effect = Some(effect);
            }
            Done::File(filed) => self.filed(filed),
            Done::Launch(Ok(ready)) => self.effects.push(Effect::Launch(ready)),
            Done::Launch(Err(obstacle)) => self.said.say(obstacle),
            Done::Extra(found) => self.take_extra(*found),
            Done::ForBox(found) => self.hand_over(found),
            Done::Contents(id, contents) => self.shared.contents = Some((id, contents)),
        }
    }

    /// More is known of the closure.
    fn learn(&mut self, take: impl FnOnce(&mut Facts)) {
        if let Some(facts) = &mut self.facts {
            take(facts);
        }
    }

    /// Hands what was found to the box or the line that asked for it.
    fn hand_over(&mut self, found: FoundForBox) {
        if let FoundForBox::Evidence(reference, answer) = &found
            && let Ok(answer) = &**answer
        {
            self.learn(|facts| facts.note_reason(*reference, answer));
        }
        self.in_overlay(|overlay, cx| overlay.take(cx, found));
    }

    /// Hands what was found for a view to it.
    fn fill(&mut self, filled: Filled) {
        let shown = filled.view() == self.view;
        let outcome = self.in_views(|views, cx| views.fill(cx, filled));
        let outcome = outcome.unwrap_or_default();
        self.carry_out(if shown { outcome } else { outcome.elsewhere() });
    }

    /// Takes the row that matches what was searched for.
    fn matched(&mut self, found: Option<(usize, PathId)>) {
        let Some((at, id)) = found else {
            return self.said.say("no match in this view");
        };
        self.in_pane(self.focus, |pane, cx| {
            let here = pane.target(cx, at).and_then(|target| target.path);
            if here == Some(id) {
                stand_on(pane, cx, at);
            } else {
                // The rows have changed meanwhile.
                pane.reveal(cx, id);
            }
        });
        self.select_current();
    }

    /// Takes what a change would give: it is shown in place of what there is.
    fn tried(&mut self, tried: Tried) {
        let is_kept = comparing::learn_try(&mut self.shared.plan, &tried);
        let then = comparing::tried(&tried, is_kept, &self.shared.keys);
        if let Ok((facts, rows)) = tried {
            self.loaded(*facts, Stamp::default(), rows);
        }
        self.carry_out(then);
    }

    /// Takes where paths come from.
    fn learned(&mut self, learned: Result<Learned, Problem>) {
        let Some(facts) = &mut self.facts else { return };
        let Shared {
            evaluation, keys, ..
        } = &mut self.shared;
        let taken = evaluation.take(learned, facts, keys);
        if self.said.take(taken) {
            self.shared.chains = None;
            self.views.learned();
        } else {
            // It is not asked for again by itself.
            self.jobs.note_cancelled(JobKind::Origins);
        }
    }

    /// What earlier sessions left behind. Who is busy already needs no welcome.
    fn recalled(&mut self, memory: Memory) {
        self.shared.searches = Searches::recalled(memory.searches);
        if memory.first && !self.overlay.is_busy() {
            self.open_box(Welcome);
        }
    }

    /// A failed reload leaves what there is.
    fn failed(&mut self, problem: Problem) {
        if self.facts.is_some() {
            self.said.say(problem.message);
        } else {
            self.loading.failure = Some(problem);
        }
    }

    pub(super) fn loaded(
        &mut self,
        mut facts: Facts,
        stamp: Stamp,
        rows: Option<Box<rows::FoundRows>>,
    ) {
        self.loading.failure = None;
        self.loading.stale = false;
        if !stamp.is_empty() {
            self.start(Work::Watch(stamp));
        }
        // What still runs is about paths of other numbers.
        self.effects.extend(self.jobs.cancel_of_facts());
        let is_prepared = facts.core().is_some();
        let prepared = is_prepared.then(|| facts.computed());
        facts = facts.afresh();
        let old = self.facts.replace(facts.clone());
        if prepared.is_none() {
            self.start(Work::Core(facts.clone()));
        }
        self.start(Work::Labels(facts.clone()));
        if old.is_none() {
            self.start(Work::Recall);
        }
        if let Some(old) = &old {
            self.carry_over(old, &facts);
            self.carry_out(comparing::difference(old, &facts));
        }
        let planned = self.loading.planned.take();
        if let Some(said) = planned.and_then(|plan| self.take_plan(&plan)) {
            self.said.say(format!("the plan: {said}"));
        }
        if let Some(analysed) = prepared {
            self.take_core(&analysed, rows);
        }
    }

    /// Takes what everything else rests on; closure sizes come later if they are not there yet. `rows` are those of
    /// [`RowsQuery::first`](crate::app::views::packages::rows::RowsQuery::first), if they are known.
    fn take_core(&mut self, analysed: &Analysed, rows: Option<Box<rows::FoundRows>>) {
        let Some(facts) = &mut self.facts else { return };
        facts.warn_of_unexpected(analysed);
        facts.absorb(analysed);
        // Its lists are sorted by what is known only now.
        self.details.id = None;
        if !facts.is_ready(Metric::Closure) {
            let facts = facts.clone();
            self.start(Work::Sizes(facts));
        }
        let packages = &mut self.views.packages;
        packages.prefer(Sort::by(Metric::Retained));
        if let Some(rows) = rows.filter(|rows| packages.wants_no_more_than(rows)) {
            self.fill(Filled::Packages(TableFound::Rows(rows)));
        }
    }

    /// After a reload ids mean other paths: selection and plan are carried over by name, what is computed starts over.
    fn carry_over(&mut self, old: &Facts, new: &Facts) {
        let again = |id: PathId| new.graph().find(old.graph().base_name(id));
        let renewed = |id: PathId| again(id).filter(|&id| new.closure().contains(id));
        // What is gone can be looked at, too.
        let known = |id: PathId| again(id).filter(|&id| new.everything().contains(id));
        let plan = Renewed::of(&self.shared, (old, new), renewed);
        self.said.say(plan.said());
        let was_saved = self.saved.is(self.shared.plan.marked());
        let former = (old, &self.shared, self.room(Focus::Main));
        self.views.reload(&Reloaded::of(former, &known));
        self.shared
            .carry_over(known, renewed, plan.marked, plan.done);
        if was_saved {
            self.saved.note(self.shared.plan.marked());
        }
        self.leave_what_is_gone();
        self.overlay.close_what_is_about_paths();
        self.details = Details::default();
        // They are about paths that are no longer there.
        self.places = Places::default();
    }

    /// Takes what was computed because it was asked for.
    fn take_extra(&mut self, answer: on_demand::OnDemandAnswer) {
        let Some(facts) = &mut self.facts else { return };
        let taken = facts.take(answer);
        if !self.said.take(taken) {
            // It is not asked for again before the query changes.
            self.jobs.note_cancelled(JobKind::Extra);
        }
    }

    /// Cancels the newest job that takes long; `false` if there is none.
    pub(super) fn cancel_newest(&mut self) -> bool {
        let Some(job) = self.jobs.newest_long() else {
            return false;
        };
        let effect = self.jobs.cancel(job.kind);
        self.effects.push(effect);
        self.said.say(job.cancelled(&self.shared.keys));
        match job.kind {
            JobKind::View(view) => self.views.cancel(view, true),
            JobKind::Chains => self.shared.unexplained.extend(job.explained),
            JobKind::Match => self.loading.early.forget(),
            kind => self.jobs.note_cancelled(kind),
        }
        if job.kind == JobKind::Load && self.facts.is_none() {
            self.loading.failure = Some(Problem::new("loading was cancelled"));
        }
        true
    }
}

#[cfg(test)]
mod tests;
