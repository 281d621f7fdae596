//! `list`: every path of the closure with its sizes.
//!
//! ```text
//! 1 308 paths, 3.1 GiB
//!
//!        nar     closure    retained  held by  name
//!  319.8 MiB   537.3 MiB   458.6 MiB        2  libgl1-mesa-dri-22.3.6
//! ```

use std::cmp::Ordering;
use std::io::{self, Write};

use serde::Serialize;

use crate::analysis::{Distances, Dominators, few_sizes::closure_sizes_of};
use crate::job::Cancelled;
use crate::model::PathId;
use crate::text;

use super::Subject;
use super::json::{self, Each, Path, Paths};
use super::paper::{Ink, Paper, digits, pad};

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortKey {
    /// NAR size, largest first.
    Nar,
    /// Closure size, largest first.
    Closure,
    /// Retained size, largest first.
    #[default]
    Retained,
    /// Name, in the order of its bytes.
    Name,
    /// Number of referrers in the closure, most first.
    Referrers,
    /// Number of references, most first.
    References,
    /// Length of the shortest chain from a root, longest first.
    Depth,
    /// Length of the longest chain from a root, longest first.
    Level,
}

/// Which paths are printed, and in which order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Selection<'a> {
    /// What to sort by; paths that are equal in it are sorted by base name, unknown values come last.
    pub sort: SortKey,
    /// The other way round.
    pub reverse: bool,
    /// At most so many.
    pub limit: Option<usize>,
    /// Only these; `None` for the whole closure.
    pub only: Option<&'a crate::model::PathSet>,
}

/// A sorted list, ready to be printed.
#[derive(Debug)]
pub struct List<'a> {
    subject: &'a Subject,
    dominators: &'a Dominators,
    rows: Vec<Row>,
    matching: usize,
    filtered: bool,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    id: PathId,
    closure_size: Option<u64>,
}

/// Below this many rows closure sizes are computed for them alone.
const FEW: usize = 1024;

impl<'a> List<'a> {
    /// Selects and sorts.
    pub fn of(subject: &'a Subject, selection: &Selection) -> Result<Self, Cancelled> {
        let dominators = subject.dominators()?;
        let members = subject.closure().members().iter();
        let ids: Vec<PathId> = match selection.only {
            Some(only) => members.filter(|&id| only.contains(id)).collect(),
            None => members.collect(),
        };
        let matching = ids.len();
        let ids = sorted(subject, selection, ids)?;
        Ok(Self {
            subject,
            dominators,
            rows: with_closure_sizes(subject, &ids)?,
            matching,
            filtered: selection.only.is_some(),
        })
    }

