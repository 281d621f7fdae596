//! `files`: what the bytes are, what they take on disk, which files are identical, which references are accidents.

use std::cmp::Reverse;
use std::io::{self, Write};

use crate::analysis::file_category::Categories;
use crate::analysis::waste::{Waste, accidental};
use crate::job::Progress;
use crate::model::PathId;
use crate::source::disk::Inventory;
use crate::source::disk_usage::DiskUsage;
use crate::source::evidence::{self, EvidenceError};
use crate::source::files::StoreFiles;
use crate::source::files_kinds::{FileKinds, Tally};
use crate::source::identical::{self, Identical};
use crate::text;

use super::Subject;
use super::paper::{Ink, Paper, pad};

/// Lines of each list for people.
const LINES: usize = 15;

/// Everything there is to say about the files of a closure.
#[derive(Debug)]
pub struct Files {
    pub(super) categories: Categories,
    pub(super) inventory: Inventory,
    pub(super) usage: DiskUsage,
    pub(super) kinds: FileKinds,
    pub(super) identical: Identical,
    pub(super) waste: Waste,
    /// What could not be looked at.
    pub warnings: Vec<crate::model::Warning>,
}

impl Files {
    /// Looks at the files of the subject's closure. Reads all of them.
    pub fn of(
        subject: &Subject,
        files: &StoreFiles,
        progress: &Progress,
    ) -> Result<Self, EvidenceError> {
        let (graph, closure) = (subject.graph(), subject.closure());
        let found = evidence::of_closure(files, graph, closure, progress)?;
        let categories = Categories::built_in();
        let inventory = Inventory::read(files, graph, closure.members().iter(), progress)?;
        let usage = inventory.usage(progress)?;
        let kinds = FileKinds::of(&inventory, &categories, progress)?;
        let identical = identical::find(&inventory, progress)?;
        let edges = found
            .edges
            .iter()
            .map(|edge| (edge.from, edge.to, edge.counts));
        let dominators = subject.dominators()?;
        let waste = accidental(
            graph,
            closure,
            dominators,
            edges,
            &found.incomplete,
            progress,
        )?;
        let mut warnings = inventory.warnings.clone();
        for warning in found.warnings.into_iter().chain(identical.warnings.clone()) {
            if !warnings.iter().any(|known| known.kind == warning.kind) {
                warnings.push(warning);
            }
        }
        Ok(Self {
            categories,
            inventory,
            usage,
            kinds,
            identical,
            waste,
            warnings,
        })
    }

    /// The paths with files, the largest payload first.
    pub(super) fn largest(&self) -> Vec<PathId> {
        let mut ids: Vec<PathId> = self.usage.paths.keys().copied().collect();
        ids.sort_by_key(|id| (Reverse(self.usage.paths[id].payload), *id));
        ids
    }

    /// Writes everything for people.
    pub fn text(&self, subject: &Subject, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        self.totals(subject, paper, out)?;
        self.category_lines(paper, out)?;
        self.package_lines(subject, paper, out)?;
        self.identical_lines(subject, paper, out)?;
        self.waste_lines(subject, paper, out)
    }

    fn totals(&self, subject: &Subject, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let total = &self.usage.total;
        let size = |bytes| paper.size_in_words(bytes);
        let closure = subject.closure();
        let paths = text::counted(self.inventory.paths.len(), "path");
        let nar = paper.total(closure.known_nar_size(), closure.unknown_sizes());
        writeln!(
            out,
            "{} in {} files of {paths}; {nar} as NARs; {} on disk",
            paper.paint(Ink::Strong, &size(total.payload)),
            text::count(total.files),
            size(total.allocated),
        )?;
        if total.linked > 0 {
            writeln!(
                out,
                "  {} of it are hard links to .links",
                size(total.linked)
            )?;
        }
        if total.outside > 0 {
            writeln!(
                out,
                "  {} of it are shared with paths outside the closure",
                size(total.outside)
            )?;
        }
        if !self.inventory.absent.is_empty() {
            let missing = text::counted(self.inventory.absent.len(), "path");
            let line = format!("  the files of {missing} are not on this machine and not counted");
            writeln!(out, "{}", paper.paint(Ink::Warn, &line))?;
        }
        Ok(())
    }

    fn category_lines(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        paper.heading(out, "what the bytes are")?;
        let payload = self.usage.total.payload;
        let width = paper.size_column(payload);
        for (id, tally) in by_size(&self.kinds.total) {
            let size = paper.size(Some(tally.bytes));
            let percent = tally.bytes as f64 * 100.0 / payload.max(1) as f64;
            let title = &self.categories.as_slice()[id].title;
            let files = text::counted(usize::try_from(tally.files).unwrap_or(usize::MAX), "file");
            writeln!(
                out,
                "  {}{size}  {percent:>5.1}%  {title}  {}",
                pad(&size, width),
                paper.paint(Ink::Faint, &files)
            )?;
        }
        Ok(())
    }

