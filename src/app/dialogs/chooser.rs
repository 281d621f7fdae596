//! A box in which to choose what replaces a path: other paths of its package first, then whatever matches what is typed.

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::found::FoundForBox;
use super::picture::{Lit, Picture, PictureRow, Tone, What};
use super::{Dialog, DialogContext, Reply, usual_key};
use crate::analysis::name_matcher::NameMatcher;
use crate::analysis::what_if::Step;
use crate::app::cursor::Cursor;
use crate::app::facts::{Facts, Metric};
use crate::app::frame::boxes::BoxArea;
use crate::app::jobs::work::{JobKind, Work};
use crate::app::keys::command::Command;
use crate::app::keys::fixed;
use crate::app::outcome::Outcome;
use crate::app::prompt::line::TypedLine;
use crate::job::{Cancelled, Progress, parallel};
use crate::model::PathId;

/// The most paths listed: a longer text finds what is missing.
const MOST: usize = 200;
/// Names matched by one thread at a time.
const CHUNK: usize = 16 * 1024;

/// The box.
#[derive(Debug)]
pub(crate) struct Chooser {
    /// What is to be replaced.
    old: PathId,
    line: TypedLine,
    /// What may replace it, the likeliest first, and the text for which that was found; `None` before anything was.
    choices: Option<(String, Vec<PathId>)>,
    /// Whether enter was pressed before the choices for what is typed were there: it counts once they are.
    confirmed: bool,
    cursor: Cursor,
}

impl Chooser {
    /// A box for a path.
    pub(crate) fn of(old: PathId) -> Self {
        Self {
            old,
            line: TypedLine::default(),
            choices: None,
            confirmed: false,
            cursor: Cursor::default(),
        }
    }

    fn entries(&self) -> &[PathId] {
        match &self.choices {
            Some((_, choices)) => choices,
            None => &[],
        }
    }

    /// Whether the choices are those for what is typed.
    fn is_answered(&self) -> bool {
        let found = self.choices.as_ref();
        found.is_some_and(|(text, _)| text == self.line.text().trim())
    }

    fn search(&self, cx: DialogContext<'_>) -> Option<Work> {
        let text = self.line.text().trim().to_owned();
        Some(Work::Choices(cx.facts?.clone(), self.old, text))
    }

    fn confirm(&mut self) -> Reply {
        self.confirmed = !self.is_answered();
        let new = self.entries().get(self.cursor.at).copied();
        match new.filter(|_| !self.confirmed) {
            Some(new) => Reply::Then(Outcome::Toggle(vec![Step::Replace { old: self.old, new }])),
            None => Reply::Stay,
        }
    }

    /// What stands in place of the list where it is empty.
    fn none(&self) -> &'static str {
        match (self.is_answered(), self.line.text().trim()) {
            (false, _) => "",
            (true, "") => "no other build of that package: type part of a name",
            (true, _) => "no path matches",
        }
    }
}

/// Rows above the list: the line, and a blank one.
const ABOVE: u16 = 2;

impl Dialog for Chooser {
    fn room(&self, cx: DialogContext<'_>) -> BoxArea {
        let width = cx.shared.size.0.saturating_sub(8).clamp(72, 112);
        BoxArea::narrowed(cx.shared.size, width, ABOVE, self.entries().len())
    }

