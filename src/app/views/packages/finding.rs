//! The search line: what is typed finds at once, earlier searches come back, names are completed, parts taken away again.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::analysis::query::Query;
use crate::model::PathId;

use crate::app::jobs::work::Work;
use crate::app::keys::command::Command;
use crate::app::prompt::Line;
use crate::app::prompt::complete::Completion;
use crate::app::{App, Focus, View};

/// Rows looked at for the next match before giving up.
const FARTHEST: usize = 100_000;

/// What belongs to the search line beside its text.
#[derive(Debug, Clone, Default)]
pub struct Finding {
    /// What was searched for before, the oldest first.
    pub past: Vec<String>,
    /// The earlier search that stands in the line.
    at: Option<usize>,
    /// Was the line edited since it was opened or filled? Until then up and down bring earlier searches.
    edited: bool,
    /// What tab put there last, and what else it could have.
    pub completion: Option<Completion>,
}

impl Finding {
    /// Do up and down bring earlier searches?
    pub fn recalls(&self) -> bool {
        !self.edited && !self.past.is_empty()
    }

    /// Notes a search; the same one is not kept twice.
    fn note(&mut self, text: &str) {
        self.past.retain(|other| other != text);
        self.past.push(text.to_owned());
    }

    /// The search before the one that stands in the line, or behind it; nothing behind the newest.
    fn step(&mut self, earlier: bool, standing: &str) -> Option<String> {
        let newest = self.past.len().checked_sub(1)?;
        let at = match (self.at, earlier) {
            (None, true) => newest,
            (None, false) => return None,
            (Some(at), true) => at.saturating_sub(1),
            (Some(at), false) => at + 1,
        };
        self.at = (at <= newest).then_some(at);
        let text = self.at.map(|at| self.past[at].clone());
        // The line is opened with the search that holds, which is the newest.
        if text.as_deref() == Some(standing) && earlier && at > 0 && self.past[at] == standing {
            return self.step(earlier, "");
        }
        Some(text.unwrap_or_default())
    }
}

impl App {
    /// Opens the search line.
    pub(crate) fn search(&mut self) {
        if self.view != View::Packages || self.focus != Focus::Main {
            self.show(View::Packages);
        }
        // What is typed narrows what holds already; it does not lengthen its last word.
        let text = match self.views.packages.text.trim_end() {
            "" => String::new(),
            holds => format!("{holds} "),
        };
        self.search = Some(Line::new(&text));
        (self.finding.at, self.finding.edited) = (None, false);
        self.finding.completion = None;
    }

    /// A key while the search line is open.
    pub(crate) fn search_key(&mut self, event: KeyEvent) {
        let control = event.modifiers.contains(KeyModifiers::CONTROL);
        if event.code != KeyCode::Tab && event.code != KeyCode::BackTab {
            self.finding.completion = None;
        }
        match event.code {
            KeyCode::Char('c') if control => self.end_search(),
            KeyCode::Char('p') if control => self.recall(true),
            KeyCode::Char('n') if control => self.recall(false),
            KeyCode::Esc => self.end_search(),
            KeyCode::Enter => self.keep_search(),
            KeyCode::Tab => self.complete(true),
            KeyCode::BackTab => self.complete(false),
            KeyCode::Up if self.finding.recalls() => self.recall(true),
            KeyCode::Down if self.finding.recalls() => self.recall(false),
            KeyCode::Up => self.act(Command::Up),
            KeyCode::Down => self.act(Command::Down),
            KeyCode::PageUp => self.act(Command::PageUp),
            KeyCode::PageDown => self.act(Command::PageDown),
            _ => {
                let Some(line) = &mut self.search else { return };
                if line.key(event) == Some(true) {
                    self.finding.edited = true;
                    self.find_typed();
                }
            }
        }
    }

    /// Text that was pasted.
    pub(crate) fn paste(&mut self, text: &str) {
        if self.overlay.is_some() {
            return self.overlay_paste(text);
        }
        if let Some(ask) = &mut self.ask {
            ask.names = None;
            ask.line.paste(text);
        } else {
            self.search_paste(text);
        }
    }

    /// Text pasted into the search line; a store path is also searched for where no line is open.
    pub(crate) fn search_paste(&mut self, text: &str) {
        let Some(facts) = &self.facts else { return };
        if self.search.is_none() && facts.graph().store_dir().containing(text.trim()).is_some() {
            self.search();
            self.search = Some(Line::default());
        }
        if let Some(line) = &mut self.search {
            line.paste(text);
            self.finding.edited = true;
            self.finding.completion = None;
            self.find_typed();
        } else {
            let search = self.shared.keys.shown(Command::Search);
            self.message = Some(format!(
                "no store path was pasted; {search} searches for text"
            ));
        }
    }

    fn find_typed(&mut self) {
        if let Some(line) = &self.search {
            let text = line.text().to_owned();
            self.find(text);
        }
    }

