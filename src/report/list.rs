//! `list`: every path of the closure with its sizes.
//!
//! ```text
//! 1 308 paths, 3.1 GiB
//!
//!        nar     closure    retained  held by  name
//!  319.8 MiB   537.3 MiB   458.6 MiB        2  libgl1-mesa-dri-22.3.6
//! ```

mod records;
mod sort;

use std::io::{self, Write};

use serde::Serialize;

use crate::analysis::{Dominators, few_sizes::closure_sizes_of};
use crate::job::Cancelled;
use crate::model::PathId;
use crate::text;

use self::records::Records;
pub use self::sort::{Selection, SortKey};
use self::sort::{Sorted, sorted};
use super::Subject;
use super::csv::told;
use super::json::{self, Paths};
use super::paper::{Ink, Paper, digits, pad};

/// A sorted list, ready to be printed.
#[derive(Debug)]
pub struct List<'a> {
    subject: &'a Subject,
    dominators: &'a Dominators,
    chosen: Chosen,
}

/// Which paths a list shows, in which order.
#[derive(Debug)]
pub struct Chosen {
    sort: SortKey,
    rows: Vec<Row>,
    matching: usize,
    filtered: bool,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    id: PathId,
    closure_size: Option<u64>,
    /// What the list is sorted by.
    value: Option<u64>,
}

/// Below this many rows closure sizes are computed for them alone.
const FEW: usize = 1024;

impl Chosen {
    /// Selects and sorts, which may take long for what has to be computed for each path: see [`Subject::progress`].
    pub fn of(subject: &Subject, selection: &Selection) -> Result<Self, Cancelled> {
        let members = subject.closure().members().iter();
        let ids: Vec<PathId> = match selection.only {
            Some(only) => members.filter(|&id| only.contains(id)).collect(),
            None => members.collect(),
        };
        let matching = ids.len();
        let ids = sorted(subject, selection, ids)?;
        Ok(Self {
            sort: selection.sort,
            rows: with_closure_sizes(subject, &ids)?,
            matching,
            filtered: selection.only.is_some(),
        })
    }
}

impl<'a> List<'a> {
    /// The list of rows that were selected from the same subject.
    pub fn new(subject: &'a Subject, chosen: Chosen) -> Result<Self, Cancelled> {
        let dominators = subject.dominators()?;
        Ok(Self {
            subject,
            dominators,
            chosen,
        })
    }

    /// Selects and sorts.
    pub fn of(subject: &'a Subject, selection: &Selection) -> Result<Self, Cancelled> {
        Self::new(subject, Chosen::of(subject, selection)?)
    }