    /// Writes a table for people.
    pub fn text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        self.summary(paper, out)?;
        if self.rows.is_empty() {
            return Ok(());
        }
        let widths = self.widths(paper);
        let [nar, closure, retained, held] = widths;
        let heading = format!(
            "{:>nar$}  {:>closure$}  {:>retained$}  {:>held$}  name",
            "nar", "closure", "retained", "held by"
        );
        writeln!(out, "\n{}", paper.paint(Ink::Faint, &heading))?;
        for row in &self.rows {
            self.line(paper, out, widths, row)?;
        }
        self.rest(paper, out)
    }

    fn summary(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let closure = self.subject.closure();
        let total = paper.total(closure.known_nar_size(), closure.unknown_sizes());
        let paths = text::counted(closure.len(), "path");
        if self.filtered {
            let matching = text::count(self.matching as u64);
            writeln!(out, "{matching} of {paths}, {total} in all")
        } else {
            writeln!(out, "{paths}, {total}")
        }
    }

    fn widths(&self, paper: Paper) -> [usize; 4] {
        let graph = self.subject.graph();
        let mut largest = [0_u64; 4];
        for row in &self.rows {
            let values = [
                graph.nar_size(row.id),
                row.closure_size,
                self.dominators.retained_size(row.id),
                Some(self.subject.referrer_count(row.id)),
            ];
            for (largest, value) in largest.iter_mut().zip(values) {
                *largest = (*largest).max(value.unwrap_or(0));
            }
        }
        [
            paper.size_column(largest[0]).max("nar".len()),
            paper.size_column(largest[1]).max("closure".len()),
            paper.size_column(largest[2]).max("retained".len()),
            digits(largest[3]).max("held by".len()),
        ]
    }

    fn line(
        &self,
        paper: Paper,
        out: &mut dyn Write,
        widths: [usize; 4],
        row: &Row,
    ) -> io::Result<()> {
        let graph = self.subject.graph();
        let cells = [
            paper.size(graph.nar_size(row.id)),
            paper.size(row.closure_size),
            paper.size(self.dominators.retained_size(row.id)),
            self.subject.referrer_count(row.id).to_string(),
        ];
        for (cell, width) in cells.iter().zip(widths) {
            write!(out, "{}{cell}  ", pad(cell, width))?;
        }
        let used = widths.iter().sum::<usize>() + 2 * widths.len();
        let label = self.subject.label(row.id);
        writeln!(out, "{}", paper.fit(&label, used))
    }

    fn rest(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        match self.matching - self.rows.len() {
            0 => Ok(()),
            more => {
                let line = format!("and {} more", text::count(more as u64));
                writeln!(out, "{}", paper.paint(Ink::Faint, &line))
            }
        }
    }

    /// Writes the JSON document.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let closure = self.subject.closure();
        let distances = self.subject.distances();
        let body = Body {
            totals: json::Totals::of(closure),
            paths: Each(|| self.rows.iter().map(|row| self.counted(row, distances))),
        };
        json::write(out, self.subject, "list", body)
    }

    /// Writes the JSON document of an export: as the list, with the references themselves instead of their number.
    pub fn export(&self, out: &mut dyn Write) -> io::Result<()> {
        let graph = self.subject.graph();
        let distances = self.subject.distances();
        let body = Body {
            totals: json::Totals::of(self.subject.closure()),
            paths: Each(|| {
                let rows = self.rows.iter();
                rows.map(|row| self.record(row, distances, Paths(graph, graph.references(row.id))))
            }),
        };
        json::write(out, self.subject, "export", body)
    }

    /// Writes comma separated values: a header, then one record per path.
    pub fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let distances = self.subject.distances();
        let mut writer = csv::Writer::from_writer(out);
        if self.rows.is_empty() {
            writer.write_record(Record::KEYS)?;
        }
        for row in &self.rows {
            writer.serialize(self.counted(row, distances))?;
        }
        writer.flush()
    }

    fn counted(&self, row: &Row, distances: &Distances) -> Record<'_, usize> {
        let references = self.subject.graph().references(row.id).len();
        self.record(row, distances, references)
    }

    fn record<R>(&self, row: &Row, distances: &Distances, references: R) -> Record<'_, R> {
        let (graph, id) = (self.subject.graph(), row.id);
        let package = graph.package(id);
        Record {
            path: Path(graph, id),
            name: graph.name(id),
            pname: package.pname,
            version: Some(package.version).filter(|version| !version.is_empty()),
            output: package.output,
            nar_size: graph.nar_size(id),
            closure_size: row.closure_size,
            retained_size: self.dominators.retained_size(id),
            retained_count: self.dominators.retained_count(id),
            references,
            referrers: self.subject.referrer_count(id),
            depth: distances.depth[id],
            level: distances.level[id],
        }
    }
}

#[derive(Serialize)]
struct Body<T> {
    totals: json::Totals,
    paths: T,
}

/// One path, in JSON and as comma separated values.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a, R> {
    path: Path<'a>,
    name: &'a str,
    pname: &'a str,
    version: Option<&'a str>,
    output: Option<&'a str>,
    nar_size: Option<u64>,
    closure_size: Option<u64>,
    retained_size: Option<u64>,
    retained_count: u32,
    references: R,
    referrers: u64,
    depth: u32,
    level: u32,
}

