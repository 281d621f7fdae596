//! Why a path references another: the places in its files where the other's hash part stands.

pub(crate) mod answer;
mod excerpt;

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use self::answer::{EvidenceAnswer, Fetching, HashPlace};
use self::excerpt::{around, elided};
use super::found::FoundForBox;
use super::picture::{Lit, Picture, PictureRow, Tone, What, paragraph};
use super::{Dialog, DialogContext, Reply, gives, usual_key};
use crate::app::cursor::Cursor;
use crate::app::facts::Facts;
use crate::app::frame::boxes::{BoxArea, Content, text_width};
use crate::app::jobs::external::{ExternalProgram, OpenRequest};
use crate::app::jobs::work::{JobKind, Work};
use crate::app::keys::command::Command;
use crate::app::keys::fixed;
use crate::app::problem::Problem;
use crate::model::Reference;
use crate::text;

/// Rows of a place: where it is, and what stands there.
const ROWS: u16 = 2;
/// Rows of the screen that are not the box's: one above and below, and its frame.
const AROUND: usize = 4;
/// Cells of the words in the title, and of the box around it.
const WORDS: usize = 16 + 8;

/// The box of a reference.
#[derive(Debug)]
pub(crate) struct Evidence {
    reference: Reference,
    /// What was found; `None` while its files are being read.
    answer: Option<Result<EvidenceAnswer, Problem>>,
    /// The cursor, in the places.
    cursor: Cursor,
}

impl Evidence {
    /// A box for a reference, before anything was read.
    pub(crate) fn of(reference: Reference) -> Self {
        Self {
            reference,
            answer: None,
            cursor: Cursor::default(),
        }
    }

    fn places(&self) -> &[HashPlace] {
        match &self.answer {
            Some(Ok(answer)) => &answer.places,
            _ => &[],
        }
    }

    fn offers(&self) -> bool {
        matches!(&self.answer, Some(Ok(answer)) if answer.offer.is_some())
    }

    /// What was found, in the lines of a box so wide.
    fn said(&self, width: u16) -> Vec<String> {
        let said = match &self.answer {
            None => vec!["reading its files …".to_owned()],
            Some(Err(problem)) => {
                let mut said = vec![format!("–  {}", problem.message)];
                said.extend(problem.hint.clone());
                said
            }
            Some(Ok(answer)) => answer.said(),
        };
        let room = usize::from(width.saturating_sub(4));
        let clean = said.iter().map(|part| text::sanitise(part));
        clean.flat_map(|part| text::wrapped(&part, room)).collect()
    }

    fn read(&self, cx: DialogContext<'_>, fetching: Fetching) -> Option<Work> {
        Some(Work::Evidence(cx.facts?.clone(), self.reference, fetching))
    }

    /// Fetches what the box offers to fetch.
    fn accept(&mut self, cx: DialogContext<'_>) -> Reply {
        let Some(work) = self.read(cx, Fetching::Agreed) else {
            return Reply::Stay;
        };
        self.answer = None;
        Reply::Start(work.into())
    }

    /// Opens the file of the place under the cursor.
    fn open_external(&self, cx: DialogContext<'_>, program: ExternalProgram) -> Reply {
        let (Some(facts), Some(place)) = (cx.facts, self.places().get(self.cursor.at)) else {
            return Reply::Stay;
        };
        let request = OpenRequest {
            program,
            id: self.reference.0,
            inside: place.inside.clone(),
            line: place.line,
        };
        Reply::Start(Work::Launch(facts.clone(), request).into())
    }

    /// The keys of what can be done, in the lower line of the frame.
    fn foot(&self, cx: DialogContext<'_>) -> String {
        let esc = (fixed::ESC, "closes");
        let edit = cx.shared.keys.shown(Command::Editor);
        let keys = if self.offers() {
            fixed::hints(&[(fixed::ENTER, "fetches"), esc], "  ")
        } else if self.places().is_empty() {
            return String::new();
        } else {
            fixed::hints(&[(fixed::ENTER, "reads"), (&edit, "edits"), esc], "  ")
        };
        format!(" {keys} ")
    }
}

/// The question the box answers; names too long for it are cut in their middle.
fn title(facts: &Facts, (from, to): Reference, width: usize) -> String {
    let (from, to) = (facts.label(from), facts.label(to));
    let room = width.saturating_sub(WORDS + 8);
    let second = text::width(&to).min(room - room / 2);
    let first = text::fit_middle(&from, room - second);
    let second = text::fit_middle(&to, room - text::width(&first));
    format!("Why {first} references {second}")
}

