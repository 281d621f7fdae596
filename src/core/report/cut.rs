//! `cut`: the references to cut so that a path leaves the closure, and what else leaves with it.
//!
//! ```text
//! What must go so that perl-5.38.2 leaves? 4 references, and nothing leaves but what it holds
//!
//!   the best cut, and the smallest: 4 references free 55.8 MiB in 2 paths and take nothing along, predicted
//!     git-2.42.0 → perl-5.38.2
//!     system-path → perl-5.38.2
//!     activate → perl-5.38.2
//!     nixos-system-worker-23.11 → perl-5.38.2
//! ```

use std::io::{self, Write};

use serde::Serialize;

use crate::analysis::cut::{BestCut, Cutter, cut, package_cut};
use crate::analysis::{Cut, CutError, CutSet, PackageCut};
use crate::model::{PathId, StoreGraph};
use crate::text;

use super::json::{self, Edge, Freed, Path, Paths};
use super::paper::{Ink, Paper, pad};
use crate::analysis::Analysed;

/// References of an answer that are named for people; documents name all.
const NAMED: usize = 40;

/// The cuts of one target, ready to be printed.
#[derive(Debug)]
pub struct Cuts<'a> {
    subject: &'a Analysed,
    target: PathId,
    cut: Cut,
    best: BestCut,
    /// Whether the smallest cut names references to generated joints.
    names_joints: bool,
    /// The fewest packages to change; `None` if a root itself references the target, or all others must be kept.
    packages: Option<PackageCut>,
}

impl<'a> Cuts<'a> {
    /// Finds the cuts among the references that are not `kept(from, to)`.
    pub fn of(
        subject: &'a Analysed,
        target: PathId,
        kept: &dyn Fn(PathId, PathId) -> bool,
    ) -> Result<Self, CutError> {
        let (graph, closure) = (subject.graph(), subject.closure());
        let progress = subject.progress();
        let cut = cut(graph, closure, target, kept, progress)?;
        let cutter = Cutter::new(graph, closure, subject.dominators()?);
        let best = cutter.best(target, kept, progress)?;
        let mut fewest = cut.near_target.references.iter();
        let names_joints = fewest.any(|&(from, to)| cutter.withholds(target, from, to));
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
            best,
            names_joints,
            packages,
        })
    }

    /// Writes the cuts for people.
    pub fn text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let target = self.subject.label(self.target);
        let best = &self.best.best;
        let size = text::counted(best.references.len(), "reference");
        let strong = paper.paint(Ink::Strong, &target);
        let take = if best.references.len() == 1 {
            "takes"
        } else {
            "take"
        };
        let along = if best.collateral.paths == 0 {
            "and nothing leaves but what it holds".to_owned()
        } else {
            format!("which {take} {} along", along(paper, best))
        };
        writeln!(out, "What must go so that {strong} leaves? {size}, {along}")?;
        let near = (&self.cut.near_target, &self.cut.near_roots);
        let which = if near.0.references == best.references {
            "the best cut, and the smallest"
        } else {
            "the best cut"
        };
        front(paper, out, &self.best)?;
        self.set(paper, out, which, best)?;
        if near.0.references != best.references {
            let joints = if self.names_joints {
                ", through paths that assemble the system"
            } else {
                ""
            };
            let which = format!("the smallest cut nearest {target}{joints}");
            self.set(paper, out, &which, near.0)?;
        }
        if near.0.references != near.1.references {
            self.set(paper, out, "the smallest cut nearest the roots", near.1)?;
        }
        match &self.best.direct {
            Some(direct) if direct.references != best.references => {
                self.set(paper, out, "all direct references", direct)?;
            }
            _ => {}
        }
        self.packages_text(paper, out)
    }

    fn set(&self, paper: Paper, out: &mut dyn Write, which: &str, set: &CutSet) -> io::Result<()> {
        let freed = &set.freed;
        let paths = text::counted(freed.paths.unsigned_abs() as usize, "path");
        let bytes = paper.size_in_words(freed.nar_size.unsigned_abs());
        let bound = if freed.known { "" } else { "at least " };
        let amount = format!("{bound}{bytes}");
        let count = set.references.len();
        let (free, take) = if count == 1 {
            ("frees", "takes")
        } else {
            ("free", "take")
        };
        writeln!(
            out,
            "\n  {} {} {free} {} in {paths} and {take} {} along, predicted",
            paper.paint(Ink::Faint, &format!("{which}:")),
            text::counted(count, "reference"),
            paper.paint(Ink::Good, &amount),
            along(paper, set)
        )?;
        for &(from, to) in set.references.iter().take(NAMED) {
            let (from, to) = (self.subject.label(from), self.subject.label(to));
            writeln!(out, "    {from} {} {to}", paper.paint(Ink::Faint, "→"))?;
        }
        match count.saturating_sub(NAMED) {
            0 => Ok(()),
            more => writeln!(out, "    and {} more", text::count(more as u64)),
        }
    }

    fn packages_text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let Some(packages) = &self.packages else {
            return Ok(());
        };
        let size = text::counted(packages.size as usize, "package");
        paper.heading(out, &format!("or change at least {size}, each once"))?;
        for &id in &packages.near_target {
            writeln!(out, "    {}", self.subject.label(id))?;
        }
        Ok(())
    }

    /// Writes the JSON document.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let graph = self.subject.graph();
        let set = |set| CutAnswer::of(graph, set);
        let packages = self.packages.as_ref().map(|packages| Packages {
            size: packages.size,
            near_target: Paths(graph, &packages.near_target),
            near_roots: Paths(graph, &packages.near_roots),
        });
        let body = Body {
            target: Path(graph, self.target),
            cut_size: self.cut.size,
            best: set(&self.best.best),
            near_target: set(&self.cut.near_target),
            near_roots: set(&self.cut.near_roots),
            direct: self.best.direct.as_ref().map(set),
            front: self.best.front.iter().map(set).collect(),
            packages,
        };
        json::write(out, self.subject, "cut", body)
    }
}

