//! What jobs find comes in any order, and about readings of the store that are past.

use std::collections::VecDeque;

use super::*;
use crate::analysis::plan::{TryKnown, TryStep};
use crate::analysis::what_if::Difference;
use crate::app::event::{Event, JobId};
use crate::app::explore::Explore;
use crate::app::facts::Metric;
use crate::app::keys::keymap::parse_keys;
use crate::app::look::Look;
use crate::job::{Progress, Reading};
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
                Effect::Start(id, work) if work.kind() != JobKind::Watch => {
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
    fn all_but(&mut self, slow: Option<JobKind>) {
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

    /// Lets what waits run for a while, and the user lose patience.
    fn lose_patience(&mut self) {
        let ids: Vec<JobId> = self.waiting.iter().map(|(id, _)| *id).collect();
        for id in ids {
            self.app.update(Event::Progress(id, Reading::default()));
        }
        self.press("<esc>");
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
    session.all_but(Some(JobKind::Core));
    assert_eq!(session.rows(), "libc data lib app tool");
    assert_eq!(session.app.views.packages.sorted(), Sort::by(Metric::Nar));
    session.all_but(None);
    let by_retained = "app libc data lib tool";
    assert_eq!(session.rows(), by_retained);
    session.press("j");
    assert_eq!(session.selected(), "data");
    session.press("r");
    session.all_but(Some(JobKind::Core));
    assert_eq!(session.app.views.packages.sorted(), Sort::by(Metric::Nar));
    session.all_but(None);
    assert_eq!(session.rows(), by_retained);
    assert_eq!(
        session.app.views.packages.sorted(),
        Sort::by(Metric::Retained)
    );
    assert_eq!(session.selected(), "data");
    assert_eq!(session.app.views.packages.cursor.at, 2);
}

#[test]
fn a_comparison_that_is_cancelled_while_it_loads_leaves_what_there_is() {
    let mut session = Slow::new();
    session.explore.other = Box::new(|_, _, _| {
        let old = graph("old 7 -> lib gone\nlib 300 -> libc\nlibc 400\ngone 20");
        Ok(Some(("before".to_owned(), Given::of(old).0)))
    });
    session.all_but(None);
    let compared = |session: &Slow| {
        let facts = session.app.facts.as_ref().expect("loaded");
        facts.before().map(|before| before.name.clone())
    };
    session.press("D");
    session.all_but(Some(JobKind::Load));
    session.lose_patience();
    // It ends nevertheless, but nothing waits for it any more.
    session.all_but(None);
    assert_eq!(compared(&session), None);
    assert_eq!(session.rows(), "app libc data lib tool");
    session.press("D");
    session.all_but(None);
    assert_eq!(compared(&session).as_deref(), Some("before"));
    session.press("1");
    session.all_but(None);
    let gone = session.rows();
    // The old root was replaced by the new one, so it has no row of its own.
    assert!(gone.contains("gone") && !gone.contains("old"), "{gone}");
    // What is compared already stays so if the next one is cancelled.
    session.press("Delsewhere<enter>");
    session.all_but(Some(JobKind::Load));
    session.lose_patience();
    session.all_but(None);
    assert_eq!(compared(&session).as_deref(), Some("before"));
}

#[test]
fn what_is_about_an_earlier_reading_is_not_taken_for_the_new_one() {
    let mut session = Slow::new();
    session.all_but(Some(JobKind::Sizes));
    session.press("r");
    let load = |(_, work): &(JobId, Work)| work.kind() == JobKind::Load;
    let at = session.waiting.iter().position(load).expect("a reload");
    let load = session.waiting.remove(at).expect("a reload");
    session.waiting.push_front(load);
    session.all_but(Some(JobKind::Core));
    let facts = session.app.facts.as_ref().expect("loaded");
    assert!(!facts.is_ready(Metric::Closure));
    session.all_but(None);
    let facts = session.app.facts.expect("loaded");
    assert!(facts.is_ready(Metric::Closure));
}

#[test]
fn what_a_change_was_found_to_give_is_a_promise_once_the_store_is_read_again() {
    let mut session = Slow::new();
    session.all_but(None);
    let freed = Difference {
        paths: 2,
        nar_size: 70,
        known: true,
    };
    let found = TryStep::found("a.b = 1;".to_owned(), freed, &[]);
    let plan = &mut session.app.shared.plan;
    plan.toggle_try(found);
    assert_eq!(plan.tries()[0].known(), TryKnown::Found(freed));
    session.press("r");
    session.all_but(None);
    let known = session.app.shared.plan.tries()[0].known();
    assert_eq!(known, TryKnown::Promised(70));
}
