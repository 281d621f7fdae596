//! What becomes of the results of jobs.

use std::sync::Arc;

use crate::analysis::Analysed;
use crate::analysis::plan::Plan;
use crate::analysis::what_if::Step;
use crate::model::PathId;
use crate::source::watch::Stamp;
use crate::text;
use crate::user_files::memory::Memory;

use super::details::Details;
use super::dialogs::Found;
use super::dialogs::welcome::Welcome;
use super::event::Effect;
use super::facts::on_demand::{Answer, Taken};
use super::facts::{Facts, Field, Sort};
use super::jobs::work::{Done, Kind, Work};
use super::keys::command::Command;
use super::problem::Problem;
use super::prompt::question::Question;
use super::prompt::search::Searches;
use super::shared::Context;
use super::views::Filled;
use super::views::packages::rows;
use super::{App, Focus, planning};

impl App {
    /// Takes the result of a job.
    pub(super) fn done(&mut self, done: Done) {
        match done {
            Done::Cancelled | Done::Remembered => {}
            Done::Recalled(memory) => self.recalled(memory),
            Done::Failed(problem) => self.failed(problem),
            Done::Loaded(facts, stamp, rows) => self.loaded(*facts, stamp, rows),
            Done::First => self.ask_what_to_compare(),
            Done::Changed => self.stale = true,
            Done::Base(analysed) => self.take_base(&analysed, None),
            Done::Sizes(analysed) => {
                let Some(facts) = &mut self.facts else { return };
                facts.absorb(&analysed);
                let packages = &self.views.packages;
                if packages.sort.field == Field::Closure || !packages.text.is_empty() {
                    self.refresh_rows();
                }
            }
            Done::Labels(analysed) => {
                if let Some(facts) = &mut self.facts {
                    facts.absorb(&analysed);
                }
            }
            Done::Chains(chains) => self.shared.chains = Some(chains),
            Done::Filled(filled) => self.fill(filled),
            Done::Effect(effect) => {
                if let Err(problem) = &effect.outcome {
                    self.message = Some(problem.clone());
                }
                self.shared.effect = Some(*effect);
            }
            Done::File(filed) => self.filed(filed),
            Done::Names(typed, found) => self.dialog_takes(Found::Names(typed, found)),
            Done::Visit(Ok(ready)) => self.effects.push(Effect::Visit(ready)),
            Done::Visit(Err(obstacle)) => self.message = Some(obstacle),
            Done::Extra(found) => self.take_extra(*found),
            Done::Evidence(reference, answer) => {
                if let (Ok(answer), Some(facts)) = (&*answer, &mut self.facts) {
                    facts.note_reason(reference, answer);
                }
                self.dialog_takes(Found::Evidence(reference, answer));
            }
            Done::Choices(text, found) => self.dialog_takes(Found::Choices(text, found)),
        }
    }

    /// Hands what was found for a view to it.
    fn fill(&mut self, filled: Filled) {
        let view = filled.view();
        let (room, searching) = (self.room(Focus::Main), self.is_searching());
        let Some(facts) = &self.facts else { return };
        let cx = Context {
            facts,
            shared: &self.shared,
            room,
            searching,
        };
        let outcome = self.views.fill(cx, filled);
        let shown = view == self.view;
        self.carry_out(if shown { outcome } else { outcome.elsewhere() });
    }

    /// What earlier sessions left behind. Who is busy already needs no welcome.
    fn recalled(&mut self, memory: Memory) {
        self.searches = Searches::recalled(memory.searches);
        if memory.first && !self.is_busy() {
            self.open_dialog(Welcome);
        }
    }

    /// A failed reload leaves what there is.
    fn failed(&mut self, problem: Problem) {
        if self.facts.is_some() {
            self.message = Some(problem.message);
        } else {
            self.failure = Some(problem);
        }
    }

    fn loaded(&mut self, mut facts: Facts, stamp: Stamp, rows: Option<Box<rows::Found>>) {
        self.failure = None;
        self.stale = false;
        if !stamp.is_empty() {
            self.start(Work::Watch(stamp));
        }
        // What still runs is about paths of other numbers.
        self.effects.extend(self.jobs.cancel_of_facts());
        let is_prepared = facts.base().is_some();
        let prepared = is_prepared.then(|| facts.computed());
        facts = facts.afresh();
        let old = self.facts.replace(facts.clone());
        if prepared.is_none() {
            self.start(Work::Base(facts.clone()));
        }
        self.start(Work::Labels(facts.clone()));
        if old.is_none() {
            self.start(Work::Recall);
        }
        if let Some(old) = &old {
            self.carry_over(old, &facts);
            self.show_difference(old, &facts);
        }
        if let Some(plan) = self.planned.take() {
            let notes = self.take_plan(&plan);
            if notes > 0 {
                let left_out = text::counted(notes, "step");
                let warnings = self.shared.keys.named(Command::Warnings);
                self.message = Some(format!("{left_out} of the plan left out: see {warnings}"));
            }
        }
        match prepared {
            Some(analysed) => self.take_base(&analysed, rows),
            None => self.refresh_rows(),
        }
    }

