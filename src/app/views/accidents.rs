//! The view of references that are likely accidents: by what they stand in, each with what it drags in, to be cut.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::analysis::evidence_class::Class;
use crate::analysis::remedies::of_reference;
use crate::analysis::waste::{AccidentalReference, accidental};
use crate::analysis::what_if::{Difference, Step, after};
use crate::job::{Cancelled, Progress};
use crate::model::{PathId, PathSet, Reference};
use crate::source::evidence::{Evidence, EvidenceError, of_closure};

use super::folds::{Folds, Row};
use super::groups::{Both, List, Nothing, Place};
use super::{Rows, ViewSpec};
use crate::app::explore::Explore;
use crate::app::facts::Facts;
use crate::app::keys::command::Command;
use crate::app::obstacle::Obstacle;
use crate::app::outcome::Outcome;
use crate::app::shared::Context;
use crate::app::target::Target;

/// A reference that is likely an accident.
#[derive(Debug, Clone)]
pub struct Accident {
    /// It, with what cutting it alone frees.
    pub reference: AccidentalReference,
    /// A file that names it, relative to the referrer; empty for the path itself.
    pub file: String,
}

impl Accident {
    /// Referrer and target.
    pub fn edge(&self) -> Reference {
        (self.reference.from, self.reference.to)
    }
}

/// The accidents of one class.
#[derive(Debug)]
pub struct Kind {
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
pub struct Accidents {
    /// The classes, those that free most first.
    pub kinds: Vec<Kind>,
    /// What cutting all accidental references at once frees.
    pub freed: Option<Difference>,
    /// Paths of which not all files could be read: nothing of them is called an accident.
    pub incomplete: usize,
    /// Why the files could not be read at all.
    pub trouble: Option<String>,
    /// What makes each reference, and what only accidents hold.
    evidence: Option<(Arc<Evidence>, PathSet)>,
}

impl Accidents {
    fn unread(trouble: String) -> Self {
        Self {
            kinds: Vec::new(),
            freed: None,
            incomplete: 0,
            trouble: Some(trouble),
            evidence: None,
        }
    }

    /// Weighs what was found.
    fn of(facts: &Facts, evidence: Arc<Evidence>, progress: &Progress) -> Result<Self, Cancelled> {
        let (graph, closure) = (facts.graph(), facts.closure());
        let edges = evidence.edges.iter();
        let edges = edges.map(|edge| (edge.from, edge.to, edge.counts));
        let waste = accidental(&facts.analysed(progress), edges, &evidence.incomplete)?;
        let mut references = waste.references;
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
            Kind {
                class: references[0].class,
                accidents: references.iter().map(accident).collect(),
                cut,
                freed: Difference::between(graph, closure.members(), &left),
            }
        };
        let mut kinds: Vec<Kind> = references.chunk_by(same).map(kind).collect();
        kinds.sort_by_key(|kind| Reverse(kind.freed.nar_size));
        let paths = waste.paths.iter().map(|path| path.path);
        Ok(Self {
            kinds,
            freed: Some(waste.freed),
            incomplete: evidence.incomplete.len(),
            trouble: None,
            evidence: Some((evidence, PathSet::of(graph.len(), paths))),
        })
    }
}

impl Accidents {
    /// Lines of Nix with which the package of the referrer loses a reference.
    fn lines(&self, cx: Context<'_>, accident: &Accident) -> Option<Arc<str>> {
        let (edge, class) = (accident.edge(), accident.reference.class);
        let (evidence, _) = self.evidence.as_ref()?;
        let mut seen = evidence.told(&[edge]);
        let files = seen.remove(&edge).map_or_else(Vec::new, |(_, files)| files);
        let remedy = of_reference(&cx.facts.computed(), edge, class, files)?;
        Some(remedy.nix.into())
    }
}

