//! The sentences that all formats share.

use std::fmt::Write as _;

use crate::analysis::budget::{Culprit, Few, Rule, RuleKind, RuleOutcome, Unit, Verdict};
use crate::analysis::select::closest;
use crate::model::{Closure, PathId};
use crate::text::{self, Units};

use super::{Check, Checked, Finding, REASONS, REFERENCES};

/// What a rule is called.
pub(super) fn title(rule: &Rule) -> String {
    match &rule.kind {
        RuleKind::Closure => "size of the closure".to_owned(),
        RuleKind::Paths => "number of paths".to_owned(),
        RuleKind::Growth => "growth in bytes".to_owned(),
        RuleKind::GrowthPercent => "growth in percent".to_owned(),
        RuleKind::GrowthPaths => "growth in paths".to_owned(),
        RuleKind::Size(choice) => format!("size of {choice}"),
        RuleKind::Forbid(choice) => format!("forbidden {choice}"),
        RuleKind::AtMost(few) => noun(*few).1.to_owned(),
    }
}

/// What a kind of rule is for, in a sentence without its numbers.
pub(super) fn description(key: &str) -> &'static str {
    match key {
        "closure.size" => "Maximum size of the closure in bytes.",
        "closure.paths" => "Maximum number of paths in the closure.",
        "growth.size" => "Maximum growth of the closure in bytes, compared with the baseline.",
        "growth.percent" => "Maximum growth of the closure in percent, compared with the baseline.",
        "growth.paths" => "Maximum growth of the closure in paths, compared with the baseline.",
        "size" => "Maximum total size of some paths in bytes.",
        "forbid" => "Paths that must not be in the closure.",
        "at-most.dev" => "Maximum number of development outputs.",
        "at-most.compilers" => "Maximum number of compilers.",
        "at-most.duplicates" => "Maximum number of groups of duplicates.",
        _ => "Maximum number of paths that only likely accidents hold.",
    }
}

fn noun(few: Few) -> (&'static str, &'static str) {
    match few {
        Few::Dev => ("development output", "development outputs"),
        Few::Compilers => ("compiler", "compilers"),
        Few::Duplicates => (
            "group that could be one path",
            "groups that could be one path",
        ),
        Few::Accidents => (
            "path that only accidents hold",
            "paths that only accidents hold",
        ),
    }
}

fn number(unit: Unit, amount: i64, beside: i64, units: Units) -> String {
    let sign = if amount < 0 { "−" } else { "" };
    match unit {
        Unit::Bytes => {
            let size = units.size_beside(amount.unsigned_abs(), beside.unsigned_abs());
            let unit = if units == Units::Bytes { " bytes" } else { "" };
            format!("{sign}{size}{unit}")
        }
        Unit::Paths => format!("{sign}{}", counted(amount, "path")),
        Unit::Groups => format!("{sign}{}", counted(amount, "group")),
    }
}

fn counted(number: i64, noun: &str) -> String {
    let number = usize::try_from(number.unsigned_abs()).unwrap_or(usize::MAX);
    text::counted(number, noun)
}

/// The limit of a verdict.
pub(super) fn limit(rule: &Rule, verdict: &Verdict, units: Units) -> String {
    number(rule.kind.unit(), verdict.limit, verdict.known, units)
}

/// What is there, with what is not known of it.
pub(super) fn actual(rule: &Rule, verdict: &Verdict, units: Units) -> String {
    let number = number(rule.kind.unit(), verdict.known, verdict.limit, units);
    match (verdict.is_exact, rule.kind.is_growth(), &rule.kind) {
        (true, ..) => number,
        (false, true, _) | (false, _, RuleKind::AtMost(_)) => "unknown".to_owned(),
        _ => format!("at least {number}"),
    }
}

