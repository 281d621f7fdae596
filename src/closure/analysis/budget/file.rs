//! A budget as text: TOML, read so that every mistake is reported with its line and the likely intention.

mod of_roots;

use std::fmt;
use std::ops::Range;

use memchr::memchr_iter;
use thiserror::Error;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::analysis::query::QueryError;
use crate::analysis::select::closest;
use crate::text::sanitise;

use super::Budget;
use super::choice::{Choice, Which};
use super::contradictions::contradictions;
use super::rule::{BudgetPlace, Exception, Few, Rule, RuleKind};
use super::values::{bytes, day, integer, thousandths};

const FORMAT: &str = "nix-heft/budget";
const VERSION: i64 = 1;

const TABLES: &[&str] = &[
    "format",
    "version",
    "closure",
    "growth",
    "at-most",
    "size",
    "forbid",
    "exception",
    "roots",
];
const CLOSURE: &[&str] = &["size", "paths", "reason"];
const GROWTH: &[&str] = &["baseline", "size", "percent", "paths", "reason"];
const CHOICES: [&str; 4] = ["package", "name", "output", "query"];
const SIZE: &[&str] = &[
    "group", "package", "name", "output", "query", "max", "reason",
];
const FORBID: &[&str] = &["group", "package", "name", "output", "query", "reason"];
const EXCEPTION: &[&str] = &[
    "group", "package", "name", "output", "query", "rule", "reason", "until",
];

/// Something in the text that is wrong, or suspicious.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// In which line, from 1.
    pub line: usize,
    /// What, and what to write instead; harmless to print.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// Why a text is not a budget: everything that is wrong with it, by line.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", .mistakes.iter().map(Mistake::to_string).collect::<Vec<_>>().join("\n"))]
pub struct BudgetError {
    /// What is wrong; never empty.
    pub mistakes: Vec<Mistake>,
}

pub(super) fn parse(text: &str) -> Result<Budget, BudgetError> {
    let mut reader = BudgetReader {
        ends: memchr_iter(b'\n', text.as_bytes()).collect(),
        mistakes: Vec::new(),
    };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let span = error.span().unwrap_or_default();
        reader.complain(&span, error.message());
    }
    if reader.mistakes.is_empty() {
        let mut budget = reader.budget(table.get_ref());
        let parts = budget.rules.len() + budget.exceptions.len() + budget.scopes.len();
        if parts > MOST_PARTS {
            let message = format!(
                "at most {MOST_PARTS} rules, exceptions and tables of roots can be in a budget; here are {parts}"
            );
            reader.complain(&(0..0), message);
        } else {
            reader.mistakes.extend(contradictions(&mut budget));
        }
        if reader.mistakes.is_empty() {
            return Ok(budget);
        }
    }
    let mut mistakes = reader.mistakes;
    mistakes.sort_by_key(|mistake| mistake.line);
    Err(BudgetError { mistakes })
}

type Value<'t> = Spanned<DeValue<'t>>;

/// Rules, exceptions and tables of roots in one budget, at most: each is compared with every other.
const MOST_PARTS: usize = 2000;

struct BudgetReader {
    /// Where the lines of the text end, in bytes.
    ends: Vec<usize>,
    mistakes: Vec<Mistake>,
}

impl BudgetReader {
    fn line(&self, span: &Range<usize>) -> usize {
        self.ends.partition_point(|&end| end < span.start) + 1
    }

    fn complain(&mut self, span: &Range<usize>, message: impl AsRef<str>) {
        let (line, message) = (self.line(span), sanitise(message.as_ref()).into_owned());
        self.mistakes.push(Mistake { line, message });
    }

    fn place(&self, span: Range<usize>) -> BudgetPlace {
        let line = self.line(&span);
        BudgetPlace { line, span }
    }

    fn budget(&mut self, table: &DeTable<'_>) -> Budget {
        let mut budget = Budget::default();
        self.know(table, TABLES, "table");
        self.head(table);
        self.rules(table, GROWTH, &mut budget);
        if let Some(growth) = table
            .get("growth")
            .and_then(|value| value.get_ref().as_table())
        {
            budget.baseline = self.text_of(growth, "baseline");
        }
        for entry in self.entries(table, "exception") {
            self.know(entry.get_ref(), EXCEPTION, "key of [[exception]]");
            budget.exceptions.extend(self.exception(&entry));
        }
        self.of_roots(table, &mut budget);
        budget
    }

