//! One rule of a budget, and one exception to it.

use std::ops::Range;

use super::choice::Choice;
use super::day::Day;

/// What a rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// NAR sizes.
    Bytes,
    /// Store paths.
    Paths,
    /// Groups of paths that could be one.
    Groups,
}

impl Unit {
    /// A stable name for machines.
    pub fn key(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Paths => "paths",
            Self::Groups => "groups",
        }
    }
}

/// What a closure had better have few of, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Few {
    /// Paths with the output `dev`: headers and build metadata.
    Dev,
    /// Compilers of any language.
    Compilers,
    /// Groups of paths that could be one.
    Duplicates,
    /// Paths that only likely accidents hold.
    Accidents,
}

impl Few {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Dev,
        Self::Compilers,
        Self::Duplicates,
        Self::Accidents,
    ];

    /// What it is called in a budget.
    pub fn key(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Compilers => "compilers",
            Self::Duplicates => "duplicates",
            Self::Accidents => "accidents",
        }
    }
}

/// What a rule limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleKind {
    /// The NAR size of the closure.
    Closure,
    /// The number of paths.
    Paths,
    /// By how many bytes the closure grew since the baseline.
    Growth,
    /// The same, in thousandths of a percent of the baseline.
    GrowthPercent,
    /// By how many paths it grew.
    GrowthPaths,
    /// The NAR size of some paths together.
    Size(Choice),
    /// That there are no such paths at all.
    Forbid(Choice),
    /// How many there are of something.
    AtMost(Few),
}

impl RuleKind {
    /// A stable name for machines; several rules may have one.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Closure => "closure.size",
            Self::Paths => "closure.paths",
            Self::Growth => "growth.size",
            Self::GrowthPercent => "growth.percent",
            Self::GrowthPaths => "growth.paths",
            Self::Size(_) => "size",
            Self::Forbid(_) => "forbid",
            Self::AtMost(Few::Dev) => "at-most.dev",
            Self::AtMost(Few::Compilers) => "at-most.compilers",
            Self::AtMost(Few::Duplicates) => "at-most.duplicates",
            Self::AtMost(Few::Accidents) => "at-most.accidents",
        }
    }

    /// Keys of all kinds.
    pub const KEYS: [&str; 11] = [
        "closure.size",
        "closure.paths",
        "growth.size",
        "growth.percent",
        "growth.paths",
        "size",
        "forbid",
        "at-most.dev",
        "at-most.compilers",
        "at-most.duplicates",
        "at-most.accidents",
    ];

    /// What verdicts on it count.
    pub fn unit(&self) -> Unit {
        match self {
            Self::Closure | Self::Growth | Self::GrowthPercent | Self::Size(_) => Unit::Bytes,
            Self::AtMost(Few::Duplicates) => Unit::Groups,
            Self::Paths | Self::GrowthPaths | Self::Forbid(_) | Self::AtMost(_) => Unit::Paths,
        }
    }

    /// Whether it compares with a baseline.
    pub fn is_growth(&self) -> bool {
        matches!(self, Self::Growth | Self::GrowthPercent | Self::GrowthPaths)
    }

    /// Whether it is about single paths, so that one of them can be an exception.
    pub fn takes_exceptions(&self) -> bool {
        matches!(self, Self::Forbid(_) | Self::AtMost(_))
    }

    /// Whether two kinds limit the same, so that one of them can stand in place of the other.
    pub fn limits_the_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Size(own), Self::Size(other)) | (Self::Forbid(own), Self::Forbid(other)) => {
                own.is_same(other)
            }
            _ => self == other,
        }
    }

    /// The paths it speaks of, where it names some.
    pub fn choice(&self) -> Option<&Choice> {
        match self {
            Self::Size(choice) | Self::Forbid(choice) => Some(choice),
            _ => None,
        }
    }
}

/// Where something stands in the text of a budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetPlace {
    /// The line, from 1.
    pub line: usize,
    /// The bytes of the limit's value, or of the whole entry where there is no limit to write.
    pub span: Range<usize>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What it limits.
    pub kind: RuleKind,
    /// The most that is allowed, in the unit of the kind. Never negative.
    pub limit: i64,
    /// Why there is the rule, in the words of who wrote it.
    pub reason: Option<String>,
    /// Which of the budget's scopes it is said of; `None` for all roots.
    pub scope: Option<usize>,
    /// Where it is written; `None` if it is an option of the command line.
    pub place: Option<BudgetPlace>,
}

impl Rule {
    /// A rule that is written nowhere.
    pub fn new(kind: RuleKind, limit: i64) -> Self {
        Self {
            kind,
            limit,
            reason: None,
            scope: None,
            place: None,
        }
    }

    /// Whether its limit can be lowered to what is there: it is a limit of what is there, and greater than none.
    pub fn is_ratchet(&self) -> bool {
        !self.kind.is_growth() && !matches!(self.kind, RuleKind::Forbid(_))
    }
}

/// Paths that may break a rule nevertheless, up to a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The paths.
    pub choice: Choice,
    /// The key of the only kind of rule it counts for; `None` for all that are about single paths.
    pub rule: Option<String>,
    /// Why.
    pub reason: String,
    /// The last day on which it counts.
    pub until: Day,
    /// In which line it is written, from 1.
    pub line: usize,
}

impl Exception {
    /// Whether it counts for a rule, whatever the day.
    pub fn concerns(&self, kind: &RuleKind) -> bool {
        let named = self.rule.as_ref().is_none_or(|rule| rule == kind.key());
        named && kind.takes_exceptions()
    }
}
