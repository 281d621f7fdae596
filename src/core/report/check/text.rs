//! Text: a line for each closure, then each broken rule with its reasons.
//!
//! ```text
//! FAILED  nixos-system-worker-23.11  517.4 MiB in 30 paths; 2 of 6 rules broken
//!
//! package perl is forbidden, but 1 path is there  (heft.toml:16)
//!   perl-5.38.2, 55.8 MiB leave with it
//!     nixos-system-worker-23.11 → perl-5.38.2
//! ```

use std::io::{self, Write};

use crate::analysis::budget::{Culprit, RuleOutcome, Verdict};
use crate::text;

use super::{Check, Checked, REASONS, edges_of, words};
use crate::report::paper::{Ink, Paper, pad};

pub(super) fn write(check: &Check<'_>, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
    let titles: Vec<String> = check.closures.iter().map(Checked::title).collect();
    let width = titles
        .iter()
        .map(|title| text::width(title))
        .max()
        .unwrap_or(0);
    for (checked, title) in check.closures.iter().zip(&titles) {
        let (ink, word) = if checked.judgement.passes() {
            (Ink::Good, "passed")
        } else {
            (Ink::Bad, "FAILED")
        };
        let gap = pad(title, width.min(LONGEST));
        let word = paper.paint(ink, word);
        writeln!(out, "{word}  {title}{gap}  {}", summary(checked, paper))?;
    }
    let several = check.closures.len() > 1;
    for (checked, title) in check.closures.iter().zip(&titles) {
        if several && !checked.judgement.passes() {
            writeln!(out, "\n{}", paper.paint(Ink::Strong, title))?;
        }
        for verdict in checked.failing() {
            broken(check, checked, verdict, paper, out)?;
        }
    }
    Ok(())
}

/// Titles are aligned up to this width.
const LONGEST: usize = 50;

fn summary(checked: &Checked<'_>, paper: Paper) -> String {
    let closure = checked.analysed.closure();
    let size = paper.total(closure.known_nar_size(), closure.unknown_sizes());
    let paths = text::counted(closure.len(), "path");
    let judgement = &checked.judgement;
    let rules = text::counted(judgement.verdicts.len(), "rule");
    let rules = match judgement.failures() {
        0 => format!("{rules} met"),
        failed => format!("{failed} of {rules} broken"),
    };
    let new = judgement
        .verdicts
        .iter()
        .any(|verdict| verdict.outcome == RuleOutcome::New);
    let new = if new {
        "; new, with no baseline to grow from"
    } else {
        ""
    };
    format!("{size} in {paths}; {rules}{new}")
}

fn broken(
    check: &Check<'_>,
    checked: &Checked<'_>,
    verdict: &Verdict,
    paper: Paper,
    out: &mut dyn Write,
) -> io::Result<()> {
    let rule = check.rule(verdict);
    let sentence = words::sentence(rule, verdict, paper.units);
    write!(out, "\n{}", paper.paint(Ink::Warn, &sentence))?;
    if let (Some(file), Some(place)) = (&check.file, &rule.place) {
        let place = format!("  ({}:{})", text::sanitise(file), place.line);
        write!(out, "{}", paper.paint(Ink::Faint, &place))?;
    }
    writeln!(out)?;
    if let Some(reason) = &rule.reason {
        writeln!(
            out,
            "  {}",
            paper.paint(Ink::Faint, &text::sanitise(reason))
        )?;
    }
    for culprit in verdict.culprits.iter().take(REASONS) {
        let label = checked.analysed.label(culprit.path);
        let weight = words::weight(rule, culprit, paper.units);
        writeln!(out, "  {}, {weight}", paper.paint(Ink::Strong, &label))?;
        let lines = [
            words::group(checked, culprit),
            words::chain(checked, culprit),
            words::cut(checked, culprit, paper.units),
        ];
        for line in lines.into_iter().flatten() {
            writeln!(out, "    {line}")?;
        }
        for line in evidence_lines(checked, culprit) {
            writeln!(out, "    {}", paper.paint(Ink::Faint, &line))?;
        }
    }
    match verdict.culprits.len().saturating_sub(REASONS) {
        0 => Ok(()),
        more => writeln!(out, "  and {} more", text::count(more as u64)),
    }
}

/// What in the files makes the references that a path's reasons name, a line for each that something is known of.
pub(super) fn evidence_lines(checked: &Checked<'_>, culprit: &Culprit) -> Vec<String> {
    let Some(evidence) = &checked.evidence else {
        return Vec::new();
    };
    let label = |id| checked.analysed.label(id);
    let lines = edges_of(culprit).into_iter().filter_map(|(from, to)| {
        let found = evidence.of(from, to)?;
        let hit = found.hits.first()?;
        let file = hit.file.to_string_lossy();
        let file = text::sanitise(&file);
        let line = hit.line.map(|line| format!(":{line}")).unwrap_or_default();
        let accident = if found.counts.are_accidental() && evidence.is_complete(from) {
            ", likely an accident"
        } else {
            ""
        };
        let (from, to) = (label(from), label(to));
        Some(format!(
            "{from} has {to} in {file}{line} ({}{accident})",
            hit.class
        ))
    });
    lines.collect()
}
