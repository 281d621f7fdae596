//! Keys in, the last frame out as text: the explorer without a terminal, for documentation, bug reports and tests.
//!
//! Jobs run inline, so the same keys always give the same frame.

use std::collections::VecDeque;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use thiserror::Error;

use crate::app::App;
use crate::app::event::{Effect, Event};
use crate::app::explore::Explore;
use crate::app::jobs::work::Work;
use crate::app::keys::keymap::{Key, ParseKeyError, parse_keys};
use crate::app::look::{ColorChoice, Depth, Look, ThemeChoice};
use crate::job::Progress;
use crate::ui;

/// Why no frame could be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The keys are not written as keys are.
    #[error(transparent)]
    Keys(#[from] ParseKeyError),
}

/// A session without a terminal.
pub struct Session {
    explore: Explore,
    app: App,
    /// What was copied last.
    pub copied: Option<String>,
    /// What was printed on quitting; `None` while the session goes on.
    pub ended: Option<Option<String>>,
}

impl Session {
    /// Opens a session and loads.
    pub fn open(explore: Explore, size: (u16, u16)) -> Self {
        let look = Look {
            light: explore.theme == ThemeChoice::Light,
            contrast: explore.theme == ThemeChoice::HighContrast,
            ascii: explore.ascii,
            units: explore.units,
            depth: if explore.color == ColorChoice::Never || explore.theme == ThemeChoice::Plain {
                Depth::Plain
            } else {
                Depth::True
            },
        };
        let (app, effects) = App::open(size, look, &explore);
        let mut session = Self {
            explore,
            app,
            copied: None,
            ended: None,
        };
        session.perform(effects);
        session
    }

    /// The state, to be looked at.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Lets something happen, and everything that follows from it.
    pub fn happen(&mut self, event: Event) {
        let effects = self.app.update(event);
        self.perform(effects);
    }

    /// Presses keys, written as in `j<enter>/perl<esc>`.
    pub fn press(&mut self, keys: &str) -> Result<(), ParseKeyError> {
        for key in parse_keys(keys)? {
            self.key(key);
        }
        Ok(())
    }

    /// Presses a key, unless the session has ended.
    pub fn key(&mut self, key: Key) {
        if self.ended.is_none() {
            self.happen(Event::Key(key.event()));
        }
    }

    /// The screen.
    pub fn frame(&self) -> Buffer {
        let (columns, rows) = self.app.shared.size;
        let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
        ui::draw_on(&self.app, &mut buffer);
        buffer
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        let mut waiting = VecDeque::from(effects);
        while let Some(effect) = waiting.pop_front() {
            match effect {
                // Nothing changes the store meanwhile, so there is nothing to notice.
                Effect::Start(id, work) if !matches!(*work, Work::Watch(_)) => {
                    let done = work.run(&self.explore, &Progress::new());
                    waiting.extend(self.app.update(Event::Done(id, done)));
                }
                Effect::Copy(text) => self.copied = Some(text.as_str().to_owned()),
                Effect::Quit(print) => self.ended = Some(print),
                Effect::Start(..)
                | Effect::Cancel(_)
                | Effect::Launch(_)
                | Effect::Suspend
                | Effect::Redraw => {}
            }
        }
    }
}

/// Presses keys and gives the screen after them, without spaces at the ends of its lines.
pub fn run(explore: Explore, keys: &str, size: (u16, u16)) -> Result<String, ReplayError> {
    let mut session = Session::open(explore, size);
    session.press(keys)?;
    Ok(screen_text(&session.frame()))
}

/// What stands on a screen, without spaces at the ends of its lines.
pub fn screen_text(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut text = String::new();
    for y in area.top()..area.bottom() {
        let mut row = String::new();
        let mut x = area.left();
        while x < area.right() {
            let symbol = buffer[(x, y)].symbol();
            row.push_str(symbol);
            x += (crate::text::width(symbol) as u16).max(1);
        }
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}
