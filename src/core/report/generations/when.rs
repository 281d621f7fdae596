//! `when`: in which generations of a profile a package is.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use crate::analysis::diff::Change;
use crate::analysis::generations::Presence;
use crate::model::PathId;
use crate::text;

use super::{GenerationsReport, day};
use crate::report::json::{self, Paths};
use crate::report::paper::{Ink, Paper, pad};

/// The generations that have a package, ready to be printed.
#[derive(Debug)]
pub struct WhenReport<'a> {
    generations: GenerationsReport<'a>,
    selector: &'a str,
    ids: Vec<PathId>,
}

impl<'a> WhenReport<'a> {
    /// Of what a selector means.
    pub fn of(generations: GenerationsReport<'a>, selector: &'a str, ids: Vec<PathId>) -> Self {
        Self {
            generations,
            selector,
            ids,
        }
    }

    fn runs(&self) -> Vec<Presence> {
        let graph = self.generations.subject.graph();
        self.generations.timeline.presence(graph, &self.ids)
    }

    /// Writes it for people.
    pub fn text(&self, paper: Paper, out: &mut dyn Write) -> io::Result<()> {
        let all = &self.generations.profile.generations;
        let runs = self.runs();
        let here = |wanted: bool| move |run: &&Presence| run.paths.is_empty() != wanted;
        let name = text::sanitise(self.selector);
        let first = runs.iter().find(here(true));
        let last = runs.iter().rev().find(here(true));
        if let (Some(first), Some(last)) = (first, last) {
            let came = &all[first.first];
            let since = match first.first {
                0 => format!("is in the oldest generation, {}", came.number),
                _ => format!("first came in generation {}", came.number),
            };
            let made = came
                .created
                .map_or_else(String::new, |made| format!(" ({})", day(made)));
            let until = match all.get(last.last + 1) {
                Some(next) => format!("left in generation {}", next.number),
                None => "is in the newest".to_owned(),
            };
            let line = format!("{name} {since}{made}, and {until}");
            writeln!(out, "{}\n", paper.paint(Ink::Strong, &line))?;
        }
        for run in runs {
            let (from, to) = (all[run.first].number, all[run.last].number);
            let span = if from == to {
                from.to_string()
            } else {
                format!("{from}–{to}")
            };
            let what = if run.paths.is_empty() {
                "–".to_owned()
            } else {
                let labels: Vec<String> = run
                    .paths
                    .iter()
                    .map(|&id| self.generations.subject.label(id))
                    .collect();
                let what = labels.join(", ");
                match run.change {
                    Some(change) => format!("{what}  ({})", told(change)),
                    None => what,
                }
            };
            writeln!(out, "  {}{span}  {}", pad(&span, 9), paper.fit(&what, 13))?;
        }
        Ok(())
    }

    /// Writes the JSON document.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let graph = self.generations.subject.graph();
        let all = &self.generations.profile.generations;
        let runs = self.runs();
        let mut present = runs.iter().filter(|run| !run.paths.is_empty());
        let first = present.next().map(|run| all[run.first].number);
        let last = runs.iter().rev().find(|run| !run.paths.is_empty());
        let body = WhenBody {
            profile: self.generations.profile.link.to_string_lossy(),
            asked: self.selector,
            first,
            last: last.map(|run| all[run.last].number),
            present: runs
                .iter()
                .map(|run| RunBody {
                    from: all[run.first].number,
                    to: all[run.last].number,
                    change: run.change.map(Change::word),
                    paths: Paths(graph, &run.paths),
                })
                .collect(),
        };
        json::write(out, &self.generations.subject, "when", body)
    }
}

/// What happened to a package since the generations before, in words.
fn told(change: Change) -> &'static str {
    match change {
        Change::Came => "came",
        Change::Left => "left",
        Change::Version => "another version",
        Change::Rebuilt => "rebuilt",
        Change::Copies => "more or fewer copies",
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WhenBody<'a> {
    profile: Cow<'a, str>,
    asked: &'a str,
    first: Option<u64>,
    last: Option<u64>,
    present: Vec<RunBody<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RunBody<'a> {
    from: u64,
    to: u64,
    change: Option<&'static str>,
    paths: Paths<'a>,
}