/// Where a hash part stands, and what around it, in a box so wide inside.
fn rows(
    down: u16,
    current: bool,
    spot: &HashPlace,
    path: (&str, &str),
    width: u16,
) -> [PictureRow; 2] {
    let class = spot.class.to_string();
    let taken = text::width(&class) as u16 + 2;
    let more = match spot.alike {
        0 => String::new(),
        more => format!("  and {} like it", text::count(more as u64)),
    };
    let file = format!("{}{more}", text::sanitise(&spot.file));
    let tone = if spot.class.is_accidental() {
        Tone::Dim
    } else {
        Tone::Hit
    };
    let room = width.saturating_sub(taken + 2);
    let first = PictureRow::new(down)
        .current(current)
        .put(1, room, What::Text(file), Tone::Text, Lit::No)
        .text((width + 1).saturating_sub(taken), class, tone);
    let room = width.saturating_sub(4);
    let context = text::sanitise(&spot.context);
    let (context, hash_part) = elided(&context, path, usize::from(room));
    let (shown, hit) = around(&context, &hash_part, usize::from(room));
    let lit = hit.map_or(Lit::No, |(from, cells)| Lit::Cells(from, cells));
    let second = PictureRow::new(down + 1).current(current);
    [
        first,
        second.put(3, room, What::Text(shown), Tone::Dim, lit),
    ]
}

impl Dialog for Evidence {
    fn room(&self, cx: DialogContext<'_>) -> BoxArea {
        let width = text_width(cx.shared.size.0);
        let places = self.places().len();
        let content = Content {
            width,
            above: self.said(width).len() + usize::from(places > 0),
            list: places.min(self.shown(cx)),
            step: ROWS,
            below: 0,
        };
        BoxArea::of(cx.shared.size, content)
    }

    fn picture(&self, cx: DialogContext<'_>) -> Picture<'_> {
        let Some(facts) = cx.facts else {
            return Picture::default();
        };
        let place = self.room(cx);
        let inner = place.inner();
        let mut said = self.said(text_width(cx.shared.size.0)).into_iter();
        let mut lines: Vec<PictureRow> =
            paragraph(0, 1, said.by_ref().take(1), Tone::Title).collect();
        lines.extend(paragraph(1, inner.height, said, Tone::Dim));
        let graph = facts.graph();
        let path = (
            graph.store_dir().as_str(),
            graph.hash_part(self.reference.1),
        );
        let places = self.places();
        let window = self.cursor.window(places.len(), self.shown(cx));
        for (row, at) in window.enumerate() {
            let (down, current) = (place.down(row), at == self.cursor.at);
            lines.extend(rows(down, current, &places[at], path, inner.width));
        }
        Picture {
            title: title(facts, self.reference, usize::from(cx.shared.size.0)),
            typed: None,
            top: self.cursor.top,
            rows: lines,
            foot: self.foot(cx),
        }
    }

    fn key(&mut self, cx: DialogContext<'_>, key: KeyEvent) -> Reply {
        if let Some(reply) = usual_key(self, cx, key) {
            return reply;
        }
        match key.code {
            KeyCode::Enter if self.offers() => self.accept(cx),
            KeyCode::Enter => self.open_external(cx, ExternalProgram::Pager),
            _ if gives(cx, Command::Pager, key) => self.open_external(cx, ExternalProgram::Pager),
            _ if gives(cx, Command::Editor, key) => self.open_external(cx, ExternalProgram::Editor),
            _ => Reply::Stay,
        }
    }

    fn opener(&self) -> Option<Command> {
        Some(Command::Evidence)
    }

    fn rows(&self, _: DialogContext<'_>) -> usize {
        self.places().len()
    }

    /// As many places as have room below what is said of all of them.
    fn shown(&self, cx: DialogContext<'_>) -> usize {
        let head = self.said(text_width(cx.shared.size.0)).len() + 1;
        let rows = usize::from(cx.shared.size.1).saturating_sub(AROUND + head);
        (rows / usize::from(ROWS)).max(1)
    }

    fn cursor(&mut self) -> Option<&mut Cursor> {
        Some(&mut self.cursor)
    }

    fn begins_with(&self, cx: DialogContext<'_>) -> Option<Work> {
        self.read(cx, Fetching::Asks)
    }

    fn waits_for(&self) -> Option<JobKind> {
        Some(JobKind::Evidence)
    }

    fn take(&mut self, _: DialogContext<'_>, found: FoundForBox) -> Reply {
        if let FoundForBox::Evidence(reference, answer) = found
            && reference == self.reference
        {
            self.answer = Some(*answer);
        }
        Reply::Stay
    }

    fn is_about_paths(&self) -> bool {
        true
    }
}
