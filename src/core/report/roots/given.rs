//! Roots that were named instead of found, side by side. They have neither kind nor owner, age or link.

use std::cmp::Reverse;
use std::io::{self, Write};

use serde::Serialize;

use crate::analysis::{Analysed, Overlap};
use crate::job::Cancelled;
use crate::model::PathId;
use crate::text;

use crate::report::json::{Path, Totals, VERSION};
use crate::report::overlap;
use crate::report::paper::{Ink, Paper, pad};

/// The roots of a closure, ready to be printed.
#[derive(Debug)]
pub struct GivenRoots<'a> {
    subject: &'a Analysed,
    rows: Vec<GivenRootRow>,
    overlap: Overlap,
}

#[derive(Debug)]
struct GivenRootRow {
    target: PathId,
    closure_size: Option<u64>,
    /// What leaving this one out frees.
    retained_size: Option<u64>,
}

impl<'a> GivenRoots<'a> {
    /// Measures the roots of the subject, whatever keeps them.
    pub fn of(subject: &'a Analysed) -> Result<Self, Cancelled> {
        let (graph, closure) = (subject.graph(), subject.closure());
        let overlap = Overlap::of(graph, closure, subject.order(), subject.progress())?;
        // Each root is named once, so what it alone reaches leaves with it.
        let rows = overlap.holdings.iter().map(|holding| GivenRootRow {
            target: holding.root,
            closure_size: holding.closure.exact(),
            retained_size: holding.alone.exact(),
        });
        let mut rows: Vec<GivenRootRow> = rows.collect();
        rows.sort_by_key(|row| (Reverse(row.retained_size), Reverse(row.closure_size)));
        Ok(Self {
            subject,
            rows,
            overlap,
        })
    }

    /// Writes the roots for people.
    pub fn text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let closure = self.subject.closure();
        let total = paper.total(closure.known_nar_size(), closure.unknown_sizes());
        let roots = text::counted(self.rows.len(), "root");
        let paths = text::counted(closure.len(), "path");
        let reach = if self.rows.len() == 1 {
            "reaches"
        } else {
            "reach"
        };
        writeln!(out, "{roots} {reach} {paths}, {total}")?;
        let size = paper.size_column(closure.known_nar_size());
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
        overlap::text(&self.overlap, self.subject, paper, out)
    }

    /// Writes the JSON document. Its `roots` are objects, not paths as in other documents.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let graph = self.subject.graph();
        let rows = self.rows.iter().map(|row| RootBody {
            link: None,
            target: Path(graph, row.target),
            kind: None,
            owner: None,
            created: None,
            closure_size: row.closure_size,
            retained_size: row.retained_size,
        });
        let document = GivenRootsDocument {
            format: "nix-heft/roots",
            version: VERSION,
            store_dir: graph.store_dir().as_str(),
            totals: Totals::of(self.subject.closure()),
            roots: rows.collect(),
            overlap: overlap::Body::of(&self.overlap, self.subject),
        };
        serde_json::to_writer(&mut *out, &document)?;
        out.write_all(b"\n")
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GivenRootsDocument<'a> {
    format: &'static str,
    version: u32,
    store_dir: &'a str,
    totals: Totals,
    roots: Vec<RootBody<'a>>,
    #[serde(flatten)]
    overlap: overlap::Body<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RootBody<'a> {
    link: Option<&'a str>,
    target: Path<'a>,
    kind: Option<&'a str>,
    owner: Option<&'a str>,
    created: Option<i64>,
    closure_size: Option<u64>,
    retained_size: Option<u64>,
}
