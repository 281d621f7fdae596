//! References that are likely accidents: by what they stand in, each with what it drags in, to be cut.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::analysis::evidence_class::Class;
use crate::analysis::remedies::of_reference;
use crate::analysis::waste::{AccidentalReference, Waste, accidental};
use crate::analysis::what_if::{Difference, Step, after};
use crate::job::{Cancelled, Progress};
use crate::model::{PathSet, Reference};
use crate::source::evidence::{Evidence, EvidenceError, of_closure};

use super::advised::rows;
use crate::app::explore::Explore;
use crate::app::facts::Facts;
use crate::app::obstacle::Obstacle;
use crate::app::outcome::Outcome;
use crate::app::shared::Context;
use crate::app::target::Target;

/// A reference that is likely an accident.
#[derive(Debug, Clone)]
pub(crate) struct Accident {
    /// It, with what cutting it alone frees.
    pub reference: AccidentalReference,
    /// A file that names it, relative to the referrer; empty for the path itself.
    pub file: String,
}

impl Accident {
    /// Referrer and target.
    pub(crate) fn edge(&self) -> Reference {
        (self.reference.from, self.reference.to)
    }
}

/// The accidents of one class.
#[derive(Debug)]
pub(crate) struct AccidentClass {
    /// What they stand in.
    pub class: Class,
    /// The references, those that free most first.
    pub accidents: Vec<Accident>,
    /// The same as what is to be cut.
    cut: Arc<[Reference]>,
    /// What cutting all of them frees.
    pub freed: Difference,
}

/// What was found in the files.
#[derive(Debug)]
pub(crate) struct Accidents {
    /// The classes, those that free most first.
    pub kinds: Vec<AccidentClass>,
    /// What cutting all accidental references at once frees.
    pub freed: Option<Difference>,
    /// Paths of which not all files could be read: nothing of them is called an accident.
    pub incomplete: usize,
    /// Why the files could not be read at all.
    pub trouble: Option<String>,
    /// What they cost.
    pub waste: Option<Waste>,
    /// What makes each reference, and what only accidents hold.
    evidence: Option<(Arc<Evidence>, PathSet)>,
}

/// A row below a class.
#[derive(Debug, Clone)]
pub(crate) enum AccidentItem<'a> {
    /// Of how a package gets rid of such references, a row.
    Remedy(String),
    /// A reference.
    Accident(&'a Accident),
}

impl AccidentClass {
    /// How a package gets rid of such references.
    pub(crate) fn remedy(&self) -> &'static str {
        self.class.remedy().unwrap_or_default()
    }

    /// How many rows it has below its own on a screen of this many columns.
    pub(super) fn size(&self, columns: u16) -> usize {
        self.above(columns) + self.accidents.len()
    }

    /// How many of them stand above the references: what to do about them.
    pub(super) fn above(&self, columns: u16) -> usize {
        rows(self.remedy(), columns).len()
    }

    /// A row below it.
    pub(crate) fn item(&self, at: usize, columns: u16) -> Option<AccidentItem<'_>> {
        let remedy = rows(self.remedy(), columns);
        let below = at.checked_sub(remedy.len());
        match below {
            None => remedy.into_iter().nth(at).map(AccidentItem::Remedy),
            Some(at) => self.accidents.get(at).map(AccidentItem::Accident),
        }
    }

    /// What it stands for, or the row of this number below it.
    pub(super) fn target(&self, all: &Accidents, cx: Context<'_>, below: Option<usize>) -> Target {
        let of_kind = Target {
            cut: Arc::clone(&self.cut),
            lines: Some(self.remedy().into()),
            marks_offers: true,
            ..Target::default()
        };
        match below.and_then(|at| self.item(at, cx.room.0)) {
            Some(AccidentItem::Accident(accident)) => Target {
                path: Some(accident.reference.to),
                offers: Step::cuts(&[accident.edge()]).into(),
                lines: all.lines(cx.facts, accident),
                ..of_kind.with_reference(Some(accident.edge()))
            },
            _ => Target {
                offers: Step::cuts(&self.cut).into(),
                instead: Some(Obstacle::SEVERAL_REFERENCES),
                ..of_kind
            },
        }
    }
}

