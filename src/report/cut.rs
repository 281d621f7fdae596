//! `cut`: the fewest references to break so that a path leaves the closure.
//!
//! ```text
//! What must go so that perl-5.36.0 leaves? 2 references at least
//!
//!   nearest perl-5.36.0: frees 56.4 MiB in 3 paths, predicted
//!     git-2.39.5 → perl-5.36.0
//!     system-path → perl-5.36.0
//! ```

use std::io::{self, Write};

use serde::Serialize;

use crate::analysis::cut::{cut, package_cut};
use crate::analysis::{Cut, CutError, CutSet, PackageCut};
use crate::model::{PathId, StoreGraph};
use crate::text;

use super::Subject;
use super::json::{self, Edge, Freed, Path, Paths};
use super::paper::{Ink, Paper};

/// The smallest cuts of one target, ready to be printed.
#[derive(Debug)]
pub struct Cuts<'a> {
    subject: &'a Subject,
    target: PathId,
    cut: Cut,
    /// The fewest packages to change; `None` if a root itself references the target, or all others must be kept.
    packages: Option<PackageCut>,
}

impl<'a> Cuts<'a> {
    /// Finds the smallest cuts among the references that are not `kept(from, to)`.
    pub fn of(
        subject: &'a Subject,
        target: PathId,
        kept: &dyn Fn(PathId, PathId) -> bool,
    ) -> Result<Self, CutError> {
        let (graph, closure) = (subject.graph(), subject.closure());
        let progress = subject.progress();
        let cut = cut(graph, closure, target, kept, progress)?;
        // The roots are what was asked for: to change them is no advice.
        let pinned =
            |id| closure.is_root(id) || graph.references(id).iter().any(|&to| kept(id, to));
        let packages = match package_cut(graph, closure, target, &pinned, progress) {
            Ok(packages) => Some(packages),
            Err(CutError::Cancelled(cancelled)) => return Err(cancelled.into()),
            Err(_) => None,
        };
        Ok(Self {
            subject,
            target,
            cut,
            packages,
        })
    }

    /// Writes the cuts for people.
    pub fn text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let target = self.subject.label(self.target);
        let size = text::counted(self.cut.size as usize, "reference");
        let strong = paper.paint(Ink::Strong, &target);
        writeln!(out, "What must go so that {strong} leaves? {size} at least")?;
        if self.cut.near_target.references == self.cut.near_roots.references {
            self.set(paper, out, "the smallest cut", &self.cut.near_target)?;
        } else {
            let nearest = format!("nearest {target}");
            self.set(paper, out, &nearest, &self.cut.near_target)?;
            self.set(paper, out, "nearest the roots", &self.cut.near_roots)?;
        }
        self.packages_text(paper, out)
    }

    fn set(&self, paper: Paper, out: &mut dyn Write, which: &str, set: &CutSet) -> io::Result<()> {
        let freed = &set.freed;
        let paths = text::counted(freed.paths.unsigned_abs() as usize, "path");
        let bytes = paper.size_in_words(freed.nar_size.unsigned_abs());
        let bound = if freed.known { "" } else { "at least " };
        let amount = format!("{bound}{bytes}");
        writeln!(
            out,
            "\n  {} frees {} in {paths}, predicted",
            paper.paint(Ink::Faint, &format!("{which}:")),
            paper.paint(Ink::Good, &amount)
        )?;
        for &(from, to) in &set.references {
            let (from, to) = (self.subject.label(from), self.subject.label(to));
            writeln!(out, "    {from} {} {to}", paper.paint(Ink::Faint, "→"))?;
        }
        Ok(())
    }

    fn packages_text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let Some(packages) = &self.packages else {
            return Ok(());
        };
        let size = text::counted(packages.size as usize, "package");
        paper.heading(out, &format!("or change {size} at least, each once"))?;
        for &id in &packages.near_target {
            writeln!(out, "    {}", self.subject.label(id))?;
        }
        Ok(())
    }

    /// Writes the JSON document.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let graph = self.subject.graph();
        let set = |set| Set::of(graph, set);
        let packages = self.packages.as_ref().map(|packages| Packages {
            size: packages.size,
            near_target: Paths(graph, &packages.near_target),
            near_roots: Paths(graph, &packages.near_roots),
        });
        let body = Body {
            target: Path(graph, self.target),
            cut_size: self.cut.size,
            near_target: set(&self.cut.near_target),
            near_roots: set(&self.cut.near_roots),
            packages,
        };
        json::write(out, self.subject, "cut", body)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    target: Path<'a>,
    cut_size: u32,
    near_target: Set<'a>,
    near_roots: Set<'a>,
    packages: Option<Packages<'a>>,
}

#[derive(Serialize)]
struct Set<'a> {
    references: Vec<Edge<'a>>,
    freed: Freed,
}

impl<'a> Set<'a> {
    fn of(graph: &'a StoreGraph, set: &CutSet) -> Self {
        let edges = set.references.iter();
        Self {
            references: edges.map(|&edge| Edge::new(graph, edge)).collect(),
            freed: Freed::of(&set.freed),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Packages<'a> {
    size: u32,
    near_target: Paths<'a>,
    near_roots: Paths<'a>,
}
