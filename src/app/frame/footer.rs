//! What the last row says: what can be done here, what runs, what happened. Shared by drawing and the mouse.

use crate::job::Reading;
use crate::text;

use crate::app::keys::command::Command;
use crate::app::keys::fixed;
use crate::app::{App, Focus, View};

/// Cells between two hints.
const GAP: u16 = 3;
/// As much is left to what can be done here before anything stands at the right.
const LEFT: usize = 20;

/// A command that can be given here, with its key, and the cells it takes in the last row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The command.
    pub command: Command,
    /// Its key.
    pub key: String,
    /// What it does.
    pub title: &'static str,
    /// Is it more than one of many things to do?
    pub urgent: bool,
    /// Its first cell.
    pub from: u16,
    /// The cell behind its last.
    pub to: u16,
}

/// How far a job is.
pub fn progress_text(reading: Reading) -> String {
    let Reading { phase, done, total } = reading;
    match (done, total) {
        (0, 0) => format!("{phase} …"),
        (done, 0) => format!("{phase} … {}", text::count(done)),
        (done, total) => format!("{phase} … {} of {}", text::count(done), text::count(total)),
    }
}

impl App {
    /// What stands at the right of the last row: what runs, or where the cursor is.
    pub(crate) fn status(&self) -> Option<String> {
        self.facts.as_ref()?;
        let job = self.jobs.newest_long();
        let len = self.list_len();
        if job.is_none() && len == 0 {
            return None;
        }
        let what = if let Some(job) = job {
            let progress = progress_text(job.reading.unwrap_or_default());
            let cancel = self.shared.keys.shown(Command::Escape);
            let cancels = fixed::hints(&[(&cancel, "cancels")], "");
            format!("{progress}  {cancels} ")
        } else {
            let at = (self.cursor().at + 1).min(len);
            format!("{} of {} ", text::count(at as u64), text::count(len as u64))
        };
        (usize::from(self.shared.size.0) >= text::width(&what) + LEFT).then_some(what)
    }

    /// The cell of the last row before which everything but the status stands.
    pub(crate) fn status_x(&self) -> u16 {
        let taken = self
            .status()
            .map_or(0, |what| text::width(&what) as u16 + 2);
        self.shared.size.0.saturating_sub(taken)
    }

    /// The commands that matter here, as many as fit.
    pub(crate) fn hints(&self) -> Vec<Hint> {
        let mut hints = Vec::new();
        let mut x = 1;
        let mut put = |command: Command, title: &'static str, urgent: bool| {
            let key = self.shared.keys.shown(command);
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
        let mut room = self.status_x().saturating_sub(1);
        if self.stale {
            let next = put(Command::Reload, "reload: the store has changed", true);
            room = self.status_x().saturating_sub(next);
        }
        for command in self.fitting(room) {
            put(command, self.title(command), false);
        }
        hints
    }

    /// Those of the commands that can be given and have room, and the way to all the others: that is never crowded out.
    fn fitting(&self, room: u16) -> Vec<Command> {
        use Command as C;
        let width = |command: C| {
            let key = text::width(&self.shared.keys.shown(command));
            (key + 1 + text::width(self.title(command))) as u16 + GAP
        };
        // Where nothing is listed there is nothing to open.
        let bare = self.list_len() == 0;
        let idle = |command: C| bare && matches!(command, C::Right | C::Enter | C::ExpandAll);
        let able =
            |command: C| self.obstacle(command).is_none() && !idle(command) && self.helps(command);
        let last: &[C] = if self.facts.is_some() {
            &[C::Help]
        } else {
            &[]
        };
        // No gap is needed behind the last one.
        let mut left =
            (room + GAP).saturating_sub(last.iter().map(|&command| width(command)).sum());
        let mut shown = Vec::new();
        let palette = (!last.is_empty()).then_some(C::Palette);
        let here = self.commands_here().iter().copied();
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
    fn title(&self, command: Command) -> &'static str {
        match command {
            Command::Details if self.side.alone => "close",
            command => command.spec().title,
        }
    }

    /// What matters most where the keys are.
    fn commands_here(&self) -> &'static [Command] {
        use Command as C;
        match (self.focus, self.view) {
            _ if self.failure.is_some() => &[C::Reload, C::Quit],
            _ if self.facts.is_none() => &[C::Quit],
            // Where they cover the view, nothing else says how to get back to it.
            (Focus::Side, _) if self.side.alone => &[C::Details, C::Enter, C::Mark, C::CopyPath],
            (Focus::Side, _) => &[C::Enter, C::NextPane, C::Mark, C::CopyPath],
            (_, View::Packages) if !self.views.packages.text.is_empty() => &[
                C::Search,
                C::Enter,
                C::Why,
                C::Mark,
                C::MarkMatches,
                C::Sort,
            ],
            (_, View::Packages) => &[C::Search, C::Enter, C::Why, C::Mark, C::Sort, C::Details],
            (_, View::Tree) => &[C::Right, C::TreeMode, C::Why, C::Mark, C::Cut, C::ExpandAll],
            (_, View::Why) => &[
                C::Right,
                C::CutAll,
                C::Cut,
                C::Evidence,
                C::Mark,
                C::CopyChain,
                C::Back,
            ],
            (_, View::Twins) => &[C::Right, C::Replace, C::Why, C::Mark, C::Details],
            (_, View::Files | View::Roots) => &[
                C::Right,
                C::ExpandAll,
                C::Evidence,
                C::Why,
                C::Mark,
                C::Details,
            ],
            (_, View::Misses) => &[C::Right, C::CutAll, C::Cut, C::Evidence, C::Why, C::Mark],
            (_, View::Map) => &[
                C::Enter,
                C::Back,
                C::Measure,
                C::Mark,
                C::Why,
                C::Tree,
                C::Details,
            ],
            (_, View::Marks) => &[C::Mark, C::Undo, C::Enter, C::SavePlan, C::Export],
        }
    }

    /// A click in the last row: a hint does what its key does, and what runs can be called off.
    pub(crate) fn click_on_footer(&mut self, x: u16) {
        if self.prompt.is_some() {
            return;
        }
        if x >= self.status_x() && self.jobs.newest_long().is_some() {
            return self.act(Command::Escape);
        }
        let hints = self.hints();
        let clicked = hints.iter().find(|hint| (hint.from..hint.to).contains(&x));
        if let Some(hint) = clicked {
            self.act(hint.command);
        }
    }
}
