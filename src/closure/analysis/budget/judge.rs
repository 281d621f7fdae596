//! The verdicts: how much there is of what each rule limits, and whether that is too much.

use crate::analysis::analysed::Analysed;
use crate::analysis::diff::Diff;
use crate::analysis::metric::Metric;
use crate::analysis::what_if::Total;
use crate::job::Cancelled;
use crate::model::{PathId, PathSet};

use super::Budget;
use super::baseline::Baseline;
use super::choice::Choice;
use super::day::Day;
use super::offences::offences;
use super::reasons::{Accused, Culprit, Reasons};
use super::rule::{Few, Rule, RuleKind};

/// What a budget is held against.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The closure.
    pub analysed: &'a Analysed,
    /// What growth is measured against, if there is something.
    pub baseline: Option<&'a Baseline>,
    /// The day on which exceptions have to count.
    pub today: Day,
}

/// What became of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleOutcome {
    /// It is kept.
    Kept,
    /// There is more than it allows.
    Broken,
    /// What is known does not tell. That is no success.
    Unknown,
    /// There is nothing to compare with: the baseline does not have this root.
    New,
}

impl RuleOutcome {
    /// Whether a check with it does not pass.
    pub fn fails(self) -> bool {
        matches!(self, Self::Broken | Self::Unknown)
    }

    /// A stable name for machines.
    pub fn key(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Broken => "broken",
            Self::Unknown => "unknown",
            Self::New => "new",
        }
    }
}

/// The answer to one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The rule's position in the budget.
    pub rule: usize,
    /// What became of it.
    pub outcome: RuleOutcome,
    /// The most that is allowed, in the unit of the rule; for a percentage the bytes that it comes to.
    pub limit: i64,
    /// What is there, as far as it is known.
    pub known: i64,
    /// Whether that is all of it.
    pub is_exact: bool,
    /// The paths that make it so, if the rule is broken; those that weigh most first.
    pub culprits: Vec<Culprit>,
    /// How many paths, or groups, exceptions let pass.
    pub excused: usize,
}

impl Verdict {
    /// What is there; `None` if it is not known exactly.
    pub fn actual(&self) -> Option<i64> {
        self.is_exact.then_some(self.known)
    }
}

/// The answer to a budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// One verdict for each rule that counts for the closure, in the budget's order.
    pub verdicts: Vec<Verdict>,
    /// The exceptions that are over, by their positions in the budget.
    pub expired: Vec<usize>,
    /// The exceptions that count, and for which nothing was there.
    pub unused: Vec<usize>,
}

impl Judgement {
    /// Whether the closure may be as it is.
    pub fn passes(&self) -> bool {
        !self.verdicts.iter().any(|verdict| verdict.outcome.fails())
    }

    /// How many rules are broken.
    pub fn failures(&self) -> usize {
        let failing = self
            .verdicts
            .iter()
            .filter(|verdict| verdict.outcome.fails());
        failing.count()
    }
}

/// Judges one closure. Where rules ask for what files tell, that has been read before.
pub fn judge(budget: &Budget, facts: Facts<'_>) -> Result<Judgement, Cancelled> {
    let since = match facts.baseline.filter(|_| budget.needs_baseline()) {
        Some(baseline) => baseline.compared(facts.analysed)?,
        None => None,
    };
    let mut judge = Judge {
        budget,
        analysed: facts.analysed,
        since,
        reasons: Reasons::of(facts.analysed)?,
        excused: Vec::new(),
        used: vec![false; budget.exceptions.len()],
    };
    let mut expired = Vec::new();
    for (at, exception) in budget.exceptions.iter().enumerate() {
        if exception.until < facts.today {
            expired.push(at);
            judge.excused.push(None);
        } else {
            let members = exception.choice.members(facts.analysed)?;
            judge.excused.push(Some(members));
        }
    }
    let (graph, closure) = (facts.analysed.graph(), facts.analysed.closure());
    let counting = budget.counting(graph, closure).into_iter();
    let verdicts = counting.map(|at| judge.verdict(at, &budget.rules[at]));
    let verdicts = verdicts.collect::<Result<Vec<_>, _>>()?;
    let unused = (0..budget.exceptions.len())
        .filter(|&at| judge.excused[at].is_some() && !judge.used[at])
        .collect();
    Ok(Judgement {
        verdicts,
        expired,
        unused,
    })
}

