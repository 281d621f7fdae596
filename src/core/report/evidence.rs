//! File evidence below an explanation (`why --precise`): for each reference the files that hold it.
//!
//! ```text
//!   what holds each reference
//!     nixos-system-worker-24.05 → perl-5.38.2-env (3 places)
//!       bin/switch-to-configuration:1  interpreter of a script  #! /nix/store/…-perl-5.38.2-env/bin/perl
//! ```

use std::io::{self, Write};

use std::collections::BTreeMap;

use serde::Serialize;

use crate::analysis::evidence_class::Class;
use crate::model::{PathId, StoreGraph};
use crate::source::evidence::{EdgeEvidence, Evidence, Hit, HitKind};
use crate::text;

use super::json::Path;
use super::paper::{Ink, Paper};
use crate::analysis::Analysed;

/// A reference: referrer and target.
pub type Edge = (PathId, PathId);

/// Places that are shown for one reference, and of one class of them.
const PLACES: usize = 8;
const SAME_CLASS: usize = 3;

/// Writes what holds some references, for people.
pub fn text(
    subject: &Analysed,
    evidence: &Evidence,
    edges: &[Edge],
    paper: Paper,
    out: &mut dyn Write,
) -> io::Result<()> {
    paper.heading(out, "what holds each reference")?;
    for &(from, to) in edges {
        let found = evidence.of(from, to);
        let places = match found.map_or(0, |edge| edge.counts.total()) {
            0 => "not found".to_owned(),
            1 => "1 place".to_owned(),
            count => format!("{} places", text::count(count)),
        };
        let (left, right) = (subject.label(from), subject.label(to));
        let note = format!(" ({places}{})", remark(evidence, found, from));
        write!(out, "    {left} → {}", paper.paint(Ink::Strong, &right))?;
        writeln!(out, "{}", paper.paint(Ink::Faint, &note))?;
        if let Some(edge) = found {
            hits(edge, paper, out)?;
        }
    }
    packed(evidence, paper, out)
}

/// What more there is to say about a reference.
fn remark(evidence: &Evidence, found: Option<&EdgeEvidence>, from: PathId) -> &'static str {
    match found {
        Some(edge) if edge.counts.are_accidental() && evidence.is_complete(from) => {
            ", likely an accident"
        }
        None if !evidence.is_complete(from) => ", but not all files could be read",
        _ => "",
    }
}

fn hits(edge: &EdgeEvidence, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
    let mut shown = 0;
    for same in edge.hits.chunk_by(|a, b| a.class == b.class) {
        for hit in same.iter().take(SAME_CLASS) {
            if shown == PLACES {
                break;
            }
            shown += 1;
            place(hit, paper, out)?;
        }
    }
    match edge.counts.total().saturating_sub(shown as u64) {
        0 => Ok(()),
        more => {
            let line = format!("      and {} more", text::count(more));
            writeln!(out, "{}", paper.paint(Ink::Faint, &line))
        }
    }
}

fn place(hit: &Hit, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
    let file = hit.file.to_string_lossy();
    let mut file = text::sanitise(&file).into_owned();
    if file.is_empty() {
        file.push_str("(the path itself)");
    }
    if let Some(line) = hit.line {
        file = format!("{file}:{line}");
    }
    let class = hit.class.to_string();
    write!(out, "      {file}  {}", paper.paint(Ink::Faint, &class))?;
    // A name is in its own path already.
    if hit.kind == HitKind::Name {
        return writeln!(out);
    }
    let context = text::sanitise(&hit.context);
    let used = 6 + text::width(&file) + 2 + text::width(&class) + 2;
    writeln!(out, "  {}", paper.fit(&context, used))
}

fn packed(evidence: &Evidence, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
    if evidence.packed.is_empty() {
        return Ok(());
    }
    let kinds = evidence.packed.iter().map(|kind| {
        let files = text::counted(kind.count, "file");
        format!("{files} packed with {}", kind.kind)
    });
    let kinds: Vec<String> = kinds.collect();
    let line = format!("not looked into: {}", kinds.join(", "));
    writeln!(out, "\n    {}", paper.paint(Ink::Faint, &line))
}

/// One occurrence as JSON.
#[derive(Debug, Serialize)]
pub struct EvidenceRow<'a> {
    from: Path<'a>,
    to: Path<'a>,
    file: String,
    kind: &'static str,
    class: &'static str,
    offset: u64,
    line: Option<u64>,
    context: &'a str,
}

impl<'a> EvidenceRow<'a> {
    /// Every occurrence that was kept of one reference.
    pub fn of(graph: &'a StoreGraph, edge: &'a EdgeEvidence) -> impl Iterator<Item = Self> {
        edge.hits.iter().map(move |hit| Self {
            from: Path(graph, edge.from),
            to: Path(graph, edge.to),
            file: hit.file.to_string_lossy().into_owned(),
            kind: hit.kind.key(),
            class: hit.class.key(),
            offset: hit.offset,
            line: hit.line,
            context: &hit.context,
        })
    }
}

/// How much holds one reference, as JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Count<'a> {
    from: Path<'a>,
    to: Path<'a>,
    /// All occurrences.
    total: u64,
    /// Those that are written out.
    listed: usize,
    classes: BTreeMap<&'static str, u64>,
    /// Whether all files of the referrer could be read.
    complete: bool,
}

/// How much holds each of some references, for programs.
pub fn totals<'a>(
    graph: &'a StoreGraph,
    evidence: &'a Evidence,
    edges: &'a [Edge],
) -> impl Iterator<Item = Count<'a>> {
    edges.iter().map(move |&(from, to)| {
        let found = evidence.of(from, to);
        let counts = found.map(|edge| edge.counts).unwrap_or_default();
        let classes = Class::ALL.into_iter();
        let classes = classes.map(|class| (class.key(), counts.get(class)));
        Count {
            from: Path(graph, from),
            to: Path(graph, to),
            total: counts.total(),
            listed: found.map_or(0, |edge| edge.hits.len()),
            classes: classes.filter(|&(_, count)| count > 0).collect(),
            complete: evidence.is_complete(from),
        }
    })
}

/// What holds some references, for programs: every occurrence that was kept.
pub fn rows<'a>(
    graph: &'a StoreGraph,
    evidence: &'a Evidence,
    edges: &'a [Edge],
) -> impl Iterator<Item = EvidenceRow<'a>> {
    let found = edges.iter().filter_map(|&(from, to)| evidence.of(from, to));
    found.flat_map(move |edge| EvidenceRow::of(graph, edge))
}
