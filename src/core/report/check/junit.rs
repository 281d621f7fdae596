//! `JUnit`'s XML: a suite for each closure, a case for each rule.

use std::io::{self, Write};

use crate::analysis::budget::{RuleOutcome, Verdict};
use crate::text::Units;

use super::{Check, Checked, Finding, words};
use crate::report::xml::Xml;

pub(super) fn write(check: &Check<'_>, units: Units, out: &mut dyn Write) -> io::Result<()> {
    let all = check
        .closures
        .iter()
        .flat_map(|one| &one.judgement.verdicts);
    let counts = Counts::of(&all);
    let mut xml = Xml::begin(out)?;
    // The schema that Jenkins has gives the whole no number of what was skipped.
    xml.open("testsuites", &counts.attributes("nix-heft check")[..4])?;
    for checked in &check.closures {
        let counts = Counts::of(&checked.judgement.verdicts.iter());
        xml.open("testsuite", &counts.attributes(&checked.title()))?;
        properties(checked, &mut xml)?;
        for verdict in &checked.judgement.verdicts {
            case(check, checked, verdict, units, &mut xml)?;
        }
        xml.close()?;
    }
    xml.close()
}

struct Counts {
    tests: String,
    failures: String,
    errors: String,
    skipped: String,
}

impl Counts {
    fn of<'v>(verdicts: &(impl Iterator<Item = &'v Verdict> + Clone)) -> Self {
        let of = |outcome| {
            let same = verdicts
                .clone()
                .filter(|verdict| verdict.outcome == outcome);
            same.count().to_string()
        };
        Self {
            tests: verdicts.clone().count().to_string(),
            failures: of(RuleOutcome::Broken),
            errors: of(RuleOutcome::Unknown),
            skipped: of(RuleOutcome::New),
        }
    }

    fn attributes<'a>(&'a self, name: &'a str) -> [(&'a str, &'a str); 5] {
        [
            ("name", name),
            ("tests", &self.tests),
            ("failures", &self.failures),
            ("errors", &self.errors),
            ("skipped", &self.skipped),
        ]
    }
}

fn properties(checked: &Checked<'_>, xml: &mut Xml<'_>) -> io::Result<()> {
    let closure = checked.analysed.closure();
    xml.open("properties", &[])?;
    if let Some(bytes) = closure.nar_size() {
        let bytes = bytes.to_string();
        xml.empty("property", &[("name", "narSize"), ("value", &bytes)])?;
    }
    let paths = closure.len().to_string();
    xml.empty("property", &[("name", "paths"), ("value", &paths)])?;
    xml.close()
}

fn case(
    check: &Check<'_>,
    checked: &Checked<'_>,
    verdict: &Verdict,
    units: Units,
    xml: &mut Xml<'_>,
) -> io::Result<()> {
    let rule = check.rule(verdict);
    let (name, suite) = (words::title(rule), checked.title());
    let attributes = [("classname", &*suite), ("name", &*name)];
    let sentence = words::sentence(rule, verdict, units);
    let finding = Finding {
        checked,
        rule,
        verdict,
        culprit: None,
    };
    let body = || words::lines(&finding, units);
    let told = [("message", &*sentence), ("type", rule.kind.key())];
    match verdict.outcome {
        RuleOutcome::Kept => return xml.empty("testcase", &attributes),
        RuleOutcome::New => {
            xml.open("testcase", &attributes)?;
            xml.empty("skipped", &told[..1])?;
        }
        RuleOutcome::Broken => {
            xml.open("testcase", &attributes)?;
            xml.text("failure", &told, &body())?;
        }
        RuleOutcome::Unknown => {
            xml.open("testcase", &attributes)?;
            xml.text("error", &told, &body())?;
        }
    }
    xml.close()
}
