//! Sizes, percentages and days as they are typed, on the command line and in TOML.

use toml::de::DeValue;
use toml::value::Datetime;

use crate::analysis::query::size;

use super::day::Day;

/// A number of bytes as it is typed: `900 MiB`, `1.5G`, `4096`.
pub fn amount(text: &str) -> Option<i64> {
    let text: String = text.chars().filter(|&c| c != ' ' && c != '_').collect();
    i64::try_from(size(&text)?).ok()
}

/// A percentage as it is typed, in thousandths: `2.5`, `5 %`.
pub fn percent(text: &str) -> Option<i64> {
    let text = text.trim();
    let number = text.strip_suffix('%').unwrap_or(text).trim_end();
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 6 || part.len() > 3 || !digits(whole) || !digits(part) {
        return None;
    }
    format!("{whole}{part:0<3}").parse().ok()
}

pub(super) fn integer(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

pub(super) fn bytes(value: &DeValue<'_>) -> Option<i64> {
    match value.as_str() {
        Some(text) => amount(text),
        None => integer(value).filter(|&bytes| bytes >= 0),
    }
}

pub(super) fn thousandths(value: &DeValue<'_>) -> Option<i64> {
    match value {
        DeValue::String(text) => percent(text),
        DeValue::Float(number) => percent(number.as_str()),
        _ => percent(&integer(value)?.to_string()),
    }
}

pub(super) fn day(value: &DeValue<'_>) -> Option<Day> {
    match value {
        DeValue::String(text) => Day::parse(text),
        DeValue::Datetime(Datetime {
            date: Some(date),
            time: None,
            offset: None,
        }) => Day::new(date.year, date.month, date.day),
        _ => None,
    }
}