impl Record<'_, usize> {
    /// The header of an empty list, which has no record to take it from.
    const KEYS: [&'static str; 13] = [
        "path",
        "name",
        "pname",
        "version",
        "output",
        "narSize",
        "closureSize",
        "retainedSize",
        "retainedCount",
        "references",
        "referrers",
        "depth",
        "level",
    ];
}

fn with_closure_sizes(subject: &Subject, ids: &[PathId]) -> Result<Vec<Row>, Cancelled> {
    let few = ids.len() < FEW && subject.computed_closure_sizes().is_none();
    if !few {
        let sizes = subject.closure_sizes()?;
        let row = |&id| Row {
            id,
            closure_size: sizes.get(id),
        };
        return Ok(ids.iter().map(row).collect());
    }
    let (graph, closure, order) = (subject.graph(), subject.closure(), subject.order());
    let sizes = closure_sizes_of(graph, closure, order, ids, subject.progress())?;
    let rows = ids.iter().zip(sizes);
    Ok(rows
        .map(|(&id, closure_size)| Row { id, closure_size })
        .collect())
}

/// Sorts and cuts to the limit.
fn sorted(
    subject: &Subject,
    selection: &Selection,
    ids: Vec<PathId>,
) -> Result<Vec<PathId>, Cancelled> {
    let graph = subject.graph();
    let turn = |ordering: Ordering| {
        if selection.reverse {
            ordering.reverse()
        } else {
            ordering
        }
    };
    if selection.sort == SortKey::Name {
        let by_name = |a: &&str, b: &&str| turn(a.cmp(b));
        return Ok(first(ids, selection.limit, |id| graph.name(id), by_name));
    }
    let value = values(subject, selection.sort)?;
    let largest_first = |a: &Option<u64>, b: &Option<u64>| match (a, b) {
        (Some(a), Some(b)) => turn(b.cmp(a)),
        // Unknown values stay at the end whichever way the list is turned.
        _ => b.is_some().cmp(&a.is_some()),
    };
    Ok(first(ids, selection.limit, value, largest_first))
}

/// The first ids by a comparison of their keys, equal ones by base name.
fn first<K>(
    ids: Vec<PathId>,
    limit: Option<usize>,
    key: impl Fn(PathId) -> K,
    compare: impl Fn(&K, &K) -> Ordering,
) -> Vec<PathId> {
    // Ids ascend with the base names.
    let compare = |a: &(K, PathId), b: &(K, PathId)| compare(&a.0, &b.0).then(a.1.cmp(&b.1));
    let mut keyed: Vec<(K, PathId)> = ids.into_iter().map(|id| (key(id), id)).collect();
    let limit = limit.unwrap_or(keyed.len());
    if limit < keyed.len() {
        keyed.select_nth_unstable_by(limit, compare);
        keyed.truncate(limit);
    }
    keyed.sort_unstable_by(compare);
    keyed.into_iter().map(|(_, id)| id).collect()
}

/// The number a list is sorted by.
fn values(
    subject: &Subject,
    key: SortKey,
) -> Result<Box<dyn Fn(PathId) -> Option<u64> + '_>, Cancelled> {
    let graph = subject.graph();
    Ok(match key {
        SortKey::Nar | SortKey::Name => Box::new(|id| graph.nar_size(id)),
        SortKey::Closure => {
            let sizes = subject.closure_sizes()?;
            Box::new(|id| sizes.get(id))
        }
        SortKey::Retained => {
            let dominators = subject.dominators()?;
            Box::new(|id| dominators.retained_size(id))
        }
        SortKey::Referrers => Box::new(|id| Some(subject.referrer_count(id))),
        SortKey::References => Box::new(|id| Some(graph.references(id).len() as u64)),
        SortKey::Depth => Box::new(|id| Some(subject.distances().depth[id].into())),
        SortKey::Level => Box::new(|id| Some(subject.distances().level[id].into())),
    })
}
