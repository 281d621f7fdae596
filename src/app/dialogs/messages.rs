//! What was said in the last row: read again in a box, since the next key wipes it away.

use std::collections::VecDeque;

use crate::text;

use super::Overlay;
use super::evidence::box_width;
use crate::app::App;

/// So many are kept.
const MOST: usize = 100;

/// What was said, the newest last.
#[derive(Debug, Clone, Default)]
pub struct Messages(VecDeque<String>);

impl Messages {
    /// Keeps a message, unless it is the one said last.
    fn note(&mut self, message: &str) {
        if self.0.back().is_some_and(|last| last == message) {
            return;
        }
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back(message.to_owned());
    }

    /// Was nothing said yet?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl App {
    /// Keeps what is said now.
    pub(crate) fn note_message(&mut self) {
        if let Some(message) = &self.message {
            self.messages.note(message);
        }
    }

    /// What the open box lists, in lines as wide as it is: what was odd, or what was said, the newest first.
    pub(crate) fn box_lines(&self) -> Vec<String> {
        let said: Vec<String> = match &self.overlay {
            Some(Overlay::Warnings(_)) => {
                let warnings = self.warnings();
                warnings.into_iter().map(ToString::to_string).collect()
            }
            Some(Overlay::Messages(_)) => self.messages.0.iter().rev().cloned().collect(),
            _ => return Vec::new(),
        };
        let room = usize::from(box_width(self.shared.size.0).saturating_sub(4));
        let lines = said.iter();
        lines
            .flat_map(|said| text::hanging(&text::sanitise(said), room))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_hundred_are_kept_and_none_twice_in_a_row() {
        let mut messages = Messages::default();
        for at in 0..130 {
            messages.note(&at.to_string());
            messages.note(&at.to_string());
        }
        assert_eq!(messages.0.len(), MOST);
        assert_eq!(messages.0.front().map(String::as_str), Some("30"));
    }
}
