//! Budgets: limits for a closure, and whether it meets them.
//!
//! A [`Budget`] is a list of [`Rule`]s, each with a limit, and of [`Exception`]s, each with a reason and the last day on
//! which it counts. [`judge()`] says of each rule how much there is and, where that is too much, which paths make it so,
//! with the shortest chain to each and the references to cut. Nothing here knows a clock or a file: the day and the baseline
//! are given.

mod baseline;
mod choice;
mod compilers;
mod contradictions;
mod day;
mod file;
mod judge;
mod offences;
mod ratchet;
mod reasons;
mod rule;
mod sample;
mod scope;
mod values;

pub use baseline::Baseline;
pub use choice::{Choice, Which};
pub use compilers::is_compiler;
pub use day::Day;
pub use file::{BudgetError, Mistake};
pub use judge::{Facts, Judgement, RuleOutcome, Verdict, judge};
pub use offences::{Offence, offences};
pub use ratchet::{Lowered, lowered};
pub use reasons::Culprit;
pub use rule::{BudgetPlace, Exception, Few, Rule, RuleKind, Unit};
pub use sample::sample;
pub use scope::Scope;
pub use values::{amount, percent};

/// What a closure may be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Budget {
    /// The rules, in the order in which they are answered.
    pub rules: Vec<Rule>,
    /// The roots that rules of their own are said of, in the order in which the text has them.
    pub scopes: Vec<Scope>,
    /// What may break a rule nevertheless.
    pub exceptions: Vec<Exception>,
    /// What growth is measured against, as it is written: a file or a root.
    pub baseline: Option<String>,
    /// What is suspicious about it, to be shown.
    pub oddities: Vec<Mistake>,
}

impl Budget {
    /// Reads a budget from TOML.
    pub fn parse(text: &str) -> Result<Self, BudgetError> {
        file::parse(text)
    }

    /// Adds a rule for all roots in place of one of the same kind; the one that gives way.
    pub fn set(&mut self, rule: Rule) -> Option<Rule> {
        let is_same = |other: &Rule| other.scope == rule.scope && other.kind == rule.kind;
        let same = self.rules.iter().position(is_same);
        if let Some(at) = same {
            return Some(std::mem::replace(&mut self.rules[at], rule));
        }
        self.rules.push(rule);
        None
    }

    /// Whether a rule asks for a baseline.
    pub fn needs_baseline(&self) -> bool {
        self.rules.iter().any(|rule| rule.kind.is_growth())
    }

    /// Whether a rule asks for what only likely accidents hold, so that files have to be read.
    pub fn needs_accidents(&self) -> bool {
        let few = |rule: &Rule| rule.kind == RuleKind::AtMost(Few::Accidents);
        self.rules.iter().any(few) || self.choices().any(Choice::asks_for_accidents)
    }

    /// Whether a rule asks for what paths take on disk.
    pub fn needs_disk_sizes(&self) -> bool {
        self.choices().any(Choice::asks_for_disk_sizes)
    }

    /// Whether hashes and derivers of the paths have to be loaded.
    pub fn needs_details(&self) -> bool {
        let few = |rule: &Rule| rule.kind == RuleKind::AtMost(Few::Duplicates);
        self.rules.iter().any(few) || self.choices().any(Choice::is_query)
    }

    fn choices(&self) -> impl Iterator<Item = &Choice> {
        let of_rules = self.rules.iter().filter_map(|rule| rule.kind.choice());
        of_rules.chain(self.exceptions.iter().map(|exception| &exception.choice))
    }
}

#[cfg(test)]
mod tests;
