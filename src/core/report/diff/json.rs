//! The differences as a document.

use std::io::{self, Write};

use serde::Serialize;

use super::plan::PlanBody;
use super::tried::GuessBody;
use super::{Comparison, DiffSide, Guess, NamedClosure, told};
use crate::analysis::diff::{Cause, Change, PackageChange};
use crate::analysis::what_if::Total;
use crate::model::{PackageName, PathId, StoreGraph};
use crate::report::evidence::EvidenceRow;
use crate::report::json::{self, DeltaBody, Each, Edge, Path, Paths, Totals};

impl Comparison<'_> {
    /// Writes the JSON document. Lists are whole unless a limit was given.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let graph = self.graph();
        let diff = self.diff;
        let most = self.limit.unwrap_or(usize::MAX);
        let (shown, _) = self.packages(most);
        let causes = |side: DiffSide| -> Vec<CauseBody<'_>> {
            let some = self.causes_of(side).into_iter().take(most);
            some.map(|cause| self.cause_body(cause, side)).collect()
        };
        let [grew, shrank] = self.grown();
        let counts = || Changes {
            came: diff.count(Change::Came),
            left: diff.count(Change::Left),
            version: diff.count(Change::Version),
            rebuilt: diff.count(Change::Rebuilt),
            copies: diff.count(Change::Copies),
            grew,
            shrank,
        };
        let body = Body {
            before: self.side_body(&self.before),
            after: self.side_body(&self.after),
            predicted: self.predicted || self.tried.is_some(),
            filter: self.shown.map(|shown| shown.query),
            guess: self
                .tried
                .map(|guess| GuessBody::of(guess, diff.after.paths)),
            delta: DeltaBody::of(&diff.delta()),
            came: totals(&Total::of(graph, &diff.came)),
            left: totals(&Total::of(graph, &diff.left)),
            same: diff.same,
            download_size: diff.download.exact(),
            known_download_size: (diff.download.unknown > 0).then_some(diff.download.known),
            changes: self.tried.is_none().then(counts),
            counts: self.tried.is_some().then(counts),
            packages: Each(|| {
                shown
                    .iter()
                    .map(|&one| package_body(graph, one, self.tried))
            }),
            arrivals: causes(DiffSide::After),
            departures: causes(DiffSide::Before),
            plan: self.plan_body(),
        };
        let command = self.tried.map_or("diff", |_| "try");
        json::write(out, self.subject, command, body)
    }

    fn side_body<'b>(&'b self, side: &NamedClosure<'b>) -> SideBody<'b> {
        SideBody {
            given: self.tried.is_none().then_some(side.typed),
            roots: Paths(self.graph(), side.closure.roots()),
            totals: Totals::of(side.closure),
        }
    }

    fn cause_body<'b>(&'b self, cause: &'b Cause, side: DiffSide) -> CauseBody<'b> {
        let graph = self.graph();
        let edges = cause.references.iter();
        let edge = told(cause).and_then(|reference| self.reason(side, reference));
        CauseBody {
            path: Path(graph, cause.top),
            totals: totals(&cause.total),
            paths: Paths(graph, &cause.paths),
            references: edges
                .map(|&reference| Edge::new(graph, reference))
                .collect(),
            referrers: Paths(graph, &cause.others),
            chain: Paths(graph, &cause.chain),
            evidence: edge.map(|edge| EvidenceRow::of(graph, edge).collect()),
        }
    }
}

fn package_body<'a>(
    graph: &'a StoreGraph,
    package: &'a PackageChange,
    guess: Option<Guess<'_>>,
) -> PackageBody<'a> {
    let PackageName { pname, output, .. } = package.name(graph);
    let paths = |ids: &'a [PathId]| -> Vec<PathBody<'a>> {
        let path = |&id: &PathId| {
            let version = graph.package(id).version;
            PathBody {
                path: Path(graph, id),
                version: (!version.is_empty()).then_some(version),
                nar_size: graph.nar_size(id),
                certainty: guess.map(|guess| guess.certainty(id).word()),
            }
        };
        ids.iter().map(path).collect()
    };
    PackageBody {
        pname,
        output,
        change: package.change.word(),
        before: paths(&package.before),
        after: paths(&package.after),
        delta: package.delta.exact(),
        known_delta: (package.delta.unknown > 0).then_some(package.delta.nar_size),
    }
}

fn totals(total: &Total) -> Totals {
    Totals::new(total.paths, total.nar_size, total.unknown)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a, P: Serialize> {
    before: SideBody<'a>,
    after: SideBody<'a>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    predicted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<&'a str>,
    #[serde(flatten)]
    guess: Option<GuessBody<'a>>,
    delta: DeltaBody,
    came: Totals,
    left: Totals,
    same: usize,
    download_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    known_download_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Changes>,
    /// Of a try, whose changes are texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<Changes>,
    packages: P,
    arrivals: Vec<CauseBody<'a>>,
    departures: Vec<CauseBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<PlanBody<'a>>,
}

#[derive(Serialize)]
struct SideBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    given: Option<&'a str>,
    roots: Paths<'a>,
    #[serde(flatten)]
    totals: Totals,
}

#[derive(Serialize)]
struct Changes {
    came: usize,
    left: usize,
    version: usize,
    rebuilt: usize,
    copies: usize,
    grew: usize,
    shrank: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PackageBody<'a> {
    pname: &'a str,
    output: Option<&'a str>,
    change: &'static str,
    before: Vec<PathBody<'a>>,
    after: Vec<PathBody<'a>>,
    delta: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    known_delta: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PathBody<'a> {
    path: Path<'a>,
    version: Option<&'a str>,
    nar_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certainty: Option<&'static str>,
}

#[derive(Serialize)]
struct CauseBody<'a> {
    path: Path<'a>,
    totals: Totals,
    paths: Paths<'a>,
    references: Vec<Edge<'a>>,
    referrers: Paths<'a>,
    chain: Paths<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Vec<EvidenceRow<'a>>>,
}
