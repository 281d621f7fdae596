//! Comparing the closure with another: what is asked for, and what follows once both are read.

use super::App;
use super::View;
use super::facts::Facts;
use super::jobs::work::{Compare, Work};
use super::prompt::Prompt;
use super::prompt::question::{FileQuestion, Question};

impl App {
    /// Compares with the generation before; what is compared already is compared with what the user names.
    pub(super) fn compare(&mut self) {
        let before = self.facts.as_ref().and_then(Facts::before);
        if let Some(before) = before {
            let question = FileQuestion::answered(Question::Compare, &before.name);
            self.prompt = Some(Prompt::File(question));
        } else {
            self.start(Work::Load(Some(Compare::Previous)));
        }
    }

    /// There is no generation before: the user names something.
    pub(super) fn ask_what_to_compare(&mut self) {
        self.message = Some("no generation before this one is known".to_owned());
        if !self.is_busy() {
            self.ask_for_file(Question::Compare);
        }
    }

    /// Shows the difference to what the closure was not compared with until now.
    pub(super) fn show_difference(&mut self, old: &Facts, new: &Facts) {
        let name = |facts: &Facts| facts.before().map(|before| before.name.clone());
        let Some(now) = name(new).filter(|now| name(old).as_ref() != Some(now)) else {
            return;
        };
        self.message = Some(format!("compared with {now}"));
        self.show(View::Diff);
    }
}
