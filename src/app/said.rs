//! What is said to the user: in the last row, above the view, and in the box of warnings.

use crate::model::Warning;

use super::dialogs::lines::Messages;
use super::facts::on_demand::TakenAnswer;

/// All of it.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// What stands in the last row until the next key.
    pub message: Option<String>,
    /// What stood there.
    pub messages: Messages,
    /// Where the data come from, if that needs saying.
    pub notice: Option<String>,
    /// What is wrong with the configuration, and what was with files.
    pub notes: Vec<Warning>,
    /// Steps of a plan that was read and that do not apply here.
    pub plan_notes: Vec<Warning>,
}

impl Said {
    /// Says something in the last row.
    pub(crate) fn say(&mut self, message: impl Into<String>) {
        self.message = Some(message.into());
    }

    /// Takes what is to be said of something that was asked for; tells whether it is known now.
    pub(super) fn take(&mut self, taken: TakenAnswer) -> bool {
        self.notes.extend(taken.warnings);
        self.message = taken.message.or(self.message.take());
        taken.known
    }

    /// Keeps what stands in the last row: the next key takes it away there.
    pub(super) fn keep(&mut self) {
        if let Some(message) = &self.message {
            self.messages.note(message);
        }
    }
}