struct Judge<'a> {
    budget: &'a Budget,
    analysed: &'a Analysed,
    /// What is different since the baseline.
    since: Option<Diff>,
    reasons: Reasons<'a>,
    /// The paths of each exception that counts.
    excused: Vec<Option<PathSet>>,
    /// Whether an exception let something pass.
    used: Vec<bool>,
}

/// How much there is.
#[derive(Clone, Copy)]
struct Amount {
    known: i64,
    is_exact: bool,
}

impl Amount {
    fn exactly(known: i64) -> Self {
        Self {
            known,
            is_exact: true,
        }
    }

    fn count(paths: usize) -> Self {
        Self::exactly(paths.cast_signed() as i64)
    }

    fn bytes(total: &Total) -> Self {
        Self {
            known: total.nar_size.cast_signed(),
            is_exact: total.unknown == 0,
        }
    }

    /// What is known is the least that there is.
    fn against(self, limit: i64) -> RuleOutcome {
        match (self.known > limit, self.is_exact) {
            (true, _) => RuleOutcome::Broken,
            (false, true) => RuleOutcome::Kept,
            (false, false) => RuleOutcome::Unknown,
        }
    }
}

impl Judge<'_> {
    fn verdict(&mut self, at: usize, rule: &Rule) -> Result<Verdict, Cancelled> {
        match &rule.kind {
            RuleKind::Closure => {
                let total = Total::of_closure(self.analysed.closure());
                self.whole(at, rule, Amount::bytes(&total), Metric::Retained)
            }
            RuleKind::Paths => {
                let amount = Amount::count(self.analysed.closure().len());
                self.whole(at, rule, amount, Metric::Count)
            }
            RuleKind::Growth | RuleKind::GrowthPercent | RuleKind::GrowthPaths => {
                self.growth(at, rule)
            }
            RuleKind::Size(choice) => self.size(at, rule, choice),
            RuleKind::Forbid(choice) => {
                let members = choice.members(self.analysed)?;
                let offences = members.iter().map(alone).collect();
                self.few(at, rule, offences)
            }
            RuleKind::AtMost(few) => self.at_most(at, rule, *few),
        }
    }

    fn whole(
        &self,
        at: usize,
        rule: &Rule,
        amount: Amount,
        by: Metric,
    ) -> Result<Verdict, Cancelled> {
        let outcome = amount.against(rule.limit);
        let accused = match outcome {
            RuleOutcome::Broken => self.reasons.heaviest(by)?,
            _ => Vec::new(),
        };
        self.told(at, (rule.limit, amount), outcome, accused)
    }

    fn growth(&self, at: usize, rule: &Rule) -> Result<Verdict, Cancelled> {
        let Some(diff) = &self.since else {
            let nothing = Amount {
                known: 0,
                is_exact: false,
            };
            return self.told(at, (rule.limit, nothing), RuleOutcome::New, Vec::new());
        };
        let (limit, amount) = if rule.kind == RuleKind::GrowthPaths {
            let paths = |total: &Total| total.paths.cast_signed() as i64;
            let grown = paths(&diff.after) - paths(&diff.before);
            (rule.limit, Amount::exactly(grown))
        } else {
            let delta = diff.delta();
            // A part of what is not known is not known.
            let tells = rule.kind == RuleKind::Growth || diff.before.unknown == 0;
            let grown = Amount {
                known: delta.nar_size,
                is_exact: delta.unknown == 0 && tells,
            };
            (limit_of(rule, diff.before.nar_size), grown)
        };
        // A difference between what is known is no bound for the difference.
        let outcome = if amount.is_exact {
            amount.against(limit)
        } else {
            RuleOutcome::Unknown
        };
        let accused = match outcome {
            RuleOutcome::Broken => self.reasons.grown(diff),
            _ => Vec::new(),
        };
        self.told(at, (limit, amount), outcome, accused)
    }

    fn size(&self, at: usize, rule: &Rule, choice: &Choice) -> Result<Verdict, Cancelled> {
        let members = choice.members(self.analysed)?;
        let total = Total::of(self.analysed.graph(), &members);
        let amount = Amount::bytes(&total);
        let outcome = amount.against(rule.limit);
        let accused = match outcome {
            RuleOutcome::Broken => self.reasons.by_size(members.iter()),
            _ => Vec::new(),
        };
        self.told(at, (rule.limit, amount), outcome, accused)
    }

    fn at_most(&mut self, at: usize, rule: &Rule, few: Few) -> Result<Verdict, Cancelled> {
        let Some(found) = offences(self.analysed, few)? else {
            let nothing = Amount {
                known: 0,
                is_exact: false,
            };
            return self.told(at, (rule.limit, nothing), RuleOutcome::Unknown, Vec::new());
        };
        let found = found.into_iter().map(|offence| Accused {
            path: offence.path,
            with: offence.with,
            bytes: None,
            came: None,
        });
        self.few(at, rule, found.collect())
    }

    /// Counts what no exception lets pass.
    fn few(&mut self, at: usize, rule: &Rule, found: Vec<Accused>) -> Result<Verdict, Cancelled> {
        let all = found.len();
        let (mut left, excused) = self.not_excused(rule, found);
        let amount = Amount::count(left.len());
        let outcome = amount.against(rule.limit);
        left = match outcome {
            RuleOutcome::Broken => self.reasons.by_retained(left)?,
            _ => Vec::new(),
        };
        debug_assert!(excused <= all, "what is excused was found");
        let mut verdict = self.told(at, (rule.limit, amount), outcome, left)?;
        verdict.excused = excused;
        Ok(verdict)
    }

    /// What no exception lets pass, and how many it does. Of a group all that would go have to be excused, or the kept one.
    fn not_excused(&mut self, rule: &Rule, found: Vec<Accused>) -> (Vec<Accused>, usize) {
        let all = found.len();
        let mut left = found;
        for (at, exception) in self.budget.exceptions.iter().enumerate() {
            let Some(paths) = self.excused[at]
                .as_ref()
                .filter(|_| exception.concerns(&rule.kind))
            else {
                continue;
            };
            let before = left.len();
            left.retain(|one| !excuses(paths, one));
            self.used[at] |= left.len() < before;
        }
        let excused = all - left.len();
        (left, excused)
    }

    fn told(
        &self,
        rule: usize,
        (limit, amount): (i64, Amount),
        outcome: RuleOutcome,
        accused: Vec<Accused>,
    ) -> Result<Verdict, Cancelled> {
        Ok(Verdict {
            rule,
            outcome,
            limit,
            known: amount.known,
            is_exact: amount.is_exact,
            culprits: self.reasons.found(accused)?,
            excused: 0,
        })
    }
}

fn alone(path: PathId) -> Accused {
    Accused::with_bytes(path, None)
}

/// Whether an exception lets something pass: a path, or all members of a group but one.
fn excuses(paths: &PathSet, one: &Accused) -> bool {
    let members = [one.path].into_iter().chain(one.with.iter().copied());
    let others = members.filter(|&id| !paths.contains(id)).count();
    others <= usize::from(!one.with.is_empty())
}

/// The bytes of growth that a rule allows.
fn limit_of(rule: &Rule, before: u64) -> i64 {
    if rule.kind != RuleKind::GrowthPercent {
        return rule.limit;
    }
    let allowed = i128::from(before) * i128::from(rule.limit) / 100_000;
    i64::try_from(allowed).unwrap_or(i64::MAX)
}