    fn end_search(&mut self) {
        self.search = None;
        self.find(String::new());
    }

    /// Leaves the line, with what it asks for in force. What cannot be asked for stays in the line, to be mended.
    pub(crate) fn keep_search(&mut self) {
        let text = self.views.packages.text.trim().to_owned();
        if self.mistake(&text) {
            return;
        }
        // Why something could not be found out is to be read once the line is gone.
        self.forgive_extra();
        self.search = None;
        self.views.packages.text.clone_from(&text);
        if !text.is_empty() {
            self.finding.note(&text);
            self.start(Work::Remember(text));
        }
    }

    /// Is a text no query, or does it name what is not there?
    fn mistake(&self, text: &str) -> bool {
        let Some(facts) = &self.facts else {
            return false;
        };
        let resolved = |query: Query| query.resolve(facts.graph(), facts.closure());
        Query::parse(text).and_then(resolved).is_err()
    }

    fn recall(&mut self, earlier: bool) {
        let standing = self
            .search
            .as_ref()
            .map_or("", |line| line.text().trim_end());
        let standing = standing.to_owned();
        if let Some(text) = self.finding.step(earlier, &standing) {
            self.search = Some(Line::new(&text));
            self.finding.edited = false;
            self.find_typed();
        }
    }

    fn complete(&mut self, onward: bool) {
        let Some(line) = &self.search else { return };
        let next = match self.finding.completion.take() {
            Some(completion) => Some(completion.turned(onward)),
            None => Completion::of(line.text()),
        };
        if let Some(next) = next {
            self.search = Some(Line::new(&next.text()));
            self.finding.edited = true;
            self.finding.completion = Some(next);
            self.find_typed();
        }
    }

    /// Asks for the rows that match a text.
    pub(crate) fn find(&mut self, text: String) {
        if text != self.views.packages.text {
            self.views.packages.by_match = !text.trim().is_empty();
            self.views.packages.text = text;
            self.views.packages.touched = true;
            self.forgive_extra();
            self.refresh_rows();
        }
    }

    /// The parts of what is searched for, each of which every row matches.
    pub(crate) fn parts(&self) -> Vec<&str> {
        Query::parts(&self.views.packages.text)
    }

    /// Takes a part of what is searched for away; the last one if none is named.
    pub(crate) fn drop_part(&mut self, at: Option<usize>) {
        let mut parts = self.parts();
        let at = at.unwrap_or(parts.len().saturating_sub(1));
        if at < parts.len() {
            parts.remove(at);
            let text = parts.join(" ");
            if self.search.is_some() {
                self.search = Some(Line::new(&text));
            }
            self.find(text);
        }
    }

    /// Goes to the next row whose name matches what was searched for, round the end.
    pub(crate) fn next_match(&mut self, onward: isize) {
        let Some(facts) = &self.facts else { return };
        let len = self.list_len();
        let mut matcher = super::rows::matcher(self.views.packages.words());
        let from = self.cursor().at;
        let places = (1..=len).map(|steps| {
            let steps = steps % len;
            if onward > 0 {
                (from + steps) % len
            } else {
                (from + len - steps) % len
            }
        });
        let found = places.take(FARTHEST).find(|&at| {
            self.path_at(at)
                .is_some_and(|id| !matcher.match_list(&[facts.graph().name(id)]).is_empty())
        });
        match found {
            Some(at) => {
                let height = self.list_height();
                self.list_cursor().reveal(at, len, height);
                self.select_current();
            }
            None => self.message = Some("no match in this view".to_owned()),
        }
    }

    fn path_at(&self, at: usize) -> Option<PathId> {
        match (self.focus, self.view) {
            (Focus::Side, _) => self.details.path(at),
            (_, View::Packages) => self.views.packages.rows().get(at).copied(),
            (_, View::Tree) => self.views.tree.id(at),
            (_, View::Why) => self
                .views
                .why
                .rows()
                .get(at)
                .and_then(|&row| self.views.why.id(row)),
            (_, View::Marks) => self.marks_path(at),
            (_, View::Map) => self.tiles.get(at)?.path(),
            _ => self.list_path(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_searches_come_back_one_by_one_and_go_again() {
        let mut finding = Finding::default();
        for text in ["perl", "nar>1M", "perl", "gtk"] {
            finding.note(text);
        }
        assert_eq!(finding.past, ["nar>1M", "perl", "gtk"]);
        let mut line = String::from("gtk");
        let mut steps = Vec::new();
        for earlier in [true, true, true, false, false, false, false] {
            if let Some(text) = finding.step(earlier, &line) {
                line = text;
            }
            steps.push(line.clone());
        }
        assert_eq!(steps, ["perl", "nar>1M", "nar>1M", "perl", "gtk", "", ""]);
    }
}
