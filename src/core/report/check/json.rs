//! The JSON document: every failure with its reasons, and every rule with its number.

use std::io::{self, Write};

use serde::Serialize;

use crate::analysis::budget::{Culprit, Exception, Rule, RuleKind, Verdict};

use super::{Check, Checked, Finding, edges_of, words};
use crate::report::cut::CutAnswer;
use crate::report::evidence::{self, Edge};
use crate::report::json::{self, Each, Path, Paths, Totals};

pub(super) fn write(check: &Check<'_>, out: &mut dyn Write) -> io::Result<()> {
    let findings = check.of_each_path();
    let edges: Vec<Vec<Edge>> = findings
        .iter()
        .map(|finding| finding.culprit.map(edges_of).unwrap_or_default())
        .collect();
    let body = Body {
        passed: check.passes(),
        budget: check.file.as_deref(),
        baseline: check.baseline.as_deref(),
        date: check.today.to_string(),
        failures: Each(|| {
            findings
                .iter()
                .zip(&edges)
                .map(|(finding, edges)| failure(finding, edges))
        }),
        checks: Each(|| check.closures.iter().map(|checked| one(check, checked))),
        exceptions: Each(|| {
            check
                .budget
                .exceptions
                .iter()
                .enumerate()
                .map(|(at, exception)| excepted(check, at, exception))
        }),
        notes: check.notes(),
    };
    json::write(out, check.subject, "check", body)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a, F, C, E> {
    passed: bool,
    budget: Option<&'a str>,
    baseline: Option<&'a str>,
    date: String,
    failures: F,
    checks: C,
    exceptions: E,
    notes: Vec<String>,
}

/// One reason why a check does not pass.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure<'a, V> {
    root: Option<Path<'a>>,
    rule: &'static str,
    outcome: &'static str,
    paths_of: Option<String>,
    unit: &'static str,
    limit: i64,
    actual: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_least: Option<i64>,
    line: Option<usize>,
    reason: Option<&'a str>,
    path: Option<Path<'a>>,
    bytes: Option<i64>,
    came: Option<usize>,
    retained_count: Option<u32>,
    with: Paths<'a>,
    why: Paths<'a>,
    cut: Option<CutAnswer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<V>,
}

fn failure<'a>(finding: &Finding<'a>, edges: &'a [Edge]) -> impl Serialize + 'a {
    let Finding {
        checked,
        rule,
        verdict,
        culprit,
    } = *finding;
    let graph = checked.analysed.graph();
    let paths = |of: fn(&Culprit) -> &[crate::model::PathId]| Paths(graph, culprit.map_or(&[], of));
    let evidence = checked.evidence.as_deref();
    Failure {
        root: root(checked),
        rule: rule.kind.key(),
        outcome: verdict.outcome.key(),
        paths_of: rule.kind.choice().map(ToString::to_string),
        unit: rule.kind.unit().key(),
        limit: verdict.limit,
        actual: verdict.actual(),
        at_least: at_least(rule, verdict),
        line: rule.place.as_ref().map(|place| place.line),
        reason: rule.reason.as_deref(),
        path: culprit.map(|culprit| Path(graph, culprit.path)),
        bytes: culprit.and_then(|culprit| culprit.bytes),
        came: culprit.and_then(|culprit| culprit.came),
        retained_count: culprit.map(|culprit| culprit.retained_count),
        with: paths(|culprit| &culprit.with),
        why: paths(|culprit| &culprit.chain),
        cut: culprit
            .and_then(|culprit| culprit.cut.as_ref())
            .map(|cut| CutAnswer::of(graph, cut)),
        evidence: evidence.map(|evidence| Each(move || evidence::rows(graph, evidence, edges))),
    }
}

fn root<'a>(checked: &Checked<'a>) -> Option<Path<'a>> {
    let roots = checked.analysed.closure().roots();
    match roots {
        [only] => Some(Path(checked.analysed.graph(), *only)),
        _ => None,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct One<'a> {
    roots: Paths<'a>,
    passed: bool,
    totals: Totals,
    rules: Vec<Judged<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Judged<'a> {
    rule: &'static str,
    outcome: &'static str,
    paths_of: Option<String>,
    unit: &'static str,
    limit: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    percent: Option<f64>,
    actual: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_least: Option<i64>,
    excused: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    said_of: Option<&'a str>,
    line: Option<usize>,
    reason: Option<&'a str>,
}

fn one<'a>(check: &'a Check<'_>, checked: &'a Checked<'_>) -> One<'a> {
    let closure = checked.analysed.closure();
    let verdicts = checked.judgement.verdicts.iter();
    One {
        roots: Paths(checked.analysed.graph(), closure.roots()),
        passed: checked.judgement.passes(),
        totals: Totals::of(closure),
        rules: verdicts.map(|verdict| judged(check, verdict)).collect(),
    }
}

fn judged<'a>(check: &'a Check<'_>, verdict: &Verdict) -> Judged<'a> {
    let rule = check.rule(verdict);
    let scope = rule.scope.map(|scope| &check.budget.scopes[scope]);
    let percent = words::thousandths(rule.limit).parse().ok();
    Judged {
        rule: rule.kind.key(),
        outcome: verdict.outcome.key(),
        paths_of: rule.kind.choice().map(ToString::to_string),
        unit: rule.kind.unit().key(),
        limit: verdict.limit,
        percent: percent.filter(|_| rule.kind == RuleKind::GrowthPercent),
        actual: verdict.actual(),
        at_least: at_least(rule, verdict),
        excused: verdict.excused,
        said_of: scope.map(|scope| scope.pattern.as_str()),
        line: rule.place.as_ref().map(|place| place.line),
        reason: rule.reason.as_deref(),
    }
}

/// What is known of a sum in which sizes are unknown.
fn at_least(rule: &Rule, verdict: &Verdict) -> Option<i64> {
    let is_sum = matches!(rule.kind, RuleKind::Closure | RuleKind::Size(_));
    (is_sum && !verdict.is_exact).then_some(verdict.known)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Excepted<'a> {
    paths_of: String,
    rule: Option<&'a str>,
    reason: &'a str,
    until: String,
    expired: bool,
    unused: bool,
    line: usize,
}

fn excepted<'a>(check: &Check<'_>, at: usize, exception: &'a Exception) -> Excepted<'a> {
    let mut closures = check.closures.iter().map(|checked| &checked.judgement);
    Excepted {
        paths_of: exception.choice.to_string(),
        rule: exception.rule.as_deref(),
        reason: &exception.reason,
        until: exception.until.to_string(),
        expired: exception.until < check.today,
        unused: closures.all(|judgement| judgement.unused.contains(&at)),
        line: exception.line,
    }
}