    fn package_lines(
        &self,
        subject: &Subject,
        paper: Paper,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        paper.heading(out, "where they are")?;
        let width = paper.size_column(self.usage.total.payload);
        let ids = self.largest();
        for &id in ids.iter().take(LINES) {
            let size = paper.size(Some(self.usage.paths[&id].payload));
            let label = subject.label(id);
            let shares = self.shares(id, paper).join(", ");
            let label = paper.fit(&label, width + 4);
            let used = width + 6 + text::width(&label);
            let shares = paper.fit(&shares, used);
            let shares = paper.paint(Ink::Faint, &shares);
            writeln!(out, "  {}{size}  {label}  {shares}", pad(&size, width))?;
        }
        more(ids.len().saturating_sub(LINES), paper, out)
    }

    /// The largest categories of a path: `locale 3.1 MiB`.
    fn shares(&self, id: PathId, paper: Paper) -> Vec<String> {
        let Some(tallies) = self.kinds.paths.get(&id) else {
            return Vec::new();
        };
        let some = by_size(tallies).into_iter().take(3);
        let share = |(category, tally): (usize, Tally)| {
            let name = &self.categories.as_slice()[category].name;
            format!("{name} {}", paper.size(Some(tally.bytes)))
        };
        some.map(share).collect()
    }

    fn identical_lines(
        &self,
        subject: &Subject,
        paper: Paper,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let identical = &self.identical;
        paper.heading(out, "identical files")?;
        if identical.group_count == 0 {
            return writeln!(out, "  none");
        }
        writeln!(
            out,
            "  hard links in place of {} would save {} ({} on disk)",
            text::counted(
                usize::try_from(identical.links).unwrap_or(usize::MAX),
                "file"
            ),
            paper.paint(Ink::Good, &paper.size_in_words(identical.saved)),
            paper.size_in_words(identical.saved_on_disk),
        )?;
        let width = paper.size_column(identical.saved);
        for pair in identical.pairs.iter().take(LINES) {
            let size = paper.size(Some(pair.saved));
            let files = text::counted(usize::try_from(pair.files).unwrap_or(usize::MAX), "file");
            let names = format!(
                "{} = {}",
                subject.label(pair.first),
                subject.label(pair.second)
            );
            let names = paper.fit(&names, width + 6 + text::width(&files));
            let files = paper.paint(Ink::Faint, &files);
            writeln!(out, "  {}{size}  {names}  {files}", pad(&size, width))?;
        }
        more(identical.pairs.len().saturating_sub(LINES), paper, out)
    }

    fn waste_lines(&self, subject: &Subject, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let waste = &self.waste;
        paper.heading(out, "references that are likely accidents")?;
        if waste.references.is_empty() {
            return writeln!(out, "  none");
        }
        let count = text::counted(waste.references.len(), "reference");
        writeln!(
            out,
            "  {count} stand only in documentation, build metadata, headers or debug information; without them {} less, predicted",
            paper.paint(
                Ink::Good,
                &paper.size_in_words(waste.freed.nar_size.unsigned_abs())
            ),
        )?;
        let width = paper.size_column(waste.freed.nar_size.unsigned_abs());
        for edge in waste.references.iter().take(LINES) {
            let size = paper.size(Some(edge.freed.nar_size.unsigned_abs()));
            let names = format!("{} → {}", subject.label(edge.from), subject.label(edge.to));
            let class = edge.class.to_string();
            let names = paper.fit(&names, width + 6 + text::width(&class));
            let class = paper.paint(Ink::Faint, &class);
            writeln!(out, "  {}{size}  {names}  {class}", pad(&size, width))?;
        }
        more(waste.references.len().saturating_sub(LINES), paper, out)
    }
}

/// The categories that hold something, the largest first.
fn by_size(tallies: &[Tally]) -> Vec<(usize, Tally)> {
    let some = tallies
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, tally)| tally.files > 0);
    let mut some: Vec<_> = some.collect();
    some.sort_by_key(|(id, tally)| (Reverse(tally.bytes), *id));
    some
}

fn more(count: usize, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
    if count == 0 {
        return Ok(());
    }
    let line = format!("  and {} more", text::count(count as u64));
    writeln!(out, "{}", paper.paint(Ink::Faint, &line))
}
