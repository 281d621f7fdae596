//! `export --format csv`: the closure as a spreadsheet, in the columns of the script that nix-heft grew out of, plus its
//! own.
//!
//! Rows are numbered in `pos`, largest NAR size first; `dependencies` and `referrers` name rows by that number, so that
//! searching a column for a number finds who uses a path.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use crate::analysis::{ClosureSizes, Distances, Dominators};
use crate::gate::cell;
use crate::job::Cancelled;
use crate::model::{Column, PathId};

use super::json::Path;
use crate::analysis::Analysed;
use crate::analysis::metric::Metric;

/// The spreadsheet, ready to be written.
#[derive(Debug)]
pub struct Spreadsheet<'a> {
    subject: &'a Analysed,
    dominators: &'a Dominators,
    closure_sizes: &'a ClosureSizes,
    distances: &'a Distances,
    rows: Vec<PathId>,
    /// Row numbers, from 1; 0 outside the closure.
    positions: Column<usize>,
}

#[derive(Serialize)]
struct CsvRecord<'a> {
    pos: usize,
    level: u32,
    package_name: Cow<'a, str>,
    size_bytes: Option<u64>,
    dependencies: String,
    path: Path<'a>,
    closure_bytes: Option<u64>,
    retained_bytes: Option<u64>,
    retained_paths: u32,
    depth: u32,
    referrers: String,
    download_bytes: Option<u64>,
}

/// Writes rows below a header; the header, which has the names of their fields, is there even if they are none.
pub(super) fn table<R: Serialize>(
    header: &[&str],
    rows: impl IntoIterator<Item = R>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let mut rows = rows.into_iter().peekable();
    if rows.peek().is_none() {
        writer.write_record(header).map_err(told)?;
    }
    for row in rows {
        writer.serialize(row).map_err(told)?;
    }
    writer.flush()
}

/// What the stream said: the crate would hide its kind, by which a closed pipe is known.
pub(super) fn told(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

impl<'a> Spreadsheet<'a> {
    /// Sorts and numbers the rows.
    pub fn of(subject: &'a Analysed) -> Result<Self, Cancelled> {
        let graph = subject.graph();
        let mut rows: Vec<PathId> = subject.closure().members().iter().collect();
        Metric::Nar.sort_largest_first(subject, &mut rows);
        let mut positions = Column::filled(graph.len(), 0);
        for (at, &id) in rows.iter().enumerate() {
            positions[id] = at + 1;
        }
        Ok(Self {
            subject,
            dominators: subject.dominators()?,
            closure_sizes: subject.closure_sizes()?,
            distances: subject.distances(),
            rows,
            positions,
        })
    }

    /// Writes a header and one record per path.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        for &id in &self.rows {
            writer.serialize(self.record(id)).map_err(told)?;
        }
        writer.flush()
    }

    fn record(&self, id: PathId) -> CsvRecord<'_> {
        let (graph, closure) = (self.subject.graph(), self.subject.closure());
        CsvRecord {
            pos: self.positions[id],
            level: self.distances.level[id],
            package_name: cell(graph.name(id)),
            size_bytes: graph.nar_size(id),
            dependencies: self.listed(graph.references(id).iter().copied()),
            path: Path(graph, id),
            closure_bytes: self.closure_sizes.get(id),
            retained_bytes: self.dominators.retained_size(id),
            retained_paths: self.dominators.retained_count(id),
            depth: self.distances.depth[id],
            referrers: self.listed(closure.referrers(graph, id)),
            download_bytes: graph.info(id).download_size.get(),
        }
    }

    /// Row numbers, ascending, parted by blanks.
    fn listed(&self, ids: impl Iterator<Item = PathId>) -> String {
        let mut positions: Vec<usize> = ids.map(|id| self.positions[id]).collect();
        positions.sort_unstable();
        let mut text = String::new();
        for (at, position) in positions.iter().enumerate() {
            let gap = if at == 0 { "" } else { " " };
            let _ = write!(text, "{gap}{position}");
        }
        text
    }
}