    /// The rules of a table, which is the whole budget or that of single roots.
    fn rules(&mut self, table: &DeTable<'_>, of_growth: &[&str], budget: &mut Budget) {
        if let Some(closure) = self.table(table, "closure") {
            self.know(closure, CLOSURE, "key of [closure]");
            self.sizes(closure, &[RuleKind::Closure, RuleKind::Paths], budget);
        }
        if let Some(growth) = self.table(table, "growth") {
            self.know(growth, of_growth, "key of [growth]");
            let kinds = [
                RuleKind::Growth,
                RuleKind::GrowthPercent,
                RuleKind::GrowthPaths,
            ];
            self.sizes(growth, &kinds, budget);
        }
        for entry in self.entries(table, "size") {
            self.know(entry.get_ref(), SIZE, "key of [[size]]");
            budget.rules.extend(self.size_rule(&entry));
        }
        for entry in self.entries(table, "forbid") {
            self.know(entry.get_ref(), FORBID, "key of [[forbid]]");
            budget.rules.extend(self.forbidden(&entry));
        }
        if let Some(few) = self.table(table, "at-most") {
            let known = Few::ALL.map(Few::key);
            self.know(few, &known, "key of [at-most]");
            for (few, value) in Few::ALL
                .into_iter()
                .filter_map(|kind| Some((kind, few.get(kind.key())?)))
            {
                budget
                    .rules
                    .extend(self.rule(RuleKind::AtMost(few), value, None));
            }
        }
    }

    /// What format it is, where that is said.
    fn head(&mut self, table: &DeTable<'_>) {
        if let Some(value) = table.get("format")
            && value.get_ref().as_str() != Some(FORMAT)
        {
            self.complain(
                &value.span(),
                format!("the format of a budget is \"{FORMAT}\""),
            );
        }
        if let Some(value) = table.get("version") {
            match integer(value.get_ref()) {
                Some(VERSION) => {}
                Some(later) if later > VERSION => self.complain(
                    &value.span(),
                    format!("a budget of version {later}, this program reads version {VERSION}"),
                ),
                _ => self.complain(
                    &value.span(),
                    format!("the version of a budget is {VERSION}"),
                ),
            }
        }
    }

    fn know(&mut self, table: &DeTable<'_>, known: &[&str], what: &str) {
        for key in table.keys() {
            let name = &**key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let message = match closest(known.iter().copied(), name) {
                Some(close) => format!("there is no {what} '{name}', did you mean '{close}'?"),
                None => format!("there is no {what} '{name}': they are {}", known.join(", ")),
            };
            self.complain(&key.span(), message);
        }
    }

    fn table<'v, 't>(&mut self, table: &'v DeTable<'t>, key: &str) -> Option<&'v DeTable<'t>> {
        let value = table.get(key)?;
        let found = value.get_ref().as_table();
        if found.is_none() {
            self.complain(
                &value.span(),
                format!("{key} is a table: [{key}] on a line of its own"),
            );
        }
        found
    }

    /// The entries of a list of tables.
    fn entries<'v, 't>(
        &mut self,
        table: &'v DeTable<'t>,
        key: &str,
    ) -> Vec<Spanned<&'v DeTable<'t>>> {
        let Some(value) = table.get(key) else {
            return Vec::new();
        };
        let wrong = format!("{key} is a list of tables: [[{key}]] on a line of its own for each");
        let Some(values) = value.get_ref().as_array() else {
            self.complain(&value.span(), wrong);
            return Vec::new();
        };
        let mut entries = Vec::new();
        for value in values {
            match value.get_ref().as_table() {
                Some(table) => entries.push(Spanned::new(value.span(), table)),
                None => self.complain(&value.span(), &wrong),
            }
        }
        entries
    }

    /// The rules of a table whose keys are those of the kinds, behind the point.
    fn sizes(&mut self, table: &DeTable<'_>, kinds: &[RuleKind], budget: &mut Budget) {
        let reason = self.text_of(table, "reason");
        for kind in kinds {
            let key = kind.key().rsplit('.').next().unwrap_or_default();
            if let Some(value) = table.get(key) {
                budget
                    .rules
                    .extend(self.rule(kind.clone(), value, reason.clone()));
            }
        }
    }

    fn rule(&mut self, kind: RuleKind, value: &Value<'_>, reason: Option<String>) -> Option<Rule> {
        let (limit, example) = match &kind {
            RuleKind::Closure | RuleKind::Growth | RuleKind::Size(_) => {
                (bytes(value.get_ref()), "a size: \"900 MiB\", or bytes")
            }
            RuleKind::GrowthPercent => (thousandths(value.get_ref()), "a percentage: 2.5"),
            _ => (
                integer(value.get_ref()).filter(|&count| count >= 0),
                "a number: 0, 1300",
            ),
        };
        let Some(limit) = limit else {
            self.complain(&value.span(), format!("this must be {example}"));
            return None;
        };
        Some(Rule {
            kind,
            limit,
            reason,
            scope: None,
            place: Some(self.place(value.span())),
        })
    }

