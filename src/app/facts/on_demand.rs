//! What costs too much to be computed unasked: it is when a query, a sort or a column wants it.

use std::sync::Arc;

use crate::analysis::analysed::{Analysed, Need};
use crate::analysis::metric::Metric;
use crate::analysis::query::Query;
use crate::job::{Cancelled, Progress};
use crate::model::Warning;
use crate::source::evidence::accidents::accidental_paths;
use crate::source::evidence::{Evidence, EvidenceError};
use crate::source::files::disk_sizes::DiskSizes;
use crate::source::files::places::StoreFiles;

use crate::app::App;
use crate::app::facts::Facts;
use crate::app::jobs::work::{Kind, Work};

/// What came of asking.
#[derive(Debug)]
pub enum Answer {
    /// It is known now, and what could not be read meanwhile.
    Known(Analysed, Vec<Warning>),
    /// What the files take on disk is known, but for so many paths whose files are not on this machine.
    DiskSizes(Analysed, Vec<Warning>, usize),
    /// What only likely accidents hold is known, and what makes the references.
    Accidents(Analysed, Box<Evidence>),
    /// It cannot be known, and why.
    Obstacle(String),
}

/// Computes it.
pub fn find(
    facts: &Facts,
    need: Need,
    places: &StoreFiles,
    progress: &Progress,
) -> Result<Answer, Cancelled> {
    let mut analysed = facts.analysed(progress);
    match need {
        Need::DiskSizes => {
            let found = DiskSizes::read(&analysed, places, progress)?;
            analysed.take_disk_sizes(found.sizes);
            Ok(Answer::DiskSizes(analysed, found.warnings, found.absent))
        }
        Need::Accidents => accidents(analysed, places),
        other => {
            analysed.prepare(other)?;
            Ok(Answer::Known(analysed, Vec::new()))
        }
    }
}

/// What only likely accidents hold: the files of the whole closure are read to find out.
fn accidents(mut analysed: Analysed, places: &StoreFiles) -> Result<Answer, Cancelled> {
    match accidental_paths(&analysed, &places.without_archives()) {
        Ok((paths, evidence)) => {
            analysed.take_accidents(paths);
            Ok(Answer::Accidents(analysed, Box::new(evidence)))
        }
        Err(EvidenceError::Cancelled(cancelled)) => Err(cancelled),
        // In one line, and a name would take most of it.
        Err(EvidenceError::NoFiles { .. }) => {
            let what = match places.archives() {
                None => "accidental: the files are not on this machine",
                Some(_) => {
                    "accidental: the files are in the cache only, `list --filter accidental` fetches them"
                }
            };
            Ok(Answer::Obstacle(what.to_owned()))
        }
    }
}

impl App {
    /// What the table needs next and is not computed yet.
    pub(crate) fn missing_need(&self, facts: &Facts) -> Option<Need> {
        let packages = &self.views.packages;
        let query = Query::parse(&packages.text).ok();
        let accidents = query.as_ref().is_some_and(Query::asks_for_accidents);
        let asked = query.map_or_else(Vec::new, |query| query.metrics());
        let shown = packages.fields.iter().copied().chain([packages.sort.field]);
        let metrics = asked.into_iter().chain(shown);
        let needs = metrics.flat_map(Metric::needs).copied();
        let mut wanted = accidents
            .then_some(Need::Accidents)
            .into_iter()
            .chain(needs);
        wanted.find(|&need| need.is_on_demand() && !facts.has(need))
    }

    /// Computes what the table needs next, unless the user has cancelled that.
    pub(crate) fn ask_for_extra(&mut self) {
        let kind = Kind::Extra;
        if self.jobs.runs(kind) || self.has_given_up(kind) {
            return;
        }
        let ready = self.facts.as_ref().filter(|facts| facts.base().is_some());
        let wanted = ready.and_then(|facts| Some((facts.clone(), self.missing_need(facts)?)));
        if let Some((facts, need)) = wanted {
            self.start(Work::Extra(facts, need));
        }
    }

    /// What was cancelled may be asked for again.
    pub(crate) fn forgive_extra(&mut self) {
        self.given_up.retain(|(kind, _)| *kind != Kind::Extra);
    }

    pub(crate) fn take_extra(&mut self, answer: Answer) {
        let Some(facts) = &mut self.facts else { return };
        let (analysed, mut warnings) = match answer {
            Answer::Known(analysed, warnings) => (analysed, warnings),
            Answer::DiskSizes(analysed, warnings, absent) => {
                if absent > 0 {
                    let absent = crate::text::count(absent as u64);
                    let all = crate::text::counted(facts.closure().len(), "path");
                    let what = "on disk: the files of";
                    self.message =
                        Some(format!("{what} {absent} of {all} are not on this machine"));
                }
                (analysed, warnings)
            }
            Answer::Accidents(analysed, mut evidence) => {
                let warnings = std::mem::take(&mut evidence.warnings);
                facts.evidence = Some(Arc::from(evidence));
                (analysed, warnings)
            }
            Answer::Obstacle(obstacle) => {
                // It is not asked for again before the query changes.
                self.given_up.push((Kind::Extra, None));
                self.message = Some(obstacle);
                return;
            }
        };
        facts.absorb(&analysed);
        self.notes.append(&mut warnings);
        self.refresh_rows();
    }
}
