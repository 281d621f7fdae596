//! The packages that changed as a spreadsheet, the largest difference first.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use super::Comparison;
use crate::analysis::diff::{PackageChange, versions};
use crate::analysis::what_if::Total;
use crate::gate::cell;
use crate::model::{PackageName, PathId};
use crate::report::csv::table;

/// The fields of a record.
const HEADER: [&str; 10] = [
    "package",
    "output",
    "change",
    "versions_before",
    "versions_after",
    "paths_before",
    "paths_after",
    "bytes_before",
    "bytes_after",
    "delta_bytes",
];

#[derive(Serialize)]
struct PackageRecord<'a> {
    package: Cow<'a, str>,
    output: &'a str,
    change: &'static str,
    versions_before: String,
    versions_after: String,
    paths_before: usize,
    paths_after: usize,
    bytes_before: Option<u64>,
    bytes_after: Option<u64>,
    delta_bytes: Option<i64>,
}

impl Comparison<'_> {
    /// Writes a header and a record for each package.
    pub fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let (shown, _) = self.packages(self.limit.unwrap_or(usize::MAX));
        let rows = shown.iter().map(|&package| self.record(package));
        table(&HEADER, rows, out)
    }

    fn record<'b>(&'b self, package: &'b PackageChange) -> PackageRecord<'b> {
        let graph = self.graph();
        let PackageName { pname, output, .. } = package.name(graph);
        let bytes = |ids: &[PathId]| Total::of_paths(graph, ids.iter().copied()).exact();
        let listed = |ids: &[PathId]| cell(&versions(graph, ids)).into_owned();
        PackageRecord {
            package: cell(pname),
            output: output.unwrap_or_default(),
            change: package.change.word(),
            versions_before: listed(&package.before),
            versions_after: listed(&package.after),
            paths_before: package.before.len(),
            paths_after: package.after.len(),
            bytes_before: bytes(&package.before),
            bytes_after: bytes(&package.after),
            delta_bytes: package.delta.exact(),
        }
    }
}
