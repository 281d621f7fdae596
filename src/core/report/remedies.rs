//! Remedies and guards of a plan: part of `what-if`, and of the page that the explorer writes.

use std::io::{self, Write};

use serde::Serialize;

use crate::analysis::remedies::Remedy;
use crate::gate::markdown_text;

use super::paper::{Ink, Paper};

/// Writes them for people.
pub(super) fn text(remedies: &[Remedy], paper: Paper, out: &mut dyn Write) -> io::Result<()> {
    for remedy in remedies {
        paper.heading(out, &format!("# {}", remedy.title))?;
        for line in crate::text::wrapped(&remedy.note, 100) {
            writeln!(out, "  {}", paper.paint(Ink::Faint, &format!("# {line}")))?;
        }
        for line in remedy.nix.lines() {
            writeln!(out, "  {}", crate::text::sanitise(line))?;
        }
    }
    Ok(())
}

/// Writes the lines that do what a plan says, and that guard it.
pub fn markdown(remedies: &[Remedy], out: &mut dyn Write) -> io::Result<()> {
    if remedies.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Lines to paste")?;
    for remedy in remedies {
        writeln!(
            out,
            "\n### {}\n\n```nix\n{}\n```\n\n{}",
            markdown_text(&remedy.title),
            sanitise_lines(&remedy.nix),
            markdown_text(&remedy.note)
        )?;
    }
    Ok(())
}

/// Code in which nothing ends its block.
fn sanitise_lines(code: &str) -> String {
    let lines: Vec<_> = code.lines().map(crate::text::sanitise).collect();
    lines.join("\n").replace("```", "`` `")
}

/// Lines of Nix.
#[derive(Serialize)]
pub(super) struct RemedyBody<'a> {
    kind: &'static str,
    title: &'a str,
    nix: &'a str,
    note: &'a str,
}

impl<'a> RemedyBody<'a> {
    /// One remedy.
    pub(super) fn of(remedy: &'a Remedy) -> Self {
        Self {
            kind: remedy.kind.key(),
            title: &remedy.title,
            nix: &remedy.nix,
            note: &remedy.note,
        }
    }
}
