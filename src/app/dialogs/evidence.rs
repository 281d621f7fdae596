//! Why a path references another: the places in its files where the other's hash part stands.

use std::path::{Path, PathBuf};

use crate::analysis::evidence_class::{Class, ClassCounts};
use crate::job::{Cancelled, Progress};
use crate::model::{Reference, Warning};
use crate::source::evidence::{
    Download, EdgeEvidence, EvidenceError, Hit, HitKind, Limits, download, of_edges,
};
use crate::text::{self, Units};

use super::Overlay;
use crate::app::App;
use crate::app::explore::Explore;
use crate::app::facts::Snapshot;
use crate::app::jobs::work::{Kind, Work};
use crate::app::problem::Problem;
use crate::app::views::list::Cursor;

/// Rows of a place: where it is, and what stands there.
pub const ROWS: usize = 2;
/// Rows of the screen that are not the box's: one above and below, and its frame.
const AROUND: usize = 4;

/// How wide the box is on a screen of so many columns.
pub fn box_width(columns: u16) -> u16 {
    if columns < 60 {
        columns
    } else {
        (columns - 8).min(140)
    }
}

/// A reference, and what was found for it.
#[derive(Debug)]
pub struct Evidence {
    /// The reference.
    pub reference: Reference,
    /// What was found; `None` while its files are being read.
    pub answer: Option<Result<Answer, Problem>>,
    /// Where the cursor is, in the places.
    pub cursor: Cursor,
}

impl Evidence {
    /// The places that were found.
    pub fn places(&self) -> &[Place] {
        match &self.answer {
            Some(Ok(answer)) => &answer.places,
            _ => &[],
        }
    }

    /// The place the cursor is on.
    pub fn current(&self) -> Option<&Place> {
        self.places().get(self.cursor.at)
    }

    /// How many places the box shows on a screen of so many columns and rows, below what is said of all of them.
    pub fn shown(&self, (columns, rows): (u16, u16)) -> usize {
        let head = self.said(box_width(columns)).len() + 1;
        (usize::from(rows).saturating_sub(AROUND + head) / ROWS).max(1)
    }

    /// What was found, in a few lines of a box so wide.
    pub fn said(&self, width: u16) -> Vec<String> {
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
}

/// May archives be fetched from a binary cache?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fetching {
    /// First it is said what would be fetched.
    Asks,
    /// The user said so.
    Agreed,
}

/// What was found for a reference.
#[derive(Debug, Default)]
pub struct Answer {
    /// The files are in a binary cache only, and this would be fetched to look into them.
    pub offer: Option<Offer>,
    /// How often each class occurs.
    pub counts: ClassCounts,
    /// The places, those that weigh most first.
    pub places: Vec<Place>,
    /// How many more there are.
    pub left_out: u64,
    /// Could all files of the referrer be read?
    pub complete: bool,
    /// How many files were read.
    pub files: u64,
    /// What was odd about them.
    pub notes: Vec<String>,
}

/// What would be fetched, and from where.
#[derive(Debug)]
pub struct Offer {
    download: Download,
    url: String,
    units: Units,
}

impl Offer {
    fn said(&self) -> Vec<String> {
        let Download {
            packed,
            unknown,
            unpacked,
            ..
        } = self.download;
        let size = |bytes: u64| self.units.size(bytes);
        let packed = if unknown > 0 {
            "its size is not known".to_owned()
        } else {
            size(packed)
        };
        let unpacked = if unpacked > 0 {
            format!(", {} unpacked", size(unpacked))
        } else {
            String::new()
        };
        vec![
            "Its files are not on this machine.".to_owned(),
            format!(
                "Enter fetches their archive from {}: {packed}{unpacked}",
                self.url
            ),
        ]
    }
}

impl Answer {
    fn said(&self) -> Vec<String> {
        if let Some(offer) = &self.offer {
            return offer.said();
        }
        let all = self.counts.total();
        let mut said = Vec::new();
        said.push(match self.counts.strongest() {
            None if !self.complete && self.files == 0 => "Its files could not be read.".to_owned(),
            None => "The hash part was not found in its files.".to_owned(),
            Some(class) => {
                let count = text::counted(usize::try_from(all).unwrap_or(usize::MAX), "place");
                format!("{count}; what weighs most: {class}")
            }
        });
        if self.counts.are_accidental() {
            said.push(
                "Likely an accident: nothing that runs names it. It may still be loaded in another way."
                    .to_owned(),
            );
        }
        if self.left_out > 0 {
            said.push(format!(
                "{} more are not listed",
                text::count(self.left_out)
            ));
        }
        if !self.complete && self.notes.is_empty() {
            said.push("Not all of its files could be read; there may be more.".to_owned());
        }
        said.extend(self.notes.iter().cloned());
        said
    }
}

