//! Going to the next row whose name matches what was searched for. A list may have a million rows: a job walks them, in a
//! copy of the pane, and what is typed meanwhile waits for it.

use crate::analysis::name_matcher::NameMatcher;
use crate::app::details::Details;
use crate::app::facts::Facts;
use crate::app::pane::Pane;
use crate::app::shared::{Context, Shared};
use crate::app::view::View;
use crate::app::views::Views;
use crate::job::{Cancelled, Progress};
use crate::model::PathId;

/// Rows between two looks at the progress.
const STRIDE: u64 = 1024;

/// The pane whose rows are walked.
#[derive(Debug)]
pub(crate) enum Among {
    /// The view of this name, of all of them.
    View(View, Box<Views>),
    /// The details.
    Details(Box<Details>),
}

/// What is looked for, and where.
#[derive(Debug)]
pub struct Seek {
    /// The pane; its cursor is where the walk begins.
    among: Among,
    /// The words of the search.
    words: String,
    /// Whether the walk goes down rather than up.
    onward: bool,
    /// What is known of the closure.
    facts: Facts,
    /// What all views have in common.
    shared: Shared,
    /// Columns and rows of the list on screen.
    room: (u16, u16),
}

impl Seek {
    /// A walk among rows of which a pane may read this.
    pub(crate) fn of(cx: Context<'_>, among: Among, words: &str, onward: bool) -> Self {
        Self {
            among,
            words: words.to_owned(),
            onward,
            facts: cx.facts.clone(),
            shared: cx.shared.clone(),
            room: cx.room,
        }
    }

    /// The next row that matches, round the end, and the path it stands for.
    pub(crate) fn run(&self, progress: &Progress) -> Result<Option<(usize, PathId)>, Cancelled> {
        let pane: &dyn Pane = match &self.among {
            Among::View(view, views) => views.pane(*view),
            Among::Details(details) => &**details,
        };
        let cx = Context {
            facts: &self.facts,
            shared: &self.shared,
            room: self.room,
            searching: false,
        };
        let (len, from) = (pane.len(cx), pane.cursor().at);
        let mut matcher = NameMatcher::of(&self.words);
        progress.start("next match", len as u64);
        for steps in 1..=len {
            if (steps as u64).is_multiple_of(STRIDE) {
                progress.advance(STRIDE)?;
            }
            let steps = if self.onward {
                steps
            } else {
                len - steps % len
            };
            let at = (from + steps) % len;
            let Some(id) = pane.target(cx, at).and_then(|target| target.path) else {
                continue;
            };
            if matcher.score(self.facts.graph().name(id)).is_some() {
                return Ok(Some((at, id)));
            }
        }
        Ok(None)
    }
}
