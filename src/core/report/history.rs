//! `history`: the development of sizes, from a journal.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::gate::cell;
use crate::model::{ClosureRecord, StoreDir};
use crate::text::{self, timestamp};

use super::csv::table;
use super::json::VERSION;
use super::paper::{Ink, Paper, pad};

/// The fields of a row of the spreadsheet.
const HEADER: [&str; 7] = [
    "date",
    "name",
    "nar_bytes",
    "change_bytes",
    "paths",
    "label",
    "root",
];

/// Cells of the longest bar, and records in the line of bars.
const BAR: usize = 20;
const SPARKS: usize = 60;

/// Records by what they are of, ready to be printed.
#[derive(Debug)]
pub struct History<'a> {
    series: Vec<Series<'a>>,
    damaged: usize,
}

/// The records of one closure from one build to the next, the oldest first.
#[derive(Debug)]
struct Series<'a> {
    name: &'a str,
    records: Vec<&'a ClosureRecord>,
    /// Records that are left out.
    more: usize,
}

impl<'a> History<'a> {
    /// Parts records by name, those first that were measured first; keeps the last `limit` of each. `damaged` lines were
    /// none.
    pub fn of(records: &'a [ClosureRecord], damaged: usize, limit: Option<usize>) -> Self {
        let mut series: Vec<Series<'a>> = Vec::new();
        let mut by_name = HashMap::new();
        for record in records {
            let at = *by_name.entry(record.name.as_str()).or_insert(series.len());
            if at == series.len() {
                series.push(Series {
                    name: &record.name,
                    records: Vec::new(),
                    more: 0,
                });
            }
            series[at].records.push(record);
        }
        for one in &mut series {
            one.records.sort_by_key(|record| record.at);
            one.more = one
                .records
                .len()
                .saturating_sub(limit.unwrap_or(usize::MAX));
            one.records.drain(..one.more);
        }
        series.retain(|series| !series.records.is_empty());
        Self { series, damaged }
    }

    /// Writes it for people.
    pub fn text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        if self.series.is_empty() {
            return writeln!(out, "There is no record.");
        }
        for (at, series) in self.series.iter().enumerate() {
            if at > 0 {
                writeln!(out)?;
            }
            series.text(paper, out)?;
        }
        Ok(())
    }

    /// Writes the JSON document.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let roots = self.series.iter().flat_map(|series| &series.records);
        let roots: Vec<&str> = roots.filter_map(|record| record.root.as_deref()).collect();
        let mut unique = roots.clone();
        unique.sort_unstable();
        unique.dedup();
        let document = HistoryDocument {
            format: "nix-heft/history",
            version: VERSION,
            store_dir: store_dir(&unique),
            roots: unique,
            damaged_lines: self.damaged,
            series: self.series.iter().map(Series::document).collect(),
        };
        serde_json::to_writer(&mut *out, &document)?;
        writeln!(out)
    }

    /// Writes it as a spreadsheet, a row for each record.
    pub fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        table(&HEADER, self.series.iter().flat_map(Series::rows), out)
    }
}

impl Series<'_> {
    fn rows(&self) -> impl Iterator<Item = HistoryRow<'_>> {
        let records = self.records.iter().zip(self.changes());
        records.map(|(record, change)| HistoryRow {
            date: timestamp(record.at),
            name: cell(&record.name),
            nar_bytes: record.nar_size,
            change_bytes: change,
            paths: record.paths,
            label: cell(record.label.as_deref().unwrap_or_default()),
            root: cell(record.root.as_deref().unwrap_or_default()),
        })
    }

    /// How each record differs from the one before it, in bytes; `None` for the first, and where a size is unknown.
    fn changes(&self) -> Vec<Option<i64>> {
        let sizes = self.records.iter().map(|record| record.nar_size);
        let mut before = None;
        let changes = sizes.map(|size| {
            let change = before
                .zip(size)
                .map(|(before, now)| difference(before, now));
            before = size;
            change
        });
        changes.collect()
    }

    fn known(&self) -> impl DoubleEndedIterator<Item = u64> {
        self.records.iter().filter_map(|record| record.nar_size)
    }

    /// The sizes as a line of bars; unknown ones are gaps.
    fn sparks(&self) -> String {
        let drawn = &self.records[self.records.len().saturating_sub(SPARKS)..];
        let known: Vec<u64> = drawn.iter().filter_map(|record| record.nar_size).collect();
        let bars = text::sparkline(&known);
        let mut bars = bars.chars();
        let bar =
            |record: &&ClosureRecord| record.nar_size.and_then(|_| bars.next()).unwrap_or(' ');
        drawn.iter().map(bar).collect()
    }

    fn text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let name = text::sanitise(self.name);
        let count = text::counted(self.records.len(), "record");
        let trend = match (self.known().next(), self.known().next_back()) {
            (Some(first), Some(last)) => {
                let size = |bytes| {
                    paper
                        .units
                        .size_beside(bytes, if bytes == first { last } else { first })
                };
                let change = paper.signed(difference(first, last));
                format!(", {} → {} ({change})", size(first), size(last))
            }
            _ => String::new(),
        };
        let strong = paper.paint(Ink::Strong, &name);
        writeln!(out, "{strong}  {}  {count}{trend}\n", self.sparks())?;
        let largest = self.known().max().unwrap_or(0);
        let width = paper.size_column(largest);
        let signed = width + 1;
        let heading = format!(
            "  {:<16}  {:>width$}  {:>signed$}  {:>9}",
            "date", "size", "change", "paths"
        );
        writeln!(out, "{}", paper.paint(Ink::Faint, &heading))?;
        if self.more > 0 {
            let more = format!("  {} before", text::counted(self.more, "record"));
            writeln!(out, "{}", paper.paint(Ink::Faint, &more))?;
        }
        for (record, change) in self.records.iter().zip(self.changes()) {
            let date = timestamp(record.at).replace('T', " ");
            let date = date.get(..16).unwrap_or(&date);
            let size = paper.size(record.nar_size);
            let change = change
                .map(|change| paper.signed(change))
                .unwrap_or_default();
            let paths = text::count(record.paths);
            let bar = bar(record.nar_size, largest);
            let label = record.label.as_deref().map(text::sanitise);
            let label = label.map(|label| format!("  {label}")).unwrap_or_default();
            let line = format!(
                "  {date}  {}{size}  {}{change}  {}{paths}  {bar}{}{label}",
                pad(&size, width),
                pad(&change, signed),
                pad(&paths, 9),
                if label.is_empty() {
                    String::new()
                } else {
                    pad(&bar, BAR)
                },
            );
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    fn document(&self) -> SeriesDocument<'_> {
        let records = self.records.iter().zip(self.changes());
        SeriesDocument {
            name: self.name,
            left_out: self.more,
            records: records
                .map(|(record, change)| RecordDocument {
                    date: timestamp(record.at),
                    root: record.root.as_deref(),
                    nar_size: record.nar_size,
                    change,
                    paths: record.paths,
                    label: record.label.as_deref(),
                })
                .collect(),
        }
    }
}

