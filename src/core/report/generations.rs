//! `generations`: the history of a profile: what each generation brought and dropped, and what deleting some would free.

mod json;
pub mod when;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Arc;

use crate::analysis::Analysed;
use crate::analysis::diff::{Change, PackageChange};
use crate::analysis::generations::{Timeline, TimelineStep};
use crate::analysis::what_if::Total;
use crate::job::{Cancelled, Progress};
use crate::model::{PackageName, PathId};
use crate::source::roots::profiles::{Profile, Rule};
use crate::source::roots::store_roots::StoreRoots;
use crate::text;

use super::paper::{Ink, Paper, pad};

/// Packages of a sort that are named in the line below a generation.
const NAMED: usize = 3;
/// Most generations of which a picture is drawn.
const DRAWN: usize = 80;

/// A profile, ready to be printed.
#[derive(Debug)]
pub struct GenerationsReport<'a> {
    profile: &'a Profile,
    roots: &'a StoreRoots,
    subject: Analysed,
    timeline: Timeline,
    targets: Vec<PathId>,
    /// The row of the store's roots that each generation is.
    rows: Vec<Option<usize>>,
    what_if: Option<WhatIf>,
}

/// What a rule would give.
#[derive(Debug)]
struct WhatIf {
    rule: Rule,
    /// The positions of the generations that go.
    going: Vec<usize>,
    freed: Total,
    commands: Vec<String>,
}

/// Leaves out the generations whose paths the store does not have; tells which those are.
pub fn leave_out_invalid(profile: &mut Profile, roots: &StoreRoots) -> Vec<u64> {
    let valid = |target: &str| {
        let found = roots.graph.find(target);
        found.is_some_and(|id| !roots.graph.is_missing(id))
    };
    let generations = std::mem::take(&mut profile.generations);
    let (kept, gone): (Vec<_>, Vec<_>) =
        generations.into_iter().partition(|one| valid(&one.target));
    profile.generations = kept;
    gone.into_iter().map(|one| one.number).collect()
}

impl<'a> GenerationsReport<'a> {
    /// Measures the generations of a profile; `now` in seconds since 1970.
    pub fn of(
        profile: &'a Profile,
        roots: &'a StoreRoots,
        rule: Option<Rule>,
        now: i64,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let found = profile.generations.iter();
        let targets: Vec<PathId> = found
            .filter_map(|one| roots.graph.find(&one.target))
            .collect();
        let timeline = Timeline::of(&roots.graph, &targets, progress)?;
        let by_link = roots.rows_by_link();
        let generations = profile.generations.iter();
        let rows: Vec<Option<usize>> = generations
            .map(|one| by_link.get(one.link.as_path()).copied())
            .collect();
        let what_if = rule.map(|rule| {
            let going = profile.going(rule, now);
            let dropped: Vec<usize> = going.iter().filter_map(|&at| rows[at]).collect();
            WhatIf {
                freed: roots.freed(&dropped).total,
                commands: if dropped.is_empty() {
                    Vec::new()
                } else {
                    roots.commands(&dropped)
                },
                going,
                rule,
            }
        });
        let closure = crate::model::Closure::of(&roots.graph, &targets);
        Ok(Self {
            subject: Analysed::new(Arc::clone(&roots.graph), Arc::new(closure)),
            profile,
            roots,
            timeline,
            targets,
            rows,
            what_if,
        })
    }

