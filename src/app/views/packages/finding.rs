//! What is searched for: its rows, its parts, which are taken away again, and its next match in any view.

use crate::analysis::query::Query;
use crate::model::PathId;

use crate::app::prompt::Prompt;
use crate::app::{App, Focus, View};

/// Rows looked at for the next match before giving up.
const FARTHEST: usize = 100_000;

impl App {
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
            if let Some(Prompt::Search(search)) = &mut self.prompt {
                search.set(&text);
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
