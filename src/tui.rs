//! The explorer on a terminal: enter, loop, perform effects, leave. With its submodules the only place that touches it.
//!
//! There is no input thread. Idle, the loop sleeps in a read, two seconds at most; while a job runs it looks for its result
//! every few milliseconds. The first frame is drawn before loading begins. The screen is restored on every way out.

mod colors;
mod frame;
mod hangup;
mod programs;
mod running;
mod screen;

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ratatui::crossterm::event::{
    self as terminal_event, Event as TerminalEvent, MouseButton, MouseEvent, MouseEventKind,
};
use thiserror::Error;

use crate::app::App;
use crate::app::event::{Effect, Event, Mouse};
use crate::app::explore::Explore;
use crate::app::jobs::external::Launch;
use crate::app::problem::Problem;
use crate::job::Panicked;

use self::colors::{LateAnswer, Seen};
use self::running::{RunningJobs, WATCHING, Works};
use self::screen::Screen;

/// A job that ends within this time is drawn together with the key, or the other job's result, that started it.
const GRACE: Duration = Duration::from_millis(2);
/// Two clicks within this time are a double click.
const DOUBLE_CLICK: Duration = Duration::from_millis(400);
/// Events taken in one turn, so that a flood of them cannot keep the screen from being drawn.
const MOST_EVENTS: usize = 64;

/// How a session ended well.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Exit {
    /// To be printed now that the screen is restored: what the user asked to take along.
    pub print: Option<String>,
    /// Why there was nothing to explore.
    pub failure: Option<Problem>,
}

/// Why a session could not begin, or had to end.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum TuiError {
    /// Standard output is not a terminal.
    #[error("standard output is not a terminal")]
    NoTerminal,
    /// The terminal failed.
    #[error("the terminal failed")]
    Terminal(#[from] io::Error),
    /// A job panicked.
    #[error(transparent)]
    Job(#[from] Panicked),
}

impl TuiError {
    /// What the user can try, if there is something.
    pub(crate) fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NoTerminal => {
                "print instead of exploring: `nix-heft list`, `nix-heft tree`, `nix-heft why PATH`"
            }
            Self::Terminal(_) => {
                "the explorer needs a terminal; `nix-heft list` prints without one"
            }
            Self::Job(_) => return None,
        };
        Some(hint.to_owned())
    }
}

/// Runs a session until the user quits.
pub(crate) fn run(explore: Explore) -> Result<Exit, TuiError> {
    if !io::stdout().is_terminal() {
        return Err(TuiError::NoTerminal);
    }
    let mut look = colors::first_look(explore.color, explore.theme);
    (look.ascii, look.units) = (explore.ascii, explore.units);
    let works = Works::default();
    let mut screen = Screen::enter(explore.mouse, &works)?;
    let (app, effects) = App::open(screen.size()?, look, &explore);
    screen.draw(&app)?;
    let mut session = TerminalSession {
        jobs: RunningJobs::new(Arc::new(explore), works),
        app,
        screen,
        clicks: Clicks::default(),
        late: LateAnswer::default(),
        exit: None,
    };
    session.perform(effects)?;
    session.ask_background(look)?;
    session.run()
}

struct TerminalSession {
    app: App,
    screen: Screen,
    jobs: RunningJobs,
    clicks: Clicks,
    late: LateAnswer,
    exit: Option<Exit>,
}

impl TerminalSession {
    fn run(mut self) -> Result<Exit, TuiError> {
        loop {
            if let Some(exit) = self.exit.take() {
                self.jobs.finish_writing()?;
                return Ok(exit);
            }
            self.screen.draw(&self.app)?;
            self.jobs.begin_waiting();
            // Nothing is drawn until something happened.
            while !self.turn()? {}
        }
    }

    /// Waits for something to happen and takes notice; `false` if nothing did.
    fn turn(&mut self) -> Result<bool, TuiError> {
        let mut happened = self.take_results(Duration::ZERO)?;
        let nap = self.jobs.nap();
        if !happened {
            happened = if terminal_event::poll(nap)? {
                self.take_input()?
            } else {
                nap == WATCHING && self.look_at_size()?
            };
        }
        if happened {
            let patience = if self.jobs.take_fresh() {
                GRACE
            } else {
                Duration::ZERO
            };
            self.take_results(patience)?;
        }
        Ok(happened | self.report_progress()?)
    }

    /// Takes the event that is there, or sleeps until there is one, and all that wait behind it.
    fn take_input(&mut self) -> Result<bool, TuiError> {
        let mut happened = false;
        for _ in 0..MOST_EVENTS {
            let event = terminal_event::read()?;
            debug_assert!(
                std::env::var_os("NIX_HEFT_PANIC_ON_KEY").is_none(),
                "asked to panic, so that the way out can be tested"
            );
            if let Some(event) = self.understood(event) {
                happened = true;
                self.happen(event)?;
            }
            if self.exit.is_some() || !terminal_event::poll(Duration::ZERO)? {
                break;
            }
        }
        Ok(happened)
    }