    /// Writes the generations for people.
    pub fn text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let link = self.profile.link.display().to_string();
        let count = text::counted(self.profile.generations.len(), "generation");
        let together = self.timeline.together;
        let paths = text::counted(together.paths, "path");
        let size = paper.total(together.nar_size, together.unknown);
        writeln!(
            out,
            "{}: {count}, together {paths}, {size}",
            text::sanitise(&link)
        )?;
        self.picture(paper, out)?;
        let sizes = self.timeline.steps.iter().map(|step| step.total.nar_size);
        let width = paper
            .size_column(sizes.max().unwrap_or(0))
            .max("change".len())
            + 1;
        let numbers = self.profile.generations.iter();
        let digits = numbers.map(|one| one.number.to_string().len()).max();
        let digits = digits.unwrap_or_default().max("generation".len());
        let heading = format!(
            "  {:>digits$}  {:<10}  {:>width$}  {:>width$}  {:>width$}",
            "generation", "made", "size", "change", "alone"
        );
        writeln!(out, "\n{}", paper.paint(Ink::Faint, &heading))?;
        for (at, one) in self.profile.generations.iter().enumerate() {
            let step = &self.timeline.steps[at];
            let made = one.created.map_or_else(|| "–".to_owned(), day);
            let used = if one.current { "  in use" } else { "" };
            let change = match at {
                0 => String::new(),
                _ => step
                    .change()
                    .map_or_else(|| "–".to_owned(), |bytes| paper.signed(bytes)),
            };
            let cells = [
                paper.size(step.total.exact()),
                change,
                paper.size(self.alone(at).and_then(|total| total.exact())),
            ];
            write!(out, "  {:>digits$}  {}{made}", one.number, pad(&made, 10))?;
            for cell in cells {
                write!(out, "  {}{cell}", pad(&cell, width))?;
            }
            writeln!(out, "{}", paper.paint(Ink::Good, used))?;
            if let Some(line) = self.changes(step) {
                let fitted = paper.fit(&line, 14).into_owned();
                writeln!(
                    out,
                    "{}{}",
                    " ".repeat(14),
                    paper.paint(Ink::Faint, &fitted)
                )?;
            }
        }
        self.what_if_text(paper, out)
    }

    /// What deleting one generation would free; `None` if the store does not count it among its roots.
    fn alone(&self, at: usize) -> Option<Total> {
        self.rows[at].map(|row| self.roots.rows[row].alone)
    }

    /// The run of sizes, between the smallest and the largest.
    fn picture(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let all = &self.timeline.steps;
        let shown = &all[all.len().saturating_sub(DRAWN)..];
        let sizes: Vec<u64> = shown.iter().map(|step| step.total.nar_size).collect();
        let (Some(&least), Some(&most)) = (sizes.iter().min(), sizes.iter().max()) else {
            return Ok(());
        };
        if sizes.len() < 2 || least == most {
            return Ok(());
        }
        let line = text::sparkline(&sizes);
        let ends = [least, most].map(|bytes| paper.size_in_words(bytes));
        writeln!(
            out,
            "{} {} {}",
            ends[0],
            paper.paint(Ink::Key, &line),
            ends[1]
        )
    }

    /// What came, changed and left, in one line.
    fn changes(&self, step: &TimelineStep) -> Option<String> {
        let part = |word: &str, wanted: &dyn Fn(Change) -> bool| {
            let theirs: Vec<String> = step
                .packages
                .iter()
                .filter(|package| wanted(package.change))
                .map(|package| self.named(package))
                .collect();
            let more = theirs.len().saturating_sub(NAMED);
            let mut line = format!("{word} {}", theirs[..theirs.len() - more].join(", "));
            if more > 0 {
                let _ = write!(line, " and {} more", text::count(more as u64));
            }
            (!theirs.is_empty()).then_some(line)
        };
        let parts = [
            part("came", &|change| change == Change::Came),
            part("changed", &|change| {
                !matches!(change, Change::Came | Change::Left)
            }),
            part("left", &|change| change == Change::Left),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// A package with its output and what happened to its versions.
    fn named(&self, package: &PackageChange) -> String {
        let graph = self.subject.graph();
        let PackageName { pname, output, .. } = package.name(graph);
        let mut name = text::sanitise(pname).into_owned();
        for more in [output.unwrap_or_default(), &package.versions(graph, " → ")] {
            if !more.is_empty() {
                name = format!("{name} {}", text::sanitise(more));
            }
        }
        name
    }

    fn what_if_text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let Some(what_if) = &self.what_if else {
            return Ok(());
        };
        let rule = match what_if.rule {
            Rule::OlderThan(seconds) => {
                format!("deleting what is older than {}", text::age(seconds))
            }
            Rule::KeepLast(count) => format!("keeping the last {}", text::count(count as u64)),
        };
        if what_if.going.is_empty() {
            return writeln!(out, "\n{rule} removes no generation");
        }
        let numbers: Vec<String> = self.numbers(what_if).iter().map(u64::to_string).collect();
        let freed = what_if.freed;
        let line = format!(
            "{rule} removes {} ({}) and frees {}, {}",
            text::counted(numbers.len(), "generation"),
            numbers.join(", "),
            text::counted(freed.paths, "path"),
            paper.total(freed.nar_size, freed.unknown)
        );
        writeln!(out, "\n{}", paper.paint(Ink::Good, &line))?;
        let going = what_if.going.iter();
        let dropped: HashSet<usize> = going.filter_map(|&at| self.rows[at]).collect();
        for (number, &at) in numbers.iter().zip(&what_if.going) {
            let held = self.rows[at].and_then(|row| self.roots.holds_still(row, &dropped));
            if let Some(other) = held {
                let holder = self.roots.name(&self.roots.rows[other]);
                let line = format!("generation {number} stays in the store: {holder} keeps it too");
                writeln!(out, "  {}", paper.paint(Ink::Warn, &text::sanitise(&line)))?;
            }
        }
        paper.heading(out, "what to run")?;
        for command in &what_if.commands {
            writeln!(out, "  {command}")?;
        }
        Ok(())
    }

    fn numbers(&self, what_if: &WhatIf) -> Vec<u64> {
        let going = what_if.going.iter();
        going
            .map(|&at| self.profile.generations[at].number)
            .collect()
    }
}

/// The day of a time in seconds since 1970.
fn day(seconds: i64) -> String {
    let date = text::date(seconds);
    date.split(' ').next().unwrap_or_default().to_owned()
}
