//! `roots`: what holds the paths of a store, what each root costs, and what nothing holds.
//!
//! ```text
//! 3 roots hold 1 308 paths, 3.1 GiB
//!
//!      closure       alone  kind     owner      age  link
//!      3.1 GiB     2.2 GiB  system   root    3 days  /run/current-system → nixos-system-23.05
//! ```

use std::cmp::Reverse;
use std::io::{self, Write};
use std::path::Path as FilePath;

use serde::Serialize;

use crate::analysis::few_sizes::closure_sizes_of;
use crate::job::Cancelled;
use crate::model::{PathId, PathSet};
use crate::source::gc_roots::GcRoot;
use crate::text;

use super::Subject;
use super::json::{Path, Paths, Totals};
use super::lines::Lines;
use super::paper::{Ink, Paper, pad};

/// Dead paths that are listed for people.
const LISTED: usize = 20;

/// The roots of a store, ready to be printed. The subject's closure is that of all their targets.
#[derive(Debug)]
pub struct RootsReport<'a> {
    subject: &'a Subject,
    rows: Vec<Row<'a>>,
    /// What nothing holds, largest first, if it was asked for.
    dead: Option<Vec<PathId>>,
}

#[derive(Debug)]
struct Row<'a> {
    root: &'a GcRoot,
    target: PathId,
    closure_size: Option<u64>,
    /// What removing this one link frees.
    retained_size: Option<u64>,
}

impl<'a> RootsReport<'a> {
    /// Measures the roots; with `dead`, also finds what of the graph none of them holds.
    pub fn of(subject: &'a Subject, roots: &'a [GcRoot], dead: bool) -> Result<Self, Cancelled> {
        let (graph, closure) = (subject.graph(), subject.closure());
        let known = roots.iter().filter_map(|root| {
            let target = graph.find(&root.target)?;
            closure.contains(target).then_some((root, target))
        });
        let known: Vec<(&GcRoot, PathId)> = known.collect();
        let targets: Vec<PathId> = known.iter().map(|&(_, target)| target).collect();
        let progress = subject.progress();
        let sizes = closure_sizes_of(graph, closure, subject.order(), &targets, progress)?;
        let dominators = subject.dominators()?;
        let mut rows = Vec::with_capacity(known.len());
        for ((root, target), closure_size) in known.into_iter().zip(sizes) {
            // Another link to the path, or another path that references it, holds it too.
            let links = targets.iter().filter(|&&other| other == target).count();
            let held = links > 1 || subject.referrer_count(target) > 0;
            rows.push(Row {
                root,
                target,
                closure_size,
                retained_size: if held {
                    Some(0)
                } else {
                    dominators.retained_size(target)
                },
            });
        }
        rows.sort_by_key(|row| (Reverse(row.retained_size), Reverse(row.closure_size)));
        Ok(Self {
            subject,
            rows,
            dead: dead.then(|| largest_dead(subject)),
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
        self.dead_text(paper, out)
    }

    fn table(&self, paper: Paper, now: i64, out: &mut dyn Write) -> io::Result<()> {
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
            let link = link(row.root.link.as_path(), &self.subject.label(row.target));
            writeln!(out, "  {}{old}  {}", pad(old, age), paper.fit(&link, used))?;
        }
        Ok(())
    }

    fn dead_text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let Some(dead) = &self.dead else {
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
        let lines = Lines::nar_only(self.subject, paper);
        let shown = &dead[..LISTED.min(dead.len())];
        lines.plain(out, Ink::Plain, shown)?;
        lines.more(out, dead.len() - shown.len())
    }

    fn dead_sizes<'b>(&'b self, dead: &'b [PathId]) -> impl Iterator<Item = Option<u64>> + 'b {
        dead.iter().map(|&id| self.subject.graph().nar_size(id))
    }

    /// Writes the JSON document. Its `roots` are the links themselves, not paths as in other documents.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let graph = self.subject.graph();
        let rows = self.rows.iter().map(|row| RootBody {
            link: row.root.link.to_string_lossy().into_owned(),
            target: Path(graph, row.target),
            kind: row.root.kind.word(),
            owner: row.root.owner.as_deref(),
            created: row.root.created,
            closure_size: row.closure_size,
            retained_size: row.retained_size,
        });
        let dead = self.dead.as_deref();
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
            dead_totals,
            dead: dead.map(|dead| Paths(graph, dead)),
        };
        serde_json::to_writer(&mut *out, &document)?;
        out.write_all(b"\n")
    }
}

fn largest_dead(subject: &Subject) -> Vec<PathId> {
    let graph = subject.graph();
    let everything = PathSet::of(graph.len(), graph.ids());
    let mut dead: Vec<PathId> = everything
        .minus(subject.closure().members())
        .iter()
        .collect();
    dead.retain(|&id| !graph.is_missing(id));
    dead.sort_by_key(|&id| Reverse(graph.nar_size(id)));
    dead
}

fn cells(paper: Paper, now: i64, row: &Row) -> [String; 5] {
    let owner = row.root.owner.as_deref().unwrap_or("–");
    let age = row
        .root
        .created
        .map_or_else(|| "–".to_owned(), |made| age(now - made));
    [
        paper.size(row.closure_size),
        paper.size(row.retained_size),
        row.root.kind.word().to_owned(),
        text::sanitise(owner).into_owned(),
        age,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    dead_totals: Option<Totals>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dead: Option<Paths<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RootBody<'a> {
    link: String,
    target: Path<'a>,
    kind: &'static str,
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
