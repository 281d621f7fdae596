//! A question for a file, answered in the last row: which one to write or to read. Jobs touch the file itself.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::PromptHint;
use super::filenames::Filenames;
use super::line::TypedLine;
use super::question::{Ending, Question, ends_like_another_format};
use crate::app::dialogs::Reply;
use crate::app::dialogs::found::FoundForBox;
use crate::app::explore::Compare;
use crate::app::jobs::work::Work;
use crate::app::keys::fixed;
use crate::app::outcome::{FileAnswer, Outcome};
use crate::app::problem::Problem;
use crate::user_files::names::FileNames;

/// A question, and the answer as far as it is typed.
#[derive(Debug, Clone)]
pub(crate) struct FileQuestion {
    question: Question,
    /// The answer.
    pub(super) line: TypedLine,
    /// The file that is there already: to give its name again is to write over it.
    over: Option<String>,
    /// The names that tab found.
    names: Option<Filenames>,
}

impl FileQuestion {
    /// A question with the usual name as its answer.
    pub(crate) fn new(question: Question) -> Self {
        Self {
            question,
            line: TypedLine::new(question.proposal()),
            over: None,
            names: None,
        }
    }

    /// The same question again, since there is a file of that name: to confirm it is to write over it.
    pub(crate) fn again(question: Question, path: String) -> Self {
        Self {
            line: TypedLine::new(&path),
            over: Some(path),
            ..Self::new(question)
        }
    }

    /// A question with an answer that was given before.
    pub(crate) fn answered(question: Question, answer: &str) -> Self {
        Self {
            line: TypedLine::new(answer),
            ..Self::new(question)
        }
    }

    pub(super) fn title(&self) -> String {
        format!(" {}: ", self.question.title())
    }

    /// What tab found, or what can be done.
    pub(super) fn hint(&self) -> PromptHint {
        let Some(names) = &self.names else {
            let keys = [
                (fixed::TAB, "completes"),
                (fixed::ENTER, "confirms"),
                (fixed::ESC, "cancels"),
            ];
            let keys = fixed::hints(&keys, "  ");
            return PromptHint::dim(match self.question.wants() {
                "" => keys,
                wants => format!("{wants}  {keys}"),
            });
        };
        let others: Vec<&str> = names.others().collect();
        let more = if names.more() { " …" } else { "" };
        PromptHint::dim(format!("{}: {}{more}", fixed::TAB, others.join("  ")))
    }

    pub(super) fn key(&mut self, event: KeyEvent) -> Reply {
        let control = event.modifiers.contains(KeyModifiers::CONTROL);
        match event.code {
            KeyCode::Esc => return Reply::Close,
            KeyCode::Char('c') if control => return Reply::Close,
            KeyCode::Enter => return self.answer(),
            KeyCode::Tab => return self.complete(true),
            KeyCode::BackTab => return self.complete(false),
            _ => {}
        }
        self.names = None;
        self.line.key(event);
        Reply::Stay
    }

    pub(super) fn paste(&mut self, text: &str) -> Reply {
        self.names = None;
        match self.line.paste(text) {
            Some(told) => Reply::Do(Outcome::Say(told)),
            None => Reply::Stay,
        }
    }

    fn answer(&self) -> Reply {
        let path = self.line.text().trim().to_owned();
        let obstacle = match self.question {
            _ if path.is_empty() => return Reply::Close,
            Question::LoadPlan => return Reply::Then(Outcome::ReadPlan(path)),
            Question::Try => return Reply::Then(Outcome::Try(path)),
            Question::Compare => return Reply::Then(Outcome::Compare(Compare::With(path))),
            Question::Export if Ending::of(&path).is_none() => {
                Some("the name must end in .md, .csv or .heft")
            }
            Question::SavePlan if ends_like_another_format(&path) => {
                Some("a plan is TOML: its name must not end in another format")
            }
            Question::Export | Question::SavePlan => None,
        };
        match obstacle {
            Some(obstacle) => Reply::Do(Outcome::Say(obstacle.to_owned())),
            None => Reply::Then(Outcome::Write(FileAnswer {
                question: self.question,
                over: self.over.as_ref() == Some(&path),
                path,
            })),
        }
    }

    /// Tab: names are looked for, or the next one of those that were found stands in the line.
    fn complete(&mut self, onward: bool) -> Reply {
        let Some(found) = self.names.take() else {
            let typed = self.line.text().to_owned();
            return Reply::Start(Work::Names(typed).into());
        };
        let next = found.turned(onward);
        if let Some(path) = next.current() {
            self.line = TypedLine::new(path);
        }
        self.names = Some(next);
        Reply::Stay
    }

    /// Takes the names found for what was typed, if that still stands in the line.
    pub(super) fn take(&mut self, found: FoundForBox) -> Reply {
        match found {
            FoundForBox::Names(typed, found) if typed == self.line.text() => {
                self.take_names(&typed, found)
            }
            _ => Reply::Stay,
        }
    }

    fn take_names(&mut self, typed: &str, found: Result<FileNames, Problem>) -> Reply {
        let names = match found {
            Ok(names) => names,
            Err(problem) => return Reply::Do(Outcome::Say(problem.message)),
        };
        if names.common().len() > typed.len() {
            self.line = TypedLine::new(names.common());
        }
        match names.paths.len() {
            0 => return Reply::Do(Outcome::Say("no file begins like that".to_owned())),
            // Where it is a directory, tab goes on into it.
            1 => {}
            _ => self.names = Some(Filenames::of(names)),
        }
        Reply::Stay
    }
}
