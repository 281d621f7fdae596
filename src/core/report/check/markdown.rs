//! A comment for a pull request: a table of the closures, then what is broken, short enough to be read.

use std::io::{self, Write};

use crate::analysis::budget::{Culprit, Verdict};
use crate::gate::{markdown_code as code, markdown_text as plain};
use crate::text::{self, Units};

use super::{Check, Checked, words};

/// Closures, broken rules of one, and paths of a rule that are told.
const CLOSURES: usize = 50;
const RULES: usize = 20;
const PATHS: usize = 5;
/// Stations of a chain, and references to cut, that are told.
const STATIONS: usize = 12;
const REFERENCES: usize = 5;

/// The first line: a workflow finds its own comment by it, and writes it again instead of adding another.
const MARK: &str = "<!-- nix-heft check -->";

pub(super) fn write(check: &Check<'_>, units: Units, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{MARK}\n## {}\n", heading(check))?;
    writeln!(
        out,
        "| closure | size | paths | rules |\n|---|---:|---:|---|"
    )?;
    for checked in check.closures.iter().take(CLOSURES) {
        let closure = checked.analysed.closure();
        let size = units.at_least(closure.known_nar_size(), closure.unknown_sizes() == 0);
        let (all, failed) = (
            checked.judgement.verdicts.len(),
            checked.judgement.failures(),
        );
        let rules = match failed {
            0 => format!("{all} met"),
            _ => format!("**{failed} of {all} broken**"),
        };
        let paths = text::count(closure.len() as u64);
        writeln!(
            out,
            "| {} | {size} | {paths} | {rules} |",
            code(&checked.title())
        )?;
    }
    more(check.closures.len(), CLOSURES, "closure", out)?;
    for checked in check
        .closures
        .iter()
        .filter(|one| !one.judgement.passes())
        .take(CLOSURES)
    {
        if check.closures.len() > 1 {
            writeln!(out, "\n### {}", code(&checked.title()))?;
        }
        for verdict in checked.failing().take(RULES) {
            broken(check, checked, verdict, units, out)?;
        }
        more(checked.failing().count(), RULES, "rule", out)?;
    }
    notes(check, out)
}

fn heading(check: &Check<'_>) -> String {
    let failed = check
        .closures
        .iter()
        .filter(|one| !one.judgement.passes())
        .count();
    let all = text::counted(check.closures.len(), "closure");
    match failed {
        0 => format!("Closure check passed: {all}"),
        _ => format!("Closure check failed: {failed} of {all}"),
    }
}

fn more(all: usize, most: usize, noun: &str, out: &mut dyn Write) -> io::Result<()> {
    match all.saturating_sub(most) {
        0 => Ok(()),
        more => writeln!(out, "\nand {} more", text::counted(more, noun)),
    }
}

fn broken(
    check: &Check<'_>,
    checked: &Checked<'_>,
    verdict: &Verdict,
    units: Units,
    out: &mut dyn Write,
) -> io::Result<()> {
    let rule = check.rule(verdict);
    let sentence = words::sentence(rule, verdict, units);
    writeln!(out, "\n**{}**", plain(&sentence))?;
    if let Some(reason) = &rule.reason {
        writeln!(out, "\n> {}", plain(reason))?;
    }
    if verdict.culprits.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let shown = &verdict.culprits[..PATHS.min(verdict.culprits.len())];
    let name = |culprit: &Culprit| code(&checked.analysed.label(culprit.path));
    for culprit in shown {
        let weight = words::weight(rule, culprit, units);
        writeln!(out, "- {}: {}", name(culprit), plain(&weight))?;
    }
    if let [only] = shown {
        return reasons(checked, only, units, out);
    }
    match verdict.culprits.len() - shown.len() {
        0 => {}
        more => writeln!(out, "- and {} more", text::count(more as u64))?,
    }
    // What the comment is about is seen at once; why each path is there takes several lines, and is unfolded if wanted.
    writeln!(out, "\n<details><summary>Why, and what to cut</summary>\n")?;
    for culprit in shown {
        writeln!(out, "- {}", name(culprit))?;
        reasons(checked, culprit, units, out)?;
    }
    writeln!(out, "\n</details>")
}

fn reasons(
    checked: &Checked<'_>,
    culprit: &Culprit,
    units: Units,
    out: &mut dyn Write,
) -> io::Result<()> {
    let label = |&id: &_| code(&checked.analysed.label(id));
    if let Some((keep, _)) = culprit.with.split_first() {
        writeln!(out, "  - could be {}", label(keep))?;
    }
    let chain = &culprit.chain;
    if chain.len() > 1 {
        let (head, tail) = chain.split_at(chain.len().min(STATIONS) - 1);
        let mut names: Vec<String> = head.iter().map(label).collect();
        if tail.len() > 1 {
            names.push("…".to_owned());
        }
        names.extend(tail.last().map(label));
        writeln!(out, "  - {}", names.join(" → "))?;
    }
    if let Some(cut) = &culprit.cut {
        let edges = cut.references.iter().take(REFERENCES);
        let edges: Vec<String> = edges
            .map(|(from, to)| format!("{} → {}", label(from), label(to)))
            .collect();
        let more = match cut.references.len() - edges.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let along = if cut.collateral.paths == 0 {
            "nothing else leaves".to_owned()
        } else {
            let size = units.in_words(cut.collateral.nar_size.unsigned_abs());
            let least = if cut.collateral.known {
                ""
            } else {
                "at least "
            };
            format!("{least}{size} leave besides")
        };
        let count = text::counted(cut.references.len(), "reference");
        writeln!(out, "  - cut {count} ({along}): {}{more}", edges.join(", "))?;
    }
    for line in super::text::evidence_lines(checked, culprit) {
        writeln!(out, "  - {}", plain(&line))?;
    }
    Ok(())
}

fn notes(check: &Check<'_>, out: &mut dyn Write) -> io::Result<()> {
    let notes = check.notes();
    if !notes.is_empty() {
        writeln!(out)?;
    }
    for note in notes {
        writeln!(out, "- note: {}", plain(&note))?;
    }
    Ok(())
}
