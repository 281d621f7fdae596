//! Reads a query: `or` binds weaker than `and`, which may be left out; `not` binds strongest.

use thiserror::Error;

use super::keys::{self, Key};
use super::lexer::{Token, What, tokens};
use crate::analysis::metric::Unit;
use crate::analysis::path_change::PathChange;

use super::{Comparison, Direction, Expression, Metric, PathKind, Query, QueryError, Selection};

/// Deeper nesting than a person writes.
const DEEPEST: usize = 64;

pub(super) fn parse(text: &str) -> Result<Query, QueryError> {
    let tokens = tokens(text)?;
    let mut parser = Parser::over(&tokens, text.len());
    if tokens.is_empty() {
        return Ok(Query {
            expression: Expression::All,
            selections: Vec::new(),
        });
    }
    let expression = parser.either()?;
    if let Some(token) = parser.peek() {
        return Err(QueryError::new(token.at, "this parenthesis closes nothing"));
    }
    Ok(Query {
        expression,
        selections: parser.selections,
    })
}

/// The parts that must all hold, as they stand in the text.
pub(super) fn parts(text: &str) -> Vec<&str> {
    let whole = text.trim();
    let found = split(whole).unwrap_or_else(|| vec![whole]);
    found.into_iter().filter(|part| !part.is_empty()).collect()
}

/// `None` if the text cannot be read, or is not made of parts that must all hold.
fn split(text: &str) -> Option<Vec<&str>> {
    parse(text).ok()?;
    let tokens = tokens(text).ok()?;
    let mut parser = Parser::over(&tokens, text.len());
    let mut parts = Vec::new();
    while let Some(first) = parser.peek() {
        if parser.take(&What::And) {
            continue;
        }
        parser.one().ok()?;
        let end = parser.peek().map_or(text.len(), |token| token.at);
        parts.push(text[first.at..end].trim_end());
    }
    Some(parts)
}

struct Parser<'a> {
    tokens: &'a [Token<'a>],
    end: usize,
    at: usize,
    depth: usize,
    selections: Vec<Selection>,
}

