//! The differences as Markdown, short enough for a comment on a change.

use std::io::{self, Write};

use super::{Comparison, DiffSide, title, told, told_delta};
use crate::analysis::diff::plan::Held;
use crate::analysis::diff::{Cause, Change, PackageChange, versions};
use crate::analysis::step::Step;
use crate::analysis::what_if::Total;
use crate::gate::{markdown_code as code, markdown_text};
use crate::model::PathId;
use crate::report::paper::Paper;
use crate::text::{self, Units};

impl Comparison<'_> {
    /// Writes a heading in one line, a table of packages, and below it what can be folded away.
    pub fn markdown(&self, units: Units, out: &mut dyn Write) -> io::Result<()> {
        let paper = Paper {
            units,
            ..Paper::default()
        };
        self.head(paper, out)?;
        self.table(paper, out)?;
        let came = ("What came, and by way of what", DiffSide::After);
        self.folded(paper, came, out)?;
        let left = ("What left, and what had held it", DiffSide::Before);
        self.folded(paper, left, out)?;
        match self.held {
            Some(held) => self.plan_list(held, paper, out),
            None => Ok(()),
        }
    }

    fn head(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let diff = self.diff;
        let [before, after] = self.titles();
        let total = |total: &Total| paper.total(total.nar_size, total.unknown);
        let change = super::lines::change(paper, &diff.delta()).0;
        if let Some(guess) = self.tried {
            writeln!(out, "### {} with\n", code(&before))?;
            Self::changes_markdown(guess, out)?;
        } else {
            let predicted = if self.predicted { " as planned" } else { "" };
            writeln!(out, "### {} → {}{predicted}\n", code(&before), code(&after))?;
        }
        writeln!(
            out,
            "**{} → {}{} ({change})**, {} → {}: {} came, {} left",
            total(&diff.before),
            total(&diff.after),
            self.tried.map_or("", |_| " predicted"),
            text::count(diff.before.paths as u64),
            text::counted(diff.after.paths, "path"),
            text::count(diff.came.len() as u64),
            text::count(diff.left.len() as u64),
        )?;
        if let Some(guess) = self.tried {
            writeln!(out, "\n{}", markdown_text(&self.compared(guess)))?;
            writeln!(out, "\n{}", markdown_text(&self.sureness(guess)))?;
        }
        match super::lines::download(paper, diff) {
            Some(line) => writeln!(out, "\n{line}"),
            None => Ok(()),
        }
    }

    fn table(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        if self.diff.is_empty() {
            return writeln!(out, "\nNothing differs.");
        }
        let (shown, more) = self.packages(self.most());
        if !shown.is_empty() {
            writeln!(out, "\n| package | before | after | change |")?;
            writeln!(out, "|---|---|---|---:|")?;
        }
        for package in &shown {
            self.row(package, paper, out)?;
        }
        let all = text::counted(self.diff.packages.len(), "package");
        let changed = format!("{all} changed: {}", self.counts().join(", "));
        let shown = shown.len() + more;
        let changed = match self.shown {
            None => changed,
            Some(filter) => {
                let shown = text::count(shown as u64);
                format!("{shown} match {}; {changed}", code(filter.query))
            }
        };
        match more {
            0 => writeln!(out, "\n{changed}"),
            more => writeln!(out, "\nand {} more; {changed}", text::count(more as u64)),
        }
    }

    fn row(&self, package: &PackageChange, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let graph = self.graph();
        let side = |ids: &[PathId]| match versions(graph, ids).as_str() {
            _ if ids.is_empty() => "–".to_owned(),
            "" => "present".to_owned(),
            versions => code(versions),
        };
        let after = match package.change {
            Change::Rebuilt => "rebuilt".to_owned(),
            _ => side(&package.after),
        };
        let delta = told_delta(&package.delta);
        let delta = delta.map_or_else(|| "unknown".to_owned(), |bytes| paper.signed(bytes));
        let strong = matches!(package.change, Change::Came | Change::Left);
        let delta = if strong {
            format!("**{delta}**")
        } else {
            delta
        };
        let sure = self.tried.and_then(|guess| guess.of(package));
        let delta = match sure {
            // That its size is not known stands there.
            Some(word) if !delta.contains(word) => format!("{delta} {word}"),
            _ => delta,
        };
        let name = code(&title(graph, package));
        let before = side(&package.before);
        writeln!(out, "| {name} | {before} | {after} | {delta} |")
    }

    fn folded(
        &self,
        paper: Paper,
        (title, side): (&str, DiffSide),
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let causes = self.causes_of(side);
        if causes.is_empty() {
            return Ok(());
        }
        let count = text::count(causes.len() as u64);
        writeln!(out, "\n<details><summary>{title} ({count})</summary>\n")?;
        let shown = causes.iter().take(self.most());
        for cause in shown {
            self.cause(cause, side, paper, out)?;
        }
        let more = causes.len().saturating_sub(self.most());
        if more > 0 {
            writeln!(out, "- and {} more", text::count(more as u64))?;
        }
        writeln!(out, "\n</details>")
    }

    fn cause(
        &self,
        cause: &Cause,
        side: DiffSide,
        paper: Paper,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let name = |id: PathId| code(&self.label(id));
        let bytes = paper.total(cause.total.nar_size, cause.total.unknown);
        let along = match cause.along() {
            [] => String::new(),
            [only] => format!(" with {}", name(*only)),
            [first, rest @ ..] => {
                let more = text::count(rest.len() as u64);
                format!(" with {} and {more} more", name(*first))
            }
        };
        let by = match told(cause) {
            Some((from, _)) => format!(", referenced by {}", name(from)),
            None if cause.others.is_empty() => String::new(),
            None => {
                let holders: Vec<String> =
                    cause.others.iter().take(3).map(|&id| name(id)).collect();
                format!(", referenced by {}", holders.join(", "))
            }
        };
        let reason = told(cause).and_then(|reference| self.reason(side, reference));
        let reason = reason.and_then(|edge| edge.hits.first());
        let reason = reason.map(|hit| format!(" in {}", code(&hit.file.to_string_lossy())));
        let reason = reason.unwrap_or_default();
        writeln!(out, "- {}: {bytes}{along}{by}{reason}", name(cause.top))
    }

    fn plan_list(&self, held: &Held, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let beyond = super::lines::change(paper, &held.beyond).0;
        let predicted = paper.total(held.predicted.nar_size, held.predicted.unknown);
        writeln!(
            out,
            "\n**The plan** predicted {predicted}: {beyond} against that\n"
        )?;
        for verdict in &held.verdicts {
            let mark = if verdict.done { "x" } else { " " };
            let name = |id| code(self.graph().name(id));
            let step = match verdict.step {
                Step::Remove(id) => format!("leave out {}", name(id)),
                Step::Cut { from, to } => format!("cut {} → {}", name(from), name(to)),
                Step::Replace { old, new } => format!("replace {} by {}", name(old), name(new)),
            };
            let size = paper.signed(-verdict.predicted.nar_size);
            writeln!(out, "- [{mark}] {step}: {size} predicted")?;
        }
        for one in &held.tries {
            let mark = if one.done == Some(true) { "x" } else { " " };
            let predicted = one.predicted.map(|total| total.nar_size.cast_signed());
            let size = predicted.or(one.planned.promised).map_or_else(
                || "unknown".to_owned(),
                |bytes| format!("{} predicted", paper.signed(-bytes)),
            );
            writeln!(out, "- [{mark}] try {}: {size}", code(&one.planned.change))?;
        }
        Ok(())
    }
}