    /// Takes what everything else rests on; closure sizes come later if they are not there yet. `rows` are those of
    /// [`RowsQuery::first`](crate::app::views::packages::rows::RowsQuery::first), if they are known.
    fn take_base(&mut self, analysed: &Analysed, rows: Option<Box<rows::Found>>) {
        let Some(facts) = &mut self.facts else { return };
        let cycles = analysed.order().warnings(analysed.graph()).into_vec();
        if !cycles.is_empty() {
            let mut snapshot = (*facts.snapshot).clone();
            snapshot.warnings.extend(cycles);
            facts.snapshot = Arc::new(snapshot);
        }
        facts.absorb(analysed);
        // Its lists are sorted by what is known only now.
        self.details.id = None;
        if !facts.is_ready(Field::Closure) {
            let facts = facts.clone();
            self.start(Work::Sizes(facts));
        }
        if !self.views.packages.chosen {
            self.views.packages.sort = Sort::by(Field::Retained);
        }
        let packages = &mut self.views.packages;
        if let Some(rows) = rows.filter(|rows| packages.wants_no_more_than(rows)) {
            self.fill(Filled::Packages(rows));
        } else {
            self.refresh_rows();
        }
    }

    /// After a reload ids mean other paths: selection and plan are carried over by name, what is computed starts anew.
    fn carry_over(&mut self, old: &Facts, new: &Facts) {
        let renewed = |id: PathId| {
            let found = new.graph().find(old.graph().base_name(id));
            found.filter(|&id| new.closure().contains(id))
        };
        self.shared.selected = self.shared.selected.and_then(renewed);
        let before = self.shared.plan.steps();
        let steps = before
            .iter()
            .filter_map(|step| planning::renewed(*step, renewed));
        let steps: Vec<Step> = steps.collect();
        let lost = before.len() - steps.len();
        self.message = Some(match lost {
            0 => "reloaded".to_owned(),
            _ => format!(
                "reloaded; {} of the plan no longer apply",
                text::counted(lost, "step")
            ),
        });
        let saved = self.saved.is(before);
        if saved {
            self.saved.note(&steps);
        }
        self.shared.plan = Plan::of(steps);
        self.shared.pins = self.shared.pins.renewed(renewed);
        self.shared.effect = None;
        self.shared.chains = None;
        self.shared.unexplained.clear();
        self.views.reload(new, &renewed);
        self.leave_what_is_gone();
        self.dialog.take_if(|dialog| dialog.is_about_paths());
        self.details = Details::default();
        self.forget_places();
    }

    /// There is no generation before: the user names something to compare with.
    fn ask_what_to_compare(&mut self) {
        self.message = Some("no generation before this one is known".to_owned());
        if !self.is_busy() {
            self.ask_for_file(Question::Compare);
        }
    }

    /// Shows the difference to what the closure was not compared with until now.
    fn show_difference(&mut self, old: &Facts, new: &Facts) {
        let name = |facts: &Facts| facts.before().map(|before| before.name.clone());
        if let Some(now) = name(new).filter(|now| name(old).as_ref() != Some(now)) {
            self.act(Command::DIFF);
            self.message = Some(format!("compared with {now}"));
        }
    }

    /// Takes what was computed because it was asked for.
    fn take_extra(&mut self, answer: Answer) {
        let Some(facts) = &mut self.facts else { return };
        let Taken {
            known,
            mut warnings,
            message,
        } = facts.take(answer);
        self.notes.append(&mut warnings);
        self.message = message.or(self.message.take());
        if known {
            self.refresh_rows();
        } else {
            // It is not asked for again before the query changes.
            self.jobs.note_cancelled(Kind::Extra);
        }
    }

