//! A box in which to choose what replaces the selected path: its twins first, then whatever matches what is typed.

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use crate::analysis::what_if::Step;
use crate::job::{Cancelled, parallel};
use crate::model::PathId;

use super::Overlay;
use crate::app::App;
use crate::app::facts::{Facts, Field};
use crate::app::prompt::Line;
use crate::app::views::list::Cursor;
use crate::app::views::packages::rows::matcher;

/// Nobody reads further; a longer text finds what is missing.
const MOST: usize = 200;
/// Names matched by one thread at a time.
const CHUNK: usize = 16 * 1024;

/// The box.
#[derive(Debug)]
pub struct Chooser {
    /// What is to be replaced.
    pub old: PathId,
    /// What is typed.
    pub line: Line,
    /// What may replace it, the likeliest first.
    pub entries: Vec<PathId>,
    /// Where the cursor is.
    pub cursor: Cursor,
}

impl Chooser {
    fn of(facts: &Facts, old: PathId) -> Self {
        let mut chooser = Self {
            old,
            line: Line::default(),
            entries: Vec::new(),
            cursor: Cursor::default(),
        };
        chooser.narrow(facts);
        chooser
    }

    fn narrow(&mut self, facts: &Facts) {
        self.cursor = Cursor::default();
        let text = self.line.text().trim();
        self.entries = if text.is_empty() {
            twins(facts, self.old)
        } else {
            matching(facts, self.old, text)
        };
    }
}

/// Other paths of the same package name, the largest first.
fn twins(facts: &Facts, old: PathId) -> Vec<PathId> {
    let graph = facts.graph();
    let pname = graph.package(old).pname;
    // Names begin with the package name: that is faster to look at.
    let same = |id: &PathId| {
        *id != old && graph.name(*id).starts_with(pname) && graph.package(*id).pname == pname
    };
    let mut found: Vec<PathId> = facts.closure().members().iter().filter(same).collect();
    facts.largest_first(&mut found, Field::Nar);
    found.truncate(MOST);
    found
}

/// The paths whose names match best.
fn matching(facts: &Facts, old: PathId, text: &str) -> Vec<PathId> {
    let graph = facts.graph();
    let members: Vec<PathId> = facts.closure().members().iter().collect();
    let chunks: Vec<&[PathId]> = members.chunks(CHUNK).collect();
    let found = parallel(chunks.len(), |at| {
        let names: Vec<&str> = chunks[at].iter().map(|&id| graph.name(id)).collect();
        let hits = matcher(text).match_list(&names);
        let scored = |hit: &frizbee::Match| (hit.score, chunks[at][hit.index as usize]);
        Ok::<_, Cancelled>(hits.iter().map(scored).collect::<Vec<_>>())
    });
    let mut scored = found.unwrap_or_default().concat();
    scored.retain(|&(_, id)| id != old);
    scored.sort_by_key(|&(score, id)| (std::cmp::Reverse(score), graph.name(id).len(), id));
    scored.truncate(MOST);
    scored.into_iter().map(|(_, id)| id).collect()
}

impl App {
    /// Opens the box.
    pub(crate) fn choose_replacement(&mut self) {
        if let (Some(facts), Some(old)) = (&self.facts, self.shared.selected) {
            self.overlay = Some(Overlay::Replacement(Chooser::of(facts, old)));
        }
    }

    /// A key in the box that does not move its cursor.
    pub(crate) fn chooser_key(&mut self, key: KeyEvent) {
        let (Some(facts), Some(Overlay::Replacement(chooser))) = (&self.facts, &mut self.overlay)
        else {
            return;
        };
        if key.code != KeyCode::Enter {
            if chooser.line.key(key) == Some(true) {
                chooser.narrow(facts);
            }
            return;
        }
        let old = chooser.old;
        let new = chooser.entries.get(chooser.cursor.at).copied();
        if let Some(new) = new {
            self.overlay = None;
            self.change_plan(|plan| plan.toggle(Step::Replace { old, new }));
        }
    }

    /// Pasted text while the box is open.
    pub(crate) fn chooser_paste(&mut self, text: &str) {
        if let (Some(facts), Some(Overlay::Replacement(chooser))) = (&self.facts, &mut self.overlay)
        {
            chooser.line.paste(text);
            chooser.narrow(facts);
        }
    }
}
