//! A plan and its predicted effect, as a page of Markdown.

use std::io::{self, Write};

use crate::analysis::Analysed;
use crate::analysis::metric::Metric;
use crate::analysis::origin::Brought;
use crate::analysis::plan::{TryKnown, TryStep};
use crate::analysis::what_if::{Difference, Step, StepsOutcome, Total};
use crate::gate::markdown_code as code;
use crate::model::{PathId, PathSet, StoreGraph};
use crate::text::{self, Units};

/// Most rows of a table; the rest is counted.
const MOST_ROWS: usize = 100;
/// Rows of a table that are seen at once; further ones are folded away.
const SEEN: usize = 10;
/// Most definitions that are told of a path.
const MOST_ORIGINS: usize = 4;

/// Writes what a plan would give.
pub fn plan(
    analysed: &Analysed,
    outcome: &StepsOutcome,
    units: Units,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (graph, closure) = (analysed.graph(), analysed.closure());
    let roots: Vec<String> = closure
        .roots()
        .iter()
        .map(|&root| code(&graph.path(root).to_string()))
        .collect();
    writeln!(out, "# What the plan would free\n")?;
    writeln!(out, "The closure of {}.\n", roots.join(", "))?;
    writeln!(
        out,
        "{} in {} → **{} in {} predicted**: {} freed. A rebuild may add paths of its own.",
        total(&outcome.before, &outcome.after, units),
        text::counted(outcome.before.paths, "path"),
        total(&outcome.after, &outcome.before, units),
        text::counted(outcome.after.paths, "path"),
        difference(&outcome.freed, units),
    )?;
    steps(graph, outcome, units, out)?;
    origins(analysed, outcome, out)?;
    let mut leaving: Vec<PathId> = outcome.leaving.iter().collect();
    Metric::Nar.sort_largest_first(analysed, &mut leaving);
    paths(graph, ("What leaves", &leaving), units, out)?;
    let mut arriving: Vec<PathId> = outcome.arriving.iter().collect();
    Metric::Nar.sort_largest_first(analysed, &mut arriving);
    paths(graph, ("What arrives", &arriving), units, out)?;
    held(graph, outcome, units, out)
}

fn steps(
    graph: &StoreGraph,
    outcome: &StepsOutcome,
    units: Units,
    out: &mut dyn Write,
) -> io::Result<()> {
    if outcome.steps.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## The steps\n")?;
    writeln!(out, "| step | frees here | frees alone |\n|---|---:|---:|")?;
    for effect in &outcome.steps {
        let name = |id| code(graph.name(id));
        let step = match effect.step {
            Step::Remove(id) => format!("leave out {}", name(id)),
            Step::Cut { from, to } => {
                format!("cut the reference from {} to {}", name(from), name(to))
            }
            Step::Replace { old, new } => format!("replace {} by {}", name(old), name(new)),
        };
        let (marginal, alone) = (
            difference(&effect.marginal, units),
            difference(&effect.alone, units),
        );
        writeln!(out, "| {step} | {marginal} | {alone} |")?;
    }
    Ok(())
}

/// Which definitions of the configuration bring what the steps take away.
fn origins(analysed: &Analysed, outcome: &StepsOutcome, out: &mut dyn Write) -> io::Result<()> {
    let (graph, closure) = (analysed.graph(), analysed.closure());
    let known = analysed.origins();
    let mut told = PathSet::empty(graph.len());
    let ids = outcome.steps.iter().map(|effect| effect.step.path());
    let found = ids
        .filter(|&id| told.insert(id))
        .map(|id| (id, known.bringing(graph, closure, id)));
    let found: Vec<_> = found.filter(|(_, all)| !all.is_empty()).collect();
    if found.is_empty() {
        return Ok(());
    }
    let how = match known.config() {
        Some(config) => format!("As {} says.", code(config)),
        None => "Read off the names of generated paths.".to_owned(),
    };
    writeln!(out, "\n## Where it comes from\n\n{how}\n")?;
    for (id, all) in found.iter().take(MOST_ROWS) {
        let shown = all.iter().take(MOST_ORIGINS);
        let mut lines: Vec<String> = shown.map(|one| origin(graph, one)).collect();
        if all.len() > MOST_ORIGINS {
            let more = text::count((all.len() - MOST_ORIGINS) as u64);
            lines.push(format!("{more} more"));
        }
        writeln!(out, "- {}: {}", code(graph.name(*id)), lines.join("; "))?;
    }
    more(found.len(), out)
}

/// An option, where it is set, and what turned it on.
fn origin(graph: &StoreGraph, brought: &Brought<'_>) -> String {
    let one = brought.definition;
    let mut line = code(&one.option);
    if let Some(place) = &one.place {
        line = format!("{line} in {}", code(&place.shown()));
    }
    if let Some(switch) = one.switches.first() {
        let place = code(&switch.place.shown());
        line = format!("{line}, on by {} in {place}", code(&switch.option));
    }
    match brought.via {
        Some(via) => format!("{line}, by way of {}", code(graph.name(via))),
        None => line,
    }
}

