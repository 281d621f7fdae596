//! The words of the language: keys, states and joints, each in one table from which they are read, offered and explained.

use super::lexer::What;
use super::{Direction, Expression, PathKind, TextKey};
use crate::analysis::path_change::PathChange;

/// What a key asks of a path; its value stands behind a colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Text(TextKey),
    Kind,
    Change,
    Within(Direction),
}

const KEYS: [(&str, Key); 9] = [
    ("name", Key::Text(TextKey::Name)),
    ("pname", Key::Text(TextKey::PackageName)),
    ("version", Key::Text(TextKey::Version)),
    ("output", Key::Text(TextKey::Output)),
    ("hash", Key::Text(TextKey::Hash)),
    ("kind", Key::Kind),
    ("change", Key::Change),
    ("under", Key::Within(Direction::Under)),
    ("above", Key::Within(Direction::Above)),
];

const STATES: [(&str, Expression); 2] = [
    ("marked", Expression::Marked),
    ("accidental", Expression::Accidental),
];

const JOINTS: [(&str, What<'static>); 3] =
    [("not", What::Not), ("and", What::And), ("or", What::Or)];

/// The names of all keys.
pub fn keys() -> [&'static str; 9] {
    KEYS.map(|(name, _)| name)
}

/// The words that say something of a path by themselves.
pub fn states() -> [&'static str; 2] {
    STATES.map(|(name, _)| name)
}

/// The words that join others.
pub fn joints() -> [&'static str; 3] {
    JOINTS.map(|(name, _)| name)
}

/// The values that a key has; none if it takes any text.
pub fn values(key: &str) -> Vec<&'static str> {
    match found(KEYS, key) {
        Some(Key::Kind) => PathKind::WORDS.map(|(word, ..)| word).to_vec(),
        Some(Key::Change) => PathChange::WORDS.map(|(word, _)| word).to_vec(),
        Some(Key::Text(_) | Key::Within(_)) | None => Vec::new(),
    }
}

pub(super) fn key(word: &str) -> Option<Key> {
    found(KEYS, word)
}

pub(super) fn state(word: &str) -> Option<Expression> {
    found(STATES, word)
}

pub(super) fn joint(word: &str) -> Option<What<'static>> {
    found(JOINTS, word)
}

/// What a word stands for in a table, in upper or lower case.
fn found<T, const N: usize>(table: [(&str, T); N], word: &str) -> Option<T> {
    let mut rows = table.into_iter();
    let row = rows.find(|(name, _)| name.eq_ignore_ascii_case(word));
    row.map(|(_, meant)| meant)
}