/// What leaves by a cut besides what the target holds, in words.
fn along(paper: Paper, set: &CutSet) -> String {
    let collateral = &set.collateral;
    if collateral.paths == 0 {
        return "nothing".to_owned();
    }
    let bound = if collateral.known { "" } else { "at least " };
    let bytes = paper.size_in_words(collateral.nar_size.unsigned_abs());
    let paths = text::counted(collateral.paths.unsigned_abs() as usize, "path");
    format!("{bound}{bytes} in {paths}")
}

/// Writes the answers between which a person can choose, if there are several.
pub(super) fn front(paper: Paper, out: &mut dyn Write, cut: &BestCut) -> io::Result<()> {
    if cut.front.len() < 2 {
        return Ok(());
    }
    let heading = format!("  {}  {}", REFERENCES, "taken along");
    writeln!(out, "\n{}", paper.paint(Ink::Faint, &heading))?;
    for set in &cut.front {
        let count = text::count(set.references.len() as u64);
        let which = if *set == cut.best { "  (best)" } else { "" };
        writeln!(
            out,
            "  {}{count}  {}{}",
            pad(&count, REFERENCES.len()),
            along(paper, set),
            paper.paint(Ink::Faint, which)
        )?;
    }
    Ok(())
}

const REFERENCES: &str = "references";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    target: Path<'a>,
    cut_size: u32,
    best: CutAnswer<'a>,
    near_target: CutAnswer<'a>,
    near_roots: CutAnswer<'a>,
    direct: Option<CutAnswer<'a>>,
    front: Vec<CutAnswer<'a>>,
    packages: Option<Packages<'a>>,
}

/// One answer: references to break, with what that does.
#[derive(Serialize)]
pub(super) struct CutAnswer<'a> {
    references: Vec<Edge<'a>>,
    freed: Freed,
    collateral: Freed,
}

impl<'a> CutAnswer<'a> {
    pub(super) fn of(graph: &'a StoreGraph, set: &CutSet) -> Self {
        let edges = set.references.iter();
        Self {
            references: edges.map(|&edge| Edge::new(graph, edge)).collect(),
            freed: Freed::of(&set.freed),
            collateral: Freed::of(&set.collateral),
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