    /// Takes the results of jobs that have ended, waiting a moment for the first.
    fn take_results(&mut self, patience: Duration) -> Result<bool, TuiError> {
        let mut happened = false;
        let mut patience = patience;
        while let Some((id, done)) = self.jobs.next_done(patience)? {
            happened = true;
            self.happen(Event::Done(id, done))?;
            patience = Duration::ZERO;
        }
        Ok(happened)
    }

    fn understood(&mut self, event: TerminalEvent) -> Option<Event> {
        match event {
            TerminalEvent::Key(key) => match self.late.see(key) {
                Seen::Other => Some(Event::Key(key)),
                Seen::Part | Seen::End(None) => None,
                Seen::End(Some(light)) => Some(Event::Background(light)),
            },
            TerminalEvent::Mouse(event) => Some(Event::Mouse(self.clicks.see(event))),
            TerminalEvent::Paste(text) => Some(Event::Paste(text)),
            TerminalEvent::Resize(columns, rows) => {
                let (columns, rows) = screen::bounded((columns, rows));
                Some(Event::Resize(columns, rows))
            }
            TerminalEvent::FocusGained | TerminalEvent::FocusLost => None,
        }
    }

    fn report_progress(&mut self) -> Result<bool, TuiError> {
        let readings = self.jobs.long_running();
        for &(id, reading) in &readings {
            self.happen(Event::Progress(id, reading))?;
        }
        Ok(!readings.is_empty())
    }

    fn happen(&mut self, event: Event) -> Result<(), TuiError> {
        let effects = self.app.update(event);
        self.perform(effects)
    }

    fn perform(&mut self, effects: Vec<Effect>) -> Result<(), TuiError> {
        for effect in effects {
            match effect {
                Effect::Start(id, work) => self.jobs.start(id, *work),
                Effect::Cancel(kind) => self.jobs.cancel(kind),
                Effect::Copy(text) => {
                    self.screen.copy(&text)?;
                    programs::copy(&text);
                }
                Effect::Redraw => self.screen.forget()?,
                Effect::Suspend => self.suspend()?,
                Effect::Launch(ready) => self.open_external(&ready)?,
                Effect::Quit(print) => {
                    let failure = self.app.failure().cloned();
                    self.exit = Some(Exit { print, failure });
                }
            }
        }
        Ok(())
    }

    fn suspend(&mut self) -> Result<(), TuiError> {
        self.screen
            .leave_for(|| signal_hook::low_level::raise(signal_hook::consts::SIGTSTP))??;
        self.resized()
    }

    fn open_external(&mut self, ready: &Launch) -> Result<(), TuiError> {
        if let Err(error) = self.screen.leave_for(|| programs::run(ready))? {
            let what = format!("cannot open {}: {error}", ready.place.display());
            self.happen(Event::Trouble(what))?;
        }
        self.resized()
    }

    /// The screen may have another size than when it was left.
    fn resized(&mut self) -> Result<(), TuiError> {
        self.look_at_size().map(drop)
    }

    /// Looks at the size of the screen; tells whether it is another one.
    fn look_at_size(&mut self) -> Result<bool, TuiError> {
        let (columns, rows) = self.screen.size()?;
        let other = self.app.size() != (columns, rows);
        if other {
            self.happen(Event::Resize(columns, rows))?;
        }
        Ok(other)
    }

    /// Asks the terminal for its background while the store is being read; keys typed meanwhile are not lost.
    fn ask_background(&mut self, look: crate::app::look::Look) -> Result<(), TuiError> {
        if !colors::worth_asking(self.jobs.explore.theme, look) {
            return Ok(());
        }
        let answer = colors::ask();
        self.late = LateAnswer::after(&answer);
        if let Some(light) = answer.light {
            self.happen(Event::Background(light))?;
        }
        for key in answer.keys {
            self.happen(Event::Key(key))?;
        }
        Ok(())
    }
}

/// Tells double clicks from single ones.
#[derive(Debug, Default)]
struct Clicks(Option<(u16, u16, Instant)>);

impl Clicks {
    fn see(&mut self, event: MouseEvent) -> Mouse {
        let mut double = false;
        if matches!(event.kind, MouseEventKind::Down(MouseButton::Left)) {
            let now = Instant::now();
            let again = |&(x, y, at): &(u16, u16, Instant)| {
                (x, y) == (event.column, event.row) && now - at < DOUBLE_CLICK
            };
            double = self.0.as_ref().is_some_and(again);
            // A third click begins again.
            self.0 = (!double).then_some((event.column, event.row, now));
        }
        Mouse { event, double }
    }
}
