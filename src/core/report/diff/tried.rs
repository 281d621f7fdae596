//! What tells a try from other comparisons: the changes, and how sure what is new is.

use std::collections::HashMap;
use std::io::{self, Write};

use serde::Serialize;

use super::Comparison;
use crate::analysis::Analysed;
use crate::analysis::diff::PackageChange;
use crate::analysis::prediction::Certainty;
use crate::gate::markdown_code as code;
use crate::model::PathId;
use crate::report::json::{self, Totals};
use crate::report::paper::{Ink, Paper};
use crate::text;

/// Paths of unknown size that are named.
const NAMED: usize = 6;

/// What was tried, and how sure what it gives is.
#[derive(Debug, Clone, Copy)]
pub struct Guess<'a> {
    /// The changes in words, in their order.
    pub changes: &'a [String],
    /// The new paths, each with how sure it is; all else is exact.
    pub new: &'a HashMap<PathId, Certainty>,
}

impl Guess<'_> {
    /// How sure a path is.
    pub(super) fn certainty(&self, id: PathId) -> Certainty {
        self.new.get(&id).copied().unwrap_or(Certainty::Exact)
    }

    fn count(&self, certainty: Certainty) -> usize {
        let all = self.new.values();
        all.filter(|&&one| one == certainty).count()
    }

    /// The paths of unknown size, ascending.
    fn unknown(&self) -> Vec<PathId> {
        let new = self.new.iter();
        let unknown = new.filter(|&(_, &sure)| sure == Certainty::Unknown);
        let mut unknown: Vec<PathId> = unknown.map(|(&id, _)| id).collect();
        unknown.sort_unstable();
        unknown
    }

    /// How sure the paths of a package are that came, if one of them is not exact: the least sure counts.
    pub(super) fn of(&self, package: &PackageChange) -> Option<&'static str> {
        let came = || package.came.iter().map(|&id| self.certainty(id));
        if came().any(|sure| sure == Certainty::Unknown) {
            Some(Certainty::Unknown.word())
        } else if came().any(|sure| sure == Certainty::Predicted) {
            Some(Certainty::Predicted.word())
        } else {
            None
        }
    }
}

impl Comparison<'_> {
    /// Writes the changes for people.
    pub(super) fn changes_text(
        guess: Guess<'_>,
        paper: Paper,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        for (at, change) in guess.changes.iter().enumerate() {
            let word = if at == 0 { "With" } else { "and " };
            for (line, change) in change.lines().enumerate() {
                let word = if line == 0 { word } else { "    " };
                let change = text::sanitise(change);
                writeln!(out, "{word} {}", paper.paint(Ink::Strong, &change))?;
            }
        }
        Ok(())
    }

    /// How sure all of it is, in a sentence.
    pub(super) fn sureness(&self, guess: Guess<'_>) -> String {
        let mut facts = vec![format!(
            "{} as they are",
            text::counted(self.diff.after.paths - guess.new.len(), "path")
        )];
        let predicted = guess.count(Certainty::Predicted);
        if predicted > 0 {
            let count = text::count(predicted as u64);
            facts.push(format!("{count} predicted from their counterparts"));
        }
        let unknown = guess.unknown();
        if !unknown.is_empty() {
            let shown = unknown.iter().take(NAMED);
            let mut names: Vec<String> = shown.map(|&id| self.label(id)).collect();
            let more = unknown.len() - names.len();
            if more > 0 {
                names.push(format!("{} more", text::count(more as u64)));
            }
            let count = text::count(unknown.len() as u64);
            facts.push(format!(
                "{count} new and of unknown size: {}",
                names.join(", ")
            ));
        }
        format!("nothing was built: {}", facts.join(", "))
    }

    /// Writes the changes as Markdown.
    pub(super) fn changes_markdown(guess: Guess<'_>, out: &mut dyn Write) -> io::Result<()> {
        for change in guess.changes {
            let lines: Vec<&str> = change.lines().map(str::trim).collect();
            writeln!(out, "- {}", code(&lines.join(" ")))?;
        }
        writeln!(out)
    }
}

/// Writes the document of changes that the module system refuses.
pub fn refused(
    subject: &Analysed,
    changes: &[String],
    assertions: &[String],
    out: &mut dyn Write,
) -> io::Result<()> {
    let body = Body {
        predicted: true,
        changes,
        assertions,
        before: Totals::of(subject.closure()),
        after: None,
        delta: None,
        same: 0,
        packages: [],
    };
    json::write(out, subject, "try", body)
}

#[derive(Serialize)]
struct Body<'a> {
    predicted: bool,
    changes: &'a [String],
    assertions: &'a [String],
    before: Totals,
    after: Option<()>,
    delta: Option<()>,
    same: usize,
    packages: [(); 0],
}

/// What only the document of a try has.
#[derive(Serialize)]
pub(super) struct GuessBody<'a> {
    changes: &'a [String],
    assertions: [(); 0],
    certainty: Counts,
}

/// How many paths after are how sure.
#[derive(Serialize)]
struct Counts {
    exact: usize,
    predicted: usize,
    unknown: usize,
}

impl<'a> GuessBody<'a> {
    /// Of what is tried; `paths` are there after.
    pub(super) fn of(guess: Guess<'a>, paths: usize) -> Self {
        Self {
            changes: guess.changes,
            assertions: [],
            certainty: Counts {
                exact: paths - guess.new.len(),
                predicted: guess.count(Certainty::Predicted),
                unknown: guess.count(Certainty::Unknown),
            },
        }
    }
}
