//! `roots`: what holds the paths of a store, what each root costs, and what nothing holds.
//!
//! ```text
//! 3 roots hold 1 308 paths, 3.1 GiB
//!
//!      closure       alone  kind     owner      age  link
//!      3.1 GiB     2.2 GiB  system   root    3 days  /run/current-system → nixos-system-23.05
//!
//! two or more hold 906 paths, 0.9 GiB; all hold 12 paths, 40.1 MiB
//! ```
//!
//! Roots that were named instead of found have neither kind nor owner, age or link.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::io::{self, Write};
use std::path::Path as FilePath;

use serde::Serialize;

use crate::analysis::Overlap;
use crate::analysis::kept::{self, Keep};
use crate::analysis::sets::Holding;
use crate::job::Cancelled;
use crate::model::PathId;
use crate::source::roots::gc::GcRoot;
use crate::text;

use super::json::{Path, Paths, Totals};
use super::lines::Lines;
use super::overlap;
use super::paper::{Ink, Paper, pad};
use crate::analysis::Analysed;
use crate::analysis::metric::Metric;

/// Dead paths that are listed for people.
const LISTED: usize = 20;

/// The roots of a store, ready to be printed. The subject's closure is that of all their targets.
#[derive(Debug)]
pub struct RootsReport<'a> {
    subject: &'a Analysed,
    rows: Vec<Row<'a>>,
    overlap: Overlap,
    /// What nothing holds, largest first, and by which rules, if it was asked for.
    dead: Option<(Keep, Vec<PathId>)>,
}

#[derive(Debug)]
struct Row<'a> {
    /// What holds the target; `None` if it was named.
    root: Option<&'a GcRoot>,
    target: PathId,
    closure_size: Option<u64>,
    /// What removing this one link frees.
    retained_size: Option<u64>,
}

impl<'a> RootsReport<'a> {
    /// Measures the roots of a store; with `dead`, also finds what of the graph none of them holds by these rules.
    pub fn of(
        subject: &'a Analysed,
        roots: &'a [GcRoot],
        dead: Option<Keep>,
    ) -> Result<Self, Cancelled> {
        let (graph, closure) = (subject.graph(), subject.closure());
        let known = roots.iter().filter_map(|root| {
            let target = graph.find(&root.target)?;
            closure.contains(target).then_some((Some(root), target))
        });
        let mut report = Self::measured(subject, known.collect())?;
        report.dead = dead.map(|keep| (keep, largest_dead(subject, keep)));
        Ok(report)
    }

    /// Measures the roots of the subject, whatever holds them.
    pub fn of_given(subject: &'a Analysed) -> Result<Self, Cancelled> {
        let given = subject.closure().roots().iter().map(|&root| (None, root));
        Self::measured(subject, given.collect())
    }