/// Writes the changes of the configuration that a plan tries, and what is known of each.
pub fn tries(tries: &[TryStep], units: Units, out: &mut dyn Write) -> io::Result<()> {
    if tries.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n## Changes to be tried\n\nEach is told by itself, and none is in the sizes above.\n"
    )?;
    for one in tries {
        let known = match one.known() {
            TryKnown::Nothing => "not tried yet".to_owned(),
            TryKnown::Promised(bytes) => format!("was predicted to free {}", units.signed(bytes)),
            TryKnown::Found(freed) => format!("predicted to free {}", difference(&freed, units)),
        };
        writeln!(out, "- {}: {known}", code(&one.in_one_line()))?;
    }
    Ok(())
}

fn paths(
    graph: &StoreGraph,
    (title, ids): (&str, &[PathId]),
    units: Units,
    out: &mut dyn Write,
) -> io::Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let count = text::count(ids.len() as u64);
    writeln!(out, "\n## {title} ({count})\n")?;
    let (seen, folded) = ids.split_at(SEEN.min(ids.len()));
    table(graph, seen, units, out)?;
    if folded.is_empty() {
        return Ok(());
    }
    let count = text::count(folded.len() as u64);
    writeln!(out, "\n<details><summary>{count} more</summary>\n")?;
    let shown = MOST_ROWS - SEEN;
    table(graph, &folded[..shown.min(folded.len())], units, out)?;
    more(ids.len(), out)?;
    writeln!(out, "\n</details>")
}

fn table(graph: &StoreGraph, ids: &[PathId], units: Units, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| path | NAR size |\n|---|---:|")?;
    for &id in ids {
        let size = units.known(graph.nar_size(id));
        writeln!(out, "| {} | {size} |", code(graph.name(id)))?;
    }
    Ok(())
}

fn held(
    graph: &StoreGraph,
    outcome: &StepsOutcome,
    units: Units,
    out: &mut dyn Write,
) -> io::Result<()> {
    if outcome.held.is_empty() {
        return Ok(());
    }
    let count = text::count(outcome.held.len() as u64);
    writeln!(
        out,
        "\n<details><summary>What stays, and why ({count})</summary>\n"
    )?;
    for held in outcome.held.iter().take(MOST_ROWS) {
        let chain: Vec<String> = held.chain.iter().map(|&id| code(graph.name(id))).collect();
        writeln!(
            out,
            "- {} ({}): {}",
            code(graph.name(held.path)),
            units.known(graph.nar_size(held.path)),
            chain.join(" → ")
        )?;
    }
    more(outcome.held.len(), out)?;
    writeln!(out, "\n</details>")
}

fn more(len: usize, out: &mut dyn Write) -> io::Result<()> {
    match len.saturating_sub(MOST_ROWS) {
        0 => Ok(()),
        rest => writeln!(out, "\nand {} more", text::count(rest as u64)),
    }
}

/// A total, with as many decimals as it takes to tell it from another one.
fn total(total: &Total, other: &Total, units: Units) -> String {
    let least = if total.unknown == 0 { "" } else { "≥ " };
    format!(
        "{least}{}",
        units.size_beside(total.nar_size, other.nar_size)
    )
}

fn difference(freed: &Difference, units: Units) -> String {
    let least = if freed.known { "" } else { "at least " };
    match u64::try_from(freed.nar_size) {
        Ok(bytes) => format!("{least}{}", units.size(bytes)),
        Err(_) => format!("{least}{}", units.signed(freed.nar_size)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::what_if::what_if;
    use crate::job::Progress;
    use crate::testing;

    #[test]
    fn a_plan_is_told_in_full() {
        let (graph, closure) =
            testing::graph("app 10 -> lib tool\ntool 2000 -> data\nlib ? -> data\ndata 30000");
        let id = |name: &str| graph.ids().find(|&id| graph.name(id) == name).expect("it");
        let steps = [
            Step::Remove(id("tool")),
            Step::Cut {
                from: id("lib"),
                to: id("data"),
            },
        ];
        let outcome = what_if(&graph, &closure, &steps, &Progress::new()).expect("possible");
        let mut out = Vec::new();
        let analysed = Analysed::of(graph.into(), closure.roots(), &Progress::new());
        plan(&analysed, &outcome, Units::Binary, &mut out).expect("written");
        let text = String::from_utf8(out).expect("text");
        for line in [
            "| leave out `tool` |",
            "| cut the reference from `lib` to `data` |",
            "## What leaves (2)",
            "| `data` | 29.3 KiB |",
            "≥ ",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }

    #[test]
    fn where_it_comes_from_is_told_too() {
        let (graph, closure) = testing::graph(
            "nixos-system-web 10 -> system-path\nsystem-path 5 -> git\ngit 2000 -> libc\nlibc 7",
        );
        let git = testing::id(&graph, "git");
        let steps = [Step::Remove(git)];
        let outcome = what_if(&graph, &closure, &steps, &Progress::new()).expect("possible");
        let mut out = Vec::new();
        let analysed = Analysed::of(graph.into(), closure.roots(), &Progress::new());
        plan(&analysed, &outcome, Units::Binary, &mut out).expect("written");
        let text = String::from_utf8(out).expect("text");
        assert!(text.contains("## Where it comes from"), "{text}");
        assert!(
            text.contains("- `git`: `environment.systemPackages`"),
            "{text}"
        );
    }
}
