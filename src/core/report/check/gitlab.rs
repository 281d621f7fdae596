//! A report of code quality as GitLab reads it: a list of findings, each in a file with a fingerprint of its own.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::text::Units;

use super::sarif::identity;
use super::{Check, words};
use crate::report::fingerprint::Fingerprints;

/// Where a finding is shown if the rules are options: GitLab wants a file, and the check is about the whole of it.
const WHOLE: &str = ".";

pub(super) fn write(check: &Check<'_>, units: Units, out: &mut dyn Write) -> io::Result<()> {
    let mut fingerprints = Fingerprints::default();
    let file = check.file.as_deref().unwrap_or(WHOLE);
    let file = file.strip_prefix("./").unwrap_or(file);
    let findings = check.findings();
    let findings = findings.iter().map(|finding| {
        let line = finding.rule.place.as_ref().map_or(1, |place| place.line);
        json!({
            "description": words::lines(finding, units).join("\n"),
            "check_name": finding.rule.kind.key(),
            "fingerprint": fingerprints.of(&identity(finding)),
            "severity": "major",
            "location": { "path": file, "lines": { "begin": line } },
        })
    });
    let findings: Vec<Value> = findings.collect();
    serde_json::to_writer(&mut *out, &findings)?;
    writeln!(out)
}
