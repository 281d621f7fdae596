//! Paths in text, one a line: NAR size and retained size to the left, so that they stand below each other, then the name.
//! Where it is known what derivations make, its size stands between.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::model::PathId;
use crate::text;

use super::paper::{Ink, Paper, pad};
use crate::analysis::Analysed;
use crate::analysis::metric::Metric;

/// Writes paths of one subject, all with the same columns.
#[derive(Debug, Clone, Copy)]
pub struct Lines<'a> {
    subject: &'a Analysed,
    paper: Paper,
    width: usize,
    retained: bool,
    outputs: bool,
}

impl<'a> Lines<'a> {
    /// Lines whose columns fit every path of the closure.
    pub fn new(subject: &'a Analysed, paper: Paper) -> Self {
        let graph = subject.graph();
        let outputs = graph.ids().filter_map(|id| graph.outputs_size(id)).max();
        let largest = subject.closure().known_nar_size();
        Self {
            subject,
            paper,
            width: paper.size_column(largest.max(outputs.unwrap_or(0))),
            retained: true,
            outputs: graph.knows_outputs(),
        }
    }

    /// Lines without the retained size, where that would mislead: among paths that leave together, for instance.
    pub fn nar_only(subject: &'a Analysed, paper: Paper) -> Self {
        Self {
            retained: false,
            outputs: false,
            ..Self::new(subject, paper)
        }
    }

    /// Cells before the name.
    fn columns(self) -> usize {
        (2 + self.width) * (1 + usize::from(self.retained) + usize::from(self.outputs)) + 2
    }

    /// The column headings.
    pub fn heading(self, out: &mut dyn Write) -> io::Result<()> {
        let width = self.width;
        let mut heading = format!(
            "  {:>width$}  {:>width$}",
            Metric::Nar.title(),
            Metric::Retained.title()
        );
        if self.outputs {
            let _ = write!(heading, "  {:>width$}", Metric::Outputs.title());
        }
        writeln!(out, "{}", self.paper.paint(Ink::Faint, &heading))
    }

    /// One path; `rule` stands before the name, `note` behind it.
    pub fn line(
        self,
        out: &mut dyn Write,
        id: PathId,
        rule: &str,
        ink: Ink,
        note: &str,
    ) -> io::Result<()> {
        let paper = self.paper;
        let nar = paper.size(self.subject.graph().nar_size(id));
        write!(out, "  {}{nar}", pad(&nar, self.width))?;
        if self.retained {
            let retained = paper.size(self.subject.retained_size(id));
            write!(out, "  {}{retained}", pad(&retained, self.width))?;
        }
        if self.outputs {
            let outputs = paper.size(self.subject.graph().outputs_size(id));
            write!(out, "  {}{outputs}", pad(&outputs, self.width))?;
        }
        let used = self.columns() + text::width(rule) + text::width(note);
        let label = self.subject.label(id);
        let label = paper.fit(&label, used);
        let (rule, note) = (paper.paint(Ink::Faint, rule), paper.paint(Ink::Faint, note));
        writeln!(out, "  {rule}{}{note}", paper.paint(ink, &label))
    }

    /// Some paths in the order given.
    pub fn plain(self, out: &mut dyn Write, ink: Ink, ids: &[PathId]) -> io::Result<()> {
        ids.iter()
            .try_for_each(|&id| self.line(out, id, "", ink, ""))
    }

    /// A chain: each path one step further in.
    pub fn chain(self, out: &mut dyn Write, chain: &[PathId]) -> io::Result<()> {
        for (step, &id) in chain.iter().enumerate() {
            let rule = match step {
                0 => String::new(),
                _ => format!("{}└─ ", "   ".repeat((step - 1).min(DEEPEST))),
            };
            let ink = if step + 1 == chain.len() {
                Ink::Strong
            } else {
                Ink::Plain
            };
            self.line(out, id, &rule, ink, "")?;
        }
        Ok(())
    }

    /// At most `most` paths, largest retained size first, and how many are left out.
    pub fn largest(self, out: &mut dyn Write, ids: &[PathId], most: usize) -> io::Result<()> {
        let mut ids = ids.to_vec();
        Metric::Retained.sort_largest_first(self.subject, &mut ids);
        let shown = &ids[..most.min(ids.len())];
        self.plain(out, Ink::Plain, shown)?;
        self.more(out, ids.len() - shown.len())
    }

    /// Says how many lines were left out.
    pub fn more(self, out: &mut dyn Write, count: usize) -> io::Result<()> {
        if count == 0 {
            return Ok(());
        }
        let indent = " ".repeat(self.columns());
        let line = format!("{indent}and {} more", text::count(count as u64));
        writeln!(out, "{}", self.paper.paint(Ink::Faint, &line))
    }
}

/// Steps of a chain that are moved in; the rest of a very long chain stands below each other.
const DEEPEST: usize = 100;