    fn measured(
        subject: &'a Analysed,
        roots: Vec<(Option<&'a GcRoot>, PathId)>,
    ) -> Result<Self, Cancelled> {
        let (graph, closure) = (subject.graph(), subject.closure());
        let overlap = Overlap::of(graph, closure, subject.order(), subject.progress())?;
        let holdings: HashMap<PathId, &Holding> = overlap
            .holdings
            .iter()
            .map(|holding| (holding.root, holding))
            .collect();
        let mut links: HashMap<PathId, usize> = HashMap::new();
        for &(_, target) in &roots {
            *links.entry(target).or_default() += 1;
        }
        let row = |(root, target): (Option<&'a GcRoot>, PathId)| {
            let holding = holdings.get(&target);
            Row {
                root,
                target,
                closure_size: holding.and_then(|holding| holding.closure.exact()),
                // Another link to the path holds all of it too; another root what it reaches.
                retained_size: match links[&target] {
                    1 => holding.and_then(|holding| holding.alone.exact()),
                    _ => Some(0),
                },
            }
        };
        let mut rows: Vec<Row<'a>> = roots.into_iter().map(row).collect();
        rows.sort_by_key(|row| (Reverse(row.retained_size), Reverse(row.closure_size)));
        Ok(Self {
            subject,
            rows,
            overlap,
            dead: None,
        })
    }

    /// Writes the roots for people; `now` in seconds since 1970 tells their age.
    pub fn text(&self, paper: Paper, now: i64, out: &mut dyn Write) -> io::Result<()> {
        let closure = self.subject.closure();
        let total = paper.total(closure.known_nar_size(), closure.unknown_sizes());
        let roots = text::counted(self.rows.len(), "root");
        let paths = text::counted(closure.len(), "path");
        let holds = if self.rows.len() == 1 {
            "holds"
        } else {
            "hold"
        };
        writeln!(out, "{roots} {holds} {paths}, {total}")?;
        if !self.rows.is_empty() {
            self.table(paper, now, out)?;
        }
        overlap::text(&self.overlap, self.subject, paper, out)?;
        self.dead_text(paper, out)
    }

    fn table(&self, paper: Paper, now: i64, out: &mut dyn Write) -> io::Result<()> {
        if self.rows.iter().all(|row| row.root.is_none()) {
            return self.plain_table(paper, out);
        }
        let size = paper.size_column(self.subject.closure().known_nar_size());
        let size = size.max("closure".len());
        let cells: Vec<[String; 5]> = self.rows.iter().map(|row| cells(paper, now, row)).collect();
        let wide = |column: usize, heading: &str| {
            let widths = cells.iter().map(|row| text::width(&row[column]));
            widths.max().unwrap_or(0).max(heading.len())
        };
        let (kind, owner, age) = (wide(2, "kind"), wide(3, "owner"), wide(4, "age"));
        let heading = format!(
            "  {:>size$}  {:>size$}  {:<kind$}  {:<owner$}  {:>age$}  link",
            "closure", "alone", "kind", "owner", "age"
        );
        writeln!(out, "\n{}", paper.paint(Ink::Faint, &heading))?;
        let used = 2 * size + kind + owner + age + 12;
        for (row, cell) in self.rows.iter().zip(&cells) {
            let [closure, alone, what, who, old] = cell;
            write!(
                out,
                "  {}{closure}  {}{alone}",
                pad(closure, size),
                pad(alone, size)
            )?;
            write!(out, "  {what}{}  {who}{}", pad(what, kind), pad(who, owner))?;
            let label = self.subject.label(row.target);
            let link = row.root.map(|root| link(&root.link, &label));
            let link = link.unwrap_or(label);
            writeln!(out, "  {}{old}  {}", pad(old, age), paper.fit(&link, used))?;
        }
        Ok(())
    }

    /// Roots that were named.
    fn plain_table(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let size = paper.size_column(self.subject.closure().known_nar_size());
        let size = size.max("closure".len());
        let heading = format!("  {:>size$}  {:>size$}  root", "closure", "alone");
        writeln!(out, "\n{}", paper.paint(Ink::Faint, &heading))?;
        for row in &self.rows {
            for bytes in [row.closure_size, row.retained_size] {
                let cell = paper.size(bytes);
                write!(out, "  {}{cell}", pad(&cell, size))?;
            }
            let label = self.subject.label(row.target);
            writeln!(out, "  {}", paper.fit(&label, 2 * size + 6))?;
        }
        Ok(())
    }

    fn dead_text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let Some((keep, dead)) = &self.dead else {
            return Ok(());
        };
        let known: u64 = self.dead_sizes(dead).flatten().sum();
        let unknown = self.dead_sizes(dead).filter(Option::is_none).count();
        let heading = format!(
            "nothing holds {}, {}",
            text::counted(dead.len(), "path"),
            paper.total(known, unknown)
        );
        paper.heading(out, &heading)?;
        let rules = rules(*keep);
        writeln!(out, "  {}", paper.paint(Ink::Faint, &rules))?;
        let lines = Lines::nar_only(self.subject, paper);
        let shown = &dead[..LISTED.min(dead.len())];
        lines.plain(out, Ink::Plain, shown)?;
        lines.more(out, dead.len() - shown.len())
    }

    fn dead_sizes<'b>(&'b self, dead: &'b [PathId]) -> impl Iterator<Item = Option<u64>> + 'b {
        dead.iter().map(|&id| self.subject.graph().nar_size(id))
    }

