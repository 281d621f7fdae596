//! `advise`: what could go and how, with the largest savings first.
//!
//! ```text
//! 44 suggestions, 928.0 MiB of 1.5 GiB if all are followed, predicted (server)
//!
//!    1   430.2 MiB  gimp-2.10.34 behind 1 reference
//!                   best cut · feature · unsure · 192 paths
//!                     remove gimp-2.10.34 from environment.systemPackages, or disable the module that adds it
//! ```

mod json;
mod markdown;

use std::io::{self, Write};

use crate::analysis::Analysed;
use crate::analysis::advice::{Advice, Suggestion};
use crate::model::PathId;
use crate::text::{self, Units};

use super::paper::{Ink, Paper, pad};

/// Paths that are named of each advice.
const NAMED: usize = 3;
/// Lines of an advice that tell how, where not all of them are wanted.
const HOW: usize = 12;

/// The advice on one closure, ready to be printed.
#[derive(Debug)]
pub struct Advised<'a> {
    subject: &'a Analysed,
    advice: &'a Advice,
    config: Option<&'a str>,
}

impl<'a> Advised<'a> {
    /// The advice on a closure; `config` is the configuration in which it can be tried, if one is known.
    pub fn new(subject: &'a Analysed, advice: &'a Advice, config: Option<&'a str>) -> Self {
        Self {
            subject,
            advice,
            config,
        }
    }

    /// Writes at most `limit` suggestions for people.
    pub fn text(&self, paper: Paper, limit: usize, out: &mut dyn Write) -> io::Result<()> {
        let list = &self.advice.list;
        if list.is_empty() {
            return writeln!(out, "Nothing is known that this closure could do without.");
        }
        writeln!(out, "{}", self.summary(paper))?;
        let numbers = super::paper::digits(list.len() as u64);
        let size = paper.size_column(self.subject.closure().known_nar_size());
        for (at, advice) in list.iter().enumerate().take(limit) {
            let bytes = Self::bytes(advice, paper.units);
            let title = paper.fit(&advice.title, numbers + size + 6);
            let ink = if advice.weight() > 0 {
                Ink::Good
            } else {
                Ink::Faint
            };
            writeln!(
                out,
                "\n  {:>numbers$}  {}{}  {}",
                at + 1,
                pad(&bytes, size),
                paper.paint(ink, &bytes),
                paper.paint(Ink::Strong, &title)
            )?;
            let room = paper
                .width
                .map_or(100, |width| width.saturating_sub(numbers + size + 6));
            let mut lines: Vec<(Ink, String)> = Vec::new();
            for sentence in self.sentences(advice, paper.units) {
                lines.extend(wrapped(&sentence, room, Ink::Faint));
            }
            let how: Vec<&str> = advice.how.lines().collect();
            lines.extend(
                how.iter()
                    .take(HOW)
                    .map(|line| (Ink::Plain, format!("  {line}"))),
            );
            if how.len() > HOW {
                lines.push((
                    Ink::Faint,
                    format!("  and {} more", text::counted(how.len() - HOW, "line")),
                ));
            }
            if let Some(effect) = &advice.effect {
                lines.extend(wrapped(effect, room, Ink::Faint));
            }
            let indent = " ".repeat(numbers + size + 6);
            for (ink, line) in lines {
                writeln!(out, "{indent}{}", paper.paint(ink, &text::sanitise(&line)))?;
            }
        }
        match list.len().saturating_sub(limit) {
            0 => Ok(()),
            more => {
                let line = format!("\n  and {} more: --all", text::count(more as u64));
                writeln!(out, "{}", paper.paint(Ink::Faint, &line))
            }
        }
    }

    fn summary(&self, paper: Paper) -> String {
        let together = self.advice.together;
        let least = if together.known { "" } else { "at least " };
        let bytes = u64::try_from(together.nar_size).unwrap_or(0);
        let closure = self.subject.closure();
        format!(
            "{}, {least}{} of {} if all are followed, predicted{}",
            text::counted(self.advice.list.len(), "suggestion"),
            paper.paint(Ink::Strong, &paper.size_in_words(bytes)),
            paper.total(closure.known_nar_size(), closure.unknown_sizes()),
            paper.paint(Ink::Faint, &format!(" ({})", self.machine())),
        )
    }

    /// What the closure seems to be.
    fn machine(&self) -> String {
        let releases: Vec<String> = self
            .advice
            .releases
            .iter()
            .map(ToString::to_string)
            .collect();
        let machine = self.advice.machine.key();
        if releases.is_empty() {
            return machine.to_owned();
        }
        format!("{machine}, NixOS {}", releases.join(" and "))
    }

    /// What an advice frees, or would free inside packages.
    fn bytes(advice: &Suggestion, units: Units) -> String {
        match advice.weight() {
            0 if advice.condition.is_some() => "?".to_owned(),
            0 if advice.freed.paths > 0 && !advice.freed.known => "–".to_owned(),
            bytes => units.size(bytes),
        }
    }

    /// What is to be said of an advice in sentences.
    fn sentences(&self, advice: &Suggestion, units: Units) -> Vec<String> {
        let mut first = format!(
            "{} · {} · {}",
            advice.kind.words(),
            advice.risk.key(),
            advice.confidence.key()
        );
        if advice.freed.paths > 0 {
            let count = text::counted(usize::try_from(advice.freed.paths).unwrap_or(0), "path");
            first = format!("{first} · {count}");
        }
        let mut said = vec![first];
        let others = Self::others(advice);
        if advice.instead && advice.shares.is_empty() {
            said.push(
                "not together with those above: it would bring back what they take away".to_owned(),
            );
        } else if advice.instead {
            said.push(format!("instead of {others}: the bytes are counted there"));
        } else if !advice.shares.is_empty() && advice.beyond != advice.freed {
            let beyond = units.in_words(u64::try_from(advice.beyond.nar_size).unwrap_or(0));
            said.push(format!("{beyond} of it in addition to {others}"));
        }
        if let Some(condition) = &advice.condition {
            said.push(condition.clone());
        }
        if let (Some(_), Some(hint)) = (self.config, &advice.hint) {
            said.push(format!("`nix-heft try --hint {hint}` predicts its effect"));
        }
        if !advice.steps.is_empty() && advice.freed.paths == 0 {
            let holders = self.named(&advice.holders);
            said.push(format!("frees nothing by itself: still held by {holders}"));
        }
        said
    }

    /// The numbers of those with which it has bytes in common.
    fn others(advice: &Suggestion) -> String {
        let numbers: Vec<String> = advice
            .shares
            .iter()
            .map(|at| (at + 1).to_string())
            .collect();
        match &numbers[..] {
            [] => String::new(),
            [only] => only.clone(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
        }
    }

    /// The first of some paths, and how many more there are.
    fn named(&self, ids: &[PathId]) -> String {
        let mut names: Vec<String> = ids
            .iter()
            .take(NAMED)
            .map(|&id| self.subject.label(id))
            .collect();
        if ids.len() > NAMED {
            names.push(format!("{} more", text::count((ids.len() - NAMED) as u64)));
        }
        if names.is_empty() {
            return "the roots".to_owned();
        }
        names.join(", ")
    }
}

fn wrapped(sentence: &str, room: usize, ink: Ink) -> Vec<(Ink, String)> {
    let lines = text::wrapped(sentence, room.max(20));
    lines.into_iter().map(|line| (ink, line)).collect()
}

#[cfg(test)]
mod tests;