    fn size_rule(&mut self, entry: &Spanned<&DeTable<'_>>) -> Option<Rule> {
        let table = entry.get_ref();
        let (choice, reason) = (self.choice(entry), self.text_of(table, "reason"));
        let Some(max) = table.get("max") else {
            self.complain(
                &entry.span(),
                "a size limit needs max, such as max = \"20 MiB\"",
            );
            return None;
        };
        self.rule(RuleKind::Size(choice?), max, reason)
    }

    fn forbidden(&mut self, entry: &Spanned<&DeTable<'_>>) -> Option<Rule> {
        let choice = self.choice(entry);
        let reason = self.text_of(entry.get_ref(), "reason");
        Some(Rule {
            kind: RuleKind::Forbid(choice?),
            limit: 0,
            reason,
            scope: None,
            place: Some(self.place(entry.span())),
        })
    }

    fn exception(&mut self, entry: &Spanned<&DeTable<'_>>) -> Option<Exception> {
        let table = entry.get_ref();
        let choice = self.choice(entry);
        let rule = self.text_of(table, "rule");
        if let (Some(rule), Some(value)) = (&rule, table.get("rule")) {
            let takes = |key: &&&str| **key == "forbid" || key.starts_with("at-most.");
            let known: Vec<&str> = RuleKind::KEYS.iter().filter(takes).copied().collect();
            if !known.contains(&rule.as_str()) {
                let message = format!(
                    "an exception is to a rule about single paths: {}",
                    known.join(", ")
                );
                self.complain(&value.span(), message);
            }
        }
        let reason = self
            .text_of(table, "reason")
            .filter(|reason| !reason.trim().is_empty());
        if reason.is_none() {
            self.complain(&entry.span(), "an exception needs a reason = \"…\"");
        }
        let until = table.get("until").and_then(|value| {
            let day = day(value.get_ref());
            if day.is_none() {
                self.complain(
                    &value.span(),
                    "until is the last day on which it applies: 2027-01-31",
                );
            }
            day
        });
        if !table.contains_key("until") {
            self.complain(
                &entry.span(),
                "an exception needs its last day: until = 2027-01-31",
            );
        }
        Some(Exception {
            choice: choice?,
            rule,
            reason: reason?,
            until: until?,
            line: self.line(&entry.span()),
        })
    }

    /// The paths an entry speaks of; complains if it speaks of none.
    fn choice(&mut self, entry: &Spanned<&DeTable<'_>>) -> Option<Choice> {
        let table = entry.get_ref();
        let before = self.mistakes.len();
        let mut any = Vec::new();
        for key in CHOICES {
            let Some(value) = table.get(key) else {
                continue;
            };
            for (span, text) in self.texts(value, key) {
                match which(key, text) {
                    Ok(which) => any.push(which),
                    Err(message) => self.complain(&span, message.to_string()),
                }
            }
        }
        if any.is_empty() {
            if self.mistakes.len() == before {
                let keys = CHOICES.join(", ");
                self.complain(
                    &entry.span(),
                    format!("it selects no paths: give it one of {keys}"),
                );
            }
            return None;
        }
        let group = self.text_of(table, "group");
        Some(Choice { group, any })
    }

    fn text_of(&mut self, table: &DeTable<'_>, key: &str) -> Option<String> {
        let value = table.get(key)?;
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.complain(&value.span(), format!("{key} is a quoted string"));
        }
        text
    }

    /// A text, or a list of texts.
    fn texts<'v>(&mut self, value: &'v Value<'_>, key: &str) -> Vec<(Range<usize>, &'v str)> {
        let values = match value.get_ref() {
            DeValue::Array(values) => values.iter().collect(),
            _ => vec![value],
        };
        let mut texts = Vec::new();
        for value in values {
            match value
                .get_ref()
                .as_str()
                .filter(|text| !text.trim().is_empty())
            {
                Some(text) => texts.push((value.span(), text)),
                None => self.complain(
                    &value.span(),
                    format!("{key} is a quoted string, or a list of them"),
                ),
            }
        }
        texts
    }
}

fn which(key: &str, text: &str) -> Result<Which, QueryError> {
    let text = text.trim();
    if key == "query" {
        return Which::query(text);
    }
    if let Some(at) = text.find([' ', '/']) {
        let message =
            format!("no {key} has a blank or a slash: paths are also named by query = \"…\"");
        return Err(QueryError { at, message });
    }
    let text = text.to_owned();
    Ok(match key {
        "package" => Which::Package(text),
        "name" => Which::Name(text),
        _ => Which::Output(text),
    })
}
