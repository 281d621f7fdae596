//! The names that tab brings in a question for a file, one after the other.

use crate::user_files::names::{FileNames, last_part};

/// Names that may stand in the line.
#[derive(Debug, Clone)]
pub(crate) struct Filenames {
    names: FileNames,
    /// Which of them stands there, if tab was pressed again.
    at: Option<usize>,
}

impl Filenames {
    /// Names, none of which stands in the line yet.
    pub(crate) fn of(names: FileNames) -> Self {
        Self { names, at: None }
    }

    /// The name that stands in the line.
    pub(crate) fn current(&self) -> Option<&str> {
        let path = self.names.paths.get(self.at?)?;
        Some(path)
    }

    /// The last parts of the names, the one that stands in the line left out.
    pub(crate) fn others(&self) -> impl Iterator<Item = &str> {
        let all = self.names.paths.iter().enumerate();
        let others = all.filter(|&(at, _)| Some(at) != self.at);
        others.map(|(_, path)| &path[last_part(path.trim_end_matches('/'))..])
    }

    /// Whether there are more than were looked at.
    pub(crate) fn more(&self) -> bool {
        self.names.more
    }

    /// With the next name in the line, or the one before, round the end.
    #[must_use]
    pub(crate) fn turned(mut self, onward: bool) -> Self {
        let len = self.names.paths.len();
        self.at = Some(match (self.at, onward) {
            (None, true) => 0,
            (None, false) => len.saturating_sub(1),
            (Some(at), true) => (at + 1) % len.max(1),
            (Some(at), false) => (at + len).saturating_sub(1) % len.max(1),
        });
        self
    }
}
