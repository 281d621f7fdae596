//! What becomes of a job's result.

use std::sync::Arc;

use crate::analysis::Analysed;
use crate::analysis::plan::Plan;
use crate::analysis::what_if::Step;
use crate::model::PathId;
use crate::source::watch::Stamp;
use crate::user_files::memory::Memory;

use super::work::{Done, Kind, Work};
use crate::app::dialogs::{Found as FoundForDialog, welcome::Welcome};
use crate::app::event::Effect;
use crate::app::facts::{Facts, Field, Sort};
use crate::app::keys::command::Command;
use crate::app::problem::Problem;
use crate::app::prompt::{Prompt, search::Searches};
use crate::app::views::packages::rows::Found;
use crate::app::views::tree::Tree;
use crate::app::views::why::Why;
use crate::app::{App, View};
use crate::job::Progress;

impl App {
    pub(crate) fn done(&mut self, done: Done) {
        match done {
            Done::Cancelled | Done::Remembered => {}
            Done::Recalled(memory) => self.recalled(memory),
            Done::Failed(problem) => self.failed(problem),
            Done::Loaded(facts, stamp, rows) => self.loaded(*facts, stamp, rows),
            Done::Changed => self.stale = true,
            Done::Base(analysed) => self.take_base(&analysed, None),
            Done::Sizes(analysed) => {
                let Some(facts) = &mut self.facts else { return };
                facts.absorb(&analysed);
                if self.views.packages.sort.field == Field::Closure
                    || !self.views.packages.text.is_empty()
                {
                    self.refresh_rows();
                }
            }
            Done::Labels(analysed) => {
                if let Some(facts) = &mut self.facts {
                    facts.absorb(&analysed);
                }
            }
            Done::Rows(found) => self.take_rows(*found),
            Done::Why(lattice) => self.take_why(&lattice),
            Done::Cut(target, cut) => {
                if self.views.why.target == Some(target) {
                    self.views.why.answer_cut(cut);
                }
            }
            Done::Effect(effect) => {
                if let Err(problem) = &effect.outcome {
                    self.message = Some(problem.clone());
                }
                self.shared.effect = Some(*effect);
            }
            Done::File(filed) => self.filed(filed),
            Done::Names(typed, found) => self.dialog_takes(FoundForDialog::Names(typed, found)),
            Done::Visit(Ok(ready)) => self.effects.push(Effect::Visit(ready)),
            Done::Visit(Err(obstacle)) => self.message = Some(obstacle),
            Done::Extra(found) => self.take_extra(*found),
            Done::Evidence(reference, answer) => {
                if let Ok(answer) = &*answer {
                    self.note_reason(reference, answer);
                }
                self.dialog_takes(FoundForDialog::Evidence(reference, answer));
            }
            Done::Choices(text, found) => self.dialog_takes(FoundForDialog::Choices(text, found)),
            Done::Roots(found) => self.take_roots(found),
            list @ (Done::Twins(_) | Done::Misses(_) | Done::Files(_) | Done::Identical(_)) => {
                self.take_list(list);
            }
        }
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

    fn loaded(&mut self, mut facts: Facts, stamp: Stamp, rows: Option<Box<Found>>) {
        self.failure = None;
        self.stale = false;
        if !stamp.is_empty() {
            self.start(Work::Watch(stamp));
        }
        // What still runs is about paths of other numbers.
        for kind in Kind::OF_FACTS {
            if self.jobs.runs(kind) {
                let effect = self.jobs.cancel(kind);
                self.effects.push(effect);
            }
        }
        let is_prepared = facts.base().is_some();
        let prepared = is_prepared.then(|| facts.analysed(&Progress::new()));
        facts = facts.afresh();
        let old = self.facts.replace(facts.clone());
        if prepared.is_none() {
            self.start(Work::Base(facts.clone()));
        }
        self.start(Work::Labels(facts.clone()));
        if old.is_none() {
            self.start(Work::Recall);
        }
        self.views.packages.found = None;
        // Who reads again stays where they are.
        self.views.packages.touched |= old.is_some();
        self.carry_over(old.as_ref(), &facts);
        if let Some(plan) = self.planned.take() {
            let notes = self.take_plan(&plan);
            if notes > 0 {
                let left_out = crate::text::counted(notes, "step");
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
    fn take_base(&mut self, analysed: &Analysed, rows: Option<Box<Found>>) {
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
        self.tiled = None;
        if !facts.is_ready(Field::Closure) {
            let facts = facts.clone();
            self.start(Work::Sizes(facts));
        }
        if !self.views.packages.chosen {
            self.views.packages.sort = Sort::by(Field::Retained);
        }
        let packages = &mut self.views.packages;
        if let Some(rows) = rows.filter(|rows| packages.wants_no_more_than(rows)) {
            self.take_rows(*rows);
        } else {
            self.refresh_rows();
        }
    }

    /// After a reload ids mean other paths: selection and plan are carried over by name, what is computed starts anew.
    fn carry_over(&mut self, old: Option<&Facts>, new: &Facts) {
        let renewed = |id: PathId| {
            let found = new.graph().find(old?.graph().base_name(id));
            found.filter(|&id| new.closure().contains(id))
        };
        self.shared.selected = self.shared.selected.and_then(renewed);
        let steps: Vec<Step> = self
            .shared
            .plan
            .steps()
            .iter()
            .filter_map(|step| renewed_step(*step, renewed))
            .collect();
        let lost = self.shared.plan.steps().len() - steps.len();
        if old.is_some() {
            self.message = Some(match lost {
                0 => "reloaded".to_owned(),
                _ => format!(
                    "reloaded; {} of the plan no longer apply",
                    crate::text::counted(lost, "step")
                ),
            });
        }
        let kept = self.is_kept();
        self.shared.plan = Plan::of(steps);
        if kept {
            self.keep_plan();
        }
        let target = self.views.why.target.and_then(renewed);
        self.views.why = target.map(Why::of).unwrap_or_default();
        if self.view == View::Why && target.is_none() {
            self.view = View::Packages;
        }
        self.views.tree = Tree::default();
        if self.view == View::Tree {
            self.views.tree = Tree::of(new, crate::app::views::tree::Mode::References, None);
        }
        self.shared.effect = None;
        self.dialog.take_if(|dialog| dialog.is_about_paths());
        self.views.forget_lists();
        self.views.map = crate::app::views::map::Map::default();
        self.tiles.clear();
        self.tiled = None;
        self.details = crate::app::details::Details::default();
        self.places.clear();
        self.given_up.clear();
    }

    fn take_why(&mut self, lattice: &Arc<crate::app::views::why::chains::Lattice>) {
        let target = lattice.why.target;
        if self.details.id == Some(target) {
            self.details.lattice = Some(Arc::clone(lattice));
        }
        if self.views.why.target == Some(target)
            && self.views.why.lattice.is_none()
            && let Some(facts) = &self.facts
        {
            self.views.why.answer(facts, Arc::clone(lattice));
            self.open_chains_that_fit();
            let (len, height) = (self.views.why.rows().len(), self.list_height());
            let at = self.views.why.cursor.at;
            self.views.why.cursor.reveal(at, len, height);
        }
    }

    fn take_rows(&mut self, found: Found) {
        // Half a query finds nothing yet: what the last whole one found stays.
        if let (true, Some(last)) = (found.unread, &mut self.views.packages.found) {
            (last.trouble, last.mistaken) = (found.trouble, true);
            return;
        }
        let moved = self.views.packages.is_partial() && self.views.packages.cursor.at > 0;
        let best_first = self.views.packages.by_match
            && self.prompt.as_ref().is_some_and(Prompt::is_search)
            && !moved;
        self.views.packages.found = Some(found);
        let at = match self.shared.selected {
            Some(id) if self.views.packages.touched && !best_first => {
                self.views.packages.rows().iter().position(|&row| row == id)
            }
            _ => None,
        };
        let (len, height) = (self.views.packages.rows().len(), self.list_height());
        self.views
            .packages
            .cursor
            .reveal(at.unwrap_or(0), len, height);
        if self.view == View::Packages {
            self.select_current();
        }
        if self.views.packages.is_partial() {
            self.refresh_rows();
        }
    }

    /// Calls off the newest job that takes long; `false` if there is none.
    pub(crate) fn call_off(&mut self) -> bool {
        let Some(job) = self.jobs.newest_long() else {
            return false;
        };
        let effect = self.jobs.cancel(job.kind);
        self.effects.push(effect);
        // Others may go on, and their progress is shown: which one was called off is said by its name.
        let phase = job.reading.unwrap_or_default().phase;
        self.message = Some(match job.kind {
            Kind::Sizes => {
                format!("{phase}: cancelled; sorting by that column computes them after all")
            }
            Kind::Base => {
                let reload = self.shared.keys.shown(Command::Reload);
                format!("{phase}: cancelled; {reload} begins again")
            }
            _ if phase.is_empty() => "cancelled".to_owned(),
            _ => format!("{phase}: cancelled"),
        });
        let about = match job.kind {
            Kind::Why if self.view == View::Why => self.views.why.target,
            Kind::Why => self.details.id,
            Kind::Cut => self.views.why.target,
            _ => None,
        };
        self.given_up.push((job.kind, about));
        if job.kind == Kind::Load && self.facts.is_none() {
            self.failure = Some(Problem {
                message: "loading was cancelled".to_owned(),
                hint: None,
            });
        }
        true
    }
}

fn renewed_step(step: Step, renewed: impl Fn(PathId) -> Option<PathId>) -> Option<Step> {
    Some(match step {
        Step::Remove(id) => Step::Remove(renewed(id)?),
        Step::Cut { from, to } => Step::Cut {
            from: renewed(from)?,
            to: renewed(to)?,
        },
        Step::Replace { old, new } => Step::Replace {
            old: renewed(old)?,
            new: renewed(new)?,
        },
    })
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
                        self.waiting.push_back((id, work));
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
        assert!(
            session
                .app
                .facts
                .is_some_and(|facts| facts.is_ready(Field::Closure))
        );
    }
}
