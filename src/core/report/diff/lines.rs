//! The differences for people.

use std::io::{self, Write};

use super::{Comparison, DiffSide, title, told, told_delta};
use crate::analysis::diff::{Cause, Change, Delta, PackageChange};
use crate::analysis::what_if::Total;
use crate::model::PathId;
use crate::report::paper::{Ink, Paper, pad};
use crate::text;

/// Paths that are named of those that came along.
const NAMED: usize = 3;
/// The most cells a package's name takes before its versions, and those before the difference.
const NAME: usize = 36;
const VERSIONS: usize = 40;
/// Cells of the word that says how sure something is, and of the gap before it.
const SURENESS: usize = 11;

impl Comparison<'_> {
    /// Writes the differences for people.
    pub fn text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        if let Some(guess) = self.tried {
            Self::changes_text(guess, paper, out)?;
            writeln!(out, "{}", paper.fit(&self.compared(guess), 0))?;
        } else {
            let [before, after] = self.titles();
            let after = paper.paint(Ink::Strong, &after).to_string();
            let predicted = if self.predicted { " as planned" } else { "" };
            writeln!(out, "{before} → {after}{predicted}")?;
        }
        self.summary(paper, out)?;
        self.packages_text(paper, out)?;
        let came = ("what came, under what brought it", DiffSide::After);
        self.causes(paper, out, came)?;
        let left = ("what left, under what had held it", DiffSide::Before);
        self.causes(paper, out, left)?;
        match self.held {
            Some(held) => self.plan_text(held, paper, out),
            None => Ok(()),
        }
    }

    fn summary(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let diff = self.diff;
        let total = |total: &Total| paper.total(total.nar_size, total.unknown);
        let (change, ink) = change(paper, &diff.delta());
        let predicted = self.tried.map_or("", |_| " predicted");
        writeln!(
            out,
            "{} → {}{predicted}, {}",
            total(&diff.before),
            paper.paint(Ink::Strong, &total(&diff.after)),
            paper.paint(ink, &change),
        )?;
        writeln!(
            out,
            "{} → {}: {} came, {} left, {} the same",
            text::count(diff.before.paths as u64),
            text::counted(diff.after.paths, "path"),
            text::count(diff.came.len() as u64),
            text::count(diff.left.len() as u64),
            text::count(diff.same as u64),
        )?;
        if let Some(guess) = self.tried {
            writeln!(out, "{}", paper.fit(&self.sureness(guess), 0))?;
            if diff.is_empty() {
                writeln!(out, "nothing changes")?;
            }
        }
        match download(paper, diff) {
            Some(line) => writeln!(out, "{line}"),
            None => Ok(()),
        }
    }

    fn packages_text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        if self.diff.is_empty() {
            return Ok(());
        }
        let (shown, more) = self.packages(self.most());
        let all = text::counted(self.diff.packages.len(), "package");
        let mut heading = format!("{all} changed: {}", self.counts().join(", "));
        let [grew, shrank] = self.grown();
        if grew + shrank > 0 {
            let (grew, shrank) = (text::count(grew as u64), text::count(shrank as u64));
            heading = format!("{heading}; {grew} grew, {shrank} shrank");
        }
        if let Some(matching) = self.matching(shown.len() + more) {
            heading = format!("{heading}\n  {matching}");
        }
        paper.heading(out, &heading)?;
        let rows: Vec<[String; 3]> = shown.iter().map(|one| self.cells(paper, one)).collect();
        let widest = |at: usize, most: usize| {
            let widths = rows.iter().map(|row| text::width(&row[at]));
            widths.max().unwrap_or(0).min(most)
        };
        let size = widest(2, usize::MAX);
        let behind = if self.tried.is_some() { SURENESS } else { 0 };
        let room = paper
            .width
            .map_or(usize::MAX, |width| width.saturating_sub(size + behind + 9));
        let name = widest(0, NAME.min(room / 2));
        let version = widest(1, VERSIONS.min(room.saturating_sub(name)));
        for (package, row) in shown.iter().zip(&rows) {
            let (sign, ink) = sign(package.change);
            let label = text::fit(&row[0], name);
            let versions = text::fit(&row[1], version);
            let delta = paper.paint(change(paper, &package.delta).1, &row[2]);
            let sure = self.tried.and_then(|guess| guess.of(package));
            let sure = sure.map_or_else(String::new, |word| format!("  {word}"));
            writeln!(
                out,
                "  {} {label}{}  {}{}  {}{delta}{}",
                paper.paint(ink, sign),
                pad(&label, name),
                paper.paint(Ink::Faint, &versions),
                pad(&versions, version),
                pad(&row[2], size),
                paper.paint(Ink::Faint, &sure),
            )?;
        }
        more_of(paper, out, more)
    }

    /// How many packages a query leaves, if there is one.
    pub(super) fn matching(&self, packages: usize) -> Option<String> {
        let query = text::sanitise(self.shown?.query);
        Some(format!("{} match {query}", text::count(packages as u64)))
    }

    /// What is said of a package: its name, its versions, its difference.
    fn cells(&self, paper: Paper, package: &PackageChange) -> [String; 3] {
        let graph = self.graph();
        let versions = package.versions(graph, " → ");
        let delta = match told_delta(&package.delta) {
            Some(bytes) if package.delta.unknown > 0 => format!("{} and ?", paper.signed(bytes)),
            Some(bytes) => paper.signed(bytes),
            None => "–".to_owned(),
        };
        [title(graph, package), versions, delta]
    }

    fn causes(
        &self,
        paper: Paper,
        out: &mut dyn Write,
        (heading, side): (&str, DiffSide),
    ) -> io::Result<()> {
        let causes = self.causes_of(side);
        if causes.is_empty() {
            return Ok(());
        }
        let count = text::count(causes.len() as u64);
        paper.heading(out, &format!("{heading} ({count})"))?;
        let shown = &causes[..self.most().min(causes.len())];
        let sizes: Vec<String> = shown
            .iter()
            .map(|one| signed(paper, &one.total, side))
            .collect();
        let width = sizes
            .iter()
            .map(|size| text::width(size))
            .max()
            .unwrap_or(0);
        for (cause, size) in shown.iter().zip(&sizes) {
            let ink = if side == DiffSide::After {
                Ink::Warn
            } else {
                Ink::Good
            };
            let (top, along) = (self.label(cause.top), self.along(cause));
            let used = 4 + width + 2;
            write!(out, "    {}{}  ", pad(size, width), paper.paint(ink, size))?;
            let along = match paper.width {
                Some(all) => text::fit(&along, all.saturating_sub(used + text::width(&top))),
                None => along.as_str().into(),
            };
            writeln!(
                out,
                "{}{}",
                paper.paint(Ink::Strong, &top),
                paper.paint(Ink::Faint, &along)
            )?;
            let way = self.way(cause, side);
            let way = paper.fit(&way, used);
            writeln!(out, "{}{}", " ".repeat(used), paper.paint(Ink::Faint, &way))?;
        }
        more_of(paper, out, causes.len() - shown.len())
    }

    /// What came along with a path, in words.
    pub(super) fn along(&self, cause: &Cause) -> String {
        let along = cause.along();
        let first = &along[..NAMED.min(along.len())];
        let names: Vec<String> = first.iter().map(|&id| self.label(id)).collect();
        match along.len() - first.len() {
            _ if along.is_empty() => String::new(),
            0 => format!(" with {}", names.join(", ")),
            more => format!(
                " with {} and {} more",
                names.join(", "),
                text::count(more as u64)
            ),
        }
    }

    /// By what way a path came, in words: the chain, what else holds it, and what makes the reference.
    pub(super) fn way(&self, cause: &Cause, side: DiffSide) -> String {
        let names: Vec<String> = cause.chain.iter().map(|&id| self.label(id)).collect();
        let mut way = match &names[..] {
            [_] if self.is_root(cause.top, side) => "a root of its own".to_owned(),
            [_] => "nothing that is known references it".to_owned(),
            _ => names.join(" → "),
        };
        if let (None, [_, _, ..]) = (told(cause), &cause.others[..]) {
            let holders: Vec<String> = cause
                .others
                .iter()
                .take(NAMED)
                .map(|&id| self.label(id))
                .collect();
            let more = cause.others.len() - holders.len();
            let rest = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            way = format!("{way}; held by {}{rest}", holders.join(", "));
        }
        let others = cause.references.len().saturating_sub(1);
        if others > 0 {
            way = format!("{way}; {} more", text::counted(others, "reference"));
        }
        match told(cause).and_then(|reference| self.reason(side, reference)) {
            Some(edge) => format!("{way}; {}", place(edge)),
            None => way,
        }
    }

    fn is_root(&self, id: PathId, side: DiffSide) -> bool {
        match side {
            DiffSide::After => self.after.closure.is_root(id),
            DiffSide::Before => self.before.closure.is_root(id),
        }
    }
}

