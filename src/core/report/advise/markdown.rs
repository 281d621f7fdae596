//! Advice as a page of Markdown.

use std::io::{self, Write};

use crate::analysis::advice::{AdviceKind, Suggestion};
use crate::gate::{markdown_code as code, markdown_text};
use crate::report::paper::Paper;
use crate::text::{self, Units};

use super::{Advised, HOW};

impl Advised<'_> {
    /// Writes at most `limit` suggestions.
    pub fn markdown(&self, units: Units, limit: usize, out: &mut dyn Write) -> io::Result<()> {
        let (graph, list) = (self.subject.graph(), &self.advice.list);
        let roots = self.subject.closure().roots().iter();
        let roots: Vec<String> = roots
            .map(|&root| code(&graph.path(root).to_string()))
            .collect();
        writeln!(out, "# What could go\n")?;
        writeln!(out, "The closure of {}.\n", roots.join(", "))?;
        let paper = Paper {
            units,
            ..Paper::default()
        };
        writeln!(out, "{}\n", markdown_text(&self.summary(paper)))?;
        writeln!(
            out,
            "| # | frees | in addition | what | risk |\n|---:|---:|---:|---|---|"
        )?;
        for (at, advice) in list.iter().enumerate().take(limit) {
            let beyond = match (advice.instead, advice.beyond.nar_size) {
                (true, _) if advice.shares.is_empty() => "instead".to_owned(),
                (true, _) => format!("instead of {}", Self::others(advice)),
                (false, bytes) => units.size(u64::try_from(bytes).unwrap_or(0)),
            };
            writeln!(
                out,
                "| {} | {} | {beyond} | {} | {} |",
                at + 1,
                Self::bytes(advice, units),
                markdown_text(&advice.title),
                advice.risk.key()
            )?;
        }
        for (at, advice) in list.iter().enumerate().take(limit) {
            writeln!(out, "\n## {}\\. {}\n", at + 1, markdown_text(&advice.title))?;
            for sentence in self.sentences(advice, units) {
                writeln!(out, "- {}", markdown_text(&sentence))?;
            }
            how(advice, out)?;
            if let Some(effect) = &advice.effect {
                writeln!(out, "\n{}", markdown_text(effect))?;
            }
        }
        match list.len().saturating_sub(limit) {
            0 => Ok(()),
            more => writeln!(out, "\nand {} more", text::count(more as u64)),
        }
    }
}

/// Lines of configuration as a block, words as a list.
fn how(advice: &Suggestion, out: &mut dyn Write) -> io::Result<()> {
    if matches!(advice.kind, AdviceKind::Option | AdviceKind::IdenticalFiles) {
        return writeln!(out, "\n```nix\n{}\n```", fenced(&advice.how));
    }
    writeln!(out)?;
    for line in advice.how.lines().take(HOW) {
        writeln!(out, "- {}", markdown_text(line))?;
    }
    match advice.how.lines().count().saturating_sub(HOW) {
        0 => Ok(()),
        more => writeln!(out, "- and {} more", text::count(more as u64)),
    }
}

/// A text that ends no block of code.
fn fenced(text: &str) -> String {
    text.replace("```", "'''")
}
