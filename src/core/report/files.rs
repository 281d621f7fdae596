//! `files`: what the bytes are, how much disk they use, which files are identical, which references are accidents.

use std::cmp::Reverse;
use std::io::{self, Write};

use crate::analysis::advice::FromFiles;
use crate::analysis::file_category::Categories;
use crate::analysis::waste::{Waste, accidental};
use crate::job::Progress;
use crate::model::{PathId, Warning};
use crate::source::evidence::{self, Evidence, EvidenceError};
use crate::source::files::contents::Tally;
use crate::source::files::identical::{self, Identical, IdenticalFiles};
use crate::source::files::places::StoreFiles;
use crate::source::files::survey::Survey;
use crate::text;

use super::paper::{Ink, Paper, pad};
use crate::analysis::Analysed;

/// Lines of each list for people.
const LINES: usize = 15;

/// Warnings about what is there, but of no use.
fn useless<'a>(warnings: impl Iterator<Item = &'a Warning>) -> String {
    let about = warnings.filter(|warning| !warning.kind.starts_with("paths whose files"));
    about.fold(String::new(), |all, warning| format!("{all}; {warning}"))
}

/// There are no files, and nothing that tells of them.
fn no_files(files: &StoreFiles, subject: &Analysed, useless: &str) -> EvidenceError {
    let first = subject.closure().members().iter().next();
    let path = first.map(|id| subject.graph().path(id).to_string());
    let places = files.places().iter();
    let places: Vec<String> = places.map(|place| place.display().to_string()).collect();
    EvidenceError::NoFiles {
        path: path.unwrap_or_default(),
        places: places.join(", "),
        beyond: useless.to_owned(),
    }
}

/// Everything there is to say about the files of a closure.
#[derive(Debug)]
pub struct FilesReport {
    pub(super) categories: Categories,
    pub(super) survey: Survey,
    /// Identical files; unknown where no files are on this machine.
    pub(super) identical: Option<Identical>,
    /// Likely accidents; unknown where it was not read what makes the references.
    pub(super) waste: Option<Waste>,
    /// Whether there is a binary cache that may have what is not on this machine.
    beyond: bool,
    /// What could not be looked at.
    pub warnings: Vec<Warning>,
}

impl FilesReport {
    /// Looks at the files of the subject's closure. Reads all that are on this machine, and if so asked those in the
    /// archives of a binary cache; else only the cache's listings.
    pub fn of(
        subject: &Analysed,
        files: &StoreFiles,
        archives: bool,
        progress: &Progress,
    ) -> Result<Self, EvidenceError> {
        let (graph, closure) = (subject.graph(), subject.closure());
        let found = if archives {
            let counted = Survey::only_in_archives(files, graph, closure.members());
            evidence::of_closure_and_archives(files, graph, closure, counted, progress)
        } else {
            evidence::of_closure(&files.without_archives(), graph, closure, progress)
        };
        let mut found = match found {
            Ok(found) => Some(found),
            Err(EvidenceError::NoFiles { .. }) => None,
            Err(error) => return Err(error),
        };
        let read = found
            .as_mut()
            .map(|found| std::mem::take(&mut found.contents));
        let read = read.unwrap_or_default();
        let survey = Survey::of(files, graph, closure.members(), read, progress)?;
        if survey.missing.len() == closure.len() {
            let more = found.iter().flat_map(|found| &found.warnings);
            let useless = useless(survey.warnings.iter().chain(more));
            return Err(no_files(files, subject, &useless));
        }
        let identical = if survey.is_on_disk() {
            Some(identical::find(&survey.inventory, progress)?)
        } else {
            None
        };
        let waste = found
            .as_ref()
            .map(|found| waste(subject, found, progress))
            .transpose()?;
        let more = found.into_iter().flat_map(|found| found.warnings);
        let same = identical.iter().flat_map(|one| one.warnings.clone());
        let mut warnings = survey.warnings.clone();
        for warning in more.chain(same) {
            if !warnings.iter().any(|known| known.kind == warning.kind) {
                warnings.push(warning);
            }
        }
        Ok(Self {
            categories: Categories::built_in(),
            survey,
            identical,
            waste,
            beyond: files.archives().is_some(),
            warnings,
        })
    }

    /// Whether archives would tell more than was read.
    pub fn archives_tell_more(&self) -> bool {
        self.beyond && (!self.survey.missing.is_empty() || self.survey.told_by_names() > 0)
    }

    /// What of it advice rests on.
    pub fn for_advice(&self) -> FromFiles {
        let is_idle = |(id, tally): (usize, Tally)| {
            let category = &self.categories.as_slice()[id];
            let idle = category.is_idle();
            idle.then(|| (category.title.clone(), tally.bytes))
        };
        let kinds = by_size(&self.survey.kinds.total);
        FromFiles {
            waste: self.waste.clone(),
            identical: self
                .identical
                .as_ref()
                .map(|one| (one.saved_on_disk, one.links)),
            contents: kinds.into_iter().filter_map(is_idle).collect(),
        }
    }

    /// The paths with files, the largest payload first.
    pub(super) fn largest(&self) -> Vec<PathId> {
        let (here, elsewhere) = (&self.survey.usage.paths, &self.survey.elsewhere);
        let mut ids: Vec<PathId> = here.keys().chain(elsewhere.keys()).copied().collect();
        ids.sort_by_key(|&id| (Reverse(self.payload(id)), id));
        ids.dedup();
        ids
    }

    fn payload(&self, id: PathId) -> u64 {
        self.survey.sums(id).map_or(0, |sums| sums.payload)
    }

