//! `list`: every path of the closure with its sizes.
//!
//! ```text
//! 839 paths, 1.5 GiB
//!
//!        nar     closure    retained  referrers  name
//!    6.5 KiB     1.5 GiB     1.5 GiB          0  debian-system-12
//!  734.1 KiB   919.7 MiB   577.7 MiB          2  system-path
//! ```

mod records;
mod sort;
mod totals;

use std::io::{self, Write};

use serde::Serialize;

use crate::analysis::few_sizes::closure_sizes_of;
use crate::analysis::metric::{Listed, Metric};
use crate::job::Cancelled;
use crate::model::PathId;
use crate::text;

use self::records::Records;
pub use self::sort::Selection;
use self::sort::{Sorted, sorted};
use self::totals::ListTotals;
use super::csv::told;
use super::json::{self, Paths};
use super::paper::{Ink, Paper, digits, pad};
use crate::analysis::Analysed;

/// A sorted list, ready to be printed.
#[derive(Debug)]
pub struct List<'a> {
    subject: &'a Analysed,
    chosen: Chosen,
}

/// Which paths a list shows, in which order.
#[derive(Debug)]
pub struct Chosen {
    sort: Metric,
    rows: Vec<ListRow>,
    matching: usize,
    filtered: bool,
}

/// One path of a list.
#[derive(Debug, Clone, Copy)]
struct ListRow {
    id: PathId,
    closure_size: Option<u64>,
    /// What the list is sorted by.
    value: Option<u64>,
}

/// Below this many rows closure sizes are computed for them alone.
const FEW: usize = 1024;

impl Chosen {
    /// Selects and sorts, which may take long for what has to be computed for each path: see [`Analysed::progress`].
    pub fn of(subject: &Analysed, selection: &Selection) -> Result<Self, Cancelled> {
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
    pub fn new(subject: &'a Analysed, chosen: Chosen) -> Result<Self, Cancelled> {
        for metric in Metric::always_listed() {
            // Closure sizes are with the rows already, of all paths or of a few.
            for &need in metric.needs().iter().filter(|_| metric != Metric::Closure) {
                subject.prepare(need)?;
            }
        }
        Ok(Self { subject, chosen })
    }

    /// Selects and sorts.
    pub fn of(subject: &'a Analysed, selection: &Selection) -> Result<Self, Cancelled> {
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
            heading += &pad(column.metric.title(), column.width);
            heading += column.metric.title();
            heading += "  ";
        }
        heading += "name";
        writeln!(out, "\n{}", paper.paint(Ink::Faint, &heading))?;
        let used: usize = columns.iter().map(|column| column.width + 2).sum();
        for &row in &self.chosen.rows {
            for column in &columns {
                let cell = column.cell(paper, self.number(column.metric, row));
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
            let more = ListTotals::in_words(self.subject, paper);
            writeln!(out, "{paths}, {total}{more}")
        }
    }

    /// The columns to the left of the name, each as wide as its widest cell.
    fn columns(&self, paper: Paper) -> Vec<TextColumn> {
        let mut metrics = IN_TEXT.to_vec();
        if self.subject.graph().knows_outputs() {
            metrics.push(Metric::Outputs);
        }
        let sort = self.chosen.sort;
        if sort.is_number() && !metrics.contains(&sort) {
            metrics.push(sort);
        }
        let columns = metrics.into_iter().map(|metric| {
            let values = self.chosen.rows.iter();
            let values = values.filter_map(|&row| self.number(metric, row));
            let largest = values.max().unwrap_or(0);
            let width = if metric.is_size() {
                paper.size_column(largest)
            } else {
                digits(largest)
            };
            TextColumn {
                metric,
                width: width.max(metric.title().len()),
            }
        });
        columns.collect()
    }

    fn number(&self, metric: Metric, row: ListRow) -> Option<u64> {
        match metric {
            Metric::Closure => row.closure_size,
            _ if metric == self.chosen.sort => row.value,
            other => other.value(self.subject, row.id).number(),
        }
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
            json::piece(piece, &records.counted(*row));
        })
    }

    /// Writes the JSON document of an export: as the list, with the references themselves instead of their number.
    pub fn export(&self, out: &mut dyn Write) -> io::Result<()> {
        let (records, graph) = (self.records(), self.subject.graph());
        self.document(out, "export", |row, piece| {
            let references = Paths(graph, graph.references(row.id));
            json::piece(piece, &records.record(*row, references));
        })
    }

    fn document(
        &self,
        out: &mut dyn Write,
        command: &'static str,
        write: impl Fn(&ListRow, &mut Vec<u8>) + Sync,
    ) -> io::Result<()> {
        let body = Body {
            totals: ListTotals::of(self.subject),
            paths: [],
        };
        json::write_rows(out, self.subject, command, body, &self.chosen.rows, write)
    }

    /// Writes comma separated values: a header, then one record per path.
    pub fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let records = self.records();
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(records.header()).map_err(told)?;
        for &row in &self.chosen.rows {
            writer.serialize(records.fields(row)).map_err(told)?;
        }
        writer.flush()
    }

    fn records(&self) -> Records<'_> {
        Records::of(self.subject, self.chosen.sort)
    }
}

/// The columns that every list has in text.
const IN_TEXT: [Metric; 4] = [
    Metric::Nar,
    Metric::Closure,
    Metric::Retained,
    Metric::Referrers,
];

/// The metric that a list has a key for because it is sorted by it.
fn own_metric(analysed: &Analysed, sort: Metric) -> Option<Metric> {
    let is_own = match sort.listed() {
        Listed::Always(_) | Listed::Never => false,
        Listed::WithOutputs => !analysed.graph().knows_outputs(),
        Listed::WhenSorted => true,
    };
    is_own.then_some(sort)
}

/// A column of numbers in text.
struct TextColumn {
    metric: Metric,
    width: usize,
}

impl TextColumn {
    fn cell(&self, paper: Paper, value: Option<u64>) -> String {
        match value {
            Some(count) if !self.metric.is_size() => count.to_string(),
            size => paper.size(size),
        }
    }
}

#[derive(Serialize)]
struct Body {
    totals: ListTotals,
    /// The rows are written behind the rest, by [`json::write_rows`].
    paths: [(); 0],
}

fn with_closure_sizes(subject: &Analysed, sorted: &[Sorted]) -> Result<Vec<ListRow>, Cancelled> {
    let row = |&(id, value): &Sorted, closure_size| ListRow {
        id,
        closure_size,
        value,
    };
    if sorted.len() >= FEW || subject.known_closure_sizes().is_some() {
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
