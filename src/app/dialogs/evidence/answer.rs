//! Reading the files of a path for one of its references, as a job.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::analysis::evidence_class::{Class, ClassCounts};
use crate::job::{Cancelled, Progress};
use crate::model::{Reference, Warning};
use crate::source::evidence::{
    Download, EdgeEvidence, EvidenceError, Hit, HitKind, Limits, download, of_edges,
};
use crate::text::{self, Units};

use crate::app::explore::Explore;
use crate::app::facts::Snapshot;
use crate::app::keys::fixed;
use crate::app::problem::Problem;

/// Whether archives may be fetched from a binary cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fetching {
    /// First it is said what would be fetched.
    Asks,
    /// The user said so.
    Agreed,
}

/// What was found for a reference.
#[derive(Debug, Default)]
pub struct EvidenceAnswer {
    /// The files are in a binary cache only, and this would be fetched to look into them.
    pub offer: Option<Offer>,
    /// How often each class occurs.
    pub counts: ClassCounts,
    /// The places, those that weigh most first.
    pub places: Vec<HashPlace>,
    /// How many more there are.
    pub left_out: u64,
    /// Whether all files of the referrer could be read.
    pub complete: bool,
    /// How many files were read.
    pub files: u64,
    /// What is wrong with them.
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
                "{} fetches their archive from {}: {packed}{unpacked}",
                fixed::ENTER,
                self.url
            ),
        ]
    }
}

impl EvidenceAnswer {
    /// What was found, in a few sentences.
    pub fn said(&self) -> Vec<String> {
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
                format!("{count}; the strongest: {class}")
            }
        });
        if self.counts.are_accidental() {
            said.push(
                "Likely an accident: nothing that runs names it. It may still be loaded in another way."
                    .to_owned(),
            );
            let remedy = self.counts.strongest().and_then(Class::remedy);
            said.extend(remedy.map(|remedy| format!("In the package: {remedy}.")));
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
pub struct HashPlace {
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
    /// How many more places are like it: of the same class, in the same directory, with the same around them but numbers.
    pub alike: usize,
}

/// The same places, those that are like an earlier one only counted there.
fn folded(places: impl Iterator<Item = HashPlace>) -> Vec<HashPlace> {
    let mut folded: Vec<HashPlace> = Vec::new();
    let mut known: HashMap<(Class, Option<PathBuf>, String), usize> = HashMap::new();
    for place in places {
        let around = place.context.chars().filter(|c| !c.is_ascii_digit());
        let key = (
            place.class,
            place.inside.parent().map(Path::to_owned),
            around.collect(),
        );
        if let Some(&at) = known.get(&key) {
            folded[at].alike += 1;
        } else {
            known.insert(key, folded.len());
            folded.push(place);
        }
    }
    folded
}

impl HashPlace {
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
            alike: 0,
        }
    }
}

/// Reads the files of a referrer for one of its references.
pub(crate) fn find(
    snapshot: &Snapshot,
    reference: Reference,
    fetching: Fetching,
    explore: &Explore,
    progress: &Progress,
) -> Result<Result<EvidenceAnswer, Problem>, Cancelled> {
    let (graph, places) = (&*snapshot.graph, explore.files_to_fetch(snapshot));
    if let Some(archives) = places.archives().filter(|_| fetching == Fetching::Asks) {
        let download = download(&places, graph, vec![reference], &[]);
        if download.archives > 0 {
            let offer = Offer {
                download,
                url: archives.url().to_owned(),
                units: explore.units,
            };
            return Ok(Ok(EvidenceAnswer {
                offer: Some(offer),
                ..EvidenceAnswer::default()
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
        || EvidenceAnswer {
            complete,
            files: found.files,
            notes: notes(&found.warnings),
            ..EvidenceAnswer::default()
        },
        |edge| EvidenceAnswer {
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

fn answer_of(edge: &EdgeEvidence, complete: bool, files: u64) -> EvidenceAnswer {
    EvidenceAnswer {
        offer: None,
        counts: edge.counts,
        places: folded(edge.hits.iter().map(HashPlace::of)),
        left_out: edge.left_out(),
        complete,
        files,
        notes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_differ_in_numbers_alone_are_one_row() {
        let place = |class, inside: &str, context: &str| HashPlace {
            class,
            file: inside.to_owned(),
            inside: inside.into(),
            line: None,
            context: context.to_owned(),
            alike: 0,
        };
        let places = [
            place(Class::Documentation, "share/man/a.1", "see x-1/bin"),
            place(Class::Documentation, "share/man/b.1", "see x-2/bin"),
            place(Class::Documentation, "share/doc/b.1", "see x-2/bin"),
            place(Class::Script, "share/man/c", "see x-3/bin"),
            place(Class::Documentation, "share/man/d.1", "not x-2/bin"),
        ];
        let rows = folded(places.into_iter());
        let counts: Vec<usize> = rows.iter().map(|row| row.alike).collect();
        assert_eq!(counts, [1, 0, 0, 0]);
    }
}
