//! A search being typed: what it asks for is found at once, earlier searches come back, words are completed.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::PromptHint;
use super::complete::Completion;
use super::line::TypedLine;
use super::searches::Searches;
use crate::analysis::query::Query;
use crate::app::dialogs::picture::Tone;
use crate::app::dialogs::{DialogContext, Reply};
use crate::app::keys::command::Command;
use crate::app::keys::fixed;
use crate::app::outcome::Outcome;

/// The line of a search.
#[derive(Debug, Clone, Default)]
pub(crate) struct Search {
    pub(super) line: TypedLine,
    /// The earlier search that stands in the line.
    at: Option<usize>,
    /// Whether the line was edited since it was opened or filled. Until then up and down bring earlier searches.
    edited: bool,
    /// What tab put there last, and what else it could have.
    completion: Option<Completion>,
}

impl Search {
    /// A line in which the search that holds can be made narrower: what is typed does not lengthen its last word.
    pub(crate) fn narrowing(holds: &str) -> Self {
        Self {
            line: match holds.trim_end() {
                "" => TypedLine::default(),
                holds => TypedLine::new(&format!("{holds} ")),
            },
            ..Self::default()
        }
    }

    /// Replaces the text.
    pub(crate) fn set(&mut self, text: &str) {
        self.line = TypedLine::new(text);
    }

    fn recalls(&self, cx: DialogContext<'_>) -> bool {
        !self.edited && !cx.shared.searches.is_empty()
    }

    pub(super) fn key(&mut self, cx: DialogContext<'_>, event: KeyEvent) -> Reply {
        let control = event.modifiers.contains(KeyModifiers::CONTROL);
        if event.code != KeyCode::Tab && event.code != KeyCode::BackTab {
            self.completion = None;
        }
        let recalls = self.recalls(cx);
        match event.code {
            KeyCode::Char('c') if control => Reply::Then(Outcome::Find(String::new())),
            KeyCode::Char('p') if control => self.recall(cx, true),
            KeyCode::Char('n') if control => self.recall(cx, false),
            KeyCode::Esc => Reply::Then(Outcome::Find(String::new())),
            KeyCode::Enter => self.keep(cx),
            KeyCode::Tab => self.complete(true),
            KeyCode::BackTab => self.complete(false),
            KeyCode::Up if recalls => self.recall(cx, true),
            KeyCode::Down if recalls => self.recall(cx, false),
            KeyCode::Up => Reply::Do(Outcome::Give(Command::Up)),
            KeyCode::Down => Reply::Do(Outcome::Give(Command::Down)),
            KeyCode::PageUp => Reply::Do(Outcome::Give(Command::PageUp)),
            KeyCode::PageDown => Reply::Do(Outcome::Give(Command::PageDown)),
            _ if self.line.key(event) == Some(true) => self.find_edited(),
            _ => Reply::Stay,
        }
    }

    pub(super) fn paste(&mut self, text: &str) -> Reply {
        let told = self.line.paste(text);
        self.completion = None;
        match (self.find_edited(), told) {
            (Reply::Do(found), Some(told)) => {
                Reply::Do(Outcome::All(vec![found, Outcome::Say(told)]))
            }
            (reply, _) => reply,
        }
    }

    fn find_edited(&mut self) -> Reply {
        self.edited = true;
        self.find()
    }

    fn find(&self) -> Reply {
        Reply::Do(Outcome::Find(self.line.text().to_owned()))
    }

    /// Closes the line, with what it asks for in force. What cannot be asked for stays in the line, to be mended.
    fn keep(&self, cx: DialogContext<'_>) -> Reply {
        let text = self.line.text().trim();
        if Query::parse(text).is_err() || cx.host.is_mistaken() {
            return Reply::Stay;
        }
        Reply::Then(Outcome::KeepSearch(text.to_owned()))
    }

