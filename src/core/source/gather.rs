//! Looks into the files of a closure for all that a snapshot can carry along.

use hashbrown::HashMap;

use super::evidence::findings::{Referrer, SavedFindings};
use super::evidence::{self, Evidence, EvidenceError};
use super::files::places::StoreFiles;
use super::files::survey::Survey;
use crate::job::Progress;
use crate::model::{Closure, StoreGraph, Warning};

/// What was gathered to be written down.
#[derive(Debug, Default)]
pub struct Gathered {
    /// What was found.
    pub found: SavedFindings,
    /// What could not be looked at.
    pub warnings: Vec<Warning>,
}

impl Gathered {
    /// Looks into the files of a closure for what they are and, or, for what makes the references. What was written down
    /// before and is not looked for again stays.
    pub fn of(
        files: &StoreFiles,
        graph: &StoreGraph,
        closure: &Closure,
        (wants_files, wants_evidence): (bool, bool),
        progress: &Progress,
    ) -> Result<Self, EvidenceError> {
        let mut gathered = Self {
            found: files.found().clone(),
            warnings: Vec::new(),
        };
        let mut read = HashMap::new();
        if wants_evidence {
            let counted = if wants_files {
                Survey::only_in_archives(files, graph, closure.members())
            } else {
                Vec::new()
            };
            let mut evidence =
                evidence::of_closure_and_archives(files, graph, closure, counted, progress)?;
            read = std::mem::take(&mut evidence.contents);
            add_evidence(&mut gathered.found, graph, closure, &evidence);
            gathered.warnings = evidence.warnings;
        }
        if wants_files {
            let survey = Survey::of(files, graph, closure.members(), read, progress)?;
            let known = |kind: &str| gathered.warnings.iter().any(|one| one.kind == kind);
            let mut more = survey.warnings.clone();
            more.retain(|warning| !known(&warning.kind));
            gathered.warnings.append(&mut more);
            gathered.found.contents.extend(survey.into_contents());
        }
        Ok(gathered)
    }
}

/// Takes up the evidence for all references of a closure. Paths without references have none that could lack.
pub fn add_evidence(
    found: &mut SavedFindings,
    graph: &StoreGraph,
    closure: &Closure,
    evidence: &Evidence,
) {
    for from in closure.members().iter() {
        let referrer = Referrer {
            complete: evidence.is_complete(from),
            ..Referrer::default()
        };
        if !graph.references(from).is_empty() {
            found.referrers.insert(from, referrer);
        }
    }
    for edge in &evidence.edges {
        if let Some(referrer) = found.referrers.get_mut(&edge.from) {
            referrer.edges.push(edge.clone());
        }
    }
    for ((from, kind), &files) in &evidence.packed_in {
        if let Some(referrer) = found.referrers.get_mut(from) {
            referrer.packed.push((kind.to_string(), files));
        }
    }
}
