//! What is typed before the store is read: kept, and carried out once there is something to carry it out on.

use super::App;
use super::event::Event;
use super::keys::command::Command;
use super::keys::keymap::Key;
use super::obstacle::Obstacle;

/// How many keys and pasted texts are kept.
const MOST: usize = 256;

/// Keys and texts that wait for the store, in their order.
#[derive(Debug, Default)]
pub(super) struct Early {
    events: Vec<Event>,
    /// Whether the last of them are typed into a line that `/` opened: then every key is text.
    in_line: bool,
}

impl Early {
    fn shown(&self) -> String {
        let shown = self.events.iter().filter_map(|event| match event {
            Event::Key(key) => Key::of(*key).map(|key| key.to_string()),
            Event::Paste(text) => Some(text.chars().take(40).collect()),
            _ => None,
        });
        shown.collect()
    }
}

impl App {
    /// Keeps a key or a pasted text that has to wait for the store. Gives back what need not wait.
    pub(super) fn keep_early(&mut self, event: Event) -> Option<Event> {
        if self.facts.is_some() || self.failure.is_some() || self.dialog.is_some() {
            return Some(event);
        }
        let waits = match &event {
            Event::Key(key) => Key::of(*key).is_some_and(|key| self.waits(key)),
            Event::Paste(_) => true,
            _ => false,
        };
        if !waits {
            return Some(event);
        }
        if self.early.events.len() == MOST {
            self.message = Some(format!("only the first {MOST} keys are kept while reading"));
            return None;
        }
        self.early.events.push(event);
        self.message = Some(format!("to do once it is read: {}", self.early.shown()));
        None
    }

    fn waits(&mut self, key: Key) -> bool {
        if key.is_interrupt() {
            return false;
        }
        if self.early.in_line {
            self.early.in_line = !key.ends_line();
            return true;
        }
        let heard = self
            .shared
            .keys
            .lookup(key, |spec| spec.is_heard(self.view));
        let Some(command) = heard else { return false };
        self.early.in_line = command == Command::Search;
        self.obstacle(command) == Some(Obstacle::NOTHING_LOADED)
    }

    /// What was kept, once the store is read.
    pub(super) fn take_early(&mut self) -> Vec<Event> {
        if self.facts.is_none() && self.failure.is_none() {
            return Vec::new();
        }
        // After a failure there is nothing to carry it out on.
        let early = std::mem::take(&mut self.early);
        if self.facts.is_some() {
            early.events
        } else {
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests;
