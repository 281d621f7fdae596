//! SARIF 2.1.0: a result for each path that breaks a rule, at the line of the budget that says so.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use crate::analysis::budget::RuleKind;
use crate::model::PathId;
use crate::text::Units;

use super::{Check, Finding, words};
use crate::report::fingerprint::Fingerprints;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn write(check: &Check<'_>, units: Units, out: &mut dyn Write) -> io::Result<()> {
    let mut fingerprints = Fingerprints::default();
    let findings = check.findings();
    let results = findings
        .iter()
        .map(|finding| result(check, finding, units, &mut fingerprints));
    let results: Vec<Value> = results.collect();
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: json!({ "driver": {
                "name": "nix-heft",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": RuleKind::KEYS.map(descriptor),
            }}),
            column_kind: "unicodeCodePoints",
            results,
        }],
    };
    serde_json::to_writer(&mut *out, &log)?;
    writeln!(out)
}

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Value,
    column_kind: &'static str,
    results: Vec<Value>,
}

fn descriptor(key: &'static str) -> Value {
    json!({
        "id": key,
        "shortDescription": { "text": words::description(key) },
        "defaultConfiguration": { "level": "error" },
    })
}

fn result(
    check: &Check<'_>,
    finding: &Finding<'_>,
    units: Units,
    fingerprints: &mut Fingerprints,
) -> Value {
    let key = finding.rule.kind.key();
    let rule_index = RuleKind::KEYS.iter().position(|other| *other == key);
    let mut result = json!({
        "ruleId": key,
        "ruleIndex": rule_index,
        "level": "error",
        "kind": "fail",
        "message": { "text": words::lines(finding, units).join("\n") },
        "locations": [location(check, finding)],
        "partialFingerprints": { "nixHeftFinding/v1": fingerprints.of(&identity(finding)) },
    });
    let chain = finding.culprit.map(|culprit| &culprit.chain[..]);
    if let Some(chain) = chain.filter(|chain| chain.len() > 1) {
        let stations = chain
            .iter()
            .map(|&id| json!({ "location": logical(finding, id) }));
        let stations: Vec<Value> = stations.collect();
        result["codeFlows"] = json!([{ "threadFlows": [{ "locations": stations }] }]);
    }
    result
}

/// Where a finding is shown: in the budget, and at the path.
fn location(check: &Check<'_>, finding: &Finding<'_>) -> Value {
    let root = finding.checked.analysed.closure().roots().first();
    let id = finding
        .culprit
        .map(|culprit| culprit.path)
        .or(root.copied());
    let mut location = id.map_or_else(|| json!({}), |id| logical(finding, id));
    if let Some(file) = &check.file {
        let line = finding.rule.place.as_ref().map_or(1, |place| place.line);
        location["physicalLocation"] = json!({
            "artifactLocation": { "uri": uri(file) },
            "region": { "startLine": line },
        });
    }
    location
}

fn logical(finding: &Finding<'_>, id: PathId) -> Value {
    let graph = finding.checked.analysed.graph();
    json!({ "logicalLocations": [{
        "name": graph.name(id),
        "fullyQualifiedName": graph.path(id).to_string(),
        "kind": "package",
    }]})
}

/// A file's name as a reference: what has a meaning in one is percent-encoded.
fn uri(file: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'/')
        .remove(b'.')
        .remove(b'-')
        .remove(b'_')
        .remove(b'~');
    let file = file.strip_prefix("./").unwrap_or(file);
    // What stands behind two slashes would be a host.
    let doubled = file.len() - file.trim_start_matches('/').len();
    let file = &file[doubled.saturating_sub(1)..];
    utf8_percent_encode(file, PLAIN).to_string()
}

/// What stays the same about a finding when the closure is built again: rule, root and path by their names.
pub(super) fn identity(finding: &Finding<'_>) -> String {
    let graph = finding.checked.analysed.graph();
    let roots = finding.checked.analysed.closure().roots().iter();
    let roots: Vec<&str> = roots.map(|&root| graph.package(root).pname).collect();
    let path = finding
        .culprit
        .map_or("", |culprit| graph.name(culprit.path));
    let rule = words::title(finding.rule);
    format!(
        "{}\n{rule}\n{}\n{path}",
        finding.rule.kind.key(),
        roots.join(" ")
    )
}
