//! The terminal's state: taken over, and given back on every way out.

use std::io::{self, Write, stdout};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::crossterm::clipboard::CopyToClipboard;
use ratatui::crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use ratatui::crossterm::terminal::{
    Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use ratatui::crossterm::{cursor, execute};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;

use crate::app::App;
use crate::gate::Clipboard;
use crate::job::{self, JobHandle};
use crate::ui;

use super::frame::Frames;
use super::hangup::Guard;
use super::running::Works;

/// The size that is taken for one that says nothing, as other programs do.
const USUAL: (u16, u16) = (80, 24);
/// The largest part of a screen that is drawn on: more than any display shows, and little enough to be kept in memory.
const LARGEST: (u16, u16) = (1000, 500);

/// The columns and rows drawn on, for those a terminal claims to have. Serial lines say zero, and nothing keeps a terminal
/// from claiming more than there is memory for.
pub(super) fn bounded((columns, rows): (u16, u16)) -> (u16, u16) {
    if columns == 0 || rows == 0 {
        return USUAL;
    }
    (columns.min(LARGEST.0), rows.min(LARGEST.1))
}

/// Whether the terminal is ours. Locked while it is written to, so that a signal cannot restore it in between.
struct Ours {
    taken: Mutex<bool>,
    mouse: bool,
    /// Whether an interruption has arrived since the terminal was last taken. Set on arrival: by the time the listener looks, a
    /// program that the interruption was meant for may be gone.
    interrupted: Arc<AtomicBool>,
}

impl Ours {
    fn take(&self) -> io::Result<()> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        enable_raw_mode()?;
        self.interrupted.store(false, Ordering::SeqCst);
        *taken = true;
        execute!(
            stdout(),
            EnterAlternateScreen,
            // Not every terminal has a second screen, and what is drawn takes the screen for blank.
            Clear(ClearType::All),
            EnableBracketedPaste,
            cursor::Hide
        )?;
        if self.mouse {
            execute!(stdout(), EnableMouseCapture)?;
        }
        Ok(())
    }

    fn give_back(&self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        restore(&mut taken);
    }
}

/// Undoes everything that was done to the terminal, once. Failing to means that it is gone.
fn restore(taken: &mut bool) {
    if std::mem::take(taken) {
        let _ = execute!(
            stdout(),
            EndSynchronizedUpdate,
            DisableMouseCapture,
            DisableBracketedPaste,
            LeaveAlternateScreen,
            cursor::Show
        );
        let _ = disable_raw_mode();
    }
}

type Hook = Box<dyn Fn(&panic::PanicHookInfo<'_>) + Send + Sync>;

/// The terminal while a session runs. Dropping it gives the terminal back.
pub(super) struct Screen {
    terminal: Terminal<Frames>,
    ours: Arc<Ours>,
    signals: signal_hook::iterator::Handle,
    _listener: JobHandle<()>,
    _guard: Guard,
    hook: Arc<Hook>,
}

impl Screen {
    /// Takes the terminal over.
    pub(super) fn enter(mouse: bool, works: &Works) -> io::Result<Self> {
        let ours = Arc::new(Ours {
            taken: Mutex::new(false),
            mouse,
            interrupted: Arc::default(),
        });
        let hook = install_hook(&ours);
        // Before the listener's own, so that it never sees a signal before the flag is set.
        for signal in [SIGINT, SIGQUIT] {
            flag::register(signal, Arc::clone(&ours.interrupted))?;
        }
        let signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT])?;
        let handle = signals.handle();
        let listener = listen(signals, Arc::clone(&ours), Arc::clone(works));
        let screen = Self {
            terminal: Terminal::new(Frames::new()?)?,
            ours,
            signals: handle,
            _listener: listener,
            _guard: Guard::set()?,
            hook,
        };
        screen.ours.take()?;
        Ok(screen)
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Draws what has changed, at one stroke where the terminal can.
    pub(super) fn draw(&mut self, app: &App) -> io::Result<()> {
        let taken = self
            .ours
            .taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if *taken {
            self.terminal.backend_mut().begin()?;
            self.terminal.draw(|frame| ui::draw(app, frame))?;
            self.terminal.backend_mut().send()?;
        }
        Ok(())
    }

    /// Draws everything next time.
    pub(super) fn forget(&mut self) -> io::Result<()> {
        // Not `Terminal::clear`: that asks the terminal where its cursor is, and not every terminal answers.
        self.terminal = Terminal::new(Frames::new()?)?;
        execute!(stdout(), Clear(ClearType::All))
    }

    /// Puts a text into the clipboard, if the terminal lets us.
    #[expect(
        clippy::unused_self,
        reason = "what has the screen may write to the terminal"
    )]
    pub(super) fn copy(&mut self, text: &Clipboard) -> io::Result<()> {
        execute!(stdout(), CopyToClipboard::to_clipboard_from(text.as_str()))
    }

    /// Gives the terminal back, does something, and takes it again.
    pub(super) fn leave_for<T>(&mut self, what: impl FnOnce() -> T) -> io::Result<T> {
        self.ours.give_back();
        let result = what();
        self.ours.take()?;
        self.forget()?;
        Ok(result)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.ours.give_back();
        self.signals.close();
        if !thread::panicking() {
            let previous = Arc::clone(&self.hook);
            panic::set_hook(Box::new(move |info| previous(info)));
        }
    }
}

/// Restores the terminal before a panic of this thread is reported. A job's panic is reported once the session has ended:
/// the terminal stays ours until then, and nothing may be written over it.
fn install_hook(ours: &Arc<Ours>) -> Arc<Hook> {
    let previous: Arc<Hook> = Arc::new(panic::take_hook());
    let (ours, after) = (Arc::clone(ours), Arc::clone(&previous));
    let main = thread::current().id();
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() == main {
            // The panic may have come from drawing, with the lock held: then it is ours to undo all the same.
            match ours.taken.try_lock() {
                Ok(mut taken) => restore(&mut taken),
                Err(_) => restore(&mut true),
            }
            after(info);
        }
    }));
    previous
}

/// How long ending may wait for the terminal.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Ends the process the way a signal would have, in a while.
fn end_after_all(signal: i32) -> JobHandle<()> {
    job::spawn(
        move |_| {
            thread::sleep(LAST_WORDS);
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        },
        || {},
    )
}

/// Restores the terminal when the process is asked to end, ends what jobs have started, then the process the way the signal
/// would have.
fn listen(mut signals: Signals, ours: Arc<Ours>, works: Works) -> JobHandle<()> {
    job::spawn(
        move |_| {
            for signal in signals.forever() {
                // A terminal that takes nothing any more keeps the lock, and would not be restored either.
                let _patience = matches!(signal, SIGTERM | SIGHUP).then(|| end_after_all(signal));
                let mut taken = ours.taken.lock().unwrap_or_else(PoisonError::into_inner);
                let interrupted = ours.interrupted.load(Ordering::SeqCst);
                if matches!(signal, SIGINT | SIGQUIT) && !(*taken && interrupted) {
                    // It is meant for the program that has the terminal meanwhile, or had it a moment ago.
                    continue;
                }
                restore(&mut taken);
                let _ = stdout().flush();
                // Kept until the end, so that nothing begins any more.
                let works = works.lock().unwrap_or_else(PoisonError::into_inner);
                job::cancel_all(&works);
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        },
        || {},
    )
}