    /// Writes the JSON document. Its `roots` are objects, not paths as in other documents.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let graph = self.subject.graph();
        let rows = self.rows.iter().map(|row| RootBody {
            link: row.root.map(|root| root.link.to_string_lossy()),
            target: Path(graph, row.target),
            kind: row.root.map(|root| root.kind.word()),
            owner: row.root.and_then(|root| root.owner.as_deref()),
            created: row.root.and_then(|root| root.created),
            closure_size: row.closure_size,
            retained_size: row.retained_size,
        });
        let keep = self.dead.as_ref().map(|(keep, _)| *keep);
        let dead = self.dead.as_ref().map(|(_, dead)| dead.as_slice());
        let dead_totals = dead.map(|dead| {
            let known = self.dead_sizes(dead).flatten().sum();
            let unknown = self.dead_sizes(dead).filter(Option::is_none).count();
            Totals::new(dead.len(), known, unknown)
        });
        let document = Document {
            format: "nix-heft/roots",
            version: super::json::VERSION,
            store_dir: graph.store_dir().as_str(),
            totals: Totals::of(self.subject.closure()),
            roots: rows.collect(),
            overlap: overlap::Body::of(&self.overlap, self.subject),
            dead_totals,
            keep_derivations: keep.map(|keep| keep.derivations),
            keep_outputs: keep.map(|keep| keep.outputs),
            dead: dead.map(|dead| Paths(graph, dead)),
        };
        serde_json::to_writer(&mut *out, &document)?;
        out.write_all(b"\n")
    }
}

fn largest_dead(subject: &Analysed, keep: Keep) -> Vec<PathId> {
    let graph = subject.graph();
    let mut dead = kept::dead(graph, subject.closure(), keep);
    Metric::Nar.sort_largest_first(subject, &mut dead);
    dead
}

/// The rules by which paths are held, in words.
fn rules(keep: Keep) -> String {
    let derivations = if keep.derivations {
        "what made a held path is held too"
    } else {
        "what made a held path is not held by it"
    };
    let outputs = if keep.outputs {
        "so is what a held derivation makes"
    } else {
        "what a held derivation makes is not"
    };
    format!(
        "{derivations} (keep-derivations = {}), {outputs} (keep-outputs = {})",
        keep.derivations, keep.outputs
    )
}

fn cells(paper: Paper, now: i64, row: &Row) -> [String; 5] {
    let unknown = || "–".to_owned();
    let root = row.root;
    let owner = root.and_then(|root| root.owner.as_deref());
    let made = root.and_then(|root| root.created);
    [
        paper.size(row.closure_size),
        paper.size(row.retained_size),
        root.map_or_else(unknown, |root| root.kind.word().to_owned()),
        owner.map_or_else(unknown, |owner| text::sanitise(owner).into_owned()),
        made.map_or_else(unknown, |made| age(now - made)),
    ]
}

fn link(link: &FilePath, target: &str) -> String {
    format!("{} → {target}", text::sanitise(&link.to_string_lossy()))
}

/// An age in the unit that reads best.
fn age(seconds: i64) -> String {
    let units = [
        (365 * 86_400, "year"),
        (86_400, "day"),
        (3600, "hour"),
        (60, "minute"),
    ];
    let fitting = units.into_iter().find(|&(length, _)| seconds >= length);
    match fitting {
        Some((length, unit)) => text::counted(usize::try_from(seconds / length).unwrap_or(0), unit),
        None => "just now".to_owned(),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    format: &'static str,
    version: u32,
    store_dir: &'a str,
    totals: Totals,
    roots: Vec<RootBody<'a>>,
    #[serde(flatten)]
    overlap: overlap::Body<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dead_totals: Option<Totals>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keep_derivations: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keep_outputs: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dead: Option<Paths<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RootBody<'a> {
    link: Option<Cow<'a, str>>,
    target: Path<'a>,
    kind: Option<&'static str>,
    owner: Option<&'a str>,
    created: Option<i64>,
    closure_size: Option<u64>,
    retained_size: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_the_unit_that_reads_best() {
        let ages = [-5, 59, 60, 7200, 86_400, 400 * 86_400].map(age);
        assert_eq!(
            ages,
            [
                "just now", "just now", "1 minute", "2 hours", "1 day", "1 year"
            ]
        );
    }
}