/// After minus before; the ends of what can be told where it is beyond them.
fn difference(before: u64, after: u64) -> i64 {
    let more = i128::from(after) - i128::from(before);
    i64::try_from(more).unwrap_or(if more < 0 { i64::MIN } else { i64::MAX })
}

fn bar(size: Option<u64>, largest: u64) -> String {
    let Some(size) = size.filter(|_| largest > 0) else {
        return String::new();
    };
    let cells = u128::from(size) * BAR as u128 / u128::from(largest);
    "▇".repeat(cells as usize)
}

/// The directory that all roots are in; `None` if there is no such.
fn store_dir(roots: &[&str]) -> Option<String> {
    let mut dirs = roots
        .iter()
        .map(|root| root.rsplit_once('/').map(|(dir, _)| dir));
    let first = dirs.next()??;
    let same = dirs.all(|dir| dir == Some(first));
    StoreDir::new(first)
        .filter(|_| same)
        .map(|dir| dir.to_string())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HistoryDocument<'a> {
    format: &'static str,
    version: u32,
    store_dir: Option<String>,
    roots: Vec<&'a str>,
    damaged_lines: usize,
    series: Vec<SeriesDocument<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SeriesDocument<'a> {
    name: &'a str,
    left_out: usize,
    records: Vec<RecordDocument<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RecordDocument<'a> {
    date: String,
    root: Option<&'a str>,
    nar_size: Option<u64>,
    change: Option<i64>,
    paths: u64,
    label: Option<&'a str>,
}

#[derive(Serialize)]
struct HistoryRow<'a> {
    date: String,
    name: Cow<'a, str>,
    nar_bytes: Option<u64>,
    change_bytes: Option<i64>,
    paths: u64,
    label: Cow<'a, str>,
    root: Cow<'a, str>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(at: i64, name: &str, nar_size: Option<u64>) -> ClosureRecord {
        ClosureRecord {
            at,
            name: name.to_owned(),
            root: None,
            nar_size,
            paths: 1,
            label: None,
        }
    }

    #[test]
    fn series_are_parted_by_name_and_sorted_by_time() {
        let records = [
            record(60, "a", Some(30)),
            record(0, "b", Some(5)),
            record(0, "a", Some(10)),
            record(120, "a", None),
            record(180, "a", Some(20)),
        ];
        let history = History::of(&records, 0, None);
        assert_eq!(history.series.len(), 2);
        let a = &history.series[0];
        assert_eq!(a.changes(), [None, Some(20), None, None]);
        assert_eq!(a.sparks(), "▁█ ▅");
        let history = History::of(&records, 0, Some(1));
        assert_eq!(
            (history.series[0].more, history.series[0].sparks()),
            (3, "▁".to_owned())
        );
    }

    proptest! {
        #[test]
        fn changes_add_up_and_everything_can_be_drawn(sizes in prop::collection::vec(any::<u64>(), 1..80)) {
            let records = (0_i64..).zip(&sizes);
            let records: Vec<ClosureRecord> = records.map(|(at, &size)| record(at, "a", Some(size))).collect();
            let history = History::of(&records, 0, None);
            let series = &history.series[0];
            prop_assert_eq!(series.sparks().chars().count(), sizes.len().min(SPARKS));
            for (pair, change) in sizes.windows(2).zip(series.changes().into_iter().skip(1)) {
                let exact = i128::from(pair[1]) - i128::from(pair[0]);
                let shown = change.map(i128::from).expect("both are known");
                prop_assert!(shown == exact || shown == i128::from(i64::MIN) || shown == i128::from(i64::MAX));
            }
            let mut out = Vec::new();
            history.text(Paper::default(), &mut out).expect("to memory");
            history.csv(&mut out).expect("to memory");
            history.json(&mut out).expect("to memory");
        }
    }
}
