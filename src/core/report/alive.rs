//! `why --alive`: which roots keep a path, by what way, and what would have to go for it to leave.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use crate::analysis::Analysed;
use crate::analysis::kept::Because;
use crate::analysis::what_if::Total;
use crate::model::PathId;
use crate::source::roots::store_roots::StoreRoots;
use crate::text;

use super::json::{self, Path, Totals};
use super::paper::{Ink, Paper};

/// Roots that are told for people.
const LISTED: usize = 10;

/// Writes several answers below each other, and how many more there would be.
pub fn text(
    answers: &[AliveReport<'_>],
    more: usize,
    paper: Paper,
    out: &mut dyn Write,
) -> io::Result<()> {
    let count = answers.len() + more;
    if count > 1 {
        writeln!(
            out,
            "{} paths match, largest first\n",
            text::count(count as u64)
        )?;
    }
    for (at, answer) in answers.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        answer.text(paper, out)?;
    }
    match more {
        0 => Ok(()),
        _ => writeln!(out, "\nand {} more", text::count(more as u64)),
    }
}

/// Why one path is alive, or that it is dead.
#[derive(Debug)]
pub struct AliveReport<'a> {
    roots: &'a StoreRoots,
    subject: &'a Analysed,
    target: PathId,
    /// The rows that keep it, those with the shortest way first, and the way.
    holders: Vec<(usize, Vec<PathId>)>,
    /// What would leave with it.
    freed: Total,
    commands: Vec<String>,
}

impl<'a> AliveReport<'a> {
    /// Looks for what keeps a path of the store. `subject` is the closure of the roots.
    pub fn of(roots: &'a StoreRoots, subject: &'a Analysed, target: PathId) -> Self {
        let rows = roots.rows_of(target);
        let mut holders: Vec<(usize, Vec<PathId>)> = rows
            .iter()
            .filter_map(|&row| Some((row, roots.way(row, target)?)))
            .collect();
        holders.sort_by_key(|(row, way)| (way.len(), *row));
        Self {
            freed: roots.freed(&rows).total,
            commands: if rows.is_empty() && roots.caution().is_some() {
                Vec::new()
            } else if rows.is_empty() {
                vec!["nix-collect-garbage".to_owned()]
            } else {
                roots.commands(&rows)
            },
            holders,
            roots,
            subject,
            target,
        }
    }

    /// Whether nothing but the rules of collecting garbage keeps it.
    fn by_rules_only(&self) -> bool {
        !self.holders.is_empty() && !self.roots.closure.contains(self.target)
    }

    /// Writes it for people.
    pub fn text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let label = self.subject.label(self.target);
        let name = paper.paint(Ink::Strong, &label);
        if self.holders.is_empty() {
            let size = paper.size(self.roots.graph.nar_size(self.target));
            if self.roots.caution().is_some() {
                return writeln!(
                    out,
                    "no root that could be read keeps {name} ({size}): it may be alive all the same"
                );
            }
            writeln!(out, "{name} is dead: no root keeps it ({size})")?;
            return writeln!(out, "  nix-collect-garbage deletes it");
        }
        let keeps = match self.holders.len() {
            1 => "1 root keeps it".to_owned(),
            many => format!("{} roots keep it", text::count(many as u64)),
        };
        writeln!(out, "{name} is alive: {keeps}")?;
        if self.by_rules_only() {
            let keep = self.roots.keep;
            let line = format!(
                "no root references it, but garbage collection keeps it (keep-derivations = {}, keep-outputs = {})",
                keep.derivations, keep.outputs
            );
            writeln!(out, "  {}", paper.paint(Ink::Warn, &line))?;
        }
        for (row, way) in self.holders.iter().take(LISTED) {
            let root = self.roots.name(&self.roots.rows[*row]);
            writeln!(out, "  {}", text::sanitise(&root))?;
            writeln!(out, "    {}", paper.paint(Ink::Faint, &self.way(way)))?;
        }
        if let Some(more @ 1..) = self.holders.len().checked_sub(LISTED) {
            writeln!(out, "  and {} more", text::counted(more, "root"))?;
        }
        let all = match self.holders.len() {
            1 => "that root is dropped",
            _ => "all of them are dropped",
        };
        let paths = text::counted(self.freed.paths, "path");
        let size = paper.total(self.freed.nar_size, self.freed.unknown);
        writeln!(out, "\nit leaves when {all}: {paths}, {size} in all")?;
        if let Some(caution) = self.roots.caution() {
            writeln!(out, "  {}", paper.paint(Ink::Warn, caution))?;
        }
        for command in &self.commands {
            writeln!(out, "  {command}")?;
        }
        Ok(())
    }

    /// The names on a way, with the rule where a step is none of references.
    fn way(&self, way: &[PathId]) -> String {
        let mut line = self.subject.label(way[0]);
        for step in way.windows(2) {
            let rule = Because::of(&self.roots.graph, step[0], step[1]).setting();
            line += " → ";
            if let Some(rule) = rule {
                line.extend(["(", rule, ") "]);
            }
            line += &self.subject.label(step[1]);
        }
        line
    }

    /// Writes the JSON document.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let graph = &*self.roots.graph;
        let holders = self.holders.iter().map(|(row, way)| {
            let row = &self.roots.rows[*row];
            let step = |at: usize| ChainStep {
                path: Path(graph, way[at]),
                kept_by: at
                    .checked_sub(1)
                    .and_then(|before| Because::of(graph, way[before], way[at]).setting()),
            };
            Holder {
                name: self.roots.name(row),
                group: row.group.word(),
                links: self
                    .roots
                    .roots_of(row)
                    .map(|root| root.link.to_string_lossy())
                    .collect(),
                chain: (0..way.len()).map(step).collect(),
            }
        });
        let body = Body {
            target: Path(graph, self.target),
            nar_size: graph.nar_size(self.target),
            alive: !self.holders.is_empty(),
            all_roots_read: self.roots.listed.are_all_read(),
            kept_by_rules_only: self.by_rules_only(),
            rules: Rules {
                keep_derivations: self.roots.keep.derivations,
                keep_outputs: self.roots.keep.outputs,
            },
            held_by: holders.collect(),
            freed: Totals::new(self.freed.paths, self.freed.nar_size, self.freed.unknown),
            commands: &self.commands,
        };
        json::write(out, self.subject, "why", body)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    target: Path<'a>,
    nar_size: Option<u64>,
    alive: bool,
    all_roots_read: bool,
    kept_by_rules_only: bool,
    #[serde(flatten)]
    rules: Rules,
    held_by: Vec<Holder<'a>>,
    freed: Totals,
    commands: &'a [String],
}

/// The settings of collecting garbage that keep more than references do.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rules {
    keep_derivations: bool,
    keep_outputs: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Holder<'a> {
    name: String,
    group: &'static str,
    links: Vec<Cow<'a, str>>,
    chain: Vec<ChainStep<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChainStep<'a> {
    path: Path<'a>,
    kept_by: Option<&'static str>,
}
