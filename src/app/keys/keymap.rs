//! How keys are written: `j`, `G`, `ctrl-c`, `enter`, `shift-tab`; in a row of keys names stand in angle brackets.

use std::fmt;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use thiserror::Error;

/// A key with the modifiers that make a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// A text that names no key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("'{0}' is not a key; names are like j, G, space, enter, esc, tab, pgup, ctrl-c")]
pub struct ParseKeyError(pub String);

const NAMED: &[(&str, KeyCode)] = &[
    ("space", KeyCode::Char(' ')),
    ("lt", KeyCode::Char('<')),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
];

impl Key {
    /// The key of a press; shift is part of the character it makes.
    pub fn of(event: KeyEvent) -> Option<Self> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        let keep = KeyModifiers::CONTROL | KeyModifiers::ALT;
        Some(Self {
            code: event.code,
            modifiers: event.modifiers & keep,
        })
    }

    /// Whether it is the key that ends programs everywhere.
    pub fn is_interrupt(self) -> bool {
        self.code == KeyCode::Char('c') && self.modifiers == KeyModifiers::CONTROL
    }

    /// Whether the key ends a line being typed.
    pub fn ends_line(self) -> bool {
        matches!(self.code, KeyCode::Enter | KeyCode::Esc)
    }

    /// Reads a key's name.
    pub fn parse(text: &str) -> Result<Self, ParseKeyError> {
        let (modifiers, name) = match text.strip_prefix("ctrl-") {
            Some(rest) => (KeyModifiers::CONTROL, rest),
            None => (KeyModifiers::NONE, text),
        };
        let named = NAMED
            .iter()
            .find(|(known, _)| *known == name)
            .map(|&(_, code)| code);
        let mut characters = name.chars();
        let single = characters
            .next()
            .filter(|_| characters.next().is_none())
            .map(KeyCode::Char);
        named
            .or(single)
            .map(|code| Self { code, modifiers })
            .ok_or_else(|| ParseKeyError(text.to_owned()))
    }

    /// The event a terminal sends for this key.
    pub fn event(self) -> KeyEvent {
        KeyEvent::new(self.code, self.modifiers)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.modifiers.contains(KeyModifiers::CONTROL) {
            f.write_str("ctrl-")?;
        }
        let named = NAMED.iter().find(|(_, code)| *code == self.code);
        match (named, self.code) {
            (_, KeyCode::Char('<')) => f.write_str("<"),
            (Some((name, _)), _) => f.write_str(name),
            (None, KeyCode::Char(character)) => write!(f, "{character}"),
            (None, other) => write!(f, "{other}"),
        }
    }
}

/// Reads a row of keys: every character is a key, `<name>` is a named one: `jj<enter>w/perl<esc>`.
pub(crate) fn parse_keys(text: &str) -> Result<Vec<Key>, ParseKeyError> {
    let mut keys = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let named = rest
            .strip_prefix('<')
            .and_then(|inner| inner.split_once('>'));
        if let Some((name, after)) = named {
            keys.push(Key::parse(name)?);
            rest = after;
        } else {
            let end = first.len_utf8();
            keys.push(Key::parse(&rest[..end])?);
            rest = &rest[end..];
        }
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back_as_they_are_written() {
        for text in [
            "j",
            "G",
            "ctrl-c",
            "space",
            "enter",
            "shift-tab",
            "pgdn",
            "?",
            "<",
        ] {
            let key = Key::parse(text).expect("a key");
            assert_eq!(key.to_string(), text);
            assert_eq!(Key::of(key.event()), Some(key));
        }
        assert!(Key::parse("hyper").is_err());
        assert!(Key::parse("").is_err());
    }

    #[test]
    fn rows_of_keys_mix_characters_and_names() {
        let keys = parse_keys("j<enter>/a<lt>b<ctrl-c>").expect("keys");
        let texts: Vec<String> = keys.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["j", "enter", "/", "a", "<", "b", "ctrl-c"]);
        assert!(parse_keys("<nothing>").is_err());
    }
}
