//! `try`: what a change of the configuration would give, before anything is built.
//!
//! ```text
//! With services.web.enable = false;
//!   341.0 KiB in 17 paths → 250.1 KiB in 14 paths predicted, −90.9 KiB
//!   nothing was built: 11 paths stay as they are, 3 are predicted from their counterparts
//!
//!   leaves (4)
//!     40.0 KiB  libc-2.40
//! ```

use std::io::{self, Write};
use std::sync::Arc;

use serde::Serialize;

use crate::analysis::diff::{Diff, PackageChange};
use crate::analysis::metric::Metric;
use crate::analysis::prediction::{Certainty, Prediction};
use crate::analysis::{Analysed, Total};
use crate::job::{Cancelled, Progress};
use crate::model::{Closure, PathId};
use crate::text;

use super::json::{self, DeltaBody, Path, Totals};
use super::lines::Lines;
use super::paper::{Ink, Paper};

/// Paths of a list that are shown to people.
const LISTED: usize = 20;

/// What some changes would give, ready to be printed.
#[derive(Debug)]
pub struct Attempted {
    changes: Vec<String>,
    prediction: Prediction,
    diff: Diff,
    before: Analysed,
    after: Analysed,
}

impl Attempted {
    /// Compares what is predicted with what is.
    pub fn of(
        changes: Vec<String>,
        prediction: Prediction,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let diff = Diff::of(
            &prediction.graph,
            &prediction.before,
            &prediction.after,
            progress,
        )?;
        let graph = Arc::new(prediction.graph.clone());
        let of = |closure: &Closure| {
            let analysed = Analysed::new(Arc::clone(&graph), Arc::new(closure.clone()));
            analysed.dominators()?;
            Ok(analysed)
        };
        Ok(Self {
            before: of(&prediction.before)?,
            after: of(&prediction.after)?,
            changes,
            prediction,
            diff,
        })
    }

    /// Paths that left or came and have no counterpart, the largest first.
    fn alone(&self, subject: &Analysed, set: &crate::model::PathSet) -> Vec<PathId> {
        let mut paths: Vec<PathId> = set
            .iter()
            .filter(|&id| self.diff.counterparts.get(id).is_none())
            .collect();
        Metric::Nar.sort_largest_first(subject, &mut paths);
        paths
    }

    fn certainty(&self, id: PathId) -> Certainty {
        self.prediction
            .new
            .get(&id)
            .copied()
            .unwrap_or(Certainty::Exact)
    }

    fn count(&self, certainty: Certainty) -> usize {
        let all = self.prediction.new.values();
        all.filter(|&&one| one == certainty).count()
    }

