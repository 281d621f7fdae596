//! What dropping some roots together frees, and the commands for it.

use std::collections::HashSet;
use std::io::{self, Write};

use crate::analysis::blocks::Disk;
use crate::model::PathId;
use crate::text;

use super::{RootsReport, said};
use crate::report::lines::Lines;
use crate::report::paper::{Ink, Paper};

/// Paths that leave that are listed for people.
const LISTED: usize = 10;

impl RootsReport<'_> {
    /// What leaves, largest first.
    pub(super) fn leaving(&self) -> Vec<PathId> {
        let Some(freed) = &self.freed else {
            return Vec::new();
        };
        let mut leaving: Vec<PathId> = freed.paths.iter().collect();
        self.roots.graph.sort_largest_first(&mut leaving);
        leaving
    }

    /// What that frees on disk, if it was asked for.
    pub(super) fn freed_on_disk(&self) -> Option<Disk> {
        let (freed, blocks) = (self.freed.as_ref()?, self.asked.blocks.as_ref()?);
        Some(blocks.freed(&freed.paths, &self.roots.dead_set()))
    }

    pub(super) fn drop_text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let Some(freed) = &self.freed else {
            return Ok(());
        };
        let roots = text::counted(self.asked.drop.len(), "root");
        let total = said(paper, freed.total);
        let line = format!("dropping {roots} frees {total}");
        let disk = self.freed_on_disk().map_or_else(String::new, |disk| {
            format!("; on disk {}", paper.total(disk.bytes, disk.unknown))
        });
        writeln!(out, "\n{}{disk}", paper.paint(Ink::Good, &line))?;
        let leaving = self.leaving();
        let lines = Lines::nar_only(&self.subject, paper);
        let shown = &leaving[..LISTED.min(leaving.len())];
        lines.plain(out, Ink::Plain, shown)?;
        lines.more(out, leaving.len() - shown.len())?;
        self.holds_still(paper, out)?;
        paper.heading(out, "what to run")?;
        for command in self.roots.commands(&self.asked.drop) {
            writeln!(out, "  {command}")?;
        }
        Ok(())
    }

    /// Which of the dropped roots do not free what they name, because others keep that.
    fn holds_still(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let together: HashSet<usize> = self.asked.drop.iter().copied().collect();
        for &at in &self.asked.drop {
            if let Some(other) = self.roots.holds_still(at, &together) {
                let [name, holder] = [at, other].map(|at| self.roots.name(&self.roots.rows[at]));
                let line = format!("what {name} names stays: {holder} keeps it too");
                writeln!(out, "  {}", paper.paint(Ink::Warn, &text::sanitise(&line)))?;
            }
        }
        Ok(())
    }
}
