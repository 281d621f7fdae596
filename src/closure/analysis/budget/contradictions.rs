//! Rules that contradict each other, and rules that can never apply.

use super::Budget;
use super::choice::{Choice, Which};
use super::file::Mistake;
use super::rule::{Few, Rule, RuleKind};

/// What contradicts itself; what merely never counts is noted among the budget's oddities.
pub(super) fn contradictions(budget: &mut Budget) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let rules = &budget.rules;
    for (at, rule) in rules.iter().enumerate() {
        if let Some(first) = rules[..at].iter().find(|first| are_twice(first, rule)) {
            let message = format!(
                "line {} already says this about the same paths",
                line(first)
            );
            let line = line(rule);
            mistakes.push(Mistake { line, message });
        }
    }
    let mut oddities: Vec<Mistake> = rules
        .iter()
        .filter_map(|rule| oddity(rules, rule))
        .collect();
    if budget.baseline.is_some() && !budget.needs_baseline() {
        let message = "a baseline is of no use without a limit on growth".to_owned();
        oddities.push(Mistake { line: 1, message });
    }
    oddities.sort_by_key(|oddity| oddity.line);
    budget.oddities = oddities;
    mistakes
}

fn line(rule: &Rule) -> usize {
    rule.place.as_ref().map_or(1, |place| place.line)
}

/// Whether two rules say the same kind of thing of the same paths.
fn are_twice(first: &Rule, second: &Rule) -> bool {
    let names_paths = first.kind.choice().is_some();
    names_paths && first.scope == second.scope && first.kind.limits_the_same(&second.kind)
}

/// Why a rule never counts, among those of the same roots.
fn oddity(rules: &[Rule], rule: &Rule) -> Option<Mistake> {
    let mut beside = rules.iter().filter(|other| other.scope == rule.scope);
    let whole = beside.clone().find(|other| other.kind == RuleKind::Closure);
    let mut forbidding = |meant: &dyn Fn(&Choice) -> bool| {
        beside.find(|other| match &other.kind {
            RuleKind::Forbid(choice) => meant(choice),
            _ => false,
        })
    };
    let message = match &rule.kind {
        RuleKind::Size(choice) => {
            if let Some(other) = forbidding(&|other| other.is_same(choice)) {
                format!("this never applies: line {} forbids it", line(other))
            } else {
                let whole = whole.filter(|whole| whole.limit < rule.limit)?;
                let line = line(whole);
                format!("this never applies: line {line} allows the whole closure less")
            }
        }
        RuleKind::AtMost(Few::Dev) if rule.limit > 0 => {
            let dev = |choice: &Choice| choice.any.contains(&Which::Output("dev".to_owned()));
            let other = forbidding(&dev)?;
            format!("this never applies: line {} forbids them all", line(other))
        }
        _ => return None,
    };
    Some(Mistake {
        line: line(rule),
        message,
    })
}