/// A place where the hash part stands.
#[derive(Debug)]
pub struct Place {
    /// What it says.
    pub class: Class,
    /// The file and the line, or where else in it.
    pub file: String,
    /// The file in the referrer; empty for the path itself.
    pub inside: PathBuf,
    /// The line, from 1.
    pub line: Option<u64>,
    /// What stands around it.
    pub context: String,
}

impl Place {
    fn of(hit: &Hit) -> Self {
        let file = if hit.file == Path::new("") {
            "the path itself".to_owned()
        } else {
            hit.file.display().to_string()
        };
        let place = match (hit.kind, hit.line) {
            (HitKind::Content, Some(line)) => format!("{file}:{line}"),
            (HitKind::Content, None) => format!("{file}, at byte {}", hit.offset),
            (HitKind::Symlink | HitKind::Name, _) => file,
        };
        Self {
            class: hit.class,
            file: place,
            inside: hit.file.clone(),
            line: hit.line,
            context: hit.context.clone(),
        }
    }
}

/// Reads the files of a referrer for one of its references.
pub fn find(
    snapshot: &Snapshot,
    reference: Reference,
    fetching: Fetching,
    explore: &Explore,
    progress: &Progress,
) -> Result<Result<Answer, Problem>, Cancelled> {
    let (graph, places) = (&*snapshot.graph, explore.files_to_fetch(snapshot));
    if let Some(archives) = places.archives().filter(|_| fetching == Fetching::Asks) {
        let download = download(&places, graph, vec![reference], &[]);
        if download.archives > 0 {
            let offer = Offer {
                download,
                url: archives.url().to_owned(),
                units: explore.units,
            };
            return Ok(Ok(Answer {
                offer: Some(offer),
                ..Answer::default()
            }));
        }
    }
    let limits = Limits::DETAILED;
    let found = match of_edges(&places, graph, vec![reference], limits, progress) {
        Ok(found) => found,
        Err(EvidenceError::Cancelled(cancelled)) => return Err(cancelled),
        Err(error) => {
            let hint = error.hint().map(str::to_owned);
            let message = error.to_string();
            return Ok(Err(Problem { message, hint }));
        }
    };
    let complete = found.is_complete(reference.0);
    let answer = found.of(reference.0, reference.1);
    Ok(Ok(answer.map_or_else(
        || Answer {
            complete,
            files: found.files,
            notes: notes(&found.warnings),
            ..Answer::default()
        },
        |edge| Answer {
            notes: notes(&found.warnings),
            ..answer_of(edge, complete, found.files)
        },
    )))
}

/// Warnings as sentences.
fn notes(warnings: &[Warning]) -> Vec<String> {
    let sentence = |warning: &Warning| format!("Warning: {warning}.");
    warnings.iter().map(sentence).collect()
}

fn answer_of(edge: &EdgeEvidence, complete: bool, files: u64) -> Answer {
    Answer {
        offer: None,
        counts: edge.counts,
        places: edge.hits.iter().map(Place::of).collect(),
        left_out: edge.left_out(),
        complete,
        files,
        notes: Vec::new(),
    }
}

impl App {
    /// Opens a box on why the reference of the row is there.
    pub(crate) fn ask_evidence(&mut self) {
        if let (Some(reference), Some(facts)) = (self.edge_in_question(), self.facts.clone()) {
            self.overlay = Some(Overlay::Evidence(Box::new(Evidence {
                reference,
                answer: None,
                cursor: Cursor::default(),
            })));
            self.start(Work::Evidence(facts, reference, Fetching::Asks));
        }
    }

    /// Fetches what the open box offers to; `false` if it offers nothing.
    pub(crate) fn accept_offer(&mut self) -> bool {
        let (Some(Overlay::Evidence(evidence)), Some(facts)) = (&mut self.overlay, &self.facts)
        else {
            return false;
        };
        let offers = matches!(&evidence.answer, Some(Ok(answer)) if answer.offer.is_some());
        if offers {
            evidence.answer = None;
            let work = Work::Evidence(facts.clone(), evidence.reference, Fetching::Agreed);
            self.start(work);
        }
        offers
    }

    /// Takes what was found, if the box still asks for it.
    pub(crate) fn take_evidence(&mut self, reference: Reference, answer: Result<Answer, Problem>) {
        if let Ok(answer) = &answer {
            self.note_reason(reference, answer);
        }
        if let Some(Overlay::Evidence(evidence)) = &mut self.overlay
            && evidence.reference == reference
        {
            evidence.answer = Some(answer);
        }
    }

    /// Nobody waits for it once the box is closed.
    pub(crate) fn drop_evidence(&mut self) {
        let open = matches!(self.overlay, Some(Overlay::Evidence(_)));
        if !open && self.jobs.runs(Kind::Evidence) {
            let effect = self.jobs.cancel(Kind::Evidence);
            self.effects.push(effect);
        }
    }
}
