//! The generations of a profile as a JSON document.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use crate::analysis::generations::packages;
use crate::analysis::what_if::Total;
use crate::model::PathId;
use crate::source::roots::profiles::Rule;

use super::GenerationsReport;
use crate::report::json::{self, Path, Totals};

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
                let changes = packages(graph, &step.came, &step.left);
                let total = |ids: &[PathId]| totals(Total::of_paths(graph, ids.iter().copied()));
                GenerationBody {
                    generation: one.number,
                    link: one.link.to_string_lossy(),
                    target: Path(graph, self.targets[at]),
                    created: one.created,
                    current: one.current,
                    closure: totals(step.total),
                    change: step.change(graph),
                    came: total(&step.came),
                    left: total(&step.left),
                    alone: self.alone(at).map(totals),
                    packages: changes
                        .iter()
                        .map(|change| PackageBody {
                            pname: change.pname.to_owned(),
                            before: change
                                .before
                                .iter()
                                .map(|&id| graph.path(id).to_string())
                                .collect(),
                            after: change
                                .after
                                .iter()
                                .map(|&id| graph.path(id).to_string())
                                .collect(),
                            change: change.bytes,
                        })
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
    packages: Vec<PackageBody>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PackageBody {
    pname: String,
    before: Vec<String>,
    after: Vec<String>,
    change: i64,
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