    /// Writes everything for people.
    pub fn text(&self, subject: &Analysed, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        self.totals(subject, paper, out)?;
        self.category_lines(paper, out)?;
        self.package_lines(subject, paper, out)?;
        self.identical_lines(subject, paper, out)?;
        self.waste_lines(subject, paper, out)
    }

    fn totals(&self, subject: &Analysed, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let total = self.survey.total();
        let size = |bytes| paper.size_in_words(bytes);
        let closure = subject.closure();
        let count = closure.len() - self.survey.missing.len();
        let nar = paper.total(closure.known_nar_size(), closure.unknown_sizes());
        let here = self.survey.inventory.paths.len();
        let on_disk = match here {
            0 => String::new(),
            _ if here == count => format!("; {} on disk", size(total.allocated)),
            _ => {
                let paths = text::counted(here, "path");
                format!("; {} on disk for the {paths} here", size(total.allocated))
            }
        };
        writeln!(
            out,
            "{} in {} files of {}; {nar} as NARs{on_disk}",
            paper.paint(Ink::Strong, &size(total.payload)),
            text::count(total.files),
            text::counted(count, "path"),
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
        if self.survey.told_by_names() > 0 {
            let paths = text::counted(self.survey.told_by_names(), "path");
            let what = "from listings, so their categories follow from names and modes alone";
            writeln!(out, "  the files of {paths} are known {what}")?;
        }
        if !self.survey.missing.is_empty() {
            let missing = text::counted(self.survey.missing.len(), "path");
            let place = if self.beyond {
                "neither on this machine nor in a listing of the binary cache"
            } else {
                "not on this machine"
            };
            let line = format!("  the files of {missing} are {place} and not counted");
            writeln!(out, "{}", paper.paint(Ink::Warn, &line))?;
        }
        Ok(())
    }

    fn category_lines(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        paper.heading(out, "what the bytes are")?;
        let payload = self.survey.total().payload;
        let width = paper.size_column(payload);
        for (id, tally) in by_size(&self.survey.kinds.total) {
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
        subject: &Analysed,
        paper: Paper,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        paper.heading(out, "where they are")?;
        let width = paper.size_column(self.survey.total().payload);
        let ids = self.largest();
        for &id in ids.iter().take(LINES) {
            let size = paper.size(Some(self.payload(id)));
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

    /// The largest categories of a path: `manual pages 3.1 MiB`.
    fn shares(&self, id: PathId, paper: Paper) -> Vec<String> {
        let Some(tallies) = self.survey.kinds.paths.get(&id) else {
            return Vec::new();
        };
        let some = by_size(tallies).into_iter().take(3);
        let share = |(category, tally): (usize, Tally)| {
            let name = &self.categories.as_slice()[category].title;
            format!("{name} {}", paper.size(Some(tally.bytes)))
        };
        some.map(share).collect()
    }

    fn identical_lines(
        &self,
        subject: &Analysed,
        paper: Paper,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        paper.heading(out, "identical files")?;
        let Some(identical) = &self.identical else {
            return unknown("only files on this machine are compared", paper, out);
        };
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
        for group in identical.groups.iter().take(LINES) {
            let size = paper.size(Some(group.saved));
            let Some((id, place)) = group.files.first() else {
                continue;
            };
            let place = place.display().to_string();
            let file = match &*place {
                "" => subject.label(*id),
                place => format!("{}/{}", subject.label(*id), text::sanitise(place)),
            };
            let copies = format!("{} copies of ", text::count(group.copies));
            let others = whose(subject, group);
            let file = paper.fit(
                &file,
                width + 6 + text::width(&copies) + text::width(&others),
            );
            let others = paper.paint(Ink::Faint, &others);
            writeln!(out, "  {}{size}  {copies}{file}{others}", pad(&size, width))?;
        }
        let groups = usize::try_from(identical.group_count).unwrap_or(usize::MAX);
        more(groups.saturating_sub(LINES), paper, out)
    }

    fn waste_lines(&self, subject: &Analysed, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        paper.heading(out, "references that are likely accidents")?;
        let Some(waste) = &self.waste else {
            return unknown("what holds the references was not looked at", paper, out);
        };
        if waste.references.is_empty() {
            return writeln!(out, "  none");
        }
        let count = text::counted(waste.references.len(), "reference");
        writeln!(
            out,
            "  {count} occur only in documentation, build metadata, headers or debug information; without them {} less, predicted",
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

/// The references that are likely accidents.
fn waste(
    subject: &Analysed,
    found: &Evidence,
    progress: &Progress,
) -> Result<Waste, EvidenceError> {
    let edges = found.edges.iter();
    let edges = edges.map(|edge| (edge.from, edge.to, edge.counts));
    let subject = subject.attached(progress);
    Ok(accidental(&subject, edges, &found.incomplete)?)
}

/// In how many other paths the files of a group are.
fn whose(subject: &Analysed, group: &IdenticalFiles) -> String {
    let mut paths: Vec<PathId> = group.files.iter().map(|&(id, _)| id).collect();
    let first = paths.first().copied();
    paths.sort_unstable();
    paths.dedup();
    paths.retain(|&id| Some(id) != first);
    match paths[..] {
        [] => String::new(),
        [only] => format!(", also in {}", subject.label(only)),
        [other, ..] => format!(
            ", also in {} and {} more",
            subject.label(other),
            text::count(paths.len() as u64 - 1)
        ),
    }
}

fn unknown(why: &str, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
    let line = format!("  not known: {why}");
    writeln!(out, "{}", paper.paint(Ink::Faint, &line))
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