impl<'a> Parser<'a> {
    fn over(tokens: &'a [Token<'a>], end: usize) -> Self {
        Self {
            tokens,
            end,
            at: 0,
            depth: 0,
            selections: Vec::new(),
        }
    }

    fn peek(&self) -> Option<&'a Token<'a>> {
        self.tokens.get(self.at)
    }

    fn take(&mut self, what: &What) -> bool {
        let found = self.peek().is_some_and(|token| token.what == *what);
        self.at += usize::from(found);
        found
    }

    fn either(&mut self) -> Result<Expression, QueryError> {
        let mut parts = vec![self.all()?];
        while self.take(&What::Or) {
            parts.push(self.all()?);
        }
        Ok(joined(parts, Expression::Or))
    }

    fn all(&mut self) -> Result<Expression, QueryError> {
        let mut parts = vec![self.one()?];
        loop {
            let said = self.take(&What::And);
            match self.peek().map(|token| &token.what) {
                Some(What::Or | What::Close) | None if !said => {
                    return Ok(joined(parts, Expression::And));
                }
                _ => parts.push(self.one()?),
            }
        }
    }

    fn one(&mut self) -> Result<Expression, QueryError> {
        let Some(token) = self.peek() else {
            return Err(QueryError::new(self.end, "something is missing here"));
        };
        if self.depth == DEEPEST {
            return Err(QueryError::new(token.at, "nested too deeply"));
        }
        self.at += 1;
        self.depth += 1;
        let result = match token.what {
            What::Not => self.one().map(|inner| Expression::Not(Box::new(inner))),
            What::Open => self.group(token.at),
            What::Close => Err(QueryError::new(
                token.at,
                "something is missing before this",
            )),
            What::And | What::Or => Err(QueryError::new(
                token.at,
                "something is missing before this word, or put it in quotation marks",
            )),
            What::Word(word) => {
                let state = keys::state(word);
                Ok(state.unwrap_or_else(|| Expression::Word(word.to_owned())))
            }
            What::Quoted(word) => Ok(Expression::Literal(word.to_owned())),
            What::Pair(key, value, at) => self.pair(token.at, key, value, at),
            What::Compare(name, operator, value, at) => {
                let value = self.unit_behind(value);
                comparison(token.at, name, operator, &value, at)
            }
        };
        self.depth -= 1;
        result
    }

    fn group(&mut self, at: usize) -> Result<Expression, QueryError> {
        if self.peek().is_none() {
            return Err(QueryError::new(at, "this parenthesis is never closed"));
        }
        let inner = self.either()?;
        if self.take(&What::Close) {
            Ok(inner)
        } else {
            Err(QueryError::new(at, "this parenthesis is never closed"))
        }
    }

    /// `10 MiB` is one value, although it is two words.
    fn unit_behind(&mut self, value: &str) -> String {
        match self.peek().map(|token| &token.what) {
            Some(What::Word(unit))
                if unit.len() > 1
                    && unit_factor(unit).is_some()
                    && value.ends_with(|last: char| last.is_ascii_digit()) =>
            {
                self.at += 1;
                format!("{value}{unit}")
            }
            _ => value.to_owned(),
        }
    }

    fn pair(
        &mut self,
        at: usize,
        key: &str,
        value: &str,
        value_at: usize,
    ) -> Result<Expression, QueryError> {
        let needs = |what: &str| {
            if value.is_empty() {
                Err(QueryError::new(value_at, format!("'{key}:' needs {what}")))
            } else {
                Ok(value.to_owned())
            }
        };
        let one_of = || {
            let words = keys::values(key).join(", ");
            QueryError::new(value_at, format!("a {key} is one of {words}"))
        };
        match keys::key(key) {
            Some(Key::Text(key)) => {
                needs("a pattern").map(|pattern| Expression::Text(key, pattern))
            }
            Some(Key::Kind) => {
                let kind = PathKind::named(value).map(Expression::Kind);
                kind.ok_or_else(one_of)
            }
            Some(Key::Change) => {
                let change = PathChange::named(value).map(Expression::Change);
                change.ok_or_else(one_of)
            }
            Some(Key::Within(direction)) => {
                Ok(self.selection(value_at, needs("a path")?, direction))
            }
            None if Metric::named(key).is_some() => Err(QueryError::new(
                at + key.len(),
                format!("compare with '{key}>…', '{key}<…' or '{key}=…'"),
            )),
            None => {
                let (key, keys) = (crate::text::sanitise(key), keys::keys().join(", "));
                let message = format!("there is no key '{key}'; keys are {keys}");
                Err(QueryError::new(at, message))
            }
        }
    }

    fn selection(&mut self, at: usize, selector: String, direction: Direction) -> Expression {
        self.selections.push(Selection {
            at,
            selector,
            direction,
        });
        Expression::Within(self.selections.len() - 1)
    }
}

fn joined(mut parts: Vec<Expression>, join: impl Fn(Vec<Expression>) -> Expression) -> Expression {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => Expression::All,
    }
}

fn comparison(
    at: usize,
    name: &str,
    operator: &str,
    value: &str,
    value_at: usize,
) -> Result<Expression, QueryError> {
    let found = Metric::named(name).filter(|metric| metric.is_number());
    let metric = found.ok_or_else(|| {
        let numbers = Metric::ALL.into_iter().filter(|metric| metric.is_number());
        let names: Vec<&str> = numbers.map(Metric::key).collect();
        let names = names.join(", ");
        let name = crate::text::sanitise(name);
        QueryError::new(
            at,
            format!("there is no column '{name}'; columns are {names}"),
        )
    })?;
    let comparison = match operator {
        "<" => Comparison::Less,
        "<=" => Comparison::AtMost,
        "=" | "==" => Comparison::Equal,
        "!=" => Comparison::Differs,
        ">=" => Comparison::AtLeast,
        ">" => Comparison::More,
        _ => {
            let message = format!("'{operator}' is not a comparison: use < <= = != >= >");
            return Err(QueryError::new(at + name.len(), message));
        }
    };
    if value == "?" {
        return match comparison {
            Comparison::Equal => Ok(Expression::Unknown(metric)),
            Comparison::Differs => Ok(Expression::Not(Box::new(Expression::Unknown(metric)))),
            _ => Err(QueryError::new(
                value_at,
                "unknown values have no order: use = or !=",
            )),
        };
    }
    let value =
        signed(metric, value).map_err(|error| QueryError::new(value_at, error.to_string()))?;
    Ok(Expression::Compare(metric, comparison, value))
}

