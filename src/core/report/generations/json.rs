//! The generations of a profile as a JSON document.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use crate::analysis::diff::PackageChange;
use crate::analysis::what_if::Total;
use crate::model::{PackageName, StoreGraph};
use crate::source::roots::profiles::Rule;

use super::GenerationsReport;
use crate::report::json::{self, Path, Paths, Totals};

impl GenerationsReport<'_> {
    /// Writes the JSON document.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let graph = self.subject.graph();
        let bodies = self
            .profile
            .generations
            .iter()
            .enumerate()
            .map(|(at, one)| {
                let step = &self.timeline.steps[at];
                GenerationBody {
                    generation: one.number,
                    link: one.link.to_string_lossy(),
                    target: Path(graph, self.targets[at]),
                    created: one.created,
                    current: one.current,
                    closure: totals(step.total),
                    change: step.change(),
                    came: totals(step.came),
                    left: totals(step.left),
                    alone: self.alone(at).map(totals),
                    packages: step
                        .packages
                        .iter()
                        .map(|package| PackageBody::of(graph, package))
                        .collect(),
                }
            });
        let what_if = self.what_if.as_ref().map(|what_if| WhatIfBody {
            older_than: match what_if.rule {
                Rule::OlderThan(seconds) => Some(seconds),
                Rule::KeepLast(_) => None,
            },
            keep_last: match what_if.rule {
                Rule::OlderThan(_) => None,
                Rule::KeepLast(count) => Some(count),
            },
            generations: self.numbers(what_if),
            freed: totals(what_if.freed),
            commands: &what_if.commands,
        });
        let body = Body {
            profile: self.profile.link.to_string_lossy(),
            totals: totals(self.timeline.together),
            generations: bodies.collect(),
            what_if,
        };
        json::write(out, &self.subject, "generations", body)
    }
}

fn totals(total: Total) -> Totals {
    Totals::new(total.paths, total.nar_size, total.unknown)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    profile: Cow<'a, str>,
    totals: Totals,
    generations: Vec<GenerationBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    what_if: Option<WhatIfBody<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerationBody<'a> {
    generation: u64,
    link: Cow<'a, str>,
    target: Path<'a>,
    created: Option<i64>,
    current: bool,
    closure: Totals,
    change: Option<i64>,
    came: Totals,
    left: Totals,
    alone: Option<Totals>,
    packages: Vec<PackageBody<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PackageBody<'a> {
    pname: &'a str,
    output: Option<&'a str>,
    kind: &'static str,
    before: Paths<'a>,
    after: Paths<'a>,
    change: i64,
}

impl<'a> PackageBody<'a> {
    fn of(graph: &'a StoreGraph, package: &'a PackageChange) -> Self {
        let PackageName { pname, output, .. } = package.name(graph);
        Self {
            pname,
            output,
            kind: package.change.word(),
            before: Paths(graph, &package.left),
            after: Paths(graph, &package.came),
            change: package.delta.nar_size,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WhatIfBody<'a> {
    older_than: Option<i64>,
    keep_last: Option<usize>,
    generations: Vec<u64>,
    freed: Totals,
    commands: &'a [String],
}
