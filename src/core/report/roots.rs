//! `roots`: what keeps the paths of a store alive, what each root costs, what dropping some frees, and what is dead.

mod dead;
mod drop;
pub mod given;
mod json;

use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Arc;

use crate::analysis::Analysed;
use crate::analysis::blocks::{Blocks, Disk};
use crate::analysis::what_if::Total;
use crate::source::roots::gc::{GcRoot, RootKind};
use crate::source::roots::leftovers::Leftover;
use crate::source::roots::store_roots::{Freed, RootRow, StoreRoots};
use crate::text;

use super::overlap;
use super::paper::{Ink, Paper, pad};

/// Other roots that are named in the line below a root.
const OTHERS: usize = 2;
/// Broken links that are listed for people.
const BROKEN: usize = 20;

/// What is wanted beside the roots themselves.
#[derive(Debug, Default)]
pub struct RootsWish {
    /// What takes how much on disk, if that was read.
    pub blocks: Option<Blocks>,
    /// The rows to be dropped, ascending.
    pub drop: Vec<usize>,
    /// Whether what nothing keeps is listed.
    pub dead: bool,
    /// What lies in the store's directory and is no valid path.
    pub leftovers: Vec<Leftover>,
}

/// The roots of a store, ready to be printed.
#[derive(Debug)]
pub struct RootsReport<'a> {
    roots: &'a StoreRoots,
    subject: Analysed,
    asked: RootsWish,
    /// What each row keeps on disk alone.
    alone_on_disk: Option<Vec<Disk>>,
    freed: Option<Freed>,
}

impl<'a> RootsReport<'a> {
    /// Works out what was asked.
    pub fn of(roots: &'a StoreRoots, asked: RootsWish) -> Self {
        let subject = Analysed::new(Arc::clone(&roots.graph), Arc::clone(&roots.closure));
        let blocks = asked.blocks.as_ref();
        Self {
            alone_on_disk: blocks.map(|blocks| roots.alone_on_disk(blocks)),
            freed: (!asked.drop.is_empty()).then(|| roots.freed(&asked.drop)),
            roots,
            subject,
            asked,
        }
    }

    /// Writes the roots for people; `now` in seconds since 1970 tells their age.
    pub fn text(&self, paper: Paper, now: i64, out: &mut dyn Write) -> io::Result<()> {
        let closure = &self.roots.closure;
        let total = paper.total(closure.known_nar_size(), closure.unknown_sizes());
        let roots = text::counted(self.roots.rows.len(), "root");
        let paths = text::counted(closure.len(), "path");
        let keeps = if self.roots.rows.len() == 1 {
            "keeps"
        } else {
            "keep"
        };
        write!(out, "{roots} {keeps} {paths}, {total}")?;
        match self.roots.alive {
            alive if alive.paths > closure.len() => writeln!(
                out,
                " ({} with what keep-outputs and keep-derivations add)",
                said(paper, alive)
            )?,
            _ => writeln!(out)?,
        }
        if let Some(caution) = self.roots.caution() {
            writeln!(out, "{}", paper.paint(Ink::Warn, caution))?;
        }
        if !self.roots.rows.is_empty() {
            self.table(paper, now, out)?;
        }
        self.broken(paper, out)?;
        overlap::text(&self.roots.overlap, &self.subject, paper, out)?;
        self.dead_text(paper, out)?;
        self.drop_text(paper, out)
    }

    fn table(&self, paper: Paper, now: i64, out: &mut dyn Write) -> io::Result<()> {
        let size = paper
            .size_column(self.roots.alive.nar_size)
            .max("closure".len());
        let cells: Vec<[String; 2]> = self
            .roots
            .rows
            .iter()
            .map(|row| self.cells(now, row))
            .collect();
        let wide = |column: usize, heading: &str| {
            let widths = cells.iter().map(|row| text::width(&row[column]));
            widths.max().unwrap_or(0).max(heading.len())
        };
        let (owner, age) = (wide(0, "owner"), wide(1, "age"));
        let disk = self.alone_on_disk.is_some();
        let mut heading = format!("  {:>size$}  {:>size$}", "closure", "alone");
        if disk {
            let _ = write!(heading, "  {:>size$}  {:>size$}", "on disk", "alone");
        }
        let _ = write!(heading, "  {:<owner$}  {:>age$}  root", "owner", "age");
        writeln!(out, "\n{}", paper.paint(Ink::Faint, &heading))?;
        let used = text::width(&heading) - "root".len();
        let mut group = None;
        for (at, row) in self.roots.rows.iter().enumerate() {
            if group != Some(row.group) {
                group = Some(row.group);
                paper.heading(out, row.group.title())?;
            }
            for cell in self.sizes(paper, at, row) {
                write!(out, "  {}{cell}", pad(&cell, size))?;
            }
            let [who, old] = &cells[at];
            write!(out, "  {who}{}  {}{old}  ", pad(who, owner), pad(old, age))?;
            writeln!(out, "{}", paper.fit(&self.line(row), used))?;
            if let Some(others) = self.others(row) {
                let others = paper.fit(&others, used).into_owned();
                writeln!(
                    out,
                    "{}{}",
                    " ".repeat(used),
                    paper.paint(Ink::Faint, &others)
                )?;
            }
        }
        Ok(())
    }