    /// Writes a table for people.
    pub fn text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        self.summary(paper, out)?;
        if self.chosen.rows.is_empty() {
            return Ok(());
        }
        let columns = self.columns(paper);
        let mut heading = String::new();
        for column in &columns {
            heading += &pad(column.heading, column.width);
            heading += column.heading;
            heading += "  ";
        }
        heading += "name";
        writeln!(out, "\n{}", paper.paint(Ink::Faint, &heading))?;
        let used: usize = columns.iter().map(|column| column.width + 2).sum();
        for row in &self.chosen.rows {
            for column in &columns {
                let cell = column.cell(paper, (column.value)(row));
                write!(out, "{}{cell}  ", pad(&cell, column.width))?;
            }
            let label = self.subject.label(row.id);
            writeln!(out, "{}", paper.fit(&label, used))?;
        }
        self.rest(paper, out)
    }

    fn summary(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let closure = self.subject.closure();
        let total = paper.total(closure.known_nar_size(), closure.unknown_sizes());
        let paths = text::counted(closure.len(), "path");
        if self.chosen.filtered {
            let matching = text::count(self.chosen.matching as u64);
            writeln!(out, "{matching} of {paths}, {total} in all")
        } else {
            writeln!(out, "{paths}, {total}")
        }
    }

    /// The columns to the left of the name, each as wide as its widest cell.
    fn columns(&self, paper: Paper) -> Vec<TextColumn<'_>> {
        let graph = self.subject.graph();
        let mut columns = vec![
            TextColumn::new("nar", true, |row: &Row| graph.nar_size(row.id)),
            TextColumn::new("closure", true, |row: &Row| row.closure_size),
            TextColumn::new("retained", true, |row: &Row| {
                self.dominators.retained_size(row.id)
            }),
            TextColumn::new("referrers", false, |row: &Row| {
                Some(self.subject.referrer_count(row.id))
            }),
        ];
        if graph.knows_outputs() {
            let size = |row: &Row| graph.outputs_size(row.id);
            columns.push(TextColumn::new("outputs", true, size));
        }
        if let Some((heading, _)) = self.chosen.sort.column() {
            let is_size = self.chosen.sort.is_size();
            columns.push(TextColumn::new(heading, is_size, |row: &Row| row.value));
        }
        for column in &mut columns {
            let values = self
                .chosen
                .rows
                .iter()
                .filter_map(|row| (column.value)(row));
            let largest = values.max().unwrap_or(0);
            let width = if column.is_size {
                paper.size_column(largest)
            } else {
                digits(largest)
            };
            column.width = width.max(column.heading.len());
        }
        columns
    }

    fn rest(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        match self.chosen.matching - self.chosen.rows.len() {
            0 => Ok(()),
            more => {
                let line = format!("and {} more", text::count(more as u64));
                writeln!(out, "{}", paper.paint(Ink::Faint, &line))
            }
        }
    }

    /// Writes the JSON document.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let records = self.records();
        self.document(out, "list", |row, piece| {
            json::piece(piece, &records.counted(row));
        })
    }

    /// Writes the JSON document of an export: as the list, with the references themselves instead of their number.
    pub fn export(&self, out: &mut dyn Write) -> io::Result<()> {
        let (records, graph) = (self.records(), self.subject.graph());
        self.document(out, "export", |row, piece| {
            let references = Paths(graph, graph.references(row.id));
            json::piece(piece, &records.record(row, references));
        })
    }

    fn document(
        &self,
        out: &mut dyn Write,
        command: &'static str,
        write: impl Fn(&Row, &mut Vec<u8>) + Sync,
    ) -> io::Result<()> {
        let body = Body {
            totals: json::Totals::of(self.subject.closure()),
            paths: [],
        };
        json::write_rows(out, self.subject, command, body, &self.chosen.rows, write)
    }

    /// Writes comma separated values: a header, then one record per path.
    pub fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let records = self.records();
        let mut writer = csv::Writer::from_writer(out);
        let graph = self.subject.graph();
        let makes = graph.knows_outputs().then_some("outputsSize");
        let own = self.chosen.sort.column().and_then(|(_, key)| key);
        let keys = records::KEYS.iter().copied().chain(makes).chain(own);
        writer.write_record(keys).map_err(told)?;
        for row in &self.chosen.rows {
            let makes = makes.map(|_| graph.outputs_size(row.id));
            let own = own.map(|_| row.value);
            let more: Vec<Option<u64>> = makes.into_iter().chain(own).collect();
            let counted = records.counted(row);
            let written = writer.serialize((counted.fields(), more));
            written.map_err(told)?;
        }
        writer.flush()
    }

    fn records(&self) -> Records<'_> {
        Records {
            graph: self.subject.graph(),
            closure: self.subject.closure(),
            dominators: self.dominators,
            distances: self.subject.distances(),
            sort: self.chosen.sort,
        }
    }
}

type RowValue<'a> = Box<dyn Fn(&Row) -> Option<u64> + 'a>;

/// A column of numbers in a table for people.
struct TextColumn<'a> {
    heading: &'static str,
    is_size: bool,
    width: usize,
    value: RowValue<'a>,
}

impl<'a> TextColumn<'a> {
    fn new(heading: &'static str, is_size: bool, value: impl Fn(&Row) -> Option<u64> + 'a) -> Self {
        Self {
            heading,
            is_size,
            width: 0,
            value: Box::new(value),
        }
    }

    fn cell(&self, paper: Paper, value: Option<u64>) -> String {
        match value {
            Some(count) if !self.is_size => count.to_string(),
            size => paper.size(size),
        }
    }
}

#[derive(Serialize)]
struct Body {
    totals: json::Totals,
    /// The rows are written behind the rest, by [`json::write_rows`].
    paths: [(); 0],
}

fn with_closure_sizes(subject: &Subject, sorted: &[Sorted]) -> Result<Vec<Row>, Cancelled> {
    let row = |&(id, value): &Sorted, closure_size| Row {
        id,
        closure_size,
        value,
    };
    if sorted.len() >= FEW || subject.computed_closure_sizes().is_some() {
        let sizes = subject.closure_sizes()?;
        return Ok(sorted
            .iter()
            .map(|one| row(one, sizes.get(one.0)))
            .collect());
    }
    let ids: Vec<PathId> = sorted.iter().map(|&(id, _)| id).collect();
    let (graph, order) = (subject.graph(), subject.order());
    let sizes = closure_sizes_of(graph, order, &ids, subject.progress())?;
    let rows = sorted.iter().zip(sizes);
    Ok(rows.map(|(one, size)| row(one, size)).collect())
}
