//! What the last row says: what can be done here, what runs, what happened. Shared by drawing and the mouse.

use crate::job::Reading;
use crate::text;

use crate::app::able::{helps, obstacle};
use crate::app::keys::command::Command;
use crate::app::keys::fixed;
use crate::app::{App, Focus};

/// Cells between two hints.
const GAP: u16 = 3;
/// As much is left to what can be done here before anything stands at the right.
const LEFT: usize = 20;

/// A command that can be given here, with its key, and the cells it takes in the last row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hint {
    /// The command.
    pub command: Command,
    /// Its key.
    pub key: String,
    /// What it does.
    pub title: &'static str,
    /// Whether it is more important than most things to do.
    pub urgent: bool,
    /// Its first cell.
    pub from: u16,
    /// The cell behind its last.
    pub to: u16,
}

/// How far a job is.
pub(crate) fn progress_text(reading: Reading) -> String {
    let Reading { phase, done, total } = reading;
    match (done, total) {
        (0, 0) => format!("{phase} …"),
        (done, 0) => format!("{phase} … {}", text::count(done)),
        (done, total) => format!("{phase} … {} of {}", text::count(done), text::count(total)),
    }
}

/// What stands at the right of the last row: what runs, or where the cursor is.
pub(crate) fn status(app: &App) -> Option<String> {
    app.facts.as_ref()?;
    let job = app.jobs.newest_long();
    let (len, at) = app.list();
    if job.is_none() && len == 0 {
        return None;
    }
    let what = if let Some(job) = job {
        let progress = progress_text(job.reading.unwrap_or_default());
        let cancel = app.shared.keys.shown(Command::Escape);
        let cancels = fixed::hints(&[(&cancel, "cancels")], "");
        format!("{progress}  {cancels} ")
    } else {
        let at = (at + 1).min(len);
        format!("{} of {} ", text::count(at as u64), text::count(len as u64))
    };
    (usize::from(app.shared.size.0) >= text::width(&what) + LEFT).then_some(what)
}

/// The cell of the last row before which everything but the status stands.
pub(crate) fn status_x(app: &App) -> u16 {
    let taken = status(app).map_or(0, |what| text::width(&what) as u16 + 2);
    app.shared.size.0.saturating_sub(taken)
}

/// The commands that matter here, as many as fit.
pub(crate) fn hints(app: &App) -> Vec<Hint> {
    let mut hints = Vec::new();
    let mut x = 1;
    let mut put = |command: Command, title: &'static str, urgent: bool| {
        let key = app.shared.keys.shown(command);
        let from = x;
        let to = from + (text::width(&key) + 1 + text::width(title)) as u16;
        x = to + GAP;
        hints.push(Hint {
            command,
            key,
            title,
            urgent,
            from,
            to,
        });
        x
    };
    let mut room = status_x(app).saturating_sub(1);
    if app.loading.stale {
        let next = put(Command::Reload, "reload: the store has changed", true);
        room = status_x(app).saturating_sub(next);
    }
    for command in fitting(app, room) {
        put(command, title(app, command), false);
    }
    hints
}

/// Those of the commands that can be given and have room, and the way to all the others: that is never crowded out.
fn fitting(app: &App, room: u16) -> Vec<Command> {
    use Command as C;
    let width = |command: C| {
        let key = text::width(&app.shared.keys.shown(command));
        (key + 1 + text::width(title(app, command))) as u16 + GAP
    };
    // Where nothing is listed there is nothing to open.
    let bare = app.list().0 == 0;
    let idle = |command: C| bare && matches!(command, C::Right | C::Enter | C::ExpandAll);
    let able =
        |command: C| obstacle(app, command).is_none() && !idle(command) && helps(app, command);
    let last: &[C] = if app.facts.is_some() { &[C::Help] } else { &[] };
    // No gap is needed behind the last one.
    let mut left = (room + GAP).saturating_sub(last.iter().map(|&command| width(command)).sum());
    let mut shown = Vec::new();
    let palette = (!last.is_empty()).then_some(C::Palette);
    let here = commands_here(app).iter().copied();
    for command in here.filter(|&one| able(one)).chain(palette) {
        if width(command) > left {
            break;
        }
        left -= width(command);
        shown.push(command);
    }
    shown.extend(last.iter().filter(|&&command| width(command) <= room + GAP));
    shown
}

/// What a command does here.
fn title(app: &App, command: Command) -> &'static str {
    match command {
        Command::Details if app.side.alone => "close",
        command => command.spec().title,
    }
}

/// What matters most where the keys are.
fn commands_here(app: &App) -> &'static [Command] {
    use Command as C;
    if app.loading.failure.is_some() {
        return &[C::Reload, C::Quit];
    }
    match app.focus {
        _ if app.facts.is_none() => &[C::Quit],
        // Where they cover the view, nothing else says how to get back to it.
        Focus::Side if app.side.alone => &[C::Details, C::Enter, C::Mark, C::CopyPath],
        Focus::Side => &[C::Enter, C::NextPane, C::Mark, C::CopyPath],
        Focus::Main => app.view.spec().hints,
    }
}

/// The command that a click in the last row gives: what a hint says, or that what runs is cancelled.
pub(crate) fn command_at(app: &App, x: u16) -> Option<Command> {
    if x >= status_x(app) && app.jobs.newest_long().is_some() {
        return Some(Command::Escape);
    }
    let hints = hints(app);
    let clicked = hints.iter().find(|hint| (hint.from..hint.to).contains(&x));
    clicked.map(|hint| hint.command)
}