    /// Cancels the newest job that takes long; `false` if there is none.
    pub(super) fn cancel_newest(&mut self) -> bool {
        let Some(job) = self.jobs.newest_long() else {
            return false;
        };
        let effect = self.jobs.cancel(job.kind);
        self.effects.push(effect);
        self.message = Some(job.cancelled(&self.shared.keys));
        match job.kind {
            Kind::View(view) => self.views.cancel(view, true),
            Kind::Chains => self.shared.unexplained.extend(job.explained),
            kind => self.jobs.note_cancelled(kind),
        }
        if job.kind == Kind::Load && self.facts.is_none() {
            self.failure = Some(Problem {
                message: "loading was cancelled".to_owned(),
                hint: None,
            });
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;
    use crate::app::event::{Event, JobId};
    use crate::app::explore::{Explore, Look};
    use crate::app::facts::Field;
    use crate::app::keys::keymap::parse_keys;
    use crate::job::Progress;
    use crate::source::Request;
    use crate::testing::{Given, graph};

    /// A session whose jobs end in the order they were started, one at a time: each may be the slow one.
    struct Slow {
        app: App,
        explore: Explore,
        waiting: VecDeque<(JobId, Work)>,
    }

    impl Slow {
        fn new() -> Self {
            let made = Given::of(graph(
                "app 10 -> lib tool data\ntool 5 -> lib libc\nlib 300 -> libc\nlibc 400\ndata 350",
            ));
            let explore = Explore::new(Box::new(made), Request::default());
            let (app, effects) = App::open((80, 24), Look::default(), &explore);
            let waiting = VecDeque::new();
            let mut slow = Self {
                app,
                explore,
                waiting,
            };
            slow.take(effects);
            slow
        }

        fn take(&mut self, effects: Vec<Effect>) {
            for effect in effects {
                match effect {
                    Effect::Start(id, work) if work.kind() != Kind::Watch => {
                        self.waiting.push_back((id, *work));
                    }
                    _ => {}
                }
            }
        }

        fn press(&mut self, keys: &str) {
            for key in parse_keys(keys).expect("keys") {
                let effects = self.app.update(Event::Key(key.event()));
                self.take(effects);
            }
        }

        /// Lets the jobs of a kind wait while all others end.
        fn all_but(&mut self, slow: Option<Kind>) {
            let is_slow = |work: &Work| Some(work.kind()) == slow;
            while let Some(at) = self.waiting.iter().position(|(_, work)| !is_slow(work)) {
                let Some((id, work)) = self.waiting.remove(at) else {
                    return;
                };
                let done = match work.run(&self.explore, &Progress::new()) {
                    // As large closures are loaded.
                    Done::Loaded(mut facts, stamp, _) => {
                        *facts = facts.afresh();
                        Done::Loaded(facts, stamp, None)
                    }
                    done => done,
                };
                let effects = self.app.update(Event::Done(id, done));
                self.take(effects);
            }
        }

        fn rows(&self) -> String {
            let graph = self.app.facts.as_ref().expect("loaded").graph();
            let rows = self.app.views.packages.rows().iter();
            rows.map(|&id| graph.name(id)).collect::<Vec<_>>().join(" ")
        }

        fn selected(&self) -> &str {
            let graph = self.app.facts.as_ref().expect("loaded").graph();
            graph.name(self.app.shared.selected.expect("something is selected"))
        }
    }

    #[test]
    fn rows_are_sorted_again_when_what_they_are_sorted_by_comes_late() {
        let mut session = Slow::new();
        session.all_but(Some(Kind::Base));
        assert_eq!(session.rows(), "libc data lib app tool");
        assert_eq!(session.app.views.packages.sorted(), Sort::by(Field::Nar));
        session.all_but(None);
        let by_retained = "app libc data lib tool";
        assert_eq!(session.rows(), by_retained);
        session.press("jj");
        assert_eq!(session.selected(), "data");
        session.press("r");
        session.all_but(Some(Kind::Base));
        assert_eq!(session.app.views.packages.sorted(), Sort::by(Field::Nar));
        session.all_but(None);
        assert_eq!(session.rows(), by_retained);
        assert_eq!(
            session.app.views.packages.sorted(),
            Sort::by(Field::Retained)
        );
        assert_eq!(session.selected(), "data");
        assert_eq!(session.app.views.packages.cursor.at, 2);
    }

    #[test]
    fn what_is_about_an_earlier_reading_is_not_taken_for_the_new_one() {
        let mut session = Slow::new();
        session.all_but(Some(Kind::Sizes));
        session.press("r");
        let load = |(_, work): &(JobId, Work)| work.kind() == Kind::Load;
        let at = session.waiting.iter().position(load).expect("a reload");
        let load = session.waiting.remove(at).expect("a reload");
        session.waiting.push_front(load);
        session.all_but(Some(Kind::Base));
        let facts = session.app.facts.as_ref().expect("loaded");
        assert!(!facts.is_ready(Field::Closure));
        session.all_but(None);
        let facts = session.app.facts.expect("loaded");
        assert!(facts.is_ready(Field::Closure));
    }
}