/// Where the reference stands, and what that says.
fn place(edge: &crate::source::evidence::EdgeEvidence) -> String {
    let class = edge.counts.strongest();
    let class = class.map(|class| class.to_string()).unwrap_or_default();
    let Some(hit) = edge.hits.first() else {
        return class;
    };
    let file = text::sanitise(&hit.file.to_string_lossy()).into_owned();
    let line = hit.line.map(|line| format!(":{line}")).unwrap_or_default();
    match file.as_str() {
        "" => class,
        _ => format!("in {file}{line}, {class}"),
    }
}

/// What fetching all that came would take, if something of that is known.
pub(super) fn download(paper: Paper, diff: &crate::analysis::Diff) -> Option<String> {
    let sum = diff.download;
    let known = diff.came.len() - sum.unknown;
    (known > 0).then(|| format!("to download: {}", paper.total(sum.known, sum.unknown)))
}

/// A difference, and how it looks: what became less is good.
pub(super) fn change(paper: Paper, delta: &Delta) -> (String, Ink) {
    let ink = match delta.nar_size {
        0 => Ink::Plain,
        1.. => Ink::Warn,
        _ => Ink::Good,
    };
    let unknown = match delta.unknown {
        0 => String::new(),
        unknown => format!(" and {} of unknown size", text::counted(unknown, "path")),
    };
    (format!("{}{unknown}", paper.signed(delta.nar_size)), ink)
}

fn signed(paper: Paper, total: &Total, side: DiffSide) -> String {
    let sign = if side == DiffSide::After { "+" } else { "−" };
    match total.exact() {
        Some(bytes) => format!("{sign}{}", paper.size(Some(bytes))),
        None if total.nar_size == 0 => "–".to_owned(),
        None => format!("{sign}{} and ?", paper.size(Some(total.nar_size))),
    }
}

fn sign(change: Change) -> (&'static str, Ink) {
    match change {
        Change::Came => ("+", Ink::Warn),
        Change::Left => ("−", Ink::Good),
        Change::Version => ("~", Ink::Key),
        Change::Rebuilt => ("=", Ink::Faint),
        Change::Copies => ("≠", Ink::Key),
    }
}

fn more_of(paper: Paper, out: &mut dyn Write, more: usize) -> io::Result<()> {
    if more == 0 {
        return Ok(());
    }
    let line = format!("    and {} more", text::count(more as u64));
    writeln!(out, "{}", paper.paint(Ink::Faint, &line))
}