/// What became of a rule, in a sentence without a full stop.
pub(super) fn sentence(rule: &Rule, verdict: &Verdict, units: Units) -> String {
    let (is, most) = (actual(rule, verdict, units), limit(rule, verdict, units));
    match (verdict.outcome, &rule.kind) {
        (RuleOutcome::New, _) => {
            "the baseline does not have this root: there is nothing to compare it with".to_owned()
        }
        (RuleOutcome::Unknown, RuleKind::AtMost(_)) => {
            format!("{} cannot be determined without the files", title(rule))
        }
        (RuleOutcome::Unknown, kind) if kind.is_growth() => {
            format!("{} cannot be determined: sizes are unknown", title(rule))
        }
        (RuleOutcome::Unknown, _) => {
            format!(
                "{} cannot be determined: it is {is}, the limit is {most}, and sizes are unknown",
                title(rule)
            )
        }
        (_, RuleKind::Closure | RuleKind::Paths) => {
            format!("the closure has {is}, the limit is {most}")
        }
        (_, RuleKind::GrowthPercent) => {
            let percent = thousandths(rule.limit);
            format!("the closure grew by {is}, the limit is {most} ({percent} %)")
        }
        (_, RuleKind::Growth | RuleKind::GrowthPaths) if verdict.known < 0 => {
            format!("the closure shrank by {}", is.trim_start_matches('−'))
        }
        (_, RuleKind::Growth | RuleKind::GrowthPaths) => {
            format!("the closure grew by {is}, the limit is {most}")
        }
        (_, RuleKind::Size(choice)) => format!("{choice}: {is}, the limit is {most}"),
        (RuleOutcome::Kept, RuleKind::Forbid(choice)) => format!("{choice}: none"),
        (_, RuleKind::Forbid(choice)) => {
            let are = if verdict.known == 1 { "is" } else { "are" };
            format!("{choice} is forbidden, but {is} {are} there")
        }
        (_, RuleKind::AtMost(few)) => {
            let (one, more) = noun(*few);
            let count = text::count(verdict.known.unsigned_abs());
            let noun = if verdict.known == 1 { one } else { more };
            let most = text::count(verdict.limit.unsigned_abs());
            format!("{count} {noun}, at most {most} allowed")
        }
    }
}

