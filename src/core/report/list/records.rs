//! The rows of a list in JSON and CSV.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::analysis::Analysed;
use crate::analysis::metric::Metric;
use crate::gate::cell;
use crate::report::json::{self, Path};

use super::{ListRow, own_metric};

/// Where the values of records come from; any thread may ask.
#[derive(Debug)]
pub(super) struct Records<'a> {
    analysed: &'a Analysed,
    listed: Vec<Metric>,
    own: Option<Metric>,
}

impl<'a> Records<'a> {
    /// The records of a list that is sorted by a metric.
    pub(super) fn of(analysed: &'a Analysed, sort: Metric) -> Self {
        let mut listed = Metric::always_listed();
        if analysed.graph().knows_outputs() {
            listed.push(Metric::Outputs);
        }
        Self {
            analysed,
            listed,
            own: own_metric(analysed, sort),
        }
    }

    /// A row with the number of its references.
    pub(super) fn counted(&self, row: ListRow) -> ListRecord<'_, u64> {
        let references = self.analysed.graph().references(row.id).len();
        self.record(row, references as u64)
    }

    /// A row with its references as they should be written.
    pub(super) fn record<R>(&self, row: ListRow, references: R) -> ListRecord<'_, R> {
        ListRecord {
            records: self,
            row,
            references,
        }
    }

    /// The header of comma-separated values.
    pub(super) fn header(&self) -> impl Iterator<Item = &'static str> {
        let numbers = self.listed.iter().chain(&self.own).map(|one| one.json());
        TEXTS.into_iter().chain(numbers)
    }

    /// A record of comma-separated values.
    pub(super) fn fields(&self, row: ListRow) -> impl Serialize {
        let (graph, id) = (self.analysed.graph(), row.id);
        let package = graph.package(id);
        let numbers = self.listed.iter().map(|&metric| self.number(metric, row));
        let numbers: Vec<Option<u64>> = numbers.chain(self.own.map(|_| row.value)).collect();
        (
            Path(graph, id),
            (
                cell(graph.name(id)),
                cell(package.pname),
                cell(package.version),
            ),
            (package.output.map(cell), numbers),
        )
    }

    fn number(&self, metric: Metric, row: ListRow) -> Option<u64> {
        match metric {
            // It may have been computed for the rows alone.
            Metric::Closure => row.closure_size,
            other => other.value(self.analysed, row.id).number(),
        }
    }
}

/// What stands before the numbers.
const TEXTS: [&str; 5] = ["path", "name", "pname", "version", "output"];

/// One path in documents.
pub(super) struct ListRecord<'a, R> {
    records: &'a Records<'a>,
    row: ListRow,
    references: R,
}

impl<R: Serialize> Serialize for ListRecord<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (graph, id) = (self.records.analysed.graph(), self.row.id);
        let package = graph.package(id);
        let version = Some(package.version).filter(|version| !version.is_empty());
        let [path, name, pname, of_version, output] = TEXTS;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(path, &Path(graph, id))?;
        map.serialize_entry(name, graph.name(id))?;
        map.serialize_entry(pname, package.pname)?;
        map.serialize_entry(of_version, &version)?;
        map.serialize_entry(output, &package.output)?;
        for &metric in &self.records.listed {
            if metric == Metric::References {
                map.serialize_entry(metric.json(), &self.references)?;
            } else {
                let number = self.records.number(metric, self.row);
                map.serialize_entry(metric.json(), &number)?;
            }
        }
        if let Some(outputs) = json::outputs(graph, id) {
            map.serialize_entry("outputs", &outputs)?;
        }
        if let Some(own) = self.records.own {
            map.serialize_entry(own.json(), &self.row.value)?;
        }
        map.end()
    }
}