    fn recall(&mut self, cx: DialogContext<'_>, earlier: bool) -> Reply {
        let standing = self.line.text().trim_end().to_owned();
        let Some(text) = self.step(&cx.shared.searches, earlier, &standing) else {
            return Reply::Stay;
        };
        self.line = TypedLine::new(&text);
        self.edited = false;
        self.find()
    }

    /// The search before the one that stands in the line, or after it; an empty one after the newest.
    fn step(&mut self, past: &Searches, earlier: bool, standing: &str) -> Option<String> {
        let newest = past.0.len().checked_sub(1)?;
        let at = match (self.at, earlier) {
            (None, true) => newest,
            (None, false) => return None,
            (Some(at), true) => at.saturating_sub(1),
            (Some(at), false) => at + 1,
        };
        self.at = (at <= newest).then_some(at);
        let text = self.at.map(|at| past.0[at].clone());
        // The line is opened with the search that holds, which is the newest.
        if text.as_deref() == Some(standing) && earlier && at > 0 && past.0[at] == standing {
            return self.step(past, earlier, "");
        }
        Some(text.unwrap_or_default())
    }

    fn complete(&mut self, onward: bool) -> Reply {
        let next = match self.completion.take() {
            Some(completion) => Some(completion.turned(onward)),
            None => Completion::of(self.line.text()),
        };
        let Some(next) = next else {
            return Reply::Stay;
        };
        self.line = TypedLine::new(&next.text());
        self.completion = Some(next);
        self.find_edited()
    }

    /// What else tab could bring, what is wrong with the text, how it may go on, or what ends it.
    pub(super) fn hint(&self, cx: DialogContext<'_>) -> PromptHint {
        if let Some(completion) = &self.completion {
            let others = completion.options.iter().enumerate();
            let others = others.filter(|(at, _)| *at != completion.at);
            let others: Vec<&str> = others.map(|(_, option)| option.trim()).collect();
            return PromptHint::dim(if others.is_empty() {
                String::new()
            } else {
                format!("{}: {}", fixed::TAB, others.join(" "))
            });
        }
        if let Some(trouble) = cx.host.trouble() {
            let (text, tone) = (trouble.to_owned(), Tone::Alarm);
            return PromptHint { text, tone };
        }
        if let Some(absent) = cx.host.absent() {
            let (text, tone) = (absent, Tone::Hit);
            return PromptHint { text, tone };
        }
        PromptHint::dim(match self.line.text() {
            "" => self.first_hint(cx),
            typed => hint(typed),
        })
    }

    fn first_hint(&self, cx: DialogContext<'_>) -> String {
        let (tab, up) = (fixed::TAB, fixed::UP);
        let earlier = if self.recalls(cx) {
            format!(", {up}: earlier ones")
        } else {
            String::new()
        };
        format!("a name, hash or query like nar>10M; {tab}: columns{earlier}")
    }
}

fn hint(typed: &str) -> String {
    let ends = [(fixed::ENTER, "keeps"), (fixed::ESC, "shows all")];
    let ends = fixed::hints(&ends, "  ");
    match Completion::of(typed).filter(|_| !typed.ends_with(' ')) {
        Some(completion) => {
            let first = completion
                .options
                .first()
                .map_or("", |option| option.trim());
            format!("{}: {first}   {ends}", fixed::TAB)
        }
        None => ends,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_searches_come_back_one_by_one_and_go_again() {
        let mut past = Searches::default();
        for text in ["perl", "nar>1M", "perl", "gtk"] {
            past.note(text);
        }
        assert_eq!(past.0, ["nar>1M", "perl", "gtk"]);
        let mut search = Search::default();
        let mut line = String::from("gtk");
        let mut steps = Vec::new();
        for earlier in [true, true, true, false, false, false, false] {
            if let Some(text) = search.step(&past, earlier, &line) {
                line = text;
            }
            steps.push(line.clone());
        }
        assert_eq!(steps, ["perl", "nar>1M", "nar>1M", "perl", "gtk", "", ""]);
    }
}
