//! What somebody found in the files of a closure and wrote down, so that it is known without the files.

use hashbrown::HashMap;

use crate::job::Progress;
use crate::model::{Closure, PathId, StoreGraph, Warning};

use crate::source::evidence::{self, EdgeEvidence, Evidence, EvidenceError};
use crate::source::files::contents::Contents;
use crate::source::files::places::StoreFiles;
use crate::source::files::survey::Survey;

/// What was found in the files of one referrer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Referrer {
    /// Could all of its files be read?
    pub complete: bool,
    /// What was found for its references, by target.
    pub edges: Vec<EdgeEvidence>,
    /// Its packed files by the way of packing: nobody saw hash parts in them.
    pub packed: Vec<(String, u64)>,
}

/// What was found in the files of some paths.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// What the files are.
    pub contents: HashMap<PathId, Contents>,
    /// What makes the references.
    pub referrers: HashMap<PathId, Referrer>,
}

impl Found {
    /// Was nothing written down?
    pub fn is_empty(&self) -> bool {
        self.contents.is_empty() && self.referrers.is_empty()
    }

    /// Takes up the evidence for all references of a closure. Paths without references have none that could lack.
    pub fn add_evidence(&mut self, graph: &StoreGraph, closure: &Closure, evidence: &Evidence) {
        for from in closure.members().iter() {
            let referrer = Referrer {
                complete: evidence.is_complete(from),
                ..Referrer::default()
            };
            if !graph.references(from).is_empty() {
                self.referrers.insert(from, referrer);
            }
        }
        for edge in &evidence.edges {
            if let Some(referrer) = self.referrers.get_mut(&edge.from) {
                referrer.edges.push(edge.clone());
            }
        }
        for ((from, kind), &files) in &evidence.packed_in {
            if let Some(referrer) = self.referrers.get_mut(from) {
                referrer.packed.push((kind.to_string(), files));
            }
        }
    }

    /// The same for the paths as another graph knows them; those it lacks are left out.
    #[must_use]
    pub fn rebased(self, from: &StoreGraph, to: &StoreGraph) -> Self {
        let known = |id| to.find(from.base_name(id));
        let contents = self.contents.into_iter();
        let contents = contents.filter_map(|(id, contents)| Some((known(id)?, contents)));
        let referrers = self.referrers.into_iter();
        Self {
            contents: contents.collect(),
            referrers: referrers
                .filter_map(|(id, referrer)| Some((known(id)?, referrer.rebased(known))))
                .collect(),
        }
    }
}

impl Referrer {
    pub(crate) fn rebased(self, known: impl Fn(PathId) -> Option<PathId>) -> Self {
        let edges = self.edges.into_iter().filter_map(|edge| {
            Some(EdgeEvidence {
                from: known(edge.from)?,
                to: known(edge.to)?,
                ..edge
            })
        });
        Self {
            edges: edges.collect(),
            ..self
        }
    }
}

/// What was gathered to be written down.
#[derive(Debug, Default)]
pub struct Gathered {
    /// What was found.
    pub found: Found,
    /// What could not be looked at.
    pub warnings: Vec<Warning>,
}

impl Gathered {
    /// Looks into the files of a closure for what they are and, or, for what makes the references. What was written down
    /// before and is not looked for anew stays.
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
            gathered.found.add_evidence(graph, closure, &evidence);
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
