//! What is known of the reading of the store: whether it failed, whether it is out of date, what waits for it.
//!
//! What is typed before the store is read is kept, and carried out once there is something to carry it out on. So is what is
//! typed while a match is looked for: it is about the row that will be found.

use std::collections::VecDeque;

use crate::analysis::plan::PlanFile;

use super::event::Event;
use super::keys::command::Command;
use super::keys::keymap::Key;
use super::problem::Problem;

/// How many keys and pasted texts are kept.
const MOST: usize = 256;

/// How the reading of the store stands.
#[derive(Debug, Default)]
pub(crate) struct Loading {
    /// Why nothing could be loaded.
    pub failure: Option<Problem>,
    /// Whether the store has changed since it was read.
    pub stale: bool,
    /// A plan to begin with, until the store is read.
    pub planned: Option<PlanFile>,
    /// What was typed before.
    pub early: Early,
}

/// Keys, clicks and texts that wait, in their order.
#[derive(Debug, Default)]
pub(crate) struct Early {
    events: VecDeque<Event>,
    /// Whether the last of them are typed into a line that `/` opened: then every key is text.
    in_line: bool,
}

/// A command that a key gives, and whether it can do something before the store is read.
pub(super) type Heard = (Command, bool);

impl Early {
    /// Whether an event has to wait for the store; `heard` tells what a key gives.
    pub(super) fn waits(
        &mut self,
        event: &Event,
        heard: impl FnOnce(Key) -> Option<Heard>,
    ) -> bool {
        let Event::Key(key) = event else {
            return matches!(event, Event::Paste(_));
        };
        let Some(key) = Key::of(*key).filter(|key| !key.is_interrupt()) else {
            return false;
        };
        if self.in_line {
            self.in_line = !key.ends_line();
            return true;
        }
        let Some((command, works)) = heard(key) else {
            return false;
        };
        self.in_line = command == Command::Search;
        !works
    }

    /// Keeps an event that has to wait; a sentence if there is no room for it.
    pub(super) fn keep(&mut self, event: Event) -> Option<String> {
        if self.events.len() == MOST {
            return Some(format!(
                "only the first {MOST} keys typed meanwhile are kept"
            ));
        }
        self.events.push_back(event);
        None
    }

    /// Keeps an event that has to wait for the store; gives what is said of it.
    pub(super) fn keep_for_store(&mut self, event: Event) -> String {
        let told = self.keep(event);
        told.unwrap_or_else(|| format!("waiting for the store: {}", self.shown()))
    }

    fn shown(&self) -> String {
        let shown = self.events.iter().filter_map(|event| match event {
            Event::Key(key) => Key::of(*key).map(|key| key.to_string()),
            Event::Paste(text) => Some(text.chars().take(40).collect()),
            _ => None,
        });
        shown.collect()
    }

    /// The next of what was kept.
    pub(super) fn next(&mut self) -> Option<Event> {
        self.in_line = false;
        self.events.pop_front()
    }

    /// Nothing is kept any more.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests;