/// A file in which a reference stands.
fn file_of(evidence: &Evidence, reference: &AccidentalReference) -> String {
    let edge = evidence.of(reference.from, reference.to);
    let hit = edge.and_then(|edge| edge.hits.first());
    hit.map_or_else(String::new, |hit| hit.file.display().to_string())
}

/// The classes, for the engine. The first row of each says how a package gets rid of such references.
#[derive(Debug, Clone, Copy, Default)]
pub struct Classes;

impl List for Classes {
    const SPEC: ViewSpec = ViewSpec {
        id: "accidents",
        title: "Accidents",
        place: "accidents",
        command: "accidents",
        keys: &["A"],
        help: "Read all files and show references that are likely accidents, and how to be rid of them.",
        head: 2,
        opens: true,
        stands_for: Rows::Cuts,
        own: &[Command::CopyLines],
        hints: &[
            Command::Right,
            Command::Cut,
            Command::CutAll,
            Command::CopyLines,
            Command::Evidence,
            Command::WHY,
            Command::Mark,
        ],
    };
    type Found = Arc<Accidents>;
    type Later = Nothing;

    fn find(
        facts: &Facts,
        explore: &Explore,
        progress: &Progress,
    ) -> Result<Self::Found, Cancelled> {
        if let Some(evidence) = &facts.evidence {
            return Ok(Arc::new(Accidents::of(
                facts,
                Arc::clone(evidence),
                progress,
            )?));
        }
        let files = explore.files_to_fetch(&facts.snapshot);
        let places = files.without_archives();
        let (graph, closure) = (facts.graph(), facts.closure());
        let found = match of_closure(&places, graph, closure, progress) {
            Ok(evidence) => Accidents::of(facts, Arc::new(evidence), progress)?,
            Err(EvidenceError::Cancelled(cancelled)) => return Err(cancelled),
            Err(EvidenceError::NoFiles { .. }) if files.archives().is_some() => {
                let cached =
                    "The files are in the cache only; `list --filter accidental` fetches them.";
                Accidents::unread(cached.to_owned())
            }
            Err(error) => Accidents::unread(error.to_string()),
        };
        Ok(Arc::new(found))
    }

    fn folds(found: &Self::Found) -> Folds {
        Folds::of(found.kinds.iter().map(|kind| kind.accidents.len() + 1))
    }

    fn target(groups: Both<'_, Self>, cx: Context<'_>, row: Row) -> Target {
        let Some(kind) = groups.found.kinds.get(row.group()) else {
            return Target::default();
        };
        let all = Target {
            cut: Arc::clone(&kind.cut),
            ..Target::default()
        };
        let accident = match row {
            Row::Group(_) | Row::Item(_, 0) => None,
            Row::Item(_, at) => kind.accidents.get(at - 1),
        };
        match accident {
            None => Target {
                instead: Some(Obstacle::SEVERAL_REFERENCES),
                lines: kind.class.remedy().map(Arc::from),
                ..all
            },
            Some(accident) => Target {
                path: Some(accident.reference.to),
                lines: groups.found.lines(cx, accident),
                ..all.with_reference(Some(accident.edge()))
            },
        }
    }

    fn row_of(found: &Self::Found, id: PathId) -> Option<Row> {
        let mut kinds = found.kinds.iter().enumerate();
        kinds.find_map(|(group, kind)| {
            let mut accidents = kind.accidents.iter();
            let at = accidents.position(|accident| accident.reference.to == id)?;
            Some(Row::Item(group, at + 1))
        })
    }

    fn arrived(_cx: Context<'_>, found: &Self::Found) -> Outcome {
        match &found.evidence {
            Some((evidence, paths)) => Outcome::All(vec![
                Outcome::Evidence(Arc::clone(evidence), paths.clone()),
                Outcome::Reveal,
            ]),
            None => Outcome::Reveal,
        }
    }

    fn begins_at_top(_row: Row, _place: Place) -> bool {
        // It is read from the top, where most is to be had.
        true
    }
}
