//! The ratchet: limits in the text of a budget are lowered to the current values, never raised; the rest of the text stays.

use super::Budget;
use super::rule::Unit;
use super::values::amount;

/// A limit that was lowered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lowered {
    /// The rule's position in the budget.
    pub rule: usize,
    /// What stood there, as it was written.
    pub from: String,
    /// What stands there now.
    pub to: String,
    /// The limit now, in the unit of the rule.
    pub limit: i64,
}

/// The text with its limits lowered to what is there of each rule's, where that is known. Sizes in units are rounded up to
/// one decimal, so that the budget is kept as it is then written; comments stay.
pub fn lowered(text: &str, budget: &Budget, actual: &[Option<i64>]) -> (String, Vec<Lowered>) {
    let mut all = Vec::new();
    for (at, (rule, actual)) in budget.rules.iter().zip(actual).enumerate() {
        let (Some(place), Some(actual)) = (&rule.place, actual) else {
            continue;
        };
        let Some(from) = text.get(place.span.clone()).filter(|_| rule.is_ratchet()) else {
            continue;
        };
        let quoted = from.starts_with(['"', '\'']);
        let (to, limit) = if quoted && rule.kind.unit() == Unit::Bytes {
            let (size, bytes) = rounded_up(*actual);
            (format!("\"{size}\""), bytes)
        } else {
            (actual.to_string(), *actual)
        };
        if limit < rule.limit {
            let (from, span) = (from.to_owned(), place.span.clone());
            let lowered = Lowered {
                rule: at,
                from,
                to,
                limit,
            };
            all.push((span, lowered));
        }
    }
    all.sort_by_key(|(span, _)| span.start);
    let mut new = text.to_owned();
    for (span, lowered) in all.iter().rev() {
        new.replace_range(span.clone(), &lowered.to);
    }
    (new, all.into_iter().map(|(_, lowered)| lowered).collect())
}

/// Larger units would round by more than a budget can bear.
const UNITS: [&str; 3] = ["B", "KiB", "MiB"];

/// A size with one decimal that is no smaller than this many bytes, and the bytes that it means.
pub(super) fn rounded_up(bytes: i64) -> (String, i64) {
    let mut unit = 0;
    while unit + 1 < UNITS.len() && bytes >> (10 * (unit + 1)) > 0 {
        unit += 1;
    }
    if unit == 0 {
        return (format!("{bytes} B"), bytes);
    }
    let one = 1_i128 << (10 * unit);
    let tenths = (i128::from(bytes) * 10 + one - 1) / one;
    let text = format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit]);
    match amount(&text) {
        Some(meant) => (text, meant),
        // Beyond what can be written with a unit.
        None => (format!("{bytes} B"), bytes),
    }
}
