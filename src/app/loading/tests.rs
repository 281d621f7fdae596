//! What is typed while the store is being read is kept, and done once it is read.

use crate::app::App;
use crate::app::event::{Effect, Event};
use crate::app::explore::Explore;
use crate::app::jobs::work::JobKind;
use crate::app::keys::keymap::parse_keys;
use crate::app::look::Look;
use crate::job::Progress;
use crate::replay::screen_text;
use crate::source::Request;
use crate::testing::{self, Given};
use crate::ui;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const SIZE: (u16, u16) = (100, 24);

/// The explorer, and what it wants done; nothing is done yet.
struct Slow {
    app: App,
    explore: Explore,
    effects: Vec<Effect>,
}

impl Slow {
    fn open() -> Self {
        let made =
            testing::graph("app -> lib quit-tool git-2.0\nlib 300 -> libc\nlibc 40\ngit-2.0 7");
        let mut explore = Explore::new(Box::new(Given::of(made)), Request::default());
        explore.read_only = true;
        let (app, effects) = App::open(SIZE, Look::default(), &explore);
        Self {
            app,
            explore,
            effects,
        }
    }

    fn press(&mut self, keys: &str) {
        for key in parse_keys(keys).expect("keys") {
            let effects = self.app.update(Event::Key(key.event()));
            self.effects.extend(effects);
        }
    }

    /// Does all that is wanted.
    fn work(&mut self) {
        while !self.effects.is_empty() {
            if let Effect::Start(id, work) = self.effects.remove(0) {
                let done = work.run(&self.explore, &Progress::new());
                self.effects.extend(self.app.update(Event::Done(id, done)));
            }
        }
    }

    /// Reads the store, and does nothing that is wanted then.
    fn load(&mut self) {
        if let Effect::Start(id, work) = self.effects.remove(0) {
            let done = work.run(&self.explore, &Progress::new());
            self.effects.extend(self.app.update(Event::Done(id, done)));
        }
    }

    fn text(&self) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1));
        ui::draw_on(&self.app, &mut buffer);
        screen_text(&buffer)
    }
}

/// The screen at the end, with the keys pressed before the store is read, or as soon as it is.
fn screens(keys: &str) -> [String; 2] {
    let (mut before, mut after) = (Slow::open(), Slow::open());
    before.press(keys);
    before.work();
    after.load();
    after.press(keys);
    after.work();
    [before.text(), after.text()]
}

#[test]
fn a_search_typed_while_reading_holds_afterwards() {
    let mut slow = Slow::open();
    slow.press("/git");
    assert!(slow.text().contains("/git"), "{}", slow.text());
    slow.press("<enter>");
    slow.work();
    let text = slow.text();
    assert!(
        text.contains("git-2.0") && !text.contains("quit-tool"),
        "{text}"
    );
}

#[test]
fn what_was_pasted_is_kept_too() {
    let mut slow = Slow::open();
    slow.press("/");
    let effects = slow.app.update(Event::Paste("quit".to_owned()));
    slow.effects.extend(effects);
    slow.work();
    assert!(slow.text().contains("/ quit"), "{}", slow.text());
}

#[test]
fn a_letter_in_the_line_is_text_and_outside_a_command() {
    let mut slow = Slow::open();
    slow.press("/quit<enter>");
    assert!(
        !slow
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Quit(_)))
    );
    slow.press("q");
    assert!(
        slow.effects
            .iter()
            .any(|effect| matches!(effect, Effect::Quit(_)))
    );
    let mut slow = Slow::open();
    slow.press("/quit<ctrl-c>");
    assert!(
        slow.effects
            .iter()
            .any(|effect| matches!(effect, Effect::Quit(_)))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn early_and_late_keys_do_the_same(keys in prop::collection::vec(
        prop::sample::select(vec!["j", "k", "/li<enter>", "/q<esc>", "2", "1", "4", "w", "<space>", "G"]), 0..8,
    )) {
        let [before, after] = screens(&keys.concat());
        prop_assert_eq!(before, after);
    }
}

/// The screen at the end, each key pressed when all before it is done, or all of them at once.
fn typed(keys: &[&str]) -> [String; 2] {
    let (mut slow, mut fast) = (Slow::open(), Slow::open());
    for session in [&mut slow, &mut fast] {
        session.work();
        session.press("/lib<enter>");
        session.work();
    }
    for key in keys {
        slow.press(key);
        slow.work();
    }
    fast.press(&keys.concat());
    fast.work();
    [slow.text(), fast.text()]
}

#[test]
fn what_is_typed_while_a_match_is_looked_for_comes_after_it() {
    let rows: [&[&str]; 5] = [
        &["t", "g", "n", "<space>"],
        &["t", "g", "n", "j", "<space>"],
        &["t", "G", "N", "n", "n", "k", "<space>", "m"],
        &["<tab>", "n", "<enter>", "<space>"],
        &["4", "n", "1", "<space>"],
    ];
    for keys in rows {
        let [slow, fast] = typed(keys);
        assert_eq!(slow, fast, "{keys:?}");
    }
    let [marked, _] = typed(&["t", "g", "n", "<space>"]);
    assert!(marked.contains("1 mark"), "{marked}");
}

#[test]
fn a_walk_that_is_cancelled_takes_what_was_typed_after_it_along() {
    let mut slow = Slow::open();
    slow.work();
    slow.press("/lib<enter>");
    slow.work();
    slow.press("tjn");
    let started = slow.effects.iter().find_map(|effect| match effect {
        Effect::Start(id, work) if work.kind() == JobKind::Match => Some(*id),
        _ => None,
    });
    slow.press("<space><space><space>");
    let id = started.expect("a walk");
    slow.app
        .update(Event::Progress(id, crate::job::Reading::default()));
    slow.press("<esc>");
    assert!(slow.text().contains("cancelled"), "{}", slow.text());
    slow.press("<space>");
    slow.work();
    assert!(slow.text().contains("1 mark"), "{}", slow.text());
}

#[test]
fn what_is_too_much_to_be_kept_is_not_lost_in_silence() {
    let mut slow = Slow::open();
    slow.work();
    slow.press("/lib<enter>");
    slow.work();
    slow.press("tjn");
    slow.press(&"<space>".repeat(256));
    assert!(!slow.text().contains("256 keys"), "{}", slow.text());
    slow.press("<space>");
    let said = "only the first 256 keys typed meanwhile are kept";
    assert!(slow.text().contains(said), "{}", slow.text());
}