/// Thousandths as a decimal number without noughts at its end.
pub(super) fn thousandths(number: i64) -> String {
    let text = format!("{}.{:03}", number / 1000, number % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What a path stands for, behind its name.
pub(super) fn weight(rule: &Rule, culprit: &Culprit, units: Units) -> String {
    let size = culprit.bytes.map_or_else(
        || "unknown size".to_owned(),
        |bytes| units.in_words(bytes.unsigned_abs()),
    );
    match &rule.kind {
        RuleKind::Size(_) => size,
        RuleKind::Paths => {
            let count = culprit.retained_count as usize;
            let leave = if count == 1 { "leaves" } else { "leave" };
            format!("{} {leave} with it", text::counted(count, "path"))
        }
        kind if kind.is_growth() => match culprit.came {
            Some(paths) => format!("{size} came with it in {}", text::counted(paths, "path")),
            None => format!("its package grew by {size}"),
        },
        _ => format!("{size} leave with it"),
    }
}

/// The references to cut so that a path leaves, in one sentence; `None` where there is none to tell.
pub(super) fn cut(checked: &Checked<'_>, culprit: &Culprit, units: Units) -> Option<String> {
    let cut = culprit.cut.as_ref()?;
    let label = |id| checked.analysed.label(id);
    let shown = cut.references.iter().take(REFERENCES);
    let shown: Vec<String> = shown
        .map(|&(from, to)| format!("{} → {}", label(from), label(to)))
        .collect();
    let more = match cut.references.len().saturating_sub(shown.len()) {
        0 => String::new(),
        more => format!(" and {} more", text::count(more as u64)),
    };
    let collateral = &cut.collateral;
    let along = if collateral.paths == 0 {
        "nothing else leaves".to_owned()
    } else {
        let bound = if collateral.known { "" } else { "at least " };
        let bytes = units.in_words(collateral.nar_size.unsigned_abs());
        let paths = usize::try_from(collateral.paths.unsigned_abs()).unwrap_or(usize::MAX);
        format!(
            "{bound}{bytes} in {} leave besides",
            text::counted(paths, "path")
        )
    };
    let count = text::counted(cut.references.len(), "reference");
    Some(format!("cut {count} ({along}): {}{more}", shown.join(", ")))
}

/// The shortest chain, in one line; `None` for a root.
pub(super) fn chain(checked: &Checked<'_>, culprit: &Culprit) -> Option<String> {
    let names = culprit.chain.iter().map(|&id| checked.analysed.label(id));
    let names: Vec<String> = names.collect();
    (names.len() > 1).then(|| names.join(" → "))
}

/// The other members of a group, in words.
pub(super) fn group(checked: &Checked<'_>, culprit: &Culprit) -> Option<String> {
    let (keep, others) = culprit.with.split_first()?;
    let mut text = format!("could be {}", checked.analysed.label(*keep));
    if !others.is_empty() {
        let names: Vec<String> = others
            .iter()
            .map(|&id| checked.analysed.label(id))
            .collect();
        let _ = write!(text, ", as could {}", names.join(", "));
    }
    Some(text)
}

/// Everything about one finding, a line for each thing, the first in one sentence.
pub(super) fn lines(finding: &Finding<'_>, units: Units) -> Vec<String> {
    let Finding {
        checked,
        rule,
        verdict,
        ..
    } = *finding;
    let mut lines = vec![sentence(rule, verdict, units)];
    if let Some(reason) = &rule.reason {
        lines.push(format!("reason for the rule: {}", text::sanitise(reason)));
    }
    let culprits = finding.culprits();
    if let [only] = culprits {
        let _ = write!(lines[0], ": {}", named(checked, rule, only, units));
        lines.extend(reasons(checked, only, units));
        return lines;
    }
    for culprit in culprits.iter().take(REASONS) {
        lines.push(format!("- {}", named(checked, rule, culprit, units)));
        let reasons = reasons(checked, culprit, units).into_iter();
        lines.extend(reasons.map(|line| format!("  {line}")));
    }
    if let Some(more @ 1..) = culprits.len().checked_sub(REASONS) {
        lines.push(format!("and {} more", text::count(more as u64)));
    }
    lines
}

fn named(checked: &Checked<'_>, rule: &Rule, culprit: &Culprit, units: Units) -> String {
    let label = checked.analysed.label(culprit.path);
    format!("{label} ({})", weight(rule, culprit, units))
}

/// The reasons of one path, a line each.
fn reasons(checked: &Checked<'_>, culprit: &Culprit, units: Units) -> Vec<String> {
    let chain = chain(checked, culprit).map(|chain| format!("shortest chain: {chain}"));
    let reasons = [group(checked, culprit), chain, cut(checked, culprit, units)];
    let evidence = super::text::evidence_lines(checked, culprit);
    reasons.into_iter().flatten().chain(evidence).collect()
}

/// What is worth knowing besides the verdicts: exceptions that are over, or for nothing; what is suspicious in the budget.
pub(super) fn notes(check: &Check<'_>) -> Vec<String> {
    let mut notes: Vec<String> = check
        .budget
        .oddities
        .iter()
        .map(ToString::to_string)
        .collect();
    for (at, exception) in check.budget.exceptions.iter().enumerate() {
        let over = check
            .closures
            .iter()
            .any(|one| one.judgement.expired.contains(&at));
        let unused = check
            .closures
            .iter()
            .all(|one| one.judgement.unused.contains(&at));
        let what = format!(
            "line {}: the exception for {} (until {}: {})",
            exception.line,
            exception.choice,
            exception.until,
            text::sanitise(&exception.reason),
        );
        if over {
            notes.push(format!("{what} has expired"));
        } else if unused {
            notes.push(format!("{what} excuses nothing and can be removed"));
        }
    }
    notes.extend(idle(check));
    notes
}

/// The tables that are said of no root that was judged, each with the nearest name.
fn idle(check: &Check<'_>) -> Vec<String> {
    let graph = check.subject.graph();
    let closures: Vec<&Closure> = check
        .closures
        .iter()
        .map(|one| one.analysed.closure())
        .collect();
    let roots = closures.iter().flat_map(|closure| closure.roots());
    let names = |&root: &PathId| [graph.name(root), graph.package(root).pname];
    let names: Vec<&str> = roots.flat_map(names).collect();
    let idle = check.budget.idle(graph, &closures).map(|scope| {
        let pattern = text::sanitise(&scope.pattern);
        let near = match closest(names.iter().copied(), &scope.pattern) {
            Some(near) => format!(", did you mean '{}'?", text::sanitise(near)),
            None => ": it says nothing here".to_owned(),
        };
        format!("line {}: no root is called '{pattern}'{near}", scope.line)
    });
    idle.collect()
}

impl Check<'_> {
    /// What is worth knowing besides the verdicts, one sentence each.
    pub fn notes(&self) -> Vec<String> {
        notes(self)
    }
}