    fn picture(&self, cx: DialogContext<'_>) -> Picture<'_> {
        let place = self.room(cx);
        let width = place.inner().width;
        let entries = self.entries();
        let window = self.cursor.window(entries.len(), self.shown(cx));
        let mut rows: Vec<PictureRow> = window
            .enumerate()
            .map(|(row, at)| {
                let (name, size) = (
                    What::Name(entries[at]),
                    What::Value(Metric::Nar, entries[at]),
                );
                PictureRow::new(place.down(row))
                    .pointed(at == self.cursor.at)
                    .put(3, width.saturating_sub(14), name, Tone::Text, Lit::Typed)
                    .put(0, width, size, Tone::Text, Lit::No)
            })
            .collect();
        if entries.is_empty() {
            rows.push(PictureRow::new(place.down(0)).text(3, self.none(), Tone::Dim));
        }
        let old = cx.facts.map(|facts| facts.label(self.old));
        let keys = [(fixed::ENTER, "replaces"), (fixed::ESC, "closes")];
        let hint = format!("part of a name; {}", fixed::hints(&keys, ", "));
        Picture {
            title: format!("Replace {} by", old.unwrap_or_default()),
            typed: Some((&self.line, hint)),
            top: self.cursor.top,
            rows,
            foot: String::new(),
        }
    }

    fn key(&mut self, cx: DialogContext<'_>, key: KeyEvent) -> Reply {
        match usual_key(self, cx, key) {
            Some(reply) => reply,
            None if key.code == KeyCode::Enter => self.confirm(),
            None => Reply::Stay,
        }
    }

    fn opener(&self) -> Option<Command> {
        Some(Command::ReplaceBy)
    }

    fn rows(&self, _: DialogContext<'_>) -> usize {
        self.entries().len()
    }

    fn cursor(&mut self) -> Option<&mut Cursor> {
        Some(&mut self.cursor)
    }

    fn line(&mut self) -> Option<&mut TypedLine> {
        Some(&mut self.line)
    }

    fn typed(&mut self, cx: DialogContext<'_>) -> Reply {
        self.confirmed = false;
        match self.search(cx) {
            Some(work) => Reply::Start(work.into()),
            None => Reply::Stay,
        }
    }

    fn begins_with(&self, cx: DialogContext<'_>) -> Option<Work> {
        self.search(cx)
    }

    fn waits_for(&self) -> Option<JobKind> {
        Some(JobKind::Choices)
    }

    fn take(&mut self, _: DialogContext<'_>, found: FoundForBox) -> Reply {
        if let FoundForBox::Choices(text, choices) = found {
            self.choices = Some((text, choices));
            self.cursor = Cursor::default();
        }
        if self.confirmed && self.is_answered() {
            self.confirm()
        } else {
            Reply::Stay
        }
    }

    fn is_about_paths(&self) -> bool {
        true
    }
}

/// What may replace a path, for a text: other paths of its package if that is empty, else those whose names match best.
pub(crate) fn choices(
    facts: &Facts,
    old: PathId,
    text: &str,
    progress: &Progress,
) -> Result<Vec<PathId>, Cancelled> {
    let mut found = if text.is_empty() {
        of_package(facts, old, progress)?
    } else {
        matching(facts, old, text, progress)?
    };
    found.truncate(MOST);
    Ok(found)
}

/// Other paths of the same package name, the largest first.
fn of_package(facts: &Facts, old: PathId, progress: &Progress) -> Result<Vec<PathId>, Cancelled> {
    progress.start("looking for other paths of the package", 0);
    let graph = facts.graph();
    let pname = graph.package(old).pname;
    // Names begin with the package name: that is faster to look at.
    let same = |id: &PathId| {
        *id != old && graph.name(*id).starts_with(pname) && graph.package(*id).pname == pname
    };
    let mut found: Vec<PathId> = facts.closure().members().iter().filter(same).collect();
    progress.check()?;
    facts.largest_first(&mut found, Metric::Nar);
    Ok(found)
}

/// The paths whose names match, the best match first.
fn matching(
    facts: &Facts,
    old: PathId,
    text: &str,
    progress: &Progress,
) -> Result<Vec<PathId>, Cancelled> {
    let graph = facts.graph();
    let members: Vec<PathId> = facts.closure().members().iter().collect();
    let chunks: Vec<&[PathId]> = members.chunks(CHUNK).collect();
    progress.start("matching names", members.len() as u64);
    let found = parallel(chunks.len(), |at| {
        progress.advance(chunks[at].len() as u64)?;
        let mut matcher = NameMatcher::of(text);
        let scored = |&id| Some((matcher.score(graph.name(id))?, id));
        Ok::<_, Cancelled>(chunks[at].iter().filter_map(scored).collect::<Vec<_>>())
    })?;
    let mut scored = found.concat();
    scored.retain(|&(_, id)| id != old);
    scored.sort_by_key(|&(score, id)| (std::cmp::Reverse(score), graph.name(id).len(), id));
    Ok(scored.into_iter().map(|(_, id)| id).collect())
}