    fn sizes(&self, paper: Paper, at: usize, row: &RootRow) -> Vec<String> {
        let mut sizes = vec![
            paper.size(row.closure.exact()),
            paper.size(row.alone.exact()),
        ];
        if let (Some(blocks), Some(alone)) = (&self.asked.blocks, &self.alone_on_disk) {
            let closure = self.roots.closure_on_disk(row, blocks);
            sizes.extend([closure, alone[at]].map(|disk| paper.size(disk.exact())));
        }
        sizes
    }

    fn cells(&self, now: i64, row: &RootRow) -> [String; 2] {
        let mut roots = self.roots.roots_of(row);
        let first = roots.next();
        let owner = first.and_then(|root| root.owner.as_deref());
        let made = self
            .roots
            .roots_of(row)
            .filter_map(|root| root.created)
            .max();
        let unknown = || "–".to_owned();
        [
            owner.map_or_else(unknown, |owner| text::sanitise(owner).into_owned()),
            made.map_or_else(unknown, |made| text::age(now.saturating_sub(made))),
        ]
    }

    /// What a row is, and where it leads.
    fn line(&self, row: &RootRow) -> String {
        let first = self.roots.roots_of(row).next();
        let name = match first.and_then(|root| root.generation.as_ref()) {
            Some(generation) => {
                let used = if generation.current { ", in use" } else { "" };
                let profile = generation.profile.display();
                format!("{profile} {}{used}", generation.number)
            }
            None => self.roots.name(row),
        };
        let target = match row.targets[..] {
            [only] => self.subject.label(only),
            _ => text::counted(row.targets.len(), "path"),
        };
        format!("{} → {target}", text::sanitise(&name))
    }

    /// What else keeps what a row names.
    fn others(&self, row: &RootRow) -> Option<String> {
        let first = row.others.first.iter().take(OTHERS);
        let names: Vec<String> = first
            .map(|&other| {
                text::sanitise(&self.roots.name(&self.roots.rows[other as usize])).into_owned()
            })
            .collect();
        let more = row.others.all - names.len();
        (!names.is_empty()).then(|| match more {
            0 => format!("also kept by {}", names.join(", ")),
            more => format!(
                "also kept by {} and {}",
                names.join(", "),
                text::counted(more, "other root")
            ),
        })
    }

    fn broken(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let broken = &self.roots.listed.broken;
        if broken.is_empty() {
            return Ok(());
        }
        paper.heading(out, "links that keep nothing")?;
        for one in broken.iter().take(BROKEN) {
            let link = one.link.display().to_string();
            let why = paper.paint(Ink::Warn, one.problem.words());
            writeln!(out, "  {}  {why}", text::sanitise(&link))?;
        }
        match broken.len().checked_sub(BROKEN) {
            Some(more @ 1..) => writeln!(out, "  and {} more", text::count(more as u64)),
            _ => Ok(()),
        }
    }
}

/// Whether removing a root alone removes its row.
fn stands_alone(row: &RootRow) -> bool {
    row.roots.len() == 1
}

/// The listed roots; of what processes keep, each path once.
fn told(roots: &StoreRoots) -> impl Iterator<Item = (&GcRoot, &RootRow)> {
    let of_processes = |root: &GcRoot| matches!(root.kind, RootKind::Process | RootKind::Temporary);
    let mut seen = std::collections::HashSet::new();
    let mut all: Vec<(&GcRoot, &RootRow)> = roots
        .rows
        .iter()
        .flat_map(|row| {
            row.roots
                .iter()
                .map(move |&at| (&roots.listed.roots[at], row))
        })
        .collect();
    all.sort_by_key(|(root, _)| root.process.as_ref().map(|process| process.number));
    all.into_iter().filter(move |(root, _)| {
        !of_processes(root) || seen.insert((root.kind, root.target.as_str()))
    })
}

/// A number of paths and their size, in words.
fn said(paper: Paper, total: Total) -> String {
    let paths = text::counted(total.paths, "path");
    format!("{paths}, {}", paper.total(total.nar_size, total.unknown))
}