/// Why a text is no value of a metric.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
enum NumberError {
    #[error("'{key}' needs a number, such as {example}")]
    Missing {
        key: &'static str,
        example: &'static str,
    },
    #[error("'{unit}' is not a unit: use B, KiB, MiB, GiB, TiB")]
    UnknownUnit { unit: String },
    #[error("'{key}' counts, it has no unit '{unit}'")]
    HasNoUnit { key: &'static str, unit: String },
    #[error("this number is too large")]
    TooLarge,
}

/// A number of bytes as queries write it: `10MiB`, `1.5G`, `20kB`, `4096`. `None` if it is none.
pub fn size(text: &str) -> Option<u64> {
    number(Metric::Nar, text).ok()
}

/// A number, with a sign where values have one: `-10MiB`.
fn signed(metric: Metric, text: &str) -> Result<i128, NumberError> {
    let value = |text| number(metric, text).map(i128::from);
    if metric.unit() != Unit::Change {
        return value(text);
    }
    match text.strip_prefix(['-', '−']) {
        Some(rest) => value(rest).map(|less| -less),
        None => value(text.strip_prefix('+').unwrap_or(text)),
    }
}

/// A number, for sizes with a unit: `10MiB`, `1.5G`, `20kB`, `4096`.
fn number(metric: Metric, text: &str) -> Result<u64, NumberError> {
    let split = text
        .find(|character: char| !character.is_ascii_digit() && character != '.')
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let (key, is_size) = (metric.key(), metric.is_bytes());
    let example = if is_size { "10MiB" } else { "3" };
    let missing = NumberError::Missing { key, example };
    if digits.is_empty() {
        return Err(missing);
    }
    let factor = unit_factor(unit)
        .filter(|&factor| factor == 1 && unit.is_empty() || is_size)
        .ok_or_else(|| {
            let unit = crate::text::sanitise(unit).into_owned();
            if is_size {
                NumberError::UnknownUnit { unit }
            } else {
                NumberError::HasNoUnit { key, unit }
            }
        })?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if fraction.contains('.') || (!fraction.is_empty() && factor == 1) {
        return Err(missing);
    }
    let too_large = || NumberError::TooLarge;
    let fraction = &fraction[..fraction.len().min(9)];
    let scale = 10_u128.pow(fraction.len() as u32);
    let whole: u128 = if whole.is_empty() {
        0
    } else {
        whole.parse().map_err(|_| too_large())?
    };
    let part: u128 = if fraction.is_empty() {
        0
    } else {
        fraction.parse().map_err(|_| too_large())?
    };
    let bytes = whole
        .checked_mul(u128::from(factor))
        .map(|bytes| bytes + part * u128::from(factor) / scale)
        .ok_or_else(too_large)?;
    u64::try_from(bytes).map_err(|_| too_large())
}

/// `K`, `KiB` are 1024; `kB` is 1000; and so on.
fn unit_factor(unit: &str) -> Option<u64> {
    let lower = unit.to_ascii_lowercase();
    let (letter, rest) = match lower.as_str() {
        "" | "b" => return Some(1),
        other => (other.chars().next()?, other.get(1..)?),
    };
    let power = 1 + "kmgtpe".find(letter)? as u32;
    match rest {
        "" | "i" | "ib" => Some(1024_u64.pow(power)),
        "b" => Some(1000_u64.pow(power)),
        _ => None,
    }
}
