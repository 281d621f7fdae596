//! What nothing keeps alive: valid paths, and unregistered entries of the store directory.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::analysis::kept::Keep;
use crate::source::roots::leftovers::Leftover;
use crate::text;

use super::{RootsReport, said};
use crate::report::lines::Lines;
use crate::report::paper::{Ink, Paper, pad};

/// Dead paths that are listed for people.
const LISTED: usize = 20;

impl RootsReport<'_> {
    pub(super) fn dead_text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        if !self.asked.dead {
            return Ok(());
        }
        let dead = &self.roots.dead;
        let nothing = match self.roots.caution() {
            None => "nothing keeps",
            Some(_) => "nothing that could be read keeps",
        };
        let mut heading = format!("{nothing} {}", said(paper, self.roots.dead_total));
        if let Some(blocks) = &self.asked.blocks {
            let none = crate::model::PathSet::empty(self.roots.graph.len());
            let disk = blocks.freed(&self.roots.dead_set(), &none);
            let _ = write!(
                heading,
                "; on disk {}",
                paper.total(disk.bytes, disk.unknown)
            );
        }
        paper.heading(out, &heading)?;
        let rules = rules(self.roots.keep);
        writeln!(out, "  {}", paper.paint(Ink::Faint, &rules))?;
        let lines = Lines::nar_only(&self.subject, paper);
        let shown = &dead[..LISTED.min(dead.len())];
        lines.plain(out, Ink::Plain, shown)?;
        lines.more(out, dead.len() - shown.len())?;
        self.leftovers_text(paper, out)
    }

    fn leftovers_text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let found: Vec<&Leftover> = self.asked.leftovers.iter().collect();
        if found.is_empty() {
            return Ok(());
        }
        let sizes = found.iter().map(|one| one.disk_size);
        let known: u64 = sizes.clone().flatten().sum();
        let unknown = sizes.filter(Option::is_none).count();
        let entries = if found.len() == 1 { "entry" } else { "entries" };
        let heading = format!(
            "not registered as valid: {} {entries} of the store's directory, on disk {}",
            text::count(found.len() as u64),
            paper.total(known, unknown)
        );
        paper.heading(out, &heading)?;
        let width = paper.size_column(known);
        for one in found.iter().take(LISTED) {
            let size = paper.size(one.disk_size);
            let name = text::sanitise(&one.name);
            let kind = if one.claimed {
                format!("{}, claimed by a running process", one.kind.word())
            } else {
                one.kind.word().to_owned()
            };
            let kind = paper.paint(Ink::Faint, &kind);
            writeln!(out, "  {}{size}  {name}  {kind}", pad(&size, width))?;
        }
        match found.len().checked_sub(LISTED) {
            Some(more @ 1..) => writeln!(out, "  and {} more", text::count(more as u64)),
            _ => Ok(()),
        }
    }
}

/// The rules by which paths are kept, in words.
fn rules(keep: Keep) -> String {
    let kept = |rule: bool| if rule { "are kept" } else { "are not kept" };
    format!(
        "derivers of live paths {} (keep-derivations = {}), outputs of live derivations {} (keep-outputs = {})",
        kept(keep.derivations),
        keep.derivations,
        kept(keep.outputs),
        keep.outputs
    )
}