impl Accidents {
    fn unread(trouble: String) -> Self {
        Self {
            kinds: Vec::new(),
            freed: None,
            incomplete: 0,
            trouble: Some(trouble),
            waste: None,
            evidence: None,
        }
    }

    /// Reads the files, unless what makes each reference is known already.
    pub(super) fn read(
        facts: &Facts,
        explore: &Explore,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        if let Some(evidence) = &facts.evidence {
            return Self::of(facts, Arc::clone(evidence), progress);
        }
        let files = explore.files_to_fetch(&facts.snapshot);
        let places = files.without_archives();
        match of_closure(&places, facts.graph(), facts.closure(), progress) {
            Ok(evidence) => Self::of(facts, Arc::new(evidence), progress),
            Err(EvidenceError::Cancelled(cancelled)) => Err(cancelled),
            Err(EvidenceError::NoFiles { .. }) if files.archives().is_some() => {
                let cached =
                    "The files are in the cache only; `list --filter accidental` fetches them.";
                Ok(Self::unread(cached.to_owned()))
            }
            Err(error) => Ok(Self::unread(error.to_string())),
        }
    }

    /// What others learn of it.
    pub(super) fn learned(&self) -> Outcome {
        match &self.evidence {
            Some((evidence, paths)) => Outcome::Evidence(Arc::clone(evidence), paths.clone()),
            None => Outcome::None,
        }
    }

    /// Weighs what was found.
    fn of(facts: &Facts, evidence: Arc<Evidence>, progress: &Progress) -> Result<Self, Cancelled> {
        let (graph, closure) = (facts.graph(), facts.closure());
        let edges = evidence.edges.iter();
        let edges = edges.map(|edge| (edge.from, edge.to, edge.counts));
        let waste = accidental(&facts.analysed(progress), edges, &evidence.incomplete)?;
        let mut references = waste.references.clone();
        // Within a class those that free most stay first.
        references.sort_by_key(|reference| reference.class);
        let same = |a: &AccidentalReference, b: &AccidentalReference| a.class == b.class;
        let kind = |references: &[AccidentalReference]| {
            let cut: Arc<[Reference]> = references.iter().map(|one| (one.from, one.to)).collect();
            let steps: Vec<Step> = Step::cuts(&cut);
            let left = after(graph, closure, &steps);
            let accident = |reference: &AccidentalReference| Accident {
                reference: reference.clone(),
                file: file_of(&evidence, reference),
            };
            AccidentClass {
                class: references[0].class,
                accidents: references.iter().map(accident).collect(),
                cut,
                freed: Difference::between(graph, closure.members(), &left),
            }
        };
        let mut kinds: Vec<AccidentClass> = references.chunk_by(same).map(kind).collect();
        kinds.sort_by_key(|kind| Reverse(kind.freed.nar_size));
        let paths = waste.paths.iter().map(|path| path.path);
        Ok(Self {
            kinds,
            freed: Some(waste.freed),
            incomplete: evidence.incomplete.len(),
            trouble: None,
            evidence: Some((evidence, PathSet::of(graph.len(), paths))),
            waste: Some(waste),
        })
    }
}

impl Accidents {
    /// Lines of Nix with which the package of the referrer loses a reference.
    fn lines(&self, facts: &Facts, accident: &Accident) -> Option<Arc<str>> {
        let (edge, class) = (accident.edge(), accident.reference.class);
        let (evidence, _) = self.evidence.as_ref()?;
        let mut seen = evidence.told(&[edge]);
        let files = seen.remove(&edge).map_or_else(Vec::new, |(_, files)| files);
        let remedy = of_reference(&facts.computed(), edge, class, files)?;
        Some(remedy.nix.into())
    }
}

/// A file in which a reference stands.
fn file_of(evidence: &Evidence, reference: &AccidentalReference) -> String {
    let edge = evidence.of(reference.from, reference.to);
    let hit = edge.and_then(|edge| edge.hits.first());
    hit.map_or_else(String::new, |hit| hit.file.display().to_string())
}
