//! Files that are written and read for the user, as jobs.

use std::io;
use std::sync::Arc;

use crate::analysis::heaviest_first;
use crate::analysis::hints::Hints;
use crate::analysis::plan::{Marked, PlanFile};
use crate::analysis::remedies::{by_packages, remedies};
use crate::analysis::what_if::{StepsOutcome, what_if};
use crate::gate::Reader;
use crate::job::{Cancelled, Progress};
use crate::report::{csv::Spreadsheet, markdown};
use crate::source::formats::snapshot;
use crate::source::gather::add_evidence;
use crate::text::Units;
use crate::user_files::{self, Over, UserFileError};

use crate::app::facts::Facts;
use crate::app::outcome::FileAnswer;
use crate::app::prompt::question::{Ending, Question};

/// A file to be written.
#[derive(Debug, Clone)]
pub struct Writing {
    /// Which.
    pub answer: FileAnswer,
    /// What it is about.
    pub facts: Facts,
    /// The plan.
    pub marked: Marked,
}

/// Who reads a page or a table.
const PLAIN: Reader = Reader::Text { colour: false };

/// What became of a file.
#[derive(Debug)]
pub enum FileResult {
    /// It was written.
    Written(String),
    /// There is a file of that name.
    Exists(Question, String),
    /// A plan was read from it.
    Read(String, PlanFile),
    /// It could not be written or read.
    Failed(String),
}

impl Writing {
    /// Writes it, sizes in `units` where it is a page to read.
    pub fn run(self, units: Units, progress: &Progress) -> Result<FileResult, Cancelled> {
        progress.start("writing", 0);
        let graph = self.facts.graph();
        let closure = self.facts.closure();
        let ending = match self.answer.question {
            Question::Export => Ending::of(&self.answer.path),
            _ => None,
        };
        let written = match ending {
            None => {
                // What closes a cycle promises nothing.
                let outcome = self.outcome(progress)?.ok();
                let promised = outcome.map_or_else(Vec::new, |outcome| outcome.promised());
                let plan = PlanFile::of(graph, &self.marked.steps).promising(promised);
                let plan = plan.trying(self.marked.tries.iter().cloned());
                let text = plan.to_text();
                self.put(Reader::Toml, |out| out.write_all(text.as_bytes()))
            }
            Some(Ending::Markdown) => match self.outcome(progress)? {
                Ok(mut outcome) => {
                    let steps = &self.marked.steps;
                    let analysed = self.facts.analysed(progress);
                    heaviest_first(&analysed, &mut outcome.held)?;
                    let seen = self.facts.told(&by_packages(&analysed, steps));
                    let remedies = remedies(&analysed, &Hints::built_in(), steps, &seen)?;
                    self.put(PLAIN, |out| {
                        markdown::plan(&analysed, &outcome, units, out)?;
                        markdown::tries(&self.marked.tries, units, out)?;
                        crate::report::remedies::markdown(&remedies, out)
                    })
                }
                Err(message) => return Ok(FileResult::Failed(message)),
            },
            Some(Ending::Csv) => {
                let analysed = self.facts.analysed(progress);
                let sheet = Spreadsheet::of(&analysed)?;
                self.put(PLAIN, |out| sheet.write(out))
            }
            Some(Ending::Snapshot) => {
                let roots = closure.roots();
                let title: Vec<&str> = roots.iter().map(|&root| graph.name(root)).collect();
                let mut found = Arc::clone(&self.facts.snapshot.found);
                if let Some(evidence) = self.facts.evidence.as_ref() {
                    add_evidence(Arc::make_mut(&mut found), graph, closure, evidence);
                }
                self.put(Reader::Bytes, |out| {
                    snapshot::write(out, graph, roots, &title.join(", "), &found)
                })
            }
        };
        Ok(match written {
            Ok(()) => FileResult::Written(self.answer.path),
            Err(UserFileError::Exists(_)) => {
                FileResult::Exists(self.answer.question, self.answer.path)
            }
            Err(error) => FileResult::Failed(error.to_string()),
        })
    }

    fn outcome(&self, progress: &Progress) -> Result<Result<StepsOutcome, String>, Cancelled> {
        let outcome = what_if(
            self.facts.graph(),
            self.facts.closure(),
            &self.marked.steps,
            progress,
        );
        progress.check()?;
        Ok(outcome.map_err(|error| error.to_string()))
    }

    fn put(
        &self,
        reader: Reader,
        content: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
    ) -> Result<(), UserFileError> {
        let store_dir = self.facts.graph().store_dir();
        user_files::write(
            &user_files::expand_home(&self.answer.path),
            if self.answer.over {
                Over::Files
            } else {
                Over::Nothing
            },
            store_dir,
            reader,
            content,
        )
    }
}

/// Reads a plan.
pub(crate) fn read_plan(path: String) -> FileResult {
    let read = user_files::read(&user_files::expand_home(&path)).map_err(|error| error.to_string());
    let parsed = read.and_then(|text| {
        PlanFile::parse(&text).map_err(|error| {
            let message = error.to_string();
            format!("{path}: {}", message.lines().next().unwrap_or_default())
        })
    });
    match parsed {
        Ok(plan) => FileResult::Read(path, plan),
        Err(message) => FileResult::Failed(message),
    }
}