    /// Writes the answer for people.
    pub fn text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        for (at, change) in self.changes.iter().enumerate() {
            let word = if at == 0 { "With" } else { "and " };
            for (line, text) in change.lines().enumerate() {
                let word = if line == 0 { word } else { "    " };
                let text = text::sanitise(text);
                writeln!(out, "{word} {}", paper.paint(Ink::Strong, &text))?;
            }
        }
        let total = |total: &Total| {
            let size = paper.total(total.nar_size, total.unknown);
            format!("{size} in {}", text::counted(total.paths, "path"))
        };
        let delta = self.diff.delta();
        let least = if delta.unknown == 0 {
            ""
        } else {
            " as far as known"
        };
        let ink = if delta.nar_size <= 0 {
            Ink::Good
        } else {
            Ink::Warn
        };
        writeln!(
            out,
            "  {} → {} predicted, {}{least}",
            total(&self.diff.before),
            total(&self.diff.after),
            paper.paint(ink, &paper.signed(delta.nar_size))
        )?;
        let (predicted, unknown) = (
            self.count(Certainty::Predicted),
            self.count(Certainty::Unknown),
        );
        let mut facts = vec![format!(
            "{} stay as they are",
            text::counted(self.diff.same, "path")
        )];
        if predicted > 0 {
            facts.push(format!(
                "{} predicted from counterparts",
                text::counted(predicted, "path")
            ));
        }
        if unknown > 0 {
            facts.push(format!(
                "{} new and of unknown size",
                text::counted(unknown, "path")
            ));
        }
        writeln!(out, "  nothing was built: {}", facts.join(", "))?;
        if self.diff.is_empty() {
            return writeln!(out, "  nothing changes");
        }
        self.list((&self.before, &self.diff.left), "leaves", paper, out)?;
        self.list((&self.after, &self.diff.came), "comes", paper, out)?;
        let remade = self
            .diff
            .came
            .iter()
            .filter(|&id| self.diff.counterparts.get(id).is_some());
        let remade: Vec<PathId> = remade.collect();
        if !remade.is_empty() {
            paper.heading(
                out,
                &format!(
                    "comes in place of another build ({})",
                    text::count(remade.len() as u64)
                ),
            )?;
            Lines::new(&self.after, paper).largest(out, &remade, LISTED)?;
        }
        Ok(())
    }

    fn list(
        &self,
        (subject, set): (&Analysed, &crate::model::PathSet),
        what: &str,
        paper: Paper,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let paths = self.alone(subject, set);
        if paths.is_empty() {
            return Ok(());
        }
        paper.heading(
            out,
            &format!("{what} ({})", text::count(paths.len() as u64)),
        )?;
        let lines = Lines::new(subject, paper);
        let shown = &paths[..paths.len().min(LISTED)];
        lines.plain(out, Ink::Plain, shown)?;
        lines.more(out, paths.len() - shown.len())
    }

    /// Writes the JSON document.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let totals = |total: &Total| Totals::new(total.paths, total.nar_size, total.unknown);
        let packages = self.diff.packages.iter();
        let body = Body {
            predicted: true,
            changes: &self.changes,
            assertions: &[],
            before: Some(totals(&self.diff.before)),
            after: Some(totals(&self.diff.after)),
            delta: Some(DeltaBody::of(&self.diff.delta())),
            same: self.diff.same,
            packages: packages.map(|package| self.package(package)).collect(),
        };
        json::write(out, &self.before, "try", body)
    }

    fn package<'a>(&'a self, package: &'a PackageChange) -> PackageBody<'a> {
        let graph = &self.prediction.graph;
        let name = package.name(graph);
        let paths = |ids: &'a [PathId]| -> Vec<PathBody<'a>> {
            let path = |&id: &PathId| {
                let version = graph.package(id).version;
                PathBody {
                    path: Path(graph, id),
                    version: (!version.is_empty()).then_some(version),
                    nar_size: graph.nar_size(id),
                    certainty: match self.certainty(id) {
                        Certainty::Exact => "exact",
                        Certainty::Predicted => "predicted",
                        Certainty::Unknown => "unknown",
                    },
                }
            };
            ids.iter().map(path).collect()
        };
        PackageBody {
            pname: name.pname,
            output: name.output,
            change: package.change.word(),
            before: paths(&package.before),
            after: paths(&package.after),
            delta: package.delta.exact(),
        }
    }
}

/// Writes the document of a change that the module system refuses.
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
        before: Some(Totals::of(subject.closure())),
        after: None,
        delta: None,
        same: 0,
        packages: Vec::new(),
    };
    json::write(out, subject, "try", body)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    predicted: bool,
    changes: &'a [String],
    assertions: &'a [String],
    before: Option<Totals>,
    after: Option<Totals>,
    delta: Option<DeltaBody>,
    same: usize,
    packages: Vec<PackageBody<'a>>,
}

#[derive(Serialize)]
struct PackageBody<'a> {
    pname: &'a str,
    output: Option<&'a str>,
    change: &'static str,
    before: Vec<PathBody<'a>>,
    after: Vec<PathBody<'a>>,
    delta: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PathBody<'a> {
    path: Path<'a>,
    version: Option<&'a str>,
    nar_size: Option<u64>,
    certainty: &'static str,
}
