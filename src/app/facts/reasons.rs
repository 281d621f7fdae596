//! What is at hand of why references are there: from a snapshot, from a scan of all files, from boxes that were opened.

use std::sync::Arc;

use crate::analysis::evidence_class::Class;
use crate::analysis::remedies::Seen;

use super::Facts;
use crate::app::dialogs::evidence::answer::EvidenceAnswer;
use crate::model::Reference;

impl Facts {
    /// What weighs most of the places that make a reference, if that is known without reading files.
    pub fn reason(&self, (from, to): Reference) -> Option<Class> {
        if let Some(&class) = self.seen.get(&(from, to)) {
            return Some(class);
        }
        let scanned = self.evidence.as_ref().and_then(|all| all.of(from, to));
        let carried = || {
            let referrer = self.snapshot.found.referrers.get(&from)?;
            referrer.edges.iter().find(|edge| edge.to == to)
        };
        scanned.or_else(carried)?.counts.strongest()
    }

    /// The same of some references, with the files where all are known: what remedies rest on.
    pub fn told(&self, references: &[Reference]) -> Seen {
        let scanned = self.evidence.as_ref();
        let mut seen = scanned.map_or_else(Seen::new, |all| all.told(references));
        for &reference in references {
            if let Some(class) = self.reason(reference) {
                seen.entry(reference).or_insert((class, Vec::new()));
            }
        }
        seen
    }

    /// Remembers what a box said of a reference: its rows say so from now on.
    pub fn note_reason(&mut self, reference: Reference, answer: &EvidenceAnswer) {
        if let Some(class) = answer.counts.strongest() {
            Arc::make_mut(&mut self.seen).insert(reference, class);
        }
    }
}
